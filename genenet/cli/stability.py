"""`genenet stability`: how often edges come back in halves of the samples."""

from typing import Any

import typer

from genenet.cli import progress
from genenet.cli.options import BinsFile, Edges, Expression, Output, Threads, set_threads, with_settings
from genenet.cli.panels import STEPS
from genenet.config.checking import settings_from_keywords
from genenet.config.keys import KEYS
from genenet.config.step_options import STEP_KEYS
from genenet.errors import ConfigError


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=STEPS)(stability)


@with_settings(*(KEYS[dotted] for dotted in STEP_KEYS["stability"]))
def stability(
    *,
    bins: BinsFile,
    expression: Expression,
    edges: Edges,
    output: Output,
    threads: Threads = 0,
    given: dict[str, Any],
) -> None:
    """Select edges on random halves of the samples: stability.parquet, for genenet prune --stability-file."""
    settings = settings_from_keywords(**given)
    if not settings.stability.stability:
        raise ConfigError("--stability is 0: say how many splits of the samples to make, for example --stability 50")
    set_threads(threads)
    from genenet.files.edges import StoredEdges, read_statistics
    from genenet.files.intermediate import read_bins, read_expression
    from genenet.files.stability import write_stability
    from genenet.products.fingerprint import origin_of
    from genenet.products.origin import check_one_run, check_settings
    from genenet.stability.selection import stability as find
    from genenet.stability.selection import work
    from genenet.steps.prune import resolved

    matrix, data = read_expression(expression), read_bins(bins)
    significant = StoredEdges(edges)
    check_one_run({edges: significant.origin, bins: data.origin, expression: origin_of(matrix)})
    made = read_statistics(edges, step="significance")
    check_settings(edges, made, settings.significance.model_dump(mode="json"), "significance")
    prune = resolved(significant, matrix, settings.prune)
    with progress.show("stability", work(data, settings)) as advance:
        found = find(data, matrix, settings, prune, edges=significant.origin, progress=advance)
        write_stability(found, output)
