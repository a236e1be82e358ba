"""`genenet ndex`: a network on the server of NDEx."""

from pathlib import Path
from typing import Annotated

import typer

from genenet.cli import progress
from genenet.cli.panels import RESULT


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=RESULT)(ndex)


def ndex(
    network: Annotated[
        Path,
        typer.Argument(
            metavar="FILE_OR_DIR",
            help="Folder of a run or of genenet differential, or its .graphml or .cyjs file.",
        ),
    ],
    *,
    server: Annotated[str, typer.Option(help="Address of the server.")] = "https://www.ndexbio.org",
    public: Annotated[
        bool, typer.Option("--public", help="Everybody may see the network; otherwise only its owner.")
    ] = False,
) -> None:
    """Upload a network to NDEx, with its style.

    The account is that of the environment variables NDEX_USERNAME and NDEX_PASSWORD. Needs the package ndex2 (extra
    [ndex]).
    """
    from genenet.cytoscape import read_network
    from genenet.ndex import upload_to_ndex

    with progress.show("ndex"):
        graph = read_network(network)
        address = upload_to_ndex(graph, server=server.rstrip("/"), public=public)
    kind = "public" if public else "private"
    n_nodes, n_edges = graph.number_of_nodes(), graph.number_of_edges()
    typer.echo(f"{n_nodes:,} nodes, {n_edges:,} edges, {kind}: {address}")
