"""Lines above the header of a text table: comments and texts of programs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

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
