"""The plan.yaml of a new client: what it starts with, and every usual setting with its meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from planlib.clients.usual import USUAL
from planlib.errors import SettingsError
from planlib.plan import Plan
from planlib.settings.keys import REQUIRED, SettingKey, all_keys, yaml_flow

_WIDTH = 98
_HEAD = """\
## Settings of this workbook. `planlib check` names a wrong value with its line.
## Two signs (##) begin an explanation. One sign (#) begins a setting that stands at its default:
## remove the sign, and that of its section's name above it, and change the value.
## Further settings are explained in docs/settings.md of planlib.
"""


def plan_text(values: Mapping[str, Any]) -> str:
    """
    Write a plan.yaml.

    Parameters
    ----------
    values
        Content that is in force from the start, as plan.yaml would hold it. The other usual
        settings are written at their defaults, behind a #.

    Returns
    -------
    str
        The text; reading it gives a plan with exactly these values.

    Raises
    ------
    SettingsError
        If a name is no key of plan.yaml.
    """
    known = {key.dotted: key for key in all_keys(Plan)}
    lines = [_HEAD]
    for section, names in USUAL.items():
        given = values if not section else values.get(section) or {}
        extra = [name for name in given if name not in names] if section else []
        wanted = [*names, *extra]
        keys = [_key(known, section, name) for name in wanted]
        if section:
            lines.append(f"{'' if given else '#'}{section}:")
        for name, key in zip(wanted, keys, strict=True):
            lines += _key_lines(key, name, "  " if section else "", given)
        lines.append("")
    rest = [name for name in values if name not in USUAL and name not in USUAL[""]]
    for name in rest:
        lines += [*_yaml_lines(name, values[name], ""), ""]
    return "\n".join(lines).rstrip() + "\n"


def laid_over(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Lay settings over others: sections are joined, keys replaced."""
    result = dict(base)
    for name, value in change.items():
        old = result.get(name)
        is_section = isinstance(old, dict) and isinstance(value, dict)
        result[name] = {**old, **value} if is_section and old is not None else value
    return result


def _key(known: Mapping[str, SettingKey], section: str, name: str) -> SettingKey:
    dotted = f"{section}.{name}" if section else name
    if dotted not in known:
        raise SettingsError("template", [f"{dotted} is no key of plan.yaml"])
    return known[dotted]


def _key_lines(key: SettingKey, name: str, indent: str, given: Mapping[str, Any]) -> Iterator[str]:
    more = "; ".join(part for part in (key.unit, key.allowed.replace("`", "")) if part)
    yield f"{indent}## {key.meaning}{f' ({more})' if more else ''}"
    if name in given:
        yield from _yaml_lines(name, given[name], indent)
    else:
        default = None if key.default is REQUIRED else key.default
        yield from (f"#{line}" for line in _yaml_lines(name, default, indent))


def _yaml_lines(name: str, value: Any, indent: str) -> list[str]:
    """Write a key and its value: in one line where it fits, else as a block."""
    flow = yaml_flow(value)
    if len(indent) + len(name) + len(flow) + 2 <= _WIDTH or not isinstance(value, dict | list):
        return [f"{indent}{name}: {flow}".rstrip()]
    text = yaml.safe_dump({name: value}, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return [indent + line for line in text.splitlines()]
