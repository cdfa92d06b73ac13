"""Rating sheets: one Excel file per owner, pre-filled, read back; only confirmed rows count."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from planlib.exchange.audience import AudienceView
from planlib.exchange.excel import FOLDER, about
from planlib.exchange.sheets import Sheet, SheetColumn, write_book
from planlib.tables import table

if TYPE_CHECKING:
    from planlib.store import Workbook

SUBFOLDER = "rating_sheets"
SHEET = "Ratings"
KIND = "account_ratings"
_STEP = "05_key_accounts"
_COLUMNS = {
    "rater_id": "id",
    "account_id": "id",
    "account": "text",
    "factor": "category",
    "question": "text",
    "status": "category",
    "minutes": "number",
    "last rating": "number",
    "last confidence": "share",
    "last date": "date",
    "rating": "number",
    "confidence": "share",
    "reason": "text",
    "date": "date",
    "confirmed": "text",
}
_KEYS = 4
_NEEDED = ("rater_id", "account_id", "factor", "rating", "confidence", "confirmed")
QUESTIONS = {
    "potential": "How much could the account buy from us a year, against its peers? 0 to 10",
    "demonstration": "How many others look at what this account buys? 0 to 10",
    "winnability": "How well can we win there in the next two years? 0 to 10",
    "revenue": "How good is our business with the account today? 0 to 10",
    "closeness": "How far do the people who decide trust us? 0 to 10",
    "needs": "Did you go over the needs of the account? Confirm; change needs in the register",
}
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


def write_rating_sheets(workbook: Workbook, audience: str | None = None) -> list[Path]:
    """
    Write one rating sheet per owner into ``exchange/rating_sheets``.

    Each line has the last rating of the same person filled in. It counts only once ``confirmed``
    has an x; a sheet that comes back as it went out adds nothing.

    Parameters
    ----------
    workbook
        The cycle; files go into the revision being built, or into the draft.
    audience
        Name of an audience of plan.yaml; None takes ``report.audience``.

    Returns
    -------
    list of Path
        The files, by owner; none where step 05 asked for no rating.
    """
    view = AudienceView(workbook, audience)
    if _STEP not in [step.name for step in view.steps()] or not view.has("rating_sheet"):
        return []
    sheet = view.read("rating_sheet")
    sheet = sheet[sheet["is_asked"].astype(bool)]
    burden = view.rows("rating_burden").set_index("rep_id")
    names = _names(view, "accounts", "account_id")
    people = _names(view, "reps", "rep_id")
    files = []
    for rep, lines in sheet.groupby("rep_id"):
        path = workbook.target / FOLDER / SUBFOLDER / f"{_file_name(str(rep))}.xlsx"
        load = burden.loc[rep]
        person = str(people.get(rep, rep))
        rows = [
            *about(view, "Ratings of key accounts: look at each line, change it, confirm it"),
            ("Person", f"{person} ({rep})"),
            ("Effort", f"{load['asked_minutes']:.0f} minutes for {load['accounts_count']:.0f} key "
             f"accounts, {load['minutes_per_account']:.1f} minutes for each"),
            ("Put off", f"{load['put_off_count']:.0f} ratings to next month, to keep the limit"),
            ("How", "Columns rating and confidence hold your last values. A line counts only with "
             "an x in confirmed. date: day of the judgement, blank for the day of reading"),
        ]  # fmt: skip
        write_book(
            path,
            [Sheet(name=SHEET, columns=[SheetColumn(name, kind) for name, kind in _COLUMNS.items()],
                   frame=_frame(lines, names), keys=_KEYS)],
            about=rows, created=view.as_of, title=f"Ratings {view.workbook.cycle.name}, {person}",
        )  # fmt: skip
        files.append(path)
    return files


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
        self.places: dict[str, str] = {}

    def note(self, cell: str, found: object, detail: str) -> None:
        """Note a problem."""
        text = "" if found is None else str(found)
        self.problems.append((self.path.name, SHEET, cell, text, detail))

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
        if SHEET not in book.sheetnames:
            self.note("", ", ".join(book.sheetnames), f"sheet {SHEET} is missing")
            return []
        cells = list(book[SHEET].iter_rows(values_only=True))
        head = [str(one).strip() if one is not None else "" for one in (cells[0] if cells else ())]
        self.places = {
            name: get_column_letter(at + 1) for at, name in enumerate(head) if name in _COLUMNS
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
    factor = _plain(row["factor"])
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
        "where": (sheet.path.name, SHEET, cell, account),
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


def _frame(lines: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rater_id": lines["rep_id"],
            "account_id": lines["account_id"],
            "account": lines["account_id"].map(names).astype("str").fillna(lines["account_id"]),
            "factor": lines["factor"],
            "question": lines["factor"].map(QUESTIONS),
            "status": lines["status"],
            "minutes": lines["minutes"],
            "last rating": lines["last_rating"],
            "last confidence": lines["last_confidence"],
            "last date": lines["last_date"],
            "rating": lines["last_rating"],
            "confidence": lines["last_confidence"],
            "reason": None,
            "date": pd.Series(pd.NaT, index=lines.index, dtype="datetime64[us]"),
            "confirmed": None,
        }
    )[list(_COLUMNS)]


def _names(view: AudienceView, name: str, key: str) -> pd.Series:
    rows = view.rows(name)
    known: Sequence[str] = [one for one in (key, "name") if one in rows.columns]
    if len(known) < 2:
        return pd.Series(dtype="str")
    return rows[rows["name"].notna()].drop_duplicates(key).set_index(key)["name"]


def _file_name(rep: str) -> str:
    """Give a file name for an id: signs that no file system takes are written as codes."""
    return re.sub(r"[^\w.-]", lambda sign: f"%{ord(sign[0]):X}", rep).lstrip(".") or "nobody"
