"""Does the activity of a deleted regulator change? Strains of a compendium that lack a regulator, against wild types.

    python -m tests.benchmarks.activity FOLDER

FOLDER has expression.tsv.gz, tfs.txt, gold.tsv, gene_table.tsv (gene_name) and sample_table.tsv (project, strain), as
the E. coli compendium PRECISE. For each deleted regulator the network is inferred without the samples of that project,
the regulator's own expression is left out, and all regulators are ranked by how much their activity changes between the
deletion and the wild types of the same project and medium.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData

import genenet
from genenet.activity import activity, regulons_of
from genenet.products.expression import dense_values

MEDIUM = ["Base Media", "Carbon Source (g/L)", "Nitrogen Source (g/L)", "Electron Acceptor", "Supplement"]
METHODS = ("ulm", "viper")


@dataclass(frozen=True)
class Deletion:
    """Samples of a strain without a regulator, and wild types of the same project."""

    regulator: str
    project: str
    deleted: list[str]
    wild: list[str]


def deletions(samples: pd.DataFrame, names: dict[str, str]) -> Iterator[Deletion]:
    """All deletions of one regulator, with the wild types of their project, in the same media where there are any."""
    strain = samples["Strain Description"].astype(str)
    single = strain.str.extract(r"del_(\w+)$")[0]
    wild = ~strain.str.contains(r"del|mut|:|_", flags=re.IGNORECASE)
    for (project, gene), group in samples.groupby([samples["project"], single]):
        if gene.lower() not in names:
            continue
        beside = samples[wild & (samples["project"] == project)]
        media = {tuple(row) for row in group[MEDIUM].astype(str).to_numpy()}
        same = beside[[tuple(row) in media for row in beside[MEDIUM].astype(str).to_numpy()]]
        chosen = same if len(same) else beside
        if len(chosen):
            yield Deletion(names[gene.lower()], project, list(group.index), list(chosen.index))


def correlation_regulons(expression: AnnData, regulators: list[str], n_edges: int) -> pd.DataFrame:
    """The strongest Spearman correlations of regulators with genes, as many as the network has edges."""
    ranks = pd.DataFrame(dense_values(expression), index=expression.var_names).rank(axis=1)
    scaled = ranks.sub(ranks.mean(axis=1), axis=0)
    scaled = scaled.div(np.sqrt((scaled**2).sum(axis=1)), axis=0)
    rho = scaled.loc[regulators] @ scaled.T
    stacked = rho.rename_axis("source").reset_index().melt("source", var_name="target", value_name="weight")
    stacked = stacked[stacked["source"] != stacked["target"]]
    return stacked.iloc[np.argsort(-np.abs(stacked["weight"].to_numpy()), kind="stable")[:n_edges]]


def place(found: AnnData, case: Deletion) -> tuple[int, int] | None:
    """Place of the deleted regulator by the change of its activity, and how many regulators there are."""
    if case.regulator not in found.var_names:
        return None
    change = np.abs(found[case.deleted].X.mean(axis=0) - found[case.wild].X.mean(axis=0))
    own = change[found.var_names.get_loc(case.regulator)]
    return 1 + int((change > own).sum()), len(change)


def main(folder: Path) -> None:
    """Print a row for each deletion, and medians."""
    matrix = pd.read_csv(folder / "expression.tsv.gz", sep="\t", index_col=0)
    samples = pd.read_csv(folder / "sample_table.tsv", sep="\t", index_col=0).loc[matrix.columns]
    genes = pd.read_csv(folder / "gene_table.tsv", sep="\t", index_col=0)
    regulators = [name for name in (folder / "tfs.txt").read_text().split() if name in matrix.index]
    names = {str(genes.loc[gene, "gene_name"]).lower(): gene for gene in regulators if gene in genes.index}
    gold = pd.read_csv(folder / "gold.tsv", sep="\t")
    known = gold.assign(weight=np.where(gold.iloc[:, 2] == "-", -1.0, 1.0))[["source", "target", "weight"]]
    known = known.drop_duplicates(["source", "target"])
    networks: dict[str, genenet.Result] = {}
    rows = []
    for case in deletions(samples, names):
        if case.project not in networks:
            kept = matrix.loc[:, samples["project"] != case.project]
            networks[case.project] = genenet.infer_network(kept, regulators=regulators, min_variance=0)
        edges = networks[case.project].edges
        inferred = regulons_of(edges)
        sets = {
            "genenet": inferred,
            "correlation": correlation_regulons(networks[case.project].expression, regulators, len(inferred)),
            "RegulonDB": known,
        }
        used = AnnData(
            matrix.T.to_numpy(float), obs=pd.DataFrame(index=matrix.columns), var=pd.DataFrame(index=matrix.index)
        )
        used = used[samples["project"].to_numpy() == case.project].copy()
        for kind, regulons in sets.items():
            for method in METHODS:
                found = activity(used, regulons, method=method, min_targets=5, leave_out=[case.regulator])
                ranked = place(found, case)
                rows.append(
                    (genes.loc[case.regulator, "gene_name"], case.project, kind, method, *(ranked or (np.nan, np.nan)))
                )
    table = pd.DataFrame(rows, columns=["regulator", "project", "regulons", "method", "place", "of"])
    table["auroc"] = 1 - (table["place"] - 1) / (table["of"] - 1)
    print(table.pivot_table(index=["regulator", "project"], columns=["regulons", "method"], values="place").to_string())
    print(
        table.groupby(["regulons", "method"])[["place", "auroc"]].agg(["median", "mean", "count"]).round(3).to_string()
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
