"""Adding a network to an AnnData of the user, beside its other content.

`varp` gets genes x genes matrices, `var` and `obs` get columns with a value for each gene and each sample, and `uns`
gets the settings and the table of edges; all their names begin with one key, as those of scanpy's functions do.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.anomalies import with_scores
from genenet.config.keys import KEYWORDS
from genenet.config.sections import Settings
from genenet.config.step_options import value_of
from genenet.errors import InputError, count, logger_of, quote_some
from genenet.products.edges import ends, node_table
from genenet.writers.content import Content
from genenet.writers.h5ad import edge_matrices, storable
from genenet.writers.tables import edge_rows

if TYPE_CHECKING:
    from anndata import AnnData

logger = logger_of("genenet")

MATRICES = ("mi", "score", "spearman")
"""Columns of the edges table that become matrices in `varp`."""
GENE_COLUMNS = ("degree", "strength", "out_degree", "in_degree", "regulator", "target")
"""Attributes of a gene that become columns of `var`."""


def add_network(
    adata: "AnnData", content: Content, settings: Settings, *, key_added: str, numbers: Mapping[str, Any]
) -> None:
    """Write a network into an AnnData.

    Parameters
    ----------
    adata
        The AnnData; it may have genes that are not in the network, which get no edges.
    content
        The network.
    settings
        Settings of the run.
    key_added
        Beginning of all names: `varp[f"{key_added}_mi"]`, `var[f"{key_added}_degree"]`, `uns[key_added]`.
    numbers
        Further content of `uns[key_added]`.

    Raises
    ------
    InputError
        If the AnnData has none of the network's genes, or one of them twice.
    """
    places = _places(adata, content.expression)
    # Name in the network of each gene of the AnnData; a gene that is not in the network has a number instead.
    names = pd.Index(np.arange(adata.n_vars), dtype=object).to_numpy(copy=True)
    names[places[places >= 0]] = content.expression.var_names[places >= 0]
    table = edge_rows(content)
    inside = table[[*ends(table, directed=content.directed)]].isin(set(names)).all(axis=1).to_numpy()
    matrices = edge_matrices(table[inside], pd.Index(names), directed=content.directed, columns=MATRICES)
    nodes = node_table(content.edges, content.expression)
    columns = {name: _placed(nodes[name].to_numpy(), places, adata.n_vars) for name in GENE_COLUMNS if name in nodes}
    columns["used"] = _placed(np.ones(len(places), bool), places, adata.n_vars)
    for name, matrix in matrices.items():
        adata.varp[f"{key_added}_{name}"] = matrix
    for name, values in columns.items():
        adata.var[f"{key_added}_{name}"] = values
    if content.odd_samples is not None and content.odd_samples["sample"].isin(adata.obs_names).any():
        adata.obs = with_scores(adata.obs, content.odd_samples, prefix=f"{key_added}_anomaly_")
    notes = content.expression.uns["genenet"]
    lost = {name: notes[name] for name in ("dropped", "dropped_samples") if name in notes}
    own = {"params": parameters(settings), "edges": storable(table), "directed": content.directed}
    adata.uns[key_added] = {**own, **lost, **numbers}


def parameters(settings: Settings) -> dict[str, Any]:
    """All settings that are not None by keyword, with values that .h5ad can hold.

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


def _places(adata: "AnnData", expression: "AnnData") -> NDArray[np.intp]:
    """Positions of the network's genes in the AnnData; -1 for a gene that it does not have."""
    own, names = adata.var_names, expression.var_names
    wanted = names
    if "original_name" in expression.var:  # if genes were named by another column, or by a part of their names
        before = pd.Index(expression.var["original_name"].astype(str))
        wanted = max(names, before, key=lambda index: index.isin(own).sum())
    twice = own[own.duplicated() & own.isin(wanted)].unique()
    if len(twice):
        raise InputError(
            f"{count(len(twice), 'gene')} of the network {'is' if len(twice) == 1 else 'are'} in the AnnData more than"
            f" once ({quote_some(list(twice))}): there is no telling which one is meant; make names unique first"
            " (adata.var_names_make_unique())"
        )
    first = pd.Series(np.arange(len(own)), index=own)[~own.duplicated()]
    places: NDArray[np.intp] = first.reindex(wanted, fill_value=-1).to_numpy(dtype=np.intp)
    _check_missing(list(names[places < 0]), len(names), own)
    return places


def _check_missing(missing: list[str], n_genes: int, own: pd.Index) -> None:
    if not missing:
        return
    of = f"{len(missing):,} of {count(n_genes, 'gene')} of the network"
    if len(missing) == n_genes:
        raise InputError(
            f"none of the {count(n_genes, 'gene')} of the network ({quote_some(missing, 3)}) is among the"
            f" {count(len(own), 'gene')} of the AnnData ({quote_some(list(own), 3)}); give the AnnData that the network"
            " was inferred from"
        )
    logger.warning("%s are not in the AnnData (%s): their edges are in the table in uns only", of, quote_some(missing))


def _placed(values: NDArray[Any], places: NDArray[Any], n: int) -> NDArray[Any]:
    """Spread values of the network's genes to all genes of the AnnData; 0 or False for the others."""
    placed = np.zeros(n, values.dtype)
    placed[places[places >= 0]] = values[places >= 0]
    return placed
