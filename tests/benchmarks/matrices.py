"""Matrices to measure on."""

import gzip
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SEED = 20_240
N_FACTORS = 5


def expression(n_genes: int, n_samples: int, relatedness: float = 0.0) -> NDArray[np.float64]:
    """Values of genes that share a few hidden factors, shape (n_genes, n_samples).

    With relatedness 0 all genes are independent; 0.3 makes about half of the pairs significant at 1,000 samples.
    """
    random = np.random.default_rng([SEED, n_genes, n_samples])
    values = random.normal(size=(n_genes, n_samples))
    if relatedness:
        values += relatedness * random.normal(size=(n_genes, N_FACTORS)) @ random.normal(size=(N_FACTORS, n_samples))
    return values


def write_table(values: NDArray[np.float64], path: Path) -> Path:
    """Write a gzipped TSV as people have them: four decimals, packed lightly."""
    with gzip.open(path, "wt", compresslevel=1) as file:
        file.write("\t".join(["gene", *(f"S{number}" for number in range(values.shape[1]))]) + "\n")
        for number, row in enumerate(values):
            file.write(f"G{number:05d}\t" + "\t".join(f"{value:.4f}" for value in row) + "\n")
    return path
