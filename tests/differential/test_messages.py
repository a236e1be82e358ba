"""Refusals and warnings by their exact words; the command."""

import json
import logging

import numpy as np
import pandas as pd
import pytest

import genenet
from genenet.cytoscape import read_network
from genenet.errors import GenenetError
from genenet.report.differences_text import power_text
from tests.differential.conftest import CHANGED, example


def matrix_of(groups, n_genes=6, **columns):
    rng = np.random.default_rng(0)
    samples = [f"s{number}" for number in range(len(groups))]
    matrix = pd.DataFrame(rng.normal(size=(n_genes, len(groups))), [f"G{i}" for i in range(n_genes)], samples)
    return matrix, pd.DataFrame({"tissue": groups, **columns}, index=samples)


def compare(groups, *, columns=None, **keywords):
    matrix, table = matrix_of(groups, **(columns or {}))
    return genenet.differential_network(matrix, "tissue", table=table, progress=False, n_permutations=5, **keywords)


TWO = ["a"] * 25 + ["b"] * 25


@pytest.mark.parametrize(
    ("groups", "keywords", "message"),
    [
        (
            ["a"] * 30 + ["b"] * 12,
            {},
            "tissue has 1 group with prepare.min_samples (20) or more samples, and a comparison needs two; too small:"
            " b (12)",
        ),
        (
            ["a"] * 30,
            {},
            "tissue has 1 group with prepare.min_samples (20) or more samples, and a comparison needs two",
        ),
        (
            [f"t{number:02d}" for number in range(15) for _ in range(20)],
            {},
            "tissue has 15 groups with 20 or more samples, and at most 8 are compared at once; name those to compare"
            " with levels, for example t00,t01",
        ),
        (TWO, {"levels": ["a", "c"]}, "no sample has tissue c; the groups of tissue are a, b"),
        (TWO, {"levels": ["a"]}, "levels names one group (a), and a comparison needs two"),
        (TWO, {"levels": ["a", "b", "a"]}, "levels names a group twice: a, b, a"),
        (
            TWO,
            {"strata": "batch", "columns": {"batch": ["x"] * 25 + ["y"] * 25}},
            "within each of the 2 strata of batch all samples are of the same tissue: what differs between tissue"
            " cannot be told from what differs between batch; choose other strata, or none",
        ),
        (TWO, {"order": 7}, "order must be at most n_bins (6), got 7"),
        (
            TWO,
            {"n_draws": 10_000},
            "differential_network does not use the setting n_draws; its settings are alpha, n_permutations, n_bins,"
            " order, seed, orientation,",
        ),
        (TWO, {"n_permutations": 2}, "n_permutations must be an integer >= 5 and <= 100,000, got 2"),
    ],
)
def test_differential_network__refuses(groups, keywords, message):
    matrix, table = matrix_of(groups, **keywords.pop("columns", {}))
    keywords = {"n_permutations": 5, **keywords}
    with pytest.raises(GenenetError) as caught:
        genenet.differential_network(matrix, "tissue", table=table, progress=False, **keywords)
    assert str(caught.value).startswith(message)


def test_differential_network__an_unknown_column():
    matrix, table = matrix_of(TWO)
    with pytest.raises(GenenetError) as caught:
        genenet.differential_network(matrix, "tisue", table=table, progress=False)
    assert str(caught.value) == "group_by: no column tisue; the samples have tissue; did you mean tissue?"


def test_differential_network__samples_and_groups_left_out_are_said(caplog):
    groups = [*TWO, *["c"] * 5, None, None]
    with caplog.at_level(logging.WARNING, logger="genenet"):
        found = compare(groups)
    assert found.labels.sizes == [25, 25]
    assert "2 of 57 samples without tissue: in no group" in caplog.messages
    assert "1 group of tissue left out, with fewer than prepare.min_samples (20) samples: c (5)" in caplog.messages


def test_differential_network__a_gene_that_is_constant_in_a_group_is_left_out(caplog):
    matrix, table = matrix_of(TWO)
    matrix.iloc[2, :25] = 1.0
    matrix.iloc[3, 25:] = 0.0
    with caplog.at_level(logging.WARNING, logger="genenet"):
        found = genenet.differential_network(matrix, "tissue", table=table, progress=False, n_permutations=5)
    assert found.genes["gene"].sort_values().tolist() == ["G0", "G1", "G4", "G5"]
    assert (
        "2 genes constant in a group of tissue left out, where nothing can depend on them: 1 in a (G2); 1 in b (G3)"
    ) in caplog.messages


def test_differential_network__all_genes_constant():
    matrix, table = matrix_of(TWO)
    matrix.iloc[1:, :25] = 1.0
    with pytest.raises(GenenetError) as caught:
        genenet.differential_network(matrix, "tissue", table=table, progress=False)
    assert str(caught.value) == (
        "fewer than two genes vary in every group of tissue; constant: 5 in a (G1, G2, G3 and 2 more)"
    )


def test_differential_network__missing_values():
    matrix, table = matrix_of(TWO)
    matrix.iloc[1, 3] = np.nan
    with pytest.raises(GenenetError) as caught:
        genenet.differential_network(matrix, "tissue", table=table, progress=False, missing="pairwise")
    assert str(caught.value).startswith("1 of 6 genes have missing values (G1), and complete genes are needed here;")


def test_differential_network__strata_that_leave_little_are_warned_about(caplog):
    batch = ["x"] * 21 + ["y"] * 8 + ["z"] * 21
    with caplog.at_level(logging.WARNING, logger="genenet"):
        found = compare(TWO, columns={"batch": batch}, strata="batch")
    assert (
        "only 8 of 50 samples are in strata that have more than one group of tissue: little can be permuted, and"
        " p-values rest on these samples"
    ) in caplog.messages
    assert found.summary["n_strata"] == 3


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("input")
    matrix, table = example()
    matrix.to_csv(folder / "matrix.tsv", sep="\t")
    table.to_csv(folder / "samples.tsv", sep="\t", index_label="sample")
    return folder


def test_command__files_are_those_of_the_function(files, run_cli, tmp_path, compared):
    options = ("--table", files / "samples.tsv", "--group-by", "tissue", "--threads", 1)
    status, out, _ = run_cli("differential", files / "matrix.tsv", *options, "-o", tmp_path / "out")
    assert status == 0
    lines = " ".join(out.split())
    assert "groups tissue: normal (90 samples) against tumour (110 samples)" in lines
    assert "7 of 1,770 pairs differ at a false discovery rate of 0.05, by 30 permutations of the labels" in lines
    assert "changes 2 gained, 1 lost, 1 stronger, 1 weaker, 1 flipped, 1 shape" in lines
    assert "power with 90 and 110 samples and 1,770 pairs a correlation of 0.57 in one of the groups against" in lines
    table = pd.read_csv(tmp_path / "out" / "differential_pairs.tsv", sep="\t", keep_default_na=False)
    own = compared.pairs.astype({"gene_a": str, "gene_b": str, "change": str, "pvalue_kind": str})
    pd.testing.assert_frame_equal(table, own, check_dtype=False)
    genes = pd.read_csv(tmp_path / "out" / "differential_genes.tsv", sep="\t")
    pd.testing.assert_frame_equal(genes, compared.genes, check_dtype=False)
    assert json.loads((tmp_path / "out" / "summary.json").read_text()) == compared.summary
    again = run_cli("differential", files / "matrix.tsv", *options[:-1], 2, "-o", tmp_path / "again")
    assert again[0] == 0
    for name in ("differential_pairs.tsv", "differential_genes.tsv", "differential.graphml", "differential.cx2"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_command__graph_has_colours_by_change(files, run_cli, tmp_path):
    options = ("--table", files / "samples.tsv", "--group-by", "tissue", "--levels", "tumour,normal")
    assert run_cli("differential", files / "matrix.tsv", *options, "-o", tmp_path)[0] == 0
    aspects = {
        name: value for part in json.loads((tmp_path / "differential.cx2").read_text()) for name, value in part.items()
    }
    style = aspects["visualProperties"][0]["edgeMapping"]
    assert style["EDGE_LINE_COLOR"]["definition"]["attribute"] == "change"
    assert style["EDGE_WIDTH"]["definition"]["attribute"] == "deviance"
    found = {edge["v"]["change"] for edge in aspects["edges"]}
    assert {change for *_, change in read_network(tmp_path).edges(data="change")} == found
    colours = {entry["v"] for entry in style["EDGE_LINE_COLOR"]["definition"]["map"]}
    assert found == set(CHANGED.values())  # the other way round: gained and lost are swapped
    assert found < colours


def test_command__does_not_write_over_a_network(files, run_cli, tmp_path):
    (tmp_path / "pruned.parquet").touch()
    options = ("--table", files / "samples.tsv", "--group-by", "tissue")
    status, _, err = run_cli("differential", files / "matrix.tsv", *options, "-o", tmp_path)
    assert (status, err) == (
        2,
        f"ERROR: {tmp_path} has pruned.parquet of genenet infer, and the comparison has files of the same names as the"
        " network's; write to another folder\n",
    )


def test_command__networks_of_another_folder(files, run_cli, tmp_path):
    options = ("--table", files / "samples.tsv", "--group-by", "tissue", "--networks", tmp_path)
    status, _, err = run_cli("differential", files / "matrix.tsv", *options, "-o", tmp_path / "out")
    assert (status, err) == (
        2,
        f"ERROR: {tmp_path} has no groups.tsv; give the folder of genenet infer --group-by\n",
    )
    assert not (tmp_path / "out").exists()


def test_command__page_can_be_made_again(files, run_cli, tmp_path):
    options = ("--table", files / "samples.tsv", "--group-by", "tissue", "--name", "mine")
    assert run_cli("differential", files / "matrix.tsv", *options, "-o", tmp_path)[0] == 0
    page = (tmp_path / "report.html").read_text()
    for text in ("tissue: normal (90 samples) against tumour (110 samples)", "flipped (1)", "P-values of all pairs"):
        assert text in page
    assert page.count("<td>G34</td><td>G35</td>") == 1
    assert run_cli("report", tmp_path, "--name", "mine", "-o", tmp_path / "again.html")[0] == 0
    assert (tmp_path / "again.html").read_text() == page


def test_command__a_damaged_table(files, run_cli, tmp_path):
    (tmp_path / "differential_pairs.tsv").write_text("gene_a\tgene_b\n")
    status, _, err = run_cli("report", tmp_path)
    assert (status, err) == (
        2,
        f"ERROR: {tmp_path / 'differential_pairs.tsv'} is not a table made by genenet differential, or is damaged; make"
        " it again\n",
    )


def _power(least: float | None, most: int) -> str:
    groups = {"skin": 75, "soft": 46}
    found = {"smallest_difference": least, "strong_correlation": 0.9, "pairs_for_strong": most}
    return power_text({"alpha": 0.05, "n_pairs": 5_901_330, "groups": groups, **found})


def test_power_text__where_single_pairs_cannot_be_found():
    tests = "with 75 and 46 samples and 5,901,330 pairs"
    against = "in one of the groups against none in the other is found half of the time, if it is the only pair that"
    none = f"{tests} not even a correlation of 0.999 {against} differs (p = 8e-09)"
    choose = "choose genes by --regulators and --targets, or take more samples"
    assert _power(None, 16) == f"{none}, and one of 0.9 among at most 16 pairs: {choose}"
    assert _power(None, 1) == f"{none}, and one of 0.9 as the only pair tested: {choose}"
    assert _power(None, 0) == f"{none}, and one of 0.9 not even as the only pair tested: take more samples"
    one = f"{tests} a correlation of {{:.2f}} {against} differs (p = 8e-09)"
    assert _power(0.96, 1204) == f"{one.format(0.96)}, and one of 0.9 among at most 1,204 pairs: {choose}"
    assert _power(0.7, 10**9) == one.format(0.7)
