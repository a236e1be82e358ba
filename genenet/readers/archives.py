"""Contents of zip archives and spreadsheets, which are not read, for the message that refuses them."""

import re
import zipfile
from html import unescape
from pathlib import Path

from genenet.errors import count, quote_some

MOST_BYTES = 1 << 20
"""Bytes of a part of a spreadsheet that are read."""
HIDDEN = re.compile(r"(^|/)(__MACOSX/|\.)|/$")
"""Files and folders that systems add to archives."""


def files_in(path: Path) -> list[str]:
    """List the files in a zip archive; none of one that is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [name for name in archive.namelist() if not HIDDEN.search(name)]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []


def sheets_in(path: Path) -> list[str]:
    """List the sheets of an Excel workbook (.xlsx); none of one that is damaged or older."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("xl/workbook.xml") as part:
            text = part.read(MOST_BYTES).decode("utf-8", "replace")
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, NotImplementedError, RuntimeError):
        return []
    return [unescape(name) for name in re.findall(r"<(?:\w+:)?sheet\b[^>]*?\bname=\"([^\"]*)\"", text)]


def advice_for_zip(path: Path) -> str:
    """Say what is in a zip archive, and how to take out a file."""
    files = files_in(path)
    if not files:
        return "is a zip archive; unpack it and give the matrix inside"
    if len(files) == 1:
        return f"is a zip archive of {quote_some(files)}; unpack it (unzip), and give that"
    several = f"{count(len(files), 'file')} ({quote_some(files)})"
    return f"is a zip archive of {several}; unpack it, and give the one with the matrix"


def advice_for_excel(path: Path) -> str:
    """Say which sheets a workbook has, and how to export one."""
    sheets = sheets_in(path)
    which = f" ({count(len(sheets), 'sheet')}: {quote_some(sheets)})" if sheets else ""
    what = "the sheet with the matrix" if len(sheets) > 1 else "the table"
    sheet = ", sheet_name=SHEET" if len(sheets) > 1 else ""
    return (
        f"is an Excel workbook{which}; write {what} as text, with pandas.read_excel(FILE{sheet})"
        ".to_csv('m.tsv', sep='\\t', index=False) for instance, since Excel saves numbers rounded as it shows them; "
        "then look for names that it made of genes such as SEPT1 (1-Sep): genenet check lists them"
    )
