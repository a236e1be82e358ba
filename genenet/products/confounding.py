"""Confounding by strata: each edge of the networks without and within strata, with a verdict."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from genenet.products.pairs import Pairs

VERDICTS = pd.Index(["none", "explained", "unclear", "reversed", "hidden"])
"""Verdicts on whether strata explain an edge (see `genenet.confounding`)."""
FLAGS = ("mi_total", "pvalue_total", "mi_between", "confounding")
"""Columns that are added to the edges table of the network within strata."""
COLUMNS = (
    "gene_a",
    "gene_b",
    "mi_total",
    "pvalue_total",
    "mi_within",
    "pvalue_within",
    "mi_between",
    "spearman_total",
    "spearman_within",
    "power",
    "confounding",
    "kept_total",
    "kept_within",
)


def with_flags(edges: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Add the columns `FLAGS` to the edges table; they are missing for a pair that is an edge of neither network.

    Parameters
    ----------
    edges
        The edges table of the network within strata.
    found
        Table of `genenet.confounding.confounding`; if it has no rows, nothing is added.

    Examples
    --------
    >>> edges = pd.DataFrame({"gene_a": ["A", "A"], "gene_b": ["B", "C"]})
    >>> found = edges[:1].assign(mi_total=0.2, pvalue_total=0.01, mi_between=0.1, confounding="none")
    >>> with_flags(edges, found)["mi_total"].tolist()
    [0.2, nan]
    """
    if not len(found):
        return edges
    keys = pd.MultiIndex.from_arrays([found[name].astype(str) for name in ("gene_a", "gene_b")])
    wanted = pd.MultiIndex.from_arrays([edges[name].astype(str) for name in ("gene_a", "gene_b")])
    rows = keys.get_indexer(wanted)
    columns = {}
    for name in FLAGS[:-1]:
        values = found[name].to_numpy(float)
        columns[name] = np.where(rows >= 0, values[rows], np.nan)
    verdicts = VERDICTS.get_indexer(pd.Index(found["confounding"].astype(str)))
    codes = np.where(rows >= 0, verdicts[rows], -1)
    return edges.assign(**columns, confounding=pd.Categorical.from_codes(codes, VERDICTS))


def without_flags(edges: pd.DataFrame) -> pd.DataFrame:
    """Remove the columns `FLAGS` from the edges table."""
    return edges.drop(columns=[name for name in FLAGS if name in edges])


def counts_of(found: pd.DataFrame) -> dict[str, int]:
    """Number of edges of each network, of each verdict, and of edges within strata that are reversed: for the summary.

    Examples
    --------
    >>> counts_of(empty_table())["n_edges_total"]
    0
    """
    verdicts = found["confounding"].astype(str)
    return {
        "n_edges_total": int(found["kept_total"].astype(bool).sum()),
        "n_edges_within": int(found["kept_within"].astype(bool).sum()),
        **{name: int((verdicts == name).sum()) for name in VERDICTS},
        "reversed_within": int(((verdicts == "reversed") & found["kept_within"].astype(bool)).sum()),
    }


def empty_table() -> pd.DataFrame:
    """Make the table of `genenet.confounding` without rows."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})


def union_of(first: "Pairs", second: "Pairs") -> "tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]":
    """Genes of the pairs that are in either list, in order, and whether they are in each of the two."""
    keys = [part.first.astype(np.int64) << 32 | part.second for part in (first, second)]
    both = np.union1d(*keys)
    inside = [np.isin(both, part) for part in keys]
    return (both >> 32).astype(np.int32), (both & 0xFFFFFFFF).astype(np.int32), inside[0], inside[1]
