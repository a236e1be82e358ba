"""The tab-separated tables edges.tsv and nodes.tsv, and edges.parquet.

A missing value is an empty field. A field with a tab, a quote or a line break is quoted, quotes doubled. Genes called
NA, or like numbers, are written as they are, so that a reader must not guess types (pandas: `keep_default_na=False,
dtype={"gene_a": str, ...}`).
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from genenet.files.atomic import atomic
from genenet.files.plain_values import Plain
from genenet.products.edges import DIRECTED, UNDIRECTED, ends, node_table
from genenet.products.origin import with_fingerprint
from genenet.writers.columns import AnyColumn, Texts, column_of
from genenet.writers.content import Content
from genenet.writers.kinds import as_text
from genenet.writers.row_texts import content_of, joined

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_AT_ONCE = 100_000
_SPECIAL = re.compile('[\t\n\r"]')
FORMULA_STARTS = ("=", "+", "-", "@")
"""Characters by which a spreadsheet takes a text for a formula."""


def write_tables(content: Content, edges: Path, nodes: Path) -> None:
    """Write edges.tsv (one row for each edge of the graph) and nodes.tsv (one row for each node).

    edges.tsv begins with the two ends of the edge, `gene_a` and `gene_b` or `regulator` and `target`, then
    `interaction`, then the other columns of the edges table. nodes.tsv begins with `gene`, then the nodes' attributes.
    """
    guard = content.guard_formulas
    write_tsv(edge_rows(content), edges, guard=guard, known=content.elements.known_texts)
    table = node_table(content.edges, content.expression)
    table = table.loc[table.index.isin(list(content.elements.keys))]
    write_tsv(table.rename_axis("gene").reset_index(), nodes, guard=guard)


def write_odd_samples(content: Content, path: Path) -> None:
    """Write anomalies.tsv: a row for each sample, the one that obeys the network least first."""
    assert content.odd_samples is not None, "check_formats comes first"
    write_tsv(with_fingerprint(content.odd_samples, content.edges), path, guard=content.guard_formulas)


def edge_rows(content: Content) -> pd.DataFrame:
    """Make the table of the edges of the graph with their `interaction`; the columns of the two genes come first."""
    table = content.graph_edges
    first = list(ends(table, directed=content.directed))
    table = table[[*first, *(column for column in table.columns if column not in first)]]
    table.insert(2, "interaction", DIRECTED if content.directed else UNDIRECTED)
    return table


def write_edges_parquet(content: Content, path: Path) -> Path:
    """Write the rows of edges.tsv as parquet, with their types."""
    with atomic(path) as partial:
        edge_rows(content).to_parquet(partial, index=False)
    return path


def write_tsv(
    table: pd.DataFrame,
    path: Path,
    *,
    header: bool = True,
    quote: bool = True,
    guard: bool = False,
    known: "Mapping[str, pa.Array] | None" = None,
) -> None:
    """Write a table of any values as tab-separated text, without its index.

    Without `quote` no field is quoted, for readers that only split lines at tabs; the caller has checked the names.
    With `guard` a single quote is put before texts that a spreadsheet would compute. `known` has the texts of those
    columns of numbers whose texts are there already.
    """
    known = known or {}
    write_field = guarded_field if guard else tsv_field if quote else str
    with atomic(path) as partial, partial.open("wb") as file:
        if header:
            file.write(("\t".join(tsv_field(str(column)) for column in table.columns) + "\n").encode())
        for start in range(0, len(table), _ROWS_AT_ONCE):
            part = table.iloc[start : start + _ROWS_AT_ONCE]
            columns = [
                known[name].slice(start, len(part)) if name in known else _fields(part.iloc[:, position], write_field)
                for position, name in enumerate(map(str, part.columns))
            ]
            between = [text for column in columns for text in ("\t", column)][1:]
            file.write(content_of(joined([*between, "\n"], len(part))))


def _fields(column: "pd.Series[Any]", field: Callable[[str], str]) -> Texts:
    def write(value: Plain) -> str:
        return _field(value, field)

    found = column_of(column)
    # In a table a value is written as it is, whatever the type of others.
    return found.own_texts(write) if isinstance(found, AnyColumn) else found.texts(write, 0, len(column), keep=False)


def _field(value: Plain, field: Callable[[str], str]) -> str:
    return field(value) if isinstance(value, str) else as_text(value)


def tsv_field(text: str) -> str:
    """Quote a field that has a tab, a line break or a quote in it."""
    if _SPECIAL.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def guarded_field(text: str) -> str:
    """Put a single quote before a field that a spreadsheet would take for a formula.

    Examples
    --------
    >>> guarded_field("=HYPERLINK(1)"), guarded_field("-TP53"), guarded_field("TP53")
    ("'=HYPERLINK(1)", "'-TP53", 'TP53')
    """
    return tsv_field(f"'{text}" if text.startswith(FORMULA_STARTS) else text)
