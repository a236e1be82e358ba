"""The expression matrix with the network in `varp`, for anndata, scanpy and related programs.

Each numeric column of the edges table is a sparse matrix genes x genes in `varp`; symmetric, or with regulators as rows
and targets as columns. A stored entry is an edge, also when its value is 0 or NaN; `varp["mi"]` has every edge. The
whole table of kept edges is `uns["genenet"]["edges"]`, and the nodes' attributes are in `var`.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from genenet.files.atomic import atomic
from genenet.files.h5ad_elements import write_parts
from genenet.files.hdf5 import new_hdf5
from genenet.files.hdf5 import write_h5ad as write_file
from genenet.products.edges import NOT_ATTRIBUTES, ends, node_table
from genenet.products.prepared import Columns, Prepared, UnfamiliarError
from genenet.readers.bare import BareMatrix, as_bare
from genenet.writers.content import Content
from genenet.writers.tables import edge_rows

if TYPE_CHECKING:
    from anndata import AnnData


def write_h5ad(content: Content, path: str | os.PathLike[str]) -> Path:
    """Write the expression matrix and its network as .h5ad."""
    path = Path(path)
    parts = _parts(content)
    with atomic(path) as partial:
        if parts is None:
            write_file(with_network(content), partial)
        else:
            with new_hdf5(partial) as (file, _):
                write_parts(parts, file)
    return path


def _parts(content: Content) -> dict[str, Any] | None:
    """The parts of the file, to be written without anndata; None if a table has columns that only anndata writes."""
    given: Any = content.expression
    expression = given if isinstance(given, Prepared) else as_bare(given)
    if expression is None:
        return None
    table = edge_rows(content)
    try:
        expression = expression if isinstance(expression, Prepared) else Prepared.of(expression)
        return {
            "X": expression.X,
            "obs": Columns.of(_samples(content), distinct=True),
            "var": Columns.of(node_table(content.edges, expression), distinct=True),
            "varp": _by_name(edge_matrices(table, expression.var.index, directed=content.directed)),
            "uns": {"genenet": _by_name({**expression.notes, "edges": Columns.of(storable(table))})},
        }
    except UnfamiliarError:
        return None


def with_network(content: Content) -> "AnnData":
    """Make an AnnData of the expression matrix and its network; arrays of the matrix are shared, not copied."""
    from anndata import AnnData

    expression: Any = content.expression
    if isinstance(expression, BareMatrix | Prepared):
        expression = AnnData(expression.X, obs=expression.obs, var=expression.var, uns=dict(expression.uns))
    table = edge_rows(content)
    uns = dict(expression.uns)
    uns["genenet"] = {**uns.get("genenet", {}), "edges": storable(table)}
    return AnnData(
        X=expression.X,
        obs=_samples(content),
        var=node_table(content.edges, expression),
        uns=_by_name(uns),
        obsm=_by_name(expression.obsm),
        varm=_by_name(expression.varm),
        layers=_by_name(expression.layers),
        obsp=_by_name(expression.obsp),
        varp=_by_name({**expression.varp, **edge_matrices(table, expression.var_names, directed=content.directed)}),
    )


def _samples(content: Content) -> pd.DataFrame:
    """Attributes of the samples, with their scores if there are any."""
    if content.odd_samples is None:
        return content.expression.obs
    from genenet.anomalies import with_scores

    return with_scores(content.expression.obs, content.odd_samples)


def _by_name(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Sort a mapping by name, since the bytes of a file depend on the order in which entries are written."""
    return {name: _by_name(value) if isinstance(value, Mapping) else value for name, value in sorted(mapping.items())}


def storable(table: pd.DataFrame) -> pd.DataFrame:
    """Convert the index of a table to text, which is all that .h5ad stores."""
    return table.set_axis(table.index.astype(str), axis=0)


def edge_matrices(
    table: pd.DataFrame, genes: pd.Index, *, directed: bool, columns: Iterable[str] | None = None
) -> Mapping[str, sparse.csr_matrix]:
    """Make a sparse matrix, shape (n_genes, n_genes), of each given column of the edges table (default: all numeric).

    Examples
    --------
    >>> table = pd.DataFrame({"gene_a": ["A"], "gene_b": ["C"], "mi": [0.5]})
    >>> edge_matrices(table, pd.Index(["A", "B", "C"]), directed=False)["mi"].toarray().tolist()
    [[0.0, 0.0, 0.5], [0.0, 0.0, 0.0], [0.5, 0.0, 0.0]]
    """
    first, second = (genes.get_indexer(pd.Index(table[end].astype(object))) for end in ends(table, directed=directed))
    if not directed:
        first, second = np.r_[first, second], np.r_[second, first]
    order = np.lexsort((second, first))
    starts = np.searchsorted(first[order], np.arange(len(genes) + 1))
    indices = second[order].astype(np.int32)

    def matrix(values: npt.NDArray[Any]) -> sparse.csr_matrix:
        both = values if directed else np.r_[values, values]
        shape = (len(genes), len(genes))
        return sparse.csr_matrix((both[order], indices, starts.astype(np.int32)), shape=shape)

    if columns is None:
        columns = [name for name in table.columns if name not in NOT_ATTRIBUTES and _is_numeric(table[name])]
    return {name: matrix(table[name].to_numpy()) for name in columns}


def _is_numeric(column: "pd.Series[Any]") -> bool:
    return isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf"
