"""The steps of the data path, one command each: files in, files out."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genenet.cli import progress
from genenet.cli.options import (
    BinsFile,
    ConfoundingFile,
    Edges,
    Expression,
    GroupBy,
    Matrix,
    MatrixFiles,
    Name,
    NullFile,
    Output,
    OutputFolder,
    Pruned,
    Threads,
    set_threads,
    with_settings,
)
from genenet.cli.panels import STEPS
from genenet.config.checking import settings_from_keywords
from genenet.config.keys import KEYS, Key
from genenet.config.step_options import STEP_KEYS
from genenet.errors import ConfigError, logger_of

if TYPE_CHECKING:
    import pandas as pd

    from genenet.products.bins import Bins
    from genenet.products.blocks import PairBlock
    from genenet.products.expression import Expression as MatrixOfStep
    from genenet.products.origin import Origin
    from genenet.statistics.null import Null


logger = logger_of(__name__)


def add_to(app: typer.Typer) -> None:
    """Add the commands, in the order of the data path."""
    for command in (prepare, discretise, permutation, information, significance, prune, confounding, network, export):
        app.command(rich_help_panel=STEPS)(command)


def _keys(step: str) -> Iterable[Key]:
    return (KEYS[dotted] for dotted in STEP_KEYS[step])


@with_settings(*_keys("prepare"))
def prepare(
    *,
    matrix: Matrix,
    files: MatrixFiles,
    group_by: GroupBy = None,
    group: Annotated[
        str | None, typer.Option(help="With --group-by: the level whose samples to take.", show_default=False)
    ] = None,
    output: Output,
    given: dict[str, Any],
) -> None:
    """Read a matrix, check it, and write it as expression.h5ad."""
    settings = settings_from_keywords(**given).prepare
    from genenet.files.intermediate import write_expression
    from genenet.groups.split import of_group, take_group
    from genenet.readers.matrix import load_with_lists
    from genenet.steps import prepare as step

    if (group_by is None) != (group is None):
        raise ConfigError("--group-by and --group belong together: the attribute, and the level whose samples to take")
    data, lists = load_with_lists(matrix, settings, files.lists, table=files.table, gene_table=files.gene_table)
    with of_group(group_by, group):
        if group_by is not None and group is not None:
            data = take_group(data, group_by, group)
        write_expression(step.prepared(data, settings, **lists), output)


@with_settings(*_keys("discretise"))
def discretise(*, expression: Expression, output: Output, threads: Threads = 0, given: dict[str, Any]) -> None:
    """Put each gene's samples into bins: bins.h5ad."""
    settings = settings_from_keywords(**given)
    set_threads(threads)
    from genenet.files.intermediate import read_prepared, write_bins
    from genenet.steps import discretise as step

    with progress.show("discretise"):
        bins = step.discretise(read_prepared(expression), settings.discretise, settings.information)
        write_bins(bins, output)


@with_settings(*_keys("permutation"))
def permutation(*, bins: BinsFile, output: Output, threads: Threads = 0, given: dict[str, Any]) -> None:
    """Draw the null distribution from permuted samples: null.npz."""
    settings = settings_from_keywords(**given)
    set_threads(threads)
    from genenet.files.intermediate import read_bins, write_null
    from genenet.steps.permutation import n_first_draws, permutation_null

    data, alpha = read_bins(bins), settings.significance.alpha
    with progress.show("permutation", n_first_draws(data, settings.permutation, alpha=alpha)) as advance:
        null = permutation_null(data, settings.permutation, alpha=alpha, seed=settings.seed, progress=advance)
    write_null(null, output)


def _bins_and_null(bins: Path, null: Path) -> "tuple[Bins, Null]":
    """Read the bins and the null; refuse a null that was not drawn from these bins."""
    from genenet.files.intermediate import read_bins, read_null
    from genenet.products.blocks import origin_of_null
    from genenet.products.origin import check_one_run

    data, drawn = read_bins(bins), read_null(null)
    check_one_run({null: origin_of_null(drawn), bins: data.origin})
    return data, drawn


@with_settings(*_keys("information"))
def information(
    *,
    bins: BinsFile,
    null: NullFile,
    block: Annotated[int, typer.Option(help="Which of the n_blocks blocks of pairs, from 0.")] = 0,
    output: Output,
    threads: Threads = 0,
    given: dict[str, Any],
) -> None:
    """Compute the mutual information of one block of pairs: mi/BLOCK.parquet."""
    settings = settings_from_keywords(**given)
    set_threads(threads)
    from genenet.files.intermediate import write_block
    from genenet.steps import information as step

    data, drawn = _bins_and_null(bins, null)
    n_blocks = settings.information.n_blocks
    with progress.show("information", 2 * data.n_pairs // n_blocks) as advance:
        found = step.information(
            data,
            drawn,
            alpha=settings.significance.alpha,
            block=block,
            n_blocks=n_blocks,
            seed=settings.seed,
            progress=advance,
        )
    write_block(found, output)


@with_settings(*_keys("significance"))
def significance(
    *,
    mi: Annotated[list[Path], typer.Option(help="mi/BLOCK.parquet, from genenet information; once for each block.")],
    bins: BinsFile,
    null: NullFile,
    output: Output,
    threads: Threads = 0,
    given: dict[str, Any],
) -> None:
    """Gather the blocks, correct for multiple testing, call edges: edges.parquet."""
    settings = settings_from_keywords(**given).significance
    set_threads(threads)
    from genenet.files.edges import write_significant
    from genenet.products.blocks import origin_of_null
    from genenet.steps import significance as step

    with progress.show("significance"):
        data, drawn = _bins_and_null(bins, null)
        of_run = {null: origin_of_null(drawn), bins: data.origin}
        found = step.significance(_blocks(mi, of_run), data, drawn, settings, in_place=True, whole_null=False)
        write_significant(found, output)


def _blocks(mi: Iterable[Path], of_run: "Mapping[Path, Origin]") -> "Iterator[PairBlock]":
    """Read the blocks of pairs one after another; refuse one that is of another run than the other files."""
    from genenet.files.intermediate import read_block
    from genenet.products.origin import check_one_run

    for path in mi:
        block = read_block(path)
        check_one_run({path: block.origin, **of_run})
        yield block


@with_settings(*_keys("prune"))
def prune(
    *,
    edges: Edges,
    expression: Expression,
    bins: Annotated[
        Path | None,
        typer.Option(help="bins.h5ad, from genenet discretise; for the scores puc and pidc.", show_default=False),
    ] = None,
    stability_file: Annotated[
        Path | None,
        typer.Option(
            help="stability.parquet, from genenet stability: edges that come back too rarely are not kept.",
            show_default=False,
        ),
    ] = None,
    output: Output,
    threads: Threads = 0,
    given: dict[str, Any],
) -> None:
    """Mark indirect edges: pruned.parquet."""
    all_settings = settings_from_keywords(**given)
    settings = all_settings.prune
    set_threads(threads)
    from genenet.files.changed_matrix import saying_how_it_changed
    from genenet.files.edges import StoredEdges, write_edges
    from genenet.files.intermediate import read_prepared
    from genenet.products.fingerprint import origin_of
    from genenet.products.origin import check_one_run, check_settings
    from genenet.steps import prune as step

    with progress.show("prune"):
        data = _bins_if(bins, {"puc", "pidc"} & {*settings.score})
        significant, matrix = StoredEdges(edges), read_prepared(expression)
        of_run = {edges: significant.origin, **_origin_of_bins(bins, data), expression: origin_of(matrix)}
        halves = None
        if stability_file is not None:
            from genenet.files.stability import read_stability

            halves = read_stability(stability_file)
            of_run = {stability_file: halves.origin, **of_run}
        with saying_how_it_changed(edges, significant.origin, matrix):
            check_one_run(of_run)
        pruned = step.pruned(significant, matrix, settings, data)
        if halves is not None and stability_file is not None:
            from genenet.stability.selection import settings_of
            from genenet.stability.stable import keep_stable

            on_all = settings_of(step.resolved(significant, matrix, settings), settings)
            check_settings(stability_file, halves.prune, on_all, "prune")
            pruned = keep_stable(pruned, halves, all_settings.stability)
        write_edges(pruned.table, pruned.statistics, output)


def _bins_if(bins: Path | None, needed: object) -> "Bins | None":
    """Read the bins if they are given and needed."""
    from genenet.files.intermediate import read_bins

    return read_bins(bins) if bins is not None and needed else None


def _origin_of_bins(bins: Path | None, data: "Bins | None") -> "dict[Path, Origin]":
    """Tell of which run the bins are, by the name of their file, if they were read."""
    return {} if bins is None or data is None else {bins: data.origin}


@with_settings(*_keys("confounding"))
def confounding(
    *,
    expression: Expression,
    bins: BinsFile,
    null: NullFile,
    edges: Edges,
    pruned: Annotated[Path, typer.Option(help="pruned.parquet, from genenet prune.")],
    output: Output,
    threads: Threads = 0,
    given: dict[str, Any],
) -> None:
    """With strata: say which edges they explain, hide or reverse: confounding.tsv."""
    settings = settings_from_keywords(**given)
    set_threads(threads)
    from genenet.confounding import check_strata
    from genenet.confounding import confounding as step
    from genenet.files.edges import read_edges, read_origin, read_statistics
    from genenet.files.intermediate import read_expression
    from genenet.products.blocks import origin_of_null
    from genenet.products.fingerprint import origin_of
    from genenet.products.origin import check_one_run, check_settings, origin_of_table, with_fingerprint
    from genenet.steps.discretise import discretise
    from genenet.writers.tables import write_tsv

    data, drawn = _bins_and_null(bins, null)
    with progress.show("confounding", data.n_pairs) as advance:
        (table, of_prune), of_edges = read_edges(pruned), read_statistics(edges, step="significance")
        matrix = read_expression(expression)
        check_one_run(
            {
                pruned: origin_of_table(table),
                edges: read_origin(edges, step="significance"),
                null: origin_of_null(drawn, data),
                bins: data.origin,
                expression: origin_of(matrix),
            }
        )
        check_settings(edges, of_edges, settings.significance.model_dump(mode="json"), "significance")
        check_settings(pruned, of_prune, _said(settings.prune.model_dump(mode="json")), "prune")
        if drawn.bins:
            check_settings(null, {"seed": drawn.seed}, {"seed": settings.seed})
        if data.strata is not None:
            check_strata(matrix, data.strata)
            # Within strata no estimator has neighbours: their number is not given here, and is in the bins.
            information = settings.information.model_copy(update={"n_neighbours": data.n_neighbours})
            of_settings = discretise(matrix, settings.discretise, information).origin
            check_one_run({bins: data.origin, "the settings": of_settings}, warn=False)
        found = step(matrix, data, drawn, table, of_edges, settings, progress=advance)
        write_tsv(with_fingerprint(found, table), output)


def _said(prune: "Mapping[str, Any]") -> "dict[str, Any]":
    """Those settings of prune that leave nothing open, and that pruned.parquet holds as they were given."""
    given = {name: prune[name] for name in ("score", "sign", "max_edges")}
    return {name: value for name, value in given.items() if value not in (["auto"], "auto", None)}


def _of_one_run(
    edges: Path, expression: Path, confounding: Path | None, bins: Path | None = None
) -> "tuple[pd.DataFrame, MatrixOfStep, Bins | None]":
    """Read the edges table, with the verdicts of confounding.tsv, and the matrix; refuse files of different runs."""
    from genenet.files.changed_matrix import saying_how_it_changed
    from genenet.files.edges import read_edges
    from genenet.files.intermediate import read_prepared
    from genenet.products.fingerprint import origin_of
    from genenet.products.origin import check_one_run, origin_of_table

    table, matrix = read_edges(edges)[0], read_prepared(expression)
    data = _bins_if(bins, bins)
    of_table = origin_of_table(table)
    with saying_how_it_changed(edges, of_table, matrix):
        check_one_run({edges: of_table, **_origin_of_bins(bins, data), expression: origin_of(matrix)})
    return _with_flags(table, edges, confounding), matrix, data


def _with_flags(table: "pd.DataFrame", edges: Path, confounding: Path | None) -> "pd.DataFrame":
    """Add the verdicts of confounding.tsv to the edges table."""
    if confounding is None:
        return table
    from genenet.files.confounding import read_confounding_of
    from genenet.products.confounding import with_flags

    return with_flags(table, read_confounding_of(confounding, edges, table))


@with_settings(*_keys("network"))
def network(
    *,
    edges: Pruned,
    expression: Expression,
    confounding: ConfoundingFile = None,
    output: Output,
    name: Name = None,
    given: dict[str, Any],
) -> None:
    """Make the graph of the kept edges: network.graphml."""
    settings = settings_from_keywords(**given).network
    from genenet.steps.network import network_of
    from genenet.writers.graphml import write_graphml

    with progress.show("network"):
        table, matrix, _ = _of_one_run(edges, expression, confounding)
        write_graphml(network_of(table, matrix, settings, name=name or "network"), output)


@with_settings(*_keys("export"))
def export(
    *,
    edges: Pruned,
    expression: Expression,
    bins: Annotated[
        Path | None,
        typer.Option(
            help="bins.h5ad, from genenet discretise; for the formats ranking, mi_matrix and anomalies.",
            show_default=False,
        ),
    ] = None,
    confounding: ConfoundingFile = None,
    output: OutputFolder,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Remove the files of other formats that are in the output folder, if the manifest.json beside it lists"
            " them and they were not changed since.",
        ),
    ] = False,
    name: Name = None,
    threads: Threads = 0,
    given: dict[str, Any],
) -> None:
    """Write the network for other programs: Cytoscape.js JSON, TSV, AnnData, and what else export.formats says."""
    settings = settings_from_keywords(**given)
    set_threads(threads)
    from genenet.steps.export import export_content
    from genenet.steps.network import network_of
    from genenet.writers.content import Content
    from genenet.writers.formats import need_bins, need_samples

    formats = settings.export.formats
    if bins is None and need_samples(formats):
        logger.warning("samples are not scored, which takes the bins: give them with --bins for anomalies.tsv")
        formats = tuple(name for name in formats if not need_samples([name]))
    with progress.show("export"):
        used = bins if need_bins(formats) or need_samples(formats) else None
        table, matrix, data = _of_one_run(edges, expression, confounding, used)
        network = network_of(table, matrix, settings.network, name=name or "network")
        content = Content(
            network,
            table,
            matrix,
            view_genes=tuple(settings.export.view_genes),
            view_nodes=settings.export.view_nodes,
            guard_formulas=settings.export.guard_formulas,
            bins=data,
        )
        paths = export_content(content, output, formats)
    if replace:
        _remove_other_formats(output, paths)


def _remove_other_formats(folder: Path, written: Iterable[Path]) -> None:
    """Remove files that an earlier run exported to a folder and that were not written now."""
    from genenet.files.manifest import outputs_of
    from genenet.files.run_folder import remove_left

    run = folder.parent
    before = {name: identity for name, identity in outputs_of(run).items() if (run / name).parent == folder}
    remove_left(run, before, [path.relative_to(run).as_posix() for path in written])
