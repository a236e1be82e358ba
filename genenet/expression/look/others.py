"""Columns and rows that are not samples or genes, found by their names and values together."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import NamedTuple

import numpy as np

from genenet.config.sections import Prepare
from genenet.expression.look.computed import statistics_among
from genenet.expression.look.few_values import of_few_values
from genenet.expression.look.ordered import in_order_of_samples
from genenet.readers.extras import MAX_VALUES, OTHER_SCALE, Facts, Suspect, facts_of, suspects, totals_among
from genenet.readers.extras_advice import finding
from genenet.readers.findings import Finding
from genenet.readers.quantities import Axis, several_a_sample
from genenet.readers.sparse_pieces import Matrix, dense, is_sparse

# A sum or mean of all samples (or genes) is told by so many values.
VALUES_FOR_TOTALS = 2_000_000
# Genes are described by at most this many samples.
SAMPLES_FOR_FACTS = 500
# Samples are described in pieces of this many, since a hundred thousand cells at once would take some GB.
SAMPLES_AT_ONCE = 2_000

AXES: dict[str, tuple[Axis, Axis]] = {"genes_by_samples": ("column", "row"), "samples_by_genes": ("row", "column")}
"""Axes of samples and of genes in a table of each orientation."""


class Others(NamedTuple):
    """What was found: the findings, and the names of what is, or may be, no sample or no gene."""

    findings: list[Finding]
    not_samples: set[str]
    not_genes: set[str]
    doubtful_samples: set[str]


def others_among(
    values: Matrix,
    facts: Facts | None,
    samples: Sequence[str],
    genes: Sequence[str],
    table: str,
    settings: Prepare,
    code: float | None,
    shifted: Collection[str] = (),
) -> Others:
    """Find columns and rows that are not samples or genes.

    Parameters
    ----------
    values
        Shape (n_samples, n_genes).
    facts
        Statistics of the samples; None where values may be misread, and only names are judged.
    samples, genes
        Names.
    table
        Orientation of the table; empty if there is no table.
    settings
        Settings of `prepare`: what is set aside already.
    code
        Number that stands for missing values, without which the genes are compared.
    shifted
        Samples that are known to be shifted as a whole, whose scale is no sign that they are none.
    """
    of_samples, of_genes = AXES.get(table, (None, None))
    aside: dict[Axis | None, Sequence[str]] = {
        "column": settings.annotation_columns,
        "row": settings.annotation_rows,
        None: (),
    }
    several = several_a_sample(samples, of_samples, aside[of_samples])
    if several is not None:
        return Others([several], set(), set(), set())
    if facts is None:
        about_samples, about_genes = suspects(samples, "sample"), suspects(genes, "gene")
    else:
        about_samples = _about_samples(values, facts, samples, shifted)
        about_genes = _about_genes(values, genes, code)
    found = (
        finding(about_samples, samples, "sample", of_samples, rows=genes, already=aside[of_samples]),
        finding(about_genes, genes, "gene", of_genes, rows=samples, already=aside[of_genes]),
    )
    return Others(
        [one for one in found if one is not None],
        {suspect.name for suspect in about_samples if suspect.sure},
        {suspect.name for suspect in about_genes},
        {suspect.name for suspect in about_samples if not suspect.sure},
    )


def _about_samples(values: Matrix, facts: Facts, samples: Sequence[str], shifted: Collection[str]) -> list[Suspect]:
    n_samples, n_genes = values.shape
    some_genes = dense(values[:, :: _step(n_genes, VALUES_FOR_TOTALS // max(n_samples, 1))])
    totals = {**totals_among(some_genes.T), **statistics_among(some_genes, samples)}
    return suspects(samples, "sample", facts, totals, shifted)


def _about_genes(values: Matrix, genes: Sequence[str], code: float | None) -> list[Suspect]:
    n_samples, n_genes = values.shape
    some = dense(values[:: _step(n_samples, SAMPLES_FOR_FACTS)])
    sums = totals_among(some[:: _step(len(some), VALUES_FOR_TOTALS // max(n_genes, 1))])
    found = suspects(genes, "gene", facts_of(some), sums)
    if code is not None and any(suspect.why == OTHER_SCALE for suspect in found):
        found = suspects(genes, "gene", facts_of(np.where(some == code, np.nan, some)), sums)
    for others in (of_few_values(some, genes), in_order_of_samples(some, genes)):
        known = {suspect.name for suspect in found}
        found += [suspect for suspect in others if suspect.name not in known]
    return found


def facts_of_samples(values: Matrix) -> Facts:
    """Describe the samples of a matrix, shape (n_samples, n_genes), piece by piece."""
    n_samples, n_genes = values.shape
    chosen = values[:, :: _step(n_genes, MAX_VALUES)]
    chosen = chosen.tocsr() if is_sparse(chosen) else chosen
    starts = range(0, max(n_samples, 1), SAMPLES_AT_ONCE)
    parts = [facts_of(dense(chosen[start : start + SAMPLES_AT_ONCE]).T) for start in starts]
    return Facts(**{each.name: np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Facts)})


def _step(n: int, most: int) -> int:
    """Step with which at most so many of n are taken."""
    return max(-(-n // max(most, 1)), 1)
