"""A result as a notebook shows it: its summary and its strongest edges, in HTML."""

import html
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

N_EDGES = 10
"""Number of edges shown."""
NUMBERS = {"mi": "{:.4f}", "score": "{:.2f}", "qvalue": "{:.2g}", "spearman": "{:+.2f}"}
"""Columns of the edges table that are shown behind the two genes, and their formats."""


def result_html(title: str, lines: Iterable[tuple[str, str]], edges: pd.DataFrame, ends: Sequence[str]) -> str:
    """Write a summary and the first edges as HTML; every text is escaped.

    Parameters
    ----------
    title
        One line above all.
    lines
        Label and text of each line of the summary (`genenet.report.summary_text.describe`).
    edges
        The kept edges, strongest first.
    ends
        Columns with the two genes of an edge.

    Examples
    --------
    >>> edges = pd.DataFrame({"gene_a": ["A<1>"], "gene_b": ["B"], "mi": [0.5]})
    >>> text = result_html("net", [("genes", "2")], edges, ["gene_a", "gene_b"])
    >>> "<td>A&lt;1&gt;</td><td>B</td><td>0.5000</td>" in text
    True
    """
    summary = _rows(([label, text] for label, text in lines), head=None)
    shown = edges.head(N_EDGES)
    numbers = [name for name in NUMBERS if name in shown]
    caption = f"The {len(shown)} strongest of {len(edges):,} edges" if len(edges) > len(shown) else "All edges"
    table = _rows(_cells(shown, ends, numbers), head=[*ends, *numbers], caption=caption) if len(shown) else ""
    return f"<div><p><b>{html.escape(title)}</b></p>{summary}{table}</div>"


def _cells(edges: pd.DataFrame, ends: Sequence[str], numbers: Sequence[str]) -> Iterable[list[str]]:
    for row in edges[[*ends, *numbers]].itertuples(index=False):
        values: list[Any] = list(row)
        texts = [str(gene) for gene in values[: len(ends)]]
        pairs = zip(numbers, values[len(ends) :], strict=True)
        yield texts + ["" if pd.isna(value) else NUMBERS[name].format(value) for name, value in pairs]


def _rows(rows: Iterable[Sequence[str]], head: Sequence[str] | None, caption: str = "") -> str:
    """Write a table; without a head the first cell of each row is its heading."""
    parts = [f"<caption>{html.escape(caption)}</caption>"] if caption else []
    if head:
        parts.append(f"<thead><tr>{_tags('th', head)}</tr></thead>")
    body = (
        f"<tr>{_tags('td', row)}</tr>" if head else f"<tr>{_tags('th', row[:1])}{_tags('td', row[1:])}</tr>"
        for row in rows
    )
    return f"<table>{''.join(parts)}<tbody>{''.join(body)}</tbody></table>"


def _tags(tag: str, texts: Iterable[str]) -> str:
    left = ' style="text-align: left"' if tag == "th" else ""
    return "".join(f"<{tag}{left}>{html.escape(text)}</{tag}>" for text in texts)
