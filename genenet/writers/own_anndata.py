"""A network put into an AnnData of the user's, beside whatever is in it.

`varp` gets genes x genes matrices, `var` columns of each gene, `uns` the settings and the table of edges; all of them
under one key, as scanpy's functions do it.
"""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genenet.config.keys import KEYWORDS
from genenet.config.sections import Settings
from genenet.config.step_options import value_of
from genenet.errors import InputError, count, quote_some
from genenet.products.edges import ends, node_table
from genenet.writers.content import Content
from genenet.writers.h5ad import edge_matrices, storable
from genenet.writers.tables import edge_rows

if TYPE_CHECKING:
    from anndata import AnnData

logger = logging.getLogger("genenet")

MATRICES = ("mi", "score", "spearman")
"""Columns of the edges table that become matrices in `varp`."""
GENE_COLUMNS = ("degree", "strength", "out_degree", "in_degree", "regulator", "target")
"""Attributes of a gene that become columns of `var`."""


def gene_names(adata: "AnnData", name_column: str | None) -> pd.Index:
    """Names of an AnnData's genes as the network has them.

    Raises
    ------
    InputError
        If a name occurs twice: there is no telling which of the genes is that of the network.
    """
    if name_column is not None and name_column not in adata.var:
        raise InputError(f"var has no column {name_column} (prepare.name_column); give the AnnData of the network")
    column = adata.var_names if name_column is None else adata.var[name_column]
    names = pd.Index(["" if pd.isna(name) else str(name) for name in column], dtype=object)
    twice = list(names[names.duplicated() & (names != "")].unique())
    if twice:
        raise InputError(
            f"{count(len(twice), 'gene name')} of the AnnData {'occurs' if len(twice) == 1 else 'occur'} more than once"
            f" ({quote_some(twice)}): a network cannot be put beside them; make them unique before"
            " (adata.var_names_make_unique())"
        )
    return names


def add_network(
    adata: "AnnData", content: Content, settings: Settings, *, key_added: str, numbers: Mapping[str, Any]
) -> None:
    """Write a network into an AnnData.

    Parameters
    ----------
    adata
        Has the genes of the network, and may have others: these have no edge.
    content
        The network.
    settings
        Those of the run.
    key_added
        Begins all names: `varp[f"{key_added}_mi"]`, `var[f"{key_added}_degree"]`, `uns[key_added]`.
    numbers
        Further content of `uns[key_added]`.

    Raises
    ------
    InputError
        If the AnnData has none of the network's genes, or a name twice.
    """
    names = gene_names(adata, settings.prepare.name_column)
    places = names.get_indexer(content.expression.var_names)
    table = edge_rows(content)
    _check_genes(names, content, table, places)
    inside = table[[*ends(table, directed=content.directed)]].isin(names).all(axis=1).to_numpy()
    matrices = edge_matrices(table[inside], names, directed=content.directed, columns=MATRICES)
    nodes = node_table(content.edges, content.expression)
    columns = {name: _placed(nodes[name].to_numpy(), places, len(names)) for name in GENE_COLUMNS if name in nodes}
    columns["used"] = _placed(np.ones(len(places), bool), places, len(names))
    for name, matrix in matrices.items():
        adata.varp[f"{key_added}_{name}"] = matrix
    for name, values in columns.items():
        adata.var[f"{key_added}_{name}"] = values
    notes = content.expression.uns["genenet"]
    lost = {name: notes[name] for name in ("dropped", "dropped_samples") if name in notes}
    own = {"params": parameters(settings), "edges": storable(table), "directed": content.directed}
    adata.uns[key_added] = {**own, **lost, **numbers}


def parameters(settings: Settings) -> dict[str, Any]:
    """All settings by keyword, without empty ones, as .h5ad can hold them.

    Examples
    --------
    >>> found = parameters(Settings(seed=3))
    >>> found["seed"], found["n_bins"], list(found["coordinate"]), "n_draws" in found
    (3, 6, ['rank', 'normal_score', 'value'], False)
    """
    values = {name: value_of(settings, key) for name, key in KEYWORDS.items()}
    return {
        name: np.array(value, dtype=object) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value is not None
    }


def _check_genes(names: pd.Index, content: Content, table: pd.DataFrame, places: "np.ndarray[Any, Any]") -> None:
    missing = list(content.expression.var_names[places < 0])
    if not missing:
        return
    of = f"{len(missing):,} of {count(len(places), 'gene')} of the network"
    if len(missing) == len(places):
        raise InputError(
            f"{of} ({quote_some(missing, 3)}) are not among the {count(len(names), 'gene')} of the AnnData"
            f" ({quote_some(list(names), 3)}); give the AnnData that the network was inferred from"
        )
    logger.warning("%s are not in the AnnData (%s): their edges are in the table in uns only", of, quote_some(missing))


def _placed(values: "np.ndarray[Any, Any]", places: "np.ndarray[Any, Any]", n: int) -> "np.ndarray[Any, Any]":
    """Values of the network's genes at their places among all; 0 or False elsewhere."""
    placed = np.zeros(n, values.dtype)
    placed[places[places >= 0]] = values[places >= 0]
    return placed
