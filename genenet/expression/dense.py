"""Expression as the steps after `prepare` compute with it."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

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
    from genenet.expression.blocks import is_sparse

    values = expression.X.toarray() if is_sparse(expression.X) else expression.X
    return np.ascontiguousarray(np.asarray(values).T, dtype=np.float64)
