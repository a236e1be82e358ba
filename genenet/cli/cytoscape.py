"""`genenet cytoscape`: a network in the Cytoscape that runs on this machine."""

from pathlib import Path
from typing import Annotated, Any

import typer

from genenet.cli import progress
from genenet.cli.options import with_settings
from genenet.cli.panels import RESULT
from genenet.config.checking import settings_from_keywords
from genenet.config.keys import KEYS


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=RESULT)(cytoscape)


@with_settings(KEYS["export.view_genes"], KEYS["export.view_nodes"])
def cytoscape(
    network: Annotated[
        Path,
        typer.Argument(
            metavar="FILE_OR_DIR",
            help="Folder of a run or of genenet differential, or its .graphml or .cyjs file.",
        ),
    ],
    *,
    url: Annotated[
        str, typer.Option(help="Address of Cytoscape's REST interface, on this machine.")
    ] = "http://127.0.0.1:1234/v1",
    given: dict[str, Any],
) -> None:
    """Send a network to a running Cytoscape, with style and layout.

    Of genenet differential the pairs that differ, coloured by their change.

    The whole network, or with --view-genes the neighbourhood of these genes, or with --view-nodes the strongest part.
    """
    settings = settings_from_keywords(**given).export
    from genenet.cytoscape import read_network, send_to_cytoscape

    with progress.show("cytoscape"):
        sent = send_to_cytoscape(
            read_network(network),
            url=url.rstrip("/"),
            view_genes=settings.view_genes,
            view_nodes=settings.view_nodes if given else None,
        )
    typer.echo(f"Cytoscape {sent['cytoscape']} shows {sent['name']}: {sent['nodes']:,} nodes, {sent['edges']:,} edges")
