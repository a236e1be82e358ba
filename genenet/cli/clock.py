"""The time since the command was started. This module is imported before all others, so that imports count too."""

import time

STARTED = time.perf_counter()


def so_far() -> float:
    """Seconds since the command was started."""
    return time.perf_counter() - STARTED


def clock(seconds: float) -> str:
    """Write a time as minutes and seconds.

    Examples
    --------
    >>> clock(7.9), clock(83), clock(7383)
    ('0:07', '1:23', '2:03:03')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
