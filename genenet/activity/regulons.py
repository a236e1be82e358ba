"""Regulons: the targets of each regulator, with a weight whose sign says whether they rise or fall with it."""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from genenet.errors import InputError, count, quote_some
from genenet.products.regulons import regulon_table
from genenet.readers.opening import check_file, open_text, readable

COLUMNS = ("source", "target", "weight")


def regulons_of(edges: pd.DataFrame) -> pd.DataFrame:
    """Make regulons, the weighted targets of each regulator, of the kept edges of a network.

    A target's weight is the mode of regulation, the sign of Spearman's correlation, times the likelihood, the edge's
    score over the largest score of the regulator's edges (as in VIPER, Alvarez et al. 2016, doi:10.1038/ng.3593). A
    pair of two regulators is in the regulons of both.

    Parameters
    ----------
    edges
        The edges table of a network with regulators.

    Returns
    -------
    pandas.DataFrame
        source, target, weight (in [-1, 1]); regulators in gene order, the targets of each by weight, the largest first.

    Raises
    ------
    InputError
        If the network has no regulators, or no edge.

    Examples
    --------
    >>> edges = pd.DataFrame({"gene_a": ["R", "R"], "gene_b": ["A", "B"], "regulator": ["R", "R"],
    ... "target": ["A", "B"], "mutual": False, "score": [2.0, 1.0], "sign": [1, -1], "kept": True})
    >>> regulons_of(edges).to_numpy().tolist()
    [['R', 'A', 1.0], ['R', 'B', -0.5]]
    """
    if "regulator" not in edges:
        raise InputError(
            "the network was inferred without a list of regulators, so it has no regulons; infer it with"
            " --regulators, or give --regulons"
        )
    regulons = regulon_table(edges)
    if not len(regulons):
        raise InputError("the network has no edge, so no regulator has a target; see its summary for the reason")
    return regulons


def read_regulons(path: str | os.PathLike[str]) -> pd.DataFrame:
    r"""Read regulons from a table of source, target and perhaps weight, or from a GMT file.

    Parameters
    ----------
    path
        A text table with a header that has the columns source, target and weight, as decoupler's networks; without
        weight all weights are 1. Or a file that ends in .gmt: name, description, targets, separated by tabs.

    Returns
    -------
    pandas.DataFrame
        source, target, weight (not 0); one row for each target of each regulator, in the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read or is none of these.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "known.gmt"
    >>> _ = path.write_text("CRP\tRegulonDB\taraB\taraC\n")
    >>> read_regulons(path).to_numpy().tolist()
    [['CRP', 'araB', 1.0], ['CRP', 'araC', 1.0]]
    """
    path = Path(path)
    check_file(path)
    with readable(path), open_text(path) as lines:
        rows = [line.rstrip("\r\n").split("\t") for line in lines if line.strip()]
    if path.name.removesuffix(".gz").lower().endswith(".gmt"):
        found = [(row[0], target, 1.0) for row in rows for target in row[2:] if target]
    else:
        found = _of_table(path, rows)
    if not found:
        raise InputError(f"{path}: has no targets of any regulator")
    table = pd.DataFrame(found, columns=list(COLUMNS))
    twice = table[table.duplicated(["source", "target"])]
    if len(twice):
        first = twice.iloc[0]
        raise InputError(
            f"{path}: {count(len(twice), 'target')} of a regulator occur twice (the first: {first['source']},"
            f" {first['target']}); give each once"
        )
    return table


def _of_table(path: Path, rows: list[list[str]]) -> list[tuple[str, str, float]]:
    header = [name.strip().lower() for name in rows[0]] if rows else []
    if "source" not in header or "target" not in header:
        raise InputError(
            f"{path}: must have a header with the columns source, target and perhaps weight, separated by tabs"
            f" (found {quote_some(rows[0] if rows else [])}), or be a .gmt file"
        )
    source, target = header.index("source"), header.index("target")
    weight = header.index("weight") if "weight" in header else None
    found = []
    for number, row in enumerate(rows[1:], start=2):
        try:
            value = 1.0 if weight is None else float(row[weight])
            found.append((row[source], row[target], value))
        except (IndexError, ValueError):
            raise InputError(f"{path}: line {number:,} is no regulator, target and number: {row!r}") from None
        if not np.isfinite(value) or value == 0:
            raise InputError(f"{path}: line {number:,} has the weight {value:g}; give a number that is not 0")
    return found
