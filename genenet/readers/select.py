"""Which part of an AnnData is the matrix: layer, samples, and the column that names the genes."""

import warnings
from collections.abc import Iterable
from typing import Any

import pandas as pd
from anndata import AnnData

from genenet.config.sections import Prepare
from genenet.errors import InputError, quote_some, suggest
from genenet.readers.obs_query import rows_fulfilling

KEPT = ("source", "orientation")


def select(data: AnnData, settings: Prepare) -> AnnData:
    """Take the layer, samples and names that the settings ask for, once: `uns["genenet"]` notes what was taken."""
    note = {
        "layer": settings.layer or "",
        "use_raw": settings.use_raw,
        "obs_query": settings.obs_query or "",
        "name_column": settings.name_column or "",
    }
    done = data.uns.get("genenet", {})
    if all(done.get(key) == value for key, value in note.items()):
        return data
    X, var = data.X, data.var
    if any(done.get(key) != note[key] for key in ("layer", "use_raw")):
        X, var = _values(data, settings)
    obs = data.obs
    if settings.obs_query:
        rows = rows_fulfilling(obs, settings.obs_query)
        X, obs = X[rows], obs.iloc[rows]
    if settings.name_column:
        var = _renamed(var, settings.name_column)
    return bare(X, obs.copy(), var.copy(), {**{key: done[key] for key in KEPT if key in done}, **note})


def bare(X: Any, obs: pd.DataFrame, var: pd.DataFrame, note: dict[str, Any]) -> AnnData:
    """Make an AnnData of the least parts, with a note in `uns["genenet"]`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that occur twice: `prepare` has words for them
        return AnnData(X, obs=obs, var=var, uns={"genenet": note})


def check_layer(layer: str | None, layers: Iterable[str], *, has_X: bool) -> None:
    """Refuse a layer that is not there."""
    known = quote_some(list(layers), most=20)
    if layer is None:
        if not has_X:
            raise InputError(f"has no X; choose a layer with prepare.layer: {known or 'there is none'}")
    elif layer not in layers:
        there = f"layers: {known}" if known else "it has no layers, so leave prepare.layer empty to use X"
        raise InputError(f"prepare.layer: no layer {layer}; {there}{suggest(layer, layers)}")


def check_raw(settings: Prepare, *, has_raw: bool) -> None:
    """Refuse to use raw values that are not there, or a layer of them."""
    if not has_raw:
        raise InputError("prepare.use_raw: it has no raw values; leave use_raw false, or name a layer in prepare.layer")
    if settings.layer:
        raise InputError(f"prepare.use_raw and prepare.layer ({settings.layer}) exclude each other; set one of them")


def _values(data: AnnData, settings: Prepare) -> tuple[Any, pd.DataFrame]:
    if settings.use_raw:
        check_raw(settings, has_raw=data.raw is not None)
        return data.raw.X, data.raw.var
    check_layer(settings.layer, data.layers, has_X=data.X is not None)
    return data.X if settings.layer is None else data.layers[settings.layer], data.var


def _renamed(var: pd.DataFrame, column: str) -> pd.DataFrame:
    if column not in var:
        known = quote_some(list(var.columns), most=20)
        there = f"var has {known}" if known else "var has no columns, so leave it empty"
        raise InputError(f"prepare.name_column: no column {column}; {there}{suggest(column, map(str, var.columns))}")
    names = var[column].astype(object)
    renamed = var.assign(original_name=var.index.astype(object)).drop(columns=column)
    renamed.index = pd.Index(["" if pd.isna(name) else str(name) for name in names], dtype=object)
    return renamed
