"""stability.parquet: how often each pair was selected on halves of the samples."""

from typing import TYPE_CHECKING

from genenet.files.atomic import _made_by
from genenet.files.parquet import METADATA_KEY, ORIGIN, _dump, _origin_of, _write_tables
from genenet.paths import PathLike
from genenet.products.origin import Origin

if TYPE_CHECKING:
    from genenet.products.stability import Stability


def write_stability(stability: "Stability", path: PathLike) -> None:
    """Write stability.parquet: first, second (indices of genes), n_halves, n_both; numbers in the metadata."""
    import pyarrow as pa

    columns = {name: getattr(stability, name) for name in ("first", "second", "n_halves", "n_both")}
    numbers = {name: getattr(stability, name) for name in ("n_genes", "n_splits", "statistics", "prune")}
    numbers[ORIGIN] = dict(stability.origin.fingerprints)
    table = pa.table(columns)
    schema = table.schema.with_metadata({METADATA_KEY: _dump(numbers)})
    _write_tables([table], schema, path)


def read_stability(path: PathLike) -> "Stability":
    """Read stability.parquet as `genenet stability` wrote it."""
    import json

    import pyarrow.parquet as pq

    from genenet.products.stability import Stability

    with _made_by("stability", path):
        table = pq.read_table(path, page_checksum_verification=True)
        numbers = json.loads(table.schema.metadata[METADATA_KEY])
        columns = {name: table[name].to_numpy() for name in ("first", "second", "n_halves", "n_both")}
        origin = Origin.of("edges", _origin_of(numbers), n_genes=numbers["n_genes"])
        named = {name: numbers[name] for name in ("n_genes", "n_splits", "statistics")}
        return Stability(**columns, **named, origin=origin, prune=numbers.get("prune", {}))
