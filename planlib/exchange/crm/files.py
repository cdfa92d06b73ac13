"""Write a load to a folder: load files in order, what they replace, changes, reasons, steps."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from planlib.errors import WorkbookError
from planlib.exchange.crm.load import Load, Operation
from planlib.exchange.crm.names import RISKY
from planlib.exchange.crm.objects import NOTHING, OBJECTS, SEQUENCE, UNDO_SEQUENCE, Action, System
from planlib.exchange.sheets import Sheet, SheetColumn, write_book
from planlib.store.atomic import write_bytes, write_json, write_text

LOAD, BEFORE, UNDO, STAMP = "load", "before", "undo", "crm_load.json"
#: More changes than this stand in the CSV file alone.
MOST_IN_EXCEL = 50_000
_VERBS = {"insert": "insert new records", "update": "update records by id",
          "delete": "delete records by id"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Shape:
    """
    How the files are written.

    Parameters
    ----------
    rows
        Most rows of one load file.
    bom
        Whether load files start with the mark by which spreadsheets know UTF-8.
    """

    rows: int = 100_000
    bom: bool = False


@dataclass(frozen=True)
class LoadFile:
    """One written load file: its path, object, action and number of rows."""

    path: Path
    object: str
    action: Action
    rows: int


def csv_bytes(rows: pd.DataFrame, *, bom: bool = False) -> bytes:
    """Give a table as CSV: UTF-8, line feeds, quotes where a value needs them."""
    text = rows.to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8-sig" if bom else "utf-8")


def readable_csv(rows: pd.DataFrame) -> bytes:
    """Give a table that people open in a spreadsheet: nothing in it is run as a formula."""
    safe = rows.copy()
    for name in safe.columns:
        risky = safe[name].astype("str").str.startswith(RISKY).fillna(False)
        safe[name] = safe[name].mask(risky, "'" + safe[name].astype("str"))
    return csv_bytes(safe, bom=True)


def new_folder(folder: Path) -> None:
    """
    Check that a folder is free, so that no earlier load and its undoing are lost.

    Raises
    ------
    WorkbookError
        If something lies there already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorkbookError(
            f"{folder} is not empty; give a new folder for every load, since the files that undo "
            "a load lie beside it"
        )


def write_operations(
    folder: Path,
    operations: Sequence[Operation],
    sequence: Iterable[tuple[str, Action]],
    shape: Shape,
) -> list[LoadFile]:
    """
    Write load files in order, and for each the same records as they stood in ``before/``.

    Parameters
    ----------
    folder
        Gets ``load/`` and ``before/``.
    sequence
        Order of objects and actions; the number of a file is its place in it.
    """
    found = []
    for number, (name, action) in enumerate(sequence, start=1):
        pieces = _pieces(operations, name, action, shape.rows)
        for part, (rows, before) in enumerate(pieces, start=1):
            tail = f"_{part:03d}" if len(pieces) > 1 else ""
            file = f"{number:02d}_{name}_{action}{tail}.csv"
            write_bytes(folder / LOAD / file, csv_bytes(rows, bom=shape.bom))
            if len(before):
                write_bytes(folder / BEFORE / file, csv_bytes(before))
            found.append(LoadFile(folder / LOAD / file, name, action, len(rows)))
    return found


def _pieces(
    operations: Sequence[Operation], name: str, action: Action, most: int
) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Give the rows of each file with the records as they stood, stage by stage."""
    mine = [one for one in operations if (one.object, one.action) == (name, action)]
    found = []
    for stage in sorted({one.stage for one in mine}):
        same = [one for one in mine if one.stage == stage]
        rows = pd.concat([one.rows for one in same], ignore_index=True).fillna("")
        before = pd.concat([one.before for one in same], ignore_index=True).fillna("")
        found += [
            (rows.iloc[start : start + most], before.iloc[start : start + most])
            for start in range(0, len(rows), most)
        ]
    return found


def reverse_known(load: Load) -> list[Operation]:
    """Give what undoes updates and deletes; records that are new have no id yet."""
    found = []
    for one in load.operations:
        if one.action == "update":
            rows = one.before.drop_duplicates(ignore_index=True)
            found.append(Operation(one.object, "update", blank_to_nothing(rows, load.system),
                                   one.rows))  # fmt: skip
        elif one.action == "delete":
            columns = list(OBJECTS[load.system][one.object].insert)
            found.append(Operation(one.object, "insert", one.before[columns], one.rows.iloc[:0]))
    return found


def blank_to_nothing(rows: pd.DataFrame, system: System) -> pd.DataFrame:
    """Write the mark that empties a field where an update would leave a blank as it is."""
    return rows.mask(rows == "", NOTHING) if system == "salesforce" else rows


def write_load(
    folder: Path,
    load: Load,
    shape: Shape,
    about: dict[str, Any],
    *,
    sequence: Sequence[tuple[str, Action]] = (),
) -> list[LoadFile]:
    """
    Write everything that belongs to a load.

    Parameters
    ----------
    folder
        New or empty.
    about
        System, cycle, revision, day; stands in ``crm_load.json`` and on the first sheet.
    sequence
        Order of the files; that of a load where it is not given.

    Returns
    -------
    list of LoadFile
        The load files in order.
    """
    new_folder(folder)
    order = tuple(sequence) or SEQUENCE[load.system]
    files = write_operations(folder, load.operations, order, shape)
    undo = reverse_known(load)
    if undo and not sequence:
        write_operations(folder / UNDO, undo, UNDO_SEQUENCE[load.system], shape)
    changes, left = load.all_changes(), load.all_not_loaded()
    write_bytes(folder / "changes.csv", readable_csv(changes))
    write_bytes(folder / "not_loaded.csv", readable_csv(left))
    if len(changes) + len(left) <= MOST_IN_EXCEL:
        _write_excel(folder / "changes.xlsx", {"changes": changes, "not loaded": left}, about)
    else:
        load.notes.append("there are too many changes for an Excel file; changes.csv has them all")
    write_text(folder / "README.md", _steps(load, files, about))
    write_json(folder / STAMP, {**about, "files": [one.path.name for one in files]})
    return files


def _write_excel(path: Path, tables: dict[str, pd.DataFrame], about: dict[str, Any]) -> None:
    sheets = [
        Sheet(name=name, columns=[SheetColumn(column) for column in rows.columns], frame=rows,
              keys=2)
        for name, rows in tables.items()
    ]  # fmt: skip
    day = datetime.date.fromisoformat(str(about["as_of"]))
    first = [(key, str(value)) for key, value in about.items()]
    write_book(path, sheets, about=first, created=day, title="Changes in the CRM")


def _steps(load: Load, files: Sequence[LoadFile], about: dict[str, Any]) -> str:
    lines = [
        f"# {about['what']} for {load.system}", "",
        f"Cycle {about['cycle']}, revision {about['revision']}, data as of {about['as_of']}.", "",
        "## Files, in this order", "",
    ]  # fmt: skip
    lines += [
        f"{number}. `load/{one.path.name}`: {_VERBS[one.action]} of {one.object}, {one.rows:,} rows"
        for number, one in enumerate(files, start=1)
    ] or ["Nothing is to be loaded: the CRM is as the plan wants it."]
    left = load.all_not_loaded()
    if len(left):
        lines += ["", "## Not in the files", ""]
        lines += [f"- {state}, {what}: {count}" for state, what, count in load.left_counts()]
        lines.append("- `not_loaded.csv` gives the reason for each.")
        if (left["state"] == "waits").any():
            lines += [
                "",
                "After these files, put a fresh export, or the loader's success files of the "
                "inserts, into the export folder and run the same command with a new folder.",
            ]
    if load.notes:
        lines += ["", "## Notes", "", *(f"- {note}" for note in load.notes)]
    lines += [
        "", "## Before and after", "",
        "- Read `changes.csv` first. Check files that were edited with `planlib crm-check`.",
        "- `before/` holds the same records as they stood. `undo/` brings back what was changed "
        "or deleted.",
        "- To take back new records too, export afresh and run `planlib crm-undo`.", "",
    ]  # fmt: skip
    return "\n".join(lines)
