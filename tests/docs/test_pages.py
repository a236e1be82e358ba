"""Text that people type from: commands, configurations, Python, links, in README.md and the pages of docs/."""

import ast
import doctest
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

import genenet
from genenet.cli.entry import application
from genenet.steps import STEPS
from genenet.workflow import workflow_from

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "config" / "README.md"]
PAGES += [
    path for path in sorted((ROOT / "docs").rglob("*.md")) if "_" not in path.relative_to(ROOT / "docs").parts[0][0]
]
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
COMMANDS = get_command(application()).commands


def blocks(page: Path, language: str) -> Iterator[str]:
    """The fenced blocks of a page in this language."""
    yield from re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)


def commands() -> Iterator[tuple[str, str]]:
    """Each call of the program in a block of sh or between backticks, also in a container: command and arguments."""
    called = re.compile(r"(?:^|[ /])(?:genenet|run genenet\.sif) ([a-z]+)( .*)?$")
    for page in PAGES:
        inline = re.findall(r"`(genenet [a-z]+ [^`]*)`", page.read_text(encoding="utf-8"))
        for line in [*"\n".join(blocks(page, "sh")).replace("\\\n", " ").splitlines(), *inline]:
            for words in re.split(r"&&|\|", line):
                if found := called.search(words.strip()):
                    yield found[1], found[2] or ""


@pytest.mark.parametrize(("command", "arguments"), sorted(set(commands())))
def test_commands__know_their_options(command, arguments):
    assert command in COMMANDS
    if command == "run":  # what follows is Snakemake's
        return
    known = {name for option in COMMANDS[command].params for name in [*option.opts, *option.secondary_opts]}
    assert set(re.findall(r"(?<= )--?[a-z][a-z-]*", arguments)) <= known | {"--help", "--help-all"}


def test_commands__there_are_some():
    assert {"infer", "run", "plan", "associate", "cytoscape"} <= {command for command, _ in commands()}


def test_step_commands__make_the_network_of_one_command(tmp_path, monkeypatch, run_cli):
    """The commands of the page, one after the other, with the files that its table lists."""
    monkeypatch.chdir(tmp_path)
    page = ROOT / "docs" / "howto" / "step_commands.md"
    lines = "".join(blocks(page, "sh")).replace("\\\n", " ").splitlines()
    assert len(lines) == 15
    for line in lines:
        program, *arguments = shlex.split(line)
        assert (program, run_cli(*arguments)[0]) == ("genenet", 0), line
    names = ["expression.h5ad", "pruned.parquet", "network.graphml", "export/anomalies.tsv", "export/network.cyjs"]
    assert [name for name in names if Path("net", name).read_bytes() != Path("one", name).read_bytes()] == []
    told = re.findall(r"\| `([a-z]+)`[^|]*\|[^|]*\| `([^`]+)` \|", page.read_text(encoding="utf-8"))
    written = {path.relative_to("net").as_posix() for path in Path("net").rglob("*")}
    outputs = {
        file.replace("BLOCK", "0").rstrip("/") for step, file in told if step not in ("stability", "confounding")
    }
    assert outputs <= written
    assert [step for step, _ in told if step in STEPS] == [*STEPS]


def configurations() -> Iterator[str]:
    for page in PAGES:
        yield from (text for text in blocks(page, "yaml") if re.search(r"^datasets:", text, re.M))


@pytest.mark.parametrize("text", list(configurations()))
def test_configurations__are_right(text):
    assert workflow_from(yaml.safe_load(text)).datasets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_python__is_what_it_says(page):
    """Examples with a prompt are run, one after the other; others are Python at least, but for Snakemake's."""
    names: dict[str, object] = {}
    for number, text in enumerate(blocks(page, "python")):
        if ">>>" in text:
            test = doctest.DocTestParser().get_doctest(text, names, f"{page.name}:{number}", str(page), 0)
            assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, clear_globs=False).failed == 0
            names = test.globs
        elif not text.startswith("configfile:"):
            ast.parse(text)


def links(page: Path) -> list[str]:
    return re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES[:3], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links__are_good_wherever_the_text_is_shown(page):
    """On PyPI, on GitHub and in the pages: whole addresses, each of a page, a section or a file that there is."""
    for link in links(page):
        address, _, anchor = link.partition("#")
        if address.startswith(f"{URLS['Documentation']}/en/latest/"):
            name = address.removeprefix(f"{URLS['Documentation']}/en/latest/").removesuffix(".html") or "index"
            source = next(path for suffix in (".md", ".ipynb") if (path := ROOT / "docs" / f"{name}{suffix}").exists())
            assert not anchor or anchor in anchors(source), link
        elif address.startswith(f"{URLS['Source']}/blob/main/"):
            assert (ROOT / address.removeprefix(f"{URLS['Source']}/blob/main/")).exists(), link
        else:
            assert address.startswith(("https://doi.org/", URLS["Source"], URLS["Documentation"])), link


def test_reference__has_every_public_name():
    import reference

    page = reference.api()
    for name in genenet.__all__:
        assert name.startswith("__") or re.search(rf"^\.\. auto(class|function|exception):: {name}$", page, re.M), name


def test_reference__has_every_command():
    import reference

    page = reference.commands()
    for name, command in COMMANDS.items():
        assert f"## genenet {name}\n" in page
        for parameter in command.params:
            shown = parameter.opts[0] if parameter.param_type_name == "option" else parameter.metavar
            assert shown in page or parameter.name == "help_all", (name, parameter.name)
