"""Small matrices, and what the steps make of them."""

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import ArrayLike

from genenet.config import Discretise, Prepare
from genenet.products.bins import Bins
from genenet.steps.discretise import discretise
from genenet.steps.prepare import prepare


def names(kind: str, n: int) -> list[str]:
    """Names of genes or samples, in order."""
    return [f"{kind}{number:03d}" for number in range(n)]


def expression(values: ArrayLike, *, regulators: list[int] | None = None) -> AnnData:
    """Genes x samples as `prepare` gives it."""
    values = np.asarray(values, float)
    genes, samples = names("G", len(values)), names("s", values.shape[1])
    frame = pd.DataFrame(values, index=genes, columns=samples)
    chosen = None if regulators is None else [genes[number] for number in regulators]
    return prepare(frame, Prepare(min_samples=4), chosen)


def bins(values: ArrayLike, *, regulators: list[int] | None = None, **settings: object) -> Bins:
    """Genes x samples in bins."""
    return discretise(expression(values, regulators=regulators), Discretise(**settings))


def within(values: ArrayLike, strata: ArrayLike, *, regulators: list[int] | None = None, **settings: object) -> Bins:
    """Genes x samples in bins within strata, given the label of each sample's stratum."""
    return discretise(in_strata(values, strata, regulators=regulators), Discretise(**settings))


def in_strata(values: ArrayLike, strata: ArrayLike, *, regulators: list[int] | None = None) -> AnnData:
    """Genes x samples as `prepare` gives it, with strata."""
    data = expression(values)
    data.obs["batch"] = [str(label) for label in strata]
    chosen = None if regulators is None else [data.var_names[number] for number in regulators]
    data.uns.clear()
    return prepare(data, Prepare(min_samples=4, strata="batch"), chosen)


def codes(values: ArrayLike, **options: object) -> Bins:
    """Genes x samples of bin codes."""
    return bins(values, method="codes", **options)


def related(n_genes: int = 40, n_samples: int = 80, *, seed: int = 0, decimals: int | None = None) -> np.ndarray:
    """Genes in a few correlated groups beside independent ones; rounded values have ties."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n_genes, n_samples))
    for start in range(0, n_genes - 4, 8):
        values[start + 1 : start + 4] += 1.5 * values[start]
    return values if decimals is None else np.round(values, decimals)


def counts(n_genes: int = 40, n_samples: int = 80, *, seed: int = 0, mean: float = 0.35) -> np.ndarray:
    """Independent Poisson counts, about 70 % zeros at the default mean; no gene is constant."""
    values = np.random.default_rng(seed).poisson(mean, size=(n_genes, n_samples)).astype(float)
    values[:, 0] += values.min(axis=1) == values.max(axis=1)
    return values
