"""Loops shared among threads."""

import os
import threading
import warnings

import numpy as np
import pytest

from genenet.kernels.threads import beside, in_threads, parallel, set_threads, share, transposed


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


@pytest.mark.usefixtures("_some_threads")
def test_share__a_loop_within_a_loop_ends():
    outs = [np.full(50, -1.0) for _ in range(40)]

    def work(start, end):
        for k in range(start, end):
            square(np.arange(50.0), outs[k])

    share(40, work)
    for out in outs:
        np.testing.assert_array_equal(out, np.arange(50.0) ** 2)


@pytest.mark.usefixtures("_some_threads")
def test_in_threads__in_the_order_of_the_values():
    assert in_threads(lambda n: n * n, range(100)) == [n * n for n in range(100)]


@pytest.mark.usefixtures("_some_threads")
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (1, 1), (5, 1_000), (70, 131)])
def test_transposed__as_numpy(shape):
    values = np.random.default_rng(0).normal(size=shape)
    for given in (values, np.asfortranarray(values)):
        found = transposed(given)
        np.testing.assert_array_equal(found, values.T)
        assert found.flags.c_contiguous


@pytest.mark.usefixtures("_some_threads")
def test_beside__result_or_error():
    with beside(lambda is_needed: (7, is_needed())) as found:
        assert found() == (7, True)

    def fail(is_needed):
        raise ValueError("seven")

    with pytest.raises(ValueError, match="seven"), beside(fail) as found:
        found()


def test_beside__ends_when_the_block_fails():
    set_threads(2)
    began, seen = threading.Event(), []

    def wait(is_needed):
        began.set()
        while is_needed():
            pass
        seen.append("ended")

    def interrupted():
        with beside(wait):
            began.wait()
            raise KeyboardInterrupt

    try:
        with pytest.raises(KeyboardInterrupt):
            interrupted()
    finally:
        set_threads(0)
    assert seen == ["ended"]


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
