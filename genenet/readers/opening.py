"""Opening of input files: the first bytes tell their kind, and failures become errors of one line."""

import bz2
import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Literal, cast

from genenet.errors import InputError, shorten, suggest
from genenet.readers.archives import advice_for_excel, advice_for_zip

Compression = Literal["gzip", "bz2"]

GZIP, BZIP2, ZIP, OLD_OFFICE = b"\x1f\x8b", b"BZh", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
HDF5, PARQUET, FEATHER = b"\x89HDF\r\n\x1a\n", b"PAR1", b"ARROW1"
OTHER_ARCHIVES = {
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"7z\xbc\xaf": "7z",
    b"\x04\x22\x4d\x18": "lz4",
    b"Rar!\x1a\x07": "rar",
    b"\x1f\x9d": "compress",
    b"LZIP": "lzip",
}
UNPACK = {
    "xz": "unxz",
    "zstd": "unzstd",
    "7z": "7z x",
    "lz4": "unlz4",
    "rar": "unrar x",
    "compress": "gunzip",
    "lzip": "lzip -d",
}
"""Commands that unpack them."""
NO_NAMES = (
    "which has no names; write a table in Python: pandas.DataFrame(array, index=genes, columns=samples).to_csv("
    "'matrix.tsv', sep='\\t')"
)
OTHER_PROGRAMS = {
    b"MATLAB ": "is a MATLAB file; write a table from MATLAB: writetable(T, 'matrix.txt', 'Delimiter', 'tab')",
    b"##fileformat=VCF": "is a VCF file of variants; give one value for each gene and sample",
    b"@HD\tVN:": "holds the reads of one sample (SAM); count those of each gene, and join the samples to one table",
    b"##gff-version": "is an annotation (GFF), not a matrix of values",
    b"<Header>": "is the RCC file of one lane of NanoString; join the lanes to one table, as nSolver exports it",
    b"!Checksum": "is an ADAT file of SomaScan; write its values as a table, in R with SomaDataIO::read_adat",
    b"#METABOLOMICS WORKBENCH": "is an mwTab file; give the lines between MS_METABOLITE_DATA_START and _END as a file",
    b"SQLite format 3": "is an SQLite database; export the table of values as text",
    **{
        bytes([0x80, version]): "is a Python pickle, which runs code when it is read; write the frame as text: "
        "frame.to_csv('matrix.tsv', sep='\\t')"
        for version in range(2, 6)
    },
}
"""Beginnings of files of other programs, and what to do about them."""
UTF32 = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
UTF16 = (b"\xff\xfe", b"\xfe\xff")
SNIFF_BYTES = 65_536
R_ENDINGS = (".rds", ".rdata", ".rda")
R_OBJECTS = (b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n", b"X\n\0\0", b"A\n2\n", b"A\n3\n", b"B\n\2\0", b"B\n\3\0")
R_ADVICE = "is an R object; write the matrix from R with write.table(x, file, sep = '\\t', quote = FALSE)"
GZIP_PACKING = 1_040
"""Highest compression ratio that gzip can reach (unpacked bytes for each packed byte)."""
MAX_PACKING = 500
"""A file with a higher compression ratio than this is suspected to be no table."""
LOOK_BYTES, MAX_UNPACKED = 1 << 24, 1 << 30
"""Unpacked bytes after which the ratio is first checked, and after which a suspected file is refused."""


def check_file(path: Path, *, or_folder: bool = False, wanted: str = "") -> None:
    """Refuse what is not a readable, non-empty file (or a folder); say what is wanted if there is no such file."""
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            if or_folder:
                return
            raise InputError(f"{path}: is a folder, not a file")
        if not stat.S_ISREG(kind):
            raise InputError(
                f"{path}: is a pipe or a device, which cannot be read twice; write its content to a file and give that"
            )
        with path.open("rb") as stream:
            if not stream.read(1):
                raise InputError(f"{path}: is empty")
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(_not_there(path) + (f"; {wanted}" if wanted else "")) from None
    except (OSError, ValueError) as error:  # ValueError: of a name with a NUL in it
        raise InputError(_unreadable(path, error)) from None


def _not_there(path: Path) -> str:
    if str(path) == "-":
        return "-: the standard input is not read; write the matrix to a file and give that"
    names: list[str] = []
    with suppress(OSError):
        names = [file.name for file in path.parent.iterdir()]
    where = "" if path.parent.is_dir() else f" (there is no folder {path.parent})"
    return f"{path}: no such file{where}{suggest(path.name, names)}"


def _unreadable(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, PermissionError):
        return f"{path}: permission denied; make it readable (chmod u+r) or copy it"
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"{shorten(str(path), quoted=False)}: cannot be read ({str(reason).lower()})"


def has_utf8_name(path: Path) -> bool:
    """Tell whether the name of a file is UTF-8, as pyarrow needs it; names of older systems may not be."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def first_bytes(path: Path) -> bytes:
    """Read enough of a file to tell what it is."""
    with path.open("rb") as stream:
        return stream.read(16)


def compression_of(path: Path) -> Compression | None:
    """Tell how a file is compressed from its first bytes; the ending of its name is often wrong."""
    start = first_bytes(path)
    if start.startswith(GZIP):
        return "gzip"
    return "bz2" if start.startswith(BZIP2) else None


def open_binary(path: Path) -> BinaryIO:
    """Open a file for reading, unpacked."""
    match compression_of(path):
        case "gzip":
            return cast(BinaryIO, gzip.open(path, "rb"))
        case "bz2":
            return cast(BinaryIO, bz2.open(path, "rb"))
        case None:
            return path.open("rb")


def open_text(path: Path, *, newline: str | None = None, errors: str = "strict") -> io.TextIOWrapper:
    """Open a text file for reading, unpacked, without its byte order mark."""
    return io.TextIOWrapper(open_binary(path), encoding="utf-8-sig", newline=newline, errors=errors)


@contextmanager
def readable(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn errors of reading, unpacking or decoding a file into an InputError of one line."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: is damaged or cut short ({_first_line(error)}); copy or download it again") from None
    except UnicodeDecodeError:
        raise InputError(not_utf8(Path(path))) from None
    except PermissionError:
        raise InputError(f"{path}: permission denied; make it readable (chmod u+r) or copy it") from None
    except OSError as error:
        if error.errno is None:  # raised by pyarrow for a compressed stream that is damaged
            raise InputError(
                f"{path}: is damaged or cut short ({_first_line(error)}); copy or download it again"
            ) from None
        raise InputError(f"{path}: cannot be read ({_first_line(error)}); copy or download it again") from None


def refuse_foreign(path: Path) -> None:
    """Refuse a file that is not a text table (Excel, zip, R object, PDF, ...), with advice."""
    with readable(path):
        _refuse_bomb(path)
    with readable(path), open_binary(path) as stream:
        start = stream.read(SNIFF_BYTES)
    advice = _zipped(path, start) or _foreign(start, path.name.lower())
    if advice:
        raise InputError(f"{path}: {advice}")


def _zipped(path: Path, start: bytes) -> str:
    """Advice for what is a zip archive: workbooks, arrays of NumPy, others."""
    name = path.name.lower()
    if start.startswith(OLD_OFFICE) or (
        start.startswith(ZIP) and (b"xl/" in start or name.endswith((".xlsx", ".xlsm")))
    ):
        return advice_for_excel(path)
    if not start.startswith(ZIP):
        return ""
    if b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet" in start or name.endswith(".ods"):
        return "is an OpenDocument spreadsheet; save its table as tab-separated text and check the names"
    if b".npy" in start:
        return f"is an archive of NumPy arrays, {NO_NAMES}"
    return advice_for_zip(path)


def _foreign(start: bytes, name: str) -> str:
    plain = name.removesuffix(".gz").removesuffix(".bz2")
    is_packed = plain.endswith(R_ENDINGS) and start.startswith((*OTHER_ARCHIVES, b"A\n", b"B\n"))
    if is_packed or start.startswith(R_OBJECTS):
        return R_ADVICE
    if start.startswith(GZIP) or start.startswith(BZIP2):
        return "is compressed twice; unpack it once (gunzip), and give what comes out"
    if start.startswith(b"\x93NUMPY"):
        return f"is a NumPy array, {NO_NAMES}"
    for magic, advice in OTHER_PROGRAMS.items():
        if start.startswith(magic):
            return advice
    if start.startswith(b"{\\rtf"):
        return "is a document (RTF), not a table; save it as plain text"
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:2].rstrip() in (b'{"', b"[{", b"[[", b"{", b"["):
        return "is JSON text, not a table; write a table with genes in rows and samples in columns"
    if start[257:262] == b"ustar":
        return "is a tar archive; unpack it (tar xf) and give the matrix inside"
    if start.startswith(b"%PDF"):
        return "is a PDF; take the table from where it was made"
    for magic, kind in OTHER_ARCHIVES.items():
        if start.startswith(magic):
            return f"is compressed with {kind}; unpack it ({UNPACK[kind]}), or compress it with gzip"
    if start[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html", b"<?xml")):
        return "is a web page (HTML), not a table; download the file itself"
    if start.startswith(UTF32):
        return "is UTF-32 text; save it as UTF-8"
    if start.startswith(UTF16):
        return "is UTF-16 text; save it as UTF-8"
    if b"\0" in start and plain.endswith(R_ENDINGS):
        return R_ADVICE
    if len(start) > 4 and (not any(start[1:200:2]) or not any(start[:200:2])):
        return "is UTF-16 text without a byte order mark; save it as UTF-8"
    if b"\0" in start:
        return (
            f"has a NUL byte at position {start.index(0):,}: it is damaged or no text file; give a text table or .h5ad"
        )
    return ""


def _refuse_bomb(path: Path) -> None:
    """Refuse a decompression bomb: a small file that unpacks to gigabytes of the same byte.

    Tables are packed to a third of their size, and those of zeros to a hundredth; gzip can pack to a thousandth, bzip2
    to much less.
    """
    kind = compression_of(path)
    if kind is None or (kind == "gzip" and path.stat().st_size * GZIP_PACKING < MAX_UNPACKED):
        return
    n_bytes, enough = 0, LOOK_BYTES
    with path.open("rb") as raw, gzip.open(raw) if kind == "gzip" else bz2.open(raw) as stream:
        while part := stream.read(1 << 20):
            n_bytes += len(part)
            if n_bytes < enough:
                continue
            if n_bytes < MAX_PACKING * raw.tell():
                return
            if n_bytes > MAX_UNPACKED:
                raise InputError(
                    f"{path}: unpacks to more than {MAX_PACKING} times its size, which no table does; unpack it and"
                    " look what it is"
                )
            enough = MAX_UNPACKED


def not_utf8(path: Path) -> str:
    """Word the error about a file that is not UTF-8, with the first line that is not."""
    with open_binary(path) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                byte = line[error.start]
                return f"{path}: line {number:,} is not UTF-8 text (byte 0x{byte:02x}); save it as UTF-8 text"
    return f"{path}: is not UTF-8 text; save it as UTF-8 text"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
