"""The settings that `--help` shows where a command has many, in plain words; `--help-all` shows all of them.

The full description of each setting is in genenet/config/sections.py.
"""

from collections.abc import Mapping
from typing import TypeAlias

MANY_SETTINGS = 6
"""A command with more settings than this shows only those below."""

DATA = "Your data"
EDGES = "Which edges to keep"

Common: TypeAlias = Mapping[str, tuple[str | None, str]]


def of_strata(effect: str) -> tuple[str | None, str]:
    """Describe the option of strata by what it does in a command."""
    return DATA, (
        f"Columns with the batch or another attribute, separated by commas: {effect}. The columns are those of --table"
        " or of the matrix file."
    )


COMMON: Common = {
    "preset": (
        None,
        "Defaults for one kind of data: codependency is for gene effects of CRISPR screens (DepMap's"
        " CRISPRGeneEffect.csv as it is). Other options override it.",
    ),
    "seed": (None, "Number that the random draws start from: the same number gives the same result."),
    "alpha": (None, "False discovery rate of the pairs that differ; 1 gives all pairs."),
    "prepare.layer": (DATA, "Of an .h5ad or .loom file: the layer with the values to use. Without it the main matrix."),
    "prepare.obs_query": (
        DATA,
        "Use only some of the samples, for example \"cell_type == 'B'\". The columns are those of --table or of the"
        " matrix file.",
    ),
    "prepare.strata": of_strata(
        "genes are compared within batches only, so that differences between batches make no edges"
    ),
    "prepare.normalisation": (
        DATA,
        "For raw counts: scale all samples to the same sum and take logarithms. Values on a log scale need none.",
    ),
    "prepare.missing": (DATA, "How to go on with missing values. By default the run stops and says where they are."),
    "prepare.min_variance": (
        DATA,
        "Drop genes that vary no more than this; 0 drops those that never change. Without it, such a gene stops the"
        " run.",
    ),
    "significance.alpha": (
        EDGES,
        "False discovery rate: at 0.05, about 1 in 20 of the significant pairs is expected to be false. Smaller is"
        " stricter.",
    ),
    "prune.tolerance": (
        EDGES,
        "An edge is removed as indirect if both edges of a way through a third gene are stronger than it by this share:"
        " 0 removes most edges, 1 none, and auto as many as 0 unless too few would be left.",
    ),
    "prune.max_edges": (
        EDGES,
        "Keep at most this many edges, the strongest; auto is as many as there are genes where most pairs are"
        " significant and regulators are given.",
    ),
    "export.formats": (None, "Files to write for other programs, separated by commas."),
}
"""Panel and short description of each common setting, by dotted name."""
