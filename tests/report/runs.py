"""Runs to look at: ordinary, with hostile names, without edges."""

import numpy as np
import pandas as pd

import genenet
from genenet.result import Result

HOSTILE = [
    "<script>window.broken=1</script>", '"><img src=x onerror="window.broken=1">', "</script><script>window.broken=1//",
    "{{ 7*7 }}", "{% raw %}", "a'b\"c", "&lt;b&gt;", "`${window.broken=1}`", "\\u003c", "$x_1$", "-->", "β-actin",
    "遺伝子", "A" * 200, "@name", "__proto__", "constructor",
]  # fmt: skip
"""Names that would do harm if a page took them for anything but text."""


def ordinary(*, n_genes: int = 40, seed: int = 3) -> Result:
    """A simulated network with regulators, symbols, groups of samples, dropped genes and missing regulators."""
    truth = genenet.simulate_expression(n_genes=n_genes, n_regulators=8, n_samples=120, seed=seed)
    regulon = max((part for _, part in truth.edges.groupby("regulator")), key=len)
    data = truth.expression.copy()
    data.obs["tissue"] = pd.Categorical(np.where(np.arange(120) % 3 == 0, "liver", "heart"))
    data.obs["<b>batch</b>"] = np.arange(120) % 4
    data.X[:, 0] += 3 * (data.obs["tissue"] == "liver").to_numpy()
    data.X[:, -1] = 1.0
    return genenet.infer_network(
        data,
        regulators=[*truth.regulators, "no such gene"],
        seed=1,
        n_draws=20_000,
        min_variance=0.0,
        gene_sets={"regulon": [*regulon["regulator"][:1], *regulon["target"]], "few": list(data.var_names[:3])},
    )


def hostile() -> Result:
    """Genes, samples and attributes with hostile names, all related to each other."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(len(HOSTILE), 60)) + 1.2 * rng.normal(size=60)
    samples = [f"<i>s{i}</i>" for i in range(60)]
    frame = pd.DataFrame(values, index=HOSTILE, columns=samples)
    table = pd.DataFrame({"</script>": ["<u>a</u>", "b\"'"] * 30}, index=samples)
    sets = {"<script>window.broken=1</script>": HOSTILE[:8]}
    return genenet.infer_network(
        frame, table=table, gene_sets=sets, name="<script>window.broken=1</script>", n_draws=20_000, tolerance=1.0
    )


def without_edges() -> Result:
    """Independent genes: no edge is significant."""
    values = np.random.default_rng(3).normal(size=(30, 30))
    frame = pd.DataFrame(values, index=[f"G{i}" for i in range(30)], columns=[f"s{i}" for i in range(30)])
    return genenet.infer_network(frame, n_draws=20_000)
