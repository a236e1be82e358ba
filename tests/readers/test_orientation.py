"""Tables with samples in rows: features that are no symbols in capitals, and columns beside them that are no genes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genenet.config import Prepare
from genenet.errors import InputError
from genenet.readers import orientation
from genenet.steps.prepare import prepare

METABOLITES = ["Glucose", "Lactate", "L-Alanine", "Glutamine", "Citrate", "Succinate", "X1", "X2"]
MICRO_RNAS = [f"mmu-miR-{n}-5p" for n in range(1, 9)]
APTAMERS = [f"seq.{9000 + 7 * n}.{n % 3}" for n in range(8)]
ZEBRAFISH = ["tp53", "sox2", "pax6a", "cdh5", "myca", "shha", "fli1a", "nkx2.5"]
PATIENTS = [f"PAT{n}" for n in range(1, 31)]
TURN = "the matrix looks transposed; set prepare.orientation: samples_by_genes"


@pytest.mark.parametrize(
    ("columns", "rows", "said"),
    [
        (
            METABOLITES,
            PATIENTS,
            "6 of the 8 sample names are names of metabolites (Glucose, Lactate, L-Alanine and 3 more)",
        ),
        (
            METABOLITES,
            [*map(str, range(1, 31))],
            "6 of the 8 sample names are names of metabolites (Glucose, Lactate, L-Alanine and 3 more)",
        ),
        (
            MICRO_RNAS,
            PATIENTS,
            "8 of the 8 sample names are names of genes (mmu-miR-1-5p, mmu-miR-2-5p, mmu-miR-3-5p and 5 more)",
        ),
        (
            APTAMERS,
            PATIENTS,
            "8 of the 8 sample names are names of genes (seq.9000.0, seq.9007.1, seq.9014.2 and 5 more)",
        ),
        (
            ZEBRAFISH,
            [f"embryo{n}" for n in range(30)],
            "4 of the 8 sample names are names of genes (tp53, sox2, pax6a and 1 more)",
        ),
    ],
)
def test_names__of_features_in_columns(columns: list[str], rows: list[str], said: str) -> None:
    found = orientation.orientation(columns, rows, "set prepare.orientation: samples_by_genes")
    assert found is not None
    assert (found.weight, found.message) == ("refused", f"{said}: {TURN}")
    assert orientation.orientation(rows, columns, "turn") is None  # upright


def test_names__cultures_are_named_by_their_carbon() -> None:
    loci = [f"b{3 * n:04}" for n in range(40)]
    assert orientation.orientation(METABOLITES, loci, "turn") is None


def _refused(path: Path, frame: pd.DataFrame) -> str:
    frame.to_csv(path, index_label="id")
    with pytest.raises(InputError) as raised:
        prepare(path, Prepare())
    return str(raised.value)


@pytest.fixture
def values() -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(0).normal(6, 1, (30, 8)).round(3), index=PATIENTS)


def test_aside__in_the_message_about_text(tmp_path: Path, values: pd.DataFrame) -> None:
    frame = values.set_axis(MICRO_RNAS, axis=1)
    frame.insert(0, "Group", ["a", "b"] * 15)
    frame.insert(1, "Age", np.arange(30) + 0.5)
    assert _refused(tmp_path / "m.csv", frame) == (
        f"{tmp_path / 'm.csv'}: 1 column is no sample: Group (text); 8 of the 9 sample names are names of genes "
        f"(mmu-miR-1-5p, mmu-miR-2-5p, mmu-miR-3-5p and 5 more): {TURN} and prepare.annotation_columns: 'Group,Age'"
    )


def test_aside__in_the_message_about_orientation(tmp_path: Path, values: pd.DataFrame) -> None:
    frame = values.set_axis(MICRO_RNAS, axis=1)
    frame.insert(0, "Age", np.arange(30) + 0.5)
    assert _refused(tmp_path / "m.csv", frame) == (
        "8 of the 9 sample names are names of genes (mmu-miR-1-5p, mmu-miR-2-5p, mmu-miR-3-5p and 5 more): "
        f"{TURN}, and set aside Age (an attribute of samples) with prepare.annotation_columns: 'Age'"
    )


def test_aside__groups_of_rows_without_known_names(tmp_path: Path, values: pd.DataFrame) -> None:
    frame = values.add_prefix("m")
    frame.insert(0, "SampleType", ["a", "b"] * 15)
    assert _refused(tmp_path / "m.csv", frame) == (
        f"{tmp_path / 'm.csv'}: 1 column is no sample: SampleType (text); set it aside with "
        "prepare.annotation_columns: 'SampleType'; SampleType may group the rows (PAT1, PAT2, PAT3 and 27 more): if "
        "these are samples, set "
        "prepare.orientation: samples_by_genes too"
    )


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("lipids", [f"PC {n}:{n % 7}" for n in range(30, 50)]),
        ("lipids", [f"TG(O-{n}:{n % 7})" for n in range(40, 60)]),
        ("taxa", [f"ASV{n}" for n in range(20)]),
        ("compounds", [f"M{100 + n}.0{n}T{n}" for n in range(20)]),
        ("compounds", [f"C{n:05}" for n in range(20)]),
        ("features", [f"GENE_{n}" for n in range(20)]),
        ("genes", [f"sp|P{n:05}|X{n}_HUMAN" for n in range(20)]),
        ("genes", [f"AB{n}_MOUSE" for n in range(20)]),
        ("genes", [f"chr{n}:100-500" for n in range(1, 21)]),
        ("genes", [f"rs{n * 7919 + 100}" for n in range(20)]),
        ("taxa", [f"k__Bacteria;p__Firmicutes;g__G{n}" for n in range(20)]),
    ],
)
def test_orientation__features_beside_samples(kind, names):
    samples = [f"S{n}" for n in range(30)]
    shown = ", ".join(names[:3])
    assert str(orientation.orientation(names, samples, "turn it")) == (
        f"refused (orientation): 20 of the 20 sample names are names of {kind} ({shown} and 17 more): the matrix looks"
        " transposed; turn it"
    )
    assert orientation.orientation(samples, names, "turn it") is None


def test_orientation__sequences_of_amplicons_are_no_barcodes():
    rng = np.random.default_rng(0)
    sequences = ["".join(rng.choice(list("ACGT"), 250)) for _ in range(20)]
    assert orientation.orientation([f"S{n}" for n in range(30)], sequences, "turn it") is None
