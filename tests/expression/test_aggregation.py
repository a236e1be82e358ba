"""Cells to groups of cells: sums by hand, disjoint metacells, what is dropped, p-values of unrelated genes."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from anndata import AnnData

import genenet
from genenet.config import Prepare
from genenet.errors import GenenetError
from genenet.products.expression import Notes
from genenet.report.methods_text import methods_text
from genenet.report.panels.overview import checks
from genenet.report.summary_text import describe, describe_aggregation
from genenet.steps.prepare import prepare
from tests.matrices import names


def cells(n_donors: int = 8, n_cells: int = 120, n_genes: int = 60, *, seed: int = 0, spread: float = 0.0) -> AnnData:
    """Counts of cells of two kinds; donors differ, and genes are independent within a donor and kind."""
    rng = np.random.default_rng(seed)
    kind = np.repeat(["B", "T"], n_cells // 2)
    donors = [f"d{n}" for n in range(n_donors)]
    mean = rng.gamma(2.0, 1.0, n_genes)
    of_kind = {level: np.exp(0.5 * rng.normal(size=n_genes)) for level in ("B", "T")}
    parts = []
    for _ in donors:
        of_donor = np.exp(spread * rng.normal(size=n_genes))
        depth = rng.lognormal(0.0, 0.5, n_cells)
        parts.append(rng.poisson(depth[:, None] * mean * of_donor * np.array([of_kind[k] for k in kind])))
    obs = pd.DataFrame(
        {
            "donor": np.repeat(donors, n_cells),
            "kind": np.tile(kind, n_donors),
            "sex": np.repeat(["f", "m"], n_donors * n_cells // 2),
            "batch": np.arange(n_donors * n_cells) % 3,
        },
        index=names("c", n_donors * n_cells),
    )
    return AnnData(np.vstack(parts).astype(float), obs=obs, var=pd.DataFrame(index=names("G", n_genes)))


def ready(data: AnnData, **settings: object) -> AnnData:
    return prepare(
        data, Prepare(**{"aggregate_by": ("donor", "kind"), "min_samples": 4, "min_variance": 0.0, **settings})
    )


@pytest.mark.parametrize("sparse", [False, True])
def test_pseudobulk__sums_of_counts_by_hand(sparse: bool) -> None:
    data = cells()
    expected = pd.DataFrame(data.X, columns=data.var_names).groupby(
        [data.obs["donor"].to_numpy(), data.obs["kind"].to_numpy()]
    ).sum()  # fmt: skip
    if sparse:
        data.X = sp.csr_matrix(data.X)
    found = ready(data, aggregate="pseudobulk")
    assert list(found.obs_names) == [f"{donor}|{kind}" for donor, kind in expected.index]
    assert (expected.to_numpy() == found.X).all()
    assert list(found.obs.columns) == ["donor", "kind", "sex", "n_cells"]
    assert found.obs["n_cells"].eq(60).all()
    assert found.obs["sex"].tolist() == ["f"] * 8 + ["m"] * 8
    assert Notes.of(found).aggregation == {
        "method": "pseudobulk", "by": ["donor", "kind"], "n_cells": 960, "n_groups": 16, "smallest": 60, "largest": 60,
        "values": "sums",
    }  # fmt: skip


def test_pseudobulk__means_of_other_values() -> None:
    data = cells()
    data.X = np.log1p(data.X)
    found = ready(data, aggregate="pseudobulk", aggregate_by=("donor",))
    expected = pd.DataFrame(data.X).groupby(data.obs["donor"].to_numpy()).mean()
    assert pytest.approx(expected.to_numpy()) == found.X
    assert Notes.of(found).aggregation["values"] == "means"


def test_pseudobulk__normalised_afterwards() -> None:
    found = ready(cells(), aggregate="pseudobulk", normalisation="log1p_cpm")
    assert np.expm1(found.X).sum(axis=1) == pytest.approx(1e6)


def test_aggregate__cells_without_a_group_are_dropped_and_named() -> None:
    data = cells()
    data.obs["donor"] = data.obs["donor"].astype(object)
    data.obs.iloc[:2, 0] = None
    data.obs.iloc[2:7, 0] = "d9"
    data.X[9] = 0.0
    found = ready(data, aggregate="pseudobulk")
    dropped = Notes.of(found).dropped_samples
    assert dropped["reason"].value_counts().to_dict() == {
        "a group of fewer than 10 cells": 5, "no donor or kind": 2, "no counts": 1
    }  # fmt: skip
    assert found.obs["n_cells"].tolist() == [52] + [60] * 15
    assert found.obs["n_cells"].sum() + len(dropped) == data.n_obs


def test_metacells__are_disjoint_within_groups_and_lose_no_cell() -> None:
    data = cells(n_donors=4, n_cells=240)
    found = ready(data, aggregate="metacells", cells_per_metacell=20, min_cells=5)
    totals = pd.DataFrame(data.X).groupby([data.obs["donor"].to_numpy(), data.obs["kind"].to_numpy()]).sum()
    again = pd.DataFrame(found.X).groupby([found.obs["donor"].to_numpy(), found.obs["kind"].to_numpy()]).sum()
    assert (again.to_numpy() == totals.to_numpy()).all()
    assert found.obs["n_cells"].sum() == data.n_obs
    assert found.obs["n_cells"].min() >= 5
    assert 24 <= found.n_obs <= 48
    assert found.obs_names[0] == "d0|B|1"
    assert found.obs_names.is_unique


def test_metacells__hold_similar_cells() -> None:
    """Two states of cells in one group, which no attribute names, are in different metacells."""
    rng = np.random.default_rng(1)
    state = np.arange(400) % 2
    mean = np.where(state[:, None] == 1, [8.0] * 20 + [1.0] * 20, [1.0] * 20 + [8.0] * 20)
    obs = pd.DataFrame({"donor": "d", "state": state}, index=names("c", 400))
    data = AnnData(rng.poisson(mean).astype(float), obs=obs, var=pd.DataFrame(index=names("G", 40)))
    found = ready(data, aggregate="metacells", aggregate_by=("donor",), cells_per_metacell=40)
    share = found.X[:, :20].sum(axis=1) / found.X.sum(axis=1)
    assert ((share < 0.15) | (share > 0.85)).all()
    assert "state" in found.obs


def test_metacells__same_bytes_twice() -> None:
    one, other = (ready(cells(), aggregate="metacells", cells_per_metacell=15) for _ in range(2))
    assert one.X.tobytes() == other.X.tobytes()


def test_aggregate__pvalues_of_unrelated_genes() -> None:
    """Donors differ in every gene: cells are not independent, and sums of all cells of a donor are."""
    data = cells(n_donors=40, n_cells=50, n_genes=60, spread=0.6)
    settings = {
        "alpha": 1.0, "correction": "none", "prune_method": "none", "score": "mi", "n_draws": 100_000, "report": False,
        "max_edges": None,
    }  # fmt: skip
    of_cells = genenet.infer_network(data, normalisation="log1p_cp10k", **settings)
    of_donors = genenet.infer_network(
        data, normalisation="log1p_cp10k", aggregate="pseudobulk", aggregate_by="donor", **settings
    )
    assert (of_cells.edges["pvalue"] < 0.01).mean() > 0.3
    assert (of_donors.edges["pvalue"] < 0.01).mean() < 0.03
    assert of_donors.expression.n_obs == 40
    assert dict(describe(of_donors.summary))["cells"] == (
        "2,000 cells to 40 disjoint groups by donor (pseudobulk, 50 to 50 cells each, sums)"
    )
    run = of_donors._run()
    assert dict(describe(of_donors.summary))["cells"] in [check.text for check in checks(run) if check.about == "cells"]
    assert "These samples are groups of 2,000 cells within each donor, whose counts were summed." in (
        methods_text(run, "1.0").text
    )


def test_aggregate__sums_that_are_not_normalised_are_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    ready(cells(), aggregate="pseudobulk")
    expected = (
        "prepare.aggregate: the sums of counts of 60 to 60 cells are not comparable; set prepare.normalisation: "
        "log1p_cpm"
    )
    assert expected in caplog.messages


BAD = {
    "nothing to group by": (
        {"aggregate_by": ()},
        "prepare.aggregate: pseudobulk needs to know whose cells belong together: set prepare.aggregate_by, for "
        "example donor,cell_type",
    ),
    "no such attribute": (
        {"aggregate_by": ("donnor",)},
        "prepare.aggregate_by: no attribute donnor; the cells have donor, kind, sex, batch; did you mean donor?; "
        "add it with table",
    ),
    "small groups": (
        {"min_cells": 61},
        "no group of cells (by donor, kind) has 61 cells, the largest has 60; lower prepare.min_cells, or group by "
        "fewer attributes",
    ),
    "few groups": (
        {"min_samples": 20},
        "16 samples (of 60 genes) are too few, prepare.min_samples is 20; 960 cells made 16 pseudobulks, one for each "
        "donor and kind: group by more attributes (prepare.aggregate_by), take prepare.aggregate: metacells, or lower "
        "prepare.min_samples",
    ),
    "few metacells": (
        {"aggregate": "metacells", "aggregate_by": (), "cells_per_metacell": 480},
        "2 samples (of 60 genes) are too few, prepare.min_samples is 4; 960 cells made 2 metacells: lower "
        "prepare.cells_per_metacell and prepare.min_cells, bring more cells, or lower prepare.min_samples",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_aggregate__bad_input(case: str) -> None:
    settings, message = BAD[case]
    with pytest.raises(GenenetError) as error:
        ready(cells(), **{"aggregate": "pseudobulk", **settings})
    assert str(error.value) == message


def test_metacells__without_attributes_are_of_all_cells() -> None:
    found = ready(cells(), aggregate="metacells", aggregate_by=())
    assert found.obs_names[0] == "cells|1"
    assert found.obs["n_cells"].sum() == 960
    note = Notes.of(found).aggregation
    assert describe_aggregation(note).startswith(f"960 cells to {found.n_obs} disjoint groups (metacells, ")


def test_look__counts_of_cells_are_told_what_there_is() -> None:
    data = cells()
    data.X = np.random.default_rng(0).poisson(0.1, data.shape).astype(float)
    data.X[:, 0] = np.arange(data.n_obs) % 5
    message = (
        "89% of the values of 960 samples are 0, as in counts of single cells: cells of one donor are not independent "
        "samples; prepare.aggregate: pseudobulk or metacells, with prepare.aggregate_by: 'donor,cell_type' for "
        "instance, makes samples of them"
    )
    for aggregate, expected in (("none", [message]), ("pseudobulk", [])):
        notes = Notes.of(ready(data, aggregate=aggregate))
        found = notes.findings
        assert found["message"][found["kind"] == "cells"].tolist() == expected


def test_aggregate__missing_values() -> None:
    data = cells()
    data.X[3, 4] = np.nan
    with pytest.raises(GenenetError) as error:
        ready(data, aggregate="metacells", missing="pairwise")
    assert str(error.value) == (
        "prepare.aggregate: metacells needs cells without missing values; set prepare.missing: drop_genes, "
        "drop_samples, impute_mean or impute_median"
    )
