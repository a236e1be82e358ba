"""Loops shared among threads."""

import os
import threading
import warnings

import numpy as np
import pytest

from genenet.kernels.threads import parallel, set_threads


@parallel(lambda out: len(out))
def square(begin, stop, x, out):
    """Square numbers."""
    for k in range(begin, stop):
        out[k] = x[k] * x[k]


@parallel(lambda x: len(x))
def fail(begin, stop, x):
    """Fail at one turn."""
    for k in range(begin, stop):
        if x[k] == 7.0:
            raise ValueError("seven")


@pytest.fixture(params=[1, 2, 7])
def _some_threads(request):
    set_threads(request.param)
    yield
    set_threads(0)


@pytest.mark.usefixtures("_some_threads")
@pytest.mark.parametrize("n", [0, 1, 2, 15, 16, 17, 1_000])
def test_parallel__every_turn_once(n):
    x, out = np.arange(float(n)), np.full(n, -1.0)
    square(x, out)
    np.testing.assert_array_equal(out, x * x)


@pytest.mark.usefixtures("_some_threads")
def test_parallel__errors_are_raised():
    with pytest.raises(ValueError, match="seven"):
        fail(np.arange(100.0))
    fail(np.arange(5.0))


def test_parallel__from_several_threads_at_once():
    outs = [np.zeros(5_000) for _ in range(8)]
    callers = [threading.Thread(target=square, args=(np.arange(5_000.0), out)) for out in outs]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    for out in outs:
        np.testing.assert_array_equal(out, np.arange(5_000.0) ** 2)


def test_parallel__in_a_forked_process():
    """Threads are not there after a fork; new ones are made."""
    out = np.zeros(1_000)
    set_threads(3)
    try:
        square(np.arange(1_000.0), out)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of Python 3.12, about just this
            child = os.fork()
        if child == 0:
            again = np.zeros(1_000)
            square(np.arange(1_000.0), again)
            os._exit(int(not np.array_equal(again, out)))
        assert os.waitpid(child, 0)[1] == 0
    finally:
        set_threads(0)
