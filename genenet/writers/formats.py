"""Which files each export format writes under `export/`: the workflow must know before there is a network."""

from collections.abc import Mapping

from genenet.config.sections import Format

FILES: Mapping[Format, tuple[str, ...]] = {
    "graphml": ("network.graphml",),
    "cyjs": ("network.cyjs",),
    "tsv": ("edges.tsv", "nodes.tsv"),
    "h5ad": ("network.h5ad",),
    "cx2": ("network.cx2",),
    "view": ("view.cx2", "view.cyjs"),
    "sif": ("network.sif", "network.sif.nodes.tsv", "network.sif.edges.tsv"),
    "style": ("style.xml",),
    "gexf": ("network.gexf",),
    "gml": ("network.gml",),
    "parquet": ("edges.parquet",),
    "aracne": ("aracne_3col.tsv", "aracne_network.tsv"),
    "viper": ("viper_regulon.tsv",),
    "decoupler": ("decoupler.tsv",),
    "gmt": ("regulons.gmt",),
    "beeline": ("rankedEdges.csv",),
    "dream": ("dream.tsv",),
    "ranking": ("ranking.tsv.gz",),
    "mi_matrix": ("mi_matrix.h5ad",),
}

NEED_REGULATORS: frozenset[Format] = frozenset({"viper", "decoupler", "gmt"})
"""Formats that are of regulators and their targets."""

NEED_BINS: frozenset[Format] = frozenset({"ranking", "mi_matrix"})
"""Formats that are of all pairs, significant or not: MI is computed again from the bins."""

DRAWN: Mapping[Format, float] = {
    "graphml": 19, "cyjs": 16, "cx2": 21, "sif": 23, "gexf": 69, "gml": 41,
}  # fmt: skip
"""Formats of programs that draw networks, and the seconds that writing a million edges took (config/outputs.md)."""

MANY_EDGES = 200_000
"""From here on programs that draw networks are slow to open one, or fail."""
