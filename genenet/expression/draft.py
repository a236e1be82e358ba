"""The matrix while `prepare` works on it, with a record of the genes and samples dropped, and why."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.config.sections import FindingKind, Prepare
from genenet.errors import count, logger_of, quote_some
from genenet.expression.gene_statistics import as_float64
from genenet.readers.bare import BareMatrix, MatrixLike, bare
from genenet.readers.findings import Finding, Weight, judged, refuse, tell, to_frame
from genenet.readers.findings import from_frame as findings_of
from genenet.readers.matrix import load_bare
from genenet.readers.orientation import how_to_turn
from genenet.readers.select import KEPT
from genenet.readers.sparse_pieces import Matrix, fits_dense, is_sparse, row_by_row

logger = logger_of(__name__)


@dataclass
class Draft:
    """An expression matrix that `prepare` works on."""

    values: Matrix  # (n_samples, n_genes)
    obs: pd.DataFrame
    var: pd.DataFrame
    note: dict[str, Any]  # becomes uns["genenet"]
    how_to_turn: str  # advice in messages about a transposed matrix
    dropped: list[tuple[str, str]] = field(default_factory=list)  # gene, reason
    dropped_samples: list[tuple[str, str]] = field(default_factory=list)  # sample, reason
    findings: list[Finding] = field(default_factory=list)
    accept: tuple[FindingKind, ...] = ()
    strict: bool = False

    def find(self, weight: Weight, kind: FindingKind, message: str) -> None:
        """Keep a finding and say it; stop if the settings refuse it."""
        self.take([Finding(weight, kind, message)])

    def take(self, found: Iterable[Finding]) -> None:
        """Keep findings and say them; stop, with one message for all, at those that the settings refuse."""
        found = judged(found, self.accept, strict=self.strict)
        self.findings += found
        tell(found)
        refuse(found)

    @property
    def is_frame(self) -> bool:
        """Whether the matrix was a DataFrame."""
        return "orientation" in self.note and not self.note["source"]

    @property
    def n_genes(self) -> int:
        """Number of genes that are left."""
        return len(self.var)

    @property
    def n_samples(self) -> int:
        """Number of samples that are left."""
        return len(self.obs)

    def keep_genes(self, keep: NDArray[np.bool_], reason: str, *, level: int = logging.INFO) -> None:
        """Drop the other genes and remember them."""
        if keep.all():
            return
        gone = list(self.var.index[~keep])
        self.tell(level, gone, count(len(keep), "gene"), reason)
        self.dropped += [(name, reason) for name in gone]
        self.values, self.var = self.values[:, keep], self.var[keep]

    def keep_samples(self, keep: NDArray[np.bool_], reason: str) -> None:
        """Drop the other samples and remember them."""
        if keep.all():
            return
        gone = list(self.obs.index[~keep])
        self.tell(logging.WARNING, gone, count(len(keep), "sample"), reason)
        self.dropped_samples += [(name, reason) for name in gone]
        self.values, self.obs = self.values[keep], self.obs[keep]

    def tell(self, level: int, gone: Sequence[str], of: str, reason: str) -> None:
        """Log what is dropped."""
        logger.log(
            level,
            "dropped %s of %s (%s): %s",
            f"{len(gone):,}",
            of,
            reason,
            quote_some([name or "''" for name in gone]),
        )

    def reasons(self) -> str:
        """List why genes were dropped."""
        times = pd.Series([reason for _, reason in self.dropped], dtype=object).value_counts(sort=False)
        return ", ".join(f"{n:,} for {reason}" for reason, n in times.items())

    def finish(self) -> BareMatrix:
        """Make the matrix that the next steps read; dense values stay side by side gene by gene, if they are so."""
        values: Any = self.values
        if is_sparse(values):
            values = values.toarray(order="C") if fits_dense(values.shape) else values.tocsc()
        if isinstance(values, np.ndarray) and not values.T.flags.c_contiguous:
            values = row_by_row(values)
        note = self.note | {
            "dropped": pd.DataFrame(self.dropped, columns=["gene", "reason"], dtype=object),
            "dropped_samples": pd.DataFrame(self.dropped_samples, columns=["sample", "reason"], dtype=object),
            "findings": to_frame(self.findings),
        }
        obs, var = (_writable(frame, str(self.note.get("source", ""))) for frame in (self.obs, self.var))
        return bare(values, obs, var, note)


def _writable(frame: pd.DataFrame, source: str) -> pd.DataFrame:
    """Rename what .h5ad cannot hold: an index named as a column, and slashes, which would make groups in the file."""
    names = {name: str(name).replace("/", "|") for name in frame.columns if "/" in str(name)}
    if names:
        logger.info("%s: columns named with | for /: %s", source or "the matrix", quote_some(list(names.values())))
    return frame.rename(columns=names).rename_axis(index=None)


def start(data: "MatrixLike | pd.DataFrame", settings: Prepare) -> Draft:
    """Make a draft of the part of the input that the settings select; the input is not changed."""
    data = load_bare(data, settings)
    note = {"source": "", "missing_regulators": np.array([], dtype=object), **data.uns["genenet"]}
    values = as_float64(data.X, data.obs_names, data.var_names)
    found = findings_of(note.pop("findings", None))
    kept = [
        *KEPT,
        "missing_regulators",
        "layer",
        "use_raw",
        "obs_query",
        "var_query",
        "name_column",
        "group_by",
        "group",
    ]
    kept += ["name_separator", "name_part", "sample_column"]
    kept_note = {key: note[key] for key in kept if key in note}
    return Draft(
        values, data.obs, data.var, kept_note, how_to_turn(note),
        findings=found, accept=settings.accept, strict=settings.strict,
    )  # fmt: skip
