"""Whitening: the covariance by scikit-learn and LAPACK, control genes by SVD, calibration, the order of samples."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.covariance import ledoit_wolf

import genenet
from genenet.config import Prepare
from genenet.errors import InputError
from genenet.products.expression import Notes
from genenet.steps.prepare import prepare
from tests.matrices import names


def screens(n_genes: int = 400, n_samples: int = 80, *, seed: int = 0, related: float = 1.0) -> pd.DataFrame:
    """Independent genes of different variance in samples that are related to each other by three hidden factors."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(3, n_samples))
    values = rng.normal(size=(n_genes, n_samples)) + related * rng.normal(size=(n_genes, 3)) @ factors
    values *= rng.uniform(0.1, 3.0, size=(n_genes, 1))
    return pd.DataFrame(values, index=names("G", n_genes), columns=names("s", n_samples))


def whitened(frame: pd.DataFrame, control: list[str] | None = None, **settings: object) -> np.ndarray:
    return prepare(frame, Prepare(**{"whiten": "samples", **settings}), control_genes=control).X.T


def test_whiten__against_scikit_learn_and_lapack() -> None:
    frame = screens()
    values = frame.to_numpy() - frame.to_numpy().mean(axis=1, keepdims=True)
    covariance, shrinkage = ledoit_wolf(values / values.std(axis=1, keepdims=True), assume_centered=True)
    eigenvalues, vectors = np.linalg.eigh(covariance)
    expected = values @ (vectors / np.sqrt(eigenvalues)) @ vectors.T
    ready = prepare(frame, Prepare(whiten="samples"))
    # The shrinkage is rounded to 6 digits.
    assert pytest.approx(expected, abs=1e-5) == ready.X.T
    assert Notes.of(ready).whitening == {
        "n_control_genes": 0, "control_components": 0, "shrinkage": float(f"{shrinkage:.6g}")
    }  # fmt: skip
    assert ready.var["variance"].to_numpy() == pytest.approx(frame.var(axis=1).to_numpy())


def test_whiten__samples_become_uncorrelated() -> None:
    frame = screens(n_genes=3000, n_samples=60)
    values = whitened(frame)
    off = np.corrcoef((values / values.std(axis=1, keepdims=True)).T)[np.triu_indices(60, 1)]
    before = np.corrcoef(frame.T)[np.triu_indices(60, 1)]
    assert np.abs(before).mean() > 0.3
    assert np.abs(off).mean() < 0.03


def test_whiten__order_of_columns_makes_no_difference() -> None:
    frame = screens()
    frame.iloc[5, 7] = np.nan
    turned = frame.iloc[:, np.random.default_rng(1).permutation(frame.shape[1])]
    settings = {"whiten": "samples", "missing": "impute_mean"}
    one, other = (prepare(part, Prepare(**settings)) for part in (frame, turned))
    assert list(other.obs_names) == sorted(frame.columns)
    assert one.X.tobytes() == other.X.tobytes()
    pd.testing.assert_frame_equal(one.var, other.var, check_exact=True)


def pvalues(frame: pd.DataFrame, whiten: str) -> np.ndarray:
    """p-values of all pairs of 150 of the genes."""
    listed = [(a, b) for i, a in enumerate(frame.index[:150]) for b in frame.index[:i]]
    result = genenet.infer_network(
        frame, pairs=listed, whiten=whiten, alpha=1.0, correction="none", prune_method="none", score="mi",
        max_edges=None, n_draws=100_000, report=False,
    )  # fmt: skip
    return result.edges["pvalue"].to_numpy()


def test_whiten__pvalues_of_unrelated_genes_become_uniform() -> None:
    frame = screens(n_genes=2000, related=0.5)
    before, after = (pvalues(frame, whiten) for whiten in ("none", "samples"))
    assert len(before) == len(after) == 11_175
    # Related samples: far too many small p-values, though no two genes are related.
    assert (before < 0.01).mean() > 0.03
    assert (before < 0.001).mean() > 0.008
    # Pairs share genes, so that their number is not binomial: three times its standard error, and a little.
    assert (after < 0.01).mean() == pytest.approx(0.01, abs=0.004)
    assert (after < 0.001).mean() == pytest.approx(0.001, abs=0.0012)
    assert stats.kstest(after, "uniform").statistic < 0.03


def test_control_genes__components_against_svd() -> None:
    frame = screens()
    control = list(frame.index[:50])
    values = frame.to_numpy() - frame.to_numpy().mean(axis=1, keepdims=True)
    _, _, components = np.linalg.svd(values[:50], full_matrices=False)
    expected = values - values @ components[:3].T @ components[:3]
    found = whitened(frame, control, whiten="none", control_components=3)
    assert found == pytest.approx(expected, abs=1e-12)
    assert np.abs(found @ components[:3].T).max() < 1e-12


def test_control_genes__whitening_comes_after() -> None:
    ready = prepare(screens(), Prepare(whiten="samples", control_components=3), control_genes=names("G", 50))
    note = Notes.of(ready).whitening
    assert note is not None
    assert (note["n_control_genes"], note["control_components"]) == (50, 3)
    assert note["shrinkage"] > 0


def test_whiten__filters_see_the_values_before() -> None:
    frame = screens()
    top = set(frame.var(axis=1).nlargest(200).index)
    ready = prepare(frame, Prepare(whiten="samples", n_top_variable=200))
    assert set(ready.var_names) == top
    assert pytest.approx(whitened(frame)[frame.index.isin(top)]) == ready.X.T


def test_whiten__constant_gene_counts_for_nothing() -> None:
    frame = screens()
    constant = pd.concat([frame, pd.DataFrame(0.1, index=["flat"], columns=frame.columns)])
    ready = prepare(constant, Prepare(whiten="samples", min_variance=0.0))
    assert list(ready.var_names) == list(frame.index)
    assert (whitened(frame) == ready.X.T).all()


BAD = {
    "few samples": (
        lambda: whitened(screens(n_samples=59)),
        "prepare.whiten: samples learns from the genes how samples are related, and needs at least 60 samples, got 59; "
        "leave it out (prepare.whiten: none, no control genes)",
    ),
    "few genes": (
        lambda: whitened(screens(n_genes=70)),
        "prepare.whiten: samples learns from the genes how samples are related, and needs more genes than samples, got "
        "70 genes x 80 samples; whiten the whole matrix, and choose genes by prepare.n_top_variable or a list of pairs",
    ),
    "few control genes": (
        lambda: whitened(screens(), names("G", 7)),
        "4 components of 7 control genes (prepare.control_components) cannot be told from noise: give at least 8 "
        "control genes that are in the matrix, or fewer components",
    ),
    "other control genes": (
        lambda: whitened(screens(), ["OR1A1", "OR1A2"]),
        "none of the 2 control genes is among the 400 genes (OR1A1, OR1A2); the genes are named like G000, G001, G002: "
        "use the same kind of names",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_whiten__bad_input(case: str) -> None:
    run, message = BAD[case]
    with pytest.raises(InputError) as error:
        run()
    assert str(error.value) == message


def test_whiten__missing_values() -> None:
    frame = screens()
    frame.iloc[3, 4] = np.nan
    with pytest.raises(InputError) as error:
        whitened(frame, missing="pairwise")
    assert str(error.value) == (
        "1 of 400 genes have missing values (G003), and whitening needs complete genes; set prepare.missing: "
        "impute_mean or drop_genes"
    )


def test_whiten__probabilities() -> None:
    frame = pd.DataFrame(np.linspace(0.25, 0.75, 80 * 400).reshape(400, 80), names("G", 400), names("s", 80))
    with pytest.raises(InputError) as error:
        whitened(frame)
    assert str(error.value) == (
        "all values lie between 0 and 1 (from 0.25 to 0.75): these are probabilities, and whitening needs effects "
        "(DepMap: CRISPRGeneEffect.csv); give the gene effects, or set prepare.whiten: none"
    )


def test_control_genes__components_of_equal_variance() -> None:
    values = np.zeros((400, 80))
    values[np.arange(80), np.arange(80)] = 1.0
    values[80:] = np.random.default_rng(0).normal(size=(320, 80))
    frame = pd.DataFrame(values, names("G", 400), names("s", 80))
    with pytest.raises(InputError) as error:
        whitened(frame, names("G", 80))
    assert str(error.value) == (
        "component 4 of the control genes has about the same variance as the next (1, 1); change "
        "prepare.control_components"
    )


def test_whiten__few_genes_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    message = (
        "prepare.whiten: samples learns from 300 genes how 80 samples are related, and takes out what the genes"
        " themselves have in common; give it at least 5 times as many genes as samples, or compare with"
        " prepare.whiten: none"
    )
    ready = prepare(screens(300), Prepare(whiten="samples"))
    assert caplog.messages == [message]
    findings = Notes.of(ready).findings
    assert findings is not None
    assert findings.to_numpy().tolist() == [["warned", "whitening", message]]
    caplog.clear()
    prepare(screens(400), Prepare(whiten="samples"))
    assert not caplog.messages
