"""Regulons and ARACNe networks, for VIPER, pyviper, decoupler, pySCENIC and programs like GSEA.

All but the ARACNe files need a regulator list. A pair of two regulators is in both regulons. Without regulators the
ARACNe files have every pair in both directions, as ARACNe itself writes them.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from genenet.files.atomic import atomic
from genenet.products.edges import ends
from genenet.products.regulons import regulon_table
from genenet.writers.content import Content
from genenet.writers.sif import check_names
from genenet.writers.tables import write_tsv

VALUES = ["score", "mi", "pvalue", "spearman", "sign"]


def both_directions(content: Content) -> pd.DataFrame:
    """Edges with `source`, `target` and the values needed; each pair in both directions if there are no regulators."""
    table = content.graph_edges
    genes = pd.Index(content.expression.var_names.astype(str))
    first, second = (pd.Categorical(table[end], categories=genes) for end in ends(table, directed=content.directed))
    values = table[[name for name in VALUES if name in table.columns]]
    edges = values.assign(source=first, target=second)
    if content.directed:
        return edges
    both = pd.concat([edges, values.assign(source=second, target=first)], ignore_index=True)
    # Each pair is directly followed by its reverse.
    return both.iloc[np.arange(len(both)).reshape(2, -1).T.ravel()].reset_index(drop=True)


def by_source(content: Content) -> pd.DataFrame:
    """Edges sorted by source in gene order, the largest mi first."""
    table = both_directions(content)
    order = np.lexsort((table["target"].cat.codes, -table["mi"], table["source"].cat.codes))
    return table.iloc[order].reset_index(drop=True)


def write_viper(content: Content, path: Path) -> Path:
    """Write `regulator, target, mor, likelihood`, the table of pyviper's Interactome.

    `mor` is Spearman's correlation (0 if it is not defined, as no direction is known then), `likelihood` the mi divided
    by the largest mi of the regulator: the definitions with which pyviper reads ARACNe3.
    """
    table = by_source(content)
    largest = table.groupby("source", observed=True)["mi"].transform("max")
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
    """Write `source, target, weight`, the network of decoupler: see `genenet.products.regulons.regulon_table`."""
    write_tsv(regulon_table(content.edges), path)
    return path


def write_scenic(content: Content, path: Path) -> Path:
    """Write `TF, target, importance`, the adjacencies of pySCENIC as GRNBoost2 writes them, the most important first.

    The importance is the score of the edge. A pair of two regulators is there in both directions.
    """
    table = content.graph_edges
    order = np.argsort(-table["score"].to_numpy(), kind="stable")
    columns = {"regulator": "TF", "target": "target", "score": "importance"}
    write_tsv(table[list(columns)].rename(columns=columns).iloc[order], path)
    return path


def write_gmt(content: Content, path: Path) -> Path:
    """Write regulons as GMT, one line for each regulator: its name, a description, its targets, the strongest first.

    The description is one word, because some readers split at any space.
    """
    check_names(content.elements.keys, path.name)
    with atomic(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        for regulator, targets in by_source(content).groupby("source", observed=True)["target"]:
            file.write("\t".join([str(regulator), "genenet", *map(str, targets)]) + "\n")
    return path


def write_aracne(content: Content, three: Path, four: Path) -> None:
    """Write ARACNe's files: aracne_3col.tsv with three columns and aracne_network.tsv with four.

    aracne_3col.tsv has regulator, target and mi without a header, which R's viper reads (`aracne2regulon(format =
    "3col")`). aracne_network.tsv is as ARACNe-AP writes it, with a header: Regulator, Target, MI, pvalue. MI is in
    bits.
    """
    check_names(content.elements.keys, three.name)
    table = by_source(content)
    columns: dict[str, Any] = {"source": "Regulator", "target": "Target", "mi": "MI", "pvalue": "pvalue"}
    write_tsv(table[["source", "target", "mi"]], three, header=False, quote=False)
    write_tsv(table[list(columns)].rename(columns=columns), four, quote=False)
