"""Matching lists of genes (regulators, targets, genes to keep, pairs) to the genes of the matrix."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from genenet.errors import InputError, count, quote_some
from genenet.readers import near_names

# A list of regulators is questioned if it names this share of at least so many genes.
SHARE_OF_GENES, FEWEST_GENES = 0.9, 20
# A list of at least so many names hardly fits the matrix if less than this share of them is there.
SHARE_OF_NAMES, FEWEST_NAMES = 0.2, 20


def check_not_turned(wanted: Sequence[str], kind: str, genes: pd.Index, samples: pd.Index, how_to_turn: str) -> None:
    """Refuse a matrix whose samples are called like the genes of a list."""
    found, among_samples = int(genes.isin(wanted).sum()), int(samples.isin(wanted).sum())
    if among_samples > found:
        share = "none" if not found else f"{found:,}"
        raise InputError(
            f"{share} of the {count(len(wanted), kind)} is among the {count(len(genes), 'gene')}, "
            f"but {among_samples:,} are among the sample names: the matrix looks transposed; {how_to_turn}"
        )


def divide(names: Iterable[str], var: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Divide names into those of genes of the matrix and others; each name counts once."""
    wanted, known = list(dict.fromkeys(str(name) for name in names)), set(var.index)
    return [name for name in wanted if name in known], [name for name in wanted if name not in known]


def match(names: Iterable[str], kind: str, var: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Find names among the genes: those that are there, and those that are not; refuse a list without any gene."""
    found, missing = divide(names, var)
    if not found and not missing:
        raise InputError(f"the list of {kind}s is empty; name at least one, or give no list")
    if not found:
        raise none_found(count(len(missing), kind), missing, var)
    return found, missing


def none_found(names: str, missing: Sequence[str], var: pd.DataFrame) -> InputError:
    """Say that none of these names is a gene, and how they could be made to match; `names` says what they are."""
    genes = var.index
    return InputError(
        f"none of the {names} is among the {count(len(genes), 'gene')} "
        f"({quote_some(missing, 3)}{_advice(missing, var)}); "
        f"the genes are named like {quote_some(list(genes[:3]))}: use the same kind of names"
    )


def describe_everyone(found: Sequence[str], kind: str, n_genes: int) -> str:
    """Word the warning about a list of regulators that names (nearly) all genes; empty if it does not.

    Examples
    --------
    >>> describe_everyone(["A", "B"], "regulator", 30)
    ''
    """
    if kind != "regulator" or n_genes < FEWEST_GENES or len(found) < SHARE_OF_GENES * n_genes:
        return ""
    share = "all" if len(found) == n_genes else f"{len(found):,} of the"
    return (
        f"the regulators are {share} {count(n_genes, 'gene')} of the matrix, so that any pair may be either way round:"
        " give a list of transcription factors, or leave the list out for an undirected network"
    )


def describe_missing(missing: Sequence[str], n_wanted: int, kind: str, var: pd.DataFrame) -> str:
    """Word the warning about names that are not in the matrix."""
    n_found = n_wanted - len(missing)
    if n_wanted >= FEWEST_NAMES and n_found < SHARE_OF_NAMES * n_wanted:
        return (
            f"only {n_found:,} of {count(n_wanted, kind)} {'is' if n_found == 1 else 'are'} in the matrix (not "
            f"{quote_some(missing)}{_advice(missing, var)})"
        )
    verb = "is" if len(missing) == 1 else "are"
    return (
        f"{len(missing):,} of {count(n_wanted, kind)} {verb} not in the matrix "
        f"({quote_some(missing)}{_advice(missing, var)})"
    )


def _advice(missing: Sequence[str], var: pd.DataFrame) -> str:
    """Tell what would make names match: another column, a part of joined names, another spelling."""
    genes = list(map(str, var.index))
    least = max(1, len(missing) // 2)
    for column in var.columns:
        hits = var[column].astype(object).isin(list(missing)).sum()
        if hits >= least:
            return f"; {hits:,} are in column {column}: set prepare.name_column: {str(column)!r}"
    found = near_names.joined(missing, genes, least) or near_names.alike(missing, genes, near_names.OF_GENES, least)
    near = found or near_names.closest_of(missing, genes)
    return f"; {near}" if near else ""


def match_pairs(
    pairs: Iterable[tuple[str, str]], var: pd.DataFrame, dropped: Iterable[str] = ()
) -> tuple[pd.DataFrame, int, str]:
    """Keep the pairs of two different genes of the matrix, each once.

    The first gene of each pair (column gene_a) is the one that comes first in the matrix. Returns the pairs, the number
    of other pairs, and for a warning the names that are neither in the matrix nor among the genes `dropped` from it.
    """
    position = {name: number for number, name in enumerate(var.index)}
    given = {tuple(sorted(pair)) for pair in pairs}
    if not given:
        raise InputError("the list of pairs is empty; name at least one, or give no list")
    found = sorted(
        tuple(sorted((position[a], position[b]))) for a, b in given if a in position and b in position and a != b
    )
    if not found:
        names = sorted({name for pair in given for name in pair if name not in position})
        raise InputError(
            f"none of the {count(len(given), 'pair')} is of two genes of the matrix "
            f"({quote_some(names, 3)} are not among the {count(len(var), 'gene')}{_advice(names, var)}); "
            "use the same kind of names"
        )
    frame = pd.DataFrame(var.index.to_numpy()[np.array(found)], columns=["gene_a", "gene_b"], dtype=object)
    gone = set(dropped)
    names = sorted({name for pair in given for name in pair if name not in position and name not in gone})
    absent = f" ({quote_some(names)}{_advice(names, var)})" if names else ""
    return frame, len(given) - len(found), absent
