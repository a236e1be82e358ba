"""Files of several runs given to one step are refused: their rows would be taken for other genes."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy.sparse import csc_matrix, csr_matrix

from genenet.config import Discretise, Information
from genenet.errors import InputError
from genenet.files.edges import write_edges
from genenet.files.intermediate import read_bins, write_bins
from genenet.files.same_run import check_bins, check_edges, check_null, check_same, check_stability
from genenet.products.bins import Bins
from genenet.products.fingerprint import fingerprint
from genenet.products.stability import Stability
from genenet.products.strata import Strata
from genenet.statistics.null import Null
from genenet.steps.discretise import discretise
from tests.matrices import counts, expression, related


def infer(call, folder: Path, genes: list[str], n_samples: int, seed: int = 3) -> Path:
    values = np.random.default_rng(seed).normal(size=(len(genes), n_samples))
    values[1] = values[0]
    folder.mkdir()
    pd.DataFrame(values + 0.01 * values[::-1], genes, [f"s{k}" for k in range(n_samples)]).to_csv(
        folder / "m.tsv", sep="\t"
    )
    assert call("infer", folder / "m.tsv", "-o", folder / "run", "--all-files", "--no-report")[0] == 0
    return folder / "run"


@pytest.mark.parametrize("n_other", [12, 13])
def test_steps__refuse_files_of_another_run(run_cli, tmp_path, n_other):
    genes = [f"G{k}" for k in range(12)]
    mine = infer(run_cli, tmp_path / "mine", genes, 40)
    other = infer(run_cli, tmp_path / "other", [f"H{k}" for k in range(n_other)], 40)
    shutil.copy(other / "expression.h5ad", tmp_path / "e.h5ad")
    for step, file in [("prune", "edges"), ("network", "pruned"), ("export", "pruned")]:
        path = mine / f"{file}.parquet"
        status, _, err = run_cli(
            step, "--edges", path, "--expression", tmp_path / "e.h5ad", "-o", tmp_path / "out" / step
        )
        assert status == 2
        assert (
            f"ERROR: {path} is of another run than {tmp_path}/e.h5ad: its genes are not the same (12 and {n_other}, the"
            " first that differs is G0 and H0); give the files of one run\n"
        ) in err
        assert not (tmp_path / "out").exists()


def test_check_same__names_the_first_that_is_missing():
    check_same("samples", "b", ["s1"], "e", np.array(["s1"], object))
    with pytest.raises(InputError, match=r"its samples are not the same \(1 and 2, the first that differs is none and"):
        check_same("samples", "b", ["s1"], "e", ["s1", "s2"])


def test_check_number__of_another_number_of_genes():
    bins = Bins(np.empty(0, object), np.empty(0, object), np.zeros((5, 2, 3), np.uint8), 1, np.ones(5, bool))
    check_null("n.npz", Null(np.ones((5, 3)), np.zeros(1)), "b.h5ad", bins)
    with pytest.raises(InputError) as caught:
        check_null("n.npz", Null(np.ones((4, 3)), np.zeros(1)), "b.h5ad", bins)
    assert str(caught.value) == (
        "n.npz is of another run than b.h5ad: it is of 4 genes and not of 5; give the files of one run"
    )


def test_steps__refuse_other_values_of_the_same_names(run_cli, tmp_path):
    genes = [f"G{k}" for k in range(12)]
    mine, other = (infer(run_cli, tmp_path / name, genes, 40, seed) for name, seed in (("mine", 3), ("other", 4)))
    foreign, out = other / "expression.h5ad", tmp_path / "out" / "x"

    def refused(*arguments: object) -> str:
        status, _, err = run_cli(*arguments)
        assert status == 2
        assert not out.parent.exists()
        return err.splitlines()[-1]

    edges = "it was made from a matrix of the same genes with other samples, values, regulators or targets"
    told = f"ERROR: {{}} is of another run than {foreign}: {edges}; give the files of one run"
    significant, pruned, bins = mine / "edges.parquet", mine / "pruned.parquet", mine / "bins.h5ad"
    for step, file in [("prune", significant), ("network", pruned), ("export", pruned)]:
        assert refused(step, "--edges", file, "--expression", foreign, "-o", out) == told.format(file)
    summary = ["summary", "--edges", significant, "--pruned", pruned, "--expression", foreign, "-o", out]
    assert refused(*summary) == told.format(significant)
    own_bins = ["--bins", bins, "--expression", foreign, "--edges", significant, "-o", out]
    of_bins = "it was made from a matrix of the same genes and samples with other values, regulators or targets"
    told_of_bins = f"ERROR: {bins} is of another run than {foreign}: {of_bins}; give the files of one run"
    null, block = mine / "null.npz", mine / "mi" / "0.parquet"
    for step, more in [("stability", ["--stability", 4]), ("confounding", ["--null", null, "--pruned", pruned])]:
        assert refused(step, *own_bins, *more) == told_of_bins
    from_other = (
        f"ERROR: {{}} is of another run than {other}/bins.h5ad: it was made from other bins of as many genes; give"
    )
    of_other = ["--bins", other / "bins.h5ad", "-o", out]
    for step, more in [
        ("information", []),
        ("significance", ["--mi", block]),
        ("confounding", ["--expression", foreign, "--edges", other / "edges.parquet", "--pruned", pruned]),
    ]:
        assert refused(step, *of_other, "--null", null, *more).startswith(from_other.format(null))
    assert refused("significance", *of_other, "--null", other / "null.npz", "--mi", block).startswith(
        from_other.format(block)
    )
    shutil.copy(foreign, mine / "expression.h5ad")
    for command in (["report", mine], ["pair", mine, "G0", "G1"], ["anomalies", mine], ["activity", mine]):
        assert refused(*command) == told.format(pruned).replace(str(foreign), f"{mine}/expression.h5ad")


def test_fingerprint__is_of_names_values_and_lists():
    values = counts(6, 40).T
    same = [
        AnnData(values),
        AnnData(values.astype(np.float32)),
        AnnData(csr_matrix(values)),
        AnnData(csc_matrix(values)),
    ]
    same.append(AnnData(np.asfortranarray(values)))
    assert len({fingerprint(matrix) for matrix in same}) == 1
    changed, swapped = values.copy(), values.copy()
    changed[5, 2] += 1e-9
    swapped[[0, 1], 3] = swapped[[1, 0], 3] + [0.0, 1.0]
    others = [AnnData(changed), AnnData(swapped), AnnData(values[::-1])]
    others.append(AnnData(values, obs=pd.DataFrame(index=[f"t{k}" for k in range(40)])))
    flags = pd.DataFrame({"regulator": [True] + 5 * [False]}, index=[str(k) for k in range(6)])
    others.append(AnnData(values, var=flags, uns={"genenet": {"directed": True}}))
    assert len({fingerprint(matrix) for matrix in [*same, *others]}) == 1 + len(others)


def test_fingerprint__has_one_missing_value_and_one_zero():
    values = np.array([[0.0, np.nan], [1.0, 2.0]])
    other = np.array([[-0.0, -np.nan], [1.0, 2.0]])
    assert values.tobytes() != other.tobytes()
    assert fingerprint(AnnData(values)) == fingerprint(AnnData(other))


def test_bins_fingerprint__is_that_of_the_file_and_of_all_that_makes_the_null(tmp_path):
    matrix = expression(related(8, 60))
    found = [discretise(matrix, Discretise(n_bins=n)) for n in (4, 5)]
    found.append(discretise(matrix, Discretise(n_bins=4, coordinate=["normal_score"])))
    found += [discretise(matrix, None, Information(estimator=name)) for name in ("gaussian", "ksg")]
    found.append(discretise(matrix, None, Information(estimator="ksg", n_neighbours=4)))
    found.append(replace(found[0], regulator=np.arange(8) < 2))
    found.append(replace(found[0], only_pairs=np.array([[0, 1]], np.int32)))
    found.append(replace(found[0], strata=Strata.of(np.arange(60) % 2)))
    assert len({bins.fingerprint for bins in found}) == len(found)
    for number, bins in enumerate(found):
        write_bins(bins, tmp_path / f"{number}.h5ad")
        assert read_bins(tmp_path / f"{number}.h5ad").fingerprint == bins.fingerprint


def test_checks__pass_files_of_earlier_versions(tmp_path):
    matrix, other = expression(related(8, 60)), expression(related(8, 60, seed=5))
    bins, of_other = discretise(matrix), discretise(other)
    earlier = replace(bins, matrix="")
    assert earlier.fingerprint == ""
    null, stability = Null(np.ones((8, 3)), np.zeros(1)), Stability(*[np.zeros(0, np.int32)] * 4, 8, 2, {})
    check_bins("b", earlier, "e", other)
    check_null("n", replace(null, bins=bins.fingerprint), "b", earlier)
    check_null("n", null, "b", of_other)
    check_stability("s", stability, "e", other)
    edges = pd.DataFrame({"gene_a": pd.Categorical([], matrix.var_names), "kept": pd.Series([], dtype=bool)})
    write_edges(edges, {}, tmp_path / "pruned.parquet")
    check_edges(tmp_path / "pruned.parquet", "e", other)
    with pytest.raises(InputError, match=r"^s is of another run than e: it was made from a matrix of the same genes"):
        check_stability("s", replace(stability, matrix=bins.matrix), "e", other)
