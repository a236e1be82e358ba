"""A matrix with the tables of its samples and genes, and nothing else, with the names that these have in AnnData.

Importing anndata takes longer than reading and preparing a small matrix. What is read from text, or was selected from
an AnnData, needs nothing more than this class; `as_anndata` makes an AnnData of it for people.
"""

import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeGuard

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

MatrixLike: TypeAlias = "AnnData | BareMatrix"
"""A matrix as readers and `prepare` take it."""


@dataclass(eq=False)
class BareMatrix:
    """Values of genes in samples, and what is known about both.

    Attributes
    ----------
    X
        Values, array or scipy sparse, shape (n_samples, n_genes).
    obs, var
        Tables of the samples and the genes.
    uns
        Notes, under the key genenet.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> matrix = bare(np.zeros((1, 2)), pd.DataFrame(index=["s1"]), pd.DataFrame(index=["TP53", "MYC"]), {})
    >>> matrix.shape, list(matrix.var_names)
    ((1, 2), ['TP53', 'MYC'])
    >>> matrix[:, [1]].shape
    (1, 1)
    """

    X: Any
    obs: "pd.DataFrame"
    var: "pd.DataFrame"
    uns: dict[str, Any]

    raw: ClassVar[None] = None
    layers: ClassVar[Mapping[str, Any]] = {}
    is_view: ClassVar[bool] = False

    @property
    def n_obs(self) -> int:
        """Number of samples."""
        return len(self.obs)

    @property
    def n_vars(self) -> int:
        """Number of genes."""
        return len(self.var)

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of samples and genes."""
        return self.n_obs, self.n_vars

    def __getitem__(self, places: tuple[Any, Any]) -> "BareMatrix":
        """Take samples and genes, each by their positions or a slice."""
        samples, genes = places
        return replace(self, X=self.X[samples][:, genes], obs=self.obs.iloc[samples], var=self.var.iloc[genes])

    def copy(self) -> "BareMatrix":
        """Copy the values and the tables."""
        return replace(self, X=self.X.copy(), obs=self.obs.copy(), var=self.var.copy(), uns=dict(self.uns))

    @property
    def obs_names(self) -> "pd.Index":
        """Names of the samples."""
        return self.obs.index

    @property
    def var_names(self) -> "pd.Index":
        """Names of the genes."""
        return self.var.index


def bare(X: Any, obs: "pd.DataFrame", var: "pd.DataFrame", note: dict[str, Any]) -> BareMatrix:
    """Make a matrix of X, obs and var only, with a note in `uns["genenet"]`; names become texts."""
    return BareMatrix(X, _named_by_texts(obs), _named_by_texts(var), {"genenet": note})


def _named_by_texts(frame: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd

    frame = frame.copy(deep=False)
    if not pd.api.types.is_string_dtype(frame.index[frame.index.notna()]):
        frame.index = frame.index.astype(str)
    return frame


def is_anndata(data: object) -> "TypeGuard[AnnData]":
    """Whether something is an AnnData, which nothing is before anndata was imported.

    Examples
    --------
    >>> is_anndata([[1.0, 2.0]])
    False
    """
    anndata = sys.modules.get("anndata")
    return anndata is not None and isinstance(data, anndata.AnnData)


def as_bare(data: MatrixLike) -> BareMatrix | None:
    """The matrix without anndata, its values shared; None if it is an AnnData that has more than a `BareMatrix` holds.

    Examples
    --------
    >>> import numpy as np
    >>> from anndata import AnnData
    >>> notes = {"genenet": {"directed": False}}
    >>> as_bare(AnnData(np.zeros((2, 3)), uns=notes)).shape
    (2, 3)
    >>> as_bare(AnnData(np.zeros((2, 3)), uns=notes, obsm={"X_pca": np.zeros((2, 1))}))
    """
    if isinstance(data, BareMatrix):
        return data
    others: tuple[Mapping[str, Any], ...] = (data.layers, data.obsm, data.varm, data.obsp, data.varp)
    if data.raw is not None or data.X is None or data.isbacked or any(others) or set(data.uns) != {"genenet"}:
        return None
    return BareMatrix(data.X, data.obs, data.var, dict(data.uns))


def as_anndata(data: MatrixLike) -> "AnnData":
    """Make an AnnData of a matrix, if it is none; values are shared."""
    if isinstance(data, BareMatrix):
        return _anndata(data)
    return data


def sample_by_sample(data: BareMatrix) -> BareMatrix:
    """The matrix with the values of each sample side by side in memory, as AnnData usually has them.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> matrix = BareMatrix(np.zeros((2, 3), order="F"), pd.DataFrame(index=[*"ab"]), pd.DataFrame(index=[*"ABC"]), {})
    >>> sample_by_sample(matrix).X.flags.c_contiguous
    True
    """
    from genenet.readers.sparse_pieces import is_sparse, row_by_row

    return data if is_sparse(data.X) else replace(data, X=row_by_row(data.X))


def with_tables(
    data: MatrixLike, *, obs: "pd.DataFrame | None" = None, var: "pd.DataFrame | None" = None
) -> MatrixLike:
    """Replace the table of the samples, or that of the genes; the matrix itself is not changed."""
    obs, var = data.obs if obs is None else obs, data.var if var is None else var
    if isinstance(data, BareMatrix):
        return replace(data, obs=_named_by_texts(obs), var=_named_by_texts(var), uns=dict(data.uns))
    if data.raw is None and not data.is_view:  # the usual case, in which the values need not be copied
        return _anndata(data, obs=obs, var=var, layers=dict(data.layers))
    joined = data.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about duplicate names, which `prepare` reports
        joined.obs, joined.var = obs, var
    return joined


def _anndata(data: MatrixLike, **parts: Any) -> "AnnData":
    """Make an AnnData of a matrix and other parts, without warnings about duplicate names, which `prepare` reports."""
    from anndata import AnnData

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return AnnData(data.X, **{"obs": data.obs, "var": data.var, "uns": dict(data.uns), **parts})
