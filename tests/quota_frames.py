"""Small frames for the tests of capacity and quotas."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.periods import Period
from planlib.quotas import QuotaReview, review_quotas
from planlib.settings.capacity import CapacitySettings
from planlib.settings.quotas import QuotasSettings
from planlib.tables import table

YEAR = Period.parse("2026")
AS_OF = pd.Timestamp("2025-12-31")


def make_reps(**changes: list[object]) -> pd.DataFrame:
    """A head, two managers, four reps with quotas and an open seat."""
    frame = pd.DataFrame(
        {
            "rep_id": ["H", "M1", "M2", "a", "b", "c", "d", "s"],
            "name": ["Head", "Manager 1", "Manager 2", "Ann", "Bob", "Cid", "Dee", "Seat"],
            "manager_id": [None, "H", "H", "M1", "M1", "M2", "M2", "M2"],
            "role": ["head", "manager", "manager", "AE", "AE", "AE", "AE", "AE"],
            "unit": ["All", "North", "South", "North", "North", "South", "South", "South"],
            "region": ["All", "N", "S", "N", "N", "S", "S", "S"],
            "hire_date": [*["2015-01-01"] * 7, None],
            "leave_date": [None] * 8,
            "is_open_seat": [False] * 7 + [True],
            "quota": [None, None, None, 100.0, 200.0, 300.0, 400.0, 500.0],
        }
    ).assign(**changes)
    return table("reps").coerce(frame)


def make_won(seed: int = 0, months: int = 24) -> pd.DataFrame:
    """Deals won by the four reps: about 80 % of the quota, one deal a month."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2024-01-15", periods=months, freq="MS") + pd.Timedelta(days=14)
    rows = [
        {"opportunity_id": f"{rep}{at}", "owner_id": rep, "account_id": f"A-{rep}",
         "is_won": True, "is_closed": True, "created_date": day - pd.Timedelta(days=60),
         "close_date": day, "amount": quota / 12 * rng.uniform(0.6, 1.0), "lead_id": None}
        for rep, quota in {"a": 100, "b": 200, "c": 300, "d": 400}.items()
        for at, day in enumerate(days)
    ]  # fmt: skip
    return table("opportunities").coerce(pd.DataFrame(rows))


def make_targets(total: float = 1000.0, **by_rep: float) -> pd.DataFrame:
    """Four quarters of a company's target, and yearly targets of reps or managers."""
    rows = [{"period": f"2026Q{one}", "measure": "acv", "target_amount": total / 4}
            for one in range(1, 5)]  # fmt: skip
    rows += [{"period": "2026", "measure": "acv", "target_amount": amount, "rep_id": rep}
             for rep, amount in by_rep.items()]  # fmt: skip
    return table("targets").coerce(pd.DataFrame(rows))


def make_accounts() -> pd.DataFrame:
    """One account for each rep, with potential."""
    frame = pd.DataFrame(
        {
            "account_id": ["A-a", "A-b", "A-c", "A-d"],
            "owner_id": ["a", "b", "c", "d"],
            "potential": [400.0, 400.0, 800.0, 400.0],
        }
    )
    return table("accounts").coerce(frame)


def make_quota_decisions(*decided: dict[str, object]) -> pd.DataFrame:
    """Quotas that people have set: D-1, D-2, ..."""
    return table("override_quotas").coerce(pd.DataFrame([
        {"decision_id": f"D-{at + 1}", "who": "Boss", "when": "2025-12-01", "why": "agreed", **row}
        for at, row in enumerate(decided)
    ]))  # fmt: skip


def make_quota_review(*decided: dict[str, object], **settings: float) -> QuotaReview:
    """Review the quotas of the small team, with quotas that people have set."""
    return review_quotas(
        {"reps": make_reps(), "opportunities": make_won(), "targets": make_targets(1200.0),
         "accounts": make_accounts()},
        CapacitySettings(simulations=100, months=12, scenarios=()),
        QuotasSettings(simulations=500, **settings), AS_OF.date(), YEAR,
        decisions=make_quota_decisions(*decided) if decided else None, seed=3,
    )  # fmt: skip
