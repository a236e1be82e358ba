"""Reader of MatrixMarket files and their files of names, as 10x Cell Ranger and others write them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from genenet.config.sections import Prepare
from genenet.errors import InputError, count, logger_of, quote_some, shorten
from genenet.readers.bare import MatrixLike, bare
from genenet.readers.guarded import check_survives
from genenet.readers.limits import check_memory
from genenet.readers.opening import MAX_PACKING, check_file, compression_of, open_binary, open_text, readable

logger = logger_of(__name__)

GENE_FILES = ("features.tsv", "genes.tsv", "features.txt", "genes.txt", "gene_names.txt", "all_genes.csv")
CELL_FILES = ("barcodes.tsv", "barcodes.txt", "cells.tsv", "cells.txt", "cell_names.txt", "cell_metadata.csv")
BY_CELL = ("cells_x_genes", "cell_x_gene", "cells_by_genes", "cells_x_tcc")
"""Parts of a file name by which the rows of the matrix are cells."""
NUMBER_BYTES = b"0123456789+-.eE \t\r\nnaifNAIFty"
"""Bytes that numbers are written with, `nan`, `inf` and `infinity` included."""
SMALL_FILE = 1 << 22
"""A file of less than this many bytes is first read by a child process; a larger one would take twice as long."""
MAX_HEADER = 10_000
"""Bytes that are read of a line above the values."""
FEATURE_COLUMNS = ("gene_ids", "gene_symbols", "feature_types")


def is_market(path: Path) -> bool:
    """Tell whether a file is in the MatrixMarket format."""
    with readable(path), open_binary(path) as stream:
        return stream.read(14).lower() == b"%%matrixmarket"


def read_folder(path: Path, settings: Prepare) -> MatrixLike:
    """Read the matrix in a folder as 10x Cell Ranger writes it."""
    found = sorted(file for file in path.iterdir() if file.name.endswith((".mtx", ".mtx.gz")))
    if not found and (path / "expression.h5ad").is_file():
        raise InputError(
            f"{path}: is the folder of a run, not a matrix; give the matrix that the run is of, or"
            f" {path / 'expression.h5ad'}, as it was prepared"
        )
    if len(found) != 1:
        many = f"several .mtx files ({quote_some([file.name for file in found])})" if found else "no .mtx file"
        below = sorted({file.parent.relative_to(path).as_posix() for file in path.glob("*/*.mtx*")})
        if below and not found:
            raise InputError(
                f"{path}: is a folder with no .mtx file, but with folders that hold one ({quote_some(below)}); give "
                "the path of one of these"
            )
        raise InputError(f"{path}: is a folder with {many}; give the path of the matrix file itself")
    return read_market(found[0], settings)


def read_market(path: Path, settings: Prepare) -> MatrixLike:
    """Read a `.mtx` file and the names of its genes and cells from the files beside it."""
    gene_file, cell_file = _beside(path, GENE_FILES, "genes"), _beside(path, CELL_FILES, "cells")
    genes, obs = _read_features(gene_file), _read_cells(cell_file)
    shape = _announced_shape(path)
    # Parse Biosciences writes tables with a header, and a matrix of cells x genes.
    by_cell = any(mark in path.name for mark in BY_CELL) or cell_file.name.startswith("cell_metadata.csv")
    by_gene = _gene_rows(path, shape, (gene_file, len(genes)), (cell_file, len(obs)), by_cell=by_cell)
    matrix = _read_values(path)
    return bare(matrix.T if by_gene else matrix, obs, genes, {})


def _beside(path: Path, names: tuple[str, ...], kind: str) -> Path:
    """Find the file of gene or cell names of a matrix: its name begins like the matrix's, or is the plain name."""
    stem = path.name.removesuffix(".gz").removesuffix(".mtx")
    starts = dict.fromkeys([stem.removesuffix("matrix"), f"{stem}.", f"{stem}_", ""])
    wanted = [f"{start}{name}{ending}" for start in starts for name in names for ending in ("", ".gz")]
    for name in wanted:
        if (path.parent / name).is_file():
            return path.parent / name
    raise InputError(
        f"{path}: found no names of the {kind} beside it; "
        f"put them, one a line, into {path.parent / (next(iter(starts)) + names[0])}"
    )


def _read_lines(path: Path) -> list[str]:
    check_file(path)
    with readable(path), open_text(path) as lines:
        return [line.rstrip("\r\n") for line in lines if line.strip()]


def _read_features(path: Path) -> pd.DataFrame:
    """Read the table of genes (id, perhaps symbol and type); the name is the symbol if there is a column of them."""
    if _is_csv(path):
        return _features_of(path, _read_csv(path))
    rows = [line.split("\t") for line in _read_lines(path)]
    width = min(len(row) for row in rows)
    table = {name: [row[number].strip() for row in rows] for number, name in enumerate(FEATURE_COLUMNS[:width])}
    names = table.pop("gene_symbols", None) or table.pop("gene_ids")
    return pd.DataFrame(table, index=pd.Index(names, dtype=object), dtype=object)


def _features_of(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    """Make `var` of a table of genes with a header; the name is gene_name, or gene_id without such a column."""
    if "gene_id" not in table:
        raise InputError(f"{path}: has no column gene_id; it has {quote_some(list(table.columns))}")
    names = table["gene_name"] if "gene_name" in table else table["gene_id"]
    others = {"gene_ids": list(table["gene_id"])} | {key: list(table[key]) for key in ("genome",) if key in table}
    return pd.DataFrame(others, index=_index(names), dtype=object)


def _read_cells(path: Path) -> pd.DataFrame:
    """Read names of cells, one a line, or a table of cells with a header whose first column names them."""
    if not _is_csv(path):
        return pd.DataFrame(index=pd.Index([line.split("\t")[0] for line in _read_lines(path)], dtype=object))
    table = _read_csv(path)
    named = "bc_wells" if "bc_wells" in table else table.columns[0]
    return table.drop(columns=named).set_axis(_index(table[named]), axis=0)


def _is_csv(path: Path) -> bool:
    return path.name.removesuffix(".gz").endswith(".csv")


def _read_csv(path: Path) -> pd.DataFrame:
    check_file(path)
    with readable(path), open_text(path) as stream:
        try:
            return pd.read_csv(stream, dtype=str, keep_default_na=False)
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            reason = shorten(" ".join(str(error).split()), quoted=False)
            raise InputError(f"{path}: is no table ({reason}); copy or write it again") from None


def _index(names: "pd.Series[str]") -> pd.Index:
    return pd.Index([str(name) for name in names], dtype=object)


def _announced_shape(path: Path) -> tuple[int, int]:
    """Read the announced size of the matrix, and refuse more values than the file or the memory can hold."""
    with readable(path), open_binary(path) as stream:
        header = stream.readline(MAX_HEADER).split()
        line = stream.readline(MAX_HEADER)
        while line and (line.startswith(b"%") or not line.strip()):
            line = stream.readline(MAX_HEADER)
    try:
        is_list = header[2].lower() == b"coordinate"
        rows, columns, *given = (int(number) for number in line.split())
        n_values = given[0] if is_list else rows * columns
    except (ValueError, IndexError):
        shown = shorten(line.decode("utf-8", "replace").strip())
        raise InputError(
            f"{path}: cannot be read as MatrixMarket (its size is {shown}); copy or write it again"
        ) from None
    # A value of a list takes "1 1" and a line break at least, one of an array a digit and a line break.
    most = path.stat().st_size * (1 if compression_of(path) is None else MAX_PACKING) // (4 if is_list else 2)
    if min(rows, columns, n_values) < 0 or (n_values > most and header[-1:] in ([b"general"], [b"General"])):
        raise InputError(
            f"{path}: says that it has {rows:,} x {columns:,} cells with {count(n_values, 'value')}, more than such a"
            " file can hold; copy or write it again"
        )
    check_memory(n_values * (16 if is_list else 8), f"{path}: {count(n_values, 'value')}")
    return rows, columns


def _check_bytes(path: Path) -> None:
    """Refuse a file with bytes that occur in no number, over which the library that reads it can crash."""
    with readable(path), open_binary(path) as stream:
        line = stream.readline(MAX_HEADER)
        while line.startswith(b"%"):
            line = stream.readline(MAX_HEADER)
        while line:
            odd = line.translate(None, NUMBER_BYTES)
            if odd:
                mark = shorten(odd[:1].decode("latin-1"))
                raise InputError(
                    f"{path}: has {mark} (byte 0x{odd[0]:02x}) among its numbers; the file is damaged: copy or write it"
                    " again"
                )
            line = stream.read(1 << 20)


def _read_values(path: Path) -> Any:
    import scipy.io
    import scipy.sparse as sp

    _check_bytes(path)
    if path.stat().st_size < SMALL_FILE:
        check_survives(path, lambda path: scipy.io.mmread(path))
    try:
        with readable(path):
            values = scipy.io.mmread(path)
    except (ValueError, OverflowError, TypeError) as error:
        reason = shorten(" ".join(str(error).split()), quoted=False)
        raise InputError(f"{path}: cannot be read as MatrixMarket ({reason}); copy or write it again") from None
    if np.iscomplexobj(values):
        raise InputError(f"{path}: holds complex numbers; give real or integer values")
    if not sp.issparse(values):
        return np.asarray(values, dtype=np.float64)
    values.sum_duplicates()
    return values.tocsr()


def _gene_rows(
    path: Path, shape: tuple[int, int], genes: tuple[Path, int], cells: tuple[Path, int], *, by_cell: bool
) -> bool:
    """Tell whether the rows are genes, by the numbers of names; if these are equal, by the name of the file."""
    if shape == (genes[1], cells[1]) and not (by_cell and shape[0] == shape[1]):
        return True
    if shape == (cells[1], genes[1]):
        how = "its name tells" if by_cell and shape[0] == shape[1] else "the numbers of names tell"
        logger.info("%s: rows are cells, as %s", path.name, how)
        return False
    size = f"{count(shape[0], 'row')} and {count(shape[1], 'column')}"
    hint = ""
    if {shape[0] + 1, shape[1] + 1} & {genes[1], cells[1]}:
        hint = " (a header line in a file of names?)"
    raise InputError(
        f"{path}: has {size}, but {genes[0].name} has {count(genes[1], 'name')} and {cells[0].name} has "
        f"{count(cells[1], 'name')}{hint}; rows must be genes and columns cells, one name for each"
    )
