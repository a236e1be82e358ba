"""What can be wrong with a matrix once it is read, each with its words."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.errors import InputError, quote_some
from genenet.expression.words import closest, count

ENSEMBL_GENE = re.compile(r"ENS[A-Z]{0,4}G\d{11}(\.\d+)?$")


def check_names(names: pd.Index, kind: str) -> None:
    """Refuse names that are empty, occur twice, or cannot be written to a file."""
    texts = list(names)
    empty = [number for number, name in enumerate(texts, start=1) if not name.strip()]
    if empty:
        raise InputError(
            f"{count(len(empty), kind)} without a name (number {quote_some(empty)}); give every {kind} a name"
        )
    odd = [name for name in texts if not name.isprintable()]
    if odd:
        raise InputError(
            f"{kind} name {odd[0]!r} has a character that cannot be printed; the file may be damaged: rename the {kind}"
        )
    if names.has_duplicates:
        times = pd.Series(texts).value_counts(sort=False)
        twice = [f"{name} {n} times" for name, n in times[times > 1].items()]
        verb = "occurs" if len(twice) == 1 else "occur"
        raise InputError(
            f"{count(len(twice), f'{kind} name')} {verb} more than once ({quote_some(twice)}); "
            f"every {kind} needs a name of its own: rename or merge them"
        )


def check_size(n_genes: int, n_samples: int, min_samples: int) -> None:
    """Refuse a matrix that is too small for any statistics."""
    if n_samples < min_samples:
        raise InputError(
            f"{count(n_samples, 'sample')} (of {count(n_genes, 'gene')}) "
            f"{'is' if n_samples == 1 else 'are'} too few, prepare.min_samples is {min_samples}; "
            "bring more samples, check prepare.orientation, or lower prepare.min_samples"
        )
    if n_genes < 2:
        raise InputError(f"{count(n_genes, 'gene')} cannot make a network; bring at least 2 genes")


def check_direction(obs_names: pd.Index, how_to_turn: str) -> None:
    """Refuse a matrix whose sample names are plainly those of genes."""
    n_genes = sum(1 for name in obs_names if ENSEMBL_GENE.match(name))
    if n_genes > len(obs_names) / 2:
        raise InputError(
            f"{n_genes:,} of the {len(obs_names):,} sample names are Ensembl gene ids (such as {obs_names[0]}): "
            f"the matrix looks transposed; {how_to_turn}"
        )


def match_regulators(
    regulators: Sequence[str], genes: pd.Index, samples: pd.Index, how_to_turn: str
) -> tuple[NDArray[np.bool_], list[str]]:
    """Find the regulators among the genes: a flag for each gene, and the names that are missing."""
    wanted = list(dict.fromkeys(str(name) for name in regulators))
    if not wanted:
        raise InputError(
            "the list of regulators is empty; name at least one, or give no list for an undirected network"
        )
    found = genes.isin(wanted)
    among_samples = int(samples.isin(wanted).sum())
    if among_samples > found.sum():
        share = "none" if not found.any() else f"{int(found.sum()):,}"
        raise InputError(
            f"{share} of the {count(len(wanted), 'regulator')} is among the {count(len(genes), 'gene')}, "
            f"but {among_samples:,} are among the sample names: the matrix looks transposed; {how_to_turn}"
        )
    known = set(genes)
    missing = [name for name in wanted if name not in known]
    if not found.any():
        raise InputError(
            f"none of the {count(len(wanted), 'regulator')} is among the {count(len(genes), 'gene')} "
            f"({quote_some(missing, 3)}{_closest(missing, genes)}); "
            f"the genes are named like {quote_some(list(genes[:3]))}: use the same kind of names"
        )
    return found, missing


def missing_regulators(missing: Sequence[str], n_wanted: int, genes: pd.Index) -> str:
    """Word the warning about regulators that are not in the matrix."""
    return (
        f"{len(missing):,} of {count(n_wanted, 'regulator')} {'is' if len(missing) == 1 else 'are'} not in the matrix "
        f"({quote_some(missing)}{_closest(missing, genes)})"
    )


def _closest(missing: Sequence[str], genes: pd.Index) -> str:
    near = closest(missing, genes)
    return f"; closest: {near}" if near else ""


def describe_gaps(values: Any, genes: pd.Index, samples: pd.Index, rows: NDArray[Any], columns: NDArray[Any]) -> str:
    """Say where values are missing or infinite; `rows` (samples) and `columns` (genes) locate them."""
    first = np.lexsort((rows, columns))[0]
    row, column = int(rows[first]), int(columns[first])
    bad_genes, bad_samples = genes[np.unique(columns)], samples[np.unique(rows)]
    value = float(values[row, column])
    kind = "missing" if np.isnan(value) else f"{value}"
    return (
        f"{count(len(rows), 'value')} {'is' if len(rows) == 1 else 'are'} missing or infinite, "
        f"in {len(bad_genes):,} of {count(len(genes), 'gene')} ({quote_some(list(bad_genes), 3)}) "
        f"and {len(bad_samples):,} of {count(len(samples), 'sample')} ({quote_some(list(bad_samples), 3)}); "
        f"the first ({kind}) is gene {genes[column]}, sample {samples[row]}"
    )


def describe_constant(constant: Sequence[str], n_genes: int) -> str:
    """Word the error about genes without variance."""
    verb, them = ("has", "it") if len(constant) == 1 else ("have", "them")
    return (
        f"{len(constant):,} of {count(n_genes, 'gene')} {verb} no variance ({quote_some(constant)}); "
        f"drop {them} with prepare.min_variance: 0 or filter the input"
    )
