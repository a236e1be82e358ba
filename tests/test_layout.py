"""The layout: layers, no circle of files, no step that imports another; and the modules that `import genenet` loads."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from genenet.config import SECTIONS
from genenet.steps import STEPS

PACKAGE = Path(__file__).parents[1] / "genenet"
RULES = Path(__file__).parents[1] / "workflow" / "rules"
THIRD_PARTY = {"typer", "rich", "snakemake", "networkx", "numba", "numpy", "scipy"}
HEAVY = {"anndata", "networkx", "numba", "numpy", "pandas", "pyarrow", "scipy", "snakemake"}
HEAVY |= {"bokeh", "igraph", "jinja2", "matplotlib"}

# Lowest first. A part imports parts of lower layers, and its own files only if it is marked with *.
LAYERS = (
    "digests errors locks paths progress randomness",
    "kernels* config*",
    "statistics* readers* simulate",
    "products* expression*",
    "estimators* scores* files* anomalies",
    "writers*",
    "steps cytoscape ndex activity*",
    "report* confounding stability*",
    "result",
    "phenotype* workflow* pipeline",
    "groups* tl",
    "differential*",
    "__init__",
    "cli*",
    "__main__",
)
HEIGHTS = {part.rstrip("*"): height for height, layer in enumerate(LAYERS) for part in layer.split()}
OF_SEVERAL_FILES = {part.rstrip("*") for layer in LAYERS for part in layer.split() if part.endswith("*")}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    """First name below the package: a module, or a folder of modules."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def sources(path: Path) -> Iterator[ast.Module]:
    """The file, and the stub beside it that lists the names which it imports when they are first used."""
    for source in (path, path.with_suffix(".pyi")):
        if source.exists():
            yield ast.parse(source.read_text(encoding="utf-8"))


def absolute(node: ast.ImportFrom, path: Path) -> str:
    """Full name of the module that is imported from."""
    if not node.level:
        return node.module or ""
    package = path.parent.relative_to(PACKAGE.parent).parts[: len(path.parent.parts) - node.level + 1]
    return ".".join([*package, *([node.module] if node.module else [])])


def imports(path: Path) -> set[str]:
    """Full names of all that a file imports: at the top, inside functions, for types, lazily by a stub."""
    found = set()
    for node in (node for tree in sources(path) for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = absolute(node, path)
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found


def file_of(name: str) -> Path | None:
    """The file that a full name is imported from; None if it is not one of ours."""
    parts = name.split(".")
    if parts[0] != "genenet":
        return None
    while parts:
        path = PACKAGE.parent.joinpath(*parts)
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.exists():
                return file
        parts.pop()
    return None


def own(path: Path) -> set[Path]:
    return {file for name in imports(path) if (file := file_of(name)) and file != path}


def third_party(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path)} & THIRD_PARTY


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def circle(arrows: Mapping[Path, Iterable[Path]]) -> list[str]:
    """One circle of files, if there is any."""
    done: set[Path] = set()

    def walk(path: Path, way: list[Path]) -> list[str]:
        if path in way:
            return [name_of(file) for file in [*way[way.index(path) :], path]]
        if path in done:
            return []
        for other in sorted(arrows[path]):
            if found := walk(other, [*way, path]):
                return found
        done.add(path)
        return []

    return next((found for path in sorted(arrows) if (found := walk(path, []))), [])


def test_parts__are_all_named():
    assert {part_of(path) for path in modules()} == set(HEIGHTS)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports__follow_the_layers(path):
    part = part_of(path)
    upwards = {
        name_of(other)
        for other in own(path)
        if HEIGHTS[part_of(other)] > HEIGHTS[part]
        or (HEIGHTS[part_of(other)] == HEIGHTS[part] and (part_of(other) != part or part not in OF_SEVERAL_FILES))
    }
    assert upwards == set()


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports__of_other_packages_stay_in_their_place(path):
    part = part_of(path)
    if part == "kernels":
        assert third_party(path) <= {"numpy", "scipy", "numba"}
    elif part not in ("statistics", "estimators"):
        assert "numba" not in third_party(path)
    if HEIGHTS[part] < HEIGHTS["products"]:
        assert "networkx" not in third_party(path)
    if part not in ("cli", "progress", "__main__"):
        assert not third_party(path) & {"typer", "rich", "snakemake"}


def test_imports__have_no_circle():
    assert circle({path: own(path) for path in modules()}) == []


def test_steps__do_not_import_each_other():
    steps = [path for path in modules() if part_of(path) == "steps"]
    assert {name_of(path): [name_of(o) for o in own(path) if part_of(o) == "steps"] for path in steps} == {
        name_of(path): [] for path in steps
    }


def test_steps__are_modules_sections_rules_and_commands():
    from genenet.cli.entry import application

    assert [path.stem for path in modules() if part_of(path) == "steps" and path.stem != "__init__"] == sorted(STEPS)
    assert [section for section in SECTIONS if section in STEPS] == list(STEPS)
    # The name of a rule that is there for several sets of files begins with that of its step.
    name = re.compile(r'^rule (\w+):|^ {12}"_"\.join\(\["(\w+)"', re.M)
    rules = [match[1] or match[2] for file in RULES.glob("*.smk") for match in name.finditer(file.read_text())]
    assert set(STEPS) <= set(rules)
    commands = [
        command.name or command.callback.__name__ for command in application().registered_commands if command.callback
    ]
    assert [name for name in commands if name in STEPS] == list(STEPS)


def test_circle__is_found():
    a, b, c = (PACKAGE / name for name in ("a.py", "b.py", "c.py"))
    assert circle({a: [b], b: [c], c: []}) == []
    assert circle({a: [b], b: [c], c: [b]}) == ["b.py", "c.py", "b.py"]


def loaded_by(code: str) -> set[str]:
    code += "\nimport sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.splitlines()[-1].split())


def test_import_genenet__is_light():
    assert not loaded_by("import genenet") & (HEAVY | {"typer", "pydantic"})


def test_command_line__is_light():
    assert not loaded_by("import genenet.cli") & HEAVY


def test_help__is_light():
    code = "from genenet.cli import main\ntry:\n    main(['infer', '--help'])\nexcept SystemExit:\n    pass"
    assert not loaded_by(code) & HEAVY


@pytest.mark.parametrize("step", ["permutation", "information"])
def test_null_and_pass__need_no_pandas(step):
    code = f"import genenet.steps.{step}, genenet.files.intermediate"
    assert not loaded_by(code) & {"anndata", "pandas", "pyarrow"}


def test_prune__imports_no_statistics_of_scipy():
    code = "import genenet.steps.prune, sys; print('scipy.stats' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
