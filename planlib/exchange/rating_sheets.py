"""Rating sheets: one Excel file per owner, with the last values filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from planlib.exchange.audience import AudienceView
from planlib.exchange.excel import FOLDER, about
from planlib.exchange.sheets import Sheet, SheetColumn, write_book

if TYPE_CHECKING:
    from planlib.store import Workbook

SUBFOLDER = "rating_sheets"
SHEET = "Ratings"
_STEP = "05_key_accounts"
COLUMNS = {
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
QUESTIONS = {
    "potential": "How much could the account buy from us a year, against its peers? 0 to 10",
    "demonstration": "How many others look at what this account buys? 0 to 10",
    "winnability": "How well can we win there in the next two years? 0 to 10",
    "revenue": "How good is our business with the account today? 0 to 10",
    "closeness": "How far do the people who decide trust us? 0 to 10",
    "needs": "Did you go over the needs of the account? Confirm; change needs in the register",
}


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
            [Sheet(name=SHEET, columns=[SheetColumn(name, kind) for name, kind in COLUMNS.items()],
                   frame=_frame(lines, names), keys=_KEYS, told="all")],
            about=rows, created=view.as_of, title=f"Ratings {view.workbook.cycle.name}, {person}",
        )  # fmt: skip
        files.append(path)
    return files


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
    )[list(COLUMNS)]


def _names(view: AudienceView, name: str, key: str) -> pd.Series:
    rows = view.rows(name)
    known: Sequence[str] = [one for one in (key, "name") if one in rows.columns]
    if len(known) < 2:
        return pd.Series(dtype="str")
    return rows[rows["name"].notna()].drop_duplicates(key).set_index(key)["name"]


def _file_name(rep: str) -> str:
    """Give a file name for an id: signs that no file system takes are written as codes."""
    return re.sub(r"[^\w.-]", lambda sign: f"%{ord(sign[0]):X}", rep).lstrip(".") or "nobody"
