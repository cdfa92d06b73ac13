"""Column maps: which column of an export is which column of a table, and what its values mean."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, ValidationError, model_validator

from planlib.errors import InputError, nearest
from planlib.resources import templates_dir
from planlib.settings.base import Section, setting
from planlib.tables import TABLES

_LARGEST_FILE = 500_000  # bytes
Texts = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)
]


class Lookup(Section):
    """Replace a name by the key of another table, or take a value from it."""

    table: str = setting(..., "Table in which the value is looked up")
    by: str = setting(..., "Column of that table that holds the value")
    take: str = setting(..., "Column of that table that is taken")


class Fill(Section):
    """Value for blank cells from another table, such as the list price."""

    table: str = setting(..., "Table from which blank cells are filled")
    on: str = setting(..., "Column of this table that holds the other table's key")
    take: str = setting(..., "Column that is taken")
    only_open: bool = setting(False, "Only for deals that are not closed")
    flag: str = setting("", "Column that becomes true where a cell was filled")


class ColumnMap(Section):
    """Where a column comes from and how its values are written."""

    model_config = {**Section.model_config, "populate_by_name": True}

    names: Texts = setting(
        (),
        "Names of the column in the export, the first one found counts; none: never taken",
        alias="from",
    )
    value: str = setting("", "The same value in every row")
    compose: Texts = setting((), "Columns joined by a space where no name of from is found")
    first_filled: bool = setting(False, "Take, row by row, the first name of from that is filled")
    values: dict[str, str] = setting(
        {}, "What each value of the export means; * is any other; what is not listed is refused"
    )
    replace: dict[str, str] = setting({}, "Values spelt differently; others stay as they are")
    default: str = setting("", "Value of blank cells")
    scale: float = setting(1.0, "Factor, such as 0.01 for percentages from 0 to 100", gt=0)
    decimal: Literal["", ".", ","] = setting("", "Decimal mark")
    date_order: Literal["", "ymd", "dmy", "mdy"] = setting("", "Order of day and month")
    time_zone: str = setting("", "Time zone of times without one")
    ids: Literal["", "salesforce"] = setting(
        "", "salesforce: 15-character ids get their 18-character form"
    )
    lookup: Lookup | None = setting(None, "Replace a name by a key of another table")
    fill: Fill | None = setting(None, "Fill blank cells from another table")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"from": value} if isinstance(value, str | list) else value


class Join(Section):
    """Columns of another source of the same export, found by a key."""

    table: Texts = setting(..., "Names of the other source")
    on: Texts = setting(..., "Key column here, the first one found counts")
    to: Texts = setting(..., "Key column there, the first one found counts")
    prefix: str = setting(..., "Put before the names of the joined columns, such as stage.")


class Changes(Section):
    """Where a field history, one row per changed field, has what it tells."""

    key: Texts = setting(..., "Names of the column with the deal")
    moment: Texts = setting(..., "Names of the column with the moment of the change")
    field: Texts = setting(..., "Names of the column that says which field changed")
    value: Texts = setting(..., "Names of the column with the value after the change")
    old: Texts = setting((), "Names of the column with the value before the change")
    by: Texts = setting((), "Names of the column that says who made the change")


class Part(Section):
    """One source that feeds a table, and its columns."""

    model_config = {**Section.model_config, "populate_by_name": True}

    names: Texts = setting(
        (), "Names of files, sheets or database tables; empty: the table's own", alias="from"
    )
    of: str = setting("", "Uses the sources of another table of this map")
    fallback: bool = setting(False, "Only used where nothing else feeds the table")
    distinct: bool = setting(False, "One row per key; further rows are no duplicates")
    order: Texts = setting((), "Number columns that order history rows of one moment")
    drop: dict[str, Texts] = setting({}, "Rows left out: column and values")
    joins: tuple[Join, ...] = setting((), "Further sources joined before the columns are read")
    changes: Changes | None = setting(
        None, "The source has one row per changed field; the fields become columns"
    )
    columns: dict[str, ColumnMap] = setting(..., "Columns of the table")


class ColumnMapFile(Section):
    """A map: for every table, the sources and columns that feed it."""

    name: str = setting(..., "Name of the map")
    about: str = setting("", "Which export it reads")
    unverified: tuple[str, ...] = setting(
        (), "Tables, or columns as table.column, whose names no real export has confirmed yet"
    )
    time_zone: str = setting("", "Time zone of times without one")
    date_order: Literal["", "ymd", "dmy", "mdy"] = setting("", "Order of day and month")
    decimal: Literal["", ".", ","] = setting("", "Decimal mark")
    tables: dict[str, tuple[Part, ...]] = setting(..., "Tables and their sources")


def load_map(name: str, root: Path) -> ColumnMapFile:
    """
    Read a column map.

    Parameters
    ----------
    name
        Name of a map in templates/maps, or a file relative to the workbook.
    root
        The workbook.

    Returns
    -------
    ColumnMapFile
        The map, laid over the one that it is based on.

    Raises
    ------
    InputError
        If there is no such map or it is wrong; every problem names its key.
    """
    return _validated(_content(name, root, ()), name)


def known_maps() -> list[str]:
    """Give the names of the maps that come with planlib."""
    return sorted(path.stem for path in (templates_dir() / "maps").glob("*.yaml"))


def _content(name: str, root: Path, above: tuple[str, ...]) -> dict[str, Any]:
    """Give a map's content, laid over the map that it is based on."""
    if name in above:
        raise InputError(name, [f"the map is based on itself: {' -> '.join((*above, name))}"])
    path = _path(name, root)
    if path.stat().st_size > _LARGEST_FILE:
        raise InputError(name, [f"larger than {_LARGEST_FILE:,} bytes; not a column map"])
    text = path.read_text(encoding="utf-8-sig")
    if re.search(r"(?m)^[^#'\"]*[:\-\[,]\s*[&*][A-Za-z0-9_]+\s*$", text):
        raise InputError(name, ["anchors and aliases of YAML are not read; write the part again"])
    try:
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        raise InputError(name, [f"{line}not valid YAML"]) from None
    if not isinstance(content, dict):
        raise InputError(name, ["a map has the keys name and tables"])
    base = content.pop("based_on", "")
    if base:
        return _merged(_content(str(base), root, (*above, name)), content)
    return content


def _path(name: str, root: Path) -> Path:
    if re.fullmatch(r"[a-z0-9][a-z0-9\-]*", name):
        path = templates_dir() / "maps" / f"{name}.yaml"
        if path.is_file():
            return path
    candidate = root / name
    inside = root.resolve() in candidate.resolve().parents
    if not Path(name).is_absolute() and inside and candidate.is_file():
        return candidate
    near = nearest(name, known_maps())
    hint = f"did you mean '{near[0]}'?" if near else f"maps are {', '.join(known_maps())}"
    raise InputError(name, [f"there is no such map, nor such a file in the workbook; {hint}"])


class _Loader(yaml.SafeLoader):
    """Safe YAML in which every plain word stays text: NO, on and 010 are not guessed at."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


def _merged(base: dict[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a map over the one it is based on: keys replace keys, columns replace columns."""
    result = {**base, **{key: value for key, value in change.items() if key != "tables"}}
    tables = dict(base.get("tables") or {})
    for table, parts in (change.get("tables") or {}).items():
        old = tables.get(table)
        if isinstance(parts, dict) and isinstance(old, dict):
            tables[table] = _laid_over(old, parts)
        elif isinstance(parts, dict) and isinstance(old, list):
            tables[table] = [_laid_over(part, parts) for part in old]
        else:
            tables[table] = parts
    return {**result, "tables": tables}


def _laid_over(old: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    columns = {**(old.get("columns") or {}), **(change.get("columns") or {})}
    return {**old, **change, "columns": columns}


def _validated(content: dict[str, Any], name: str) -> ColumnMapFile:
    tables = content.get("tables")
    if isinstance(tables, dict):
        listed = {
            table: parts if isinstance(parts, list) else [parts] for table, parts in tables.items()
        }
        content = {**content, "tables": listed}
    problems = []
    try:
        found = ColumnMapFile.model_validate_json(json.dumps(content))
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, item['loc']))}: {item['msg'].removeprefix('Value error, ')}"
            for item in error.errors(include_url=False)
        ]
        raise InputError(f"map {name}", problems) from None
    for table, parts in found.tables.items():
        problems += _unknown_names(table, parts)
    mapped = {f"{table}.{name}" for table, parts in found.tables.items()
              for part in parts for name in part.columns}  # fmt: skip
    problems += [
        f"unverified: {name} is not in this map"
        for name in found.unverified
        if name not in mapped and name not in found.tables
    ]
    if problems:
        raise InputError(f"map {name}", problems)
    return found


def _unknown_names(table: str, parts: tuple[Part, ...]) -> list[str]:
    inputs = [one for one in TABLES if TABLES[one].role == "input"]
    if table not in inputs:
        return [f"tables.{table}: no input table; {_hint(table, inputs)}"]
    problems = []
    for part in parts:
        known = TABLES[table].by_name
        problems += [
            f"tables.{table}.columns.{name}: no column of {table}; {_hint(name, known)}"
            for name in part.columns
            if name not in known
        ]
    return problems


def _hint(word: str, known: Any) -> str:
    near = nearest(word, known)
    return f"did you mean '{near[0]}'?" if near else f"known: {', '.join(sorted(known))}"
