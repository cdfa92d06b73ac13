"""The text of a plan.yaml: YAML of the safe and plain kind, with the line of every key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from planlib.errors import SettingsError

KeyPath = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """Safe YAML whose plain words stay words: only true and false are booleans, 010 is text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|false|False)$", "tTfF"),
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("int", r"^[-+]?(?:0|[1-9][0-9_]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9][0-9_]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?$", "-+0123456789"),
):
    if _tag == "float":  # a number with leading zero and no point is a code, not a number
        _pattern = r"^[-+]?(?:(?:0|[1-9][0-9_]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+)$"
        _first = "-+0123456789."
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def read_yaml(text: str, where: str) -> tuple[dict[str, Any], dict[KeyPath, int]]:
    """Parse YAML without aliases and repeated keys; also give the line of every key."""
    loader = _Loader(text)
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=_Loader)):
            raise SettingsError(where, ["anchors and aliases (&, *) are not allowed"])
        node = loader.get_single_node()
        if node is None:
            return {}, {}
        if not isinstance(node, yaml.MappingNode):
            raise SettingsError(where, ["must hold 'key: value' lines"])
        lines = dict(_lines(node, ()))
        problems = list(_repeated(node, ()))
        if problems:
            raise SettingsError(where, problems)
        content = loader.construct_document(node)
    except (yaml.YAMLError, RecursionError) as error:
        message = str(error).replace('in "<unicode string>", ', "")
        raise SettingsError(where, [f"not valid YAML: {message}"]) from None
    finally:
        loader.dispose()
    return content, lines


def _lines(node: yaml.Node, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, str(key.value)), key.start_mark.line + 1
            yield from _lines(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*path, index), value.start_mark.line + 1
            yield from _lines(value, (*path, index))


def _repeated(node: yaml.Node, path: KeyPath) -> Iterator[str]:
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in seen:
                dotted = ".".join(map(str, (*path, name)))
                yield f"line {line}: '{dotted}' stands twice (first in line {seen[name]})"
            seen[name] = line
            yield from _repeated(value, (*path, name))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _repeated(value, (*path, index))
