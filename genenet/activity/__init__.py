"""Activity of regulators: how strongly a sample's expression follows the targets of each regulator.

`regulons` turns a network into targets with weights, `scores` computes activities from them, and `contrast` compares
the activities of two groups of samples.
"""

import lazy_loader as lazy

# The names are listed in __init__.pyi and imported when they are first used.
__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
