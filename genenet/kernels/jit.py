"""Decorators of compiled functions: for those that Python calls, and for those that only other kernels call.

Numba makes two wrappers of each function, one for calls from Python and one for calls from C. Without those that nobody
calls, the first run of a new version compiles in a tenth less time.
"""

from collections.abc import Callable
from typing import Any

import numba

from genenet.kernels.turns import take_turns

# The stubs of numba do not know all of its options.
_njit: Any = numba.njit


def compiled(**options: Any) -> Any:
    """Compile a function that Python may call; options are those of `numba.njit`."""

    def decorate(function: Callable[..., Any]) -> Any:
        dispatcher = _njit(cache=True, no_cfunc_wrapper=True, **options)(function)
        take_turns(dispatcher)
        return dispatcher

    return decorate


def inner(**options: Any) -> Any:
    """Compile a function that only compiled functions call; options are those of `numba.njit`."""
    return compiled(no_cpython_wrapper=True, **options)
