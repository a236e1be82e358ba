"""`genenet infer`: all steps in one process."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from genenet.cli import progress
from genenet.cli.options import (
    Keep,
    Name,
    OutputFolder,
    PairsFile,
    Regulators,
    Table,
    Targets,
    Threads,
    set_threads,
    with_settings,
)
from genenet.config import KEYS, Settings, settings_from, settings_from_keywords
from genenet.errors import ConfigError


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(infer)


@with_settings(*KEYS.values())
def infer(
    matrix: Annotated[
        Path, typer.Argument(metavar="MATRIX", help="Expression matrix: TSV or CSV, plain or gzipped, or .h5ad.")
    ],
    *,
    output: OutputFolder,
    regulators: Regulators = None,
    targets: Targets = None,
    keep: Keep = None,
    pairs: PairsFile = None,
    table: Table = None,
    name: Name = None,
    config: Annotated[
        Path | None,
        typer.Option(help="YAML file of settings, as the workflow's; options go before it.", show_default=False),
    ] = None,
    threads: Threads = 0,
    given: dict[str, Any],
) -> None:
    """Infer the network of one matrix: all steps, with a summary at the end."""
    settings = settings_from_keywords(base=read_settings(config) if config else None, **given)
    set_threads(threads)
    from genenet.pipeline import infer_network

    result = infer_network(
        matrix,
        regulators=regulators,
        targets=targets,
        keep=keep,
        pairs=pairs,
        table=table,
        name=name,
        settings=settings,
        progress=progress.show,
    )
    with progress.show("export"):
        result.write(output)
    print(result)
    print(f"{'files':16} {output}")


def read_settings(path: Path) -> Settings:
    """Read what a configuration file says for all data sets."""
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    if content is None:
        content = {}
    if not isinstance(content, Mapping):
        raise ConfigError(f"{path} must hold sections of settings (prune: with key: value below it), got {content!r}")
    # The workflow's own keys mean nothing here.
    return settings_from({key: value for key, value in content.items() if key not in ("datasets", "results")})
