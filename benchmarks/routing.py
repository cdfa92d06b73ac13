"""Routing: a million leads on a thousand reps with the full chain, and one simulated policy."""

from __future__ import annotations

import datetime
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import Row, measured, row_of
from planlib.routing import make_setting, route
from planlib.routing.simulator import run_world
from planlib.routing.worlds import draw_world
from planlib.settings.routing import RoutingSettings, SimulatorSettings

AS_OF = datetime.date(2026, 3, 31)
ZONES = ("America/New_York", "America/Los_Angeles", "Europe/London", "Europe/Berlin", "Asia/Tokyo")
COUNTRIES = ("United States", "United States", "United Kingdom", "Germany", "Japan")
REGIONS = ("NA East", "NA West", "UK", "CE", "JP")
PEER = 5_000  # leads on which the row-by-row peer runs; its time is scaled up
FULL, SHORT = (1_000_000, 1_000), (100_000, 300)


def make_world(leads: int, reps: int, seed: int = 5) -> dict[str, pd.DataFrame]:
    """Draw leads of a year, reps, accounts that a tenth of the leads belong to, and a ranking."""
    draw = np.random.default_rng(seed)
    where, home = draw.integers(0, 5, leads), draw.integers(0, 5, reps)
    firms = max(1000, leads // 50)
    ids = [f"R-{at:04d}" for at in range(reps)]
    minutes = np.sort(draw.integers(0, 365 * 1440, leads))
    firm = draw.integers(0, 10 * firms, leads)
    source = draw.choice(["Events", "Website", "Paid", "Webinar"], leads)
    chance = np.where(source == "Events", 0.2, 0.06)
    return {
        "leads": pd.DataFrame({
            "lead_id": pd.Series(np.char.add("Q-", np.arange(leads).astype(str)), dtype="str"),
            "created_at": pd.Timestamp("2025-04-01") + pd.to_timedelta(minutes, unit="m"),
            "company": pd.Series(np.char.add(firm.astype(str), " Works Ltd"), dtype="str"),
            "email": pd.Series(np.char.add(np.char.add("a@firm", firm.astype(str)), ".com"),
                               dtype="str"),
            "country": pd.Series(np.array(COUNTRIES)[where], dtype="str"),
            "time_zone": pd.Series(np.array(ZONES)[where], dtype="str"),
            "source": pd.Series(source, dtype="str"),
            "employees": pd.Series(np.exp(draw.normal(5, 1.5, leads)).round()).astype("Int64"),
            "is_converted": pd.Series(draw.random(leads) < chance, dtype="boolean"),
        }),
        "reps": pd.DataFrame({
            "rep_id": ids, "role": "AE", "time_zone": np.array(ZONES)[home],
            "region": np.array(REGIONS)[home], "country": np.array(COUNTRIES)[home],
        }),
        "accounts": pd.DataFrame({
            "account_id": [f"A-{at}" for at in range(firms)],
            "name": [f"{at} Works" for at in range(firms)],
            "website": [f"firm{at}.com" for at in range(firms)],
            "owner_id": draw.choice(ids, firms),
            "country": np.array(COUNTRIES)[draw.integers(0, 5, firms)],
            "region": np.array(REGIONS)[draw.integers(0, 5, firms)],
        }),
        "ranking": pd.DataFrame({
            "rep_id": ids, "tier": draw.choice(["A", "B", "C"], reps),
            "score": draw.normal(0.2, 0.03, reps), "score_sd": 0.02,
        }),
    }  # fmt: skip


def by_rows(world: dict[str, pd.DataFrame], count: int) -> list[str]:
    """Do the core row by row in plain pandas: the best ranked rep at work below the cap."""
    reps = world["reps"].merge(world["ranking"], on="rep_id").sort_values("score", ascending=False)
    used: dict[tuple[str, Any], int] = {}
    found = []
    for at in world["leads"]["created_at"].head(count):
        moment, chosen = at.tz_localize("UTC"), ""
        for rep, zone in zip(reps["rep_id"], reps["time_zone"], strict=True):
            local = moment.tz_convert(zone)
            day = (rep, local.date())
            open_ = local.day_of_week < 5 and 9 * 60 <= local.hour * 60 + local.minute < 1050
            if open_ and used.get(day, 0) < 25:
                used[day] = used.get(day, 0) + 1
                chosen = rep
                break
        found.append(chosen)
    return found


def run(full: bool) -> list[Row]:
    """Measure once each; the peer does less for each lead, on fewer leads, its time scaled."""
    leads, reps = FULL if full else SHORT
    world = make_world(leads, reps)
    size = f"{leads:,} x {reps:,}"
    settings = RoutingSettings(wait_hours=72)
    route(world["leads"].head(500), world["reps"], settings=settings, as_of=AS_OF)  # compiled once

    def whole() -> Any:
        return route(world["leads"], world["reps"], "best_ranked", settings=settings, as_of=AS_OF,
                     tables={"accounts": world["accounts"]}, ranking=world["ranking"])  # fmt: skip

    found, own = measured(whole)
    lost = int(found.decisions["rep_id"].isna().sum())
    some = min(PEER, leads)
    _, peer = measured(lambda: by_rows(world, some))
    peer = (peer[0] * leads / some, peer[1] * leads / some)
    rows = [
        row_of(
            "route, full chain", size, "planlib", own, own, quality=f"{lost:,} in the catch-all"
        ),
        row_of("route, full chain", size, "rows in pandas (scaled), policy only", peer, own),
    ]
    simulator = SimulatorSettings(reps=reps, days=91, leads_per_rep_day=leads / reps / 91)
    setting = make_setting(simulator, settings)
    drawn = draw_world(setting, simulator, 1, simulator.skill_sd)
    for policy in ("best_ranked", "round_robin", "thompson"):
        result, spent = measured(partial(run_world, setting, simulator, drawn, policy, work=20))
        rows.append(row_of(f"simulate, {policy.replace('_', ' ')}", size, "planlib", spent, spent,
                           quality=f"{result['won'].mean():.1%} won"))  # fmt: skip
    return rows
