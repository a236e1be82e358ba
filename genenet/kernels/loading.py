"""Compiled code that is in the cache is loaded without all that numba needs to compile.

Before numba loads a function it imports its implementations of Python and numpy, which takes half a second in a new
process, with scipy.linalg and its BLAS. Machine code needs none of them, unless it hashes: kernels make no sets and no
dicts. A function that is not in the cache is compiled as ever, and numba imports them then.
"""

import functools
from typing import Any

from numba.core.runtime.nrt import rtsys

from genenet.kernels.linking import is_known

# The stubs of numba do not know it.
_runtime: Any = rtsys


def load_bare(dispatcher: Any) -> None:
    """Let a function that is in the cache be loaded without what only compiling needs."""
    cache: Any = getattr(dispatcher, "_cache", None)
    if is_known() and hasattr(cache, "_cache_file"):  # with NUMBA_DISABLE_JIT there is none
        cache.load_overload = functools.partial(_load, cache)


def _load(cache: Any, signature: Any, context: Any) -> Any:
    """Load the code of a function for these types, None if it is not there: numba's own way without `refresh`."""
    _runtime.initialize(context)  # code that makes or returns arrays calls it
    with cache._guard_against_spurious_io_errors():
        return cache._load_overload(signature, context)
