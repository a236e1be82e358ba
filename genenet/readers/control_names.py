"""Names of controls beside genes (spike-ins, decoys, non-targeting guides) and beside samples (pools, blanks)."""

import re
from collections.abc import Sequence
from typing import NamedTuple


class Family(NamedTuple):
    """Controls of one kind of assay."""

    why: str  # for messages
    form: re.Pattern[str]
    patterns: tuple[str, ...]  # as the settings take them
    least: int = 1  # so many different names tell that they are controls


def _family(why: str, form: str, *patterns: str, least: int = 1) -> Family:
    return Family(why, re.compile(form, re.IGNORECASE), patterns, least)


FAMILIES = (
    _family("a spike-in", r"ERCC-\d{5}.*", "ERCC-*"),
    _family("a spike-in", r"SIRV(set)?\d+.*|R[12]_\d+_\d+", "SIRV*", "R1_*", "R2_*"),
    _family(
        "a spike-in",
        r"(cel-miR-(39|54|238)|ath-miR-159a|UniSp\d)\b.*",
        *("cel-miR-*", "ath-miR-*", "UniSp*"),
    ),
    _family("a control of NanoString", r"(POS|NEG)_[A-H](\([\d.]+\))?", "POS_*", "NEG_*", least=2),
    _family(
        "a probe for nothing",
        r"(NegControl(Probe|Codeword)?|BLANK|antisense|UnassignedCodeword|DeprecatedCodeword|Intergenic_Region)_\w+"
        r"|Blank-\d+|Neg(ative)?Control\d*|NegPrb\w*|SystemControl\d*|Negative\d+",
        *("NegControl*", "Blank-*", "BLANK_*", "antisense_*", "UnassignedCodeword_*", "DeprecatedCodeword_*"),
        *("Intergenic_Region_*", "NegPrb*", "SystemControl*", "Negative*"),
    ),
    _family(
        "a control of an array",
        r"(GE_)?BrightCorner|DarkCorner|\([+-]\)\w+|ETG\d+_\d+|DCP_\d+_\d+|3xSLv1|CY3_HYB"
        r"|(LOW|HIGH)_STRINGENCY_HYB",
        *("(+)*", "(-)*", "ETG*", "DCP_*"),
    ),
    _family(
        "a contaminant or decoy",
        r"(CON|REV)__.*|rev_.*\|.*|XXX_.*|DECOY_.*|contam_.*|cRAP\w*[-_|].*",
        *("CON__*", "REV__*", "XXX_*", "DECOY_*", "contam_*", "cRAP*"),
    ),
    _family("a peptide of retention times", r"(Biognosys[|_])?iRT([-_ ].*)?", "*iRT*"),
    _family(
        "a control of Olink",
        r"(incubation|extension|detection|amplification)[ _]control.*|(Inc|Ext|Det|Amp)[ _]?Ctrl ?\d*",
        *("*control*", "*Ctrl*"),
    ),
    _family("a control of SomaScan", r"(HCE\d+|NoneX|Spuriomer|HybControlElution).*", "HCE*", "NoneX*", "Spuriomer*"),
    _family(
        "a non-targeting guide",
        r"non[-_ ]?target(ing)?([-_ ]?(control|ctrl|guide|s?gRNA))?([-_ ]?\w*\d+)?|(NO|ONE)[-_]?(\w+_)?SITE\w*"
        r"|NO-TARGET\w*",
        *("*[Nn]on*arget*", "NO_SITE*", "ONE_*SITE*", "NO-TARGET*"),
    ),
    _family("a control of a qPCR array", r"([HMR]?GDC|RTC|PPC|NTC|NRT)([-_. ]?\d+)?", "RTC*", "PPC*", least=2),
    _family("an internal standard", r"ISTD[-_ ]\w.*|.*[-_ (]internal standard\b.*|.*_ISTD", "ISTD*", "*_ISTD"),
)
ARRAY_CONTROLS = re.compile(r"AFFX[-_].*")
"""Probes of Affymetrix' arrays for spike-ins and for housekeeping genes; all its arrays have some dozens of them."""
_OF_WHAT = r"((pooled?|plate|batch|lab|inter[-_ ]?plate|process|sample|negative|positive|no[-_ ]template)[-_ ]?)"
QUALITY = re.compile(
    rf"{_OF_WHAT}?(QCs?|blanks?|NTC|H2O|water)([-_. ]\w{{0,8}}\d+\w?|\d+)?"
    rf"|{_OF_WHAT}(control|ctrl)s?([-_. ]?\d+)?|(pooled|QC)[-_ ]?samples?([-_. ]?\d+)?|IPC([-_. ]?\d+)?"
    r"|(bridge|pool)([-_. ]?\d+)?"
    r"|LOD|LLOQ|ULOQ|Missing[ _]?(Data )?Freq(uency|\.)?|QC Deviation.*"
    r"|(commercial|nist|reference|ref)[-_ ]?(plasma|serum|pool|material|rna)([-_. ]?\d+)?",
    re.IGNORECASE,
)
"""Samples that are pools, blanks or controls of a plate."""
MOST_QUALITY = 0.4
"""Largest share of the samples that are taken for such."""


def controls_among(names: Sequence[str]) -> dict[str, Family]:
    """Find the controls among the names of genes.

    Examples
    --------
    >>> found = controls_among(["ERCC-00002", "ERCC1", "POS_A(128)", "NEG_B(0)", "CON__P00761", "MT-CO1", "RTC"])
    >>> {name: family.why for name, family in found.items()}["CON__P00761"], len(found)
    ('a contaminant or decoy', 4)
    """
    found: dict[str, Family] = {}
    for family in FAMILIES:
        fitting = [name for name in dict.fromkeys(names) if family.form.fullmatch(name)]
        if family.least <= len(fitting) < len(names) / 2:
            found |= dict.fromkeys(fitting, family)
    return found


def quality_controls_among(names: Sequence[str]) -> set[str]:
    """Find pools, blanks and controls among the names of samples.

    Examples
    --------
    >>> sorted(quality_controls_among(["QC_1", "Blank", "S1", "S2", "S3", "S4"]))
    ['Blank', 'QC_1']
    >>> quality_controls_among(["QC1", "QC2"])
    set()
    """
    found = {name for name in names if QUALITY.fullmatch(name)}
    return found if len(found) <= MOST_QUALITY * len(names) else set()
