"""Statistics: null distributions and p-values, multiple testing, CLR, modules, enrichment, bounds of stability."""
