"""Master regulators: regulators whose activity differs between two groups of samples, by permuted sample labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, prod
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from genenet.activity.scores import regulon_matrix, scaled_genes
from genenet.errors import ConfigError, InputError, count, logger_of, quote_some, suggest
from genenet.products.expression import complete_values
from genenet.products.origin import Origin, check_one_run
from genenet.products.sample_attributes import sample_attribute
from genenet.products.strata import read_strata
from genenet.randomness import Purpose, generator
from genenet.statistics.multiple_testing import adjust

logger = logger_of("genenet")

PERMUTATIONS_AT_ONCE = 1_000
N_LEADING = 10
"""Number of targets that are named for each regulator."""
ALPHA = 0.05
"""A comparison whose smallest possible p-value is larger than this is warned about."""
TIE = 1e-9
"""Statistics whose relative difference is smaller are equal, so that rounding does not change a p-value."""


@dataclass(frozen=True)
class Contrast:
    """Two groups of samples to compare.

    Attributes
    ----------
    column
        Sample attribute.
    level, reference
        Its values in the two groups; differences are level minus reference.
    """

    column: str
    level: str
    reference: str

    @classmethod
    def parse(cls, text: str) -> "Contrast":
        """Read a contrast from its text, COLUMN:LEVEL:REFERENCE.

        Raises
        ------
        ConfigError
            If it has not three parts, or both groups are the same.

        Examples
        --------
        >>> Contrast.parse("tissue:tumour:normal")
        Contrast(column='tissue', level='tumour', reference='normal')
        """
        parts = [part.strip() for part in text.split(":")]
        if len(parts) != 3 or not all(parts):
            raise ConfigError(f"a contrast must be COLUMN:LEVEL:REFERENCE, such as tissue:tumour:normal, got {text!r}")
        if parts[1] == parts[2]:
            raise ConfigError(f"the contrast {text} compares {parts[1]} with itself; name two levels of {parts[0]}")
        return cls(*parts)

    def samples(self, obs: pd.DataFrame) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Positions of the samples of both groups, and a mask of those in the first group (level).

        Raises
        ------
        InputError
            If there is no such attribute, or a group has fewer than two samples.
        """
        column = sample_attribute(obs, self.column, "add it with --table")
        texts = column.astype(str).to_numpy()
        levels = sorted(set(texts[column.notna().to_numpy()]))
        for level in (self.level, self.reference):
            n = int((texts == level).sum())
            if not n:
                known = f"{self.column} has {quote_some(levels, 10)}{suggest(level, levels)}"
                raise InputError(f"no sample has {self.column} {level}; {known}")
            if n < 2:
                raise InputError(f"only one sample has {self.column} {level}; a comparison needs two in each group")
        rows = np.flatnonzero((texts == self.level) | (texts == self.reference))
        return rows, texts[rows] == self.level


def master_regulators(
    activities: AnnData,
    expression: AnnData,
    regulons: pd.DataFrame,
    contrast: Contrast,
    *,
    strata: str | Sequence[str] | None = None,
    n_permutations: int = 10_000,
    seed: int = 0,
) -> pd.DataFrame:
    """Find master regulators: test each regulator's activity for a difference between two groups of samples.

    The statistic is the difference of the mean activities over its standard error with unequal variances (Welch), in a
    linear model with the strata as covariates. P-values come from permuting the labels of whole samples, within
    strata: targets of a regulon are co-expressed by construction, so p-values from shuffled genes are far too small
    (Wu & Smyth 2012, doi:10.1093/nar/gks461). The network may be inferred from the same samples, as it has not seen
    their labels.

    Parameters
    ----------
    activities
        Result of `activity` for the same matrix and regulons, shape (n_samples, n_regulators).
    expression
        The prepared matrix, shape (n_samples, n_genes).
    regulons
        Table with the columns source, target and weight.
    contrast
        The two groups.
    strata
        Sample attribute, or several, within whose levels labels are permuted; a level may have few samples, such as a
        donor's two.
    n_permutations
        Number of random permutations; if there are fewer ways to label the samples, each of them is used once.
    seed
        Seed of the permutations.

    Returns
    -------
    pandas.DataFrame
        A row for each regulator, the smallest p-value first: `regulator`, `n_targets`, `difference` (of the mean
        activity), `t`, `pvalue`, `qvalue` (Benjamini-Hochberg); `expression_difference`, `expression_t` and
        `expression_pvalue` of the regulator's own expression, missing if it is not in the matrix; `leading_targets`
        (those that contribute most).

    Raises
    ------
    InputError
        If an attribute is absent, a group has fewer than two samples, the strata leave nothing to permute, or the
        activities and the matrix are not of the same samples.
    """
    of_samples = {"the table of activities": activities, "the matrix": expression}
    check_one_run({name: Origin("samples", samples=data.obs_names) for name, data in of_samples.items()}, warn=False)
    rows, is_level = contrast.samples(expression.obs)
    blocks = _strata(expression.obs.iloc[rows], strata)
    labels = _labelings(is_level, blocks, n_permutations, seed)
    regulators = activities.var_names
    values = np.asarray(activities.X)[rows]
    own = expression.var_names.get_indexer(regulators)
    matrix = complete_values(expression)[:, rows]
    both = np.hstack([values, matrix[own].T])
    difference, t, pvalues = _permuted(both, labels, blocks)
    n = len(regulators)
    pvalue, own_pvalue = pvalues[:n], np.where(own >= 0, pvalues[n:], np.nan)
    table = pd.DataFrame(
        {
            "regulator": regulators.to_numpy(),
            "n_targets": activities.var["n_targets"].to_numpy(),
            "difference": difference[:n],
            "t": t[:n],
            "pvalue": pvalue,
            "qvalue": adjust(pvalue, n, "bh"),
            "expression_difference": np.where(own >= 0, difference[n:], np.nan),
            "expression_t": np.where(own >= 0, t[n:], np.nan),
            "expression_pvalue": own_pvalue,
            "leading_targets": _leading(matrix, expression.var_names, regulons, regulators, is_level, t[:n]),
        }
    )
    order = np.lexsort((np.arange(n), -np.abs(table["t"]), table["pvalue"]))
    return table.iloc[order].reset_index(drop=True)


def _strata(obs: pd.DataFrame, strata: str | Sequence[str] | None) -> NDArray[np.int64]:
    """Number of each sample's stratum, from 0."""
    if strata is None:
        return np.zeros(len(obs), np.int64)
    return read_strata(obs, strata, min_samples=1, most=None).codes


def _labelings(
    is_level: NDArray[np.bool_], blocks: NDArray[np.intp], n_permutations: int, seed: int
) -> NDArray[np.bool_]:
    """Ways to label the samples, shape (n_labelings, n_samples), the true one first: all if few, else random ones."""
    members = [np.flatnonzero(blocks == block) for block in range(blocks.max() + 1)]
    sizes = [(len(samples), int(is_level[samples].sum())) for samples in members]
    n_ways = prod(comb(size, chosen) for size, chosen in sizes)
    if n_ways == 1:
        raise InputError(
            "within the strata all samples are of one group, so that nothing can be permuted: strata and groups say"
            " the same, and no analysis can tell them apart"
        )
    both = sum(0 < chosen < size for size, chosen in sizes)
    if both < len(sizes):
        used = sum(size for size, chosen in sizes if 0 < chosen < size)
        logger.warning(
            "%s of %s have samples of both groups: the comparison is of their %s, the others do not count",
            f"{both:,}", count(len(sizes), "stratum", "strata"), count(used, "sample"),
        )  # fmt: skip
    # Swapping two groups of equal size changes only the sign of every difference.
    smallest = (2 if all(2 * chosen == size for size, chosen in sizes) else 1) / n_ways
    if smallest > ALPHA:
        logger.warning(
            "the samples can be labelled in %s only, so that no p-value can be below %.2g: take more samples, or read"
            " the table as a ranking",
            count(n_ways, "way"), smallest,
        )  # fmt: skip
    elif n_ways <= n_permutations:
        logger.info("the samples can be labelled in %s: no p-value can be below %.2g", count(n_ways, "way"), smallest)
    if n_ways <= n_permutations:
        return _all_labelings(is_level, members)
    rng = generator(seed, Purpose.CONTRAST)
    labels = np.empty((1 + n_permutations, len(is_level)), bool)
    labels[0] = is_level
    for row in labels[1:]:
        for samples in members:
            row[samples] = is_level[rng.permutation(samples)]
    return labels


def _all_labelings(is_level: NDArray[np.bool_], members: list[NDArray[np.intp]]) -> NDArray[np.bool_]:
    from itertools import combinations, product

    choices = [list(combinations(samples, int(is_level[samples].sum()))) for samples in members]
    found = []
    for chosen in product(*choices):
        row = np.zeros(len(is_level), bool)
        row[[sample for part in chosen for sample in part]] = True
        found.append(row)
    labels = np.array(found)
    true = np.flatnonzero((labels == is_level).all(axis=1))[0]
    return np.vstack([labels[true], np.delete(labels, true, axis=0)])


def _permuted(
    values: NDArray[np.float64], labels: NDArray[np.bool_], blocks: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Difference and t-value of the first labelling for each column of values, and p-values from all labellings."""
    centred = values - _block_means(values, blocks)
    difference, t = _differences(centred, labels[:1], blocks)
    exceeding = np.zeros(values.shape[1])
    limit = np.abs(t[0]) * (1 - TIE)
    for start in range(0, len(labels), PERMUTATIONS_AT_ONCE):
        _, permuted = _differences(centred, labels[start : start + PERMUTATIONS_AT_ONCE], blocks)
        exceeding += (np.abs(permuted) >= limit).sum(axis=0)
    return difference[0], t[0], exceeding / len(labels)


def _block_means(values: NDArray[np.float64], blocks: NDArray[np.intp]) -> NDArray[np.float64]:
    """Mean of the stratum of each row, shape (n_rows, n_columns)."""
    sums = np.zeros((blocks.max() + 1, values.shape[1]))
    np.add.at(sums, blocks, values)
    means = sums / np.bincount(blocks)[:, None]
    return np.asarray(means[blocks])


def _differences(
    centred: NDArray[np.float64], labels: NDArray[np.bool_], blocks: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Difference between the groups and its t-value, shape (n_labelings, n_columns), in a linear model with strata.

    The standard error is White's, corrected by leverage (HC2; MacKinnon & White 1985): without strata it is that of
    Welch's test.
    """
    groups = labels.T.astype(np.float64)
    group = (groups - _block_means(groups, blocks)).T
    squares = (group**2).sum(axis=1)
    slope = group @ centred / squares[:, None]
    leverage = 1.0 / np.bincount(blocks)[blocks] + group**2 / squares[:, None]
    weight = group**2 / np.maximum(1.0 - leverage, 1e-12)
    # The weighted sum of squares of centred - slope * group is expanded, which needs no array of three dimensions.
    residual = weight @ centred**2 - 2.0 * slope * ((weight * group) @ centred)
    residual += slope**2 * (weight * group**2).sum(axis=1)[:, None]
    error = np.sqrt(np.maximum(residual, 0.0)) / squares[:, None]
    t = np.divide(slope, error, out=np.zeros_like(slope), where=error > 0)
    return slope, t


def _leading(
    matrix: NDArray[np.float64],
    genes: pd.Index,
    regulons: pd.DataFrame,
    regulators: pd.Index,
    is_level: NDArray[np.bool_],
    t: NDArray[np.float64],
) -> list[str]:
    """Names of the targets that contribute most to each regulator's difference, in descending order."""
    scaled = scaled_genes(matrix)
    change = scaled[:, is_level].mean(axis=1) - scaled[:, ~is_level].mean(axis=1)
    weights, found = regulon_matrix(regulons[regulons["source"].isin(regulators)], genes, 1)
    names: dict[Any, str] = {}
    for column, regulator in enumerate(found):
        part = slice(weights.indptr[column], weights.indptr[column + 1])
        targets = weights.indices[part]
        share = np.sign(t[regulators.get_loc(regulator)]) * weights.data[part] * change[targets]
        best = targets[np.lexsort((targets, -share))][:N_LEADING]
        names[regulator] = ", ".join(str(genes[gene]) for gene in best if share[targets == gene][0] > 0)
    return [names[regulator] for regulator in regulators]
