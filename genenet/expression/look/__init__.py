"""Checks of the whole matrix before anything is computed: orientation, names, values, duplicate samples.

Nothing is changed here. Each module checks one thing and returns findings, which are refused, warned of, or noted;
`genenet check` prints them, `prepare` stops at those that are refused.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Prepare
from genenet.expression.look.censored import censored
from genenet.expression.look.computed import statistics_among
from genenet.expression.look.duplicates import duplicate_samples, nearly_equal_samples
from genenet.expression.look.far_codes import far_codes, without_code
from genenet.expression.look.filled_in import filled_in
from genenet.expression.look.gene_effects import gene_effects, not_gene_effects
from genenet.expression.look.names import gene_names, sample_names
from genenet.expression.look.similarities import similarities
from genenet.expression.look.values import (
    Profile,
    code_below_zero,
    compositional,
    kind_of_values,
    mixed_scales,
    off_scale,
    profile,
    single_cells,
)
from genenet.readers.extras import MAX_VALUES, OTHER_SCALE, Facts, facts_of, suspects, totals_among
from genenet.readers.extras_advice import NO_SAMPLES, finding, with_aside
from genenet.readers.findings import Finding
from genenet.readers.orientation import orientation
from genenet.readers.quantities import SEVERAL, Axis, several_a_sample
from genenet.readers.sparse_pieces import Matrix, is_sparse

# Genes of a transposed matrix whose values are looked at.
GENES_FOR_EFFECTS = 500
# A sum or mean of all samples (or genes) is told by so many values.
VALUES_FOR_TOTALS = 2_000_000
# Genes are described by at most this many samples.
SAMPLES_FOR_FACTS = 500
# Samples are described in pieces of this many, since a hundred thousand cells at once would take some GB.
SAMPLES_AT_ONCE = 2_000
OTHER = {"genes_by_samples": "samples_by_genes", "samples_by_genes": "genes_by_samples"}
"""The other orientation of a table."""


# Statistics of numbers of all sizes, as damaged files hold them, may overflow: such numbers are found all the same.
@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def look(
    values: Matrix,
    samples: Sequence[str],
    genes: Sequence[str],
    settings: Prepare,
    *,
    how_to_turn: str,
    table: str = "",
    is_frame: bool = False,
) -> list[Finding]:
    """Check a matrix, and return a finding for everything that is odd about it.

    Parameters
    ----------
    values
        Shape (n_samples, n_genes), float64, dense or CSC; may have missing values.
    samples, genes
        Names of the samples, and of the genes.
    settings
        Settings of `prepare`, which tell how the user describes the matrix.
    how_to_turn
        Advice for a matrix that looks transposed.
    table
        Orientation of the table that the matrix was read from; empty if it was not read from a table.
    is_frame
        Whether that was a DataFrame and no file.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(size=(40, 6))
    >>> look(values, [f"S{n}" for n in range(40)], list("ABCDEF"), Prepare(), how_to_turn="")
    []
    """
    samples, genes = list(map(str, samples)), list(map(str, genes))
    no_expression = similarities(values, samples, genes)
    if no_expression and "no_samples" not in settings.accept:
        return [no_expression]  # all other findings would be about expression
    turned = orientation(samples, genes, how_to_turn)
    if turned and turned.weight == "refused":
        # All other findings would be about the wrong axes.
        other = OTHER.get(table, "")
        if table == "genes_by_samples" and not is_frame:
            turned = with_aside(turned, samples, _facts(values), settings.annotation_columns)
        return [turned, *_effects(_some(values), genes, samples, settings, other)]
    found = [one for one in (no_expression, turned) if one]
    of_samples = _facts(values)
    others, not_genes, not_samples = _extras(values, of_samples, samples, genes, table, settings)
    found += others
    no_samples = any(finding.message.startswith((NO_SAMPLES, SEVERAL)) for finding in found)
    if no_samples and "no_samples" not in settings.accept:
        return found  # all other findings would be about columns that are no samples
    if not_genes:  # their values would be taken for those of genes
        keep = [place for place, name in enumerate(genes) if name not in not_genes]
        values, genes = values[:, keep], [genes[place] for place in keep]
    if not_samples:
        keep = [place for place, name in enumerate(samples) if name not in not_samples]
        values, samples = (values.tocsr()[keep].tocsc() if is_sparse(values) else values[keep]), _at(samples, keep)
        of_samples = Facts(**{each.name: getattr(of_samples, each.name)[keep] for each in fields(Facts)})
    found += gene_names(genes, is_frame=is_frame) + sample_names(samples, is_frame=is_frame)
    profiled = profile(values)
    assert profiled.hashes is not None
    assert profiled.sampled is not None
    found += _effects(profiled.sampled, samples, genes, settings, table)
    found += _of_values(profiled, of_samples, values, genes, samples, settings)
    found += duplicate_samples(values, profiled.hashes, samples)
    found += nearly_equal_samples(values, profiled.hashes, samples)
    return found


def _of_values(
    profiled: Profile, of_samples: Facts, values: Matrix, genes: list[str], samples: list[str], settings: Prepare
) -> list[Finding]:
    """Findings about the kind of values, and about values at a limit or far off, but for those that others imply."""
    codes = far_codes(profiled, values, genes, samples)
    far = codes or off_scale(profiled, values, genes, samples) + code_below_zero(profiled)
    limits, wholes = [] if codes else censored(profiled, values, genes), compositional(profiled)
    has_codes = any("code for a missing value" in finding.message for finding in (*far, *limits))
    kinds = [] if has_codes else mixed_scales(of_samples, samples) or kind_of_values(profiled, settings)
    if wholes:
        kinds = [finding for finding in kinds if finding.kind != "probabilities"]
    if any(finding.kind == "probabilities" and finding.weight == "warned" for finding in kinds):
        limits = []
    cells = single_cells(profiled, settings)
    return [*kinds, *wholes, *cells, *far, *limits, *filled_in(values, genes)]


def _effects(sampled: Any, lines: list[str], genes: list[str], settings: Prepare, table: str) -> list[Finding]:
    """Gene effects without their preset, or their preset with something else."""
    if settings.whiten == "samples":
        found = not_gene_effects(sampled, settings)
    else:
        found = gene_effects(sampled, lines, genes, table)
    return [found] if found else []


def _some(values: Matrix) -> NDArray[np.float64]:
    """Finite values of some genes, in all samples."""
    block = _dense(values[:, :: -(-values.shape[1] // GENES_FOR_EFFECTS) or 1])
    return block[np.isfinite(block)]


def _extras(
    values: Matrix, facts: Facts, samples: list[str], genes: list[str], table: str, settings: Prepare
) -> tuple[list[Finding], set[str], set[str]]:
    """Findings about columns and rows that are not samples or genes; what may be no gene, what is no sample."""
    sides: dict[str, tuple[Axis | None, Axis | None]] = {
        "genes_by_samples": ("column", "row"),
        "samples_by_genes": ("row", "column"),
    }
    of_samples, of_genes = sides.get(table, (None, None))
    n_samples, n_genes = values.shape
    some_genes = _dense(values[:, :: _step(n_genes, VALUES_FOR_TOTALS // max(n_samples, 1))])
    some_samples = _dense(values[:: _step(n_samples, SAMPLES_FOR_FACTS)])
    totals = some_samples[:: _step(len(some_samples), VALUES_FOR_TOTALS // max(n_genes, 1))]
    of_others = {**totals_among(some_genes.T), **statistics_among(some_genes, samples)}
    about_samples = suspects(samples, "sample", facts, of_others)
    sums = totals_among(totals)
    about_genes = suspects(genes, "gene", facts_of(some_samples), sums)
    if any(suspect.why == OTHER_SCALE for suspect in about_genes):
        plain = without_code(some_samples, values)
        if plain is not None:
            about_genes = suspects(genes, "gene", facts_of(plain), sums)
    aside: dict[Axis | None, Sequence[str]] = {
        "column": settings.annotation_columns,
        "row": settings.annotation_rows,
        None: (),
    }
    several = several_a_sample(samples, of_samples, aside[of_samples])
    if several is not None:
        return [several], set(), set()
    found = (
        finding(about_samples, samples, "sample", of_samples, rows=genes, already=aside[of_samples]),
        finding(about_genes, genes, "gene", of_genes, rows=samples, already=aside[of_genes]),
    )
    not_samples = {suspect.name for suspect in about_samples if suspect.sure}
    return [one for one in found if one is not None], {suspect.name for suspect in about_genes}, not_samples


def _at(names: list[str], places: list[int]) -> list[str]:
    return [names[place] for place in places]


def _step(n: int, most: int) -> int:
    """Step with which at most so many of n are taken."""
    return max(-(-n // max(most, 1)), 1)


def _facts(values: Matrix) -> Facts:
    """Statistics of the samples."""
    n_samples, n_genes = values.shape
    chosen = values[:, :: _step(n_genes, MAX_VALUES)]
    chosen = chosen.tocsr() if is_sparse(chosen) else chosen
    starts = range(0, max(n_samples, 1), SAMPLES_AT_ONCE)
    parts = [facts_of(_dense(chosen[start : start + SAMPLES_AT_ONCE]).T) for start in starts]
    return Facts(**{each.name: np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Facts)})


def _dense(values: Any) -> NDArray[np.float64]:
    return np.asarray(values.toarray() if is_sparse(values) else values)
