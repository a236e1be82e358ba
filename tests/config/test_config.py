import numpy as np
import pytest
from pydantic import ValidationError

from genenet.config import (
    KEYS,
    KEYWORDS,
    SECTIONS,
    Discretise,
    Prepare,
    Settings,
    settings_from,
    settings_from_keywords,
)
from genenet.errors import ConfigError
from genenet.workflow import step_options, workflow_from


def message(mapping: dict, **options: object) -> str:
    with pytest.raises(ConfigError) as caught:
        settings_from(mapping, **options)
    return str(caught.value)


def keyword_message(**keywords: object) -> str:
    with pytest.raises(ConfigError) as caught:
        settings_from_keywords(**keywords)
    return str(caught.value)


# Values that are taken


def test_settings_from__nothing_gives_the_defaults():
    assert settings_from({}) == Settings() == settings_from_keywords()


def test_settings_from__an_empty_section_gives_the_defaults():
    assert settings_from({"prune": None}) == Settings()


def test_settings_from__keeps_what_base_says():
    base = settings_from({"discretise": {"n_bins": 8}, "seed": 3})
    settings = settings_from({"discretise": {"order": 2}}, base=base)
    assert settings.discretise == Discretise(n_bins=8, order=2)
    assert settings.seed == 3


@pytest.mark.parametrize("value", ["1e-8", 1e-8, np.float64(1e-8)])
def test_settings_from__takes_a_number_as_yaml_or_numpy_give_it(value):
    settings = settings_from({"significance": {"alpha": value}})
    assert settings.significance.alpha == 1e-8
    assert type(settings.significance.alpha) is float


@pytest.mark.parametrize("value", ["1e6", 1e6, 1_000_000, "1_000_000", np.int32(1_000_000)])
def test_settings_from__takes_a_whole_number_however_it_is_written(value):
    settings = settings_from({"permutation": {"n_draws": value}})
    assert settings.permutation.n_draws == 1_000_000
    assert type(settings.permutation.n_draws) is int


@pytest.mark.parametrize("value", [["rank"], ("rank",), "rank"])
def test_settings_from__takes_a_list_or_one_item(value):
    assert settings_from({"discretise": {"coordinate": value}}).discretise.coordinate == ("rank",)


def test_settings_from__takes_items_between_commas():
    coordinate = settings_from({"discretise": {"coordinate": "rank, normal_score"}}).discretise.coordinate
    assert coordinate == ("rank", "normal_score")


def test_settings_from__empty_text_empties_an_optional_key():
    base = settings_from({"prune": {"epsilon": 0.1}})
    assert settings_from({"prune": {"epsilon": ""}}, base=base).prune.epsilon is None


def test_settings_from_keywords__names_the_section_where_two_have_the_key():
    settings = settings_from_keywords(discretise_method="codes", prune_method="none", n_bins=9, seed=1)
    assert settings == settings_from(
        {"discretise": {"method": "codes", "n_bins": 9}, "prune": {"method": "none"}, "seed": 1}
    )


def test_settings__are_frozen():
    with pytest.raises(ValidationError):
        Settings().seed = 1


# Messages

N_BINS = "discretise.n_bins must be an integer >= 2 and <= 64, or one of sqrt, cube_root, freedman_diaconis, got "


@pytest.mark.parametrize(
    ("section", "key", "value", "text"),
    [
        ("discretise", "n_bins", 1, N_BINS + "1"),
        ("discretise", "n_bins", 6.5, N_BINS + "6.5"),
        ("discretise", "n_bins", "six", N_BINS + "'six'"),
        ("discretise", "n_bins", None, N_BINS + "nothing"),
        ("discretise", "n_bins", True, N_BINS + "true"),
        ("discretise", "n_bins", [6], N_BINS + "[6]"),
        ("significance", "alpha", 0, "significance.alpha must be a number > 0 and <= 1, got 0"),
        ("significance", "alpha", float("nan"), "significance.alpha must be a number > 0 and <= 1, got nan"),
        ("significance", "min_mi", -0.5, "significance.min_mi must be a number >= 0, got -0.5"),
        (
            "significance",
            "correction",
            "fdr",
            "significance.correction must be one of bh, by, bonferroni, none, got 'fdr'",
        ),
        ("permutation", "extrapolate", "maybe", "permutation.extrapolate must be true or false, got 'maybe'"),
        ("prune", "epsilon", -1, "prune.epsilon must be a number >= 0, or empty, got -1"),
        ("prepare", "layer", 3, "prepare.layer must be text, or empty, got 3"),
        (
            "discretise",
            "coordinate",
            ["rank", "zscore"],
            "discretise.coordinate must be a list of rank, normal_score, value, got 'zscore'",
        ),
        (
            "discretise",
            "coordinate",
            ["zscore"],
            "discretise.coordinate must be a list of rank, normal_score, value, got 'zscore'",
        ),
        ("discretise", "coordinate", [], "discretise.coordinate must be a list of rank, normal_score, value, got []"),
        (
            "discretise",
            "coordinate",
            "rank,rank",
            "discretise.coordinate names a component twice: rank, rank",
        ),
        ("discretise", "order", 7, "discretise.order must be at most discretise.n_bins (6), got 7"),
    ],
)
def test_settings_from__message(section, key, value, text):
    assert message({section: {key: value}}) == text


def test_settings_from__message_about_a_key_outside_of_the_sections():
    assert message({"seed": -1}) == "seed must be an integer >= 0 and <= 4,294,967,295, got -1"


def test_settings_from__message_says_where():
    text = message({"discretise": {"n_bins": 1}}, where="datasets.tumour.")
    assert text == f"datasets.tumour.{N_BINS}1"


def test_settings_from__one_line_for_several_mistakes():
    text = message({"discretise": {"n_bins": 1}, "prune": {"tolerance": 2}})
    assert text == (N_BINS + "1; prune.tolerance must be a number >= 0 and <= 1, or auto, got 2")


def test_settings_from__scores_of_bins_need_bins():
    text = message({"information": {"estimator": "ksg"}, "prune": {"score": "pidc"}}, where="datasets.tumour.")
    assert text == ("datasets.tumour.prune.score pidc needs bins, which information.estimator ksg has not; use plugin")


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (
            {"datasets": {"a": {"matrix": "m.tsv", "prepare": {"table": "t.tsv"}}}},
            "unknown key datasets.a.prepare.table; did you mean datasets.a.table?",
        ),
        ({"matrix": "m.tsv"}, "unknown key matrix; did you mean datasets.NAME.matrix?"),
        (
            {"datasets": {"a": {"matrix": "m.tsv", "fuse": "never"}}},
            "unknown key datasets.a.fuse; did you mean fuse?",
        ),
    ],
)
def test_workflow__unknown_key_of_another_level(config, text):
    with pytest.raises(ConfigError) as error:
        workflow_from(config)
    assert str(error.value) == text


def test_settings_from__section_is_not_a_mapping():
    assert message({"prune": 0.1}) == "prune must hold keys (prune: with key: value below it), got 0.1"


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        ({"discretise": {"n_bin": 5}}, "unknown key discretise.n_bin; did you mean discretise.n_bins?"),
        ({"n_bins": 5}, "unknown key n_bins; did you mean discretise.n_bins?"),
        ({"prune": {"alpha": 0.1}}, "unknown key prune.alpha; did you mean significance.alpha?"),
        ({"method": "dpi"}, "unknown key method; did you mean discretise.method or prune.method?"),
        ({"discretize": {}}, "unknown key discretize; did you mean discretise?"),
        ({"network": {"x": 1}}, "unknown key network.x; known are isolated"),
    ],
)
def test_settings_from__unknown_key(mapping, text):
    assert message(mapping) == text


def test_settings_from__unknown_key_says_where():
    text = message({"n_bins": 5}, where="datasets.tumour.")
    assert text == "unknown key datasets.tumour.n_bins; did you mean datasets.tumour.discretise.n_bins?"


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("n_bin", "unknown setting n_bin; did you mean n_bins?"),
        ("method", "unknown setting method; did you mean discretise_method or prune_method?"),
        ("discretise_n_bins", "unknown setting discretise_n_bins; did you mean n_bins?"),
        ("zzz", "unknown setting zzz"),
    ],
)
def test_settings_from_keywords__unknown(keyword, text):
    assert keyword_message(**{keyword: 1}) == text


def test_settings_from_keywords__wrong_value():
    assert keyword_message(tolerance=1.5) == "prune.tolerance must be a number >= 0 and <= 1, or auto, got 1.5"


# The models themselves


def test_keys__each_says_what_it_means():
    assert [key.dotted for key in KEYS.values() if not key.description.endswith(".")] == []


def test_keys__the_default_is_allowed():
    for key in KEYS.values():
        if key.section:
            settings_from({key.section: {key.name: key.default}})


def test_keys__empty_is_said_to_a_step_where_it_is_not_the_default():
    assert [key.dotted for key in KEYS.values() if key.optional and key.default is not None] == ["prune.max_edges"]
    assert "--max-edges=" in step_options(settings_from({"prune": {"max_edges": None}}), "prune")
    assert settings_from_keywords(max_edges="").prune.max_edges is None


def test_keywords__no_two_are_alike():
    assert len(KEYWORDS) == len(KEYS)


def test_sections__are_the_steps_of_the_data_path():
    assert SECTIONS == (
        "prepare",
        "discretise",
        "permutation",
        "information",
        "significance",
        "stability",
        "prune",
        "network",
        "export",
    )


NOT_NUMBERS = ["1_", "1__0", "_1", "9" * 5000, "1e-320", "1e400", "-1e400", "nan", "inf", "0x10", "１", "1e", "--1", ""]


@pytest.mark.parametrize("text", NOT_NUMBERS)
@pytest.mark.parametrize("dotted", ["significance.alpha", "discretise.n_bins", "seed", "prune.tolerance"])
def test_settings_from__text_that_is_no_number(dotted, text):
    section, _, name = dotted.rpartition(".")
    with pytest.raises(ConfigError) as caught:
        settings_from({section: {name: text}} if section else {name: text})
    shown = text if len(text) <= 80 else text[:77] + "..."
    assert str(caught.value) == f"{dotted} must be {KEYS[dotted].expected}, got {shown!r}"


@pytest.mark.parametrize("number", [10**5000, 10**18, float("inf"), -(10**400), 1e-320], ids=lambda number: "number")
@pytest.mark.parametrize("dotted", ["prune.max_edges", "prepare.min_variance", "seed"])
def test_settings_from__number_without_bounds(dotted, number):
    section, _, name = dotted.rpartition(".")
    if dotted == "prepare.min_variance" and number == 10**18:  # without an upper bound
        assert settings_from({section: {name: number}}).prepare.min_variance == 1e18
        return
    with pytest.raises(ConfigError) as caught:
        settings_from({section: {name: number}} if section else {name: number})
    assert len(str(caught.value)) < 250


def test_na_values__numbers_of_a_list_are_taken_as_texts():
    assert Prepare(na_values=[-99, -9.5, "LOD"]).na_values == ("-99", "-9.5", "LOD")
    assert settings_from_keywords(na_values=[-999]).prepare.na_values == ("-999",)
