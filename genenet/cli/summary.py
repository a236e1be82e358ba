"""`genenet summary`: the numbers of a run whose steps were run one by one."""

import csv
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genenet.cli.options import ConfoundingFile, Edges, Expression, Output, Truth, with_settings
from genenet.cli.panels import STEPS
from genenet.cli.terminal import print_lines
from genenet.config.checking import settings_from_keywords
from genenet.config.keys import KEYS
from genenet.config.step_options import STEP_KEYS
from genenet.errors import InputError, first_line, shorten
from genenet.products.origin import (
    ADVICE,
    FINGERPRINT,
    Origin,
    check_one_run,
    difference_of_names,
    origin_of_table,
)
from genenet.steps import STEPS as ORDER

if TYPE_CHECKING:
    import pandas as pd

    from genenet.products.expression import Expression as MatrixOfStep


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=STEPS)(summary)


@with_settings(*(KEYS[dotted] for dotted in STEP_KEYS["summary"]))
def summary(
    *,
    expression: Expression,
    edges: Edges,
    pruned: Annotated[Path, typer.Option(help="pruned.parquet, from genenet prune.")],
    confounding: ConfoundingFile = None,
    exported: Annotated[
        Path | None,
        typer.Option(help="Folder of genenet export: the odd samples in its anomalies.tsv are counted."),
    ] = None,
    output: Output,
    truth: Truth = None,
    benchmark: Annotated[
        list[Path] | None,
        typer.Option(
            help="STEP.tsv, or STEP/BLOCK.tsv, from Snakemake: for the time of each step; once for each file."
        ),
    ] = None,
    unused_setting: Annotated[
        list[str] | None,
        typer.Option(
            help="A setting that does nothing beside the others, and why; once for each. Said in the summary."
        ),
    ] = None,
    given: dict[str, Any],
) -> None:
    """Gather the numbers of a run, print them, and write them as summary.json."""
    settings = settings_from_keywords(**given)
    from genenet.anomalies import odd_among
    from genenet.files.atomic import write_json
    from genenet.files.confounding import read_confounding_of
    from genenet.files.edges import read_edges, read_origin, read_statistics
    from genenet.files.intermediate import read_prepared
    from genenet.products.fingerprint import origin_of
    from genenet.readers.known_edges import read_known_edges
    from genenet.report.recovery import compare
    from genenet.report.summary import summarise
    from genenet.report.summary_text import describe
    from genenet.steps.network import network_of

    matrix = read_prepared(expression)
    significance = read_statistics(edges, step="significance")
    table, prune = read_edges(pruned)
    origin = origin_of_table(table)
    of_edges = read_origin(edges, step="significance")
    check_one_run({pruned: origin, edges: of_edges, expression: origin_of(matrix)})
    network = network_of(table, matrix, settings.network, name="network")
    flags = read_confounding_of(confounding, pruned, table) if confounding else None
    numbers = summarise(
        matrix,
        significance,
        prune,
        network,
        flags,
        preset=settings.preset,
        seconds=_seconds(benchmark or []),
        unused_settings=unused_setting or (),
        fingerprints=origin.fingerprints,
    )
    scores = exported / "anomalies.tsv" if exported else None
    if scores and scores.exists():
        numbers["odd_samples"] = odd_among(_scores(scores, table, pruned, matrix))
    if truth:
        recovery = compare(network.graph, read_known_edges(truth), matrix)
        numbers["truth"] = recovery.to_dict()
    write_json(numbers, output)
    print_lines(describe(numbers))


def _scores(path: Path, edges: "pd.DataFrame", pruned: Path, matrix: "MatrixOfStep") -> "pd.DataFrame":
    """Read the scores of samples that genenet export wrote; refuse those of other samples or edges."""
    import pandas as pd

    texts = {"sample": str, "edges": str}
    kinds = {**texts, FINGERPRINT: str}
    try:
        table = pd.read_csv(
            path, sep="\t", usecols=lambda name: name in ("z", *kinds), dtype=kinds, keep_default_na=False
        )
        fingerprints = set(table.pop(FINGERPRINT)) if FINGERPRINT in table else {""}
        if lacking := {"sample", "z", "edges"} - {*table}:
            raise ValueError(f"it has no column {min(lacking)}")
        if len(fingerprints) > 1:
            raise ValueError("its rows are of several runs")
        table["z"] = table["z"].astype(float)
    except (ValueError, OSError) as error:
        raise InputError(f"{path} is not a table of genenet anomalies ({first_line(error)})") from None
    for name in texts:  # as they are, without the guard of formulas
        table[name] = table[name].str.replace(r"^'(?=[=+@-])", "", regex=True)
    difference = difference_of_names("samples", sorted(table["sample"]), sorted(map(str, matrix.obs_names)))
    if len(table) and difference:
        raise InputError(f"{path} is of another run than {pruned}: {difference}; {ADVICE}")
    kept = edges[edges["kept"].to_numpy(bool)]
    known = {f"{a} - {b}" for a, b in zip(kept["gene_a"], kept["gene_b"], strict=True)}
    foreign = next((text for text in table["edges"] if not _begins_with(text, known)), None)
    if foreign is not None:
        raise InputError(
            f"{path} is of another run than {pruned}, or of an earlier export: it has {shorten(foreign)}, which is no"
            f" kept edge; {ADVICE}, or remove it (genenet export --replace does)"
        )
    if len(table):
        _check_fingerprint(path, "".join(fingerprints), pruned, origin_of_table(edges))
    return table


def _check_fingerprint(path: Path, fingerprint: str, pruned: Path, origin: Origin) -> None:
    """Refuse scores of other kept edges; warn of a file of an earlier version, which does not say of which it is."""
    if fingerprint and fingerprint != origin.fingerprints.get("pruned", fingerprint):
        raise InputError(
            f"{path} is of another run than {pruned}, or of an earlier export: its samples were scored by other kept"
            f" edges, or by edges of other settings; {ADVICE}, or remove it (genenet export --replace does)"
        )
    check_one_run({path: Origin.of("pruned", {"pruned": fingerprint}), pruned: origin})


def _begins_with(text: str, known: Collection[str]) -> bool:
    """Whether the first of several names is known, each of which may have commas in it."""
    parts = text.split(", ")
    return any(", ".join(parts[:n]) in known for n in range(1, len(parts) + 1))


def _seconds(paths: list[Path]) -> dict[str, float]:
    """Wall time of each step from Snakemake's benchmark files; blocks of a step add up."""
    seconds: dict[str, float] = {}
    for path in paths:
        step = path.parent.name if path.stem.isdecimal() else path.stem
        try:
            with path.open(newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file, delimiter="\t"))
            seconds[step] = seconds.get(step, 0.0) + sum(float(row["s"]) for row in rows)
        except (OSError, KeyError, ValueError) as error:
            raise InputError(f"{path} is not a benchmark file of Snakemake ({error})") from None
    return {step: seconds[step] for step in sorted(seconds, key=(*ORDER, *seconds).index)}
