"""Small tables that the tests of territories share."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd

from planlib.settings.territories import TerritoriesSettings
from planlib.tables import table
from planlib.territories import Alignment, Statement, align, state

AS_OF = datetime.date(2026, 3, 31)
CITIES = ["Paris", "Lyon", "Lille", "Nantes", "Nice", "Rennes", "Toulouse", "Bordeaux"]


def make_accounts(count: int = 24, **changes: object) -> pd.DataFrame:
    """Make accounts of one region in French cities, the same ones each time."""
    draw = np.random.default_rng(7)
    frame = pd.DataFrame({
        "account_id": [f"A-{row:03d}" for row in range(count)],
        "name": [f"Company {row}" for row in range(count)],
        "country": "France", "city": [CITIES[row % 8] for row in range(count)],
        "region": "EMEA", "industry": [["Retail", "Bank"][row % 2] for row in range(count)],
        "owner_id": [f"R-{row % 2 + 1}" for row in range(count)],
        "acv": np.round(draw.lognormal(9, 0.5, count)),
        "potential": np.round(draw.lognormal(10, 0.4, count)),
        "workload_hours": np.round(draw.lognormal(3, 0.3, count), 1),
    })  # fmt: skip
    return table("accounts").coerce(frame.assign(**changes))


def make_reps(**changes: object) -> pd.DataFrame:
    """Make three account executives and their manager."""
    frame = pd.DataFrame({
        "rep_id": ["R-1", "R-2", "R-3", "M-1"], "name": ["Ana", "Bo", "Cy", "Mia"],
        "role": ["AE", "ae", "Account Executive", "Manager"], "region": "EMEA",
        "country": "France", "city": ["Paris", "Lyon", "Nantes", "Paris"],
        "skills": ["Retail", "Bank", "Retail;Bank", None],
        "manager_id": ["M-1", "M-1", "M-1", None],
    })  # fmt: skip
    return table("reps").coerce(frame.assign(**changes))


def make_settings(**changes: object) -> TerritoriesSettings:
    """Make settings that a small block can meet."""
    return TerritoriesSettings(
        **{"tolerance": 0.2, "disruption_share": 0.6, "effort": "quick", **changes}
    )  # type: ignore[arg-type]


def make_locks(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Make decisions of a manager, oldest first."""
    frame = pd.DataFrame(rows, columns=["account_id", "rep_id", "rule"])
    frame["decision_id"] = [f"D-{row}" for row in range(len(frame))]
    return frame.assign(who="Mia", why="knows them", when=pd.Timestamp("2026-01-05"))


def run(
    accounts: pd.DataFrame | None = None,
    reps: pd.DataFrame | None = None,
    settings: TerritoriesSettings | None = None,
    **tables: pd.DataFrame,
) -> Alignment:
    """Align with what is given, else with the defaults above."""
    return align(
        make_accounts() if accounts is None else accounts,
        make_reps() if reps is None else reps,
        settings or make_settings(), as_of=AS_OF, **tables,
    )  # fmt: skip


def owner_of(alignment: Alignment, account: str) -> str:
    """Give the owner of an account in the plan."""
    return str(alignment.plan.set_index("account_id").loc[account, "rep_id"])


def kinds(alignment: Alignment) -> set[str]:
    """Give the kinds of problems found."""
    return set(alignment.problems["problem"])


def make_opportunities(**changes: object) -> pd.DataFrame:
    """Make one open deal on the first account."""
    frame = pd.DataFrame({
        "opportunity_id": ["O-1"], "account_id": ["A-000"], "amount": [5000.0],
        "is_closed": [False], "probability": [0.9],
    })  # fmt: skip
    return table("opportunities").coerce(frame.assign(**changes))


def make_statement(
    accounts: pd.DataFrame | None = None,
    reps: pd.DataFrame | None = None,
    settings: TerritoriesSettings | None = None,
    **tables: object,
) -> Statement:
    """State the problem of what is given, else of the defaults above."""
    return state(
        make_accounts() if accounts is None else accounts,
        make_reps() if reps is None else reps,
        settings or make_settings(), as_of=AS_OF, **tables,  # type: ignore[arg-type]
    )  # fmt: skip


def details(found: Statement | Alignment, kind: str) -> str:
    """Give what findings of a kind say, joined."""
    rows = found.problems.to_dict("records") if isinstance(found, Alignment) else found.problems
    return " | ".join(str(row["detail"]) for row in rows if row["problem"] == kind)
