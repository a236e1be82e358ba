"""Data sets whose true network is known, and how well a ranking of pairs finds it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

Matrix = NDArray[np.float64]

# Name: folder, expression, true edges. Most defaults were chosen on the sets of CHOSEN_ON, see docs/accuracy.md.
SETS = {
    "DREAM4 net1": ("dream4_multifactorial/net1", "multifactorial.tsv", "gold.tsv"),
    "DREAM4 net2": ("dream4_multifactorial/net2", "multifactorial.tsv", "gold.tsv"),
    "GNW yeast10": ("peer_NetworkInference.jl", "expression.tsv", "gold.tsv"),
    "SynTReN 300": ("grndata_syntren300", "expression.tsv.gz", "gold.tsv"),
    "grndata toy": ("grndata_toy", "expression.tsv.gz", "gold.tsv"),
    "PORTIA 2": ("portia_insilico2", "expression.tsv.gz", "gold.tsv"),
    "GSD cells": ("beeline_GSD/GSD_2000_0", "ExpressionData.csv.gz", "refNetwork.csv"),
    "GSD dropout": ("beeline_GSD/GSD_2000_0_50", "ExpressionData.csv.gz", "refNetwork.csv"),
    "Sachs": ("sachs", "expression.tsv.gz", "gold.tsv"),
    "Sachs, 3 levels": ("sachs", "discrete_5400.tsv.gz", "gold_discrete.tsv"),
    "SERGIO DS4": ("sergio_DS4", "expression.tsv.gz", "gold.tsv"),
    "SynTReN DAG1": ("syntren_DAG1_100_500", "expression.tsv.gz", "gold.tsv"),
    "S. aureus": ("real_staph_iModulon108", "expression.tsv.gz", "gold.tsv"),
    "E. coli": ("real_ecoli_PRECISE278", "expression.tsv.gz", "gold.tsv"),
}
CHOSEN_ON = ("DREAM4 net1", "grndata toy", "PORTIA 2", "GSD cells", "GSD dropout", "SERGIO DS4", "S. aureus")


@dataclass(frozen=True)
class Case:
    """A matrix and its true network.

    Attributes
    ----------
    expression
        Shape (n_genes, n_samples).
    truth
        bool, shape (n_genes, n_genes), symmetric: pairs with an edge in either direction.
    regulators
        bool, shape (n_genes,), or None if there is no list.
    """

    name: str
    expression: Matrix
    truth: NDArray[np.bool_]
    regulators: NDArray[np.bool_] | None

    @property
    def tested(self) -> NDArray[np.bool_]:
        """Pairs that are ranked, each once: those with a regulator."""
        pairs = np.triu(np.ones(self.truth.shape, bool), 1)
        if self.regulators is not None:
            pairs &= self.regulators[:, None] | self.regulators[None]
        return pairs

    @property
    def n_regulators(self) -> int:
        """Number of genes that may regulate."""
        return len(self.truth) if self.regulators is None else int(self.regulators.sum())

    def evaluate_network(self, kept: NDArray[np.bool_]) -> dict[str, float]:
        """F1 of a network, the harmonic mean of precision and recall, and its number of edges. kept is symmetric."""
        n_kept, n_true = int(kept[self.tested].sum()), int(self.truth[self.tested].sum())
        n_found = int((kept & self.truth)[self.tested].sum())
        return {"f1": 2 * n_found / (n_kept + n_true), "edges": n_kept}

    def evaluate(self, scores: Matrix) -> dict[str, float]:
        """Areas under the precision-recall and the ROC curve; early precision: among as many pairs as edges."""
        truth, ranked = self.truth[self.tested], scores[self.tested]
        n_edges = int(truth.sum())
        first = np.argsort(-ranked, kind="stable")[:n_edges]
        return {
            "aupr": float(average_precision_score(truth, ranked)),
            "auroc": float(roc_auc_score(truth, ranked)),
            "early": float(truth[first].mean()),
        }


def load(name: str, data: Path) -> Case:
    """Read one of the sets."""
    folder, _, gold = SETS[name]
    edges = pd.read_csv(data / folder / gold, sep=None, engine="python", dtype=str)
    listed = data / folder / "tfs.txt"
    return case_of(name, _expression(name, data), edges, listed.read_text().split() if listed.exists() else None)


def case_of(name: str, frame: pd.DataFrame, edges: pd.DataFrame, regulators: list[str] | None) -> Case:
    """Make a case of genes x samples, true edges (two columns of genes) and the names of regulators, if listed."""
    index = {str(gene): number for number, gene in enumerate(frame.index)}
    truth = np.zeros((len(frame), len(frame)), bool)
    for a, b in edges.iloc[:, :2].astype(str).to_numpy():
        if a in index and b in index and a != b:
            truth[index[a], index[b]] = truth[index[b], index[a]] = True
    listed = None if regulators is None else np.isin(np.array(list(index)), regulators)
    return Case(name, np.ascontiguousarray(frame.to_numpy(float)), truth, listed)


def stored_rankings(case: Case, data: Path) -> dict[str, Matrix]:
    """Rankings of the same cells by other programs themselves, where there are some; of two directions the larger."""
    folder = data / SETS[case.name][0] / "outputs"
    index = {str(gene): number for number, gene in enumerate(_expression(case.name, data).index)}
    rankings = {}
    for path in sorted(folder.glob("*.rankedEdges.tsv")):
        table = pd.read_csv(path, sep="\t").dropna()
        first, second = (table[column].astype(str).map(index).to_numpy(int) for column in table.columns[:2])
        scores = np.zeros(case.truth.shape)
        np.maximum.at(scores, (first, second), np.abs(table.iloc[:, 2].to_numpy(float)))
        rankings[path.name.partition(".")[0]] = np.maximum(scores, scores.T)
    return rankings


def _expression(name: str, data: Path) -> pd.DataFrame:
    folder, expression, _ = SETS[name]
    return pd.read_csv(data / folder / expression, sep=None, engine="python", index_col=0)
