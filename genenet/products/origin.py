"""Of which run something is: fingerprints of all that it was made from, and the one rule by which runs are told apart.

Every step hands on the fingerprints of what it was given, with one of its own. What is given to a command or function
together must agree in every fingerprint that it has.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations, zip_longest
from typing import TYPE_CHECKING, Any

from genenet.config.keys import text_of
from genenet.digests import digest
from genenet.errors import InputError, logger_of, quote_some, shorten

if TYPE_CHECKING:
    import pandas as pd

logger = logger_of("genenet")

ADVICE = "give the files of one run"
KINDS = ("samples", "matrix", "strata", "bins", "null", "edges", "pruned")
"""What has a fingerprint, in the order of the data path: what comes later was made from what comes before."""
THINGS = {
    "samples": "samples",
    "matrix": "matrix",
    "strata": "strata",
    "bins": "bins",
    "null": "null distribution",
    "edges": "significant edges",
    "pruned": "kept edges",
}
DIFFERENCES = {
    "samples": "their samples are not the same",
    "matrix": "their matrices differ, in values, in the order of samples, in regulators or targets",
    "strata": "their strata differ, by prepare.strata, prepare.small_strata or the attributes of samples",
    "bins": "their bins differ, by the matrix or the settings of discretise, information or prepare.strata",
    "null": "their null distributions differ, by the settings of permutation or the seed",
    "edges": "their significant edges differ, by the settings of significance",
    "pruned": "their kept edges differ, by the settings of prune or stability",
}
ATTRIBUTE = "genenet"
"""Key of the fingerprints among the attributes of an edges table (`pandas.DataFrame.attrs`)."""
CHOSEN = "chosen"
"""Key, among settings, of the names of those that were left open, for which `auto` chose the value that is there."""
FINGERPRINT = "fingerprint"
"""Attribute of a graph with the fingerprint of the kept edges that it was made of."""


@dataclass(frozen=True)
class Origin:
    """Of which run a file or an object is.

    Attributes
    ----------
    kind
        The last of `KINDS` that something has; empty for what may be of no run at all.
    fingerprints
        Those that are known, by kind.
    genes, samples
        Names of all genes, or of all samples, if they are known.
    n_genes
        Number of genes, if it is known.
    """

    kind: str
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    genes: Collection[Any] | None = field(default=None, repr=False)
    samples: Collection[Any] | None = field(default=None, repr=False)
    n_genes: int | None = None

    @classmethod
    def of(
        cls, kind: str, given: object, genes: Collection[Any] | None = None, *, n_genes: int | None = None
    ) -> "Origin":
        """Take the fingerprints of a file's metadata, as far as they are there: earlier versions wrote none."""
        entries = given if isinstance(given, Mapping) else {}
        known = {name: str(entries[name]) for name in KINDS if entries.get(name)}
        return cls(kind, known, genes, n_genes=n_genes if genes is None else len(genes))

    def then(self, kind: str, content: Iterable[object]) -> "Origin":
        """Make the origin of what a step makes of this one: with a fingerprint of it, unless this one is not known.

        Examples
        --------
        >>> Origin("bins", {"bins": "9f86d081884c7d65"}).then("null", [b"0.1"]).fingerprints["null"]
        '5204f36509abaa49'
        """
        if self.kind not in self.fingerprints:
            return replace(self, kind=kind)
        found = digest([self.fingerprints[self.kind], *content])
        return replace(self, kind=kind, fingerprints={**self.fingerprints, kind: found})


def fingerprint_of_samples(names: Iterable[Any]) -> str:
    """Fingerprint of samples by their names, in any order.

    Examples
    --------
    >>> fingerprint_of_samples(["s1", "s2"]) == fingerprint_of_samples(["s2", "s1"])
    True
    """
    return digest([json.dumps(sorted(map(str, names)))])


def origin_of_table(edges: "pd.DataFrame") -> Origin:
    """Read of which run an edges table is; the table of another program is of none."""
    known = edges.attrs.get(ATTRIBUTE)
    if not known:
        return Origin("")
    genes = getattr(edges["gene_a"].dtype, "categories", None) if "gene_a" in edges else None
    return Origin.of("pruned", known, genes)


def put_origin(edges: "pd.DataFrame", origin: Origin) -> None:
    """Note in an edges table of which run it is; tables that are made of it keep the note."""
    edges.attrs = {name: value for name, value in edges.attrs.items() if name != ATTRIBUTE}
    if origin.fingerprints:
        edges.attrs[ATTRIBUTE] = dict(origin.fingerprints)


def with_fingerprint(table: "pd.DataFrame", edges: "pd.DataFrame") -> "pd.DataFrame":
    """Add the fingerprint of the kept edges that a table was made of, as the column `fingerprint` of a text file.

    Text has no other place in which programs that read tables would not stumble over it.

    Parameters
    ----------
    table
        The table, as it is written to confounding.tsv or anomalies.tsv.
    edges
        The edges table.

    Examples
    --------
    >>> import pandas as pd
    >>> edges = pd.DataFrame({"gene_a": ["A"], "gene_b": ["B"]})
    >>> put_origin(edges, Origin("pruned", {"pruned": "9f86d081884c7d65"}))
    >>> with_fingerprint(pd.DataFrame({"sample": ["s1", "s2"]}), edges)["fingerprint"].tolist()
    ['9f86d081884c7d65', '9f86d081884c7d65']
    """
    return table.assign(**{FINGERPRINT: origin_of_table(edges).fingerprints.get("pruned", "")})


def check_one_run(given: Mapping[Any, Origin], *, warn: bool = True) -> None:
    """Refuse files or objects that are of different runs; warn of one that does not say of which run it is.

    Parameters
    ----------
    given
        The origin of each, by the name of the file, or in words. A message says that the earlier of two is of another
        run.
    warn
        Whether to warn of a file that does not say of which run it is.

    Raises
    ------
    InputError
        If two of them differ in the names or number of genes or samples, or in a fingerprint. The message says in
        which: the first one in the order of the data path.

    Examples
    --------
    >>> edges = Origin("edges", {"null": "9f86d081884c7d65", "edges": "60303ae22b998861"})
    >>> check_one_run({"edges.parquet": edges, "null.npz": Origin("null", {"null": "fd61a03af4f77d87"})})
    Traceback (most recent call last):
    genenet.errors.InputError: edges.parquet is of another run than null.npz: their null distributions differ, by the \
settings of permutation or the seed; give the files of one run
    """
    told: set[Any] = set()
    for (name, one), (other_name, other) in combinations(given.items(), 2):
        difference = _difference(one, other)
        if difference:
            raise InputError(f"{name} is of another run than {other_name}: {difference}; {ADVICE}")
        for mine, file, theirs in ((one, name, other_name), (other, other_name, name)):
            common = _last_common(one, other)
            if warn and common and common not in mine.fingerprints and file not in told:
                told.add(file)
                logger.warning(
                    "%s does not say of which %s it is, as files of earlier versions of genenet do not: whether it is"
                    " of the same run as %s is not known; make it again",
                    file, THINGS[common], theirs,
                )  # fmt: skip


def check_settings(name: Any, made: Mapping[str, Any], given: Mapping[str, Any], section: str = "") -> None:
    """Refuse settings other than those that a file was made with.

    Parameters
    ----------
    name
        Name of the file.
    made
        What it says of the settings that it was made with.
    given
        The settings now; those of which the file says nothing are not compared. Both may have `CHOSEN`.
    section
        The section that they are of; none for `seed`.

    Raises
    ------
    InputError
        If one differs.

    Examples
    --------
    >>> check_settings("edges.parquet", {"alpha": 0.01}, {"alpha": 0.01, "min_mi": 0.0}, "significance")
    """
    for key, value in given.items():
        if key != CHOSEN and key in made and made[key] != value:
            before, now = (_setting_of(each, key) for each in (made, given))
            dotted = f"{section}.{key}" if section else key
            raise InputError(
                f"{name} was made with {dotted} {before}, and is given with {now}; give the settings of its run"
            )


def _setting_of(settings: Mapping[str, Any], key: str) -> str:
    """Write the value of a setting, and say so if it is what `auto` chose."""
    value = shorten(text_of(settings[key]), quoted=False) or "empty"
    return f"{value} (chosen by auto)" if key in settings.get(CHOSEN, ()) else value


def _last_common(one: Origin, other: Origin) -> str:
    """The last kind of fingerprint that both should have; empty if one of them may be of no run."""
    if not one.kind or not other.kind:
        return ""
    return KINDS[min(KINDS.index(one.kind), KINDS.index(other.kind))]


def _difference(one: Origin, other: Origin) -> str:
    """Say in what two differ; empty if nothing is known in which they do."""
    common = _last_common(one, other)
    if common and one.fingerprints.get(common, "") == other.fingerprints.get(common) != "":
        return ""
    for what in ("genes", "samples"):
        names = getattr(one, what), getattr(other, what)
        if not any(known is None for known in names) and (found := difference_of_names(what, *names)):
            return found
    if one.n_genes is not None and other.n_genes is not None and one.n_genes != other.n_genes:
        return f"it is of {one.n_genes:,} genes and not of {other.n_genes:,}"
    known = (kind for kind in KINDS if {kind} <= one.fingerprints.keys() & other.fingerprints.keys())
    return next((DIFFERENCES[kind] for kind in known if one.fingerprints[kind] != other.fingerprints[kind]), "")


def difference_of_names(kind: str, names: Iterable[Any], others: Iterable[Any]) -> str:
    """Say which names are missing there or are there only, or that their order differs; empty if they are the same.

    Examples
    --------
    >>> difference_of_names("genes", ["A", "B"], ["A", "C"])
    'its genes are not the same: 1 of 2 not there (B) and 1 there only (C)'
    >>> difference_of_names("genes", ["A", "B"], ["B", "A"])
    'its genes are there in another order (the first that differs is A and B)'
    """
    ours, theirs = [*map(str, names)], [*map(str, others)]
    if ours == theirs:
        return ""
    missing, more = (
        [name for name in dict.fromkeys(some) if name not in there]
        for some, there in ((ours, {*theirs}), (theirs, {*ours}))
    )
    first = next(pair for pair in zip_longest(ours, theirs, fillvalue="none") if pair[0] != pair[1])
    differs = f"the first that differs is {quote_some(first[:1])} and {quote_some(first[1:])}"
    if not missing and not more and len(ours) == len(theirs):
        return f"its {kind} are there in another order ({differs})"
    if len(missing) == len({*ours}) or not (missing or more):
        return f"its {kind} are not the same ({len(ours):,} and {len(theirs):,}, {differs})"
    lacks = f"{len(missing):,} of {len(ours):,} not there ({quote_some(missing, 3)})" if missing else ""
    has = f"{len(more):,} there only ({quote_some(more, 3)})" if more else ""
    return f"its {kind} are not the same: {' and '.join(filter(None, (lacks, has)))}"
