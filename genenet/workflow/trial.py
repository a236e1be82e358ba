"""A trial on some genes of a matrix, which tells the share of significant pairs and the speed of this machine."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from genenet.config.sections import Permutation, Settings
from genenet.workflow.plan import Problem, costs, with_settings

if TYPE_CHECKING:
    from anndata import AnnData

    from genenet.readers.bare import BareMatrix

MOST_GENES, N_DRAWS = 1_000, 100_000
# The same for estimators that may be slow.
FEW_GENES, FEW_DRAWS = 200, 2_000
# The share of significant pairs alone is told by fewer genes.
GENES_FOR_SHARE = 300
# A timing tells the speed of a machine if it lasts SHORTEST seconds; machines differ by at most MOST_DIFFERENT times.
SHORTEST, MOST_DIFFERENT = 0.04, 5.0


@dataclass(frozen=True)
class Trial:
    """The measurements of a trial.

    Attributes
    ----------
    share
        Share of the pairs that is significant.
    n_bins
        Number of bins of a gene; the default one for estimators without bins.
    speed
        Speed of this machine relative to the one on which the cost model was fitted.
    share_nonzero
        Share of the values that are not 0.
    pair_factor
        Time of a pair relative to the model, for an estimator that the model does not know or for missing values.
    n_strata
        Number of strata.
    """

    share: float
    n_bins: int
    speed: float
    share_nonzero: float
    pair_factor: float
    n_strata: int = 1


def trial(expression: "AnnData", settings: Settings, *, threads: int) -> Trial:
    """Infer on up to a thousand genes, chosen at random, and time the pass over their pairs.

    The list of regulators is ignored: pairs of any two chosen genes represent those with a regulator.
    """
    from genenet.steps.discretise import discretise
    from genenet.steps.information import information
    from genenet.steps.permutation import permutation_null
    from genenet.steps.significance import significance

    is_known = settings.information.estimator == "plugin" and settings.prepare.missing != "pairwise"
    sample = _some_genes(expression, settings, MOST_GENES if is_known else FEW_GENES)
    with _without_warnings():
        bins = discretise(sample, settings.discretise, settings.information)
        null = permutation_null(bins, Permutation(n_draws=N_DRAWS if is_known else FEW_DRAWS), seed=settings.seed)
        seconds: list[float] = []
        while len(seconds) < 3 and sum(seconds[1:]) < 1.0:  # the first one loads compiled code
            start = time.perf_counter()
            block = information(bins, null, alpha=settings.significance.alpha, seed=settings.seed)
            seconds.append(time.perf_counter() - start)
        share = significance([block], bins, null, settings.significance).statistics["share_significant"]
    share_nonzero = float(expression.var["detection_rate"].mean())
    n_strata = 1 if bins.strata is None else bins.strata.n
    problem = Problem(bins.n_genes, bins.n_samples, share=share, share_nonzero=share_nonzero, n_strata=n_strata)
    problem = with_settings(problem, settings, bins.n_bins or problem.n_bins)
    speed = _speed(problem, min(seconds), threads)
    if is_known:
        speed = min(max(speed, 1 / MOST_DIFFERENT), MOST_DIFFERENT)
        return Trial(share, problem.n_bins, speed, share_nonzero, 1.0, n_strata)
    return Trial(share, problem.n_bins, 1.0, share_nonzero, max(1 / speed, 1.0), n_strata)


def share_significant(expression: "AnnData | BareMatrix", settings: Settings) -> float:
    """Share of the pairs of some genes, chosen at random, that is significant; lists of genes are ignored.

    Examples
    --------
    >>> from genenet.steps.prepare import prepare
    >>> values = np.random.default_rng(0).normal(7, 1, (50, 30))
    >>> names = [f"G{n}" for n in range(30)]
    >>> shifted = np.where(np.arange(50)[:, None] < 25, values, values + 2)
    >>> import pandas as pd
    >>> [round(share_significant(prepare(pd.DataFrame(x.T, names)), Settings()), 2) for x in (values, shifted)]
    [0.0, 0.98]
    """
    from genenet.steps.discretise import discretise
    from genenet.steps.information import information
    from genenet.steps.permutation import permutation_null
    from genenet.steps.significance import significance

    sample = _some_genes(expression, settings, GENES_FOR_SHARE)
    with _without_warnings():
        bins = discretise(sample, settings.discretise, settings.information)
        null = permutation_null(bins, Permutation(n_draws=N_DRAWS), seed=settings.seed)
        block = information(bins, null, alpha=settings.significance.alpha, seed=settings.seed)
        found = significance([block], bins, null, settings.significance)
    return float(found.statistics["share_significant"])


def _some_genes(expression: Any, settings: Settings, most: int) -> Any:
    """The matrix of so many genes, chosen at random, any two of which make a pair."""
    random = np.random.default_rng(settings.seed)
    chosen = np.sort(random.permutation(expression.n_vars)[:most])
    sample = expression[:, chosen].copy()
    sample.uns["genenet"] = {**sample.uns.get("genenet", {}), "directed": False}
    return sample


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Silence warnings about few draws, which are expected."""
    logger = logging.getLogger("genenet")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _speed(problem: Problem, seconds: float, threads: int) -> float:
    """Ratio of the modelled to the measured time of the pass; the start of a process is in neither."""
    none = replace(problem, n_genes=2)
    modelled, start = (costs(each, threads=threads)["information"].seconds for each in (problem, none))
    return (modelled - start) / seconds if max(modelled - start, seconds) > SHORTEST else 1.0
