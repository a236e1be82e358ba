"""Global shift: a test of whether all relations differ together, and the genes whose relations differ most."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genenet.differential.groups import Labels
from genenet.errors import logger_of

if TYPE_CHECKING:
    from genenet.differential.passes import Scan

logger = logger_of("genenet")

LARGE_SHIFT = 0.1
"""A shift is global if the share of pairs that are strongest in a group differs by this much from the expected one."""
RARE = 0.05
"""Largest p-value of a global shift."""


@dataclass(frozen=True)
class Shift:
    """How far all relations together differ between the groups.

    Attributes
    ----------
    ratio
        Median over all pairs of the deviance over its expectation, divided by the same under permuted labels.
    ratio_pvalue
        Share of the permutations with as large a ratio.
    strength
        Mean over all pairs of the MI (bits) in each group beyond that of independent genes, by the group's name.
    strongest
        Share of the pairs for which that is largest in the group.
    strongest_expected
        That share under permuted labels.
    strongest_pvalue
        Share of the permutations in which these shares are as far from the expected ones.
    """

    ratio: float
    ratio_pvalue: float
    strength: dict[str, float]
    strongest: dict[str, float]
    strongest_expected: dict[str, float]
    strongest_pvalue: float

    @property
    def is_global(self) -> bool:
        """Whether relations as a whole are stronger in one group than in another."""
        off = max(abs(share - self.strongest_expected[name]) for name, share in self.strongest.items())
        return self.strongest_pvalue <= RARE and off >= LARGE_SHIFT

    def plain(self) -> dict[str, Any]:
        """Values for summary.json."""
        return asdict(self)


def shift_of(observed: "Scan", scans: "list[Scan]", labels: Labels, n_pairs: int) -> Shift:
    """Compare the scan of all pairs with those of the permutations; a global shift is warned about."""
    null_ratios = np.array([scan.median_ratio for scan in scans])
    shares = np.array([scan.strongest for scan in (observed, *scans)]) / n_pairs
    expected = shares[1:].mean(axis=0)
    off = np.abs(shares - expected).max(axis=1)
    names = [group.name for group in labels.groups]

    def by_name(values: NDArray[np.float64]) -> dict[str, float]:
        return dict(zip(names, values.tolist(), strict=True))

    found = Shift(
        ratio=observed.median_ratio / float(null_ratios.mean()),
        ratio_pvalue=float((1 + (null_ratios >= observed.median_ratio).sum()) / (1 + len(scans))),
        strength=by_name(observed.group_sums / n_pairs),
        strongest=by_name(shares[0]),
        strongest_expected=by_name(expected),
        strongest_pvalue=float((1 + (off[1:] >= off[0]).sum()) / (1 + len(scans))),
    )
    if found.is_global:
        _warn(found, labels)
    return found


def _warn(found: Shift, labels: Labels) -> None:
    more = {name: share - found.strongest_expected[name] for name, share in found.strongest.items()}
    strong = max(more, key=lambda name: abs(more[name]))
    logger.warning(
        "%s of all pairs are strongest in %s of %s, and %s are expected: a global shift is a difference in noise,"
        " depth, purity or how mixed the samples are, and not rewiring; explain it before single pairs are read as"
        " changed regulation",
        f"{found.strongest[strong]:.0%}", strong, labels.column, f"{found.strongest_expected[strong]:.0%}",
    )  # fmt: skip


def gene_scores(observed: "Scan", scans: "list[Scan]") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score how much the relations of each gene differ, in standard deviations, with p-values from the permutations.

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
