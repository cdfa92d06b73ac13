"""
Append decisions to overrides/: of one kind or of several, all or none, whenever the process ends.

What is to be written to several files is first kept whole in a journal beside them. Once it is
there, the decisions are made: whoever reads or writes decisions next completes what a killed
process has left undone.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from planlib.errors import InputError
from planlib.store import journal
from planlib.store.atomic import clean_leftovers
from planlib.store.decisions import (
    decision_table,
    link_problems,
    read_decisions,
    read_row,
    read_rows,
    separator,
)
from planlib.tables import Table

_NUMBERED = re.compile(r"D-(\d+)")


def append_decisions(
    file: Path,
    kind: str,
    rows: Sequence[Mapping[str, object]],
    *,
    who: str | Sequence[str],
    why: str | Sequence[str],
    when: datetime.date,
) -> list[str]:
    """
    Append decisions to a file; what stands there stays byte for byte.

    Parameters
    ----------
    file
        overrides/<kind>.csv; made with its header when missing.
    kind
        Kind of decisions.
    rows
        One mapping per decision with the kind's own columns, and ``effective_from``,
        ``effective_to`` or ``supersedes`` where wanted.
    who, why
        Person and reason: one for all decisions, or one for each.
    when
        Day of the decisions.

    Returns
    -------
    list of str
        The new decision ids.

    Raises
    ------
    InputError
        If a row is malformed, or the file is; nothing is written then.
    """
    batch = Batch(kind, rows, who, why)
    return append_together(file.parent, [batch], when, names={kind: file.name})[0]


@dataclass(frozen=True)
class Batch:
    """
    Decisions of one kind that are appended together with those of others.

    Parameters
    ----------
    kind, rows, who, why
        As for ``append_decisions``.
    """

    kind: str
    rows: Sequence[Mapping[str, object]]
    who: str | Sequence[str]
    why: str | Sequence[str]


def append_together(
    folder: Path,
    batches: Sequence[Batch],
    when: datetime.date,
    *,
    names: Mapping[str, str] | None = None,
) -> list[list[str]]:
    """
    Append decisions of several kinds, all or none.

    Parameters
    ----------
    folder
        overrides/ of the workbook.
    batches
        At most one for each kind.
    when
        Day of the decisions.
    names
        Names of the files where they are not <kind>.csv.

    Returns
    -------
    list of list of str
        The new decision ids of each batch.

    Raises
    ------
    InputError
        If a row is malformed, or a file is; nothing is written then.
    OSError
        If a file cannot be written; all are as they were then. A process that is killed leaves
        all or none, see ``store.journal``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = names or {}
    files = [folder / names.get(one.kind, f"{one.kind}.csv") for one in batches]
    with journal.writing(folder, f"writing {', '.join(file.name for file in files)}"):
        clean_leftovers(folder)
        journal.finish(folder)
        made = [_appended(file, one, when) for file, one in zip(files, batches, strict=True)]
        journal.replace_together(
            folder, {file.name: content for file, (_, content) in zip(files, made, strict=True)}
        )
    return [ids for ids, _ in made]


def _appended(file: Path, batch: Batch, when: datetime.date) -> tuple[list[str], bytes]:
    """Give new ids, and the content of a file with its new rows below the old ones."""
    table, rows = decision_table(batch.kind), batch.rows
    known = read_decisions(file, batch.kind)
    numbers = [int(match[1]) for match in map(_NUMBERED.fullmatch, known["decision_id"]) if match]
    last = max(numbers, default=0)
    names = [f"D-{last + 1 + place:04d}" for place in range(len(rows))]
    people, reasons = ([one] * len(rows) if isinstance(one, str) else list(one)
                       for one in (batch.who, batch.why))  # fmt: skip
    full = [
        {**row, "who": person, "why": reason, "when": when, "decision_id": name}
        for row, person, reason, name in zip(rows, people, reasons, names, strict=True)
    ]
    header = read_rows(file)[0] if file.is_file() else list(table.by_name)
    values = _check_new(full, known, header, table)
    full = [
        {**row, **{name: values[name][place] for name in row if _is_number(table, name)}}
        for place, row in enumerate(full)
    ]
    old = file.read_bytes() if file.is_file() else _csv([header])
    gap = b"" if old.endswith(b"\n") else b"\n"
    sign = separator(old.decode("utf-8-sig"))
    new = _csv([[_text(row.get(name)) for name in header] for row in full], sign)
    return names, old + gap + new


def _check_new(
    rows: Sequence[Mapping[str, object]], known: pd.DataFrame, header: list[str], table: Table
) -> dict[str, list[Any]]:
    """Give the values of new rows by column, as they will be read."""
    values: dict[str, list[Any]] = {name: [] for name in table.by_name}
    problems: list[str] = []
    for place, row in enumerate(rows, start=1):
        unknown = [name for name in row if name not in header]
        problems += [f"new row {place}: column '{name}' is not in the file" for name in unknown]
        cells = [_text(row.get(name)) for name in table.by_name]
        found = read_row(place, cells, list(table.by_name), table, values)
        problems += [problem.replace("line", "new row", 1) for problem in found]
    if not problems:
        ids = [*known["decision_id"], *values["decision_id"]]
        links = [
            *known["supersedes"].astype("object").where(known["supersedes"].notna(), None),
            *values["supersedes"],
        ]
        problems = link_problems(ids, links, list(range(1 - len(known), len(rows) + 1)))
    if problems:
        raise InputError(table.name, problems)
    return values


def _is_number(table: Table, name: str) -> bool:
    return table.by_name[name].kind in ("amount", "int", "number", "score", "share")


def _text(value: object) -> str:
    if value is None or (not isinstance(value, str) and bool(pd.isna(value))):  # type: ignore[call-overload]
        return ""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def _csv(rows: list[list[str]], sign: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=sign, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")


__all__ = ["Batch", "append_decisions", "append_together"]
