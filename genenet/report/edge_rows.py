"""Rows of the edges table that the page holds, packed into binary arrays."""

import base64
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genenet.report.run import MANY_REMOVED, Run, positions

MAX_ROWS = MANY_REMOVED
"""Most rows in the page."""

FEWEST_ROWS, ROWS_PER_GENE = 4_000, 15
"""A small matrix makes a small page: this many rows, or this many times its number of genes if that is more."""

REMOVED_SHARE = 0.2
"""Share of the rows for removed edges, if there are more kept ones than fit."""


def rows_in_page(run: Run) -> NDArray[np.int64]:
    """Choose the rows of the edges table for the page: the best kept edges, then the best removed ones."""
    most = min(MAX_ROWS, max(FEWEST_ROWS, ROWS_PER_GENE * len(run.genes)))
    n_removed = min(len(run.removed), max(int(REMOVED_SHARE * most), most - len(run.best)))
    return np.concatenate([run.best[: most - n_removed], run.removed[:n_removed]])


def edge_rows(run: Run, rows: NDArray[np.int64]) -> dict[str, Any]:
    """Pack the columns of the page's table as base64 of little-endian numbers, with the names of the genes."""
    first, second = (end[rows] for end in run.ends)
    table = run.edges.iloc[rows]
    via = positions(table["dpi_via"], run.genes)
    used = np.unique(np.concatenate([first, second, via[via >= 0]]))
    kept = table["kept"].to_numpy(bool)
    place = np.append(np.searchsorted(used, np.arange(len(run.genes))), len(used))
    kind = "<u2" if len(used) < 2**16 - 1 else "<u4"
    with np.errstate(divide="ignore"):
        log_p, log_q = (np.log10(table[name].to_numpy(float)) for name in ("pvalue", "qvalue"))
    columns = {
        "a": (place[first], kind),
        "b": (place[second], kind),
        "mi": (table["mi"], "<f4"),
        "score": (table["score"], "<f4"),
        "p": (log_p, "<f4"),
        "q": (log_q, "<f4"),
        "spearman": (np.nan_to_num(table["spearman"].to_numpy(float)) * 10_000, "<i2"),
        "pearson": (np.nan_to_num(table["pearson"].to_numpy(float)) * 10_000, "<i2"),
        # Only removed edges, which come last, have these two.
        "via": (np.where(via >= 0, place[via], len(used))[~kept], kind),
        "margin": (table["dpi_margin"].to_numpy(float)[~kept], "<f4"),
    }
    if "stability" in table:
        columns["stability"] = (table["stability"].to_numpy(float) * 10_000, "<u2")
    packed = {name: {"kind": kind[1:], "data": _packed(values, kind)} for name, (values, kind) in columns.items()}
    return {
        "columns": packed,
        "n_rows": len(rows),
        "n_kept": int(kept.sum()),
        "genes": used.tolist(),
        "names": [run.symbols[gene] for gene in used],
        "ids": [] if run.symbols == list(run.genes) else [str(run.genes[gene]) for gene in used],
        "modules": run.modules[used].tolist(),
    }


def _packed(values: ArrayLike, kind: str) -> str:
    numbers = np.asarray(values, float)
    if kind[1] in "ui":
        numbers = np.round(numbers)
    return base64.b64encode(numbers.astype(kind).tobytes()).decode("ascii")
