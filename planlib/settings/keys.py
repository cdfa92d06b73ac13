"""Walk the keys of plan.yaml: name, type, default, unit, what is allowed, meaning."""

from __future__ import annotations

import datetime
import types
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from planlib.settings.base import Section

#: Stands for the default of a key that has none.
REQUIRED = object()
_SIMPLE = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    datetime.date: "date",
    type(None): "blank",
}
_LIMITS = {
    "ge": "at least {}",
    "gt": "above {}",
    "le": "at most {}",
    "lt": "below {}",
    "min_length": "at least {} long",
    "max_length": "at most {} long",
    "pattern": "matching `{}`",
}
#: Patterns in the words of a person.
PATTERNS = {"^[A-Z]{3}$": "three capital letters, such as EUR"}


class SettingKey(NamedTuple):
    """
    One key of plan.yaml.

    Parameters
    ----------
    dotted
        Name with the sections before it; ``[]`` stands for an item of a list.
    kind, unit, allowed, meaning
        For people.
    default
        Plain value as YAML writes it; ``REQUIRED`` where there is none.
    choices
        Values of a key that has a fixed list of them.
    """

    dotted: str
    kind: str
    default: Any
    unit: str
    allowed: str
    meaning: str
    choices: tuple[str, ...] = ()


def section_of(field: FieldInfo) -> type[Section] | None:
    """Give the section that a field holds directly, or None."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, Section) else None


def section_keys(prefix: str, section: type[Section], default: Any) -> Iterator[SettingKey]:
    """Give the keys of a section, with the defaults that its parent sets for it."""
    for name, field in section.model_fields.items():
        inner = getattr(default, name) if isinstance(default, section) else default_of(field)
        yield from field_keys(f"{prefix}.{name}", field, inner)


def default_of(field: FieldInfo) -> Any:
    """Give the default of a field, or ``REQUIRED``."""
    return REQUIRED if field.is_required() else field.get_default(call_default_factory=True)


def field_keys(dotted: str, field: FieldInfo, value: Any) -> Iterator[SettingKey]:
    """Give a key, or the keys of the section it holds."""
    section = section_of(field)
    if section is not None:
        yield from section_keys(dotted, section, value)
        return
    extra = field.json_schema_extra
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    allowed = "; ".join([*_choices(field.annotation), *_limits(field)])
    kind = _type_name(field.annotation)
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    meaning = field.description or ""
    yield SettingKey(dotted, kind, plain_value(value), unit, allowed, meaning, choices)
    for item, suffix in _item_sections(field.annotation):
        yield from section_keys(f"{dotted}{suffix}", item, None)


def _item_sections(kind: Any) -> Iterator[tuple[type[Section], str]]:
    """Give the sections that a list or mapping holds, with how its items are written."""
    unions = (Union, types.UnionType)
    suffix = {dict: ".<name>", **dict.fromkeys(unions, "")}.get(get_origin(kind), "[]")
    for inner in get_args(kind):
        if isinstance(inner, type) and issubclass(inner, Section):
            yield inner, suffix
        elif get_origin(inner) in unions:
            yield from ((one, suffix) for one, _ in _item_sections(inner))


def _type_name(kind: Any) -> str:
    """Name a type as a reader of plan.yaml would."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return "choice"
    if origin in (Union, types.UnionType):
        return " or ".join(_type_name(one) for one in inner)
    if origin is dict:
        return f"{_type_name(inner[1])} by name"
    if origin in (tuple, list, frozenset, set):
        items = [one for one in inner if one is not Ellipsis]
        return "list of " + " and ".join(dict.fromkeys(_type_name(one) for one in items))
    if isinstance(kind, type) and issubclass(kind, Section):
        return "section"
    return _SIMPLE.get(kind, getattr(kind, "__name__", str(kind)))


def _choices(kind: Any) -> Iterator[str]:
    if get_origin(kind) is Literal:
        yield ", ".join(f"`{value}`" if value != "" else "blank" for value in get_args(kind))
    else:
        for inner in get_args(kind):
            yield from _choices(inner)


def _limits(field: FieldInfo) -> Iterator[str]:
    for limit in field.metadata:
        for name, text in _LIMITS.items():
            value = getattr(limit, name, None)
            if value is not None:
                if name == "pattern" and value in PATTERNS:
                    yield PATTERNS[value]
                    continue
                yield text.format(f"{value:,}" if isinstance(value, int | float) else value)


def plain_value(value: Any) -> Any:
    """Turn a default into what YAML can write."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_unset=True)
    if isinstance(value, dict):
        return {str(key): plain_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_value(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def all_keys(model: type[Section]) -> Iterator[SettingKey]:
    """Give every key of the settings in the order of their declaration."""
    for name, field in model.model_fields.items():
        yield from field_keys(name, field, default_of(field))


def yaml_flow(value: Any) -> str:
    """
    Write a plain value as YAML in one line.

    Examples
    --------
    >>> yaml_flow(["a", "no: 1"]), yaml_flow(None), yaml_flow("")
    ("[a, 'no: 1']", '', "''")
    """
    if value is None:
        return ""
    text = yaml.safe_dump(
        value, sort_keys=False, allow_unicode=True, default_flow_style=True, width=100_000
    )
    return text.removesuffix("...\n").strip()
