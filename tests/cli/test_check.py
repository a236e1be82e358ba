"""`genenet check` says what the summary of a run would say of the matrix alone."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genenet.config.faces import spelled
from genenet.report.summary_text import why_most
from tests.matrices import related

WHY = spelled(why_most([], {"share_significant": 1.0, "alpha": 0.05}), "command line")


def written(values: np.ndarray, path: Path) -> Path:
    """A table of these values, shape (n_samples, n_genes)."""
    genes, samples = ([f"{letter}{n}X" for n in range(size)] for letter, size in zip("GP", values.T.shape, strict=True))
    pd.DataFrame(values.T.round(4), genes, samples).to_csv(path, sep="\t")
    return path


def continuous_levels(n_samples: int = 150, n_genes: int = 40) -> np.ndarray:
    """Samples of different quality, which moves all genes and makes no groups."""
    rng = np.random.default_rng(3)
    return rng.normal(8, 2, n_genes) + rng.normal(0, 1, (n_samples, 1)) + rng.normal(0, 1.2, (n_samples, n_genes))


def test_check__nearly_all_genes_vary_together_as_the_summary_says(tmp_path, run_cli):
    matrix = written(continuous_levels(), tmp_path / "m.tsv")
    status, out, _ = run_cli("check", matrix)
    told = f"warned           99.9% of 780 pairs of 40 genes are significant: {WHY}"
    assert (status, out.splitlines()[1:]) == (0, [told, "to be used       40 genes x 150 samples"])
    _, out, _ = run_cli("infer", matrix, "-o", tmp_path / "run", "--no-report", "--n-draws", 10_000)
    assert WHY in " ".join(out.split())


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(np.random.default_rng(4).normal(8, 1, (150, 40)), id="independent"),
        pytest.param(related(40, 150).T, id="some are related"),
        pytest.param(continuous_levels()[:, :9], id="too few genes"),
    ],
)
def test_check__genes_that_do_not_all_vary_together(tmp_path, run_cli, values):
    _, out, _ = run_cli("check", written(values, tmp_path / "m.tsv"))
    assert "vary together" not in out


def test_check__a_shift_is_told_once(tmp_path, run_cli):
    values = np.random.default_rng(5).normal(8, 1, (150, 40))
    values[75:] += 3.0
    _, out, _ = run_cli("check", written(values, tmp_path / "m.tsv"))
    assert "in nearly all genes: this may be a batch" in out
    assert "vary together" not in out
