"""Broken input, as people have it: the exact message, exit status 2 of the command line, and no file left behind."""

import bz2
import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.io
import scipy.sparse as sp
from anndata import AnnData

from genenet.cli.entry import main
from genenet.config import Prepare
from genenet.config.faces import spelled
from genenet.errors import InputError
from genenet.readers import read_matrix
from genenet.steps.prepare import prepare

SAMPLES = [f"s{n}" for n in range(20)]
GENES = ["ACTB", "MYC", "FOS", "JUN"]
VALUES = np.random.default_rng(3).poisson(3.0, size=(4, 20)).astype(float) + np.arange(20) / 2
FRAME = pd.DataFrame(VALUES, GENES, SAMPLES)
GOOD = FRAME.to_csv(sep="\t", index_label="gene")


def good(**changes: str) -> str:
    """The good table with one cell, written G1 for gene and sample number, replaced."""
    frame = FRAME.astype(str)
    for place, text in changes.items():
        gene, sample = place.split("_")
        frame.loc[gene, sample] = text
    return frame.to_csv(sep="\t", index_label="gene", quoting=3, escapechar="\\")


Make = Callable[[Path], Any]
CASES: dict[str, tuple[str, str | bytes | Make, dict[str, Any], str]] = {}


def case(name: str, content: str | bytes | Make, message: str, *, file: str = "m.tsv", **settings: Any) -> None:
    assert name not in CASES
    CASES[name] = (file, content, settings, message)


# Not a table at all
case("empty file", "", "is empty")
case("blank lines only", "\n\r\n\n", "is empty")
case("empty gzip", gzip.compress(b""), "is empty", file="m.tsv.gz")
case("no such file", lambda path: None, "no such file")
case("folder without a matrix", Path.mkdir, "is a folder with no .mtx file; give the path of the matrix file itself")
case("html", "<!DOCTYPE html><html>404</html>", "is a web page (HTML), not a table; download the file itself")
case(
    "html in gzip",
    gzip.compress(b"\n <HTML>login first</HTML>"),
    "is a web page (HTML), not a table; download the file itself",
    file="m.tsv.gz",
)
case(
    "xlsx",
    b"PK\x03\x04" + b"\0" * 40 + b"xl/workbook.xml",
    "is an Excel workbook; write the table as text, with pandas.read_excel(FILE).to_csv('m.tsv', sep='\\t', "
    "index=False) for instance, since Excel saves numbers rounded as it shows them; then look for names that it made "
    "of genes such as SEPT1 (1-Sep): genenet check lists them",
    file="m.xlsx",
)
case(
    "old xls",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 40,
    "is an Excel workbook; write the table as text, with pandas.read_excel(FILE).to_csv('m.tsv', sep='\\t', "
    "index=False) for instance, since Excel saves numbers rounded as it shows them; then look for names that it made "
    "of genes such as SEPT1 (1-Sep): genenet check lists them",
    file="m.xls",
)
case("zip", b"PK\x03\x04m.tsv", "is a zip archive; unpack it and give the matrix inside", file="m.zip")
case("xz", b"\xfd7zXZ\0\0\4", "is compressed with xz; unpack it (unxz), or compress it with gzip", file="m.tsv.xz")
case(
    "R object",
    gzip.compress(b"X\n\0\0\0\3\0\4"),
    "is an R object; write the matrix from R with write.table(x, file, sep = '\\t', quote = FALSE)",
    file="m.rds",
)
case(
    "NUL bytes",
    GOOD.replace("MYC", "M\0C"),
    f"has a NUL byte at position {GOOD.index('MYC') + 1}: it is damaged or no text file; give a text table or .h5ad",
)
case("UTF-16", GOOD.encode("utf-16"), "is UTF-16 text; save it as UTF-8")
case(
    "latin 1",
    GOOD.replace("MYC", "MÜC").encode("latin1"),
    "line 3 is not UTF-8 text (byte 0xdc); save it as UTF-8 text",
)
case(
    "gzip cut short",
    gzip.compress(GOOD.encode())[:-20],
    "is damaged or cut short (Compressed file ended before the end-of-stream marker was reached); "
    "copy or download it again",
    file="m.tsv.gz",
)
case(
    "gzip with a wrong checksum",
    gzip.compress(GOOD.encode())[:-8] + b"\0" * 8,
    f"is damaged or cut short (CRC check failed 0x0 != {hex(zlib.crc32(GOOD.encode()))}); copy or download it again",
    file="m.tsv.gz",
)
case(
    "bzip2 cut short",
    bz2.compress(GOOD.encode())[:-20],
    "is damaged or cut short (Compressed file ended before the end-of-stream marker was reached); "
    "copy or download it again",
    file="m.tsv.bz2",
)

# Shape of a table
case("header only", "gene\ts1\ts2\n", "has a header but no rows below it")
case("comments only", "# nothing\n", "has a header but no rows below it")
case(
    "wrong delimiter",
    GOOD.replace("\t", "|"),
    "columns are separated by | (line 1), which is not read; separate them by tabs, for example with: "
    "tr '|' '\\t' < OLD > NEW",
)
case(
    "header of another width",
    GOOD.replace("gene\ts0\ts1", "gene"),
    "the header (line 1) has 19 fields and line 2 has 21 (separator: tab); "
    "the header needs as many fields as the rows, or one fewer",
)
case(
    "ragged row",
    GOOD.replace("\nFOS\t", "\nFOS\t1\t"),
    "line 4 has 22 fields, but line 2 has 21 (separator: tab); every line needs the same number",
)
case(
    "cut in the middle of a line",
    GOOD[: GOOD.index("JUN") + 3],
    "line 5 has 1 field ('JUN'), but line 2 has 21 (separator: tab); every line needs the same number",
)
case(
    "separator at the end of each line",
    GOOD.replace("\n", "\t\n"),
    "the header (line 1) and the rows end with a separator; take it off the ends of all lines",
)
case(
    "quote left open",
    GOOD.replace("\nMYC", '\n"MYC'),
    "a quote opened in line 3 is not closed in that line; close it or remove it",
)
case(
    "names only",
    "gene,x\nACTB,a\n",
    "the table has no samples: its column (x) holds text; give the matrix of values, one column a sample",
)
case(
    "no header",
    GOOD.split("\n", 1)[1].replace(".0\t", ".25\t"),
    "the first line holds numbers (1.25, 2.5, 3.25), not names; add a header line with names",
)

# Cells
case(
    "text in a cell",
    good(MYC_s3="high"),
    "'high' is not a number (gene MYC, sample s3: line 3, column 5); write a number, or NA where a value is missing",
)
case(
    "what Excel writes for an error",
    good(MYC_s3="#DIV/0!", JUN_s19="#REF!"),
    "2 cells hold a text for a missing value: '#DIV/0!' (1), '#REF!' (1); the first is gene MYC, sample s3: line 3, "
    "column 5; read them as missing with prepare.na_values: '#DIV/0!,#REF!' and, for example, prepare.missing: "
    "pairwise",
)
case(
    "thousands separators",
    good(ACTB_s0="1 200"),
    "'1 200' is written in another notation (gene ACTB, sample s0: line 2, column 2); set prepare.thousands: space "
    "('1 200' is then 1200)",
)
case(
    "commas between thousands",
    (FRAME * 1000).map("{:,.0f}".format).to_csv(sep="\t"),
    f"79 cells are written in another notation, the first is '{VALUES[0, 0]:.0f},000' (gene ACTB, sample s0: line 2, "
    f"column 2); it has two meanings: set prepare.decimal: comma ('{VALUES[0, 0]:.0f},000' is then "
    f"{VALUES[0, 0]:.0f}.000) or prepare.thousands: comma ('{VALUES[0, 0]:.0f},000' is then {VALUES[0, 0]:.0f}000)",
)
case(
    "column of text",
    FRAME.assign(zlabel=["a", "b", "c", "d"]).to_csv(sep="\t"),
    "1 column is no sample: zlabel (text); set it aside with prepare.annotation_columns: 'zlabel'",
)
case(
    "missing value",
    good(MYC_s3="NA", JUN_s3=""),
    "2 values are missing or infinite, in 2 of 4 genes (MYC, JUN) and 1 of 20 samples (s3); "
    "the first (missing) is gene MYC, sample s3; "
    "2.50% of the values are missing here and there, few enough to be filled in; "
    "set prepare.missing: impute_median or impute_mean (the gene's average in the gaps), pairwise (each pair of "
    "genes takes the samples that both have; slower) or drop_genes (leaves 2 of 4 genes)",
)
case(
    "infinite value",
    good(FOS_s1="-Inf"),
    "1 value is missing or infinite, in 1 of 4 genes (FOS) and 1 of 20 samples (s1); "
    "the first (-inf) is gene FOS, sample s1; "
    "-inf is the logarithm of 0: take log2(x + 1), or "
    "set prepare.missing: impute_median or impute_mean (the gene's average in the gaps), pairwise (each pair of "
    "genes takes the samples that both have; slower) or drop_genes (leaves 3 of 4 genes)",
)
case(
    "number too large for a double",
    good(FOS_s1="1e999"),
    "1 value is missing or infinite, in 1 of 4 genes (FOS) and 1 of 20 samples (s1); "
    "the first (inf) is gene FOS, sample s1; "
    "1.25% of the values are missing here and there, few enough to be filled in; "
    "set prepare.missing: impute_median or impute_mean (the gene's average in the gaps), pairwise (each pair of "
    "genes takes the samples that both have; slower) or drop_genes (leaves 3 of 4 genes)",
)
case(
    "NaN column, and genes are to be dropped",
    FRAME.assign(s7=np.nan).to_csv(sep="\t"),
    "4 values are missing or infinite, in 4 of 4 genes (ACTB, MYC, FOS and 1 more) and 1 of 20 samples (s7); "
    "the first (missing) is gene ACTB, sample s7; "
    "no gene is complete, so prepare.missing: drop_genes leaves none: set it to pairwise or impute_median, "
    "or raise prepare.max_missing",
    missing="drop_genes",
)
case(
    "negative counts",
    good(FOS_s1="-1"),
    "prepare.normalisation: log1p_cp10k needs counts, but the matrix has negative values "
    "(the first is -1, gene FOS, sample s1); it may be normalised already: set prepare.normalisation: none",
    normalisation="log1p_cp10k",
)

# Names and size
case(
    "duplicate gene",
    GOOD.replace("MYC", "ACTB"),
    "1 gene name occurs more than once (ACTB 2 times); set prepare.duplicates: mean, max_variance or make_unique",
)
case(
    "duplicate header",
    GOOD.replace("s3", "s4"),
    "1 sample name occurs more than once (s4 2 times); every sample needs a name of its own: rename or merge them",
)
case(
    "gene without a name",
    GOOD.replace("MYC", ""),
    "1 gene without a name (number 2); give every gene a name; prepare.duplicates: max_variance or mean drops such"
    " genes",
)
case("sample without a name", GOOD.replace("s3", ""), "1 sample without a name (number 4); give every sample a name")
case(
    "control character in a name",
    GOOD.replace("MYC", "M\x07C"),
    "gene name 'M\\x07C' has a character that cannot be printed; the file may be damaged: rename the gene",
)
case("one gene", "\n".join(GOOD.split("\n")[:2]), "1 gene cannot make a network; bring at least 2 genes")
case(
    "few samples",
    FRAME.iloc[:, :5].to_csv(sep="\t"),
    "5 samples (of 4 genes) are too few, prepare.min_samples is 20; "
    "bring more samples, check prepare.orientation, or lower prepare.min_samples",
)
case(
    "few samples after dropping",
    good(MYC_s3="NA"),
    "19 samples left of 20 (of 4 genes) are too few, prepare.min_samples is 20; "
    "bring more samples, check prepare.orientation, or lower prepare.min_samples",
    missing="drop_samples",
)
case(
    "attributes of samples below the genes",
    GOOD + "\t".join(["Sex", *("FM"[n % 2] for n in range(20))]) + "\n",
    "line 6 holds text in all columns of values (gene Sex, first 'F'); move it below the header, where such rows are"
    " attributes of the columns, or remove it (prepare.annotation_rows takes rows of text there only, rows of numbers"
    " anywhere)",
    annotation_rows=("Sex",),
)
case(
    "constant gene",
    FRAME.T.assign(FOS=0.1).T.to_csv(sep="\t"),
    "1 of 4 genes has no variance (FOS); drop it with prepare.min_variance: 0 or filter the input",
)
case(
    "samples in rows",
    FRAME.T.set_axis([f"ENSG0000000000{n}" for n in range(4)], axis=1).to_csv(sep="\t"),
    "4 of the 4 sample names are names of genes (ENSG00000000000, ENSG00000000001, ENSG00000000002 and 1 more): "
    "the matrix looks transposed; "
    "set prepare.orientation: samples_by_genes",
)


# Formats
def h5ad(path: Path, **changes: Any) -> None:
    data = AnnData(FRAME.T)
    data.layers["counts"] = FRAME.T.to_numpy()
    data.obs["cell_type"] = ["B", "T"] * 10
    if changes.get("no_X"):
        data.X = None
    data.write_h5ad(path)


def half(path: Path) -> None:
    h5ad(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def hdf5(**parts: Any) -> Make:
    def make(path: Path) -> None:
        with h5py.File(path, "w") as file:
            for name, value in parts.items():
                file[name.replace("__", "/")] = value

    return make


def market(**changes: Any) -> Make:
    def make(path: Path) -> None:
        scipy.io.mmwrite(path, sp.coo_matrix(VALUES))
        (path.parent / "genes.tsv").write_text("".join(f"{gene}\n" for gene in changes.get("genes", GENES)))
        if "cells" not in changes:
            (path.parent / "barcodes.tsv").write_text("".join(f"{cell}\n" for cell in SAMPLES))
        if "text" in changes:
            path.write_text(changes["text"])

    return make


case(
    "h5ad without the layer",
    h5ad,
    "prepare.layer: no layer count; layers: counts; did you mean counts?",
    file="m.h5ad",
    layer="count",
)
case(
    "h5ad without raw",
    h5ad,
    "prepare.use_raw: it has no raw values; leave it false, or name a layer in prepare.layer",
    file="m.h5ad",
    use_raw=True,
)
case(
    "h5ad without X",
    lambda path: h5ad(path, no_X=True),
    "has no X; choose a layer with prepare.layer (counts)",
    file="m.h5ad",
)
case(
    "no samples after the query",
    h5ad,
    "prepare.obs_query: none of the 20 samples fulfils cell_type == 'NK'; cell_type is B, T",
    file="m.h5ad",
    obs_query="cell_type == 'NK'",
)
case(
    "query of a column that is not there",
    h5ad,
    "prepare.obs_query: tissue == 'liver' does not work (there is no column tissue); obs has the columns cell_type",
    file="m.h5ad",
    obs_query="tissue == 'liver'",
)
case(
    "query that is no query",
    GOOD,
    "prepare.obs_query: a == does not work (no condition: invalid syntax); obs has no columns",
    obs_query="a ==",
)
case(
    "name column that is not there",
    h5ad,
    "prepare.name_column: no column symbol; var has no columns, so leave it empty",
    file="m.h5ad",
    name_column="symbol",
)
case(
    "h5ad that is text",
    "hello\n",
    "has a header but no rows below it",
    file="m.h5ad",
)
case(
    "HDF5 of another program",
    hdf5(assays=1, version=2),
    "is HDF5 but no .h5ad, .loom or 10x .h5 (it holds assays, version); convert it, or write the matrix as text",
    file="m.h5seurat",
)
case(
    "loom without names of genes",
    hdf5(matrix=VALUES, row_attrs__Length=[1, 2, 3, 4], col_attrs__CellID=np.array(SAMPLES, "S")),
    "no row attribute Gene; the rows have Length: name the one with the genes in prepare.name_column",
    file="m.loom",
)
case(
    "10x of two genomes",
    hdf5(
        **{
            f"{genome}__{name}": [1]
            for genome in ("hg19", "mm10")
            for name in ("barcodes", "indptr", "indices", "data")
        }
    ),
    "holds the matrices of 2 genomes (hg19, mm10); split them, or use the folder of one genome",
    file="m.h5",
)
case(
    "mtx one gene short",
    market(genes=GENES[:3]),
    "has 4 rows and 20 columns, but genes.tsv has 3 names and barcodes.tsv has 20 names; "
    "rows must be genes and columns cells, one name for each",
    file="matrix.mtx",
)
case(
    "mtx with a header in a file of names",
    market(genes=["symbol", *GENES]),
    "has 4 rows and 20 columns, but genes.tsv has 5 names and barcodes.tsv has 20 names "
    "(a header line in a file of names?); rows must be genes and columns cells, one name for each",
    file="matrix.mtx",
)
case(
    "mtx without cells",
    market(cells=None),
    "found no names of the cells beside it; put them, one a line, into {folder}/barcodes.tsv",
    file="matrix.mtx",
)
case(
    "mtx with an index too large",
    market(text="%%MatrixMarket matrix coordinate integer general\n4 20 1\n5 1 7\n"),
    "cannot be read as MatrixMarket (Line 3: Row index out of bounds); copy or write it again",
    file="matrix.mtx",
)
case(
    "mtx cut short",
    market(text="%%MatrixMarket matrix coordinate integer general\n4 20 3\n1 1 7\n"),
    "cannot be read as MatrixMarket (Truncated file. Expected another 2 lines.); copy or write it again",
    file="matrix.mtx",
)
case(
    "parquet without names",
    lambda path: FRAME.to_parquet(path, index=False),
    "has no column of names (the columns begin with s0, s1, s2 and 17 more); "
    "put the names in the first column as text, or write a pandas frame with the names as index",
    file="m.parquet",
)
case(
    "parquet with a column of text",
    lambda path: FRAME.assign(label="x").to_parquet(path),
    "1 column is no sample: label (text); set it aside with prepare.annotation_columns: 'label'",
    file="m.parquet",
)
case(
    "annotation column that is not there",
    GOOD,
    "prepare.annotation_columns: no column Chr; the header begins with gene, s0, s1, s2, s3",
    annotation_columns=("Chr",),
)
case(
    "geo without values",
    '!Series_title\t"x"\n!series_matrix_table_begin\n"ID_REF"\t"GSM1"\n!series_matrix_table_end\n',
    "this GEO file has no values in its table (usual for sequencing data); "
    "take the table of counts from the supplementary files of the series",
    file="GSE1_series_matrix.txt",
)
case(
    "geo without a table",
    '!Series_title\t"x"\n!Series_status\t"y"\n',
    "looks like a GEO file but holds no line !series_matrix_table_begin; download the series matrix file of the series",
    file="GSE1_family.soft",
)


def lay_out(folder: Path, name: str) -> tuple[Path, Prepare, str]:
    file, content, settings, message = CASES[name]
    path = folder / file
    if callable(content):
        content(path)
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    message = message.format(folder=folder) if "{folder}" in message else message
    return path, Prepare(**settings), message


def test_table__is_long_enough():
    assert len(CASES) >= 40


@pytest.mark.parametrize("name", CASES)
def test_broken__exact_message(tmp_path, name):
    path, settings, message = lay_out(tmp_path, name)
    with pytest.raises(InputError) as caught:
        prepare(read_matrix(path, settings), settings)
    assert str(caught.value).removeprefix(f"{path}: ") == message
    assert "\n" not in message


@pytest.mark.parametrize("name", CASES)
def test_broken__command_line_says_it_in_one_line_and_leaves_nothing(tmp_path, capfd, name):
    path, settings, message = lay_out(tmp_path, name)
    before = sorted(tmp_path.rglob("*"))
    options = []
    for key, value in settings.model_dump(exclude_defaults=True).items():
        text = ",".join(value) if isinstance(value, tuple) else str(value)
        options += [f"--{key.replace('_', '-')}", *([] if value is True else [text])]
    output = tmp_path / "results" / "expression.h5ad"
    with pytest.raises(SystemExit) as stopped:
        main(["prepare", "--matrix", str(path), "--output", str(output), *options])
    assert stopped.value.code == 2
    last = capfd.readouterr().err.splitlines()[-1]
    assert last.removeprefix("ERROR: ").removeprefix(f"{path}: ") == spelled(message, "command line")
    assert sorted(tmp_path.rglob("*")) == before
