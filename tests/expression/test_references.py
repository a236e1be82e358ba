import pandas as pd
import pytest

from genenet.errors import InputError
from genenet.expression.references import check_gene_sets, check_known_edges, check_references

VAR = pd.DataFrame({"symbol": ["ACTB", "TP53", "MYC"]}, index=["b1", "b2", "b3"])


def edges(*pairs):
    return pd.DataFrame(pairs, columns=["regulator", "target"])


def test_check_known_edges__one_pair_is_enough():
    check_known_edges(edges(("x", "y"), ("b1", "b3")), VAR)


@pytest.mark.parametrize(
    ("known", "message"),
    [
        (
            edges(("ACTB", "MYC")),
            "none of the 2 genes of known edges is among the 3 genes (ACTB, MYC; 2 are in column symbol: set"
            " prepare.name_column: 'symbol'); the genes are named like b1, b2, b3: use the same kind of names",
        ),
        (
            edges(("b1", "x"), ("y", "b2")),
            "none of the 2 known edges is between two genes of the matrix (x, y are not among them)",
        ),
    ],
)
def test_check_known_edges__refused(known, message):
    with pytest.raises(InputError) as error:
        check_known_edges(known, VAR)
    assert str(error.value) == message


def test_check_gene_sets__symbols_or_names():
    check_gene_sets({"a": ["b2", "zz"]}, VAR)
    check_gene_sets({"a": ["TP53", "zz"]}, VAR)
    check_references(VAR)


def test_check_gene_sets__no_gene_in_common():
    with pytest.raises(InputError) as error:
        check_gene_sets({"a": ["COX1"], "b": ["COX2"]}, VAR)
    assert str(error.value).startswith("none of the 2 genes of gene sets is among the 3 genes (COX1, COX2")
