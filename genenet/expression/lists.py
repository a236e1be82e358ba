"""Lists of names, such as the regulators."""

import os
from pathlib import Path

from genenet.errors import InputError
from genenet.expression.files import check_file, open_text, readable, refuse_foreign


def read_names(path: str | os.PathLike[str]) -> list[str]:
    r"""Read names of genes, one a line.

    Blank lines and lines that start with `#` are skipped, blanks and double quotes around a name are taken off, and a
    name that occurs twice counts once. Plain or compressed by gzip or bzip2.

    Raises
    ------
    InputError
        If the file cannot be read, holds no name, or has more than one column.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "tfs.txt"
    >>> _ = path.write_text("# transcription factors\nTP53\nMYC\nTP53\n")
    >>> read_names(path)
    ['TP53', 'MYC']
    """
    path = Path(path)
    check_file(path)
    refuse_foreign(path)
    names: dict[str, None] = {}
    with readable(path), open_text(path) as lines:
        for number, line in enumerate(lines, start=1):
            name = line.strip()
            if not name or name.startswith("#"):
                continue
            if "\t" in name:
                raise InputError(
                    f"{path}: line {number:,} has {name.count(chr(9)) + 1} columns; "
                    "give one name a line and nothing else"
                )
            names[name[1:-1] if len(name) > 1 and name[0] == name[-1] == '"' else name] = None
    if not names:
        raise InputError(f"{path}: holds no names; give one name a line")
    return list(names)
