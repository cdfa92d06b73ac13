"""Small leads and reps for the tests of routing."""

from __future__ import annotations

import datetime

import pandas as pd

from planlib.routing import Routing, route
from planlib.settings.routing import RoutingSettings
from planlib.tables import table

AS_OF = datetime.date(2026, 3, 31)
MONDAY = pd.Timestamp("2026-03-02 10:00")


def make_leads(count: int = 8, every: str = "10min", **changes: object) -> pd.DataFrame:
    """Leads of one morning, one every few minutes."""
    rows = pd.DataFrame({
        "lead_id": [f"L-{at:03d}" for at in range(count)],
        "created_at": pd.date_range(MONDAY, periods=count, freq=every),
        "company": [f"Firm {at}" for at in range(count)],
        "country": "United Kingdom",
        "time_zone": "Europe/London",
    })  # fmt: skip
    return table("leads").coerce(rows.assign(**changes))


def make_reps(count: int = 3, **changes: object) -> pd.DataFrame:
    """Reps R-0, R-1 ... in London."""
    rows = pd.DataFrame({
        "rep_id": [f"R-{at}" for at in range(count)], "name": [f"Rep {at}" for at in range(count)],
        "role": "AE", "time_zone": "Europe/London", "country": "United Kingdom",
    })  # fmt: skip
    return table("reps").coerce(rows.assign(**changes))


def make_ranking(*scores: float, tiers: str = "") -> pd.DataFrame:
    """A ranking of R-0, R-1 ... by win rate."""
    return pd.DataFrame({
        "rep_id": [f"R-{at}" for at in range(len(scores))], "score": scores, "score_sd": 0.02,
        "tier": list(tiers) if tiers else "A",
    })  # fmt: skip


def run(
    policy: str = "round_robin",
    leads: pd.DataFrame | None = None,
    reps: pd.DataFrame | None = None,
    *,
    rules: dict[str, object] | None = None,
    **given: object,
) -> Routing:
    """Route with plain settings: no floor, no cap, no ramp unless told."""
    plain: dict[str, object] = {"floor_share": 0.0, "daily_cap": None, "ramp_days": 0}
    settings = RoutingSettings(**{**plain, **(rules or {})})  # type: ignore[arg-type]
    return route(
        make_leads() if leads is None else leads, make_reps() if reps is None else reps, policy,
        settings=settings, as_of=AS_OF, **given,  # type: ignore[arg-type]
    )  # fmt: skip


def away(rep: str, start: str, end: str, share: float | None = None) -> pd.DataFrame:
    """One absence."""
    return table("availability").coerce(pd.DataFrame({
        "rep_id": [rep], "start_date": [pd.Timestamp(start)], "end_date": [pd.Timestamp(end)],
        "kind": ["leave"], "away_share": [share],
    }))  # fmt: skip
