"""Tests of planlib.support.columns: its bound and plan against every plan of small markets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from benchmarks import support
from planlib.settings.support import SupportSettings
from planlib.support import Market, allocate, fits, greedy, price, search
from planlib.support.columns import Columns
from planlib.support.dives import by_columns, renew
from planlib.support.team_search import least_service
from tests.support_frames import best_worth, make_experts, make_market, make_requests


def hold_one(market: Market) -> Market:
    """Give the market with the first request of a plain plan set by a person."""
    plan = greedy(market)
    served = np.flatnonzero(plan >= 0)[:1]
    fixed, eligible = market.fixed.copy(), market.eligible.copy()
    fixed[served] = plan[served]
    eligible[served] = False
    eligible[served, fixed[served]] = True
    return replace(market, fixed=fixed, eligible=eligible)


def markets(seed: int) -> list[Market]:
    """Give one market as it is, with a minimum, with one set, in one week, and with odd rows."""
    market = make_market(seed, requests=6, experts=2)
    floor = replace(market, least_small=least_service(market, 0.3))
    week = make_market(seed, requests=6, experts=3, periods=1)
    minutes, room = market.minutes.copy(), market.room.copy()
    minutes[0], room[1] = 10**6, 0
    odd = replace(market, minutes=minutes, room=room)
    return [market, floor, hold_one(market), hold_one(floor), week, odd]


@pytest.mark.parametrize("seed", range(20))
def test_no_plan_is_worth_more_than_the_bound(seed: int) -> None:
    """The bound is at least the best of all plans and at most the relaxed plan; the plan fits."""
    for market in markets(seed):
        prices, best = price(market), best_worth(market)
        start = greedy(market)
        plan, bound = by_columns(market, start, prices, effort=0.1)
        assert fits(market, plan)
        assert market.small_minutes(plan) >= market.least_small
        assert market.worth(start) <= market.worth(plan) <= best <= bound + 1e-3
        assert bound <= prices.bound * (1 + 1e-3) + 1e-3


@pytest.mark.parametrize("seed", range(8))
def test_bound_and_plan_meet_where_sets_are_small(seed: int) -> None:
    """Columns leave next to nothing between bound and best plan on small markets."""
    market = make_market(seed, requests=8, experts=3)
    market = replace(market, least_small=least_service(market, 0.2))
    found = search(market, price(market), whole_requests=0, effort=0.2)
    best = search(market, price(market), whole_requests=50, effort=1.0)
    assert best.is_best
    assert market.worth(found.plan) == market.worth(best.plan)
    assert found.bound <= market.worth(best.plan) * 1.05


def test_the_bound_is_closer_than_the_relaxed_plan_where_hours_are_scarce() -> None:
    """Requests cannot be served in part, which columns see and the relaxed plan does not."""
    market = support.market_of(support.make_case(60, 8, 2.0))
    prices, start = price(market), greedy(market)
    plan, bound = by_columns(market, start, prices)
    assert market.worth(start) < market.worth(plan) <= bound
    assert prices.bound - bound > 0.2 * (prices.bound - market.worth(plan))


def test_the_same_market_gives_the_same_plan_and_bound() -> None:
    """Work is counted, not timed; less effort may give less, but never less than the start."""
    market = support.market_of(support.make_case(30, 5, 2.0))
    prices, start = price(market), greedy(market)
    (one, bound), (other, again) = (by_columns(market, start, prices) for _ in range(2))
    assert (one == other).all()
    assert bound == again
    hasty, loose = by_columns(market, start, prices, effort=0.001)
    assert market.worth(start) <= market.worth(hasty) <= market.worth(one)
    assert loose >= market.worth(one)
    same, none = by_columns(market, start, prices, is_bounded=False)
    assert (same == one).all()
    assert none == np.inf


def test_nothing_to_share_out_is_planned_as_it_is() -> None:
    """Without experts, requests or eligible pairs the plan stays and the bound is its worth."""
    market = make_market(1)
    nobody = replace(market, eligible=np.zeros_like(market.eligible))
    plan, bound = by_columns(nobody, greedy(nobody), price(nobody))
    assert (plan == -1).all()
    assert bound == 0
    empty = make_market(1, requests=0)
    assert by_columns(empty, greedy(empty), price(empty))[1] == 0


def test_an_expert_buys_the_set_that_earns_the_most() -> None:
    """Prices are taken off gains, and a bonus for small accounts is added, before the choice."""
    market = make_market(2, requests=7, experts=1)
    market = replace(market, eligible=np.ones((7, 1), dtype=bool))
    cost = np.arange(7) * 300.0
    bonus = 2.0
    value = market.gain - cost + bonus * market.minutes[:, 0] * market.small
    state = Columns(market, np.full(7, -1), price(market))
    found = state.buys([0], (cost, bonus), nodes=999, slack=1e-6)[0]
    sets = (np.flatnonzero([bits >> one & 1 for one in range(7)]) for bits in range(128))
    worths = []
    for chosen in sets:
        plan = np.full(7, -1)
        plan[chosen] = 0
        if fits(market, plan):
            worths.append(value[chosen].sum())
    assert found.worth == pytest.approx(max(worths))
    assert found.worth == pytest.approx(value[found.chosen].sum())
    assert found.worth <= found.bound <= found.worth * (1 + 1e-5) + 1e-3


def test_experts_buy_the_same_side_by_side_and_one_after_another() -> None:
    """Lanes of experts in two threads, in one, or one expert at a time give the same sets."""
    market = support.market_of(support.make_case(60, 9, 2.0, seed=6))
    state = Columns(market, greedy(market), price(market))
    prices = (state.climb.at[:-1], 0.0)
    everyone = state.buys(state.waiting, prices, 2_000)
    alone = [state.buys([one], prices, 2_000)[0] for one in state.waiting]
    with ThreadPoolExecutor(2) as pool:
        state.each = pool.map
        together = state.buys(state.waiting, prices, 2_000)
    for one, *others in zip(everyone, alone, together, strict=True):
        assert all((one.chosen == other.chosen).all() for other in others)
        assert all(one.worth == other.worth and one.bound == other.bound for other in others)
    assert any(len(one.chosen) > 1 for one in everyone)


def test_a_dive_that_cannot_be_worth_enough_ends_early() -> None:
    """It gives what is held so far, which keeps every limit; one that can be goes on to the end."""
    market = support.market_of(support.make_case(60, 12, 2.0, seed=7))
    state = Columns(market, greedy(market), price(market))
    state.settle(40)
    whole, early = state.copy().dive(3.0), state.copy().dive(3.0, least=2 * market.gain.sum())
    assert fits(market, early)
    assert 0 < market.worth(early) < market.worth(whole)
    assert (state.copy().dive(3.0, least=0.0) == whole).all()


def test_the_order_of_rows_does_not_matter() -> None:
    """Tables in another order give the same plan of every request."""
    hours = np.random.default_rng(4).integers(8, 60, 18)
    requests = make_requests(*({"hours": float(one), "margin_amount": 900.0 + 7 * one,
                                "needed_to": "2026-04-19"} for one in hours))  # fmt: skip
    experts = make_experts({}, {"hours_per_week": 30.0}, {"hours_per_week": 16.0})
    settings = SupportSettings(whole_requests=0, effort=0.05)
    plans = []
    for seed in (None, 1, 2):
        rows = [
            one if seed is None else one.sample(frac=1, random_state=seed)
            for one in (requests, experts)
        ]
        found = allocate(rows[0], rows[1], settings, as_of=date(2026, 3, 31))
        plans.append(found.plan.sort_values("request_id", ignore_index=True))
    pd.testing.assert_frame_equal(plans[0], plans[1])
    pd.testing.assert_frame_equal(plans[0], plans[2])


def test_parts_of_a_plan_anew_mend_it_and_leave_the_prices_as_they_are() -> None:
    """A plain plan of many experts becomes better, keeps every limit, and does so again."""
    market = support.market_of(support.make_case(90, 18, 2.0, seed=5))
    start = greedy(market)
    state = Columns(market, start, price(market))
    state.settle(30)
    one, other = (renew(state, start, 4, (3.0, 1)) for _ in range(2))
    assert fits(market, one)
    assert market.worth(one) > market.worth(start)
    assert (one == other).all()
