"""Expression matrices: reading, checking, preparing. Everything that can be wrong with a matrix is found here.

`read_matrix` turns a file into AnnData (obs = samples, var = genes), `read_names` and `read_pairs` read lists of
genes, and `prepare` checks a matrix, drops what it was told to drop, and remembers what and why.
"""

from genenet.expression.lists import read_names, read_pairs
from genenet.expression.preparation import prepare
from genenet.expression.readers import read_matrix

__all__ = ["prepare", "read_matrix", "read_names", "read_pairs"]
