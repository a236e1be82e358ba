"""Settings: the one source of every default, bound, unit and help text.

The YAML file, the JSON schema, the command line's options and the keywords of `infer_network` are all made from the
models below. A key is spelled the same everywhere: `discretise.n_bins` in YAML is `--n-bins` on the command line and
`n_bins=` in Python. Two sections have a key `method`; outside of YAML these are `discretise_method` and
`prune_method`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from genenet.errors import ConfigError, suggest
from genenet.keys import Key, keys_of, text_of

Orientation = Literal["genes_by_samples", "samples_by_genes"]
MissingPolicy = Literal["error", "drop_genes", "drop_samples"]
DuplicatePolicy = Literal["error", "mean", "max_variance", "make_unique"]
Normalisation = Literal["none", "log1p_cp10k"]
DiscretiseMethod = Literal[
    "bspline", "equal_frequency", "equal_width", "kmeans", "bayesian_blocks", "zero_inflated", "codes"
]
BinRule = Literal["sqrt", "cube_root", "freedman_diaconis"]
BlockPrior = Literal["total", "running"]
Coordinate = Literal["rank", "normal_score", "value"]
Correction = Literal["bh", "by", "bonferroni", "none"]
PhenotypeKind = Literal["auto", "discrete", "continuous"]
BiasCorrection = Literal["none", "miller_madow", "shrink", "jeffreys", "laplace", "perks", "minimax"]
Estimator = Literal[
    "plugin",
    "miller_madow",
    "shrink",
    "jeffreys",
    "laplace",
    "perks",
    "minimax",
    "gaussian",
    "ksg",
    "ksg2",
    "adaptive",
]
PruneMethod = Literal["dpi", "mrnet", "mrnetb", "none"]
Score = Literal[
    "mi",
    "clr",
    "clr_stouffer",
    "clr_squared",
    "mrnet",
    "mrnetb",
    "network_deconvolution",
    "puc",
    "pidc",
    "consensus",
]
S = TypeVar("S", bound="Section")
NetworkFormat = Literal["graphml", "cyjs", "tsv", "h5ad", "cx2", "view", "sif", "style", "gexf", "gml", "parquet"]
RegulonFormat = Literal["aracne", "viper", "decoupler", "gmt", "beeline", "dream"]
PairFormat = Literal["ranking", "mi_matrix"]
Format = Literal[NetworkFormat, RegulonFormat, PairFormat]

FORMATS: tuple[Format, ...] = get_args(Format)
MAX_BINS = 64
# Estimators that need no bins of a gene.
CONTINUOUS: tuple[Estimator, ...] = ("gaussian", "ksg", "ksg2", "adaptive")


class Section(BaseModel):
    """Settings of one step: frozen, no unknown keys, no silent conversion of types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Prepare(Section):
    """Read the matrix and check it."""

    orientation: Orientation = Field(
        "genes_by_samples",
        description="What the rows and columns of a text, parquet or feather table are; other files say it themselves.",
    )
    layer: str | None = Field(None, description="Layer of an .h5ad or .loom file to use; empty means the main matrix.")
    use_raw: bool = Field(False, description="Use the raw values (and genes) that an .h5ad file keeps beside X.")
    obs_query: str | None = Field(
        None,
        description="Use only the samples that fulfil this pandas query on what the file tells about them (obs),"
        " for example cell_type == 'B'.",
    )
    name_column: str | None = Field(
        None,
        description="Column of what the file tells about genes (var) that names them, for example gene_ids;"
        " empty means the names of the file.",
    )
    annotation_columns: tuple[str, ...] = Field(
        (),
        strict=False,
        description="Columns of a text, parquet or feather matrix that hold no values, for example Description;"
        " kept as annotation.",
    )
    missing: MissingPolicy = Field(
        "error",
        description="What to do about NaN and infinite values: stop, or drop the genes or the samples with any.",
    )
    duplicates: DuplicatePolicy = Field(
        "error",
        description="What to do about genes of the same name: stop, take the mean, keep the one with the largest"
        " variance, or number them (ACTB, ACTB-1).",
    )
    normalisation: Normalisation = Field(
        "none",
        description="For counts: log1p_cp10k scales each sample to a sum of 10,000 over all its genes and takes the"
        " logarithm of 1 + x.",
    )
    min_samples: int = Field(20, ge=4, description="Refuse a matrix with fewer samples than this.")
    min_detection_rate: float = Field(
        0.0, ge=0, le=1, description="Drop genes with a value that is not 0 in a smaller share of samples than this."
    )
    min_mean: float | None = Field(None, description="Drop genes whose mean is below this; empty drops none.")
    min_variance: float | None = Field(
        None,
        ge=0,
        description="Drop genes whose variance is not above this (0 drops constant genes); empty makes a constant"
        " gene an error.",
    )
    n_top_variable: int | None = Field(
        None,
        ge=2,
        description="Of the genes that are left, use only this many, the most variable; empty uses all.",
    )


class Discretise(Section):
    """Put each gene's samples into bins."""

    method: DiscretiseMethod = Field(
        "bspline",
        description="Soft bins (bspline; zero_inflated for counts, with a bin of their own for zeros), hard bins"
        " (equal_frequency, equal_width, kmeans, bayesian_blocks), or values that are bin codes already (codes).",
    )
    n_bins: Annotated[int, Field(ge=2, le=MAX_BINS)] | BinRule = Field(
        6,
        description="Number of bins of a gene, or a rule that makes it of the number of samples (sqrt, cube_root) or of"
        " the values (freedman_diaconis), one number for all genes. bayesian_blocks and codes bring their own.",
    )
    min_expected: float = Field(
        5.0,
        ge=0,
        description="A rule gives at most as many bins that two independent genes have this many samples in a cell on"
        " average (n_samples / n_bins^2). Not used where n_bins is a number.",
    )
    order: int = Field(
        4,
        ge=1,
        le=16,
        description="Order of the B-splines: how many bins one sample spreads over, at most n_bins; 1 makes hard bins."
        " Used by bspline and zero_inflated only.",
    )
    coordinate: tuple[Coordinate, ...] = Field(
        ("rank", "normal_score", "value"),
        min_length=1,
        strict=False,
        description="What a sample's position is made of, as the mean of these; used by bspline and zero_inflated only."
        " [rank] alone makes the result the same under any monotone transform of a gene.",
    )
    false_alarm: float = Field(
        0.05, gt=0, lt=1, description="Probability of a bin too many; used by bayesian_blocks only."
    )
    block_prior: BlockPrior = Field(
        "total",
        description="Number of samples that sets the price of a Bayesian block: all (total, as the paper and astropy)"
        " or those up to its end (running, as the program of PIDC).",
    )

    @model_validator(mode="after")
    def _order_fits(self) -> Self:
        if isinstance(self.n_bins, int):
            if self.method == "bspline" and self.order > self.n_bins:
                raise ValueError(f"order must be at most n_bins ({self.n_bins}), got {self.order}")
            if self.method == "zero_inflated" and self.order >= self.n_bins:
                raise ValueError(
                    f"order must be less than n_bins ({self.n_bins}) where zeros have a bin, got {self.order}"
                )
        if len(set(self.coordinate)) != len(self.coordinate):
            raise ValueError(f"coordinate names a component twice: {', '.join(self.coordinate)}")
        return self


class Permutation(Section):
    """The null distribution, from permuted samples."""

    n_draws: int | None = Field(
        None,
        ge=1_000,
        le=1_000_000_000,
        description="Number of draws of the null; its resolution is 1 / (1 + n_draws). Empty means 20 a pair tested"
        " (what one significant edge at 0.05 needs), but between 1 and 10 million.",
    )
    extrapolate: bool = Field(
        True,
        description="Continue p-values below the resolution by the Pearson III tail (labelled extrapolated);"
        " false keeps them at it.",
    )


class Information(Section):
    """Mutual information of all pairs."""

    estimator: Estimator = Field(
        "plugin",
        description="From the joint counts of bins: plugin (as they are), or with a correction of the bias"
        " (miller_madow, shrink, jeffreys, laplace, perks, minimax). Without bins, from discretise.coordinate: gaussian"
        " (correlation), ksg and ksg2 (nearest neighbours, algorithms 1 and 2), adaptive (Darbellay-Vajda partitioning,"
        " ranks only).",
    )
    n_neighbours: int = Field(3, ge=1, le=1_000, description="Number of neighbours; used by ksg and ksg2 only.")
    n_blocks: int = Field(
        1, ge=1, le=1_000, description="Number of pieces that the pairs are cut into; each can be a job of its own."
    )


class Significance(Section):
    """From p-values to edges."""

    alpha: float = Field(
        0.05, gt=0, le=1, description="Largest adjusted p-value of an edge (largest raw p-value with correction none)."
    )
    correction: Correction = Field(
        "bh",
        description="Correction for multiple testing: Benjamini-Hochberg, Benjamini-Yekutieli, Bonferroni, or none.",
    )
    min_mi: float = Field(0.0, ge=0, description="Smallest mutual information of an edge, in bits.")


class Prune(Section):
    """Remove indirect edges."""

    method: PruneMethod = Field(
        "dpi",
        description="Remove what ARACNE's data processing inequality calls indirect (dpi), what MRNET or MRNETB select"
        " for neither gene (mrnet, mrnetb), or nothing (none).",
    )
    tolerance: float = Field(
        0.15,
        ge=0,
        le=1,
        description="An edge is indirect when mi_ij < min(mi_ik, mi_jk) * (1 - tolerance); 0 prunes most, 1 nothing.",
    )
    epsilon: float | None = Field(
        None,
        ge=0,
        description="In bits; if given, an edge is indirect when mi_ij < min(mi_ik, mi_jk) - epsilon, and tolerance"
        " is not used.",
    )
    protect_regulators: bool = Field(False, description="With regulators: never prune an edge between two of them.")
    score: Score = Field(
        "clr_squared",
        description="Weight of the edges: mutual information (mi), how far it stands out among that of its two genes"
        " (clr and clr_stouffer as published, clr_squared for the gene where it stands out more), mrnet, mrnetb,"
        " network_deconvolution, puc, pidc, or consensus (of clr_squared and mrnet). All but mi and the clr are for up"
        " to 15,000 genes.",
    )
    max_edges: int | None = Field(
        500_000,
        ge=1,
        description="Keep only this many edges, those of the largest score; empty means all. A graph of a million takes"
        " 1 GB of memory.",
    )
    max_pruned: int = Field(
        5_000_000,
        ge=0,
        description="Write at most this many removed edges, those of the largest score, to pruned.parquet.",
    )


class Network(Section):
    """The graph."""

    isolated: bool = Field(False, description="Keep genes without an edge as nodes of the graph.")


class Export(Section):
    """Files for other programs."""

    formats: tuple[Format, ...] = Field(
        ("cyjs", "tsv", "h5ad"),
        strict=False,
        description="Which files to write under export/. network.graphml is written in any case, beside that folder.",
    )
    view_genes: tuple[str, ...] = Field(
        (),
        strict=False,
        description="With the format view: show the neighbourhood of these genes; empty shows the strongest edges.",
    )
    view_nodes: int = Field(
        200, ge=2, description="With the format view: most genes to show; Cytoscape draws labels of up to 200."
    )


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

    @model_validator(mode="after")
    def _score_has_bins(self) -> Self:
        score, estimator = self.prune.score, self.information.estimator
        if score in ("puc", "pidc") and estimator in CONTINUOUS:
            raise ValueError(
                f"prune.score {score} needs bins, which information.estimator {estimator} has not; use plugin"
            )
        return self


class Associate(Section):
    """Genes against a phenotype; not part of a run's settings."""

    kind: PhenotypeKind = Field(
        "auto",
        description="What the phenotype is; auto takes text and whole numbers of at most 10 different values for"
        " discrete, all other numbers for continuous.",
    )
    n_permutations: int = Field(1_000, ge=100, le=1_000_000, description="Number of permutations of each gene.")


class Simulate(Section):
    """Simulated expression with a known network; not part of a run's settings."""

    n_genes: int = Field(120, ge=4, description="Number of genes, regulators included.")
    n_regulators: int = Field(20, ge=4, description="Number of genes that may regulate others, at most n_genes.")
    n_samples: int = Field(250, ge=1, description="Number of samples.")
    biological_noise: float = Field(
        0.5,
        ge=0,
        le=10,
        description="Standard deviation of what the network does not explain of a level's logarithm; it is passed on to"
        " the gene's targets.",
    )
    measurement_noise: float = Field(
        0.1, ge=0, le=10, description="Standard deviation of the measurement's error, on the logarithm of the level."
    )
    seed: int = Field(0, ge=0, le=2**32 - 1, description="Seed of the network and of all noise.")

    @model_validator(mode="after")
    def _genes_include_regulators(self) -> Self:
        if self.n_regulators > self.n_genes:
            raise ValueError(f"n_regulators must be at most n_genes ({self.n_genes}), got {self.n_regulators}")
        return self


KEYS: dict[str, Key] = {key.dotted: key for key in keys_of(Settings)}
"""Every setting, by its dotted name, in the order of the data path."""

ASSOCIATE_KEYS: dict[str, Key] = {key.name: key for key in keys_of(Associate)}

SIMULATE_KEYS: dict[str, Key] = {key.name: key for key in keys_of(Simulate)}

SECTIONS: tuple[str, ...] = tuple(dict.fromkeys(key.section for key in KEYS.values() if key.section))

_USES = Counter(key.name for key in KEYS.values())


def flat_name(key: Key) -> str:
    """Name of a setting outside of YAML: its own name, behind that of its section if two sections have such a key.

    Examples
    --------
    >>> flat_name(KEYS["discretise.n_bins"]), flat_name(KEYS["prune.method"])
    ('n_bins', 'prune_method')
    """
    return key.name if _USES[key.name] <= 1 or not key.section else f"{key.section}_{key.name}"


KEYWORDS: dict[str, Key] = {flat_name(key): key for key in KEYS.values()}
"""Every setting, by its name as keyword and command line option."""


def settings_from(mapping: Mapping[str, Any], *, base: Settings | None = None, where: str = "") -> Settings:
    """Check a nested mapping, as read from YAML, and fill in what it does not say.

    Parameters
    ----------
    mapping
        Section -> key -> value, and `seed`. A section may be None or absent.
    base
        Settings that the mapping overrides; the defaults if not given.
    where
        Put before the names of keys in messages, for example "datasets.tumour.".

    Raises
    ------
    ConfigError
        If a key is unknown or a value is not allowed.

    Examples
    --------
    >>> settings_from({"discretise": {"n_bins": 8}}).discretise.n_bins
    8
    >>> settings_from({"discretise": {"order": 0}})
    Traceback (most recent call last):
    genenet.errors.ConfigError: discretise.order must be an integer >= 1 and <= 16, got 0
    """
    values = (base or Settings()).model_dump()
    for name, given in mapping.items():
        if name in SECTIONS:
            section = _section(name, given, where)
            values[name] |= {key: _parsed(f"{name}.{key}", value) for key, value in section.items()}
        else:
            values[name] = _parsed(str(name), given)
    return checked(Settings, values, KEYS, where)


def settings_from_keywords(*, base: Settings | None = None, **keywords: Any) -> Settings:
    """Check settings given by their flat names.

    Parameters
    ----------
    base
        Settings that the keywords override; the defaults if not given.
    **keywords
        `seed`, or the key of a section, as `n_bins`; `discretise_method` and `prune_method` for the two keys `method`.

    Raises
    ------
    ConfigError
        If a name is unknown or a value is not allowed.

    Examples
    --------
    >>> settings_from_keywords(n_bins=8, prune_method="none").prune.method
    'none'
    >>> settings_from_keywords(n_bin=8)
    Traceback (most recent call last):
    genenet.errors.ConfigError: unknown setting n_bin; did you mean n_bins?
    """
    nested: dict[str, Any] = {}
    for name, value in keywords.items():
        if name not in KEYWORDS:
            raise ConfigError(_unknown_keyword(name))
        key = KEYWORDS[name]
        if key.section:
            nested.setdefault(key.section, {})[key.name] = value
        else:
            nested[key.name] = value
    return settings_from(nested, base=base)


def checked(model: type[S], values: Mapping[str, Any], keys: Mapping[str, Key], where: str = "") -> S:
    """Make a settings model of values, or say in one line what is wrong with them.

    Parameters
    ----------
    keys
        The keys of the model, by dotted name.
    where
        Put before the names of keys in messages.

    Raises
    ------
    ConfigError
        If a key is unknown or a value is not allowed.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ConfigError("; ".join(dict.fromkeys(_messages(error, keys, where)))) from None


def unknown_key(name: str, known: Iterable[str], where: str = "") -> str:
    """Message about a key that does not exist, with the closest one that does.

    Examples
    --------
    >>> unknown_key("discretise.n_bin", KEYS)
    'unknown key discretise.n_bin; did you mean discretise.n_bins?'
    >>> unknown_key("n_bins", KEYS)
    'unknown key n_bins; did you mean discretise.n_bins?'
    >>> unknown_key("network.foo", KEYS)
    'unknown key network.foo; known are isolated'
    """
    known = list(known)
    section, _, last = name.rpartition(".")
    beside = [key for key in known if key.rpartition(".")[0] == section]
    elsewhere = [key for key in known if key.rpartition(".")[2] == last]
    close = get_close_matches(last, [key.rpartition(".")[2] for key in beside], n=1)
    if close:
        elsewhere = [f"{section}.{close[0]}".lstrip(".")]
    if elsewhere:
        return f"unknown key {where}{name}; did you mean {where}{f' or {where}'.join(elsewhere)}?"
    return f"unknown key {where}{name}; known are {', '.join(key.rpartition('.')[2] for key in beside)}"


def wrong_value(key: Key, value: Any, where: str = "") -> str:
    """Message about a value that a key cannot have.

    Examples
    --------
    >>> wrong_value(KEYS["significance.correction"], "fdr")
    "significance.correction must be one of bh, by, bonferroni, none, got 'fdr'"
    """
    if isinstance(value, tuple):
        value = list(value)
    shown = "nothing" if value is None else text_of(value) if isinstance(value, bool) else repr(value)
    return f"{where}{key.dotted} must be {key.expected}, got {shown}"


def _parsed(dotted: str, value: Any) -> Any:
    return KEYS[dotted].parse(value) if dotted in KEYS else value


def _section(name: str, given: Any, where: str) -> Mapping[str, Any]:
    if given is None:  # a section whose keys are all commented out
        return {}
    if not isinstance(given, Mapping):
        raise ConfigError(f"{where}{name} must hold keys ({name}: with key: value below it), got {given!r}")
    return given


def _messages(error: ValidationError, keys: Mapping[str, Key], where: str) -> Iterable[str]:
    """Say in the words of the models what pydantic found; it has one entry for each bad value."""
    for detail in error.errors():
        # The location goes on into lists: ("discretise", "coordinate", 1).
        parts = [str(part) for part in detail["loc"][:2]]
        dotted = ".".join(parts)
        key = keys.get(dotted) or keys.get(dotted.partition(".")[0])
        if detail["type"] == "extra_forbidden":
            sections = dict.fromkeys(other.section for other in keys.values() if other.section)
            yield unknown_key(dotted, [*keys, *sections] if len(parts) == 1 else keys, where)
        elif key:
            yield wrong_value(key, detail["input"], where)
        else:  # a rule about several keys; its text begins with the key to change
            yield f"{where}{dotted}{'.' if dotted else ''}{detail['ctx']['error']}"


def _unknown_keyword(name: str) -> str:
    """Also help those who write the key alone where two sections have it, or the dotted name with an underscore."""
    meant = [flat for flat, key in KEYWORDS.items() if name in (key.name, f"{key.section}_{key.name}")]
    hint = f"; did you mean {' or '.join(meant)}?" if meant else suggest(name, KEYWORDS)
    return f"unknown setting {name}{hint}"
