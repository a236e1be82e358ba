"""Differential networks: pairs of genes that depend on each other differently in groups of samples.

`groups` finds the groups and permutes their labels, `ranks` ranks and bins genes within them, `passes` computes the
deviance of all pairs, `changes` names what a relation has become, `shift` tells a difference of all relations from one
of a few, `power` computes the smallest difference that can be found, `network` runs all of it,
`graph` makes a graph of the result, and `writing` writes the files.
"""

import lazy_loader as lazy

# The names are listed in __init__.pyi and imported when they are first used.
__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
