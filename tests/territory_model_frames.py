"""A small market for tests of the models beside the alignment: two regions, teams, layers."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd

from planlib.settings.territories import TerritoriesSettings
from planlib.tables import table
from planlib.territories import Statement, state

AS_OF = datetime.date(2026, 3, 31)
CITIES = {"EMEA": ["Paris", "Lyon", "Lille", "Nantes"], "Iberia": ["Madrid", "Seville"]}


def make_accounts(count: int = 40, **changes: object) -> pd.DataFrame:
    """Make accounts of two regions, the same ones each time; every fifth is not a customer."""
    draw = np.random.default_rng(7)
    region = np.where(np.arange(count) % 4 < 3, "EMEA", "Iberia")
    city = [CITIES[one][row % len(CITIES[one])] for row, one in enumerate(region)]
    frame = pd.DataFrame({
        "account_id": [f"A-{row:03d}" for row in range(count)], "region": region,
        "country": np.where(region == "EMEA", "France", "Spain"), "city": city,
        "industry": [["Retail", "Bank"][row % 2] for row in range(count)],
        "owner_id": [f"R-{row % 4 + 1}" if row % 4 < 3 else "R-5" for row in range(count)],
        "acv": np.where(np.arange(count) % 5, np.round(draw.lognormal(9, 0.5, count)), 0.0),
        "potential": np.round(draw.lognormal(10.5, 0.4, count)),
        "workload_hours": np.round(draw.lognormal(3, 0.3, count), 1),
        "is_customer": np.arange(count) % 5 > 0,
    })  # fmt: skip
    return table("accounts").coerce(frame.assign(**changes))


def make_segments(accounts: pd.DataFrame, **changes: object) -> pd.DataFrame:
    """Make what step 02 says about these accounts: segment, unit, interval of the potential."""
    row = np.arange(len(accounts))
    frame = pd.DataFrame({
        "account_id": accounts["account_id"], "segment": np.where(row % 3, "Core", "Grow"),
        "unit": np.where(row % 2, "Small Business", "Commercial"),
        "coverage_model": np.where(row % 2, "automatic", "opportunity index"),
        "potential": accounts["potential"], "potential_low": accounts["potential"] * 0.5,
        "potential_high": accounts["potential"] * 1.8,
        "workload_hours": accounts["workload_hours"],
        "complexity_score": (row * 7) % 100, "is_customer": accounts["is_customer"],
    })  # fmt: skip
    return frame.assign(**changes)


def make_reps(**changes: object) -> pd.DataFrame:
    """Make six owners in three teams below a head, two SDRs, a specialist and a success manager."""
    ids = ["R-1", "R-2", "R-3", "R-4", "R-5", "R-6", "M-1", "M-2", "M-3", "H-1", "S-1", "S-2",
           "P-1", "C-1"]  # fmt: skip
    frame = pd.DataFrame({
        "rep_id": ids, "name": [f"Name {one}" for one in ids],
        "role": ["AE"] * 6 + ["manager"] * 3 + ["SVP", "SDR", "BDR", "PS", "CSM"],
        "manager_id": ["M-1", "M-1", "M-2", "M-2", "M-3", "M-3", "H-1", "H-1", "H-1", None, "M-1",
                       "M-2", "M-1", "H-1"],
        "region": ["EMEA"] * 4 + ["Iberia"] * 2 + ["EMEA", "EMEA", "Iberia", "EMEA", "EMEA",
                   "EMEA", "EMEA", "Iberia"],
        "unit": ["Commercial", "Small Business"] * 3 + ["All"] * 8,
        "country": ["France"] * 4 + ["Spain"] * 2 + ["France"] * 2 + ["Spain"] + ["France"] * 4
        + ["Spain"],
        "city": ["Paris", "Lyon", "Lille", "Nantes", "Madrid", "Seville", "Paris", "Nantes",
                 "Madrid", "Paris", "Paris", "Nantes", "Paris", "Madrid"],
        "skills": ["Retail", "Bank"] * 3 + [None] * 8, "capacity_hours": [400.0] * 14,
        "hire_date": pd.Timestamp("2020-01-01"),
    })  # fmt: skip
    return table("reps").coerce(frame.assign(**changes))


def make_settings(**changes: object) -> TerritoriesSettings:
    """Make settings that the market can meet."""
    values: dict[str, Any] = {
        "tolerance": 0.3, "disruption_share": 0.8, "effort": "quick", "recent_win_days": 0,
        "keep_named": False, **changes,
    }  # fmt: skip
    return TerritoriesSettings(**values)


def make_statement(count: int = 40, **changes: object) -> Statement:
    """Make the statement of the market; changes are settings."""
    accounts = make_accounts(count)
    return state(accounts, make_reps(), make_settings(**changes), as_of=AS_OF,
                 segments=make_segments(accounts))  # fmt: skip
