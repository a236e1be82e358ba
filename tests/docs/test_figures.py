"""The numbers that the figures of the pages show."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import mutual_info_score

from genenet.kernels.packing import register_block


def test_four_panels__numbers_are_those_of_scikit_learn():
    from figures.four_panels import codes, numbers, variables

    values, bins, found = variables(), codes(), numbers()
    x = values.pop("x")
    for (name, y), row in zip(values.items(), bins[1:], strict=True):
        mi, correlation = found[name]
        assert mi == pytest.approx(mutual_info_score(bins[0], row) / np.log(2), abs=1e-12)
        assert correlation == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-12)


def test_four_panels__mi_sees_what_correlation_does_not():
    from figures.four_panels import N_BINS, N_SAMPLES, numbers

    found = numbers()
    assert found["identical"][0] == found["blocks shuffled"][0] == pytest.approx(np.log2(N_BINS))
    assert found["identical"][1] == pytest.approx(1)
    assert abs(found["blocks shuffled"][1]) < 0.02
    bias = (N_BINS - 1) ** 2 / (2 * N_SAMPLES * np.log(2))  # of the plug-in estimate, for independent variables
    assert found["independent"][0] == pytest.approx(bias, rel=0.5)
    assert found["independent"][0] < 0.1 * found["with noise"][0] < 0.1 * found["identical"][0]


@pytest.mark.slow
def test_pivot__is_near_uniform_for_pairs_that_have_no_null_in_common():
    from figures.pivot import nulls

    found = nulls()
    medians = [float(np.median(null.mi)) for null in found]
    assert max(medians) > 2 * min(medians)
    for null in found:
        for share in (0.5, 0.1, 0.01):
            assert 0.5 * share < np.mean(np.exp(null.log_pivots) <= share) < 1.5 * share, null.title


def test_kernels__shows_the_tile_that_is_used():
    """Six bins, of which five are counted: the figure draws 5 x 5."""
    from figures.kernels import N_SHOWN

    assert register_block(5) == (5, 5)
    assert N_SHOWN < 16


@pytest.mark.parametrize("name", ["four_panels", "kernels"])
def test_figures__are_the_same_bytes_twice(name, tmp_path):
    from importlib import import_module

    mpl = pytest.importorskip("matplotlib", reason="needs the extra docs")
    with mpl.rc_context({"svg.hashsalt": "genenet"}):
        for number in range(2):
            import_module(f"figures.{name}").draw().savefig(tmp_path / f"{number}.svg", metadata={"Date": None})
    assert (tmp_path / "0.svg").read_bytes() == (tmp_path / "1.svg").read_bytes()
