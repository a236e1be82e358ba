"""Accuracy on data of public repositories; docs/accuracy.md says which of them defaults were chosen on. Prints tables.

    python tests/benchmarks/public.py --clones DIR [--cache DIR] [--output docs/accuracy.md]

DIR has clones, with their history, of the repositories that FAMILIES names, which are on GitHub: DIR/Beeline of
Murali-group/Beeline, and so on. A repository that is absent is skipped, with a line that says so; matrices in R's
format take the package rdata. With --cache what was measured is kept and not computed again.
"""

import argparse
import gzip
import io
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.accuracy import markdown  # noqa: E402
from tests.benchmarks.gold import Case, case_of  # noqa: E402
from tests.benchmarks.rankers import (  # noqa: E402
    DEFAULT,
    RUNS,
    SCORES,
    Found,
    bins_of,
    boosting,
    forest,
    mi_of,
    portia,
    ranking_of_all,
    run,
)

FEW_SAMPLES = 200
"""Up to so many samples GENIE3 has its 1,000 trees for each gene, beyond them 100."""
MOST = 3e7
"""Pairs x samples up to which GENIE3 and GRNBoost2 are run: more takes them an hour."""
LARGE = 50
"""Genes of a network that counts as a large one: beyond, 20 edges more than genes are few."""
SCORES_SHOWN = ("clr_squared", "clr_squared, mrnet", "clr_squared, mrnet, partial_correlation")
NETWORKS = [method for method in RUNS if method.startswith("genenet")]
PROGRAMS: dict[str, Callable[[Case], Found]] = {
    "PORTIA": lambda case: Found(portia(case)),
    "GRNBoost2": lambda case: Found(boosting(case)),
    "GENIE3": lambda case: Found(forest(case, 1000 if case.expression.shape[1] <= FEW_SAMPLES else 100)),
}
# The version of Beeline that had its inputs.
BEELINE = "900e18dac032d3a41f03cda4be5d1475d9738897"
Read = tuple[pd.DataFrame, pd.DataFrame, list[str] | None]
"""Genes x samples; true edges (two columns of gene names); names of regulators, or None."""


class Clone:
    """A clone of a repository.

    Attributes
    ----------
    folder
        Where it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def show(self, path: str, version: str = "HEAD") -> bytes:
        """Read a file of a version."""
        command = ["git", "-C", str(self.folder), "show", f"{version}:{path}"]
        return subprocess.run(command, check=True, capture_output=True).stdout

    def table(self, path: str, version: str = "HEAD", *, sep: str = "\t", **options: object) -> pd.DataFrame:
        """Read a table, also a gzipped one."""
        content = self.show(path, version)
        content = gzip.decompress(content) if path.endswith(".gz") else content
        return pd.read_csv(io.BytesIO(content), sep=sep, **options)

    def r_object(self, path: str) -> pd.DataFrame:
        """Read the matrix that a file of R's has."""
        import rdata

        with tempfile.NamedTemporaryFile(suffix=".rda") as file:
            Path(file.name).write_bytes(self.show(path))
            (found,) = rdata.read_rda(file.name, default_encoding="ascii").values()
        return found if isinstance(found, pd.DataFrame) else found.to_pandas()


@dataclass(frozen=True)
class Family:
    """Data sets that are alike, reported together.

    Attributes
    ----------
    name, repository
        Name in the tables; owner and name of the repository.
    networks
        The data sets of each network.
    read
        Reads a data set.
    """

    name: str
    repository: str
    networks: tuple[tuple[str, ...], ...]
    read: Callable[[Clone, str], Read]


def dream4(clone: Clone, net: str) -> Read:
    """Multifactorial perturbations of a network of 100 genes."""
    matrix = clone.table(f"DREAM4/insilico_size100_{net}_multifactorial.tsv").T
    gold = clone.table(f"DREAM4gold/DREAM4_GoldStandard_InSilico_Size100_multifactorial_{net}.tsv", header=None)
    return matrix, "G" + gold.loc[gold[2] == 1, [0, 1]].astype(str), None


def beeline(clone: Clone, path: str) -> Read:
    """Cells of a small network."""
    matrix = clone.table(f"inputs/{path}/ExpressionData.csv", BEELINE, sep=",", index_col=0)
    return matrix, clone.table(f"inputs/{path}/refNetwork.csv", BEELINE, sep=",").iloc[:, :2], None


def sam(clone: Clone, name: str) -> Read:
    """SynTReN: parts of the network of E. coli."""
    path = f"syntren/{name.split('_')[0]}_probaComplexInter1/syntrenHop1_{name}"
    return clone.table(f"{path}_data.csv", sep=",").T, clone.table(f"{path}_target.csv", sep=","), None


def sergio(clone: Clone, folder: str) -> Read:
    """Spliced counts of differentiating cells without technical noise, the first of 15 repeats."""
    matrix = clone.table(f"data_sets/{folder}/simulated_noNoise_S_0.csv", sep=",", index_col=0)
    return matrix, clone.table(f"data_sets/{folder}/gt_GRN.csv", sep=",", header=None).iloc[:, :2], None


def portia_1(clone: Clone, _: str) -> Read:
    """The first of two test sets."""
    gold = clone.table("test-data/dataset1.goldstandard.txt", header=None)
    return clone.table("test-data/dataset1.expression.txt").T, gold.loc[gold[2] == 1, [0, 1]], None


def of_r(clone: Clone, name: str) -> Read:
    """A data set of a package of Bioconductor: samples x genes, and the matrix of edges in the same order."""
    matrix, network = (clone.r_object(f"data/{name}.{part}.rda") for part in ("data", "net"))
    first, second = np.nonzero(network.to_numpy())
    return matrix.T.set_axis(network.index, axis=0), pd.DataFrame([network.index[first], network.index[second]]).T, None


def subtilis(clone: Clone, _: str) -> Read:
    """Arrays of B. subtilis and what is known of its regulation."""
    matrix, gold = (
        clone.table(f"data/bsubtilis/{name}.tsv.gz", index_col=0) for name in ("expression", "gold_standard")
    )
    target, regulator = np.nonzero(gold.to_numpy())
    names = clone.show("data/bsubtilis/tf_names.tsv").decode().replace('"', "").split()
    return matrix, pd.DataFrame([gold.columns[regulator], gold.index[target]]).T, names


def _each(*names: str) -> tuple[tuple[str, ...], ...]:
    return tuple((name,) for name in names)


SYNTHETIC = ("LI", "CY", "LL", "BF", "BFC", "TF")
FAMILIES = (
    Family("DREAM4 net3 to net5", "albcab/RobustVariableSelection", _each("3", "4", "5"), dream4),
    Family("SynTReN, 100 genes", "Diviyan-Kalainathan/SAM", _each(*(f"100_{k}" for k in range(10))), sam),
    Family("SynTReN, 50 genes", "bioc/minet", _each("syn"), of_r),
    Family("SynTReN, 20 genes", "Diviyan-Kalainathan/SAM", _each(*(f"20_{k}" for k in range(10))), sam),
    Family("Rogers, 1,000 genes", "bioc/grndata", _each("rogers1000"), of_r),
    Family("PORTIA 1", "AntoinePassemiers/PORTIA", _each("dataset1"), portia_1),
    Family(
        "SERGIO DS5 to DS8",
        "PayamDiba/SERGIO",
        (
            (
                "De-noised_100G_4T_300cPerT_dynamics_10_DS5",
                "De-noised_100G_6T_300cPerT_dynamics_7_DS6",
                "De-noised_100G_7T_300cPerT_dynamics_11_DS7",
                "De-noised_100G_3T_300cPerT_dynamics_8_DS8",
            ),
        ),
        sergio,
    ),
    Family(
        "BEELINE, curated",
        "Murali-group/Beeline",
        tuple(
            tuple(f"Simulated/{name}/{name}_2000_1{loss}" for loss in ("", "_50")) for name in ("mCAD", "VSC", "HSC")
        ),
        beeline,
    ),
    Family(
        "BEELINE, synthetic",
        "Murali-group/Beeline",
        tuple(tuple(f"Synthetic/dyn-{name}/dyn-{name}_{n}_1" for n in (2000, 500)) for name in SYNTHETIC),
        beeline,
    ),
    Family("B. subtilis", "flatironinstitute/inferelator", _each("bsubtilis"), subtilis),
)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clones", type=Path, required=True, help="folder of the clones")
    parser.add_argument("--cache", type=Path, help="folder to keep what was measured")
    parser.add_argument("--output", type=Path, help="Markdown file whose part between two comments is replaced")
    given = parser.parse_args()
    measured = list(results(given.clones, given.cache))
    if not measured:
        raise SystemExit(f"{given.clones} has no clone of the repositories of FAMILIES")
    text = report(pd.DataFrame(measured))
    print(text)
    if given.output:
        before, start, rest = given.output.read_text(encoding="utf-8").partition(START)
        _, end, after = rest.partition(END)
        if not end:
            raise SystemExit(f"{given.output} has no lines {START!r} and {END!r}")
        given.output.write_text(f"{before}{start}\n\n{text}\n\n{end}{after}", encoding="utf-8")


START, END = "<!-- Made by tests/benchmarks/public.py: -->", "<!-- End of what tests/benchmarks/public.py made. -->"


def results(clones: Path, cache: Path | None) -> Iterator[dict[str, object]]:
    """Measures of every method on every data set: family, network, set, genes, samples, method, f1, aupr."""
    for family in FAMILIES:
        clone = Clone(clones / family.repository.partition("/")[2])
        if not clone.folder.exists():
            print(f"{family.name}: left out, {clone.folder} is no clone of {family.repository}", file=sys.stderr)
            continue
        for network in family.networks:
            for name in network:
                case = case_of(f"{family.name}, {name}", *family.read(clone, name))
                shape = {"genes": len(case.truth), "samples": case.expression.shape[1]}
                about = {"family": family.name, "repository": family.repository, "network": network[0], **shape}
                for row in measure(case, cache):
                    yield about | row


def measure(case: Case, cache: Path | None) -> list[dict[str, object]]:
    """F1 of networks and AUPR of rankings of one data set; programs that take too long are left out."""
    path = cache / f"{case.name}.csv".replace("/", "_").replace(" ", "_") if cache else None
    rows = pd.read_csv(path).to_dict("records") if path and path.exists() else []
    done = {row["method"] for row in rows}
    for method, make in methods(case).items():
        if method in done:
            continue
        found = make()
        row = {"set": case.name, "method": method, "aupr": case.evaluate(found.ranking)["aupr"]}
        if found.kept is not None:
            row |= case.evaluate_network(found.kept)
        rows.append(row)
        print(f"{case.name}: {row}", file=sys.stderr)
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            pd.DataFrame(rows).to_csv(path, index=False)
    return rows


def methods(case: Case) -> dict[str, Callable[[], Found]]:
    """All that is measured of one data set; AUPR of the default is that of its ranking of all pairs."""

    def default() -> Found:
        return Found(ranking_of_all(case), run(case).kept)

    def of_score(score: str) -> Found:
        return Found(SCORES[score](case, mi_of(bins_of(case))))

    runs = {name: lambda name=name: run(case, **RUNS[name]) for name in NETWORKS}
    scores = {f"score {score}": lambda score=score: of_score(score) for score in SCORES_SHOWN}
    is_large = case.expression.size * case.n_regulators > MOST
    programs = {
        name: lambda make=make: make(case) for name, make in PROGRAMS.items() if name == "PORTIA" or not is_large
    }
    return {**runs, DEFAULT: default, **scores, **programs}


def report(measured: pd.DataFrame) -> str:
    """Tables by family: what it is; F1 of networks; AUPR. Sets of one network count as one."""
    order = list(dict.fromkeys(measured["family"]))
    about = measured.groupby("family")[["network", "set"]].nunique().reindex(order)
    sizes = measured.groupby("family")[["genes", "samples"]].agg(["min", "max"])
    sources = measured.groupby("family")["repository"].first()
    lines = ["| data | networks | sets | genes | samples | repository |", "|---|---|---|---|---|---|"]
    for name, (n_networks, n_sets) in about.iterrows():
        ranges = [_range(*sizes.loc[name, column]) for column in ("genes", "samples")]
        lines.append(f"| {name} | {n_networks} | {n_sets} | {ranges[0]} | {ranges[1]} | {sources[name]} |")
    f1 = by_family(measured.dropna(subset="f1"), "f1")[NETWORKS]
    aupr = np.exp(by_family(measured.assign(aupr=np.log(measured["aupr"])), "aupr"))
    of_scores = [name for name in aupr.columns if name == DEFAULT or name not in NETWORKS]
    return "\n\n".join(
        [
            "\n".join(lines),
            "F1 of the returned network, mean over networks:",
            markdown(f1, "data", 3),
            "AUPR of the ranking of all pairs, geometric mean over networks:",
            markdown(aupr[of_scores], "data", 3),
        ]
    )


def _range(least: int, most: int) -> str:
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def by_family(measured: pd.DataFrame, column: str) -> pd.DataFrame:
    """Mean over the networks of each family, of all large and of all small ones, of the means over their sets.

    A mean is missing where a method was not run on all sets.
    """
    levels = ["family", "network"]
    values = measured.pivot_table(index=[*levels, "set"], columns="method", values=column)
    networks = _means(values[measured["method"].unique()], levels)
    is_large = measured.groupby(levels)["genes"].max().reindex(networks.index) >= LARGE
    size = np.where(is_large, f"all of {LARGE} genes or more", "all smaller ones")
    order = list(dict.fromkeys(measured["family"]))
    return pd.concat([_means(networks, "family").reindex(order), _means(networks.set_axis(size), 0)])


def _means(values: pd.DataFrame, level: str | int | list[str]) -> pd.DataFrame:
    """Means by group, missing where a value is missing."""
    is_complete = values.notna().groupby(level=level).all()
    return values.groupby(level=level).mean().where(is_complete)


if __name__ == "__main__":
    main()
