"""Checks of settings: keywords and YAML become a `Settings`, or an error of one line says what is wrong with them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar, Unpack

from pydantic import ValidationError

from genenet.config.keys import (
    ASSOCIATE_KEYS,
    ASSOCIATE_KEYWORDS,
    DIFFERENTIAL_KEYS,
    DIFFERENTIAL_KEYWORDS,
    KEYS,
    KEYWORDS,
    SECTIONS,
    SELECT_KEYS,
    SELECT_KEYWORDS,
    Key,
    text_of,
)
from genenet.config.keywords import AssociateKeywords, DifferentialKeywords, SelectKeywords, SettingsKeywords
from genenet.config.presets import with_preset
from genenet.config.sections import Associate, Differential, Section, Select, Settings
from genenet.config.signatures import takes_settings
from genenet.errors import ConfigError, nearest, shorten, suggest

S = TypeVar("S", bound="Section")


def settings_from(
    mapping: Mapping[str, Any], *, base: Settings | None = None, where: str = "", others: Sequence[str] = ()
) -> Settings:
    """Check settings given as a nested mapping, as read from YAML, and fill in defaults.

    Parameters
    ----------
    mapping
        Section -> key -> value, `seed` and `preset`, whose settings override those of `base`. A section may be None or
        absent.
    base
        Settings that the mapping overrides; the defaults if not given.
    where
        Put before the names of keys in messages, for example "datasets.tumour.".
    others
        Full names of keys of other levels of the file (`datasets.tumour.table`), which an unknown key may mean.

    Returns
    -------
    All settings, checked and frozen.

    Raises
    ------
    ConfigError
        If a key is unknown or a value is not allowed.

    Examples
    --------
    >>> settings_from({"discretise": {"n_bins": 8}}).discretise.n_bins
    8
    >>> settings_from({"discretise": {"order": 0}})
    Traceback (most recent call last):
    genenet.errors.ConfigError: discretise.order must be an integer >= 1 and <= 16, got 0
    """
    return _settings(mapping, base, where, as_written=True, others=others)


def _settings(
    mapping: Mapping[str, Any],
    base: Settings | None,
    where: str = "",
    *,
    as_written: bool,
    others: Sequence[str] = (),
) -> Settings:
    values = (base or Settings()).model_dump()
    with_preset(values, mapping.get("preset"))
    for name, given in mapping.items():
        if name in SECTIONS:
            section = _section(name, given, where)
            values[name] |= {key: _parsed(f"{name}.{key}", value) for key, value in section.items()}
        else:
            values[name] = _parsed(str(name), given)
    return checked(Settings, values, KEYS, where, as_written=as_written, others=others)


@takes_settings(SettingsKeywords, KEYWORDS)
def settings_from_keywords(*, base: Settings | None = None, **keywords: Unpack[SettingsKeywords]) -> Settings:
    """Check settings given by their flat names.

    Parameters
    ----------
    base
        Settings that the keywords override; the defaults if not given.
    **keywords
        `seed`, or the key of a section, as `n_bins`; `discretise_method` and `prune_method` for the two keys `method`.

    Returns
    -------
    All settings, checked and frozen.

    Raises
    ------
    ConfigError
        If a name is unknown or a value is not allowed.

    Examples
    --------
    >>> settings_from_keywords(n_bins=8, prune_method="none").prune.method
    'none'
    >>> settings_from_keywords(n_bin=8)
    Traceback (most recent call last):
    genenet.errors.ConfigError: unknown setting n_bin; did you mean n_bins?
    """
    nested: dict[str, Any] = {}
    for name, value in keywords.items():
        if name not in KEYWORDS:
            raise ConfigError(_unknown_keyword(name, KEYWORDS))
        key = KEYWORDS[name]
        if key.section:
            nested.setdefault(key.section, {})[key.name] = value
        else:
            nested[key.name] = value
    return _settings(nested, base, as_written=False)


def associate_from_keywords(
    *, base: Settings | None = None, options: Associate | None = None, **keywords: Unpack[AssociateKeywords]
) -> tuple[Settings, Associate]:
    """Check the keywords of `genenet.associate`: those of a run that it uses, and its own.

    Raises
    ------
    ConfigError
        If a name is unknown or not used, or a value is not allowed.

    Examples
    --------
    >>> associate_from_keywords(n_permutations=200)[1].n_permutations
    200
    """
    given: dict[str, Any] = {**keywords}
    values = _own(given, options or Associate(), ASSOCIATE_KEYS, ASSOCIATE_KEYWORDS, "associate")
    return settings_from_keywords(base=base, **given), checked(Associate, values, ASSOCIATE_KEYS)


def select_from_keywords(
    *, base: Settings | None = None, options: Select | None = None, **keywords: Unpack[SelectKeywords]
) -> tuple[Settings, Select]:
    """Check the keywords of `genenet.select_genes`: those of a run that it uses, and its own.

    Raises
    ------
    ConfigError
        If a name is unknown or not used, or a value is not allowed.

    Examples
    --------
    >>> select_from_keywords(n_permutations=10)
    Traceback (most recent call last):
    genenet.errors.ConfigError: n_permutations must be at least 19 with alpha 0.05, got 10: no p-value could be so small
    """
    given: dict[str, Any] = {**keywords}
    values = _own(given, options or Select(), SELECT_KEYS, SELECT_KEYWORDS, "select_genes")
    return settings_from_keywords(base=base, **given), checked(Select, values, SELECT_KEYS)


def differential_from_keywords(
    *, base: Settings | None = None, options: Differential | None = None, **keywords: Unpack[DifferentialKeywords]
) -> tuple[Settings, Differential]:
    """Check the keywords of `genenet.differential_network`: those of reading a matrix, and its own.

    Raises
    ------
    ConfigError
        If a name is unknown or not used, or a value is not allowed.

    Examples
    --------
    >>> differential_from_keywords(order=8)
    Traceback (most recent call last):
    genenet.errors.ConfigError: order must be at most n_bins (6), got 8
    """
    given: dict[str, Any] = {**keywords}
    name = "differential_network"
    values = _own(given, options or Differential(), DIFFERENTIAL_KEYS, DIFFERENTIAL_KEYWORDS, name)
    return settings_from_keywords(base=base, **given), checked(Differential, values, DIFFERENTIAL_KEYS)


def _own(
    given: dict[str, Any], options: Section, own: Mapping[str, Key], used: Mapping[str, Key], function: str
) -> dict[str, Any]:
    """Move the settings that only one function has out of its keywords, and refuse keywords that it does not use."""
    for name in given:
        if name not in used:
            unused = f"{function} does not use the setting {name}; its settings are {', '.join(used)}"
            raise ConfigError(unused if name in KEYWORDS else _unknown_keyword(name, used))
    return options.model_dump() | {name: own[name].parse(given.pop(name)) for name in own if name in given}


def checked(
    model: type[S],
    values: Mapping[str, Any],
    keys: Mapping[str, Key],
    where: str = "",
    *,
    as_written: bool = False,
    others: Sequence[str] = (),
) -> S:
    """Make a settings model of values, or raise an error that says in one line what is wrong with them.

    Parameters
    ----------
    keys
        The keys of the model, by dotted name.
    where
        Put before the names of keys in messages.
    as_written
        Whether the values are of a configuration file, whose keys messages name as they are written there.
    others
        Full names of keys of other levels, which an unknown key may mean.

    Raises
    ------
    ConfigError
        If a key is unknown or a value is not allowed.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        as_written_there = as_written or bool(where)
        messages = dict.fromkeys(_messages(error, keys, where, as_written=as_written_there, others=others))
        raise ConfigError("; ".join(messages), as_written=as_written) from None


def unknown_key(name: str, known: Iterable[str], where: str = "", others: Sequence[str] = ()) -> str:
    """Word the error about a key that does not exist, with the closest one that does.

    Parameters
    ----------
    name
        The unknown key, with its section.
    known
        All keys, with their sections.
    where
        What stands before the names of these keys.
    others
        Full names of keys of other levels.

    Examples
    --------
    >>> unknown_key("discretise.n_bin", KEYS)
    'unknown key discretise.n_bin; did you mean discretise.n_bins?'
    >>> unknown_key("n_bins", KEYS)
    'unknown key n_bins; did you mean discretise.n_bins?'
    >>> unknown_key("prepare.table", KEYS, "datasets.a.", ["datasets.a.table"])
    'unknown key datasets.a.prepare.table; did you mean datasets.a.table?'
    >>> unknown_key("network.foo", KEYS)
    'unknown key network.foo; known are isolated'
    """
    known, name = list(known), shorten(name, quoted=False)
    section, _, last = name.rpartition(".")
    beside = [key for key in known if key.rpartition(".")[0] == section]
    meant = [f"{where}{key}" for key in known if key.rpartition(".")[2] == last]
    meant += [key for key in others if key.rpartition(".")[2] == last]
    close = nearest(last, [key.rpartition(".")[2] for key in beside])
    if close and not meant:
        meant = [where + f"{section}.{close}".lstrip(".")]
    if meant:
        return f"unknown key {where}{name}; did you mean {' or '.join(meant)}?"
    return f"unknown key {where}{name}; known are {', '.join(key.rpartition('.')[2] for key in beside)}"


def wrong_value(key: Key, value: Any, where: str = "", name: str = "") -> str:
    """Word the error about a value that a key cannot have.

    Examples
    --------
    >>> wrong_value(KEYS["significance.correction"], "fdr")
    "significance.correction must be one of bh, by, bonferroni, none, got 'fdr'"
    """
    if isinstance(value, tuple):
        value = list(value)
    shown = "nothing" if value is None else text_of(value) if isinstance(value, bool) else shorten(value)
    return f"{where}{name or key.dotted} must be {key.expected}, got {shown}"


def _parsed(dotted: str, value: Any) -> Any:
    return KEYS[dotted].parse(value) if dotted in KEYS else value


def _section(name: str, given: Any, where: str) -> Mapping[str, Any]:
    if given is None:  # a section whose keys are all commented out
        return {}
    if not isinstance(given, Mapping):
        raise ConfigError(f"{where}{name} must hold keys ({name}: with key: value below it), got {shorten(given)}")
    return given


def _messages(
    error: ValidationError, keys: Mapping[str, Key], where: str, *, as_written: bool, others: Sequence[str]
) -> Iterable[str]:
    """Word each error that pydantic found, one for each bad value, with the names and bounds of our keys."""
    told = set()
    for detail in error.errors():
        # The location goes on into lists: ("discretise", "coordinate", 1).
        parts = [str(part) for part in detail["loc"][:2]]
        dotted = ".".join(parts)
        if detail["type"] == "too_short" and dotted in told:
            continue  # pydantic counts the good items of a list only
        told.add(dotted)
        key = keys.get(dotted) or keys.get(dotted.partition(".")[0])
        if detail["type"] == "extra_forbidden":
            sections = dict.fromkeys(other.section for other in keys.values() if other.section)
            yield unknown_key(dotted, [*keys, *sections] if len(parts) == 1 else keys, where, others)
        elif key:
            # A key of no section is written as an option for `faces`: alone it may be a word of every day.
            name = key.dotted if key.section or as_written else f"--{key.name.replace('_', '-')}"
            yield wrong_value(key, detail["input"], where, name)
        else:  # a rule about several keys; its text begins with the key to change
            yield f"{where}{dotted}{'.' if dotted else ''}{detail['ctx']['error']}"


def _unknown_keyword(name: str, keywords: Mapping[str, Key]) -> str:
    """Word the error about an unknown keyword; a key of two sections, or of a section, suggests the full name."""
    meant = [flat for flat, key in keywords.items() if name in (key.name, f"{key.section}_{key.name}")]
    hint = f"; did you mean {' or '.join(meant)}?" if meant else suggest(name, keywords)
    return f"unknown setting {shorten(name, quoted=False)}{hint}"
