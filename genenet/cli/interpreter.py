"""How to start another process with the genenet of this one."""

import os
import sys
from pathlib import Path


def python() -> list[str]:
    """Give the beginning of a command that runs a module of genenet: the interpreter, and its options.

    `python -m` would look into the current folder first. In a checkout of genenet that is another copy than the
    installed one, and code that is compiled for the one is not for the other.

    Examples
    --------
    >>> python()[0] == sys.executable
    True
    """
    own = Path(__file__).parents[2]
    try:
        is_here = Path.cwd() == own
    except OSError:  # the folder is gone
        is_here = False
    return [sys.executable] if is_here or os.environ.get("PYTHONSAFEPATH") else [sys.executable, "-P"]
