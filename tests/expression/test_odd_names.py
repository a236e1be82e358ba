"""Names that look alike, and controls beside genes and samples."""

import numpy as np
import pandas as pd
import pytest

from genenet.config import Prepare
from genenet.errors import InputError
from genenet.readers.control_names import controls_among, quality_controls_among
from genenet.steps.prepare import prepare
from tests.readers.brought import GENES, SAMPLES

RNG = np.random.default_rng(1)


def matrix(*genes: str, samples: list[str] = SAMPLES) -> pd.DataFrame:
    names = [*GENES, *genes]
    return pd.DataFrame(RNG.normal(7.0, 1.5, (len(names), len(samples))), names, samples)


def found(*genes: str, samples: list[str] = SAMPLES) -> list[str]:
    table = prepare(matrix(*genes, samples=samples)).uns["genenet"]["findings"]
    return [f"{weight}: {message}" for weight, message in zip(table["weight"], table["message"], strict=True)]


def may_be(what: str, option: str, it: str = "them") -> str:
    return (
        f"warned: {what}; set {it} aside with prepare.annotation_rows: '{option}', or keep {it} with prepare.accept:"
        " no_genes"
    )


def test_look_alikes__names_that_differ_by_case_only():
    assert found("tp53", "Myc") == [
        "warned: 2 gene names are there in several spellings that differ by case only (TP53 = tp53, MYC = Myc): if"
        " these are the same genes, write them alike, and merge them with prepare.duplicates: mean; if they are of two"
        " species, split the table"
    ]


def test_look_alikes__genes_of_the_fly_may_differ_by_case():
    assert found("dl", "Dl", "CG1234", "CG10005", "CG31") != []
    assert found("dl", "Dl", "CG1234", "CG10005", "CG311") == []


def test_look_alikes__letters_of_other_scripts():
    assert found("\u04101BG", "NKX2\u20118", "TNF-\u03b1") == [
        "warned: 2 of 33 genes have letters in the name that look like others (\u04101BG with U+0410 for A1BG,"
        " NKX2\u20118 with U+2011 for NKX2-8): no list and no other table has such a name; write them in plain letters"
    ]


def test_look_alikes__versions_of_an_id():
    assert found("ENSG00000141510.17", "ENSG00000141510.18", "ENSG00000182378.15", "ENSG00000182378.15_PAR_Y") == [
        "warned: 1 gene is there in several versions of its id (ENSG00000141510.17 and ENSG00000141510.18), as in"
        " tables of two annotations that were joined: each version counts as a gene; write ids without versions, and"
        " merge with prepare.duplicates: mean"
    ]


def test_names__invisible_characters_are_named_all_at_once():
    with pytest.raises(InputError) as caught:
        prepare(matrix("IL\u00a01B", "CDK\u200b7"))
    assert caught.value.message == (
        "2 gene names have an invisible character ('IL\\xa01B', 'CDK\\u200b7': U+00A0 no-break space, U+200B zero width"
        " space); take it out"
    )


def test_controls__all_kinds_in_one_message():
    names = ("ERCC-00002", "POS_A(128)", "NEG_B(0)", "CON__P00761")
    assert found(*names) == [
        may_be(
            "4 rows may be no genes: ERCC-00002 (a spike-in), POS_A(128), NEG_B(0) (a control of NanoString),"
            " CON__P00761 (a contaminant or decoy)",
            "ERCC-00002,POS_A(128),NEG_B(0),CON__P00761",
        )
    ]


def test_controls__many_are_set_aside_by_a_pattern():
    spikes = [f"ERCC-{number:05d}" for number in range(2, 22)]
    assert found(*spikes) == [
        may_be(
            "20 rows may be no genes: ERCC-00002, ERCC-00003, ERCC-00004, ERCC-00005, ERCC-00006 and 15 more (a"
            " spike-in)",
            "ERCC-*",
        )
    ]
    aside = prepare(matrix(*spikes), Prepare(annotation_rows=("ERCC-*",)))
    assert (list(aside.var_names), len(aside.uns["genenet"]["findings"])) == (GENES, 0)


def test_controls__those_of_arrays_are_noted():
    assert found("AFFX-BioB-5_at", "AFFX-r2-Ec-bioB-3_at") == [
        "noted: 2 of 32 probes are controls of the array (AFFX-BioB-5_at, AFFX-r2-Ec-bioB-3_at);"
        " prepare.annotation_rows: 'AFFX*' (prepare.annotation_columns, where genes are in columns) leaves them out"
    ]


def test_controls__genes_are_none():
    genes = "ERCC1 ERCC2 ERCC6L MT-CO1 POSTN NEGR1 REV1 REV3L CONT1 NTC IS1 IRT1 HCE POS_A PPCDC BLANK1 QCR8"
    assert controls_among([*GENES, *genes.split()]) == {}


def test_controls__pools_and_blanks_among_samples():
    samples = [*SAMPLES[:37], "QC_01", "Blank", "pooled QC 2"]
    what = "3 columns may be no samples: QC_01, Blank, pooled QC 2 (a pool, a blank or a control)"
    assert found(samples=samples) == [
        f"warned: {what}; set them aside with prepare.annotation_columns: 'QC_01,Blank,pooled QC 2', or keep them with"
        " prepare.accept: no_samples"
    ]
    assert quality_controls_among(["QC1", "QC2", "S1"]) == set()
    treated = ["control_1", "control_2", "ctrl", "poly_IC", "waterlogged_1", "normal_1", "Negative_1", "NC_2", "S1"]
    assert quality_controls_among(treated) == set()


def test_look_alikes__quotes_around_names():
    quoted = matrix().rename(index=lambda name: f"'{name}'")
    assert prepare(quoted).uns["genenet"]["findings"]["message"].tolist() == [
        "30 of 30 genes have quotes around the name ('TP53', 'MYC', 'JUN' and 27 more): no list and no other table has"
        " such names; take them off"
    ]
    assert found("'hairy'") == []


def test_names__genes_of_two_genomes():
    human, mouse = ([f"{genome}{name}" for name in GENES] for genome in ("GRCh38_", "mm10___"))
    mixed = pd.DataFrame(RNG.normal(7.0, 1.5, (60, 40)), [*human, *mouse], SAMPLES)
    assert prepare(mixed).uns["genenet"]["findings"]["message"].tolist() == [
        "the genes are of 2 genomes (GRCh38: 30, mm10: 30), as of a xenograft or of mixed species: each sample's share"
        " of a species would relate all genes of it; give the genes and samples of one"
    ]
    assert len(prepare(mixed.iloc[:30]).uns["genenet"]["findings"]) == 0
