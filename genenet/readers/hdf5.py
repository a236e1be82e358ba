"""Reader of HDF5 files: AnnData (.h5ad), MuData (.h5mu), 10x Cell Ranger (.h5) and loom."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anndata
import h5py
import pandas as pd
from numpy.typing import NDArray

from genenet.config.sections import Prepare
from genenet.errors import InputError, first_line, quote_some, suggest
from genenet.readers.anndata_old import old_frame, old_matrix, texts
from genenet.readers.bare import MatrixLike, bare
from genenet.readers.guarded import check_survives, look_at_hdf5
from genenet.readers.select import check_layer, check_raw
from genenet.readers.sparse_pieces import Matrix, gather, slices
from genenet.readers.structure import check_dense, check_shape, check_tree, checked, read_sparse, shape_in, sparse_from

LOOM_GENES = ("Gene", "gene", "gene_names", "gene_symbols", "var_names", "Symbol", "GeneName", "Accession", "gene_ids")
LOOM_CELLS = ("CellID", "cell_id", "cell_names", "obs_names", "Barcode", "barcode", "barcodes")


def read_hdf5(path: Path, settings: Prepare) -> MatrixLike:
    """Read any of the HDF5 formats; which one it is, is told by the groups in the file."""
    kind = "HDF5"
    check_survives(path, look_at_hdf5)
    try:
        with h5py.File(path, "r") as file:
            if "mod" in file and isinstance(file["mod"], h5py.Group):
                kind = "MuData"
                return _read_h5mu(file["mod"], settings)
            if _holds(file, "obs", "var") and isinstance(file["obs"], h5py.Dataset):
                kind = "AnnData of a version before 0.7"
                return _read_old(file, settings)
            if _holds(file, "obs", "var"):
                kind = "AnnData"
                return _read_h5ad(file, settings)
            if _holds(file, "matrix", "row_attrs", "col_attrs"):
                kind = "loom"
                return _read_loom(file, settings)
            groups = [group for group in file.values() if isinstance(group, h5py.Group)]
            tenx = [group for group in groups if _holds(group, "barcodes", "indptr", "indices", "data")]
            if tenx:
                kind = "10x"
                return _read_10x(tenx)
            inside = quote_some(sorted(file.keys()), 6) or "nothing"
    except InputError as error:
        raise InputError(f"{path}: {error.message}") from None
    except Exception as error:
        # Libraries raise whatever their parts raise on a file that is damaged or not what it seems.
        raise InputError(f"{path}: cannot be read as {kind} ({first_line(error)}); copy or write it again") from None
    raise InputError(
        f"{path}: is HDF5 but no .h5ad, .loom or 10x .h5 (it holds {inside}); convert it, or write the matrix as text"
    )


def is_mudata(path: Path) -> bool:
    """Whether a file that `read_hdf5` could read is MuData."""
    with h5py.File(path, "r") as file:
        return "mod" in file


def _holds(group: h5py.Group, *names: str) -> bool:
    return all(name in group for name in names)


def _read_h5mu(modalities: h5py.Group, settings: Prepare) -> MatrixLike:
    """Read one modality of a MuData file, in which each modality is stored like an .h5ad file."""
    names = sorted(name for name, group in modalities.items() if isinstance(group, h5py.Group))
    if not names:
        raise InputError("is an .h5mu file (MuData) without a modality in it; write it again, or give the .h5ad file")
    wanted = settings.modality or (names[0] if len(names) == 1 else None)
    if wanted is None:
        raise InputError(
            f"is an .h5mu file (MuData) of the modalities {quote_some(names, 20)}; choose one, as by "
            f"prepare.modality: {'rna' if 'rna' in names else names[0]!r}"
        )
    if wanted not in names:
        known = f"{quote_some(names, 20)}{suggest(wanted, names)}"
        raise InputError(f"prepare.modality: no modality {quote_some([wanted])}; it has {known}")
    return _read_h5ad(modalities[wanted], settings)


def _read_old(file: h5py.File, settings: Prepare) -> MatrixLike:
    """Read a file in which obs and var are compound tables."""
    if settings.use_raw:
        check_raw(settings, has_raw="raw.X" in file)
    else:
        check_layer(settings.layer, list(file.get("layers", {})), has_X="X" in file, has_raw="raw.X" in file)
    at = "X" if settings.layer is None else f"layers/{settings.layer}"
    values, genes = (file["raw.X"], "raw.var") if settings.use_raw else (file[at], "var")
    obs, var = old_frame(file, "obs"), old_frame(file, genes)
    note = {"layer": settings.layer or "", "use_raw": settings.use_raw}
    matrix = old_matrix(values) if isinstance(values, h5py.Group) else _matrix(values, (len(obs), len(var)))
    return bare(matrix, obs, var, note)


def _read_h5ad(file: h5py.Group, settings: Prepare) -> MatrixLike:
    check_tree(file["obs"])
    check_tree(file["var"])
    if file.attrs.get("encoding-type") != "anndata" and file.name == "/":
        for name in ("X", "raw.X", "layers"):
            if name in file:
                check_tree(file[name])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old versions of the format are read all the same
            return _checked(anndata.read_h5ad(Path(file.file.filename)))
    if settings.use_raw:
        check_raw(settings, has_raw="raw" in file)
        values, var = file["raw/X"], file["raw/var"]
    else:
        check_layer(settings.layer, list(file.get("layers", {})), has_X="X" in file, has_raw="raw" in file)
        values, var = file["X" if settings.layer is None else f"layers/{settings.layer}"], file["var"]
    check_tree(var)
    note = {"layer": settings.layer or "", "use_raw": settings.use_raw}
    obs, var = anndata.io.read_elem(file["obs"]), anndata.io.read_elem(var)
    return bare(_matrix(values, (len(obs), len(var))), obs, var, note)


def _checked(data: "anndata.AnnData") -> "anndata.AnnData":
    """Check the matrices that anndata read from a file of an old version."""
    if data.X is not None:
        data.X = checked(data.X)
    for name in list(data.layers):
        data.layers[name] = checked(data.layers[name])
    if data.raw is not None:
        checked(data.raw.X)
    return data


def _matrix(values: Any, names: tuple[int, int]) -> Matrix:
    """Read a matrix: sparse as it is, dense in pieces, so that one that is mostly zeros can become sparse."""
    if not isinstance(values, h5py.Dataset):
        return read_sparse(values, names)
    check_dense(values, names)
    return gather(_pieces(values), values.shape[1])


def _pieces(values: h5py.Dataset) -> Iterator[NDArray[Any]]:
    return (values[rows] for rows in slices(*values.shape))


def _read_10x(groups: list[h5py.Group]) -> MatrixLike:
    if len(groups) > 1:
        names = quote_some([group.name.strip("/") for group in groups])
        raise InputError(
            f"holds the matrices of {len(groups)} genomes ({names}); split them, or use the folder of one genome"
        )
    (group,) = groups
    check_tree(group)
    features = group.get("features", group)  # Cell Ranger before 3.0 has genes and gene_names beside the matrix
    ids, names = ("id", "name") if "features" in group else ("genes", "gene_names")
    table = {"gene_ids": texts(features[ids][:])}
    if "feature_type" in features:
        table["feature_types"] = texts(features["feature_type"][:])
    var = pd.DataFrame(table, index=pd.Index(texts(features[names][:]), dtype=object), dtype=object)
    obs = pd.DataFrame(index=pd.Index(texts(group["barcodes"][:]), dtype=object))
    shape = shape_in(group) or (len(var), len(obs))
    check_shape(shape, (len(var), len(obs)), "features and barcodes")
    return bare(sparse_from(group, shape, by_row=False).T, obs, var, {})


def _read_loom(file: h5py.File, settings: Prepare) -> MatrixLike:
    layers = file.get("layers", {})
    check_layer(settings.layer, list(layers), has_X=True)
    check_tree(file["row_attrs"])
    check_tree(file["col_attrs"])
    values = file["matrix"] if settings.layer is None else layers[settings.layer]
    var, obs = _attributes(file["row_attrs"]), _attributes(file["col_attrs"])
    genes = settings.name_column or next((name for name in LOOM_GENES if name in var), None) or _only_names(var)
    if genes is None or genes not in var:
        wanted = f"prepare.name_column: no row attribute {genes}" if genes else "no row attribute Gene"
        raise InputError(
            f"{wanted}; the rows have {quote_some(list(var.columns), 20) or 'none'}: "
            "name the one with the genes in prepare.name_column"
        )
    cells = next((name for name in LOOM_CELLS if name in obs), None) or _only_names(obs)
    if not settings.name_column:
        var = var.set_index(genes)
    obs = obs.set_index(cells) if cells else obs.set_axis([f"cell{number + 1}" for number in range(len(obs))])
    note = {"layer": settings.layer or "", "use_raw": False}
    return bare(_matrix(values, (len(var), len(obs))).T, _plain(obs), _plain(var), note)


def _attributes(group: h5py.Group) -> pd.DataFrame:
    columns = {name: data for name, data in group.items() if _is_column(data)}
    return pd.DataFrame({name: texts(data[:]) if _is_text(data) else data[:] for name, data in columns.items()})


def _only_names(frame: pd.DataFrame) -> str | None:
    """Find the attribute that names the rows: the only one whose texts are all different."""
    names = [
        str(name) for name in frame.columns if frame[name].dtype == object and frame[name].is_unique and len(frame) > 1
    ]
    return names[0] if len(names) == 1 else None


def _is_column(data: Any) -> bool:
    """Tell whether an attribute has one number or text for each row; pySCENIC also writes some with several."""
    return isinstance(data, h5py.Dataset) and data.ndim == 1 and data.dtype.kind in "biufSO"


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(pd.Index([str(name) for name in frame.index], dtype=object))


def _is_text(data: h5py.Dataset) -> bool:
    return data.dtype.kind in "SO"
