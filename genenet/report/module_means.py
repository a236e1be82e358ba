"""Mean expression of modules in groups of samples: for each level of a sample attribute."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.estimators.discrete import adjusted_mutual_information
from genenet.report.run import Run

MAX_LEVELS = 30
MAX_ATTRIBUTES = 3
MAX_MODULES = 20

SAME = 0.8
"""Two attributes with at least this adjusted mutual information divide the samples alike; one of them is shown."""

LEAST_KNOWN = 0.5
"""An attribute must be known of at least this share of the samples."""


@dataclass(frozen=True)
class ModuleMeans:
    """Means of the modules by the levels of one attribute.

    Attributes
    ----------
    attribute
        Name of the column of obs.
    levels
        Names of the levels, in order, with their numbers of samples.
    modules
        Numbers of the modules.
    means
        Standard deviations from the mean over all samples, shape (n_modules, n_levels).
    explained
        Share of the variance of each module's mean that the attribute explains.
    """

    attribute: str
    levels: list[tuple[str, int]]
    modules: list[int]
    means: NDArray[np.float64]
    explained: NDArray[np.float64]


def module_profiles(run: Run) -> tuple[list[int], NDArray[np.float64]]:
    """Mean z-score of each module's genes in each sample, scaled to a standard deviation of 1.

    A gene that correlates negatively with the module's largest hub is counted with the opposite sign.

    Returns
    -------
    Numbers of the largest modules, and their profiles, shape (n_modules, n_samples).
    """
    from genenet.products.expression import dense_values

    numbers = list(range(1, min(int(run.modules.max(initial=0)), MAX_MODULES) + 1))
    profiles = np.zeros((len(numbers), run.expression.n_obs))
    for row, number in enumerate(numbers):
        genes = np.flatnonzero(run.modules == number)
        values = dense_values(run.expression[:, genes])
        z = values - values.mean(axis=1, keepdims=True)
        z /= np.maximum(z.std(axis=1, keepdims=True), 1e-12)
        hub = z[np.argmax(run.degree[genes])]
        profile = (z * np.where(z @ hub < 0, -1.0, 1.0)[:, None]).mean(axis=0)
        profiles[row] = profile / max(float(profile.std()), 1e-12)
    return numbers, profiles


def module_means(run: Run) -> list[ModuleMeans]:
    """Means of the modules by the sample attributes that explain most of their variance, the best one first."""
    columns = [(str(name), _levels(column)) for name, column in run.expression.obs.items()]
    attributes = [(name, levels) for name, levels in columns if levels is not None]
    if not attributes:
        return []  # profiles of large modules take long
    numbers, profiles = module_profiles(run)
    if not numbers:
        return []
    found = [_means(name, levels, numbers, profiles) for name, levels in attributes]
    found.sort(key=lambda means: -float(means.explained.mean()))
    return _different(run, found)


def _different(run: Run, found: list[ModuleMeans]) -> list[ModuleMeans]:
    """Choose the first few attributes, each of which divides the samples differently from those before it."""
    chosen: list[ModuleMeans] = []
    columns: list[list[str]] = []
    for means in found:
        column = run.expression.obs[means.attribute].astype(object).map(str).tolist()
        if all(adjusted_mutual_information(column, other) < SAME for other in columns):
            chosen.append(means)
            columns.append(column)
        if len(chosen) == MAX_ATTRIBUTES:
            break
    return chosen


def _levels(column: "pd.Series[Any]") -> "Any":
    """The column as levels, if it is one that divides the samples into groups."""
    if pd.api.types.is_float_dtype(column.dtype):
        return None
    if column.notna().mean() < LEAST_KNOWN:
        return None
    known = column.astype("category").cat.remove_unused_categories()  # a query may have left out all samples of one
    texts = known.astype(object).map(str, na_action="ignore")
    levels = pd.Categorical(texts, categories=_in_order(known.cat.categories.map(str)))
    if not 2 <= len(levels.categories) <= MAX_LEVELS or 2 * len(levels.categories) > len(column):
        return None
    return levels


def _in_order(levels: pd.Index) -> list[str]:
    """The names of levels, sorted by their numbers if all of them are numbers, as those of clusters are.

    Examples
    --------
    >>> _in_order(pd.Index(["0", "10", "2"])), _in_order(pd.Index(["liver", "10", "2"]))
    (['0', '2', '10'], ['liver', '10', '2'])
    """
    names = list(dict.fromkeys(levels))
    numbers = pd.to_numeric(pd.Series(names), errors="coerce")
    return names if numbers.isna().any() else [names[place] for place in np.argsort(numbers, kind="stable")]


def _means(name: str, levels: Any, numbers: list[int], profiles: NDArray[np.float64]) -> ModuleMeans:
    codes, n = levels.codes.astype(np.int64), len(levels.categories)
    known = codes >= 0
    sizes = np.bincount(codes[known], minlength=n)
    sums = np.stack([np.bincount(codes[known], weights=profile[known], minlength=n) for profile in profiles])
    means = sums / sizes
    inside = profiles[:, known]
    between = (sizes * (means - inside.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    total = np.maximum(((inside - inside.mean(axis=1, keepdims=True)) ** 2).sum(axis=1), 1e-12)
    # Adjusted R squared, since an attribute with many levels explains much by chance.
    adjusted = 1 - (1 - between / total) * (known.sum() - 1) / max(known.sum() - n, 1)
    names = [(str(level), int(size)) for level, size in zip(levels.categories, sizes, strict=True)]
    return ModuleMeans(name, names, numbers, means, np.maximum(adjusted, 0.0))
