"""Matrices whose file does not hold what it says: each is refused by name, none is computed with."""

import bz2
import gzip
import re
import warnings
from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from genenet.config import Prepare
from genenet.errors import InputError
from genenet.readers import read_matrix
from genenet.readers.guarded import check_survives
from genenet.readers.limits import check_memory
from genenet.readers.structure import sparse_matrix

N_SAMPLES, N_GENES = 24, 12
DAMAGED = "; the file is damaged: copy or write the file again"


def values() -> np.ndarray:
    random = np.random.default_rng(0)
    return random.poisson(1.0, (N_SAMPLES, N_GENES)).astype(float)


def h5ad(folder: Path, kind: str = "csr") -> Path:
    dense = values()
    X = {"csr": sp.csr_matrix, "csc": sp.csc_matrix, "dense": np.asarray}[kind](dense)
    obs = pd.DataFrame({"tissue": ["a", "b"] * 12}, index=[f"s{number}" for number in range(N_SAMPLES)])
    data = anndata.AnnData(X, obs=obs, var=pd.DataFrame(index=[f"G{number}" for number in range(N_GENES)]))
    path = folder / "m.h5ad"
    data.write_h5ad(path)
    return path


def tenx(folder: Path) -> Path:
    matrix = sp.csc_matrix(values().T)
    path = folder / "m.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("matrix")
        for name in ("data", "indices", "indptr"):
            group[name] = getattr(matrix, name)
        group["shape"] = np.array(matrix.shape)
        group["barcodes"] = np.array([f"s{number}".encode() for number in range(N_SAMPLES)])
        for name in ("id", "name"):
            group[f"features/{name}"] = np.array([f"G{number}".encode() for number in range(N_GENES)])
    return path


def replace(path: Path, name: str, content: object) -> None:
    with h5py.File(path, "r+") as file:
        del file[name]
        file[name] = content


def refusal(path: Path, **settings: object) -> str:
    with pytest.raises(InputError) as caught:
        read_matrix(path, Prepare(**settings))
    return str(caught.value)


CASES = {
    "indptr is short": ("indptr", lambda part: part[:-2], "indptr has {short} entries where {due} are due"),
    "indptr begins late": (
        "indptr",
        lambda part: part + 3 * (np.arange(len(part)) == 0),
        "indptr begins with 3, not 0",
    ),
    "indptr ends late": (
        "indptr",
        lambda part: part + 10**6 * (np.arange(len(part)) == len(part) - 1),
        "indptr ends at {end}, but there are {n} values",
    ),
    "indptr falls": (
        "indptr",
        lambda part: np.where(np.arange(len(part)) == 2, -5, part),
        "indptr falls from {first} to -5 at entry 2",
    ),
    "indices are short": ("indices", lambda part: part[:-5], "there are {n} values but {less} indices"),
    "an index is too large": (
        "indices",
        lambda part: np.where(np.arange(len(part)) == 3, 10**6, part),
        "index 1,000,000 (entry 3) is not between 0 and {last}",
    ),
    "an index is negative": (
        "indices",
        lambda part: np.where(np.arange(len(part)) == 3, -1, part),
        "index -1 (entry 3) is not between 0 and {last}",
    ),
    "data are short": ("data", lambda part: part[:-5], "indptr ends at {n}, but there are {less} values"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["csr", "csc", "10x"])
def test_sparse__damaged_parts_are_named(tmp_path, kind, case):
    part, damage, text = CASES[case]
    path, name = (tenx(tmp_path), "matrix") if kind == "10x" else (h5ad(tmp_path, kind), "X")
    with h5py.File(path) as file:
        right = {key: file[f"{name}/{key}"][()] for key in ("data", "indices", "indptr")}
    replace(path, f"{name}/{part}", damage(right[part]))
    n_slices = N_GENES if kind == "csc" else N_SAMPLES
    n = len(right["data"])
    numbers = {"short": n_slices - 1, "due": n_slices + 1, "end": f"{n + 10**6:,}", "n": n, "less": n - 5}
    numbers |= {"first": right["indptr"][1], "last": (N_SAMPLES if kind == "csc" else N_GENES) - 1}
    assert refusal(path) == f"{path}: sparse matrix: {text.format(**numbers)}{DAMAGED}"


def test_sparse__undamaged_is_read_as_it_is(tmp_path):
    for kind in ("csr", "csc", "dense"):
        data = read_matrix(h5ad(tmp_path, kind))
        assert np.array_equal(data.to_df().to_numpy(), values())
    assert np.array_equal(read_matrix(tenx(tmp_path)).to_df().to_numpy(), values())


@pytest.mark.parametrize(
    ("part", "content", "text"),
    [
        ("data", np.ones((5, 1)), "X/data has 2 dimensions, not 1; copy or write the file again"),
        (
            "data",
            np.ones(5, complex),
            "sparse matrix: data holds complex128, not real numbers; write it again with a matrix of real or"
            " integer values",
        ),
        (
            "indices",
            np.ones(5),
            "sparse matrix: indices holds float64, not integers; write it again with a matrix of real or"
            " integer values",
        ),
    ],
)
def test_sparse__parts_of_a_wrong_kind(tmp_path, part, content, text):
    path = h5ad(tmp_path)
    replace(path, f"X/{part}", content)
    assert refusal(path) == f"{path}: {text}"


def test_sparse__two_values_for_one_cell():
    with pytest.raises(InputError) as caught:
        sparse_matrix(np.ones(3), np.array([0, 1, 1]), np.array([0, 1, 3]), (2, 2), by_row=True)
    assert str(caught.value) == f"sparse matrix: 1 cell with two values, the first in slice 1 at 1{DAMAGED}"
    # The last index of a slice and the first of the next may be the same.
    assert sparse_matrix(np.ones(2), np.array([1, 1]), np.array([0, 1, 2]), (2, 2), by_row=True).nnz == 2


def test_h5ad__shape_and_names_disagree(tmp_path):
    path = h5ad(tmp_path)
    with h5py.File(path, "r+") as file:
        file["X"].attrs["shape"] = np.array([24, 13])
    expected = "the matrix is 24 x 13, but there are names of 24 and 12 rows and columns; copy or write the file again"
    assert refusal(path) == f"{path}: {expected}"


def test_hdf5__chunk_that_was_never_written(tmp_path):
    path = h5ad(tmp_path, "dense")
    with h5py.File(path, "r+") as file:
        del file["X"]
        X = file.create_dataset("X", (N_SAMPLES, N_GENES), chunks=(6, N_GENES), dtype="f8")
        X.attrs["encoding-type"], X.attrs["encoding-version"] = "array", "0.2.0"
        X[:18] = 1.0
    assert refusal(path) == (
        f"{path}: X has only 3 of its 4 chunks: the others would be read as 0; copy the file again, or if they are"
        " zeros, write it again"
    )


def test_hdf5__array_that_was_never_written(tmp_path):
    path = h5ad(tmp_path, "dense")
    with h5py.File(path, "r+") as file:
        del file["X"]
        file.create_dataset("X", (N_SAMPLES, N_GENES), dtype="f8")
    assert "X has only 0 of its 1 chunk: the others would be read as 0" in refusal(path)


def test_hdf5__array_in_another_file(tmp_path):
    path = h5ad(tmp_path, "dense")
    with h5py.File(path, "r+") as file:
        del file["X"]
        file.create_dataset("X", (N_SAMPLES, N_GENES), dtype="f4", external=[("other", 0, 24 * 12 * 4)])
    assert refusal(path) == f"{path}: X is kept in another file; copy it into this one"


def test_hdf5__promise_of_more_memory_than_there_is(tmp_path):
    path = h5ad(tmp_path)
    with h5py.File(path, "r+") as file:
        obs = file["obs"]
        obs.create_dataset("huge", (10**14,), chunks=(10**6,), dtype="f8")
    assert refusal(path) == (
        f"{path}: obs/huge has only 0 of its 100,000,000 chunks: the others would be read as 0; copy the file again, or"
        " if they are zeros, write it again"
    )
    with pytest.raises(InputError, match=r"^it need 1,000,000 TB of memory, there are .*; if the file is right, use"):
        check_memory(10**18, "it")


def test_zarr__chunk_that_is_not_there(tmp_path):
    data = anndata.read_h5ad(h5ad(tmp_path, "dense"))
    store = tmp_path / "m.zarr"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the format's next version
        data.write_zarr(store, chunks=(6, N_GENES))
    assert np.array_equal(read_matrix(store).to_df().to_numpy(), values())
    chunk = next(path for path in sorted((store / "X").rglob("*")) if path.name in ("1.0", "0") and path.is_file())
    chunk.unlink()
    assert refusal(store) == (
        f"{store}: X has only 3 of its 4 chunks: the others would be read as 0; copy the file again, or if they are"
        " zeros, write them too (zarr.config.set({'array.write_empty_chunks': True}))"
    )


def market(folder: Path, text: str) -> Path:
    (folder / "genes.tsv").write_text("".join(f"G{number}\n" for number in range(3)))
    (folder / "barcodes.tsv").write_text("".join(f"s{number}\n" for number in range(2)))
    path = folder / "matrix.mtx"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (
            "array real general\n1000000 1000000",
            "says that it has 1,000,000 x 1,000,000 cells with 1,000,000,000,000 values, more than such a file can"
            " hold; copy or write it again",
        ),
        (
            "coordinate real general\n3 2 1000000000000",
            "says that it has 3 x 2 cells with 1,000,000,000,000 values, more than such a file can hold; copy or"
            " write it again",
        ),
        (
            "coordinate real general\n3 two 5",
            "cannot be read as MatrixMarket (its size is '3 two 5'); copy or write it again",
        ),
        (
            "coordinate pattern symmetric\n1000000000 1000000000 1",
            "has 1,000,000,000 rows and 1,000,000,000 columns, but genes.tsv has 3 names and barcodes.tsv has 2 names;"
            " rows must be genes and columns cells, one name for each",
        ),
    ],
)
def test_market__more_than_the_file_can_hold(tmp_path, header, text):
    path = market(tmp_path, f"%%MatrixMarket matrix {header}\n")
    assert refusal(path) == f"{path}: {text}"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
@pytest.mark.parametrize("content", ["gene\ta\tb\n" + "\n" * (24 << 20), "gene\t" + "a" * (24 << 20)])
def test_text__packed_far_beyond_its_size(tmp_path, monkeypatch, pack, content):
    monkeypatch.setattr("genenet.readers.opening.MAX_UNPACKED", 20 << 20)
    path = tmp_path / "m.tsv.packed"
    path.write_bytes(pack(content.encode()))
    assert refusal(path) == (
        f"{path}: unpacks to more than 500 times its size, which no table does; unpack it and look what it is"
    )


def test_text__line_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr("genenet.readers.text_top.MAX_LINE", 1000)
    path = tmp_path / "m.tsv"
    path.write_text("gene\t" + "a" * 1000)
    assert refusal(path) == f"{path}: line 1 has more than 1,000 characters; is it a table of text?"


def test_text__empty_lines_without_end(tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text("\n" * 10_002 + "gene\ta\n")
    assert refusal(path) == f"{path}: has more than 10,000 empty lines above its table; is it the right file?"


def test_feather__damaged_notes_of_pandas(tmp_path):
    frame = pd.DataFrame(np.arange(6.0).reshape(3, 2), index=["A", "B", "C"], columns=["s1", "s2"]).reset_index()
    path = tmp_path / "m.feather"
    frame.to_feather(path)
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"index_columns"', b'"index_columns\x86'))
    assert refusal(path) == f"{path}: what pandas wrote about its index is damaged; copy or write it again"


def test_check_survives__loop(monkeypatch):
    monkeypatch.setattr("genenet.readers.guarded.CPU_SECONDS", 1)

    def loop(path: Path) -> None:
        while True:
            pass

    with pytest.raises(InputError, match=re.escape("m.h5: is damaged: reading it does not end (stopped after 1 s")):
        check_survives(Path("m.h5"), loop)


def test_loom__attribute_of_compound_type_is_left_out(tmp_path):
    path = tmp_path / "m.loom"
    with h5py.File(path, "w") as file:
        file["matrix"] = values().T
        file["row_attrs/Gene"] = np.array([f"G{number}".encode() for number in range(N_GENES)])
        file["row_attrs/Regulons"] = np.zeros(N_GENES, [("TP53(+)", "i8"), ("MYC(+)", "i8")])
        file["col_attrs/CellID"] = np.array([f"s{number}".encode() for number in range(N_SAMPLES)])
        file["col_attrs/RegulonsAUC"] = np.zeros(N_SAMPLES, [("TP53(+)", "f8")])
    data = read_matrix(path)
    assert list(data.var.columns) == list(data.obs.columns) == []
    assert np.array_equal(data.to_df().to_numpy(), values())


def test_market__bytes_that_are_of_no_number(tmp_path):
    path = market(tmp_path, "%%MatrixMarket matrix coordinate real general\n% \u00e9\n3 2 2\n1 1 5\n2 2 3\x0c\n")
    assert refusal(path) == (
        f"{path}: has '\\x0c' (byte 0x0c) among its numbers; the file is damaged: copy or write it again"
    )
    path = market(tmp_path, "%%MatrixMarket matrix coordinate real general\n% \u00e9\n3 2 2\n1 1 5\n2 2 -3.5e+0\n")
    assert read_matrix(path).to_df().to_numpy().tolist() == [[5.0, 0.0, 0.0], [0.0, -3.5, 0.0]]
