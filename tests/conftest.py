"""Fixtures shared by all tests."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The first example of a test may compile kernels: no test fails for its time. In CI the examples are always the same.
settings.register_profile(
    "genenet", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("genenet")

SHARED_DATA = Path(os.environ.get("GENENET_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Matrices with gold standards and outputs of other programs; not part of the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no reference data at {SHARED_DATA} (set GENENET_TEST_DATA)")
    return SHARED_DATA


@pytest.fixture
def run_cli(capsys) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in this process: status, stdout, stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        from genenet.cli import main

        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return caught.value.code, out, err

    return run
