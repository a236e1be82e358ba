"""Settings in the signatures and docstrings of the functions that take them as keywords.

Such a function takes `**keywords: Unpack[SettingsKeywords]`, by which editors and type checkers know the settings. The
decorators below show the same settings to `help()` and notebooks.
"""

import inspect
import re
import textwrap
from collections.abc import Callable, Mapping
from inspect import Parameter
from typing import Any, TypeVar, cast, get_type_hints

from genenet.config.keys import Key

F = TypeVar("F", bound=Callable[..., Any])

_AFTER = re.compile(r"^ *(Raises|Warns|See Also|Notes|References|Examples)\n *-+\n", re.M)
"""Sections of a docstring that come after the parameters."""
_EMPTY = re.compile(r"\b[Ee]mpty\b")
"""None is called empty in YAML and on the command line."""


def takes_settings(keywords: type, keys: Mapping[str, Key]) -> Callable[[F], F]:
    """Show settings as parameters of a function that takes them as `**keywords`.

    Parameters
    ----------
    keywords
        The TypedDict of the function's keywords.
    keys
        The settings by keyword.

    Examples
    --------
    >>> from genenet.config.keys import KEYWORDS
    >>> from genenet.config.keywords import SettingsKeywords
    >>> @takes_settings(SettingsKeywords, {"seed": KEYWORDS["seed"]})
    ... def draw(n, **keywords):
    ...     "Draw numbers."
    >>> inspect.signature(draw)
    <Signature (n, *, seed: int = 0)>
    >>> print(draw.__doc__.splitlines()[-1])
        Seed of every random number. [an integer >= 0 and <= 4,294,967,295; default: 0]
    """
    # A setting that is new has no type yet while its line of the TypedDict is being generated.
    types = get_type_hints(keywords)
    parameters = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=key.default, annotation=types.get(name, Any))
        for name, key in keys.items()
    ]
    return lambda function: _show(function, parameters, {name: text_of_keyword(key) for name, key in keys.items()})


def takes_keywords_of(other: Callable[..., Any]) -> Callable[[F], F]:
    """Show the keyword parameters of another function in one that passes them on as `**keywords`.

    Examples
    --------
    >>> def plot(x, *, colour: str = "red"): ...
    >>> @takes_keywords_of(plot)
    ... def plot_all(x, y, *, width=1, **keywords): ...
    >>> inspect.signature(plot_all)
    <Signature (x, y, *, width=1, colour: str = 'red')>
    """
    parameters = [
        parameter
        for parameter in inspect.signature(other).parameters.values()
        if parameter.kind is Parameter.KEYWORD_ONLY
    ]
    return lambda function: _show(function, parameters, {})


def text_of_keyword(key: Key) -> str:
    """Describe a setting for docstrings: its meaning, allowed values and default, as they are called in Python.

    Examples
    --------
    >>> from genenet.config.keys import KEYWORDS
    >>> text_of_keyword(KEYWORDS["min_mi"])
    'Smallest mutual information of an edge, in bits. [a number >= 0; default: 0.0]'
    >>> text_of_keyword(KEYWORDS["min_mean"])
    'Drop genes whose mean is below this; None drops none. [a number, or None; default: None]'
    """
    text = _EMPTY.sub("None", key.description) if key.optional else key.description
    allowed = "" if key.kind in ("text", "boolean", "choice") else f"{_EMPTY.sub('None', key.expected)}; "
    return f"{text} [{allowed}default: {key.default!r}]"


def _show(function: F, parameters: list[Parameter], texts: Mapping[str, str]) -> F:
    signature = inspect.signature(function)
    own = [item for item in signature.parameters.values() if item.kind is not Parameter.VAR_KEYWORD]
    more = [item for item in parameters if item.name not in signature.parameters]
    shown = cast(Any, function)
    shown.__signature__ = signature.replace(parameters=[*own, *more])
    if texts and function.__doc__:
        shown.__doc__ = _with_texts(inspect.cleandoc(function.__doc__), texts)
    return function


def _with_texts(doc: str, texts: Mapping[str, str]) -> str:
    """Put texts of parameters into a docstring, behind those that it has."""
    # An asterisk would begin emphasis.
    escaped = {name: text.replace("*", r"\*") for name, text in texts.items()}
    lines = [
        f"{name}\n{textwrap.fill(text, 116, initial_indent='    ', subsequent_indent='    ')}"
        for name, text in escaped.items()
    ]
    section = "\n".join(["Other Parameters", "----------------", *lines])
    found = _AFTER.search(doc)
    if not found:
        return f"{doc}\n\n{section}"
    return f"{doc[: found.start()]}{section}\n\n{doc[found.start() :]}"
