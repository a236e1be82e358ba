"""Findings in the names of genes and samples: spreadsheets' dates, placeholders, joined names, numbers for names."""

import re
from collections import Counter
from collections.abc import Sequence

from genenet.errors import count, quote_some
from genenet.readers import control_names, known_names, look_alikes, mangled_names, near_names
from genenet.readers.findings import Finding

SHOWN = 5
GENOME = re.compile(r"(GRC[a-z]\d\d|hg\d\d|mm\d\d?|mRatBN\d|rn\d|BDGP\d|Mmul_\d+|Sscrofa\d+)(?:\.p?\d+)?[_-]+\S")
"""Names of assemblies before the names of genes (GRCh38_TP53, mm10___Trp53)."""
FEWEST_TWICE = 3
"""Fewer samples whose names end in .x and .y may be called so."""
SHARE_OF_GENOME = 0.05
"""Smallest share of the genes that a genome has."""


def gene_names(genes: Sequence[str], *, is_frame: bool = False) -> list[Finding]:
    """Findings about the names of genes.

    Examples
    --------
    >>> for finding in gene_names(["TP53", "1-Mar", "---", "ACTB", "MYC"]):
    ...     print(finding)
    warned (mangled_names): 1 of 5 genes has a name that a spreadsheet made of another (1-Mar): write the table again \
from its source, or mend the names; they are never merged with others
    warned (placeholders): 1 of 5 genes has no name (---): give it a name, an id for instance; \
prepare.duplicates: max_variance or mean drops such genes, make_unique numbers them
    """
    found = []
    mangled = mangled_names.mangled(genes)
    if mangled:
        has = "has a name" if len(mangled) == 1 else "have names"
        found.append(
            Finding(
                "warned",
                "mangled_names",
                f"{len(mangled):,} of {count(len(genes), 'gene')} {has} that a spreadsheet made of another "
                f"({quote_some(list(dict.fromkeys(mangled)), SHOWN)}): write the table again from its source, or mend "
                "the names; they are never merged with others",
            )
        )
    empty = [name for name in genes if name.strip() and mangled_names.is_placeholder(name)]
    if empty:
        has, it = ("has", "it a name") if len(empty) == 1 else ("have", "them names")
        found.append(
            Finding(
                "warned",
                "placeholders",
                f"{len(empty):,} of {count(len(genes), 'gene')} {has} no name "
                f"({quote_some(list(dict.fromkeys(empty)))}): give {it}, an id for instance; prepare.duplicates: "
                "max_variance or mean drops such genes, make_unique numbers them",
            )
        )
    found += _look_alikes(genes, "gene") + _versions(genes) + _array_controls(genes)
    return found + _genomes(genes) + _joined(genes) + _numbers(genes, "gene", is_frame=is_frame)


def sample_names(samples: Sequence[str], *, is_frame: bool = False) -> list[Finding]:
    """Findings about the names of samples.

    Examples
    --------
    >>> print(sample_names(["A.x", "B.x", "C.x", "A.y", "B.y", "C.y"])[0])
    warned (duplicate_samples): 3 samples are there twice (A.x and A.y, B.x and B.y, C.x and C.y), as programs name \
columns when they join two tables that both have them: copies count as evidence of their own and make p-values too \
small; keep one of each
    """
    return _look_alikes(samples, "sample") + _joined_twice(samples) + _numbers(samples, "sample", is_frame=is_frame)


def _joined_twice(samples: Sequence[str]) -> list[Finding]:
    """Find samples that two tables had, which R's merge and pandas tell apart by .x and .y (_x and _y) behind."""
    there = set(samples)
    twice = [(name, name[:-1] + "y") for name in samples if name[-2:] in (".x", "_x") and name[:-1] + "y" in there]
    if len(twice) < FEWEST_TWICE:
        return []
    shown = quote_some([f"{one} and {other}" for one, other in twice], 3)
    return [
        Finding(
            "warned",
            "duplicate_samples",
            f"{len(twice):,} samples are there twice ({shown}), as programs name columns when they join two tables that"
            " both have them: copies count as evidence of their own and make p-values too small; keep one of each",
        )
    ]


def _look_alikes(names: Sequence[str], kind: str) -> list[Finding]:
    """Find names with letters that look like others, and names that differ by case only."""
    found = []
    latin = look_alikes.look_alikes(names)
    if latin:
        n, have = sum(name in latin for name in names), "has" if len(latin) == 1 else "have"
        shown = quote_some([f"{name} with {_odd_letters(name)} for {plain}" for name, plain in latin.items()], 3)
        message = (
            f"{n:,} of {count(len(names), kind)} {have} letters in the name that look like others ({shown}): "
            f"no list and no other table has such a name; write {'it' if len(latin) == 1 else 'them'} in plain letters"
        )
        found.append(Finding("warned", "look_alikes", message))
    found += _quoted(names, kind)
    groups = look_alikes.by_case(names)
    if groups:
        differ = (
            f"{count(len(groups), f'{kind} name')} {'is' if len(groups) == 1 else 'are'} there in several spellings"
        )
        shown = quote_some([" = ".join(group) for group in groups], 3)
        message = f"{differ} that differ by case only ({shown}): if these are the same {kind}s, write them alike"
        how = ", and merge them with prepare.duplicates: mean; if they are of two species, split the table"
        found.append(Finding("warned", "look_alikes", message + (how if kind == "gene" else "")))
    return found


def _quoted(names: Sequence[str], kind: str) -> list[Finding]:
    """Find quotes that are parts of the names, which another program put around them."""
    quoted = [name for name in names if len(name) > 2 and name[0] in "'`\"" and name[-1] == name[0]]
    if len(quoted) <= len(names) / 2:
        return []
    message = f"{len(quoted):,} of {count(len(names), kind)} have quotes around the name ({quote_some(quoted, 3)})"
    return [Finding("warned", "look_alikes", f"{message}: no list and no other table has such names; take them off")]


def _odd_letters(name: str) -> str:
    """Code points of the letters of a name that are not of ASCII."""
    return " ".join(dict.fromkeys(f"U+{ord(letter):04X}" for letter in name if not letter.isascii()))


def _versions(genes: Sequence[str]) -> list[Finding]:
    groups = look_alikes.by_version(genes)
    if not groups:
        return []
    shown = quote_some([" and ".join(group) for group in groups], 3)
    return [
        Finding(
            "warned",
            "look_alikes",
            f"{count(len(groups), 'gene')} {'is' if len(groups) == 1 else 'are'} there in several versions of "
            f"{'its' if len(groups) == 1 else 'their'} id ({shown}), as in tables of two annotations that were joined: "
            "each version counts as a gene; write ids without versions, and merge with prepare.duplicates: mean",
        )
    ]


def _genomes(genes: Sequence[str]) -> list[Finding]:
    """Find genes of several genomes, as Cell Ranger names them where cells of two species were mixed."""
    times = Counter(match[1] for name in genes if (match := GENOME.match(name)))
    if len(times) < 2 or min(times.values()) < SHARE_OF_GENOME * len(genes):
        return []
    sizes = ", ".join(f"{genome}: {n:,}" for genome, n in times.items())
    return [
        Finding(
            "warned",
            "joined_names",
            f"the genes are of {len(times)} genomes ({sizes}), as of a xenograft or of mixed species: each sample's "
            "share of a species would relate all genes of it; give the genes and samples of one",
        )
    ]


def _array_controls(genes: Sequence[str]) -> list[Finding]:
    """Note the controls that all arrays of Affymetrix have beside their probes."""
    found = [name for name in genes if control_names.ARRAY_CONTROLS.fullmatch(name)]
    if not found:
        return []
    are = "is a control" if len(found) == 1 else "are controls"
    return [
        Finding(
            "noted",
            "no_genes",
            f"{len(found):,} of {count(len(genes), 'probe')} {are} of the array ({quote_some(found, 3)}); "
            "prepare.annotation_rows: 'AFFX*' (prepare.annotation_columns, where genes are in columns) leaves them out",
        )
    ]


def _joined(genes: Sequence[str]) -> list[Finding]:
    separator = near_names.separator_of(genes)
    if separator is None:
        return []
    example = next(name for name in genes if separator in name)
    return [
        Finding(
            "noted",
            "joined_names",
            f"names of genes are joined of several ({example}); "
            f"prepare.name_separator: {separator!r} with prepare.name_part: 1 takes the first of them",
        )
    ]


def _numbers(names: Sequence[str], kind: str, *, is_frame: bool) -> list[Finding]:
    if len(names) < 4 or not known_names.is_running_number(names):
        return []
    key = "prepare.name_column" if kind == "gene" else "prepare.sample_column"
    advice = f"if a column of the table names them, say which: {key}: 'NAME'"
    if is_frame:
        advice = "name them by the index or the columns of the frame (frame.set_index)"
    weight = "warned" if kind == "gene" else "noted"
    message = f"the {kind}s are called {', '.join(names[:3])}, ...: running numbers, no names; {advice}"
    return [Finding(weight, "running_numbers", message)]  # type: ignore[arg-type]
