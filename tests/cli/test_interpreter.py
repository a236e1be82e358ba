"""Other processes of a command have its genenet, whatever lies in the current folder."""

import subprocess
import sys
from pathlib import Path

import genenet
from genenet.cli.interpreter import python


def test_python__takes_no_package_of_the_current_folder(tmp_path, monkeypatch):
    other = tmp_path / "genenet"
    other.mkdir()
    (other / "__init__.py").write_text("raise SystemExit('another copy')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    assert python() == [sys.executable, "-P"]
    root = Path(genenet.__file__).parents[1]
    monkeypatch.setenv("PYTHONPATH", str(root))
    subprocess.run([*python(), "-m", "genenet", "--version"], check=True, stdout=subprocess.DEVNULL)
    monkeypatch.chdir(root)
    assert python() == [sys.executable]
