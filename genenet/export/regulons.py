"""Regulons and ARACNe networks: what VIPER, pyviper, decoupler and GSEA-like programs take.

All but the ARACNe files need a regulator list. A pair of two regulators is in both regulons. Without regulators the
ARACNe files have every pair in both directions, as ARACNe itself writes them.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from genenet.export.content import Content
from genenet.export.sif import check_names
from genenet.export.tables import write_tsv
from genenet.io import atomic
from genenet.network import ends


def both_directions(content: Content) -> pd.DataFrame:
    """Edges with `source` and `target`; each pair in both directions if there are no regulators."""
    table = content.graph_edges
    first, second = ends(table, directed=content.directed)
    table = table.assign(source=table[first].astype(object), target=table[second].astype(object))
    if content.directed:
        return table
    turned = table.assign(source=table["target"], target=table["source"])
    both = pd.concat([table, turned], ignore_index=True)
    order = np.arange(len(both)).reshape(2, -1).T.ravel()
    return both.iloc[order].reset_index(drop=True)


def by_source(content: Content, column: str) -> pd.DataFrame:
    """Edges sorted by source in gene order, the largest value first."""
    table = both_directions(content)
    place = {gene: number for number, gene in enumerate(content.expression.var_names)}
    order = np.lexsort((table["target"].map(place), -table[column], table["source"].map(place)))
    return table.iloc[order].reset_index(drop=True)


def write_viper(content: Content, path: Path) -> Path:
    """Write `regulator, target, mor, likelihood`, the table of pyviper's Interactome.

    `mor` is Spearman's correlation (0 if it is not defined, as no direction is known then), `likelihood` the mi divided
    by the largest mi of the regulator: the definitions with which pyviper reads ARACNe3.
    """
    table = by_source(content, "mi")
    largest = table.groupby("source")["mi"].transform("max")
    regulon = pd.DataFrame(
        {
            "regulator": table["source"],
            "target": table["target"],
            "mor": table["spearman"].fillna(0.0),
            "likelihood": table["mi"] / largest,
        }
    )
    write_tsv(regulon, path)
    return path


def write_decoupler(content: Content, path: Path) -> Path:
    """Write `source, target, weight`, the network of decoupler; the weight is mi with the sign of the correlation.

    Where the correlation is 0 or not defined the weight is positive.
    """
    table = by_source(content, "mi")
    sign = np.where(table["sign"] < 0, -1.0, 1.0)
    write_tsv(table[["source", "target"]].assign(weight=sign * table["mi"]), path)
    return path


def write_gmt(content: Content, path: Path) -> Path:
    """Write one line a regulator: its name, a description, its targets, the strongest first.

    The description is one word, because some readers split at any space.
    """
    check_names(content.graph, path.name)
    with atomic(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        for regulator, targets in by_source(content, "mi").groupby("source", sort=False)["target"]:
            file.write("\t".join([str(regulator), "genenet", *map(str, targets)]) + "\n")
    return path


def write_aracne(content: Content, directory: Path) -> list[Path]:
    """Write ARACNe's files: aracne_3col.tsv and aracne_network.tsv.

    aracne_3col.tsv has regulator, target and mi without a header, which R's viper reads (`aracne2regulon(format =
    "3col")`). aracne_network.tsv is as ARACNe-AP writes it, with a header: Regulator, Target, MI, pvalue. MI is in
    bits.
    """
    three, four = directory / "aracne_3col.tsv", directory / "aracne_network.tsv"
    check_names(content.graph, three.name)
    table = by_source(content, "mi")
    columns: dict[str, Any] = {"source": "Regulator", "target": "Target", "mi": "MI", "pvalue": "pvalue"}
    write_tsv(table[["source", "target", "mi"]], three, header=False, quote=False)
    write_tsv(table[list(columns)].rename(columns=columns), four, quote=False)
    return [three, four]
