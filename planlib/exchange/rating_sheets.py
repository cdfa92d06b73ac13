"""Rating sheets: one Excel file per owner, with the last values filled in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from planlib.exchange.audience import AudienceView
from planlib.exchange.excel import FOLDER, about
from planlib.exchange.forms import FormColumn, FormSheet, write_form
from planlib.exchange.sheets import file_stem, plain_text
from planlib.notes import count_of

if TYPE_CHECKING:
    from planlib.store import Workbook

SUBFOLDER = "rating_sheets"
SHEET = "Ratings"
_STEP = "05_key_accounts"
KIND = "rating_sheet"
COLUMNS = (
    FormColumn(name="rater_id", header="Rater id", kind="id", width=11),
    FormColumn(name="account_id", header="Account id", kind="id", width=13),
    FormColumn(name="account", header="Account", width=26),
    FormColumn(name="factor", header="Factor", kind="category", width=14),
    FormColumn(name="question", header="Question", width=50),
    FormColumn(name="status", header="Status", kind="category", width=10),
    FormColumn(name="minutes", header="Minutes", kind="number", width=9, shown_as="0"),
    FormColumn(name="last_rating", header="Last rating", kind="number", width=9),
    FormColumn(name="last_confidence", header="Last confidence", kind="share", width=11),
    FormColumn(name="last_date", header="Last date", kind="date", width=12),
    FormColumn(name="rating", header="Rating", kind="number", width=9, most=10,
               help="0 to 10; your last value is filled in."),
    FormColumn(name="confidence", header="Confidence", kind="share", width=12, most=1,
               help="How sure you are: a share from 0 to 1, or blank."),
    FormColumn(name="reason", header="Reason", width=40, help="Why, in your words."),
    FormColumn(name="date", header="Date", kind="date", width=12,
               help="Day of the judgement; blank: the day of reading."),
    FormColumn(name="confirmed", header="Confirmed", width=11, choices=("x",), is_strict=True,
               help="x: the line counts. Blank: it does not."),
)  # fmt: skip
#: What tells the lines of a sheet apart, whatever their order.
KEY = ("account_id", "factor")
_FROZEN = 4  # columns that stay in view
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
    counts = {name: burden[name].astype("int64") for name in ("accounts_count", "put_off_count")}
    names = _names(view, "accounts", "account_id")
    people = _names(view, "reps", "rep_id")
    files = []
    for rep, lines in sheet.groupby("rep_id"):
        load = burden.loc[rep]
        person = str(people.get(rep, rep))
        path = workbook.target / FOLDER / SUBFOLDER / f"{file_stem(str(rep), person)}.xlsx"
        accounts = count_of(counts["accounts_count"][rep], "key account")
        put_off = count_of(counts["put_off_count"][rep], "rating")
        rows = [
            *about(view, "Ratings of key accounts: look at each line, change it, confirm it"),
            ("Person", f"{person} ({rep})"),
            ("Effort", f"{load['asked_minutes']:.0f} minutes for {accounts}, "
             f"{load['minutes_per_account']:.1f} minutes for each"),
            ("Put off", f"{put_off} to next month, to keep the limit"),
            ("What to do", "Fill in the pale yellow cells. Rating and Confidence hold your last "
             "values. A line counts only with an x in Confirmed. Date: day of the judgement, blank "
             "for the day of reading"),
            ("To hand in", "Save the file and send it back; the planner runs: planlib ratings "
             f"{workbook.root.name} FILES. All lines with an x of all files are kept, or none is: "
             "what is wrong is listed by file, sheet and cell"),
        ]  # fmt: skip
        write_form(
            path,
            [
                FormSheet(
                    name=SHEET, columns=COLUMNS, frame=_frame(lines, names), key=KEY, frozen=_FROZEN
                )
            ],
            about=[(what, plain_text(text)[0]) for what, text in rows],
            stamp={
                "kind": KIND,
                "workbook": workbook.root.name,
                "cycle": workbook.cycle.name,
                "as_of": view.as_of.isoformat(),
                "rater_id": str(rep),
            },
            created=view.as_of,
            title=f"Ratings {view.workbook.cycle.name}, {person}",
            front={},
        )
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
            "last_rating": lines["last_rating"],
            "last_confidence": lines["last_confidence"],
            "last_date": lines["last_date"],
            "rating": lines["last_rating"],
            "confidence": lines["last_confidence"],
            "reason": None,
            "date": pd.Series(pd.NaT, index=lines.index, dtype="datetime64[us]"),
            "confirmed": None,
        }
    ).reset_index(drop=True)


def _names(view: AudienceView, name: str, key: str) -> pd.Series:
    rows = view.rows(name)
    known: Sequence[str] = [one for one in (key, "name") if one in rows.columns]
    if len(known) < 2:
        return pd.Series(dtype="str")
    return rows[rows["name"].notna()].drop_duplicates(key).set_index(key)["name"]
