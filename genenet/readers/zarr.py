"""Reader of AnnData in a zarr store, which is a folder."""

import warnings
from pathlib import Path
from typing import Any

import anndata

from genenet.config.sections import Prepare
from genenet.errors import InputError, first_line
from genenet.readers.bare import MatrixLike, bare
from genenet.readers.select import check_layer, check_raw
from genenet.readers.structure import check_dense, read_sparse

MARKS = (".zgroup", "zarr.json", ".zattrs")
"""Files that tell a zarr store (of version 2 or 3) from other folders."""


def is_zarr(folder: Path) -> bool:
    """Tell whether a folder is a zarr store."""
    return any((folder / name).is_file() for name in MARKS)


def read_zarr(path: Path, settings: Prepare) -> MatrixLike:
    """Read AnnData from a zarr store; of the matrices only the one that the settings choose."""
    try:
        import zarr

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old versions of the format are read all the same
            store: Any = zarr.open_group(str(path), mode="r")
            if "obs" not in store or "var" not in store:
                inside = ", ".join(sorted(store.keys())) or "nothing"
                raise InputError(f"is a zarr store but not of AnnData (it holds {inside}); write it with anndata")
            if settings.use_raw:
                check_raw(settings, has_raw="raw" in store)
                names = ("raw/X", "raw/var")
            else:
                layers = list(store["layers"].keys()) if "layers" in store else []
                check_layer(settings.layer, layers, has_X="X" in store, has_raw="raw" in store)
                names = ("X" if settings.layer is None else f"layers/{settings.layer}", "var")
            var, obs = (anndata.io.read_elem(store[name]) for name in (names[1], "obs"))
            values = _matrix(store[names[0]], (len(obs), len(var)))
    except ImportError:
        raise InputError(f"{path}: is a zarr store; install zarr to read it (pip install zarr)") from None
    except InputError as error:
        raise InputError(f"{path}: {error.message}") from None
    except Exception as error:
        # Libraries raise whatever their parts raise on a store that is damaged or not what it seems.
        raise InputError(f"{path}: cannot be read as zarr ({first_line(error)}); copy or write it again") from None
    return bare(values, obs, var, {"layer": settings.layer or "", "use_raw": settings.use_raw})


def _matrix(values: Any, names: tuple[int, int]) -> Any:
    if not hasattr(values, "nchunks"):
        return read_sparse(values, names)
    check_dense(values, names)
    return values[:]
