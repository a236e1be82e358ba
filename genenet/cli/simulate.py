"""`genenet simulate`: a simulated data set as an example."""

import gzip
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
    from genenet.simulate import simulate_expression

    simulation = simulate_expression(**{name: SIMULATE_KEYS[name].parse(value) for name, value in given.items()})
    frame = simulation.expression.to_df().T
    table = frame.to_csv(sep="\t", index_label="gene", lineterminator="\n")
    _write(output / "expression.tsv.gz", gzip.compress(table.encode(), mtime=0))
    _write(output / "regulators.txt", "".join(f"{name}\n" for name in simulation.regulators).encode())
    _write(output / "truth.tsv", simulation.edges.to_csv(sep="\t", index=False, lineterminator="\n").encode())


def _write(path: Path, content: bytes) -> None:
    from genenet.files.atomic import atomic

    with atomic(path) as partial:
        partial.write_bytes(content)
