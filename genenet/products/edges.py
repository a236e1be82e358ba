"""Significant edges, and the edges table: its columns, its two ends, and the names of attributes."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from genenet.products.expression import Expression, Notes
from genenet.products.origin import Origin
from genenet.statistics.communities import communities

if TYPE_CHECKING:
    import pandas as pd

    from genenet.products.bins import Bins
    from genenet.products.pairs import Pairs, Triangle
    from genenet.statistics.multiple_testing import Adjustment
    from genenet.statistics.null import Null

# The graph is made from tables: what computes edges is not imported for it.

UNDIRECTED = "codependency"
DIRECTED = "regulation"

RESERVED = frozenset(
    {"id", "name", "shared name", "suid", "selected", "source", "target", "key", "value", "label", "gene"}
    | {"interaction", "shared interaction", "parent", "position", "classes", "group"}
)
"""Names, in lower case, that mean something to Cytoscape, cytoscape.js, networkx, igraph, Gephi or the TSV files."""
PVALUE_KINDS = ("empirical", "extrapolated")
# Columns of numbers in the edges table.
NUMBERS = ("mi", "nmi", "pvalue", "pvalue_kind", "qvalue", "clr", "clr_squared")
# Columns of the edges table, and their types before they are categorical.
ROW_COLUMNS = {"gene_a": np.int32, "gene_b": np.int32} | dict.fromkeys(NUMBERS, np.float64) | {"pvalue_kind": np.int8}
ROWS_AT_ONCE = 1 << 20


class EdgeSource(Protocol):
    """Significant edges in gene order; rows of their table are made on demand."""

    @property
    def genes(self) -> "pd.Index[Any]":
        """Names of all genes."""

    @property
    def pairs(self) -> "Pairs | Triangle":
        """Their genes and MI."""

    @property
    def sums(self) -> NDArray[np.int64]:
        """Number, sum and sum of squares of each gene's MI (see `genenet.products.blocks.PairBlock`)."""

    @property
    def origin(self) -> Origin:
        """Of which run they are."""

    def rows(self, which: NDArray[np.int64]) -> "pd.DataFrame":
        """Rows of the edges table, at ascending positions of the pairs."""


NOT_ATTRIBUTES = ("gene_a", "gene_b", "regulator", "target", "kept", "dpi_via", "dpi_margin", "dpi_z")
"""Columns of the edges table that are the edge's ends, or that say nothing about an edge that was kept."""


def graph_edges(edges: "pd.DataFrame", *, directed: bool) -> "pd.DataFrame":
    """Table of the graph's edges: the kept ones; a pair of two regulators twice, once in each direction.

    Examples
    --------
    >>> import pandas as pd
    >>> edges = pd.DataFrame({"gene_a": ["A", "A"], "gene_b": ["B", "C"], "kept": [True, True]})
    >>> edges = edges.assign(regulator=["A", "A"], target=["B", "C"], mutual=[True, False])
    >>> graph_edges(edges, directed=True)[["regulator", "target"]].to_numpy().tolist()
    [['A', 'B'], ['B', 'A'], ['A', 'C']]
    """
    kept = edges.loc[edges["kept"].to_numpy(dtype=bool)].reset_index(drop=True)
    if not directed or not kept["mutual"].any():
        return kept
    rows = np.repeat(np.arange(len(kept)), 1 + kept["mutual"].to_numpy(dtype=np.intp))
    second = np.r_[False, rows[1:] == rows[:-1]]
    doubled = kept.iloc[rows].reset_index(drop=True)
    regulator, target = doubled["regulator"].astype(object), doubled["target"].astype(object)
    doubled["regulator"] = target.where(second, regulator).astype(kept["regulator"].dtype)
    doubled["target"] = regulator.where(second, target).astype(kept["target"].dtype)
    return doubled


def ends(table: "pd.DataFrame", *, directed: bool) -> tuple[str, str]:
    """Columns of the edges table that hold the two ends of an edge."""
    return ("regulator", "target") if directed else ("gene_a", "gene_b")


def free_names(columns: Iterable[object], *, taken: Iterable[str], prefix: str) -> list[str]:
    """Rename columns whose name is reserved by a program or used by another column.

    Examples
    --------
    >>> free_names(["mean", "id", "Mean"], taken=["degree"], prefix="var_")
    ['mean', 'var_id', 'var_Mean']
    """
    used = RESERVED | {name.lower() for name in taken}
    names = []
    for column in columns:
        name = str(column)
        while name.lower() in used:
            name = prefix + name
        used |= {name.lower()}
        names.append(name)
    return names


def node_table(edges: "pd.DataFrame", expression: Expression) -> "pd.DataFrame":
    """Attributes of every gene, in gene order, with or without an edge; the columns have their final names."""
    import pandas as pd

    directed = Notes.of(expression, tables=False).directed
    kept = edges.loc[edges["kept"].to_numpy(dtype=bool)]
    genes = pd.Index(expression.var_names)
    computed = _connections(kept, genes)
    if directed:
        table = graph_edges(edges, directed=True)
        for column, end in (("out_degree", "regulator"), ("in_degree", "target")):
            computed[column] = np.bincount(gene_positions(table[end], genes), minlength=len(genes))
    computed["module"] = modules_of(kept, genes)
    taken = [*computed, *_edge_names(edges)[1]]
    var: pd.DataFrame = expression.var.set_axis(free_names(expression.var.columns, taken=taken, prefix="var_"), axis=1)
    return pd.concat([pd.DataFrame(computed, index=var.index), var], axis=1)


def modules_of(kept: "pd.DataFrame", genes: "pd.Index[Any]") -> "pd.arrays.IntegerArray":
    """Find the module of each gene by the scores of the kept edges; missing for a gene without an edge."""
    import pandas as pd

    first, second = (gene_positions(kept[name], genes) for name in ("gene_a", "gene_b"))
    weights = kept["score" if "score" in kept else "mi"].to_numpy(dtype=float)
    modules = communities(len(genes), first, second, weights)
    return pd.arrays.IntegerArray(modules, modules == 0)


def _connections(kept: "pd.DataFrame", genes: "pd.Index[Any]") -> dict[str, Any]:
    positions = np.concatenate([gene_positions(kept["gene_a"], genes), gene_positions(kept["gene_b"], genes)])
    mi = np.tile(kept["mi"].to_numpy(dtype=float), 2)
    return {
        "degree": np.bincount(positions, minlength=len(genes)),
        "strength": np.bincount(positions, weights=mi, minlength=len(genes)),
    }


def gene_positions(column: "pd.Series[Any]", genes: "pd.Index[Any]") -> npt.NDArray[np.int32]:
    """Position of each gene of a column among all genes."""
    codes = column.astype("category").cat
    return genes.get_indexer(codes.categories)[codes.codes.to_numpy()].astype(np.int32)


def _edge_names(edges: "pd.DataFrame") -> tuple[list[str], list[str]]:
    columns = [column for column in edges.columns if column not in NOT_ATTRIBUTES]
    return columns, free_names(columns, taken=(), prefix="edge_")


@dataclass(frozen=True)
class Edges:
    """Significant edges, by gene order of their first and second gene.

    There can be a hundred million of them: `rows` makes the table of those that are wanted.

    Attributes
    ----------
    bins, null
        Discretised expression and null distribution that they were inferred from.
    pairs
        Their genes and MI, a list or a triangle.
    adjustment
        Gives adjusted p-values of pivots.
    sums
        Number, sum and sum of squares of each gene's MI (see `PairBlock`).
    statistics
        Numbers of the summary, by name.
    """

    bins: "Bins"
    null: "Null"
    pairs: "Pairs | Triangle"
    adjustment: "Adjustment"
    sums: NDArray[np.int64]
    statistics: dict[str, Any]

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def genes(self) -> "pd.Index[Any]":
        """Names of all genes."""
        import pandas as pd

        return pd.Index(self.bins.genes)

    @cached_property
    def origin(self) -> Origin:
        """Of which run the edges are: fingerprints up to their own, which is of the null, the sums and the settings."""
        known = {**self.bins.origin.fingerprints, "null": self.null.fingerprint}
        content = json.dumps(self.statistics, sort_keys=True).encode()
        of_null = Origin.of("null", known, self.bins.genes)
        return of_null.then("edges", [content, self.sums.astype("<i8").tobytes()])

    @property
    def table(self) -> "pd.DataFrame":
        """All rows of the edges table."""
        positions = [part for part, _ in self.pairs.parts()]
        return self.rows(np.concatenate([np.empty(0, np.int64), *positions]))

    def rows(self, which: NDArray[np.int64]) -> "pd.DataFrame":
        """Rows of the edges table: gene_a, gene_b, mi (bits), nmi, pvalue, pvalue_kind, qvalue, clr, clr_squared.

        Parameters
        ----------
        which
            Positions of the pairs.
        """
        import pandas as pd

        categories = {"gene_a": self.genes, "gene_b": self.genes, "pvalue_kind": pd.Index(PVALUE_KINDS)}
        return pd.DataFrame(
            {
                name: pd.Categorical.from_codes(values, categories[name]) if name in categories else values
                for name, values in self.columns(which).items()
            },
            copy=False,
        )

    def columns(self, which: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Columns of these rows as arrays; numbers of the genes and of the kind of p-value in the place of names."""
        columns: dict[str, NDArray[Any]] = {name: np.empty(len(which), kind) for name, kind in ROW_COLUMNS.items()}
        for start in range(0, len(which), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            for name, values in self._columns(self.pairs.take(which[part])).items():
                columns[name][part] = values
        return columns

    def _columns(self, pairs: "Pairs") -> dict[str, NDArray[Any]]:
        """Columns of the table for some pairs; codes for what is categorical."""
        from genenet.statistics.clr import clr

        first, second, mi = pairs.first, pairs.second, pairs.mi
        log_pivot = self.null.log_pivots(mi, first, second)
        pvalues = self.null.pvalues(log_pivot)
        return {
            "gene_a": first,
            "gene_b": second,
            "mi": mi,
            "nmi": normalised(first, second, mi, self.bins.entropies),
            "pvalue": pvalues,
            "pvalue_kind": self.null.is_extrapolated(pvalues),
            "qvalue": self.adjustment.qvalues(log_pivot),
            "clr": clr(first, second, mi, self.sums),
            "clr_squared": clr(first, second, mi, self.sums, variant="squared"),
        }


def normalised(
    first: NDArray[np.int32], second: NDArray[np.int32], mi: NDArray[np.float64], entropies: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Normalised MI of pairs: MI over the mean of the two genes' entropies (scikit-learn's arithmetic average).

    It is 0 where both entropies are 0.
    """
    both = entropies[first] + entropies[second]
    return np.divide(2.0 * mi, both, out=np.zeros_like(mi), where=both != 0)
