"""Names of the files under `export/`. Nothing heavy is imported here: the workflow lists them before any job begins."""

from collections.abc import Iterable, Mapping

from genenet.config import sections

FILES: Mapping[sections.Format, tuple[str, ...]] = {
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
    "scenic": ("adjacencies.tsv",),
    "gmt": ("regulons.gmt",),
    "beeline": ("rankedEdges.csv",),
    "dream": ("dream.tsv",),
    "ranking": ("ranking.tsv.gz",),
    "mi_matrix": ("mi_matrix.h5ad",),
    "anomalies": ("anomalies.tsv",),
}
"""Names of the files of each format."""


def exported_files(formats: Iterable[sections.Format]) -> tuple[str, ...]:
    """Names of the files of these formats, in an order that does not depend on theirs.

    Examples
    --------
    >>> exported_files(["gml", "tsv"])
    ('edges.tsv', 'nodes.tsv', 'network.gml')
    """
    wanted = {*formats}
    return tuple(file for name, files in FILES.items() if name in wanted for file in files)
