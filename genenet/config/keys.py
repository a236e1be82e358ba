"""Name, kind, bounds and description of each setting, for messages, command line options and the YAML file."""

import csv
import io
import numbers
import re
import sys
import types
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from genenet.config.sections import Activity, Associate, Differential, Select, Settings, Simulate

Kind = Literal["integer", "number", "boolean", "text", "choice", "list"]
_KINDS: dict[type, Kind] = {bool: "boolean", int: "integer", float: "number", str: "text"}
_NUMBER = re.compile(r"\s*[+-]?([0-9]+(_[0-9]+)*\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")
_WHOLE = re.compile(r"\s*[+-]?[0-9]+(_[0-9]+)*\s*")
TINY, HUGE = sys.float_info.min, sys.float_info.max
MAX_DIGITS = 400
"""Characters of the longest text that is read as a number."""
_SIGNS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}


@dataclass(frozen=True)
class Key:
    """One setting: its section, allowed values, default and description."""

    section: str
    """Section of the key; empty for a key outside of all sections."""
    name: str
    kind: Kind
    choices: tuple[str, ...]
    """Allowed values (choice) or items (list), or words beside a number."""
    optional: bool
    """Whether it may be empty."""
    bounds: tuple[tuple[str, float], ...]
    """Signs and limits of a number, as ((">=", 2), ("<=", 64))."""
    default: Any
    description: str

    @property
    def dotted(self) -> str:
        """Name in messages and in the YAML file."""
        return f"{self.section}.{self.name}" if self.section else self.name

    @property
    def expected(self) -> str:
        """The kind of value that is wanted, in words that follow "must be"."""
        names = ", ".join(self.choices)
        limits = " and ".join(f"{sign} {limit:,}" for sign, limit in self.bounds)
        if self.choices and self.kind in ("integer", "number"):
            limits += f", or {'one of ' * (len(self.choices) > 1)}{names}"
        phrase = {
            "integer": f"an integer {limits}".rstrip(),
            "number": f"a number {limits}".rstrip(),
            "boolean": "true or false",
            "text": "text",
            "choice": f"one of {names}",
            "list": f"a list of {names or 'texts'}",
        }[self.kind]
        return f"{phrase}, or empty" if self.optional else phrase

    def parse(self, value: Any) -> Any:
        """Read a number from text, a list from commas, empty from ''; leave what cannot be read to the validation.

        YAML reads 1e-8 as text, and everything on a command line is text.

        Examples
        --------
        >>> class Model(BaseModel):
        ...     alpha: float = 0.05
        ...     epsilon: float | None = None
        >>> keys = {key.name: key for key in keys_of(Model)}
        >>> keys["alpha"].parse("1e-8"), keys["epsilon"].parse("")
        (1e-08, None)
        """
        if isinstance(value, str):
            return self._parse_text(value)
        if self.kind == "list" and isinstance(value, list):
            return tuple(value)
        if isinstance(value, numbers.Real):
            return self._plain_number(value)
        return value

    def _parse_text(self, text: str) -> Any:
        if self.optional and text.strip() == "":
            return None
        if self.kind in ("integer", "number") and len(text) <= MAX_DIGITS and _NUMBER.fullmatch(text):
            return self._plain_number(int(text) if _WHOLE.fullmatch(text) else float(text), text)
        if self.kind == "boolean":
            return {"true": True, "false": False}.get(text.strip().lower(), text)
        if self.kind == "list":
            return names_in(text)
        return text

    def _plain_number(self, number: Any, text: str = "") -> Any:
        """Convert numbers of numpy to Python's, and whole numbers to integers if the setting is an integer.

        A number that is infinite, or so small that it has lost digits (1e400, 1e-320), stays the text that was given.
        """
        if self.kind not in ("integer", "number") or isinstance(number, bool):
            return number
        try:
            if isinstance(number, numbers.Integral) or (self.kind == "integer" and float(number).is_integer()):
                return int(number)
            value = float(number)
            if value == 0 or TINY <= abs(value) <= HUGE:
                return value
            return text or (str(value) if abs(value) < TINY else value)
        except (OverflowError, ValueError):  # an integer beyond all floats, infinity or NaN
            return text or number


def names_in(text: str) -> tuple[str, ...]:
    """Read a list of names that are separated by commas; one with a comma in it is quoted.

    Examples
    --------
    >>> names_in('batch, "sex, age"')
    ('batch', 'sex, age')
    """
    return tuple(item.strip() for line in csv.reader([text], skipinitialspace=True) for item in line)


def text_of(value: Any) -> str:
    """Write a value as in the YAML file and on the command line.

    Examples
    --------
    >>> text_of(True), text_of(None), text_of(1e-8)
    ('true', '', '1e-08')
    >>> text_of(("rank", "value")), text_of(("gene, long name", "chromosome"))
    ('rank,value', '"gene, long name",chromosome')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(value)
        return line.getvalue()
    return str(value)


def keys_of(model: type[BaseModel], section: str = "") -> Iterator[Key]:
    """List the keys of a model; those of its sections follow in the order of the fields.

    Examples
    --------
    >>> class Discretise(BaseModel):
    ...     n_bins: int = 6
    >>> class Settings(BaseModel):
    ...     seed: int = 0
    ...     discretise: Discretise = Discretise()
    >>> [key.dotted for key in keys_of(Settings)]
    ['seed', 'discretise.n_bins']
    """
    for name, field in model.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from keys_of(annotation, name)
        else:
            yield _key(section, name, field)


def _key(section: str, name: str, field: FieldInfo) -> Key:
    inner, names, optional = _parts(field.annotation)
    choices: tuple[str, ...] = get_args(names)
    rules = list(field.metadata)
    if get_origin(inner) is Annotated:
        inner, *limits = get_args(inner)
        rules += [rule for limit in limits for rule in limit.metadata]
    if get_origin(inner) is tuple:
        kind: Kind = "list"
        choices = get_args(get_args(inner)[0])  # none for a list of any text
    elif get_origin(inner) is Literal:
        kind, choices = "choice", get_args(inner)
    else:
        kind = _KINDS[inner]
    bounds = tuple(
        (sign, getattr(rule, attribute))
        for rule in rules
        for attribute, sign in _SIGNS.items()
        if getattr(rule, attribute, None) is not None
    )
    default = None if field.is_required() else field.default
    return Key(section, name, kind, choices, optional, bounds, default, field.description or "")


def _parts(annotation: Any) -> tuple[Any, Any, bool]:
    """Split `X | Literal[...] | None` into X, the words allowed beside it (or None), and whether None is allowed."""
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation, None, False
    inner, *words = (part for part in get_args(annotation) if part is not type(None))
    return inner, words[0] if words else None, type(None) in get_args(annotation)


KEYS: dict[str, Key] = {key.dotted: key for key in keys_of(Settings)}
"""Every setting, by its dotted name, in the order of the data path."""

ACTIVITY_KEYS: dict[str, Key] = {key.name: key for key in keys_of(Activity)}
ASSOCIATE_KEYS: dict[str, Key] = {key.name: key for key in keys_of(Associate)}
DIFFERENTIAL_KEYS: dict[str, Key] = {key.name: key for key in keys_of(Differential)}
SELECT_KEYS: dict[str, Key] = {key.name: key for key in keys_of(Select)}

SIMULATE_KEYS: dict[str, Key] = {key.name: key for key in keys_of(Simulate)}

SECTIONS: tuple[str, ...] = tuple(dict.fromkeys(key.section for key in KEYS.values() if key.section))

_USES = Counter(key.name for key in KEYS.values())


def flat_name(key: Key) -> str:
    """Name of a setting outside of YAML: its key, with its section before it if two sections have this key.

    Examples
    --------
    >>> flat_name(KEYS["discretise.n_bins"]), flat_name(KEYS["prune.method"])
    ('n_bins', 'prune_method')
    """
    return key.name if _USES[key.name] <= 1 or not key.section else f"{key.section}_{key.name}"


KEYWORDS: dict[str, Key] = {flat_name(key): key for key in KEYS.values()}
"""Every setting, by its name as keyword and command line option."""

_ASSOCIATE = (
    "prepare.min_samples",
    "prepare.small_strata",
    "information.estimator",
    "information.n_neighbours",
    "permutation.extrapolate",
)

ASSOCIATE_KEYWORDS: dict[str, Key] = ASSOCIATE_KEYS | {
    flat_name(key): key
    for dotted, key in KEYS.items()
    if key.section == "discretise" or dotted in (*_ASSOCIATE, "significance.correction", "seed")
}
"""Settings of `genenet.associate`: its own, and those of a run that it uses."""

DIFFERENTIAL_KEYWORDS: dict[str, Key] = DIFFERENTIAL_KEYS | {
    flat_name(key): key for key in KEYS.values() if key.section == "prepare"
}
"""Settings of `genenet.differential_network`: its own, and those of reading a matrix."""

SELECT_KEYWORDS: dict[str, Key] = SELECT_KEYS | {
    flat_name(KEYS[dotted]): KEYS[dotted] for dotted in ("prepare.min_samples", "prepare.small_strata")
}
"""Settings of `genenet.select_genes`: its own, and those of a run that it uses."""
