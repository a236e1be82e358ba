"""A large gzip file that is unpacked ahead is read as one that is not."""

import gzip
import threading

import numpy as np
import pandas as pd
import pytest

from genenet.cli import main
from genenet.config.sections import Prepare
from genenet.errors import InputError
from genenet.readers import delimited, unpacking
from genenet.readers.matrix import read_matrix


@pytest.fixture(autouse=True)
def files_are_large(monkeypatch):
    monkeypatch.setattr(unpacking, "LEAST_BYTES", 0)
    monkeypatch.setattr(delimited, "PLAIN_BYTES", 0)
    yield
    unpacking.end()
    assert not [thread for thread in threading.enumerate() if thread.name == "genenet-unpacking"]


def table(n_genes: int = 200) -> pd.DataFrame:
    values = np.random.default_rng(0).normal(7, 1, (n_genes, 20)).round(4)
    return pd.DataFrame(values, [f"G{n}" for n in range(n_genes)], [f"S{n}" for n in range(20)])


def written(path, content: bytes):
    path.write_bytes(gzip.compress(content))
    return path


def text_of(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(sep="\t").encode()


def content_of(found: unpacking.Unpacked | None) -> bytes:
    assert found is not None
    with found:
        return b"".join(iter(found.read, b""))


@pytest.mark.parametrize("n_bytes", [1, 7, 1 << 20])
@pytest.mark.parametrize("block", [1, 1_000, 1 << 22])
def test_unpacked__is_the_content_of_all_members(monkeypatch, tmp_path, n_bytes, block):
    monkeypatch.setattr(unpacking, "PACKED_BYTES", n_bytes)
    monkeypatch.setattr(unpacking, "BLOCK_BYTES", block)
    parts = [b"A" * 3_000, b"", text_of(table(3))]
    path = tmp_path / "m.gz"
    path.write_bytes(b"".join(map(gzip.compress, parts)))
    blocks = list(unpacking.unpacked(path))
    assert b"".join(blocks) == b"".join(parts)
    assert max(map(len, blocks)) <= block


def test_begun__is_taken_once_and_only_of_the_same_file(tmp_path):
    path, other = (written(tmp_path / name, text_of(table())) for name in ("a.tsv.gz", "b.tsv.gz"))
    unpacking.begin(path)
    assert unpacking.begun(other) is None
    assert content_of(unpacking.begun(path)) == text_of(table())
    assert unpacking.begun(path) is None


def test_begun__not_of_a_file_that_was_changed_since(tmp_path):
    path = written(tmp_path / "m.tsv.gz", text_of(table()))
    unpacking.begin(path)
    written(path, text_of(table(100)))
    assert unpacking.begun(path) is None
    assert read_matrix(path).n_vars == 100


def test_begin__nothing_but_a_file_of_gzip(tmp_path):
    (tmp_path / "m.tsv").write_bytes(text_of(table()))
    for path in (tmp_path, tmp_path / "m.tsv", tmp_path / "none", tmp_path / "\0"):
        unpacking.begin(path)
        assert unpacking.begun(path) is None


def test_close__ends_a_thread_that_waits_for_a_reader(monkeypatch, tmp_path):
    monkeypatch.setattr(unpacking, "BLOCK_BYTES", 100)
    monkeypatch.setattr(unpacking, "BLOCKS_AHEAD", 2)
    unpacking.begin(written(tmp_path / "m.tsv.gz", text_of(table())))
    unpacking.end()


def test_read_matrix__of_what_was_unpacked(monkeypatch, tmp_path):
    path = written(tmp_path / "m.tsv.gz", text_of(table()))
    expected = read_matrix(path).to_df()
    unpacking.begin(path)
    monkeypatch.setattr(delimited, "_stream", None)
    pd.testing.assert_frame_equal(read_matrix(path).to_df(), expected)


def test_read_matrix__a_table_of_another_kind_is_unpacked_by_its_reader(tmp_path):
    path = written(tmp_path / "m.tsv.gz", text_of(table()).replace(b"\n", b"\r\n"))
    unpacking.begin(path)
    pd.testing.assert_frame_equal(read_matrix(path).to_df().T, table(), check_names=False)


@pytest.mark.parametrize("damage", ["cut short", "another byte", "no end"])
def test_read_matrix__a_damaged_file_is_refused_as_without_it(tmp_path, damage):
    path = written(tmp_path / "m.tsv.gz", text_of(table()))
    content = bytearray(path.read_bytes())
    if damage == "another byte":
        content[len(content) // 2] ^= 255
    path.write_bytes(content[: {"cut short": len(content) // 2, "no end": -3}.get(damage)])

    def message() -> str:
        with pytest.raises(InputError) as error:
            read_matrix(path, Prepare())
        return str(error.value)

    without = message()
    unpacking.begin(path)
    assert message() == without


def test_infer__of_a_file_that_is_unpacked_ahead(monkeypatch, tmp_path, capsys):
    path = written(tmp_path / "m.tsv.gz", text_of(table(40)))
    taken = []
    begun = unpacking.begun
    monkeypatch.setattr(unpacking, "begun", lambda path: taken.append(begun(path)) or taken[-1])
    for threads in ("1", "2"):
        with pytest.raises(SystemExit) as end:
            main(["infer", str(path), "-o", str(tmp_path / threads), "--threads", threads, "--no-report"])
        assert end.value.code == 0, capsys.readouterr().err
    assert [found is not None for found in taken] == [False, True]
    one, two = ((tmp_path / threads / "network.graphml").read_bytes() for threads in ("1", "2"))
    assert one == two
