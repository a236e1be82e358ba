"""Findings about orientation: samples where genes should be, and genes where samples should be."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from genenet.errors import InputError, count, quote_some
from genenet.readers import feature_names, known_names
from genenet.readers.bare import MatrixLike
from genenet.readers.findings import Finding

# Known symbols tell that an axis holds genes: at least FEWEST_SYMBOLS and SHARE_OF_SYMBOLS of it; MANY_SYMBOLS suffice.
FEWEST_SYMBOLS, SHARE_OF_SYMBOLS, MANY_SYMBOLS = 3, 0.1, 40
FEWEST_FEATURES = 5
# At least MANY_SAMPLES samples, TIMES as many as genes, are warned of if their names do not tell that they are samples.
MANY_SAMPLES, TIMES = 1_000, 3
# Numbers of locus tags reach this far in a genome; those of patients (PA0001) hardly do.
MANY_LOCI = 1_000
# So many locus tags that may be samples as well (SA0001) are warned of.
FEWEST_OF_A_GENOME = 100

TURN_FRAME = "give frame.T, or set prepare.orientation: {}"


def how_to_turn(note: Mapping[str, Any]) -> str:
    """Advise how to turn a matrix, from what was noted when it was read (`uns["genenet"]`).

    Examples
    --------
    >>> how_to_turn({"orientation": "genes_by_samples", "source": "m.tsv"})
    'set prepare.orientation: samples_by_genes'
    >>> how_to_turn({})
    'obs must be samples and var genes: turn it with adata.T'
    """
    if not note.get("orientation"):
        return "obs must be samples and var genes: turn it with adata.T"
    other = "samples_by_genes" if note["orientation"] == "genes_by_samples" else "genes_by_samples"
    return f"set prepare.orientation: {other}" if note.get("source") else TURN_FRAME.format(other)


def refuse_turned(data: MatrixLike, rows: pd.Index, where: str, of: str) -> None:
    """Refuse a matrix that looks transposed, where a table about it has none of its samples (or genes).

    Parameters
    ----------
    data
        The matrix.
    rows
        Names of the rows of the table.
    where
        Name of the table, for messages.
    of
        Which names of the matrix the table must not have: gene for a table of samples, sample for a table of genes.

    Raises
    ------
    InputError
        If its names, or those of the table, tell that it is transposed.
    """
    samples, genes = (list(map(str, names)) for names in (data.obs_names, data.var_names))
    turn = how_to_turn(data.uns.get("genenet", {}))
    turned = orientation(samples, genes, turn)
    if turned and turned.weight == "refused":
        raise InputError(turned.message)
    names, others, other = (genes, samples, "sample") if of == "gene" else (samples, genes, "gene")
    n = int(pd.Index(names).isin(rows.map(str)).sum())
    if n:
        upright = orientation(genes, samples, "")
        table = f"if it is a table of {of}s, give it with {'--gene-table' if of == 'gene' else '--table'}"
        how = table if upright and upright.weight == "refused" else f"the matrix looks transposed; {turn}, or {table}"
        raise InputError(
            f"{where} has none of the {count(len(others), other)}, but {n:,} of the {count(len(names), of)}: {how}"
        )


def orientation(samples: Sequence[str], genes: Sequence[str], how_to_turn: str) -> Finding | None:
    """Find out by the names whether the matrix looks transposed; None if it does not.

    Examples
    --------
    >>> print(orientation(["TP53", "MYC", "ACTB"], ["ACH-000001", "ACH-000002"], "turn it"))
    refused (orientation): 3 of the 3 sample names are names of genes (TP53, MYC, ACTB) and 2 of the 2 gene names are \
ids of samples (ACH-000001, ACH-000002): the matrix looks transposed; turn it
    """
    as_genes, as_samples = _like_genes(samples, genes), _like_samples(genes, samples)
    parts = []
    kind, features = ("", []) if as_genes else _like_features(samples, genes)
    if features:
        are = _are(len(features), len(samples), "sample")
        parts.append(f"{are} names of {kind} ({quote_some(features, 3)})")
    if as_genes:
        are = _are(len(as_genes), len(samples), "sample")
        parts.append(f"{are} names of genes ({quote_some(as_genes, 3)})")
    if as_samples:
        parts.append(f"{_are(len(as_samples), len(genes), 'gene')} ids of samples ({quote_some(as_samples, 3)})")
    if parts:
        return Finding("refused", "orientation", f"{' and '.join(parts)}: the matrix looks transposed; {how_to_turn}")
    loci = _like_loci(samples, genes)
    if loci:
        are = f"{_are(len(loci), len(samples), 'sample')} locus tags ({quote_some(loci, 3)})"
        is_sure = not known_names.is_serial_sample(loci[0])
        if is_sure and all(map(known_names.is_known_locus, loci)) and any(int(name[-4:]) >= MANY_LOCI for name in loci):
            return Finding("refused", "orientation", f"{are}: the matrix looks transposed; {how_to_turn}")
        are = are.replace("locus tags", "like locus tags")
        shown = f"the genes are called {quote_some(genes, 3)}"
        return Finding("warned", "orientation", f"{are}, and {shown}: if these are samples, {how_to_turn}")
    named = [name for name in genes if known_names.is_word_for_sample(name)]
    if len(named) > len(genes) / 2 and not _are_samples(samples):
        return Finding(
            "warned",
            "orientation",
            f"{_are(len(named), len(genes), 'gene')} words for samples ({quote_some(named, 3)}), and the samples are"
            f" called {quote_some(samples, 3)}: if these are genes, {how_to_turn}",
        )
    if _is_upright_doubtful(samples, genes):
        return Finding(
            "warned",
            "orientation",
            f"{count(len(samples), 'sample')} (such as {quote_some(samples, 2)}) and only {count(len(genes), 'gene')} "
            f"(such as {quote_some(genes, 2)}): if these are genes and those samples, {how_to_turn}",
        )
    return None


def _are(number: int, of: int, kind: str) -> str:
    return f"{number:,} of the {of:,} {kind} names are"


def _like_genes(samples: Sequence[str], genes: Sequence[str]) -> list[str]:
    """Names of samples that are ids or symbols of genes, if enough of them are, and more than on the other axis."""
    ids = known_names.gene_ids_among(samples)
    if len(ids) > len(samples) / 2 and len(known_names.gene_ids_among(genes)) < len(genes) / 2:
        return ids
    tests = (known_names.is_known_gene, feature_names.is_lower_symbol)
    symbols = [name for name in samples if any(test(name) for test in tests)]
    among_genes = known_names.count_fitting(genes, *tests)
    least = min(max(FEWEST_SYMBOLS, SHARE_OF_SYMBOLS * len(samples)), MANY_SYMBOLS)
    return symbols if len(symbols) >= least and len(symbols) > 2 * among_genes else []


def _like_features(samples: Sequence[str], genes: Sequence[str]) -> tuple[str, list[str]]:
    """Names of samples that are metabolites, lipids or taxa, and which, if the other axis is called as samples are.

    Cultures are named by what they get (glucose), so that such names alone do not suffice.
    """
    least = max(FEWEST_FEATURES, SHARE_OF_SYMBOLS * len(samples))
    by_kind = {kind: [name for name in samples if fits(name)] for kind, fits in feature_names.FEATURES.items()}
    kind, found = next(((kind, found) for kind, found in by_kind.items() if len(set(found)) >= least), ("", []))
    if not found:
        return "", []
    numbered = [name for name in genes if name.isdecimal() or feature_names.is_numbered_word(name)]
    are_samples = _are_samples(genes) or len(numbered) > len(genes) / 2
    return (kind, found) if are_samples and not known_names.loci_among(genes) else ("", [])


def _like_loci(samples: Sequence[str], genes: Sequence[str]) -> list[str]:
    """Names of samples that are the locus tags of a genome, if those of the other axis are not names of genes."""
    loci = known_names.loci_among(samples)
    if not loci or known_names.loci_among(genes):
        return []
    if known_names.is_serial_sample(loci[0]) and not _fill_a_genome(loci, genes):
        return []
    known = known_names.count_fitting(genes, known_names.is_known_gene, known_names.is_gene_id)
    return loci if known < max(FEWEST_SYMBOLS, SHARE_OF_SYMBOLS * len(genes)) else []


def _fill_a_genome(loci: Sequence[str], genes: Sequence[str]) -> bool:
    """Tell whether tags that may be numbers of samples (SA0001) are as many as those of a known genome, beside few."""
    known = all(map(known_names.is_known_locus, loci)) and any(int(name[-4:]) >= MANY_LOCI for name in loci)
    return known and len(loci) >= FEWEST_OF_A_GENOME and len(loci) > len(genes)


def _like_samples(genes: Sequence[str], samples: Sequence[str]) -> list[str]:
    """Names of genes that are ids of samples or barcodes of cells, if those of the other axis are not."""
    ids = [name for name in genes if known_names.is_sample_id(name)]
    among_samples = known_names.count_fitting(samples, known_names.is_sample_id)
    return ids if len(ids) > len(genes) / 2 and among_samples < len(samples) / 2 else []


def _are_samples(names: Sequence[str]) -> bool:
    """Tell whether most names are those of samples."""
    known = known_names.count_fitting(names, known_names.is_sample_id, known_names.is_serial_sample)
    return known > len(names) / 2


def _is_upright_doubtful(samples: Sequence[str], genes: Sequence[str]) -> bool:
    if len(samples) < MANY_SAMPLES or len(samples) < TIMES * len(genes):
        return False
    as_genes = known_names.count_fitting(genes, known_names.is_gene_id, known_names.is_known_gene)
    numbers = sum(1 for name in samples if name.isdecimal())
    if _are_samples(samples) or numbers > len(samples) / 2 or known_names.share_one_stem(samples):
        return False
    return as_genes < max(3, len(genes) / 10)
