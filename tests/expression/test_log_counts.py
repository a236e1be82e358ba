"""Logarithms of raw counts are told by the whole numbers that they come from."""

import numpy as np
import pytest

from genenet.config import Prepare
from genenet.expression.look import look
from genenet.expression.look.log_counts import logs_of_counts
from genenet.expression.look.profile import profile

RNG = np.random.default_rng(3)
DEPTH = np.linspace(1, 3, 30)[:, None]
COUNTS = RNG.poisson(DEPTH * RNG.gamma(1, 60, 80)).astype(float)


def _messages(values: np.ndarray, settings: Prepare | None = None) -> list[str]:
    return [str(one) for one in logs_of_counts(profile(values), values, settings or Prepare())]


@pytest.mark.parametrize(
    ("base", "name", "inverse"), [(2, "log2", "2^x - 1"), (np.e, "ln", "exp(x) - 1"), (10, "log10", "10^x - 1")]
)
def test_log_counts__in_three_bases_and_rounded(base, name, inverse):
    values = (np.log1p(COUNTS) / np.log(base)).round(4)
    low, high = np.quantile(COUNTS.sum(axis=1), [0.1, 0.9])
    told = (
        f"warned (counts): the values are {name}(1 + x) of raw counts of unequal depth: the sums of samples differ"
        f" {high / low:.1f}-fold, which relates all genes; take {inverse} of them, the counts, with"
        " prepare.normalisation: log1p_cpm"
    )
    assert _messages(values) == [told]
    names = [[f"{kind}{n}X" for n in range(size)] for kind, size in zip(("P", "GENE"), values.shape, strict=True)]
    assert told in [str(one) for one in look(values, *names, Prepare(), how_to_turn="")]


def test_log_counts__not_of_equal_depth_nor_of_normalised_or_measured_values():
    cpm = COUNTS / COUNTS.sum(axis=1, keepdims=True) * 1e6
    equal = RNG.poisson(RNG.gamma(1, 60, 80), (30, 80))
    for values in (
        np.log2(1 + equal),
        np.log2(1 + cpm),
        RNG.normal(7, 2, (30, 80)).clip(0),
        COUNTS,
        np.zeros((30, 80)),
    ):
        assert _messages(values) == []
    assert _messages(np.log2(1 + COUNTS), Prepare(normalisation="log1p_cpm")) == []
