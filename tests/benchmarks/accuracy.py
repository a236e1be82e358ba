"""Accuracy on known networks: every estimator with every score, beside what other programs do. Prints tables.

    python tests/benchmarks/accuracy.py --data DIR [--cache DIR] [--output FILE.md] [--trees N] [--sets NAME ...]

For each set: area under the precision-recall curve (AUPR), under the ROC curve, and early precision, of all pairs that
have a regulator; a pair is true if either direction is listed. With --cache what was measured is kept and not computed
again.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.gold import SETS, Case, Matrix, load, stored_rankings  # noqa: E402
from tests.benchmarks.rankers import ESTIMATORS, PEERS, RUNS, SCORES, bins_of, genie3, mi_of, run  # noqa: E402

DEFAULT, *_ = RUNS
FOREST = "GENIE3"
MARK = "<!-- Below: made by tests/benchmarks/accuracy.py. -->"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--cache", type=Path, help="folder to keep what was measured")
    parser.add_argument("--output", type=Path, help="Markdown file to write the tables to, below what is said in it")
    parser.add_argument("--trees", type=int, default=0, help="trees of GENIE3; 0 leaves it out, it takes hours")
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=list(SETS), metavar="NAME")
    given = parser.parse_args()
    results = pd.concat([measure(load(name, given.data), given.trees, given.cache) for name in given.sets])
    text = "\n\n".join([report(results), *programs(given.sets, given.data, results)])
    print(text)
    if given.output:
        said = given.output.read_text(encoding="utf-8").partition(MARK)[0] if given.output.exists() else ""
        given.output.write_text(f"{said}{MARK}\n\n{text}\n", encoding="utf-8")


def measure(case: Case, n_trees: int, cache: Path | None) -> pd.DataFrame:
    """Every method on one set: columns method, score, set, and the measures.

    Genenet's estimators have a score; `run` is a whole run, and `peer` stands for other programs.
    """
    path = cache / f"{case.name}.csv".replace(" ", "_") if cache else None
    known = pd.read_csv(path) if path and path.exists() else pd.DataFrame(columns=["method", "score"])
    done = set(zip(known["method"], known["score"], strict=True))
    rows = known.to_dict("records")

    def keep(method: str, score: str, make: Callable[[], Matrix], before: float = 0.0) -> None:
        if (method, score) in done:
            return
        start = time.process_time()
        matrix = make()
        seconds = before + time.process_time() - start
        rows.append({"method": method, "score": score, "set": case.name, **case.evaluate(matrix), "seconds": seconds})
        print(f"{case.name}: {method}, {score}: {rows[-1]['aupr']:.4f} ({seconds:.1f} s)", file=sys.stderr)
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            pd.DataFrame(rows).to_csv(path, index=False)

    for method, settings in ESTIMATORS.items():
        if not {(method, score) for score in SCORES} <= done:
            start = time.process_time()
            mi = mi_of(bins_of(case, **settings))
            seconds = time.process_time() - start
            for score, compute in SCORES.items():
                keep(method, score, lambda compute=compute, mi=mi: compute(case, mi), seconds)
    for method, settings in RUNS.items():
        keep(method, "run", lambda settings=settings: run(case, **settings))
    peers = dict(PEERS)
    if n_trees:
        peers[f"{FOREST} ({n_trees} trees)"] = lambda case: genie3(case, n_trees)
    for method, make in peers.items():
        keep(method, "peer", lambda make=make: make(case))
    return pd.DataFrame(rows)


def report(results: pd.DataFrame) -> str:
    """Tables: estimators by scores; the default and the peers by sets; average ranks; other measures."""
    is_forest = results["method"].str.startswith(FOREST)
    results = results.assign(method=results["method"].mask(is_forest, f"{FOREST} (random forest)"))
    own = results[results["score"].isin(SCORES)]
    table = np.exp(own.assign(log=np.log(own["aupr"])).pivot_table(index="method", columns="score", values="log"))
    others = results[~results["score"].isin(SCORES)]
    ranked = pd.concat([own.assign(method=own["method"] + ", " + own["score"]), others])
    aupr = ranked.pivot_table(index="method", columns="set", values="aupr")[list(dict.fromkeys(results["set"]))]
    peers = [name for name in dict.fromkeys(results[results["score"] == "peer"]["method"]) if aupr.loc[name].all()]
    shown = aupr.loc[[*chosen_rows(), *peers]].dropna()
    peers = [name for name in peers if name in shown.index]
    among_peers = {name: rank(shown.loc[[name, *peers]])[name] for name in chosen_rows()}
    averages = {
        "geometric mean": np.exp(np.log(shown).mean(axis=1)),
        "average rank": rank(shown),
        "average rank among other programs": pd.Series(among_peers),
    }
    other = ranked.pivot_table(index="method", values=["auroc", "early", "seconds"]).loc[shown.index]
    return "\n\n".join(
        [
            "Geometric mean of AUPR over the sets, estimator by score:",
            markdown(table.reindex(index=list(ESTIMATORS), columns=list(SCORES)), "estimator", 3),
            "AUPR by set:",
            markdown(shown, "method", 3),
            "Averages of AUPR over the sets; ranks among the rows of this table, and of each row of genenet among the"
            " other programs alone:",
            markdown(pd.DataFrame(averages).loc[shown.index], "method", 3),
            "Average rank of the default among the other programs, and theirs beside it:",
            markdown(rank(shown.loc[[DEFAULT, *peers]]).to_frame("average rank"), "method", 2),
            "Means over the sets: area under the ROC curve, early precision, seconds of CPU time:",
            markdown(other, "method", 3),
        ]
    )


def programs(names: list[str], data: Path, results: pd.DataFrame) -> list[str]:
    """Beside what the programs themselves made of a set, where that is at hand."""
    columns = {}
    for name in names:
        case = load(name, data)
        rankings = stored_rankings(case, data)
        if rankings:
            default = results[(results["set"] == name) & (results["method"] == DEFAULT)]["aupr"].iloc[0]
            columns[name] = {DEFAULT: default} | {
                program: case.evaluate(scores)["aupr"] for program, scores in rankings.items() if scores.any()
            }
    if not columns:
        return []
    title = "AUPR of rankings that the programs themselves made (as published with BEELINE):"
    return [title, markdown(pd.DataFrame(columns), "program", 3)]


def chosen_rows() -> list[str]:
    """Genenet's rows that are shown beside the peers, the default first."""
    splines = [name for name in ESTIMATORS if name.startswith("B-spline")]
    scores = ("clr_squared", "clr", "consensus", "mi, DPI 0.15", "mi")
    return [
        *RUNS,
        *(f"{splines[0]}, {score}" for score in scores),
        *(f"{name}, clr_squared" for name in splines[1:]),
    ]


def rank(table: pd.DataFrame) -> "pd.Series[float]":
    """Average rank of each row over the columns."""
    return (-table).rank().mean(axis=1)


def markdown(table: pd.DataFrame, index: str, digits: int) -> str:
    """Write a table of numbers."""
    lines = [f"| {index} | " + " | ".join(map(str, table.columns)) + " |", "|---" * (table.shape[1] + 1) + "|"]
    for name, row in table.iterrows():
        cells = ["" if np.isnan(value) else f"{value:.{digits}f}" for value in row]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
