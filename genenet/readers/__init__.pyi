from .gene_lists import read_lists as read_lists
from .gene_lists import read_names as read_names
from .gene_lists import read_pairs as read_pairs
from .matrix import load as load
from .matrix import read_matrix as read_matrix

__all__ = ["load", "read_lists", "read_matrix", "read_names", "read_pairs"]
