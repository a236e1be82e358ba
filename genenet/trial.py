"""A trial on some genes of a matrix: what share of its pairs is significant, and how fast this machine is."""

import logging
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from genenet.config import Permutation, Settings
from genenet.plan import Problem, costs, with_settings

if TYPE_CHECKING:
    from anndata import AnnData

MOST_GENES = 1_000
N_DRAWS = 100_000
# What is timed must take this long (seconds) to say something about the machine, and says no more than this.
SHORTEST, MOST_DIFFERENT = 0.02, 5.0


@dataclass(frozen=True)
class Trial:
    """What a trial found.

    Attributes
    ----------
    share
        Share of the pairs that is significant.
    n_bins
        Number of bins of a gene.
    speed
        How fast this machine is, compared with the one that the cost model is of.
    """

    share: float
    n_bins: int
    speed: float


def trial(expression: "AnnData", settings: Settings, *, threads: int) -> Trial:
    """Infer on up to a thousand genes, chosen at random, and time the pass over their pairs.

    Regulators are not told apart: pairs of any two genes stand for theirs.
    """
    from genenet.discretise import discretise
    from genenet.information import information
    from genenet.permutation import permutation_null
    from genenet.significance import significance

    random = np.random.default_rng(settings.seed)
    chosen = np.sort(random.permutation(expression.n_vars)[:MOST_GENES])
    sample = expression[:, chosen].copy()
    sample.uns["genenet"] = {**sample.uns.get("genenet", {}), "directed": False}
    logger = logging.getLogger("genenet")
    before = logger.level
    logger.setLevel(logging.ERROR)  # what is odd about a few draws is no news
    try:
        bins = discretise(sample, settings.discretise)
        null = permutation_null(bins, Permutation(n_draws=N_DRAWS), seed=settings.seed)
        blocks, seconds = [], []
        for _ in range(3):  # the first one loads compiled code
            start = time.perf_counter()
            blocks = [information(bins, null, alpha=settings.significance.alpha, seed=settings.seed)]
            seconds.append(time.perf_counter() - start)
        share = significance(blocks, bins, null, settings.significance).statistics["share_significant"]
    finally:
        logger.setLevel(before)
    problem = with_settings(Problem(bins.n_genes, bins.n_samples, share=share), settings, bins.n_bins)
    return Trial(share, bins.n_bins, _speed(problem, min(seconds), threads))


def _speed(problem: Problem, seconds: float, threads: int) -> float:
    """Compare what the model says of the pass with what it took; starting a process was not timed."""
    empty = replace(problem, n_genes=2)
    modelled = [costs(each, threads=threads)["information"].seconds for each in (problem, empty)]
    if modelled[0] - modelled[1] < SHORTEST:
        return 1.0
    return min(max((modelled[0] - modelled[1]) / seconds, 1 / MOST_DIFFERENT), MOST_DIFFERENT)
