"""Lists of genes: regulators, targets, genes to keep, pairs."""

import csv
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from genenet.errors import InputError, count, shorten
from genenet.readers import findings
from genenet.readers.known_names import is_running_number
from genenet.readers.opening import check_file, open_text, readable, refuse_foreign

NAMES_HEADER = re.compile(
    r"(gene|symbol|tf|regulator|target|name)s?|(hgnc|gene|hugo|tf|official)[ _.]?(symbol|name|id)s?"
    r"|transcription[ _]factors?",
    re.IGNORECASE,
)
"""Headers by which a column of gene names is recognised."""
LONE_HEADER = re.compile(rf"x|v1|{NAMES_HEADER.pattern}", re.IGNORECASE)
"""Headers of a list of names that are taken for one where no gene is called so: x and V1 are those of R."""
ANSWER_HEADER = re.compile(
    r"is[ ._]?(an?[ ._]?)?(tf|regulator|transcription[ ._]factor|hub|target)s?[ ._]?\??", re.IGNORECASE
)
"""Headers of a column that tells, by Yes or No, whether a gene belongs to the list (Is TF?)."""
ANSWERS = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}
HEADER = re.compile(r"(regulator|source|tf|from|target|gene|to|gene_?[ab12]|node_?[ab12])s?", re.IGNORECASE)
"""Headers of the two columns of a list of pairs."""


def read_names(path: str | os.PathLike[str]) -> list[str]:
    r"""Read a list of genes: one name a line, all names in one line, or the column of names of a table.

    Blank lines and lines that start with `#` are skipped, blanks and double quotes around a name are removed, and a
    name that occurs twice counts once. Lines of several cells (tab, comma or semicolon) are a table, whose column of
    names is the one that the header calls gene, symbol, TF or the like, or else the only one beside a column of row
    numbers, which R's write.csv and write.table add. Of a table with a column of answers, such as `Is TF?`, the names
    with yes are taken, and a warning tells how many have no. The file is plain or compressed by gzip or bzip2.

    Raises
    ------
    InputError
        If the file cannot be read, holds no name, or has several columns that may be the names.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "tfs.txt"
    >>> _ = path.write_text("# transcription factors\nTP53\nMYC\nTP53\n")
    >>> read_names(path)
    ['TP53', 'MYC']
    >>> _ = path.write_text('"","x"\n"1","TP53"\n"2","MYC"\n')
    >>> read_names(path)
    ['TP53', 'MYC']
    """
    path = Path(path)
    lines = list(_lines(path))
    rows = _cells(lines)
    if any(len(row) > 1 for row in rows):
        names = rows[0] if len(rows) == 1 else _column_of_names(path, lines, rows)
    else:
        _refuse_columns(path, lines)
        names = [row[0] for row in rows]
        # TF is also the symbol of transferrin.
        if len(names) > 1 and NAMES_HEADER.fullmatch(names[0]) and names[0] != "TF":
            del names[0]
    found = list(dict.fromkeys(name for name in names if name))
    if not found:
        raise InputError(f"{path}: holds no names; give one name a line")
    return found


def _refuse_columns(path: Path, lines: list[tuple[int, str]]) -> None:
    for number, line in lines:
        if "\t" in line:
            raise InputError(
                f"{path}: line {number:,} has {line.count(chr(9)) + 1} columns; give one name a line and nothing else"
            )


def _cells(lines: list[tuple[int, str]]) -> list[list[str]]:
    """Cut lines at the separator that they have in common; without one each line is one cell."""
    for separator in "\t;,":
        if lines and all(separator in line for _, line in lines):
            return [
                [cell.strip() for cell in row] for row in csv.reader([line for _, line in lines], delimiter=separator)
            ]
    return _of_write_table([line for _, line in lines]) or [[_unquoted(line)] for _, line in lines]


def _of_write_table(lines: list[str]) -> list[list[str]]:
    """Cut lines as R's write.table writes them: a header, then numbered names; nothing of other lines."""
    pairs = [[_unquoted(cell) for cell in re.split(r"[ \t]", line, maxsplit=1)] for line in lines[1:]]
    if any(len(pair) != 2 for pair in pairs) or re.search(r"[ \t]", lines[0] if lines else ""):
        return []
    return [["", _unquoted(lines[0])], *pairs] if is_running_number([pair[0] for pair in pairs]) else []


def _column_of_names(path: Path, lines: list[tuple[int, str]], rows: list[list[str]]) -> list[str]:
    """Find the column of names in a table: by the header, or as the only one beside a column of row numbers."""
    width = len(rows[0])
    for (number, _), row in zip(lines, rows, strict=True):
        if len(row) != width:
            raise InputError(
                f"{path}: line {number:,} has {len(row)} columns and line {lines[0][0]:,} has {width}; "
                "give one name a line"
            )
    rows = _answered_yes(path, rows)
    called = [place for place, cell in enumerate(rows[0]) if NAMES_HEADER.fullmatch(cell)]
    counting = [place for place in range(width) if is_running_number([row[place] for row in rows[1:]])]
    others = [place for place in range(width) if place not in counting]
    if not called and width == 2 and len(rows) > 1 and is_running_number([row[0] for row in rows]):
        return [row[1] for row in rows]
    if len(called) == 1:
        return [row[called[0]] for row in rows[1:]]
    if counting and len(others) == 1:
        return [row[others[0]] for row in rows[1:]]
    columns = ", ".join(cell or "(none)" for cell in rows[0])
    raise InputError(
        f"{path}: has {width} columns ({columns}); give one name a line and nothing else, or call the column of names "
        "gene in a header"
    )


def _answered_yes(path: Path, rows: list[list[str]]) -> list[list[str]]:
    """Leave out the rows that a column such as `Is TF?` answers with no, and tell how many."""
    for place, header in enumerate(rows[0]):
        answers = [ANSWERS.get(row[place].casefold()) for row in rows[1:]]
        if not ANSWER_HEADER.fullmatch(header) or None in answers:
            continue
        kept = [row for row, answer in zip(rows[1:], answers, strict=True) if answer]
        if len(kept) < len(rows) - 1:
            left_out = f"{len(rows) - 1 - len(kept):,} of the {count(len(rows) - 1, 'name')} left out"
            findings.add("warned", "lists", f"{path}: {left_out}: the column {header} says no")
        return [rows[0], *kept]
    return rows


def read_pairs(path: str | os.PathLike[str]) -> list[tuple[str, str]]:
    r"""Read pairs of genes, one pair a line, separated by a tab, a comma, a semicolon or spaces.

    Further columns (a score) are ignored. Blank lines and lines that start with `#` are skipped, and so is a
    header such as `regulator target`.

    Raises
    ------
    InputError
        If the file cannot be read, holds no pair, or a line has one name only.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "motifs.tsv"
    >>> _ = path.write_text("TF\ttarget\tscore\nTP53\tMDM2\t9.1\nMYC\tTP53\t7.5\n")
    >>> read_pairs(path)
    [('TP53', 'MDM2'), ('MYC', 'TP53')]
    """
    pairs: dict[tuple[str, str], None] = {}
    may_be_header = True
    for number, line in _lines(Path(path)):
        separator = next((mark for mark in "\t,;" if mark in line), None)
        names = [_unquoted(name.strip()) for name in line.split(separator)]
        if len(names) < 2 or not names[0] or not names[1]:
            raise InputError(
                f"{path}: line {number:,} is no pair: {shorten(line)}; give two names a line, separated by a tab"
            )
        is_header = may_be_header and HEADER.fullmatch(names[0]) and HEADER.fullmatch(names[1])
        may_be_header = False
        if is_header:
            continue
        pairs[names[0], names[1]] = None
    if not pairs:
        raise InputError(f"{path}: holds no pairs; give two names a line, separated by a tab")
    return list(pairs)


LISTS: dict[str, Callable[[str | os.PathLike[str]], Any]] = {
    "regulators": read_names,
    "targets": read_names,
    "keep": read_names,
    "control_genes": read_names,
    "pairs": read_pairs,
}
"""The lists of genes that `genenet.prepare` takes, and the function that reads a file of each."""


def read_lists(**given: Iterable[Any] | str | os.PathLike[str] | None) -> dict[str, Any]:
    r"""Read the lists that are given as files; lists in memory, and None, are returned as they are.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "tfs.txt"
    >>> _ = path.write_text("TP53\nMYC\n")
    >>> read_lists(regulators=path, targets=["FOS"], pairs=None)
    {'regulators': ['TP53', 'MYC'], 'targets': ['FOS'], 'pairs': None}
    """
    return {
        name: LISTS[name](value) if isinstance(value, str | os.PathLike) else value for name, value in given.items()
    }


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the number and the text of each line that is neither blank nor a comment."""
    check_file(path, wanted="the list must be a file with one name a line; in Python names can be given as a list")
    refuse_foreign(path)
    with readable(path), open_text(path) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip() and not line.lstrip().startswith("#"):
                yield number, line.strip()


def _unquoted(name: str) -> str:
    return name[1:-1].strip() if len(name) > 1 and name[0] == name[-1] == '"' else name
