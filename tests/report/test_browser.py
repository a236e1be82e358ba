"""The page in Chromium: it loads, draws, and answers to search, clicks, keys, themes and narrow screens."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from genenet.result import Result
from tests.report.browser import WIDTHS, Browser, browser
from tests.report.runs import HOSTILE, hostile, ordinary, without_edges


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("downloads")) as opened:
        yield opened


@pytest.fixture(scope="module")
def result() -> Result:
    return ordinary()


@pytest.fixture(scope="module")
def report(page: Browser, result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return result.report(tmp_path_factory.mktemp("run") / "report.html")


@pytest.fixture
def opened(page: Browser, report: Path) -> Browser:
    page.open(report)
    return page


@pytest.mark.parametrize("width", WIDTHS)
def test_page__loads_without_errors_requests_or_blank_figures(page, report, width):
    page.open(report, width=width)
    assert page.complaints() == []
    assert page.requests() == [report.as_uri()]
    for element in ("network-figure", "pair-values", "pair-ranks", "pair-table", "pair-null"):
        colours = page.colours(element)
        assert colours, element
        assert max(colours) > 2, element
    assert page.run("return document.documentElement.scrollWidth") <= width
    svgs = "return Array.from(document.querySelectorAll('svg.figure'), (svg) => svg.getBoundingClientRect().height)"
    assert min(page.run(svgs)) > 100


def test_network__counts_are_those_of_the_summary(opened, result):
    summary = result.summary
    assert len(opened.model("network_nodes")["data"]["x"]) == summary["network"]["nodes"]
    assert len(opened.model("network_edges")["data"]["x0"]) == summary["prune"]["n_kept"]
    assert opened.text("#count") == f"{summary['prune']['n_kept']:,} edges"
    numbers = opened.run("return Array.from(document.querySelectorAll('.numbers b'), (b) => b.textContent)")
    assert numbers[:5] == [
        f"{number:,}"
        for number in (
            summary["matrix"]["n_genes"],
            summary["matrix"]["n_samples"],
            summary["significance"]["n_pairs"],
            summary["significance"]["n_significant"],
            summary["prune"]["n_kept"],
        )
    ]


def test_network__labels_do_not_touch_and_more_come_with_the_zoom(opened):
    def labels() -> int:
        return len(opened.model("network_labels")["data"]["text"])

    n_far = labels()
    assert n_far > 5
    opened.run(
        "const plot = Object.values(Bokeh.index)[0] || [...Bokeh.index][0]; const { x_range, y_range } = plot.model;"
        "for (const range of [x_range, y_range]) { const d = (range.end - range.start) / 4;"
        "range.setv({ start: range.start + d, end: range.end - d }); }"
    )
    time.sleep(0.3)
    inside = opened.run(
        "const plot = Object.values(Bokeh.index)[0] || [...Bokeh.index][0]; const { x_range, y_range } = plot.model;"
        "const { x, y } = plot.model.select_one('network_points').data_source.data;"
        "return Array.from(x).filter((v, i) => v > x_range.start && v < x_range.end && y[i] > y_range.start"
        "&& y[i] < y_range.end).length"
    )
    assert labels() > 0.6 * inside


def test_search__selects_the_gene_its_neighbours_and_its_rows(opened, result):
    hub = result.summary["network"]["hubs"][0]["gene"]
    opened.type("#search", hub)
    nodes = opened.model("network_nodes")
    picked = {nodes["data"]["name"][at] for at in nodes["selected"]}
    assert picked == {hub, *result.graph.to_undirected().neighbors(hub)}
    assert len(opened.model("network_edges")["selected"]) == result.graph.to_undirected().degree(hub)
    assert all(hub in row[:2] for row in opened.rows())
    assert opened.text("#chosen").startswith(f"{hub}: ")
    labels = opened.model("network_labels")["data"]["text"]
    assert labels[0] == hub
    assert set(labels) <= picked
    opened.click("#clear")
    assert opened.model("network_nodes")["selected"] == []
    assert opened.text("#count") == f"{result.summary['prune']['n_kept']:,} edges"


def test_search__says_what_it_does_not_know(opened):
    opened.type("#search", "no such gene")
    assert opened.text("#chosen") == "no such gene has no edge in this page"


def test_click__on_a_gene_filters_the_table(opened, page):
    place = opened.run(
        "document.getElementById('network-figure').scrollIntoView({block: 'center', behavior: 'instant'});"
        "const plot = Object.values(Bokeh.index)[0] || [...Bokeh.index][0]; const { x_range, y_range } = plot.model;"
        "const { x, y, size, name } = plot.model.select_one('network_points').data_source.data;"
        "const at = size.indexOf(Math.max(...size)); const box = plot.frame.bbox;"
        "const canvas = plot.canvas_view.el.getBoundingClientRect();"
        "return [canvas.x + box.left + (x[at] - x_range.start) / (x_range.end - x_range.start) * box.width,"
        "canvas.y + box.bottom - (y[at] - y_range.start) / (y_range.end - y_range.start) * box.height, name[at]]"
    )
    x, y, gene = place
    for kind in ("mousePressed", "mouseReleased"):
        page.driver.execute_cdp_cmd(
            "Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
        )
    opened.wait("return document.getElementById('chosen').textContent !== ''", 5)
    assert opened.text("#chosen").startswith(f"{gene}: ")
    assert all(gene in row[:2] for row in opened.rows())


def test_table__sorts_filters_and_turns_pages(opened, result):
    scores = [float(row[2]) for row in opened.rows()]
    assert scores == sorted(scores, reverse=True)
    opened.click("#edges th button[data-key=mi]")
    mi = [float(row[3]) for row in opened.rows()]
    assert mi == sorted(mi, reverse=True)
    assert mi[0] == pytest.approx(result.edges.loc[result.edges["kept"], "mi"].max(), abs=1e-4)
    opened.click("#edges th button[data-key=mi]")
    mi = [float(row[3]) for row in opened.rows()]
    assert mi == sorted(mi)
    assert opened.run("return document.querySelector('#edges th[aria-sort=ascending]').textContent") == "MI (bits) ▴"
    opened.choose("#verdict", "removed")
    n_removed = int((~result.edges["kept"]).sum())
    assert opened.text("#count") == f"{n_removed:,} edges"
    assert opened.text("#page") == f"page 1 of {-(-n_removed // 25)}"
    assert all(row[-1].startswith("removed") for row in opened.rows())
    opened.click("#last")
    assert len(opened.rows()) == (n_removed - 1) % 25 + 1
    opened.run("const f = document.getElementById('filter'); f.value = 'tf01'; f.dispatchEvent(new Event('input'))")
    assert all("TF01" in row[:2] for row in opened.rows())


def test_table__a_row_shows_its_pair_by_mouse_and_by_key(opened):
    opened.click("#edges th button[data-key=mi]")
    first = opened.rows()[0][:2]
    opened.click("#edges tbody tr:first-child")
    assert opened.text("#pair-title") == f"{first[0]} – {first[1]} (strongest)"
    assert opened.text("#picked") == f"{first[0]} – {first[1]}: kept. Why"
    row = opened.driver.find_element("css selector", "#edges tbody tr:nth-child(2)")
    second = opened.rows()[1][:2]
    row.send_keys(" ")
    assert opened.text("#pair-title").startswith(f"{second[0]} – {second[1]}")


def test_pairs__every_one_of_the_page_can_be_drawn(opened, result):
    n_pairs = opened.run("return document.querySelectorAll('#pair option').length")
    assert n_pairs > 15
    for number in range(n_pairs):
        opened.choose("#pair", str(number))
        names = opened.run("return document.querySelector('#pair').selectedOptions[0].textContent")
        assert opened.text("#pair-title").startswith(names)
        assert len(opened.model("pair_values")["data"]["x"]) == result.expression.n_obs
    assert opened.complaints() == []


def test_pairs__two_names_find_it_or_the_command_that_makes_it(opened, result):
    names = opened.run("return document.querySelector('#pair option').textContent").split(" – ")
    opened.type("#gene-a", names[1])
    opened.type("#gene-b", names[0].lower())
    opened.click("#show-pair")
    assert opened.text("#pair-title") == f"{names[0]} – {names[1]} (strongest)"
    shown = opened.run("return Array.from(document.querySelectorAll('#pair option'), (o) => o.textContent)")
    weak = next(
        pair for pair in zip(result.edges["regulator"], result.edges["target"], strict=True)
        if " – ".join(pair) not in shown and " – ".join(pair[::-1]) not in shown
    )  # fmt: skip
    opened.type("#gene-a", weak[0])
    opened.type("#gene-b", weak[1])
    opened.click("#show-pair")
    assert f"genenet pair FOLDER {weak[0]} {weak[1]} makes them" in opened.text("#pair-title")
    assert "MI (bits)" in opened.text("#pair-lines")
    genes = opened.run("return JSON.parse(document.getElementById('data').textContent).network.names")
    listed = {frozenset(pair) for pair in zip(result.edges["regulator"], result.edges["target"], strict=True)}
    a, b = next((a, b) for a in genes for b in genes if a != b and frozenset((a, b)) not in listed)
    opened.type("#gene-a", a)
    opened.type("#gene-b", b)
    opened.click("#show-pair")
    assert opened.text("#pair-title") == (
        f"{a} – {b} is not among the {len(result.edges):,} edges of this page: not significant or not tested; genenet"
        f" pair FOLDER {a} {b} tells which, and shows why"
    )
    opened.type("#gene-b", "<b>")
    opened.click("#show-pair")
    assert opened.text("#pair-title").startswith("No edge of this page has the gene <b>; genenet pair FOLDER GENE_A")


def test_methods__are_copied_with_the_numbers_of_the_references(opened):
    opened.driver.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    opened.click("#copy-methods")
    opened.wait("return document.getElementById('copy-methods').textContent === 'Copied'", 5)
    copied = opened.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    paragraph, references = copied.split("\n\n")
    assert paragraph.startswith("A gene network was inferred with genenet")
    cited = {int(number) for found in re.findall(r"\[([\d, ]+)\]", paragraph) for number in found.split(", ")}
    assert [int(line.split(".")[0]) for line in references.splitlines()] == sorted(cited)


def test_theme__dark_and_light(opened):
    def colours() -> tuple[str, str]:
        return tuple(
            opened.run(
                "const plot = Object.values(Bokeh.index)[0] || [...Bokeh.index][0];"
                "const text = plot.model.select_one('network_text').glyph.text_color;"
                "return [getComputedStyle(document.body).backgroundColor, text.value ?? text]"
            )
        )

    opened.choose("#theme", "dark")
    assert colours() == ("rgb(22, 24, 27)", "#e6e7e9")
    assert max(opened.colours("network-figure")) > 2
    opened.choose("#theme", "light")
    assert colours() == ("rgb(255, 255, 255)", "#1b1c1d")


def test_print__hides_what_only_a_screen_can_do(opened):
    opened.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        hidden = "return Array.from(document.querySelectorAll('header, .controls'), (e) => getComputedStyle(e).display)"
        assert set(opened.run(hidden)) == {"none"}
        assert opened.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    finally:
        opened.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_keyboard__reaches_everything_that_can_be_used(opened):
    unreachable = opened.run(
        "return Array.from(document.querySelectorAll('button, input, select, summary, a[href], #edges tbody tr'))"
        ".filter((element) => element.tabIndex < 0).length"
    )
    unnamed = opened.run(
        "return Array.from(document.querySelectorAll('button, input, select')).filter((element) =>"
        "!(element.textContent.trim() || element.labels?.length || element.ariaLabel)).map((e) => e.outerHTML)"
    )
    assert (unreachable, unnamed) == (0, [])


@pytest.mark.parametrize(("kind", "start"), [("png", b"\x89PNG"), ("svg", b"<svg")])
def test_save__writes_the_picture(opened, kind, start):
    path = opened.downloads / f"network.{kind}"
    opened.click(f"#save-{kind}")
    end = time.monotonic() + 20
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.1)
    content = path.read_bytes()
    assert content.startswith(start)
    assert len(content) > 5_000


def test_hostile_names__stay_text(page, tmp_path):
    page.open(hostile().report(tmp_path / "report.html"))
    assert page.complaints() == []
    assert page.run("return window.broken") is None
    assert page.run("return [document.images.length, document.scripts.length]") == [0, 4]
    assert set(page.model("network_nodes")["data"]["name"]) <= set(HOSTILE)
    for name in HOSTILE[:3]:
        page.type("#search", name)
        assert page.text("#chosen").startswith(f"{name}: ")
        assert all(name in row[:2] for row in page.rows())
    for number in range(page.run("return document.querySelectorAll('#pair option').length")):
        page.choose("#pair", str(number))
    assert page.run("return window.broken") is None
    assert page.run("return document.documentElement.scrollWidth") <= WIDTHS[0]
    assert page.text("h1") == "<script>window.broken=1</script>"


@pytest.mark.parametrize("width", WIDTHS)
def test_no_edges__says_so(page, tmp_path, width):
    page.open(without_edges().report(tmp_path / "report.html"), width=width)
    assert page.complaints() == []
    assert "There is no edge to draw. No edge reaches bh 0.05 among 435 pairs" in page.text("#network")
    assert page.run("return document.documentElement.scrollWidth") <= width
