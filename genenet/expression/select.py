"""Which part of an AnnData is the matrix: layer and samples."""

import warnings

import pandas as pd
from anndata import AnnData

from genenet.config import Prepare
from genenet.errors import InputError, quote_some, suggest


def select(data: AnnData, settings: Prepare) -> AnnData:
    """Take the layer and the samples that the settings ask for, once: what was taken is noted in `uns["genenet"]`."""
    note = {"layer": settings.layer or "", "obs_query": settings.obs_query or ""}
    done = data.uns.get("genenet", {})
    if all(done.get(key) == value for key, value in note.items()):
        return data
    X = _layer(data, settings.layer)
    obs = data.obs
    if settings.obs_query:
        rows = _fulfilling(obs, settings.obs_query)
        X, obs = X[rows], obs.iloc[rows]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that occur twice: `prepare` has words for them
        return AnnData(X, obs=obs.copy(), var=data.var.copy(), uns={"genenet": {**note}})


def _layer(data: AnnData, layer: str | None):  # type: ignore[no-untyped-def]
    if layer is None:
        if data.X is None:
            raise InputError(
                f"has no X; choose a layer with prepare.layer: {quote_some(list(data.layers)) or 'there is none'}"
            )
        return data.X
    if layer not in data.layers:
        known = quote_some(list(data.layers), most=20)
        there = f"layers: {known}" if known else "it has no layers, so leave prepare.layer empty to use X"
        raise InputError(f"prepare.layer: no layer {layer}; {there}{suggest(layer, data.layers)}")
    return data.layers[layer]


def _fulfilling(obs: pd.DataFrame, query: str) -> list[int]:
    numbered = obs.assign(**{"__row__": range(len(obs))})
    try:
        chosen = numbered.query(query, engine="python", local_dict={}, global_dict={})
        rows = list(chosen["__row__"])
    except Exception as error:
        # A query is code: it can fail in any way, and always is the user's to mend.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"prepare.obs_query: {query} does not work ({reason}); "
            f"obs has the columns {quote_some(list(obs.columns), most=20)}"
        ) from None
    if not rows:
        raise InputError(f"prepare.obs_query: none of the {len(obs):,} samples fulfils {query}")
    return rows
