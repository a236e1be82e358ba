"""Long tables of programs that write one value a line, and tables that only resemble them."""

from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from genenet.errors import InputError
from genenet.readers import read_matrix
from genenet.readers.long_tables import refuse_long

GENES, SAMPLES = ("TP53", "MYC", "EGFR"), ("S1", "S2", "S3")
OLINK = ["SampleID", "OlinkID", "UniProt", "Assay", "Panel", "LOD", "NPX", "QC_Warning"]
SPECTRONAUT = ["R.FileName", "PG.ProteinGroups", "PG.Genes", "PG.Quantity", "EG.PrecursorId"]
QPCR = ["Well", "Sample Name", "Target Name", "Task", "Cq", "Tm1"]
PARQUET = "pd.read_parquet('m.parquet')"
TABLES = {
    "Olink": (
        ";",
        OLINK,
        [[s, f"OID{g}", "P1", g, "Inflammation", "0.5", "3.25", "PASS"] for s, g in product(SAMPLES, GENES)],
        "sep=';').pivot(index='Assay', columns='SampleID', values='NPX').to_csv('matrix.tsv', sep='\\t')",
    ),
    "Spectronaut, precursors": (
        "\t",
        SPECTRONAUT,
        [[s, "P1", g, "1200.5", f"_PEP{n}_.2"] for s, g, n in product(SAMPLES, GENES, range(2))],
        "sep='\\t').pivot_table(index='PG.Genes', columns='R.FileName', values='PG.Quantity')"
        ".to_csv('matrix.tsv', sep='\\t'); lines of the same PG.Genes and R.FileName are averaged",
    ),
    "Human Protein Atlas": (
        "\t",
        ["Gene", "Gene name", "Tissue", "TPM", "pTPM", "nTPM"],
        [[f"ENSG{g}", g, s, "9.6", "4.8", "8.0"] for s, g in product(("liver", "lung"), GENES)],
        "sep='\\t').pivot(index='Gene', columns='Tissue', values='nTPM').to_csv('matrix.tsv', sep='\\t')",
    ),
    "qPCR": (
        ",",
        QPCR,
        [[f"A{n}", s, g, "UNKNOWN", "24.1" if n == 7 else "Undetermined", "80.5"]
         for n, (s, g) in enumerate(product(SAMPLES, GENES), 1)],
        "sep=',').pivot(index='Target Name', columns='Sample Name', values='Cq').to_csv('matrix.tsv', sep='\\t')",
    ),
    "ImmPort": (
        "\t",
        ["STUDY_ACCESSION", "EXPSAMPLE_ACCESSION", "ANALYTE_REPORTED", "VALUE_REPORTED"],
        [["SDY1", s, g, "9.6"] for s, g in product(SAMPLES, GENES)],
        "sep='\\t').pivot(index='ANALYTE_REPORTED', columns='EXPSAMPLE_ACCESSION', values='VALUE_REPORTED')"
        ".to_csv('matrix.tsv', sep='\\t')",
    ),
    "a matrix with annotation": (
        "\t",
        ["gene", "description", *SAMPLES, "S4", "S5"],
        [[g, "protein", "1", "2", "3", "4", "5"] for g in "ABCDEFGH"],
        None,
    ),
    "samples in rows": (
        "\t",
        ["sample", "gene_count", "TP53", "MYC", "value"],
        [[s, "100", "1.5", "2.5", "3.5"] for s in "ABCDEFGH"],
        None,
    ),
}  # fmt: skip


def test_refuse_long__with_the_index_of_a_frame_and_in_parquet(tmp_path):
    frame = pd.DataFrame(product(GENES, SAMPLES, [1.5]), columns=["gene", "run", "value"])
    command = ".pivot(index='gene', columns='run', values='value').to_csv('matrix.tsv', sep='\\t')"
    for path, read in ((tmp_path / "m.csv", "pd.read_csv('m.csv', sep=',')"), (tmp_path / "m.parquet", "")):
        frame.to_csv(path) if read else frame.to_parquet(path)
        with pytest.raises(InputError) as error:
            read_matrix(path)
        assert str(error.value) == (
            f"{path}: is a long table, one value a line (gene, run, value), not a matrix; make one in Python: import "
            f"pandas as pd; {read or PARQUET}{command}"
        )


def test_refuse_long__edges_of_a_network():
    rows = [["TP53", "MDM2", "0.5"], ["MYC", "FOS", "0.2"], ["MYC", "JUN", "0.3"], ["TP53", "BAX", "0.1"]]
    with pytest.raises(InputError) as error:
        refuse_long(Path("net.tsv"), "", ["source", "target", "weight"], rows)
    assert str(error.value) == (
        "net.tsv: is a list of pairs (source, target, weight), as networks are; give the expression matrix"
    )


@pytest.mark.parametrize("name", TABLES)
def test_refuse_long__tables_of_programs(name):
    separator, header, rows, command = TABLES[name]
    read = f"pd.read_csv('npx.csv', sep={separator!r})"
    if command is None:
        return refuse_long(Path("npx.csv"), read, header, rows)
    with pytest.raises(InputError) as error:
        refuse_long(Path("npx.csv"), read, header, rows)
    assert str(error.value) == (
        f"npx.csv: is a long table, one value a line ({', '.join(header)}), not a matrix; make one in Python: "
        f"import pandas as pd; pd.read_csv('npx.csv', {command}"
    )
