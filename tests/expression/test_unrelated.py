"""Samples that rank their genes unlike the others are told, and mixtures of tissues are not."""

import numpy as np
import pandas as pd

from genenet.config import Prepare
from genenet.expression.look.ordered import in_order_of_samples
from genenet.expression.look.unrelated import unrelated_samples
from genenet.readers.clinical_names import attributes_among
from genenet.steps.prepare import prepare

RNG = np.random.default_rng(2)
LEVELS = RNG.normal(7, 2, 80)
VALUES = LEVELS + RNG.normal(0, 0.8, (24, 80))
SAMPLES = [f"S{n}" for n in range(24)]
LOOK = "and, where tables were put side by side, whether their genes stood in one order"


def _messages(values: np.ndarray) -> list[str]:
    return [str(one) for one in unrelated_samples(values, SAMPLES)]


def test_unrelated__half_a_table_in_another_order():
    values = VALUES.copy()
    values[14:] = values[14:, RNG.permutation(80)]
    ranks = values.argsort(axis=1).argsort(axis=1)
    correlations = np.corrcoef(ranks)
    between, within = np.median(correlations[:14, 14:]), np.median(correlations[:14, :14][np.triu_indices(14, 1)])
    assert _messages(values) == [
        "warned (no_samples): 10 of 24 samples (S14, S15, S16 and 7 more) rank their genes unlike the others"
        f" (correlation {between:.2f} with these, and {within:.2f} among these): look whether these are samples, {LOOK}"
    ]


def test_unrelated__one_sample():
    values = VALUES.copy()
    values[5] = values[5, ::-1]
    [message] = _messages(values)
    assert message.startswith("warned (no_samples): 1 of 24 samples (S5) ranks its genes unlike the others (")
    assert message.endswith(f": look whether it is a sample, {LOOK}")
    assert unrelated_samples(values, SAMPLES, {"S5"}) == []


def test_unrelated__a_column_is_set_aside_by_the_setting_of_the_table():
    frame = pd.DataFrame(VALUES.T - 7.0, [f"GENE{n}X" for n in range(80)], SAMPLES)
    frame["cmp"] = RNG.normal(0, 1, 80)
    for table in (frame, frame.T):
        orientation = "genes_by_samples" if table is frame else "samples_by_genes"
        side = "annotation_columns" if table is frame else "annotation_rows"
        found = prepare(table, Prepare(orientation=orientation)).uns["genenet"]["findings"]
        [message] = found["message"].tolist()
        assert message.endswith(
            f": look whether it is a sample (if not, set it aside with prepare.{side}: 'cmp'), {LOOK}"
        )


def test_ordered__times_and_doses_among_genes():
    frame = pd.DataFrame(VALUES.T, [f"GENE{n}X" for n in range(80)], SAMPLES)
    frame.loc["x6"] = np.linspace(0, 12, 24).round(2)
    found = prepare(frame).uns["genenet"]["findings"]
    assert found["message"].tolist() == [
        "1 row may be no gene: x6 (rising or falling from the first sample to the last); set it aside with"
        " prepare.annotation_rows: 'x6', or keep it with prepare.accept: no_genes"
    ]
    assert in_order_of_samples(frame.T.to_numpy(), [*frame.index[:-1], "TP53"]) == []  # samples were sorted by a gene
    late = np.zeros((24, 20_000))
    late[-5:] = np.arange(1, 6)[:, None] * (np.arange(20_000) == 9)
    assert in_order_of_samples(late, list(map(str, range(20_000)))) == []
    ordered = np.sort(VALUES, axis=0)
    assert in_order_of_samples(ordered, list(map(str, range(80)))) == []


def test_attributes__times_and_doses_with_a_unit():
    names = [*(f"GENE{n}X" for n in range(60)), "Time_h", "conc_uM", "dose.mg_kg", "exposure days"]
    assert attributes_among(names) == {"Time_h", "conc_uM", "dose.mg_kg", "exposure days"}
    assert attributes_among([*names, "TIMP1", "DOSE", "TIMM10", "time"]) == {*names[-4:], "time"}


def test_unrelated__the_other_way_round():
    values = VALUES.copy()
    values[20:] = 20 - values[20:]
    [message] = _messages(values)
    assert message.startswith(
        "warned (no_samples): 4 of 24 samples (S20, S21, S22 and 1 more) rank their genes the other way round"
    )
    assert message.endswith(
        " among these), as Ct values beside logarithms, or ratios turned over, do: bring all to one sign"
    )


def test_unrelated__not_tissues_centred_genes_and_cells():
    tissues = VALUES + np.repeat(RNG.normal(0, 1.5, (4, 80)), 6, axis=0)
    cells = RNG.poisson(2.0 ** (VALUES - 9))
    for values in (VALUES, tissues, VALUES - VALUES.mean(axis=0), np.log1p(cells), np.zeros((24, 80))):
        assert _messages(values.astype(float)) == []
