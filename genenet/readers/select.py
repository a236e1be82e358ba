"""Selection from an AnnData: the layer, the samples, and the column that names the genes."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from genenet.config.presets import PRESETS
from genenet.config.sections import Prepare
from genenet.errors import InputError, count, logger_of, quote_some, suggest
from genenet.readers import findings
from genenet.readers.bare import MatrixLike, bare
from genenet.readers.obs_query import rows_fulfilling
from genenet.readers.orientation import how_to_turn, orientation

logger = logger_of(__name__)

FEW_OTHERS = 0.1
"""Largest share of names without the separator at which they are told of."""
KEPT = ("source", "orientation", "findings", "na_values")
"""Entries of `uns["genenet"]` about the file, which a selection keeps."""


def select(data: MatrixLike, settings: Prepare) -> MatrixLike:
    """Select the layer, samples and names that the settings ask for.

    `uns["genenet"]` records the selection; a matrix from which the same was selected before is returned as it is.
    """
    note = {
        "layer": settings.layer or "",
        "use_raw": settings.use_raw,
        "obs_query": settings.obs_query or "",
        "var_query": settings.var_query or "",
        "name_column": settings.name_column or "",
        "name_separator": settings.name_separator or "",
        "name_part": settings.name_part if settings.name_separator else 0,
        "sample_column": settings.sample_column or "",
    }
    done = data.uns.get("genenet", {})
    done = {"var_query": "", **done} if "obs_query" in done else done  # of files before there was a var_query
    if all(done.get(key) == value for key, value in note.items()):
        return data
    X, var = data.X, data.var
    if any(done.get(key) != note[key] for key in ("layer", "use_raw")):
        X, var = _values(data, settings)
    obs = data.obs
    if settings.obs_query:
        rows = rows_fulfilling(obs, settings.obs_query)
        X, obs = X[rows], obs.iloc[rows]
    if settings.var_query:
        genes = rows_fulfilling(var, settings.var_query, of="var")
        logger.info("prepare.var_query: %s of %s fulfil it", f"{len(genes):,}", count(len(var), "gene"))
        X, var = X[:, genes], var.iloc[genes]
    if settings.name_column:
        var = _renamed(var, settings.name_column, "name_column", "var")
    if settings.sample_column:
        obs = _renamed(obs, settings.sample_column, "sample_column", "obs")
    if settings.name_separator:
        _check_orientation(var.index, obs.index, settings, how_to_turn(done))
        var = _split(var, settings.name_separator, settings.name_part, _of_preset(settings))
    return bare(X, obs.copy(), var.copy(), {**{key: done[key] for key in KEPT if key in done}, **note})


def check_layer(layer: str | None, layers: Iterable[str], *, has_X: bool, has_raw: bool = False) -> None:
    """Refuse a layer that is not there."""
    known = quote_some(list(layers), most=20)
    if layer is None:
        if not has_X and has_raw:
            others = f", or choose a layer with prepare.layer ({known})" if known else ""
            raise InputError(f"has no X, but raw values: set prepare.use_raw: true{others}")
        if not has_X:
            raise InputError(f"has no X; choose a layer with prepare.layer ({known or 'there is none'})")
    elif layer not in layers:
        there = f"layers: {known}" if known else "it has no layers, so leave prepare.layer empty to use X"
        raise InputError(f"prepare.layer: no layer {quote_some([layer])}; {there}{suggest(layer, layers)}")


def check_raw(settings: Prepare, *, has_raw: bool) -> None:
    """Refuse to use raw values that are not there, or a layer of them."""
    if not has_raw:
        raise InputError("prepare.use_raw: it has no raw values; leave it false, or name a layer in prepare.layer")
    if settings.layer:
        raise InputError(
            f"prepare.use_raw and prepare.layer ({quote_some([settings.layer])}) exclude each other; set one of them"
        )


def _values(data: MatrixLike, settings: Prepare) -> tuple[Any, pd.DataFrame]:
    if settings.use_raw:
        check_raw(settings, has_raw=data.raw is not None)
        raw: Any = data.raw
        return raw.X, raw.var
    check_layer(settings.layer, data.layers, has_X=data.X is not None, has_raw=data.raw is not None)
    return data.X if settings.layer is None else data.layers[settings.layer], data.var


def _renamed(frame: pd.DataFrame, column: str, key: str, kind: str) -> pd.DataFrame:
    """Take the names of genes (var) or samples (obs) from a column."""
    if column not in frame:
        known = quote_some(list(frame.columns), most=20)
        there = f"{kind} has {known}" if known else f"{kind} has no columns, so leave it empty"
        hint = suggest(column, map(str, frame.columns))
        raise InputError(f"prepare.{key}: no column {quote_some([column])}; {there}{hint}")
    names = frame[column].astype(object)
    renamed = frame.assign(original_name=frame.index.astype(object)).drop(columns=column)
    renamed.index = pd.Index(["" if pd.isna(name) else str(name) for name in names], dtype=object)
    return renamed


def _check_orientation(genes: pd.Index, samples: pd.Index, settings: Prepare, how_to_turn: str) -> None:
    """Refuse a matrix that looks transposed by its names, or by the names of samples that contain the separator."""
    separator = str(settings.name_separator)
    genes, samples = genes.map(str), samples.map(str)
    if any(separator in name for name in genes):
        return
    joined = [name for name in samples if separator in name]
    turned = orientation(list(samples), list(genes), how_to_turn)
    if turned and turned.weight == "refused" and "orientation" not in settings.accept:
        more = "" if joined else f", and {_not_joined(samples, separator)}{_of_preset(settings)}"
        raise InputError(turned.message + more)
    if joined:
        raise InputError(
            f"prepare.name_separator: none of the {count(len(genes), 'gene name')} ({quote_some(list(genes), 3)}) has "
            f"{separator!r} in it, but {len(joined):,} of the sample names have ({quote_some(joined, 3)}): the matrix "
            f"looks transposed; {how_to_turn}"
        )


def _not_joined(genes: pd.Index, separator: str) -> str:
    """Say that the separator is to be left out, since the names that will be those of genes do not have it."""
    return f"prepare.name_separator: '' (none of the {count(len(genes), 'gene name')} has {separator!r} in it)"


def _of_preset(settings: Prepare) -> str:
    """Say what the preset for gene effects takes, where its separator and whitening are set."""
    if settings.whiten != "samples" or settings.name_separator != PRESETS["codependency"]["prepare.name_separator"]:
        return ""
    return "; preset: codependency, which sets it, is for gene effects, cell lines in rows and genes as TP53 (7157)"


def _split(var: pd.DataFrame, separator: str, part: int, more: str = "") -> pd.DataFrame:
    """Take one part of each joined name; a name that is not joined stays as it is."""
    names = [str(name) for name in var.index]
    if not any(separator in name for name in names):
        raise InputError(
            f"prepare.name_separator: none of the {count(len(names), 'gene name')} ({quote_some(names, 3)}) has "
            f"{separator!r} in it; give what joins the names, or leave it empty{more}"
        )
    short = [name for name in names if separator in name and len(name.split(separator)) < part]
    if short:
        raise InputError(
            f"prepare.name_part is {part}, but {count(len(short), 'gene name')} ({quote_some(short, 3)}) "
            f"{'has' if len(short) == 1 else 'have'} fewer parts; lower it"
        )
    _tell_of_others([name for name in names if separator not in name], len(names), separator)
    split = [part_of_name(name, separator, part) for name in names]
    return var.assign(original_name=np.array(names, dtype=object)).set_axis(pd.Index(split, dtype=object))


def _tell_of_others(others: list[str], n_names: int, separator: str) -> None:
    """Warn of the few names that are not joined where nearly all are."""
    if not 0 < len(others) <= FEW_OTHERS * n_names:
        return
    n, is_one = len(others), len(others) == 1
    findings.add(
        "warned",
        "no_genes",
        f"{count(n, 'gene')} {'has' if is_one else 'have'} no {separator!r} in the name, which prepare.name_separator "
        f"splits the other {n_names - n:,} at ({quote_some(others)}): {'it' if is_one else 'they'} may be no "
        f"gene{'' if is_one else 's'}",
    )


def part_of_name(name: str, separator: str, part: int) -> str:
    """One part of a joined name, counted from 1, without its closing bracket; the name itself without such a part.

    Examples
    --------
    >>> part_of_name("TP53 (7157)", " (", 2), part_of_name("TP53|7157", "|", 1), part_of_name("?|100130426", "|", 1)
    ('7157', 'TP53', '?')
    """
    if name.count(separator) < part - 1 or separator not in name:
        return name
    found = name.split(separator)[part - 1].strip()
    return found.rstrip(")]") if "(" in separator or "[" in separator else found
