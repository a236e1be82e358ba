"""Checksums of files."""

import hashlib
from pathlib import Path

from genenet.paths import PathLike


def checksum(path: PathLike) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
