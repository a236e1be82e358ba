"""`genenet check`: checks of a matrix before anything is computed."""

import logging
from typing import TYPE_CHECKING, Any

import typer

from genenet.cli.compiling import compile_beside
from genenet.cli.options import MatrixArgument, MatrixFiles, n_cpus, with_settings
from genenet.cli.panels import INFER
from genenet.config.checking import settings_from_keywords
from genenet.config.faces import spelled
from genenet.config.keys import KEYS
from genenet.config.step_options import STEP_KEYS
from genenet.errors import printable, shorten

if TYPE_CHECKING:
    from genenet.config.sections import Settings
    from genenet.readers.bare import BareMatrix
    from genenet.readers.findings import Finding

LONGEST_NAME = 300
"""Characters of the name of a matrix that are shown."""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=INFER)(check)


@with_settings(KEYS["preset"], *(KEYS[dotted] for dotted in STEP_KEYS["prepare"]))
def check(
    matrix: MatrixArgument,
    *,
    files: MatrixFiles,
    given: dict[str, Any],
) -> None:
    """Look at a matrix and say what is odd about it: samples and genes swapped, columns that are no samples, counts.

    Nothing is written. Takes the options of prepare, and --preset, and ends with status 2 if something is refused:
    infer and prepare would stop there.
    """
    all_settings = settings_from_keywords(**given)
    settings = all_settings.prepare
    compile_beside(n_cpus())
    from genenet.config.unused import unused
    from genenet.errors import GenenetError
    from genenet.readers.findings import Finding, collected, judged
    from genenet.readers.matrix import load_with_lists
    from genenet.steps import prepare as step

    without_effect = [Finding("warned", "settings", line) for line in unused(all_settings)]
    heard = _listen()
    shape, prepared, stopped_by = "", "", ""
    with collected() as found:
        try:
            data, lists = load_with_lists(matrix, settings, files.lists, table=files.table, gene_table=files.gene_table)
            found.clear()  # `prepare` adds them again, with the weights that the settings give
            shape = f"{data.n_vars:,} genes x {data.n_obs:,} samples"
            ready = step.prepared(data, settings, **lists)
            prepared = f"{ready.n_vars:,} genes x {ready.n_obs:,} samples"
            heard += _vary_together(ready, found, all_settings)
        except GenenetError as error:
            refused = [finding.message for finding in found if finding.weight == "refused"]
            if error.message != " | ".join(dict.fromkeys(refused)):
                stopped_by = error.message
    found += judged(without_effect, settings.accept, strict=settings.strict)
    lines = [("matrix", shape or shorten(str(matrix), LONGEST_NAME, quoted=False))]
    lines += [(finding.weight, f"{spelled(finding.message)} ({finding.kind})") for finding in found]
    lines += [("warned", line) for line in heard]
    if stopped_by:
        lines.append(("refused", spelled(stopped_by)))
    if prepared:
        lines.append(("to be used", f"{prepared}{'' if found or heard else '; nothing odd was found'}"))
    for label, text in lines:
        typer.echo(f"{label:16} {printable(text)}")
    if stopped_by or any(finding.weight == "refused" for finding in found):
        raise typer.Exit(2)


def _vary_together(ready: "BareMatrix", found: "list[Finding]", settings: "Settings") -> list[str]:
    """Say that nearly all genes vary together, as the summary of a run does, by the pairs of some genes.

    It is not said where the matrix was found to do so for a reason that is told already.
    """
    from genenet.report.summary_text import FEWEST_PAIRS, NEARLY_ALL, why_most
    from genenet.workflow.trial import GENES_FOR_SHARE, share_significant

    is_told = any(finding.weight == "warned" and finding.kind in ("shifted", "counts") for finding in found)
    n_genes = min(ready.n_vars, GENES_FOR_SHARE)
    n_pairs = n_genes * (n_genes - 1) // 2
    if is_told or n_pairs < FEWEST_PAIRS or "pairs" in ready.uns["genenet"]:
        return []
    share = share_significant(ready, settings)
    if share <= NEARLY_ALL:
        return []
    of = f"{share:.1%} of {n_pairs:,} pairs of {n_genes:,} genes are significant"
    return [f"{of}: {spelled(why_most([], {'share_significant': share, 'alpha': settings.significance.alpha}))}"]


class _Listener(logging.Handler):
    """Keeps the warnings about what is done with the matrix, such as samples that are dropped."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def _listen() -> list[str]:
    """Take the warnings that `infer` would write to stderr, and give the list that they are added to."""
    listener, logger = _Listener(), logging.getLogger("genenet")
    logger.handlers = [listener]
    logger.setLevel(logging.WARNING)
    return listener.lines
