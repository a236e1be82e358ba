"""The intermediate files: written whole or not at all, with the same bytes for the same content."""

import itertools
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from genenet.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from anndata import AnnData
    from numpy.typing import NDArray

    from genenet.config import Estimator
    from genenet.discretise import Bins
    from genenet.information import PairBlock
    from genenet.pairs import Pairs
    from genenet.permutation import Null
    from genenet.significance import Edges

PathLike = str | os.PathLike[str]
METADATA_KEY = b"genenet"
SUMS_KEY = b"genenet.sums"
ALL_PAIRS_KEY = b"genenet.all_pairs"
ROWS_AT_ONCE = 1 << 20


@contextmanager
def atomic(path: PathLike) -> Iterator[Path]:
    """Give a temporary name beside `path`; rename it when the block ends well, remove it when it does not.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with atomic(folder / "genes.txt") as partial:
    ...     _ = partial.write_text("ACTB")
    >>> [file.name for file in folder.iterdir()]
    ['genes.txt']
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays at the end: writers choose compression by it.
    partial = path.with_name(f".{secrets.token_hex(4)}.partial.{path.name}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _made_by(step: str, path: PathLike) -> Iterator[None]:
    """Turn any failure to read an intermediate file into a message that says which step makes it."""
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist; run `genenet {step}` first") from error
    except MemoryError:
        raise
    except Exception as error:  # libraries raise anything at a damaged file
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"{path} is not a file made by `genenet {step}`, or is damaged ({reason}); make it again"
        ) from error


def write_expression(expression: "AnnData", path: PathLike) -> None:
    """Write expression.h5ad."""
    with atomic(path) as partial:
        expression.write_h5ad(partial)


def read_expression(path: PathLike) -> "AnnData":
    """Read expression.h5ad as `genenet prepare` wrote it."""
    import anndata

    with _made_by("prepare", path):
        expression = anndata.read_h5ad(path)
        if "genenet" not in expression.uns:
            raise ValueError("it has no uns['genenet']")
        if "mean" not in expression.var:
            raise ValueError("it has no var['mean']")
    return expression


def write_bins(bins: "Bins", path: PathLike) -> None:
    """Write bins.h5ad: layer bin_k holds every sample's weight in bin k (uint8, samples x genes).

    For an estimator without bins X holds every sample's coordinate instead.
    """
    import pandas as pd
    from anndata import AnnData

    data = AnnData(
        obs=pd.DataFrame(index=bins.samples),
        var=pd.DataFrame(
            {"regulator": bins.regulator} | ({} if bins.only_targets is None else {"target": bins.only_targets}),
            index=bins.genes,
        ),
        layers={f"bin_{k}": np.ascontiguousarray(bins.weights[:, k].T) for k in range(bins.n_bins)},
        uns={
            "genenet": {
                "total": bins.total,
                "n_bins": bins.n_bins,
                "estimator": bins.estimator,
                "n_neighbours": bins.n_neighbours,
            }
        },
    )
    if bins.only_pairs is not None:
        data.uns["genenet"]["pairs"] = bins.only_pairs
    if bins.positions is not None:
        data.X = np.ascontiguousarray(bins.positions.T)
    with atomic(path) as partial:
        data.write_h5ad(partial)


def read_bins(path: PathLike) -> "Bins":
    """Read bins.h5ad as `genenet discretise` wrote it."""
    import h5py
    import pandas as pd

    from genenet.discretise import Bins

    # Not by anndata, which takes longer to import than a small block of pairs to compute.
    with _made_by("discretise", path), h5py.File(path, "r") as file:
        notes = file["uns/genenet"]
        total, n_bins, n_neighbours = (int(notes[name][()]) for name in ("total", "n_bins", "n_neighbours"))
        estimator = cast("Estimator", notes["estimator"].asstr()[()])
        # The names are in a data set of any name: that of the index.
        axes = (file["var"], file["obs"])
        genes, samples = (pd.Index(axis[axis.attrs["_index"]].asstr()[()], dtype=object) for axis in axes)
        weights = np.empty((len(genes), n_bins, len(samples)), np.uint8)
        for k in range(n_bins):
            weights[:, k] = file[f"layers/bin_{k}"][()].T
        regulator = file["var/regulator"][()].astype(bool)
        positions = np.ascontiguousarray(file["X"][()].T) if isinstance(file.get("X"), h5py.Dataset) else None
        targets = file["var/target"][()].astype(bool) if "target" in file["var"] else None
        pairs = file["uns/genenet/pairs"][()].astype(np.int32) if "pairs" in file["uns/genenet"] else None
        return Bins(genes, samples, weights, total, regulator, estimator, positions, n_neighbours, targets, pairs)


def write_null(null: "Null", path: PathLike) -> None:
    """Write null.npz: factors, log_tails, extrapolate (see `genenet.permutation.Null`)."""
    with atomic(path) as partial:
        np.savez(partial, factors=null.factors, log_tails=null.log_tails, extrapolate=np.array(null.extrapolate))


def read_null(path: PathLike) -> "Null":
    """Read null.npz as `genenet permutation` wrote it."""
    from genenet.permutation import Null

    with _made_by("permutation", path), open(path, "rb") as file:
        data = np.load(file, allow_pickle=False)
        if not isinstance(data, np.lib.npyio.NpzFile):
            raise ValueError("it holds one array")
        return Null(data["factors"], data["log_tails"], bool(data["extrapolate"]))


def write_block(block: "PairBlock", path: PathLike) -> None:
    """Write mi/{block}.parquet: first, second (indices of genes), mi (bits), noise (of the permuted copy)."""
    import pyarrow as pa

    def tables() -> "Iterator[pa.Table]":
        for pairs, noise in ((block.pairs, False), (block.noise, True)):
            for _, part in pairs.parts():
                columns = {name: getattr(part, name) for name in ("first", "second", "mi")}
                yield pa.table(columns | {"noise": np.full(len(part), noise)})

    numbers = {name: getattr(block, name) for name in ("n_pairs", "alpha", "largest_mi", "largest_noise_mi")}
    metadata = {METADATA_KEY: _dump(numbers), SUMS_KEY: block.sums.astype("<i8").tobytes()}
    kinds = {"first": pa.int32(), "second": pa.int32(), "mi": pa.float64(), "noise": pa.bool_()}
    _write_tables(tables(), pa.schema(kinds, metadata), path)


def read_block(path: PathLike) -> "PairBlock":
    """Read mi/{block}.parquet as `genenet information` wrote it."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from genenet.information import PairBlock
    from genenet.pairs import Collector

    with _made_by("information", path):
        file = pq.ParquetFile(path, page_checksum_verification=True)
        metadata = file.schema_arrow.metadata or {}
        sums = np.frombuffer(metadata[SUMS_KEY], "<i8").reshape(-1, 3)
        all_pairs = bool((sums[:, 0] == len(sums) - 1).all())
        collectors = [Collector(len(sums), all_pairs=all_pairs, look_up=look_up) for look_up in (True, False)]
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            for collector, is_noise in zip(collectors, (False, True), strict=True):
                part = table.filter(pc.field("noise") == is_noise)
                if len(part):
                    collector.add(_pairs_of(part["first"], part["second"], part["mi"]))
        pairs, noise = (collector.result() for collector in collectors)
        return PairBlock(pairs=pairs, noise=noise, sums=sums, **json.loads(metadata[METADATA_KEY]))


def _pairs_of(first: "pa.ChunkedArray", second: "pa.ChunkedArray", mi: "pa.ChunkedArray") -> "Pairs":
    from genenet.pairs import Pairs

    return Pairs(first.to_numpy(), second.to_numpy(), mi.to_numpy())


def write_edges(edges: "pd.DataFrame", statistics: dict[str, Any], path: PathLike) -> None:
    """Write pruned.parquet: the edges table, with the step's statistics in the file's metadata."""
    _write_edges([edges], statistics, {}, path)


def write_significant(edges: "Edges", path: PathLike) -> None:
    """Write edges.parquet, in pieces: there can be a hundred million edges."""
    parts = (edges.rows(positions) for positions, _ in edges.pairs.parts())
    some = edges.rows(np.empty(0, np.int64))
    more = {SUMS_KEY: edges.sums.astype("<i8").tobytes(), ALL_PAIRS_KEY: _dump({"all_pairs": edges.bins.all_pairs})}
    _write_edges(itertools.chain([some], parts), edges.statistics, more, path)


def _write_edges(
    tables: "Iterable[pd.DataFrame]", statistics: dict[str, Any], more: dict[bytes, bytes], path: PathLike
) -> None:
    import pyarrow as pa

    parts = iter(tables)
    one = next(parts)
    table = pa.Table.from_pandas(one, preserve_index=False)
    content = {"statistics": statistics, "genes": list(one["gene_a"].cat.categories)}
    schema = table.schema.with_metadata({**table.schema.metadata, METADATA_KEY: _dump(content), **more})
    others = (pa.Table.from_pandas(part, preserve_index=False) for part in parts)
    _write_tables((part.cast(schema) for part in itertools.chain([table], others)), schema, path)


def read_edges(path: PathLike) -> "tuple[pd.DataFrame, dict[str, Any]]":
    """Read the edges table and its statistics as `genenet prune` wrote them."""
    import pyarrow.parquet as pq

    with _made_by("prune", path):
        table = pq.read_table(path, page_checksum_verification=True)
        metadata = _metadata(table.schema, step="prune")
        return _with_all_genes(table.to_pandas(), metadata["genes"]), metadata["statistics"]


def read_statistics(path: PathLike, *, step: str) -> dict[str, Any]:
    """Read the statistics of an edges table without the table."""
    import pyarrow.parquet as pq

    with _made_by(step, path):
        statistics: dict[str, Any] = _metadata(pq.read_schema(path), step=step)["statistics"]
        return statistics


def _metadata(schema: "pa.Schema", *, step: str) -> dict[str, Any]:
    """What the step wrote beside the table, if it is a table of that step."""
    content: dict[str, Any] = json.loads((schema.metadata or {})[METADATA_KEY])
    if ("kept" in schema.names) != (step == "prune"):
        raise ValueError(f"it has {'a' if 'kept' in schema.names else 'no'} column kept")
    return content


class StoredEdges:
    """Significant edges in edges.parquet: genes and MI in memory, the rest read for the rows that are asked for.

    Attributes
    ----------
    genes
        Names of all genes.
    pairs
        Genes and MI of the edges.
    sums
        Number, sum and sum of squares of each gene's MI (see `genenet.information.PairBlock`).
    """

    def __init__(self, path: PathLike) -> None:
        import pandas as pd
        import pyarrow.parquet as pq

        from genenet.pairs import Collector, Pairs

        with _made_by("significance", path):
            self._path = path
            self._file = pq.ParquetFile(path, page_checksum_verification=True)
            self.genes = pd.Index(_metadata(self._file.schema_arrow, step="significance")["genes"])
            metadata = self._file.schema_arrow.metadata
            self.sums = np.frombuffer(metadata[SUMS_KEY], "<i8").reshape(-1, 3)
            collector = Collector(len(self.genes), **json.loads(metadata[ALL_PAIRS_KEY]))
            for group in range(self._file.num_row_groups):
                table = self._file.read_row_group(group, columns=["gene_a", "gene_b", "mi"])
                first, second = (self._gene_codes(table[name]) for name in ("gene_a", "gene_b"))
                collector.add(Pairs(first, second, table["mi"].to_numpy()))
            self.pairs = collector.result()

    def rows(self, which: "NDArray[np.int64]") -> "pd.DataFrame":
        """Rows of the edges table, at ascending positions of the pairs."""
        import pyarrow as pa

        from genenet.pairs import Triangle

        which = self.pairs.ranks(which) if isinstance(self.pairs, Triangle) else which
        parts, start = [], 0
        with _made_by("significance", self._path):
            for group in range(self._file.num_row_groups):
                end = start + self._file.metadata.row_group(group).num_rows
                inside = which[np.searchsorted(which, start) : np.searchsorted(which, end)] - start
                parts.append(self._file.read_row_group(group).take(inside))
                start = end
            table = pa.concat_tables(parts) if parts else self._file.schema_arrow.empty_table()
            return _with_all_genes(table.unify_dictionaries().to_pandas(), self.genes)

    def _gene_codes(self, column: "pa.ChunkedArray") -> "NDArray[np.int32]":
        parts = [self.genes.get_indexer(part.dictionary.to_pylist())[part.indices.to_numpy()] for part in column.chunks]
        return np.concatenate([np.empty(0, np.int32), *parts]).astype(np.int32, copy=False)


def _with_all_genes(edges: "pd.DataFrame", genes: "Sequence[str] | pd.Index[Any]") -> "pd.DataFrame":
    """Parquet keeps the genes and the kinds of p-values that occur; the table's columns know all of them."""
    import pandas as pd

    from genenet.significance import PVALUE_KINDS

    genes = pd.Index(genes)
    for name in ("gene_a", "gene_b", "dpi_via", "regulator", "target"):
        if name in edges:
            edges[name] = pd.Categorical.from_codes(_codes(edges[name], genes), genes)
    edges["pvalue_kind"] = pd.Categorical.from_codes(_codes(edges["pvalue_kind"], PVALUE_KINDS), PVALUE_KINDS)
    return edges


def write_json(content: dict[str, Any], path: PathLike) -> None:
    """Write a JSON file for people to read too."""
    with atomic(path) as partial:
        partial.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def _codes(column: "pd.Series[Any]", genes: "pd.Index[Any]") -> "np.ndarray[Any, np.dtype[np.int32]]":
    """Codes of a categorical column over all genes, -1 where it is missing."""
    codes = column.cat.codes.to_numpy()
    new = np.append(genes.get_indexer(column.cat.categories), -1).astype(np.int32)
    return new[codes]


def _dump(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=False).encode()


def _write_tables(tables: "Iterable[pa.Table]", schema: "pa.Schema", path: PathLike) -> None:
    """Write tables one below the other."""
    import pyarrow.parquet as pq

    with (
        atomic(path) as partial,
        pq.ParquetWriter(partial, schema, compression="zstd", write_page_checksum=True) as writer,
    ):
        for table in tables:
            for start in range(0, len(table), ROWS_AT_ONCE):
                writer.write_table(table.slice(start, ROWS_AT_ONCE).replace_schema_metadata(schema.metadata))
