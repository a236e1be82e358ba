"""Attributes of samples to compare genes with, and the genes that can be compared with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from genenet.config.faces import spoken
from genenet.config.sections import MAX_BINS, PhenotypeKind, SmallStrata
from genenet.errors import InputError, logger_of, quote_some, shorten, suggest
from genenet.estimators.labels import Labels, read_labels
from genenet.products.expression import Notes, complete_values
from genenet.products.sample_attributes import sample_attribute
from genenet.products.strata import Strata, check_crossed, read_strata

log = logger_of("genenet")

# Whole numbers with at most this many different values are taken for labels if the kind is auto.
MOST_LABELS = 10


@dataclass(frozen=True)
class Phenotype:
    """A phenotype: an attribute of those samples that have a value of it.

    Attributes
    ----------
    name
        Its name.
    samples
        Which samples have it, bool, shape (n_samples of the matrix,).
    values
        float64, shape (n_used,): the numbers, or codes of the labels.
    labels
        The labels, or None if it is continuous.
    strata
        Strata of these samples, within which genes are compared with the phenotype; a single one without strata.
    """

    name: str
    samples: NDArray[np.bool_]
    values: NDArray[np.float64]
    labels: Labels | None
    strata: Strata


def column_of(table: pd.DataFrame, name: str, where: str) -> "pd.Series[Any]":
    """Find a column of a table of sample attributes.

    Raises
    ------
    InputError
        If it is not there.
    """
    if name not in table:
        names = [str(column) for column in table]
        raise InputError(
            f"{where} has no column {quote_some([name])}; it has {quote_some(names)}{suggest(name, names)}"
        )
    return table[name]


def read_phenotype(
    expression: AnnData,
    phenotype: "str | pd.Series[Any]",
    *,
    kind: PhenotypeKind = "auto",
    strata: "str | Sequence[str] | pd.Series[Any] | pd.DataFrame | None" = None,
    small_strata: SmallStrata = "error",
    min_samples: int = 4,
) -> Phenotype:
    """Find the phenotype of the samples, and those that have one.

    `auto` takes text, booleans, categories, and whole numbers of at most 10 different values for labels, and all other
    numbers for continuous; which one it is is logged. Without strata, those of the run that the matrix is of are used.
    """
    column = _column(expression, phenotype, "phenotype")
    has = column.notna().to_numpy()
    name = str(column.name)
    if not has.all():
        log.warning("%s of %s samples have no %s and are left out", f"{(~has).sum():,}", f"{len(has):,}", name)
    if has.sum() < min_samples:
        raise InputError(f"only {has.sum():,} samples have {name}, prepare.min_samples is {min_samples:,}")
    column = column[has]
    discrete = _is_discrete(column) if kind == "auto" else kind == "discrete"
    if discrete and kind == "auto":
        _warn_of_text_among_numbers(column, name)
    if column.nunique() < 2:
        raise InputError(
            f"all {has.sum():,} samples have the same {name} ({shorten(column.iloc[0])}); there is nothing to tell"
        )
    labels, values = None, np.empty(0)
    if discrete:
        labels = read_labels(column, name)
        _warn_of_spellings(labels, name)
        values = labels.codes.astype(float)
    else:
        values = _numbers(column, name)
    groups = Strata.of(np.zeros(len(values), np.int64))
    notes = Notes.of(expression)
    if strata is None and notes.strata:
        strata, small_strata = list(notes.strata), "pool" if notes.small_strata == "pool" else "error"
        log.info("%s is compared within the strata of the run (%s)", name, " and ".join(notes.strata))
    if strata is not None:
        attributes = _attributes(expression, strata)
        groups = read_strata(attributes[has], [str(column) for column in attributes], small=small_strata)
        check_crossed(groups, values, strata_name=" and ".join(map(str, attributes)), group_name=name)
    what = f"labels ({quote_some(labels.levels)})" if labels else "numbers"
    log.info("%s: %s of %s samples", name, what, f"{len(values):,}")
    return Phenotype(name, has, values, labels, groups)


def _attributes(expression: AnnData, given: "str | Sequence[str] | pd.Series[Any] | pd.DataFrame") -> pd.DataFrame:
    """The attributes that make strata, with a row for each sample; all of them if `given` are names."""
    if isinstance(given, pd.DataFrame):
        return pd.concat([_column(expression, given[name], "strata") for name in given], axis=1)
    if isinstance(given, pd.Series):
        return _column(expression, given, "strata").to_frame()
    names = [given] if isinstance(given, str) else list(given)
    return pd.concat([_column(expression, name, "strata") for name in names], axis=1)


def _column(expression: AnnData, given: "str | pd.Series[Any]", what: str) -> "pd.Series[Any]":
    if isinstance(given, str):
        by_name = "give it as a series, with the names of the samples as its index"
        advice = "add it with --table" if spoken() == "command line" else by_name
        return sample_attribute(expression.obs, given, advice)
    given = given.set_axis(given.index.map(str))
    twice = given.index[given.index.duplicated()]
    if len(twice):
        raise InputError(f"the {what} names samples twice ({quote_some(list(twice.unique()))}); give one value each")
    found = given.reindex(expression.obs_names)
    if not given.index.isin(expression.obs_names).any():
        raise InputError(
            f"none of the {len(given):,} samples of the {what} ({quote_some(list(given.index), 2)}) is among the"
            f" {expression.n_obs:,} samples of the matrix ({quote_some(list(expression.obs_names), 2)})"
        )
    return found.rename(str(given.name or what))


def _is_discrete(column: "pd.Series[Any]") -> bool:
    if not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        return True
    values = column.to_numpy(dtype=float)
    return bool((values == np.floor(values)).all() and column.nunique() <= MOST_LABELS)


def _no_numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """The values of a column that cannot be read as numbers."""
    return column[pd.to_numeric(column.astype(object), errors="coerce").isna()]


def _shown(values: "pd.Series[Any]") -> str:
    """Some values with the names of their samples."""
    return quote_some([f"sample {sample}: {shorten(str(value))}" for sample, value in values.items()], 3)


def _warn_of_text_among_numbers(column: "pd.Series[Any]", name: str) -> None:
    """Warn of a column that is taken for labels only because of a few values that are no numbers."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return
    others = _no_numbers(column)
    n_numbers = column[~column.index.isin(others.index)].nunique()
    if len(others) < len(column) / 2 and n_numbers > MOST_LABELS:
        log.warning(
            "%s is taken for labels, since %s of %s values %s no number (%s); to take it for numbers, correct it, or"
            " leave it empty to leave the sample out",
            name, f"{len(others):,}", f"{len(column):,}", "is" if len(others) == 1 else "are", _shown(others),
        )  # fmt: skip


def _warn_of_spellings(labels: Labels, name: str) -> None:
    """Warn of labels that differ in blanks or capitals only."""
    spellings: dict[str, list[str]] = {}
    for level in labels.levels:
        if isinstance(level, str):
            spellings.setdefault(" ".join(level.split()).casefold(), []).append(repr(level))
    alike = [" and ".join(found) for found in spellings.values() if len(found) > 1]
    if alike:
        log.warning(
            "labels of %s differ in blanks or capitals only (%s) and are taken for different ones; write them alike if"
            " they are not",
            name, quote_some(alike),
        )  # fmt: skip


def _numbers(column: "pd.Series[Any]", name: str) -> NDArray[np.float64]:
    others = _no_numbers(column)
    if len(others):
        it = "it" if len(others) == 1 else "them"
        raise InputError(
            f"{name} is to be numbers, but {len(others):,} of {len(column):,} values"
            f" {'is' if len(others) == 1 else 'are'} none ({_shown(others)}); correct {it}, leave {it} empty to leave"
            f" the {'sample' if len(others) == 1 else 'samples'} out, or take {name} for labels by --kind discrete"
        )
    values = pd.to_numeric(column.astype(object)).to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        raise InputError(f"{name} has {np.sum(~np.isfinite(values)):,} infinite values; leave these samples out")
    return values


def varying_genes(expression: AnnData) -> NDArray[np.bool_]:
    """Find the genes that vary among the samples of a matrix, shape (n_genes,); the others are warned of.

    Raises
    ------
    InputError
        If none does, or values are missing.
    """
    values = complete_values(expression)
    varies = values.min(axis=1) < values.max(axis=1)
    if not varies.all():
        gone = list(expression.var_names[~varies])
        log.warning("%s genes have one value in these samples and are left out: %s", f"{len(gone):,}", quote_some(gone))
    if not varies.any():
        raise InputError("no gene varies among the samples that have a phenotype")
    return varies


def check_number_of_labels(labels: Labels) -> None:
    """Refuse more labels than a variable can have bins.

    Raises
    ------
    InputError
        If there are more than 64.
    """
    n_labels = len(labels.levels)
    if n_labels > MAX_BINS:
        raise InputError(f"the phenotype has {n_labels:,} labels, at most {MAX_BINS} are possible; is it continuous?")


def check_label_sizes(labels: Labels) -> None:
    """Refuse labels that nearest neighbours say nothing about.

    Raises
    ------
    InputError
        If only one sample has a label.
    """
    sizes = np.bincount(labels.codes)
    if sizes.min() < 2:
        single = [level for level, size in zip(labels.levels, sizes, strict=True) if size < 2]
        raise InputError(
            f"labels that one sample has tell nothing by nearest neighbours ({quote_some(single)}); leave these samples"
            " out or use --estimator plugin"
        )
