"""Upload a network to NDEx, the exchange of biological networks, by its own client (package ndex2)."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import networkx as nx

from genenet.errors import InputError, shorten
from genenet.writers.cx2 import write_cx2
from genenet.writers.node_positions import layout

SERVER = "https://www.ndexbio.org"
USERNAME, PASSWORD = "NDEX_USERNAME", "NDEX_PASSWORD"
"""Environment variables of the account: a password on a command line would be seen by everybody on the machine."""
TIMEOUT = 600.0
"""Seconds to wait for the server."""


def upload_to_ndex(graph: "nx.Graph[str]", *, server: str = SERVER, public: bool = False) -> str:
    """Upload a network to NDEx as CX2, with style and positions, as a new network.

    The account is that of the environment variables NDEX_USERNAME and NDEX_PASSWORD.

    Parameters
    ----------
    graph
        A graph of `genenet.steps.network.build_network`, or of `genenet.cytoscape.read_network`.
    server
        Address of the server.
    public
        Whether everybody may see it; by default only its owner.

    Returns
    -------
    The address of the new network.

    Raises
    ------
    InputError
        If ndex2 is not installed, there is no account, or the server refuses the network.
    """
    client = _client(server)
    with tempfile.TemporaryDirectory() as folder:
        path = write_cx2(graph, Path(folder, "network.cx2"), positions=layout(graph))
        content = json.loads(path.read_text(encoding="utf-8"))
    try:
        address: str = client.save_new_cx2_network(content, visibility="PUBLIC" if public else "PRIVATE")
    except Exception as error:  # the client raises its own errors and those of requests
        reason = shorten(" ".join(str(error).split()), 300, quoted=False) or type(error).__name__
        raise InputError(f"NDEx at {server} did not take the network: {reason}") from None
    return address


def _client(server: str) -> Any:
    try:
        from ndex2.client import Ndex2
    except ImportError:
        raise InputError("uploading to NDEx needs the package ndex2: pip install 'genenet-mi[ndex]'") from None
    name, password = os.environ.get(USERNAME, ""), os.environ.get(PASSWORD, "")
    if not name or not password:
        raise InputError(
            f"NDEx needs an account: set the environment variables {USERNAME} and {PASSWORD} (https://www.ndexbio.org)"
        )
    return Ndex2(server, name, password, user_agent="genenet", timeout=TIMEOUT, skip_version_check=True)
