"""Before the first run on a machine: a process that compiles kernels while the run starts and reads its files."""

import atexit
import os
import subprocess
from pathlib import Path

from genenet.cli.interpreter import python

VARIABLE = "GENENET_COMPILING"
"""Environment variable of processes whose kernels a run has seen to."""
KERNELS = ("margins", "pearson3_tails", "find_in_table")
"""Kernels that every run with default settings needs: an early one, one of the middle, a late one."""
LEAST_MEMORY = 2_000_000_000
"""Bytes of memory that must be left, of which the process takes 500 million."""


def compile_beside(n_threads: int) -> None:
    """Start to compile the kernels of a run with default settings, if none was run before and a CPU is free.

    The process prints nothing, and ends with this one. Whether it starts, fails or ends early changes nothing but time.
    """
    if n_threads < 2 or VARIABLE in os.environ or not _is_first_run() or not _has_memory():
        return
    os.environ[VARIABLE] = "1"
    command = [*python(), "-m", "genenet.kernels.first_run", str(os.getpid())]
    nowhere = subprocess.DEVNULL
    try:
        process = subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere)
    except OSError:
        return
    atexit.register(_end, process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()


def _is_first_run() -> bool:
    """Whether kernels are not in the folder of compiled code, which can be written; numba is not loaded for it."""
    sources = Path(__file__).parents[1] / "kernels"
    given = os.environ.get("NUMBA_CACHE_DIR")
    folders = [*Path(given).glob("kernels_*")] if given else [sources / "__pycache__"]
    if not os.access(given or folders[0], os.W_OK) and (given is None or Path(given).exists()):
        return False
    newest = max(source.stat().st_mtime for source in sources.glob("*.py"))
    compiled = [file for folder in folders for name in KERNELS for file in folder.glob(f"*.{name}-*.nbi")]
    return sum(file.stat().st_mtime >= newest for file in compiled) < len(KERNELS)


def _has_memory() -> bool:
    from genenet.readers.limits import available_memory

    available = available_memory()
    return available is None or available >= LEAST_MEMORY
