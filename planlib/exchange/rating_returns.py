"""Rating sheets that come back: confirmed lines of all files are kept, or none is."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib.errors import InputError
from planlib.exchange.forms_back import FormRow
from planlib.exchange.rating_sheets import COLUMNS, QUESTIONS, SHEET
from planlib.exchange.rating_sheets import KIND as FORM
from planlib.exchange.returned import as_of_note, open_forms, own_stamp, told_in
from planlib.tables import table

if TYPE_CHECKING:
    from planlib.store import Workbook

KIND = "account_ratings"
_YES = ("x", "yes", "true", "1", "ok", "✓", "是")
_NO = ("", "no", "false", "0", "否")
_KEY = ["account_id", "factor", "rater_id", "rating_date"]
_VALUES = ["rating", "confidence", "reason"]
_SHOWN = 40  # signs of a cell in a message
_EARLIEST = pd.Timestamp(2000, 1, 1)  # as the form's own check of dates


@dataclass(frozen=True, kw_only=True)
class ReadRatings:
    """
    What came back in rating sheets.

    ``rows`` are ready for ``store_ratings``: columns of the decisions of kind ``account_ratings``
    and ``reason``; ``notes`` say what a person should know; ``asked_count`` is the number of lines
    read, ``known_count`` that of confirmed lines that are stored already.
    """

    rows: pd.DataFrame
    notes: list[str]
    asked_count: int
    known_count: int


def read_rating_sheets(
    workbook: Workbook, paths: Iterable[str | Path], when: datetime.date
) -> ReadRatings:
    """
    Read rating sheets that came back; nothing is stored.

    Parameters
    ----------
    workbook
        A cycle whose accounts and reps say what may be rated, and by whom.
    paths
        Forms that ``write_rating_sheets`` wrote.
    when
        Day of the judgement where the line has none.

    Returns
    -------
    ReadRatings
        Confirmed lines. A line that is stored (same account, factor, rater and day) is not taken
        again.

    Raises
    ------
    InputError
        With every problem of every file: file, sheet, cell, what was found, what is allowed.
    """
    accounts, reps = (workbook.get(name) for name in ("accounts", "reps"))
    rules = _Rules(
        set() if accounts is None else set(accounts["account_id"]),
        set() if reps is None else set(reps["rep_id"]),
        pd.Timestamp(when),
    )
    forms, problems = open_forms(paths)
    lines, notes, asked = _Lines(rules, problems), [], 0
    for form in forms:
        with told_in(problems):
            stamp = own_stamp(form, FORM, workbook.root.name)
            rows = [row for row in form.rows(SHEET, COLUMNS) if any(row.values.values())]
            asked += len(rows)
            for row in rows:
                lines.take(row)
            form.check(SHEET)
            problems += form.problems
            notes += as_of_note(form, stamp, workbook)
    stored = {_key_of(row): row for row in workbook.decisions(KIND).to_dict("records")}
    known = [key for key in lines.taken if key in stored]
    problems += [
        f"{lines.places[key]}: rated otherwise on {key[-1]:%Y-%m-%d} before "
        f"({stored[key]['decision_id']}); give another date"
        for key in known
        if _values(stored[key]) != _values(lines.taken[key])
    ]
    if problems:
        raise InputError("nothing was kept", problems)
    new = [line for key, line in lines.taken.items() if key not in stored]
    return ReadRatings(
        rows=pd.DataFrame(new, columns=[*_KEY, *_VALUES]), notes=notes, asked_count=asked,
        known_count=len(known),
    )  # fmt: skip


def store_ratings(
    workbook: Workbook, read: ReadRatings, names: Mapping[str, str], when: datetime.date
) -> list[str]:
    """
    Append confirmed ratings to overrides/account_ratings.csv, all at once.

    Parameters
    ----------
    workbook
        The workbook.
    read
        What ``read_rating_sheets`` gave.
    names
        Name by ``rep_id``: who decided.
    when
        Day of the entry.

    Returns
    -------
    list of str
        Ids of the new decisions; empty where nothing new was confirmed.
    """
    if read.rows.empty:
        return []
    rows = read.rows.sort_values(["rater_id", *_KEY[:2]], kind="stable")
    return workbook.decide(
        KIND,
        rows.drop(columns="reason"),
        who=[str(names.get(rater, rater)) for rater in rows["rater_id"]],
        why=rows["reason"].tolist(),
        when=when,
    )


def take_rating_sheets(
    workbook: Workbook, paths: Iterable[str | Path], when: datetime.date
) -> tuple[ReadRatings, list[str]]:
    """
    Read rating sheets that came back and keep what was confirmed: all files, or nothing.

    Parameters
    ----------
    workbook
        A cycle whose accounts and reps say what may be rated, and by whom.
    paths
        Forms that ``write_rating_sheets`` wrote.
    when
        Day of reading: that of a judgement whose line has none.

    Returns
    -------
    tuple
        What was read, and the ids of the new decisions.

    Raises
    ------
    InputError
        If anything is wrong in any file; nothing is kept then.
    """
    read = read_rating_sheets(workbook, paths, when)
    reps = workbook.get("reps")
    people = table("reps").or_empty(reps)
    known = people.dropna(subset=["name"]).drop_duplicates("rep_id")
    names = dict(zip(known["rep_id"], known["name"], strict=True))
    return read, store_ratings(workbook, read, names, when)


@dataclass(frozen=True)
class _Rules:
    accounts: set[str]
    raters: set[str]
    when: pd.Timestamp


@dataclass
class _Lines:
    """Confirmed lines of all files by account, factor, rater and day; problems with their cell."""

    rules: _Rules
    problems: list[str]
    taken: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)
    places: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def take(self, row: FormRow) -> None:
        """Take a line where it is confirmed and right; name all that is wrong where it is not."""
        before, cells = len(self.problems), row.values
        said = cells["confirmed"].casefold()
        if said in _NO and not _changed(cells):
            return
        if said in _NO:
            self._bad(row, "rating", "changed but not confirmed: put an x in Confirmed, or put the "
                      "last value back")  # fmt: skip
        elif said not in _YES:
            self._bad(row, "confirmed", "neither confirmed (x) nor blank")
        self._check_ids(row)
        rating, sure = _number(cells["rating"], 10), _number(cells["confidence"], 1)
        is_needs = cells["factor"] == "needs"
        if rating is None and (not is_needs or cells["rating"]):
            self._bad(row, "rating", "a number from 0 to 10 is allowed")
        if sure is None and cells["confidence"]:
            self._bad(row, "confidence", "a share from 0 to 1 is allowed, or blank")
        day = _date(cells["date"], self.rules.when)
        if day is None:
            self._bad(row, "date", "a date such as 2026-03-31 until the day of reading is allowed, "
                      "or blank")  # fmt: skip
        if len(self.problems) > before:
            return
        key = (cells["account_id"], cells["factor"], cells["rater_id"], day)
        line = dict(zip(_KEY, key, strict=True)) | {
            "rating": None if is_needs else rating, "confidence": sure,
            "reason": cells["reason"] or "confirmed in the rating sheet",
        }  # fmt: skip
        if self.taken.setdefault(key, line) != line:
            self._bad(row, "account_id", f"rated otherwise by the same person at "
                      f"{self.places[key]}; keep one of them")  # fmt: skip
        self.places.setdefault(key, row.places["account_id"])

    def _check_ids(self, row: FormRow) -> None:
        cells, rules = row.values, self.rules
        if cells["account_id"] not in rules.accounts:
            self._bad(row, "account_id", "no such account")
        if cells["rater_id"] not in rules.raters:
            self._bad(row, "rater_id", "no such person in table reps")
        if cells["factor"] not in QUESTIONS:
            self._bad(row, "factor", f"allowed are {', '.join(QUESTIONS)}")

    def _bad(self, row: FormRow, name: str, detail: str) -> None:
        self.problems.append(f"{row.places[name]}: '{row.values[name][:_SHOWN]}', {detail}")


def _key_of(row: Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _KEY)


def _values(row: Mapping[Any, Any]) -> tuple[float | None, ...]:
    """Give rating and confidence, None where there is none."""
    return tuple(None if pd.isna(row[name]) else float(row[name]) for name in _VALUES[:2])


def _changed(cells: Mapping[str, str]) -> bool:
    """Tell whether rating or confidence differ from the values that the sheet went out with."""
    pairs = (("rating", "last_rating", 10), ("confidence", "last_confidence", 1))
    return any(
        cells[new] != cells[old]
        and (_number(cells[new], most) is None or _number(cells[new], most)
             != _number(cells[old], most))
        for new, old, most in pairs
    )  # fmt: skip


def _number(text: str, most: float) -> float | None:
    """Read a number from 0 to ``most``, a share also as percent; None where it is none."""
    is_percent = most == 1 and text.endswith("%")
    try:
        number = float(text[:-1]) / 100 if is_percent else float(text)
    except ValueError:
        return None
    return number if 0 <= number <= most else None


def _date(text: str, when: pd.Timestamp) -> pd.Timestamp | None:
    if not text:
        return when
    found = pd.to_datetime(text, errors="coerce", format="ISO8601")
    if pd.isna(found) or len(text) < len("2026-3-1"):  # a year, or a month, is no day
        return None
    day = pd.Timestamp(found).normalize()
    return day if _EARLIEST <= day <= when else None
