"""Scores that say which edges matter most.

`matrix_scores` works on a matrix of all pairs, `edge_scores` on a table of significant edges. `dpi` finds the genes
that edges are indirect through (data processing inequality), and `strongest` selects the edges that are kept.
"""

import lazy_loader as lazy

# The names are listed in __init__.pyi and imported when they are first used: a step needs one of the modules.
__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
