"""Reading configuration files: YAML, or JSON, that may come from anybody, read within limits of size and depth."""

import datetime
import json
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from genenet.errors import ConfigError, shorten

MAX_BYTES = 500_000
"""Largest size of a file; a thousand data sets with settings of their own take 200 kB."""
MAX_DEPTH = 20
MAX_NODES = 30_000
"""Most keys and values of a file, where those behind an alias count at each of its uses."""


def read_yaml(path: Path) -> dict[str, Any]:
    r"""Read a configuration file, whose keys must be text and unique, and whose size and depth are limited.

    Raises
    ------
    ConfigError
        If it cannot be read, is not YAML, or is no mapping.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "config.yaml"
    >>> _ = path.write_text("prune:\n  tolerance: 0.1\n")
    >>> read_yaml(path)
    {'prune': {'tolerance': 0.1}}
    """
    text = _text(path)
    try:
        content = yaml.load(text, _Loader)  # a safe loader
    except yaml.MarkedYAMLError as error:
        raise ConfigError(f"{path} is not YAML: {_reason(error)}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError(f"{path} is not YAML: {shorten(' '.join(str(error).split()), quoted=False)}") from None
    return {} if content is None else _sections(path, content, "prune: with key: value below it")


def read_json(path: Path) -> dict[str, Any]:
    r"""Read a configuration file in JSON, whose keys must be unique.

    Raises
    ------
    ConfigError
        If it cannot be read, is not JSON, or is no object.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "config.json"
    >>> _ = path.write_text('{"prune": {"tolerance": 0.1}}')
    >>> read_json(path)
    {'prune': {'tolerance': 0.1}}
    """
    try:
        content = json.loads(_text(path), object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        problem = error.msg[:1].lower() + error.msg[1:]
        raise ConfigError(f"{path} is not JSON: {problem} (line {error.lineno:,})") from None
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise ConfigError(f"{path} is not a configuration: {reason}") from None
    return _sections(path, content, '"prune": {...}')


def _sections(path: Path, content: object, example: str) -> dict[str, Any]:
    """Refuse what is no mapping, as a configuration is."""
    if not isinstance(content, Mapping):
        raise ConfigError(f"{path} must hold sections of settings ({example}), got {shorten(content)}")
    return dict(content)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for at, name in enumerate(names) if name in names[:at])
        raise ValueError(f"the key {shorten(twice)} is there twice")
    return found


def _text(path: Path) -> str:
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise ConfigError(f"cannot read {path}: it is a device or a pipe; write the settings to a file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(f"cannot read {shorten(str(path), quoted=False)}: {reason}") from None
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{path} is larger than {MAX_BYTES:,} bytes, as no configuration is; is it the right file?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path} is not UTF-8 text (line {line:,}); save it as UTF-8") from None


def _reason(error: yaml.MarkedYAMLError) -> str:
    what = " ".join(filter(None, (error.context, error.problem)))
    where = f" (line {error.problem_mark.line + 1:,})" if error.problem_mark else ""
    return f"{shorten(' '.join(what.split()), 120, quoted=False)}{where}"


class _Loader(yaml.SafeLoader):
    """The safe loader of PyYAML, with limits, and with errors that name the line."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = self._n_nodes = 0
        self._sizes: dict[int, int] = {}

    def _here(self) -> yaml.Mark:
        mark: yaml.Mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        return mark

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self._depth += 1
        self._n_nodes += 1
        if self._n_nodes > MAX_NODES:
            raise _wrong(f"it holds more than {MAX_NODES:,} keys and values", self._here())
        if self._depth > MAX_DEPTH:
            raise _wrong(f"it is nested more than {MAX_DEPTH} deep", self._here())
        node = super().compose_node(parent, index)
        self._depth -= 1
        if node is not None and self._size(node) > MAX_NODES:
            raise _wrong(f"its aliases make more than {MAX_NODES:,} values", node.start_mark)
        return node

    def _size(self, node: yaml.Node) -> int:
        """Number of nodes in a node, aliases counted in full; its children have been counted before."""
        if id(node) not in self._sizes:
            inside = [node] if isinstance(node, yaml.ScalarNode) else _children(node)
            self._sizes[id(node)] = 1 + sum(self._sizes.get(id(child), 1) for child in inside if child is not node)
        return self._sizes[id(node)]

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            value = super().construct_object(node, deep=deep)
        except (ValueError, TypeError, OverflowError, AttributeError, KeyError):
            kind = node.tag.rpartition(":")[2]
            raise _wrong(f"{shorten(str(node.value))} is no {kind}", node.start_mark) from None
        if isinstance(value, str) and not _can_be_written(value):
            raise _wrong(f"{shorten(value)} is not text", node.start_mark)
        return value

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if key.tag == "tag:yaml.org,2002:merge":
                continue
            name = self.construct_object(key, deep=True)
            if not isinstance(name, str):
                shown = str(name) if isinstance(name, datetime.date) else shorten(name)
                raise _wrong(f"the key {shown} is not text", key.start_mark)
            if name in seen:
                raise _wrong(f"the key {shorten(name)} is there twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep=deep)


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value)


def _can_be_written(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _wrong(problem: str, mark: yaml.Mark) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)
