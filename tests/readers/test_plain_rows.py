"""Rows of plain numbers are read by compiled code as pyarrow and Python's `float` read them."""

import gzip
import random

import numpy as np
import pytest

from genenet.config.sections import Prepare
from genenet.errors import GenenetError
from genenet.readers import delimited, plain_rows
from genenet.readers.matrix import read_matrix

CELLS = (
    "1", "-1", "0", "-0", "-0.0", "007", "12.50", ".5", "-.5", "5.", "1e3", "1E-3", "1.5e+02", "-2.5e-22", "1e22",
    "1e23", "1e-300", "1e308", "123456789012345678", "1234567890123456789", "0.1234567890123456789", "9007199254740993",
    "9007199254740992.5", "0.30000000000000004", "2.2250738585072014e-308", "5e-324", "0.000000000000000000001",
    "0.00048785665652414755", "18446744073709551616", "", "NA", "NaN", "nan", "N/A", "-nan", "null",
)  # fmt: skip


def parse(lines: list[str], *, separator: str = "\t") -> tuple[np.ndarray, list[str]]:
    n_fields = lines[0].count(separator) + 1
    layout = delimited.Layout(separator, [], list(range(1, n_fields)), {}, n_fields, 1, 2, 0)
    assert plain_rows.may_be_plain(layout)
    return plain_rows.parse("".join(f"{line}\n" for line in lines).encode(), layout)


def expected(cell: str) -> float:
    return float("nan") if cell in ("", "NA", "NaN", "nan", "N/A", "-nan", "null") else float(cell)


@pytest.mark.parametrize("cell", CELLS)
def test_parse__a_cell_is_the_float_of_python(monkeypatch, cell):
    monkeypatch.setattr(plain_rows, "ONE_OF", 1)
    numbers, names = parse([f"A\t{cell}\t2", f"B\t3\t{cell}"])
    assert names == ["A", "B"]
    truth = np.array([[expected(cell), 2.0], [3.0, expected(cell)]])
    assert numbers.tobytes() == truth.tobytes()


def test_parse__many_numbers_of_all_lengths_are_the_floats_of_python(monkeypatch):
    monkeypatch.setattr(plain_rows, "ONE_OF", 1)
    rng = random.Random(0)
    ways = [
        lambda x: repr(x),
        lambda x: f"{x:.4f}",
        lambda x: f"{x:.15g}",
        lambda x: f"{x:.17g}",
        lambda x: f"{x:.6e}",
        lambda x: f"{int(1000 * x)}",
        lambda x: f"{x:.0f}.{rng.randrange(10**15)}",
    ]
    cells = [rng.choice(ways)(rng.gauss(0, 1) * 10.0 ** rng.randint(-12, 14)) for _ in range(100_000)]
    numbers, _ = parse(["\t".join(["G", *cells[start : start + 100]]) for start in range(0, len(cells), 100)])
    assert numbers.ravel().tolist() == list(map(float, cells))


@pytest.mark.parametrize(
    "lines",
    [
        ["A\t1\t2", "B\t3"],
        ["A\t1\t2", "B\t3\t4\t5"],
        ["A\t1\t2", ""],
        ["A\t1\t2", "B"],
        ["A\t1\t2", "B\t3\tx"],
        ["A\t1\t2", "B\t3\t1_0"],
        ["A\t1\t2", "B\t3\t--1"],
        ["A\t1\t2", "B\t3\t-"],
        ["A\t1\t2", "B\t3\t."],
        ["A\t1\t2", "B\t3\t1e"],
        ["A\t1\t2", "B\t3\tinf"],
        ["A\t1\t2", "B\t3\t 1"],
        ["A\t1\t2", 'B\t3\t"1"'],
        ["A\t1\t2", "B\t3\t1\r"],
        ["A\t1\t2", "B\t3\t\N{MINUS SIGN}1"],
    ],
)
def test_parse__leaves_all_else_to_other_parsers(lines):
    with pytest.raises(plain_rows.NotPlainError):
        parse(lines)


def test_parse__leaves_a_block_of_many_odd_cells_to_other_parsers():
    with pytest.raises(plain_rows.NotPlainError):
        parse(["\t".join(["A", *["1e-300"] * 50])])


TABLES = {
    "plain": "gene\tS1\tS2\tS3\nA\t1.5\t-2\t3e2\nB\t4\tNA\t0.1234567890123456789\nC\t7\t8\t9\n",
    "no last line end": "gene\tS1\tS2\tS3\nA\t1\t2\t3\nB\t4\t5\t6",
    "commas": "gene,S1,S2\nA,1,2\nB,3,4.25\n",
    "no corner": "S1\tS2\nA\t1\t2\nB\t3\t4\n",
    "names beyond ASCII": "gene\tS1\tS2\nÄ\t1\t2\nβ-catenin\t3\t4\n",
    "quotes": 'gene\tS1\tS2\n"A"\t1\t2\n"B"\t3\t4\n',
    "other line ends": "gene\tS1\tS2\r\nA\t1\t2\r\nB\t3\t4\r\n",
    "blanks": "gene\tS1\tS2\nA\t 1\t2 \nB\t3\t4\n",
    "empty lines": "gene\tS1\tS2\nA\t1\t2\n\nB\t3\t4\n\n",
    "empty rows": "gene\tS1\tS2\nA\t1\t2\n\t\t\nB\t3\t4\n",
    "text column": "gene\tname\tS1\tS2\nA\tx\t1\t2\nB\ty\t3\t4\n",
    "a bad cell": "gene\tS1\tS2\nA\t1\t2\nB\t3\tx4\n",
    "a short line": "gene\tS1\tS2\nA\t1\t2\nB\t3\n",
    "not UTF-8": "gene\tS1\tS2\nA\t1\t2\nB\udcff\t3\t4\n",
}


@pytest.mark.parametrize("block", [7, 1 << 20])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("table", TABLES)
def test_read_matrix__a_large_file_is_read_as_a_small_one(monkeypatch, tmp_path, table, packed, block):
    path = tmp_path / "m.tsv"
    content = TABLES[table].encode(errors="surrogateescape")
    path.write_bytes(gzip.compress(content) if packed else content)

    def read(settings: Prepare) -> object:
        try:
            return read_matrix(path, settings).to_df().to_csv()
        except GenenetError as error:
            return str(error)

    settings = [Prepare(), Prepare(na_values=("3",)), Prepare(na_values=("x4",)), Prepare(annotation_rows=("B",))]
    small = [read(each) for each in settings]
    monkeypatch.setattr(delimited, "PLAIN_BYTES", 0)
    monkeypatch.setattr(plain_rows, "BLOCK_BYTES", block)
    assert [read(each) for each in settings] == small


def test_read_matrix__a_large_plain_file_is_not_parsed_by_pyarrow(monkeypatch, tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text(TABLES["plain"])
    monkeypatch.setattr(delimited, "PLAIN_BYTES", 0)
    monkeypatch.setattr(delimited, "_parse_by_arrow", None)
    assert read_matrix(path).shape == (3, 3)
