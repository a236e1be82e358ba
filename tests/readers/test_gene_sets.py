"""GMT files, good and bad."""

import gzip

import pytest

from genenet.errors import InputError
from genenet.readers.gene_sets import read_gene_sets


def test_gene_sets__plain_gzipped_windows(tmp_path):
    text = "A\thttp://a\tG1\tG2\tG1\r\n\r\nB b\t\tG3\r\n"
    expected = {"A": ("G1", "G2"), "B b": ("G3",)}
    (tmp_path / "a.gmt").write_bytes(b"\xef\xbb\xbf" + text.encode())
    (tmp_path / "a.gmt.gz").write_bytes(gzip.compress(text.encode()))
    assert read_gene_sets(tmp_path / "a.gmt") == read_gene_sets(tmp_path / "a.gmt.gz") == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "A\tdescription\n",
            "line 1 of {path} has no genes ('A\\tdescription'); a GMT file has a set's name, a description and its"
            " genes in each line, separated by tabs",
        ),
        (
            "G1 G2 G3\n",
            "line 1 of {path} has no genes ('G1 G2 G3'); a GMT file has a set's name, a description and its genes in"
            " each line, separated by tabs",
        ),
        ("A\td\tG1\nA\td\tG2\n", "{path} has the gene set 'A' twice, the second time in line 2; rename one"),
        ("\n", "{path} has no gene sets"),
    ],
)
def test_gene_sets__bad_files(tmp_path, content, message):
    path = tmp_path / "sets.gmt"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_gene_sets(path)
    assert str(caught.value) == message.format(path=path)


def test_gene_sets__missing_file(tmp_path):
    with pytest.raises(InputError, match=r"cannot read the gene sets in .*nothing\.gmt: No such file or directory"):
        read_gene_sets(tmp_path / "nothing.gmt")
