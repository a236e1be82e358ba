"""Unpacking of a large gzip file in a thread, from the start of a command on, while modules are imported.

Imports take a second of one CPU, in which another one would wait. A file that cannot be unpacked here, or is another by
the time that it is read, is unpacked by its reader, which words the error.
"""

import os
import queue
import stat
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

GZIP = b"\x1f\x8b"
LEAST_BYTES = 16 << 20
"""Size of a file from which on this is worth a thread."""
PACKED_BYTES, BLOCK_BYTES = 1 << 20, 4 << 20
BLOCKS_AHEAD = 64
"""Blocks that are kept until they are read, 256 MB."""
OF_GZIP = 31
"""Window of zlib for a header and a checksum as gzip has them."""
POLL_SECONDS = 0.2


class UnpackingError(Exception):
    """A file cannot be unpacked here."""


class Unpacked:
    """The content of a gzip file, block by block, unpacked in a thread."""

    def __init__(self, path: Path) -> None:
        self.path, self.state = path, _state_of(path)
        self._blocks: queue.Queue[bytes | None] = queue.Queue(BLOCKS_AHEAD)
        self._is_wanted = True
        self._is_complete = False
        self._thread = threading.Thread(target=self._unpack, name="genenet-unpacking", daemon=True)
        self._thread.start()

    def __enter__(self) -> "Unpacked":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the thread, whatever is left, and free the blocks."""
        self._is_wanted = False
        with suppress(queue.Empty):
            while True:
                self._blocks.get_nowait()
        self._thread.join()
        self._blocks = queue.Queue(BLOCKS_AHEAD)

    def read(self, _: int = -1) -> bytes:
        """Give the next block, empty after the last one.

        Raises
        ------
        UnpackingError
            If the file is damaged or cut short, or could not be read.
        """
        block = self._blocks.get()
        if block is not None:
            return block
        if not self._is_complete:
            raise UnpackingError
        self._blocks.put(None)  # for another call
        return b""

    def _unpack(self) -> None:
        with suppress(OSError, EOFError, zlib.error):
            for block in unpacked(self.path):
                if not self._put(block):
                    return
            self._is_complete = True
        self._put(None)

    def _put(self, block: bytes | None) -> bool:
        """Wait for a place in the queue; tell whether the block is still wanted."""
        while self._is_wanted:
            with suppress(queue.Full):
                self._blocks.put(block, timeout=POLL_SECONDS)
                return True
        return False


def unpacked(path: Path) -> Iterator[bytes]:
    r"""Yield the content of a gzip file of one or several members, in blocks.

    Examples
    --------
    >>> import gzip, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "m.gz"
    >>> _ = path.write_bytes(gzip.compress(b"A\n") + gzip.compress(b"B\n"))
    >>> list(unpacked(path))
    [b'A\n', b'B\n']
    """
    with path.open("rb") as file:
        unpacker = zlib.decompressobj(OF_GZIP)
        packed = file.read(PACKED_BYTES)
        while True:
            block = unpacker.decompress(packed, BLOCK_BYTES)
            if block:
                yield block
            packed = unpacker.unconsumed_tail
            if unpacker.eof:
                packed = unpacker.unused_data or file.read(PACKED_BYTES)
                if not packed:
                    return
                unpacker = zlib.decompressobj(OF_GZIP)
            elif not packed and len(block) < BLOCK_BYTES:
                packed = file.read(PACKED_BYTES)
                if not packed:
                    raise EOFError


_begun: list[Unpacked] = []


def begin(path: Path) -> None:
    """Begin to unpack a file, if it is a large one of gzip."""
    with suppress(OSError, ValueError):  # its reader reports them
        if stat.S_ISREG(path.stat().st_mode) and path.stat().st_size >= LEAST_BYTES:
            with path.open("rb") as file:
                if file.read(2) == GZIP:
                    end()
                    _begun.append(Unpacked(path))


def begun(path: Path) -> Unpacked | None:
    """Take what was begun to be unpacked, once; None if that was another file, or the file was changed."""
    for found in _begun:
        with suppress(OSError):
            if (found.path, found.state) == (path, _state_of(path)):
                _begun.remove(found)
                return found
    return None


def end() -> None:
    """End what was begun and not taken."""
    while _begun:
        _begun.pop().close()


def _state_of(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written or replaced."""
    found = os.stat(path)
    return found.st_ino, found.st_size, found.st_mtime_ns
