"""Whether all relations differ between the groups together, and which genes' relations differ most."""

import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genenet.differential.groups import Labels
from genenet.errors import quote_some

if TYPE_CHECKING:
    from genenet.differential.passes import Scan

logger = logging.getLogger("genenet")

LARGE_SHIFT = 1.25
"""The strength of the relations of two groups, or the median deviance over its expectation, is warned about above."""
RARE = 0.05


@dataclass(frozen=True)
class Shift:
    """How far the groups differ as a whole.

    Attributes
    ----------
    ratio
        Median over all pairs of the deviance over its expectation, divided by the same under permuted labels.
    ratio_pvalue
        Share of the permutations with as large a ratio.
    strength
        Mean over all pairs of the MI (bits) in each group beyond that of independent genes, by the group's name.
    strength_pvalue
        Share of the permutations in which the groups differ as much in strength.
    """

    ratio: float
    ratio_pvalue: float
    strength: dict[str, float]
    strength_pvalue: float

    @property
    def is_global(self) -> bool:
        """Whether the relations of some group are stronger as a whole."""
        low, high = min(self.strength.values()), max(self.strength.values())
        return self.strength_pvalue <= RARE and high > LARGE_SHIFT * max(low, 0.0)

    def plain(self) -> dict[str, Any]:
        """Values for summary.json."""
        return asdict(self)


def shift_of(observed: "Scan", scans: "list[Scan]", labels: Labels, n_pairs: int) -> Shift:
    """Compare the scan of all pairs with those of the permutations; a global shift is warned about."""
    null_ratios = np.array([scan.median_ratio for scan in scans])
    spread, null_spread = _spread(observed), np.array([_spread(scan) for scan in scans])
    names = [group.name for group in labels.groups]
    found = Shift(
        ratio=observed.median_ratio / float(null_ratios.mean()),
        ratio_pvalue=float((1 + (null_ratios >= observed.median_ratio).sum()) / (1 + len(scans))),
        strength=dict(zip(names, (observed.group_sums / n_pairs).tolist(), strict=True)),
        strength_pvalue=float((1 + (null_spread >= spread).sum()) / (1 + len(scans))),
    )
    if found.is_global:
        weak = min(found.strength, key=lambda name: found.strength[name])
        values = [f"{value:.3g} in {name}" for name, value in found.strength.items()]
        logger.warning(
            "all relations are weaker in %s of %s (mean MI beyond that of independent genes: %s bits): a global shift"
            " is noise, depth, purity or how mixed the samples are, and not rewiring; do not read single pairs as"
            " changed regulation before it is explained",
            weak, labels.column, quote_some(values, 10),
        )  # fmt: skip
    return found


def _spread(scan: "Scan") -> float:
    return float(scan.group_sums.max() - scan.group_sums.min())


def gene_scores(observed: "Scan", scans: "list[Scan]") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How much the relations of each gene differ, in standard deviations, and p-values by the permutations.

    A gene's sum of the standardised deviances of its pairs is compared with its mean and standard deviation under
    permuted labels. The sums of each permutation are compared with those of the others in the same way, and pooled over
    the genes: p = (1 + c) / (1 + number of genes * number of permutations).

    Returns
    -------
    Scores and p-values, shape (n_genes,).
    """
    permuted = np.array([scan.gene_sums for scan in scans])
    scores = (observed.gene_sums - permuted.mean(axis=0)) / _deviation(permuted)
    n = len(scans)
    null = np.empty_like(permuted)
    for number in range(n):
        others = permuted[np.arange(n) != number]
        null[number] = (permuted[number] - others.mean(axis=0)) / _deviation(others)
    ordered = np.sort(null.ravel())
    larger = len(ordered) - np.searchsorted(ordered, scores, side="left")
    return scores, (1.0 + larger) / (1.0 + len(ordered))


def _deviation(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(values.std(axis=0, ddof=1), 1e-12)
