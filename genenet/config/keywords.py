"""The settings as keywords of Python functions, for editors and type checkers.

Made by `python -m genenet.workflow` from genenet/config/sections.py: change that, not this.
"""

from collections.abc import Sequence
from typing import TypedDict

from genenet.config.sections import (
    Aggregate,
    Auto,
    BinRule,
    BlockPrior,
    Coordinate,
    Correction,
    DecimalSign,
    DiscretiseMethod,
    DuplicatePolicy,
    EdgeSign,
    Estimator,
    FindingKind,
    Format,
    MissingPolicy,
    Normalisation,
    Orientation,
    PhenotypeKind,
    Preset,
    PruneMethod,
    Score,
    SelectEstimator,
    SelectMethod,
    SmallStrata,
    ThousandsSign,
    Whiten,
)


class SettingsKeywords(TypedDict, total=False):
    """Every setting of a run."""

    preset: Preset | None
    """Other defaults for one kind of data: codependency is for effects of CRISPR screens, as DepMap's
    CRISPRGeneEffect.csv. Settings given beside it override it. [default: None]
    """
    seed: int
    """Seed of every random number. [an integer >= 0 and <= 4,294,967,295; default: 0]"""
    orientation: Orientation
    """Meaning of the rows and columns of a text, parquet or feather table; other files define it themselves.
    [default: 'genes_by_samples']
    """
    layer: str | None
    """Layer of an .h5ad or .loom file to use; None means the main matrix. [default: None]"""
    modality: str | None
    """Which modality of an .h5mu file to use, for example rna; None takes the only one. [default: None]"""
    use_raw: bool
    """Use the raw values (and genes) that an .h5ad file keeps beside X. [default: False]"""
    obs_query: str | None
    """Use only the samples that fulfil this condition on their attributes (obs), for example cell_type == 'B' and age
    > 40. The language is a part of that of pandas' query; it runs no code. [default: None]
    """
    var_query: str | None
    """Use only the genes that fulfil this condition on their attributes (var), for example Reverse != '+'; the
    language is that of obs_query. [default: None]
    """
    name_column: str | None
    """Column of the gene attributes (var) that names the genes, for example gene_ids; None means the names of the
    file. [default: None]
    """
    name_separator: str | None
    """Split names of genes at this text, for example ' (' for TP53 (7157) or | for TP53|7157, and use name_part of
    them; the whole name is kept as original_name. [default: None]
    """
    name_part: int
    """Which part of a split name to use; used with name_separator only. [an integer >= 1; default: 1]"""
    sample_column: str | None
    """Column of the sample attributes (obs) that names the samples, for example ModelID; None means the names of the
    file. [default: None]
    """
    value_columns: str | Sequence[str]
    """Columns of a text, parquet or feather matrix that hold the values, by name or by a pattern such as 'LFQ
    intensity *'; samples (or genes) are named by what * stands for, and all other columns are kept as annotation.
    Empty means all but annotation_columns. [a list of texts; default: ()]
    """
    annotation_columns: str | Sequence[str]
    """Columns of a text, parquet or feather matrix that hold no values, for example Description, by name or by a
    pattern such as *Detection*; kept as annotation. Names with a comma are quoted. [a list of texts; default: ()]
    """
    annotation_rows: str | Sequence[str]
    """Rows of such a matrix that hold no values of genes (or samples), for example age; kept as annotation of the
    columns. Rows of numbers may be anywhere, rows of text only below the header. [a list of texts; default: ()]
    """
    decimal: DecimalSign | None
    """Decimal sign of the numbers in a text table; None means that it is told from the table, which is refused where
    a comma may separate thousands. [default: None]
    """
    thousands: ThousandsSign | None
    """Sign that separates thousands in a text table, as the points of 2.458.905,12 (then commas are the decimal
    signs); None means none. [default: None]
    """
    accept: FindingKind | Sequence[FindingKind]
    """Kinds of findings about the matrix that do not stop the run: they become warnings. [a list of orientation,
    no_samples, no_genes, summary_rows, attribute_rows, title, decimal_commas, minus_signs, lists, tables, thousands,
    running_numbers, mangled_names, placeholders, look_alikes, joined_names, duplicates, duplicate_samples, missing,
    counts, classes, cells, gene_effects, linear, scaled, shifted, probabilities, off_scale, compositional,
    few_samples, censored, whitening, strata, settings; default: ()]
    """
    strict: bool
    """Stop at warnings about the matrix too. [default: False]"""
    missing: MissingPolicy
    """Treatment of NaN and infinite values: stop, drop the genes or the samples with any, fill in the gene's mean or
    median, or leave them out pair by pair (MI of the samples that both genes have). [default: 'error']
    """
    na_values: str | Sequence[str]
    """Texts that stand for missing values in a text table, beside empty cells, NA and NaN, for example Filtered,<LOD.
    Numbers among them, such as -999, are compared as numbers, in every kind of matrix. [a list of texts; default: ()]
    """
    max_missing: float | None
    """Largest share of missing values of a gene; genes with more are dropped. None means 0 with drop_genes, and 0.2
    with impute_mean, impute_median and pairwise. Values that are still missing after drop_genes are left out pair by
    pair. [a number >= 0 and < 1, or None; default: None]
    """
    duplicates: DuplicatePolicy
    """Treatment of genes of the same name: stop, take the mean, keep the one with the largest variance, or number
    them (ACTB, ACTB-1). [default: 'error']
    """
    normalisation: Normalisation
    """log1p takes the logarithm of 1 + x; before that log1p_cp10k (cells) scales each sample to a sum of 10,000 over
    all its genes, and log1p_cpm (bulk samples) to a million. [default: 'none']
    """
    aggregate: Aggregate
    """For single cells: sum the counts (or average other values) of all cells of a group of aggregate_by
    (pseudobulk), or of disjoint groups of similar cells within them (metacells). [default: 'none']
    """
    aggregate_by: str | Sequence[str]
    """Attributes of the cells (obs) whose combinations are the groups of aggregate, for example donor,cell_type. [a
    list of texts; default: ()]
    """
    cells_per_metacell: int
    """Wanted number of cells of a metacell. Metacells of fewer than min_cells are joined to others, so that the
    average is larger. Used with aggregate: metacells only. [an integer >= 2 and <= 1,000,000,000,000,000; default:
    30]
    """
    min_cells: int
    """Leave out groups of fewer cells than this; used with aggregate only. [an integer >= 1 and <=
    1,000,000,000,000,000; default: 10]
    """
    whiten: Whiten
    """For samples that are related, such as the cell lines of a screen: samples multiplies the matrix by the inverse
    square root of their covariance over all genes (Ledoit-Wolf), so that permutation p-values are valid. [default:
    'none']
    """
    control_components: int
    """Number of principal components of the control genes (--control-genes) to remove from all genes; used with
    control genes only. [an integer >= 1 and <= 1,000; default: 4]
    """
    strata: str | Sequence[str]
    """Sample attributes (columns of obs, or of the table of sample attributes), for example batch, whose combinations
    are strata. Genes are then binned, compared and permuted within strata, so that a difference between batches does
    not appear as co-dependency. [a list of texts; default: ()]
    """
    small_strata: SmallStrata
    """Treatment of strata of fewer than 8 samples: stop, or make one stratum of them all (pool). [default: 'error']"""
    min_samples: int
    """Refuse a matrix with fewer samples than this. [an integer >= 4 and <= 1,000,000,000,000,000; default: 20]"""
    min_detection_rate: float
    """Drop genes that are detected (not 0) in a smaller share of the samples than this. [a number >= 0 and <= 1;
    default: 0.0]
    """
    min_mean: float | None
    """Drop genes whose mean is below this; None drops none. [a number, or None; default: None]"""
    min_variance: float | None
    """Drop genes whose variance is not above this (0 drops constant genes); None makes a constant gene an error. [a
    number >= 0, or None; default: None]
    """
    n_top_variable: int | None
    """Use only this many of the genes that are left, the most variable ones; None uses all. [an integer >= 2 and <=
    1,000,000,000,000,000, or None; default: None]
    """
    discretise_method: DiscretiseMethod
    """Soft bins (bspline; zero_inflated for counts, with a bin of their own for zeros), hard bins (equal_frequency,
    equal_width, kmeans, bayesian_blocks), or values that are bin codes already (codes). [default: 'bspline']
    """
    n_bins: int | BinRule
    """Number of bins of a gene, or a rule that derives it from the number of samples (sqrt, cube_root) or the values
    (freedman_diaconis), one number for all genes. bayesian_blocks and codes bring their own. [an integer >= 2 and <=
    64, or one of sqrt, cube_root, freedman_diaconis; default: 6]
    """
    min_expected: float
    """A rule gives at most so many bins that two independent genes have this many samples in a joint bin on average
    (n_samples / n_bins^2). Not used where n_bins is a number. [a number >= 0; default: 5.0]
    """
    order: int
    """Order of the B-splines: how many bins one sample spreads over, at most n_bins; 1 makes hard bins. Used by
    bspline and zero_inflated only. [an integer >= 1 and <= 16; default: 4]
    """
    coordinate: Coordinate | Sequence[Coordinate]
    """Components of a sample's position, which is their mean; used by bspline, zero_inflated and estimators without
    bins (not adaptive). [rank] alone makes the result the same under any monotone transform of a gene. [a list of
    rank, normal_score, value; default: ('rank', 'normal_score', 'value')]
    """
    false_alarm: float
    """Probability of one bin too many; used by bayesian_blocks only. [a number > 0 and < 1; default: 0.05]"""
    block_prior: BlockPrior
    """Number of samples in the prior of a Bayesian block: all (total, as in the paper and astropy) or those up to its
    end (running, as in the program of PIDC). [default: 'total']
    """
    n_draws: int | None
    """Number of draws of the null; its resolution is 1 / (1 + n_draws). None means one million, and more only if the
    p-value of the weakest edge needs them: until 100 draws are as extreme, but at most 20 for each tested pair
    (enough for one significant edge at 0.05) or 10 million. [an integer >= 1,000 and <= 1,000,000,000, or None;
    default: None]
    """
    extrapolate: bool
    """Continue p-values below the resolution by the Pearson III tail (labelled extrapolated); false keeps them at it.
    [default: True]
    """
    estimator: Estimator
    """From the joint counts of bins: plugin (as they are), or with a correction of the bias (miller_madow, shrink,
    jeffreys, laplace, perks, minimax). Without bins, from discretise.coordinate: gaussian (correlation), ksg and ksg2
    (nearest neighbours, algorithms 1 and 2), adaptive (Darbellay-Vajda partitioning, ranks only). [default: 'plugin']
    """
    n_neighbours: int
    """Number of neighbours; used by ksg and ksg2 only. [an integer >= 1 and <= 1,000; default: 3]"""
    n_blocks: int
    """Number of blocks that the pairs are divided into; each can be a job of its own. [an integer >= 1 and <= 1,000;
    default: 1]
    """
    alpha: float
    """Largest adjusted p-value of an edge (largest raw p-value with correction none). [a number > 0 and <= 1;
    default: 0.05]
    """
    correction: Correction
    """Correction for multiple testing: Benjamini-Hochberg, Benjamini-Yekutieli, Bonferroni, or none. [default: 'bh']"""
    min_mi: float
    """Smallest mutual information of an edge, in bits. [a number >= 0; default: 0.0]"""
    stability: int
    """Number of random splits of the samples into two halves. The network of each half is inferred by the same
    settings, with the bins of all samples, and edges that come back in too few halves are removed. 0 does nothing; 50
    is usual. [an integer >= 0 and <= 1,000; default: 0]
    """
    donor_column: str | None
    """Sample attribute (column of obs) that says which samples belong together, such as cells of a donor or
    replicates; these go into the same half. None splits single samples. [default: None]
    """
    min_stability: float | Auto
    """Smallest share of the halves in which an edge is found again. auto takes the smallest share at which the upper
    bound of Shah and Samworth on the number of edges that are selected no more often than at random is at most
    stability_bound of the kept edges. [a number > 0.5 and <= 1, or auto; default: 'auto']
    """
    stability_bound: float
    """Accepted upper bound on the number of such edges, as a share of the kept edges; used with min_stability: auto
    only. [a number > 0 and <= 1; default: 0.05]
    """
    prune_method: PruneMethod
    """Remove the edges that are indirect by ARACNE's data processing inequality (dpi), those that MRNET or MRNETB
    select for neither gene (mrnet, mrnetb), or none (none). [default: 'dpi']
    """
    tolerance: float | Auto
    """An edge is indirect when mi_ij < min(mi_ik, mi_jk) * (1 - tolerance); 0 prunes most, 1 nothing. auto is the
    smallest multiple of 0.001, mostly 0, that leaves enough edges: 20 more than there are genes. With at most 200
    genes, and at least 10 samples for each, as many are enough as have a significant partial correlation, if these
    are fewer, but at least as many as there are genes. In a compendium (regulators are given, and most pairs are
    significant) with more genes than samples it prunes nothing, if score is auto and max_edges is not empty: partial
    correlation selects the edges. [a number >= 0 and <= 1, or auto; default: 'auto']
    """
    epsilon: float | None
    """In bits; if given, an edge is indirect when mi_ij < min(mi_ik, mi_jk) - epsilon, and tolerance is not used. [a
    number >= 0, or None; default: None]
    """
    protect_regulators: bool
    """With regulators: never prune an edge between two of them. [default: False]"""
    score: Score | Sequence[Score]
    """Weight of the edges: mutual information (mi), how far it stands out among that of its two genes (clr and
    clr_stouffer as published, clr_squared for the gene where it stands out more), mrnet, mrnetb,
    network_deconvolution, puc, pidc, or partial_correlation. Several, as clr_squared,mrnet, are a consensus: the mean
    of the logarithms of an edge's ranks. auto is partial_correlation for a compendium (regulators are given, and most
    pairs are significant), else the consensus of clr_squared, mrnet and partial_correlation, and clr_squared where
    there are more than 4,000 genes or 10 million significant pairs. mrnet, mrnetb, network_deconvolution, puc and
    pidc are for up to 15,000 genes. [a list of auto, mi, clr, clr_stouffer, clr_squared, mrnet, mrnetb,
    network_deconvolution, puc, pidc, partial_correlation; default: ('auto',)]
    """
    sign: EdgeSign
    """Role of an edge's sign (of Spearman's correlation) in the ranking: none (together), positive edges come first
    and max_edges is for each sign (apart), or only one sign is kept (positive, negative). [default: 'together']
    """
    neighbour_distance: int
    """With a table of genes that has their chromosome and start: flag edges of two genes that start at most this many
    bases apart (column neighbours). [an integer >= 0 and <= 1,000,000,000,000,000; default: 5000000]
    """
    max_edges: int | Auto | None
    """Keep only this many edges, those of the largest score; None means all. auto is the number of genes for a
    compendium (regulators are given, and most pairs are significant), else 500,000: a graph of a million takes 1 GB
    of memory. [an integer >= 1 and <= 1,000,000,000,000,000, or auto, or None; default: 'auto']
    """
    max_pruned: int
    """Write at most this many removed edges, those of the largest score, to pruned.parquet. [an integer >= 0 and <=
    1,000,000,000,000,000; default: 5000000]
    """
    isolated: bool
    """Keep genes without an edge as nodes of the graph. [default: False]"""
    formats: Format | Sequence[Format]
    """Which files to write under export/. network.graphml is written in any case, beside that folder. With anomalies,
    samples are scored by how badly they obey the network, in h5ad too. [a list of graphml, cyjs, tsv, h5ad, cx2,
    view, sif, style, gexf, gml, parquet, aracne, viper, decoupler, scenic, gmt, beeline, dream, ranking, mi_matrix,
    anomalies; default: ('cx2', 'cyjs', 'tsv', 'h5ad', 'anomalies')]
    """
    report: bool
    """Write report.html: one page that shows the network, its checks and why each edge is there. [default: True]"""
    guard_formulas: bool
    """In the format tsv: put a single quote before texts that begin with =, +, - or @, which a spreadsheet would
    compute as a formula. Other programs then see other names. [default: False]
    """
    view_genes: str | Sequence[str]
    """With the format view: show the neighbourhood of these genes; empty shows the strongest edges. [a list of texts;
    default: ()]
    """
    view_nodes: int
    """With the format view: most genes to show; Cytoscape draws labels of up to 200. [an integer >= 2 and <=
    1,000,000,000,000,000; default: 200]
    """


class AssociateKeywords(TypedDict, total=False):
    """Settings of `genenet.associate`."""

    kind: PhenotypeKind
    """Kind of the phenotype; auto takes text and whole numbers of at most 10 different values for discrete, all other
    numbers for continuous. [default: 'auto']
    """
    n_permutations: int
    """Number of permutations of each gene. [an integer >= 100 and <= 1,000,000; default: 1000]"""
    seed: int
    """Seed of every random number. [an integer >= 0 and <= 4,294,967,295; default: 0]"""
    small_strata: SmallStrata
    """Treatment of strata of fewer than 8 samples: stop, or make one stratum of them all (pool). [default: 'error']"""
    min_samples: int
    """Refuse a matrix with fewer samples than this. [an integer >= 4 and <= 1,000,000,000,000,000; default: 20]"""
    discretise_method: DiscretiseMethod
    """Soft bins (bspline; zero_inflated for counts, with a bin of their own for zeros), hard bins (equal_frequency,
    equal_width, kmeans, bayesian_blocks), or values that are bin codes already (codes). [default: 'bspline']
    """
    n_bins: int | BinRule
    """Number of bins of a gene, or a rule that derives it from the number of samples (sqrt, cube_root) or the values
    (freedman_diaconis), one number for all genes. bayesian_blocks and codes bring their own. [an integer >= 2 and <=
    64, or one of sqrt, cube_root, freedman_diaconis; default: 6]
    """
    min_expected: float
    """A rule gives at most so many bins that two independent genes have this many samples in a joint bin on average
    (n_samples / n_bins^2). Not used where n_bins is a number. [a number >= 0; default: 5.0]
    """
    order: int
    """Order of the B-splines: how many bins one sample spreads over, at most n_bins; 1 makes hard bins. Used by
    bspline and zero_inflated only. [an integer >= 1 and <= 16; default: 4]
    """
    coordinate: Coordinate | Sequence[Coordinate]
    """Components of a sample's position, which is their mean; used by bspline, zero_inflated and estimators without
    bins (not adaptive). [rank] alone makes the result the same under any monotone transform of a gene. [a list of
    rank, normal_score, value; default: ('rank', 'normal_score', 'value')]
    """
    false_alarm: float
    """Probability of one bin too many; used by bayesian_blocks only. [a number > 0 and < 1; default: 0.05]"""
    block_prior: BlockPrior
    """Number of samples in the prior of a Bayesian block: all (total, as in the paper and astropy) or those up to its
    end (running, as in the program of PIDC). [default: 'total']
    """
    extrapolate: bool
    """Continue p-values below the resolution by the Pearson III tail (labelled extrapolated); false keeps them at it.
    [default: True]
    """
    estimator: Estimator
    """From the joint counts of bins: plugin (as they are), or with a correction of the bias (miller_madow, shrink,
    jeffreys, laplace, perks, minimax). Without bins, from discretise.coordinate: gaussian (correlation), ksg and ksg2
    (nearest neighbours, algorithms 1 and 2), adaptive (Darbellay-Vajda partitioning, ranks only). [default: 'plugin']
    """
    n_neighbours: int
    """Number of neighbours; used by ksg and ksg2 only. [an integer >= 1 and <= 1,000; default: 3]"""
    correction: Correction
    """Correction for multiple testing: Benjamini-Hochberg, Benjamini-Yekutieli, Bonferroni, or none. [default: 'bh']"""


class SelectKeywords(TypedDict, total=False):
    """Settings of `genenet.select_genes`."""

    method: SelectMethod
    """Criterion: jmi adds the gene that tells most about the phenotype together with each of those selected (joint
    mutual information); mrmr the one that tells most and shares least with them (minimal redundancy, maximal
    relevance). [default: 'jmi']
    """
    n_genes: int | None
    """Select at most this many genes. None goes on as long as the test finds another. [an integer >= 1, or None;
    default: None]
    """
    alpha: float
    """Stop at the first gene whose p-value is above this; 1 goes on to n_genes in any case. [a number > 0 and <= 1;
    default: 0.05]
    """
    n_permutations: int
    """Number of permutations of the phenotype for each gene; 0 makes no test, so that n_genes alone says when to
    stop. [an integer >= 0 and <= 100,000; default: 200]
    """
    kind: PhenotypeKind
    """Kind of the phenotype; auto takes text and whole numbers of at most 10 different values for discrete, all other
    numbers for continuous. [default: 'auto']
    """
    estimator: SelectEstimator
    """Estimator of mutual information: of joint tables of genes in bins of equal frequency (plugin), or by nearest
    neighbours (ksg; Ross's for a discrete phenotype). [default: 'plugin']
    """
    n_bins: int
    """Number of hard bins of a gene, and of a continuous phenotype. With ksg they only make the groups of samples
    that are alike in the selected genes. [an integer >= 2 and <= 16; default: 3]
    """
    n_neighbours: int
    """Number of nearest neighbours; used by ksg only. [an integer >= 1 and <= 1,000; default: 3]"""
    seed: int
    """Seed of the permutations. [an integer >= 0 and <= 4,294,967,295; default: 0]"""
    min_samples: int
    """Refuse a matrix with fewer samples than this. [an integer >= 4 and <= 1,000,000,000,000,000; default: 20]"""
    small_strata: SmallStrata
    """Treatment of strata of fewer than 8 samples: stop, or make one stratum of them all (pool). [default: 'error']"""


class DifferentialKeywords(TypedDict, total=False):
    """Settings of `genenet.differential_network`."""

    alpha: float
    """False discovery rate (Benjamini-Hochberg) of the pairs that differ. [a number > 0 and <= 1; default: 0.05]"""
    n_permutations: int
    """Number of permutations of the group labels. Each gives the deviance of all pairs, so that few are enough for
    the p-values of pairs; those of genes and of the global shift are finer with more permutations. [an integer >= 5
    and <= 100,000; default: 30]
    """
    n_bins: int
    """Number of soft bins of a gene in each group. [an integer >= 2 and <= 64; default: 6]"""
    order: int
    """Order of the B-splines of the bins, at most n_bins; 1 makes hard bins. [an integer >= 1 and <= 16; default: 4]"""
    seed: int
    """Seed of the permutations. [an integer >= 0 and <= 4,294,967,295; default: 0]"""
    orientation: Orientation
    """Meaning of the rows and columns of a text, parquet or feather table; other files define it themselves.
    [default: 'genes_by_samples']
    """
    layer: str | None
    """Layer of an .h5ad or .loom file to use; None means the main matrix. [default: None]"""
    modality: str | None
    """Which modality of an .h5mu file to use, for example rna; None takes the only one. [default: None]"""
    use_raw: bool
    """Use the raw values (and genes) that an .h5ad file keeps beside X. [default: False]"""
    obs_query: str | None
    """Use only the samples that fulfil this condition on their attributes (obs), for example cell_type == 'B' and age
    > 40. The language is a part of that of pandas' query; it runs no code. [default: None]
    """
    var_query: str | None
    """Use only the genes that fulfil this condition on their attributes (var), for example Reverse != '+'; the
    language is that of obs_query. [default: None]
    """
    name_column: str | None
    """Column of the gene attributes (var) that names the genes, for example gene_ids; None means the names of the
    file. [default: None]
    """
    name_separator: str | None
    """Split names of genes at this text, for example ' (' for TP53 (7157) or | for TP53|7157, and use name_part of
    them; the whole name is kept as original_name. [default: None]
    """
    name_part: int
    """Which part of a split name to use; used with name_separator only. [an integer >= 1; default: 1]"""
    sample_column: str | None
    """Column of the sample attributes (obs) that names the samples, for example ModelID; None means the names of the
    file. [default: None]
    """
    value_columns: str | Sequence[str]
    """Columns of a text, parquet or feather matrix that hold the values, by name or by a pattern such as 'LFQ
    intensity *'; samples (or genes) are named by what * stands for, and all other columns are kept as annotation.
    Empty means all but annotation_columns. [a list of texts; default: ()]
    """
    annotation_columns: str | Sequence[str]
    """Columns of a text, parquet or feather matrix that hold no values, for example Description, by name or by a
    pattern such as *Detection*; kept as annotation. Names with a comma are quoted. [a list of texts; default: ()]
    """
    annotation_rows: str | Sequence[str]
    """Rows of such a matrix that hold no values of genes (or samples), for example age; kept as annotation of the
    columns. Rows of numbers may be anywhere, rows of text only below the header. [a list of texts; default: ()]
    """
    decimal: DecimalSign | None
    """Decimal sign of the numbers in a text table; None means that it is told from the table, which is refused where
    a comma may separate thousands. [default: None]
    """
    thousands: ThousandsSign | None
    """Sign that separates thousands in a text table, as the points of 2.458.905,12 (then commas are the decimal
    signs); None means none. [default: None]
    """
    accept: FindingKind | Sequence[FindingKind]
    """Kinds of findings about the matrix that do not stop the run: they become warnings. [a list of orientation,
    no_samples, no_genes, summary_rows, attribute_rows, title, decimal_commas, minus_signs, lists, tables, thousands,
    running_numbers, mangled_names, placeholders, look_alikes, joined_names, duplicates, duplicate_samples, missing,
    counts, classes, cells, gene_effects, linear, scaled, shifted, probabilities, off_scale, compositional,
    few_samples, censored, whitening, strata, settings; default: ()]
    """
    strict: bool
    """Stop at warnings about the matrix too. [default: False]"""
    missing: MissingPolicy
    """Treatment of NaN and infinite values: stop, drop the genes or the samples with any, fill in the gene's mean or
    median, or leave them out pair by pair (MI of the samples that both genes have). [default: 'error']
    """
    na_values: str | Sequence[str]
    """Texts that stand for missing values in a text table, beside empty cells, NA and NaN, for example Filtered,<LOD.
    Numbers among them, such as -999, are compared as numbers, in every kind of matrix. [a list of texts; default: ()]
    """
    max_missing: float | None
    """Largest share of missing values of a gene; genes with more are dropped. None means 0 with drop_genes, and 0.2
    with impute_mean, impute_median and pairwise. Values that are still missing after drop_genes are left out pair by
    pair. [a number >= 0 and < 1, or None; default: None]
    """
    duplicates: DuplicatePolicy
    """Treatment of genes of the same name: stop, take the mean, keep the one with the largest variance, or number
    them (ACTB, ACTB-1). [default: 'error']
    """
    normalisation: Normalisation
    """log1p takes the logarithm of 1 + x; before that log1p_cp10k (cells) scales each sample to a sum of 10,000 over
    all its genes, and log1p_cpm (bulk samples) to a million. [default: 'none']
    """
    aggregate: Aggregate
    """For single cells: sum the counts (or average other values) of all cells of a group of aggregate_by
    (pseudobulk), or of disjoint groups of similar cells within them (metacells). [default: 'none']
    """
    aggregate_by: str | Sequence[str]
    """Attributes of the cells (obs) whose combinations are the groups of aggregate, for example donor,cell_type. [a
    list of texts; default: ()]
    """
    cells_per_metacell: int
    """Wanted number of cells of a metacell. Metacells of fewer than min_cells are joined to others, so that the
    average is larger. Used with aggregate: metacells only. [an integer >= 2 and <= 1,000,000,000,000,000; default:
    30]
    """
    min_cells: int
    """Leave out groups of fewer cells than this; used with aggregate only. [an integer >= 1 and <=
    1,000,000,000,000,000; default: 10]
    """
    whiten: Whiten
    """For samples that are related, such as the cell lines of a screen: samples multiplies the matrix by the inverse
    square root of their covariance over all genes (Ledoit-Wolf), so that permutation p-values are valid. [default:
    'none']
    """
    control_components: int
    """Number of principal components of the control genes (--control-genes) to remove from all genes; used with
    control genes only. [an integer >= 1 and <= 1,000; default: 4]
    """
    strata: str | Sequence[str]
    """Sample attributes (columns of obs, or of the table of sample attributes), for example batch, whose combinations
    are strata. Genes are then binned, compared and permuted within strata, so that a difference between batches does
    not appear as co-dependency. [a list of texts; default: ()]
    """
    small_strata: SmallStrata
    """Treatment of strata of fewer than 8 samples: stop, or make one stratum of them all (pool). [default: 'error']"""
    min_samples: int
    """Refuse a matrix with fewer samples than this. [an integer >= 4 and <= 1,000,000,000,000,000; default: 20]"""
    min_detection_rate: float
    """Drop genes that are detected (not 0) in a smaller share of the samples than this. [a number >= 0 and <= 1;
    default: 0.0]
    """
    min_mean: float | None
    """Drop genes whose mean is below this; None drops none. [a number, or None; default: None]"""
    min_variance: float | None
    """Drop genes whose variance is not above this (0 drops constant genes); None makes a constant gene an error. [a
    number >= 0, or None; default: None]
    """
    n_top_variable: int | None
    """Use only this many of the genes that are left, the most variable ones; None uses all. [an integer >= 2 and <=
    1,000,000,000,000,000, or None; default: None]
    """
