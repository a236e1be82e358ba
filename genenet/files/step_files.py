"""The files that each step of the workflow hands on to the next, where all steps run in one process."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from genenet.files.edges import write_significant
from genenet.files.intermediate import write_bins, write_block, write_null
from genenet.files.stability import write_stability

if TYPE_CHECKING:
    from genenet.products.bins import Bins
    from genenet.products.blocks import PairBlock
    from genenet.products.edges import Edges
    from genenet.products.stability import Stability
    from genenet.statistics.null import Null


@dataclass(frozen=True)
class StepFiles:
    """Writes what a step has made, as its command does; nothing without a folder."""

    folder: Path | None = None

    def bins(self, bins: "Bins") -> None:
        """Write bins.h5ad."""
        if self.folder:
            write_bins(bins, self.folder / "bins.h5ad")

    def null(self, null: "Null") -> None:
        """Write null.npz."""
        if self.folder:
            write_null(null, self.folder / "null.npz")

    def blocks(self, blocks: "Iterable[PairBlock]") -> None:
        """Write mi/BLOCK.parquet."""
        if self.folder:
            for number, block in enumerate(blocks):
                write_block(block, self.folder / "mi" / f"{number}.parquet")

    def edges(self, edges: "Edges") -> None:
        """Write edges.parquet."""
        if self.folder:
            write_significant(edges, self.folder / "edges.parquet")

    def stability(self, stability: "Stability") -> None:
        """Write stability.parquet."""
        if self.folder:
            write_stability(stability, self.folder / "stability.parquet")
