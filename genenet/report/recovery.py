"""Comparison of a network with known edges."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class Recovery:
    """How many known edges a network has.

    Attributes
    ----------
    n_known
        Number of known edges.
    n_edges
        Number of edges of the network.
    n_found
        Number of known edges that the network has.
    """

    n_known: int
    n_edges: int
    n_found: int

    def to_dict(self) -> dict[str, int]:
        """Convert to plain numbers for the summary."""
        return asdict(self)

    def __str__(self) -> str:
        if not self.n_known:
            return "none known"
        found = f"{self.n_found:,} of {self.n_known:,} found ({self.n_found / self.n_known:.0%})"
        right = f"; {self.n_found / self.n_edges:.0%} of the network's edges are among them" if self.n_edges else ""
        return found + right


def compare(graph: "nx.Graph[str]", known: pd.DataFrame) -> Recovery:
    """Count how many known edges a network has, as pairs of genes: the direction of an edge is not judged.

    Parameters
    ----------
    graph
        The network.
    known
        Known edges: the first two columns are names of genes. A pair listed twice, or in both directions, counts once.

    Examples
    --------
    >>> import networkx as nx
    >>> known = pd.DataFrame({"regulator": ["A", "A"], "target": ["B", "C"]})
    >>> print(compare(nx.Graph([("B", "A"), ("B", "C")]), known))
    1 of 2 found (50%); 50% of the network's edges are among them
    """
    wanted = {frozenset(map(str, pair)) for pair in known.iloc[:, :2].itertuples(index=False)}
    present = {frozenset(edge) for edge in graph.edges}
    return Recovery(len(wanted), len(present), len(wanted & present))
