"""Values that pile up at a limit, and those that do not."""

import numpy as np
import pytest

from genenet.expression.look.censored import censored
from genenet.expression.look.filled_in import filled_in
from genenet.expression.look.values import code_below_zero, profile

RNG = np.random.default_rng(11)
NORMAL = RNG.normal(7.0, 1.6, (60, 40))
GENES = [f"G{n}" for n in range(40)]
WRITE = "set prepare.na_values: '{}' and prepare.missing: pairwise, or leave out genes with many"


def messages(values: np.ndarray) -> list[str]:
    return [str(one) for one in censored(profile(values), values, GENES)]


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
    assert messages(values) == told(values, 9.0, "largest", f"{meaning} it, or leave out genes with many")


def test_censored__logarithm_of_zero_and_a_constant():
    values = np.log2(np.where(RNG.random(NORMAL.shape) < 0.2, 0.0, 2**NORMAL) + 0.001)
    meaning = "the log2 of 0.001, for values of 0; as bins take notice of distances, such zeros are far from all other"
    assert messages(values) == told(values, np.log2(0.001), "smallest", f"{meaning} values: take log2(x + 1)")


def test_censored__zeros_far_below_logarithms_of_intensities():
    values = np.where(RNG.random(NORMAL.shape) < 0.2, 0.0, NORMAL + 18)
    begin = values[values > 0].min()
    meaning = (
        f"the others begin at {begin:.3g}, so that 0 stands for missing values; MI then tells in which samples two"
    )
    assert messages(values) == told(values, 0.0, "smallest", f"{meaning} genes are found: {WRITE.format(0)}")


@pytest.mark.parametrize("code", [-7.0, 999.0])
def test_censored__code_for_a_missing_value(code):
    values = np.where(RNG.random(NORMAL.shape) < 0.05, code, NORMAL * 0.5 + 5)
    at = values == code
    assert messages(values) == [
        f"warned (off_scale): {at.mean():.0%} of the values, in {at.any(axis=0).sum()} of 40 genes, are exactly"
        f" {code:.6g}, far from all other values of these genes: it looks like a code for a missing value: read it so"
        f" with prepare.na_values: '{code:g}'"
    ]


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
    assert messages(values) == told(values, -1.0, "smallest", f"{zeros} from all other values: take log2(x + 1)")
    assert code_below_zero(profile(values)) == []


def test_censored__ceiling_of_linear_values_is_no_code():
    values = (2 ** RNG.normal(6.0, 3.0, (60, 40))).clip(max=1000.0)
    meaning = "a detector that is saturated, or a cut-off; MI knows no differences above it: scan or export again"
    assert messages(values) == told(values, 1000.0, "largest", f"{meaning} without it, or leave out genes with many")


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
