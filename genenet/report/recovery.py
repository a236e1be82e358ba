"""Comparison of a network with known edges."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.products.expression import Expression, tested

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class Recovery:
    """How many known edges a network has.

    Attributes
    ----------
    n_listed
        Number of known edges that were given, as pairs of genes.
    n_known
        Number of those that could be found: between two genes of the matrix, of which one may regulate the other.
    n_edges
        Number of pairs of genes that are edges of the network.
    n_found
        Number of known edges that the network has.
    """

    n_listed: int
    n_known: int
    n_edges: int
    n_found: int

    def to_dict(self) -> dict[str, int]:
        """Convert to plain numbers for the summary."""
        return asdict(self)

    def __str__(self) -> str:
        if not self.n_listed:
            return "none known"
        if not self.n_known:
            return f"none of the {self.n_listed:,} is between two genes that were tested"
        found = f"{self.n_found:,} of {self.n_known:,} found ({self.n_found / self.n_known:.0%})"
        right = f"; {self.n_found / self.n_edges:.0%} of the network's edges are among them" if self.n_edges else ""
        return found + right + _others(self.n_listed - self.n_known)


def _others(number: int) -> str:
    verb = "is" if number == 1 else "are"
    return f"; {number:,} more {verb} not between two genes that were tested" if number else ""


def compare(graph: "nx.Graph[str]", known: pd.DataFrame, expression: Expression) -> Recovery:
    """Count how many known edges a network has, as pairs of genes: the direction of an edge is not judged.

    Parameters
    ----------
    graph
        The network.
    known
        Known edges: the first two columns are names of genes. A pair listed twice, or in both directions, counts once.
    expression
        The prepared matrix: its genes, and which of them are regulators and targets.

    Examples
    --------
    >>> import genenet
    >>> import networkx as nx
    >>> values = pd.DataFrame(np.random.default_rng(0).normal(size=(3, 40)), ["A", "B", "C"])
    >>> known = pd.DataFrame({"regulator": ["A", "A", "A"], "target": ["B", "C", "D"]})
    >>> print(compare(nx.Graph([("B", "A"), ("B", "C")]), known, genenet.prepare(values)))
    1 of 2 found (50%); 50% of the network's edges are among them; 1 more is not between two genes that were tested
    """
    listed = {frozenset(map(str, pair)) for pair in known.iloc[:, :2].itertuples(index=False)}
    genes = pd.Index(expression.var_names)
    first, second = np.divmod(known_pairs(known, expression), len(genes))
    wanted = {frozenset(pair) for pair in zip(genes[first], genes[second], strict=True)}
    present = {frozenset(edge) for edge in graph.edges}
    return Recovery(len(listed), len(wanted), len(present), len(wanted & present))


def known_pairs(known: pd.DataFrame, expression: Expression) -> NDArray[np.int64]:
    """Known edges between two genes of the matrix of which one is a regulator and the other a target, each once.

    Parameters
    ----------
    known, expression
        As for `compare`.

    Returns
    -------
    numpy.ndarray
        a * n_genes + b for the edge of genes a < b, ascending.
    """
    genes = pd.Index(expression.var_names)
    regulator, targets, _ = tested(expression)
    target = np.ones(len(genes), bool) if targets is None else targets
    a, b = (genes.get_indexer(pd.Index(known.iloc[:, column].astype(str))) for column in (0, 1))
    there = (a >= 0) & (b >= 0) & (a != b)
    a, b = np.sort(np.column_stack([a[there], b[there]]), axis=1).T
    could = (regulator[a] & target[b]) | (regulator[b] & target[a])
    return np.unique(a[could] * len(genes) + b[could])
