"""Cells of a text table that are no numbers, and the message about them: all kinds at once, with what settles each."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from genenet.config.keys import text_of
from genenet.errors import count, shorten
from genenet.readers.extras import Kind, facts_of, suspects
from genenet.readers.extras_advice import finding, names_advice
from genenet.readers.notation import Reading, plain, readings_of
from genenet.readers.number_forms import Form, form_of, is_below_limit, is_code, is_limit
from genenet.readers.quantities import several_a_sample
from genenet.readers.sparse_pieces import Matrix, dense
from genenet.readers.text_layout import Layout

MOST_TEXTS = 1_000
"""Different texts of a column that are kept; more are counted only."""
MOST_CODES = 12
"""Different texts that are taken for codes of missing values, if they are not known as such."""
SHOWN_CODES = 12
MOST_CLASSES = 8
"""Different texts of a column that may be groups of samples."""
EXAMINED = 50
"""Texts of a column by which the way to write its numbers is found."""
SAMPLE_CELLS = 20_000
"""Numbers with a point or a comma that are kept, to tell the notation of the table by them."""


@dataclass
class BadCells:
    """Cells that are not numbers, by field (column) and line, and some of the numbers with a point or a comma."""

    total: int = 0
    first_of_line: dict[int, tuple[str, int, str]] = field(default_factory=dict)  # line -> row name, field, cell
    texts: dict[int, Counter[str]] = field(default_factory=dict)  # field -> text -> times
    by_line: Counter[int] = field(default_factory=Counter)
    first_of_text: dict[str, tuple[int, str, int]] = field(default_factory=dict)  # text -> line, row name, field
    signed: list[str] = field(default_factory=list)

    def add(self, line: int, number: int, row: str, cell: str) -> None:
        """Keep a cell that is no number."""
        cell = cell.strip()
        self.total += 1
        self.by_line[line] += 1
        if len(self.first_of_line) < MOST_TEXTS:
            self.first_of_line.setdefault(line, (row, number, cell))
        texts = self.texts.setdefault(number, Counter())
        if cell in texts or len(texts) < MOST_TEXTS:
            texts[cell] += 1
            self.first_of_text.setdefault(cell, (line, row, number))
        else:
            texts[""] += 1  # a missing cell is no bad one

    def are_unique(self, number: int) -> bool:
        """Tell whether no text of a column occurs twice, as far as they were kept."""
        return all(times == 1 for cell, times in self.texts[number].items() if cell)

    def see(self, cell: str) -> None:
        """Keep a number that may tell the notation."""
        if len(self.signed) < SAMPLE_CELLS and ("," in cell or "." in cell):
            self.signed.append(cell)


@dataclass(frozen=True)
class Place:
    """The table in which the bad cells are.

    Attributes
    ----------
    layout
        Its layout.
    row, column
        Kinds of its rows and columns.
    names
        Names of its rows.
    numbers
        Its values.
    aside
        Columns that the settings set aside.
    """

    layout: Layout
    row: Kind
    column: Kind
    names: Sequence[str]
    numbers: Matrix
    aside: Sequence[str]

    def has_numbers(self, position: int) -> bool:
        """Tell whether a column has any number."""
        column = self.numbers[:, [position]]
        return bool(np.isfinite(dense(column)).any())

    def where(self, line: int, row: str, number: int) -> str:
        """Say where a cell is."""
        column = dict(zip(self.layout.value_fields, self.layout.columns, strict=True))[number]
        return f"{self.row} {row}, {self.column} {column}: line {line:,}, column {number + 1:,}"


def describe(bad: BadCells, place: Place) -> str:
    """Word one message about all cells that are no numbers: columns of text, codes, and other ways to write numbers."""
    n_rows, fields = len(place.names), place.layout.value_fields
    text = [
        number
        for position, number in enumerate(fields)
        if number in bad.texts and (bad.texts[number].total() > n_rows / 2 or not place.has_numbers(position))
    ]
    lines = [line for line, times in bad.by_line.items() if times == len(fields) > 2 and line in bad.first_of_line]
    lines = [line for line in lines if not is_code(bad.first_of_line[line][2])]
    forms = {form_of(cell) for line, (_, _, cell) in bad.first_of_line.items() if line not in set(lines)} - {None}
    lines = [line for line in lines if form_of(bad.first_of_line[line][2]) not in forms]  # all are numbers written so
    everything: Counter[str] = sum(bad.texts.values(), Counter())
    known = Counter({cell: times for cell, times in everything.items() if is_code(cell)})
    cells = [cell for cell in everything if cell and cell not in known]
    readings = readings_of(cells)
    if readings and any(re.search(r"[,. '\u00a0\u2009\u202f\u2019]", cell) for cell in cells):
        return " | ".join([_notation(bad, known, readings, place), *_codes(bad, known, place)])
    annotation = _annotation(bad, text, fields)
    left = Counter[str]()
    for number, texts in bad.texts.items():
        if number not in annotation:
            left += texts
    if lines and not annotation and len(lines) < n_rows / 2:
        return _line(bad, lines[0], place)
    codes = _likely_codes(left, is_table_of_text=len(annotation) == len(fields))
    others = left - codes
    parts = [_columns(bad, annotation, place)] if annotation else []
    return " | ".join([*parts, *_codes(bad, codes, place), *_others(bad, others, place)])


def _annotation(bad: BadCells, text: Sequence[int], fields: Sequence[int]) -> list[int]:
    """Columns of text that are no samples: their cells are neither codes nor ways to write numbers."""
    if len(text) == len(fields):
        forms = {form_of(cell) for number in text for cell in bad.texts[number] if not is_code(cell)}
        if len(forms) == 1 and None not in forms:
            return []
    usual = _usual_forms(bad, fields) if text else set()
    return [number for number in text if not all(_is_value(c) or form_of(c) in usual for c in bad.texts[number] if c)]


def _usual_forms(bad: BadCells, fields: Sequence[int]) -> set[Form]:
    """Ways to write numbers that are found in most columns, so that they tell nothing about one of them."""
    times: Counter[Form | None] = Counter()
    for texts in bad.texts.values():
        times.update({form_of(cell) for cell in islice(texts, EXAMINED)})
    return {form for form, n in times.items() if form is not None and n > len(fields) / 2}


def _is_value(cell: str) -> bool:
    """Tell whether a cell that fills a column is a code (a word, since x and . are flags) or surely a number."""
    form = form_of(cell)
    return (is_code(cell) and any(map(str.isalpha, cell[1:]))) or (form is not None and form.is_sure)


def _likely_codes(texts: Counter[str], *, is_table_of_text: bool) -> Counter[str]:
    """Texts that stand for missing values: known ones, and a few others that are repeated."""
    unknown = {
        cell: times
        for cell, times in texts.items()
        if not is_code(cell) and (is_limit(cell) or (form_of(cell) is None and not re.match(r"[+-]?\.?\d|=", cell)))
    }
    repeated = sum(unknown.values()) >= max(4, 2 * len(unknown)) or all(map(is_limit, unknown))
    repeated &= len(unknown) <= MOST_CODES
    return Counter(
        {
            cell: times
            for cell, times in texts.items()
            if is_code(cell) or (cell in unknown and repeated and not is_table_of_text)
        }
    )


def _codes(bad: BadCells, codes: Counter[str], place: Place) -> list[str]:
    if not codes:
        return []
    known = place.layout.notation
    ordered = [cell for cell, _ in codes.most_common()]
    shown = ", ".join(f"{shorten(cell)} ({codes[cell]:,})" for cell in ordered[:SHOWN_CODES])
    shown += f" and {len(ordered) - SHOWN_CODES:,} more" if len(ordered) > SHOWN_CODES else ""
    total = sum(codes.values())
    first = min((bad.first_of_text[cell] for cell in ordered), key=lambda at: (at[0], at[2]))
    option = text_of((*known.na_values, *ordered))
    also = "" if known.is_treated else " and, for example, prepare.missing: pairwise"
    below = [cell for cell in ordered if is_below_limit(cell)]
    limit = f"; values below a limit of detection ({shorten(below[0])}) are not missing at random" if below else ""
    stands = "for" if all(map(is_code, codes)) else "that may stand for"
    hold = "holds" if total == 1 else "hold"
    return [
        f"{count(total, 'cell')} {hold} a text {stands} a missing value: {shown}; the first is "
        f"{place.where(*first)}; read {'it' if total == 1 else 'them'} as missing with prepare.na_values: {option!r}"
        f"{also}{limit}"
    ]


def _notation(bad: BadCells, codes: Counter[str], readings: Sequence[Reading], place: Place) -> str:
    cells = [(at, cell) for cell, at in bad.first_of_text.items() if cell not in codes]
    at, cell = min(cells, key=lambda item: (item[0][0], item[0][2]))
    total = bad.total - sum(codes.values())
    many = f"{total:,} cells are written in another notation, the first is " if total > 1 else ""
    verb = " is written in another notation" if total == 1 else ""
    problem = f"{many}{shorten(cell)}{verb} ({place.where(*at)})"
    fitting = [reading for reading in readings if all(plain(other, *reading) is not None for other in bad.signed)]
    if not fitting:
        others = next(other for other in bad.signed if plain(other, *readings[0]) is None)
        return f"{problem}, and others as {shorten(others)}: write all numbers in one notation"
    options = " or ".join(
        f"{_options(reading)} ({shorten(cell)} is then {plain(cell, *reading)})" for reading in fitting
    )
    return f"{problem}; {'set' if len(fitting) == 1 else 'it has two meanings: set'} {options}"


def _options(reading: Reading) -> str:
    decimal, thousands = reading
    options = [f"prepare.decimal: {decimal}"] if decimal == "comma" else []
    options += [f"prepare.thousands: {thousands}"] if thousands else []
    return " and ".join(options) or "prepare.decimal: point"


def _line(bad: BadCells, line: int, place: Place) -> str:
    row, number, cell = bad.first_of_line[line]
    if cell == dict(zip(place.layout.value_fields, place.layout.columns, strict=True))[number]:
        return f"line {line:,} is the header again: two tables stand one after the other; join them, or give one"
    return (
        f"line {line:,} holds text in all columns of values ({place.row} {row}, first {shorten(cell)}); "
        "move it below the header, where such rows are attributes of the columns, or remove it"
        " (prepare.annotation_rows takes rows of text there only, rows of numbers anywhere)"
    )


def _others(bad: BadCells, others: Counter[str], place: Place) -> list[str]:
    """Message about cells that are neither codes nor in another notation."""
    if not others:
        return []
    total = sum(others.values())
    cells = [(bad.first_of_text[cell], cell) for cell in others if cell in bad.first_of_text]
    at, cell = min(cells, key=lambda item: (item[0][0], item[0][2]))
    forms: set[Form | None] = {form_of(text) for text in others}
    form = forms.pop() if len(forms) == 1 else None
    many = "" if total == 1 else f"{total:,} cells are not numbers, the first is "
    verb = " is not a number" if total == 1 else ""
    advice = form.advice(cell) if form else "write a number, or NA where a value is missing"
    return [f"{many}{shorten(cell)}{verb} ({place.where(*at)}); {advice}"]


def _columns(bad: BadCells, annotation: Sequence[int], place: Place) -> str:
    """Word the message about columns that are not samples or genes: text, and numbers unlike the others."""
    layout = place.layout
    names = dict(zip(layout.value_fields, layout.columns, strict=True))
    left = [position for position, number in enumerate(layout.value_fields) if number not in annotation]
    several = several_a_sample(
        [layout.columns[position] for position in left],
        "column" if place.column == "sample" else None,
        header=layout.columns,
    )
    unique = [names[number] for number in annotation if bad.are_unique(number)]
    if several is not None and place.column == "sample":
        return several.message + names_advice(unique, place.names, place.column)
    part = place.numbers[:, left]
    values = dense(part)
    found = suspects([layout.columns[position] for position in left], place.column, facts_of(values))
    problem = finding(
        found,
        layout.columns,
        place.column,
        "column",
        [names[number] for number in annotation],
        place.names,
        place.aside,
        unique,
        [names[number] for number in annotation if len(bad.texts[number]) <= MOST_CLASSES],
    )
    assert problem is not None
    return problem.message
