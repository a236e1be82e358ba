"""Findings about values that pile up at a limit: Ct values of 40, floors of detection, saturated intensities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genenet.errors import count
from genenet.expression.gene_statistics import gene_blocks
from genenet.expression.look.values import FEWEST_DISTINCT, SENTINELS, Profile, code_below_zero
from genenet.readers.findings import Finding
from genenet.readers.sparse_pieces import Matrix, is_sparse

# A limit holds at least this share of the values, and this many times those at the value next to it.
LEAST_SHARE, TIMES_NEXT = 0.01, 5
# A gene is at the limit in at least this share of its samples; so many genes, and this share of them, are.
SHARE_OF_SAMPLES, FEWEST_GENES, SHARE_OF_GENES = 0.1, 3, 0.05
# A limit is a code for a missing value if it lies this far from the others of its genes: in interquartile ranges from
# the median, of the median cell; this many genes at most are looked at.
FAR_FROM_GENES, GENES_LOOKED_AT = 5.0, 500
# Zeros are those of genes without reads, unless the other values begin this far away, as a share of their range.
GAP = 0.5
# Cycles at which a qPCR ends, and the range of Ct values.
LAST_CYCLES = (35.0, 37.0, 38.0, 40.0, 45.0, 50.0)
LEAST_CYCLE = 4.0
# Constants that are added before a logarithm is taken.
OFFSETS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.05, 0.1, 0.5)
LOGARITHMS = {"log2": np.log2, "ln": np.log, "log10": np.log10}
NEAR = 1e-3
# Counts are recognised by this many samples, and by this share of single reads among their values that are not 0.
SAMPLES_FOR_COUNTS, OF_ONE_READ = 50, 0.02


@dataclass(frozen=True)
class _Limit:
    value: float
    share: float  # of all values
    is_upper: bool


def censored(found: Profile, values: Matrix, genes: Sequence[str]) -> list[Finding]:
    """Find the smallest or the largest value where many values are equal to it and hardly any are near it.

    Parameters
    ----------
    found
        Summary of the matrix.
    values
        Shape (n_samples, n_genes).
    genes
        Names of the genes.

    Examples
    --------
    >>> from genenet.expression.look.values import profile
    >>> values = np.random.default_rng(0).normal(34.0, 5.0, (60, 10)).clip(max=40.0)
    >>> print(censored(profile(values), values, list("ABCDEFGHIJ"))[0])
    warned (censored): 12% of the values are exactly 40, the largest, and 8 of 10 genes have it in at least 10% of the \
samples (most of all J, in 17%): a qPCR that found nothing by its last cycle; MI then tells in which samples two genes \
are found: set prepare.na_values: '40' and prepare.missing: pairwise, or leave out genes with many
    """
    limits = [limit for limit in (_lower(found), _upper(found)) if limit is not None]
    told = [_finding(limit, found, values, genes) for limit in limits]
    return [one for one in told if one is not None]


def _lower(found: Profile) -> _Limit | None:
    share = _share_at(found.sampled, found.smallest)
    if share is None or found.smallest in SENTINELS or code_below_zero(found):
        return None
    return _Limit(found.smallest, share, is_upper=False)


def _upper(found: Profile) -> _Limit | None:
    share = _share_at(None if found.sampled is None else -found.sampled[::-1], -found.largest)
    return None if share is None or found.largest in SENTINELS else _Limit(found.largest, share, is_upper=True)


def _share_at(ascending: NDArray[np.float64] | None, smallest: float) -> float | None:
    """Share of the values that are the smallest, if they are many, and far more than at the next value."""
    if ascending is None or len(ascending) < 100 or ascending[0] != smallest:
        return None
    n = int(np.searchsorted(ascending, smallest, side="right"))
    if n < LEAST_SHARE * len(ascending) or n == len(ascending):
        return None
    at_next = int(np.searchsorted(ascending, ascending[n], side="right")) - n
    if n < TIMES_NEXT * at_next or len(np.unique(ascending)) < FEWEST_DISTINCT:
        return None
    return n / len(ascending)


def _finding(limit: _Limit, found: Profile, values: Matrix, genes: Sequence[str]) -> Finding | None:
    if limit.value == 0 and not limit.is_upper and _are_of_counts(values):
        return None
    shares = _shares_at(values, limit.value)
    many = np.flatnonzero(shares >= SHARE_OF_SAMPLES)
    are_many = len(many) >= max(FEWEST_GENES, SHARE_OF_GENES * len(genes))
    is_zero = limit.value == 0 and not limit.is_upper
    far_zeros = is_zero and _lie_far_below(found)
    known = _is_last_cycle(limit, found) or bool(_offset(limit.value)) or (far_zeros and are_many)
    if not known and _distance(values, limit.value, shares) > FAR_FROM_GENES:
        return _code(limit, shares)
    if not are_many or (is_zero and not far_zeros):
        return None
    most = int(np.argmax(shares))
    which = "largest" if limit.is_upper else "smallest"
    return Finding(
        "warned",
        "censored",
        f"{limit.share:.0%} of the values are exactly {limit.value:.6g}, the {which}, and {len(many):,} of "
        f"{count(len(genes), 'gene')} {'has' if len(many) == 1 else 'have'} it in at least {SHARE_OF_SAMPLES:.0%} of "
        f"the samples (most of all {genes[most]}, in {shares[most]:.0%}): {_meaning(limit, found)}",
    )


def _distance(values: Matrix, limit: float, shares: NDArray[np.float64]) -> float:
    """Distance of the limit from the other values of its genes, in interquartile ranges from their median.

    It is that of the median gene, of those that are at the limit in at most half of their samples: a limit of detection
    is near the values of the genes that it cuts off.
    """
    rare = np.flatnonzero((shares > 0) & (shares <= 0.5))
    distances = []
    for gene in rare[:: -(-len(rare) // GENES_LOOKED_AT) or 1]:
        column = values[:, [gene]]
        own = np.asarray(column.toarray() if is_sparse(column) else column).ravel()
        others = own[np.isfinite(own) & (own != limit)]
        distances.append(_in_ranges(limit, others))
        if limit > 0 and (others > 0).all():  # linear values have long tails, in which a limit may be far away
            distances[-1] = min(distances[-1], _in_ranges(np.log(limit), np.log(others)))
    return float(np.median(distances)) if distances else 0.0


def _in_ranges(limit: float, others: NDArray[np.float64]) -> float:
    """Distance of a number from the median of others, in their interquartile ranges."""
    low, middle, high = np.quantile(others, [0.25, 0.5, 0.75])
    return float(abs(limit - middle) / max(high - low, 1e-12))


def plainly(value: float) -> str:
    """Write a number with as few digits as tell it apart.

    Examples
    --------
    >>> plainly(40.0), plainly(1234567.125)
    ('40', '1234567.125')
    """
    short = f"{value:.6g}"
    return short if float(short) == value else repr(value)


def _code(limit: _Limit, shares: NDArray[np.float64]) -> Finding:
    return Finding(
        "warned",
        "off_scale",
        f"{limit.share:.0%} of the values, in {np.count_nonzero(shares):,} of {count(len(shares), 'gene')}, are "
        f"exactly {limit.value:.6g}, far from all other values of these genes: it looks like a code for a missing "
        f"value: read it so with prepare.na_values: '{plainly(limit.value)}'",
    )


def _meaning(limit: _Limit, found: Profile) -> str:
    """Say where such a limit comes from, what it does to MI, and what can be done."""
    write = (
        f"set prepare.na_values: '{plainly(limit.value)}' and prepare.missing: pairwise, or leave out genes with many"
    )
    if _is_last_cycle(limit, found):
        return (
            f"a qPCR that found nothing by its last cycle; MI then tells in which samples two genes are found: {write}"
        )
    if limit.is_upper:
        return (
            "a detector that is saturated, or a cut-off; MI knows no differences above it: scan or export again "
            "without it, or leave out genes with many"
        )
    offset = _offset(limit.value)
    if offset:
        return (
            f"{offset}, for values of 0; as bins take notice of distances, such zeros are far from all other values: "
            "take log2(x + 1)"
        )
    if limit.value == 0:
        return (
            f"the others begin at {_next_above(found):.3g}, so that 0 stands for missing values; MI then tells in "
            f"which samples two genes are found: {write}"
        )
    return (
        "genes without reads, where these are logarithms of counts (vst), or a limit of detection, or missing values "
        f"that were filled in; with these MI tells in which samples two genes are found: {write}"
    )


def _is_last_cycle(limit: _Limit, found: Profile) -> bool:
    return limit.is_upper and limit.value in LAST_CYCLES and found.smallest >= LEAST_CYCLE


def _offset(value: float) -> str:
    """Name the logarithm of 0 and a round constant that a value is; empty if it is none."""
    named = [
        f"the {name} of {constant:g}"
        for name, function in LOGARITHMS.items()
        for constant in OFFSETS
        if abs(function(constant) - value) < NEAR
    ]
    return " or ".join(named)


def _next_above(found: Profile) -> float:
    assert found.sampled is not None
    return float(found.sampled[np.searchsorted(found.sampled, found.smallest, side="right")])


def _lie_far_below(found: Profile) -> bool:
    """Tell whether zeros lie far below all other values."""
    assert found.sampled is not None
    others = found.sampled[found.sampled > 0]
    low, high = np.quantile(others, [0.005, 0.995])
    return bool(others[0] > GAP * (high - low))


def _are_of_counts(values: Matrix) -> bool:
    """Tell whether the smallest value above 0 is a frequent one in most samples, as that of a single read is."""
    chosen = values[:: -(-values.shape[0] // SAMPLES_FOR_COUNTS)]
    rows = np.asarray(chosen.toarray() if is_sparse(chosen) else chosen)
    frequent = []
    for row in rows:
        positive = row[np.isfinite(row) & (row > 0)]
        if len(positive):
            frequent.append(np.count_nonzero(positive == positive.min()) >= max(2, OF_ONE_READ * len(positive)))
    return bool(frequent) and float(np.mean(frequent)) > 0.5


def _shares_at(values: Matrix, value: float) -> NDArray[np.float64]:
    """Share of the values of each gene that are exactly this, of those that are not missing."""
    shares = []
    for block in gene_blocks(values):
        n_values = np.maximum(np.isfinite(block).sum(axis=1), 1)
        shares.append((block == value).sum(axis=1) / n_values)
    return np.concatenate(shares) if shares else np.empty(0)
