"""Decisions by people in overrides/<kind>.csv, read with care; ``appending`` adds to them."""

from __future__ import annotations

import csv
import datetime
import io
import re
from pathlib import Path
from typing import Any

import pandas as pd

from planlib.errors import InputError, WorkbookError, nearest
from planlib.store.journal import complete
from planlib.tables import TABLES, Column, Table

_PREFIX = "override_"
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods")  # kinds of files that hold tables
_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_BOOLS = {"true": True, "false": False, "1": True, "0": False}


def decision_table(kind: str) -> Table:
    """
    Give the contract of a kind of decisions.

    Raises
    ------
    WorkbookError
        If there is no such kind; the message lists the kinds.
    """
    kinds = _kinds()
    if kind not in kinds:
        near = nearest(kind, kinds)
        hint = f"did you mean '{near[0]}'?" if near else f"kinds are {', '.join(sorted(kinds))}"
        raise WorkbookError(f"there are no decisions of kind '{kind}'; {hint}")
    return TABLES[_PREFIX + kind]


def _kinds() -> list[str]:
    return [name.removeprefix(_PREFIX) for name, one in TABLES.items() if one.role == "override"]


def stray_files(folder: Path) -> list[str]:
    """
    Name the files of overrides/ that look like decisions and are read by nobody.

    Parameters
    ----------
    folder
        overrides/ of a workbook; it need not exist.

    Returns
    -------
    list of str
        One problem for each file whose name is no kind of decisions, or that is no .csv file.
    """
    kinds, problems = _kinds(), []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix.lower() not in _TABLES or path.name.startswith((".", "~")):
            continue
        read = folder / f"{path.stem.lower()}.csv"
        if not path.is_file() or read.stem in kinds and read.is_file() and read.samefile(path):
            continue
        near = [read.stem] if read.stem in kinds else nearest(read.stem, kinds)
        hint = f"save it as {near[0]}.csv" if near else f"kinds are {', '.join(sorted(kinds))}"
        problems.append(f"{path.name} is not read, since it is no file of a kind of decisions; "
                        f"{hint}, or move it out of this folder")  # fmt: skip
    return problems


def folder_problems(folder: Path) -> list[str]:
    """
    Give all that is wrong with the decisions of a workbook.

    Parameters
    ----------
    folder
        overrides/ of a workbook; it need not exist.

    Returns
    -------
    list of str
        Stray files, then every malformed row of every kind with file, line and column.
    """
    problems = stray_files(folder)
    for kind in _kinds():
        try:
            read_decisions(folder / f"{kind}.csv", kind)
        except InputError as error:
            problems += [f"{kind}.csv, {problem}" for problem in error.problems]
    return problems


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
        If a row is malformed; every problem names file, line and column. What a killed process has
        left undone in the folder is completed first.
    """
    table = decision_table(kind)
    complete(file.parent)
    if not file.is_file():
        return table.empty()
    header, rows = read_rows(file)
    problems = _header_problems(header, table)
    if problems:
        raise InputError(str(file), problems)
    values: dict[str, list[Any]] = {name: [] for name in header}
    for line, row in rows:
        problems += read_row(line, row, header, table, values)
    if problems:
        raise InputError(str(file), problems)
    lines = [line for line, _ in rows]
    problems = link_problems(values["decision_id"], values.get("supersedes", []), lines)
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


def separator(text: str) -> str:
    """Give what parts the columns; spreadsheets of some countries save semicolons."""
    first = text.split("\n", 1)[0]
    return ";" if first.count(";") > first.count(",") else ","


def read_rows(file: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Header, then each row that is not blank with the line it ends on."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError(str(file), [f"line {line}: not UTF-8; save it as 'CSV UTF-8'"]) from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator(text))
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


def read_row(
    line: int, row: list[str], header: list[str], table: Table, values: dict[str, list[Any]]
) -> list[str]:
    """Add the values of a row to those of each column; give what is wrong with it."""
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
        number = _as_typed(text, column)
    low, high = column.bounds
    if not abs(number) < float("inf"):
        raise ValueError(f"'{text}' is not a finite number")
    if (low is not None and number < low) or (high is not None and number > high):
        hint = "; write 0.55 or 55 %" if column.kind == "share" else ""
        raise ValueError(f"{text} is out of range ({_range(low, high)}{hint})")
    if column.kind == "int" and number != int(number):
        raise ValueError(f"{text} is not a whole number")
    return number


def _as_typed(text: str, column: Column) -> float:
    """Read a number as intake reads it, with a decimal point; percent in shares alone."""
    from planlib.intake.numbers import parse_numbers  # intake needs the store when it is loaded

    found = parse_numbers(pd.Series([text], dtype="str"), decimal=".")
    if found.currency[0]:
        raise ValueError(f"'{text}' names a currency; leave it out: it is that of the plan")
    is_percent = "%" in text or "％" in text
    if found.bad[0] or (is_percent and column.kind != "share"):
        raise ValueError(f"'{text}' is not a number")
    return float(found.values[0])


def _range(low: float | None, high: float | None) -> str:
    parts = ["" if low is None else f"at least {low:g}",
             "" if high is None else f"at most {high:g}"]  # fmt: skip
    return " and ".join(part for part in parts if part)


def link_problems(ids: list[str], supersedes: list[str | None], lines: list[int]) -> list[str]:
    """Give ids that stand twice, and decisions that replace one which does not stand above."""
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
