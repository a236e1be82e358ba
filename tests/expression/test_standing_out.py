"""Values that stand out: codes for missing values, limits at which values pile up, and those that are natural."""

import numpy as np
import pytest

from genenet.config import Prepare
from genenet.expression.look import look
from genenet.expression.look.filled_in import filled_in
from genenet.expression.look.profile import profile
from genenet.expression.look.standing_out import standing_out

RNG = np.random.default_rng(11)
NORMAL = RNG.normal(7.0, 1.6, (60, 40))
GENES, SAMPLES = [f"G{n}" for n in range(40)], [f"S{n}" for n in range(60)]
WRITE = (
    "set prepare.na_values: '{}' and prepare.missing: pairwise, which leaves them out (and genes with more of them than"
    " prepare.max_missing, 20% if it is not set)"
)
LINEAR = "take log2(x + 1) of the linear values (prepare.normalisation: log1p)"


def messages(values: np.ndarray) -> list[str]:
    found = standing_out(profile(values), values, GENES, SAMPLES)
    return [str(one) for findings in found for one in findings]


def told(values: np.ndarray, limit: float, which: str, meaning: str) -> list[str]:
    """The message about a limit, with shares that are counted here."""
    at = values == limit
    shares = at.sum(axis=0) / np.isfinite(values).sum(axis=0)
    most = int(shares.argmax())
    return [
        f"warned (censored): {at.sum() / np.isfinite(values).sum():.0%} of the values are exactly {limit:.6g}, the"
        f" {which}, and {int((shares >= 0.1).sum())} of 40 genes have it in at least 10% of the samples (most of all"
        f" {GENES[most]}, in {shares[most]:.0%}): {meaning}"
    ]


def test_censored__ct_values_of_what_was_not_found():
    values = np.where(RNG.random(NORMAL.shape) < 0.3, 40.0, NORMAL + 20)
    values[:3, 5] = np.nan
    assert messages(values) == told(
        values, 40.0, "largest",
        "a qPCR that found nothing by its last cycle; MI then tells in which samples two genes are found: "
        + WRITE.format(40),
    )  # fmt: skip


def test_censored__floor_of_detection():
    values = NORMAL.round(3).clip(min=6.0)
    meaning = (
        "genes without reads, where these are logarithms of counts (vst), or a limit of detection, or missing values"
        " that were filled in; with these MI tells in which samples two genes are found"
    )
    assert messages(values) == told(values, 6.0, "smallest", f"{meaning}: {WRITE.format(6)}")


def test_censored__saturation():
    values = NORMAL.clip(max=9.0)
    meaning = (
        "a detector that is saturated, or a cut-off; MI knows no differences above it: scan or export again without"
    )
    assert messages(values) == told(values, 9.0, "largest", f"{meaning} it, or {WRITE.format(9)}")


def test_censored__logarithm_of_zero_and_a_constant():
    values = np.log2(np.where(RNG.random(NORMAL.shape) < 0.2, 0.0, 2**NORMAL) + 0.001)
    meaning = "the log2 of 0.001, for values of 0; as bins take notice of distances, such zeros are far from all other"
    assert messages(values) == told(
        values, np.log2(0.001), "smallest", f"{meaning} values: {LINEAR}, or {WRITE.format(np.log2(0.001))}"
    )


def test_censored__zeros_far_below_logarithms_of_intensities():
    values = np.where(RNG.random(NORMAL.shape) < 0.2, 0.0, NORMAL + 18)
    begin = values[values > 0].min()
    meaning = (
        f"the others begin at {begin:.3g}, so that 0 stands for missing values; MI then tells in which samples two"
    )
    assert messages(values) == told(values, 0.0, "smallest", f"{meaning} genes are found: {WRITE.format(0)}")


def told_as_code(values: np.ndarray, code: float, why: str, option: str = "") -> list[str]:
    """The message about a code, with cells that are counted here."""
    at = values == code
    gene, sample = np.argwhere(at.T)[0]
    return [
        f"warned (off_scale): {at.sum():,} values, in {at.any(axis=0).sum()} of {values.shape[1]} genes, are exactly"
        f" {code:g} (the first: gene {GENES[gene]}, sample {SAMPLES[sample]}), {why}: it looks like a code for a"
        f" missing value: read it so with prepare.na_values: '{option or f'{code:g}'}'"
    ]


def scale(values: np.ndarray, *codes: float) -> str:
    low, high = np.quantile(values[~np.isin(values, codes)], [0.005, 0.995])
    return f"far off the scale of the others ({low:.3g} to {high:.3g})"


@pytest.mark.parametrize("code", [-7.0, 20.0])
def test_code__far_from_the_values_of_its_genes(code):
    values = np.where(RNG.random(NORMAL.shape) < 0.05, code, NORMAL * 0.5 + 5)
    assert messages(values) == told_as_code(values, code, "far from all other values of these genes")


AT = RNG.random(NORMAL.shape) < 0.01
AT[[2, 9, 11, 20, 31], 38] = True  # the 95th percentile of this gene is the code


@pytest.mark.parametrize("code", [100.0, 9999.0, -100.0])
def test_code__far_off_the_scale_is_told_alone(code):
    values = np.where(AT, code, NORMAL)
    found = [str(one) for one in look(values, SAMPLES, [f"LAB{name}" for name in GENES], Prepare(), how_to_turn="")]
    assert found == [told_as_code(values, code, scale(values, code))[0].replace("gene G", "gene LABG")]


def test_code__none_among_near_values_and_in_one_gene():
    one = NORMAL.copy()
    one[:, 7] = 100.0
    for values in (np.where(AT, np.ceil(NORMAL.max()) + 3, NORMAL), one):
        assert messages(values) == []


def test_code__a_sentinel_counts_once_and_beside_others():
    values = NORMAL.copy()
    values[5, 3] = -999.0
    assert messages(values) == [
        "warned (off_scale): 1 value is exactly -999 (gene G3, sample S5), and no other is negative: it looks like a"
        " code for a missing value: read it so with prepare.na_values: '-999'"
    ]
    values[5:8, 9] = 9999.0
    values[2, 2] = 2e5
    assert messages(values) == [
        "warned (off_scale): 1 value is exactly -999 (gene G3, sample S5), and no other is negative; 3 values, in 1 of"
        f" 40 genes, are exactly 9999 (the first: gene G9, sample S5), {scale(values, -999, 9999, 2e5)}: they look like"
        " codes for missing values: read them so with prepare.na_values: '-999,9999'",
        f"warned (off_scale): 1 value is {scale(values, -999, 9999)}: 200000 (gene G2, sample S2); look at gene G2",
    ]


@pytest.mark.parametrize("linear", [False, True])
def test_code__two_of_them_in_one_message(linear):
    """-9 is neither the smallest value nor, beside -99, the only negative one."""
    values = 2 ** (NORMAL * 1.4) if linear else NORMAL.clip(min=0.0)
    values = np.where(AT, -9.0, values)
    values[[4, 5, 6, 7, 8], [1, 2, 3, 4, 5]] = -99.0
    n = np.count_nonzero(values == -9)
    gene, sample = np.argwhere(values.T == -9)[0]
    first = values != -99
    low, high = np.quantile(values[first], [0.005, 0.995])
    why = ", and no other is negative" if linear else f", far off the scale of the others ({low:.3g} to {high:.3g})"
    assert messages(values) == [
        "warned (off_scale): 5 values, in 5 of 40 genes, are exactly -99 (the first: gene G1, sample S4)"
        f"{' and ' if linear else why + '; '}{n} values, in {(values == -9).any(axis=0).sum()} of 40 genes, are exactly"
        f" -9 (the first: gene G{gene}, sample S{sample}), and no other is negative: they look like codes for missing"
        " values: read them so with prepare.na_values: '-99,-9'"
    ]


@pytest.mark.parametrize("code", [-1.0, -9.0, -999.0])
def test_code__the_only_negative_number(code):
    """Values up to thousands, off the scale of which -999 is not."""
    values = np.where(AT, code, 2 ** (NORMAL * 1.4))
    assert messages(values) == told_as_code(values, code, "and no other is negative")
    values[0, 0] = -0.5
    assert messages(values) == []


COUNTS = RNG.poisson(0.8, (60, 40)).astype(float)
UNAFFECTED = {
    "logarithms of counts of single cells": np.log1p(COUNTS * 1e4 / RNG.integers(500, 900, 60)[:, None]),
    "log2(TPM + 1)": np.log2(RNG.exponential(8.0, NORMAL.shape) * (RNG.random(NORMAL.shape) > 0.2) + 1),
    "counts": COUNTS,
    "codes": RNG.integers(0, 3, NORMAL.shape).astype(float),
    "measured values": NORMAL,
    "rounded values": NORMAL.round(1),
    "shares": RNG.uniform(size=NORMAL.shape).round(2),
}


@pytest.mark.parametrize("kind", UNAFFECTED)
def test_censored__not_where_it_is_natural(kind):
    assert messages(UNAFFECTED[kind]) == []


def test_censored__minus_one_may_be_a_logarithm():
    """log2(0 + 0.5) = log10(0 + 0.1) = -1, which is a code for a missing value elsewhere."""
    values = np.log2(np.where(RNG.random(NORMAL.shape) < 0.2, 0.0, 0.7 + 2 ** (NORMAL - 6)) + 0.5)
    zeros = "the log2 of 0.5 or the log10 of 0.1, for values of 0; as bins take notice of distances, such zeros are far"
    assert messages(values) == told(
        values, -1.0, "smallest", f"{zeros} from all other values: {LINEAR}, or {WRITE.format(-1)}"
    )


def test_censored__ceiling_of_linear_values_is_no_code():
    values = (2 ** RNG.normal(6.0, 3.0, (60, 40))).clip(max=1000.0)
    meaning = "a detector that is saturated, or a cut-off; MI knows no differences above it: scan or export again"
    assert messages(values) == told(values, 1000.0, "largest", f"{meaning} without it, or {WRITE.format(1000)}")


def test_filled_in__averages_of_genes():
    values = NORMAL.copy()
    gaps = RNG.random(values.shape) < 0.2
    for gene in range(40):
        known = values[~gaps[:, gene], gene]
        values[gaps[:, gene], gene] = round(known.mean(), 3)
    most = int(gaps.mean(axis=0).argmax())
    found = [str(one) for one in filled_in(values, GENES)]
    assert found == [
        "warned (missing): in 40 of 40 genes looked at one value, the gene's average, is there again and again (in"
        f" {gaps.mean(axis=0)[most]:.0%} of the samples of {GENES[most]}): missing values that were filled in, which"
        " draw genes together where the same samples lacked both; take the matrix before that, with NA, and set"
        " prepare.missing: pairwise"
    ]


@pytest.mark.parametrize("kind", UNAFFECTED)
def test_filled_in__not_where_values_are_measured(kind):
    assert filled_in(UNAFFECTED[kind], GENES) == []


def test_code__not_of_a_sample_that_failed():
    """A sample of zeros alone is told as such (`no_samples`)."""
    values = NORMAL.clip(min=1.0) + 5
    values[3] = 0.0
    assert messages(values) == []


def test_filled_in__not_ties_of_counts_beside_one_large_value():
    values = np.random.default_rng(1).poisson(60.0, (25, 60)).astype(float)
    values[24] = 8000.0
    assert filled_in(values, [f"G{n}" for n in range(60)]) == []
