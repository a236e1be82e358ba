"""igraph, which a program that draws nothing by it imports without matplotlib."""

import sys
from typing import Any

draws = True
"""Whether igraph may be asked for drawings; the command line never does, and sets this to False."""


def igraph() -> Any:
    """Import igraph; without `draws` it does not import matplotlib, which takes longer than all the rest of it.

    Examples
    --------
    >>> igraph().Graph(n=3, edges=[(0, 1)]).ecount()
    1
    """
    if draws or {"igraph", "matplotlib"} & sys.modules.keys():
        import igraph

        return igraph
    sys.modules["matplotlib"] = None  # type: ignore[assignment]  # to import it fails, and igraph does without
    try:
        import igraph
    finally:
        del sys.modules["matplotlib"]
    return igraph
