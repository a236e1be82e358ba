"""The report page is tied to its run by what is in the page itself: no manifest can list it, as it shows the manifest.

It has its own checksum, in its last line but one, and that of the manifest of the run, in its head.
"""

import hashlib
import re
from pathlib import Path

from genenet.files.checksums import checksum

END = b"</html>\n"
_CHECKSUM = re.compile(rb"<!-- sha256 of the lines above: ([0-9a-f]{64}) -->\n" + re.escape(END))
_LONGEST = 120
_MANIFEST = re.compile(rb'<meta name="genenet-manifest" content="([0-9a-f]{64})">')
_HEAD = 2_000
"""Bytes at the start of a page in which the checksum of the manifest is."""


def with_checksum(page: str) -> str:
    r"""Put the checksum of a page into its last line but one.

    Examples
    --------
    >>> with_checksum("<html>\n</html>\n").splitlines()[1][:40]
    '<!-- sha256 of the lines above: b53a5538'
    """
    body = page.removesuffix(END.decode())
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f"{body}<!-- sha256 of the lines above: {digest} -->\n{END.decode()}"


def is_as_written(page: Path) -> bool:
    """Whether a page is complete and as it was written."""
    content = page.read_bytes()
    found = _CHECKSUM.search(content, max(0, len(content) - _LONGEST))
    return found is not None and hashlib.sha256(content[: found.start()]).hexdigest().encode() == found[1]


def is_of_another_run(page: Path, manifest: Path) -> bool:
    """Whether both are there, and the page was made, and not changed since, of another run than the manifest is of."""
    return page.is_file() and manifest.is_file() and is_as_written(page) and not is_page_of(page, manifest)


def is_page_of(page: Path, manifest: Path) -> bool:
    """Whether a page was made of the run that a manifest is of."""
    with page.open("rb") as file:
        found = _MANIFEST.search(file.read(_HEAD))
    return found is not None and found[1].decode() == checksum(manifest)
