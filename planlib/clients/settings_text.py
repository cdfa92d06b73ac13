"""Change single settings in the text of a plan.yaml; comments and all other lines stay."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from planlib.errors import SettingsError
from planlib.plan import parse_plan, setting_content
from planlib.settings.keys import plain_value, yaml_flow

#: Stands for "back to the default": the key is taken out.
DEFAULT = object()
_Span = tuple[int, int]


def change_settings(text: str, changes: Mapping[str, Any], where: str = "plan.yaml") -> str:
    """
    Change settings in the text of a plan.yaml.

    Parameters
    ----------
    text
        The text.
    changes
        New plain value by key such as ``territories.tolerance``; ``DEFAULT`` takes a key out.
    where
        Name of the file in messages.

    Returns
    -------
    str
        The text with these settings changed and nothing else.

    Raises
    ------
    SettingsError
        If a value is not allowed, or the file is written in a way that cannot be changed line by
        line.
    """
    wanted = changed_content(setting_content(text), changes)
    for dotted, value in changes.items():
        text = _without(text, dotted) if value is DEFAULT else _with(text, dotted, value)
    try:
        done = setting_content(text) == wanted
    except SettingsError:
        done = False
    if not done:
        names = ", ".join(changes)
        problem = f"{names}: not changed, the lines around are written in an unusual way; edit it"
        raise SettingsError(where, [problem])
    parse_plan(text, where)
    return text


def changed_content(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Give the content of a plan.yaml with settings changed; sections left empty go."""
    result = {
        key: dict(value) if isinstance(value, dict) else value for key, value in content.items()
    }
    for dotted, value in changes.items():
        section, _, name = dotted.rpartition(".")
        holder = result.setdefault(section, {}) if section else result
        if value is DEFAULT:
            holder.pop(name, None)
        else:
            holder[name] = plain_value(value)
        if section and not holder:
            result.pop(section)
    return result


def _with(text: str, dotted: str, value: Any) -> str:
    section, _, name = dotted.rpartition(".")
    line = f"{name}: {yaml_flow(value) if value is not None else ''}".rstrip()
    found = _find(text, dotted)
    if found is not None:
        start, end = found
        return text[:start] + line + text[end:]
    if not section:
        return f"{line}\n{text}" if not text.startswith("##") else _after_comments(text, line)
    at = _section_line(text, section)
    if at is None:
        gap = "" if not text or text.endswith("\n") else "\n"
        return f"{text}{gap}\n{section}:\n  {line}\n"
    start, end = at
    return f"{text[:start]}{section}:\n  {line}{text[end:]}"


def _without(text: str, dotted: str) -> str:
    found = _find(text, dotted)
    if found is None:
        return text
    text = _cut(text, found)
    section = dotted.rpartition(".")[0]
    if section:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        for key, value in root.value if root is not None else ():
            if key.value == section and isinstance(value, yaml.ScalarNode):
                return _cut(text, (key.start_mark.index, _end(value)))
    return text


def _cut(text: str, span: _Span) -> str:
    """Cut whole lines, with the remark at their end."""
    start = text.rfind("\n", 0, span[0]) + 1
    end = text.find("\n", span[1])
    return text[:start] + (text[end + 1 :] if end >= 0 else "")


def _find(text: str, dotted: str) -> _Span | None:
    """Give where a key and its value stand."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    parts = dotted.split(".")
    for depth, part in enumerate(parts):
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        pair = next(((key, value) for key, value in pairs if key.value == part), None)
        if pair is None:
            return None
        if depth == len(parts) - 1:
            return pair[0].start_mark.index, _end(pair[1])
        node = pair[1]
    return None


def _end(node: yaml.Node) -> int:
    """Give where a value ends; that of a block reaches over the remarks below it otherwise."""
    inner: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode) and not node.flow_style:
        inner = [one for pair in node.value for one in pair]
    elif isinstance(node, yaml.SequenceNode) and not node.flow_style:
        inner = list(node.value)
    index = max(map(_end, inner)) if inner else node.end_mark.index
    return int(index)


def _section_line(text: str, section: str) -> _Span | None:
    """Give the line of a section: in force, or as it waits behind a sign."""
    for pattern in (rf"(?m)^{section}:[ \t]*(?=#|$)", rf"(?m)^#{section}:[ \t]*$"):
        match = re.search(pattern, text)
        if match:
            return match.span()
    return None


def _after_comments(text: str, line: str) -> str:
    lines = text.split("\n")
    at = next((at for at, one in enumerate(lines) if not one.startswith("##")), len(lines))
    return "\n".join([*lines[:at], line, *lines[at:]])
