"""Loops shared among threads: compiled code that lets go of the interpreter's lock, called from plain threads.

numba's own parallel loops take twice as long to compile, at the first run of every new version. What a turn of a loop
computes must not depend on other turns, so that every number of threads gives the same.
"""

import functools
import inspect
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba

# Parts for each thread: those that are done early take another one.
PARTS_PER_THREAD = 8

_chosen = 0


def set_threads(number: int) -> None:
    """Set how many threads share a loop, 1 or more; 0 for NUMBA_NUM_THREADS, or all CPUs this process may use."""
    global _chosen
    _chosen = number


def n_threads() -> int:
    """Return how many threads share a loop.

    Examples
    --------
    >>> n_threads() >= 1
    True
    """
    return _chosen or int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]


@functools.cache
def _pool(number: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(number, thread_name_prefix="genenet")


# Threads do not survive a fork, where there is such a thing.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)


def parallel(n_turns: Callable[..., int], **options: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Compile a function of the first turn, the one after the last turn, and arguments, to be called with the latter.

    Parameters
    ----------
    n_turns
        Number of turns of the loop, from arguments of the function: it has their names.
    options
        More of `numba.njit`.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        kernel = numba.njit(cache=True, nogil=True, **options)(function)
        names = list(inspect.signature(function).parameters)[2:]
        places = [names.index(name) for name in inspect.signature(n_turns).parameters]

        @functools.wraps(function)
        def run(*arguments: Any) -> None:
            n = n_turns(*(arguments[place] for place in places))
            number = min(n_threads(), n)
            if number < 2:
                kernel(0, n, *arguments)
                return
            size = -(-n // (number * PARTS_PER_THREAD))
            # One iterator for all threads: the interpreter's lock gives every start to one of them.
            starts = iter(range(0, n, size))

            def work() -> None:
                try:
                    for start in starts:
                        kernel(start, min(start + size, n), *arguments)
                except BaseException:
                    # An error, or Ctrl-C: nobody needs what is left.
                    for _ in starts:
                        pass
                    raise

            others = [_pool(number - 1).submit(work) for _ in range(number - 1)]
            work()
            for other in others:
                other.result()

        return run

    return decorate
