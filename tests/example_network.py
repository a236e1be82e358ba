"""A small network with everything that has ever broken a file: names, types, missing values."""

import networkx as nx
import numpy as np
import pandas as pd
from anndata import AnnData

from genenet.config import Network
from genenet.steps.network import build_network
from genenet.writers.content import Content

GENES = [
    *("id", "NA", "1e5", "SEPT1", "1-Mar", "2024-01-05", "a b", " lead", "#x", 'q"u,o', "it's", "a<b>&c"),
    *(
        "β-actin",
        "遺伝子",
        "tab\there",
        "line\nbreak",
        "return\rhere",
        "back\\slash",
        "true",
        "null",
        "007",
        "A;B|C",
        "A/B",
        "e1",
        "🧬",
    ),
]
"""Gene names; the last two have no edge."""

PAIRS = [(0, 1), (0, 2), (1, 3), (2, 3), *((0, gene) for gene in range(4, 23))]


def genes(indices: list[int] | np.ndarray) -> pd.Categorical:
    """Make a column of genes."""
    return pd.Categorical.from_codes(np.asarray(indices), categories=pd.Index(GENES))


def edges(*, directed: bool = False, plain: bool = False) -> pd.DataFrame:
    """An edges table as `prune` writes it; every third edge was pruned, the first and second never.

    With `plain` there are no edges of genes with tabs or line breaks in their names.
    """
    pairs = np.array(PAIRS)
    n = len(pairs)
    number = np.arange(n)
    kept = (number < 3) | (number % 3 != 0)
    spearman = np.where(number == 2, np.nan, np.linspace(-1, 1, n))
    table = pd.DataFrame(
        {
            "gene_a": genes(pairs[:, 0]),
            "gene_b": genes(pairs[:, 1]),
            "mi": 1 / (1 + number),
            "nmi": 0.1 + 0.01 * number,
            "pvalue": np.where(number == 1, 0.0, 1e-300 * number),
            "pvalue_kind": pd.Categorical(np.where(number < 5, "extrapolated", "empirical")),
            "qvalue": 0.1 * number / n,
            "spearman": spearman,
            "pearson": np.linspace(1, -1, n),
            "sign": np.sign(np.nan_to_num(spearman)).astype(np.int8),
            "clr": np.where(number == 4, np.nan, number * 1.5),
            "score": 2.0 + number,
            "kept": kept,
            "dpi_via": genes(np.where(kept, -1, 3)),
            "dpi_margin": np.where(kept, np.nan, 0.25),
        }
    )
    if directed:
        # The first pair is of two regulators; gene 3 regulates neither of its partners, gene 2 does.
        table["regulator"] = table["gene_a"]
        table["target"] = table["gene_b"]
        table["mutual"] = number == 0
    if plain:
        table = table[[not any(c in gene for c in "\t\n\r") for gene in table["gene_b"]]].reset_index(drop=True)
    return table


def var() -> pd.DataFrame:
    """Columns as they come from AnnData files, and names that programs keep for themselves."""
    n = len(GENES)
    number = np.arange(n)
    return pd.DataFrame(
        {
            "mean": number + 0.1,
            "variance": np.where(number == 1, np.nan, 1.5),
            "detection_rate": np.full(n, 1 / 3, dtype=np.float32),
            "regulator": number < 2,
            "id": [f"ENSG{i:03d}" for i in number],
            "name": pd.Categorical(["first", None, *["other & <more>"] * (n - 2)]),
            "Degree": number,
            "mi": number * 2,
            "length": pd.array([None, *range(1, n)], dtype="Int64"),
            "coding": pd.array([None, *[True, False] * ((n - 1) // 2)], dtype="boolean"),
            "symbol": ["", None, "é", "a\tb", "two\nlines", *["NA"] * (n - 5)],
            "log_mean": np.where(number == 0, -np.inf, number),
            "gene symbol (HGNC)": ["x"] * n,
        },
        index=pd.Index(GENES),
    )


def expression(*, directed: bool = False, columns: pd.DataFrame | None = None) -> AnnData:
    """A prepared matrix, 6 samples."""
    uns = {"genenet": {"directed": directed, "dropped": pd.DataFrame({"gene": ["FOO"], "reason": ["constant"]})}}
    X = np.random.default_rng(0).normal(size=(6, len(GENES)))
    obs = pd.DataFrame({"batch": pd.Categorical(list("aabbcc"))}, index=[f"s{i}" for i in range(6)])
    return AnnData(X, obs=obs, var=var() if columns is None else columns, uns=uns)


def network(*, directed: bool = False) -> nx.Graph:
    """The graph, with the two genes that have no edge."""
    return build_network(edges(directed=directed), expression(directed=directed), Network(isolated=True), name="my net")


def content(*, directed: bool = False, plain: bool = False, isolated: bool = False) -> Content:
    """The contents for the writers."""
    matrix, table = expression(directed=directed), edges(directed=directed, plain=plain)
    return Content(build_network(table, matrix, Network(isolated=isolated), name="my net"), table, matrix)
