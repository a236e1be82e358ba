"""edges.parquet and pruned.parquet: the edges table, with the step's statistics in the file's metadata."""

import itertools
import json
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from genenet.files.atomic import _made_by
from genenet.files.parquet import (
    ALL_PAIRS_KEY,
    METADATA_KEY,
    ORIGIN,
    SUMS_KEY,
    _dump,
    _metadata,
    _origin_of,
    _write_tables,
    arrow_table,
    arrow_texts,
)
from genenet.paths import PathLike
from genenet.products.origin import Origin, origin_of_table, put_origin

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq
    from numpy.typing import NDArray

    from genenet.products.edges import Edges


def write_edges(edges: "pd.DataFrame", statistics: dict[str, Any], path: PathLike) -> None:
    """Write pruned.parquet: the edges table, with the step's statistics, and of which run it is, in its metadata.

    Parameters
    ----------
    edges, statistics
        The table and the statistics of `genenet.steps.prune.PrunedEdges`.
    path
        The file.
    """
    import pyarrow as pa

    origin = dict(origin_of_table(edges).fingerprints)
    plain = edges.copy(deep=False)
    plain.attrs = {}
    table = pa.Table.from_pandas(plain, preserve_index=False)
    content = {"statistics": statistics, "genes": list(edges["gene_a"].cat.categories), ORIGIN: origin}
    schema = table.schema.with_metadata({**table.schema.metadata, METADATA_KEY: _dump(content)})
    _write_tables([table], schema, path)


def write_significant(edges: "Edges", path: PathLike) -> None:
    """Write edges.parquet in pieces, as there can be a hundred million edges."""
    from genenet.products.edges import PVALUE_KINDS

    genes = [str(gene) for gene in edges.bins.genes]
    levels = {"gene_a": arrow_texts(genes), "gene_b": arrow_texts(genes), "pvalue_kind": arrow_texts(PVALUE_KINDS)}
    parts = (arrow_table(edges.columns(positions), levels) for positions, _ in edges.pairs.parts())
    some = arrow_table(edges.columns(np.empty(0, np.int64)), levels)
    content = {"statistics": edges.statistics, "genes": genes, ORIGIN: dict(edges.origin.fingerprints)}
    more = {SUMS_KEY: edges.sums.astype("<i8").tobytes(), ALL_PAIRS_KEY: _dump({"all_pairs": edges.bins.all_pairs})}
    schema = some.schema.with_metadata({**some.schema.metadata, METADATA_KEY: _dump(content), **more})
    _write_tables(itertools.chain([some], parts), schema, path)


def read_edges(path: PathLike) -> "tuple[pd.DataFrame, dict[str, Any]]":
    """Read the edges table and its statistics as `genenet prune` wrote them."""
    import pyarrow.parquet as pq

    with _made_by("prune", path):
        table = pq.read_table(path, page_checksum_verification=True)
        metadata = _metadata(table.schema, step="prune")
        # Millions of rows are not copied into blocks of columns of one kind, and each column is freed when it is taken.
        frame = table.to_pandas(split_blocks=True, self_destruct=True)
        del table
        return _completed(frame, metadata), metadata["statistics"]


def read_best_edges(
    path: PathLike, *, n_removed: int, without: Collection[str] = ()
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Read the kept edges and the removed ones of the largest score; of the other removed ones MI and correlation only.

    Parameters
    ----------
    path
        pruned.parquet.
    n_removed
        Number of removed edges that are read completely, at least.
    without
        Columns that are not read.

    Returns
    -------
    The first rows of the edges table, and `mi` and `spearman` of its other rows.
    """
    import pyarrow.parquet as pq

    with _made_by("prune", path):
        file = pq.ParquetFile(path, page_checksum_verification=True)
        metadata = _metadata(file.schema_arrow, step="prune")
        columns = [name for name in file.schema_arrow.names if name not in without]
        n = _groups_with(file.metadata, metadata["statistics"]["n_kept"] + n_removed)
        table = file.read_row_groups(range(n), columns=columns)
        if not _are_smaller(file.metadata, n, table["score"][-1].as_py() if len(table) else 0.0):
            n = file.num_row_groups
            table = file.read_row_groups(range(n), columns=columns)
        rest = file.read_row_groups(range(n, file.num_row_groups), columns=["mi", "spearman"])
        edges = table.to_pandas(split_blocks=True, self_destruct=True)
        del table
        return _completed(edges, metadata), rest.to_pandas(split_blocks=True, self_destruct=True)


def _groups_with(metadata: "pq.FileMetaData", n_rows: int) -> int:
    """Count the first row groups that have this many rows; all if there are fewer rows."""
    ends = np.cumsum([metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)])
    return min(int(np.searchsorted(ends, n_rows)) + 1, len(ends))


def _are_smaller(metadata: "pq.FileMetaData", n: int, score: float) -> bool:
    """Whether the rows behind the first `n` row groups are removed edges without a larger score, by their statistics.

    It is not so if negative edges were ranked apart, behind all positive ones.
    """
    place = {metadata.schema.column(column).name: column for column in range(metadata.num_columns)}
    for group in range(n, metadata.num_row_groups):
        found = [metadata.row_group(group).column(place[name]).statistics for name in ("kept", "score")]
        if any(each is None or not each.has_min_max for each in found) or found[0].max or found[1].max > score:
            return False
    return True


def read_statistics(path: PathLike, *, step: str) -> dict[str, Any]:
    """Read the statistics of an edges table without the table."""
    import pyarrow.parquet as pq

    with _made_by(step, path):
        statistics: dict[str, Any] = _metadata(pq.read_schema(path), step=step)["statistics"]
        return statistics


def read_origin(path: PathLike, *, step: str) -> Origin:
    """Read of which run an edges table is: edges.parquet of the step significance, or pruned.parquet of prune."""
    import pyarrow.parquet as pq

    with _made_by(step, path):
        return _origin(_metadata(pq.read_schema(path), step=step), step=step)


def _origin(metadata: "Mapping[str, Any]", *, step: str) -> Origin:
    return Origin.of("pruned" if step == "prune" else "edges", _origin_of(metadata), metadata["genes"])


class StoredEdges:
    """Significant edges in edges.parquet; genes and MI are in memory, other columns are read when rows are asked for.

    Attributes
    ----------
    genes
        Names of all genes.
    origin
        Of which run the edges are.
    pairs
        Genes and MI of the edges.
    sums
        Number, sum and sum of squares of each gene's MI (see `genenet.products.blocks.PairBlock`).
    """

    def __init__(self, path: PathLike) -> None:
        import pandas as pd
        import pyarrow.parquet as pq

        from genenet.products.pairs import Collector, Pairs

        with _made_by("significance", path):
            self._path = path
            self._file = pq.ParquetFile(path, page_checksum_verification=True)
            content = _metadata(self._file.schema_arrow, step="significance")
            self.genes, self.origin = pd.Index(content["genes"]), _origin(content, step="significance")
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

        from genenet.products.pairs import Triangle

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


def _completed(edges: "pd.DataFrame", metadata: "Mapping[str, Any]") -> "pd.DataFrame":
    """Give the edges table of a file all genes as categories, and note of which run it is."""
    table = _with_all_genes(edges, metadata["genes"])
    put_origin(table, _origin(metadata, step="prune"))
    return table


def _with_all_genes(edges: "pd.DataFrame", genes: "Sequence[str] | pd.Index[Any]") -> "pd.DataFrame":
    """Give the categorical columns all genes and all kinds of p-values as categories, also those that do not occur."""
    import pandas as pd

    from genenet.products.edges import PVALUE_KINDS

    genes = pd.Index(genes)
    for name in ("gene_a", "gene_b", "dpi_via", "regulator", "target"):
        if name in edges:
            edges[name] = pd.Categorical.from_codes(_codes(edges[name], genes), genes)
    kinds = pd.Index(PVALUE_KINDS)
    edges["pvalue_kind"] = pd.Categorical.from_codes(_codes(edges["pvalue_kind"], kinds), kinds)
    return edges


def _codes(column: "pd.Series[Any]", genes: "pd.Index[Any]") -> "np.ndarray[Any, np.dtype[np.int32]]":
    """Codes of a categorical column over all genes, -1 where it is missing."""
    codes = column.cat.codes.to_numpy()
    new = np.append(genes.get_indexer(column.cat.categories), -1).astype(np.int32)
    return new[codes]
