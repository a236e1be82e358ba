"""Checks of the whole matrix before anything is computed: orientation, names, values, duplicate samples.

Nothing is changed here. Each module checks one thing and returns findings, which are refused, warned of, or noted;
`genenet check` prints them, `prepare` stops at those that are refused.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Prepare
from genenet.expression.look.duplicates import duplicate_samples, nearly_equal_samples
from genenet.expression.look.far_samples import far_samples
from genenet.expression.look.filled_in import filled_in
from genenet.expression.look.gene_effects import gene_effects, not_gene_effects
from genenet.expression.look.kinds import kind_of_values, points_between_thousands, single_cells
from genenet.expression.look.levels import Shifted, shifted_samples
from genenet.expression.look.log_counts import logs_of_counts
from genenet.expression.look.names import gene_names, sample_names
from genenet.expression.look.others import facts_of_samples, others_among
from genenet.expression.look.profile import Profile, profile
from genenet.expression.look.scales import centred_among, is_of_bases, logarithms_among, other_bases
from genenet.expression.look.shares import compositional
from genenet.expression.look.similarities import similarities
from genenet.expression.look.standing_out import lone_code, standing_out
from genenet.expression.look.unrelated import unrelated_samples
from genenet.readers.extras import Facts
from genenet.readers.extras_advice import NO_SAMPLES, with_aside
from genenet.readers.findings import Finding
from genenet.readers.orientation import orientation
from genenet.readers.quantities import SEVERAL
from genenet.readers.sparse_pieces import Matrix, dense, is_sparse

# Genes of a transposed matrix whose values are looked at.
GENES_FOR_EFFECTS = 500
OTHER = {"genes_by_samples": "samples_by_genes", "samples_by_genes": "genes_by_samples"}
"""The other orientation of a table."""


@dataclass(frozen=True)
class _Subject:
    """What is looked at: a matrix, shape (n_samples, n_genes), the names of its axes, and how the user describes it."""

    values: Matrix
    samples: list[str]
    genes: list[str]
    settings: Prepare
    table: str
    is_frame: bool
    has_thousands: bool

    def without(self, samples: Collection[str], genes: Collection[str]) -> "_Subject":
        """Leave out samples and genes of these names."""
        rows = [place for place, name in enumerate(self.samples) if name not in samples]
        columns = [place for place, name in enumerate(self.genes) if name not in genes]
        values = self.values
        if len(columns) < len(self.genes):
            values = values[:, columns]
        if len(rows) < len(self.samples):
            values = values.tocsr()[rows].tocsc() if is_sparse(values) else values[rows]
        return replace(
            self,
            values=values,
            samples=[self.samples[place] for place in rows],
            genes=[self.genes[place] for place in columns],
        )


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
    has_thousands: bool = False,
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
    has_thousands
        Whether the cells of its file tell that points may separate thousands.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(size=(40, 6))
    >>> look(values, [f"S{n}" for n in range(40)], list("ABCDEF"), Prepare(), how_to_turn="")
    []
    """
    seen = _Subject(values, list(map(str, samples)), list(map(str, genes)), settings, table, is_frame, has_thousands)
    no_expression = similarities(values, seen.samples, seen.genes)
    if no_expression and no_expression.weight == "refused" and "no_samples" not in settings.accept:
        return [no_expression]  # all other findings would be about expression
    turned = orientation(seen.samples, seen.genes, how_to_turn)
    if turned and turned.weight == "refused":
        return _of_turned(turned, seen)
    return [*(one for one in (no_expression, turned) if one), *_of_upright(seen)]


def _of_turned(turned: Finding, seen: _Subject) -> list[Finding]:
    """Findings about a transposed matrix: all others would be about the wrong axes."""
    if seen.table == "genes_by_samples" and not seen.is_frame:
        facts = facts_of_samples(seen.values)
        turned = with_aside(turned, seen.samples, facts, seen.settings.annotation_columns)
    sampled = dense(seen.values[:, :: -(-seen.values.shape[1] // GENES_FOR_EFFECTS) or 1])
    sampled = sampled[np.isfinite(sampled)]
    upright = replace(seen, samples=seen.genes, genes=seen.samples, table=OTHER.get(seen.table, ""))
    return [turned, *_effects(sampled, upright)]


def _of_upright(seen: _Subject) -> list[Finding]:
    """Findings about a matrix of samples and genes: what is none of these, names, values, copies."""
    profiled = profile(seen.values)
    thousands = points_between_thousands(profiled) if seen.settings.decimal != "point" else None
    if seen.has_thousands or thousands:
        # Values a thousandfold apart would be told as many things that they are not.
        others = others_among(seen.values, None, seen.samples, seen.genes, seen.table, seen.settings, None)
        told = [] if seen.has_thousands or thousands is None else [thousands]
        return [*others.findings, *told, *_of_names(seen), *_copies(profiled, seen)]
    facts = facts_of_samples(seen.values)
    code = lone_code(profiled, seen.values)
    # Samples of another scale, and codes for missing values, are told as such.
    has_shifts = code is None and not logarithms_among(facts, seen.samples)
    shifted = shifted_samples(seen.values, seen.samples, seen.settings) if has_shifts else Shifted()
    others = others_among(
        seen.values, facts, seen.samples, seen.genes, seen.table, seen.settings, code, shifted.samples
    )
    no_samples = any(finding.message.startswith((NO_SAMPLES, SEVERAL)) for finding in others.findings)
    if no_samples and "no_samples" not in seen.settings.accept:
        return others.findings  # all other findings would be about columns that are no samples
    if others.not_samples or others.not_genes:  # their values would be taken for those of genes
        keep = [place for place, name in enumerate(seen.samples) if name not in others.not_samples]
        facts = Facts(**{each.name: getattr(facts, each.name)[keep] for each in fields(Facts)})
        seen = seen.without(others.not_samples, others.not_genes)
        profiled = profile(seen.values)
        shifted = shifted_samples(seen.values, seen.samples, seen.settings) if has_shifts else Shifted()
    assert profiled.hashes is not None
    assert profiled.sampled is not None
    return [
        *others.findings,
        *_of_names(seen),
        *_effects(profiled.sampled, seen),
        *_of_values(profiled, facts, seen, others.doubtful_samples, shifted),
        *_copies(profiled, seen),
        *nearly_equal_samples(seen.values, profiled.hashes, seen.samples),
    ]


def _of_names(seen: _Subject) -> list[Finding]:
    """Findings about the names of genes and samples."""
    return [*gene_names(seen.genes, is_frame=seen.is_frame), *sample_names(seen.samples, is_frame=seen.is_frame)]


def _copies(profiled: Profile, seen: _Subject) -> list[Finding]:
    """Findings about samples that are there twice."""
    assert profiled.hashes is not None
    return duplicate_samples(seen.values, profiled.hashes, seen.samples)


def _of_values(
    profiled: Profile, facts: Facts, seen: _Subject, doubtful: Collection[str], shifted: Shifted
) -> list[Finding]:
    """Findings about the kind of values, and about values at a limit or far off, but for those that others imply."""
    found = standing_out(profiled, seen.values, seen.genes, seen.samples)
    kinds = [] if found.codes else _scales(profiled, facts, seen, doubtful, shifted)
    wholes = compositional(profiled)
    if wholes:
        kinds = [finding for finding in kinds if finding.kind != "probabilities"]
    are_at_ends = any(finding.kind == "probabilities" and finding.weight == "warned" for finding in kinds)
    limits = [] if are_at_ends else found.limits
    cells = single_cells(profiled, seen.settings)
    return [*kinds, *wholes, *cells, *found.codes, *found.outliers, *limits, *filled_in(seen.values, seen.genes)]


def _scales(
    profiled: Profile, facts: Facts, seen: _Subject, doubtful: Collection[str], shifted: Shifted
) -> list[Finding]:
    """Findings about samples of two scales, or else about the kind of values and samples unlike the others."""
    mixed = logarithms_among(facts, seen.samples)
    if not mixed and all(group.factor == 0 for group in shifted.groups):
        mixed = centred_among(facts, seen.samples)
    has_bases = not shifted.groups or all(is_of_bases(group.factor) for group in shifted.groups)
    bases = other_bases(seen.values, seen.samples) if has_bases else []
    far = [] if mixed or bases or shifted.groups else _far(seen, doubtful)
    return mixed or [
        *(bases or shifted.findings or far),
        *kind_of_values(profiled, seen.settings),
        *logs_of_counts(profiled, seen.values, seen.settings),
        *_unrelated(seen, {*doubtful, *shifted.samples}),
    ]


def _far(seen: _Subject, known: Collection[str]) -> list[Finding]:
    """Findings about one or two samples that are shifted in all genes."""
    option, already = _setting_aside(seen)
    return far_samples(seen.values, seen.samples, seen.settings, known, option=option, already=already)


def _setting_aside(seen: _Subject) -> tuple[str, Sequence[str]]:
    """Name the setting that sets samples aside in such a table, if there is one, and return what it has already."""
    settings = seen.settings
    return {
        "genes_by_samples": ("prepare.annotation_columns", settings.annotation_columns),
        "samples_by_genes": ("prepare.annotation_rows", settings.annotation_rows),
    }.get(seen.table, ("", ()))


def _unrelated(seen: _Subject, known: Collection[str]) -> list[Finding]:
    """Findings about samples unlike the others, with the setting that sets them aside in such a table."""
    option, already = _setting_aside(seen)
    return unrelated_samples(seen.values, seen.samples, known, option=option, already=already)


def _effects(sampled: NDArray[np.float64], seen: _Subject) -> list[Finding]:
    """Gene effects without their preset, or their preset with something else."""
    if seen.settings.whiten == "samples":
        found: Any = not_gene_effects(sampled, seen.settings)
    else:
        found = gene_effects(sampled, seen.samples, seen.genes, seen.table)
    return [found] if found else []
