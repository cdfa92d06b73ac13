"""Small made-up tables for the tests of closeness, evaluation and plans of key accounts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from planlib.tables import table

AS_OF = date(2026, 3, 31)
KEYS = pd.DataFrame({"account_id": ["A1", "A2"], "rep_id": ["R1", "R2"]})


def make_rows(name: str, *rows: dict[str, Any]) -> pd.DataFrame:
    """Make a table of the contract from rows."""
    contract = table(name)
    return contract.coerce(pd.DataFrame(list(rows))) if rows else contract.empty()


def make_activities(*rows: dict[str, Any], weekly: bool = True) -> pd.DataFrame:
    """
    Make activities; a row gives what differs from a mail that R1 sent to C1 of A1.

    ``weekly`` adds two calls a week by R1 and R2 without a contact, so that logging is complete.
    """
    base = {"activity_date": "2026-03-31", "account_id": "A1", "contact_id": "C1", "rep_id": "R1",
            "activity_type": "email", "direction": "out"}  # fmt: skip
    given = [{"activity_id": f"T{at}", **base, **row} for at, row in enumerate(rows)]
    if weekly:
        for day in pd.date_range("2024-06-03", "2026-03-30", freq="7D"):
            for rep, account in (("R1", "A1"), ("R2", "A2")):
                given += [{"activity_id": f"W{rep}{day:%Y%m%d}{turn}", "activity_date": day,
                           "account_id": account, "rep_id": rep, "activity_type": "call",
                           "direction": "out", "contact_id": None} for turn in (1, 2)]  # fmt: skip
    return make_rows("activities", *given)


def make_contacts(**account_of: str) -> pd.DataFrame:
    """Make contacts by id with their account; C1 and C2 of A1, C3 of A2 by default."""
    given = account_of or {"C1": "A1", "C2": "A1", "C3": "A2"}
    rows = [{"contact_id": one, "account_id": at, "level": "manager", "is_active": True}
            for one, at in given.items()]  # fmt: skip
    return make_rows("contacts", *rows)


def make_stakeholders(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make seats; a row gives what differs from a seat of A1 held by C1 with half the power."""
    base = {"account_id": "A1", "contact_id": "C1", "decision_power": 0.5, "attitude": 0}
    given = [{"seat": f"seat {at}", **base, **row} for at, row in enumerate(rows, start=1)]
    return make_rows("stakeholders", *given)


def make_ratings(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make ratings of closeness of A1 by R1; a row gives what differs."""
    base = {"account_id": "A1", "factor": "closeness", "rating": 6.0, "rating_date": "2026-03-20",
            "rater_id": "R1", "confidence": 0.5}  # fmt: skip
    return make_rows("ratings", *[{**base, **row} for row in rows])
