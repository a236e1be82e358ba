"""Numbers that are written in another way in all cells of a row, or in most cells of some columns."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genenet.errors import InputError
from genenet.readers import read_matrix

VALUES = np.random.default_rng(3).normal(0, 1, (12, 8)).round(3)
VALUES[2] = -abs(VALUES[2]) - 0.1  # a row in which all cells are written so
VALUES[:9, 5] = -abs(VALUES[:9, 5]) - 0.1  # a column in which most are


def _message(path: Path, write: str) -> str:
    cells = pd.DataFrame(VALUES).map(lambda value: write.format(abs(value)) if value < 0 else f"{value}")
    cells.set_axis([f"G{n}" for n in range(12)]).add_prefix("S").to_csv(path, index_label="gene")
    with pytest.raises(InputError) as raised:
        read_matrix(path)
    return str(raised.value)


@pytest.mark.parametrize(
    ("write", "advice"),
    [
        ("\N{EN DASH}{}", "minus signs are typographic ones (U+2013), write -{}"),
        ("{}*", "numbers have marks behind them, write {}"),
        ("({})", "brackets seem to stand for a minus sign, write -{}"),
    ],
)
def test_forms__rows_and_columns_of_them_are_numbers(tmp_path: Path, write: str, advice: str) -> None:
    path = tmp_path / "m.csv"
    row, column = np.argwhere(VALUES < 0)[0]
    shown = f"{-VALUES[row, column]}"
    assert _message(path, write) == (
        f"{path}: {np.sum(VALUES < 0)} cells are not numbers, the first is {write.format(shown)!r} (gene G{row}, "
        f"sample S{column}: line {row + 2}, column {column + 2}); {advice.format(shown)}"
    )
