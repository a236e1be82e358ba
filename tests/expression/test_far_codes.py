"""A number far from all others in several genes is a code for a missing value, and no other scale of a gene."""

import numpy as np
import pytest

from genenet.config import Prepare
from genenet.expression.look import look

RNG = np.random.default_rng(5)
VALUES = RNG.normal(6, 2, (30, 60)).round(3)
AT = RNG.random(VALUES.shape) < 0.01
AT[[2, 9, 11], 40] = True  # the 95th percentile of this gene is the code
SAMPLES, GENES = [f"S{n}" for n in range(30)], [f"LAB{chr(65 + n % 26)}{n}" for n in range(60)]


def _found(values: np.ndarray) -> list[str]:
    return [str(finding) for finding in look(values, SAMPLES, GENES, Prepare(), how_to_turn="")]


@pytest.mark.parametrize("code", [100.0, 9999.0, -100.0])
def test_code__is_told_alone(code):
    low, high = np.quantile(VALUES[~AT], [0.005, 0.995])
    gene, sample = np.argwhere(AT.T)[0]
    assert _found(np.where(AT, code, VALUES)) == [
        f"warned (off_scale): {AT.sum()} values are far off the scale of the others ({low:.3g} to {high:.3g}): the "
        f"first is {code:g} (gene {GENES[gene]}, sample {SAMPLES[sample]}); {code:g} looks like a code for a missing "
        f"value: read it so with prepare.na_values: '{code:g}'"
    ]


def test_code__none_among_near_values_and_in_one_gene():
    one = VALUES.copy()
    one[:, 7] = 100.0
    for values in (np.where(AT, np.ceil(VALUES.max()) + 3, VALUES), one):
        assert not any("code for a missing value" in message for message in _found(values))
