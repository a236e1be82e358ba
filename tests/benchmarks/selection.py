"""How well do few genes tell a class of samples? Cross-validated accuracy by the number of genes, beside scikit-learn.

    python -m tests.benchmarks.selection FOLDER [RANKING ...]

FOLDER has real_pbmc68k_reduced (cell types) and real_U133A_merged240 (types of soft-tissue sarcoma). Genes are ranked
within each training fold by JMI, by mRMR and by `SelectKBest(mutual_info_classif)`; the same classifier, logistic
regression of scaled values, is trained on the first k of each ranking. The last lines are those of the default, which
passes over genes that tell nothing more and stops where all do (with fewer genes than k, all of them are used).
"""

import logging
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
from anndata import AnnData
from sklearn.feature_selection import SelectKBest, mutual_info_classif
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from genenet import select_genes
from genenet.config.sections import SelectEstimator, SelectMethod

MOST = 20
SHOWN = (1, 2, 3, 4, 5, 7, 10, 15, 20)
FEWEST = 15
"""Samples of a class; smaller ones are left out."""

N_VARIABLE = 2_000
"""Genes of the arrays; scikit-learn takes a minute and a half for a fold of all 22,283."""

Ranking = Callable[[AnnData], list[str]]


def cells(folder: Path) -> AnnData:
    """PBMC with their cell types."""
    return _with_class(anndata.read_h5ad(folder / "real_pbmc68k_reduced" / "10x_pbmc68k_reduced.h5ad"), "bulk_labels")


def sarcomas(folder: Path) -> AnnData:
    """Arrays of soft-tissue sarcomas, whose type is in their name; the genes of the largest variance."""
    matrix = pd.read_csv(folder / "real_U133A_merged240" / "expression.tsv.gz", sep="\t", index_col=0)
    matrix = matrix.loc[:, matrix.columns.str.startswith("nakayama")]
    matrix = matrix.loc[matrix.var(axis=1).nlargest(N_VARIABLE).index].T
    obs = pd.DataFrame({"type": matrix.index.str.split("_", n=2).str[2]}, index=matrix.index)
    return _with_class(AnnData(matrix.to_numpy(float), obs=obs, var=pd.DataFrame(index=matrix.columns)), "type")


def _with_class(data: AnnData, column: str) -> AnnData:
    classes = data.obs[column].astype(str)
    large = classes.map(classes.value_counts()) >= FEWEST
    values = data.X[large.to_numpy()]
    values = np.asarray(values.todense() if hasattr(values, "todense") else values, float)
    return AnnData(values, obs=pd.DataFrame({"class": classes[large]}), var=pd.DataFrame(index=data.var_names))


def by_criterion(method: SelectMethod, estimator: SelectEstimator = "plugin") -> Ranking:
    """The first genes by a criterion of genenet, without a test."""

    def rank(train: AnnData) -> list[str]:
        found = select_genes(train, "class", method=method, estimator=estimator, n_genes=MOST, n_permutations=0)
        return list(found["gene"])

    return rank


def by_scikit_learn(train: AnnData) -> list[str]:
    """The genes of the largest MI with the class, each for itself."""
    found = SelectKBest(lambda x, y: mutual_info_classif(x, y, random_state=0), k=MOST).fit(train.X, train.obs["class"])
    return list(train.var_names[np.argsort(-found.scores_, kind="stable")[:MOST]])


def until_no_gene_tells_more(method: SelectMethod, estimator: SelectEstimator = "plugin") -> Ranking:
    """Genes by a criterion of genenet, as many as its test lets in."""
    return lambda train: list(select_genes(train, "class", method=method, estimator=estimator)["gene"])


RANKINGS: dict[str, Ranking] = {
    "jmi": by_criterion("jmi"),
    "mrmr": by_criterion("mrmr"),
    "jmi, ksg": by_criterion("jmi", "ksg"),
    "SelectKBest": by_scikit_learn,
    "jmi, test": until_no_gene_tells_more("jmi"),
    "mrmr, test": until_no_gene_tells_more("mrmr"),
    "jmi, ksg, test": until_no_gene_tells_more("jmi", "ksg"),
}


def accuracies(data: AnnData, ranking: Ranking, n_repeats: int) -> tuple[pd.Series, float, float]:
    """Mean share of test samples that are told right, by number of genes (all where a ranking has fewer).

    Also the mean number of genes, and the seconds of a ranking.
    """
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=n_repeats, random_state=0)
    rows, sizes, seconds = [], [], 0.0
    for train, test in folds.split(data.X, data.obs["class"]):
        start = time.process_time()
        genes = ranking(data[train].copy())
        seconds += time.process_time() - start
        sizes.append(len(genes))
        places, right = data.var_names.get_indexer(genes), []
        for k in range(1, len(genes) + 1):
            model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2_000))
            model.fit(data.X[train][:, places[:k]], data.obs["class"].iloc[train])
            right.append(model.score(data.X[test][:, places[:k]], data.obs["class"].iloc[test]))
        rows.append([right[min(k, len(genes)) - 1] for k in range(1, MOST + 1)])
    means = pd.DataFrame(rows, columns=range(1, MOST + 1)).mean()
    return means, float(np.mean(sizes)), seconds / folds.get_n_splits()


def main(folder: Path, labels: Sequence[str]) -> None:
    """Print a table for each data set, with a row for each of these rankings (all of them if none is named)."""
    warnings.simplefilter("ignore")
    logging.getLogger("genenet").setLevel(logging.ERROR)
    for name, data, n_repeats in (("cells", cells(folder), 2), ("sarcomas", sarcomas(folder), 4)):
        print(f"\n{name}: {data.n_obs} samples, {data.n_vars} genes, {data.obs['class'].nunique()} classes")
        print(f"{'genes':14s}" + "".join(f"{k:>6d}" for k in SHOWN) + "   seconds   genes")
        for label in labels or RANKINGS:
            table, n_genes, seconds = accuracies(data, RANKINGS[label], n_repeats)
            shown = "".join(f"{table[k]:6.3f}" for k in SHOWN)
            print(f"{label:14s}{shown}{seconds:10.1f}{n_genes:8.1f}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
