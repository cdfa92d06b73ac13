"""Check load files, also those edited by hand, against the rules and the user's own export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from planlib.errors import InputError, nearest
from planlib.exchange.crm.check_export import check_sets
from planlib.exchange.crm.check_values import check_values
from planlib.exchange.crm.exports import Export, read_export
from planlib.exchange.crm.objects import (
    OBJECTS,
    SEQUENCE,
    UNDO_SEQUENCE,
    Action,
    CrmObject,
    System,
)
from planlib.exchange.crm.problems import ERROR, WARNING, FileRows, Problems
from planlib.exchange.crm.rows import read_name, read_table

_LARGEST = 100_000_000  # bytes of a file that Salesforce's bulk interface takes
_MOST_ROWS = {"hubspot": 1_048_575, "salesforce": 0}


def check_files(
    files: Sequence[Path],
    existing: Path,
    system: System,
    *,
    most_rows: int = 0,
    most_territories: int = 1000,
) -> Problems:
    """
    Check load files.

    Parameters
    ----------
    files
        Files, or folders that hold them; a load's own folder stands for its ``load/``.
    existing
        Folder with the export that they are checked against.
    system
        The CRM.
    most_rows
        Most rows of a file; 0: as the CRM allows.
    most_territories
        Territories that a model may have.

    Returns
    -------
    Problems
        Every problem with file, row, column.

    Raises
    ------
    InputError
        If the export cannot be used, or there is no file to check.
    """
    paths = list(_paths(files))
    if not paths:
        raise InputError("files", ["there is no CSV file to check"])
    return check_against(
        paths, read_export(existing, system), most_rows=most_rows,
        most_territories=most_territories,
    )  # fmt: skip


def check_against(
    paths: Sequence[Path], export: Export, *, most_rows: int = 0, most_territories: int = 1000
) -> Problems:
    """Check load files against an export that was read."""
    problems = Problems()
    limit = most_rows or _MOST_ROWS[export.system]
    found = []
    for path in paths:
        one = _open(problems, path, export.system)
        if one is None:
            continue
        if limit and len(one.frame) > limit:
            problems.note((path.name, 0, ""), f"{len(one.frame):,} rows", f"at most {limit:,} rows")
        if path.stat().st_size > _LARGEST:
            problems.note((path.name, 0, ""), f"{path.stat().st_size:,} bytes",
                          f"at most {_LARGEST:,} bytes")  # fmt: skip
        check_values(problems, one, export, export.system)
        found.append(one)
    usable = [one for one in found if _has_keys(one)]
    check_sets(problems, usable, export, most_territories=most_territories)
    _order(problems, found, export.system)
    return problems


def _paths(files: Iterable[Path]) -> Iterable[Path]:
    for path in files:
        if path.is_dir():
            inner = path / "load"
            yield from sorted((inner if inner.is_dir() else path).glob("*.csv"))
        elif path.is_file():
            yield path
        else:
            raise InputError(str(path), ["there is no such file or folder"])


def _open(problems: Problems, path: Path, system: System) -> FileRows | None:
    """Read a file and check its header."""
    name = read_name(path.name, system)
    if name is None or name.object not in OBJECTS[system]:
        known = ", ".join(f"{one}_{action}" for one, action in SEQUENCE[system][:4])
        problems.note((path.name, 0, ""), path.name, f"a name with object and action, as {known}")
        return None
    try:
        table = read_table(path)
    except InputError as error:
        for text in error.problems:
            problems.note((path.name, 0, ""), "", text)
        return None
    one = OBJECTS[system][name.object]
    for row, found, allowed in table.broken:
        problems.note((path.name, row, ""), found, allowed)
    if table.has_mark and system == "salesforce":
        problems.note((path.name, 1, str(table.frame.columns[0])), "a mark of UTF-8 (BOM)",
                      "none; some loaders take it into the first header", WARNING)  # fmt: skip
    wanted = one.columns(name.action)
    if not wanted:
        problems.note((path.name, 0, ""), f"{name.object} {name.action}",
                      "what planlib loads: no such action")  # fmt: skip
        return None
    _header(problems, path.name, table.frame, one, name.action)
    frame = table.frame.loc[:, ~table.frame.columns.duplicated()]
    return FileRows(path.name, name.number, one, name.action, frame, table.rows)


def _header(
    problems: Problems,
    file: str,
    frame: pd.DataFrame,
    one: CrmObject,
    action: Action,
) -> None:
    wanted, fields = one.columns(action), one.by_name
    columns = [str(column) for column in frame.columns]
    for column in wanted:
        field = fields[column]
        needed = action != "insert" or field.required
        optional = action == "update" and column in ("CurrencyIsoCode",)
        if column not in columns and needed and not optional:
            problems.note((file, 1, column), ", ".join(columns), "this column")
    for column in dict.fromkeys(columns):
        if columns.count(column) > 1:
            problems.note((file, 1, column), f"{columns.count(column)} times", "each column once")
        if column not in wanted:
            near = nearest(column, wanted)
            hint = f"; is it {near[0]}?" if near else ""
            problems.note((file, 1, column), column, f"one of {', '.join(wanted)}{hint}")


def _has_keys(one: FileRows) -> bool:
    needed = one.object.key[:2] if one.action == "insert" else (one.object.id_name,)
    return all(name in one.frame.columns for name in needed)


def _order(problems: Problems, files: Sequence[FileRows], system: System) -> None:
    """Check that the files' numbers keep the order of a load, or that of undoing."""
    given = [(one.object.name, one.action) for one in sorted(files, key=lambda one: one.number)]
    numbered = [one for one in files if one.number]
    if len(numbered) < len(files) or not files:
        return
    for sequence in (SEQUENCE[system], UNDO_SEQUENCE[system]):
        places = [sequence.index(pair) for pair in given if pair in sequence]
        if len(places) == len(given) and places == sorted(places):
            return
    order = ", ".join(f"{name} {action}" for name, action in SEQUENCE[system])
    told = ", ".join(f"{name} {action}" for name, action in given)
    problems.note((min(one.file for one in files), 0, ""), told, f"this order: {order}", ERROR)
