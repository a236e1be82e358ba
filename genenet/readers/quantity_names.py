"""Names of quantities of which a table may have one column for each sample: counts, TPM, intensities, statistics."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

MEASURES = re.compile(
    r"(raw |norm(ali[sz]ed)? |est[_. ]?)?counts?|abundances?( \((normali[sz]ed|scaled|grouped)\)| counts?)?"
    r"|(eff(ective)?[_. ]?)?length|tpm|fpkm|rpkm|cpm|numreads|reads"
    r"|umis?|((max)?lfq |reporter |raw |corrected |total |unique |razor )*intensity( corrected)?|ibaq|top3|maxlfq"
    r"|(razor \+ )?(unique )?peptides"
    r"|peak[ _](area|height)"
    r"|ms/ms count|identification type|(unique \+ razor |unique )?sequence coverage( \[%\])?|cov|coverage"
    r"|((razor|unique|total) )?spectral counts?|(PG|EG|PEP|FG)[._](\w+)|expected[_. ]count"
    r"|unstranded|stranded[_ ](first|second)|forward|reverse|sense|antisense|posterior_\w+|isopct"
    r"|conf[_. ](lo|hi)|found in sample"
    r"|(avg_?)?signal|values?|se|sem|spliced|unspliced|ambiguous|ref|alt|ratio|score|pep|expression|log2|z-?score|rma|mas5|beta|m-?value|quality",
    re.IGNORECASE,
)
"""Quantities of which a table may have one column for each sample, beside its values: counts.S1, abundance.S1."""

STATISTICS = re.compile(
    r"p[ ._-]?adj|adj(usted)?[ ._-]?p([ ._-]?val(ue)?)?|[pq][ ._-]?val(ue)?s?|fdr"
    r"|(avg[ ._-]?)?(log2?|l)[ ._-]?fc|lfc[ ._-]?se|(log2?[ ._-]?)?fold[ ._-]?change|std[ ._-]?err(or)?"
    r"|mean|median|average|avg|st_?dev",
    re.IGNORECASE,
)
"""Statistics, which no sample is called: beside such a column, every other one of the sample is a quantity."""


def blocks_of(names: Sequence[str]) -> dict[str, list[str]]:
    """Divide columns into blocks of one quantity each, if each sample has several: the first few and all their names.

    Returns
    -------
    For each quantity the names of its columns, or nothing if there are not several for most samples.

    Examples
    --------
    >>> blocks_of(["counts.S1", "counts.S2", "abundance.S1", "abundance.S2"])
    {'counts': ['counts.S1', 'counts.S2'], 'abundance': ['abundance.S1', 'abundance.S2']}
    >>> list(blocks_of(["a_padj", "a_mine", "b_padj", "b_mine"]))
    ['mine', 'padj']
    >>> blocks_of(["tumour_1", "tumour_2", "normal_1", "normal_2"])
    {}
    """
    found = _quantities(names, _is_quantity, longest=True)
    tests = [set(columns) for word, columns in found.items() if STATISTICS.fullmatch(word) and len(columns) > 1]
    if tests:
        others = _quantities(names, lambda word: word not in found)
        found |= {word: columns for word, columns in others.items() if columns.keys() in tests}
        places = {name: place for place, name in enumerate(names)}
        order = sorted(found, key=lambda word: places[next(iter(found[word].values()))])
        found = {word: found[word] for word in sorted(order, key=lambda word: bool(STATISTICS.fullmatch(word)))}
    large = {quantity: columns for quantity, columns in found.items() if len(columns) > 1}
    # The samples are those of the quantity that shares them with most others.
    largest = max(large.values(), key=lambda one: (_n_alike(one, large.values()), len(one)), default={})
    blocks = {
        quantity: list(columns.values())
        for quantity, columns in large.items()
        if len(columns.keys() & largest.keys()) > len(largest) / 2
    }
    inside = sum(len(columns) for columns in blocks.values())
    return blocks if len(blocks) > 1 and inside > len(names) / 2 else {}


def _n_alike(samples: Mapping[str, str], others: Iterable[Mapping[str, str]]) -> int:
    """Count the quantities that have most of these samples."""
    return sum(len(other.keys() & samples.keys()) > len(samples) / 2 for other in others)


def _is_quantity(word: str) -> bool:
    return bool(MEASURES.fullmatch(word) or STATISTICS.fullmatch(word))


def _quantities(
    names: Iterable[str], is_quantity: Callable[[str], bool], *, longest: bool = False
) -> dict[str, dict[str, str]]:
    """Columns of each quantity by the names of their samples, from the ways to divide a name into these two.

    By `longest`, only the way with the longest quantity counts: MaxLFQ Intensity of S1, not Intensity of S1 MaxLFQ.
    """
    found: dict[str, dict[str, str]] = {}
    for name in names:
        ways = []
        for mark in re.finditer(r"[ ._:|-]+", name):
            before, after = name[: mark.start()], name[mark.end() :]
            ways += [(word, one) for word, one in ((before, after), (after, before)) if one and is_quantity(word)]
        for word, sample in sorted(ways, key=lambda way: -len(way[0]))[: 1 if longest else None]:
            found.setdefault(word, {})[sample] = name
    return found


def quantity_of_all(names: Sequence[str]) -> str:
    """Find the quantity that all these columns are of, if their names tell one, as LFQ intensity.

    Examples
    --------
    >>> quantity_of_all(["S1 Intensity", "S2 Intensity"]), quantity_of_all(["S1", "S2 Intensity"])
    ('Intensity', '')
    """
    found = _quantities(names, _is_quantity, longest=True)
    return next((word for word, columns in found.items() if len(columns) == len(names) > 1), "")


PREFERRED = (
    *(
        "lfq intensity",
        "maxlfq intensity",
        "pg.quantity",
        "pg_quantity",
        "abundances (normalized)",
        "intensity",
        "ibaq",
    ),
    *("value", "values", "mean", "average", "median"),
    *("tpm", "expected_count", "est_counts", "counts", "numreads", "abundance"),
)
"""Quantities that suit a network, the best first."""
FLAGS = {"reverse", "potential contaminant", "contaminant", "only identified by site"}
"""Columns of MaxQuant with a + for proteins that are decoys, contaminants, or not identified by a whole peptide."""
