"""Forecast of a run: time, memory and disk of each step, from the size of the matrix and the settings.

`genenet plan` prints this forecast, and the workflow's rules request resources by it. Its constants are fitted on
`python tests/benchmarks/run.py steps`, for cores of 2.5 GHz with AVX-512 VNNI; a trial (`genenet.workflow.trial`)
corrects it for other machines. Nothing heavy is imported here, since Snakemake reads this module in every job.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import ceil, isqrt
from pathlib import Path

from genenet.config.sections import (
    BEYOND,
    CONSENSUS_GENES,
    FEWEST_VALUES,
    HALF_DRAWS,
    MANY_PAIRS,
    MARGIN,
    MOST_EDGES,
    MOST_NONZERO,
    Discretise,
    Permutation,
    Settings,
    default_draws,
    first_draws,
)
from genenet.readers.limits import MAX_DENSE_BYTES
from genenet.readers.shape import shape_of, share_stored

MB = 1e6
EXPECTED_STRATA = 5
"""Number of strata that is assumed where the attributes of the samples are not read."""
EXPECTED_SHARE = 0.3
"""Share of the pairs that is assumed to be significant without a trial; real matrices had 0.001 to 0.8."""
KEPT_SHARE, KEPT_PER_GENE = 0.01, 5
"""DPI is expected to keep this share of the significant pairs (0.6 to 3 % were seen) and so many edges a gene."""
MOST_BLOCKS = 1_000
BLOCK_SECONDS = 1200.0
"""Time that a block should take at most; it is long compared with the start of a job."""


@dataclass(frozen=True)
class Problem:
    """The quantities that the cost of a run depends on.

    Attributes
    ----------
    n_genes, n_samples
        Size of the matrix after filters.
    n_bins, soft
        Bins of a gene, and whether they are soft.
    n_regulators
        Number of regulators; None without a list.
    n_draws
        Draws of the null.
    share
        Share of the tested pairs that is significant.
    alpha
        Largest p-value of pairs that the blocks keep.
    max_edges, max_pruned
        Largest numbers of edges that are kept, and of removed edges that are written.
    speed
        Speed of this machine relative to the one on which the constants were fitted.
    pair_factor
        Time of a pair relative to the default estimator with the same number of bins.
    n_splits
        Number of splits of the samples into halves; 0 without stability.
    share_nonzero
        Share of the values that are not 0.
    n_strata
        Number of strata; with several, the network without them is inferred too.
    in_memory
        Whether pairs go from step to step in memory, as in `genenet infer`: then most of those that have p-values of at
        most alpha by chance are not kept.
    """

    n_genes: int
    n_samples: int
    n_bins: int = 6
    soft: bool = True
    n_regulators: int | None = None
    n_draws: int | None = None
    share: float = EXPECTED_SHARE
    alpha: float = 0.05
    max_edges: int | None = 500_000
    max_pruned: int = 5_000_000
    speed: float = 1.0
    pair_factor: float = 1.0
    n_splits: int = 0
    share_nonzero: float = 1.0
    n_strata: int = 1
    in_memory: bool = False

    @property
    def mostly_zeros(self) -> bool:
        """Whether bins and joint counts are made of the values that are not 0 alone."""
        n_values = self.n_genes * self.n_samples
        return self.share_nonzero <= MOST_NONZERO and n_values >= FEWEST_VALUES and self.pair_factor == 1

    @property
    def stored(self) -> float:
        """Size of the matrix, in numbers of eight bytes."""
        n_values = self.n_genes * self.n_samples
        packed = self.mostly_zeros and 8 * n_values > MAX_DENSE_BYTES
        return 1.5 * self.share_nonzero * n_values if packed else n_values

    @property
    def n_pairs(self) -> int:
        """Number of pairs that are tested."""
        rows = self.n_genes if self.n_regulators is None else min(self.n_regulators, self.n_genes)
        return rows * (rows - 1) // 2 + rows * (self.n_genes - rows)

    @property
    def draws(self) -> int:
        """Number of draws of the null before the cut-off of the edges is known."""
        return first_draws(Permutation(n_draws=self.n_draws), self.n_pairs, self.alpha)

    @property
    def max_draws(self) -> int:
        """Number of draws up to which `significance` may continue the null."""
        return self.n_draws or default_draws(self.n_pairs)

    @property
    def candidates(self) -> float:
        """Number of pairs that the blocks keep, those of the permuted control included."""
        return self.n_pairs * (min(1.0, self.share + self.by_chance * (1 - self.share)) + self.by_chance)

    @property
    def by_chance(self) -> float:
        """Share of pairs without any relation that the blocks keep."""
        few = not self.in_memory or self.n_pairs < MANY_PAIRS or self.n_regulators is not None
        if few or self.mostly_zeros or self.n_strata > 1 or self.pair_factor != 1:
            return self.alpha
        # This many of the matrix, and fewer of its permuted copy.
        return min(1.0, MARGIN * BEYOND * (self.share + self.alpha)) * self.alpha

    @property
    def significant(self) -> float:
        """Number of significant pairs."""
        return self.n_pairs * self.share

    @property
    def kept(self) -> float:
        """Expected number of edges of the network."""
        kept = min(self.significant, KEPT_SHARE * self.significant + KEPT_PER_GENE * self.n_genes)
        return kept if self.max_edges is None else min(kept, self.max_edges)

    @property
    def written(self) -> float:
        """Number of rows of pruned.parquet."""
        return min(self.significant, self.kept + self.max_pruned)


@dataclass(frozen=True)
class Cost:
    """Time, memory and disk of one step."""

    seconds: float
    memory_mb: float
    disk_mb: float


@dataclass(frozen=True)
class Coefficients:
    """Time and memory of a step for each unit of its work (see `_amounts`).

    Attributes
    ----------
    start
        Seconds before the computation, for imports and loading compiled code.
    parallel, serial
        Nanoseconds for each unit; the parallel ones are divided by the number of threads.
    memory, disk
        Bytes for each unit; `process` is the process with its libraries.
    """

    start: float
    parallel: Mapping[str, float] = field(default_factory=dict)
    serial: Mapping[str, float] = field(default_factory=dict)
    memory: Mapping[str, float] = field(default_factory=dict)
    disk: Mapping[str, float] = field(default_factory=dict)


# Fitted on `python tests/benchmarks/run.py steps`. Seconds, nanoseconds and bytes as `Coefficients` says.
COEFFICIENTS = {
    "prepare": Coefficients(1.1, serial={"cell": 90}, memory={"process": 180e6, "held": 38}, disk={"stored": 8}),
    "discretise": Coefficients(
        1.4, parallel={"binning": 1}, memory={"process": 280e6, "held": 25, "binned": 4.5}, disk={"binned_disk": 1}
    ),
    "permutation": Coefficients(
        1.4,
        parallel={"drawing": 1},
        serial={"draw": 100},
        memory={"process": 310e6, "draw": 16, "binned": 3},
        disk={"draw": 8},
    ),
    "information": Coefficients(
        1.3,
        parallel={"counting": 1, "block_candidate": 100},
        serial={"block_candidate": 100},
        memory={"process": 370e6, "binned": 5, "block_pair_memory": 1},
        disk={"block_candidate": 12},
    ),
    "significance": Coefficients(
        1.8,
        parallel={"candidate": 200},
        serial={"candidate": 150, "significant": 300, "draw": 80},
        memory={"process": 330e6, "largest_null": 40, "pair_memory": 1.7},
        disk={"significant": 40},
    ),
    "stability": Coefficients(
        2.0,
        parallel={"counting_halves": 1, "drawing_halves": 1, "significant_halves": 400},
        serial={"significant_halves": 150, "draw_halves": 200},
        memory={"process": 350e6, "cell": 40, "weight": 8, "pair_memory": 1.2, "table_memory": 1, "kept": 60},
        disk={"kept": 30},
    ),
    "prune": Coefficients(
        1.9,
        parallel={"significant": 300, "correlating": 1, "factoring": 1},
        serial={"significant": 120, "written": 1200, "compared": 300},
        memory={"process": 310e6, "compared": 30, "table_memory": 1, "written": 240, "factored": 24},
        disk={"written": 60},
    ),
    "network": Coefficients(
        1.6,
        serial={"written": 400, "kept": 11_000},
        memory={"process": 280e6, "held": 8, "written": 190, "kept": 2000},
        disk={"kept": 530},
    ),
    "export": Coefficients(
        1.9,
        serial={"written": 400, "kept": 16_000},
        memory={"process": 280e6, "held": 16, "written": 210, "kept": 2000},
        disk={"stored": 8, "kept": 1000},
    ),
    "summary": Coefficients(
        1.2,
        serial={"written": 400, "kept": 5000},
        memory={"process": 230e6, "written": 200, "kept": 1500},
        disk={"process": 10_000},
    ),
    "report": Coefficients(
        2.5,
        serial={"written": 800, "kept": 8000, "cell": 30},
        memory={"process": 330e6, "held": 16, "written": 240, "kept": 400},
        disk={"process": 4e6},
    ),
}
# Nanoseconds of one multiplication and addition of joint counts, of the entropy of one cell, of permuting one sample
# (each permutation serves sixteen draws), of a draw's cell, and of putting one value into bins.
COUNT_SOFT, COUNT_HARD = 2.5e-3, 9e-4
ENTROPY_CELL, PERMUTED_SAMPLE, DRAWN_CELL = 0.53, 0.19, 8.0
BINNING_SOFT, BINNING_HARD = 250.0, 100.0
# The same for matrices that are mostly zeros: of up to 32 cells of a pair in a sample in which neither gene is 0, of
# permuting a sample, and of both correlations of a value with one of another gene.
COUNT_NONZERO, PERMUTED_NONZERO, CORRELATED = 2.7, 0.15, 1.5
# Of a multiplication in the factors of the correlation matrix, for partial correlations, and of a step of MRNET.
FACTORED = 0.4


def _amounts(p: Problem, n_blocks: int) -> dict[str, float]:
    """Amount of each kind of work of a problem: counts, nanoseconds (names in -ing), and bytes (names in _memory)."""
    cells = p.n_genes * p.n_samples
    count = COUNT_SOFT if p.soft else COUNT_HARD
    entropies = ENTROPY_CELL * p.n_bins**2 * p.n_strata
    pair = (count * (p.n_bins - 1) ** 2 * p.n_samples + entropies) * p.pair_factor
    draw = pair + PERMUTED_SAMPLE * p.n_samples + DRAWN_CELL * p.n_bins**2
    own = cells * p.share_nonzero
    if p.mostly_zeros:
        vectors = ceil((p.n_bins - 1) ** 2 / 32)
        pair = COUNT_NONZERO * vectors * p.share_nonzero**2 * p.n_samples + ENTROPY_CELL * p.n_bins**2
        draw = pair + PERMUTED_NONZERO * p.n_samples + DRAWN_CELL * p.n_bins**2
    # Both halves of each split, and for about every second split also those of the permuted control.
    half_pair = (count * (p.n_bins - 1) ** 2 * p.n_samples / 2 + entropies) * p.pair_factor
    consensus = p.n_genes if p.n_genes <= CONSENSUS_GENES else 0
    n_halves, half_draws = 3 * p.n_splits, p.n_draws or HALF_DRAWS
    return {
        "process": 1,
        "cell": cells,
        "stored": p.stored,
        # A packed matrix is copied less often than a dense one.
        "held": p.stored if p.stored == cells else p.stored / 2,
        "binned": own * (p.n_bins + 4) / 2 if p.mostly_zeros else cells * p.n_bins,
        "binned_disk": own * (p.n_bins + 4) if p.mostly_zeros else cells * p.n_bins,
        "compared": 1.5 * own if p.mostly_zeros else cells,
        "correlating": CORRELATED * p.written * p.share_nonzero * p.n_samples if p.mostly_zeros else 0,
        "factoring": FACTORED * consensus * min(consensus, p.n_samples) ** 2,
        "factored": consensus**2,
        "weight": cells * p.n_bins,
        "draw": p.draws,
        "largest_null": p.max_draws,
        "candidate": p.candidates,
        "block_candidate": p.candidates / n_blocks,
        "significant": p.significant,
        "written": p.written,
        "kept": p.kept,
        "binning": (BINNING_SOFT if p.soft else BINNING_HARD) * (own if p.mostly_zeros else cells),
        "drawing": draw * p.draws,
        "counting": 2 * pair * p.n_pairs / n_blocks,  # the matrix and its permuted control
        "counting_halves": half_pair * p.n_pairs * n_halves,
        "drawing_halves": draw * half_draws * n_halves,
        "draw_halves": half_draws * n_halves,
        "significant_halves": p.significant * 2 * p.n_splits,
        "pair_memory": MB * _pairs_mb(p, p.candidates, 1),
        "block_pair_memory": MB * _pairs_mb(p, p.candidates / n_blocks, n_blocks),
        "table_memory": MB * _table_mb(p),
    }


def costs(problem: Problem, *, threads: int = 1, n_blocks: int = 1) -> dict[str, Cost]:
    """Cost of each step as a process of its own; `information` is one of its blocks.

    Examples
    --------
    >>> small, large = (costs(Problem(n, 300))["information"] for n in (2_000, 20_000))
    >>> large.seconds > 10 * small.seconds, large.memory_mb > small.memory_mb
    (True, True)
    """
    amounts = _amounts(problem, n_blocks)

    def total(coefficients: Mapping[str, float]) -> float:
        return sum(amounts[unit] * coefficient for unit, coefficient in coefficients.items())

    def cost(step: Coefficients) -> Cost:
        seconds = step.start + 1e-9 * (total(step.parallel) / threads + total(step.serial))
        return Cost(seconds / problem.speed, total(step.memory) / MB, total(step.disk) / MB)

    found = {}
    for name, step in COEFFICIENTS.items():
        if name == "summary" and problem.n_strata > 1:
            found["confounding"] = _without_strata(problem, threads)
        if name != "stability" or problem.n_splits:
            found[name] = cost(step)
    return found


def _without_strata(problem: Problem, threads: int) -> Cost:
    """Cost of the network without strata that the step `confounding` infers, which has no permuted copy."""
    whole = costs(replace(problem, n_strata=1), threads=threads)
    names = ("discretise", "permutation", "information", "significance", "prune")
    parts = [whole[name] for name in names]
    seconds = sum(part.seconds for part in parts) - whole["information"].seconds / 2
    # All in one process.
    process = sum(COEFFICIENTS[name].memory["process"] for name in names[1:]) / MB
    return Cost(seconds, sum(part.memory_mb for part in parts) - process, 0.0)


def _pairs_mb(p: Problem, candidates: float, n_blocks: int) -> float:
    """Memory of the pairs that may be edges and of those of the permuted control: lists, or a triangle of all pairs."""
    real = candidates - p.by_chance * p.n_pairs / n_blocks
    listed = 20 * candidates / MB
    if p.n_regulators is None and n_blocks == 1 and real > 0.15 * p.n_pairs:
        listed = min(listed, (8 * p.n_pairs + 20 * (candidates - real)) / MB)
    return listed


def _table_mb(p: Problem) -> float:
    """Memory of the table in which DPI looks up the MI of two genes, and of its results: all pairs, or lists."""
    cells = p.n_genes * (p.n_genes - 1) // 2 if p.n_regulators is None else p.n_genes * p.n_regulators
    # The rule of genenet.products.pairs.dense_limit, without its libraries.
    dense = cells <= 1 << 24 or p.share > (0.05 if cells <= 500_000_000 else 0.5)
    return (12 * cells if dense else 44 * p.significant) / MB


# Bytes for each value of the matrix that `genenet infer` holds beside the steps: the matrix as read and as prepared,
# its bins, and what the libraries that read it do not give back. A sparse matrix is not copied.
KEPT_BYTES, KEPT_BYTES_SPARSE = 32, 16


def infer_cost(problem: Problem, *, threads: int = 1) -> Cost:
    """Cost of `genenet infer`: all steps in one process."""
    steps = costs(replace(problem, in_memory=True), threads=threads)
    start = 1.2
    seconds = start + sum(max(step.seconds - start / problem.speed, 0.05) for step in steps.values())
    kept = KEPT_BYTES_SPARSE if problem.mostly_zeros else KEPT_BYTES
    memory = max(step.memory_mb for step in steps.values()) + kept * problem.stored / MB
    written = [steps[name].disk_mb for name in ("prepare", "prune", "network", "export")]
    return Cost(seconds, memory, sum(written))


def suggested_blocks(problem: Problem, *, threads: int = 1, memory_mb: float | None = None) -> int:
    """Number of blocks to divide the pairs into: as few as take at most some twenty minutes and the memory each.

    Examples
    --------
    >>> suggested_blocks(Problem(2_000, 300)), suggested_blocks(Problem(60_000, 20_000)) > 3
    (1, True)
    """
    whole = costs(problem, threads=threads)["information"]
    n_blocks = min(max(ceil(whole.seconds / BLOCK_SECONDS), 1), MOST_BLOCKS)
    if memory_mb:
        # If the memory that every block needs is more than half of the limit, the pairs still get half of it.
        fixed = costs(problem, threads=threads, n_blocks=1_000_000)["information"].memory_mb
        limit = max(memory_mb, fixed + memory_mb / 2)
        while n_blocks < MOST_BLOCKS and costs(problem, n_blocks=n_blocks)["information"].memory_mb > limit:
            n_blocks += 1
    return n_blocks


# Resources that the rules of the workflow request.


@dataclass(frozen=True)
class Request:
    """The resources that a rule requests from a cluster."""

    mem_mb: int
    runtime: int
    """Minutes."""


def request(problem: Problem, step: str, *, threads: int, n_blocks: int = 1, attempt: int = 1) -> Request:
    """Resources to request for a step: the forecast with a margin, three times the time, since machines differ.

    Every attempt after the first requests twice as much as the one before.

    Examples
    --------
    >>> request(Problem(100, 100), "prepare", threads=1).runtime
    6
    """
    cost = costs(problem, threads=threads, n_blocks=n_blocks)[step]
    more = 2 ** (attempt - 1)
    # The margins include Snakemake, which runs in the job too.
    return Request(ceil(more * (300 + 1.2 * cost.memory_mb)), ceil(more * (5 + 3 * cost.seconds / 60)))


def problem_of(matrix: str, regulators: str | None, settings: Settings) -> Problem:
    """Estimate the size of a data set's problem from its settings and the first megabytes of its files.

    A file that does not exist yet (another rule makes it) counts as a matrix of 5,000 genes and 300 samples. How many
    strata there are is not looked up.
    """
    genes, samples = _shape(matrix, settings.prepare.orientation == "genes_by_samples")
    n_genes = max(min(genes, settings.prepare.n_top_variable or genes), 2)
    n_regulators = None if regulators is None else _n_lines(regulators, n_genes)
    share = _share_stored(matrix)
    problem = Problem(
        n_genes, max(samples, 1), n_regulators=n_regulators, share_nonzero=share, n_strata=EXPECTED_STRATA
    )
    return with_settings(problem, settings, expected_bins(settings.discretise, samples))


def with_settings(problem: Problem, settings: Settings, n_bins: int) -> Problem:
    """The same matrix with these settings and number of bins."""
    by_nonzero = (
        settings.discretise.method in ("bspline", "zero_inflated", "equal_frequency", "equal_width")
        and settings.discretise.n_bins != "freedman_diaconis"
        and settings.information.estimator == "plugin"
        and not settings.prepare.strata
    )
    return replace(
        problem,
        share_nonzero=problem.share_nonzero if by_nonzero else 1.0,
        n_bins=n_bins,
        soft=settings.discretise.method in ("bspline", "zero_inflated"),
        n_draws=settings.permutation.n_draws,
        alpha=settings.significance.alpha,
        max_edges=MOST_EDGES if settings.prune.max_edges == "auto" else settings.prune.max_edges,
        max_pruned=settings.prune.max_pruned,
        n_splits=settings.stability.stability,
        n_strata=problem.n_strata if settings.prepare.strata else 1,
    )


def expected_bins(settings: Discretise, n_samples: int) -> int:
    """Number of bins of a gene; a guess where the values decide.

    Examples
    --------
    >>> expected_bins(Discretise(), 100), expected_bins(Discretise(n_bins="sqrt", min_expected=0), 100)
    (6, 10)
    """
    if settings.method == "bayesian_blocks":
        return 12
    if settings.method == "codes":
        return 5
    if isinstance(settings.n_bins, int):
        return settings.n_bins
    number = round(n_samples ** (1 / 3)) if settings.n_bins == "cube_root" else isqrt(n_samples)
    if settings.min_expected > 0:
        number = min(number, isqrt(int(n_samples / settings.min_expected)))
    return max(number, 2)


@lru_cache
def _shape(matrix: str, genes_by_samples: bool) -> tuple[int, int]:
    # `genenet prepare` reports the error of a file that cannot be read.
    try:
        return shape_of(Path(matrix), genes_by_samples=genes_by_samples)
    except Exception:
        return 5_000, 300


@lru_cache
def _share_stored(matrix: str) -> float:
    try:
        return share_stored(matrix)
    except Exception:
        return 1.0


@lru_cache
def _n_lines(path: str, default: int) -> int:
    try:
        return max(sum(1 for line in Path(path).read_bytes().splitlines() if line.strip()), 1)
    except OSError:
        return default
