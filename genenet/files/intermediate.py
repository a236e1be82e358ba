"""The intermediate files of the steps: expression.h5ad, bins.h5ad, null.npz and the blocks of pairs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from genenet.files.atomic import _made_by, atomic
from genenet.files.h5ad_elements import prepared_matrix, write_parts
from genenet.files.hdf5 import new_hdf5, write_h5ad
from genenet.files.parquet import METADATA_KEY, SUMS_KEY, _dump, _write_tables, arrow_array, numbers_of, truths_of
from genenet.paths import PathLike
from genenet.products.prepared import Columns, Prepared, UnfamiliarError
from genenet.readers.bare import BareMatrix, MatrixLike, as_anndata, as_bare
from genenet.readers.guarded import check_survives, look_at_hdf5

if TYPE_CHECKING:
    import h5py
    import pyarrow as pa
    from anndata import AnnData
    from numpy.typing import NDArray

    from genenet.config.sections import Estimator
    from genenet.products.bins import Bins, Names
    from genenet.products.blocks import PairBlock
    from genenet.products.expression import Expression
    from genenet.products.sparse_weights import SparseWeights
    from genenet.statistics.null import Null


NUMBERS_OF_BLOCK = ("n_pairs", "alpha", "largest_mi", "largest_noise_mi", "bins", "null")


def write_expression(expression: MatrixLike, path: PathLike) -> None:
    """Write expression.h5ad, without anndata unless the matrix has parts or columns that only anndata writes."""
    bare = as_bare(expression)
    parts = None if bare is None else _parts_of_matrix(bare)
    with atomic(path) as partial:
        if parts is None:
            write_h5ad(as_anndata(expression), partial)
        else:
            with new_hdf5(partial) as (file, _):
                write_parts(parts, file)


def _parts_of_matrix(matrix: BareMatrix) -> dict[str, Any] | None:
    try:
        prepared = Prepared.of(matrix)
    except UnfamiliarError:
        return None
    return {"X": prepared.X, "obs": prepared.samples, "var": prepared.genes, "uns": {"genenet": prepared.notes}}


def read_expression(path: PathLike) -> "AnnData":
    """Read expression.h5ad as `genenet prepare` wrote it."""
    import anndata

    check_survives(Path(path), look_at_hdf5)
    with _made_by("prepare", path):
        expression = anndata.read_h5ad(path)
        if "genenet" not in expression.uns:
            raise ValueError("it has no uns['genenet']")
        if "mean" not in expression.var:
            raise ValueError("it has no var['mean']")
    return expression


def read_prepared(path: PathLike) -> "Expression":
    """Read expression.h5ad without anndata, which takes longer to import than most steps compute.

    A file that somebody has changed, or that is damaged, is left to anndata, as `read_expression` reads it.
    """
    check_survives(Path(path), look_at_hdf5)
    return prepared_matrix(path) or read_expression(path)


def write_bins(bins: "Bins", path: PathLike) -> None:
    """Write bins.h5ad: layer bin_k holds the weight of every sample in bin k (uint8, samples x genes).

    Of a matrix that is mostly zeros, varm["common"] has the weights of a gene's zeros, and uns["genenet"]["own"] those
    of its other samples (see `genenet.kernels.sparse_weights.ByGene`). For an estimator without bins, X holds every
    sample's coordinate instead.
    """
    with atomic(path) as partial, new_hdf5(partial) as (file, _):
        write_parts(_parts_of(bins), file)


def _parts_of(bins: "Bins") -> dict[str, Any]:
    """The parts of bins.h5ad."""
    from genenet.products.sparse_weights import SparseWeights

    weights = bins.weights
    notes: dict[str, Any] = {
        "total": bins.total,
        "n_bins": bins.n_bins,
        "estimator": bins.estimator,
        "n_neighbours": bins.n_neighbours,
        "matrix": bins.matrix,
    }
    var = {"regulator": bins.regulator} | ({} if bins.only_targets is None else {"target": bins.only_targets})
    obs = {} if bins.strata is None else {"stratum": bins.strata.codes}
    parts: dict[str, Any] = {
        "obs": _table(bins.samples, obs),
        "var": _table(bins.genes, var),
        "uns": {"genenet": notes},
    }
    if isinstance(weights, SparseWeights):
        own = weights.by_gene
        parts["varm"] = {"common": own.common}
        notes["own"] = {"starts": own.starts, "samples": own.samples, "weights": own.own}
    else:
        parts["layers"] = {f"bin_{k}": np.ascontiguousarray(weights[:, k].T) for k in range(bins.n_bins)}
    if bins.strata is not None:
        notes["strata"] = np.array(bins.strata.levels, dtype=object)
    if bins.only_pairs is not None:
        notes["pairs"] = bins.only_pairs
    if bins.positions is not None:
        parts["X"] = np.ascontiguousarray(bins.positions.T)
    return parts


def _table(names: "Names", columns: "dict[str, NDArray[Any]]") -> Columns:
    return Columns(np.asarray(names, object), columns)


def read_bins(path: PathLike) -> "Bins":
    """Read bins.h5ad as `genenet discretise` wrote it."""
    import h5py

    from genenet.products.bins import Bins
    from genenet.products.strata import Strata

    check_survives(Path(path), look_at_hdf5)
    # anndata and pandas are not used: importing them takes longer than computing a small block of pairs.
    with _made_by("discretise", path), h5py.File(path, "r") as file:
        notes = file["uns/genenet"]
        total, n_bins, n_neighbours = (int(notes[name][()]) for name in ("total", "n_bins", "n_neighbours"))
        estimator = cast("Estimator", notes["estimator"].asstr()[()])
        matrix = str(notes["matrix"].asstr()[()]) if "matrix" in notes else ""  # earlier versions wrote none
        # The attribute _index tells which data set holds the names.
        axes = (file["var"], file["obs"])
        genes, samples = (axis[axis.attrs["_index"]].asstr()[()].astype(object) for axis in axes)
        weights = _weights(file, (len(genes), n_bins, len(samples)))
        regulator = file["var/regulator"][()].astype(bool)
        positions = np.ascontiguousarray(file["X"][()].T) if isinstance(file.get("X"), h5py.Dataset) else None
        targets = file["var/target"][()].astype(bool) if "target" in file["var"] else None
        pairs = file["uns/genenet/pairs"][()].astype(np.int32) if "pairs" in file["uns/genenet"] else None
        strata = None
        if "stratum" in file["obs"]:
            strata = Strata(file["obs/stratum"][()].astype(np.int64), tuple(notes["strata"].asstr()[()]))
        return Bins(
            genes,
            samples,
            weights,
            total,
            regulator,
            estimator,
            positions,
            n_neighbours,
            targets,
            pairs,
            strata,
            matrix,
        )


def _weights(file: "h5py.File", shape: tuple[int, int, int]) -> "NDArray[np.uint8] | SparseWeights":
    """The weights of bins.h5ad."""
    from genenet.kernels.sparse_weights import ByGene
    from genenet.products.sparse_weights import SparseWeights

    if "own" in file["uns/genenet"]:
        starts, samples, own = (file[f"uns/genenet/own/{name}"][()] for name in ("starts", "samples", "weights"))
        return SparseWeights(ByGene(starts, samples, own, file["varm/common"][()]), shape[2])
    weights = np.empty(shape, np.uint8)
    for k in range(shape[1]):
        weights[:, k] = file[f"layers/bin_{k}"][()].T
    return weights


def write_null(null: "Null", path: PathLike) -> None:
    """Write null.npz: factors, log_tails, extrapolate, max_draws, seed, bins (see `genenet.statistics.null.Null`)."""
    assert not null.n_beyond, "the file holds all draws"
    # Given a name, numpy would add .npz to one that does not end in it.
    with atomic(path) as partial, partial.open("wb") as file:
        np.savez(
            file,
            factors=null.factors,
            log_tails=null.log_tails,
            extrapolate=np.array(null.extrapolate),
            max_draws=np.array(null.max_draws),
            seed=np.array(null.seed),
            bins=np.array(null.bins),
        )


def read_null(path: PathLike) -> "Null":
    """Read null.npz as `genenet permutation` wrote it."""
    from genenet.statistics.null import Null

    with _made_by("permutation", path), open(path, "rb") as file:
        data = np.load(file, allow_pickle=False)
        if not isinstance(data, np.lib.npyio.NpzFile):
            raise ValueError("it holds one array")
        return Null(
            data["factors"],
            data["log_tails"],
            bool(data["extrapolate"]),
            max_draws=int(data["max_draws"]),
            seed=int(data["seed"]),
            bins=str(data["bins"]) if "bins" in data else "",  # earlier versions wrote none
        )


def write_block(block: "PairBlock", path: PathLike) -> None:
    """Write mi/{block}.parquet: first, second (indices of genes), mi (bits), noise (true for the permuted matrix)."""
    import pyarrow as pa

    kinds = {"first": pa.int32(), "second": pa.int32(), "mi": pa.float64(), "noise": pa.bool_()}

    def tables() -> "Iterator[pa.Table]":
        for pairs, noise in ((block.pairs, False), (block.noise, True)):
            for _, part in pairs.parts():
                columns = [getattr(part, name) for name in ("first", "second", "mi")]
                columns = [*columns, np.full(len(part), noise)]
                yield pa.table([arrow_array(values) for values in columns], list(kinds))

    numbers = {name: getattr(block, name) for name in NUMBERS_OF_BLOCK}
    if block.correction is not None:
        numbers["correction"] = block.correction
    metadata = {METADATA_KEY: _dump(numbers), SUMS_KEY: block.sums.astype("<i8").tobytes()}
    _write_tables(tables(), pa.schema(kinds, metadata), path)


def read_block(path: PathLike) -> "PairBlock":
    """Read mi/{block}.parquet as `genenet information` wrote it."""
    import pyarrow.parquet as pq

    from genenet.products.blocks import PairBlock
    from genenet.products.pairs import Collector, Pairs

    with _made_by("information", path):
        file = pq.ParquetFile(path, page_checksum_verification=True)
        metadata = file.schema_arrow.metadata or {}
        sums = np.frombuffer(metadata[SUMS_KEY], "<i8").reshape(-1, 3)
        all_pairs = bool((sums[:, 0] == len(sums) - 1).all())
        collectors = [Collector(len(sums), all_pairs=all_pairs, look_up=look_up) for look_up in (True, False)]
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            is_noise = truths_of(table["noise"])  # a comparison in pyarrow would import pandas
            first, second, mi = (numbers_of(table[name]) for name in ("first", "second", "mi"))
            for collector, chosen in zip(collectors, (~is_noise, is_noise), strict=True):
                if chosen.all():
                    collector.add(Pairs(first, second, mi))
                elif chosen.any():
                    collector.add(Pairs(first[chosen], second[chosen], mi[chosen]))
        pairs, noise = (collector.result() for collector in collectors)
        return PairBlock(pairs=pairs, noise=noise, sums=sums, **json.loads(metadata[METADATA_KEY]))
