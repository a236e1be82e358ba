"""Settings that have no effect beside others; they are found before anything is computed."""

from collections.abc import Callable
from typing import NamedTuple

from genenet.config.keys import KEYS, text_of
from genenet.config.sections import CONTINUOUS, Settings
from genenet.config.step_options import value_of

SPLINES = ("bspline", "zero_inflated")


class Rule(NamedTuple):
    """The condition under which a setting has an effect.

    Attributes
    ----------
    key
        Dotted name of the setting.
    used
        Whether other settings make use of it.
    by
        The other settings that make use of it, for the message.
    """

    key: str
    used: Callable[[Settings], bool]
    by: str


def _has_bins(settings: Settings) -> bool:
    return settings.information.estimator not in CONTINUOUS


RULES = (
    Rule("prepare.name_part", lambda s: s.prepare.name_separator is not None, "prepare.name_separator"),
    Rule(
        "prepare.max_missing",
        lambda s: s.prepare.missing not in ("error", "drop_samples"),
        "prepare.missing: drop_genes, impute_mean, impute_median or pairwise",
    ),
    Rule("prepare.small_strata", lambda s: bool(s.prepare.strata), "prepare.strata"),
    Rule("prepare.aggregate_by", lambda s: s.prepare.aggregate != "none", "prepare.aggregate: pseudobulk or metacells"),
    Rule("prepare.min_cells", lambda s: s.prepare.aggregate != "none", "prepare.aggregate: pseudobulk or metacells"),
    Rule("prepare.cells_per_metacell", lambda s: s.prepare.aggregate == "metacells", "prepare.aggregate: metacells"),
    Rule("discretise.method", _has_bins, "an information.estimator with bins"),
    Rule(
        "discretise.n_bins",
        lambda s: _has_bins(s) and s.discretise.method not in ("bayesian_blocks", "codes"),
        "discretise.method other than bayesian_blocks and codes, and an information.estimator with bins",
    ),
    Rule("discretise.min_expected", lambda s: isinstance(s.discretise.n_bins, str), "a rule in discretise.n_bins"),
    Rule(
        "discretise.order",
        lambda s: _has_bins(s) and s.discretise.method in SPLINES,
        "discretise.method: bspline or zero_inflated",
    ),
    Rule(
        "discretise.coordinate",
        lambda s: s.information.estimator != "adaptive" and (s.discretise.method in SPLINES or not _has_bins(s)),
        "discretise.method: bspline or zero_inflated, and estimators without bins",
    ),
    Rule(
        "discretise.false_alarm",
        lambda s: _has_bins(s) and s.discretise.method == "bayesian_blocks",
        "discretise.method: bayesian_blocks",
    ),
    Rule(
        "discretise.block_prior",
        lambda s: _has_bins(s) and s.discretise.method == "bayesian_blocks",
        "discretise.method: bayesian_blocks",
    ),
    Rule(
        "information.n_neighbours",
        lambda s: s.information.estimator in ("ksg", "ksg2"),
        "information.estimator: ksg or ksg2",
    ),
    Rule(
        "prune.tolerance",
        lambda s: s.prune.method == "dpi" and s.prune.epsilon is None,
        "prune.method: dpi without prune.epsilon",
    ),
    Rule("prune.epsilon", lambda s: s.prune.method == "dpi", "prune.method: dpi"),
    Rule("prune.protect_regulators", lambda s: s.prune.method == "dpi", "prune.method: dpi"),
    Rule("stability.donor_column", lambda s: s.stability.stability > 0, "stability.stability above 0"),
    Rule("stability.min_stability", lambda s: s.stability.stability > 0, "stability.stability above 0"),
    Rule(
        "stability.stability_bound",
        lambda s: s.stability.stability > 0 and s.stability.min_stability == "auto",
        "stability.stability above 0, with stability.min_stability: auto",
    ),
    Rule("export.view_genes", lambda s: "view" in s.export.formats, "export.formats with view"),
    Rule("export.view_nodes", lambda s: "view" in s.export.formats, "export.formats with view"),
)


def unused(settings: Settings) -> list[str]:
    """Name the settings that differ from their default but have no effect beside the others.

    Examples
    --------
    >>> from genenet.config import settings_from
    >>> unused(settings_from({"prune": {"method": "mrnet", "tolerance": 0.2}}))
    ['prune.tolerance (0.2) does nothing here: it is used by prune.method: dpi without prune.epsilon']
    """
    found = []
    for rule in RULES:
        value = value_of(settings, KEYS[rule.key])
        if value != KEYS[rule.key].default and not rule.used(settings):
            found.append(f"{rule.key} ({text_of(value)}) does nothing here: it is used by {rule.by}")
    return found
