"""Findings about samples of two scales in one matrix: logarithms beside linear values."""

from collections.abc import Sequence

import numpy as np

from genenet.errors import count, quote_some
from genenet.expression.look.kinds import LONG_TAIL
from genenet.readers.extras import LOG_MAX, Facts
from genenet.readers.findings import Finding

# Two scales are mixed if at least this share of the samples is of each, and nearly all are of one of them; samples of
# fewer values are not judged.
FEWEST_OF_A_SCALE, SHARE_OF_SCALES, MIN_IN_SAMPLE = 0.05, 0.9, 20


def mixed_scales(facts: Facts, samples: Sequence[str]) -> list[Finding]:
    """Find samples that look like logarithms beside others that look like linear values.

    Parameters
    ----------
    facts
        Percentiles of each sample.
    samples
        Their names.

    Examples
    --------
    >>> from genenet.readers.extras import facts_of
    >>> logs = np.random.default_rng(0).normal(6, 1.5, (400, 8))
    >>> logs[:, 4:] = 2 ** logs[:, 4:]
    >>> mixed_scales(facts_of(logs), list("abcdefgh"))[0].message
    '4 of 8 samples look like logarithms (a, b, c and 1 more), the others like linear values (e, f, g and 1 more): \
bring all to one scale before they are compared'
    """
    usable = (facts.n_values >= MIN_IN_SAMPLE) & (facts.low >= 0) & (facts.median > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        has_tail = facts.high > LONG_TAIL * facts.median
    logs, linear = usable & ~has_tail & (facts.high <= LOG_MAX), usable & has_tail & (facts.high > LOG_MAX)
    least = max(3, FEWEST_OF_A_SCALE * len(samples))
    if min(logs.sum(), linear.sum()) < least or (logs | linear).sum() < SHARE_OF_SCALES * len(samples):
        return []
    first, second = ([samples[place] for place in np.flatnonzero(which).tolist()] for which in (logs, linear))
    return [
        Finding(
            "warned",
            "linear",
            f"{len(first):,} of {count(len(samples), 'sample')} look like logarithms ({quote_some(first, 3)}), the "
            "others "
            f"like linear values ({quote_some(second, 3)}): bring all to one scale before they are compared",
        )
    ]
