"""MI of all pairs, significant or not: a ranking of the tested pairs, and the dense matrix; both are written in blocks.

`ranking.tsv.gz` has one row for each tested pair, the largest MI first: the two genes (`gene_a`, the earlier in the
matrix, and `gene_b`; with regulators `regulator` and `target`, where the earlier of two regulators is the regulator)
and `mi` in bits, in single precision. Pairs of equal MI are in gene order. Writing it takes some 12 bytes of memory a
pair.

`mi_matrix.h5ad` is AnnData without samples: `varp["mi"]`, float32, bits, symmetric, of all pairs of genes whatever the
lists of regulators, targets and pairs; the diagonal is MI of each gene with itself (0 for estimators without bins).
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genenet.files.atomic import atomic
from genenet.files.h5ad_elements import write_parts
from genenet.files.hdf5 import new_hdf5
from genenet.products.prepared import Columns

if TYPE_CHECKING:
    import pandas as pd

    from genenet.products.bins import Bins


CELLS_AT_ONCE = 1 << 23
"""Cells of the matrix that are computed at a time."""

TILE = 512
"""Rows and columns of a chunk of the matrix in its file."""

PAIRS_AT_ONCE = 1 << 21
"""Pairs that are sorted and written at a time."""

LEADING_BITS = 16
"""Pairs are sorted piece by piece: MI is first binned by the leading bits of its float32."""


def write_ranking(bins: "Bins", path: Path, *, directed: bool) -> Path:
    """Write every tested pair, the largest MI first, as gzipped TSV."""
    import pandas as pd

    first, second, mi = _tested(bins)
    genes = pd.Index(bins.genes)
    names = ("regulator", "target") if directed else ("gene_a", "gene_b")
    with (
        atomic(path) as partial,
        partial.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=4) as file,
    ):
        file.write("\t".join([*names, "mi"]).encode() + b"\n")
        for chosen in _in_order(mi):
            _write_rows(file, genes, _ends(bins, first, second, chosen, directed=directed), mi[chosen])
    return path


def write_matrix(bins: "Bins", path: Path) -> Path:
    """Write the matrix of MI of all pairs of genes as .h5ad, block by block."""
    n = bins.n_genes
    var = Columns(np.asarray(bins.genes, dtype=object), {"regulator": bins.regulator})
    obs = Columns(np.empty(0, dtype=object))
    uns = {"genenet": {"estimator": bins.estimator, "unit": "bits"}}
    with atomic(path) as partial, new_hdf5(partial) as (file, raise_error):
        write_parts({"obs": obs, "var": var, "uns": uns}, file)
        tile = min(TILE, n)
        matrix = file["varp"].create_dataset("mi", (n, n), np.float32, chunks=(tile, tile), compression="lzf")
        matrix.attrs["encoding-type"], matrix.attrs["encoding-version"] = "array", "0.2.0"
        for start in range(0, n, tile):
            rows = np.arange(start, min(start + tile, n))
            upper = _rows(bins, rows, np.ones(n, bool))[:, start:].astype(np.float32)
            # The value of a pair is that in the row of its earlier gene.
            square = upper[:, : len(rows)]
            upper[:, : len(rows)] = np.triu(square) + np.triu(square, 1).T
            matrix[rows[0] : rows[-1] + 1, start:] = upper
            matrix[start:, rows[0] : rows[-1] + 1] = upper.T
            raise_error()
    return path


def _rows(bins: "Bins", rows: NDArray[np.int64], is_row: NDArray[np.bool_]) -> NDArray[np.float64]:
    """MI (bits) of `rows` with all genes, shape (n_rows, n_genes).

    A pair of two row genes is computed once, in the row of the gene that comes first; the other cell is undefined.
    """
    if bins.estimator == "plugin" and not bins.has_missing:
        from genenet.estimators.all_pairs import mutual_information_rows

        return mutual_information_rows(bins, rows)
    from genenet.estimators.pair_estimators import inverse_shares, pair_estimator
    from genenet.kernels.weights import LOG2_E

    mi = np.zeros((len(rows), bins.n_genes))
    pair_estimator(bins).rows(rows, is_row, 0, mi)
    if bins.has_missing:
        mi *= inverse_shares(bins, rows)
    return mi * LOG2_E


def _tested(bins: "Bins") -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """Compute MI (bits) of every tested pair, row by row.

    Returns where the pairs of each row gene start, shape (n_rows + 1,), then the other gene and the MI of each pair.
    """
    n_pairs, rows = bins.n_pairs, bins.rows
    first, second, mi = np.empty(len(rows) + 1, np.int64), np.empty(n_pairs, np.int32), np.empty(n_pairs, np.float32)
    is_row = np.zeros(bins.n_genes, bool)
    is_row[rows] = True
    at_once = max(1, CELLS_AT_ONCE // bins.n_genes)
    n = 0
    for start in range(0, len(rows), at_once):
        part = rows[start : start + at_once]
        values = _rows(bins, part, is_row)
        for k, others in enumerate(_partners(bins, part)):
            first[start + k] = n
            second[n : n + len(others)] = others
            mi[n : n + len(others)] = values[k, others]
            n += len(others)
    first[len(rows)] = n
    if n != n_pairs:
        raise AssertionError(f"{n:,} pairs in the ranking, {n_pairs:,} were tested")
    return first, second, mi


def _partners(bins: "Bins", rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield, for each row gene, the other genes of the tested pairs that its row holds."""
    if bins.partners is not None:
        starts, partners = bins.partners
        for row in rows:
            yield partners[starts[row] : starts[row + 1]].astype(np.int64)
        return
    regulator, target = bins.regulator, bins.target
    for row in rows:
        tested = target | regulator if target[row] else target.copy()
        tested[: row + 1] &= ~regulator[: row + 1]
        tested[row] = False
        yield np.flatnonzero(tested)


def _in_order(mi: NDArray[np.float32]) -> Iterator[NDArray[np.int64]]:
    """Yield the positions of all pairs in pieces, the largest MI first; pairs of equal MI stay in their order."""
    bins = _leading_bits(mi)
    counts = np.zeros(1 << LEADING_BITS, np.int64)
    for start in range(0, len(bins), PAIRS_AT_ONCE):  # in pieces, since bincount copies its input
        counts += np.bincount(bins[start : start + PAIRS_AT_ONCE], minlength=1 << LEADING_BITS)
    high = len(counts)
    while high > 0:
        # The topmost bins that together make a piece, at least one.
        total = np.cumsum(counts[:high][::-1])
        low = high - max(1, int(np.searchsorted(total, PAIRS_AT_ONCE, side="right")))
        chosen = np.flatnonzero((bins >= low) & (bins < high))
        yield chosen[np.argsort(-mi[chosen], kind="stable")]
        high = low


def _leading_bits(mi: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Map numbers to integers of 16 bits in the same order (the bits of negative floats are inverted for that)."""
    leading = np.empty(len(mi), np.uint16)
    for start in range(0, len(mi), PAIRS_AT_ONCE):
        bits = (mi[start : start + PAIRS_AT_ONCE] + np.float32(0)).view(np.uint32)
        ordered = np.where(bits >> 31, ~bits, bits | np.uint32(1 << 31))
        leading[start : start + PAIRS_AT_ONCE] = ordered >> (32 - LEADING_BITS)
    return leading


def _ends(
    bins: "Bins", first: NDArray[np.int64], second: NDArray[np.int32], chosen: NDArray[np.int64], *, directed: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The two genes of each pair in the order of the columns; if either may regulate the other, the earlier first."""
    row = bins.rows[np.searchsorted(first, chosen, side="right") - 1]
    other = second[chosen].astype(np.int64)
    if not directed:
        return row, other
    # The gene of the row is a regulator, but in a pair that it cannot regulate it is the target.
    regulates = bins.regulator[row] & bins.target[other]
    return np.where(regulates, row, other), np.where(regulates, other, row)


def _write_rows(file: gzip.GzipFile, genes: "pd.Index[Any]", ends: tuple[Any, Any], mi: NDArray[np.float32]) -> None:
    import pyarrow as pa
    from pyarrow import csv

    names = pa.array([str(gene) for gene in genes])
    columns = [names.take(pa.array(end)) for end in ends]
    table = pa.table([*columns, pa.array(mi)], names=["a", "b", "mi"])
    # Arrow refuses texts that need quotes if it is told not to quote; quoting as needed quotes every text.
    quoted = any(mark in str(gene) for gene in genes for mark in '",\t\r\n')
    style = "needed" if quoted else "none"
    options = csv.WriteOptions(include_header=False, delimiter="\t", quoting_style=style)
    csv.write_csv(table, pa.PythonFile(file, mode="w"), options)
