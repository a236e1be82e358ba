"""Strata from sample attributes: several columns, small strata, and all that is refused."""

import numpy as np
import pandas as pd
import pytest

from genenet.errors import InputError
from genenet.products.strata import Strata, check_crossed, read_strata


def obs(**columns: object) -> pd.DataFrame:
    table = pd.DataFrame(columns)
    return table.set_axis([f"s{k}" for k in range(len(table))], axis=0)


def test_read_strata__levels_are_in_order_of_their_names():
    strata = read_strata(obs(batch=["b"] * 8 + ["a"] * 9 + ["b"]), "batch")
    assert strata.levels == ("a", "b")
    assert strata.codes.tolist() == [1] * 8 + [0] * 9 + [1]
    assert [part.tolist() for part in strata.parts()] == [[*range(8, 17)], [*range(8), 17]]


def test_read_strata__columns_are_crossed():
    strata = read_strata(obs(batch=["a", "b"] * 16, sex=pd.Categorical(["f"] * 16 + ["m"] * 16)), ["batch", "sex"])
    assert strata.levels == ("a, f", "a, m", "b, f", "b, m")
    assert strata.sizes.tolist() == [8] * 4


def test_read_strata__numbers_of_a_batch_are_groups():
    assert read_strata(obs(run=[1, 2] * 8), "run").levels == ("1", "2")


def test_read_strata__small_ones_pooled(caplog):
    batches = ["a"] * 20 + ["b"] * 3 + ["c"] * 10 + ["other"] * 5
    strata = read_strata(obs(batch=batches), "batch", small="pool")
    assert strata.levels == ("a", "c", "other")
    assert strata.sizes.tolist() == [20, 10, 8]
    assert caplog.messages == [
        "prepare.strata: 2 of the 4 strata of batch have fewer than 8 samples and are pooled: b (3), other (5); they"
        " are"
        " compared with each other as one"
    ]


def test_read_strata__order_of_samples_makes_no_difference():
    table = obs(batch=list("abc") * 10)
    order = np.random.default_rng(0).permutation(30)
    assert read_strata(table.iloc[order], "batch").codes.tolist() == read_strata(table, "batch").codes[order].tolist()


@pytest.mark.parametrize(
    ("columns", "names", "message"),
    [
        (
            {"batch": list("ab") * 8},
            "bath",
            "the matrix has no sample attribute bath; it has batch; did you mean batch?",
        ),
        ({}, "batch", "the matrix has no sample attribute batch; give a table of them (table)"),
        (
            {"batch": list("ab") * 8},
            [],
            "prepare.strata: no sample attribute is named; name one or several columns of obs",
        ),
        (
            {"batch": list("ab") * 8},
            ["batch", "batch"],
            "prepare.strata names batch twice; name each sample attribute once",
        ),
        (
            {"batch": ["a", None, " ", "b"] * 4},
            "batch",
            "prepare.strata: 8 of 16 samples have no batch (s1, s2, s5, s6, s9 and 3 more); give them one (texts"
            " such as"
            " nan and None are read as missing), or leave them out with prepare.obs_query",
        ),
        (
            {"age": np.arange(16) / 2},
            "age",
            "prepare.strata: age holds numbers of 16 different values (0, 0.5, 1 and 13 more), not groups; cut it"
            " into a few"
            " groups in a column of their own",
        ),
        (
            {"age": pd.Categorical(np.arange(42) // 2)},
            "age",
            "prepare.strata: age holds numbers of 21 different values (0, 1, 2 and 18 more), not groups; cut it into"
            " a few"
            " groups in a column of their own",
        ),
        (
            {"id": [f"x{k:02}" for k in range(16)]},
            "id",
            "prepare.strata: each of the 16 samples has its own id (x00, x01, x02 and 13 more), so that nothing can be"
            " compared within strata; name an attribute that groups of samples share",
        ),
        (
            {"batch": ["a"] * 9 + ["b"] * 7},
            "batch",
            "prepare.strata: 1 of the 2 strata of batch has fewer than 8 samples: b (7); name fewer or coarser"
            " attributes, set prepare.small_strata: pool to make one stratum of them, or leave them out with"
            " prepare.obs_query",
        ),
        (
            {"batch": list("abcd") * 4},
            "batch",
            "prepare.strata: 4 of the 4 strata of batch have fewer than 8 samples: a (4), b (4), c (4), d (4); name"
            " fewer or"
            " coarser attributes, or leave them out with prepare.obs_query",
        ),
        (
            {"batch": [f"b{k:02}" for k in range(21)] * 8},
            "batch",
            "prepare.strata: batch makes 21 strata, at most 20 are possible; name fewer attributes, join levels in a"
            " column of their own, or pool small ones (prepare.small_strata: pool)",
        ),
    ],
)
def test_read_strata__refused(columns, names, message):
    table = obs(**columns) if columns else pd.DataFrame(index=[f"s{k}" for k in range(16)])
    with pytest.raises(InputError) as error:
        read_strata(table, names)
    assert str(error.value) == message


def test_read_strata__pooled_ones_still_too_small():
    with pytest.raises(InputError) as error:
        read_strata(obs(batch=["a"] * 9 + ["b"] * 3 + ["c"] * 2), "batch", small="pool")
    assert str(error.value) == (
        "prepare.strata: 2 of the 3 strata of batch have fewer than 8 samples: b (3), c (2); together they have 5,"
        " too few"
        " for a stratum: leave them out with prepare.obs_query"
    )


def test_check_crossed__the_only_stratum():
    with pytest.raises(InputError, match=r"^within the only stratum of batch all samples are of the same sex: "):
        check_crossed(Strata.of(np.zeros(4, np.int64)), np.array(["f"] * 4), strata_name="batch", group_name="sex")


def test_check_crossed__groups_are_the_strata():
    with pytest.raises(InputError, match=r"^batch is both the groups and the strata; choose other strata, or none$"):
        check_crossed(Strata.of(np.array([0, 1])), np.array(["a", "b"]), strata_name="batch", group_name="batch")


def test_read_strata__a_name_is_empty():
    with pytest.raises(InputError, match=r"^prepare.strata: no sample attribute is named"):
        read_strata(obs(batch=["a", "b"] * 8), ["batch", ""])


def test_read_strata__pooled_ones_are_warned_of_once(caplog):
    read_strata(obs(batch=["a"] * 9 + ["b"] * 5 + ["c"] * 5), "batch", small="pool", warn=False)
    assert not caplog.messages
    read_strata(obs(batch=["a"] * 9 + ["b"] * 5 + ["c"] * 5), "batch", small="pool")
    assert len(caplog.messages) == 1
