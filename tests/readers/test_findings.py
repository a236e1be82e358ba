"""Findings: kinds that the settings can name, and the same findings on every way in."""

import ast
from pathlib import Path
from typing import get_args

import anndata
import numpy as np
import pandas as pd
import pytest

import genenet
from genenet.config import FindingKind, Prepare
from genenet.errors import InputError
from genenet.readers import load
from genenet.readers.findings import from_frame
from genenet.steps.prepare import prepare

PACKAGE = Path(genenet.__file__).parent
MISSING = "1 of 2 regulators is not in the matrix (TP5; closest: TP5 -> TP53)"


def emitted() -> set[str]:
    """Texts in the package that stand where the kind of a finding does."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and len(call.args) >= 2:
                name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                if name in ("Finding", "add", "find") and isinstance(call.args[1], ast.Constant):
                    found.add(str(call.args[1].value))
    return found


def test_kinds__all_that_are_emitted_can_be_named_and_no_others():
    # Of the other three, two are made of the kind of an axis, and one stands in the summary.
    assert emitted() | {"no_genes", "no_samples", "settings"} == set(get_args(FindingKind))


@pytest.fixture
def matrix(tmp_path) -> Path:
    genes = ["TP53", "MYC", "JUN", "FOS", "SOX2", "GATA1"]
    frame = pd.DataFrame(np.random.default_rng(0).normal(6, 1, (6, 40)), genes).add_prefix("S")
    frame.to_csv(tmp_path / "m.tsv", sep="\t", index_label="gene")
    (tmp_path / "tfs.txt").write_text("MYC\nTP5\n")
    return tmp_path / "m.tsv"


def test_lists__a_misspelt_name_is_said_by_every_command(matrix, run_cli):
    lists = ("--regulators", matrix.with_name("tfs.txt"))
    status, out, err = run_cli("check", matrix, *lists)
    assert (status, err) == (0, "")
    assert out.splitlines()[1:] == [
        f"warned           {MISSING} (lists)",
        "to be used       6 genes x 40 samples",
    ]
    output = matrix.with_name("e.h5ad")
    assert run_cli("prepare", "--matrix", matrix, *lists, "--output", output) == (0, "", f"WARNING: {MISSING}\n")
    found = from_frame(anndata.read_h5ad(output).uns["genenet"]["findings"])
    assert [str(finding) for finding in found] == [f"warned (lists): {MISSING}"]
    assert run_cli("infer", matrix, *lists, "-o", matrix.with_name("o"), "--strict") == (2, "", f"ERROR: {MISSING}\n")
    assert run_cli("check", matrix, *lists, "--strict", "--accept", "lists")[0] == 0


def test_tables__samples_without_a_row_are_said_with_rows_of_similar_names(matrix, run_cli):
    rows = "".join(f"{'s' if number == 7 else 'S'}{number}\tliver\n" for number in range(40))
    matrix.with_name("t.tsv").write_text(f"sample\ttissue\n{rows}")
    message = f"{matrix.with_name('t.tsv')} has no row for 1 of 40 samples (S7; closest: S7 -> s7)"
    table = ("--table", matrix.with_name("t.tsv"))
    assert run_cli("check", matrix, *table)[1].splitlines()[1] == f"warned           {message} (tables)"
    assert run_cli("prepare", "--matrix", matrix, *table, "--output", matrix.with_name("e.h5ad"))[2] == (
        f"WARNING: {message}\n"
    )
    frame = pd.read_csv(matrix, sep="\t", index_col=0)
    given = pd.read_csv(matrix.with_name("t.tsv"), sep="\t", index_col=0)
    ready = prepare(load(frame, Prepare(), given))
    assert [finding.kind for finding in from_frame(ready.uns["genenet"]["findings"])] == ["tables"]


def test_check__says_what_is_dropped(matrix, run_cli):
    lines = matrix.read_text().splitlines()
    cells = lines[2].split("\t")
    matrix.write_text("\n".join([*lines[:2], "\t".join([*cells[:4], "NA", *cells[5:]]), *lines[3:]]))
    assert run_cli("check", matrix, "--missing", "drop_genes")[1].splitlines()[1:] == [
        "warned           dropped 1 of 6 genes (missing values): MYC",
        "to be used       5 genes x 40 samples",
    ]


def test_check__settings_that_do_nothing(matrix, run_cli):
    line = "--name-part (2) does nothing here: it is used by --name-separator (settings)"
    assert run_cli("check", matrix, "--name-part", 2)[1].splitlines()[1] == f"warned           {line}"
    status, out, _ = run_cli("check", matrix, "--name-part", 2, "--strict")
    assert (status, out.splitlines()[1]) == (2, f"refused          {line}")
    assert run_cli("check", matrix, "--name-part", 2, "--strict", "--accept", "settings")[0] == 0
    line = "--control-components (3) does nothing here: it is used by control genes (--control-genes) (settings)"
    assert run_cli("check", matrix, "--control-components", 3)[1].splitlines()[1] == f"warned           {line}"


def test_prepare__all_that_is_wrong_in_one_message():
    frame = pd.DataFrame(np.random.default_rng(0).normal(6, 1, (6, 40)), list("AABCDE")).add_prefix("S")
    frame.iloc[3, 4] = np.nan
    with pytest.raises(InputError) as error:
        prepare(frame, Prepare(), targets=["X"])
    assert error.value.message == (
        "1 gene name occurs more than once (A 2 times); set prepare.duplicates: mean, max_variance or make_unique | "
        "none of the 1 target is among the 6 genes (X); the genes are named like A, A, B: use the same kind of names | "
        "1 value is missing or infinite, in 1 of 6 genes (C) and 1 of 40 samples (S4); the first (missing) is gene C, "
        "sample S4; 0.42% of the values are missing here and there, few enough to be filled in; "
        "set prepare.missing: impute_median or impute_mean (the gene's average in the gaps), pairwise (each pair of "
        "genes takes the samples that both have; slower), drop_genes (leaves 5 of 6 genes) or drop_samples (leaves "
        "39 of 40 samples)"
    )
