"""Expression matrices: reading, checking, preparing. Everything that can be wrong with a matrix is found here.

`read_matrix` turns a file into AnnData (obs = samples, var = genes), `read_names` and `read_pairs` read lists of
genes, and `prepare` checks a matrix, drops what it was told to drop, and remembers what and why.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genenet.expression.lists import read_lists, read_names, read_pairs
    from genenet.expression.preparation import prepare
    from genenet.expression.readers import load, read_matrix

__all__ = ["load", "prepare", "read_lists", "read_matrix", "read_names", "read_pairs"]

# Imported when first used: most steps need none of the readers.
_HOMES = {
    "load": "genenet.expression.readers",
    "prepare": "genenet.expression.preparation",
    "read_matrix": "genenet.expression.readers",
    "read_lists": "genenet.expression.lists",
    "read_names": "genenet.expression.lists",
    "read_pairs": "genenet.expression.lists",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'genenet.expression' has no attribute {name!r}")
