"""Whether an AnnData has the measurements of a prepared matrix, which may have been normalised in another way."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genenet.products.expression import Expression, Notes

if TYPE_CHECKING:
    from anndata import AnnData

MOST_GENES, MOST_SAMPLES = 100, 1_000
"""Genes and samples that are compared: evenly spaced ones of those that both have."""
FEWEST_GENES, FEWEST_SAMPLES = 3, 10
"""With fewer in common, nothing is said."""
UNRELATED = 0.3
"""Rank correlation in the median of the genes below which two matrices are not of the same measurements.

Counts and normalised values of the same genes have more than 0.7 in simulations, other samples under the same names
about 0.
"""


def disagreement(adata: "AnnData", expression: Expression) -> str:
    """Say that no matrix of an AnnData follows the values of a prepared matrix; empty if one does, or none can be told.

    Genes and samples of the same names are compared by ranks, as they are and without the depth of the samples: counts
    follow what any normalisation made of them. Nothing is said of values that were whitened, as they are others by
    design, nor of aggregated cells, whose groups have names of their own.

    Parameters
    ----------
    adata
        The AnnData: `X`, each of `layers`, and `raw` are compared.
    expression
        The prepared matrix.

    Examples
    --------
    >>> from anndata import AnnData
    >>> values = np.random.default_rng(0).lognormal(size=(40, 6))
    >>> disagreement(AnnData(np.log(values)), AnnData(values))
    ''
    >>> disagreement(AnnData(values[::-1]), AnnData(values))
    'over 40 samples of the same names the rank correlation of a gene with itself is -0.07 in the median of 6 genes'
    """
    if Notes.of(expression, tables=False).whitening is not None:
        return ""
    genes = _common(expression.var_names, adata.var_names, MOST_GENES)
    samples = _common(expression.obs_names, adata.obs_names, MOST_SAMPLES)
    if len(genes) < FEWEST_GENES or len(samples) < FEWEST_SAMPLES:
        return ""
    rows, columns = (
        pd.Index(names).get_indexer(wanted)
        for names, wanted in ((expression.obs_names, samples), (expression.var_names, genes))
    )
    own = _frame(expression.X[rows][:, columns])
    found = max((_correlation(own, values) for values in _matrices(adata, samples, genes)), default=1.0)
    if found >= UNRELATED:
        return ""
    return (
        f"over {len(samples):,} samples of the same names the rank correlation of a gene with itself is"
        f" {found:.2f} in the median of {len(genes):,} genes"
    )


def _common(names: Any, others: Any, most: int) -> pd.Index:
    """Names that occur once in both, evenly spaced if there are more than `most`."""
    index, other = pd.Index(names), pd.Index(others)
    both = index[~index.duplicated(keep=False)]
    both = both[both.isin(other[~other.duplicated(keep=False)])]
    return both[np.unique(np.linspace(0, len(both) - 1, min(len(both), most)).astype(int))] if len(both) else both


def _matrices(adata: "AnnData", samples: pd.Index, genes: pd.Index) -> Iterator[pd.DataFrame]:
    """The values of samples and genes in X, in each layer and in raw."""
    part = adata[adata.obs_names.get_indexer_for(samples), adata.var_names.get_indexer_for(genes)]
    if part.X is not None:
        yield _frame(part.X)
    for name in part.layers:
        yield _frame(part.layers[name])
    if adata.raw is not None and genes.isin(adata.raw.var_names).all():
        yield _frame(part.raw[:, genes].X)


def _frame(values: Any) -> pd.DataFrame:
    return pd.DataFrame(np.asarray(values.toarray() if hasattr(values, "toarray") else values, dtype=float))


def _correlation(own: pd.DataFrame, values: pd.DataFrame) -> float:
    """Rank correlation of the columns in the median, the larger one of that as they are and that without depth.

    It is 1 if all columns are constant, so that nothing can be told.
    """
    medians = []
    for ours, theirs in ((own, values), (_centred(own), _centred(values))):
        with np.errstate(invalid="ignore", divide="ignore"):
            medians.append(float(ours.rank().corrwith(theirs.rank()).median()))
    return max((median for median in medians if not np.isnan(median)), default=1.0)


def _centred(values: pd.DataFrame) -> pd.DataFrame:
    """Logarithms, or what is negative somewhere as it is, less the mean of the row: without the depth of a sample."""
    logs = values if (values < 0).to_numpy().any() else pd.DataFrame(np.log1p(values))
    return logs.sub(logs.mean(axis=1), axis=0)
