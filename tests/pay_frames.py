"""Small made-up people, pay plans, territories and decisions for the tests of pay."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from planlib.pay import Attained
from planlib.periods import Period
from planlib.tables import table

YEAR = Period.parse("2026")
AS_OF = date(2026, 3, 31)

_BOSS = {"rep_id": "B", "name": "Bea", "role": "manager", "unit": "East", "capacity_hours": 300.0}


def make_reps(*rows: dict[str, Any], count: int = 6) -> pd.DataFrame:
    """Make a manager and AEs A1, A2 … below; rows replace the AEs where given."""
    people = rows or tuple({"rep_id": f"A{place}"} for place in range(1, count + 1))
    base = {
        "role": "AE", "unit": "East", "manager_id": "B", "hire_date": "2020-01-01",
        "quota": 100.0, "capacity_hours": 1000.0, "is_open_seat": False,
    }  # fmt: skip
    made = [{"name": f"Name {one['rep_id']}", **base, **one} for one in people]
    return table("reps").coerce(pd.DataFrame([{**_BOSS, "hire_date": "2019-01-01"}, *made]))


def make_plans(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make pay plans of AEs: base 50, variable 50, quota 100, a straight line unless changed."""
    base = {
        "role": "AE", "effective_from": "2026-01-01", "base_pay": 50.0, "variable_pay": 50.0,
        "quota": 100.0,
    }  # fmt: skip
    return table("pay_plans").coerce(pd.DataFrame([{**base, **row} for row in rows or ({},)]))


def make_attained(
    shares: dict[str, list[float]], quotas: dict[str, float] | None = None
) -> Attained:
    """Make simulated attainment from draws by person; quotas are 100 unless given."""
    names = sorted(shares)
    return Attained(
        rep_id=np.array(names), quota=np.array([(quotas or {}).get(one, 100.0) for one in names]),
        share=np.array([shares[one] for one in names], dtype="float64"), basis="made up",
    )  # fmt: skip


def even_attained(count: int = 6) -> Attained:
    """Make people whose draws are 60 % and 140 %: mean 100 %."""
    return make_attained({f"A{place}": [0.6, 1.4] for place in range(1, count + 1)})


def make_territories(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make one account of each AE with potential 300 and 100 hours; rows replace them."""
    base = {"potential": 300.0, "workload_hours": 100.0}
    given = rows or tuple({"account_id": f"C{n}", "rep_id": f"A{n}"} for n in range(1, 7))
    frame = pd.DataFrame([{**base, **row} for row in given])
    return frame.astype({"potential": "float64", "workload_hours": "float64"})


def make_deals(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make won deals of AE A1 within the last twelve months."""
    base = {
        "account_id": "C1", "owner_id": "A1", "amount": 100.0, "close_date": "2026-01-15",
        "is_closed": True, "is_won": True, "deal_type": "new", "product_id": "P1",
    }  # fmt: skip
    made = [{"opportunity_id": f"D{n}", **base, **row} for n, row in enumerate(rows or ({},))]
    return table("opportunities").coerce(pd.DataFrame(made))


def make_milestones(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make milestones entered in January."""
    base = {"who": "Ann", "when": "2026-01-05", "why": "plan", "owner": "Bo", "sponsor": "Cy"}
    made = [{"decision_id": f"D-{n:04d}", **base, **row} for n, row in enumerate(rows, start=1)]
    return table("override_planning_milestones").coerce(pd.DataFrame(made))


def make_releases(**states: str) -> pd.DataFrame:
    """Make decisions on plans, such as territories="released"."""
    rows = [
        {"decision_id": f"D-{n:04d}", "who": "Ann", "when": "2026-01-10", "why": "agreed",
         "part": part, "state": state}
        for n, (part, state) in enumerate(states.items(), start=1)
    ]  # fmt: skip
    return table("override_releases").coerce(pd.DataFrame(rows))
