"""Ranked edges for benchmarks (BEELINE, DREAM): kept edges, the largest score first.

Without regulators each pair is in the file in both directions.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from genenet.writers.content import Content
from genenet.writers.regulons import both_directions
from genenet.writers.sif import check_names
from genenet.writers.tables import write_tsv

DREAM_EDGES = 100_000
"""Most edges that a DREAM challenge accepts."""


def _ranked(content: Content) -> pd.DataFrame:
    """Edges in descending order of `score`, or of `mi` in a table without scores."""
    table = both_directions(content)
    if "score" not in table:
        table = table.assign(score=table["mi"])
    order = np.argsort(-table["score"].to_numpy(), kind="stable")
    return table.iloc[order].reset_index(drop=True)


def write_beeline(content: Content, path: Path) -> Path:
    """Write rankedEdges.csv of BEELINE: Gene1, Gene2, EdgeWeight (score), separated by tabs whatever the name says."""
    names = {"source": "Gene1", "target": "Gene2", "score": "EdgeWeight"}
    write_tsv(_ranked(content)[list(names)].rename(columns=names), path)
    return path


def write_dream(content: Content, path: Path) -> Path:
    """Write a prediction for a DREAM challenge: regulator, target, score (over the largest); no header."""
    check_names(content.elements.keys, path.name)
    table = _ranked(content).head(DREAM_EDGES)
    score = table["score"] / table["score"].max()
    write_tsv(table[["source", "target"]].assign(score=score), path, header=False, quote=False)
    return path
