"""`genenet associate`: association of genes with a phenotype."""

from typing import Annotated, Any

import typer

from genenet.cli import progress
from genenet.cli.common_options import COMMON, of_strata
from genenet.cli.options import MatrixArgument, Output, Threads, set_threads, with_settings
from genenet.cli.panels import OTHER
from genenet.cli.phenotype import PhenotypeTable, phenotype_and_strata, prepared
from genenet.config.checking import checked, settings_from_keywords
from genenet.config.keys import ASSOCIATE_KEYS, KEYS
from genenet.config.sections import Associate

SETTINGS = [
    *(key for key in KEYS.values() if key.section in ("prepare", "discretise")),
    *(KEYS[name] for name in ("information.estimator", "information.n_neighbours", "permutation.extrapolate")),
    *(KEYS[name] for name in ("significance.alpha", "significance.correction", "seed")),
]
SHOWN = 10
WITHIN = {"prepare.strata": of_strata("genes are compared with the phenotype within batches only")}
"""Settings that --help shows here in other words."""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=OTHER)(associate)


@with_settings(*ASSOCIATE_KEYS.values(), *SETTINGS, common={**COMMON, **WITHIN})
def associate(
    matrix: MatrixArgument,
    *,
    phenotype: Annotated[str, typer.Option(metavar="COLUMN", help="Sample attribute to compare the genes with.")],
    table: PhenotypeTable = None,
    output: Output,
    threads: Threads = 0,
    given: dict[str, Any],
) -> None:
    """Compare all genes with a phenotype: mutual information, p-values, a sorted table (TSV)."""
    own = {name: ASSOCIATE_KEYS[name].parse(given.pop(name)) for name in ASSOCIATE_KEYS if name in given}
    options = checked(Associate, own, ASSOCIATE_KEYS)
    settings = settings_from_keywords(**given)
    set_threads(threads)
    from genenet.files.added import record_added
    from genenet.phenotype import association as step
    from genenet.writers.tables import write_tsv

    expression = prepared(matrix, settings, table)
    given_phenotype, given_strata = phenotype_and_strata(phenotype, settings.prepare.strata, table)
    amount = expression.n_vars * options.n_permutations
    with progress.show("associate", amount) as advance:
        found = step.associate(
            expression,
            given_phenotype,
            strata=given_strata,
            settings=settings,
            options=options,
            progress=advance,
        )
    write_tsv(found, output)
    record_added([output], "associate")
    n_found = int((found["qvalue"] <= settings.significance.alpha).sum())
    print(f"{n_found:,} of {len(found):,} genes at {settings.significance.correction} {settings.significance.alpha:g}")
    print(found.head(SHOWN).to_string(index=False, float_format=lambda value: f"{value:.4g}"))
