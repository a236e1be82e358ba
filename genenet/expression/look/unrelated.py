"""Finding about samples that rank their genes unlike all others, as where tables were joined without matching genes."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.errors import count, quote_some
from genenet.expression.look.duplicates import some_genes
from genenet.readers.extras_advice import listed
from genenet.readers.findings import Finding
from genenet.readers.sparse_pieces import Matrix

# Samples go together from this Spearman correlation on. Others are told if those that go together correlate by so much
# at the median, and each of the others with these by no more than that, or as strongly with the opposite sign.
TOGETHER, WITHIN, MOST_BETWEEN = 0.4, 0.6, 0.25
# Samples of more zeros than this share rank their genes by chance.
MOST_ZEROS = 0.5
FEWEST_SAMPLES = 5
# Up to so many samples are named with the setting that sets them aside.
FEW = 5
# Genes by which samples are compared.
GENES_LOOKED_AT = 300


def unrelated_samples(
    values: Matrix,
    samples: Sequence[str],
    known: Collection[str] = (),
    *,
    option: str = "",
    already: Sequence[str] = (),
) -> list[Finding]:
    """Find samples that rank their genes unlike most others, which agree.

    Genes have levels of their own, so that any two samples of one kind of measurement rank them alike. Samples whose
    genes stand in another order, as in tables that were put side by side without matching names, do not.

    Parameters
    ----------
    values
        Shape (n_samples, n_genes); some of the genes are looked at.
    samples
        Names of the samples.
    known
        Those of which it is said already that they may be no samples.
    option, already
        Setting that sets samples aside, if there is one, and the names that it has already.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> values = rng.normal(7, 2, 60) + rng.normal(0, 0.5, (9, 60))
    >>> values[6:] = values[6:, ::-1]
    >>> print(unrelated_samples(values, list("abcdefghi"))[0])
    warned (no_samples): 3 of 9 samples (g, h, i) rank their genes unlike the others (correlation -0.16 with these, \
and 0.92 among these): look whether these are samples, and, where tables were put side by side, whether their genes \
stood in one order
    """
    chosen = some_genes(values)
    if chosen is None or len(chosen) < FEWEST_SAMPLES or np.mean(chosen == 0) > MOST_ZEROS:
        return []
    chosen = chosen[:, :: -(-chosen.shape[1] // GENES_LOOKED_AT)]
    correlations = _of_ranks(chosen)
    main = _going_together(correlations)
    others = ~main & (np.ptp(chosen, axis=1) > 0) & ~np.isin(samples, list(known))
    between = correlations[np.ix_(main, others)]
    if not others.any() or main.sum() < others.sum() or main.sum() < FEWEST_SAMPLES - 1:
        return []
    within = float(np.median(correlations[np.ix_(main, main)][np.triu_indices(int(main.sum()), 1)]))
    of_others = np.median(between, axis=0)
    are_reversed = of_others.max() < -TOGETHER
    if within < WITHIN or not (are_reversed or np.abs(of_others).max() <= MOST_BETWEEN):
        return []
    names = [samples[place] for place in np.flatnonzero(others).tolist()]
    one, correlation = len(names) == 1, float(np.median(between))
    rank = f"{'ranks its' if one else 'rank their'} genes"
    if are_reversed:
        how = (
            f"{rank} the other way round (correlation {correlation:.2f} with the others, and {within:.2f} among these),"
            " as Ct values beside logarithms, or ratios turned over, do: bring all to one sign"
        )
    else:
        aside = ""
        if option and len(names) <= FEW:
            aside = f" (if not, set {'it' if one else 'them'} aside with {option}: {listed(names, samples, already)!r})"
        how = (
            f"{rank} unlike the others (correlation {correlation:.2f} with these, and {within:.2f} among these): look"
            f" whether {'it is a sample' if one else 'these are samples'}{aside}, and, where tables were put side by"
            " side, whether their genes stood in one order"
        )
    which = f"{len(names):,} of {count(len(samples), 'sample')} ({quote_some(names, 3)})"
    return [Finding("warned", "no_samples", f"{which} {how}")]


def _of_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spearman correlation of each sample with each; 0 with a sample whose values are all equal."""
    ranks = pd.DataFrame(values).rank(axis=1).to_numpy()
    ranks = ranks - ranks.mean(axis=1, keepdims=True)
    lengths = np.sqrt((ranks * ranks).sum(axis=1, keepdims=True))
    ranks = np.divide(ranks, lengths, out=np.zeros_like(ranks), where=lengths > 0)
    correlations: NDArray[np.float64] = ranks @ ranks.T
    return correlations


def _going_together(correlations: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which samples belong to the set that correlations connect with the sample that has most neighbours."""
    linked = correlations > TOGETHER
    inside = linked[int(linked.sum(axis=0).argmax())]
    while (more := linked[inside].any(axis=0) | inside).sum() > inside.sum():
        inside = more
    return inside
