"""The cost model: what it says, what the workflow asks for, and whether it comes true."""

import gzip
import os
import resource
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genenet.cli import main
from genenet.config import Settings, settings_from_keywords
from genenet.readers.shape import SAMPLE_BYTES, shape_of, share_stored
from genenet.workflow import STEP_KEYS
from genenet.workflow.plan import Problem, costs, infer_cost, problem_of, request, suggested_blocks, with_settings
from tests.benchmarks.matrices import expression, write_table
from tests.benchmarks.steps import measure_steps

U133A = Problem(22_283, 240, share=0.5)


def test_problem__pairs_and_draws_are_those_of_the_steps():
    assert Problem(100, 50).n_pairs == 4_950
    assert Problem(100, 50, n_regulators=10).n_pairs == 45 + 900
    for n_genes in (50, 400, 5_000):
        problem = Problem(n_genes, 50)
        assert problem.draws == 1_000_000


def test_costs__has_every_step():
    found = set(costs(U133A))
    assert list(costs(U133A)) == [*(step for step in STEP_KEYS if step in found), "report"]  # the page has no settings
    # These ask for as much as another step.
    assert found == {*STEP_KEYS, "report"} - {
        "levels",
        "compare",
        "manifest",
        "confounding",
        "stability",
        "differential",
    }
    assert {*costs(replace(U133A, n_splits=50))} == {*found, "stability"}
    assert {*costs(replace(U133A, n_strata=3))} == {*found, "confounding"}


@pytest.mark.parametrize(
    "change", [{"n_genes": 30_000}, {"n_samples": 600}, {"n_bins": 10}, {"n_draws": 20_000_000}, {"n_strata": 5}]
)
def test_costs__more_work_takes_more(change):
    before, after = costs(U133A), costs(replace(U133A, **change))
    assert all(after[step].seconds >= before[step].seconds for step in before)
    assert all(after[step].memory_mb >= before[step].memory_mb for step in before)
    assert infer_cost(replace(U133A, **change)).seconds > infer_cost(U133A).seconds


def test_costs__threads_and_blocks_share_the_work():
    whole, part = costs(U133A)["information"], costs(U133A, n_blocks=10)["information"]
    assert part.seconds < whole.seconds / 5
    assert part.memory_mb < whole.memory_mb / 2
    assert costs(U133A, threads=8)["information"].seconds < whole.seconds / 2


def test_suggested_blocks__few_unless_time_or_memory_asks_for_more():
    assert suggested_blocks(Problem(5_000, 300)) == 1
    assert suggested_blocks(U133A, memory_mb=4_000) == 1
    assert 1 < suggested_blocks(U133A, threads=8, memory_mb=1_500) < 20
    memory = costs(U133A, n_blocks=suggested_blocks(U133A, memory_mb=1_500))["information"].memory_mb
    assert memory < 1_500


def test_request__asks_for_more_each_time():
    asked = [request(U133A, "prune", threads=8, attempt=attempt) for attempt in (1, 2, 3)]
    assert asked[1].mem_mb == pytest.approx(2 * asked[0].mem_mb, abs=2)
    assert asked[2].runtime == pytest.approx(4 * asked[0].runtime, abs=4)
    assert asked[0].mem_mb > costs(U133A)["prune"].memory_mb


def test_problem_of__a_glance_at_the_files(tmp_path):
    matrix = write_table(expression(50, 30), tmp_path / "m.tsv.gz")
    (tmp_path / "tfs.txt").write_text("G00001\nG00002\n\n")
    settings = settings_from_keywords(n_top_variable=40, discretise_method="equal_frequency", n_bins=8, max_pruned=7)
    problem = problem_of(str(matrix), str(tmp_path / "tfs.txt"), settings)
    assert (problem.n_genes, problem.n_samples, problem.n_regulators) == (40, 30, 2)
    assert (problem.n_bins, problem.soft, problem.max_pruned) == (8, False, 7)
    assert problem_of(str(tmp_path / "later.tsv"), None, Settings()).n_genes > 1_000


@pytest.mark.parametrize("name", ["m.tsv", "m.tsv.gz", "m.csv"])
def test_shape_of__text(name, tmp_path):
    path = tmp_path / name
    text = "\n".join([",".join(["g", *"abc"]), *(f"G{i},1,2,3" for i in range(20))]) + "\n"
    text = text if name.endswith("csv") else text.replace(",", "\t")
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    assert shape_of(path) == (20, 3)
    assert shape_of(path, genes_by_samples=False) == (3, 20)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_shape_of__large_text_within_a_hundredth(suffix, tmp_path):
    packed = write_table(np.random.default_rng(0).normal(size=(6_000, 200)), tmp_path / "m.tsv.gz")
    assert len(gzip.decompress(packed.read_bytes())) > 2 * SAMPLE_BYTES
    path = packed
    if not suffix:
        path = tmp_path / "m.tsv"
        path.write_bytes(gzip.decompress(packed.read_bytes()))
    rows, columns = shape_of(path)
    assert rows == pytest.approx(6_000, rel=0.01)
    assert columns == 200


def test_shape_of__what_files_say_of_themselves(tmp_path):
    from anndata import AnnData

    values = AnnData(np.ones((7, 5)))
    values.write_h5ad(tmp_path / "m.h5ad")
    assert shape_of(tmp_path / "m.h5ad") == (5, 7)
    values.to_df().T.reset_index().to_parquet(tmp_path / "m.parquet")
    assert shape_of(tmp_path / "m.parquet") == (5, 7)
    (tmp_path / "m.mtx").write_text("%%MatrixMarket matrix coordinate integer general\n%\n5 7 2\n1 1 3\n5 7 1\n")
    assert shape_of(tmp_path / "m.mtx") == (5, 7)


def test_share_stored__of_files_that_tell(tmp_path):
    from anndata import AnnData
    from scipy import sparse

    values = np.zeros((7, 5))
    values[2, 3] = values[6, 1] = 4.0
    AnnData(sparse.csr_matrix(values)).write_h5ad(tmp_path / "m.h5ad")
    assert share_stored(tmp_path / "m.h5ad") == pytest.approx(2 / 35)
    AnnData(values).write_h5ad(tmp_path / "dense.h5ad")
    assert share_stored(tmp_path / "dense.h5ad") == 1.0
    (tmp_path / "m.mtx").write_text("%%MatrixMarket matrix coordinate integer general\n%\n5 7 2\n1 1 3\n5 7 1\n")
    assert share_stored(tmp_path / "m.mtx") == pytest.approx(2 / 35)
    (tmp_path / "a.mtx").write_text("%%MatrixMarket matrix array real general\n1 2\n1\n3\n")
    assert share_stored(tmp_path / "a.mtx") == 1.0


def test_costs__mostly_zeros_take_less():
    cells = Problem(5_000, 200_000, share_nonzero=0.08)
    few, all_values = costs(cells), costs(replace(cells, share_nonzero=1.0))
    for step in ("discretise", "information"):
        assert few[step].seconds < all_values[step].seconds / 3
    for step in ("discretise", "permutation", "information"):
        assert few[step].memory_mb < all_values[step].memory_mb / 3
    assert infer_cost(cells).memory_mb < 8_000
    # A matrix with a quarter of values that are not 0, and an estimator that needs all values, go the other way.
    assert not replace(cells, share_nonzero=0.25).mostly_zeros
    settings = settings_from_keywords(estimator="gaussian")
    assert not with_settings(cells, settings, 6).mostly_zeros
    assert with_settings(cells, Settings(), 6).mostly_zeros


def plan(capsys, *arguments: object) -> str:
    with pytest.raises(SystemExit) as caught:
        main(["plan", *map(str, arguments)])
    assert caught.value.code == 0
    return capsys.readouterr().out


def test_plan__says_what_to_expect(capsys, tmp_path):
    matrix = write_table(expression(60, 80, 0.5), tmp_path / "m.tsv.gz")
    out = plan(capsys, matrix, "--threads", 1)
    assert "matrix           60 genes x 80 samples" in out
    assert "pairs            1,770, of 6 x 6 cells each" in out
    assert "tried on 60 genes" in out
    assert (
        "the workflow     one job, as genenet infer (fuse: auto); with fuse: never 1 block of pairs; 1 thread a job:"
        in out
    )
    assert "genenet run --executor slurm --max-threads 1 --config 'information={n_blocks: 1}'" in out
    assert "DOES NOT FIT" not in out


def test_plan__strata_are_those_of_the_table(capsys, tmp_path):
    matrix = write_table(expression(60, 80, 0.5), tmp_path / "m.tsv.gz")
    rows = "".join(f"S{sample}\tbatch{sample % 4}\n" for sample in range(80))
    (tmp_path / "samples.tsv").write_text("sample\tbatch\n" + rows)
    out = plan(capsys, matrix, "--threads", 1, "--table", tmp_path / "samples.tsv", "--strata", "batch")
    assert "60 genes x 80 samples, 4 strata" in out
    assert "  confounding  " in out
    # A glance at the file does not read the table.
    assert "5 strata" in plan(capsys, matrix, "--quick", "--strata", "batch")


def test_plan__says_when_it_does_not_fit(capsys, tmp_path):
    matrix = write_table(expression(60, 80), tmp_path / "m.tsv.gz")
    out = plan(capsys, matrix, "--quick", "--share", "0.5", "--memory", "300")
    assert "share of significant pairs given; matrix not read" in out
    line = next(line for line in out.splitlines() if line.startswith("DOES NOT FIT"))
    assert "there are 300 MB; use a larger machine, or fewer genes (--n-top-variable)" in line


@pytest.fixture(scope="module")
def _compiled(tmp_path_factory) -> None:
    """Compile the kernels, if nothing has before: that is no part of the model."""
    measure_steps(60, 40, 0.5, tmp_path_factory.mktemp("first"), threads=1, options={})


@pytest.mark.slow
@pytest.mark.skipif("GENENET_IDLE" not in os.environ, reason="times mean something on an idle machine: GENENET_IDLE=1")
@pytest.mark.usefixtures("_compiled")
@pytest.mark.parametrize(
    ("n_genes", "n_samples", "relatedness"), [(300, 100, 0.5), (1_500, 400, 0.3), (4_000, 200, 0.2)]
)
def test_costs__come_true(n_genes, n_samples, relatedness, tmp_path: Path):
    """Within a factor of two: memory and CPU time of each step."""
    # Twice: the first time may compile what this case alone needs.
    for _ in range(2):
        measured = measure_steps(n_genes, n_samples, relatedness, tmp_path, threads=1, options={})
    expected = costs(Problem(n_genes, n_samples, share=measured["share_significant"]))
    # The kernel counts what a process had before it became another program: the memory of this one.
    least = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for step, numbers in measured["steps"].items():
        assert 0.5 < numbers["memory_mb"] / max(expected[step].memory_mb, least) < 2, step
        assert 0.5 < numbers["cpu_seconds"] / expected[step].seconds < 2, step
