"""Inference of one network for each group of samples."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Unpack

from genenet.config.signatures import takes_keywords_of
from genenet.errors import count, logger_of
from genenet.groups.levels import Group
from genenet.groups.split import find_groups, of_group, take_group
from genenet.pipeline import InferenceKeywords, Inputs, Matrix, infer_inputs, infer_network, read_inputs
from genenet.result import Result

logger = logger_of(__name__)


@takes_keywords_of(infer_network)
def infer_groups(
    data: Matrix, group_by: str, **keywords: Unpack[InferenceKeywords]
) -> tuple[list[Group], Iterator[tuple[Group, Result]]]:
    """Infer a network for each group of samples.

    Each network is that of `genenet.infer_network` for the samples of this group alone: filters, bins and the null are
    the group's own. Groups with fewer than `min_samples` samples are left out, with a warning.

    Parameters
    ----------
    data
        As for `genenet.infer_network`.
    group_by
        Column of `obs` (or of `table`) whose levels are the groups.
    **keywords
        All other keywords of `genenet.infer_network`; `name` begins the names of the networks.

    Returns
    -------
    All groups, also those without a network, and an iterator over the groups with a network and their results; each
    network is inferred when the iterator reaches it. `edges_by_group` compares the results' edges.

    Raises
    ------
    InputError
        If the matrix cannot be used, there is no such attribute, or no group has `min_samples` samples.
    ConfigError
        If a setting is unknown or not allowed.

    Examples
    --------
    >>> import genenet
    >>> truth = genenet.simulate_expression(n_genes=40, n_regulators=6, n_samples=200, seed=1)
    >>> truth.expression.obs["tissue"] = ["liver", "heart"] * 100
    >>> groups, results = infer_groups(truth.expression, "tissue", n_draws=10_000)
    >>> found = {group.name: result for group, result in results}
    >>> list(found), found["liver"].expression.n_obs
    (['heart', 'liver'], 100)
    """
    inputs = read_inputs(data, **keywords)
    groups = find_groups(inputs.matrix.obs, group_by, inputs.settings.prepare)
    used = [group for group in groups if group.used]

    def results() -> Iterator[tuple[Group, Result]]:
        for number, group in enumerate(used, start=1):
            logger.info("%s %s (%s of %s)", group_by, group.name, number, count(len(used), "group"))
            yield group, infer_group(inputs, group_by, group)

    return groups, results()


def infer_group(
    inputs: Inputs,
    group_by: str,
    group: Group,
    *,
    step_files: Path | None = None,
    meanwhile: Callable[[Result], None] | None = None,
    only_files: bool = False,
) -> Result:
    """Infer the network of one group of samples; options as in `genenet.pipeline.infer_loaded`."""
    with of_group(group_by, group.name):
        matrix = take_group(inputs.matrix, group_by, group.name)
        own = inputs._replace(matrix=matrix, name=f"{inputs.name}/{group.folder}")
        return infer_inputs(own, seconds={}, step_files=step_files, meanwhile=meanwhile, only_files=only_files)
