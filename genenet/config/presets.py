"""Presets: other defaults for one kind of data, which settings given by the user override."""

from collections.abc import Mapping
from typing import Any

from genenet.config.keys import KEYS
from genenet.config.sections import Preset

PRESETS: dict[Preset, dict[str, Any]] = {
    "codependency": {
        "prepare.orientation": "samples_by_genes",
        "prepare.name_separator": " (",
        "prepare.missing": "impute_mean",
        "prepare.min_variance": 0.0,
        "prepare.whiten": "samples",
        "discretise.n_bins": 4,
        "discretise.order": 3,
        "prune.method": "none",
        "prune.score": ("clr_squared",),
        "prune.sign": "apart",
    }
}
"""Settings of each preset, by dotted name."""

DESCRIPTIONS: dict[Preset, str] = {
    "codependency": "codependency: no pruning by DPI, which would thin complexes, whose genes all depend on each other",
}
"""Line about each preset in the summary."""


def with_preset(values: dict[str, Any], preset: object) -> None:
    """Put the settings of a preset into nested settings; a preset that does not exist is left to the checks.

    Examples
    --------
    >>> from genenet.config import Settings
    >>> values = Settings().model_dump()
    >>> values["prune"]["tolerance"] = 0.1
    >>> with_preset(values, "codependency")
    >>> values["prune"]["method"], values["prune"]["tolerance"]
    ('none', 0.1)
    """
    for name, settings in PRESETS.items():
        if name == preset:
            for dotted, value in settings.items():
                section, _, key = dotted.partition(".")
                values[section][key] = value


def beside_preset(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Drop the keys of a configuration file that have their default value, if the file names a preset.

    The file that genenet writes has every key with its default; so a default there does not override the preset.

    Examples
    --------
    >>> beside_preset({"preset": "codependency", "prune": {"method": "dpi", "tolerance": 0.1}})
    {'preset': 'codependency', 'prune': {'tolerance': 0.1}}
    >>> beside_preset({"prune": {"method": "dpi"}})
    {'prune': {'method': 'dpi'}}
    """
    if not mapping.get("preset"):
        return dict(mapping)
    return {name: _chosen(name, given) if isinstance(given, Mapping) else given for name, given in mapping.items()}


def _chosen(section: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if not _is_default(f"{section}.{key}", value)}


def _is_default(dotted: str, value: Any) -> bool:
    key = KEYS.get(dotted)
    return key is not None and bool(key.parse(value) == key.default)
