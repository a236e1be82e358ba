"""Settings: the one source of every default, bound, unit and help text.

The YAML file, the JSON schema, the command line's options and the keywords of `infer_network` are all made from the models
below. A key is spelled the same everywhere: `discretise.n_bins` in YAML is `--n-bins` on the command line and `n_bins=` in
Python. Two sections have a key `method`; outside of YAML these are `discretise_method` and `prune_method`.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from genenet.errors import ConfigError, suggest

Orientation = Literal["genes_by_samples", "samples_by_genes"]
MissingPolicy = Literal["error", "drop_genes", "drop_samples"]
DiscretiseMethod = Literal["bspline", "equal_frequency", "equal_width", "codes"]
Coordinate = Literal["rank", "normal_score", "value"]
Correction = Literal["bh", "by", "bonferroni", "none"]
PruneMethod = Literal["dpi", "none"]
Format = Literal["graphml", "cyjs", "tsv", "h5ad"]

FORMATS: tuple[Format, ...] = get_args(Format)
MAX_BINS = 64


class Section(BaseModel):
    """Settings of one step: frozen, no unknown keys, no silent conversion of types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Prepare(Section):
    """Read the matrix and check it."""

    orientation: Orientation = Field(
        "genes_by_samples",
        description="What the rows and columns of a text matrix are. AnnData files are always samples x genes.",
    )
    layer: str | None = Field(None, description="Layer of an .h5ad file to use; empty means X.")
    obs_query: str | None = Field(
        None,
        description="Use only the samples of an .h5ad file that fulfil this pandas query on obs, e.g. cell_type == 'B'.",
    )
    missing: MissingPolicy = Field(
        "error", description="What to do about NaN and infinite values: stop, or drop the genes or the samples with any."
    )
    min_samples: int = Field(20, ge=4, description="Refuse a matrix with fewer samples than this.")
    min_variance: float | None = Field(
        None,
        ge=0,
        description="Drop genes whose variance is not above this (0 drops constant genes); empty makes a constant gene an error.",
    )


class Discretise(Section):
    """Put each gene's samples into bins."""

    method: DiscretiseMethod = Field(
        "bspline",
        description="Soft bins (bspline), hard bins (equal_frequency, equal_width), or values that are bin codes already (codes).",
    )
    n_bins: int = Field(6, ge=2, le=MAX_BINS, description="Number of bins a gene; ignored by codes, which brings its own.")
    order: int = Field(
        4, ge=1, le=16, description="Order of the B-splines: how many bins one sample spreads over; 1 to n_bins. Used by bspline only."
    )
    coordinate: tuple[Coordinate, ...] = Field(
        ("rank", "value"),
        min_length=1,
        strict=False,
        description="What a sample's position is made of, as the mean of these; used by bspline only. [rank] alone makes the"
        " result the same under any monotone transform of a gene.",
    )

    @model_validator(mode="after")
    def _order_fits(self) -> Self:
        if self.method == "bspline" and self.order > self.n_bins:
            raise ValueError(f"order must be at most n_bins ({self.n_bins}), got {self.order}")
        if len(set(self.coordinate)) != len(self.coordinate):
            raise ValueError(f"coordinate names a component twice: {', '.join(self.coordinate)}")
        return self


class Permutation(Section):
    """The null distribution, from permuted samples."""

    n_draws: int = Field(
        1_000_000,
        ge=1_000,
        le=1_000_000_000,
        description="Number of draws of the null; its resolution is 1 / (1 + n_draws). Cost like as many pairs.",
    )
    extrapolate: bool = Field(
        True,
        description="Continue p-values below the resolution by the Pearson III tail (labelled extrapolated); false keeps them at it.",
    )


class Information(Section):
    """Mutual information of all pairs."""

    n_blocks: int = Field(
        1, ge=1, le=10_000, description="Number of pieces that the pairs are cut into; each can be a job of its own."
    )


class Significance(Section):
    """From p-values to edges."""

    alpha: float = Field(
        0.05, gt=0, le=1, description="Largest adjusted p-value of an edge (largest raw p-value with correction none)."
    )
    correction: Correction = Field(
        "bh", description="Correction for multiple testing: Benjamini-Hochberg, Benjamini-Yekutieli, Bonferroni, or none."
    )
    min_mi: float = Field(0.0, ge=0, description="Smallest mutual information of an edge, in bits.")


class Prune(Section):
    """Remove indirect edges."""

    method: PruneMethod = Field("dpi", description="ARACNE's data processing inequality (dpi), or keep every significant edge (none).")
    tolerance: float = Field(
        0.15,
        ge=0,
        le=1,
        description="An edge is indirect when mi_ij < min(mi_ik, mi_jk) * (1 - tolerance); 0 prunes most, 1 nothing.",
    )
    epsilon: float | None = Field(
        None,
        ge=0,
        description="In bits; if given, an edge is indirect when mi_ij < min(mi_ik, mi_jk) - epsilon, and tolerance is not used.",
    )
    protect_regulators: bool = Field(False, description="With regulators: never prune an edge between two of them.")
    max_edges: int | None = Field(None, ge=1, description="Keep only this many edges, the strongest; empty means all.")
    max_pruned: int = Field(
        5_000_000, ge=0, description="Write at most this many removed edges, the strongest, to pruned.parquet."
    )


class Network(Section):
    """The graph."""

    isolated: bool = Field(False, description="Keep genes without an edge as nodes of the graph.")


class Export(Section):
    """Files for other programs."""

    formats: tuple[Format, ...] = Field(FORMATS, strict=False, description="Which files to write under export/.")


class Settings(Section):
    """All settings of a run."""

    seed: int = Field(0, ge=0, le=2**32 - 1, description="Seed of every random number.")
    prepare: Prepare = Prepare()
    discretise: Discretise = Discretise()
    permutation: Permutation = Permutation()
    information: Information = Information()
    significance: Significance = Significance()
    prune: Prune = Prune()
    network: Network = Network()
    export: Export = Export()
