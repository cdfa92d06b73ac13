"""What is to be evaluated until when, and by which two commands it comes into the next cycle."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from planlib.key_accounts.standing import is_review
from planlib.periods import FiscalYear, Period
from planlib.settings.evaluation import ASPECTS, EvaluationSettings
from planlib.settings.key_accounts import KeyAccountsSettings
from planlib.tables import table

_HOW = {
    "importance": "rate potential, demonstration effect and winnability in the rating sheet; the "
    "list itself is reviewed by quarter",
    "needs": "record needs with their day in the register, or confirm in the rating sheet that it "
    "was gone over",
    "closeness": "rate closeness in the rating sheet; the counted part needs no one",
}


def evaluation_agenda(
    calendar: pd.DataFrame,
    sheet: pd.DataFrame,
    settings: tuple[EvaluationSettings, KeyAccountsSettings],
    cycle: Period,
    as_of: date,
    *,
    workbook: str,
) -> pd.DataFrame:
    """
    Give for each aspect what its running period still asks for, and the way into the next cycle.

    A month between two quarters is a cycle of its own: its run counts closeness, needs and
    capability anew and keeps the list of the last review. Importance waits for the next review.

    Parameters
    ----------
    calendar, sheet
        Tables ``evaluation_calendar`` and ``rating_sheet``.
    settings
        Sections ``evaluation`` and ``key_accounts``.
    cycle
        Cycle whose rating sheets people have.
    as_of
        As-of date; the next cycle is the one that follows it.
    workbook
        Name of the workbook, for the commands.

    Returns
    -------
    DataFrame
        Table ``evaluation_agenda``, by aspect.
    """
    rules, scoring = settings
    following = as_of + timedelta(days=1)
    rows = []
    for order, aspect in enumerate(ASPECTS):
        mine = calendar[calendar["aspect"] == aspect]
        running = mine[mine["start_date"] == mine["start_date"].max()]
        lines = sheet[sheet["aspect"] == aspect].drop_duplicates(["rep_id", "account_id"])
        asked = int(lines["is_asked"].astype(bool).sum())
        then = _next_cycle(aspect, following, cycle.fiscal_year, scoring)
        rows.append(
            {
                "aspect": aspect,
                "aspect_order": order,
                "cadence": rules.cadences[aspect],
                "start_date": running["start_date"].max(),
                "end_date": running["end_date"].max(),
                "accounts_count": len(running),
                "done_count": int((running["status"] == "done").sum()),
                "due_count": int((running["status"] != "done").sum()),
                "overdue_count": int((mine["status"] == "overdue").sum()),
                "asked_count": asked,
                "put_off_count": len(lines) - asked,
                "how": _HOW[aspect],
                "hand_in": f"planlib ratings {workbook} --cycle {cycle.name} FILES",
                "next_cycle": then.name,
                "command": f"planlib run {workbook} --cycle {then.name}",
            }
        )
    return table("evaluation_agenda").check(pd.DataFrame(rows))


def _next_cycle(
    aspect: str, day: date, fiscal_year: FiscalYear, scoring: KeyAccountsSettings
) -> Period:
    """Give the next cycle that takes an aspect up: a month, or a quarter that reviews the list."""
    if aspect != "importance":
        return Period.of(day, "month", fiscal_year)
    found = Period.of(day, "quarter", fiscal_year)
    while not is_review(found, scoring):
        found = found.shift(1)
    return found
