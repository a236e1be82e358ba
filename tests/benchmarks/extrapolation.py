"""Hold extrapolated p-values to the null itself: python tests/benchmarks/extrapolation.py [--regulators FILE] MATRIX.

Several nulls of one million draws each say which pivot has an extrapolated p-value of 1e-6, 1e-7 and 1e-8. Hundreds of
millions of further draws of other seeds count how often a permuted pair is as extreme.
"""

import argparse
from dataclasses import replace

import numpy as np

from genenet.config.sections import Prepare
from genenet.estimators.null_draws import drawn
from genenet.products.bins import Bins
from genenet.readers import load, read_lists
from genenet.statistics.null import Null
from genenet.steps.discretise import discretise
from genenet.steps.permutation import permutation_null
from genenet.steps.prepare import prepare

CLAIMED = (1e-6, 1e-7, 1e-8)
DRAWS_OF_A_NULL = 1_000_000
DRAWS_AT_ONCE = 40_000_000
# Seeds of the draws that count, apart from those of the nulls.
FIRST_SEED = 900


def _sequence(bins: Bins, null: Null, seed: int, n_draws: int) -> Null:
    return drawn(bins, replace(null, log_tails=np.empty(0), seed=seed), n_draws)


def _extrapolated_pivots(null: Null) -> list[float]:
    """Log pivots at which the tail of a null has the claimed p-values."""
    anchor, p_anchor = null.log_tails[null.n_tail], (null.n_tail + 1) * null.resolution
    return [anchor + np.log(p / p_anchor) / null.tail_exponent for p in CLAIMED]


def main() -> None:
    """Print the ratio of counted to extrapolated p-values, the median and the range over the nulls."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("matrix")
    parser.add_argument("--regulators", help="draws then pair a regulator with a gene")
    parser.add_argument("--nulls", type=int, default=6, help="number of nulls of a million draws")
    parser.add_argument("--draws", type=float, default=3.2e8, help="number of draws that count")
    options = parser.parse_args()
    regulators = read_lists(regulators=options.regulators)["regulators"]
    bins = discretise(prepare(load(options.matrix, Prepare()), regulators=regulators))
    null = permutation_null(bins)
    pivots = np.array(
        [_extrapolated_pivots(_sequence(bins, null, seed, DRAWS_OF_A_NULL)) for seed in range(options.nulls)]
    )
    counts, n_rounds = np.zeros(pivots.shape), max(1, round(options.draws / DRAWS_AT_ONCE))
    for seed in range(FIRST_SEED, FIRST_SEED + n_rounds):
        tails = _sequence(bins, null, seed, DRAWS_AT_ONCE).log_tails
        counts += np.searchsorted(tails, pivots, side="right")
    for column, p in enumerate(CLAIMED):
        ratio = counts[:, column] / (n_rounds * DRAWS_AT_ONCE * p)
        print(f"{p:.0e}: {np.median(ratio):.2f} ({ratio.min():.2f} to {ratio.max():.2f})")


if __name__ == "__main__":
    main()
