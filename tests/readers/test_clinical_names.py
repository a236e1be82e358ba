"""Clinical columns among genes: found by their words and by their values, all in one message."""

import numpy as np
import pandas as pd
import pytest

from genenet.config import Prepare
from genenet.errors import InputError
from genenet.readers.clinical_names import attributes_among
from genenet.steps.prepare import prepare
from tests.readers.brought import GENES, LOGS, SAMPLES, table

RNG = np.random.default_rng(3)
MONTHS = RNG.exponential(30.0, 40).round(2)
SETTINGS = Prepare(orientation="samples_by_genes")


def beside_genes(**columns: object) -> pd.DataFrame:
    """Columns before those of genes, samples in rows."""
    return pd.concat([pd.DataFrame(columns, index=SAMPLES), LOGS.T], axis=1)


def refusal(frame: pd.DataFrame) -> str:
    with pytest.raises(InputError) as caught:
        prepare(frame, SETTINGS)
    return caught.value.message


def test_clinical__all_columns_in_one_message():
    frame = beside_genes(
        Survival_months=MONTHS, Age=RNG.integers(30, 80, 40), OS=RNG.integers(0, 2, 40),
        ki_index=RNG.normal(7, 1, 40), BMI=RNG.normal(26, 4, 40), weight_kg=RNG.normal(70, 9, 40),
    )  # fmt: skip
    assert refusal(frame) == (
        "6 columns are no genes: Survival_months, Age, BMI, weight_kg (an attribute of samples), OS (whole numbers"
        " beside decimals), ki_index (between attributes of samples); set them aside with prepare.annotation_columns:"
        " 'Survival_months,Age,OS,ki_index,BMI,weight_kg', or keep them with prepare.accept: no_genes"
    )
    kept = prepare(frame, SETTINGS.model_copy(update={"annotation_columns": tuple(frame.columns[:6])}))
    assert list(kept.var_names) == GENES


def test_clinical__by_values_far_above_logarithms_of_genes():
    prepared = prepare(beside_genes(followed=MONTHS + 0.5), SETTINGS)
    assert prepared.uns["genenet"]["findings"]["message"].tolist() == [
        "1 column may be no gene: followed (on another scale than the others); set it aside with"
        " prepare.annotation_columns: 'followed', or keep it with prepare.accept: no_genes"
    ]


@pytest.mark.parametrize(
    "name", ["OS", "DSS", "PFI", "mutations", "eGFR"]
)  # genes are called alike, or nearly; the values tell
def test_clinical__short_names_are_judged_with_their_values(name):
    whole = refusal(beside_genes(**{name: RNG.integers(1, 99, 40)}))
    assert whole.startswith(f"1 column is no gene: {name} (whole numbers beside decimals); set it aside with")
    like_genes = prepare(beside_genes(**{name: RNG.normal(6, 1.5, 40)}), SETTINGS)
    assert "no_genes" not in set(like_genes.uns["genenet"]["findings"]["kind"])


def test_attributes_among__no_gene_is_taken_for_one():
    genes = "AGER OS9 SAGE1 STAG1 MAGEA1 RIN1 MSI2 BMI1 CDR1 DEATH-1 age-1 sex-1 Age2 TIMP1 os dos PCA3 MDS1 H2-Ab1"
    assert attributes_among(genes.split()) - {"os"} == set()
    metabolites = ["Glucose", "Cholesterol", "Creatinine", "Alcohol", "Albumin", "Heart-type FABP"]
    assert attributes_among(metabolites) == set()


def test_clinical__rows_beside_rows_of_text_become_attributes(tmp_path, run_cli):
    rows = pd.DataFrame({"Age": range(30, 70), "Sex": ["f", "m"] * 20, "OS_months": MONTHS}, index=SAMPLES).T
    table(pd.concat([rows, LOGS.astype(object)]).rename_axis("gene"))(tmp_path / "m.tsv")
    _, out, _ = run_cli("check", tmp_path / "m.tsv", "--obs-query", "Age >= 40")
    assert out.splitlines() == [
        "matrix           30 genes x 30 samples",
        f"warned           {tmp_path / 'm.tsv'}: lines 2 to 4 (Age, Sex, OS_months) hold text in all columns of values,"
        " or attributes of samples (Age, OS_months): taken for attributes of the columns, as those of --table"
        " (attribute_rows)",
        "to be used       30 genes x 30 samples",
    ]
    aside = run_cli("check", tmp_path / "m.tsv", "--obs-query", "Age >= 40", "--annotation-rows", "Age,Sex,OS_months")
    assert aside[1] == out


def test_attributes_among__of_deconvolution_and_about_genes():
    assert attributes_among([*GENES, "P-value", "Correlation", "RMSE"]) == {"P-value", "Correlation", "RMSE"}
    assert attributes_among([*GENES, "tp53_mut", "HER2 status", "TP53"]) == {"tp53_mut", "HER2 status"}
    assert attributes_among(["TP53_mut", "MYC_mut", "age"]) == {"age"}  # a table of mutations


def test_attributes_among__with_a_unit_behind():
    attributes = ["timepoint_h", "time.point_d", "size_mm", "depth_um", "mass_mg", "OD600", "temperature"]
    genes = ["MAP2K1_mm", "size1", "hda", "Rep", "PH", "TEMP1", "SET", "REST", "T", "AGER", "mass1"] + GENES * 2
    assert attributes_among(attributes + genes) == {*attributes}
