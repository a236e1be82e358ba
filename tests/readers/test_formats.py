"""Every format that is read: the same small counts in each, written by the program of the format where there is one."""

import gzip
from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.io
import scipy.sparse as sp
from anndata import AnnData

from genenet.config import Prepare
from genenet.errors import InputError
from genenet.readers import read_matrix
from genenet.readers import sparse_pieces as blocks_module
from genenet.steps.prepare import prepare

GENES = ["ACTB", "MYC", "NA", "1e5", "SEPT1", "007"]
IDS = [f"ENSG0000000000{n}" for n in range(6)]
CELLS = [f"cell{n}" for n in range(9)]
COUNTS = np.random.default_rng(5).poisson(1.0, size=(9, 6))  # cells x genes


def frame() -> pd.DataFrame:
    return pd.DataFrame(COUNTS.T, index=GENES, columns=CELLS)


def write_market(folder: Path, prefix: str = "", *, turned: bool = False, suffix: str = ".gz") -> Path:
    opened = gzip.open if suffix else open
    path = folder / f"{prefix}matrix.mtx{suffix}"
    with opened(path, "wb") as stream:
        scipy.io.mmwrite(stream, sp.coo_matrix(COUNTS if turned else COUNTS.T))
    lines = [f"{i}\t{g}\tGene Expression\n" for i, g in zip(IDS, GENES, strict=True)]
    with opened(folder / f"{prefix}features.tsv{suffix}", "wt") as stream:
        stream.writelines(lines)
    with opened(folder / f"{prefix}barcodes.tsv{suffix}", "wt") as stream:
        stream.writelines(f"{cell}\n" for cell in CELLS)
    return path


def write_10x(folder: Path, *, old: bool = False) -> Path:
    path = folder / "counts.h5"
    matrix = sp.csc_matrix(COUNTS.T)
    with h5py.File(path, "w") as file:
        group = file.create_group("GRCh38" if old else "matrix")
        for name in ("data", "indices", "indptr"):
            group[name] = getattr(matrix, name)
        group["shape"], group["barcodes"] = matrix.shape, np.array(CELLS, "S")
        if old:
            group["genes"], group["gene_names"] = np.array(IDS, "S"), np.array(GENES, "S")
        else:
            features = group.create_group("features")
            features["id"], features["name"] = np.array(IDS, "S"), np.array(GENES, "S")
            features["feature_type"] = np.array(["Gene Expression"] * 6, "S")
    return path


def write_loom(folder: Path) -> Path:
    path = folder / "cells.loom"
    with h5py.File(path, "w") as file:
        file["matrix"] = COUNTS.T
        file["layers/spliced"] = COUNTS.T * 2.0
        file["row_attrs/Gene"], file["row_attrs/Accession"] = np.array(GENES, "S"), np.array(IDS, "S")
        file["col_attrs/CellID"] = np.array(CELLS, "S")
        file["col_attrs/ClusterID"] = np.arange(9) % 2
    return path


def write_h5ad(folder: Path, make=np.asarray, **options) -> Path:
    data = AnnData(make(COUNTS.astype(np.float32)), pd.DataFrame(index=CELLS), pd.DataFrame({"gene_ids": IDS}, GENES))
    data.raw = data.copy()
    data.layers["double"] = make(2.0 * COUNTS)
    data.obs["batch"] = pd.Categorical(["a", "b", "a"] * 3)
    path = folder / "cells.h5ad"
    data.write_h5ad(path, **options)
    return path


def write_exp(folder: Path, *, pairs: bool = False) -> Path:
    rows = ["\t".join(["AffyID", "Annotation", *CELLS])]
    rows += ["\t".join(["Description", "Phenotype", *(["tumour"] * 9)])]
    for gene, values in zip(GENES, COUNTS.T, strict=True):
        calls = [f"\t{call}" for call in "PAMPAMPAM"] if pairs else [""] * 9
        cells = [f"{value}{call}" for value, call in zip(values, calls, strict=True)]
        rows.append("\t".join([gene, f"about {gene}", *cells]))
    path = folder / "cells.exp"
    path.write_text("\n".join(rows) + "\n")
    return path


def write_gct(folder: Path) -> Path:
    table = frame().reset_index(names="Name")
    table.insert(1, "Description", [f"about {gene}" for gene in GENES])
    path = folder / "cells.gct.gz"
    text = f"#1.2\n6\t9\n{table.to_csv(sep=chr(9), index=False)}"
    path.write_bytes(gzip.compress(text.encode()))
    return path


GEO_HEAD = """!Series_title\t"Cells of nobody"
!Series_sample_id\t"a b"

!Sample_title\t{titles}
!Sample_characteristics_ch1\t{tissues}
!Sample_data_row_count\t{rows}
!series_matrix_table_begin
"""


def write_geo(folder: Path, name: str = "GSE1_series_matrix.txt.gz") -> Path:
    def line(texts):
        return "\t".join(f'"{text}"' for text in texts)

    head = GEO_HEAD.format(
        titles=line(f"title {n}" for n in range(9)),
        tissues=line(f"tissue: {'liver' if n % 2 else 'brain'}" for n in range(9)),
        rows=line([6] * 9),
    )
    table = line(["ID_REF", *CELLS]) + "\n"
    for gene, values in zip(GENES, COUNTS.T, strict=True):
        table += f'"{gene}"\t' + "\t".join(map(str, values)) + "\n"
    path = folder / name
    path.write_bytes(gzip.compress(f"{head}{table}!series_matrix_table_end\n".encode()))
    return path


def write_r(folder: Path, name: str, **options) -> Path:
    path = folder / name
    frame().to_csv(path, **options)
    return path


def r_default(folder: Path) -> Path:
    """As write.table(x, file) of R writes: blanks, quoted names, no corner."""
    lines = [" ".join(f'"{cell}"' for cell in CELLS)]
    lines += [f'"{gene}" ' + " ".join(map(str, row)) for gene, row in zip(GENES, COUNTS.T, strict=True)]
    path = folder / "table.txt"
    path.write_text("\n".join(lines) + "\n")
    return path


def parquet(folder: Path, index: bool = True) -> Path:
    path = folder / "m.parquet"
    (frame() if index else frame().reset_index(names="gene")).to_parquet(path, index=index)
    return path


def feather(folder: Path) -> Path:
    frame().reset_index(names="gene").to_feather(folder / "m.feather")
    return folder / "m.feather"


FORMATS = {
    "h5ad dense": write_h5ad,
    "h5ad csr": lambda folder: write_h5ad(folder, sp.csr_matrix),
    "h5ad csc": lambda folder: write_h5ad(folder, sp.csc_matrix),
    "h5ad csr array, gzip": lambda folder: write_h5ad(folder, sp.csr_array, compression="gzip"),
    "mtx.gz": write_market,
    "mtx": lambda folder: write_market(folder, suffix=""),
    "mtx with a prefix": lambda folder: write_market(folder, "GSM1_"),
    "mtx of cells x genes": lambda folder: write_market(folder, turned=True),
    "10x folder": lambda folder: write_market(folder).parent,
    "10x h5": write_10x,
    "10x h5 before 3.0": lambda folder: write_10x(folder, old=True),
    "loom": write_loom,
    "parquet, names in the index": parquet,
    "parquet, names in a column": lambda folder: parquet(folder, index=False),
    "feather": feather,
    "geo": write_geo,
    "gct": write_gct,
    "exp": write_exp,
    "exp with calls": lambda folder: write_exp(folder, pairs=True),
    "R write.table": r_default,
    "R write.csv": lambda folder: write_r(folder, "m.csv", quoting=2),
    "xls that is text": lambda folder: write_r(folder, "m.xls", sep="\t"),
    "csv.bz2": lambda folder: write_r(folder, "m.csv.bz2"),
}


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS.keys())
def test_read_matrix__same_counts_from_every_format(tmp_path, write):
    path = write(tmp_path)
    data = read_matrix(path)
    assert list(data.var_names) == GENES
    assert list(data.obs_names) == CELLS
    assert data.uns["genenet"]["source"] == path.name
    ready = prepare(data, Prepare(min_samples=4))
    np.testing.assert_array_equal(ready.X, COUNTS)


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS.keys())
def test_prepare__file_can_be_written_and_read(tmp_path, write):
    prepare(read_matrix(write(tmp_path)), Prepare(min_samples=4), ["MYC", "P53"]).write_h5ad(tmp_path / "out.h5ad")
    again = anndata.read_h5ad(tmp_path / "out.h5ad")
    assert list(again.uns["genenet"]["missing_regulators"]) == ["P53"]
    np.testing.assert_array_equal(again.X, COUNTS)


def test_read_matrix__large_tables_of_zeros_are_sparse(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks_module, "MAX_DENSE_BYTES", 50)
    monkeypatch.setattr(blocks_module, "PIECE_BYTES", 80)
    table = pd.DataFrame(np.where(COUNTS.T > 2, COUNTS.T, 0), index=GENES, columns=CELLS)
    table.to_csv(tmp_path / "m.tsv", sep="\t")
    AnnData(table.T.astype(float)).write_h5ad(tmp_path / "m.h5ad")
    for name in ("m.tsv", "m.h5ad"):
        data = read_matrix(tmp_path / name)
        assert sp.issparse(data.X)
        np.testing.assert_array_equal(data.X.toarray(), table.T)


def test_read_matrix__raw_layer_and_name_column_of_h5ad(tmp_path):
    path = write_h5ad(tmp_path)
    np.testing.assert_array_equal(read_matrix(path, Prepare(layer="double")).X, 2 * COUNTS)
    np.testing.assert_array_equal(read_matrix(path, Prepare(use_raw=True)).X, COUNTS)
    renamed = read_matrix(path, Prepare(name_column="gene_ids", obs_query="batch == 'a'"))
    assert list(renamed.var_names) == IDS
    assert list(renamed.var["original_name"]) == GENES
    assert renamed.n_obs == 6
    whole = anndata.read_h5ad(path)
    for settings in (Prepare(layer="double", min_samples=4), Prepare(use_raw=True, min_samples=4)):
        from_file = prepare(read_matrix(path, settings), settings)
        np.testing.assert_array_equal(prepare(whole, settings).X, from_file.X)


def test_read_matrix__10x_by_ids(tmp_path):
    assert list(read_matrix(write_10x(tmp_path), Prepare(name_column="gene_ids")).var_names) == IDS
    assert list(read_matrix(write_market(tmp_path), Prepare(name_column="gene_ids")).var_names) == IDS


def test_read_matrix__loom_layer_and_other_names(tmp_path):
    path = write_loom(tmp_path)
    np.testing.assert_array_equal(read_matrix(path, Prepare(layer="spliced")).X, 2 * COUNTS)
    data = read_matrix(path, Prepare(name_column="Accession", obs_query="ClusterID == 1"))
    assert list(data.var_names) == IDS
    assert list(data.obs_names) == CELLS[1::2]


def test_read_matrix__what_files_tell_about_samples_and_genes(tmp_path):
    geo = read_matrix(write_geo(tmp_path), Prepare(obs_query="tissue == 'liver'"))
    assert list(geo.obs["title"]) == ["title 1", "title 3", "title 5", "title 7"]
    for path in (write_gct(tmp_path), write_exp(tmp_path)):
        data = read_matrix(path)
        column = data.var.columns[0]
        assert list(data.var[column]) == [f"about {gene}" for gene in GENES]
        assert read_matrix(path, Prepare(name_column=column)).var_names[0] == "about ACTB"


def test_read_matrix__geo_with_odd_bytes_above_the_table_and_missing_values(tmp_path):
    path = tmp_path / "GSE1_series_matrix.txt"
    text = gzip.decompress(write_geo(tmp_path).read_bytes()).decode()
    path.write_bytes(text.replace("of nobody", "of André").replace('"MYC"\t1', '"MYC"\t').encode("latin1"))
    whole, gap = read_matrix(write_geo(tmp_path)).X, read_matrix(path).X
    assert np.isnan(gap).sum() == text.count('"MYC"\t1')
    np.testing.assert_array_equal(np.where(np.isnan(gap), whole, gap), whole)
    path.write_bytes(text.replace("of nobody", "of André").replace('"MYC"\t', '"MYC"\t ').encode("latin1"))
    np.testing.assert_array_equal(read_matrix(path).X, whole)


def test_read_matrix__geo_data_set(tmp_path):
    table = frame().reset_index(names="ID_REF")
    table.insert(1, "IDENTIFIER", [f"symbol {gene}" for gene in GENES])
    head = "^DATABASE = Geo\n!Database_name = Gene Expression Omnibus\n#GSM1 = a\n!dataset_table_begin\n"
    path = tmp_path / "GDS1.soft"
    path.write_text(f"{head}{table.to_csv(sep=chr(9), index=False)}!dataset_table_end\n")
    data = read_matrix(path, Prepare(name_column="IDENTIFIER"))
    np.testing.assert_array_equal(data.X, COUNTS)
    assert list(data.var_names) == [f"symbol {gene}" for gene in GENES]
    assert list(data.var["original_name"]) == GENES


def test_read_matrix__annotation_columns(tmp_path):
    table = frame()
    table.insert(0, "Chr", "chr1")
    table.insert(1, "Length", 1000)
    table.to_csv(tmp_path / "m.tsv", sep="\t")
    gaps = table.assign(Chr=["chr1", None, "chr1", "chr1", None, "chr2"])
    gaps.reset_index(names="gene").to_parquet(tmp_path / "m.parquet", index=False)
    settings = Prepare(annotation_columns=("Chr", "Length"))
    for name in ("m.tsv", "m.parquet"):
        data = read_matrix(tmp_path / name, settings)
        np.testing.assert_array_equal(data.X, COUNTS)
        assert [str(length) for length in data.var["Length"]] == ["1000"] * 6
        prepare(data, Prepare(min_samples=4)).write_h5ad(tmp_path / "out.h5ad")
    samples = frame().T.assign(batch=["a", "b", "a"] * 3)
    samples.to_csv(tmp_path / "samples.csv")
    turned = Prepare(orientation="samples_by_genes", annotation_columns=("batch",), obs_query="batch == 'b'")
    np.testing.assert_array_equal(read_matrix(tmp_path / "samples.csv", turned).X, COUNTS[1::3])


def test_prepare__only_genes_of_a_10x_file(tmp_path, caplog):
    path = write_10x(tmp_path)
    with h5py.File(path, "a") as file:
        file["matrix/features/feature_type"][2:3] = np.array([b"Antibody Captu"])
    ready = prepare(read_matrix(path), Prepare(min_samples=4))
    assert list(ready.var_names) == [gene for gene in GENES if gene != "NA"]
    assert caplog.messages[:1] == ["dropped 1 of 6 genes (feature type is not Gene Expression): NA"]


def test_read_matrix__real_sparse_counts(shared_data):
    data = read_matrix(shared_data / "real_intestine_RaceID")
    assert data.shape == (431, 20268)
    oracle = scipy.io.mmread(shared_data / "real_intestine_RaceID" / "matrix.mtx.gz").toarray()
    np.testing.assert_array_equal(data.X.toarray(), oracle.T)


def test_prepare__samples_without_counts_follow_the_policy_for_missing(shared_data):
    data = read_matrix(shared_data / "real_intestine_RaceID")
    with pytest.raises(InputError) as caught:
        prepare(data, Prepare(normalisation="log1p_cp10k"))
    assert str(caught.value) == (
        "1 sample without any counts (I5d_94) cannot be normalised; "
        "set prepare.missing: drop_samples, or remove them from the input"
    )
    settings = Prepare(normalisation="log1p_cp10k", missing="drop_samples", min_detection_rate=0.1)
    ready = prepare(data, settings)
    assert ready.uns["genenet"]["dropped_samples"].to_dict("list") == {"sample": ["I5d_94"], "reason": ["no counts"]}
    kept = data[data.obs_names != "I5d_94", ready.var_names]
    totals = data[data.obs_names != "I5d_94"].X.sum(axis=1)
    expected = np.log1p(kept.X.toarray() / np.asarray(totals) * 1e4)
    np.testing.assert_allclose(ready.X, expected, rtol=1e-14)
