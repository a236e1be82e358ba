"""How a matrix differs from the one that a run was made from, where that lies beside the run's files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genenet.errors import InputError, count
from genenet.products.expression import dense_values
from genenet.products.fingerprint import fingerprint
from genenet.products.origin import ADVICE, DIFFERENCES, Origin, difference_of_names

if TYPE_CHECKING:
    from genenet.products.expression import Expression

OWN = "expression.h5ad"
"""Name of the matrix of a run."""


@contextmanager
def saying_how_it_changed(file: Path, origin: Origin, matrix: "Expression") -> Iterator[None]:
    """Say how a matrix differs from that of a file, if they are refused because of their matrices in this context.

    Parameters
    ----------
    file, origin
        A file of a run, and of which run it is.
    matrix
        The matrix that is given with it.

    Raises
    ------
    InputError
        As in the context, with the difference.
    """
    try:
        yield
    except InputError as error:
        if not any(DIFFERENCES[kind] in error.message for kind in ("samples", "matrix")):
            raise
        how = _how_it_changed(file, origin, matrix)
        raise InputError(error.message.replace(f"; {ADVICE}", f"{how}; {ADVICE}")) from None


def _how_it_changed(file: Path, origin: Origin, matrix: "Expression") -> str:
    """Say how a matrix differs from that beside the file, or that it was rounded; empty if nothing is known."""
    from genenet.files.intermediate import read_prepared

    own = Path(file).parent / OWN
    try:
        original = read_prepared(own) if own.is_file() else None
    except InputError:
        original = None
    of_run = None if original is None else fingerprint(original)
    if of_run == fingerprint(matrix):
        return ""  # another file is of another matrix
    if original is not None and of_run == origin.fingerprints.get("matrix"):
        return f" (compared with {own}, which is of the run: {_difference(original, matrix)})"
    values = dense_values(matrix)
    with np.errstate(over="ignore", invalid="ignore"):
        is_single = np.array_equal(values, values.astype(np.float32), equal_nan=True)
    if is_single and not np.array_equal(values, np.floor(values), equal_nan=True):
        return " (all values have the digits of single precision, float32, in which another program may store them)"
    return ""


def _difference(original: "Expression", matrix: "Expression") -> str:
    """Say how two matrices of the same genes differ: in samples, in values, in missing values, or in lists of genes."""
    names = difference_of_names("samples", original.obs_names, matrix.obs_names)
    if names:
        return names
    ours, theirs = dense_values(original), dense_values(matrix)
    n_missing = int(np.count_nonzero(np.isnan(ours) != np.isnan(theirs)))
    if n_missing:
        return f"{count(n_missing, 'value')} {'is' if n_missing == 1 else 'are'} missing in one of the two"
    apart = np.abs(np.nan_to_num(ours - theirs))
    n = int(np.count_nonzero(apart))
    if not n:
        return "regulators or targets differ"
    gene, sample = map(int, np.unravel_index(int(apart.argmax()), apart.shape))
    where = f"gene {original.var_names[gene]}, sample {original.obs_names[sample]}"
    return f"{count(n, 'value')} {'differs' if n == 1 else 'differ'}, by at most {apart.max():.2g} ({where})"
