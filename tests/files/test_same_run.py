"""Files of several runs given to one step are refused: their rows would be taken for other genes."""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData, read_h5ad
from scipy.sparse import csc_matrix, csr_matrix

import genenet
from genenet.anomalies import anomalies, sample_edges
from genenet.cli import main
from genenet.config import Discretise, Information, Permutation
from genenet.confounding import confounding
from genenet.errors import InputError
from genenet.files.checksums import checksum
from genenet.files.confounding import read_confounding_of
from genenet.files.edges import read_edges, read_origin, write_edges
from genenet.files.intermediate import read_bins, write_bins
from genenet.files.stability import write_stability
from genenet.products.bins import Bins
from genenet.products.blocks import origin_of_null
from genenet.products.confounding import COLUMNS
from genenet.products.fingerprint import fingerprint, origin_of
from genenet.products.origin import DIFFERENCES, KINDS, Origin, check_one_run, origin_of_table, with_fingerprint
from genenet.products.stability import Stability
from genenet.products.strata import Strata
from genenet.stability.stable import keep_stable
from genenet.statistics.null import Null
from genenet.steps.discretise import discretise
from genenet.steps.export import export_network
from genenet.steps.information import information
from genenet.steps.network import build_network
from genenet.steps.permutation import permutation_null
from genenet.steps.prune import PrunedEdges, prune
from genenet.steps.significance import significance
from genenet.writers.tables import write_tsv
from tests.matrices import counts, expression, related

OPTIONS = {"bins": ("--n-bins", 4), "null": ("--seed", 2), "edges": ("--alpha", 0.02), "pruned": ("--max-edges", 3)}
"""Options that make a run of the same matrix another one, by the first thing that differs then."""


def infer(folder: Path, genes: list[str], *options: object, seed: int = 3) -> Path:
    values = np.random.default_rng(seed).normal(size=(len(genes), 40))
    values[1::2] += values[::2]
    samples = [f"s{k}" for k in range(40)]
    pd.DataFrame(values, genes, samples).to_csv(folder / "m.tsv", sep="\t")
    pd.DataFrame({"batch": ["x", "y"] * 20}, samples).to_csv(folder / "t.tsv", sep="\t")
    given = ["infer", folder / "m.tsv", "--table", folder / "t.tsv", "-o", folder / "run", "--all-files", *options]
    with pytest.raises(SystemExit) as caught:
        main([str(part) for part in [*given, "--n-draws", 10_000, "--no-report"]])
    assert caught.value.code == 0
    return folder / "run"


@pytest.fixture(scope="module")
def run_of(tmp_path_factory) -> Callable[..., Path]:
    """Folders of runs by their options, each of which is made once."""

    @cache
    def made(*options: object, gene: str = "G", n_genes: int = 12, seed: int = 3) -> Path:
        genes = [f"{gene}{k}" for k in range(n_genes)]
        return infer(tmp_path_factory.mktemp("run"), genes, *options, seed=seed)

    return made


@pytest.fixture
def refused(run_cli, tmp_path) -> Callable[..., str]:
    """Run a command that is refused and writes nothing to tmp_path/out; its message, with settings by their keys.

    It is without the comparison of matrices, of which there is a test of its own.
    """

    def run(*arguments: object) -> str:
        status, _, err = run_cli(*arguments)
        assert status == 2
        assert not (tmp_path / "out").exists()
        message = re.sub(r" \(compared with .*\)(?=; give the files)", "", err.splitlines()[-1])
        return message.replace("--strata", "prepare.strata")

    return run


def told(file: Path, other: Path, kind: str) -> str:
    return f"ERROR: {file} is of another run than {other}: {DIFFERENCES[kind]}; give the files of one run"


@pytest.mark.parametrize("n_other", [12, 14])
def test_steps__refuse_files_of_other_genes(run_of, refused, tmp_path, n_other):
    mine, other = run_of(), run_of(gene="H", n_genes=n_other)
    shutil.copy(other / "expression.h5ad", tmp_path / "e.h5ad")
    for step, file in [("prune", "edges"), ("network", "pruned"), ("export", "pruned")]:
        path = mine / f"{file}.parquet"
        message = refused(step, "--edges", path, "--expression", tmp_path / "e.h5ad", "-o", tmp_path / "out" / step)
        assert message == (
            f"ERROR: {path} is of another run than {tmp_path}/e.h5ad: its genes are not the same (12 and {n_other}, the"
            " first that differs is G0 and H0); give the files of one run"
        )


def test_steps__refuse_other_values_of_the_same_names(run_of, refused, tmp_path):
    mine, other = run_of(), run_of(seed=4)
    foreign, out = other / "expression.h5ad", tmp_path / "out" / "x"
    significant, pruned = mine / "edges.parquet", mine / "pruned.parquet"
    for step, file in [("prune", significant), ("network", pruned), ("export", pruned)]:
        assert refused(step, "--edges", file, "--expression", foreign, "-o", out) == told(file, foreign, "matrix")
    summary = ["summary", "--edges", significant, "--pruned", pruned, "--expression", foreign, "-o", out]
    assert refused(*summary) == told(pruned, foreign, "matrix")
    with_bins = ["--bins", mine / "bins.h5ad", "--expression", foreign, "--edges", significant, "-o", out]
    more = ["--null", mine / "null.npz", "--pruned", pruned]
    assert refused("stability", *with_bins, "--stability", 4) == told(significant, foreign, "matrix")
    assert refused("confounding", *with_bins, *more) == told(pruned, foreign, "matrix")
    folder = shutil.copytree(mine, tmp_path / "run")
    shutil.copy(foreign, folder / "expression.h5ad")
    for command in (["anomalies", folder], ["activity", folder]):
        assert refused(*command) == told(folder / "pruned.parquet", folder / "expression.h5ad", "matrix")
    for command in (["report", folder], ["pair", folder, "G0", "G1"], ["plot", folder, "-o", out.with_suffix(".svg")]):
        assert refused(*command) == told(folder / "summary.json", folder / "expression.h5ad", "matrix")


FILES = {
    "expression": "expression.h5ad",
    "bins": "bins.h5ad",
    "null": "null.npz",
    "mi": "mi/0.parquet",
    "edges": "edges.parquet",
    "stability": "stability.parquet",
    "pruned": "pruned.parquet",
}
LAST = {"expression": "strata", "mi": "null", "stability": "edges"}
"""The last thing that a file was made from, if that is not what it is named for."""
COMMANDS = [
    ("information", {"bins": "bins", "null": "null"}, ()),
    ("significance", {"mi": "mi", "bins": "bins", "null": "null"}, ()),
    ("prune", {"edges": "edges", "expression": "expression", "bins": "bins"}, ("--score", "puc")),
    ("prune", {"edges": "edges", "expression": "expression", "stability-file": "stability"}, ()),
    ("stability", {"edges": "edges", "expression": "expression", "bins": "bins"}, ("--stability", 2)),
    ("confounding", {name: name for name in ("expression", "bins", "null", "edges", "pruned")}, ()),
    ("export", {"edges": "pruned", "expression": "expression", "bins": "bins"}, ("--formats", "ranking")),
    ("summary", {"edges": "edges", "pruned": "pruned", "expression": "expression"}, ()),
]


@pytest.mark.parametrize("kind", ["bins", "null", "edges"])
def test_steps__refuse_a_file_of_other_settings(run_of, refused, tmp_path, kind):
    """Each file of a command is taken from another run of the same matrix, as far as the settings change it."""
    mine, other = run_of(), run_of(*OPTIONS[kind])
    for folder in (mine, other):
        origin = read_origin(folder / "edges.parquet", step="significance")
        write_stability(Stability(*[np.zeros(0, np.int32)] * 4, 12, 2, {}, origin), folder / "stability.parquet")
    n_refused = 0
    for command, roles, more in COMMANDS:
        changed = [role for role, file in roles.items() if KINDS.index(LAST.get(file, file)) >= KINDS.index(kind)]
        for foreign in changed if len(changed) > 1 else ():
            files = {role: (other if role == foreign else mine) / FILES[file] for role, file in roles.items()}
            options = [f"--{role}={path}" for role, path in files.items()]
            message = refused(command, *options, *more, "-o", tmp_path / "out" / "x")
            assert DIFFERENCES[kind] in message, command
            assert str(files[foreign]) in message, command
            n_refused += 1
    assert n_refused == {"bins": 19, "null": 9, "edges": 6}[kind]


def without_fingerprint(file: Path, kind: str, target: Path) -> Path:
    """Write an edges table as an earlier version did, which knew no fingerprint of this kind."""
    table, statistics = read_edges(file)
    table.attrs = {"genenet": {name: value for name, value in table.attrs["genenet"].items() if name != kind}}
    write_edges(table, statistics, target)
    return target


def test_steps__refuse_a_matrix_with_strata_for_edges_without_and_the_other_way_round(run_of, run_cli, tmp_path):
    runs, out = (run_of(), run_of("--strata", "batch")), tmp_path / "out"
    without, within = (read_origin(run / "pruned.parquet", step="prune").fingerprints for run in runs)
    assert [kind for kind in KINDS if without[kind] == within[kind]] == ["samples", "matrix"]
    for mine, other in (runs, runs[::-1]):
        foreign, significant, pruned = other / "expression.h5ad", mine / "edges.parquet", mine / "pruned.parquet"
        for command, *files in (
            ("prune", "--edges", significant),
            ("network", "--edges", pruned),
            ("export", "--edges", pruned),
            ("summary", "--pruned", pruned, "--edges", significant),
        ):
            status, _, err = run_cli(command, *files, "--expression", foreign, "-o", out)
            assert status == 2
            assert err.splitlines()[-1].startswith(
                f"ERROR: {files[1]} is of another run than {foreign}: their strata differ, by --strata"
            )
            assert not out.exists()
        earlier = without_fingerprint(pruned, "strata", tmp_path / "earlier.parquet")
        status, _, err = run_cli("network", "--edges", earlier, "--expression", mine / "expression.h5ad", "-o", out)
        assert (status, "earlier.parquet does not say of which strata it is" in err) == (0, True)
        out.unlink()


def test_steps__say_how_a_matrix_was_changed(run_of, run_cli, tmp_path):
    run, changed = run_of(), tmp_path / "e.h5ad"
    matrix = read_h5ad(run / "expression.h5ad")
    single = matrix.copy()
    single.X = np.asarray(matrix.X).astype(np.float32)
    apart = np.abs(matrix.X - single.X.astype(float))
    sample, gene = np.unravel_index(apart.argmax(), apart.shape)
    largest = f"by at most {apart.max():.2g} (gene G{gene}, sample s{sample})"
    compared = f"(compared with {run}/expression.h5ad, which is of the run:"
    lacks = "its samples are not the same: 4 of 40 not there (s36, s37, s38 and 1 more)"
    turned = "its samples are there in another order (the first that differs is s0 and s39)"
    for other, told in [
        (matrix[:, 3:], "its genes are not the same: 3 of 12 not there (G0, G1, G2)"),
        (matrix[:, ::-1], "its genes are there in another order (the first that differs is G0 and G11)"),
        (matrix[:36], f"{DIFFERENCES['samples']} {compared} {lacks})"),
        (matrix[::-1], f"{DIFFERENCES['matrix']} {compared} {turned})"),
        (single, f"{DIFFERENCES['matrix']} {compared} {np.count_nonzero(apart)} values differ, {largest})"),
    ]:
        other.copy().write_h5ad(changed)
        for step, name in (("network", "pruned.parquet"), ("prune", "edges.parquet")):
            command = [step, "--edges", run / name, "--expression", changed, "-o", tmp_path / "out"]
            message = run_cli(*command)[2].splitlines()[-1]
            assert message == f"ERROR: {run / name} is of another run than {changed}: {told}; give the files of one run"
    foreign = ["--bins", run_of(seed=4) / "bins.h5ad", "-o", tmp_path / "out"]
    err = run_cli("export", "--edges", run / "pruned.parquet", "--expression", run / "expression.h5ad", *foreign)[2]
    assert err.splitlines()[-1].endswith(f"{DIFFERENCES['matrix']}; give the files of one run")
    alone = shutil.copy(run / "pruned.parquet", tmp_path)
    err = run_cli("network", "--edges", alone, "--expression", changed, "-o", tmp_path / "out")[2]
    assert f"{DIFFERENCES['matrix']} (all values have the digits of single precision, float32, in which another" in err


def refusal(given: Mapping[str, Origin]) -> str:
    with pytest.raises(InputError) as caught:
        check_one_run(given)
    return str(caught.value)


def test_check_one_run__names_the_first_that_is_missing():
    one = Origin("matrix", {}, samples=["s1"])
    check_one_run({"b": one, "e": Origin("matrix", {}, samples=np.array(["s1"], object))})
    assert refusal({"b": one, "e": Origin("matrix", {}, samples=["s1", "s2"])}) == (
        "b is of another run than e: its samples are not the same: 1 there only (s2); give the files of one run"
    )


def test_check_one_run__of_another_number_of_genes():
    bins = Bins(np.empty(0, object), np.empty(0, object), np.zeros((5, 2, 3), np.uint8), 1, np.ones(5, bool))
    bins = replace(bins, genes=np.array(list("ABCDE"), object))
    check_one_run({"n.npz": origin_of_null(Null(np.ones((5, 3)), np.zeros(1))), "b.h5ad": bins.origin})
    assert refusal({"n.npz": origin_of_null(Null(np.ones((4, 3)), np.zeros(1))), "b.h5ad": bins.origin}) == (
        "n.npz is of another run than b.h5ad: it is of 4 genes and not of 5; give the files of one run"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_check_one_run__says_what_differs_first(kind):
    """All that comes after what differs, in the order of the data path, differs as well, and is not told."""
    same = {name: name for name in KINDS[: KINDS.index(kind)]}
    others = {name: f"other {name}" for name in KINDS[KINDS.index(kind) :]}
    told = f"a is of another run than b: {DIFFERENCES[kind]}; give the files of one run"
    mine, theirs = Origin("pruned", {name: name for name in KINDS}), Origin("pruned", same | others)
    assert refusal({"a": mine, "b": theirs}) == told


def test_check_one_run__warns_of_a_file_that_does_not_say(caplog):
    old, new = Origin("pruned", {"matrix": "m"}), Origin("edges", {name: name for name in KINDS[:6]} | {"matrix": "m"})
    check_one_run({"pruned.parquet": old, "edges.parquet": new, "bins.h5ad": replace(new, kind="bins")})
    assert caplog.messages == [
        "pruned.parquet does not say of which significant edges it is, as files of earlier versions of genenet do not:"
        " whether it is of the same run as edges.parquet is not known; make it again"
    ]
    caplog.clear()
    check_one_run({"a": old, "e.h5ad": Origin("matrix", {"matrix": "m"})})
    check_one_run({"the table of edges": Origin(""), "the matrix": Origin("matrix", {"matrix": "m"})})
    check_one_run({"pruned.parquet": old, "edges.parquet": new}, warn=False)
    assert caplog.messages == []
    with pytest.raises(InputError, match="their matrices differ"):
        check_one_run({"pruned.parquet": replace(old, fingerprints={"matrix": "other"}), "edges.parquet": new})


@pytest.mark.parametrize("kind", OPTIONS)
def test_report__refuses_files_of_other_settings(run_of, refused, tmp_path, kind):
    mine, other = run_of(), run_of(*OPTIONS[kind])
    folder = shutil.copytree(mine, tmp_path / "run")
    shutil.copy(other / "summary.json", folder)
    assert refused("report", folder) == told(folder / "summary.json", folder / "pruned.parquet", kind)
    shutil.copy(other / "pruned.parquet", folder)
    assert refused("report", folder) == (
        f"ERROR: {folder}/pruned.parquet is not the file of {folder}/manifest.json: it is of another run, or was"
        " changed; give the files of one run (genenet verify tells all that differ)"
    )


def test_anomalies__refuse_settings_of_another_run(run_of, refused, tmp_path):
    folder = shutil.copytree(run_of(), tmp_path / "run")
    shutil.copy(run_of(*OPTIONS["bins"]) / "manifest.json", folder)
    assert refused("anomalies", folder) == told(folder / "pruned.parquet", folder / "manifest.json", "bins")


@pytest.mark.parametrize("command", ["anomalies", "activity"])
def test_commands_after_a_run__refuse_another_network_than_that_of_the_manifest(run_of, refused, tmp_path, command):
    folder = shutil.copytree(run_of(), tmp_path / "run")
    shutil.copy(run_of(*OPTIONS["pruned"]) / "pruned.parquet", folder)
    assert refused(command, folder, "-o", tmp_path / "out") == (
        f"ERROR: {folder}/pruned.parquet is not the file of {folder}/manifest.json: it is of another run, or was"
        " changed; give the files of one run (genenet verify tells all that differ)"
    )


def test_steps__refuse_settings_of_another_run(run_of, refused, tmp_path):
    run, out = run_of(), ["-o", tmp_path / "out" / "x"]
    given = {name: f"--{name}={run / FILES[name]}" for name in ("expression", "bins", "null", "edges", "pruned")}
    told = f"ERROR: {run}/edges.parquet was made with significance.alpha 0.05, and is given with 0.2; give the settings"
    for command, more in {"confounding": ["null", "pruned"], "stability": []}.items():
        files = [given[name] for name in ("expression", "bins", "edges", *more)]
        options = ["--stability", 2] if command == "stability" else []
        message = refused(command, *files, *options, "--alpha", 0.2, *out).replace("--alpha", "significance.alpha")
        assert message == f"{told} of its run"
    halves = Stability(*[np.zeros(0, np.int32)] * 4, 12, 2, {}, prune={"score": ["mi"], "sign": "together"})
    write_stability(halves, tmp_path / "stability.parquet")
    options = ["--score", "clr", "--stability-file", tmp_path / "stability.parquet", *out]
    message = refused("prune", given["expression"], given["edges"], *options)
    assert message.replace("--score", "prune.score") == (
        f"ERROR: {tmp_path}/stability.parquet was made with prune.score mi, and is given with clr; give the settings of"
        " its run"
    )
    chosen = {"score": ["clr"], "max_edges": 12, "chosen": ["max_edges"]}
    write_stability(replace(halves, prune=chosen), tmp_path / "stability.parquet")
    message = refused("prune", given["expression"], given["edges"], "--max-edges", 7, *options)
    assert message == (
        f"ERROR: {tmp_path}/stability.parquet was made with --max-edges 12 (chosen by auto), and is given with 7; give"
        " the settings of its run"
    )


def test_summary__computes_the_fingerprint_of_the_matrix_once(run_of, run_cli, tmp_path, monkeypatch):
    run, found = run_of(), []

    def noted(matrix: AnnData) -> str:
        found.append(fingerprint(matrix))
        return found[-1]

    monkeypatch.setattr("genenet.products.fingerprint.fingerprint", noted)
    files = [f"--{name}={run / FILES[name]}" for name in ("expression", "edges", "pruned")]
    assert run_cli("summary", *files, "-o", tmp_path / "summary.json")[0] == 0
    assert found == [read_origin(run / "pruned.parquet", step="prune").fingerprints["matrix"]]


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


def test_check_one_run__passes_what_earlier_versions_wrote(tmp_path):
    matrix, other = expression(related(8, 60)), expression(related(8, 60, seed=5))
    bins, of_other = discretise(matrix), discretise(other)
    earlier = replace(bins, matrix="")
    assert earlier.fingerprint == ""
    null, stability = Null(np.ones((8, 3)), np.zeros(1)), Stability(*[np.zeros(0, np.int32)] * 4, 8, 2, {})
    check_one_run({"b": earlier.origin, "e": origin_of(other)})
    check_one_run({"n": origin_of_null(replace(null, bins=bins.fingerprint)), "b": earlier.origin})
    check_one_run({"n": origin_of_null(null), "b": of_other.origin})
    check_one_run({"s": stability.origin, "e": origin_of(other)})
    edges = pd.DataFrame({"gene_a": pd.Categorical([], matrix.var_names), "kept": pd.Series([], dtype=bool)})
    write_edges(edges, {}, tmp_path / "pruned.parquet")
    check_one_run({"p": read_origin(tmp_path / "pruned.parquet", step="prune"), "e": origin_of(other)})


# Objects in Python


@pytest.fixture(scope="module")
def in_memory() -> tuple[genenet.Result, ...]:
    """A run, and one of other bins of the same matrix."""
    data = related(12, 60)
    return tuple(genenet.infer_network(expression(data), n_draws=10_000, n_bins=n, formats=["ranking"]) for n in (4, 5))


def of_other_run(call: Callable[[], object], one: str, other: str, kind: str = "bins") -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == f"{one} is of another run than {other}: {DIFFERENCES[kind]}; give the files of one run"


def test_functions__refuse_objects_of_other_settings(in_memory, tmp_path):
    mine, other = in_memory
    assert mine.bins is not None
    assert other.bins is not None
    nulls = [permutation_null(run.bins, Permutation(n_draws=10_000)) for run in in_memory]
    block = information(mine.bins, nulls[0])
    found = significance([block], mine.bins, nulls[0])
    of_other_run(lambda: information(mine.bins, nulls[1]), "the null", "the discretised matrix")
    of_other_run(lambda: significance([block], other.bins, nulls[1]), "a block of pairs", "the discretised matrix")
    drawn = permutation_null(mine.bins, Permutation(n_draws=10_000), seed=3)
    of_other_run(lambda: significance([block], mine.bins, drawn), "a block of pairs", "the null", "null")
    of_other_run(lambda: prune(found, mine.expression, bins=other.bins), "the table of edges", "the discretised matrix")
    of_other_run(
        lambda: anomalies(mine.edges, mine.expression, other.bins), "the table of edges", "the discretised matrix"
    )
    of_other_run(
        lambda: sample_edges(mine.edges, mine.expression, other.bins), "the table of edges", "the discretised matrix"
    )
    graph = build_network(mine.edges, mine.expression)
    assert graph.graph["fingerprint"] == mine.graph.graph["fingerprint"]
    formats = tmp_path, ["ranking"]
    of_other_run(
        lambda: export_network(graph, mine.edges, mine.expression, *formats, bins=other.bins),
        "the table of edges",
        "the discretised matrix",
    )
    of_other_run(
        lambda: export_network(other.graph, mine.edges, mine.expression, *formats),
        "the graph",
        "the table of edges",
        "pruned",
    )
    assert not [*tmp_path.iterdir()]


def test_functions__refuse_halves_verdicts_and_activities_of_another_run(in_memory):
    mine, other = in_memory
    null = permutation_null(mine.bins, Permutation(n_draws=10_000), seed=3)
    of_other_run(
        lambda: confounding(mine.expression, mine.bins, null, mine.edges, {}), "the table of edges", "the null", "null"
    )
    of_edges = Origin("edges", origin_of_table(other.edges).fingerprints)
    halves = Stability(*[np.zeros(0, np.int32)] * 4, 12, 2, {}, of_edges)
    of_other_run(
        lambda: keep_stable(PrunedEdges(mine.edges, {}), halves, genenet.config.Settings().stability),
        "the stability of edges",
        "the table of edges",
    )
    matrix = mine.expression
    with pytest.raises(
        InputError, match=r"^the table of activities is of another run than the matrix: its samples are"
    ):
        genenet.activity.master_regulators(
            matrix[::-1], matrix, pd.DataFrame(), genenet.activity.Contrast("tissue", "a", "b")
        )


def test_functions__refuse_edges_of_another_matrix(in_memory):
    edges, matrix = in_memory[0].edges, in_memory[0].expression.copy()
    matrix.X[0, 0] += 1.0
    of_other_run(lambda: build_network(edges, matrix), "the table of edges", "the matrix", "matrix")
    chosen = edges[edges["mi"] > edges["mi"].median()]
    of_other_run(lambda: build_network(chosen, matrix), "the table of edges", "the matrix", "matrix")
    plain = chosen.copy()
    plain.attrs = {}
    assert build_network(plain, matrix).number_of_edges() == chosen["kept"].sum()


def test_result__manifest_of_another_run_in_the_folder_is_not_its_own(in_memory, tmp_path):
    settings = in_memory[0].settings
    settings = settings.model_copy(update={"export": settings.export.model_copy(update={"report": False})})
    mine, other = (replace(run, settings=settings) for run in in_memory)
    mine.write(tmp_path)
    assert mine._run(tmp_path).manifest_checksum == checksum(tmp_path / "manifest.json")
    assert other._run(tmp_path).manifest_checksum == ""


def test_confounding__of_other_edges_is_refused(tmp_path):
    genes = pd.DataFrame({"gene_a": ["A", "A"], "gene_b": ["B", "C"]})
    edges = genes.assign(mi=[0.5, 0.25], kept=[True, False])
    values = dict.fromkeys(COLUMNS[2:10], 0.5)
    table = genes.assign(**values, confounding="none", kept_total=True, kept_within=[True, False])
    write_tsv(table, tmp_path / "c.tsv")
    assert len(read_confounding_of(tmp_path / "c.tsv", "p.parquet", edges)) == 2
    more = "1 of its 1 edge within strata are not among the kept ones with the same MI"
    lacks = "of the {} are not among its edges within strata with the same MI"
    one, two = (lacks.format(kept) for kept in ("1 kept edge", "2 kept edges"))
    for changed, told in (
        (edges.assign(kept=True, mi=[0.5, 0.25]), f"1 {two}"),
        (edges.assign(kept=False), more),
        (edges.assign(mi=0.25), f"{more} and 1 {one}"),
        (edges.assign(gene_b=["C", "B"]), f"{more} and 1 {one}"),
    ):
        with pytest.raises(InputError) as caught:
            read_confounding_of(tmp_path / "c.tsv", "p.parquet", changed)
        begin = f"{tmp_path}/c.tsv is of another run than p.parquet"
        assert str(caught.value) == f"{begin}: {told}; give the files of one run"


@pytest.fixture(scope="module")
def strata_of(tmp_path_factory) -> Callable[..., Path]:
    """Runs within strata by their options; the same edges are kept by any alpha."""

    @cache
    def made(*options: object) -> Path:
        genes = [f"G{k}" for k in range(12)]
        return infer(tmp_path_factory.mktemp("run"), genes, "--strata", "batch", *options)

    return made


def test_confounding__of_the_same_edges_by_other_settings_is_refused(strata_of, refused, run_cli, tmp_path):
    mine, other = strata_of(), strata_of("--alpha", 0.02)
    foreign = other / "confounding.tsv"
    files = [pd.read_csv(run / "confounding.tsv", sep="\t") for run in (mine, other)]
    of_kept = [file.loc[file["kept_within"], ["gene_a", "gene_b", "mi_within"]].to_numpy().tolist() for file in files]
    assert of_kept[0] == of_kept[1] != []
    assert [file["fingerprint"].unique().tolist() for file in files] == [
        [read_origin(run / "pruned.parquet", step="prune").fingerprints["pruned"]] for run in (mine, other)
    ]
    given = [f"--expression={mine / FILES['expression']}", f"--confounding={foreign}", "-o", tmp_path / "out"]
    message = (
        f"ERROR: {foreign} is of another run than {mine}/pruned.parquet: its edges within strata are the same, but were"
        " found by other settings; give the files of one run"
    )
    of_network = ["--edges", mine / "pruned.parquet"]
    for command in ("network", "export"):
        assert refused(command, *of_network, *given) == message
    of_summary = ["--edges", mine / "edges.parquet", "--pruned", mine / "pruned.parquet"]
    assert refused("summary", *of_summary, *given) == message
    folder = shutil.copytree(mine, tmp_path / "run")
    shutil.copy(foreign, folder)
    assert refused("report", folder) == message.replace(str(other), str(folder)).replace(str(mine), str(folder))
    # A file of an earlier version has no such column, which is the last one.
    lines = (mine / "confounding.tsv").read_text().splitlines()
    (folder / "confounding.tsv").write_text("".join(line.rpartition("\t")[0] + "\n" for line in lines))
    given[1] = f"--confounding={folder / 'confounding.tsv'}"
    status, _, err = run_cli("network", *of_network, *given)
    assert (status, "confounding.tsv does not say of which kept edges it is" in err) == (0, True)


def test_confounding__refuses_other_settings_than_those_of_the_files(strata_of, refused, run_cli, tmp_path):
    run = strata_of("--n-neighbours", 5)  # which does nothing without the estimator ksg
    names = ("expression", "bins", "null", "edges", "pruned")
    command = ["confounding", *(f"--{name}={run / FILES[name]}" for name in names), "-o", tmp_path / "out"]
    assert refused(*command, "--n-bins", 4) == (
        f"ERROR: {run}/bins.h5ad is of another run than the settings: {DIFFERENCES['bins']}; give the files of one run"
    )
    told = {"--seed": "null.npz was made with seed 0", "--score": "pruned.parquet was made with prune.score "}
    for option, value in {"--seed": 2, "--score": "clr"}.items():
        message = refused(*command, option, value).replace("--score", "prune.score").replace("--seed", "seed")
        assert message.startswith(f"ERROR: {run}/{told[option]}")
        assert message.endswith(f", and is given with {value}; give the settings of its run")
    command[-1] = tmp_path / "again.tsv"
    assert run_cli(*command, "--n-draws", 10_000)[0] == 0
    assert command[-1].read_bytes() == (run / "confounding.tsv").read_bytes()


def test_summary__refuses_scores_of_other_samples_or_edges(run_of, refused, tmp_path):
    mine, exported = run_of(), tmp_path / "export"
    exported.mkdir()
    edge = read_edges(mine / "pruned.parquet")[0].iloc[0]
    scores = pd.DataFrame({"sample": [f"s{k}" for k in range(40)], "z": 0.0, "edges": f"{edge.gene_a} - {edge.gene_b}"})
    parts = [f"--{name}={mine / FILES[name]}" for name in ("expression", "edges", "pruned")]
    command = ["summary", *parts, "--exported", exported, "-o", tmp_path / "out"]
    begin = f"ERROR: {exported}/anomalies.tsv is of another run than {mine}/pruned.parquet"
    scores.assign(edges="G0 - G9, G1 - G2").to_csv(exported / "anomalies.tsv", sep="\t", index=False)
    assert refused(*command) == (
        f"{begin}, or of an earlier export: it has 'G0 - G9, G1 - G2', which is no kept edge; give the files of one"
        " run, or remove it (genenet export --replace does)"
    )
    scores[1:].to_csv(exported / "anomalies.tsv", sep="\t", index=False)
    assert refused(*command) == (f"{begin}: its samples are not the same: 1 there only (s0); give the files of one run")


def test_summary__refuses_scores_by_other_settings_of_the_same_edges(run_of, run_cli, tmp_path):
    """The fingerprint is that of the kept edges; a file of an earlier version has none, and is taken with a warning."""
    mine, exported = run_of(), tmp_path / "export"
    exported.mkdir()
    edges = read_edges(mine / "pruned.parquet")[0]
    edge = edges.iloc[0]
    scores = pd.DataFrame({"sample": [f"s{k}" for k in range(40)], "z": 0.0, "edges": f"{edge.gene_a} - {edge.gene_b}"})
    command = ["summary", *(f"--{name}={mine / FILES[name]}" for name in ("expression", "edges", "pruned"))]
    command += ["--exported", exported, "-o", tmp_path / "summary.json"]
    refusal, warning = "its samples were scored by other kept edges, or by", "does not say of which kept edges it is"
    by_other = scores.assign(fingerprint="9" * 16)
    mixed = by_other.assign(fingerprint=[*"ab" * 20])
    for table, expected, told in (
        (with_fingerprint(scores, edges), 0, ""),
        (by_other, 2, f"{exported}/anomalies.tsv is of another run than {mine}/pruned.parquet, or of an earlier"),
        (by_other, 2, refusal),
        (mixed, 2, "is not a table of genenet anomalies (its rows are of several runs)"),
        (scores, 0, f"{exported}/anomalies.tsv {warning}"),
        (scores.drop(columns="z"), 2, "is not a table of genenet anomalies (it has no column z)"),
    ):
        write_tsv(table, exported / "anomalies.tsv")
        status, _, err = run_cli(*command)
        assert (status, told in err) == (expected, True)
        assert (warning in err) == (warning in told)
