"""Files are written under a temporary name and renamed when they are whole."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from genenet.errors import InputError
from genenet.paths import PathLike


@contextmanager
def atomic(path: PathLike) -> Iterator[Path]:
    """Give a temporary name beside `path`; rename it when the block ends well, remove it when it does not.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with atomic(folder / "genes.txt") as partial:
    ...     _ = partial.write_text("ACTB")
    >>> [file.name for file in folder.iterdir()]
    ['genes.txt']
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays at the end: writers choose compression by it.
    partial = path.with_name(f".{secrets.token_hex(4)}.partial.{path.name}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _made_by(step: str, path: PathLike) -> Iterator[None]:
    """Turn any failure to read an intermediate file into a message that says which step makes it."""
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist; run `genenet {step}` first") from error
    except MemoryError:
        raise
    except Exception as error:  # libraries raise anything at a damaged file
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"{path} is not a file made by `genenet {step}`, or is damaged ({reason}); make it again"
        ) from error


def write_json(content: dict[str, Any], path: PathLike) -> None:
    """Write a JSON file for people to read too."""
    with atomic(path) as partial:
        partial.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
