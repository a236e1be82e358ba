"""Messages name settings as the user wrote them: options, keywords of Python, keys of the configuration."""

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import genenet
from genenet.config import KEYWORDS, SECTIONS
from genenet.config.faces import FILES, VARIABLE, speaking, spelled
from genenet.errors import ConfigError, InputError

PACKAGE = Path(genenet.__file__).parent
SECTION = "|".join(SECTIONS)
RAW = re.compile(rf"(?<![\w./-])({SECTION})\.(?!\w+\.\w)[a-z_]+")
# Names of files, and of attributes in code that is shown.
NO_KEYS = re.compile(rf"({SECTION})\.(graphml|cx2|cyjs|h5ad|sif|gml|gexf|tsv|parquet|npz)\b")


@pytest.fixture
def twice(tmp_path):
    """A table in which a gene has two rows."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(5, 20)), index=["TP53", "MYC", "JUN", "FOS", "TP53"])
    frame.columns = [f"S{number}" for number in range(20)]
    frame.to_csv(tmp_path / "m.tsv", sep="\t")
    return tmp_path / "m.tsv"


@pytest.mark.parametrize(
    ("face", "setting"),
    [
        ("command line", "--duplicates mean, max_variance or make_unique"),
        ("python", 'duplicates="mean", "max_variance" or "make_unique"'),
        ("workflow", "prepare.duplicates: mean, max_variance or make_unique"),
    ],
)
def test_message__through_each_face(twice, tmp_path, face, setting):
    expected = f"1 gene name occurs more than once (TP53 2 times); set {setting}"
    if face == "python":
        with pytest.raises(InputError) as caught:
            genenet.infer_network(twice)
        with speaking("python"):
            assert str(caught.value) == expected
        return
    command = [sys.executable, "-m", "genenet", "prepare", "--matrix", str(twice), "-o", str(tmp_path / "o.h5ad")]
    environment = {**os.environ, VARIABLE: "workflow" if face == "workflow" else ""}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (2, f"ERROR: {expected}\n")


def test_warning__through_each_face(twice, caplog):
    frame = pd.read_csv(twice, sep="\t", index_col=0).iloc[:4]
    for face, name in (("python", "tolerance"), ("command line", "--tolerance"), ("workflow", "prune.tolerance")):
        caplog.clear()
        with speaking(face):
            genenet.infer_network(frame, prune_method="mrnet", tolerance=0.2, min_samples=10, alpha=1, progress=False)
        assert f"{name} (0.2) does nothing here" in caplog.text


@pytest.mark.parametrize(
    ("face", "name"),
    [("python", "n_permutations"), ("command line", "--n-permutations"), ("workflow", "n_permutations")],
)
def test_message__keys_of_one_function(face, name):
    with pytest.raises(ConfigError) as caught:
        genenet.associate(None, None, n_permutations=-1)
    with speaking(face):
        assert str(caught.value) == f"{name} must be an integer >= 100 and <= 1,000,000, got -1"


def test_message__about_a_configuration_file_keeps_its_keys(tmp_path, run_cli):
    (tmp_path / "c.yaml").write_text("prune:\n  tolerance: 2\n")
    _, _, err = run_cli("infer", "m.tsv", "-o", tmp_path / "o", "--config", tmp_path / "c.yaml")
    assert err == "ERROR: prune.tolerance must be a number >= 0 and <= 1, or auto, got 2\n"


@pytest.mark.parametrize(
    ("text", "command_line", "python"),
    [
        ("set prepare.name_column: 'gene symbol'", "set --name-column 'gene symbol'", 'set name_column="gene symbol"'),
        ("prepare.layer: no layer X", "--layer: no layer X", "layer: no layer X"),
        ("prepare.min_samples: 10, or more", "--min-samples 10, or more", "min_samples=10, or more"),
        ("prepare.strict: false", "--no-strict", "strict=False"),
        ("prune.method: dpi without", "--prune-method dpi without", 'prune_method="dpi" without'),
        ("with preset: codependency", "with --preset codependency", 'with preset="codependency"'),
        ("a seed: that of the run", "a seed: that of the run", "a seed: that of the run"),
        ("prune.tolerances and datasets.a.prune.tolerance", None, None),
        ("a file network.isolated.tsv in x/prune.method", None, None),
    ],
)
def test_spelled__values_and_words(text, command_line, python):
    assert spelled(text, "command line") == (command_line or text)
    assert spelled(text, "python") == (python or text)
    assert spelled(text, "workflow") == text
    assert spelled(spelled(text, "command line"), "command line") == (command_line or text)


@cache
def messages() -> list[tuple[str, str]]:
    """All texts in the package that name settings, with their file; `{}` for what is filled in."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values]  # noqa: PD011
                found.append((path.name, "".join(parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped | inner:
                found.append((path.name, node.value))
    return [(name, text) for name, text in found if " " in text]


def test_messages__no_key_is_left_on_the_command_line():
    named = [(file, text) for file, text in messages() if RAW.search(NO_KEYS.sub("", text))]
    assert len(named) > 60
    left = [(file, text) for file, text in named if RAW.search(NO_KEYS.sub("", spelled(text, "command line")))]
    assert left == []


def test_messages__no_option_is_left_in_python():
    """Outside of the modules of the command line, and of texts that show a command."""
    options = "|".join(name.replace("_", "-") for name in KEYWORDS)
    option = re.compile(rf"(?<![\w-])--({options}|table|regulators|targets|pairs)(?![\w-])")
    own = {path.name for path in (PACKAGE / "cli").glob("*.py")}
    left = [(file, text) for file, text in messages() if option.search(spelled(text, "python")) and file not in own]
    assert left == []


def test_messages__no_setting_is_named_without_its_section():
    """Such names are those of Python alone; of files and attributes too, which messages name as options."""
    files = [
        name for name in FILES if name not in ("targets", "regulators", "keep", "pairs", "bins", "levels", "regulons")
    ]
    names = [name for name in (*KEYWORDS, *files) if "_" in name]
    bare = re.compile(
        rf"(?<![\w./-])({'|'.join(names)})(?![\w/-]|\.\w)|\((table|regulators|targets|truth)\)|^(strata|levels) "
    )
    of_other_programs = ("n_genes", "n_blocks")
    described = {path.name for part in ("config", "workflow") for path in (PACKAGE / part).glob("*.py")}
    left = [(file, text) for file, text in messages() for name in bare.findall(text) if file not in described]
    assert [text for _, text in left if not any(name in text for name in of_other_programs)] == []


def test_loggers__all_name_settings_as_the_user_does():
    """Loggers that log; `setLevel` and filters of others are no matter."""
    taken = re.compile(r"^(\w+) = logging\.getLogger\(", re.MULTILINE)
    assert [path.name for path in sorted(PACKAGE.rglob("*.py")) if taken.search(path.read_text(encoding="utf-8"))] == []
