"""Sums of c log2 c over joint tables: counted one sample at a time, whatever the number of threads."""

import numpy as np
import pytest

from genenet.kernels import joint_sums
from genenet.kernels.joint_sums import HardGenes, count_logs
from genenet.kernels.threads import set_threads


def counted(variable: np.ndarray, gene: np.ndarray) -> float:
    """The sum, from a table that is filled sample by sample."""
    table = np.zeros((variable.max() + 1, gene.max() + 1), int)
    for pair in zip(variable, gene, strict=True):
        table[pair] += 1
    filled = table[table > 0]
    return float(np.sum(filled * np.log2(filled)))


@pytest.mark.parametrize(("n_genes", "n_bins", "n_levels"), [(1, 2, 2), (16, 3, 5), (37, 4, 64), (33, 3, 3)])
@pytest.mark.parametrize("n_samples", [7, 64, 129])
def test_joint_sums__as_counted(n_genes, n_bins, n_levels, n_samples):
    rng = np.random.default_rng(n_genes + n_samples)
    genes = rng.integers(0, n_bins, (n_genes, n_samples))
    variables = rng.integers(0, n_levels, (5, n_samples))
    found = HardGenes(genes, n_bins).joint_sums(variables, n_levels)
    expected = [[counted(variable, gene) for gene in genes] for variable in variables]
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-10)


def test_joint_sums__same_bytes_for_any_threads_and_blocks(monkeypatch):
    rng = np.random.default_rng(0)
    genes, variables = HardGenes(rng.integers(0, 3, (100, 90)), 3), rng.integers(0, 6, (20, 90))
    whole = genes.joint_sums(variables, 6)
    try:
        set_threads(3)
        monkeypatch.setattr(joint_sums, "BYTES_AT_ONCE", 6 * 90 * 7)
        assert genes.joint_sums(variables, 6).tobytes() == whole.tobytes()
    finally:
        set_threads(0)


def test_count_logs__of_nothing_is_0():
    np.testing.assert_array_equal(count_logs(4), [0, 0, 2, 3 * np.log2(3), 8])
