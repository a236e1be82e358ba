"""The checksum of the report page, which is in the page itself: no manifest has it, as the page is made after that."""

import hashlib
import re
from pathlib import Path

END = b"</html>\n"
_CHECKSUM = re.compile(rb"<!-- sha256 of the lines above: ([0-9a-f]{64}) -->\n" + re.escape(END))
_LONGEST = 120


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
