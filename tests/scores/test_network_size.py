"""Significant partial correlations against regressions."""

import numpy as np
import pytest
from scipy import stats

from genenet.products.pairs import Pairs
from genenet.scores.network_size import LEVEL, are_many_samples, n_directly_related


def related_genes(n_genes: int, n_samples: int, seed: int) -> np.ndarray:
    """Each gene depends on up to two of those before it."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n_genes, n_samples))
    for gene in range(1, n_genes):
        for other in rng.integers(gene, size=2):
            values[gene] += 0.3 * values[other]
    return values


def pvalue(values: np.ndarray, one: int, other: int) -> float:
    """p-value of the correlation of two genes' residuals after regression on all others, by Fisher's transform."""
    given = np.delete(values, [one, other], axis=0)
    design = np.column_stack([given.T, np.ones(values.shape[1])])
    residuals = [values[gene] - design @ np.linalg.lstsq(design, values[gene])[0] for gene in (one, other)]
    z = np.arctanh(np.corrcoef(residuals)[0, 1]) * np.sqrt(values.shape[1] - len(given) - 3)
    return float(2 * stats.norm.sf(abs(z)))


@pytest.mark.parametrize("seed", range(4))
def test_n_directly_related__as_regressions(seed: int) -> None:
    values = related_genes(12, 300, seed)
    first, second = (genes.astype(np.int32) for genes in np.triu_indices(12, 1))
    # Not all pairs are edges.
    chosen = np.random.default_rng(seed).random(len(first)) < 0.8
    pairs = Pairs(first[chosen], second[chosen], np.ones(chosen.sum()))
    matrix = np.corrcoef(values)
    found = n_directly_related(pairs, lambda part: matrix[part.first, part.second], 12, 300)
    pvalues = np.array([pvalue(values, *pair) for pair in zip(pairs.first, pairs.second, strict=True)])
    # The matrix is shrunken by a hundredth, which moves a p-value at the limit to its other side.
    assert 5 < np.sum(pvalues < 0.7 * LEVEL / len(pairs)) <= found <= np.sum(pvalues < 1.3 * LEVEL / len(pairs))


def test_n_directly_related__none_where_nothing_is_related() -> None:
    """In 1 - LEVEL of the matrices no partial correlation is significant: 200 of them, three standard errors."""
    first, second = (genes.astype(np.int32) for genes in np.triu_indices(10, 1))
    pairs, rng, counts = Pairs(first, second, np.ones(45)), np.random.default_rng(0), []
    for _ in range(200):
        matrix = np.corrcoef(rng.normal(size=(10, 100)))
        counts.append(n_directly_related(pairs, lambda part, m=matrix: m[part.first, part.second], 10, 100))
    assert np.mean(np.array(counts) > 0) == pytest.approx(LEVEL, abs=3 * np.sqrt(LEVEL / 200))


def test_n_directly_related__of_copies() -> None:
    """A matrix that cannot be inverted: copies are related directly."""
    values = related_genes(6, 200, 0)
    values = np.concatenate([values, values[:2]])
    matrix = np.corrcoef(values)
    pairs = Pairs(np.array([0, 1], np.int32), np.array([6, 7], np.int32), np.ones(2))
    assert n_directly_related(pairs, lambda part: matrix[part.first, part.second], 8, 200) == 2


def test_are_many_samples() -> None:
    assert are_many_samples(200, 2000)
    assert not are_many_samples(200, 1999)
    assert not are_many_samples(201, 10**6)
