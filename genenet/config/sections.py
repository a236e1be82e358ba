"""Settings: the one source of every default, bound, unit and help text.

The YAML file, the JSON schema, the command line's options and the keywords of `infer_network` are all made from the
models below. A key is spelled the same everywhere: `discretise.n_bins` in YAML is `--n-bins` on the command line and
`n_bins=` in Python. Two sections have a key `method`; outside of YAML these are `discretise_method` and
`prune_method`.
"""

import math
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

# Draws by default: so many a pair that one significant edge at 0.05 is resolved, within limits of precision and time.
DRAWS_PER_PAIR = 20
FEWEST_DRAWS, MOST_DRAWS = 1_000_000, 10_000_000
# Draws of the null of half of the samples by default.
HALF_DRAWS = 100_000
# A p-value that is counted by this many draws has a relative standard error of a tenth.
DRAWS_BEYOND = 100
# Below this p-value of the Kolmogorov-Smirnov test the extrapolated tail does not fit the draws.
BAD_FIT = 1e-3
# Edges of a network by default: a graph of a million takes 1 GB of memory.
MOST_EDGES = 500_000
# Strata of fewer samples are refused, or pooled.
FEWEST_IN_STRATUM = 8

Orientation = Literal["genes_by_samples", "samples_by_genes"]
MissingPolicy = Literal["error", "drop_genes", "drop_samples", "impute_mean", "impute_median", "pairwise"]
DecimalSign = Literal["point", "comma"]
ThousandsSign = Literal["comma", "point", "space", "apostrophe"]
DuplicatePolicy = Literal["error", "mean", "max_variance", "make_unique"]
SmallStrata = Literal["error", "pool"]
Normalisation = Literal["none", "log1p_cp10k", "log1p_cpm", "log1p"]
Whiten = Literal["none", "samples"]
Aggregate = Literal["none", "pseudobulk", "metacells"]
FindingKind = Literal[
    "orientation",
    "no_samples",
    "no_genes",
    "summary_rows",
    "attribute_rows",
    "title",
    "decimal_commas",
    "minus_signs",
    "lists",
    "tables",
    "thousands",
    "running_numbers",
    "mangled_names",
    "placeholders",
    "look_alikes",
    "joined_names",
    "duplicates",
    "duplicate_samples",
    "missing",
    "counts",
    "classes",
    "cells",
    "gene_effects",
    "linear",
    "scaled",
    "shifted",
    "probabilities",
    "off_scale",
    "compositional",
    "few_samples",
    "censored",
    "whitening",
    "strata",
    "settings",
]
DiscretiseMethod = Literal[
    "bspline", "equal_frequency", "equal_width", "kmeans", "bayesian_blocks", "zero_inflated", "codes"
]
BinRule = Literal["sqrt", "cube_root", "freedman_diaconis"]
BlockPrior = Literal["total", "running"]
Coordinate = Literal["rank", "normal_score", "value"]
Correction = Literal["bh", "by", "bonferroni", "none"]
ActivityMethod = Literal["ulm", "viper"]
PhenotypeKind = Literal["auto", "discrete", "continuous"]
SelectMethod = Literal["mrmr", "jmi"]
SelectEstimator = Literal["plugin", "ksg"]
BiasCorrection = Literal["none", "miller_madow", "shrink", "jeffreys", "laplace", "perks", "minimax"]
Estimator = Literal[
    "plugin",
    "miller_madow",
    "shrink",
    "jeffreys",
    "laplace",
    "perks",
    "minimax",
    "gaussian",
    "ksg",
    "ksg2",
    "adaptive",
]
Auto = Literal["auto"]
PruneMethod = Literal["dpi", "mrnet", "mrnetb", "none"]
EdgeSign = Literal["together", "apart", "positive", "negative"]
Preset = Literal["codependency"]
Score = Literal[
    "auto",
    "mi",
    "clr",
    "clr_stouffer",
    "clr_squared",
    "mrnet",
    "mrnetb",
    "network_deconvolution",
    "puc",
    "pidc",
    "partial_correlation",
]
NetworkFormat = Literal["graphml", "cyjs", "tsv", "h5ad", "cx2", "view", "sif", "style", "gexf", "gml", "parquet"]
RegulonFormat = Literal["aracne", "viper", "decoupler", "scenic", "gmt", "beeline", "dream"]
PairFormat = Literal["ranking", "mi_matrix"]
SampleFormat = Literal["anomalies"]
Format = Literal[NetworkFormat, RegulonFormat, PairFormat, SampleFormat]

FORMATS: tuple[Format, ...] = get_args(Format)
MAX_BINS = 64
MAX_COUNT = 10**15
# Estimators that need no bins of a gene.
CONTINUOUS: tuple[Estimator, ...] = ("gaussian", "ksg", "ksg2", "adaptive")


class Section(BaseModel):
    """Settings of one step: frozen, no unknown keys, no silent conversion of types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Prepare(Section):
    """Read the matrix and check it."""

    orientation: Orientation = Field(
        "genes_by_samples",
        description="Meaning of the rows and columns of a text, parquet or feather table; other files define it"
        " themselves.",
    )
    layer: str | None = Field(None, description="Layer of an .h5ad or .loom file to use; empty means the main matrix.")
    modality: str | None = Field(
        None, description="Which modality of an .h5mu file to use, for example rna; empty takes the only one."
    )
    use_raw: bool = Field(False, description="Use the raw values (and genes) that an .h5ad file keeps beside X.")
    obs_query: str | None = Field(
        None,
        description="Use only the samples that fulfil this condition on their attributes (obs), for example"
        " cell_type == 'B' and age > 40. The language is a part of that of pandas' query; it runs no code.",
    )
    var_query: str | None = Field(
        None,
        description="Use only the genes that fulfil this condition on their attributes (var), for example"
        " Reverse != '+'; the language is that of obs_query.",
    )
    name_column: str | None = Field(
        None,
        description="Column of the gene attributes (var) that names the genes, for example gene_ids; empty means the"
        " names of the file.",
    )
    name_separator: str | None = Field(
        None,
        description="Split names of genes at this text, for example ' (' for TP53 (7157) or | for TP53|7157, and use"
        " name_part of them; the whole name is kept as original_name.",
    )
    name_part: int = Field(1, ge=1, description="Which part of a split name to use; used with name_separator only.")
    sample_column: str | None = Field(
        None,
        description="Column of the sample attributes (obs) that names the samples, for example ModelID; empty means"
        " the names of the file.",
    )
    value_columns: tuple[str, ...] = Field(
        (),
        strict=False,
        description="Columns of a text, parquet or feather matrix that hold the values, by name or by a pattern such as"
        " 'LFQ intensity *'; samples (or genes) are named by what * stands for, and all other columns are kept as"
        " annotation. Empty means all but annotation_columns.",
    )
    annotation_columns: tuple[str, ...] = Field(
        (),
        strict=False,
        description="Columns of a text, parquet or feather matrix that hold no values, for example Description, by name"
        " or by a pattern such as *Detection*; kept as annotation. Names with a comma are quoted.",
    )
    annotation_rows: tuple[str, ...] = Field(
        (),
        strict=False,
        description="Rows of such a matrix that hold no values of genes (or samples), for example age; kept as"
        " annotation of the columns. Rows of numbers may be anywhere, rows of text only below the header.",
    )
    decimal: DecimalSign | None = Field(
        None,
        description="Decimal sign of the numbers in a text table; empty means that it is told from the table, which is"
        " refused where a comma may separate thousands.",
    )
    thousands: ThousandsSign | None = Field(
        None,
        description="Sign that separates thousands in a text table, as the points of 2.458.905,12 (then commas are the"
        " decimal signs); empty means none.",
    )
    accept: tuple[FindingKind, ...] = Field(
        (),
        strict=False,
        description="Kinds of findings about the matrix that do not stop the run: they become warnings.",
    )
    strict: bool = Field(False, description="Stop at warnings about the matrix too.")
    missing: MissingPolicy = Field(
        "error",
        description="Treatment of NaN and infinite values: stop, drop the genes or the samples with any, fill in"
        " the gene's mean or median, or leave them out pair by pair (MI of the samples that both genes have).",
    )
    na_values: tuple[str, ...] = Field(
        (),
        strict=False,
        description="Texts that stand for missing values in a text table, beside empty cells, NA and NaN, for example"
        " Filtered,<LOD. Numbers among them, such as -999, are compared as numbers, in every kind of matrix.",
    )
    max_missing: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="Largest share of missing values of a gene; genes with more are dropped. Empty means 0 with"
        " drop_genes, and 0.2 with impute_mean, impute_median and pairwise. Values that are still missing after"
        " drop_genes are left out pair by pair.",
    )
    duplicates: DuplicatePolicy = Field(
        "error",
        description="Treatment of genes of the same name: stop, take the mean, keep the one with the largest"
        " variance, or number them (ACTB, ACTB-1).",
    )
    normalisation: Normalisation = Field(
        "none",
        description="log1p takes the logarithm of 1 + x; before that log1p_cp10k (cells) scales each sample to a sum of"
        " 10,000 over all its genes, and log1p_cpm (bulk samples) to a million.",
    )
    aggregate: Aggregate = Field(
        "none",
        description="For single cells: sum the counts (or average other values) of all cells of a group of"
        " aggregate_by (pseudobulk), or of disjoint groups of similar cells within them (metacells).",
    )
    aggregate_by: tuple[str, ...] = Field(
        (),
        strict=False,
        description="Attributes of the cells (obs) whose combinations are the groups of aggregate, for example"
        " donor,cell_type.",
    )
    cells_per_metacell: int = Field(
        30,
        ge=2,
        le=MAX_COUNT,
        description="Wanted number of cells of a metacell. Metacells of fewer than min_cells are joined to others, so"
        " that the average is larger. Used with aggregate: metacells only.",
    )
    min_cells: int = Field(
        10, ge=1, le=MAX_COUNT, description="Leave out groups of fewer cells than this; used with aggregate only."
    )
    whiten: Whiten = Field(
        "none",
        description="For samples that are related, such as the cell lines of a screen: samples multiplies the matrix by"
        " the inverse square root of their covariance over all genes (Ledoit-Wolf), so that permutation p-values are"
        " valid.",
    )
    control_components: int = Field(
        4,
        ge=1,
        le=1_000,
        description="Number of principal components of the control genes (--control-genes) to remove from all genes;"
        " used with control genes only.",
    )
    strata: tuple[str, ...] = Field(
        (),
        strict=False,
        description="Sample attributes (columns of obs, or of the table of sample attributes), for example batch, whose"
        " combinations are strata. Genes are then binned, compared and permuted within strata, so that a difference"
        " between batches does not appear as co-dependency.",
    )
    small_strata: SmallStrata = Field(
        "error",
        description=f"Treatment of strata of fewer than {FEWEST_IN_STRATUM} samples: stop, or make one stratum of them"
        " all (pool).",
    )
    min_samples: int = Field(20, ge=4, le=MAX_COUNT, description="Refuse a matrix with fewer samples than this.")
    min_detection_rate: float = Field(
        0.0, ge=0, le=1, description="Drop genes that are detected (not 0) in a smaller share of the samples than this."
    )
    min_mean: float | None = Field(None, description="Drop genes whose mean is below this; empty drops none.")
    min_variance: float | None = Field(
        None,
        ge=0,
        description="Drop genes whose variance is not above this (0 drops constant genes); empty makes a constant"
        " gene an error.",
    )
    n_top_variable: int | None = Field(
        None,
        ge=2,
        le=MAX_COUNT,
        description="Use only this many of the genes that are left, the most variable ones; empty uses all.",
    )

    @field_validator("na_values", mode="before")
    @classmethod
    def _numbers_as_texts(cls, value: Any) -> Any:
        """A list in YAML or Python may have -99 for "-99"."""
        if not isinstance(value, list | tuple):
            return value
        return tuple(repr(item) if type(item) in (int, float) else item for item in value)

    @field_validator("strata", mode="before")
    @classmethod
    def _one_attribute(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _signs_differ(self) -> Self:
        if self.decimal is not None and self.decimal == self.thousands:
            raise ValueError(f"thousands must be another sign than prepare.decimal, got {self.thousands} for both")
        return self

    @model_validator(mode="after")
    def _metacells_are_large_enough(self) -> Self:
        if self.aggregate == "metacells" and self.cells_per_metacell < self.min_cells:
            raise ValueError(
                f"cells_per_metacell must be at least prepare.min_cells ({self.min_cells}) with aggregate: metacells,"
                f" got {self.cells_per_metacell}"
            )
        return self


class Discretise(Section):
    """Put each gene's samples into bins."""

    method: DiscretiseMethod = Field(
        "bspline",
        description="Soft bins (bspline; zero_inflated for counts, with a bin of their own for zeros), hard bins"
        " (equal_frequency, equal_width, kmeans, bayesian_blocks), or values that are bin codes already (codes).",
    )
    n_bins: Annotated[int, Field(ge=2, le=MAX_BINS)] | BinRule = Field(
        6,
        description="Number of bins of a gene, or a rule that derives it from the number of samples (sqrt, cube_root)"
        " or the values (freedman_diaconis), one number for all genes. bayesian_blocks and codes bring their own.",
    )
    min_expected: float = Field(
        5.0,
        ge=0,
        description="A rule gives at most so many bins that two independent genes have this many samples in a joint bin"
        " on average (n_samples / n_bins^2). Not used where n_bins is a number.",
    )
    order: int = Field(
        4,
        ge=1,
        le=16,
        description="Order of the B-splines: how many bins one sample spreads over, at most n_bins; 1 makes hard bins."
        " Used by bspline and zero_inflated only.",
    )
    coordinate: tuple[Coordinate, ...] = Field(
        ("rank", "normal_score", "value"),
        min_length=1,
        strict=False,
        description="Components of a sample's position, which is their mean; used by bspline, zero_inflated and"
        " estimators without bins (not adaptive)."
        " [rank] alone makes the result the same under any monotone transform of a gene.",
    )
    false_alarm: float = Field(
        0.05, gt=0, lt=1, description="Probability of one bin too many; used by bayesian_blocks only."
    )
    block_prior: BlockPrior = Field(
        "total",
        description="Number of samples in the prior of a Bayesian block: all (total, as in the paper and astropy) or"
        " those up to its end (running, as in the program of PIDC).",
    )

    @model_validator(mode="after")
    def _order_fits(self) -> Self:
        if isinstance(self.n_bins, int):
            if self.method == "bspline" and self.order > self.n_bins:
                raise ValueError(f"order must be at most discretise.n_bins ({self.n_bins}), got {self.order}")
            if self.method == "zero_inflated" and self.order >= self.n_bins:
                raise ValueError(
                    f"order must be less than discretise.n_bins ({self.n_bins}) where zeros have a bin, got"
                    f" {self.order}"
                )
        if len(set(self.coordinate)) != len(self.coordinate):
            raise ValueError(f"coordinate names a component twice: {', '.join(self.coordinate)}")
        return self


class Permutation(Section):
    """Draw the null distribution of MI from permuted samples."""

    n_draws: int | None = Field(
        None,
        ge=1_000,
        le=1_000_000_000,
        description="Number of draws of the null; its resolution is 1 / (1 + n_draws). Empty means one million, and"
        " more only if the p-value of the weakest edge needs them: until 100 draws are as extreme, but at most 20 for"
        " each tested pair (enough for one significant edge at 0.05) or 10 million.",
    )
    extrapolate: bool = Field(
        True,
        description="Continue p-values below the resolution by the Pearson III tail (labelled extrapolated);"
        " false keeps them at it.",
    )


class Information(Section):
    """Estimate mutual information of all pairs."""

    estimator: Estimator = Field(
        "plugin",
        description="From the joint counts of bins: plugin (as they are), or with a correction of the bias"
        " (miller_madow, shrink, jeffreys, laplace, perks, minimax). Without bins, from discretise.coordinate: gaussian"
        " (correlation), ksg and ksg2 (nearest neighbours, algorithms 1 and 2), adaptive (Darbellay-Vajda partitioning,"
        " ranks only).",
    )
    n_neighbours: int = Field(3, ge=1, le=1_000, description="Number of neighbours; used by ksg and ksg2 only.")
    n_blocks: int = Field(
        1, ge=1, le=1_000, description="Number of blocks that the pairs are divided into; each can be a job of its own."
    )


class Significance(Section):
    """Choose edges by p-values that are corrected for multiple testing."""

    alpha: float = Field(
        0.05, gt=0, le=1, description="Largest adjusted p-value of an edge (largest raw p-value with correction none)."
    )
    correction: Correction = Field(
        "bh",
        description="Correction for multiple testing: Benjamini-Hochberg, Benjamini-Yekutieli, Bonferroni, or none.",
    )
    min_mi: float = Field(0.0, ge=0, description="Smallest mutual information of an edge, in bits.")


class Stability(Section):
    """Stability of edges: the share of random halves of the samples in which they are selected."""

    stability: int = Field(
        0,
        ge=0,
        le=1_000,
        description="Number of random splits of the samples into two halves. The network of each half is inferred by"
        " the same settings, with the bins of all samples, and edges that come back in too few halves are removed."
        " 0 does nothing; 50 is usual.",
    )
    donor_column: str | None = Field(
        None,
        description="Sample attribute (column of obs) that says which samples belong together, such as cells of a donor"
        " or replicates; these go into the same half. Empty splits single samples.",
    )
    min_stability: Annotated[float, Field(gt=0.5, le=1)] | Auto = Field(
        "auto",
        description="Smallest share of the halves in which an edge is found again. auto takes the smallest share at"
        " which the upper bound of Shah and Samworth on the number of edges that are selected no more often than at"
        " random is at most stability_bound of the kept edges.",
    )
    stability_bound: float = Field(
        0.05,
        gt=0,
        le=1,
        description="Accepted upper bound on the number of such edges, as a share of the kept edges; used with"
        " min_stability: auto only.",
    )


class Prune(Section):
    """Remove indirect edges."""

    method: PruneMethod = Field(
        "dpi",
        description="Remove the edges that are indirect by ARACNE's data processing inequality (dpi), those that MRNET"
        " or MRNETB select for neither gene (mrnet, mrnetb), or none (none).",
    )
    tolerance: Annotated[float, Field(ge=0, le=1)] | Auto = Field(
        "auto",
        description="An edge is indirect when mi_ij < min(mi_ik, mi_jk) * (1 - tolerance); 0 prunes most, 1 nothing."
        " auto is the smallest multiple of 0.001, mostly 0, that leaves enough edges: 20 more than there are genes."
        " With at most 200 genes, and at least 10 samples for each, as many are enough as have a significant partial"
        " correlation, if these are fewer, but at least as many as there are genes."
        " In a compendium (regulators are given, and most pairs are significant) with more genes than samples it prunes"
        " nothing, if score is auto and max_edges is not empty: partial correlation selects the edges.",
    )
    epsilon: float | None = Field(
        None,
        ge=0,
        description="In bits; if given, an edge is indirect when mi_ij < min(mi_ik, mi_jk) - epsilon, and tolerance"
        " is not used.",
    )
    protect_regulators: bool = Field(False, description="With regulators: never prune an edge between two of them.")
    score: tuple[Score, ...] = Field(
        ("auto",),
        min_length=1,
        strict=False,
        description="Weight of the edges: mutual information (mi), how far it stands out among that of its two genes"
        " (clr and clr_stouffer as published, clr_squared for the gene where it stands out more), mrnet, mrnetb,"
        " network_deconvolution, puc, pidc, or partial_correlation. Several, as clr_squared,mrnet, are a consensus: the"
        " mean of the logarithms of an edge's ranks. auto is partial_correlation for a compendium (regulators are"
        " given, and most pairs are significant), else the consensus of clr_squared, mrnet and partial_correlation, and"
        " clr_squared where there are more than 4,000 genes or 10 million significant pairs. mrnet, mrnetb,"
        " network_deconvolution, puc and pidc are for up to 15,000 genes.",
    )
    sign: EdgeSign = Field(
        "together",
        description="Role of an edge's sign (of Spearman's correlation) in the ranking: none (together),"
        " positive edges come first and max_edges is for each sign (apart), or only one sign is kept (positive,"
        " negative).",
    )
    neighbour_distance: int = Field(
        5_000_000,
        ge=0,
        le=MAX_COUNT,
        description="With a table of genes that has their chromosome and start: flag edges of two genes that start at"
        " most this many bases apart (column neighbours).",
    )
    max_edges: Annotated[int, Field(ge=1, le=MAX_COUNT)] | Auto | None = Field(
        "auto",
        description="Keep only this many edges, those of the largest score; empty means all. auto is the number of"
        " genes for a compendium (regulators are given, and most pairs are significant), else 500,000: a graph of a"
        " million takes 1 GB of memory.",
    )
    max_pruned: int = Field(
        5_000_000,
        ge=0,
        le=MAX_COUNT,
        description="Write at most this many removed edges, those of the largest score, to pruned.parquet.",
    )

    @field_validator("score", mode="before")
    @classmethod
    def _one_score(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _scores_differ(self) -> Self:
        if len(set(self.score)) != len(self.score):
            raise ValueError(f"score names a score twice: {', '.join(self.score)}")
        if "auto" in self.score and len(self.score) > 1:
            raise ValueError(f"score must be auto alone, or a list of scores, got {', '.join(self.score)}")
        return self


class Network(Section):
    """Make the graph."""

    isolated: bool = Field(False, description="Keep genes without an edge as nodes of the graph.")


class Export(Section):
    """Write files for other programs."""

    formats: tuple[Format, ...] = Field(
        ("cx2", "cyjs", "tsv", "h5ad", "anomalies"),
        strict=False,
        description="Which files to write under export/. network.graphml is written in any case, beside that folder."
        " With anomalies, samples are scored by how badly they obey the network, in h5ad too.",
    )
    report: bool = Field(
        True, description="Write report.html: one page that shows the network, its checks and why each edge is there."
    )
    guard_formulas: bool = Field(
        False,
        description="In the format tsv: put a single quote before texts that begin with =, +, - or @, which a"
        " spreadsheet would compute as a formula. Other programs then see other names.",
    )
    view_genes: tuple[str, ...] = Field(
        (),
        strict=False,
        description="With the format view: show the neighbourhood of these genes; empty shows the strongest edges.",
    )
    view_nodes: int = Field(
        200,
        ge=2,
        le=MAX_COUNT,
        description="With the format view: most genes to show; Cytoscape draws labels of up to 200.",
    )


class Settings(Section):
    """All settings of a run."""

    preset: Preset | None = Field(
        None,
        description="Other defaults for one kind of data: codependency is for effects of CRISPR screens, as DepMap's"
        " CRISPRGeneEffect.csv. Settings given beside it override it.",
    )
    seed: int = Field(0, ge=0, le=2**32 - 1, description="Seed of every random number.")
    prepare: Prepare = Prepare()
    discretise: Discretise = Discretise()
    permutation: Permutation = Permutation()
    information: Information = Information()
    significance: Significance = Significance()
    stability: Stability = Stability()
    prune: Prune = Prune()
    network: Network = Network()
    export: Export = Export()

    @model_validator(mode="after")
    def _score_has_bins(self) -> Self:
        estimator = self.information.estimator
        for score in self.prune.score:
            if score in ("puc", "pidc") and estimator in CONTINUOUS:
                raise ValueError(
                    f"prune.score {score} needs bins, which information.estimator {estimator} has not; use plugin"
                )
        return self

    @model_validator(mode="after")
    def _strata_are_possible(self) -> Self:
        if not self.prepare.strata:
            return self
        if self.information.estimator != "plugin":
            raise ValueError(
                f"prepare.strata needs information.estimator: plugin, got {self.information.estimator}: the null within"
                " strata is made for it alone"
            )
        if self.prepare.missing == "pairwise":
            raise ValueError("prepare.strata needs complete genes; set prepare.missing to something else than pairwise")
        for score in self.prune.score:
            if score in ("puc", "pidc"):
                raise ValueError(f"prune.score {score} is not made for strata; choose another score, or no strata")
        return self


class Associate(Section):
    """Genes against a phenotype; not part of a run's settings."""

    kind: PhenotypeKind = Field(
        "auto",
        description="Kind of the phenotype; auto takes text and whole numbers of at most 10 different values for"
        " discrete, all other numbers for continuous.",
    )
    n_permutations: int = Field(1_000, ge=100, le=1_000_000, description="Number of permutations of each gene.")


class Select(Section):
    """Genes that together tell a phenotype; not part of a run's settings."""

    method: SelectMethod = Field(
        "jmi",
        description="Criterion: jmi adds the gene that tells most about the phenotype together with each of those"
        " selected (joint mutual information); mrmr the one that tells most and shares least with them (minimal"
        " redundancy, maximal relevance).",
    )
    n_genes: int | None = Field(
        None, ge=1, description="Select at most this many genes. Empty goes on as long as the test finds another."
    )
    alpha: float = Field(
        0.05,
        gt=0,
        le=1,
        description="Stop at the first gene whose p-value is above this; 1 goes on to n_genes in any case.",
    )
    n_permutations: int = Field(
        200,
        ge=0,
        le=100_000,
        description="Number of permutations of the phenotype for each gene; 0 makes no test, so that n_genes alone says"
        " when to stop.",
    )
    kind: PhenotypeKind = Field(
        "auto",
        description="Kind of the phenotype; auto takes text and whole numbers of at most 10 different values for"
        " discrete, all other numbers for continuous.",
    )
    estimator: SelectEstimator = Field(
        "plugin",
        description="Estimator of mutual information: of joint tables of genes in bins of equal frequency (plugin), or"
        " by nearest neighbours (ksg; Ross's for a discrete phenotype).",
    )
    n_bins: int = Field(
        3,
        ge=2,
        le=16,
        description="Number of hard bins of a gene, and of a continuous phenotype. With ksg they only make the groups"
        " of samples that are alike in the selected genes.",
    )
    n_neighbours: int = Field(3, ge=1, le=1_000, description="Number of nearest neighbours; used by ksg only.")
    seed: int = Field(0, ge=0, le=2**32 - 1, description="Seed of the permutations.")

    @model_validator(mode="after")
    def _stops(self) -> Self:
        if self.n_genes is None and (self.n_permutations == 0 or self.alpha == 1):
            name, value = ("--n-permutations", 0) if self.n_permutations == 0 else ("--alpha", 1)
            raise ValueError(f"--n-genes must be a number with {name} {value}: nothing else stops the selection")
        fewest = math.ceil(1.0 / self.alpha - 1e-9) - 1
        if 0 < self.n_permutations < fewest:
            raise ValueError(
                f"--n-permutations must be at least {fewest:,} with --alpha {self.alpha:g}, got"
                f" {self.n_permutations:,}: no p-value could be so small"
            )
        return self


class Activity(Section):
    """Activity of regulators; not part of a run's settings."""

    method: ActivityMethod = Field(
        "ulm",
        description="Method that turns the expression of a regulator's targets into its activity: the t-value of a"
        " linear model (ulm), or VIPER's enrichment of ranks (viper; needs the package decoupler, extra [activity]).",
    )
    min_targets: int = Field(10, ge=2, description="Leave out regulators with fewer targets than this.")
    n_permutations: int = Field(
        10_000,
        ge=100,
        le=10_000_000,
        description="Number of permutations of the sample labels of a contrast; their smallest p-value is"
        " 1 / (1 + n_permutations).",
    )
    seed: int = Field(0, ge=0, le=2**32 - 1, description="Seed of the permutations.")


class Differential(Section):
    """Differences between the networks of groups of samples; not part of a run's settings."""

    alpha: float = Field(
        0.05, gt=0, le=1, description="False discovery rate (Benjamini-Hochberg) of the pairs that differ."
    )
    n_permutations: int = Field(
        30,
        ge=5,
        le=100_000,
        description="Number of permutations of the group labels. Each gives the deviance of all pairs, so that few are"
        " enough for the p-values of pairs; those of genes and of the global shift are finer with more permutations.",
    )
    n_bins: int = Field(6, ge=2, le=MAX_BINS, description="Number of soft bins of a gene in each group.")
    order: int = Field(
        4, ge=1, le=16, description="Order of the B-splines of the bins, at most n_bins; 1 makes hard bins."
    )
    seed: int = Field(0, ge=0, le=2**32 - 1, description="Seed of the permutations.")

    @model_validator(mode="after")
    def _order_fits(self) -> Self:
        if self.order > self.n_bins:
            raise ValueError(f"--order must be at most --n-bins ({self.n_bins}), got {self.order}")
        return self


class Simulate(Section):
    """Simulated expression with a known network; not part of a run's settings."""

    n_genes: int = Field(120, ge=4, le=1_000_000, description="Number of genes, regulators included.")
    n_regulators: int = Field(
        20, ge=4, le=1_000_000, description="Number of genes that may regulate others, at most n_genes."
    )
    n_samples: int = Field(250, ge=1, le=10_000_000, description="Number of samples.")
    biological_noise: float = Field(
        0.5,
        ge=0,
        le=10,
        description="Standard deviation of the part of a gene's log level that the network does not explain; it is"
        " passed on to the gene's targets.",
    )
    measurement_noise: float = Field(
        0.1, ge=0, le=10, description="Standard deviation of the measurement's error, on the logarithm of the level."
    )
    seed: int = Field(0, ge=0, le=2**32 - 1, description="Seed of the network and of all noise.")

    @model_validator(mode="after")
    def _genes_include_regulators(self) -> Self:
        if self.n_regulators > self.n_genes:
            raise ValueError(f"--n-regulators must be at most --n-genes ({self.n_genes}), got {self.n_regulators}")
        return self


CONSENSUS_GENES = 4_000
"""Number of genes up to which the default score is a consensus: MRNET takes minutes with more."""
MOST_NONZERO, FEWEST_VALUES = 0.15, 5_000_000
"""Share of values that are not 0 up to which bins and joint counts are made of these alone, and size of a matrix (genes
times samples) from which this is done."""
MANY_PAIRS, BEYOND, MARGIN = 5_000_000, 2.0, 1.5
"""In one process, of so many pairs only those are kept that may have adjusted p-values up to BEYOND times alpha. The
number of pairs with p-values of at most alpha is taken to be at most MARGIN times that of a sample of them."""


def default_draws(n_pairs: int) -> int:
    """Largest number of draws if the settings give none: 20 for each tested pair, but between 1 and 10 million.

    Examples
    --------
    >>> default_draws(4_950), default_draws(100_000), default_draws(200_000_000)
    (1000000, 2000000, 10000000)
    """
    return min(max(DRAWS_PER_PAIR * n_pairs, FEWEST_DRAWS), MOST_DRAWS)


def first_draws(settings: Permutation, n_pairs: int, alpha: float) -> int:
    """Number of draws before the cut-off of the edges is known: one million, or more for a small alpha.

    They are enough to have 100 draws beyond a p-value of alpha, if `default_draws` allows it. Without extrapolation the
    null alone gives the p-values, and all draws are made at once.

    Examples
    --------
    >>> first_draws(Permutation(), 1_000_000, 0.05), first_draws(Permutation(), 1_000_000, 2e-5)
    (1000000, 5000000)
    >>> first_draws(Permutation(n_draws=5_000), 1_000_000, 0.05)
    5000
    >>> first_draws(Permutation(extrapolate=False), 1_000_000, 0.05)
    10000000
    """
    most = settings.n_draws or default_draws(n_pairs)
    if settings.n_draws or not settings.extrapolate:
        return most
    return min(most, max(FEWEST_DRAWS, math.ceil(DRAWS_BEYOND / alpha - 1e-9)))
