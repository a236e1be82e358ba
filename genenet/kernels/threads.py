"""Loops shared among threads: compiled code that releases the interpreter's lock, called from ordinary threads.

numba's own parallel loops take twice as long to compile at the first run of every new version. An iteration must not
depend on other iterations, so that every number of threads gives the same result.
"""

import functools
import inspect
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba

from genenet.kernels.jit import compiled

# A loop is cut into this many parts for each thread: threads that finish early take another part.
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


# Threads do not survive a fork, if the system has forks.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)


def parallel(n_iterations: Callable[..., int], **options: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Compile the loop of a function and share its iterations among threads.

    The function takes the first iteration, the one after the last iteration, and its arguments; the decorated function
    is called with the arguments alone. Its attribute `kernel` is the compiled function.

    Parameters
    ----------
    n_iterations
        Number of iterations, computed from arguments of the function: its parameters have their names.
    options
        More options of `numba.njit`.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        kernel = compiled(nogil=True, **options)(function)
        names = list(inspect.signature(function).parameters)[2:]
        places = [names.index(name) for name in inspect.signature(n_iterations).parameters]

        @functools.wraps(function)
        def run(*arguments: Any) -> None:
            n = n_iterations(*(arguments[place] for place in places))
            number = min(n_threads(), n)
            if number < 2:
                kernel(0, n, *arguments)
                return
            size = -(-n // (number * PARTS_PER_THREAD))
            # All threads take the next part from one iterator; the interpreter's lock makes that safe.
            starts = iter(range(0, n, size))

            def work() -> None:
                try:
                    for start in starts:
                        kernel(start, min(start + size, n), *arguments)
                except BaseException:
                    # After an error or Ctrl-C the remaining parts are dropped.
                    for _ in starts:
                        pass
                    raise

            others = [_pool(number - 1).submit(work) for _ in range(number - 1)]
            work()
            for other in others:
                other.result()

        run.kernel = kernel  # type: ignore[attr-defined]
        return run

    return decorate
