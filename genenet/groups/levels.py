"""Groups of samples, and levels.tsv, the list of them. Nothing heavy is imported here: Snakemake reads it."""

import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from genenet.files.atomic import GROUPS, atomic

LONGEST = 80
"""Characters of a folder's name; longer names of groups are cut."""

LEVELS = "levels.tsv"
"""Name of the list of groups, beside the folders of the groups."""

TAKEN = frozenset({LEVELS, GROUPS, "edges_by_group.tsv", "manifest.json", "report.html", "differential"})
"""Files and folders beside the folders of the groups, which cannot have these names."""


@dataclass(frozen=True)
class Group:
    """A group of samples.

    Attributes
    ----------
    name
        The level of the attribute, as text.
    folder
        Name of its folder, which is unique also on file systems that ignore upper and lower case.
    n_samples
        Number of its samples.
    used
        Whether it has enough of them for a network (prepare.min_samples, or the 60 that whitening needs).
    """

    name: str
    folder: str
    n_samples: int
    used: bool


def folder_names(names: Iterable[str]) -> dict[str, str]:
    """Name a folder for each group: letters, digits, '.', '_' and '-', and no two alike.

    Examples
    --------
    >>> folder_names(["T cell", "B", "b", "T_cell", "a/b"])
    {'B': 'B', 'T_cell': 'T_cell', 'b': 'b-2', 'T cell': 'T_cell-2', 'a/b': 'a_b'}
    """
    taken, folders = {name.casefold() for name in TAKEN}, {}
    # Names that can be folders come first, so that they are not changed.
    for name in sorted(names, key=lambda name: (_safe(name) != name, name)):
        base = folder = _safe(name)
        number = 2
        while folder.casefold() in taken:
            folder, number = f"{base}-{number}", number + 1
        taken.add(folder.casefold())
        folders[name] = folder
    return folders


def write_levels(groups: Iterable[Group], path: str | os.PathLike[str]) -> None:
    """Write levels.tsv: group, folder, n_samples, used."""
    lines = [f"{group.name}\t{group.folder}\t{group.n_samples}\t{str(group.used).lower()}\n" for group in groups]
    with atomic(path) as partial:
        partial.write_text("group\tfolder\tn_samples\tused\n" + "".join(lines), encoding="utf-8", newline="\n")


def read_levels(path: str | os.PathLike[str]) -> list[Group]:
    """Read levels.tsv as `write_levels` wrote it."""
    rows = [line.split("\t") for line in Path(path).read_text(encoding="utf-8").splitlines()[1:]]
    return [Group(name, folder, int(n_samples), used == "true") for name, folder, n_samples, used in rows]


def _safe(name: str) -> str:
    text = re.sub(r"[^\w.-]+", "_", unicodedata.normalize("NFC", name))[:LONGEST]
    return text if text[:1].isalnum() else f"_{text}"
