"""Genes and an attribute of the samples: which depend on it, and which together tell it."""
