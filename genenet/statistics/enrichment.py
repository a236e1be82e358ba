"""Enrichment of gene sets in modules: hypergeometric test, Benjamini-Hochberg over all tests."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MIN_SIZE = 3
"""Gene sets with fewer of the tested genes are not tested."""


def enrichment(
    modules: Mapping[int, Iterable[str]],
    gene_sets: Mapping[str, Iterable[str]],
    universe: Iterable[str],
    *,
    min_size: int = MIN_SIZE,
) -> "pd.DataFrame":
    """Test every module against every gene set for a larger overlap than chance gives.

    The p-value is the probability that a random choice of as many genes from the universe has at least the observed
    overlap: P(X >= overlap), X hypergeometric. The q-value is Benjamini-Hochberg's over all modules and sets.

    Parameters
    ----------
    modules
        Genes of each module.
    gene_sets
        Genes of each set; those that are not in the universe are left out.
    universe
        All genes that could have been in a module: those that were tested.
    min_size
        Least number of genes of a set in the universe.

    Returns
    -------
    A row for each module and set with an overlap, by module and p-value: `module`, `gene_set`, `overlap`, `size` (of
    the set in the universe), `module_size`, `expected` (overlap by chance), `pvalue`, `qvalue`, `genes` (the overlap).

    Examples
    --------
    >>> found = enrichment({1: "abcd"}, {"vowels": "aeiou", "first": "abcz"}, "abcdefghijklmnopqrstuvwxyz")
    >>> found[["gene_set", "overlap"]].values.tolist()
    [['first', 3], ['vowels', 1]]
    """
    import numpy as np
    import pandas as pd
    from scipy.stats import false_discovery_control, hypergeom

    known = {str(gene) for gene in universe}
    sets = {name: set(map(str, genes)) & known for name, genes in gene_sets.items()}
    sets = {name: genes for name, genes in sets.items() if len(genes) >= min_size}
    members = {module: set(map(str, genes)) & known for module, genes in modules.items()}
    rows = [
        (module, name, len(inside & genes), len(genes), len(inside), tuple(sorted(inside & genes)))
        for module, inside in members.items()
        for name, genes in sets.items()
    ]
    table = pd.DataFrame(rows, columns=["module", "gene_set", "overlap", "size", "module_size", "genes"])
    overlap, size, drawn = (table[name].to_numpy(float) for name in ("overlap", "size", "module_size"))
    table["expected"] = size * drawn / max(len(known), 1)
    table["pvalue"] = hypergeom.sf(overlap - 1, max(len(known), 1), size, drawn)
    table["qvalue"] = false_discovery_control(np.minimum(table["pvalue"], 1.0)) if len(table) else []
    table = table[table["overlap"] > 0].sort_values(["module", "pvalue", "gene_set"], kind="stable")
    columns = ["module", "gene_set", "overlap", "size", "module_size", "expected", "pvalue", "qvalue", "genes"]
    return table[columns].reset_index(drop=True)
