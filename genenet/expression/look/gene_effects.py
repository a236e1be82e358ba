"""Gene effects of CRISPR screens (DepMap): recognised, and told from expression where their preset is used."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genenet.config.presets import PRESETS
from genenet.config.sections import Prepare
from genenet.errors import quote_some
from genenet.readers.findings import Finding

CELL_LINE = re.compile(r"ACH-\d{6}|SIDM\d{5}")
COMPOUND = re.compile(r"BRD[:-][A-Z]\d{8}\b.*")
"""Compounds of drug screens, whose effects on cell lines look alike."""
SYMBOL_AND_ENTREZ = re.compile(r"[^()]+ \(\d+\)")
# Quantile of the values that tells how far a screen's depletion goes: essential genes are at -1.
LOW = 0.01
MOST_LOW = -0.6
# The median gene has no effect.
MEDIANS = (-0.5, 0.3)
# Logarithms of expression have fewer negative values than that, gene effects more.
FEW_NEGATIVE = 0.05


def gene_effects(
    sampled: NDArray[np.float64], lines: Sequence[str], genes: Sequence[str], orientation: str = ""
) -> Finding | None:
    """Recognise gene effects by the names of cell lines or genes and by values around 0 that go down to -1.

    Parameters
    ----------
    sampled
        Values of the matrix, all or some of them.
    lines, genes
        Names.
    orientation
        Orientation of the table, empty if there is no table: with the one that is not the preset's, and with names of
        genes that are not joined, the preset needs settings beside it.

    Examples
    --------
    >>> effects = np.random.default_rng(0).normal(-0.2, 0.5, 1000)
    >>> print(gene_effects(effects, ["ACH-000001", "ACH-000002"], ["TP53 (7157)"]))
    noted (gene_effects): values around 0 that go down to -1.4, of cell lines (ACH-000001, ACH-000002), are gene \
effects of CRISPR screens: preset: codependency has the settings for them
    """
    if not len(sampled):
        return None
    low, middle = np.quantile(sampled, [LOW, 0.5])
    named = _most(lines, CELL_LINE) or _most(genes, SYMBOL_AND_ENTREZ)
    if not named or _most(genes, COMPOUND) or low > MOST_LOW or not MEDIANS[0] <= middle <= MEDIANS[1]:
        return None
    return Finding(
        "noted",
        "gene_effects",
        f"values around 0 that go down to {low:.2g}, of cell lines ({quote_some(lines, 2)}), are gene effects of CRISPR"
        f" screens: preset: codependency has the settings for them{_beside(genes, orientation)}",
    )


def _beside(genes: Sequence[str], orientation: str) -> str:
    """Settings that the preset needs beside it for this table."""
    preset = PRESETS["codependency"]
    needed = []
    if orientation and orientation != preset["prepare.orientation"]:
        needed.append(f"prepare.orientation: {orientation}")
    if not any(preset["prepare.name_separator"] in name for name in genes):
        needed.append("prepare.name_separator: ''")
    return f", with {' and '.join(needed)} for this table" if needed else ""


def not_gene_effects(sampled: NDArray[np.float64], settings: Prepare) -> Finding | None:
    """Warn of whitening, which the preset for gene effects does, where the values are those of expression.

    Examples
    --------
    >>> print(not_gene_effects(np.arange(9.0), Prepare(whiten="samples")))
    warned (gene_effects): prepare.whiten: samples, as preset: codependency has it, is made for gene effects of CRISPR \
screens, which are around 0; here 0% of the values are negative, as in expression, and it takes out what many genes \
have in common: leave it out
    """
    if settings.whiten != "samples" or not len(sampled):
        return None
    negative = float(np.mean(sampled < 0))
    is_share = sampled.min() >= 0 and sampled.max() <= 1  # refused where the matrix is whitened
    if negative >= FEW_NEGATIVE or is_share:
        return None
    return Finding(
        "warned",
        "gene_effects",
        "prepare.whiten: samples, as preset: codependency has it, is made for gene effects of CRISPR screens, which are"
        f" around 0; here {negative:.0%} of the values are negative, as in expression, and it takes out what many genes"
        " have in common: leave it out",
    )


def _most(names: Sequence[str], form: re.Pattern[str]) -> bool:
    return sum(1 for name in names if form.fullmatch(name)) > len(names) / 2
