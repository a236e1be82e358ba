"""Files as people bring them, made up here: each stands for a whole kind."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd

GENES = re.findall(
    r"\S+",
    """
    TP53 MYC JUN FOS SOX2 GATA1 STAT3 E2F1 ACTB GAPDH SEPTIN1 MARCHF1 HLA-A H2-K1 RPL13A NKX2-1 EGFR KRAS BRCA1 CDK4
    CCND1 MDM2 CDKN1A BAX IL6 TNF CD4 CD8A PTPRC ALB
    """,
)
SAMPLES = [f"S{number:02d}" for number in range(1, 41)]
RNG = np.random.default_rng(5)
LOGS = pd.DataFrame(RNG.normal(6, 1.5, (30, 40)).round(3), index=GENES, columns=SAMPLES).rename_axis("gene")
COUNTS = pd.DataFrame(RNG.poisson(20, (30, 40)) * RNG.integers(1, 9, 40), index=GENES, columns=SAMPLES)
COUNTS = COUNTS.rename_axis("gene")
LINES = [f"ACH-{number:06d}" for number in range(1, 41)]
JOINED = [f"{gene} ({1000 + number})" for number, gene in enumerate(GENES)]

Maker = Callable[[Path], None]


def text(content: str, encoding: str = "utf-8") -> Maker:
    """A file of this text."""
    return lambda path: path.write_bytes(content.encode(encoding)) and None


def table(frame: pd.DataFrame, separator: str = "\t", **options: object) -> Maker:
    """A file of this table."""
    return text(frame.to_csv(sep=separator, **options))  # type: ignore[call-overload]


def with_columns(frame: pd.DataFrame, **columns: object) -> pd.DataFrame:
    """Columns before the others."""
    return pd.concat([pd.DataFrame(columns, index=frame.index), frame], axis=1)


def lines(frame: pd.DataFrame, separator: str = "\t") -> list[str]:
    """Lines of a table."""
    return frame.to_csv(sep=separator).splitlines()


def features(**columns: object) -> pd.DataFrame:
    """A table of counts with columns before it, as featureCounts writes it."""
    return with_columns(COUNTS, **columns).rename_axis("Geneid")


def gct(version: str, sizes: str, frame: pd.DataFrame) -> Maker:
    """A GCT file."""
    return text("\n".join([f"#{version}", sizes, *lines(frame)]) + "\n")


def loom(path: Path) -> None:
    """A file of pySCENIC: attributes of compound type, others two-dimensional."""
    with h5py.File(path, "w") as file:
        file["matrix"] = LOGS.to_numpy()
        file["row_attrs/Gene"], file["col_attrs/CellID"] = GENES, SAMPLES
        file["col_attrs/RegulonsAUC"] = np.zeros(40, [("TP53(+)", "f4"), ("MYC(+)", "f4")])
        file["col_attrs/Embedding"] = np.zeros((40, 2))
        file["col_attrs/ClusterID"] = np.arange(40) % 3


def loom_of_other_names(path: Path) -> None:
    """A loom file whose only texts have names of their own."""
    with h5py.File(path, "w") as file:
        file["matrix"] = LOGS.to_numpy()
        file["row_attrs/feature"], file["col_attrs/spot"] = GENES, SAMPLES
        file["row_attrs/length"] = np.arange(30)


def mudata(*names: str) -> Maker:
    """An .h5mu file of these modalities."""

    def make(path: Path) -> None:
        with h5py.File(path, "w") as file:
            file.attrs["encoding-type"] = "MuData"
            file.create_group("mod")
            for name in names:
                data = anndata.AnnData(LOGS.T.to_numpy() + len(name), obs=pd.DataFrame(index=SAMPLES))
                data.var_names = GENES
                anndata.io.write_elem(file, f"mod/{name}", data)
            for axis in ("obs", "var"):
                anndata.io.write_elem(file, axis, pd.DataFrame(index=["x"]))

    return make


def old_anndata(path: Path) -> None:
    """AnnData 0.6: compound tables, and a category of one number, which was written as a scalar."""
    with h5py.File(path, "w") as file:
        file["X"] = LOGS.T.to_numpy()
        obs = np.zeros(40, [("index", "S10"), ("single", "i1"), ("kind", "i1")])
        obs["index"], obs["kind"] = [name.encode() for name in SAMPLES], np.arange(40) % 2
        file["obs"] = obs
        file["var"] = np.array([(name.encode(),) for name in GENES], [("index", "S10")])
        file["uns/single_categories"] = 3.0
        file["uns/kind_categories"] = np.array([b"a", b"b"])


def raw_only(path: Path) -> None:
    """AnnData with raw values and without X."""
    data = anndata.AnnData(LOGS.T.to_numpy(), obs=pd.DataFrame(index=SAMPLES), var=pd.DataFrame(index=GENES))
    data.raw = data.copy()
    data.X = None
    data.write_h5ad(path)


def turned_anndata(path: Path) -> None:
    """AnnData with genes for obs."""
    anndata.AnnData(LOGS.to_numpy(), pd.DataFrame(index=GENES), pd.DataFrame(index=SAMPLES)).write_h5ad(path)


def protein_groups(path: Path) -> None:
    """The table that MaxQuant writes: several quantities, annotation, and flags of decoys and contaminants."""
    ids = [f"P{number}" for number in range(10000, 10030)]
    front = pd.DataFrame({"Protein IDs": ids, "Gene names": GENES, "Peptide counts (all)": "3;2"})
    values = (LOGS * 100).round(0).reset_index(drop=True)
    blocks = [values.add_prefix(f"{kind} ") // 7 for kind in ("Peptides", "Unique peptides", "Intensity")]
    coverage = values.set_axis([f"Sequence coverage {name} [%]" for name in SAMPLES], axis=1)
    flags = {"Reverse": 2, "Potential contaminant": 5}
    behind = pd.DataFrame({flag: ["+" if row == place else "" for row in range(30)] for flag, place in flags.items()})
    parts = [front, *blocks, coverage, values.add_prefix("LFQ intensity "), behind.assign(Score=323.31)]
    pd.concat(parts, axis=1).to_csv(path, sep="\t", index=False)


def combined_protein(path: Path) -> None:
    """The table that FragPipe writes: several quantities with the samples before them."""
    front = pd.DataFrame({"Protein": [f"sp|P{number}|X" for number in range(10000, 10030)], "Gene": GENES})
    kinds = ("Spectral Count", "Intensity", "MaxLFQ Intensity")
    values = LOGS.reset_index(drop=True)
    pd.concat([front, *(values.add_suffix(f" {kind}") for kind in kinds)], axis=1).to_csv(path, sep="\t", index=False)


def zipped(*names: str, content: str = "x") -> Maker:
    """A zip archive of files with this content."""

    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, content)

    return make
