"""Tests of the compiled loop: it decides as a plain scan over all reps does."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest

from planlib.routing import Routing, loop, replay
from planlib.routing.engine import Outcome, decide
from planlib.routing.simulator import run_world
from planlib.routing.worlds import draw_world, make_setting
from planlib.settings.routing import COMPARED_ONLY, POLICIES, RoutingSettings, SimulatorSettings
from planlib.settings.segmentation import SegmentationSettings
from planlib.tables import table
from tests.routing_frames import MONDAY, make_leads, make_ranking, make_reps, run
from tests.routing_scan import scan_leads

ROUTED = [one for one in POLICIES if one not in COMPARED_ONLY]
RULES: dict[str, dict[str, object]] = {
    "floor": {},
    "daily": {"daily_cap": 2, "ramp_days": 90},
    "open cap": {"open_cap": 9, "wait_hours": 30},
    "cap of a rule": {"rule_caps": {"territory": 1, "policy": 2}, "chain": ["territory"]},
    "units": {"unit_policies": {"Small Business": "weighted", "Enterprise": "thompson"}},
}
ZONES = ["Europe/London", "America/New_York", "Asia/Tokyo"]


def with_scan(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> object:
    """Do the work with the scan instead of the compiled loop."""
    with monkeypatch.context() as patch:
        patch.setattr(loop, "run_leads", scan_leads)
        return work()


@pytest.mark.parametrize("policy", [*POLICIES, "raw_rank", "true_skill"])
@pytest.mark.parametrize("work", [5, 240])
def test_simulated_leads_go_where_a_scan_sends_them(policy, work, monkeypatch):
    """Every policy, with spare and with tight capacity, a third of the weeks away."""
    settings = SimulatorSettings(reps=7, days=28, seeds=2, leads_per_rep_day=0.8,
                                 absence_share=0.3)  # fmt: skip
    setting = make_setting(settings, RoutingSettings())
    world = draw_world(setting, settings, 4, 0.4)

    def once() -> dict[str, np.ndarray]:
        return run_world(setting, settings, world, policy, work=work, floor_share=0.2)

    fast, plain = once(), with_scan(monkeypatch, once)
    assert {name: fast[name].tolist() for name in fast} == {
        name: plain[name].tolist() for name in plain
    }


@cache
def busy_world(name: str) -> Routing:
    """Three weeks of leads with owners, repeated people, leave, part days and meetings."""
    draw = np.random.default_rng(len(name))
    count, reps = 90, 7
    firm = draw.integers(0, 12, count)
    minutes = np.sort(draw.integers(0, 21 * 1440, count))
    leads = make_leads(
        count, created_at=MONDAY + pd.to_timedelta(minutes, unit="m"),
        email=[f"p{one % 5}@firm{one}.com" if one < 8 else None for one in firm],
        company=[f"Firm {one}" for one in firm], is_converted=draw.random(count) < 0.3,
        industry=draw.choice(["Retail", "Mining"], count),
        employees=draw.choice([20, 500, 9000], count),
    )  # fmt: skip
    people = make_reps(
        reps, time_zone=[ZONES[at % 3] for at in range(reps)],
        region=[["UK", "US"][at % 2] for at in range(reps)],
        unit=[["Enterprise", "Small Business", "Commercial"][at % 3] for at in range(reps)],
        skills=["Retail", None, "Retail", "Mining", None, "Retail;Mining", None],
        hire_date=[pd.Timestamp("2020-01-01")] * 6 + [pd.Timestamp("2026-03-01")],
    )  # fmt: skip
    accounts = table("accounts").coerce(pd.DataFrame({
        "account_id": [f"A-{at}" for at in range(6)], "name": [f"Firm {at}" for at in range(6)],
        "website": [f"firm{at}.com" for at in range(6)],
        "owner_id": [f"R-{at}" for at in range(6)], "country": "United Kingdom",
        "region": ["UK"] * 6,
    }))  # fmt: skip
    start = MONDAY.normalize() + pd.to_timedelta(draw.integers(0, 15, 6), unit="D")
    leave = table("availability").coerce(pd.DataFrame({
        "rep_id": [f"R-{at}" for at in draw.integers(0, reps, 6)], "start_date": start,
        "end_date": start + pd.to_timedelta(draw.integers(0, 6, 6), unit="D"), "kind": "leave",
        "away_share": [1.0, 1.0, 0.5, 1.0, 0.4, 1.0],
    }))  # fmt: skip
    begin = MONDAY + pd.to_timedelta(draw.integers(0, 21 * 1440, 120), unit="m")
    meetings = table("meetings").coerce(pd.DataFrame({
        "rep_id": [f"R-{at}" for at in draw.integers(0, reps, 120)], "start_at": begin,
        "end_at": begin + pd.to_timedelta(draw.integers(15, 180, 120), unit="m"),
        "lead_id": [f"L-{at:03d}" for at in draw.integers(0, 300, 120)],
        "outcome": draw.choice(["held", "no_show", "cancelled"], 120),
    }))  # fmt: skip
    return run(
        "weighted", leads, people, ranking=make_ranking(0.3, 0.2, 0.25, 0.1, 0.2, 0.15, 0.2,
                                                    tiers="ABABCCA"),
        tables={"accounts": accounts, "availability": leave, "meetings": meetings},
        rules={"tier_weights": {"A": 2.0, "B": 1.0, "C": 0.0}, **RULES[name]},
        segmentation=SegmentationSettings() if name == "units" else None,
    )  # fmt: skip


@pytest.mark.parametrize("policy", ROUTED)
@pytest.mark.parametrize("name", list(RULES))
def test_routed_leads_go_where_a_scan_sends_them(policy, name, monkeypatch):
    """Rep, rule, time, next best and the state after it, with caps, leave, meetings, owners."""
    world = busy_world(name)
    wait = world.settings.wait_hours * 60

    def once() -> Outcome:
        return decide(world.ready, world.start, policy, floor_share=0.2, waits=(wait, 24 * 60))

    fast, plain = once(), with_scan(monkeypatch, once)
    for part in ("rep", "rule", "ready", "second", "tried"):
        assert getattr(fast, part).tolist() == getattr(plain, part).tolist(), part
    for part in ("pointer", "opened", "last_day", "count"):
        one, other = getattr(fast.state, part), getattr(plain.state, part)
        assert one.tolist() == other.tolist(), part
    assert len(set(fast.rep.tolist()) - {-1}) > 2


@pytest.mark.parametrize("name", list(RULES))
def test_a_busy_world_replays(name):
    """Every decision is reproduced from the state before it."""
    found = busy_world(name)
    assert replay(found).empty
    assert found.decisions["is_credited"].any()
