"""The panel of settings, versions, checksums and files, with a paragraph for the methods section."""

from importlib.metadata import version as installed_version
from typing import Any

from genenet.config import KEYS, Settings, text_of
from genenet.config.step_options import value_of
from genenet.report.methods_text import methods_text
from genenet.report.panel import Content
from genenet.report.run import Run

OPENS = {
    "network.graphml": "Cytoscape, Gephi, yEd, networkx, igraph",
    "export/network.cx2": "Cytoscape 3.10 or newer, Cytoscape Web, NDEx",
    "export/network.cyjs": "Cytoscape, cytoscape.js",
    "export/view.cx2": "Cytoscape: the strongest part of the network",
    "export/view.cyjs": "Cytoscape, cytoscape.js: the strongest part of the network",
    "export/edges.tsv": "any spreadsheet, R, Python",
    "export/nodes.tsv": "any spreadsheet, R, Python",
    "export/network.h5ad": "scanpy, anndata",
    "expression.h5ad": "scanpy, anndata: the matrix as it was used",
    "pruned.parquet": "pandas, polars, R's arrow: all edges, also the removed ones",
    "summary.json": "any editor: the numbers of this page",
    "manifest.json": "any editor; genenet verify",
}


def build(run: Run) -> Content:
    """Make the panel."""
    version = str(run.manifest.get("genenet") or installed_version("genenet-mi"))
    methods = methods_text(run, version)
    values = {
        "version": version,
        "python": run.manifest.get("python", ""),
        "libraries": sorted(run.manifest.get("libraries", {}).items()),
        "changed": changed(run.settings),
        "settings": [(dotted, text_of(value_of(run.settings, key)) or "empty") for dotted, key in KEYS.items()],
        "inputs": [
            (role, entry["name"], entry.get("sha256") or "") for role, entry in run.manifest.get("inputs", {}).items()
        ],
        "outputs": outputs(run.manifest),
        "methods": methods,
    }
    return Content(values)


def changed(settings: Settings) -> list[tuple[str, str, str]]:
    """Settings that are not the default: name, value, default."""
    return [
        (dotted, text_of(value_of(settings, key)) or "empty", text_of(key.default) or "empty")
        for dotted, key in KEYS.items()
        if value_of(settings, key) != key.default
    ]


def outputs(manifest: Any) -> list[tuple[str, str, str]]:
    """Files of the run: name, which program opens it, checksum."""
    return [
        (name, OPENS.get(name, ""), str(entry.get("sha256") or entry.get("sha256_without_seconds") or ""))
        for name, entry in manifest.get("outputs", {}).items()
    ]
