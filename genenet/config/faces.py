"""Names of settings in messages, as the user wrote them: on the command line, in Python, or in a configuration file.

Messages are written with the keys of the configuration file (`prepare.missing: pairwise`), and with the options of
files (`--table`). `spelled` translates them, before they are shown, to the face (interface) of genenet that the user
works with; `speak` sets it.
"""

import functools
import json
import os
import re
import shlex
from ast import literal_eval
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from genenet import errors
from genenet.config.keys import (
    ACTIVITY_KEYS,
    ASSOCIATE_KEYS,
    DIFFERENTIAL_KEYS,
    KEYS,
    KEYWORDS,
    SELECT_KEYS,
    SIMULATE_KEYS,
    Key,
    flat_name,
)

Face = Literal["python", "command line", "workflow"]

VARIABLE = "GENENET_MESSAGES"
"""Environment variable with which the workflow tells its jobs that the user has a configuration file."""

FILES = (
    *("regulators", "targets", "keep", "control_genes", "pairs", "table", "gene_table", "gene_sets", "truth"),
    *("group_by", "levels", "bins", "regulons"),
)
"""Files and attributes that go with a matrix and are not settings: options, arguments, or keys of a data set."""

_OWN = {**ACTIVITY_KEYS, **ASSOCIATE_KEYS, **DIFFERENTIAL_KEYS, **SELECT_KEYS, **SIMULATE_KEYS}
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_VALUE = re.compile(rf"{_QUOTED}|-?\w+(?:\.\d+)?(?:,\w+)*")
_OR = re.compile(r", or |, | or | and ")
_face: Face = "python"


def speak(face: Face) -> None:
    """Set how messages of this process name settings; Python's keywords are the default."""
    global _face
    _face = face


def spoken() -> Face:
    """How messages of this process name settings."""
    return _face


@contextmanager
def speaking(face: Face) -> Iterator[None]:
    """Name settings in this way while the context is open."""
    before = _face
    speak(face)
    try:
        yield
    finally:
        speak(before)


def face_of_command() -> Face:
    """Tell how a command names settings: by options, in a job of the workflow by keys of the configuration."""
    return "workflow" if os.environ.get(VARIABLE) == "workflow" else "command line"


def spelled(text: str, face: Face | None = None) -> str:
    r"""Translate the names of settings in a message to those of one interface.

    Parameters
    ----------
    text
        A message with dotted keys, their values behind a colon, and options of files.
    face
        The interface; that of the process if not given.

    Examples
    --------
    >>> text = "set prepare.missing: pairwise or drop_genes, raise prepare.max_missing, or add it with --table"
    >>> spelled(text, "command line")
    'set --missing pairwise or drop_genes, raise --max-missing, or add it with --table'
    >>> spelled(text, "python")
    'set missing="pairwise" or "drop_genes", raise max_missing, or add it with table='
    >>> spelled(text, "workflow")
    'set prepare.missing: pairwise or drop_genes, raise prepare.max_missing, or add it with table'
    >>> spelled("set prepare.use_raw: true", "command line"), spelled("set prepare.use_raw: true", "python")
    ('set --use-raw', 'set use_raw=True')
    """
    face = face or _face
    parts, end = [], 0
    for found in _pattern().finditer(text):
        if found.start() < end:
            continue
        parts.append(text[end : found.start()])
        if found["option"]:
            parts.append(_option(found["option"].replace("-", "_"), face))
            end = found.end()
        else:
            key = KEYS[found["key"]]
            values, end = _values(key, text, found.end())
            if not values and not key.section:  # `seed` and `preset` without a value are ordinary words
                parts.append(found["key"])
            else:
                parts.append(_setting(key, values, face))
    return "".join([*parts, text[end:]])


@functools.cache
def _pattern() -> re.Pattern[str]:
    """Pattern of keys, which are not parts of a file's name or of a longer key, and of options."""
    keys = "|".join(map(re.escape, sorted(KEYS, key=len, reverse=True)))
    names = sorted({*FILES, *KEYWORDS, *_OWN}, key=len, reverse=True)
    options = "|".join(name.replace("_", "-") for name in names)
    return re.compile(rf"(?<![\w./-])(?:(?P<key>{keys})(?![\w/-]|\.\w)|--(?P<option>{options})(?![\w-]))")


def _values(key: Key, text: str, start: int) -> tuple[list[str], int]:
    """Values behind a key, alternating with the words between them, and the position where they end."""
    if not text.startswith(": ", start):
        return [], start
    found = _VALUE.match(text, start + 2)
    values: list[str] = []
    while found and _is_value(key, found[0]):
        values.append(found[0])
        start = found.end()
        word = _OR.match(text, start)
        found = _VALUE.match(text, word.end()) if word else None
        if word and found and _is_value(key, found[0]):
            values.append(word[0])
    return values, start


def _is_value(key: Key, text: str) -> bool:
    if text[0] in "'\"":
        return key.kind in ("text", "list")
    if key.kind == "boolean":
        return text in ("true", "false")
    if key.kind in ("integer", "number"):
        return text in key.choices or re.fullmatch(r"-?\d+(\.\d+)?", text) is not None
    return bool(key.choices) and all(part in key.choices for part in text.split(","))


def _setting(key: Key, values: list[str], face: Face) -> str:
    name = flat_name(key)
    if face == "workflow":
        return f"{key.dotted}: {''.join(values)}" if values else key.dotted
    if face == "python":
        said = [value if number % 2 else _in_python(key, value) for number, value in enumerate(values)]
        return f"{name}={''.join(said)}" if values else name
    option = f"--{name.replace('_', '-')}"
    if key.kind == "boolean" and values:
        return option if values[0] == "true" else option.replace("--", "--no-", 1)
    said = [value if number % 2 or value[0] not in "'\"" else _in_shell(value) for number, value in enumerate(values)]
    return f"{option} {''.join(said)}" if values else option


def _in_python(key: Key, value: str) -> str:
    if value[0] in "'\"":
        return json.dumps(literal_eval(value), ensure_ascii=False)
    if key.kind == "boolean":
        return value.capitalize()
    return json.dumps(value) if not re.fullmatch(r"-?\d+(\.\d+)?", value) else value


def _in_shell(value: str) -> str:
    return shlex.quote(literal_eval(value))


def _option(name: str, face: Face) -> str:
    if face == "command line":
        return f"--{name.replace('_', '-')}"
    if name in FILES:
        return f"{name}=" if face == "python" else name
    return KEYWORDS[name].dotted if face == "workflow" and name not in _OWN else name


errors.spell_settings_by(spelled)
