"""Fixtures shared by all tests."""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from genenet.config.faces import speaking

# The first example of a test may compile kernels: no test fails for its time. In CI the examples are always the same.
settings.register_profile(
    "genenet", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("genenet")

DATA = "GENENET_TEST_DATA"
"""Environment variable that names the folder of reference data."""


@pytest.fixture(autouse=True)
def _logger_as_before() -> Iterator[None]:
    """Undo what the command line does to the logger, so that every test sees its messages."""

    def reset() -> None:
        logger = logging.getLogger("genenet")
        logger.handlers, logger.propagate = [], True
        logger.setLevel(logging.NOTSET)

    reset()
    yield
    reset()


@pytest.fixture(autouse=True)
def _messages_as_written() -> Iterator[None]:
    """Show messages with the keys of the configuration, as they are written; see tests/config/test_faces.py."""
    with speaking("workflow"):
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Matrices with gold standards and outputs of other programs; not part of the project."""
    if DATA not in os.environ:
        pytest.skip(f"the environment variable {DATA} does not name a folder of reference data")
    folder = Path(os.environ[DATA])
    assert folder.is_dir(), f"{DATA} is {folder}, which is no folder"
    return folder


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
