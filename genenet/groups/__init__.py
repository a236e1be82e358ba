"""One network for each group of samples.

`levels` names the groups and their folders, `split` takes the samples of a group, `infer` makes a network of each, and
`compare` tabulates which edges they have in common.
"""

import lazy_loader as lazy

# The names are listed in __init__.pyi and imported when they are first used: Snakemake reads the levels only.
__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
