"""The approximate size of a matrix file, from its first lines or its metadata."""

import bz2
import gzip
import os
from pathlib import Path
from typing import Any

from genenet.readers.opening import FEATHER, HDF5, PARQUET, compression_of, first_bytes

SAMPLE_BYTES = 4 << 20
SEPARATORS = (b"\t", b",", b";", b" ")
# The last four bytes of a gzip file say how large its content is, modulo this.
GZIP_MODULUS = 1 << 32


def shape_of(path: str | os.PathLike[str], *, genes_by_samples: bool = True) -> tuple[int, int]:
    r"""Estimate the numbers of genes and samples of a matrix file from its first few megabytes.

    For text the number of rows is the size of the file divided by the mean length of its first rows; GEO's and other
    lines around the table count as rows.

    Parameters
    ----------
    path
        Any matrix that `genenet.expression.read_matrix` reads, or a 10x folder.
    genes_by_samples
        Whether the rows of a table are genes; else they are samples.

    Returns
    -------
    Number of genes, number of samples; 0 and 0 for HDF5 of an unknown kind.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "m.tsv"
    >>> _ = path.write_text("gene\ts1\ts2\nACTB\t1\t2\nSEPT1\t0.5\t3\nMYC\t2\t5\n")
    >>> shape_of(path)
    (3, 2)
    """
    path = Path(path)
    if path.is_dir():
        path = next((file for file in sorted(path.iterdir()) if ".mtx" in file.name), path)
    start = first_bytes(path)
    if start.startswith(HDF5):
        return _hdf5(path)
    if start.startswith((PARQUET, FEATHER)):
        rows, columns = _columnar(path, is_parquet=start.startswith(PARQUET))
    else:
        head, size = _head(path)
        if head.startswith(b"%%MatrixMarket"):
            return _market(head)
        rows, columns = _text(head, size)
    return (rows, columns) if genes_by_samples else (columns, rows)


def share_stored(path: str | os.PathLike[str]) -> float:
    r"""Share of values that a file of a sparse matrix stores: those that are not 0; 1 where the file does not tell.

    Parameters
    ----------
    path
        As for `shape_of`.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "m.mtx"
    >>> _ = path.write_text("%%MatrixMarket matrix coordinate integer general\n5 8 2\n1 1 3\n5 7 1\n")
    >>> share_stored(path)
    0.05
    """
    path = Path(path)
    if path.is_dir():
        path = next((file for file in sorted(path.iterdir()) if ".mtx" in file.name), path)
    start = first_bytes(path)
    n_stored = 0
    if start.startswith(HDF5):
        n_stored = _n_stored_hdf5(path)
    elif not start.startswith((PARQUET, FEATHER)):
        head, _ = _head(path)
        n_stored = _market_sizes(head)[2] if head.startswith(b"%%MatrixMarket") else 0
    n_genes, n_samples = shape_of(path)
    return min(n_stored / (n_genes * n_samples), 1.0) if n_stored and n_genes * n_samples else 1.0


def _n_stored_hdf5(path: Path) -> int:
    """Number of values of a sparse matrix: X of AnnData, or the first matrix of a 10x file."""
    import h5py

    with h5py.File(path, "r") as file:
        for group in (file.get("X"), *file.values()):
            if isinstance(group, h5py.Group) and "indptr" in group and "data" in group:
                return len(group["data"])
    return 0


def _head(path: Path) -> tuple[bytes, int]:
    """First bytes of a file, unpacked, and about the unpacked size of all of it (bytes)."""
    size, kind = path.stat().st_size, compression_of(path)
    with path.open("rb") as raw:
        if kind is None:
            return raw.read(SAMPLE_BYTES), size
        with gzip.open(raw) if kind == "gzip" else bz2.open(raw) as stream:
            head = stream.read(SAMPLE_BYTES)
        if len(head) < SAMPLE_BYTES:
            return head, len(head)
        guess = len(head) * size // raw.tell()
        if kind != "gzip":
            return head, guess
        raw.seek(-4, os.SEEK_END)
        said = int.from_bytes(raw.read(4), "little")
    said += GZIP_MODULUS * round((guess - said) / GZIP_MODULUS)
    # In a file of several gzip members it is the size of the last one; then the estimate is used.
    return head, said if guess / 3 < said < guess * 3 else guess


def _text(head: bytes, size: int) -> tuple[int, int]:
    lines = [line for line in head.split(b"\n") if line.strip()]
    if len(head) < size and len(lines) > 2:
        lines.pop()  # cut short
    # Wherever the table begins, the last line read is a row of it.
    row = lines[-1] if lines else b""
    n_columns = max(row.count(separator) for separator in SEPARATORS)
    if len(head) >= size:
        return len(lines) - 1, n_columns
    body = lines[len(lines) // 2 :]
    per_line = (sum(map(len, body)) + len(body)) / len(body)
    return max(round(size / per_line) - 1, 1), n_columns


def _hdf5(path: Path) -> tuple[int, int]:
    import h5py

    with h5py.File(path, "r") as file:
        if "var" in file and "obs" in file:
            return _index_size(file["var"]), _index_size(file["obs"])
        if "row_attrs" in file and "matrix" in file:
            rows, columns = file["matrix"].shape
            return rows, columns
        for group in file.values():
            if isinstance(group, h5py.Group) and "shape" in group:
                rows, columns = (int(number) for number in group["shape"][:2])
                return rows, columns
    return 0, 0


def _index_size(frame: Any) -> int:
    """Number of rows of obs or var: a group, or a compound table in files of anndata before 0.7."""
    import h5py

    if isinstance(frame, h5py.Group):
        return len(frame[frame.attrs.get("_index", "_index")])
    return len(frame)


def _columnar(path: Path, *, is_parquet: bool) -> tuple[int, int]:
    if is_parquet:
        import pyarrow.parquet as pq

        metadata = pq.read_metadata(path)
        return metadata.num_rows, metadata.num_columns - 1
    import pyarrow.feather

    table = pyarrow.feather.read_table(path, memory_map=True)
    return table.num_rows, table.num_columns - 1


def _market(head: bytes) -> tuple[int, int]:
    rows, columns, _ = _market_sizes(head)
    return rows, columns


def _market_sizes(head: bytes) -> tuple[int, int, int]:
    """Rows, columns, and entries (0 if the file does not list its entries)."""
    sizes = next(line for line in head.splitlines() if not line.startswith(b"%") and line.strip())
    numbers = [int(number) for number in sizes.split()[:3]]
    return numbers[0], numbers[1], numbers[2] if len(numbers) > 2 else 0
