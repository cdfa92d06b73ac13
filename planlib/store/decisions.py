"""Decisions by people in overrides/<kind>.csv: read with care, appended, never changed."""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from planlib.errors import InputError, WorkbookError, nearest
from planlib.store.atomic import write_bytes
from planlib.store.lock import hold
from planlib.tables import TABLES, Column, Table

_PREFIX = "override_"
_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_BOOLS = {"true": True, "false": False, "1": True, "0": False}
_NUMBERED = re.compile(r"D-(\d+)")
_WAIT = 10.0  # seconds for another process that writes the same file


def decision_table(kind: str) -> Table:
    """
    Give the contract of a kind of decisions.

    Raises
    ------
    WorkbookError
        If there is no such kind; the message lists the kinds.
    """
    kinds = [name.removeprefix(_PREFIX) for name, one in TABLES.items() if one.role == "override"]
    if kind not in kinds:
        near = nearest(kind, kinds)
        hint = f"did you mean '{near[0]}'?" if near else f"kinds are {', '.join(sorted(kinds))}"
        raise WorkbookError(f"there are no decisions of kind '{kind}'; {hint}")
    return TABLES[_PREFIX + kind]


def read_decisions(file: Path, kind: str) -> pd.DataFrame:
    """
    Read all decisions of a kind, in the order of the file.

    Parameters
    ----------
    file
        overrides/<kind>.csv; a missing file gives no rows.
    kind
        Kind of decisions.

    Returns
    -------
    DataFrame
        The columns of the contract ``override_<kind>``.

    Raises
    ------
    InputError
        If a row is malformed; every problem names file, line and column.
    """
    table = decision_table(kind)
    if not file.is_file():
        return table.empty()
    header, rows = _rows(file)
    problems = _header_problems(header, table)
    if problems:
        raise InputError(str(file), problems)
    values: dict[str, list[Any]] = {name: [] for name in header}
    for line, row in rows:
        problems += _read_row(line, row, header, table, values)
    if problems:
        raise InputError(str(file), problems)
    lines = [line for line, _ in rows]
    problems = _link_problems(values["decision_id"], values.get("supersedes", []), lines)
    if problems:
        raise InputError(str(file), problems)
    return table.coerce(
        pd.DataFrame({name: pd.Series(values[name], dtype="object") for name in header})
    )


def in_force(decisions: pd.DataFrame, as_of: datetime.date) -> pd.DataFrame:
    """
    Keep the decisions that hold on a day.

    A decision holds from ``effective_from`` to ``effective_to``, both included, blank meaning no
    bound, unless another one that has begun by then names it in ``supersedes``.
    """
    day = pd.Timestamp(as_of)
    begun = decisions["effective_from"].isna() | (decisions["effective_from"] <= day)
    ended = decisions["effective_to"].notna() & (decisions["effective_to"] < day)
    replaced = decisions.loc[begun, "supersedes"].dropna()
    gone = decisions["decision_id"].isin(replaced)
    return decisions[begun & ~ended & ~gone].reset_index(drop=True)


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
        If a file cannot be written; those written before are put back as they were.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / (names or {}).get(one.kind, f"{one.kind}.csv") for one in batches]
    with contextlib.ExitStack() as locks:
        for kind, file in sorted(zip([one.kind for one in batches], files, strict=True)):
            lock = folder / f".{kind}.lock"
            locks.enter_context(hold(lock, f"writing {file.name}", wait=_WAIT))
        made = [_appended(file, one, when) for file, one in zip(files, batches, strict=True)]
        done: list[tuple[Path, bytes | None]] = []
        try:
            for file, (_, content) in zip(files, made, strict=True):
                done.append((file, file.read_bytes() if file.is_file() else None))
                write_bytes(file, content)
        except BaseException:
            _put_back(done)
            raise
    return [ids for ids, _ in made]


def _put_back(done: Sequence[tuple[Path, bytes | None]]) -> None:
    for file, old in done:
        now = file.read_bytes() if file.is_file() else None
        if now == old:
            continue
        if old is None:
            file.unlink(missing_ok=True)
        else:
            write_bytes(file, old)


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
    header = _rows(file)[0] if file.is_file() else list(table.by_name)
    _check_new(full, known, header, table)
    old = file.read_bytes() if file.is_file() else _csv([header])
    gap = b"" if old.endswith(b"\n") else b"\n"
    sign = _separator(old.decode("utf-8-sig"))
    new = _csv([[_text(row.get(name)) for name in header] for row in full], sign)
    return names, old + gap + new


def _separator(text: str) -> str:
    """Give what parts the columns; spreadsheets of some countries save semicolons."""
    first = text.split("\n", 1)[0]
    return ";" if first.count(";") > first.count(",") else ","


def _rows(file: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Header, then each row that is not blank with the line it ends on."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError(str(file), [f"line {line}: not UTF-8; save it as 'CSV UTF-8'"]) from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    try:
        found = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise InputError(str(file), [f"line {reader.line_num}: {error}"]) from None
    if not found:
        raise InputError(str(file), ["the file is empty; its first line must name the columns"])
    kept = [(line, row) for line, row in found[1:] if any(cell.strip() for cell in row)]
    return [name.strip() for name in found[0][1]], kept


def _header_problems(header: list[str], table: Table) -> list[str]:
    problems = []
    for name in header:
        if name not in table.by_name:
            near = nearest(name, table.by_name)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(table.by_name)}"
            problems.append(f"line 1: column '{name}' is not known; {hint}")
    if len(set(header)) < len(header):
        problems.append("line 1: a column stands twice")
    missing = [name for name in table.required if name not in header]
    return problems + [f"line 1: column '{name}' is missing" for name in missing]


def _read_row(
    line: int, row: list[str], header: list[str], table: Table, values: dict[str, list[Any]]
) -> list[str]:
    if len(row) > len(header):
        return [f"line {line}: {len(row)} values for {len(header)} columns"]
    problems = []
    for place, name in enumerate(header):
        text = row[place].strip() if place < len(row) else ""
        try:
            values[name].append(read_value(text, table.by_name[name]))
        except ValueError as error:
            problems.append(f"line {line}, column '{name}': {error}")
    return problems


def read_value(text: str, column: Column) -> Any:
    """
    Read one value of a decision, None where nothing stands.

    Raises
    ------
    ValueError
        If the column does not allow it; the message says what is allowed.
    """
    if not text:
        if column.required:
            raise ValueError("is blank; a value is needed")
        return None
    if column.allowed and text not in column.allowed:
        raise ValueError(f"'{text}' is none of {', '.join(column.allowed)}")
    if column.kind in ("date", "timestamp"):
        match = _DATE.fullmatch(text)
        if match is None:
            raise ValueError(f"'{text}' is not a date such as 2026-03-31")
        year, month, day = map(int, match.groups())
        return datetime.datetime(year, month, day)
    if column.kind == "bool":
        if text.lower() not in _BOOLS:
            raise ValueError(f"'{text}' is neither true nor false")
        return _BOOLS[text.lower()]
    if column.kind in ("id", "text", "category"):
        return text
    return _number(text, column)


def _number(text: str, column: Column) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a number") from None
    low, high = column.bounds
    if not abs(number) < float("inf"):
        raise ValueError(f"'{text}' is not a finite number")
    if (low is not None and number < low) or (high is not None and number > high):
        raise ValueError(f"{text} is out of range ({_range(low, high)})")
    if column.kind == "int" and number != int(number):
        raise ValueError(f"{text} is not a whole number")
    return number


def _range(low: float | None, high: float | None) -> str:
    parts = ["" if low is None else f"at least {low:g}",
             "" if high is None else f"at most {high:g}"]  # fmt: skip
    return " and ".join(part for part in parts if part)


def _link_problems(ids: list[str], supersedes: list[str | None], lines: list[int]) -> list[str]:
    problems, seen = [], set()
    for place, name in enumerate(ids):
        if name in seen:
            problems.append(f"line {lines[place]}, column 'decision_id': '{name}' stands twice")
        old = supersedes[place] if supersedes else None
        if old is not None and old not in seen:
            problems.append(
                f"line {lines[place]}, column 'supersedes': no decision '{old}' "
                "stands above this line"
            )
        seen.add(name)
    return problems


def _check_new(
    rows: Sequence[Mapping[str, object]], known: pd.DataFrame, header: list[str], table: Table
) -> None:
    values: dict[str, list[Any]] = {name: [] for name in table.by_name}
    problems: list[str] = []
    for place, row in enumerate(rows, start=1):
        unknown = [name for name in row if name not in header]
        problems += [f"new row {place}: column '{name}' is not in the file" for name in unknown]
        cells = [_text(row.get(name)) for name in table.by_name]
        found = _read_row(place, cells, list(table.by_name), table, values)
        problems += [problem.replace("line", "new row", 1) for problem in found]
    if not problems:
        ids = [*known["decision_id"], *values["decision_id"]]
        links = [
            *known["supersedes"].astype("object").where(known["supersedes"].notna(), None),
            *values["supersedes"],
        ]
        problems = _link_problems(ids, links, list(range(1 - len(known), len(rows) + 1)))
    if problems:
        raise InputError(table.name, problems)


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
