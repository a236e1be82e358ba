"""The page of a run with the preset: whitening, signs and neighbours among the checks and in the methods."""

import numpy as np
import pandas as pd
import pytest

import genenet
from genenet.errors import InputError
from genenet.report.methods_text import methods_text
from genenet.report.panels.overview import checks
from genenet.report.summary_text import describe
from tests.matrices import names


@pytest.fixture(scope="module")
def result() -> genenet.Result:
    """Lines in rows, genes called as DepMap does, complexes of four genes, one gene against its complex."""
    rng = np.random.default_rng(0)
    complexes = rng.normal(size=(30, 70))
    effects = np.repeat(complexes, 4, axis=0) + 0.7 * rng.normal(size=(120, 70))
    effects[3::20] *= -1.0
    effects += 0.5 * rng.normal(size=(120, 1)) * rng.normal(size=70)
    effects[5, 7] = np.nan
    genes = [f"{name} ({k})" for k, name in enumerate(names("G", 120))]
    lines = pd.DataFrame(effects.T, names("ACH-", 70), genes)
    table = pd.DataFrame({"chromosome": ["7"] * 2 + ["8"] * 118, "start": [100 * 10**6 * k for k in range(120)]}, genes)
    table.iloc[1, 1] = 4_000_000
    control = [f"G{k:03d}" for k in range(0, 120, 2)]
    return genenet.infer_network(
        lines, preset="codependency", control_genes=control, control_components=1, gene_table=table, n_draws=20_000
    )


def test_preset__clean_run_finds_complexes(result: genenet.Result) -> None:
    kept = result.edges[result.edges["kept"]]
    a, b = (kept[end].str[1:].astype(int) // 4 for end in ("gene_a", "gene_b"))
    assert len(kept) > 100
    assert (a == b).mean() > 0.95
    positive = kept["sign"] > 0
    assert positive.is_monotonic_decreasing
    assert not positive.all()


def test_describe__says_what_the_preset_did(result: genenet.Result) -> None:
    lines = dict(describe(result.summary))
    assert lines["preset"] == (
        "codependency: no pruning by DPI, which would thin complexes, whose genes all depend on each other"
    )
    shrinkage = result.summary["matrix"]["whitening"]["shrinkage"]
    assert lines["whitened"] == (
        "1 principal component of 60 control genes taken out, by the covariance of the samples "
        f"(shrinkage {shrinkage:.2g})"
    )
    assert lines["edges kept"] == f"{result.summary['prune']['n_kept']:,} (no pruning), weighted by clr_squared"


def test_checks__say_what_was_done_about_samples_signs_and_neighbours(result: genenet.Result) -> None:
    found = {check.about: (check.fine, check.text) for check in checks(result._run())}
    shrinkage = result.summary["matrix"]["whitening"]["shrinkage"]
    n, n_negative = (result.summary[part][key] for part, key in (("prune", "n_kept"), ("network", "negative_edges")))
    assert found["control genes"] == (True, "1 principal component of 60 control genes taken out of all genes")
    assert found["related samples"] == (
        True, f"the covariance of the samples over all genes was taken out (shrinkage {shrinkage:.2g})"
    )  # fmt: skip
    assert found["signs"] == (
        True, f"{n_negative} negative edges, ranked apart from the positive ones, which come first"
    )  # fmt: skip
    assert found["neighbours"] == (
        False, f"1 of {n} edges is between neighbours on a chromosome, which one cut or copy number relates"
    )  # fmt: skip


def test_methods__tell_of_whitening(result: genenet.Result) -> None:
    methods = methods_text(result._run(), "1.0")
    expected = "1 principal component of 60 control genes taken out of all genes; samples were whitened by"
    assert expected in methods.text
    assert "No edges were pruned. Positive and negative edges were ranked apart." in methods.text
    assert "10.1016/S0047-259X(03)00096-4" in [doi for _, doi in methods.references]


def test_preset__matrix_with_genes_in_rows_is_refused() -> None:
    values = np.random.default_rng(0).normal(size=(80, 70))
    frame = pd.DataFrame(values, [f"{name} (7)" for name in names("G", 80)], names("ACH-", 70))
    with pytest.raises(InputError) as error:
        genenet.infer_network(frame, preset="codependency")
    assert str(error.value) == (
        "80 of the 80 sample names are names of genes (G000 (7), G001 (7), G002 (7) and 77 more): the matrix looks "
        "transposed; give frame.T, or set prepare.orientation: genes_by_samples"
    )
