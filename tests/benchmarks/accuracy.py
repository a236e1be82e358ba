"""Accuracy on known networks: runs of genenet, its scores, and what other programs do. Prints tables.

    python tests/benchmarks/accuracy.py --data DIR [--cache DIR] [--output FILE.md] [--estimators] [--sets NAME ...]

For each set: F1 of the returned network, and of the ranking of all pairs that have a regulator the area under the
precision-recall curve (AUPR), under the ROC curve, and early precision; a pair is true if either direction is listed.
With --cache what was measured is kept and not computed again. PORTIA, GENIE3 and GRNBoost2 take the packages
portia-grn and arboreto; a method that is missing, or too slow for a set, has an empty cell.
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

from tests.benchmarks.gold import CHOSEN_ON, SETS, Case, load, stored_rankings  # noqa: E402
from tests.benchmarks.rankers import (  # noqa: E402
    DEFAULT,
    ESTIMATORS,
    LARGEST,
    PEERS,
    RUNS,
    SCORES,
    Found,
    bins_of,
    mi_of,
    ranking_of_all,
    run,
)

DEFAULT_ESTIMATOR, *_ = ESTIMATORS
SLOWEST = "GENIE3 (arboreto)"
MARK = "<!-- Below: made by tests/benchmarks/accuracy.py. -->"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--cache", type=Path, help="folder to keep what was measured")
    parser.add_argument("--output", type=Path, help="Markdown file to write the tables to, below what is said in it")
    parser.add_argument("--estimators", action="store_true", help="also every estimator with every score")
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=list(SETS), metavar="NAME")
    given = parser.parse_args()
    results = pd.concat([measure(load(name, given.data), given.cache, given.estimators) for name in given.sets])
    text = "\n\n".join([report(results), *programs(given.sets, given.data, results)])
    print(text)
    if given.output:
        said = given.output.read_text(encoding="utf-8").partition(MARK)[0] if given.output.exists() else ""
        given.output.write_text(f"{said}{MARK}\n\n{text}\n", encoding="utf-8")


def measure(case: Case, cache: Path | None, estimators: bool = False) -> pd.DataFrame:
    """Every method on one set: columns method, kind, set, and the measures.

    The kind is `run` for whole runs, `peer` for other programs, and for a ranking by an estimator its score.
    """
    path = cache / f"{case.name}.csv".replace(" ", "_") if cache else None
    known = pd.read_csv(path) if path and path.exists() else pd.DataFrame(columns=["method", "kind"])
    done = set(zip(known["method"], known["kind"], strict=True))
    rows = known.to_dict("records")

    def keep(method: str, kind: str, make: Callable[[], Found], before: float = 0.0) -> None:
        if (method, kind) in done or case.expression.size * case.n_regulators > LARGEST.get(method, np.inf):
            return
        start = time.process_time()
        try:
            found = make()
        except ModuleNotFoundError as missing:
            print(f"{case.name}: {method} is left out: {missing}", file=sys.stderr)
            return
        seconds = before + time.process_time() - start
        measured = case.evaluate(found.ranking)
        if found.kept is not None:
            measured |= case.evaluate_network(found.kept)
        if method == DEFAULT:
            measured |= case.evaluate(ranking_of_all(case))
        rows.append({"method": method, "kind": kind, "set": case.name, **measured, "seconds": seconds})
        print(f"{case.name}: {method}, {kind}: {rows[-1]['aupr']:.4f} ({seconds:.1f} s)", file=sys.stderr)
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            pd.DataFrame(rows).to_csv(path, index=False)

    for method, settings in RUNS.items():
        keep(method, "run", lambda settings=settings: run(case, **settings))
    for method, settings in ESTIMATORS.items():
        if (estimators or method == DEFAULT_ESTIMATOR) and not {(method, score) for score in SCORES} <= done:
            start = time.process_time()
            mi = mi_of(bins_of(case, **settings))
            seconds = time.process_time() - start
            for score, compute in SCORES.items():
                keep(method, score, lambda compute=compute, mi=mi: Found(compute(case, mi)), seconds)
    for method, make in PEERS.items():
        keep(method, "peer", lambda make=make: Found(make(case)))
    return pd.DataFrame(rows)


def report(results: pd.DataFrame) -> str:
    """Tables: F1 of networks; AUPR by sets; averages and ranks; other measures; estimators by scores, if measured."""
    own = results[~results["kind"].isin(("run", "peer"))]
    shown = results[results["kind"].isin(("run", "peer")) | (results["method"] == DEFAULT_ESTIMATOR)]
    shown = shown.assign(method=shown["method"].mask(~shown["kind"].isin(("run", "peer")), "score " + shown["kind"]))
    sets = list(dict.fromkeys(results["set"]))
    order = list(dict.fromkeys(shown["method"]))
    f1 = shown.dropna(subset="f1").pivot_table(index="method", columns="set", values="f1")
    f1 = f1.reindex(index=[name for name in order if name in f1.index], columns=sets)
    ranking = shown[~shown["method"].isin([name for name in f1.index if name != DEFAULT])]
    aupr = ranking.pivot_table(index="method", columns="set", values="aupr").reindex(columns=sets)
    aupr = aupr.loc[[name for name in order if name in aupr.index]]
    early = ranking.pivot_table(index="method", columns="set", values="early").reindex(index=aupr.index, columns=sets)
    peers = list(dict.fromkeys(results[results["kind"] == "peer"]["method"]))
    complete = (aupr.loc[:, aupr.loc[SLOWEST].notna()] if SLOWEST in aupr.index else aupr).dropna()
    among = complete.loc[[name for name in complete.index if name == DEFAULT or name in peers]]
    part = aupr.loc[[name for name in aupr.index if name == DEFAULT or name in peers]].dropna(axis=1)
    averages = pd.DataFrame({"geometric mean": np.exp(np.log(complete).mean(axis=1)), "average rank": rank(among)})
    smaller = pd.DataFrame({"geometric mean": np.exp(np.log(part).mean(axis=1)), "average rank": rank(part)})
    times = shown.pivot_table(index="method", columns="set", values="seconds").reindex(index=order, columns=sets)
    parts = [
        "F1 of the returned network:",
        markdown(_with_means(f1), "method", 3),
        "Number of edges of the returned network:",
        markdown(shown.pivot_table(index="method", columns="set", values="edges").reindex(f1.index)[sets], "method", 0),
        "AUPR of the ranking of all pairs (the default's by the score that it chooses, direct pairs first):",
        markdown(aupr, "method", 3),
        f"Averages of AUPR over the {complete.shape[1]} sets on which {SLOWEST} was run, of the methods that were run"
        " on all of them; the rank is among the default and the other programs:",
        markdown(averages.loc[complete.index], "method", 3),
        f"The same of all other programs over the {part.shape[1]} sets on which each was run"
        f" ({', '.join(part.columns)}):",
        markdown(smaller, "method", 3),
        "Early precision, which is the F1 of a network of as many edges as are true:",
        markdown(early, "method", 3),
        "CPU seconds (of a run: from the matrix to the network):",
        markdown(times, "method", 1),
    ]
    if set(own["method"]) != {DEFAULT_ESTIMATOR}:
        table = np.exp(own.assign(log=np.log(own["aupr"])).pivot_table(index="method", columns="kind", values="log"))
        table = table.reindex(index=list(ESTIMATORS), columns=list(SCORES))
        parts += ["Geometric mean of AUPR over the sets, estimator by score:", markdown(table, "estimator", 3)]
    return "\n\n".join(parts)


def _with_means(f1: pd.DataFrame) -> pd.DataFrame:
    """Add means over all sets, over those that the defaults were chosen on, and over the others."""
    chosen = [name for name in f1.columns if name in CHOSEN_ON]
    others = [name for name in f1.columns if name not in CHOSEN_ON]
    means = {"mean": f1.mean(axis=1, skipna=False)}
    if chosen and others:
        means |= {"mean, chosen on": f1[chosen].mean(axis=1), "mean, others": f1[others].mean(axis=1)}
    return pd.concat([f1, pd.DataFrame(means)], axis=1)


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
