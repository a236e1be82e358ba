"""Decorators of compiled functions: for those that Python calls, and for those that only other kernels call.

Numba makes two wrappers of each function, one for calls from Python and one for calls from C. Without those that nobody
calls, the first run of a new version compiles in a tenth less time. Numba compiles its own functions (`np.empty`,
`max`) anew for callers with other options, so all kernels have the same ones.
"""

from collections.abc import Callable
from typing import Any

import numba
from numba.extending import overload

from genenet.kernels.linking import linked_pipeline
from genenet.kernels.loading import load_bare
from genenet.kernels.stamps import depend_on_all_sources
from genenet.kernels.turns import take_turns

# The stubs of numba do not know all of its options.
_njit: Any = numba.njit
_overload: Any = overload

# A kernel divides as numpy does: x / 0.0 is infinite or NaN.
SAME: dict[str, Any] = {"no_cfunc_wrapper": True, "nogil": True, "error_model": "numpy"}
"""Options of all kernels."""
LINKED: dict[str, Any] = {"no_cpython_wrapper": True, **SAME}
"""Options of functions that only kernels call."""


def compiled(**options: Any) -> Any:
    """Compile a function that Python may call; options are those of `numba.njit`."""

    def decorate(function: Callable[..., Any]) -> Any:
        dispatcher = _njit(cache=True, **SAME, **options)(function)
        depend_on_all_sources(dispatcher)
        take_turns(dispatcher)
        load_bare(dispatcher)
        return dispatcher

    return decorate


def inner(*, optimised: bool = True, **options: Any) -> Any:
    """Compile a function that only compiled functions call, as part of each of them; options: as `compiled`.

    optimised: whether LLVM optimises the function also before it becomes a part. It compiles less at the first run if
    not, but may find no vector instructions for loops over parts of one array.
    """
    return _njit(**LINKED, **linked_pipeline(optimised=optimised), **options)


def chosen_by_type(function: Callable[..., None]) -> Any:
    """Let the decorated function choose, by the types of the arguments, how kernels run a function that has no body.

    It is inlined: a call would pass every field of every array, which takes as long as short loops.
    """
    return _overload(function, jit_options={**LINKED, **linked_pipeline(optimised=False), "forceinline": True})
