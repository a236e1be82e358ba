"""Pairs of genes that the page shows in full: the strongest, the least monotone, and some that were removed."""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genenet.products.expression import dense_values
from genenet.products.strata import strata_of
from genenet.randomness import Shown, shown_generator
from genenet.report.evidence import Evidence, pair_evidence, stretched_ranks
from genenet.report.run import MANY_REMOVED, Run

N_EACH = 12
"""Number of pairs of each kind."""

MAX_POINTS = 300
"""Samples of a pair that are drawn in the page; a random choice if there are more."""

SMALL_CORRELATION = 0.2
"""A kept edge is called not monotone if its correlations by Pearson and by Spearman are both below this."""


def chosen_rows(run: Run) -> dict[str, NDArray[np.int64]]:
    """Rows of the edges table to show, by the reason of their choice; no row is in two lists."""
    if not len(run.edges):
        return {}
    mi = run.edges["mi"].to_numpy(float)[run.best]
    by_mi = run.best[np.argsort(-mi, kind="stable")]
    strongest = by_mi[:N_EACH]
    rest = by_mi[N_EACH:]
    correlation = np.maximum(*(np.abs(run.edges[name].to_numpy(float)[rest]) for name in ("spearman", "pearson")))
    bent = rest[correlation < SMALL_CORRELATION][:N_EACH]
    removed = run.removed[:MANY_REMOVED]
    rng = shown_generator(run.settings.seed, Shown.REMOVED_EDGES)
    sample = np.sort(rng.choice(len(removed), min(N_EACH, len(removed)), replace=False))
    return {"strongest": strongest, "not monotone": bent, "removed": removed[sample]}


def pairs_in_page(run: Run) -> dict[str, Any]:
    """Data of the chosen pairs for page.js: each gene's values once, and the joint tables and nulls of the pairs."""
    lists = chosen_rows(run)
    rows = np.concatenate([*lists.values(), np.empty(0, np.int64)]).astype(np.int64)
    first, second = (end[rows] for end in run.ends)
    found = pair_evidence(run, [(run.genes[a], run.genes[b]) for a, b in zip(first, second, strict=True)])
    reasons = [reason for reason, chosen in lists.items() for _ in chosen]
    genes = sorted({*first.tolist(), *second.tolist()})
    samples = _samples(run)
    return {
        "pairs": [
            _pair(evidence, int(a), int(b), reason)
            for evidence, a, b, reason in zip(found, first, second, reasons, strict=True)
        ],
        "values": {str(gene): _values(run, gene, samples) for gene in genes},
        "samples": [str(name) for name in run.expression.obs_names[samples]],
        "n_samples": run.expression.n_obs,
    }


def _samples(run: Run) -> NDArray[np.int64]:
    n = run.expression.n_obs
    rng = shown_generator(run.settings.seed, Shown.SAMPLES)
    return np.sort(rng.choice(n, min(n, MAX_POINTS), replace=False))


def _values(run: Run, gene: int, samples: NDArray[np.int64]) -> dict[str, Any]:
    """Values and mid-ranks of a gene in the drawn samples, each as 16-bit steps between its smallest and largest.

    The rank of a sample without a value is 0.
    """
    values = dense_values(run.expression[:, [gene]])
    ranks, missing = np.zeros_like(values), np.isnan(values[0])
    if missing.any():
        ranks[:, ~missing] = stretched_ranks(np.ascontiguousarray(values[:, ~missing]), None)
    else:
        ranks = stretched_ranks(values, strata_of(run.expression))
    values, ranks = values[0], ranks[0, samples]
    drawn = values[samples]
    known = drawn[~missing[samples]]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    steps = np.round((np.where(missing[samples], low, drawn) - low) / (high - low or 1) * 65535).astype("<u2")
    # Twice the mid-rank is a whole number, but within strata.
    twice = np.round(2 * ranks).astype("<u4" if len(values) > 32_000 else "<u2")
    return {
        "low": float(f"{low:.7g}"),
        "high": float(f"{high:.7g}"),
        "steps": base64.b64encode(steps.tobytes()).decode("ascii"),
        "ranks": base64.b64encode(twice.tobytes()).decode("ascii"),
    }


def _pair(evidence: Evidence, a: int, b: int, reason: str) -> dict[str, Any]:
    density = evidence.density
    return {
        "a": a,
        "b": b,
        "names": list(evidence.symbols),
        "why": reason,
        "lines": [list(line) for line in evidence.describe()],
        "mi": float(f"{evidence.mi:.5g}"),
        "counts": [[round(float(n), 2) for n in row] for row in evidence.counts],
        "pointwise": [[None if x != x else round(float(x), 3) for x in row] for row in evidence.pointwise],
        # Ranks among the samples that both genes have are not those of the page.
        "borders": [[], []] if evidence.n_missing else [list(border) for border in evidence.borders],
        "null": None if evidence.null is None else [float(f"{x:.6g}") for x in evidence.null],
        "density": None if density is None else _density(*density),
    }


def _density(bits: NDArray[np.float64], height: NDArray[np.float64]) -> dict[str, Any]:
    """The curve of a null: all points but the last one are evenly spaced."""
    near, end = (float(f"{x:.5g}") for x in bits[-2:])
    return {"near": near, "end": end, "height": [round(float(y), 4) for y in height]}
