"""The settings that each step reads, as options of its command line."""

from typing import Any

from genenet.config.keys import KEYS, SECTIONS, Key, flat_name, text_of
from genenet.config.sections import Settings

STEP_KEYS: dict[str, tuple[str, ...]] = {
    section: tuple(dotted for dotted, key in KEYS.items() if key.section == section) for section in SECTIONS
}
"""The settings that each step reads: changing one of these, and no other, changes the files that the step writes."""
# bins.h5ad holds values for one estimator, whose name later steps read from it.
STEP_KEYS["discretise"] += ("information.estimator", "information.n_neighbours")
STEP_KEYS["permutation"] += ("significance.alpha", "seed")
STEP_KEYS["information"] = ("information.n_blocks", "significance.alpha", "seed")
STEP_KEYS["prune"] += ("stability.min_stability", "stability.stability_bound")
STEP_KEYS["stability"] = (
    *("stability.stability", "stability.donor_column", "permutation.n_draws", "permutation.extrapolate"),
    *STEP_KEYS["significance"],
    *(key for key in STEP_KEYS["prune"] if key.startswith("prune.") and key != "prune.max_pruned"),
    "seed",
)
STEP_KEYS["export"] = tuple(key for key in STEP_KEYS["export"] if key != "export.report") + STEP_KEYS["network"]
STEP_KEYS["confounding"] = tuple(
    dotted
    for dotted, key in KEYS.items()
    if key.section in ("discretise", "permutation", "significance", "prune")
    or dotted in ("information.estimator", "seed")
)
STEP_KEYS["summary"] = (*STEP_KEYS["network"], "preset")
STEP_KEYS["manifest"] = STEP_KEYS["compare"] = tuple(KEYS)
STEP_KEYS["levels"] = STEP_KEYS["prepare"]
STEP_KEYS["differential"] = (*STEP_KEYS["prepare"], "significance.alpha", "seed")


def step_options(settings: Settings, step: str) -> list[str]:
    """Command line options that give a step all settings it reads.

    Examples
    --------
    >>> step_options(Settings(), "information")
    ['--n-blocks=1', '--alpha=0.05', '--seed=0']
    >>> step_options(Settings(), "network")
    ['--no-isolated']
    """
    values = {dotted: value_of(settings, KEYS[dotted]) for dotted in STEP_KEYS[step]}
    # Empty values are left out, unless the default, or that of a preset, may be another value.
    said = {
        dotted: value
        for dotted, value in values.items()
        if value is not None or KEYS[dotted].default is not None or settings.preset is not None
    }
    return [_option(KEYS[dotted], value) for dotted, value in said.items()]


def value_of(settings: Settings, key: Key) -> Any:
    """Value of a setting."""
    return getattr(getattr(settings, key.section) if key.section else settings, key.name)


def option_name(key: Key) -> str:
    """Command line option of a setting.

    Examples
    --------
    >>> option_name(KEYS["discretise.n_bins"]), option_name(KEYS["prune.method"])
    ('--n-bins', '--prune-method')
    """
    return f"--{flat_name(key).replace('_', '-')}"


def _option(key: Key, value: Any) -> str:
    name = option_name(key)
    if key.kind == "boolean":
        return name if value else name.replace("--", "--no-", 1)
    return f"{name}={text_of(value)}"
