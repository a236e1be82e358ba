"""Strata: groups of samples, such as batches, within which genes are binned and samples permuted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import FEWEST_IN_STRATUM, SmallStrata
from genenet.errors import InputError, count, quote_some
from genenet.products.expression import Expression, Notes
from genenet.products.sample_attributes import sample_attribute

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

MOST_STRATA, FEWEST_SAMPLES = 20, FEWEST_IN_STRATUM
"""Largest number of strata, and smallest number of samples in one."""
POOLED = "other"
"""Level that small strata are pooled into."""


@dataclass(frozen=True, eq=False)
class Strata:
    """The stratum of each sample.

    Attributes
    ----------
    codes
        int64, shape (n_samples,): number of each sample's stratum, 0 .. n_strata - 1, none of them empty.
    levels
        Name of each stratum.
    """

    codes: NDArray[np.int64]
    levels: tuple[str, ...] = ()

    @classmethod
    def of(cls, codes: NDArray[np.int64]) -> "Strata":
        """Make strata without names from the number of each sample's stratum.

        Examples
        --------
        >>> strata = Strata.of(np.array([1, 0, 1]))
        >>> strata.members.tolist(), strata.starts.tolist()
        ([1, 0, 2], [0, 1, 3])
        """
        return cls(codes, tuple(map(str, range(int(codes.max(initial=-1)) + 1))))

    @property
    def n(self) -> int:
        """Number of strata."""
        return len(self.sizes)

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Number of samples of each stratum."""
        return np.bincount(self.codes).astype(np.int64)

    @cached_property
    def members(self) -> NDArray[np.int64]:
        """The samples, stratum by stratum, shape (n_samples,)."""
        return np.argsort(self.codes, kind="stable").astype(np.int64)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where each stratum starts in members, shape (n_strata + 1,)."""
        return np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.int64)

    def parts(self) -> "list[NDArray[np.int64]]":
        """The samples of each stratum."""
        return np.split(self.members, self.starts[1:-1])


def read_strata(
    obs: "pd.DataFrame",
    columns: str | Sequence[str],
    *,
    small: SmallStrata = "error",
    min_samples: int = FEWEST_SAMPLES,
    most: int | None = MOST_STRATA,
    warn: bool = True,
) -> Strata:
    """Read strata from one or several sample attributes: samples of a stratum agree in all of them.

    Parameters
    ----------
    obs
        Sample attributes, one row a sample.
    columns
        Names of attributes.
    small
        Treatment of strata with fewer than `min_samples` samples: `error` refuses them, `pool` joins them into one.
    min_samples
        Smallest number of samples of a stratum.
    most
        Largest number of strata; None for any number, as of pairs of samples.
    warn
        Whether to warn of strata that are pooled.

    Raises
    ------
    InputError
        If a column is not there, lacks values, or holds numbers that are no groups; if there are too many strata, one
        for each sample, or strata that are too small.

    Examples
    --------
    >>> import pandas as pd
    >>> obs = pd.DataFrame({"batch": ["x", "y"] * 20, "sex": ["f"] * 20 + ["m"] * 20})
    >>> strata = read_strata(obs, ["batch", "sex"])
    >>> strata.levels, strata.sizes.tolist()
    (('x, f', 'x, m', 'y, f', 'y, m'), [10, 10, 10, 10])
    """
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    attributes = " and ".join(names)
    texts = _texts(obs, names, most)
    levels, codes = np.unique(texts, return_inverse=True)
    if len(levels) == len(obs) > 1:
        raise InputError(
            f"prepare.strata: each of the {len(obs):,} samples has its own {attributes}"
            f" ({quote_some(list(levels), 3)}), so that nothing can be compared within strata; name an attribute that"
            " groups of samples share"
        )
    codes, levels = _pooled(codes.astype(np.int64), levels, attributes, small, min_samples, warn=warn)
    if most is not None and len(levels) > most:
        raise InputError(
            f"prepare.strata: {attributes} makes {len(levels):,} strata, at most {most} are possible;"
            " name fewer attributes, join levels in a column of their own, or pool small ones (prepare.small_strata:"
            " pool)"
        )
    return Strata(codes, tuple(map(str, levels)))


def strata_of(expression: Expression) -> Strata | None:
    """Strata of a prepared matrix; None if it has none, or only one.

    Examples
    --------
    >>> from anndata import AnnData
    >>> strata_of(AnnData(np.zeros((4, 2)))) is None
    True
    """
    notes = Notes.of(expression, tables=False)
    if not notes.strata:
        return None
    # `prepare` has warned of strata that are pooled.
    small: SmallStrata = "pool" if notes.small_strata == "pool" else "error"
    strata = read_strata(expression.obs, notes.strata, small=small, warn=False)
    return strata if strata.n > 1 else None


def in_strata(expression: "AnnData", strata: Strata) -> "AnnData":
    """Copy a matrix with these strata in the place of its own; with a single stratum it has none.

    Parameters
    ----------
    expression
        A matrix, obs = samples.
    strata
        Strata of its samples.

    Examples
    --------
    >>> from anndata import AnnData
    >>> codes = np.repeat([0, 1], 8)
    >>> found = strata_of(in_strata(AnnData(np.zeros((16, 2))), Strata(codes, ("a", "b"))))
    >>> found.n, bool((found.codes == codes).all())
    (2, True)
    """
    copied = expression.copy()
    notes = dict(copied.uns.get("genenet", {}))
    notes.pop("strata", None)
    if strata.n > 1:
        # Numbered, so that strata keep their order.
        copied.obs["stratum"] = [f"stratum {code:06d}" for code in strata.codes]
        notes["strata"] = np.array(["stratum"], dtype=object)
        notes["small_strata"] = "error"
    copied.uns["genenet"] = notes
    return copied


def varying_parts(
    values: NDArray[np.float64], strata: Strata
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]]:
    """Yield the samples of each stratum, the genes that vary among them, and the values of both.

    Parameters
    ----------
    values
        Shape (n_genes, n_samples).
    strata
        Strata of the samples.

    Examples
    --------
    >>> values = np.array([[1.0, 3.0, 5.0, 5.0], [0.0, 1.0, 2.0, 3.0]])
    >>> [(part.tolist(), genes.tolist()) for part, genes, _ in varying_parts(values, Strata.of(np.array([0, 0, 1, 1])))]
    [([0, 1], [0, 1]), ([2, 3], [1])]
    """
    for samples in strata.parts():
        part = np.ascontiguousarray(values[:, samples])
        varying = np.flatnonzero(part.min(axis=1) < part.max(axis=1))
        yield samples, varying, part[varying]


def standardised(values: NDArray[np.float64], strata: Strata | None, *, ranks: bool = False) -> NDArray[np.float64]:
    """Standardise the values (or mid-ranks) of each gene to mean 0 and variance 1, within strata if there are any.

    The mean product of two genes is then their correlation, or the mean of those within strata by number of samples. A
    gene is 0 in a stratum in which it does not vary.

    Parameters
    ----------
    values
        Shape (n_genes, n_samples); every gene varies.
    strata
        The strata.
    ranks
        Standardise mid-ranks instead of values.

    Examples
    --------
    >>> values = np.array([[1.0, 3.0, 101.0, 103.0]])
    >>> standardised(values, Strata.of(np.array([0, 0, 1, 1]))).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """
    if strata is not None:
        scores = np.zeros_like(values)
        for samples, varying, part in varying_parts(values, strata):
            scores[varying[:, None], samples] = standardised(part, None, ranks=ranks)
        return scores
    from genenet.kernels.ranks import rank_scores  # compiled code, which names of strata do not need
    from genenet.kernels.weights import z_scores

    scores = np.empty_like(values)
    (rank_scores if ranks else z_scores)(values, scores)
    return scores


def check_crossed(strata: Strata, groups: NDArray[Any], *, strata_name: str, group_name: str) -> None:
    """Refuse groups of samples that cannot be compared within strata, as each stratum has samples of one group only.

    Parameters
    ----------
    strata
        The strata.
    groups
        Label of the group of each sample, shape (n_samples,).
    strata_name, group_name
        The attributes that they come from, for the message.

    Raises
    ------
    InputError
        If no stratum has samples of two groups.

    Examples
    --------
    >>> strata = Strata.of(np.array([0, 0, 1, 1]))
    >>> check_crossed(strata, np.array(["a", "b", "a", "a"]), strata_name="batch", group_name="tissue")
    >>> check_crossed(strata, np.array(["a", "a", "b", "b"]), strata_name="batch", group_name="tissue")
    Traceback (most recent call last):
    genenet.errors.InputError: within each of the 2 strata of batch all samples are of the same tissue: what differs \
between tissue cannot be told from what differs between batch; choose other strata, or none
    """
    if strata_name == group_name:
        raise InputError(f"{strata_name} is both the groups and the strata; choose other strata, or none")
    codes = np.unique(np.asarray(groups).astype(str), return_inverse=True)[1]
    if all(len(np.unique(codes[part])) == 1 for part in strata.parts()):
        strata_count = f"each of the {strata.n:,} strata" if strata.n > 1 else "the only stratum"
        raise InputError(
            f"within {strata_count} of {strata_name} all samples are of the same {group_name}: what differs between"
            f" {group_name} cannot be told from what differs between {strata_name}; choose other strata, or none"
        )


def _texts(obs: "pd.DataFrame", names: Sequence[str], most: int | None) -> NDArray[np.str_]:
    """Name the stratum of each sample: its levels of all attributes, joined."""
    if not names or "" in names:
        raise InputError("prepare.strata: no sample attribute is named; name one or several columns of obs")
    twice = [name for at, name in enumerate(names) if name in names[:at]]
    if twice:
        raise InputError(f"prepare.strata names {quote_some(twice)} twice; name each sample attribute once")
    parts = [_text_of(obs, name, most) for name in names]
    return np.array([", ".join(levels) for levels in zip(*parts, strict=True)], dtype=np.str_)


def _text_of(obs: "pd.DataFrame", name: str, most: int | None) -> list[str]:
    """Levels of one attribute as text."""
    column = sample_attribute(obs, name, "" if len(obs.columns) else "give a table of them (--table)")
    if getattr(column, "ndim", 1) != 1:
        raise InputError(
            f"prepare.strata: {name} is the name of {column.shape[1]} sample attributes; give each its own name"
        )
    texts = [str(value).strip() for value in column.astype(object)]
    missing = column.isna().to_numpy() | np.array([text == "" for text in texts], bool)
    if missing.any():
        samples = [str(sample) for sample in obs.index[missing]]
        raise InputError(
            f"prepare.strata: {len(samples):,} of {count(len(obs), 'sample')}"
            f" {'has' if len(samples) == 1 else 'have'} no"
            f" {name} ({quote_some(samples)}); give them one (texts such as nan and None are read as missing),"
            " or leave them out with prepare.obs_query"
        )
    _check_groups(column, name, most)
    return texts


def _check_groups(column: "pd.Series[Any]", name: str, most: int | None) -> None:
    """Refuse numbers that are measured, such as an age: they are no groups."""
    kind = getattr(column.dtype, "categories", column).dtype.kind
    if kind not in "iuf":
        return
    values = column.to_numpy(dtype=float)
    distinct = np.unique(values)
    if np.array_equal(values, np.floor(values)) and (most is None or len(distinct) <= most):
        return
    some = quote_some([f"{value:g}" for value in distinct], 3)
    raise InputError(
        f"prepare.strata: {name} holds numbers of {len(distinct):,} different values ({some}), not groups; cut it"
        " into a few groups in a column of their own"
    )


def _pooled(
    codes: NDArray[np.int64],
    levels: NDArray[np.str_],
    attributes: str,
    small: SmallStrata,
    min_samples: int,
    *,
    warn: bool,
) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """Pool strata that are too small, or refuse them; return codes and names."""
    sizes = np.bincount(codes, minlength=len(levels))
    few = sizes < min_samples
    if not few.any():
        return codes, levels
    # Levels of several attributes have commas between them.
    named = quote_some([f"{level} ({size:,})" for level, size in zip(levels[few], sizes[few], strict=True)])
    verb = "has" if few.sum() == 1 else "have"
    some = (
        f"prepare.strata: {few.sum():,} of the {len(levels):,} strata of {attributes} {verb} fewer than {min_samples}"
    )
    if small == "error":
        pooled = "or " if few.all() else "set prepare.small_strata: pool to make one stratum of them, or "
        advice = f"name fewer or coarser attributes, {pooled}leave them out with prepare.obs_query"
        raise InputError(f"{some} samples: {named}; {advice}")
    if sizes[few].sum() < min_samples:
        raise InputError(
            f"{some} samples: {named}; together they have {sizes[few].sum():,}, too few for a stratum: leave them out"
            " with prepare.obs_query"
        )
    if warn:
        from genenet.readers import findings

        how = f"samples and are pooled: {named}; they are compared with each other as one"
        findings.add("warned", "strata", f"{some} {how}")
    pooled = f"{POOLED} (pooled)" if POOLED in levels[~few] else POOLED
    kept = np.flatnonzero(~few)
    renumbered = np.full(len(levels), len(kept), np.int64)
    renumbered[kept] = np.arange(len(kept))
    return renumbered[codes], np.append(levels[kept], pooled)
