"""Simulated expression with a known network: for the built-in example, for tests, and to plan numbers of samples."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.config.checking import checked
from genenet.config.keys import SIMULATE_KEYS
from genenet.config.sections import Simulate

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

IN_DEGREE = (0.55, 0.3, 0.15)
"""Share of genes with 1, 2 and 3 regulators."""
BASAL = 0.02
"""Share of a gene's largest production rate that is left when nothing activates it."""

_DEFAULT = Simulate()
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Simulation:
    """Simulated expression and the network that it was generated from."""

    expression: "AnnData"
    """Samples x genes, as log2(1 + level); `var` has the flag `regulator`."""
    edges: "pd.DataFrame"
    """True edges: regulator, target, sign (1 activates, -1 represses), in the order of the genes."""

    @property
    def regulators(self) -> list[str]:
        """Names of the genes that may regulate."""
        return list(self.expression.var_names[self.expression.var["regulator"]])


class Arrays(NamedTuple):
    """The same without the libraries that hold tables, which take longer to import than the example to simulate."""

    levels: Floats
    """Expression, genes x samples."""
    genes: list[str]
    """Names; regulators come first."""
    samples: list[str]
    n_regulators: int
    edges: list[tuple[str, str, int]]
    """Regulator, target and sign of each true edge."""


def simulate_expression(
    *,
    n_genes: int = _DEFAULT.n_genes,
    n_regulators: int = _DEFAULT.n_regulators,
    n_samples: int = _DEFAULT.n_samples,
    biological_noise: float = _DEFAULT.biological_noise,
    measurement_noise: float = _DEFAULT.measurement_noise,
    seed: int = _DEFAULT.seed,
) -> Simulation:
    r"""Simulate expression at the steady state of a random nonlinear regulatory network.

    The level of gene i in one sample is the steady state of

    .. math:: dx_i / dt = e^{s_i} f_i(x) - x_i,

    that is :math:`x_i = e^{s_i} f_i(x)`, where :math:`s_i \sim N(0, \text{biological\_noise}^2)` stands for all that
    makes two samples differ in this gene and is not modelled. A regulator j acts on a target by a Hill function of its
    level,

    .. math:: h_j = x_j^m / (x_j^m + K^m) \text{ (activator)} \quad \text{or} \quad 1 - h_j \text{ (repressor)},

    with m uniform between 2 and 4 and K within a factor of 1.4 of the regulator's median, so that every regulation is
    at work in some samples and not in others. Several regulators of one target are combined as AND, :math:`\prod h_j`,
    or as OR, :math:`1 - \prod (1 - h_j)`, one or the other at random for each target, and :math:`f_i = b + (1 - b)
    \cdot` that, with a leak b of 0.02. Two in three regulations activate.

    Each gene has 1 to 3 regulators (55, 30 and 15 % of the genes), drawn with probability proportional to 1 / rank in a
    random order of the regulators, so that a few of them have many targets and most have few. The first quarter of the
    regulators has none itself; the log of their levels has standard deviation 1 between samples. The others are
    regulated by those before them, so there are cascades (indirect edges to be pruned) but no feedback loops, and the
    steady state follows gene by gene.

    The measured value is :math:`\log_2(1 + 1000 x e^\epsilon)` with
    :math:`\epsilon \sim N(0, \text{measurement\_noise}^2)`, rounded to 4 decimals.

    Parameters
    ----------
    n_genes
        Number of genes, regulators included.
    n_regulators
        Number of genes that regulate others, at least 4.
    n_samples
        Number of samples.
    biological_noise
        Standard deviation of the unmodelled part of the log of a level; it acts on the targets of the gene too.
    measurement_noise
        Standard deviation of the measurement's error, on the log of the level.
    seed
        Seed of everything random; the same seed gives the same network and values.

    Returns
    -------
    Simulation
        `expression` (AnnData, samples x genes, log2(1 + level)), `edges` (regulator, target, sign) and `regulators`.

    Raises
    ------
    ConfigError
        If a number is out of range.

    References
    ----------
    The parts are those of the simulators that benchmarks of this field are made with: Hill-type regulation with
    combined regulators from SynTReN (Van den Bulcke et al. 2006, doi:10.1186/1471-2105-7-43) and GeneNetWeaver
    (Schaffter et al. 2011, doi:10.1093/bioinformatics/btr373); noise that passes down the network from SERGIO
    (Dibaeinia & Sinha 2020, doi:10.1016/j.cels.2020.08.003).

    Examples
    --------
    >>> simulation = simulate_expression(n_genes=10, n_regulators=4, n_samples=5)
    >>> simulation.expression.shape
    (5, 10)
    >>> simulation.regulators
    ['TF01', 'TF02', 'TF03', 'TF04']
    >>> list(simulation.edges.columns)
    ['regulator', 'target', 'sign']
    """
    found = simulate_arrays(
        n_genes=n_genes,
        n_regulators=n_regulators,
        n_samples=n_samples,
        biological_noise=biological_noise,
        measurement_noise=measurement_noise,
        seed=seed,
    )
    import pandas as pd

    return Simulation(_anndata(found), pd.DataFrame(found.edges, columns=["regulator", "target", "sign"]))


def simulate_arrays(
    *,
    n_genes: int = _DEFAULT.n_genes,
    n_regulators: int = _DEFAULT.n_regulators,
    n_samples: int = _DEFAULT.n_samples,
    biological_noise: float = _DEFAULT.biological_noise,
    measurement_noise: float = _DEFAULT.measurement_noise,
    seed: int = _DEFAULT.seed,
) -> Arrays:
    """Simulate as `simulate_expression` does."""
    _check(
        n_genes=n_genes,
        n_regulators=n_regulators,
        n_samples=n_samples,
        biological_noise=biological_noise,
        measurement_noise=measurement_noise,
        seed=seed,
    )
    # One stream for each purpose: the network stays the same when the noise or the samples change.
    wiring, samples, measuring = (np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(3))
    names = _names(n_genes, n_regulators)
    width = len(str(n_samples))
    sample_names = [f"S{sample + 1:0{width}}" for sample in range(n_samples)]
    parents = _wire(n_genes, n_regulators, wiring)
    levels = np.empty((n_genes, n_samples))
    signs: list[NDArray[np.int8]] = []
    for gene, regulators in enumerate(parents):
        sign = wiring.choice(np.array([1, 1, -1], dtype=np.int8), size=len(regulators))
        noise = samples.normal(size=n_samples) * (biological_noise if len(regulators) else 1.0)
        rate = _production(levels[regulators], sign, wiring) if len(regulators) else 1.0
        levels[gene] = np.exp(noise) * rate
        signs.append(sign)
    error = measuring.normal(size=levels.shape) * measurement_noise
    measured = np.log2(1 + 1000 * levels * np.exp(error)).round(4)
    return Arrays(measured, names, sample_names, n_regulators, _edges(parents, signs, names))


def _check(**values: float) -> None:
    checked(Simulate, {name: SIMULATE_KEYS[name].parse(value) for name, value in values.items()}, SIMULATE_KEYS)


def _names(n_genes: int, n_regulators: int) -> list[str]:
    width = len(str(n_genes))
    return [f"{'TF' if gene < n_regulators else 'G'}{gene + 1:0{width}}" for gene in range(n_genes)]


def _wire(n_genes: int, n_regulators: int, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Draw each gene's regulators, all before it in the order of the genes."""
    n_free = max(1, n_regulators // 4)
    popularity = 1 / (1 + rng.permutation(n_regulators))
    parents: list[NDArray[np.intp]] = []
    for gene in range(n_genes):
        candidates = min(gene, n_regulators) if gene >= n_free else 0
        if candidates == 0:
            parents.append(np.empty(0, dtype=np.intp))
            continue
        degree = min(candidates, 1 + int(rng.choice(len(IN_DEGREE), p=IN_DEGREE)))
        chance = popularity[:candidates] / popularity[:candidates].sum()
        parents.append(np.sort(rng.choice(candidates, size=degree, replace=False, p=chance)))
    return parents


def _production(levels: Floats, sign: NDArray[np.int8], rng: np.random.Generator) -> Floats:
    """Production rate of a gene by the levels of its regulators, shape (n_regulators_of_it, n_samples)."""
    shape = (len(levels), 1)
    exponent = rng.uniform(2, 4, shape)
    half = np.median(levels, axis=1, keepdims=True) * np.exp(rng.uniform(-0.35, 0.35, shape))
    hill = 1 / (1 + (half / levels) ** exponent)
    acting = np.where(sign[:, None] > 0, hill, 1 - hill)
    combined: Floats = acting.prod(axis=0) if rng.random() < 0.5 else 1 - (1 - acting).prod(axis=0)
    return BASAL + (1 - BASAL) * combined


def _anndata(found: Arrays) -> "AnnData":
    import pandas as pd
    from anndata import AnnData

    var = pd.DataFrame({"regulator": np.arange(len(found.genes)) < found.n_regulators}, index=found.genes)
    return AnnData(np.ascontiguousarray(found.levels.T), obs=pd.DataFrame(index=found.samples), var=var)


def _edges(
    parents: list[NDArray[np.intp]], signs: list[NDArray[np.int8]], names: list[str]
) -> list[tuple[str, str, int]]:
    rows = sorted(
        (int(regulator), gene, int(sign))
        for gene, (regulators, own) in enumerate(zip(parents, signs, strict=True))
        for regulator, sign in zip(regulators, own, strict=True)
    )
    return [(names[regulator], names[gene], sign) for regulator, gene, sign in rows]
