"""The command line: each command parses its options, reads files, calls one function and writes the result.

Nothing imports this package. Modules that compute are imported inside the commands, so that `genenet --help` answers at
once.
"""

from genenet.cli import without_plugins  # noqa: F401  (before pydantic is imported)
from genenet.cli.clock import STARTED  # first but for that: what is imported after it counts as time of the command
from genenet.cli.entry import main

__all__ = ["STARTED", "main"]
