"""Samples that were computed from the others, shares of a whole, and columns unlike all genes."""

import logging

import numpy as np
import pandas as pd
import pytest

from genenet.config import Prepare
from genenet.errors import InputError
from genenet.readers.clinical_names import attributes_among, unlike_genes
from genenet.steps.prepare import prepare

RNG = np.random.default_rng(4)
NAMES = [f"{letter}{number}" for number in range(4) for letter in "abcdefgh"]
FRAME = pd.DataFrame(RNG.normal(7, 1.5, (40, 32)).round(3), [f"G{n}" for n in range(40)], NAMES)


def messages(frame: pd.DataFrame, **settings: object) -> list[str]:
    return prepare(frame, Prepare(**settings)).uns["genenet"]["findings"]["message"].tolist()


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("SD", FRAME.std(axis=1).round(4), "standard deviation"),
        ("Med", FRAME.median(axis=1), ""),
        ("Var", FRAME.var(axis=1), "variance"),
        ("rank", FRAME.median(axis=1), "median"),
    ],
)
def test_computed__samples_are_known_by_their_values(name, values, why):
    frame = FRAME.assign(**{name: values})
    if not why:
        assert messages(frame) == []
        return
    with pytest.raises(InputError) as caught:
        prepare(frame)
    assert caught.value.message == (
        f"1 column is no sample: {name} (the {why} of the others); set it aside with prepare.annotation_columns:"
        f" '{name}', or keep it with prepare.accept: no_samples"
    )


def test_computed__replicates_are_samples():
    noisy = FRAME.assign(x=FRAME.median(axis=1) + RNG.normal(0, 0.05, 40))
    assert messages(noisy) == []


@pytest.mark.parametrize(("whole", "shown"), [(1.0, "1"), (100.0, "100")])
def test_compositional__shares_of_a_whole(whole, shown):
    shares = RNG.dirichlet(np.full(40, 0.4), 32).T
    assert messages(pd.DataFrame(shares * whole, FRAME.index, NAMES).round(6)) == [
        f"the values of each sample add up to {shown}: shares of a whole, of which one grows where others shrink, so"
        " that pairs depend on each other by this alone; take centred logarithms of ratios (clr) of the counts"
    ]
    unequal = shares * RNG.uniform(0.5, 1.0, 32)
    assert "add up" not in " ".join(messages(pd.DataFrame(unequal * whole, FRAME.index, NAMES)))


def test_unlike__columns_beside_joined_names(caplog):
    joined = [f"{name} ({1000 + number})" for number, name in enumerate(FRAME.index)]
    frame = pd.concat([FRAME.set_axis(joined), pd.DataFrame(RNG.normal(6, 1, (1, 32)), ["lnIC50"], NAMES)])
    assert messages(frame)[0].startswith("1 row may be no gene: lnIC50 (named unlike the others); set it aside with")
    caplog.clear()
    prepare(frame, Prepare(name_separator=" ("))
    assert caplog.messages == [
        "1 gene has no ' (' in the name, which prepare.name_separator splits the other 40 at (lnIC50): it may be no"
        " gene"
    ]
    ids = [f"ENSG{number:011d}" for number in range(40)]
    assert unlike_genes([*ids, "tdTomato", *(f"ENSG{number:011d}.3_PAR_Y" for number in range(3))]) == {"tdTomato"}
    assert unlike_genes([*ids, *(f"MSTRG.{number}" for number in range(30))]) == set()


def test_attributes__columns_of_a_mass_cytometer():
    markers = ["Time", "Event_length", "Center", "Offset", "Width", "165Ho_pS6"]
    assert attributes_among(markers) == set(markers[:5])
    assert attributes_among(["Center", "Offset", "Width", "165Ho_pS6"]) == set()


def test_names__genes_without_one_are_dropped_where_duplicates_are_merged(caplog):
    frame = FRAME.rename(index={"G3": "", "G7": ""})
    with caplog.at_level(logging.WARNING):
        ready = prepare(frame, Prepare(duplicates="max_variance"))
    assert (ready.n_vars, caplog.messages) == (38, ["dropped 2 of 40 genes (no name): '', ''"])
