"""Locks of files between processes: the system releases them when a process ends, even if it is killed."""

from typing import IO, Any


def lock(file: "IO[Any] | int", *, wait: bool = False, shared: bool = False) -> bool | None:
    """Lock an open file for this process, until the file is closed.

    Parameters
    ----------
    file
        The open file, or its descriptor.
    wait
        Whether to wait until no other process holds the lock.
    shared
        Whether other processes may hold a shared lock at the same time.

    Returns
    -------
    True if this process holds the lock, False if another one does; None if the system or the file system has no locks.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file, open(file.name) as again:
    ...     lock(file), lock(again), lock(again, shared=True)
    (True, False, False)
    """
    try:
        import fcntl
    except ImportError:
        return None
    how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
    try:
        fcntl.flock(file, how)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
