"""Findings about values that pile up at a limit: Ct values of 40, floors of detection, saturated intensities."""

from collections.abc import Sequence

import numpy as np

from genenet.errors import count
from genenet.expression.look.extremes import Extreme
from genenet.expression.look.profile import Profile
from genenet.readers.extras import LOG_MAX
from genenet.readers.findings import Finding

# A gene is at the limit in at least this share of its samples; so many genes, and this share of them, are.
SHARE_OF_SAMPLES, FEWEST_GENES, SHARE_OF_GENES = 0.1, 3, 0.05
# Zeros are those of genes without reads, unless the other values begin this far away, as a share of their range.
GAP = 0.5
# Cycles at which a qPCR ends, and the range of Ct values.
LAST_CYCLES = (35.0, 37.0, 38.0, 40.0, 45.0, 50.0)
LEAST_CYCLE = 4.0
# Constants that are added before a logarithm is taken.
OFFSETS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.05, 0.1, 0.5)
LOGARITHMS = {"log2": np.log2, "ln": np.log, "log10": np.log10}
NEAR = 1e-3
# -1 may be the logarithm of a constant from this share of the values on, if others are as low as that of one read.
LEAST_OF_OFFSET, LOG_OF_ONE = 0.01, 0.6


def limit(end: Extreme, found: Profile, genes: Sequence[str]) -> Finding | None:
    """Find the smallest or largest value to be a limit, where many values of many genes are equal to it.

    Parameters
    ----------
    end
        The smallest or largest value.
    found
        Summary of the matrix.
    genes
        Names of the genes.

    Examples
    --------
    >>> from genenet.expression.look.extremes import extremes
    >>> from genenet.expression.look.profile import profile
    >>> values = np.random.default_rng(0).normal(34.0, 5.0, (60, 10)).clip(max=40.0)
    >>> found = profile(values)
    >>> print(limit(extremes(found, values)[1], found, list("ABCDEFGHIJ")))
    warned (censored): 12% of the values are exactly 40, the largest, and 8 of 10 genes have it in at least 10% of the \
samples (most of all J, in 17%): a qPCR that found nothing by its last cycle; MI then tells in which samples two genes \
are found: set prepare.na_values: '40' and prepare.missing: pairwise, which leaves them out (and genes with more of \
them than prepare.max_missing, 20% if it is not set)
    """
    if not end.is_frequent or end.is_natural_zero:
        return None
    shares = end.cells.shares
    n_many = int(np.count_nonzero(shares >= SHARE_OF_SAMPLES))
    if not _are_many(end) or (_is_zero(end) and not _lies_far_below(end)):
        return None
    most = int(np.argmax(shares))
    which = "largest" if end.is_upper else "smallest"
    return Finding(
        "warned",
        "censored",
        f"{end.share:.0%} of the values are exactly {end.value:.6g}, the {which}, and {n_many:,} of "
        f"{count(len(genes), 'gene')} {'has' if n_many == 1 else 'have'} it in at least {SHARE_OF_SAMPLES:.0%} of "
        f"the samples (most of all {genes[most]}, in {shares[most]:.0%}): {_meaning(end, found)}",
    )


def has_a_meaning(end: Extreme, found: Profile) -> bool:
    """Tell whether a frequent limit is one that measurements have, however far it lies from the other values."""
    known = _is_last_cycle(end, found) or bool(_offset(end.value))
    return known or end.is_natural_zero or (_is_zero(end) and _lies_far_below(end) and _are_many(end))


def is_logarithm_of_zero(end: Extreme, found: Profile) -> bool:
    """Tell whether -1 may be log2(0 + 0.5) or log10(0 + 0.1): in many values, and others as low as log2(1 + 0.5)."""
    decimals = 1 - found.n_whole / max(1, found.n_values)
    share = end.cells.n / max(1, found.n_values)
    return share >= LEAST_OF_OFFSET and decimals > 0.5 and found.largest <= LOG_MAX and end.next < LOG_OF_ONE


def _is_zero(end: Extreme) -> bool:
    return end.value == 0 and not end.is_upper


def _are_many(end: Extreme) -> bool:
    """Tell whether the limit is that of many genes."""
    shares = end.cells.shares
    return bool(np.count_nonzero(shares >= SHARE_OF_SAMPLES) >= max(FEWEST_GENES, SHARE_OF_GENES * len(shares)))


def _meaning(end: Extreme, found: Profile) -> str:
    """Say where such a limit comes from, what it does to MI, and what can be done."""
    write = (
        f"set prepare.na_values: '{plainly(end.value)}' and prepare.missing: pairwise, which leaves them out (and genes"
        " with more of them than prepare.max_missing, 20% if it is not set)"
    )
    if _is_last_cycle(end, found):
        return (
            f"a qPCR that found nothing by its last cycle; MI then tells in which samples two genes are found: {write}"
        )
    if end.is_upper:
        return (
            "a detector that is saturated, or a cut-off; MI knows no differences above it: scan or export again "
            f"without it, or {write}"
        )
    offset = _offset(end.value)
    if offset:
        return (
            f"{offset}, for values of 0; as bins take notice of distances, such zeros are far from all other values: "
            f"take log2(x + 1) of the linear values (prepare.normalisation: log1p), or {write}"
        )
    if end.value == 0:
        return (
            f"the others begin at {end.next:.3g}, so that 0 stands for missing values; MI then tells in which samples "
            f"two genes are found: {write}"
        )
    return (
        "genes without reads, where these are logarithms of counts (vst), or a limit of detection, or missing values "
        f"that were filled in; with these MI tells in which samples two genes are found: {write}"
    )


def plainly(value: float) -> str:
    """Write a number with as few digits as tell it apart.

    Examples
    --------
    >>> plainly(40.0), plainly(1234567.125)
    ('40', '1234567.125')
    """
    short = f"{value:.6g}"
    return short if float(short) == value else repr(value)


def _is_last_cycle(end: Extreme, found: Profile) -> bool:
    return end.is_upper and end.value in LAST_CYCLES and found.smallest >= LEAST_CYCLE


def _offset(value: float) -> str:
    """Name the logarithm of 0 and a round constant that a value is; empty if it is none."""
    named = [
        f"the {name} of {constant:g}"
        for name, function in LOGARITHMS.items()
        for constant in OFFSETS
        if abs(function(constant) - value) < NEAR
    ]
    return " or ".join(named)


def _lies_far_below(end: Extreme) -> bool:
    """Tell whether zeros lie far below all other values."""
    low, high = np.quantile(end.others, [0.005, 0.995])
    return bool(end.next > GAP * (high - low))
