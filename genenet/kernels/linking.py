"""Whether numba is a version whose inner parts `genenet.kernels.linked` knows; others compile functions as they do."""

from typing import Any

import numba

FIRST, LAST = (0, 66), (0, 68)
"""Versions of numba with which linked functions were tried: they gave the same results."""


def linked_pipeline(*, optimised: bool, version: str = numba.__version__) -> dict[str, Any]:
    """Give the option of numba by which a function becomes a part of its callers alone; none for an unknown version.

    Examples
    --------
    >>> sorted(linked_pipeline(optimised=True, version="0.68.1"))
    ['pipeline_class']
    >>> linked_pipeline(optimised=True, version="1.0.0")
    {}
    """
    if not FIRST <= tuple(int(part) for part in version.split(".")[:2]) <= LAST:
        return {}
    from genenet.kernels.linked import LinkedCompiler, UnoptimisedCompiler

    return {"pipeline_class": LinkedCompiler if optimised else UnoptimisedCompiler}
