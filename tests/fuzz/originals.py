"""One undamaged file of each kind that the program reads, and how it is read."""

import bz2
import gzip
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import anndata
import h5py
import numpy as np
import pandas as pd
import scipy.io
import scipy.sparse as sp

from genenet.config import Prepare, settings_from
from genenet.config.yaml_file import read_yaml
from genenet.cytoscape import read_network
from genenet.files.edges import StoredEdges, read_edges
from genenet.files.intermediate import read_bins, read_block, read_null, read_prepared
from genenet.files.verification import verify
from genenet.pipeline import infer_network
from genenet.products.expression import dense_values
from genenet.readers import read_matrix, read_names, read_pairs
from genenet.readers.attributes import read_attributes
from genenet.steps.prepare import prepare

N_GENES, N_SAMPLES = 12, 24
GENES = [f"G{number}" for number in range(N_GENES)]
SAMPLES = [f"s{number}" for number in range(N_SAMPLES)]
SETTINGS = Prepare(min_samples=4, min_variance=0, missing="drop_genes", duplicates="mean")

Reader = Callable[[Path], None]


def values() -> np.ndarray:
    random = np.random.default_rng(0)
    return np.round(random.gamma(2.0, 2.0, (N_GENES, N_SAMPLES)) * (random.random((N_GENES, N_SAMPLES)) < 0.8), 3)


def check_matrix(path: Path) -> None:
    """Read and prepare a matrix, and look whether the result can be one."""
    data = prepare(read_matrix(path, SETTINGS), SETTINGS)
    X = data.X
    assert X.dtype == np.float64
    assert np.isfinite(X).all()
    assert data.shape == (len(data.obs_names), len(data.var_names))
    assert 2 <= data.n_vars <= 4 * N_GENES
    assert 4 <= data.n_obs <= 4 * N_SAMPLES
    assert data.var_names.is_unique
    assert all(name.isprintable() and name for name in [*data.var_names, *data.obs_names])


def check_settings(path: Path) -> None:
    settings_from({key: value for key, value in read_yaml(path).items() if key not in ("datasets", "results")})


def check_run(path: Path) -> None:
    verify(path.parent)


def matrices(folder: Path) -> dict[str, Path]:
    """Write the matrix in each format."""
    frame = pd.DataFrame(values(), index=GENES, columns=SAMPLES)
    text = frame.to_csv(sep="\t")
    found: dict[str, Path] = {}

    def write(name: str, content: bytes) -> None:
        found[name] = folder / name
        found[name].write_bytes(content)

    write("m.tsv", text.encode())
    write("m.csv", frame.to_csv().encode())
    write("m.tsv.gz", gzip.compress(text.encode(), mtime=0))
    write("m.tsv.bz2", bz2.compress(text.encode()))
    described = frame.copy()
    described.insert(0, "Description", "protein")
    rows = described.to_csv(sep="\t", index_label="NAME")
    write("m.gct", f"#1.2\n{N_GENES}\t{N_SAMPLES}\n{rows}".encode())
    write("m.exp", rows.encode())
    geo = '!Series_title\t"x"\n!Sample_title\t' + "\t".join(f'"{name}"' for name in SAMPLES)
    table = frame.to_csv(sep="\t", index_label="ID_REF")
    write("geo.txt", f"{geo}\n!series_matrix_table_begin\n{table}!series_matrix_table_end\n".encode())
    for name in ("m.parquet", "m.feather"):
        found[name] = folder / name
        getattr(frame.reset_index(), f"to_{name.split('.')[1]}")(found[name])
    for name, X in (("dense", values().T), ("csr", sp.csr_matrix(values().T)), ("csc", sp.csc_matrix(values().T))):
        obs = pd.DataFrame({"tissue": pd.Categorical(["a", "b"] * 12), "age": np.arange(24.0)}, index=SAMPLES)
        data = anndata.AnnData(X, obs=obs, var=pd.DataFrame({"id": GENES}, index=GENES))
        for packed in (None, "gzip"):
            found[f"{name}.{packed}.h5ad"] = folder / f"{name}.{packed}.h5ad"
            data.write_h5ad(found[f"{name}.{packed}.h5ad"], compression=packed)
    found["m.loom"], found["m.h5"] = folder / "m.loom", folder / "m.h5"
    with h5py.File(found["m.loom"], "w") as file:
        file.create_dataset("matrix", data=values(), chunks=(4, 8), compression="gzip")
        file["row_attrs/Gene"], file["col_attrs/CellID"] = np.array(GENES, "S"), np.array(SAMPLES, "S")
    with h5py.File(found["m.h5"], "w") as file:
        matrix = sp.csc_matrix(values())
        for name in ("data", "indices", "indptr"):
            file[f"matrix/{name}"] = getattr(matrix, name)
        file["matrix/shape"], file["matrix/barcodes"] = np.array(matrix.shape), np.array(SAMPLES, "S")
        file["matrix/features/id"] = file["matrix/features/name"] = np.array(GENES, "S")
    return found


def in_folders(folder: Path) -> dict[str, list[Path]]:
    """Write the formats that are folders: MatrixMarket and zarr; the files of each that are damaged."""
    market, store = folder / "mtx", folder / "m.zarr"
    market.mkdir()
    scipy.io.mmwrite(market / "matrix.mtx", sp.coo_matrix(values()))
    (market / "genes.tsv").write_text("".join(f"{name}\n" for name in GENES))
    (market / "barcodes.tsv").write_text("".join(f"{name}\n" for name in SAMPLES))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the format's next version
        obs, var = pd.DataFrame(index=SAMPLES), pd.DataFrame(index=GENES)
        anndata.AnnData(values().T, obs=obs, var=var).write_zarr(store, chunks=(6, N_GENES))
    return {"mtx": sorted(market.iterdir()), "m.zarr": sorted(path for path in store.rglob("*") if path.is_file())}


def other_inputs(folder: Path) -> dict[str, tuple[Path, Reader]]:
    """Write lists, tables and a configuration."""
    contents = {
        "genes.txt": ("# genes\n" + "".join(f"{name}\n" for name in GENES), read_names),
        "pairs.tsv": ("".join(f"{a}\t{b}\t0.5\n" for a, b in pairwise(GENES)), read_pairs),
        "samples.tsv": ("sample\tage\n" + "".join(f"{name}\t{k}\n" for k, name in enumerate(SAMPLES)), read_attributes),
        "c.yaml": ("seed: 1\nprune: &p\n  tolerance: 0.1\nexport:\n  formats: [tsv, cyjs]\n", check_settings),
    }
    found: dict[str, tuple[Path, Reader]] = {}
    for name, (text, reader) in contents.items():
        (folder / name).write_text(text)
        found[name] = (folder / name, reader)
    return found


def check_prepared(path: Path) -> None:
    """Read the prepared matrix as steps do, and make the tables that they ask for."""
    matrix = read_prepared(path)
    assert dense_values(matrix).shape == (len(matrix.var), len(matrix.obs)) == (matrix.n_vars, matrix.n_obs)
    for name in matrix.uns["genenet"]:
        assert matrix.uns["genenet"][name] is not None


def of_a_run(folder: Path) -> dict[str, tuple[Path, Reader]]:
    """Write the files of a run and of its steps."""
    from genenet.files.edges import write_significant
    from genenet.files.intermediate import write_bins, write_block, write_null
    from genenet.steps.discretise import discretise
    from genenet.steps.information import information
    from genenet.steps.permutation import permutation_null
    from genenet.steps.significance import significance

    frame = pd.DataFrame(values(), index=GENES, columns=SAMPLES)
    result = infer_network(frame, n_draws=1_000, formats=["cyjs"], alpha=1.0)
    result.write(folder / "run")
    bins = discretise(result.expression)
    null = permutation_null(bins, result.settings.permutation)
    block = information(bins, null, alpha=1.0)
    write_bins(bins, folder / "bins.h5ad")
    write_null(null, folder / "null.npz")
    write_block(block, folder / "0.parquet")
    write_significant(significance([block], bins, null), folder / "edges.parquet")
    run = folder / "run"
    readers: dict[Path, Callable[[Path], Any]] = {
        run / "expression.h5ad": check_prepared,
        run / "pruned.parquet": read_edges,
        run / "network.graphml": read_network,
        run / "export" / "network.cyjs": read_network,
        run / "manifest.json": check_run,
        folder / "bins.h5ad": read_bins,
        folder / "null.npz": read_null,
        folder / "0.parquet": read_block,
        folder / "edges.parquet": StoredEdges,
    }
    return {path.name: (path, reader) for path, reader in readers.items()}
