"""Neighbours on a chromosome: by hand, in a run, and what is wrong with a table of genes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import genenet
from genenet.errors import InputError
from genenet.report.summary_text import describe
from genenet.scores.proximity import positions_of
from tests.matrices import names, related


@pytest.mark.parametrize(
    "columns",
    [
        ("chromosome", "start"),
        ("Chr", "Position"),
        ("chrom", "txStart"),
        ("Chromosome|scaffold name", "Gene start (bp)"),
    ],
)
def test_positions_of__names_of_columns(columns: tuple[str, str]) -> None:
    positions = positions_of(pd.DataFrame(dict(zip(columns, [["chr1", "1", "X"], ["5", "7.0", 9]], strict=True))))
    assert positions is not None
    assert positions.chromosome.tolist() == [0, 0, 1]
    assert positions.start.tolist() == [5.0, 7.0, 9.0]


def test_positions_of__one_of_the_columns_is_not_enough() -> None:
    assert positions_of(pd.DataFrame({"chromosome": ["1"], "band": ["p13"]})) is None


def test_positions_of__unknown_genes_are_no_neighbours() -> None:
    positions = positions_of(pd.DataFrame({"chr": ["", "", None, "2", "2"], "start": ["", "5", 5, "5", None]}))
    assert positions is not None
    first, second = (ends.astype(np.int32) for ends in np.triu_indices(5, 1))
    assert not positions.are_neighbours(first, second, 10**9).any()


def test_positions_of__starts_are_numbers() -> None:
    table = pd.DataFrame({"chromosome": ["1", "2"], "start": ["5", "p13"]}, index=["A", "B"])
    with pytest.raises(InputError) as error:
        positions_of(table)
    assert str(error.value) == (
        "the column start of the table of genes is where genes start, in bases, and has no number for 1 gene "
        "(B: 'p13'); give numbers, or another name to the column"
    )


def test_prune__neighbours_in_the_table_the_graph_and_the_summary(tmp_path: Path) -> None:
    frame = pd.DataFrame(related(16), [f"{name} (7{k})" for k, name in enumerate(names("G", 16))], names("s", 80))
    genes = pd.DataFrame(
        {"symbol": names("G", 16), "chromosome": ["1"] * 8 + ["2"] * 8, "start": [k * 1000 for k in range(16)]}
    )
    genes.to_csv(tmp_path / "genes.tsv", sep="\t", index=False)
    result = genenet.infer_network(
        frame, gene_table=tmp_path / "genes.tsv", name_separator=" (", neighbour_distance=2000, prune_method="none",
        n_draws=20_000, report=False,
    )  # fmt: skip
    edges = result.edges
    a, b = (edges[end].str.removeprefix("G").astype(int) for end in ("gene_a", "gene_b"))
    assert (edges["neighbours"] == ((a // 8 == b // 8) & ((a - b).abs() <= 2))).all()
    n = int(edges["neighbours"].sum())
    assert 0 < n < len(edges)
    assert result.summary["prune"]["n_neighbours"] == n
    assert dict(describe(result.summary))["neighbours"] == (
        f"{n} of {len(edges)} edges are between neighbours on a chromosome, which one cut or copy number relates"
    )
    assert sum(data["neighbours"] for _, _, data in result.graph.edges(data=True)) == n
    result.write(tmp_path / "run")
    assert "neighbours" in pd.read_csv(tmp_path / "run" / "export" / "edges.tsv", sep="\t").columns
