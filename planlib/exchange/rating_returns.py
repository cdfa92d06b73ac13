"""Rating sheets that come back: only confirmed lines count, every problem has its cell."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib.exchange.rating_sheets import COLUMNS, QUESTIONS, SHEET
from planlib.language import say, speaking
from planlib.tables import table

if TYPE_CHECKING:
    from planlib.store import Workbook

KIND = "account_ratings"
_NEEDED = ("rater_id", "account_id", "factor", "rating", "confidence", "confirmed")
_YES = ("x", "yes", "true", "1", "ok", "✓", "是")
_NO = ("", "no", "false", "0", "否")
_PROBLEM = ("file", "sheet", "cell", "found", "detail")


@dataclass(frozen=True, kw_only=True)
class ReadRatings:
    """
    What came back in rating sheets.

    ``rows`` are ready for ``store_ratings``: columns of the decisions of kind ``account_ratings``
    and ``reason``; ``problems`` name file, sheet, cell, what was found and what is allowed;
    ``asked_count`` is the number of lines read, ``known_count`` that of confirmed lines that are
    stored already.
    """

    rows: pd.DataFrame
    problems: pd.DataFrame
    asked_count: int
    known_count: int


def read_rating_sheets(
    paths: Iterable[Path],
    when: datetime.date,
    *,
    accounts: Iterable[str],
    raters: Iterable[str],
    known: pd.DataFrame | None = None,
) -> ReadRatings:
    """
    Read rating sheets that came back; nothing is stored.

    Parameters
    ----------
    paths
        Excel files.
    when
        Day of the judgement where the line has none.
    accounts, raters
        Ids that may be rated, and that may rate.
    known
        Decisions of kind ``account_ratings`` that are stored already, or None: a line that is
        there (same account, factor, rater and day) is not taken again.

    Returns
    -------
    ReadRatings
        Confirmed lines without a problem, and every problem of every file.
    """
    lines: list[dict[str, Any]] = []
    problems: list[tuple[str, str, str, str, str]] = []
    rules = _Rules(set(accounts), set(raters), pd.Timestamp(when))
    asked = 0
    for path in sorted(paths):
        sheet = _Reader(path, problems)
        for row in sheet.rows():
            asked += 1
            line = _read_line(row, sheet, rules)
            if line is not None:
                lines.append(line)
    key = ["account_id", "factor", "rater_id", "rating_date"]
    columns = [*key, "rating", "confidence", "reason"]
    rows = pd.DataFrame(lines, columns=[*columns, "where"])
    twice = rows.duplicated(key)
    problems += [
        (*where, "this account, factor and day was rated further up by the same person; not used")
        for where in rows.loc[twice, "where"]
    ]
    rows = rows[~twice]
    stored = table(f"override_{KIND}").empty() if known is None else known
    have = pd.MultiIndex.from_frame(stored[key].astype({"rating_date": "datetime64[us]"}))
    mine = pd.MultiIndex.from_frame(rows[key].astype({"rating_date": "datetime64[us]"}))
    old = mine.isin(have)
    return ReadRatings(
        rows=rows.loc[~old, columns].reset_index(drop=True),
        problems=pd.DataFrame(problems, columns=list(_PROBLEM), dtype="str"),
        asked_count=asked,
        known_count=int(old.sum()),
    )


def store_ratings(
    workbook: Workbook, read: ReadRatings, names: pd.Series, when: datetime.date
) -> list[str]:
    """
    Append confirmed ratings to overrides/account_ratings.csv.

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
    added: list[str] = []
    for (rater, reason), rows in read.rows.groupby(["rater_id", "reason"], sort=True):
        who = str(names.get(rater, rater))
        added += workbook.decide(
            KIND, rows.drop(columns="reason"), who=who, why=str(reason), when=when
        )
    return added


def take_rating_sheets(
    workbook: Workbook, paths: Iterable[Path], when: datetime.date
) -> tuple[ReadRatings, list[str]]:
    """
    Read rating sheets that came back and keep what was confirmed.

    Parameters
    ----------
    workbook
        A cycle whose accounts and reps say what may be rated, and by whom.
    paths
        Excel files.
    when
        Day of reading: that of a judgement whose line has none.

    Returns
    -------
    tuple
        What was read, problems included, and the ids of the new decisions.
    """
    accounts, reps = workbook.get("accounts"), workbook.get("reps")
    people = table("reps").empty() if reps is None else reps
    read = read_rating_sheets(
        paths,
        when,
        accounts=[] if accounts is None else accounts["account_id"],
        raters=people["rep_id"],
        known=workbook.overrides(KIND),
    )
    names = people.dropna(subset=["name"]).drop_duplicates("rep_id").set_index("rep_id")["name"]
    return read, store_ratings(workbook, read, names, when)


@dataclass(frozen=True)
class _Rules:
    accounts: set[str]
    raters: set[str]
    when: pd.Timestamp


class _Reader:
    """One file: its lines with the cell of every column; problems are noted with file and cell."""

    def __init__(self, path: Path, problems: list[tuple[str, str, str, str, str]]) -> None:
        self.path, self.problems = path, problems
        self.sheet = SHEET
        self.places: dict[str, str] = {}

    def note(self, cell: str, found: object, detail: str) -> None:
        """Note a problem."""
        text = "" if found is None else str(found)
        self.problems.append((self.path.name, self.sheet, cell, text, detail))

    def rows(self) -> list[dict[str, Any]]:
        """Give lines by column name, with the row's number."""
        from openpyxl import load_workbook
        from openpyxl.utils import get_column_letter
        from openpyxl.utils.exceptions import InvalidFileException

        try:
            book = load_workbook(self.path, data_only=True)
        except (OSError, InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
            self.note("", type(error).__name__, "not a readable Excel file (.xlsx)")
            return []
        found = next((name for name in book.sheetnames if _english(name, (SHEET,)) == SHEET), None)
        if found is None:
            self.note("", ", ".join(book.sheetnames), f"sheet {SHEET} is missing")
            return []
        self.sheet = found
        cells = list(book[found].iter_rows(values_only=True))
        head = [_english(one, COLUMNS) for one in (cells[0] if cells else ())]
        self.places = {
            name: get_column_letter(at + 1) for at, name in enumerate(head) if name in COLUMNS
        }
        missing = [name for name in _NEEDED if name not in self.places]
        for name in missing:
            self.note("row 1", ", ".join(head), f"column {name} is missing")
        if missing:
            return []
        return [
            {**dict(zip(head, row, strict=False)), "row": number}
            for number, row in enumerate(cells[1:], start=2)
            if any(one is not None for one in row)
        ]


def _read_line(row: dict[str, Any], sheet: _Reader, rules: _Rules) -> dict[str, Any] | None:
    """Give a confirmed line, or None with its problems noted."""
    before = len(sheet.problems)

    def bad(column: str, detail: str) -> None:
        cell = f"{sheet.places.get(column, '?')}{row['row']}"
        sheet.note(cell, row.get(column), detail)

    said = _plain(row.get("confirmed")).casefold()
    if said in _NO:
        if _changed(row):
            bad("rating", "changed but not confirmed: not counted; put an x in confirmed")
        return None
    if said not in _YES:
        bad("confirmed", "neither confirmed (x) nor blank")
    account, rater = _plain(row["account_id"]), _plain(row["rater_id"])
    factor = _english(row["factor"], QUESTIONS)
    if account not in rules.accounts:
        bad("account_id", "no such account")
    if rater not in rules.raters:
        bad("rater_id", "no such person in table reps")
    if factor not in QUESTIONS:
        bad("factor", f"one of {', '.join(QUESTIONS)}")
    rating, sure = _number(row["rating"], 10), _number(row["confidence"], 1)
    if rating is None and (factor != "needs" or _plain(row["rating"])):
        bad("rating", "a number from 0 to 10")
    if sure is None and _plain(row["confidence"]):
        bad("confidence", "a share from 0 to 1, or blank")
    day = _date(row.get("date"), rules.when)
    if day is None:
        bad("date", "a date until the day of reading, or blank")
    if len(sheet.problems) > before:
        return None
    cell = f"{sheet.places['account_id']}{row['row']}"
    return {
        "account_id": account,
        "factor": factor,
        "rater_id": rater,
        "rating_date": day,
        "rating": None if factor == "needs" else rating,
        "confidence": sure,
        "reason": _plain(row.get("reason")) or "confirmed in the rating sheet",
        "where": (sheet.path.name, sheet.sheet, cell, account),
    }


def _changed(row: dict[str, Any]) -> bool:
    """Tell whether rating or confidence differ from the values that the sheet went out with."""
    pairs = (("rating", "last rating", 10), ("confidence", "last confidence", 1))
    return any(
        _plain(row.get(new)) != _plain(row.get(old))
        and _number(row.get(new), most) != _number(row.get(old), most)
        or (bool(_plain(row.get(new))) and _number(row.get(new), most) is None)
        for new, old, most in pairs
    )


def _english(value: object, words: Iterable[str]) -> str:
    """Give the word of a sheet that a text stands for; what is none stays as it is."""
    text = _plain(value)
    return _shown(tuple(words)).get(text, text)


@cache
def _shown(words: tuple[str, ...]) -> dict[str, str]:
    """Give words by how a Chinese sheet shows them: a sheet may come back to a plan in English."""
    with speaking("zh"):
        return {say(word): word for word in words}


def _plain(value: object) -> str:
    return "" if value is None else re.sub(r"\s+", " ", str(value)).strip()


def _number(value: object, most: float) -> float | None:
    text = _plain(value)
    is_percent = text.endswith("%")
    try:
        number = float(text.removesuffix("%")) / (100 if is_percent else 1)
    except ValueError:
        return None
    return number if 0 <= number <= most else None


def _date(value: object, when: pd.Timestamp) -> pd.Timestamp | None:
    if not _plain(value):
        return when
    found = pd.to_datetime(_plain(value), errors="coerce", format="ISO8601")
    if pd.isna(found):
        return None
    day = pd.Timestamp(found).normalize()
    return day if day <= when else None
