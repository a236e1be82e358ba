"""Run the steps on each half of the samples, to find the edges that each half alone would give."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import HALF_DRAWS, Permutation, Prune, Settings, default_draws
from genenet.products.bins import Bins
from genenet.products.edges import Edges
from genenet.products.origin import CHOSEN, Origin
from genenet.products.pairs import Pairs
from genenet.products.stability import UNKNOWN, Stability, pair_codes
from genenet.products.strata import Strata
from genenet.randomness import Purpose, stream_key
from genenet.stability.halves import Samples, split_samples
from genenet.stability.significant import significant_pairs
from genenet.statistics.multiple_testing import Adjustment
from genenet.statistics.null import Null, samples_needed
from genenet.steps.information import information
from genenet.steps.permutation import null_factors, permutation_null
from genenet.steps.prune import selected
from genenet.steps.significance import single_cutoff

if TYPE_CHECKING:
    from anndata import AnnData


def stability(
    bins: Bins,
    expression: "AnnData",
    settings: Settings,
    prune: Prune,
    *,
    edges: Origin = UNKNOWN,
    progress: Callable[[int], None] | None = None,
) -> Stability:
    """Select edges on random halves of the samples, by the same settings, and count how often each pair is selected.

    The samples are split `settings.stability.stability` times into two halves (complementary pairs: Shah & Samworth
    2013, doi:10.1111/j.1467-9868.2011.01034.x). On each half the null is drawn, p-values are corrected, indirect edges
    are removed and the number of edges is limited as on all samples. Bins are those of all samples. The same is done
    with the matrix in which each gene's samples are permuted, until none of its pairs can be selected on more than half
    of the halves any more: then none can be stable, whatever the threshold.

    Parameters
    ----------
    bins, expression
        Discretised expression of all samples, and what it comes from.
    settings
        All settings of the run.
    prune
        Settings of pruning, with what `auto` decides on all samples (see `genenet.steps.prune.resolved`).
    edges
        Of which run the significant edges on all samples are.
    progress
        Called with the number of pairs done since the last call, of `work(bins, settings)`.

    Raises
    ------
    InputError
        If the samples cannot be split (see `genenet.stability.halves.split_samples`).

    Examples
    --------
    >>> import genenet
    >>> truth = genenet.simulate_expression(n_genes=20, n_regulators=4, n_samples=80, seed=1)
    >>> expression = genenet.prepare(truth.expression)
    >>> bins = genenet.discretise(expression)
    >>> settings = genenet.config.settings_from_keywords(stability=2, n_draws=10_000)
    >>> found = stability(bins, expression, settings, genenet.config.Prune(score="mi", max_edges=100))
    >>> int(found.n_halves.max()), int(found.n_both.max()), found.statistics["permuted"]["n_selected"]
    (4, 2, 0.0)
    """
    splits = split_samples(expression, settings.stability, seed=settings.seed)
    permuted = bins.permuted(int(stream_key(settings.seed, Purpose.PERMUTED_CONTROL)))
    # A permuted matrix has no expression of its own: its edges are ranked by MI, whatever their sign.
    by_mi = prune.model_copy(update={"score": ("mi",), "sign": "together"})
    of_permuted = settings.model_copy(update={"prune": by_mi})
    pruned_by = settings_of(prune, settings.prune)
    settings = settings.model_copy(update={"prune": prune})
    found, noise = _Tally(bins.n_genes), _Tally(bins.n_genes)
    with _only_errors():
        for number, split in enumerate(splits):
            found.add(*(_codes(bins, expression, half, settings, progress) for half in split))
            if noise.largest + 2 * (splits.n_splits - number) > splits.n_splits:
                noise.add(*(_codes(permuted, expression, half, of_permuted, progress) for half in split))
            elif progress:
                progress(2 * bins.n_pairs)
        needed = _samples_needed(bins_of(bins, next(iter(splits))[0]), settings)
    smallest, largest = splits.sizes()
    statistics = {
        "n_pairs": bins.n_pairs,
        "n_selected": found.n_selected / (2 * splits.n_splits),
        "smallest_half": smallest,
        "largest_half": largest,
        "n_donors": splits.n_units if splits.by_donor else None,
        "in_common": found.in_common,
        "samples_needed": needed,
        "permuted": {
            "n_splits": noise.n_splits,
            "n_selected": noise.n_selected / (2 * noise.n_splits),
            "n_by_halves": np.bincount(noise.n_halves, minlength=2 * splits.n_splits + 1)[1:].tolist(),
        },
    }
    first, second = np.divmod(found.codes, bins.n_genes)
    return Stability(
        first.astype(np.int32), second.astype(np.int32), found.n_halves, found.n_both, bins.n_genes, splits.n_splits,
        statistics, edges, pruned_by,
    )  # fmt: skip


def settings_of(prune: Prune, given: Prune) -> dict[str, Any]:
    """The settings by which halves are pruned: all but those that only say what is written.

    Those that differ from the ones that the user has `given` were left open, and are named as `CHOSEN`.

    Examples
    --------
    >>> settings_of(Prune(score=("mi",), max_edges=60), Prune(score=("mi",)))["chosen"]
    ['max_edges']
    """
    found = prune.model_dump(mode="json", exclude={"max_pruned", "neighbour_distance"})
    return found | {CHOSEN: [name for name in found if getattr(prune, name) != getattr(given, name)]}


def work(bins: Bins, settings: Settings) -> int:
    """Upper bound of the number of pairs that `stability` computes."""
    return 4 * settings.stability.stability * bins.n_pairs


def _samples_needed(bins: Bins, settings: Settings) -> dict[str, int]:
    """About how many samples a single edge of 0.1 and of 0.2 bits needs to be significant, by the null of a half."""
    if bins.estimator != "plugin" or bins.has_missing:
        return {}
    null, cutoff = Null(null_factors(bins), np.zeros(1)), single_cutoff(bins.n_pairs, settings.significance)
    return {f"{mi:g}": samples_needed(mi, null, bins.n_samples, cutoff) for mi in (0.1, 0.2)}


class _Tally:
    """Counts how often each pair was selected, for pairs that were selected at least once."""

    def __init__(self, n_genes: int) -> None:
        self.n_genes = n_genes
        self.codes = np.empty(0, np.int64)
        self.n_halves = np.empty(0, np.uint16)
        self.n_both = np.empty(0, np.uint16)
        self.n_splits = 0
        self.n_selected = 0
        self._shares: list[float] = []

    def add(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> None:
        """Count the pairs that the two halves of a split select, which ascend."""
        codes, times = np.unique(np.concatenate([one, other]), return_counts=True)
        merged = np.union1d(self.codes, codes)
        for name, counts in (("n_halves", times), ("n_both", times == 2)):
            total = np.zeros(len(merged), np.uint16)
            total[np.searchsorted(merged, self.codes)] = getattr(self, name)
            total[np.searchsorted(merged, codes)] += counts.astype(np.uint16)
            setattr(self, name, total)
        self.codes = merged
        self.n_splits += 1
        self.n_selected += len(one) + len(other)
        if len(codes):
            self._shares.append(float((times == 2).mean()))

    @property
    def largest(self) -> int:
        """Largest number of halves on which any pair was selected."""
        return int(self.n_halves.max(initial=0))

    @property
    def in_common(self) -> float | None:
        """Mean share of the pairs of either half of a split that both select (Jaccard index)."""
        return float(np.mean(self._shares)) if self._shares else None


def _codes(
    bins: Bins,
    expression: "AnnData",
    samples: Samples,
    settings: Settings,
    progress: Callable[[int], None] | None,
) -> NDArray[np.int64]:
    """The pairs that are selected on these samples alone."""
    pairs = select_on(bins_of(bins, samples), expression[samples], settings, progress)
    return pair_codes(pairs.first, pairs.second, bins.n_genes)


def bins_of(bins: Bins, samples: Samples) -> Bins:
    """The same bins for some of the samples."""
    positions = None if bins.positions is None else np.ascontiguousarray(bins.positions[:, samples])
    strata = None if bins.strata is None else Strata(bins.strata.codes[samples], bins.strata.levels)
    return replace(
        bins,
        strata=strata,
        samples=bins.samples[samples],
        weights=np.ascontiguousarray(bins.dense_weights[:, :, samples]),
        positions=positions,
    )


def select_on(
    bins: Bins, expression: "AnnData", settings: Settings, progress: Callable[[int], None] | None = None
) -> Pairs:
    """Find the edges of a matrix by null, MI, significance and pruning, in gene order."""
    alpha, permutation = settings.significance.alpha, draws_of_half(settings.permutation, bins.n_pairs)
    null = permutation_null(bins, permutation, alpha=alpha, seed=settings.seed)
    null = null.of_present(bins.present if bins.has_missing else None)
    block = information(bins, null, alpha=alpha, control=False, look_up=False, progress=progress)
    found = significant_pairs(block, null, settings.significance)
    # No table is made of these edges, so that their adjusted p-values are not needed.
    nothing = Adjustment(null, np.zeros(null.n_classes, np.int64), block.n_pairs, settings.significance.correction)
    return selected(Edges(bins, null, found, nothing, block.sums, {}), expression, settings.prune, bins)


def draws_of_half(settings: Permutation, n_pairs: int) -> Permutation:
    """Number of draws of the null of a half: as the settings say, else HALF_DRAWS, or all without extrapolation."""
    n_draws = settings.n_draws or (HALF_DRAWS if settings.extrapolate else default_draws(n_pairs))
    return settings.model_copy(update={"n_draws": n_draws})


@contextmanager
def _only_errors() -> Iterator[None]:
    """Suppress warnings about single halves: all samples gave the same warnings, and there may be a hundred halves."""
    logger = logging.getLogger("genenet")

    def passes(record: logging.LogRecord) -> bool:
        return record.levelno >= logging.ERROR

    logger.addFilter(passes)
    try:
        yield
    finally:
        logger.removeFilter(passes)
