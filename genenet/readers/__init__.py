"""Readers of everything that people bring: expression matrices, lists of genes, tables of sample attributes.

`load` and `read_matrix` turn a file or a table into AnnData (obs = samples, var = genes). `read_names`, `read_pairs`
and `read_lists` read lists of genes. The other modules each read one kind of file.
"""

import lazy_loader as lazy

# The names are listed in __init__.pyi and imported when they are first used: most steps read no matrix.
__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
