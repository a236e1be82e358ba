"""The networks of groups that a comparison is shown with: of the same groups of samples, each at its place."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genenet.differential.groups import members
from genenet.errors import InputError, count, logger_of
from genenet.paths import PathLike
from genenet.products.expression import Notes
from genenet.products.fingerprint import fingerprint
from genenet.products.origin import DIFFERENCES, fingerprint_of_samples, origin_of_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genenet.differential.network import DifferentialNetwork

logger = logger_of("genenet")


def check_networks(
    found: "DifferentialNetwork", networks: Mapping[str, pd.DataFrame], files: Mapping[str, PathLike] | None = None
) -> None:
    """Refuse networks that are not those of the groups of a comparison; warn of one of other samples or values.

    A network is of its own matrix, prepared from the samples of one group. Its fingerprint is that of the same part of
    the matrix that is compared, if all its genes are in there and values were neither filled in nor whitened.

    Parameters
    ----------
    found
        The comparison.
    networks
        Edges tables of the groups' networks, by the group's name.
    files
        The files that they are from, by the group's name, for messages.

    Raises
    ------
    InputError
        If a group has no network, or one without regulators beside a comparison with them, of other genes, or of the
        samples of another group.
    """
    own = [*members(found.labels.codes, len(found.labels.groups))]
    samples = {
        fingerprint_of_samples(found.expression.obs_names[rows]): group.name
        for group, rows in zip(found.labels.groups, own, strict=True)
    }
    for group, rows in zip(found.labels.groups, own, strict=True):
        if group.name not in networks:
            raise InputError(f"there is no network of {group.name}; give one for each group that is compared")
        table = networks[group.name]
        named = f"the network of {group.name}" + (f" ({files[group.name]})" if files else "")
        _check_genes(found, table, named)
        known = origin_of_table(table).fingerprints.get("samples")
        if known in samples and samples[known] != group.name:
            raise InputError(f"{named} was inferred from the samples of {samples[known]}; give each group its own")
        if known is not None and known not in samples:
            logger.warning(
                "%s was not inferred from the %s of %s that are compared: the graph shows it beside pairs that differ"
                " between other samples",
                named, count(len(rows), "sample"), group.name,
            )  # fmt: skip
        elif _is_of_other_values(found, table, rows):
            logger.warning("%s was not inferred from the values that are compared: %s", named, DIFFERENCES["matrix"])


def _is_of_other_values(found: "DifferentialNetwork", table: pd.DataFrame, rows: "NDArray[np.intp]") -> bool:
    """Whether a network is known to be of another matrix than these samples of the one that is compared."""
    origin, notes = origin_of_table(table), Notes.of(found.expression, tables=False)
    known, genes = origin.fingerprints.get("matrix"), origin.genes
    same_lists = notes.directed == ("regulator" in table)
    if known is None or genes is None or not same_lists or notes.missing or notes.whitening:
        return False
    columns = found.expression.var_names.get_indexer(pd.Index(genes))
    return bool((columns >= 0).all()) and fingerprint(found.expression[rows, columns]) != known


def _check_genes(found: "DifferentialNetwork", table: pd.DataFrame, named: str) -> None:
    """Refuse a network of other genes, or one without the regulators of a directed comparison."""
    if Notes.of(found.expression).directed and "regulator" not in table:
        raise InputError(
            f"{named} was inferred without a list of regulators, and the comparison was made with one; give the same"
            " list to both"
        )
    kept = table[table["kept"].to_numpy(bool)]
    genes = {*kept["gene_a"].astype(str), *kept["gene_b"].astype(str)}
    if genes and genes.isdisjoint(map(str, found.expression.var_names)):
        raise InputError(f"{named} has none of the {count(found.expression.n_vars, 'gene')} that are compared")
