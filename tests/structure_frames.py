"""Small teams, accounts and deals for the tests of structure and channels."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from planlib.plan import Plan
from planlib.settings.channels import ChannelsSettings
from planlib.settings.team_structure import CHOSEN, TeamStructureSettings
from planlib.team.structure.inputs import StructureInputs
from planlib.team.structure.problem import OneOff, Problem

AS_OF = date(2026, 3, 31)
FREE = OneOff(hire=0.0, leave=0.0, retrain=0.0, reassign=0.0, years=1.0)


def rules(**changes: Any) -> TeamStructureSettings:
    """Give the settings with some keys replaced; few draws, so that tests are fast."""
    found: TeamStructureSettings = Plan().override(
        "team_structure", **{"draws": 40, "head_parts": 1, **changes}
    )
    return found


def channel_rules(**changes: Any) -> ChannelsSettings:
    """Give the settings of channels with some keys replaced."""
    found: ChannelsSettings = Plan().override("channels", **changes)
    return found


def dates(*days: str) -> pd.Series:
    """Give dates; a blank one is not known."""
    return pd.Series([pd.Timestamp(day) if day else pd.NaT for day in days])


def make_reps(**changes: Any) -> pd.DataFrame:
    """Give two field sellers in the north, one in the south, an SDR and a manager."""
    frame = pd.DataFrame({
        "rep_id": ["R1", "R2", "R3", "R4", "R5"], "name": ["Ann", "Bo", "Cy", "Di", "Ed"],
        "role": ["AE", "AE", "AE", "SDR", "manager"],
        "region": ["North", "North", "South", "North", "North"],
        "hire_date": pd.Timestamp("2020-01-01"), "leave_date": pd.NaT, "is_open_seat": False,
        "capacity_hours": [1000.0, 1000.0, 1000.0, 1200.0, 300.0],
        "skills": ["Retail", "Retail;Energy", "", "", ""],
    })  # fmt: skip
    return frame.assign(**changes)


def make_accounts(count: int = 12) -> pd.DataFrame:
    """Give accounts of two segments in two regions, each owned by a seller of its region."""
    place = np.arange(count)
    north = place % 2 == 0
    return pd.DataFrame({
        "account_id": [f"A{i:03d}" for i in place], "region": np.where(north, "North", "South"),
        "segment": np.where(place % 4 < 2, "Large", "Small"),
        "owner_id": np.where(north, np.where(place % 4 == 0, "R1", "R2"), "R3"),
        "workload_hours": np.where(place % 4 < 2, 200.0, 50.0), "employees": 100 + 10 * place,
        "industry_group": np.where(north, "Manufacturing", "Technology"),
        "is_customer": place % 3 == 0, "complexity_score": 20.0 + 5 * place,
        "potential": 1000.0 * (place + 1), "country": "X",
    })  # fmt: skip


def make_deals(count: int = 48) -> pd.DataFrame:
    """Give closed deals, two of three won, large ones worth ten times as much."""
    place = np.arange(count)
    account = place % 12
    large = account % 4 < 2
    day = pd.Timestamp("2024-06-01") + pd.to_timedelta(place * 12, unit="D")
    return pd.DataFrame({
        "opportunity_id": [f"O{i:03d}" for i in place],
        "account_id": [f"A{i:03d}" for i in account],
        "owner_id": np.where(account % 2 == 0, "R1", "R3"),
        "creator_id": np.where(place % 6 == 0, "R4", "R1"), "product_id": "P1",
        "amount": np.where(large, 100_000.0, 10_000.0), "is_closed": True,
        "is_won": place % 3 < 2, "created_date": day - pd.Timedelta(days=60), "close_date": day,
        "deal_type": "new", "loss_reason": np.where(place % 3 < 2, "", "Price"),
    })  # fmt: skip


def make_products() -> pd.DataFrame:
    """Give one product with half of its price as margin."""
    return pd.DataFrame({"product_id": ["P1"], "margin_share": [0.5], "business_line": ["Core"]})


def make_pay() -> pd.DataFrame:
    """Give pay plans, one of them not in force yet."""
    return pd.DataFrame({
        "role": ["AE", "AE", "SDR", "AE"],
        "effective_from": pd.to_datetime(["2024-01-01", "2026-01-01", "2026-01-01", "2027-01-01"]),
        "base_pay": [50_000.0, 60_000.0, 30_000.0, 90_000.0],
        "variable_pay": [30_000.0, 40_000.0, 10_000.0, 90_000.0],
    })  # fmt: skip


def make_leads(count: int = 24) -> pd.DataFrame:
    """Give leads of accounts of the north, two for each month."""
    place = np.arange(count)
    return pd.DataFrame({
        "lead_id": [f"L{i}" for i in place],
        "created_at": pd.Timestamp("2025-04-01") + pd.to_timedelta(place * 15, unit="D"),
        "account_id": [f"A{2 * (i % 6):03d}" for i in place],
    })  # fmt: skip


def make_inputs(**changes: Any) -> StructureInputs:
    """Give all of it; a table set to None is missing."""
    tables: dict[str, Any] = {
        "reps": make_reps(), "accounts": make_accounts(), "segments": make_accounts(),
        "opportunities": make_deals(), "products": make_products(), "pay_plans": make_pay(),
        "leads": make_leads(),
    }  # fmt: skip
    return StructureInputs(**{**tables, **changes})


def make_problem(
    today: list[list[int]], worth: list[float], *, cost: tuple[float, float] = (100.0, 100.0),
    quality: float = 1.0, regions: tuple[str, ...] = ("N", "S"), one_off: OneOff = FREE,
) -> Problem:  # fmt: skip
    """
    Give a problem of field and inside alone.

    ``today`` holds the field heads and the inside heads by cell; ``worth`` the yearly margin of
    each cell at one head's time; an inside head is worth ``quality`` of a field head.
    """
    cells = len(worth)
    heads = np.zeros((len(CHOSEN), cells), dtype=np.int64)
    heads[:2] = today
    effect = np.zeros((len(CHOSEN), cells))
    effect[0], effect[1] = 1.0, quality
    need, value = np.zeros((4, cells)), np.zeros((4, cells))
    need[0], value[0] = 1.0, worth
    return Problem(
        regions=np.array(regions[:cells], dtype=object),
        segments=np.array(["all"] * cells, dtype=object), today=heads, parts=1, effect=effect,
        need=need, worth=value, base_amount=0.0, revenue_per_margin=np.ones(cells),
        workload=np.ones(cells), cost=np.array([*cost, 50.0, 50.0, 90.0]), price=1.0,
        is_money=True, one_off=one_off, can_move=np.array([True, True, False, False, False]),
        elasticity=0.34,
    )  # fmt: skip
