"""Gene co-dependency networks by mutual information, permutation significance and ARACNE pruning."""

from importlib.metadata import version

__version__ = version("genenet")
