"""Regulons of a network: the targets of each regulator, with one weight each."""

import numpy as np
import pandas as pd

from genenet.products.edges import graph_edges


def regulon_table(edges: pd.DataFrame) -> pd.DataFrame:
    """List the targets of each regulator among the kept edges of a directed network.

    A target's weight is the mode of regulation, the sign of Spearman's correlation, times the likelihood, the edge's
    score over the largest score of the regulator's edges (as in VIPER, Alvarez et al. 2016, doi:10.1038/ng.3593). A
    pair of two regulators is in the regulons of both.

    Returns
    -------
    pandas.DataFrame
        source, target, weight (in [-1, 1]); regulators in gene order, the targets of each by likelihood, the largest
        first.

    Examples
    --------
    >>> edges = pd.DataFrame({"gene_a": ["R", "R"], "gene_b": ["A", "B"], "regulator": ["R", "R"],
    ... "target": ["A", "B"], "mutual": False, "score": [2.0, 1.0], "sign": [1, -1], "kept": True})
    >>> regulon_table(edges).to_numpy().tolist()
    [['R', 'A', 1.0], ['R', 'B', -0.5]]
    """
    table = graph_edges(edges, directed=True)
    sources = table["regulator"].astype("category")
    score = table["score"].to_numpy(float)
    largest = pd.Series(score).groupby(sources.to_numpy(), observed=True).transform("max").to_numpy()
    likelihood = np.divide(score, largest, out=np.ones_like(score), where=largest > 0)
    # A relation with a Spearman's correlation of 0 counts as positive.
    mode = np.where(table["sign"].to_numpy() < 0, -1.0, 1.0)
    order = np.lexsort((-likelihood, sources.cat.codes))
    regulons = {"source": table["regulator"].astype(str), "target": table["target"].astype(str)}
    return pd.DataFrame(regulons).assign(weight=mode * likelihood).iloc[order].reset_index(drop=True)
