"""Reading tables of text: formats that people have, and the exact words for broken ones."""

import bz2
import gzip
import math
import random
import struct
from pathlib import Path

import numpy as np
import pytest

from genenet.config import Prepare
from genenet.errors import InputError
from genenet.readers import read_matrix, read_names

PLAIN = "gene\ts1\ts2\ts3\nACTB\t1\t2.5\t-3\nMYC\t0\t1e-3\tNA\n"
VALUES = [[1.0, 0.0], [2.5, 0.001], [-3.0, math.nan]]


def write(folder: Path, content: str | bytes, name: str = "m.tsv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.replace("\t", ","),
        PLAIN.replace("\t", ";"),
        PLAIN.replace("\t", " "),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.rstrip("\n"),
        "\ufeff" + PLAIN,
        PLAIN.replace("gene\t", ""),
        PLAIN.replace("gene\t", "\t"),
        '"s1"\t"s2"\t"s3"\n"ACTB"\t1\t2.5\t-3\n"MYC"\t0\t1e-3\tNA\n',
        '"gene","s1","s2","s3"\r\n"ACTB","1","2.5","-3"\r\n"MYC","0","1e-3",""\r\n',
        "# made by hand\n# twice\n" + PLAIN,
        "\n" + PLAIN + "\n\n",
        PLAIN.replace("NA", ""),
        PLAIN.replace("NA", "nan"),
        PLAIN.replace("NA", " NA "),
        PLAIN.replace("NA", "#N/A"),
        PLAIN.replace("2.5", " 2.5 "),
        PLAIN.replace("gene", "#gene"),
        pytest.param(gzip.compress(PLAIN.encode()), id="gzip"),
        pytest.param(gzip.compress(PLAIN[:20].encode()) + gzip.compress(PLAIN[20:].encode()), id="two parts of gzip"),
        pytest.param(bz2.compress(PLAIN.encode()), id="bzip2"),
    ],
)
def test_read_matrix__same_table_in_every_dress(tmp_path, content):
    data = read_matrix(write(tmp_path, content))
    assert list(data.obs_names) == ["s1", "s2", "s3"]
    assert list(data.var_names) == ["ACTB", "MYC"]
    np.testing.assert_array_equal(data.X, VALUES)
    assert data.uns["genenet"]["source"] == "m.tsv"


def test_read_matrix__samples_by_genes(tmp_path):
    path = write(tmp_path, "ACTB,MYC\ns1,1,0\ns2,2.5,1e-3\ns3,-3,NA\n")
    data = read_matrix(path, Prepare(orientation="samples_by_genes"))
    assert list(data.obs_names) == ["s1", "s2", "s3"]
    np.testing.assert_array_equal(data.X, VALUES)


def test_read_matrix__names_stay_text(tmp_path):
    names = [
        "NA",
        "1e5",
        "SEPT1",
        "007",
        "nan",
        "2-Sep",
        "5'UTR",
        "id",
        "a b",
        "β-actin",
        "HLA,A",
        'x"y',
        "TRUE",
        "Inf",
    ]
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    text = ",".join(["gene", *quoted]) + "\n" + "".join(f"{name}{',1' * len(names)}\n" for name in quoted)
    data = read_matrix(write(tmp_path, text))
    assert list(data.var_names) == names
    assert list(data.obs_names) == names


def test_read_matrix__doubles_are_those_of_python(tmp_path):
    random.seed(0)
    doubles = (struct.unpack("d", random.randbytes(8))[0] for _ in range(5000))
    texts = [repr(value) for value in doubles if math.isfinite(value)]
    texts += [f"{random.gauss(0, 10):.{random.randint(0, 25)}{kind}}" for kind in "ef" for _ in range(5000)]
    path = write(tmp_path, "g\ta\tb\n" + "".join(f"{n}\t{text}\t1\n" for n, text in enumerate(texts)))
    np.testing.assert_array_equal(read_matrix(path).X[0], [float(text) for text in texts])


def test_read_matrix__a_quirk_only_the_slow_parser_takes_changes_nothing_else(tmp_path):
    random.seed(0)
    rows = [[f"{random.gauss(0, 1):.17g}" for _ in range(7)] for _ in range(50)]
    text = "\t".join("gabcdefh") + "\n" + "".join(f"g{n}\t" + "\t".join(row) + "\n" for n, row in enumerate(rows))
    fast = read_matrix(write(tmp_path, text))
    slow = read_matrix(write(tmp_path, text + "last\t" + "\t".join([" NA "] * 7) + "\n", "slow.tsv"))
    np.testing.assert_array_equal(slow.X[:, :-1], fast.X)


BROKEN = {
    "": "{path}: is empty",
    "\n\n": "{path}: is empty",
    "# only a comment\n": "{path}: has a header but no rows below it",
    "gene\ts1\ts2\n": "{path}: has a header but no rows below it",
    "gene s1 s2\nACTB~1~2\n": (
        "{path}: found no separator: line 2 is 'ACTB~1~2'; "
        "separate the columns by tab or comma (semicolon and space are understood too)"
    ),
    "gene\ts1\ts2\nACTB\t1\t2\t3\t4\n": (
        "{path}: the header (line 1) has 3 fields and line 2 has 5 (separator: tab); "
        "the header needs as many fields as the rows, or one fewer"
    ),
    "gene\ts1\ts2\nACTB\t1\t2\nMYC\t1\nFOS\t1\t2\n": (
        "{path}: line 3 has 2 fields, but line 2 has 3 (separator: tab); every line needs the same number"
    ),
    "gene\ts1\ts2\nACTB\t1\t2\nMYC\n": (
        "{path}: line 3 has 1 field ('MYC'), but line 2 has 3 (separator: tab); every line needs the same number"
    ),
    "gene\ts1\ts2\t\nACTB\t1\t2\t\n": (
        "{path}: the header (line 1) and the rows end with a separator; take it off the ends of all lines"
    ),
    "gene\ts1\ts2\nACTB\t1\tabc\nMYC\t1\t2\n": (
        "{path}: 'abc' is not a number (gene ACTB, sample s2: line 2, column 3); "
        "write a number, or NA where a value is missing"
    ),
    "# c\ngene\ts1\ts2\nACTB\t1\t2\n\nMYC\t1_0\t#DIV/0!\n": (
        "{path}: 1 cell holds a text for a missing value: '#DIV/0!' (1); the first is gene MYC, sample s2: line 5, "
        "column 3; read it as missing with prepare.na_values: '#DIV/0!' and, for example, prepare.missing: pairwise"
        " | '1_0' is not a number (gene MYC, sample s1: line 5, column 2); write a number, or NA where a value is "
        "missing"
    ),
    "gene\ts1\ts2\nACTB\t1,5\t2.5\nMYC\t1\t2,5\n": (
        "{path}: 2 cells are written in another notation, the first is '1,5' (gene ACTB, sample s1: line 2, column 2),"
        " and others as '2.5': write all numbers in one notation"
    ),
    "gene\tDescription\ts1\nACTB\tactin beta\t2\nMYC\tmyc\t3\n": (
        "{path}: 1 column is no sample: Description (text); set it aside with prepare.annotation_columns: 'Description'"
    ),
    "ACTB\t1.5\t2.25\nMYC\t1.75\t2.5\n": (
        "{path}: the first line holds numbers (1.5, 2.25), not names; add a header line with names"
    ),
    'gene\ts1\ts2\nACTB\t1\t2\n"MYC\t1\t2\nFOS\t1\t2\n': (
        "{path}: a quote opened in line 3 is not closed in that line; close it or remove it"
    ),
    "<!DOCTYPE html>\n<html><body>404</body></html>\n": (
        "{path}: is a web page (HTML), not a table; download the file itself"
    ),
    "gene\ts1\nAC\0TB\t1\n": (
        "{path}: has a NUL byte at position 10: it is damaged or no text file; give a text table or .h5ad"
    ),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.items())
def test_read_matrix__says_what_is_wrong(tmp_path, content, message):
    path = write(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read_matrix(path)
    assert str(caught.value) == message.format(path=path)


BROKEN_BYTES = {
    "cut.tsv.gz": (
        gzip.compress(PLAIN.encode())[:-12],
        "is damaged or cut short (Compressed file ended before the end-of-stream marker was reached); "
        "copy or download it again",
    ),
    "latin1.tsv": (
        PLAIN.replace("MYC", "MÜC").encode("latin1"),
        "line 3 is not UTF-8 text (byte 0xdc); save it as UTF-8 text",
    ),
    "utf16.tsv": (PLAIN.encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
    "m.zip": (b"PK\x03\x04rest", "is a zip archive; unpack it and give the matrix inside"),
    "m.xlsx": (
        b"PK\x03\x04...xl/workbook.xml",
        "is an Excel workbook; write the table as text, with pandas.read_excel(FILE).to_csv('m.tsv', sep='\\t', "
        "index=False) for instance, since Excel saves numbers rounded as it shows them; then look for names that it "
        "made of genes such as SEPT1 (1-Sep): genenet check lists them",
    ),
    "m.xz": (b"\xfd7zXZ\x00\x00", "is compressed with xz; unpack it (unxz), or compress it with gzip"),
    "m.rds": (
        gzip.compress(b"X\n\0\0\0\3"),
        "is an R object; write the matrix from R with write.table(x, file, sep = '\\t', quote = FALSE)",
    ),
}


@pytest.mark.parametrize(
    ("name", "content", "message"), [(n, *rest) for n, rest in BROKEN_BYTES.items()], ids=list(BROKEN_BYTES)
)
def test_read_matrix__says_what_a_foreign_file_is(tmp_path, name, content, message):
    path = write(tmp_path, content, name)
    with pytest.raises(InputError) as caught:
        read_matrix(path)
    assert str(caught.value) == f"{path}: {message}"


def test_read_matrix__gzip_cut_far_behind_the_header(tmp_path):
    rows = "".join(f"g{n}\t{n}\t{n * n % 977}\n" for n in range(50_000))
    path = write(tmp_path, gzip.compress(("gene\ta\tb\n" + rows).encode())[:-2000], "m.tsv.gz")
    with pytest.raises(InputError) as caught:
        read_matrix(path)
    assert (
        str(caught.value) == f"{path}: is damaged or cut short (Truncated compressed stream); copy or download it again"
    )


def test_read_matrix__missing_file_names_the_closest(tmp_path):
    write(tmp_path, PLAIN, "expression.tsv")
    with pytest.raises(InputError) as caught:
        read_matrix(tmp_path / "expresion.tsv")
    assert str(caught.value) == f"{tmp_path}/expresion.tsv: no such file; did you mean expression.tsv?"
    with pytest.raises(InputError) as caught:
        read_matrix(tmp_path / "data" / "m.tsv")
    assert str(caught.value) == f"{tmp_path}/data/m.tsv: no such file (there is no folder {tmp_path}/data)"


def test_read_matrix__folder(tmp_path):
    with pytest.raises(InputError) as caught:
        read_matrix(tmp_path)
    assert str(caught.value) == f"{tmp_path}: is a folder with no .mtx file; give the path of the matrix file itself"


def test_read_matrix__folder_above_those_of_cell_ranger(tmp_path):
    for name in ("filtered_feature_bc_matrix", "raw_feature_bc_matrix"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "matrix.mtx.gz").touch()
    with pytest.raises(InputError) as caught:
        read_matrix(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: is a folder with no .mtx file, but with folders that hold one (filtered_feature_bc_matrix, "
        "raw_feature_bc_matrix); give the path of one of these"
    )


def test_read_matrix__folder_of_a_run(tmp_path):
    (tmp_path / "expression.h5ad").touch()
    with pytest.raises(InputError) as caught:
        read_matrix(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: is the folder of a run, not a matrix; give the matrix that the run is of, or"
        f" {tmp_path / 'expression.h5ad'}, as it was prepared"
    )


def test_read_matrix__no_permission(tmp_path, monkeypatch):
    path = write(tmp_path, PLAIN)

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError) as caught:
        read_matrix(path)
    assert str(caught.value) == f"{path}: permission denied; make it readable (chmod u+r) or copy it"


def test_read_names__comments_blanks_quotes_repeats(tmp_path):
    path = write(tmp_path, '\ufeff# TFs\r\nTP53\r\n\r\n "NA" \r\n1e5\r\nTP53\r\nHLA A\r\n', "tfs.txt")
    assert read_names(path) == ["TP53", "NA", "1e5", "HLA A"]
    assert read_names(write(tmp_path, gzip.compress(b"A\nB"), "tfs.gz")) == ["A", "B"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "{path}: is empty"),
        ("# nothing\n", "{path}: holds no names; give one name a line"),
        ("TP53\nMYC\t1\n", "{path}: line 2 has 2 columns; give one name a line and nothing else"),
    ],
)
def test_read_names__says_what_is_wrong(tmp_path, content, message):
    path = write(tmp_path, content, "tfs.txt")
    with pytest.raises(InputError) as caught:
        read_names(path)
    assert str(caught.value) == message.format(path=path)
