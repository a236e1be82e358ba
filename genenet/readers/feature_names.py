"""Names of features other than symbols in capitals: common metabolites, and symbols of genes in small letters."""

import re
from collections.abc import Callable

from genenet.readers.known_names import is_known_gene, set_of

METABOLITES = set_of(
    """
    glucose, lactate, pyruvate, citrate, isocitrate, aconitate, succinate, fumarate, malate, oxaloacetate, acetate,
    formate, acetoacetate, 3-hydroxybutyrate, 2-hydroxybutyrate, alanine, arginine, asparagine, aspartate, cysteine,
    cystine, glutamate, glutamine, glycine, histidine, isoleucine, leucine, lysine, methionine, phenylalanine, proline,
    serine, threonine, tryptophan, tyrosine, valine, ornithine, citrulline, taurine, hypotaurine, creatine, creatinine,
    choline, betaine, carnitine, acetylcarnitine, propionylcarnitine, sarcosine, kynurenine, serotonin, dopamine,
    histamine, urea, uric acid, urate, hypoxanthine, xanthine, inosine, adenosine, guanosine, uridine, cytidine,
    thymidine, adenine, guanine, uracil, cytosine, thymine, glycerol, myo-inositol, inositol, sorbitol, mannitol,
    fructose, galactose, mannose, ribose, sucrose, maltose, trehalose, cholesterol, cortisol, spermidine, spermine,
    putrescine, glutathione, homocysteine, pantothenate, nicotinamide, niacinamide, riboflavin, biotin, ascorbate,
    hippurate, trimethylamine n-oxide, tmao, dimethylglycine, methylhistidine, palmitate, stearate, oleate, linoleate,
    arachidonate, palmitic acid, stearic acid, oleic acid, linoleic acid, arachidonic acid, lactic acid, citric acid,
    succinic acid, fumaric acid, malic acid, pyruvic acid, glutamic acid, aspartic acid
    """
)
"""Metabolites of central metabolism that most panels measure, in small letters."""

LOWER_SYMBOL = re.compile(r"[a-z][a-z0-9.-]{3,}")
"""Symbols of the zebrafish and of the frog; words have no digit."""


def is_metabolite(name: str) -> bool:
    """Tell whether a name is that of a common metabolite, with or without the form of its carbon.

    Examples
    --------
    >>> [is_metabolite(name) for name in ("Glucose", "L-Alanine", "Citric acid", "S1")]
    [True, True, True, False]
    """
    return re.sub(r"^(dl|[dl])-", "", name.strip().casefold()) in METABOLITES


def is_lower_symbol(name: str) -> bool:
    """Tell whether a name is a widely known symbol in small letters with a digit, perhaps of one of two copies.

    Examples
    --------
    >>> [is_lower_symbol(name) for name in ("tp53", "pax6a", "sox2", "met", "s100")]
    [True, True, True, False, False]
    """
    if not LOWER_SYMBOL.fullmatch(name) or not re.search(r"\d", name):
        return False
    return any(is_known_gene(symbol.upper()) for symbol in (name, re.sub(r"[ab]$", "", name), name.replace(".", "-")))


LIPIDS = re.compile(
    r"(L?P[CEGIS]|PA|CL|SM|(Hex\d?|Lac)?Cer|[TDM]A?G|CE|FA|CAR|FAHFA|G[MD]\d|SPB|ST|ChE)"
    r"[ _(-]?([OP]-|[dtm])?\d{1,2}:\d.*",
    re.IGNORECASE,
)
"""Lipids in the shorthand of LIPID MAPS: PC 34:1, TG(52:2), Cer d18:1/16:0."""
TAXA = re.compile(r"(ASV|z?OTU|denovo)[-_ ]?\d+|[dk]__\w+[;|].*|[0-9a-f]{32}|[ACGT]{100,}", re.IGNORECASE)
"""Units of amplicon sequencing (ASV12, OTU_7, hashes of QIIME 2, sequences of DADA2), and lineages of taxa."""


def is_lipid(name: str) -> bool:
    """Tell whether a name is that of a lipid in shorthand.

    Examples
    --------
    >>> [is_lipid(name) for name in ("PC 34:1", "TG(52:2)", "Cer d18:1/16:0", "PC1", "CE2")]
    [True, True, True, False, False]
    """
    return bool(LIPIDS.fullmatch(name.strip()))


def is_taxon(name: str) -> bool:
    """Tell whether a name is that of a taxon, or of a unit of amplicon sequencing.

    Examples
    --------
    >>> [is_taxon(name) for name in ("ASV12", "OTU_7", "k__Bacteria;p__Firmicutes", "S1")]
    [True, True, True, False]
    """
    return bool(TAXA.fullmatch(name.strip()))


PEAKS = re.compile(r"M\d+(\.\d+)?T\d+(\.\d+)?|\d{2,4}\.\d{2,}[@_/]+\d+\.\d+|[CK]\d{5}")
"""Peaks of mass and retention time (M180T65, 180.063@3.21), and compounds and orthologues of KEGG."""
_FEATURES = r"gene|probe|feature|transcript|protein|contig|locus|scaffold|cluster|module"


def is_numbered_word(name: str) -> bool:
    """Tell whether a name is a word, but not one for features, and a number.

    Examples
    --------
    >>> [is_numbered_word(name) for name in ("embryo1", "gene_1", "TP53", "b0001")]
    [True, False, False, False]
    """
    return bool(re.fullmatch(rf"(?!{_FEATURES})[a-z]{{4,}}[-_. ]?\d+", name.casefold()))


def is_numbered_feature(name: str) -> bool:
    """Tell whether a name is a word for genes and a number; a probe is a sample in German.

    Examples
    --------
    >>> [is_numbered_feature(name) for name in ("GENE_12", "Probe 3", "TP53", "sample_1")]
    [True, False, False, False]
    """
    return bool(re.fullmatch(r"(gene|transcript|protein)[-_. ]?\d+", name.casefold()))


FEATURES: dict[str, Callable[[str], bool]] = {
    "metabolites": is_metabolite,
    "lipids": is_lipid,
    "taxa": is_taxon,
    "compounds": lambda name: bool(PEAKS.fullmatch(name)),
    "features": is_numbered_feature,
}
"""Features without symbols, and how a name of each is recognised."""
