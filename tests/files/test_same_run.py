"""Files of several runs given to one step are refused: their rows would be taken for other genes."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genenet.errors import InputError
from genenet.files.same_run import check_null, check_same


def infer(call, folder: Path, genes: list[str], n_samples: int) -> Path:
    values = np.random.default_rng(3).normal(size=(len(genes), n_samples))
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


def test_check_null__of_another_number_of_genes():
    check_null("n.npz", 5, "b.h5ad", 5)
    with pytest.raises(InputError, match=r"n.npz is of another run than b.h5ad: it is of 4 genes and not of 5"):
        check_null("n.npz", 4, "b.h5ad", 5)
