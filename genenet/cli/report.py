"""`genenet report`, `genenet plot`, `genenet pair`: look at a finished run."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from genenet.cli import progress
from genenet.cli.options import Name, Truth
from genenet.cli.panels import RESULT
from genenet.errors import ConfigError, OutputError, logger_of

Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="Folder of a finished run: of genenet infer -o, or results/DATASET.")
]


logger = logger_of("genenet")

MARKS = {
    "html": b'<meta name="generator" content="genenet">',
    "svg": b"<dc:title>genenet</dc:title>",
    "png": b"Software\0genenet",
    "pdf": b"/Creator (genenet)",
}
"""Bytes by which a page or a figure of genenet is known."""


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (report, plot, pair):
        app.command(rich_help_panel=RESULT)(command)


def report(
    folder: Folder,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write.", show_default="DIR/report.html"),
    ] = None,
    name: Name = None,
    truth: Truth = None,
    gene_sets: Annotated[
        Path | None, typer.Option(help="Gene sets (GMT) to test the modules of the network for.", show_default=False)
    ] = None,
) -> None:
    """Write the page of a run: its network, whether to trust it, why each edge is there."""
    from genenet.files.added import record_added
    from genenet.files.atomic import REPORT
    from genenet.readers.gene_sets import read_gene_sets
    from genenet.readers.known_edges import read_known_edges
    from genenet.report.differences import Differences, has_differences, read_differences
    from genenet.report.groups import Groups, is_grouped, read_groups
    from genenet.report.page import write_report
    from genenet.report.run import Run, read_run

    with progress.show("report"):
        known = read_known_edges(truth) if truth else None
        sets = read_gene_sets(gene_sets) if gene_sets else None
        if is_grouped(folder):
            run: Run | Groups | Differences = read_groups(folder, name=name)
        elif has_differences(folder):
            run = read_differences(folder, name=name)
        else:
            run = read_run(folder, name=name, known=known, gene_sets=sets, all_pairs=False)
            _warn_of_left_out(run.manifest, truth=truth, gene_sets=gene_sets)
        path = output or folder / REPORT
        replaced = _replaced(path, "html")
        written = write_report(run, path)
        record_added([written], "report")
    typer.echo(f"{written} ({written.stat().st_size / 1e6:.1f} MB{replaced})")


def _warn_of_left_out(manifest: Mapping[str, Any], **given: Path | None) -> None:
    """Warn of files that the run was given, and its page had, and that this page is not."""
    inputs = manifest.get("inputs", {})
    for role, path in given.items():
        if path is None and role in inputs:
            option, name = role.replace("_", "-"), inputs[role].get("name", "")
            logger.warning("the run was given --%s %s, and the page is without it: give it here too", option, name)


def plot(
    folder: Folder,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Figure to write: .svg, .png or .pdf.")],
    show: Annotated[Literal["network", "trust"], typer.Option(help="Subject of the figure.")] = "network",
    genes: Annotated[int, typer.Option(min=2, help="Most genes of the network to draw.")] = 300,
) -> None:
    """Draw the network of a run, or what tells whether to trust it."""
    suffix = _suffix(output, ("svg", "png", "pdf"))
    replaced = _replaced(output, suffix)
    from genenet.files.added import record_added
    from genenet.report.plots import plot_network, plot_trust
    from genenet.report.run import read_run
    from genenet.report.svg import figure_of, write_figure

    run = read_run(folder, all_pairs=False)
    if show == "network":
        with figure_of(1, width=10, height=6) as (figure, axes):
            plot_network(run, axes[0], max_genes=genes)
            write_figure(figure, output, suffix)
    else:
        with figure_of(5, width=3.7, height=3.0, columns=3) as (figure, axes):
            plot_trust(run, axes)
            write_figure(figure, output, suffix)
    record_added([output], "plot")
    typer.echo(f"{output}{replaced}")


def pair(
    folder: Folder,
    gene_a: Annotated[str, typer.Argument(metavar="GENE_A", help="A gene of the matrix, by name or symbol.")],
    gene_b: Annotated[str, typer.Argument(metavar="GENE_B", help="Another gene.")],
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="File to write: .html, .svg, .png or .pdf.",
            show_default="DIR/GENE_A_GENE_B.html",
        ),
    ] = None,
) -> None:  # fmt: skip
    """Show why there is, or is not, an edge between two genes: values, ranks, joint table, null."""
    from genenet.files.added import record_added
    from genenet.report.evidence import pair_evidence
    from genenet.report.page import write_pair
    from genenet.report.plots import plot_pair
    from genenet.report.run import read_run
    from genenet.report.svg import figure_of, write_figure

    path = output or folder / (re.sub(r"[^\w.-]+", "_", f"{gene_a}_{gene_b}") + ".html")
    suffix = _suffix(path, ("html", "svg", "png", "pdf"))
    run = read_run(folder)
    replaced = _replaced(path, suffix)
    evidence = pair_evidence(run, [(gene_a, gene_b)])[0]
    if suffix == "html":
        write_pair(run, evidence, path)
    else:
        with figure_of(4, width=3.7, height=3.3) as (figure, axes):
            plot_pair(evidence, axes)
            write_figure(figure, path, suffix)
    record_added([path], "pair")
    for label, text in evidence.describe():
        typer.echo(f"{label:10} {text}")
    typer.echo(f"{'file':10} {path}{replaced}")


def _replaced(path: Path, suffix: str) -> str:
    """Say that a page or figure of genenet is replaced; refuse to replace a file of somebody else."""
    if not path.is_file():
        return ""
    if MARKS[suffix] not in path.read_bytes():
        raise OutputError(f"{path} is there already and was not made by genenet; move it, or write to another file")
    return ", replaced"


def _suffix(path: Path, known: tuple[str, ...]) -> str:
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in known:
        raise ConfigError(f"--output must end with {', '.join('.' + name for name in known)}, got {path.name!r}")
    return suffix
