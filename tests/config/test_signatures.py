"""Settings in signatures, docstrings and types of the functions that take them as keywords."""

import inspect
from typing import get_type_hints

import pytest

import genenet
from genenet import config
from genenet.config.keys import ASSOCIATE_KEYWORDS, KEYWORDS, SELECT_KEYWORDS
from genenet.config.keywords import AssociateKeywords, SelectKeywords, SettingsKeywords
from genenet.errors import ConfigError
from genenet.groups import infer_groups
from genenet.pipeline import InferenceKeywords

OWN = ["regulators", "targets", "keep", "control_genes", "pairs", "table", "gene_table", "gene_sets", "truth"]
OWN += ["name", "settings", "progress"]


@pytest.mark.parametrize(("keywords", "keys"), [(SettingsKeywords, KEYWORDS), (AssociateKeywords, ASSOCIATE_KEYWORDS)])
def test_keywords__have_every_setting_and_no_other(keywords, keys):
    assert list(get_type_hints(keywords)) == list(keys)


@pytest.mark.parametrize(
    ("function", "keys", "hints"),
    [
        (genenet.infer_network, KEYWORDS, SettingsKeywords),
        (infer_groups, KEYWORDS, SettingsKeywords),
        (config.settings_from_keywords, KEYWORDS, SettingsKeywords),
        (genenet.associate, ASSOCIATE_KEYWORDS, AssociateKeywords),
        (genenet.select_genes, SELECT_KEYWORDS, SelectKeywords),
    ],
)
def test_signature__shows_settings_with_types_and_defaults(function, keys, hints):
    shown = inspect.signature(function).parameters
    types = get_type_hints(hints)
    assert [name for name in shown if name in keys] == list(keys)
    assert {name: shown[name].default for name in keys} == {name: key.default for name, key in keys.items()}
    assert {name: shown[name].annotation for name in keys} == {name: types[name] for name in keys}
    assert {shown[name].kind for name in keys} == {inspect.Parameter.KEYWORD_ONLY}
    assert inspect.Parameter.VAR_KEYWORD not in {item.kind for item in shown.values()}


def test_signature__of_functions_that_hand_keywords_on_is_that_of_infer_network():
    whole = inspect.signature(genenet.infer_network).parameters
    expected = [item for item in whole.values() if item.kind is inspect.Parameter.KEYWORD_ONLY]
    found = inspect.signature(infer_groups).parameters
    assert [item for item in found.values() if item.kind is inspect.Parameter.KEYWORD_ONLY] == expected
    assert [name for name in whole if name not in KEYWORDS] == ["data", *OWN]
    assert [name for name in get_type_hints(InferenceKeywords) if name not in KEYWORDS] == OWN
    assert get_type_hints(InferenceKeywords)["pairs"] == whole["pairs"].annotation


def test_help__tells_what_each_setting_means():
    text = inspect.getdoc(genenet.infer_network)
    assert text.index("Other Parameters\n-") < text.index("Raises\n-")
    assert "\nmin_mi\n    Smallest mutual information of an edge, in bits. [a number >= 0; default: 0.0]\n" in text
    assert all(f"\n{name}\n    " in text for name in KEYWORDS)
    assert r"\*Detection\*" in text  # an asterisk alone would begin emphasis in the documentation


def test_associate__message_about_a_setting_of_other_steps():
    with pytest.raises(ConfigError) as caught:
        genenet.associate(None, "stage", tolerance=0.1)
    assert str(caught.value) == (
        "associate does not use the setting tolerance; its settings are kind, n_permutations, seed, small_strata,"
        " min_samples, discretise_method, n_bins, min_expected, order, coordinate, false_alarm, block_prior,"
        " extrapolate, estimator, n_neighbours, correction"
    )
    with pytest.raises(ConfigError, match=r"^unknown setting n_permutation; did you mean n_permutations\?$"):
        genenet.associate(None, "stage", n_permutation=200)
