"""Two groups of samples with a few relations that differ."""

import numpy as np
import pandas as pd
import pytest

CHANGED = {
    ("G30", "G31"): "gained",
    ("G32", "G33"): "lost",
    ("G34", "G35"): "flipped",
    ("G36", "G37"): "gained",
    ("G38", "G39"): "shape",
    ("G40", "G41"): "stronger",
    ("G42", "G43"): "weaker",
}
"""Pairs that differ, and how."""


def example(seed: int = 6) -> tuple[pd.DataFrame, pd.DataFrame]:
    """60 genes in 90 normal and 110 tumour samples, whose means and variances differ too; 20 genes are a module."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(60, 200))
    tumour = np.arange(200) >= 90
    values[:20] += rng.normal(size=200)
    noise = rng.normal(size=(8, 200))
    values[30] = np.where(tumour, values[31] + 0.5 * noise[0], noise[0])
    values[32] = np.where(tumour, noise[1], values[33] + 0.5 * noise[1])
    values[34] = np.where(tumour, -1, 1) * values[35] + 0.6 * noise[2]
    values[36] = np.where(tumour, values[37] ** 2 + 0.3 * noise[3], noise[3])
    values[38] = np.where(tumour, 1, -1) * np.abs(values[39]) + 0.3 * noise[4]
    values[40] = values[41] + np.where(tumour, 0.15, 1.8) * noise[5]
    values[42] = values[43] + np.where(tumour, 1.8, 0.15) * noise[6]
    values[:, tumour] = 3 * values[:, tumour] + 2
    samples = [f"s{number}" for number in range(200)]
    matrix = pd.DataFrame(values, index=[f"G{gene:02d}" for gene in range(60)], columns=samples)
    table = pd.DataFrame({"tissue": np.where(tumour, "tumour", "normal")}, index=samples)
    table["batch"] = np.arange(200) % 2
    return matrix, table


@pytest.fixture(scope="package")
def compared():
    import genenet

    matrix, table = example()
    return genenet.differential_network(matrix, "tissue", table=table, progress=False)
