"""Presets: what they set, what goes before them, and how it comes through files, keywords and steps."""

from pathlib import Path

import pytest

from genenet.cli.infer import read_settings
from genenet.config import KEYS, Settings, settings_from, settings_from_keywords
from genenet.config.presets import DESCRIPTIONS, PRESETS
from genenet.config.step_options import STEP_KEYS, value_of
from genenet.errors import ConfigError
from genenet.workflow import step_options, workflow_from
from genenet.workflow.generated import config_yaml

PRESET = {"preset": "codependency"}


def test_presets__every_setting_is_a_key_with_another_default():
    assert set(PRESETS) == set(DESCRIPTIONS) == set(KEYS["preset"].choices)
    for settings in PRESETS.values():
        assert all(value != KEYS[dotted].default for dotted, value in settings.items())


def test_preset__sets_its_keys_and_no_other():
    settings = settings_from(PRESET)
    for dotted, key in KEYS.items():
        expected = "codependency" if dotted == "preset" else PRESETS["codependency"].get(dotted, key.default)
        assert value_of(settings, key) == expected, dotted


def test_preset__does_not_prune_by_dpi():
    assert settings_from(PRESET).prune.method == "none"


@pytest.mark.parametrize("method", ["dpi", "mrnet"])
def test_preset__keyword_goes_before_it(method):
    assert settings_from_keywords(**PRESET, prune_method=method).prune.method == method
    assert settings_from({**PRESET, "prune": {"method": method}}).prune.method == method


def test_preset__goes_before_the_base():
    base = settings_from({"prune": {"score": "mi", "max_edges": 7}})
    settings = settings_from(PRESET, base=base)
    assert settings.prune.score == ("clr_squared",)
    assert settings.prune.max_edges == 7


def test_preset__unknown():
    with pytest.raises(ConfigError) as error:
        settings_from_keywords(preset="codependence")
    assert str(error.value) == "preset must be one of codependency, or empty, got 'codependence'"


def test_preset__defaults_of_the_written_file_do_not_go_before_it(tmp_path: Path):
    path = tmp_path / "config.yaml"
    path.write_text(config_yaml().replace("preset:\n", "preset: codependency\n"))
    assert read_settings(path) == settings_from(PRESET)
    path.write_text("preset: codependency\nprune:\n  score: mi\n")
    assert read_settings(path) == settings_from({**PRESET, "prune": {"score": "mi"}})


def test_preset__of_all_data_sets_and_of_one():
    given = {"prune": {"method": "dpi", "max_edges": 9}, "datasets": {"one": {"matrix": "a.csv"}}}
    of_all = workflow_from({**PRESET, **given}).datasets["one"].settings
    assert of_all == settings_from({**PRESET, "prune": {"max_edges": 9}})
    given["datasets"]["one"] |= PRESET
    assert workflow_from(given).datasets["one"].settings == of_all
    given["datasets"]["one"]["prune"] = {"method": "dpi"}
    assert workflow_from(given).datasets["one"].settings.prune.method == "dpi"


def test_preset__steps_get_the_settings_whatever_is_empty():
    settings = settings_from({**PRESET, "prepare": {"min_variance": None}})
    assert "--min-variance=" in step_options(settings, "prepare")
    options = step_options(settings, "manifest")
    given = dict(option.lstrip("-").replace("-", "_", 1).split("=", 1) for option in options if "=" in option)
    assert given["preset"] == "codependency"
    assert given["min_variance"] == ""
    assert "preset" in STEP_KEYS["summary"]
    assert step_options(Settings(), "summary") == ["--no-isolated"]
