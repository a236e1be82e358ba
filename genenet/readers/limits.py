"""Memory: how much this process may still use, and the error about data that does not fit.

A file can announce more numbers than it holds: a header of a hundred bytes can ask for terabytes. So the announced size
is compared with the available memory before anything is allocated.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from genenet.errors import InputError

SMALL = 256 << 20
"""Bytes up to which the available memory is not checked."""
MAX_DENSE_BYTES = 1 << 30
"""A matrix of at most this size is made dense: faster in most steps."""
ROOT = Path("/")
UNLIMITED = 1 << 60
"""Control groups of version 1 say a limit beyond this where there is none."""


@dataclass(frozen=True)
class CgroupFiles:
    """Names of the files of a control group: where they are, and those with its limit, its use and its page cache."""

    mount: Path
    limit: str
    used: str
    cache: str
    """Key in memory.stat of the cache that the system gives back when memory is needed."""


VERSION_1 = CgroupFiles(
    Path("sys/fs/cgroup/memory"), "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
)
VERSION_2 = CgroupFiles(Path("sys/fs/cgroup"), "memory.max", "memory.current", "inactive_file")


def available_memory() -> int | None:
    """Bytes of memory that machine, job (control group) and limits leave to this process; None if none is known."""
    known = [_of_machine(), _of_address_space(), of_cgroups()]
    return min((amount for amount in known if amount is not None), default=None)


def check_memory(n_bytes: int, what: str) -> None:
    """Refuse what does not fit into memory, before it is read.

    Raises
    ------
    InputError
        If `n_bytes` are more than `available_memory`.

    Examples
    --------
    >>> check_memory(10**20, "m.mtx promises 10 numbers that")
    Traceback (most recent call last):
    ...
    genenet.errors.InputError: m.mtx promises 10 numbers that need 100,000,000 TB of memory, there are ...
    """
    if n_bytes <= SMALL:
        return
    available = available_memory()
    if available is not None and n_bytes > available:
        raise InputError(
            f"{what} need {size(n_bytes)} of memory, there are {size(available)}; if the file is right, use a machine"
            " (or a limit) with more, or fewer genes or samples"
        )


def size(n_bytes: float) -> str:
    """Write a number of bytes in decimal units, for messages.

    Examples
    --------
    >>> size(512), size(1.5e6), size(64e9)
    ('1 kB', '2 MB', '64 GB')
    """
    for unit, scale in (("kB", 1e3), ("MB", 1e6), ("GB", 1e9)):
        if n_bytes < 999.5 * scale:
            return f"{max(n_bytes / scale, 1):,.0f} {unit}"
    return f"{n_bytes / 1e12:,.0f} TB"


def address_space() -> int | None:
    """Limit of this process's address space in bytes (`ulimit -v`), or None."""
    try:
        import resource
    except ImportError:  # no such thing on this system
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else int(soft)


def _of_address_space() -> int | None:
    limit = address_space()
    if limit is None:
        return None
    pages = _first_number(Path("/proc/self/statm")) or 0
    return max(limit - pages * os.sysconf("SC_PAGE_SIZE"), 0)


def _of_machine() -> int | None:
    """Memory (bytes) that Linux reports as available without swapping."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return None


def of_cgroups(root: Path = ROOT) -> int | None:
    """Bytes that the control groups of this process, as of a Slurm job or a container, leave to it; None without limit.

    The limit may be that of a group above the own one: all of them count.

    Parameters
    ----------
    root
        Folder with proc/self/cgroup and sys/fs/cgroup.
    """
    left = [_left_in(group, files) for group, files in _cgroups(root)]
    return min((amount for amount in left if amount is not None), default=None)


def _cgroups(root: Path) -> Iterator[tuple[Path, CgroupFiles]]:
    """Folders of the own control groups and those above, of both versions."""
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    own = {VERSION_1.mount: "/", VERSION_2.mount: "/"}
    for line in lines:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if not controllers:
            own[VERSION_2.mount] = path
        elif "memory" in controllers.split(","):
            own[VERSION_1.mount] = path
    for files in (VERSION_1, VERSION_2):
        mount = root / files.mount
        # In a container the path may be one of the machine, which is not there; the mount is the own group then.
        group = PurePosixPath("/", own[files.mount])
        for place in dict.fromkeys([group, *group.parents]):
            yield mount / place.relative_to("/"), files


def _left_in(group: Path, files: CgroupFiles) -> int | None:
    allowed, taken = _first_number(group / files.limit), _first_number(group / files.used)
    if allowed is None or taken is None or allowed >= UNLIMITED:
        return None
    return max(allowed - max(taken - _cache(group / "memory.stat", files.cache), 0), 0)


def _cache(path: Path, key: str) -> int:
    try:
        numbers = dict(line.split() for line in path.read_text(encoding="ascii").splitlines())
        return int(numbers.get(key, 0))
    except (OSError, ValueError):
        return 0


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):  # "max" is no limit
        return None
