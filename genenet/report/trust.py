"""Numbers that tell whether a run can be trusted: pairs left by each step, p-values, kept and removed edges."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genenet.estimators.all_pairs import mutual_information_rows
from genenet.kernels.weights import LOG2_E
from genenet.products.sparse_weights import SparseWeights
from genenet.randomness import Shown, shown_generator
from genenet.report.evidence import bins_of
from genenet.report.run import Run
from genenet.statistics.pearson3 import pair_moments, pearson3_tail

if TYPE_CHECKING:
    from genenet.products.bins import Bins

N_ROWS, N_COLUMNS = 100, 200
"""Numbers of random genes whose pairs are shown, significant or not: 20,000 pairs."""


@dataclass(frozen=True)
class Trust:
    """Data of the panel that shows whether a run can be trusted."""

    run: Run

    @cached_property
    def funnel(self) -> list[tuple[str, int, int | None]]:
        """Number of pairs that each step leaves: its label, the number, and that of the permuted copy of the matrix."""
        found, pruned = self.run.summary["significance"], self.run.summary["prune"]
        control = found["certificate"]
        n_chosen = pruned["n_kept"] + pruned.get("stability", {}).get("n_unstable", 0)
        n_direct = n_chosen + pruned["n_cut_by_max_edges"]
        steps = [
            ("pairs tested", found["n_pairs"], found["n_pairs"]),
            ("significant", found["n_significant"], control["n_significant"]),
        ]
        if pruned["n_indirect"]:
            steps.append(("direct", n_direct, None))
        if pruned["n_cut_by_max_edges"]:
            steps.append(("kept by score", n_chosen, None))
        if "stability" in pruned:
            steps.append(("stable", pruned["n_kept"], pruned["stability"]["permuted"]["n_stable"]))
        return steps

    @cached_property
    def random_pvalues(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """P-values of random tested pairs, and of the same pairs with each gene's samples permuted.

        They are the tail probabilities of the pairs' null distribution, not yet calibrated by the draws. None for
        estimators other than plugin, or with a list of pairs.
        """
        if self.run.settings.information.estimator != "plugin" or self.run.notes.pairs is not None:
            return None
        rows, columns = self._random_genes()
        used = np.unique(np.concatenate([rows, columns]))
        bins, factors = bins_of(self.run, used)
        if factors is None:
            return None
        i, j = np.searchsorted(used, rows), np.searchsorted(used, columns)
        different = i[:, None] != j[None, :]
        if isinstance(bins.weights, SparseWeights) or bins.has_missing:
            key = int(shown_generator(self.run.settings.seed, Shown.TRUST_PERMUTATIONS).integers(2**63))
            rows_of = _rows_of_common if bins.has_missing else mutual_information_rows
            observed, chance = (_tails_of(rows_of(each, i)[:, j], i, j, factors) for each in (bins, bins.permuted(key)))
            return observed[different], chance[different]
        weights = bins.dense_weights.astype(np.float32)
        rng = shown_generator(self.run.settings.seed, Shown.TRUST_PERMUTATIONS)
        parts = [np.arange(bins.n_samples)] if bins.strata is None else bins.strata.parts()
        shuffled = np.empty_like(weights)
        for part in parts:
            permuted = rng.permuted(part[None].repeat(len(used), 0), axis=1)
            shuffled[:, :, part] = np.take_along_axis(weights, permuted[:, None, :], axis=2)
        observed, chance = (_tails(w, i, j, parts, bins.total, factors) for w in (weights, shuffled))
        return observed[different], chance[different]

    def _random_genes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        from genenet.products.expression import tested

        rng = shown_generator(self.run.settings.seed, Shown.TRUST_GENES)
        regulator, targets, _ = tested(self.run.expression)
        first = np.flatnonzero(regulator)
        second = np.arange(len(regulator)) if targets is None else np.flatnonzero(targets)
        return tuple(  # type: ignore[return-value]
            np.sort(rng.choice(genes, min(n, len(genes)), replace=False))
            for genes, n in ((first, N_ROWS), (second, N_COLUMNS))
        )

    @cached_property
    def mi(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """MI in bits of kept and of removed edges."""
        kept = self.run.edges["kept"].to_numpy(bool)
        mi = self._of_all("mi")
        return mi[: len(kept)][kept], np.concatenate([mi[: len(kept)][~kept], mi[len(kept) :]])

    @cached_property
    def degrees(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The different numbers of partners, and for each the number of genes that have at least so many."""
        degree = np.sort(self.run.degree[self.run.degree > 0])
        values, first = np.unique(degree, return_index=True)
        return values, len(degree) - first

    @cached_property
    def monotony(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """|Spearman| and MI in bits of all edges of the table."""
        return np.abs(self._of_all("spearman")), self._of_all("mi")

    def _of_all(self, name: str) -> NDArray[np.float64]:
        """A column of the edges table, then of the removed edges that are not in it."""
        return np.concatenate([table[name].to_numpy(float) for table in (self.run.edges, self.run.more_removed)])


def _rows_of_common(bins: "Bins", rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """MI of rows of genes with all genes from the samples that both have, times their share of all samples, in bits."""
    from genenet.estimators.pair_estimators import pair_estimator

    mi = np.zeros((len(rows), bins.n_genes))
    pair_estimator(bins).rows(rows, np.zeros(bins.n_genes, bool), 0, mi)
    return mi * LOG2_E


def _tails(
    weights: NDArray[np.float32],
    i: NDArray[np.int64],
    j: NDArray[np.int64],
    parts: list[NDArray[np.int64]],
    total: int,
    factors: NDArray[np.float64],
) -> NDArray[np.float64]:
    """P-values by Pearson III of all pairs of genes `i` with genes `j`, shape (len(i), len(j)).

    `parts` has the positions of the samples of each stratum.
    """
    mi = np.zeros((len(i), len(j)))
    for part in parts:
        own = weights[:, :, part] / np.float32(total)
        mi += len(part) / weights.shape[2] * _information(own[i], own[j])
    return _tails_of(mi, i, j, factors)


def _tails_of(
    mi: NDArray[np.float64], i: NDArray[np.int64], j: NDArray[np.int64], factors: NDArray[np.float64]
) -> NDArray[np.float64]:
    """P-values by Pearson III of MI in bits, shape (len(i), len(j))."""
    mean, deviation, skewness = (
        moment.reshape(mi.shape) for moment in pair_moments(factors, np.repeat(i, len(j)), np.tile(j, len(i)))
    )
    return pearson3_tail((mi - mean) / deviation, skewness)


def _information(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float64]:
    """MI in bits of all pairs of two sets of genes, from their weights of shape (n_genes, n_bins, n_samples)."""
    n_samples = x.shape[2]
    joint = np.tensordot(x, y, axes=(2, 2)).astype(np.float64) / n_samples

    def entropy(p: NDArray[np.float64], axis: Any) -> NDArray[np.float64]:
        return -np.sum(p * np.log2(np.where(p > 0, p, 1.0)), axis=axis)

    margins = (entropy(w.mean(axis=2, dtype=np.float64), 1) for w in (x, y))
    h_x, h_y = margins
    return h_x[:, None] + h_y[None, :] - entropy(joint, (1, 3))
