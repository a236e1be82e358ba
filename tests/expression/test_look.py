"""The look at a matrix: numbers of samples by which copies are found."""

import sys
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from genenet.config import Prepare
from genenet.errors import InputError
from genenet.expression import look as module
from genenet.expression.look.kinds import kind_of_values
from genenet.expression.look.profile import profile
from genenet.kernels import threads
from genenet.readers import sparse_pieces
from genenet.steps.prepare import prepare


def test_profile__samples_of_counts_have_numbers_of_their_own():
    values = np.random.default_rng(0).poisson(0.7, (20_000, 40)).astype(float)
    found = profile(values)
    assert len(np.unique(found.hashes)) == len(np.unique(values, axis=0)) > 19_000


def test_profile__copies_have_the_same_number():
    values = np.random.default_rng(0).normal(size=(30, 12))
    values[20] = values[3]
    values[4, 5] = 0.0
    values[21] = values[4]
    values[21, 5] = -0.0
    hashes = profile(values).hashes
    assert hashes[20] == hashes[3]
    assert hashes[21] == hashes[4]
    assert len(np.unique(hashes)) == 28


def test_profile__blocks_shared_by_threads_give_the_same_bits(monkeypatch):
    values = np.random.default_rng(0).normal(size=(30, 200)).round(2)
    values[3, 5], values[4, ::7], values[5, 8] = np.nan, 0.0, np.inf
    monkeypatch.setattr(sparse_pieces, "PIECE_BYTES", 30 * 8 * 16)
    expected = profile(values)
    for n_threads in (1, 3):
        monkeypatch.setattr(sys.modules[profile.__module__], "MANY_VALUES", 1)
        monkeypatch.setattr(threads, "n_threads", lambda number=n_threads: number)
        found = profile(values)
        for field in fields(found):
            np.testing.assert_array_equal(getattr(found, field.name), getattr(expected, field.name))


def test_kind_of_values__whole_intensities_are_no_counts():
    """Label-free quantification of proteins: whole numbers of 12 digits, and 0 where nothing was measured."""
    rng = np.random.default_rng(0)
    values = np.rint(2.0 ** rng.normal(32.0, 2.5, (40, 60)))
    values[rng.random(values.shape) < 0.3] = 0.0
    message = kind_of_values(profile(values), Prepare())[0].message
    assert message.startswith("the values are linear ones, such as TPM or intensities (up to ")
    n_zero = np.count_nonzero(values == 0)
    assert message.endswith(
        ": take logarithms with prepare.normalisation: log1p; zeros"
        f" ({n_zero:,}) of intensities are usually missing values: prepare.na_values: '0'"
    )


def test_kind_of_values__whole_intensities_below_a_milliard():
    """DIA-NN and MaxQuant write intensities as whole numbers, with NA where nothing was measured."""
    values = np.rint(2.0 ** np.random.default_rng(0).normal(21.0, 2.0, (40, 60)))
    assert values.max() < 1e9
    values[5:9, ::3] = np.nan
    assert [finding.kind for finding in kind_of_values(profile(values), Prepare())] == ["linear"]
    values[5:9, ::3] = 0.0
    assert [finding.kind for finding in kind_of_values(profile(values), Prepare())] == ["counts"]


def test_kind_of_values__intensities_of_which_a_background_was_subtracted():
    rng = np.random.default_rng(0)
    values = 2.0 ** rng.normal(8.0, 2.5, (40, 60)) - 20.0
    n, low, high = np.count_nonzero(values < 0), values.min(), values.max()
    assert 20 < n < 240
    assert [str(finding) for finding in kind_of_values(profile(values), Prepare())] == [
        "warned (linear): the values are linear ones, such as TPM or intensities of which a background was subtracted"
        f" (from {low:.4g} to {high:.4g}; {n} values are negative): logarithms cannot be taken of negative values;"
        " transform them beforehand, by arcsinh or a logarithm that raises values below 1 to 1"
    ]
    assert kind_of_values(profile(np.arcsinh(values)), Prepare()) == []
    assert kind_of_values(profile(values - values.mean(axis=0)), Prepare()) == []  # differences have no tail above 0


@pytest.mark.parametrize("sparse", [False, True])
def test_look__many_samples_are_described_piece_by_piece(sparse, monkeypatch):
    values = np.random.default_rng(0).normal(10.0, 1.0, (50, 40))
    values[7] = 1e6 + np.arange(40.0)
    matrix = sp.csc_matrix(values) if sparse else values
    names = [f"s{n}" for n in range(50)]

    def found():
        genes = [f"G{n}" for n in range(40)]
        return module.look(matrix, names, genes, Prepare(), how_to_turn="", table="genes_by_samples")

    whole = found()
    monkeypatch.setattr(module.others, "SAMPLES_AT_ONCE", 7)
    assert [str(finding) for finding in found()] == [str(finding) for finding in whole]
    assert any("s7" in finding.message for finding in whole)


# Gene effects


def effects(n_lines: int = 60, n_genes: int = 400) -> pd.DataFrame:
    """Lines in rows, as DepMap has them: most genes without an effect, a tenth essential."""
    values = np.random.default_rng(0).normal(-0.05, 0.15, (n_lines, n_genes))
    values[:, ::10] -= 1.0
    names = [f"G{number} ({1000 + number})" for number in range(n_genes)]
    return pd.DataFrame(values, [f"ACH-{number:06d}" for number in range(n_lines)], names)


EFFECTS = (
    "values around 0 that go down to -1.2, of cell lines (ACH-000000, ACH-000001 and 58 more), are gene effects of"
    " CRISPR screens: preset: codependency has the settings for them"
)


def test_gene_effects__point_to_their_preset(tmp_path, run_cli):
    found = prepare(effects().T, Prepare()).uns["genenet"]["findings"]
    noted = found[found["kind"] == "gene_effects"]
    turned = f"{EFFECTS}, with prepare.orientation: genes_by_samples for this table"
    assert (noted["weight"].tolist(), noted["message"].tolist()) == (["noted"], [turned])
    effects().to_csv(tmp_path / "CRISPRGeneEffect.csv")
    status, out, _ = run_cli("check", tmp_path / "CRISPRGeneEffect.csv")
    shown = EFFECTS.replace("preset: codependency", "--preset codependency")
    assert (status, f"noted            {shown} (gene_effects)" in out.splitlines()) == (2, True)
    status, out, _ = run_cli("check", tmp_path / "CRISPRGeneEffect.csv", "--preset", "codependency")
    assert (status, "gene_effects" in out) == (0, False)


def test_gene_effects__expression_is_not_taken_for_them():
    expression = effects().T.abs() * 10
    assert "gene_effects" not in prepare(expression, Prepare()).uns["genenet"]["findings"]["kind"].tolist()
    ratios = effects().T.set_axis([f"GSM{number}" for number in range(60)], axis=1)
    ratios = ratios.set_axis([f"G{number}" for number in range(400)])
    assert "gene_effects" not in prepare(ratios, Prepare()).uns["genenet"]["findings"]["kind"].tolist()


def test_gene_effects__the_preset_on_expression_is_warned_of(caplog):
    found = prepare(effects().T.abs() * 10, Prepare(whiten="samples")).uns["genenet"]["findings"]
    assert found["message"][found["kind"] == "gene_effects"].tolist() == [
        "prepare.whiten: samples, as preset: codependency has it, is made for gene effects of CRISPR screens, which are"
        " around 0; here 0% of the values are negative, as in expression, and it takes out what many genes have in"
        " common: leave it out"
    ]
    assert "made for gene effects" in caplog.text


@pytest.mark.parametrize(
    ("policy", "what"),
    [
        ("mean", "each gene is the mean of its rows"),
        ("max_variance", "of each the row of largest variance is taken"),
        ("make_unique", "they are numbered"),
    ],
)
def test_duplicates__which_are_merged_is_said(tmp_path, run_cli, policy, what):
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(6, 20)), ["TP53", "MYC", "TP53", "JUN", "MYC", "MYC"])
    frame.add_prefix("S").to_csv(tmp_path / "m.tsv", sep="\t")
    _, out, err = run_cli("check", tmp_path / "m.tsv", "--duplicates", policy)
    line = f"noted            2 gene names occur more than once (TP53 2 times, MYC 3 times), in 5 rows; {what}"
    line += " (duplicates)"
    assert (line in out.splitlines(), err) == (True, "")


def test_gene_effects__the_preset_on_a_table_of_expression_is_said(tmp_path, run_cli):
    expression = pd.DataFrame(np.random.default_rng(0).normal(8, 1, (90, 70)), [f"G{n}" for n in range(90)])
    expression.add_prefix("S").to_csv(tmp_path / "m.tsv", sep="\t")
    status, out, _ = run_cli("check", tmp_path / "m.tsv", "--preset", "codependency")
    assert status == 2
    assert out.splitlines()[1].endswith(
        "give what joins the names, or leave it empty; --preset codependency, which sets it, is for gene effects, cell"
        " lines in rows and genes as TP53 (7157)"
    )


def test_gene_effects__the_preset_with_genes_in_rows_is_settled_in_one_go(tmp_path, run_cli):
    plain = effects().T.set_axis([f"RPL{number}" for number in range(400)])
    path = tmp_path / "m.tsv"
    plain.to_csv(path, sep="\t")
    status, out, _ = run_cli("check", path, "--preset", "codependency")
    assert (status, out.splitlines()[1]) == (
        2,
        f"refused          {path}: 400 of the 400 sample names are names of genes (RPL0, RPL1, RPL2 and 397 more) and"
        " 60 of the 60 gene names are ids of samples (ACH-000000, ACH-000001, ACH-000002 and 57 more): the matrix looks"
        " transposed; set --orientation genes_by_samples, and --name-separator '' (none of the 400 gene names has ' ('"
        " in it); --preset codependency, which sets it, is for gene effects, cell lines in rows and genes as TP53"
        " (7157)",
    )
    settled = ("--preset", "codependency", "--orientation", "genes_by_samples", "--name-separator", "")
    assert run_cli("check", path, *settled)[0] == 0
    # Without the preset the same two settings are named beside it.
    assert (
        "--preset codependency has the settings for them, with --orientation genes_by_samples and --name-separator ''"
        in run_cli("check", path)[1]
    )
    effects().T.to_csv(path, sep="\t")  # as TP53 (7157)
    status, out, _ = run_cli("check", path, "--preset", "codependency")
    assert (status, out.splitlines()[1].endswith("looks transposed; set --orientation genes_by_samples")) == (2, True)


# Findings that would be false


@pytest.mark.parametrize(
    "names",
    [
        [f"{patient}_{tissue}" for patient in range(20) for tissue in ("T", "N")],
        [f"S{number:04}" for number in range(1, 200, 5)],
        [f"P{number:04}" for number in range(1, 200, 5)],
        [f"b{number:04}" for number in range(40)],
        [f"rat{rat}_{strain}" for rat in range(20) for strain in ("SD", "CV")],
        [f"type{number}_avg" for number in range(40)],
    ],
    ids=["paired samples", "numbers", "patients", "numbers without gaps", "strains", "averages alone"],
)
def test_look__names_of_samples_that_are_none_of_these(names):
    values = np.random.default_rng(0).normal(10.0, 1.0, (40, 30))
    genes = ["TP53", "MAX", "MYC", *(f"X{number}Y" for number in range(27))]
    assert module.look(values, names, genes, Prepare(), how_to_turn="", table="genes_by_samples") == []


def test_look__knocked_out_genes_are_no_similarities():
    rng = np.random.default_rng(0)
    values = rng.normal(10.0, 2.0, 40) + rng.normal(0.0, 1.0, (40, 40))
    names = [f"G{number}x" for number in range(40)]
    assert module.look(values, names, names, Prepare(), how_to_turn="", table="genes_by_samples") == []


def test_similarities__symmetry_is_judged_by_some_of_many_names(monkeypatch):
    values = np.corrcoef(np.random.default_rng(0).normal(size=(50, 30)))
    names = [f"G{number}x" for number in range(50)]
    monkeypatch.setattr(sys.modules["genenet.expression.look.similarities"], "MOST", 7)
    for matrix in (values, sp.csc_matrix(values)):
        [finding] = module.look(matrix, names, names, Prepare(), how_to_turn="", table="genes_by_samples")
        assert finding.message.startswith("rows and columns have the same 50 names (G0x, G1x, G2x and 47 more)")


def test_drop_summary_rows__a_gene_called_max_is_kept_beside_a_mean():
    values = np.random.default_rng(0).normal(10.0, 1.0, (5, 20))
    frame = pd.DataFrame(values, ["MAX", "TP53", "MYC", "Mean", "Max"], [f"S{number}" for number in range(20)])
    prepared = prepare(frame, Prepare(orientation="genes_by_samples"))
    assert list(prepared.var_names) == ["MAX", "TP53", "MYC"]


def test_orientation__locus_tags_that_may_be_numbers_of_samples():
    rng = np.random.default_rng(0)
    tags = [f"SA{number:04d}" for number in sorted(rng.choice(2_600, 400, replace=False))]
    turned = pd.DataFrame(rng.normal(7, 1.5, (40, 400)), [f"c{n}" for n in range(40)], tags)
    assert prepare(turned).uns["genenet"]["findings"]["message"].tolist() == [
        f"400 of the 400 sample names are like locus tags ({', '.join(tags[:3])} and 397 more), and the genes are"
        " called c0, c1, c2 and 37 more: if these are samples, give frame.T, or set prepare.orientation:"
        " samples_by_genes"
    ]
    few = turned.iloc[:, :50]  # a panel of 40 genes in 50 patients
    assert len(prepare(few).uns["genenet"]["findings"]) == 0
    assert len(prepare(turned.T.add_prefix("s")).uns["genenet"]["findings"]) == 0


def test_no_samples__lone_columns_of_properties_of_genes():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(8, 1.5, (60, 30)), [f"G{n}" for n in range(60)]).add_prefix("S")
    for name in ("GC", "SEM", "MAD", "IQR"):
        with pytest.raises(InputError) as caught:
            prepare(frame.assign(**{name: rng.uniform(0.1, 0.7, 60)}))
        assert caught.value.message == (
            f"1 column is no sample: {name} (on another scale than the others); set it aside with"
            f" prepare.annotation_columns: '{name}', or keep it with prepare.accept: no_samples"
        )


# Samples of several scales


SCALES = np.random.default_rng(3).gamma(4.0, 2.0, 80) + np.random.default_rng(4).normal(0, 0.7, (30, 80)) + 2
PATIENTS = [f"P{number}" for number in range(30)]
ALIKE = "bring all to one scale before they are compared"


def _of_scales(values: np.ndarray) -> list[str]:
    names = [f"GENE{number}X" for number in range(values.shape[1])]
    return [str(finding) for finding in module.look(values, PATIENTS, names, Prepare(), how_to_turn="")]


@pytest.mark.parametrize(("ratio", "bases"), [(np.log2(np.e), "ln beside log2"), (np.log2(10), "log10 beside log2")])
def test_scales__two_bases_of_logarithms(ratio, bases):
    values = SCALES.copy()
    assert _of_scales(values) == []
    values[20:] /= ratio
    assert _of_scales(values) == [
        "warned (linear): the values of 10 of 30 samples (P20, P21, P22 and 7 more) are those of the others divided by"
        f" {ratio:.3g}, as {bases}: {ALIKE}"
    ]
    values[20:] *= 1.25
    [message] = _of_scales(values)
    assert message.startswith("warned (shifted): the values of 10 of 30 samples (P20, ")
    assert f" are about {1.25 / ratio:.2g} times those of the others in nearly all genes: " in message


def test_scales__a_shift_is_no_other_base():
    values = SCALES.copy()
    shift = 0.44 * values.mean()
    values[20:] += shift
    [message] = _of_scales(values)
    assert message.startswith("warned (shifted): 10 of 30 samples (P20, P21, ")
    assert f" are higher than the others by about {shift:.2g} (in units of the matrix) in nearly all genes: " in message


def test_scales__some_samples_are_centred():
    values = SCALES.copy()
    values[::3] -= values[::3].mean(axis=0)
    assert _of_scales(values) == [
        "warned (linear): 10 of 30 samples have values around 0, as ratios and centred genes have (P0, P3, P6 and 7"
        f" more), and the others have none below 0 (P1, P2, P4 and 17 more): {ALIKE}"
    ]


# Classes


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (
            np.random.default_rng(0).integers(-2, 3, (30, 50)),
            "all values are 5 whole numbers from -2 to 2, as calls of copy number (GISTIC) are: discretise.method:"
            " codes makes a bin of each",
        ),
        (
            np.arange(1500).reshape(30, 50) % 31 == 0,
            "all values are 0 and 1 (3.3% are 1), as tables of mutations and of presence have: discretise.method: codes"
            " makes a bin of each; genes that are rarely 1 tell little of each other",
        ),
        (
            np.random.default_rng(0).binomial(2, 0.3, (30, 50)),
            "all values are 3 whole numbers from 0 to 2, as classes and genotypes are: discretise.method: codes makes a"
            " bin of each",
        ),
    ],
    ids=["copy numbers", "mutations", "genotypes"],
)
def test_classes__are_noted(values, told):
    assert _of_scales(values.astype(float)) == [f"noted (classes): {told}"]


def test_classes__not_small_counts():
    values = np.random.default_rng(0).poisson(0.2, (30, 50)).clip(max=2).astype(float)
    assert _of_scales(values) == []


# Networks


def _named_alike(values: np.ndarray) -> list[str]:
    names = [f"G{number}x" for number in range(len(values))]
    return [str(one) for one in module.look(values, names, names, Prepare(), how_to_turn="", table="genes_by_samples")]


def test_similarities__directed_networks():
    rng = np.random.default_rng(0)
    edges = np.where(rng.random((40, 40)) < 0.1, rng.random((40, 40)), 0.0)
    weights = rng.dirichlet(np.ones(40), 40)
    for network in (edges, (edges > 0).astype(float), weights):
        np.fill_diagonal(network, 0.0)
        assert _named_alike(network) == [
            "refused (no_samples): rows and columns have the same 40 names (G0x, G1x, G2x and 37 more) and the diagonal"
            " is 0, as those of correlations, distances and networks are: give the expression matrix that it was"
            " computed from, or keep it with prepare.accept: no_samples"
        ]


def test_similarities__the_same_names_alone_are_warned_of():
    assert _named_alike(np.random.default_rng(0).random((40, 40)))[0] == (
        "warned (no_samples): rows and columns have the same 40 names (G0x, G1x, G2x and 37 more): if these are"
        " similarities or weights of a network, give the expression matrix that they were computed from, or if these"
        " are genes that were knocked out, one a sample, go on"
    )


def test_similarities__a_knocked_out_gene_is_0_in_its_sample():
    rng = np.random.default_rng(0)
    values = rng.normal(8.0, 2.0, 40) + rng.normal(0, 0.5, (40, 40))
    np.fill_diagonal(values, 0.0)
    assert not any(message.startswith("refused") for message in _named_alike(values))


# A gene that is called as an attribute is


@pytest.mark.parametrize(
    ("age", "weight", "why"),
    [
        (SCALES[:, 7][::-1] + 0.1, "warned", "called as an attribute of samples is"),
        (np.linspace(31.5, 88.3, 30), "refused", "an attribute of samples"),
        (np.arange(3.0, 33.0), "refused", "an attribute of samples"),
    ],
    ids=["values of a gene", "another scale", "whole numbers"],
)
def test_no_genes__age_in_capitals(age, weight, why):
    genes = ["AGE", *(f"GENE{number}X" for number in range(80))]
    values = np.column_stack([age, SCALES])
    found = module.look(values, PATIENTS, genes, Prepare(), how_to_turn="", table="genes_by_samples")
    be = "is" if weight == "refused" else "may be"
    assert [str(one) for one in found] == [
        f"{weight} (no_genes): 1 row {be} no gene: AGE ({why}); set it aside with prepare.annotation_rows: 'AGE', or"
        " keep it with prepare.accept: no_genes"
    ]
