"""Findings in the names of genes and samples: spreadsheets' dates, placeholders, joined names, numbers for names."""

from collections.abc import Sequence

from genenet.errors import count, quote_some
from genenet.readers import known_names, near_names
from genenet.readers.findings import Finding

SHOWN = 5


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
    mangled = known_names.mangled(genes)
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
    empty = [name for name in genes if name.strip() and known_names.is_placeholder(name)]
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
    return found + _joined(genes) + _numbers(genes, "gene", is_frame=is_frame)


def sample_names(samples: Sequence[str], *, is_frame: bool = False) -> list[Finding]:
    """Findings about the names of samples."""
    return _numbers(samples, "sample", is_frame=is_frame) if known_names.is_running_number(samples) else []


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
