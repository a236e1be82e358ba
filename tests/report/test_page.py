"""The page as text: its bytes, its size, its numbers, hostile names, what is left out."""

import base64
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import genenet
from genenet.errors import InputError
from genenet.files.edges import write_edges
from genenet.report import edge_rows
from genenet.report.drawn import drawn_network
from genenet.report.page import render, script_json
from genenet.report.panels import PANELS
from genenet.report.run import read_run
from genenet.result import Result
from tests.report.runs import HOSTILE, hostile, ordinary, without_edges
from tests.run_contents import list_anew


class Page(HTMLParser):
    """Text of the page, its scripts, and every attribute that could fetch something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: dict[str, str] = {}
        self.texts: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = (dict(attrs).get("id") or tag) if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[self._inside] = self.scripts.get(self._inside, "") + data
        else:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    @property
    def data(self) -> dict:
        return json.loads(self.scripts["data"])


@pytest.fixture(scope="module")
def result() -> Result:
    return ordinary()


@pytest.fixture(scope="module")
def folder(result, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    result.write(folder)
    return folder


@pytest.fixture(scope="module")
def page(folder) -> Page:
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def column(page: Page, name: str) -> np.ndarray:
    packed = page.data["network"]["columns"][name]
    return np.frombuffer(base64.b64decode(packed["data"]), "<" + packed["kind"])


def test_page__has_all_panels_in_order(page):
    sections = [attributes["id"] for tag, attributes in page.elements if tag == "section"]
    assert sections == [panel.name for panel in PANELS if panel.name not in ("known", "regulators", "confounding")]


def test_page__numbers_are_those_of_the_summary(page, result):
    summary = result.summary
    for value, label in (
        (summary["matrix"]["n_genes"], "genes"),
        (summary["matrix"]["n_samples"], "samples"),
        (summary["significance"]["n_pairs"], "pairs tested"),
        (summary["significance"]["n_significant"], "significant"),
        (summary["prune"]["n_kept"], "pairs kept"),
    ):
        assert f"{value:,} {label}" in page.text


def test_page__table_has_the_edges_with_their_numbers(page, result):
    table = page.data["network"]
    names = np.array(table["names"])
    kept = result.edges[result.edges["kept"]]
    assert (table["n_kept"], table["n_rows"]) == (len(kept), len(result.edges))
    found = pd.DataFrame(
        {name: names[column(page, end)] for name, end in (("regulator", "a"), ("target", "b"))}
        | {"mi": column(page, "mi"), "p": column(page, "p"), "score": column(page, "score")}
    )
    assert (np.diff(found["score"][: len(kept)]) <= 0).all()
    merged = result.edges.astype({"regulator": str, "target": str}).merge(
        found, on=["regulator", "target"], suffixes=("", "_page"), validate="1:1"
    )
    assert len(merged) == len(result.edges)
    np.testing.assert_allclose(merged["mi_page"], merged["mi"], rtol=1e-6)
    np.testing.assert_allclose(10.0 ** merged["p"].astype(float), merged["pvalue"], rtol=1e-4)
    via = column(page, "via")
    removed = result.edges[~result.edges["kept"]].sort_values("score", ascending=False, kind="stable")
    assert [names[at] for at in via[via < len(names)]] == [str(gene) for gene in removed["dpi_via"].dropna()]


def test_page__asks_for_nothing(page):
    fetching = [
        (tag, name, value)
        for tag, attributes in page.elements
        for name, value in attributes.items()
        if name in ("src", "srcset", "data", "poster", "action", "formaction") or (name.endswith("href") and tag != "a")
    ]
    outside = [found for found in fetching if not str(found[2]).startswith(("data:", "#"))]
    assert outside == []
    assert not re.search(r"@import|url\((?!['\"]?(data:|#))", page.scripts["style"])


def test_page__same_bytes_again_and_in_another_process(folder, result, tmp_path):
    first = (folder / "report.html").read_bytes()
    assert result.report(folder / "again.html").read_bytes() == first
    code = (
        "import sys; from genenet.report.run import read_run; from genenet.report.page import write_report;"
        f"write_report(read_run({str(folder)!r}, name={result._run().name!r}), sys.argv[1])"
    )
    # Gene sets are given again by whoever asks for the page.
    plain = replace(result, gene_sets={}).report(folder / "plain.html").read_bytes()
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "page.html")], check=True)
    assert (tmp_path / "page.html").read_bytes() == plain
    assert not re.search(rb"20\d\d-\d\d-\d\dT|\d\d:\d\d:\d\d", first.replace(b"bokeh", b""))


def test_page__same_bytes_if_most_removed_edges_are_not_read(folder, result, tmp_path, monkeypatch):
    for name in ("expression.h5ad", "summary.json", "manifest.json", "export"):
        (tmp_path / name).symlink_to(folder / name)
    monkeypatch.setattr("genenet.files.parquet.ROWS_AT_ONCE", 20)
    write_edges(result.edges, result.summary["prune"], tmp_path / "pruned.parquet")
    list_anew(tmp_path, "pruned.parquet")
    for name in ("run.MANY_REMOVED", "chosen_pairs.MANY_REMOVED", "edge_rows.FEWEST_ROWS", "edge_rows.MAX_ROWS"):
        monkeypatch.setattr(f"genenet.report.{name}", 30)
    few = read_run(tmp_path, name=result.name, all_pairs=False)
    assert len(few.more_removed) > 20
    pages = [render(run) for run in (few, read_run(tmp_path, name=result.name), replace(result, gene_sets={})._run())]
    assert pages[0] == pages[1]
    # The manifest is known to the pages of the folder only.
    assert Page(pages[0]).data == Page(pages[2]).data


def test_page__of_300_genes_takes_less_than_2_megabytes():
    data = genenet.simulate_expression(n_genes=300, n_regulators=40, n_samples=500, seed=4).expression
    rng = np.random.default_rng(0)
    for number in range(3):
        data.obs[f"attribute {number}"] = pd.Categorical([f"level {level}" for level in rng.integers(0, 20, 500)])
    data.var["symbol"] = [f"SYMBOL{number}" for number in range(300)]
    data.obs_names = [f"a sample with a long name {number}" for number in range(500)]
    sets = {f"set {number}": list(rng.choice(data.var_names, 30)) for number in range(50)}
    run = genenet.infer_network(data, n_draws=20_000, gene_sets=sets)._run()
    assert len(run.edges) > edge_rows.FEWEST_ROWS
    assert len(render(run).encode()) < 2e6


def test_page__names_are_text():
    run = hostile()._run()
    text = render(run)
    assert "<script>window.broken" not in text
    assert "<img src=x" not in text
    page = Page(text)
    table = page.data["network"]
    assert set(table["names"]) == set(HOSTILE)
    assert HOSTILE[0] in page.text
    assert all(name.strip() in page.text or name in "\t".join(page.texts) for name in HOSTILE[3:8])


def test_script_json__survives_every_way_out_of_a_script():
    texts = [*HOSTILE, "<!--", "]]>", "</SCRIPT>"]
    text = script_json(texts)
    assert not set("<>&") & set(text)
    assert json.loads(text) == texts


def test_page__without_edges_says_why():
    result = without_edges()
    page = Page(render(result._run()))
    assert result.summary["significance"]["diagnosis"] in page.text.replace("No edge reaches", "no edge reaches")
    assert "There is no edge to draw" in page.text
    charts = [attributes["aria-label"] for tag, attributes in page.elements if tag == "svg"]
    assert [label.split(" ")[0] for label in charts] == ["Number", "Histogram"]
    assert "network" not in page.data


def test_page__findings_are_shown(result):
    run = result._run()
    findings = [{"weight": 2, "kind": "raw_counts", "message": "values look like raw counts <here>"}]
    shown = replace(run, summary={**run.summary, "findings": findings})
    text = Page(render(shown)).text
    assert "raw counts : values look like raw counts <here>" in text


def test_page__known_edges_give_precision_and_recall(result):
    run = result._run()
    first = result.edges.iloc[run.best[:3]]
    known = pd.DataFrame({"regulator": [*first["target"], "x"], "target": [*first["regulator"], "y"]})
    shown = Page(render(replace(run, known=known)))
    assert "3 of 3 known edges between genes of the matrix are kept (100.0 %)" in shown.text


def test_page__dropped_genes_and_missing_names_are_listed(page):
    assert "1 genes dropped: variance 0" in page.text or "genes dropped" in page.text
    assert "no such gene" in page.text


def test_page__gene_sets_are_tested(result):
    run = result._run()
    module = [run.genes[gene] for gene in np.flatnonzero(run.modules == 1)]
    text = Page(
        render(replace(run, gene_sets={"the module": module, "others": list(set(run.genes) - set(module))}))
    ).text
    assert f"the module {len(module)} of {len(module)}, " in text
    assert "Hypergeometric test of 2 gene sets" in text


def test_drawn__is_the_whole_network_if_it_is_small(result, page):
    drawn = drawn_network(result._run())
    shown = {frozenset((drawn.labels[a], drawn.labels[b])) for a, b in zip(drawn.source, drawn.target, strict=True)}
    assert shown == {frozenset(edge) for edge in result.graph.edges}
    says = next(attributes for _, attributes in page.elements if attributes.get("id") == "network-says")
    assert (int(says["data-genes"]), int(says["data-edges"])) == (
        result.summary["network"]["nodes"],
        result.summary["prune"]["n_kept"],
    )


def test_read_run__folder_that_is_none(tmp_path):
    with pytest.raises(InputError) as caught:
        read_run(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} is not the folder of a finished run: expression.h5ad, pruned.parquet, summary.json missing; name"
        " the folder that was given to genenet infer with -o, or results/DATASET of the workflow"
    )


def test_read_run__damaged_summary(folder, tmp_path):
    for name in ("expression.h5ad", "pruned.parquet"):
        (tmp_path / name).symlink_to(folder / name)
    (tmp_path / "summary.json").write_text("{}")
    with pytest.raises(InputError) as caught:
        read_run(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / 'summary.json'} is not a summary of genenet, or is damaged; run genenet infer or genenet summary"
        " again"
    )


def test_read_run__summary_of_an_earlier_version(folder, tmp_path):
    for name in ("expression.h5ad", "pruned.parquet"):
        (tmp_path / name).symlink_to(folder / name)
    summary = json.loads((folder / "summary.json").read_text())
    del summary["prune"]["max_edges"]
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    with pytest.raises(InputError, match="was written by an earlier version of genenet; run genenet infer again"):
        read_run(tmp_path)


def test_report__says_which_files_of_the_run_the_page_is_without(folder, run_cli, tmp_path):
    changed = shutil.copytree(folder, tmp_path / "run")
    manifest = json.loads((changed / "manifest.json").read_text())
    manifest["inputs"]["truth"] = {"name": "edges.tsv", "bytes": 1, "sha256": "0"}
    (changed / "manifest.json").write_text(json.dumps(manifest))
    without = "WARNING: the run was given --truth edges.tsv, and the page is without it: give it here too\n"
    status, _, err = run_cli("report", changed, "-o", tmp_path / "page.html")
    assert (status, err) == (0, without)
    (tmp_path / "edges.tsv").write_text("regulator\ttarget\nTF01\tTF02\n")
    status, _, err = run_cli("report", changed, "--truth", tmp_path / "edges.tsv", "-o", tmp_path / "page.html")
    assert (status, without in err) == (0, False)


def test_commands__write_what_they_say(folder, run_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = sorted(read_run(folder).edges["regulator"].astype(str))[0], "TF02"
    status, out, _ = run_cli("report", folder, "-o", tmp_path / "page.html")
    assert (status, out) == (0, f"{tmp_path / 'page.html'} ({(tmp_path / 'page.html').stat().st_size / 1e6:.1f} MB)\n")
    for name, start in (("a.svg", b"<?xml"), ("a.png", b"\x89PNG"), ("a.pdf", b"%PDF")):
        assert run_cli("plot", folder, "-o", name)[0] == 0
        content = Path(name).read_bytes()
        assert content.startswith(start)
        run_cli("plot", folder, "-o", name)
        assert Path(name).read_bytes() == content
    assert run_cli("plot", folder, "--show", "trust", "-o", "trust.svg")[0] == 0
    assert run_cli("pair", folder, "TF01", names[1], "-o", "TF01_TF02.html")[0] == 0
    assert "TF01 – TF02" in Path("TF01_TF02.html").read_text(encoding="utf-8")
    assert run_cli("plot", folder, "-o", "a.gif") == (
        2, "", "ERROR: --output must end with .svg, .png, .pdf, got 'a.gif'\n",
    )  # fmt: skip


def test_infer__without_report(tmp_path):
    truth = genenet.simulate_expression(n_genes=12, n_regulators=4, n_samples=40, seed=3)
    genenet.infer_network(truth.expression, n_draws=2_000, report=False).write(tmp_path)
    assert not (tmp_path / "report.html").exists()


def test_pair__writes_into_the_folder_of_the_run_and_replaces_its_own_files_only(
    folder, run_cli, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    run = tmp_path / "run"
    run.mkdir()
    for file in folder.iterdir():
        (run / file.name).symlink_to(file)
    status, out, _ = run_cli("pair", "run", "TF01", "TF02")
    assert (status, out.splitlines()[-1]) == (0, "file       run/TF01_TF02.html")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert run_cli("pair", "run", "TF01", "TF02")[1].splitlines()[-1] == "file       run/TF01_TF02.html, replaced"
    (tmp_path / "notes.html").write_text("<p>mine")
    assert run_cli("pair", "run", "TF01", "TF02", "-o", "notes.html") == (
        2,
        "",
        "ERROR: notes.html is there already and was not made by genenet; move it, or write to another file\n",
    )
    assert (tmp_path / "notes.html").read_text() == "<p>mine"
    for name in ("a.svg", "a.png", "a.pdf"):
        assert run_cli("pair", "run", "TF01", "TF02", "-o", name)[1].splitlines()[-1] == f"file       {name}"
        assert run_cli("pair", "run", "TF01", "TF02", "-o", name)[1].splitlines()[-1] == f"file       {name}, replaced"
        Path(name).write_bytes(Path(name).read_bytes().replace(b"genenet", b"another"))
        assert run_cli("plot", "run", "-o", name)[0] == 2
