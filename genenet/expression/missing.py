"""Missing values: drop genes or samples, fill in, or leave them out pair by pair."""

import logging

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Prepare
from genenet.errors import InputError, count, quote_some
from genenet.expression import checks
from genenet.expression.draft import Draft
from genenet.expression.gene_statistics import not_finite
from genenet.expression.look.filled_in import SHARE_OF_GENES, SHARE_OF_SAMPLES
from genenet.expression.missing_blocks import blocks_in_words, fewest_in_common, missing_blocks
from genenet.readers.sparse_pieces import Matrix, fits_dense, is_sparse

# Share of missing values up to which a gene is kept, where prepare.max_missing is not set.
TOLERATED = 0.2
# Genes or samples with missing values are dropped first of all ways if at least this share is left; missing values are
# filled in rather than left out pair by pair up to this share of all values.
MOST_LEFT, FEW_MISSING = 0.98, 0.05
# Genes with more missing values than are tolerated, and samples that lack more than this share of their values, are
# told apart from values that are missing here and there, if they are at most so many.
LACKING, FEW_LACKING = 0.5, 0.2


def check_missing(draft: Draft, settings: Prepare) -> None:
    """Refuse missing and infinite values, if the settings do not say how to treat them."""
    if settings.missing != "error":
        return
    rows, columns = not_finite(draft.values)
    if len(rows):
        text = checks.describe_gaps(draft.values, draft.var.index, draft.obs.index, rows, columns)
        raise InputError(f"{text}; {_advice(draft, settings, rows, columns)}")


def treat_missing(draft: Draft, settings: Prepare) -> None:
    """Treat missing and infinite values as the settings say, and note how many there were.

    Raises
    ------
    InputError
        If nothing would be left.
    """
    rows, columns = not_finite(draft.values)
    if not len(rows):
        return
    text = checks.describe_gaps(draft.values, draft.var.index, draft.obs.index, rows, columns)
    match settings.missing:
        case "drop_samples":
            _drop_samples(draft, settings, rows, columns, text)
        case "drop_genes" if not settings.max_missing:
            _drop_genes(draft, columns, 0.0, settings.missing, text)
        case _:
            _keep_some(draft, settings, columns, text)


def _advice(
    draft: Draft, settings: Prepare, rows: NDArray[np.int64], columns: NDArray[np.int64], *, without: str = ""
) -> str:
    """List the policies with what each does here, the one that suits first, `without` one of them."""
    gaps = _Gaps(draft.n_genes, draft.n_samples, rows, columns)
    ways = _ways_by_block(gaps, settings.min_samples) if gaps.blocks else _ways(gaps, settings.min_samples)
    ways.pop(without, None)
    if settings.strata or settings.whiten != "none":
        del ways["pairwise"]  # refused there
    why, first = _what_suits(gaps, draft)
    if len(gaps.empty):
        names = quote_some(list(draft.var.index[gaps.empty]))
        has = "has" if len(gaps.empty) == 1 else "have"
        why = f"{count(len(gaps.empty), 'gene')} {has} no value at all ({names}); {why}"
    order = [way for way in dict.fromkeys([*first, *ways]) if way in ways]
    named = [f"{way} ({ways[way]})" for way in order]
    listed = f"{', '.join(named[:-1])} or {named[-1]}" if len(named) > 1 else named[0]
    over = len(gaps.over)
    more = f"; {count(over, 'gene')} with more than {TOLERATED:.0%} missing would be dropped (prepare.max_missing)"
    if gaps.blocks:
        more = "; or infer a network of each group of samples, by --group-by with prepare.missing: drop_genes"
    elif not over or order[0] == "drop_genes":
        more = ""
    if _are_logarithms_of_zero(draft.values):
        why = "-inf is the logarithm of 0: take log2(x + 1), or "
    return f"{why}set prepare.missing: {listed}{more}"


def _are_logarithms_of_zero(values: Matrix) -> bool:
    """Tell whether all values that are not finite are minus infinity."""
    numbers = values.data if is_sparse(values) else values
    return bool(np.isneginf(numbers[~np.isfinite(numbers)]).all())


class _Gaps:
    """Counts of missing values by gene and by sample.

    Parameters
    ----------
    n_genes, n_samples
        Size of the matrix.
    rows, columns
        Sample and gene of each missing value.
    """

    def __init__(self, n_genes: int, n_samples: int, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
        self.n_genes, self.n_samples, self.n = n_genes, n_samples, len(rows)
        of_genes = np.bincount(columns, minlength=n_genes)
        of_samples = np.bincount(rows, minlength=n_samples)
        self.complete_genes = int(np.count_nonzero(of_genes == 0))
        self.complete_samples = int(np.count_nonzero(of_samples == 0))
        self.empty = np.flatnonzero(of_genes == n_samples)
        self.over = np.flatnonzero((of_genes > TOLERATED * n_samples) & (of_genes < n_samples))
        self.n_in_empty_samples = int(np.count_nonzero(of_samples == n_genes)) * n_genes
        lacking = np.flatnonzero(of_samples - len(self.empty) > LACKING * (n_genes - len(self.empty)))
        self.lacking = lacking if len(lacking) <= FEW_LACKING * n_samples else lacking[:0]
        few = self.over if len(self.over) <= FEW_LACKING * n_genes else self.over[:0]
        apart = np.isin(columns, [*self.empty, *few]) | np.isin(rows, self.lacking)
        self.n_scattered = self.n - int(np.count_nonzero(apart))
        """Missing values of other samples and genes than those that lack many, if these are few."""
        others = (n_genes - len(self.empty) - len(few)) * (n_samples - len(self.lacking))
        self.share = self.n_scattered / max(others, 1)
        self.are_apart = bool(apart.any())
        self.shares = of_genes / n_samples
        """Share of missing values of each gene."""
        self.are_of_few_genes = self.complete_genes >= MOST_LEFT * (n_genes - len(self.empty))
        self.are_of_few_samples = self.complete_samples >= MOST_LEFT * n_samples or self.n == self.n_in_empty_samples
        self.are_of_lacking = self.complete_samples + len(self.lacking) == n_samples
        are_of_few = self.are_of_few_genes or self.are_of_few_samples or self.are_of_lacking
        inside = ~np.isin(rows, self.lacking)
        self.blocks = [] if are_of_few else missing_blocks(rows[inside], columns[inside], n_samples, n_genes)
        """Blocks that hold most of the missing values, unless these are lost with few genes or samples."""


def _ways(gaps: _Gaps, min_samples: int) -> dict[str, str]:
    """What each policy does; without those that would leave nothing, or too few samples."""
    ways = {
        "pairwise": "each pair of genes takes the samples that both have; slower",
        "impute_median or impute_mean": "the gene's average in the gaps",
    }
    if gaps.complete_genes:
        ways["drop_genes"] = f"leaves {gaps.complete_genes:,} of {count(gaps.n_genes, 'gene')}"
    if gaps.complete_samples >= min_samples:
        ways["drop_samples"] = f"leaves {gaps.complete_samples:,} of {count(gaps.n_samples, 'sample')}"
    return ways


def _ways_by_block(gaps: _Gaps, min_samples: int) -> dict[str, str]:
    """What policies do where genes lack a group of samples. Filled in, these would all have one value there."""
    ways = {way: what for way, what in _ways(gaps, min_samples).items() if way.startswith("drop")}
    of_blocks = gaps.shares[np.unique(np.concatenate([block.genes for block in gaps.blocks]))]
    n_in_common = fewest_in_common(gaps.blocks, gaps.n_samples)
    judged = f"{count(n_in_common, 'sample')}{' or more' if len(gaps.blocks) > 1 else ''}"
    keep = f"with prepare.max_missing: {np.ceil(100 * of_blocks.max()) / 100:g}"
    ways["pairwise"] = f"{keep}: keeps these genes, each pair of which is judged by {judged}; slower"
    if len(gaps.shares) > len(of_blocks) + gaps.complete_genes + len(gaps.empty):
        largest = TOLERATED if of_blocks.min() > TOLERATED else np.floor(100 * of_blocks.min() - 1) / 100
        n_left = int(np.count_nonzero(gaps.shares <= largest))
        ways["impute_median"] = (
            f"with prepare.max_missing: {largest:g}: leaves {n_left:,} of {count(gaps.n_genes, 'gene')}, and fills in"
            " what they lack"
        )
    return ways


def _what_suits(gaps: _Gaps, draft: Draft) -> tuple[str, list[str]]:
    """The policies that suit first, after the reason."""
    if gaps.are_of_few_genes:
        return "", ["drop_genes"]
    if gaps.are_of_few_samples:
        return "", ["drop_samples"]
    if gaps.blocks:
        blocks = blocks_in_words(gaps.blocks, *_names(draft))
        return f"values are missing by block ({blocks}), as in merged platforms; ", ["impute_median"]
    samples = f"{count(len(gaps.lacking), 'sample')} ({quote_some(list(draft.obs.index[gaps.lacking]), 3)})"
    if gaps.n_scattered == 0 and not len(gaps.lacking):
        genes = f"{count(len(gaps.over), 'gene')} ({quote_some(list(draft.var.index[gaps.over]), 3)})"
        return (
            f"{'all others' if len(gaps.empty) else 'all'} are in {genes}, with more than {TOLERATED:.0%} missing; ",
            ["drop_genes"],
        )
    lack = f"{samples} {'lacks' if len(gaps.lacking) == 1 else 'lack'} more than half of the values"
    if gaps.are_of_lacking:
        return f"{lack}, the others none; ", ["drop_samples"]
    where = f"{gaps.share:.2%} of the values{' of the others' if gaps.are_apart else ''} are missing here and there"
    if len(gaps.lacking):
        where = f"{lack}: leave {'it' if len(gaps.lacking) == 1 else 'these'} out first; {where}"
    if gaps.share <= FEW_MISSING:
        return f"{where}, few enough to be filled in; ", ["impute_median or impute_mean", "pairwise"]
    return f"{where}, too many to be filled in; ", ["pairwise", "impute_median or impute_mean"]


def _drop_samples(
    draft: Draft, settings: Prepare, rows: NDArray[np.int64], columns: NDArray[np.int64], text: str
) -> None:
    """Drop samples with missing values; refuse it if too few would be left, and warn if most are dropped."""
    keep = ~np.isin(np.arange(draft.n_samples), rows)
    left, n = int(keep.sum()), draft.n_samples
    leaves = f"prepare.missing: drop_samples leaves {left:,} of {count(n, 'sample')}"
    other = _advice(draft, settings, rows, columns, without="drop_samples") if 2 * left < n else ""
    if not left or (other and left < settings.min_samples):
        raise InputError(f"{text}; {leaves}: {other}")
    draft.keep_samples(keep, "missing values")
    if other:
        draft.find("warned", "missing", f"{leaves}: {other}")


def _drop_genes(draft: Draft, columns: NDArray[np.int64], share: float, policy: str, text: str) -> None:
    """Drop genes with a larger share of missing values than this."""
    missing = np.bincount(columns, minlength=draft.n_genes)
    keep = missing <= share * draft.n_samples
    if not keep.any():
        what = "no gene is complete" if not share else f"no gene has at most {share:.0%} missing values"
        raise InputError(
            f"{text}; {what}, so prepare.missing: {policy} leaves none: set it to pairwise or impute_median, "
            "or raise prepare.max_missing"
        )
    reason = "missing values" if not share else f"more than {share:.0%} missing values"
    draft.keep_genes(keep, reason, level=logging.WARNING)


def _keep_some(draft: Draft, settings: Prepare, columns: NDArray[np.int64], text: str) -> None:
    """Drop genes with too many missing values; fill in the others, or leave them to be left out pair by pair."""
    share = TOLERATED if settings.max_missing is None else settings.max_missing
    _drop_genes(draft, columns, share, settings.missing, text)
    draft.values = _dense(draft.values)
    empty = ~np.isfinite(draft.values).any(axis=1)
    draft.keep_samples(~empty, "no values")
    gaps = ~np.isfinite(draft.values)
    n_values, per_gene = int(gaps.sum()), gaps.sum(axis=0)
    if not n_values:
        return
    draft.var = draft.var.assign(n_missing=per_gene.astype(np.int64))
    where = (
        f"{count(n_values, 'missing value')} ({n_values / gaps.size:.2%}) of {count(int((per_gene > 0).sum()), 'gene')}"
    )
    draft.values = draft.values.copy()
    if settings.missing.startswith("impute"):
        average = settings.missing.removeprefix("impute_")
        _impute(draft.values, gaps, average)
        how = f"{where}: filled in with the gene's {average}"
        _tell_mostly_filled(draft, gaps)
        _tell_filled_blocks(draft, gaps)
    else:
        draft.values[gaps] = np.nan
        how = f"{where}: each pair of genes is judged by the samples that both have"
    draft.note["missing"] = {"policy": settings.missing, "n_values": n_values, "n_genes": int((per_gene > 0).sum())}
    draft.find("noted", "missing", how)


def _tell_mostly_filled(draft: Draft, gaps: NDArray[np.bool_]) -> None:
    """Warn of samples that consist of filled-in values, and so are alike."""
    lacking = np.flatnonzero(gaps.mean(axis=1) > LACKING)
    if len(lacking):
        one, names = len(lacking) == 1, quote_some(list(draft.obs.index[lacking]), 3)
        what = f"{count(len(lacking), 'sample')} ({names}) {'lacks' if one else 'lack'} more than half of the values"
        draft.find("warned", "missing", f"{what}, which were filled in: leave {'it' if one else 'them'} out first")


def _tell_filled_blocks(draft: Draft, gaps: NDArray[np.bool_]) -> None:
    """Warn of genes that were filled in in the same samples, which relates them."""
    rows, columns = np.nonzero(gaps & (gaps.mean(axis=1, keepdims=True) <= LACKING))
    blocks = [
        block
        for block in missing_blocks(rows, columns, *gaps.shape)
        if len(block.samples) >= SHARE_OF_SAMPLES * draft.n_samples
        and len(block.genes) >= SHARE_OF_GENES * draft.n_genes
    ]
    if blocks:
        what = f"values were filled in by block ({blocks_in_words(blocks, *_names(draft))})"
        one_value = "each of these genes has one value in these samples, which relates them to each other"
        draft.find("warned", "missing", f"{what}: {one_value}; set prepare.missing: drop_genes or pairwise")


def _names(draft: Draft) -> tuple[list[str], list[str]]:
    """Names of the samples, and of the genes."""
    return list(map(str, draft.obs.index)), list(map(str, draft.var.index))


def _dense(values: Matrix) -> NDArray[np.float64]:
    if not is_sparse(values):
        return np.asarray(values)
    if not fits_dense(values.shape):
        raise InputError(
            "a sparse matrix this large with missing values: only prepare.missing: drop_genes or drop_samples can be "
            "used"
        )
    return np.asarray(values.toarray())


def _impute(values: NDArray[np.float64], gaps: NDArray[np.bool_], average: str) -> None:
    """Fill gaps with the mean or the median of the gene's other values."""
    for gene in np.flatnonzero(gaps.any(axis=0)):
        known = values[~gaps[:, gene], gene]
        values[gaps[:, gene], gene] = known.mean() if average == "mean" else np.median(known)
