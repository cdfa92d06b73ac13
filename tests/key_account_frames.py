"""Small made-up frames for the tests of key accounts: people in two lines, deals, needs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from planlib.tables import table

AS_OF = date(2026, 3, 31)


def make(name: str, *rows: dict[str, Any]) -> pd.DataFrame:
    """Make rows of a table by its contract."""
    columns = [column.name for column in table(name).columns]
    return table(name).check(pd.DataFrame(list(rows), columns=columns))


def make_people() -> pd.DataFrame:
    """A head, two branch managers, a key-account director, three reps, one of whom has left."""
    rows = [
        ("H", None, None, "head", "All"),
        ("M1", "H", None, "manager", "North"),
        ("M2", "H", None, "manager", "South"),
        ("D", "H", None, "KA director", "North"),
        ("A", "M1", "D", "AE", "North"),
        ("B", "M2", "D", "AE", "South"),
        ("C", "M2", None, "AE", "South"),
    ]
    return make(
        "reps",
        *[
            {"rep_id": rep, "manager_id": boss, "functional_manager_id": lead, "role": role,
             "region": region, "leave_date": "2025-12-31" if rep == "C" else None}
            for rep, boss, lead, role, region in rows
        ],
    )  # fmt: skip


def make_accounts(owners: str = "ABC") -> pd.DataFrame:
    """One account of each owner, in the owner's region."""
    return make(
        "accounts",
        *[
            {"account_id": f"K{owner}", "owner_id": owner, "industry_group": "Steel",
             "region": "North" if owner == "A" else "South", "potential": 1000.0, "acv": 100.0}
            for owner in owners
        ],
    )  # fmt: skip


def all_key(accounts: pd.DataFrame) -> pd.DataFrame:
    """Say that every account is key."""
    return pd.DataFrame({"account_id": accounts["account_id"], "is_key": True})


def make_need(need_id: str, **changes: Any) -> dict[str, Any]:
    """Make one row of the needs register."""
    return {
        "need_id": need_id, "account_id": "KA", "need": f"need {need_id}", "horizon": "3-12m",
        "value": 100.0, "likelihood": 0.5, "fit": 0.8, "status": "open",
        "recorded_date": "2026-03-01",
    } | changes  # fmt: skip
