"""Writing genenet/config/keywords.py, the settings as typed keywords of Python functions, from the settings models."""

import textwrap
from collections.abc import Mapping
from typing import Literal, get_args, get_origin

from genenet.config import sections
from genenet.config.keys import ASSOCIATE_KEYWORDS, DIFFERENTIAL_KEYWORDS, KEYWORDS, SELECT_KEYWORDS, Key
from genenet.config.signatures import text_of_keyword

KINDS = {"integer": "int", "number": "float", "boolean": "bool", "text": "str"}
CLASSES = (
    ("SettingsKeywords", "Every setting of a run.", KEYWORDS),
    ("AssociateKeywords", "Settings of `genenet.associate`.", ASSOCIATE_KEYWORDS),
    ("SelectKeywords", "Settings of `genenet.select_genes`.", SELECT_KEYWORDS),
    ("DifferentialKeywords", "Settings of `genenet.differential_network`.", DIFFERENTIAL_KEYWORDS),
)
_HEAD = '''\
"""The settings as keywords of Python functions, for editors and type checkers.

Made by `python -m genenet.workflow` from genenet/config/sections.py: change that, not this.
"""

from collections.abc import Sequence
from typing import TypedDict

from genenet.config.sections import (
{names}
)
'''
_CHOICES = {get_args(value): name for name, value in vars(sections).items() if get_origin(value) is Literal}
"""Names of the types in `genenet.config.sections`, by the values that they allow."""


def keywords_module() -> str:
    """Write the module: a TypedDict for each set of keywords."""
    used = {_choice(key) for _, _, keys in CLASSES for key in keys.values() if key.choices}
    names = "\n".join(f"    {name}," for name in sorted(used))
    return "\n\n".join([_HEAD.format(names=names), *(_typed_dict(*parts) for parts in CLASSES)])


def _typed_dict(name: str, text: str, keys: Mapping[str, Key]) -> str:
    entries = [f"    {keyword}: {_type(key)}\n{_docstring(text_of_keyword(key))}" for keyword, key in keys.items()]
    return "\n".join([f"class {name}(TypedDict, total=False):", f'    """{text}"""', "", *entries, ""])


def _type(key: Key) -> str:
    if key.kind == "choice":
        parts = [_choice(key)]
    elif key.kind == "list":
        item = _choice(key) if key.choices else "str"
        parts = [item, f"Sequence[{item}]"]
    else:
        parts = [KINDS[key.kind], *([_choice(key)] if key.choices else [])]
    return " | ".join([*parts, *(["None"] if key.optional else [])])


def _choice(key: Key) -> str:
    """Name of the type of a key's values."""
    if key.choices not in _CHOICES:
        raise TypeError(
            f"give the values of {key.dotted} a name in genenet/config/sections.py, as the other Literals have"
        )
    return _CHOICES[key.choices]


def _docstring(text: str) -> str:
    lines = textwrap.wrap(f'"""{text}', 114)
    close = '"""' if len(lines) == 1 else '\n"""'
    return textwrap.indent("\n".join(lines) + close, "    ")
