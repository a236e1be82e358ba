"""Expression as the steps after `prepare` compute with it."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genenet.errors import InputError

if TYPE_CHECKING:
    from anndata import AnnData


def dense_values(expression: "AnnData") -> NDArray[np.float64]:
    """Values as a dense array, shape (n_genes, n_samples), each gene's samples side by side in memory.

    Examples
    --------
    >>> from anndata import AnnData
    >>> dense_values(AnnData(np.array([[1.0, 2.0], [3.0, 4.0]]))).tolist()
    [[1.0, 3.0], [2.0, 4.0]]
    """
    from genenet.readers.sparse_pieces import is_sparse

    values = expression.X.toarray() if is_sparse(expression.X) else expression.X
    return np.ascontiguousarray(np.asarray(values).T, dtype=np.float64)


def tested(
    expression: "AnnData",
) -> tuple[NDArray[np.bool_], NDArray[np.bool_] | None, NDArray[np.int32] | None]:
    """Which pairs are tested: regulators, targets and pairs as `Bins` has them, from the lists that `prepare` noted.

    Raises
    ------
    InputError
        If the lists leave no pair.
    """
    var, note = expression.var, expression.uns.get("genenet", {})
    directed = "regulator" in var and note.get("directed", False)
    regulator = var["regulator"].to_numpy(bool) if directed else np.ones(len(var), bool)
    targets = var["target"].to_numpy(bool) if "target" in var and "missing_targets" in note else None
    pairs = None
    if "pairs" in note:
        a, b = (expression.var_names.get_indexer(note["pairs"][name]) for name in ("gene_a", "gene_b"))
        target = np.ones(len(var), bool) if targets is None else targets
        fits = (a >= 0) & (b >= 0) & ((regulator[a] & target[b]) | (regulator[b] & target[a]))
        pairs = np.unique(np.sort(np.column_stack([a, b])[fits], axis=1), axis=0).astype(np.int32)
        if not len(pairs):
            raise InputError(
                f"none of the {len(a):,} pairs of the list is of a regulator and a target; change one of the lists"
            )
    elif targets is not None and not (targets & (regulator.sum() - regulator > 0)).any():
        raise InputError("the only target is the only regulator: no pair is left; change one of the lists")
    return regulator, targets, pairs


def is_directed(expression: "AnnData") -> bool:
    """Whether regulators were given, so that edges point from regulator to target."""
    return bool(expression.uns.get("genenet", {}).get("directed", False))
