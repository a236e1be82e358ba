"""AnnData in HDF5: writing, where a full disk ends in an error and not in a crash of the library; reading of notes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import h5py
    from anndata import AnnData

PARTS = ("obs", "var", "obsm", "varm", "obsp", "varp", "layers", "uns")
MAX_METADATA = 1 << 20


def write_h5ad(data: "AnnData", path: Path) -> None:
    """Write AnnData as .h5ad, as its method `write_h5ad` does.

    Raises
    ------
    OSError
        If the disk is full, a quota is reached, or the system refuses to write for another reason.
    """
    with new_hdf5(path) as (file, _):
        write_parts(data, file)


@contextmanager
def new_hdf5(path: Path) -> "Iterator[tuple[h5py.File, Callable[[], None]]]":
    """Open a new HDF5 file; yield it, and a function that raises the first error of writing, if there was one.

    The HDF5 library crashes if it cannot write its buffers when the process ends. So errors are hidden from it: `_Sink`
    keeps the first one until the file is closed, or the function is called.
    """
    import h5py

    with _Sink(path) as sink:
        with h5py.File(sink, "w") as file:
            yield file, sink.raise_error
        sink.raise_error()


def read_notes(path: Path) -> dict[str, Any]:
    """Read `uns["genenet"]` of an .h5ad file, without its values; empty if there is none, or it cannot be read."""
    import h5py
    from anndata.io import read_elem

    try:
        with h5py.File(path, "r") as file:
            return dict(read_elem(file["uns"]["genenet"]))
    except Exception:  # anything, since the file may be damaged, or made by another program
        return {}


def write_parts(data: "AnnData", file: "h5py.File") -> None:
    """Write the parts of AnnData into a file."""
    from anndata.io import write_elem

    data.strings_to_categoricals()
    if data.raw is not None:
        data.strings_to_categoricals(data.raw.var)
    root = file["/"]
    root.attrs["encoding-type"], root.attrs["encoding-version"] = "anndata", "0.1.0"
    if data.X is not None:
        write_elem(root, "X", data.X)
    if data.raw is not None:
        write_elem(root, "raw", data.raw)
    for name in PARTS:
        part = getattr(data, name)
        write_elem(root, name, part if name in ("obs", "var") else dict(part))


class _Sink(FileIO):
    """A file that keeps errors until `raise_error`, and gives back what could not be written as long as it is open.

    HDF5 reads its metadata again, which it writes in pieces of at most `MAX_METADATA` bytes, but not the numbers of a
    matrix; so larger pieces are not kept.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "w+")
        self._error: OSError | None = None
        self._lost: dict[int, bytes] = {}

    def write(self, content: Any) -> int:
        """Write everything, or remember that this failed."""
        piece = memoryview(content).cast("B")
        start, rest = self.tell(), piece
        try:
            while rest and self._error is None:
                rest = rest[super().write(rest) or 0 :]
        except OSError as error:
            self._error = error
        if rest:
            if len(piece) <= MAX_METADATA:
                self._lost[start] = bytes(piece)
            self.seek(start + len(piece))
        return len(piece)

    def readinto(self, buffer: Any) -> int:
        """Read what was written, also if it did not reach the disk."""
        target = memoryview(buffer).cast("B")
        start = self.tell()
        n_read = super().readinto(target) or 0
        if self._error is None:
            return n_read
        target[n_read:] = bytes(len(target) - n_read)
        for place, piece in self._lost.items():
            first, last = max(place, start), min(place + len(piece), start + len(target))
            if first < last:
                target[first - start : last - start] = piece[first - place : last - place]
        self.seek(start + len(target))
        return len(target)

    def truncate(self, size: int | None = None) -> int:
        """Set the size of the file."""
        try:
            return super().truncate(size)
        except OSError as error:
            self._error = self._error or error
            return size or 0

    def raise_error(self) -> None:
        """Raise the first error of writing, if there was one."""
        if self._error is not None:
            raise self._error
