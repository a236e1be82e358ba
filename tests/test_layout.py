"""Who may import whom, and what `import genenet` brings along."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "genenet"
THIRD_PARTY = {
    "anndata",
    "h5py",
    "networkx",
    "numba",
    "numpy",
    "pandas",
    "pyarrow",
    "rich",
    "scipy",
    "snakemake",
    "typer",
}
HEAVY = {"anndata", "networkx", "numba", "numpy", "pandas", "pyarrow", "scipy", "snakemake"}

# Layers above the steps, lowest first: a module imports its own layer and those below. What is not named is below all.
LAYERS = (
    {"network", "layout"},
    {"export", "report", "cytoscape"},
    {"summary", "truth", "simulate"},
    {"pipeline", "groups"},
    {"workflow"},
    {"cli", "__main__"},
)


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    """First name below the package: module, or package of modules."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path: Path) -> set[str]:
    """Full names of all modules that a file imports, at the top or inside functions, but not for types only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= (
                {f"{node.module}.{alias.name}" for alias in node.names} if node.module == "genenet" else {node.module}
            )
    return found


def third_party(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path)} & THIRD_PARTY


def own(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imports(path) if name.startswith("genenet.")}


def height(part: str) -> int:
    return next((level for level, layer in enumerate(LAYERS, start=1) if part in layer), 0)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports__follow_the_layers(path):
    part = part_of(path)
    assert {name for name in own(path) if height(name) > height(part)} == set()
    if part == "kernels":
        assert own(path) <= {"kernels"}
        assert third_party(path) <= {"numpy", "scipy", "numba"}
    if height(part) == 0:
        assert "networkx" not in third_party(path)
    if part not in ("cli", "__main__"):
        assert not third_party(path) & {"typer", "rich", "snakemake"}


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
