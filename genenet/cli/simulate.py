"""`genenet simulate`: a simulated data set as an example."""

import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer

from genenet.cli.options import OutputFolder, with_settings
from genenet.cli.panels import OTHER
from genenet.config.keys import SIMULATE_KEYS


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=OTHER)(simulate)


@with_settings(*SIMULATE_KEYS.values())
def simulate(*, output: OutputFolder, given: dict[str, Any]) -> None:
    """Simulate expression with a known network: expression.tsv.gz, regulators.txt, truth.tsv."""
    from genenet.simulate import simulate_arrays

    found = simulate_arrays(**{name: SIMULATE_KEYS[name].parse(value) for name, value in given.items()})
    rows = ((gene, *map(repr, values)) for gene, values in zip(found.genes, found.levels.tolist(), strict=True))
    table = _table([("gene", *found.samples), *rows])
    _write(output / "expression.tsv.gz", gzip.compress(table, mtime=0))
    _write(output / "regulators.txt", _table((gene,) for gene in found.genes[: found.n_regulators]))
    edges = ((regulator, target, str(sign)) for regulator, target, sign in found.edges)
    _write(output / "truth.tsv", _table([("regulator", "target", "sign"), *edges]))


def _table(rows: Iterable[Iterable[str]]) -> bytes:
    return "".join("\t".join(row) + "\n" for row in rows).encode()


def _write(path: Path, content: bytes) -> None:
    from genenet.files.atomic import atomic

    with atomic(path) as partial:
        partial.write_bytes(content)
