"""Edges between neighbours on a chromosome, which share copy numbers and effects of CRISPR cuts, not functions."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.errors import InputError, count, quote_some

CHROMOSOMES = ("chromosome", "chrom", "chr", "chromosome_name", "chromosome/scaffold name", "seqname", "seqnames")
STARTS = ("start", "gene_start", "start_position", "gene start (bp)", "chromstart", "txstart", "position", "pos")
"""Names of columns of a table of genes, in lower case."""


@dataclass(frozen=True)
class Positions:
    """Chromosomal positions of genes.

    Attributes
    ----------
    chromosome
        Number of the chromosome, shape (n_genes,); -1 if it is not known.
    start
        Its first base, float64, shape (n_genes,); NaN if it is not known.
    """

    chromosome: NDArray[np.int64]
    start: NDArray[np.float64]

    def are_neighbours(self, first: NDArray[np.int32], second: NDArray[np.int32], distance: int) -> NDArray[np.bool_]:
        """Whether two genes are on one chromosome and start at most `distance` bases apart, for each pair.

        Examples
        --------
        >>> positions = Positions(np.array([0, 0, 1, -1]), np.array([100.0, 350.0, 100.0, np.nan]))
        >>> first, second = np.array([0, 0, 0]), np.array([1, 2, 3])
        >>> positions.are_neighbours(first, second, 250).tolist(), positions.are_neighbours(first, second, 249).any()
        ([True, False, False], np.False_)
        """
        chromosome, start = self.chromosome, self.start
        same = (chromosome[first] == chromosome[second]) & (chromosome[first] >= 0)
        near: NDArray[np.bool_] = same & (np.abs(start[first] - start[second]) <= distance)
        return near


def positions_of(var: pd.DataFrame) -> Positions | None:
    """Read positions from the columns chromosome and start of a table of genes; None if it lacks one of them.

    Raises
    ------
    InputError
        If starts are no numbers.

    Examples
    --------
    >>> positions_of(pd.DataFrame({"chromosome": ["17", "17", ""], "start": [7661779, 43044295, None]})).start.tolist()
    [7661779.0, 43044295.0, nan]
    >>> positions_of(pd.DataFrame({"description": ["kinase"]})) is None
    True
    """
    columns = {str(name).replace("|", "/").casefold(): name for name in var.columns}
    names = [next((columns[name] for name in known if name in columns), None) for known in (CHROMOSOMES, STARTS)]
    if None in names:
        return None
    texts = [str(text).strip().casefold().removeprefix("chr") for text in var[names[0]]]
    chromosome = pd.factorize(np.array([None if text in ("", "nan", "none") else text for text in texts], object))[0]
    return Positions(chromosome.astype(np.int64), _numbers(var, names[1]))


def _numbers(var: pd.DataFrame, name: object) -> NDArray[np.float64]:
    column = var[name]
    texts = column.astype(str).str.strip()
    numbers = pd.to_numeric(texts.where(~texts.isin(["", "nan", "None"]), None), errors="coerce")
    wrong = numbers.isna() & ~texts.isin(["", "nan", "None", "<NA>"])
    if wrong.any():
        raise InputError(
            f"the column {name} of the table of genes is where genes start, in bases, and has no number for "
            f"{count(int(wrong.sum()), 'gene')} ({quote_some(list(var.index[wrong]), 3)}: {texts[wrong].iloc[0]!r}); "
            "give numbers, or another name to the column"
        )
    return numbers.to_numpy(np.float64)
