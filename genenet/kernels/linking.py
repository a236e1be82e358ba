"""Whether numba is a version whose inner parts are known here; others compile and load functions as they do.

`genenet.kernels.linked` and `genenet.kernels.loading` use such parts.
"""

from typing import Any

import numba

FIRST, LAST = (0, 66), (0, 68)
"""Versions of numba with which linked functions and this way of loading were tried: they gave the same results."""


def is_known(version: str = numba.__version__) -> bool:
    """Whether this is a version of numba whose inner parts are known.

    Examples
    --------
    >>> is_known("0.68.1"), is_known("1.0.0")
    (True, False)
    """
    return FIRST <= tuple(int(part) for part in version.split(".")[:2]) <= LAST


def linked_pipeline(*, optimised: bool, version: str = numba.__version__) -> dict[str, Any]:
    """Give the option of numba by which a function becomes a part of its callers alone; none for an unknown version.

    Examples
    --------
    >>> sorted(linked_pipeline(optimised=True, version="0.68.1"))
    ['pipeline_class']
    >>> linked_pipeline(optimised=True, version="1.0.0")
    {}
    """
    if not is_known(version):
        return {}
    from genenet.kernels.linked import LinkedCompiler, UnoptimisedCompiler

    return {"pipeline_class": LinkedCompiler if optimised else UnoptimisedCompiler}
