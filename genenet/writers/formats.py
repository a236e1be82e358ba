"""The export formats: which files each one writes, by which function, and what it needs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from genenet.config import sections
from genenet.errors import ConfigError, shorten, suggest
from genenet.writers.content import Content
from genenet.writers.cx2 import write_cx2
from genenet.writers.cyjs import write_cyjs
from genenet.writers.file_names import FILES
from genenet.writers.gexf import write_gexf
from genenet.writers.gml import write_gml
from genenet.writers.graphml import write_graphml
from genenet.writers.h5ad import write_h5ad
from genenet.writers.mi_tables import write_matrix, write_ranking
from genenet.writers.node_positions import layout
from genenet.writers.rankings import write_beeline, write_dream
from genenet.writers.regulons import write_aracne, write_decoupler, write_gmt, write_scenic, write_viper
from genenet.writers.sif import write_sif
from genenet.writers.style import write_vizmap
from genenet.writers.tables import write_edges_parquet, write_odd_samples, write_tables
from genenet.writers.view import cut_view

if TYPE_CHECKING:
    from genenet.products.bins import Bins


@dataclass(frozen=True)
class Format:
    """A format of `export.formats`.

    Attributes
    ----------
    name
        Name in the settings.
    write
        The function that writes them, called with a `Content` and the path of each file.
    needs
        Whether the network must have regulators, or bins, from which MI of all pairs is computed again, or scores of
        samples, which are computed from bins too.
    seconds
        CPU time that writing a million edges took, for formats of programs that draw networks (docs/files.md).
    """

    name: sections.Format
    write: Callable[..., object]
    needs: Literal["nothing", "regulators", "bins", "samples"] = "nothing"
    seconds: float | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files under `export/`."""
        return FILES[self.name]

    @property
    def has_samples(self) -> bool:
        """Whether the files hold scores of samples, if there are any."""
        return self.needs == "samples" or self.name == "h5ad"

    def export(self, content: Content, directory: Path) -> list[Path]:
        """Write the files into a folder, and return their paths."""
        paths = [directory / file for file in self.files]
        self.write(content, *paths)
        return paths


def _write_view(content: Content, cx2: Path, cyjs: Path) -> None:
    view = cut_view(content.graph, genes=content.view_genes, max_nodes=content.view_nodes)
    positions = layout(view)
    write_cx2(view, cx2, positions=positions)
    write_cyjs(view, cyjs, positions=positions)


def _bins(content: Content) -> "Bins":
    assert content.bins is not None, "check_formats comes first"
    return content.bins


_ALL = (
    Format("graphml", lambda c, path: write_graphml(c.elements, path), seconds=4),
    Format(
        "cyjs",
        lambda c, path: write_cyjs(c.elements, path, positions=c.positions),
        seconds=4,
    ),
    Format("tsv", write_tables),
    Format("h5ad", write_h5ad),
    Format(
        "cx2",
        lambda c, path: write_cx2(c.elements, path, positions=c.positions),
        seconds=4,
    ),
    Format("view", _write_view),
    Format(
        "sif",
        lambda c, path, nodes, edges: write_sif(c.graph, path, nodes, edges),
        seconds=23,
    ),
    Format("style", lambda c, path: write_vizmap(c.elements, path)),
    Format("gexf", lambda c, path: write_gexf(c.graph, path, positions=c.positions), seconds=31),
    Format("gml", lambda c, path: write_gml(c.graph, path), seconds=28),
    Format("parquet", write_edges_parquet),
    Format("aracne", write_aracne),
    Format("viper", write_viper, needs="regulators"),
    Format("decoupler", write_decoupler, needs="regulators"),
    Format("scenic", write_scenic, needs="regulators"),
    Format("gmt", write_gmt, needs="regulators"),
    Format("beeline", write_beeline),
    Format("dream", write_dream),
    Format(
        "ranking",
        lambda c, path: write_ranking(_bins(c), path, directed=c.directed),
        needs="bins",
    ),
    Format("mi_matrix", lambda c, path: write_matrix(_bins(c), path), needs="bins"),
    Format("anomalies", write_odd_samples, needs="samples"),
)

FORMATS: Mapping[str, Format] = {format.name: format for format in _ALL}
"""All formats by name, in the order of the settings."""

MANY_EDGES = 200_000
"""From this number of edges on, programs that draw networks are slow to open one, or fail."""


def need_bins(names: Iterable[str]) -> bool:
    """Whether one of these formats holds all tested pairs, significant or not.

    Examples
    --------
    >>> need_bins(["tsv", "ranking"]), need_bins(["tsv"])
    (True, False)
    """
    return any(FORMATS[name].needs == "bins" for name in names if name in FORMATS)


def need_samples(names: Iterable[str]) -> bool:
    """Whether one of these formats holds scores of samples.

    Examples
    --------
    >>> need_samples(["tsv", "anomalies"]), need_samples(["ranking"])
    (True, False)
    """
    return any(FORMATS[name].needs == "samples" for name in names if name in FORMATS)


def check_formats(names: Iterable[str], *, directed: bool, has_bins: bool = True, has_samples: bool = True) -> None:
    """Refuse unknown formats, and formats that need regulators or bins which this network does not have.

    Raises
    ------
    ConfigError
        If a format is not known, or needs regulators or bins and there are none.

    Examples
    --------
    >>> check_formats(["tsv", "gmt"], directed=True)
    """
    for name in names:
        if name not in FORMATS:
            raise ConfigError(
                f"export.formats must be among {', '.join(FORMATS)}, got {shorten(name)}{suggest(name, FORMATS)}"
            )
        if FORMATS[name].needs == "regulators" and not directed:
            raise ConfigError(
                f"export.formats has {shorten(name)}, which lists targets of regulators, but the network was made"
                f" without a regulator list; give one with --regulators, or leave {shorten(name)} out"
            )
        if FORMATS[name].needs == "bins" and not has_bins:
            raise ConfigError(
                f"export.formats has {shorten(name)}, which is of all pairs, and needs the bins to compute them; give"
                f" them with --bins, or leave {shorten(name)} out"
            )
        if FORMATS[name].needs == "samples" and not has_samples:
            raise ConfigError(
                f"export.formats has {shorten(name)}, which scores samples by the bins; give them with --bins, or leave"
                f" {shorten(name)} out"
            )
