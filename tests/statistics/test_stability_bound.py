"""Bounds of stability selection against the R package stabs, and against distributions that reach them."""

import numpy as np
import pytest
from scipy import optimize

from genenet.statistics.stability_bound import largest_tail, stability_bounds, unimodal_bound

# PFER as printed by stabsel_parameters(p = 100, q = q, cutoff = 0.6, sampling.type = "SS", B = 50) of stabs 0.6-4.
UNIMODAL = (0.02631579, 0.1052632, 0.2368421, 0.4210526, 0.6578947, 0.9473684, 1.289474, 1.684211, 2.131579, 2.631579)
R_CONCAVE = (0.006971364, 0.03342845, 0.08691176, 0.1637231, 0.2605329, 0.3820466, 0.5295188, 0.7042719, 0.9077127)


@pytest.mark.parametrize(("q", "expected"), list(enumerate(UNIMODAL, 1)))
def test_unimodal__as_stabs(q, expected):
    assert stability_bounds(0.6, q, 100, 50).unimodal == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("q", "expected"), list(enumerate(R_CONCAVE, 1)))
def test_r_concave__as_stabs(q, expected):
    # stabs searches a part of the range, and so gives a little less where q is small.
    found = stability_bounds(0.6, q, 100, 50).r_concave
    assert found == pytest.approx(expected, rel=4e-3 if q == 1 else 7e-4)
    assert found >= expected * (1 - 1e-6)


@pytest.mark.parametrize(
    ("q", "cutoff", "expected"), [(6, 0.6, 0.174), (7, 0.6, 0.248), (7, 0.62, 0.196), (7, 0.61, 0.219)]
)
def test_r_concave__as_stabs_with_200(q, cutoff, expected):
    assert round(stability_bounds(cutoff, q, 200, 50).r_concave, 3) == expected


@pytest.mark.parametrize(("q", "expected"), [(1, 0.05), (5, 1.25), (10, 5.0)])
def test_no_assumption__is_that_of_meinshausen_and_buehlmann(q, expected):
    assert stability_bounds(0.6, q, 100, 50).no_assumption == pytest.approx(expected, rel=1e-12)


def test_unimodal__above_three_quarters_by_hand():
    # 3^2 / 10 * 4 (1 - 0.96 + 0.01) / 1.02, which stabs rounds to 0.176.
    assert unimodal_bound(0.96, 3, 10, 50) == pytest.approx(0.9 * 0.2 / 1.02, rel=1e-12)


def test_unimodal__where_the_theorem_does_not_hold():
    # q / p = 0.6 is above 1 / sqrt(3).
    assert unimodal_bound(0.9, 60, 100, 50) == 36 / 0.8
    assert unimodal_bound(0.51, 5, 100, 50) == pytest.approx(0.25 / 0.02)


def test_bounds__fall_with_the_threshold_and_stronger_assumptions():
    found = [stability_bounds(k / 40, 30, 1_000, 20) for k in range(22, 41)]
    for bounds in found:
        assert bounds.r_concave <= bounds.unimodal <= bounds.no_assumption
    for name in ("no_assumption", "unimodal", "r_concave"):
        values = [getattr(bounds, name) for bounds in found]
        assert all(np.diff(values) < 0), name


def test_largest_tail__no_r_concave_distribution_has_more():
    """Maximise the tail over all distributions f on 0..n with f^r convex, by a general optimiser from many starts."""
    mean, at_least, n, r = 0.15, 6, 8, -0.5
    bound = largest_tail(mean, at_least, n, r)
    rng, best = np.random.default_rng(1), 0.0

    def share(logs):
        f = np.exp(logs - logs.max())
        return f / f.sum()

    limits = [
        {"type": "ineq", "fun": lambda x: np.diff(share(x) ** r, 2)},
        {"type": "ineq", "fun": lambda x: mean * n - np.arange(n + 1) @ share(x)},
    ]
    for _ in range(6):
        start = -rng.uniform(0.3, 1.5) * np.arange(n + 1)
        found = optimize.minimize(
            lambda x: -share(x)[at_least:].sum(), start, constraints=limits, method="SLSQP", bounds=[(-25, 0)] * (n + 1)
        )
        f = share(found.x)
        if np.all(np.diff(f**r, 2) > -1e-6) and np.arange(n + 1) @ f < mean * n + 1e-6:
            best = max(best, f[at_least:].sum())
    assert 0.97 * bound < best <= bound * (1 + 1e-4)
