"""The part of a run's network that pictures show: genes and edges, with positions, sizes and colours."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from genenet.report.colours import OTHER, module_colours
from genenet.report.run import Run
from genenet.writers.node_positions import SPACING, node_places
from genenet.writers.strongest_part import strongest_part

MAX_GENES = 300

FEWEST_EDGES = 150
"""A picture of few genes may have this many edges, even if that is more than two a gene."""

NODE_SIZES = (7.0, 26.0)
"""Diameter in pixels of the gene with fewest and of that with most partners."""

EDGE_WIDTHS = (0.7, 3.0)


@dataclass(frozen=True)
class Drawn:
    """The genes and edges that a picture of the network shows.

    Attributes
    ----------
    run
        The run.
    genes
        Positions of the shown genes among all, ascending.
    rows
        Rows of the edges table that are shown, the best first.
    source, target
        Ends of the shown edges as positions in `genes`.
    n_inside
        Number of kept edges between the shown genes, shown or not.
    """

    run: Run
    genes: NDArray[np.int64]
    rows: NDArray[np.int64]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    n_inside: int

    @cached_property
    def places(self) -> NDArray[np.float64]:
        """X and y (upwards) of each gene, shape (n_genes, 2); a typical edge is 1 long."""
        places = node_places(len(self.genes), self.source, self.target)
        return np.round(places * np.array([1, -1]) / SPACING, 3)

    @property
    def labels(self) -> list[str]:
        """Name that is shown for each gene."""
        return [self.run.symbols[gene] for gene in self.genes]

    @property
    def modules(self) -> NDArray[np.int64]:
        """Module of each shown gene."""
        return self.run.modules[self.genes]

    @cached_property
    def module_colours(self) -> dict[int, str]:
        """Colours of the modules that have most of the shown genes; all other modules have the colour `OTHER`."""
        return module_colours(self.modules)

    @property
    def colours(self) -> list[str]:
        """Colour of each shown gene."""
        return [self.module_colours.get(int(module), OTHER) for module in self.modules]

    @property
    def degree(self) -> NDArray[np.int64]:
        """Number of partners of each shown gene in the whole network."""
        return self.run.degree[self.genes]

    @property
    def node_sizes(self) -> NDArray[np.float64]:
        """Diameter of each gene in pixels; the area grows with the degree."""
        return _between(np.sqrt(self.degree), NODE_SIZES)

    @property
    def edge_widths(self) -> NDArray[np.float64]:
        """Width of each edge in pixels by its score."""
        return _between(self.run.edges["score"].to_numpy(float)[self.rows], EDGE_WIDTHS)

    @property
    def is_regulator(self) -> NDArray[np.bool_]:
        """Whether each gene is a regulator; False for all without a list of them."""
        if not self.run.directed:
            return np.zeros(len(self.genes), bool)
        return self.run.expression.var["regulator"].to_numpy(bool)[self.genes]

    def describe(self) -> str:
        """Describe in one sentence how much of the network the picture shows."""
        n_genes, n_edges = self.run.summary["network"]["nodes"], len(self.run.best)
        if len(self.genes) == n_genes and len(self.rows) == n_edges:
            return f"All {n_genes:,} genes and {n_edges:,} pairs of the network are shown."
        text = (
            f"Shown are {len(self.genes):,} of {n_genes:,} genes and {len(self.rows):,} of {n_edges:,} pairs: the"
            " largest scores whose genes are connected"
        )
        if self.n_inside > len(self.rows):
            text += f", and of the {self.n_inside:,} edges between these genes at most two a gene"
        return f"{text}. Smaller groups of genes are left out."


def drawn_network(run: Run, *, max_genes: int = MAX_GENES) -> Drawn:
    """Choose the genes and edges that a picture of the network shows.

    Parameters
    ----------
    run
        A finished run.
    max_genes
        Most genes to show.
    """
    first, second = (end[run.best] for end in run.ends)
    part = strongest_part(first, second, len(run.genes), max_genes=max_genes, fewest_edges=FEWEST_EDGES)
    rows = run.best[part.edges]
    source, target = (np.searchsorted(part.genes, end[rows]) for end in run.ends)
    return Drawn(run, part.genes, rows, source, target, part.n_inside)


def _between(values: NDArray[np.float64], limits: tuple[float, float]) -> NDArray[np.float64]:
    """Scale values linearly between two limits; values that are all the same go to 30 % of the range."""
    low, high = limits
    if not len(values):
        return np.empty(0)
    span = float(np.ptp(values))
    relative = (values - values.min()) / span if span > 0 else np.full(len(values), 0.3)
    return np.round(low + (high - low) * relative, 2)
