"""Tests of planlib.support: what fits, the search against every plan, prices, the time grid."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planlib.settings.support import SupportSettings
from planlib.support import expert_minutes, fits, greedy, make_grid, price, search, spread
from planlib.support.by_dates import by_dates
from planlib.support.by_density import by_density
from planlib.support.market import Slack
from planlib.support.pricing import best_set
from planlib.support.regroup import regroup
from planlib.support.team_search import least_service
from planlib.tables import table
from planlib.workdays import WorkCalendar
from tests.support_frames import best_worth, make_experts, make_market

AS_OF = date(2026, 3, 31)
SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_search_finds_the_best_of_all_plans(seed: int) -> None:
    """On a small market the plan is worth as much as the best one by brute force, and proven."""
    market = make_market(seed)
    found = search(market, price(market), whole_requests=50, effort=1.0)
    assert market.worth(found.plan) == best_worth(market)
    assert found.is_best
    assert fits(market, found.plan)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_minimum_of_small_accounts_is_kept(seed: int) -> None:
    """With a minimum the plan is the best of those that keep it."""
    market = make_market(seed)
    market = replace(market, least_small=least_service(market, 0.3))
    found = search(market, price(market), whole_requests=50, effort=1.0)
    assert market.small_minutes(found.plan) >= market.least_small
    assert market.worth(found.plan) == best_worth(market)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_minimum_that_no_plain_plan_has_is_kept(seed: int) -> None:
    """Where most small accounts have to be served, dearer plans without them count for nothing."""
    market = make_market(seed, requests=7, experts=2)
    choices = [[-1, *np.flatnonzero(row).tolist()] for row in market.eligible]
    plans = [plan for plan in map(np.array, product(*choices)) if fits(market, plan)]
    market = replace(market, least_small=max(market.small_minutes(plan) for plan in plans))
    found = search(market, price(market), whole_requests=50, effort=0.2)
    assert market.small_minutes(found.plan) == market.least_small
    assert market.worth(found.plan) == best_worth(market)


@given(st.integers(0, 10_000))
def test_no_search_is_below_gain_per_hour(seed: int) -> None:
    """Whole or by columns, the plan fits, is never below the baseline nor above the bound."""
    market = make_market(seed, requests=9, experts=3)
    plain = market.worth(greedy(market))
    prices = price(market)
    for whole in (0, 50):
        found = search(market, prices, whole_requests=whole, effort=0.05)
        assert fits(market, found.plan)
        assert plain <= market.worth(found.plan) <= found.bound + 1e-6
        assert market.worth(found.plan) <= prices.bound + 1e-6


@given(st.integers(0, 10_000))
def test_planning_a_few_experts_anew_never_loses(seed: int) -> None:
    """A plan made anew in parts keeps every limit and is worth at least what it began with."""
    market = make_market(seed, requests=9, experts=3)
    market = replace(market, least_small=least_service(market, 0.2))
    start = greedy(market)
    better = regroup(market, start, 12, seed=1)
    assert market.worth(start) <= market.worth(better)
    assert fits(market, better)
    assert market.small_minutes(better) >= market.least_small


@given(st.integers(0, 10_000))
def test_what_fits_can_be_spread_over_the_weeks(seed: int) -> None:
    """Each served request gets its minutes inside its window, and no week has more than it has."""
    market = make_market(seed, requests=9, experts=3)
    plan = greedy(market)
    minutes = spread(market, plan)
    for request in np.flatnonzero(plan >= 0):
        inside = slice(market.first[request], market.last[request] + 1)
        assert minutes[request, inside].sum() == market.minutes[request, plan[request]]
        assert minutes[request].sum() == minutes[request, inside].sum()
    for expert in range(market.experts):
        assert (minutes[plan == expert].sum(axis=0) <= market.room[expert]).all()


def test_an_hour_is_worth_nothing_where_hours_are_slack() -> None:
    """With more hours than anybody asks for, every price is zero and everything is served."""
    market = make_market(3)
    market = replace(market, room=market.room * 100, eligible=np.ones_like(market.eligible))
    prices = price(market)
    assert (prices.minute == 0).all()
    assert prices.bound == pytest.approx(market.gain.sum())


@pytest.mark.parametrize("whole", [0, 50])
def test_a_plan_that_serves_everything_is_proven_best(whole: int) -> None:
    """Billions of cents that all requests earn leave no doubt, however a solver rounds."""
    market = make_market(3)
    gain = market.gain * 7_000_001
    market = replace(
        market, gain=gain, room=market.room * 100, eligible=np.ones_like(market.eligible)
    )
    found = search(market, price(market), whole_requests=whole, effort=0.05)
    assert found.is_best
    assert found.bound == market.worth(found.plan) == gain.sum() > 1e9


@pytest.mark.parametrize("seed", SEEDS)
def test_the_relaxed_plan_bounds_every_plan_with_large_gains(seed: int) -> None:
    """The bound is computed from prices, so that the tolerance of the solver is no part of it."""
    market = make_market(seed)
    market = replace(market, gain=market.gain * 7_000_001)
    market = replace(market, least_small=least_service(market, 0.3))
    assert best_worth(market) <= price(market).bound


def test_an_hour_is_worth_what_the_next_request_gains() -> None:
    """One expert, one week of 10 hours, two requests of 10: an hour is worth the second's rate."""
    market = make_market(1, requests=2, experts=1, periods=1)
    market = replace(
        market, gain=np.array([90_000, 50_000]), minutes=np.full((2, 1), 600),
        eligible=np.ones((2, 1), bool), room=np.array([[900]]), small=np.zeros(2, bool),
        first=np.zeros(2, int), last=np.zeros(2, int),
    )  # fmt: skip
    assert price(market).minute[0, 0] * 60 == pytest.approx(5_000)


def test_weeks_are_followed_by_months() -> None:
    """Near weeks begin on a Monday; a longer project is planned by month, without a gap."""
    settings = SupportSettings(near_weeks=3)
    grid = make_grid(AS_OF, date(2026, 8, 10), settings)
    assert grid.start[0] == np.datetime64("2026-04-06")
    assert ((grid.end - grid.start).astype(int)[:3] == 6).all()
    assert (grid.start[1:] == grid.end[:-1] + 1).all()
    assert grid.end[-1] == np.datetime64("2026-08-31")
    assert len(make_grid(AS_OF, None, settings)) == 3


def test_a_window_owns_the_weeks_whose_middle_it_holds() -> None:
    """A window from Tuesday to the Friday after next holds two weeks; one that is over none."""
    grid = make_grid(AS_OF, None, SupportSettings())
    begin = pd.to_datetime(pd.Series(["2026-04-07", "2026-03-01", "2026-04-10", "2026-05-01"]))
    end = pd.to_datetime(pd.Series(["2026-04-17", "2026-03-30", "2026-04-11", "2026-04-01"]))
    first, last = grid.span(begin, end)
    assert (first[0], last[0]) == (0, 1)
    assert last[1] == -1
    assert (first[2], last[2]) == (0, 0)
    assert last[3] == -1


def test_holidays_leave_and_the_first_day_are_taken_off() -> None:
    """Of five days of 4.8 hours: a holiday, a day half away twice over, one before the start."""
    grid = make_grid(AS_OF, None, SupportSettings(near_weeks=1))
    experts = table("experts").coerce(
        make_experts({"available_from": "2026-04-07"}, {"available_from": None})
    )
    leave = pd.DataFrame({
        "expert_id": ["e1", "e1"], "away_share": [0.5, 0.5],
        "start_date": pd.to_datetime(["2026-04-09"] * 2),
        "end_date": pd.to_datetime(["2026-04-09"] * 2),
    })  # fmt: skip
    calendar = WorkCalendar(holidays=frozenset({date(2026, 4, 8)}))
    minutes = expert_minutes(experts, leave, grid, calendar)
    assert minutes[0, 0] == round((4.8 + 2.4 + 4.8) * 60)
    assert minutes[1, 0] == round(4 * 4.8 * 60)


def test_a_week_without_hours_costs_nothing_and_is_no_bargain() -> None:
    """Hours cannot be had in a week of leave, so a request pays those of the other week."""
    market = make_market(1, requests=2, experts=1, periods=2)
    scarce = replace(
        market,
        gain=np.array([900, 400]),
        minutes=np.array([[60], [60]]),
        eligible=np.ones((2, 1), dtype=bool),
        first=np.array([0, 0]),
        last=np.array([1, 1]),
        room=np.array([[90, 0]]),
        small=np.zeros(2, dtype=bool),
    )
    assert price(scarce).cost(scarce) == pytest.approx([400, 400])


@given(st.integers(0, 10_000))
def test_the_best_set_of_one_expert_is_the_best_of_all_sets(seed: int) -> None:
    """Branch and bound finds what trying every set finds, and its bound is no lower."""
    market = make_market(seed, requests=7, experts=1)
    market = replace(market, eligible=np.ones((7, 1), dtype=bool))
    value = market.gain.astype("float64")
    order = np.argsort(-value / market.minutes[:, 0], kind="stable")
    left = Slack(market.room).left[0]
    before = left.copy()
    chosen, worth, bound = best_set(
        value[order], market.minutes[order, 0], market.first[order], market.last[order], left, 999
    )
    assert worth == best_worth(market) == value[order][chosen].sum()
    assert worth <= bound <= worth * (1 + 1e-5) + 1e-6
    assert (left == before).all()


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_a_search_that_ends_early_still_bounds_every_set(seed: int, nodes: int) -> None:
    """With few nodes the set fits and is no better, and the bound no lower, than the best one."""
    market = make_market(seed, requests=9, experts=1, periods=5)
    market = replace(market, eligible=np.ones((9, 1), dtype=bool))
    value = market.gain.astype("float64")
    order = np.argsort(-value / market.minutes[:, 0], kind="stable")
    asked = (value[order], market.minutes[order, 0], market.first[order], market.last[order])
    left = Slack(market.room).left[0]
    before = left.copy()
    best = best_set(*asked, left, 10_000)[1]
    chosen, worth, bound = best_set(*asked, left, nodes)
    assert worth == value[order][chosen].sum() <= best <= bound
    assert fits(market, np.where(np.isin(np.arange(9), order[chosen]), 0, -1))
    assert (left == before).all()


@pytest.mark.parametrize("kind", ["wide", "late", "early", "blocks"])
def test_both_ways_to_a_best_set_agree(kind: str) -> None:
    """By dates or by density, whatever windows look like, the set fits and is worth the same."""
    count, periods, slack = 90, 26, 1e-4
    for seed in range(5):
        rng = np.random.default_rng(seed)
        room = np.full((1, periods), 1_200)
        room[0, rng.integers(0, periods, 2)] = 0
        start, end = rng.integers(0, 6, count), rng.integers(18, periods, count)
        first, last = {
            "wide": (start, end), "late": (start * 4, np.full(count, periods - 1)),
            "early": (np.zeros(count, dtype=np.int64), end), "blocks": (start * 4, start * 4 + 3),
        }[kind]  # fmt: skip
        minutes = 60 * np.clip(rng.lognormal(np.log(60), 0.6, count), 8, 300).astype(int)
        value = minutes * rng.lognormal(0.0, 0.5, count)
        order = np.argsort(-value / minutes, kind="stable")
        asked = tuple(one[order] for one in (value / value.max(), minutes, first, last))
        left, limits = Slack(room).left[0], (10**7, slack)
        chosen, worth, bound, is_done = by_dates(*asked, left, limits)
        other, again, closer = by_density(*asked, left, limits, 0.0)
        assert is_done
        assert worth == pytest.approx(again, rel=1.1 * slack)
        assert max(worth, again) <= min(bound, closer)
        for taken, value_taken in ((chosen, worth), (other, again)):
            assert value_taken == pytest.approx(asked[0][taken].sum())
            used_up = Slack(room)
            for place in np.flatnonzero(taken).tolist():
                used_up.take(0, int(asked[2][place]), int(asked[3][place]), int(asked[1][place]))
            assert (used_up.left >= 0).all()


def test_planning_groups_anew_is_the_same_each_time_and_mends_a_bad_plan() -> None:
    """The draws have a seed; two requests in the wrong hands find their experts."""
    market = make_market(3, requests=40, experts=8)
    nobody = np.full(40, -1)
    one, other = (regroup(market, nobody, 200, seed=1) for _ in range(2))
    assert (one == other).all()
    assert fits(market, one)
    assert market.worth(one) >= market.worth(greedy(market))
