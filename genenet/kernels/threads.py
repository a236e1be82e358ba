"""Loops shared among threads: compiled code that releases the interpreter's lock, called from ordinary threads.

numba's own parallel loops take twice as long to compile at the first run of every new version. An iteration must not
depend on other iterations, so that every number of threads gives the same result.
"""

import functools
import inspect
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import compiled

# A loop is cut into this many parts for each thread: threads that finish early take another part.
PARTS_PER_THREAD = 8
# Rows of a matrix that are transposed together: a core's own cache holds what they are made of.
ROWS_AT_ONCE = 64

T = TypeVar("T")
R = TypeVar("R")

_chosen = 0
_inside = threading.local()


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


def share(n_iterations: int, work: Callable[[int, int], None], *, at_once: int | None = None) -> None:
    """Share the iterations of a loop among threads.

    A loop within a loop that is shared already runs in the thread that calls it.

    Parameters
    ----------
    n_iterations
        Number of iterations.
    work
        Function of the first iteration and of the one after the last; it must release the interpreter's lock, as
        compiled kernels and numpy do, or threads wait for each other.
    at_once
        Number of iterations that a thread takes at a time; by default `PARTS_PER_THREAD` parts for each thread.

    Examples
    --------
    >>> squares = [0] * 5
    >>> def work(start, end):
    ...     for k in range(start, end):
    ...         squares[k] = k * k
    >>> share(5, work)
    >>> squares
    [0, 1, 4, 9, 16]
    """
    number = min(n_threads(), n_iterations)
    if number < 2 or getattr(_inside, "loop", False):
        work(0, n_iterations)
        return
    size = at_once or -(-n_iterations // (number * PARTS_PER_THREAD))
    # All threads take the next part from one iterator; the interpreter's lock makes that safe.
    starts = iter(range(0, n_iterations, size))

    def take_parts() -> None:
        _inside.loop = True
        try:
            for start in starts:
                work(start, min(start + size, n_iterations))
        except BaseException:
            # After an error or Ctrl-C the remaining parts are dropped.
            for _ in starts:
                pass
            raise
        finally:
            _inside.loop = False

    others = [_pool(number - 1).submit(take_parts) for _ in range(number - 1)]
    take_parts()
    for other in others:
        other.result()


def in_threads(function: Callable[[T], R], values: Sequence[T]) -> list[R]:
    """Call a function with each of several values, shared among threads; results are in the order of the values.

    Parameters
    ----------
    function
        It must release the interpreter's lock, as numpy does, or threads wait for each other.
    values
        Its arguments.

    Examples
    --------
    >>> in_threads(abs, [-1, 2])
    [1, 2]
    """
    found: list[Any] = [None] * len(values)

    def work(start: int, end: int) -> None:
        for place in range(start, end):
            found[place] = function(values[place])

    share(len(values), work)
    return found


@contextmanager
def beside(function: Callable[[Callable[[], bool]], T]) -> Iterator[Callable[[], T]]:
    """Run a function in a thread of its own while the block goes on; with one thread, when its result is asked for.

    Parameters
    ----------
    function
        Called with a function that tells whether the result is still needed: not if the block has failed, or was
        interrupted.

    Yields
    ------
    The function that waits for the result, or raises the exception of the other function.

    Examples
    --------
    >>> with beside(lambda is_needed: 6 * 7) as answer:
    ...     answer()
    42
    """
    failed = threading.Event()

    def is_needed() -> bool:
        return not failed.is_set()

    if n_threads() < 2:
        yield lambda: function(is_needed)
        return
    with ThreadPoolExecutor(1, thread_name_prefix="genenet-beside") as thread:
        future = thread.submit(function, is_needed)
        try:
            yield future.result
        except BaseException:
            failed.set()
            raise


def transposed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Copy a matrix so that its columns are side by side in memory, as rows of the result.

    Examples
    --------
    >>> transposed(np.array([[1.0, 2.0]])).tolist()
    [[1.0], [2.0]]
    """
    result = np.empty(values.shape[::-1])

    def copy(start: int, end: int) -> None:
        for first in range(start, end, ROWS_AT_ONCE):
            part = slice(first, min(first + ROWS_AT_ONCE, end))
            result[part] = values[:, part].T

    share(len(result), copy)
    return result


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
        kernel = compiled(**options)(function)
        names = list(inspect.signature(function).parameters)[2:]
        places = [names.index(name) for name in inspect.signature(n_iterations).parameters]

        @functools.wraps(function)
        def run(*arguments: Any) -> None:
            n = n_iterations(*(arguments[place] for place in places))
            share(n, lambda start, end: kernel(start, end, *arguments))

        run.kernel = kernel  # type: ignore[attr-defined]
        return run

    return decorate
