"""Numbers as text, a column at once: the texts that `repr` writes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genenet.writers.number_texts import number_texts


def _expected(values: list[float]) -> list[str | None]:
    return [None if value != value else repr(value) for value in values]


@settings(deadline=None)
@given(st.lists(st.floats() | st.floats(-1, 1) | st.integers(-(10**18), 10**18).map(float)))
def test_number_texts__as_repr(values: list[float]) -> None:
    assert number_texts(np.array(values, float)).to_pylist() == _expected(values)


@pytest.mark.parametrize("seed", range(2))
def test_number_texts__doubles_of_all_sizes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    doubles = rng.integers(0, 2**64, 100_000, np.uint64).view(np.float64)
    near = rng.normal(size=100_000) * 10.0 ** rng.integers(-20, 20, 100_000)
    powers = np.concatenate([sign * 10.0 ** np.arange(-30, 30) for sign in (1, -1)])
    beside = np.concatenate([np.nextafter(powers, np.inf), powers, np.nextafter(powers, -np.inf)])
    values = np.concatenate([doubles, near, beside, rng.integers(-(10**6), 10**6, 1000) / 1000])
    assert number_texts(values).to_pylist() == _expected(values.tolist())
