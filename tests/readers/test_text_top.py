"""Lines above the header of a text table: comments and texts of programs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genenet.errors import InputError
from genenet.readers import read_matrix
from genenet.readers.findings import from_frame

TABLE = pd.DataFrame(
    np.arange(40.0).reshape(5, 8) / 7,
    index=["TP53", "MYC", "EGFR", "KRAS", "PTEN"],
    columns=[f"S{n}" for n in range(8)],
)
OF_A_PROGRAM = ["BeadStudio version 1.4, module 2", "Normalization = none", "Date = 3/26/2009 3:51 PM", "", ""]


def _notes(path: Path, above: list[str], separator: str) -> list[str]:
    """Write a table below these lines, hold what is read to its values, and return the warnings."""
    path.write_text("\n".join([*above, TABLE.to_csv(sep=separator)]))
    data = read_matrix(path)
    found = from_frame(data.uns["genenet"].get("findings"))
    assert list(data.var_names) == list(TABLE.index)
    np.testing.assert_array_equal(data.X, TABLE.to_numpy().T)
    return [finding.message for finding in found if finding.weight == "warned"]


@pytest.mark.parametrize("separator", ["\t", ","])
@pytest.mark.parametrize(
    "above",
    [
        [
            "# Expression Atlas",
            "# Query: Genes matching: 'protein_coding', exactly in Organism part",
            "# Time: Mon, 01",
        ],
        ["# a, b", "# c, d"],
        ["# one"],
    ],
)
def test_comments__commas_in_them_are_no_separators(tmp_path: Path, above: list[str], separator: str) -> None:
    assert _notes(tmp_path / "m.txt", above, separator) == []


def test_comments__a_header_with_a_number_sign_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "m.txt"
    path.write_text("# made, by hand\n#" + TABLE.to_csv(sep="\t", index_label="gene"))
    assert list(read_matrix(path).obs_names) == list(TABLE.columns)


def test_texts__several_lines_of_a_program(tmp_path: Path) -> None:
    path = tmp_path / "m.txt"
    assert _notes(path, OF_A_PROGRAM, "\t") == [
        f"{path}: lines 1 to 5 (the first is 'BeadStudio version 1.4, module 2') are taken for text above the table "
        "and left out; the header is line 6"
    ]


def _message(path: Path, content: str) -> str:
    path.write_text(content)
    with pytest.raises(InputError) as raised:
        read_matrix(path)
    return str(raised.value)


@pytest.mark.parametrize("named", [True, False])
def test_olink__a_wide_table_is_told_with_its_cuts(tmp_path: Path, named: bool) -> None:
    path = tmp_path / "m.csv"
    names = ",Plate ID,QC Warning"
    panel, assay = ("Panel,a,a,a" + (",," if named else names), "Assay,IL6,IL8,TNF" + (names if named else ",,"))
    rows = "".join(f"P{n},{n}.1,{n}.2,{n}.3,Plate1,Pass\n" for n in range(5))
    how = "" if named else ", name its last columns Plate ID and QC Warning"
    content = f"NPX data\n\n{panel}\n{assay}\nUniprot ID,P1,P2,P3,,\nOlinkID,O1,O2,O3,,\n\n{rows}\nLOD,0.1,0.1,0.1,,\n"
    assert _message(path, content) == (
        f"{path}: is a wide table of Olink (Panel, Assay, OlinkID): delete the lines above line 4 (Assay), the header, "
        "those between it and the first sample, and those below the last sample (LOD, Missing Data freq.)"
        f"{how}; then set prepare.orientation: samples_by_genes and prepare.annotation_columns: 'Plate ID,QC Warning'"
    )


def test_gdc__the_table_of_one_sample(tmp_path: Path) -> None:
    path = tmp_path / "m.tsv"
    names = ["gene_name", "gene_type", "unstranded", "stranded_first", "stranded_second", "tpm_unstranded"]
    rows = "".join(f"ENSG{n:011}.2\tG{n}\tcoding\t{n}\t{n}\t{n}\t{n}.5\n" for n in range(1, 30))
    assert _message(path, "# gene-model: GENCODE v36\n" + "\t".join(["gene_id", *names]) + "\n" + rows) == (
        f"{path}: the table has no samples: its columns ({', '.join(names)}) are those of a table as GDC (STAR) writes "
        "it; give the matrix of values, one column a sample"
    )


def test_atlas__five_numbers_in_each_cell(tmp_path: Path) -> None:
    path = tmp_path / "m.tsv"
    rows = "".join(f"G{n}\t" + "\t".join(f"1,{n}.5,{m},9,9.5" for m in (7, 8)) + "\n" for n in range(5))
    assert _message(path, "Gene ID\tg1\tg2\n" + rows) == (
        f"{path}: 10 cells are not numbers, the first is '1,0.5,7,9,9.5' (gene G0, sample g1: line 2, column 2); five "
        "numbers stand in each cell, as Expression Atlas writes minimum, quartiles and maximum: give its table of TPM "
        "or FPKM, or write the median alone: 7"
    )
