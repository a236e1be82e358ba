"""The prepared matrix as later steps see it: its values, the notes of `prepare`, and the pairs to test."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from genenet.errors import InputError, quote_some
from genenet.products.prepared import Prepared

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

    from genenet.readers.bare import BareMatrix

Expression: TypeAlias = "AnnData | BareMatrix | Prepared"
"""The prepared matrix as steps take it: in memory, or read from its file."""
TABLES = ("findings", "dropped", "dropped_samples")
"""Notes that are tables of pandas, which takes a third of a second to import."""


@dataclass(frozen=True)
class Notes:
    """Notes of the step `prepare` about a matrix, which `uns["genenet"]` holds.

    Attributes
    ----------
    source, orientation
        Name of the file; what its rows and columns were, if it did not say so itself.
    layer, use_raw, obs_query, var_query, name_column, name_separator, name_part, sample_column, normalisation
        The settings of these names.
    group_by, group
        Sample attribute and the level of it that the samples are of, in a run by groups.
    strata, small_strata
        Sample attributes that make strata, and what is done about small ones; none if there are no strata.
    directed
        Whether regulators were given, so that edges point from regulator to target.
    missing_regulators, missing_targets, missing_keep, missing_control_genes
        Names in these lists that are not in the matrix; None if there was no list of targets, of genes to keep, or of
        control genes.
    pairs
        The only pairs to test, columns gene_a and gene_b; None if all are.
    missing
        Treatment of missing values: `policy`, and `n_values` of `n_genes`; None if there were none.
    whitening
        Treatment of related samples: `n_control_genes` whose `control_components` were taken out, and the
        `shrinkage` of the covariance of the samples (0 without whitening); None without any.
    aggregation
        Aggregation of cells: `method`, `by`, `n_cells`, `n_groups`, the `smallest` and `largest` number of cells of a
        group, `values` (sums or means); None without any.
    findings
        Findings of the look at the matrix: columns weight (refused, warned, noted), kind, message.
    dropped, dropped_samples
        Columns gene (sample) and reason; None for a matrix that did not go through `prepare`.
    """

    source: str = ""
    orientation: str = ""
    layer: str = ""
    use_raw: bool = False
    obs_query: str = ""
    var_query: str = ""
    name_column: str = ""
    name_separator: str = ""
    name_part: int = 0
    sample_column: str = ""
    normalisation: str = ""
    group_by: str = ""
    group: str = ""
    strata: tuple[str, ...] = ()
    small_strata: str = "error"
    directed: bool = False
    missing_regulators: tuple[str, ...] = ()
    missing_targets: tuple[str, ...] | None = None
    missing_keep: tuple[str, ...] | None = None
    missing_control_genes: tuple[str, ...] | None = None
    pairs: "pd.DataFrame | None" = None
    missing: "dict[str, Any] | None" = None
    whitening: "dict[str, Any] | None" = None
    aggregation: "dict[str, Any] | None" = None
    findings: "pd.DataFrame | None" = None
    dropped: "pd.DataFrame | None" = None
    dropped_samples: "pd.DataFrame | None" = None

    @classmethod
    def of(cls, expression: Expression, *, tables: bool = True) -> "Notes":
        """Read the notes of a matrix; one that did not go through `prepare` has the defaults.

        Parameters
        ----------
        expression
            The matrix.
        tables
            Whether `TABLES` are read, too.

        Examples
        --------
        >>> from anndata import AnnData
        >>> Notes.of(AnnData(np.zeros((4, 2)), uns={"genenet": {"directed": True}})).directed
        True
        """
        found = expression.uns.get("genenet", {})
        names = [field.name for field in fields(cls) if tables or field.name not in TABLES]
        return cls(**{name: _plain(found[name]) for name in names if name in found})

    @property
    def has_targets(self) -> bool:
        """Whether targets were given, so that only they may be regulated."""
        return self.missing_targets is not None

    def dropped_by_reason(self) -> dict[str, list[str]]:
        """Names of the genes that were dropped, by the reason."""
        genes: dict[str, list[str]] = {}
        if self.dropped is not None:
            for gene, reason in zip(self.dropped["gene"], self.dropped["reason"], strict=True):
                genes.setdefault(str(reason), []).append(str(gene))
        return genes


def _plain(value: Any) -> Any:
    """Convert the array types that files give back to Python's own."""
    if isinstance(value, np.ndarray):
        return tuple(map(str, value))
    return value.item() if isinstance(value, np.generic) else value


def dense_values(expression: Expression) -> NDArray[np.float64]:
    """Values as a dense array, shape (n_genes, n_samples), each gene's samples side by side in memory.

    Examples
    --------
    >>> from anndata import AnnData
    >>> dense_values(AnnData(np.array([[1.0, 2.0], [3.0, 4.0]]))).tolist()
    [[1.0, 3.0], [2.0, 4.0]]
    """
    from genenet.readers.sparse_pieces import dense

    values = dense(expression.X)
    if values.dtype != np.float64 or values.T.flags.c_contiguous:
        return np.ascontiguousarray(values.T, dtype=np.float64)
    from genenet.kernels.threads import transposed

    return transposed(values)


def complete_values(expression: Expression) -> NDArray[np.float64]:
    """Values as `dense_values` gives them, where none may be missing.

    Raises
    ------
    InputError
        If a value is missing.
    """
    values = dense_values(expression)
    incomplete = np.isnan(values).any(axis=1)
    if incomplete.any():
        genes = list(np.asarray(expression.var_names)[incomplete])
        raise InputError(
            f"{len(genes):,} of {len(values):,} genes have missing values ({quote_some(genes, 3)}), and complete genes "
            "are needed here; prepare the matrix with prepare.missing: impute_median, drop_genes or drop_samples"
        )
    return values


def tested(
    expression: Expression,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_] | None, NDArray[np.int32] | None]:
    """Find which pairs are tested: regulators, targets and listed pairs in the form that `Bins` has.

    Raises
    ------
    InputError
        If the lists leave no pair.
    """
    n_genes, notes = expression.n_vars, Notes.of(expression, tables=False)
    regulator, targets = flags_of_lists(expression)
    if regulator is None:
        regulator = np.ones(n_genes, bool)
    pairs = None
    if notes.pairs is not None:
        import pandas as pd

        a, b = (expression.var.index.get_indexer(pd.Index(notes.pairs[name])) for name in ("gene_a", "gene_b"))
        target = np.ones(n_genes, bool) if targets is None else targets
        fits = (a >= 0) & (b >= 0) & ((regulator[a] & target[b]) | (regulator[b] & target[a]))
        pairs = np.unique(np.sort(np.column_stack([a, b])[fits], axis=1), axis=0).astype(np.int32)
        if not len(pairs):
            raise InputError(
                f"none of the {len(a):,} pairs of the list is of a regulator and a target; change one of the lists"
            )
    elif targets is not None and not (targets & (regulator.sum() - regulator > 0)).any():
        raise InputError("the only target is the only regulator: no pair is left; change one of the lists")
    return regulator, targets, pairs


def flags_of_lists(expression: Expression) -> tuple[NDArray[np.bool_] | None, NDArray[np.bool_] | None]:
    """Which genes are in the lists of regulators and of targets, shape (n_genes,) each; None without such a list."""
    notes = Notes.of(expression, tables=False)
    regulator = _flags(expression, "regulator") if notes.directed else None
    return regulator, _flags(expression, "target") if notes.has_targets else None


def _flags(expression: Expression, name: str) -> NDArray[np.bool_] | None:
    """A column of truth values of the genes; None if there is none of this name."""
    columns: Any = expression.genes.columns if isinstance(expression, Prepared) else expression.var
    return np.asarray(columns[name], bool) if name in columns else None
