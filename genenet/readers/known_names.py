"""Names by which columns and rows are recognised: ids of samples and of genes, columns of annotation, rows of totals.

Every pattern is one that a public archive, a pipeline or a spreadsheet writes. Nothing is concluded from a name that
fits no pattern: most laboratories name their samples as they like.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

GENE_LABEL = "gene_label"
"""Column of `var`, and attribute of nodes, with the symbol of a gene, or its name where there is none."""


def set_of(text: str) -> frozenset[str]:
    """Split a text at its commas into a set of names."""
    return frozenset(name.strip() for name in text.split(","))


SAMPLE_IDS = re.compile(
    r"ACH-\d{6}|CDS-\w{6}|PR-\w{6}|SIDM\d{5}|GSM\d{4,9}\b.*|[SED]R[RXS]\d{5,9}|SAM(N|EA|D)\d{5,12}"
    r"|(TCGA|TARGET|CPTAC|GTEX|HCMI|CGGA|GDSC|CCLE|ENCFF|ENCBS|ENCLB|C3[LN])[-_. ]?\w{2,}([-._]\w+)*"
    r"|(HG|NA)\d{5}"
    r"|([\w.]+[-_:#])?[ACGT]{10,60}([-_.:]\w+){0,2}x?"
    r"|\w+_(LUNG|BREAST|SKIN|LIVER|OVARY|KIDNEY|PANCREAS|STOMACH|PROSTATE|PLEURA|THYROID|ENDOMETRIUM|BONE"
    r"|SOFT_TISSUE|LARGE_INTESTINE|SMALL_INTESTINE|URINARY_TRACT|BILIARY_TRACT|OESOPHAGUS|SALIVARY_GLAND"
    r"|CENTRAL_NERVOUS_SYSTEM|AUTONOMIC_GANGLIA|UPPER_AERODIGESTIVE_TRACT|HAEMATOPOIETIC_AND_LYMPHOID_TISSUE)"
)
SERIAL_SAMPLES = re.compile(
    r"(trt|treated|treatment|untreated|vehicle|dmso|placebo|baseline|visit|day|week|responder|nonresponder|s|sa|smp"
    r"|sample|cell|cells|patient|pat|pt|p|subject|subj|donor|d|case|control|ctrl|ctl|tumou?r|normal|n|t|rep"
    r"|replicate|array|chip|exp|experiment|condition|cond|run|lib|library|perturbation|time|tp|ind|individual|mouse"
    r"|human|barcode|spot|line|bin|obs)[-_. ]*\d+([-_. ]\w+)?",
    re.IGNORECASE,
)
WORDS_FOR_SAMPLES = re.compile(
    r"(s|smp|sample|cell|patient|subject|donor|case|control|ctrl|tumou?r|normal|replicate|spot)[-_. ]?\d+",
    re.IGNORECASE,
)
"""Such names, with a number, of which hardly any network calls its genes."""
GENE_IDS = re.compile(
    r"ENS[A-Z]{0,4}[GTP]\d{11}(\.\d+)?([_|].*)?"  # Ensembl
    r"|(N|X)[MRP]_\d{6,9}(\.\d+)?"  # RefSeq
    r"|\d{4,6}(_[a-z]{1,2})*_at|AFFX-.*|ILMN_\d{5,8}|A_\d\d_P\d+|cg\d{8}|TC\d{8,}\.hg\.\d"  # arrays
    r"|(FBgn|WBGene)\d{7,8}|AT[1-5CM]G\d{5}(\.\d+)?|Y[A-P][LR]\d{3}[WC](-[A-Z])?|ZDB-GENE-.*|MGI:\d+|HGNC:\d+"
    r"|[a-z]{3,4}-([mM][iI][rR]|let)-.+|seq\.\d{4,5}\.\d+|HMDB\d{5,7}|CHEBI:\d+"  # also proteins, metabolites
    r"|LOC\d{4,}|LINC\d{5}|MIR\d+\w*|[A-Z][\w.-]+ \(\d{1,9}\)"
    r"|(sp|tr)\|\w{6,10}\|.+|[A-Z0-9]{1,10}_(HUMAN|MOUSE|RAT|YEAST|SCHPO|ECOLI|BACSU|DROME|CAEEL|ARATH|BOVIN|DANRE|PIG"
    r"|CHICK|XENLA|RABIT|SHEEP)"  # UniProt's names of entries
    r"|rs\d{3,}|chr(\d{1,2}|[XYM]|MT)[:_-]\d+[-_:]\d+|GO:\d{7}|R-[A-Z]{3}-\d{3,}"  # variants, peaks, terms, pathways
)
"""Ids that a public database or an array gives to genes, transcripts and probes."""
PROTEIN_IDS = re.compile(r"([OPQ]\d[A-Z\d]{3}\d|[A-NR-Z]\d([A-Z][A-Z\d]{2}\d){1,2})(-\d+)?")
"""Accession numbers of UniProt; those without further letters (P04637) may be patients as well."""
SHARE_OF_LETTERS = 0.1
"""Accession numbers count if at least this share of the names has letters after its first (Q9Y6K9)."""

_FAMILIES = re.compile(
    r"(RP[LS]\d+[AXYL]?\d?|HLA-\w+|H2-\w+|CDK\d+|CDKN\d[A-D]|KRT\d+|COL\d+A\d|HOX[A-D]\d+|ZNF\d+|SLC\d+A\d+|PSM[ABCD]\d+"
    r"|NDUF[ABSV]\w+|MT-(ND|CO|ATP|CYB)\w*|IL\d+R?[ABG]?|CXC[LR]\d+|CC[LR]\d+|TMEM\d+|KCN\w\d+|FOX[A-S]\d|SOX\d+|GATA\d"
    r"|STAT\d[AB]?|NKX\d-\d|TNFRSF\d+\w?|SERPIN\w\d+|CYP\d+\w\d+|ABC[A-G]\d+|ATP\d\w\d*|EIF\d\w*|MAP[23]?K\d+|PIK3\w+"
    r"|SEPT(IN)?\d+|MARCH(F)?\d+|CD\d+[A-E]?|WNT\d+[AB]?|FGF\d+|FGFR\d|SMAD\d|BRCA\d|E2F\d|KLF\d+|MMP\d+|ADAM\d+)"
)
_WELL_KNOWN = set_of(
    """
    ACTB, GAPDH, TUBB, TUBA1B, B2M, HPRT1, TBP, PPIA, UBC, YWHAZ, SDHA, PGK1, LDHA, ENO1, ALDOA, EEF1A1, EEF2,
    HSP90AB1, HSPA8, HSPA5, TP53, MYC, MYCN, JUN, JUNB, FOS, FOSB, EGR1, KRAS, NRAS, HRAS, BRAF, EGFR, ERBB2, MET,
    ALK, RET, KIT, PDGFRA, VEGFA, PTEN, RB1, APC, VHL, NF1, NF2, ATM, ATR, CHEK1, CHEK2, MDM2, MDM4, BAX, BAK1,
    BCL2, BCL2L1, MCL1, CASP3, CASP8, CASP9, FAS, PARP1, PCNA, MKI67, TOP2A, CCNA2, CCNB1, CCND1, CCNE1, AURKA,
    AURKB, PLK1, BUB1, MAD2L1, TERT, CTNNB1, NOTCH1, HES1, AXIN2, GLI1, YAP1, WWTR1, TEAD1, AKT1, MTOR, RPTOR, TSC1,
    TSC2, STK11, PRKAA1, HIF1A, EPAS1, ARNT, AHR, NFE2L2, KEAP1, RELA, NFKB1, TNF, IFNG, IFNB1, TGFB1, PTPRC, MS4A1,
    LYZ, GNLY, NKG7, FCGR3A, PPBP, S100A8, S100A9, ALB, AFP, APOE, APOA1, TTR, INS, GCG, SST, PAX6, NANOG, POU5F1,
    KLF4, LIN28A, GATA1, SPI1, RUNX1, CEBPA, IKZF1, EBF1, PAX5, FOXP3, TBX21, RORC, BATF, IRF4, IRF8, XBP1, PRDM1,
    ESR1, PGR, AR, NR3C1, PPARG, RXRA, VDR, THRA, CDH1, CDH2, VIM, FN1, ACTA2, SNAI1, SNAI2, TWIST1, ZEB1, ZEB2,
    EPCAM, MUC1, COL1A1, DCN, LUM, PECAM1, VWF, CD4, CD8A, CD3E, MALAT1, NEAT1, XIST, TSIX, SOD1, SOD2, CAT, GPX1,
    TXN, HMOX1, FTH1, FTL, TF, TFRC, HBB, HBA1, HBA2, SNCA, MAPT, APP, PSEN1, GFAP, MBP, PLP1, SYP, SNAP25, RBFOX3,
    DDX5, DNMT1, DNMT3A, TET2, EZH2, SUZ12, EED, KDM1A, HDAC1, EP300, CREBBP, BRD4, SMARCA4, ARID1A, CTCF, RAD21
    """
)

SUMMARY_ROWS = re.compile(
    r"__(no_feature|ambiguous|too_low_aqual|not_aligned|alignment_not_unique)"  # HTSeq
    r"|_?(no_feature|ambiguous|too_low_aqual|not_aligned|alignment_not_unique)"
    r"|N_(unmapped|multimapping|noFeature|ambiguous)"  # STAR
    r"|Unassigned_\w+|Assigned"  # featureCounts' summary
    r"|(grand |column |row )?(total|sum|totals|sums)( reads| counts)?|(total|library)[_ ](size|reads|counts?|umis?)"
    r"|unmapped|not[_ ]aligned|no[_ ]feature",
    re.IGNORECASE,
)


def plain(name: str) -> str:
    """Reduce a name to lower-case letters, digits and %, the form in which it is compared with the lists below."""
    return re.sub(r"[^a-z0-9%]+", "", name.casefold())


def plain_set(text: str) -> frozenset[str]:
    """Split a text at its commas into a set of names in the form of `plain`."""
    return frozenset(plain(name) for name in text.split(","))


# Columns that pipelines and archives put beside the samples; no laboratory gives a sample such a name.
ANNOTATION = plain_set(
    """
    entrez_gene_id, entrez, entrezid, entrez id, entrezgene, entrez gene, entrezgeneid, ncbi gene id, gene id,
    geneid, gene_id, hgnc id, ensembl gene id, ensembl, ensembl id, ensemblid, ensembl_gene_id, transcript id,
    transcript_id, gene_ids, probe id, probeid, id_ref, idref, unigene, refseq, accession, uniprot, locus,
    locus tag, cytoband, locus id, symbol, gene symbol, gene_symbol, hugo_symbol, gene name, gene_name, genename,
    gene names, gene title, gene_title, description, gene description, definition, biotype, gene_biotype, gene_type,
    feature_type, feature type, chr, chrom, chromosome, seqname, seqnames, start, end, stop, strand, length,
    gene length, genelength, effective length, effective_length, efflength, eff_length, width, txstart, txend,
    cdsstart, cdsend, tss, position, start position, end position, gene start (bp), gene end (bp), start_position,
    end_position, exon count, exoncount, n_exons, gc content, gc_content, % gc content, percentage_gene_gc_content,
    gene % gc content, transcript_length, bp, unnamed: 0, unnamed: 1, level_0, row.names, rownames, row_number,
    index, baseMean, base mean, baseMeanA, baseMeanB, log2FoldChange, log2 fold change, foldchange, fold change,
    log2fc, logfc, log fc, lfcSE, pvalue, p-value, p value, pval, padj, p.adj, adj.p.val, adj p val, adj.p.value,
    p.value.adj, f.p.value,
    adjusted p value, adjusted p-value, p.val, p_val, p_val_adj, avg_log2fc, avg_logfc, pct.1, pct.2, aveexpr,
    ave expr, fdr, fdr q value, qvalue, q-value, q value, qval, q.value, logcpm, dispersion, zscore, z-score,
    test statistic, wald statistic, neg|score, neg|p-value, neg|fdr, neg|rank, pos|score, pos|p-value, pos|fdr,
    pos|rank, neg|lfc, pos|lfc, neg|goodsgrna, pos|goodsgrna, unstranded, stranded_first,
    stranded_second, tpm_unstranded, fpkm_unstranded, fpkm_uq_unstranded, expected_count, numreads, est_counts,
    tpm, fpkm, rpkm,
    peptides, razor + unique peptides, unique peptides, sequence coverage [%], unique sequence coverage [%],
    unique + razor sequence coverage [%], mol. weight [kda], sequence length, ms/ms count, peptide counts (all),
    number of proteins, peptide counts (unique), peptide counts (razor+unique), sequence lengths,
    identification type, mean expression, row mean, row sum, std dev, standard deviation, coefficient of variation,
    mzmed, mzmin, mzmax, rtmed, rtmin, rtmax, npeaks, average mz, average rt(min), retention time, rt (min), rt (sec),
    retention time (min), row retention time, row m/z, row number of detected peaks, neutral mass (da),
    chromatographic peak width (min), maximum abundance, minimum cv%, alignment id, mean_obs, var_obs, tech_var
    """
)
# Columns that may be annotation or samples; such a name on its own is no reason to refuse a matrix.
PERHAPS_ANNOTATION = plain_set(
    """
    id, gene, name, names, x, no, no., nr, nr., number, num, rank, count, counts, total, sum, mean, average, avg,
    median, max, min, sd, sdev, std, stdev, var, variance, cv, score, intensity, stat, statistic, lr, f, t, b,
    group, class, cluster, module, order, weight, pos, size, level_1, v1, time, sgrna, n, reads, abundance,
    coverage, expression, pvalues, lfc, detected, present, gc, gc%, sem, se, mad, iqr, range, spread, skewness, entropy,
    coef
    """
)
# Attributes of samples that are found in a matrix beside the genes, or above them.
ATTRIBUTES = plain_set(
    """
    age, sex, gender, batch, bmi, race, ethnicity, stage, grade, survival, os, os_time, os.time, os_status,
    os_months, os.months, dfs_months, dfs_status, pfs, pfs_months, os_days, vital_status, days_to_death,
    days_to_last_follow_up, overall survival, age_at_diagnosis, age at diagnosis, smoking, tumor_stage,
    tumour_stage, tumor stage, tumour stage, treatment, condition, dose, timepoint, time point, time, group, class,
    label, status, event, response, outcome, diagnosis, disease, tissue, cell_type, cell type, celltype, cluster,
    patient, patient_id, patient id, sample_id, sample id, sampleid, subject, subject_id, donor, donor_id, sample,
    replicate, plate, lane, rin, purity, tumor purity, tumor_purity, height, body weight, case_id, individual,
    n_genes, n_counts, total_counts, n_genes_by_counts, pct_counts_mt, percent_mito, percent.mt, percent_mt,
    ncount_rna, nfeature_rna, n_umi, numi, ngene, doublet_score, doublet_scores, size_factor, size_factors,
    sizefactor, library_size, libsize, lib.size, norm.factors, s_score, g2m_score, s.score, g2m.score, leiden,
    louvain, seurat_clusters, pseudotime, dpt_pseudotime, umap_1, umap_2, umap1, umap2, tsne_1, tsne_2, tsne1,
    tsne2, pc_1, pc_2, pc1, pc2, index, unnamed: 0, unnamed: 1, level_0, modelid, sequencingid,
    isdefaultentryformodel, isdefaultentryformc, profileid, depmap_id, modelconditionid
    """
)
DETECTION = re.compile(
    r"detection[ ._-]*(p[ ._-]?val(ue)?s?|score)?$|detection[ ._-]*p|\bp[ ._-]?detect|detect(ed|ion)?[._ -]call"
    r"|abs_call"
    r"|(^|[ ._-])(flags?|calls?)$|\b(beadstderr|avg_nbeads|bead[ ._-]?st(d)?[ ._-]?err|nbeads|narrays|array_stderr)\b"
    r"|(^|[ ._-])(p[ ._-]?val(ue)?|pvalue|std[ ._-]?err|stderr)$",
    re.IGNORECASE,
)
"""Columns beside each sample: detection p-values, calls, numbers of beads."""
UNNAMED = re.compile(r"\.\.\.\d+|Unnamed: \d+")
"""Names that R's and Python's readers give to columns without one."""


def is_sample_id(name: str) -> bool:
    """Tell whether a name is a sample or cell id of an archive, a consortium or a sequencer."""
    return bool(SAMPLE_IDS.fullmatch(name))


def is_serial_sample(name: str) -> bool:
    """Tell whether a name is a word for a sample and a number, as S01, cell_7 or patient 12."""
    return bool(SERIAL_SAMPLES.fullmatch(name))


def is_apart(name: str, names: Sequence[str]) -> bool:
    """Tell whether nearly all names share a beginning or a stem, and this one does not.

    Examples
    --------
    >>> is_apart("Score", ["Score", "S1", "S2", "S3", "S4"]), is_apart("x", ["x", "raf", "mek"])
    (True, False)
    """
    others = [other for other in names if other != name]
    stems = Counter(re.sub(r"[\d.]+$", "", other) for other in others)
    commonest, times = stems.most_common(1)[0] if stems else ("", 0)
    return commonest != "" and times > 0.8 * len(others) and re.sub(r"[\d.]+$", "", name) != commonest


def is_word_for_sample(name: str) -> bool:
    """Tell whether a name is a word for a sample, and for no gene, and a number, as S01 and patient 12."""
    return bool(WORDS_FOR_SAMPLES.fullmatch(name))


def share_one_stem(names: Sequence[str]) -> bool:
    """Tell whether most names are one word and a number, as c1, c2, c3.

    Examples
    --------
    >>> share_one_stem(["c1", "c2", "c10"]), share_one_stem(["raf", "mek", "p38"])
    (True, False)
    """
    stems = Counter(re.sub(r"\d+$", "", name) for name in names)
    commonest, times = stems.most_common(1)[0] if stems else ("", 0)
    return commonest != "" and times > len(names) / 2


def is_gene_id(name: str) -> bool:
    """Tell whether a name is a gene, transcript or probe id of a database or an array."""
    return bool(GENE_IDS.fullmatch(name))


def gene_ids_among(names: Sequence[str]) -> list[str]:
    """Find the ids of genes, transcripts, probes and proteins.

    Examples
    --------
    >>> gene_ids_among(["P04637", "Q9Y6K9", "x"]), gene_ids_among(["P00001", "P00002"])
    (['P04637', 'Q9Y6K9'], [])
    """
    proteins = {name for name in names if PROTEIN_IDS.fullmatch(name)}
    if sum(not name[1:].replace("-", "").isdecimal() for name in proteins) < SHARE_OF_LETTERS * len(names):
        proteins = set()
    return [name for name in names if name in proteins or is_gene_id(name)]


def is_known_gene(name: str) -> bool:
    """Tell whether a name is a widely known gene symbol, in capitals (human) or capitalised (mouse).

    Examples
    --------
    >>> [is_known_gene(name) for name in ("TP53", "Rpl13a", "TP53 (7157)", "S01")]
    [True, True, True, False]
    """
    symbol = re.split(r"[ |;(]", name, maxsplit=1)[0]
    if symbol[1:] != symbol[1:].upper() and symbol != symbol.capitalize() and "-" not in symbol:
        return False
    upper = symbol.upper()
    return upper in _WELL_KNOWN or bool(_FAMILIES.fullmatch(upper))


def is_gene_name(name: str) -> bool:
    """Tell whether a name is an id or a widely known symbol of a gene."""
    return is_gene_id(name) or is_known_gene(name)


def count_fitting(names: Iterable[str], *tests: Callable[[str], bool]) -> int:
    """Count the names that pass any of the tests."""
    return sum(1 for name in names if any(test(name) for test in tests))


def is_annotation(name: str) -> bool:
    """Tell whether pipelines or archives give this name to a column of annotation beside the samples."""
    return plain(name) in ANNOTATION or bool(DETECTION.search(re.sub(r"\.\d+$", "", name)) or UNNAMED.fullmatch(name))


NAMES_OF_ROWS = re.compile(
    r"#?(gene|probe|sample|cell|feature|transcript|protein|patient|barcode|ensembl|entrez|hugo|target|orf|locus|spot|run)?s?"
    r"[ ._-]?(id|name|symbol|ids|names|symbols|key|accession|tag)?s?",
    re.IGNORECASE,
)
"""Names of the first column of a table, which names its rows: gene, Gene ID, sample, id, symbol."""


def names_rows(name: str) -> bool:
    """Tell whether a name is that of the column which names the rows of a table.

    Examples
    --------
    >>> [names_rows(name) for name in ("gene", "Gene_ID", "ID", "sample", "Symbol", "S1", "", "cell 1")]
    [True, True, True, True, True, False, False, False]
    """
    return bool(name.strip() and NAMES_OF_ROWS.fullmatch(name.strip()))


def is_perhaps_annotation(name: str) -> bool:
    """Tell whether a column of this name may be annotation, but may be a sample as well."""
    return plain(name) in PERHAPS_ANNOTATION


def is_attribute(name: str) -> bool:
    """Tell whether a name is that of an attribute of samples, and of no gene."""
    return (name.upper() != name and plain(name) in ATTRIBUTES) or plain(name) in _UNMISTAKABLE


_UNMISTAKABLE = plain_set(
    """
    AGE, SEX, GENDER, BATCH, BMI, RACE, ETHNICITY, RIN, STAGE, GRADE, STATUS, EVENT, TISSUE, DISEASE, DIAGNOSIS,
    TREATMENT, RESPONSE, OUTCOME, PURITY, PLATE, PATIENT, DONOR, SUBJECT, REPLICATE, TIMEPOINT, TIME_TO_EVENT,
    SMOKING, SURVIVAL, OS_TIME, OS.TIME, OS_STATUS, OS_MONTHS, DFS_MONTHS, DFS_STATUS,
    VITAL_STATUS, PATIENT_ID, SAMPLE_ID, AGE_AT_DIAGNOSIS, TUMOR_STAGE, CELL_TYPE
    """
)


def is_summary_row(name: str) -> bool:
    """Tell whether a row of this name holds reads that belong to no gene, or totals.

    Examples
    --------
    >>> is_summary_row("__no_feature"), is_summary_row("N_unmapped"), is_summary_row("ACTB")
    (True, True, False)
    """
    return bool(SUMMARY_ROWS.fullmatch(name.strip()))


SUMMARIES = re.compile(r"(row|column|col|grand|overall)?[ ._-]?(mean|median|average|avg|st[ ._]?dev)s?", re.IGNORECASE)
"""Statistics over all samples or genes, as which no gene and no sample is named."""
PERHAPS_SUMMARIES = re.compile(r"min|max|sd|s\.d\.|std|sem|var|variance|cv|overall|minimum|maximum", re.IGNORECASE)
"""Those that may be a gene (MAX, sd of the fly) or a sample: they count if they stand next to one that may not."""
SUMMARIES_OF_GROUPS = re.compile(r".+[ ._-](mean|median|average|avg|st_?dev|sd|sem)", re.IGNORECASE)
"""Statistics over the samples of a group: Tumour_avg."""


def summaries_among(names: Sequence[str]) -> list[str]:
    """Find the columns (or rows) that summarise the others, such as Mean and StDev.

    Examples
    --------
    >>> summaries_among(["TP53", "Mean", "Max"]), summaries_among(["MAX", "MYC", "Mean"])
    (['Mean', 'Max'], ['Mean'])
    """
    found: list[str] = []
    for are_such, run in groupby(names, _may_be_summary):
        together = list(run) if are_such else []
        if any(SUMMARIES.fullmatch(name.strip()) for name in together):
            found += together
    return found


def _may_be_summary(name: str) -> bool:
    return bool(SUMMARIES.fullmatch(name.strip()) or PERHAPS_SUMMARIES.fullmatch(name.strip()))


def summaries_of_groups(names: Sequence[str]) -> list[str]:
    """Find the few columns that summarise groups of the others, such as Tumour_avg.

    Examples
    --------
    >>> summaries_of_groups(["A1", "A2", "B1", "B2", "B3", "A_avg"]), summaries_of_groups(["A_avg", "B_avg"])
    (['A_avg'], [])
    """
    found = [name for name in names if SUMMARIES_OF_GROUPS.fullmatch(name)]
    return found if len(found) <= len(names) / 4 else []


KNOWN_LOCI = re.compile(
    r"(b|PA|PP_|VC|STM|SA|SAUSA300_|SL1344_|MSMEG_)\d{4}|(BSU|BSU_|SAOUHSC_|USA300HOU_|STM14_)\d{4,5}"
)
"""Locus tags of much studied bacteria (E. coli, Pseudomonas, Bacillus, Staphylococcus, Salmonella, ...)."""
LOCI = re.compile(r"([A-Za-z][A-Za-z0-9]*(_[A-Za-z]{1,2})?_?)(\d{4,6})")
FEWEST_LOCI, SPAN_OF_LOCI = 20, 1.2


def loci_among(names: Sequence[str]) -> list[str]:
    """Find the locus tags of a genome: the same letters, then zero-padded numbers with gaps between them.

    Numbers without gaps may be those of samples as well.

    Examples
    --------
    >>> len(loci_among([f"b{3 * n:04}" for n in range(50)])), loci_among([f"b{n:04}" for n in range(50)])
    (50, [])
    """
    matches = [match for match in map(LOCI.fullmatch, names) if match]
    if len(matches) < max(FEWEST_LOCI, len(names) / 2):
        return []
    (letters, width), times = Counter((match[1], len(match[3])) for match in matches).most_common(1)[0]
    tags = [match for match in matches if (match[1], len(match[3])) == (letters, width)]
    numbers = {int(match[3]) for match in tags}
    gaps = max(numbers) - min(numbers) + 1 >= SPAN_OF_LOCI * len(numbers)
    return [match[0] for match in tags] if times > len(names) / 2 and len(numbers) == len(tags) and gaps else []


def is_known_locus(name: str) -> bool:
    """Tell whether a name is a locus tag of a much studied bacterium."""
    return bool(KNOWN_LOCI.fullmatch(name))


def is_running_number(names: Sequence[str]) -> bool:
    """Tell whether names count from 0 or 1 on, as the index that pandas and R write.

    Examples
    --------
    >>> is_running_number(["0", "1", "2"]), is_running_number(["7157", "7158"])
    (True, False)
    """
    if not names or names[0] not in ("0", "1"):
        return False
    start = int(names[0])
    return all(name == str(start + position) for position, name in enumerate(names))
