"""Tests of planlib.support: requests that need several experts in the same weeks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from planlib.settings.support import SupportSettings
from planlib.support import Allocation, Market, allocate, fits, price, search
from planlib.support.anneal import anneal
from planlib.support.greedy import greedy
from planlib.support.market import Places, used
from planlib.support.team import Placed, Team
from planlib.support.team_search import baseline, least_minutes, least_service
from planlib.support.teams import place_team
from planlib.tables import table
from tests.support_frames import make_experts, make_locks, make_market, make_requests

AS_OF = date(2026, 3, 31)
PLAIN = SupportSettings(small_share=0.0)
TWO_WEEKS = {"needed_to": "2026-04-19"}


def plan_of(requests: pd.DataFrame, experts: Any, **more: Any) -> Allocation:
    """Plan without a minimum for small accounts."""
    return allocate(requests, experts, more.pop("settings", PLAIN), as_of=AS_OF, **more)


def row_of(found: Allocation, request_id: str) -> pd.Series:
    """Give one row of the plan."""
    return found.plan[found.plan["request_id"] == request_id].iloc[0]


def make_team(seed: int, market: Market) -> Team:
    """Make a random team of two or three seats for a market."""
    rng = np.random.default_rng(seed)
    seats, periods = int(rng.integers(2, 4)), market.room.shape[1]
    first = int(rng.integers(0, periods))
    return Team(
        place=0, gain=int(rng.integers(20, 90)) * 100, parts=int(rng.integers(1, 4)), first=first,
        last=min(first + int(rng.integers(0, 3)), periods - 1),
        skills=tuple("abc"[:seats]), eligible=rng.random((seats, market.experts)) < 0.8,
        minutes=np.repeat(rng.integers(1, 4, (seats, 1)) * 60, market.experts, axis=1),
    )  # fmt: skip


def best_with_team(market: Market) -> int:
    """Give the worth of the best plan with one team, by trying every plan and every split."""
    team = market.teams[0]
    options: list[Placed | None] = [None]
    span = range(team.first, team.last + 1)
    for weeks in product(range(team.parts + 1), repeat=len(span)):
        if sum(weeks) == team.parts:
            whole = np.zeros(market.room.shape[1], dtype=np.int64)
            whole[team.first : team.last + 1] = weeks
            options += [Placed(experts=one, weeks=whole)
                        for one in product(range(market.experts), repeat=len(team.skills))
                        if len(set(one)) == len(one)]  # fmt: skip
    options = [one for one in options if one is None or one.keeps(team)]
    choices = [[-1, *np.flatnonzero(row).tolist()] for row in market.eligible]
    plans = [np.array(one) for one in product(*choices)]
    best = 0
    for where in options:
        if where and (used(market, np.full(market.requests, -1), (where,)).left < 0).any():
            continue
        for plan in plans:
            worth = market.worth(plan, (where,))
            enough = market.small_minutes(plan, (where,)) >= market.least_small
            if worth > best and enough and fits(market, plan, (where,)):
                best = worth
    return best


@pytest.mark.parametrize("seed", range(10))
def test_the_plan_with_a_team_is_the_best_of_all_plans(seed: int) -> None:
    """On a small market the whole model is worth the best of every plan, every team and week."""
    market = make_market(seed, requests=4, experts=3, periods=3)
    market = replace(market, teams=(make_team(seed, market),))
    found = search(market, price(market), whole_requests=50, effort=1.0)
    assert market.worth(found.plan, found.placed) == best_with_team(market)
    assert found.is_best
    assert fits(market, found.plan, found.placed)


@pytest.mark.parametrize("seed", range(10))
def test_the_hours_of_a_team_count_for_the_minimum_of_small_accounts(seed: int) -> None:
    """With a team of a small account the plan is the best of all that keep the minimum."""
    market = make_market(seed, requests=4, experts=3, periods=3)
    team = replace(make_team(seed, market), small=True, gain=100)
    market = replace(market, teams=(team,), small=np.zeros(market.requests, dtype=bool))
    market = replace(market, least_small=least_service(market, 0.9))
    prices = price(market)
    found = search(market, prices, whole_requests=50, effort=1.0)
    worth = market.worth(found.plan, found.placed)
    is_placed = place_team(team, used(market, market.fixed)) is not None
    assert (market.least_small > 0) == is_placed
    assert market.small_minutes(found.plan, found.placed) >= market.least_small
    assert worth == best_with_team(market)
    assert worth <= prices.bound * (1 + 1e-9)
    assert (found.placed[0] is not None) or not is_placed
    kept = market.beside(found.placed)
    assert kept.least_small == 0
    if is_placed:
        assert market.least_small <= least_minutes(team)


@pytest.mark.parametrize("seed", range(6))
def test_parts_of_a_search_keep_the_minimum_that_teams_share(seed: int) -> None:
    """Above the size of the whole model, requests and teams together keep the minimum."""
    market = make_market(seed, requests=12, experts=4, periods=4)
    teams = tuple(replace(make_team(seed * 10 + at, market), small=at < 2) for at in range(4))
    market = replace(market, teams=teams)
    market = replace(market, least_small=least_service(market, 0.3))
    found = search(market, price(market), whole_requests=0, effort=0.05)
    assert fits(market, found.plan, found.placed)
    assert market.small_minutes(found.plan, found.placed) >= market.least_small


def test_a_team_of_a_small_account_is_served_for_the_minimum() -> None:
    """Worth less than the others, it has its hours all the same, and what that costs is told."""
    requests = make_requests(
        {"expert_count": 2, "hours": 10.0, "margin_amount": 100.0}, {"hours": 20.0},
        {"hours": 20.0},
    )  # fmt: skip
    settings = SupportSettings(small_share=0.3, small_margin=500.0)
    found = plan_of(requests, make_experts({}, {}), settings=settings)
    row = row_of(found, "A")
    assert row["outcome"] == "served"
    assert bool(row["is_small"])
    assert found.floor_hours == pytest.approx(18)  # 30 % of 60 hours
    assert found.floor_amount == pytest.approx(380)  # two of 200 go, one of 20 comes
    assert row_of(plan_of(requests, make_experts({}, {})), "A")["outcome"] == "refused"
    refused = row_of(found, "B")["reason"]
    assert "small accounts among them keep their minimum" in refused


@pytest.mark.parametrize("seed", range(6))
def test_with_teams_no_search_is_below_the_baseline_nor_above_the_bound(seed: int) -> None:
    """Whole or part by part, teams and requests keep every limit and lose nothing."""
    market = make_market(seed, requests=12, experts=4, periods=4)
    market = replace(market, teams=tuple(make_team(seed * 10 + at, market) for at in range(4)))
    market = replace(market, least_small=least_service(market, 0.1))
    plain: tuple[np.ndarray, Places] = baseline(market)
    prices = price(market)
    for whole in (0, 50):
        found = search(market, prices, whole_requests=whole, effort=0.05)
        worth = market.worth(found.plan, found.placed)
        assert fits(market, found.plan, found.placed)
        assert market.worth(*plain) <= worth <= prices.bound * (1 + 1e-9)
        assert worth <= found.bound + 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_without_teams_the_baseline_is_gain_per_hour(seed: int) -> None:
    """The baseline of requests and teams is the known one where there are no teams."""
    market = make_market(seed, requests=9, experts=3)
    market = replace(market, least_small=least_service(market, 0.2))
    plan, placed = baseline(market)
    assert plan.tolist() == greedy(market).tolist()
    assert placed == ()


@pytest.mark.parametrize("seed", range(6))
def test_annealing_keeps_every_limit_and_never_loses(seed: int) -> None:
    """What is found fits, keeps the minimum and what people set, and is the same each time."""
    market = make_market(seed, requests=14, experts=3)
    start = greedy(market)
    held = np.where(start == 0, start, -1)
    market = replace(market, fixed=held)
    market = replace(market, least_small=least_service(market, 0.2))
    start = greedy(market)
    prices = price(market)
    better = anneal(market, prices, start, 2000, seed=1)
    assert fits(market, better)
    assert market.worth(start) <= market.worth(better)
    assert market.small_minutes(better) >= market.least_small
    assert better.tolist() == anneal(market, prices, start, 2000, seed=1).tolist()


def test_two_experts_of_one_skill_serve_together_in_the_same_weeks() -> None:
    """Ann is away in the first week, so both work in the second, each the hours asked for."""
    leave = pd.DataFrame({"expert_id": ["e1"], "start_date": ["2026-04-06"],
                          "end_date": ["2026-04-12"]})  # fmt: skip
    found = plan_of(make_requests({**TWO_WEEKS, "expert_count": 2}), make_experts({}, {}),
                    leave=leave)  # fmt: skip
    row = row_of(found, "A")
    assert row["outcome"] == "served"
    assert {row["expert_id"], row["also_expert_ids"]} == {"e1", "e2"}
    assert row[["hours", "planned_hours", "expert_count"]].tolist() == [40, 40, 2]
    assert found.schedule["period_start"].unique().tolist() == [pd.Timestamp("2026-04-13")]
    assert found.schedule["planned_hours"].tolist() == [20, 20]


def test_each_week_takes_the_same_share_of_each_expert() -> None:
    """40 hours of design and 10 of tests over two weeks: in each week four to one."""
    requests = make_requests(
        {**TWO_WEEKS, "hours": 40.0, "also_skills": "tests", "also_hours": 10.0}
    )
    found = plan_of(requests, make_experts({}, {"skills": "tests", "hours_per_week": 5.0}))
    hours = found.schedule.pivot(index="period_start", columns="expert_id", values="planned_hours")
    assert (hours["e1"] == 4 * hours["e2"]).all()
    assert hours.sum().tolist() == [40, 10]


def test_all_or_none_of_the_experts_come() -> None:
    """A team of two is worth less than two single requests that want the same hours."""
    requests = make_requests({"expert_count": 2, "margin_amount": 1500.0}, {}, {})
    found = plan_of(requests, make_experts({}, {}))
    row = row_of(found, "A")
    assert row["outcome"] == "refused"
    assert row["reason_kind"] == "worth less"
    assert "B, C" in row["reason"]
    assert row["free_date"] == pd.Timestamp("2026-04-13")
    assert found.gain_amount == pytest.approx(400)
    assert set(found.conflicts["refused"]) == {"A"}
    dear = plan_of(requests.assign(margin_amount=[2500.0, 1000.0, 1000.0]), make_experts({}, {}))
    assert row_of(dear, "A")["outcome"] == "served"
    assert dear.conflicts["served"].tolist() == ["A", "A"]


@pytest.mark.parametrize(
    ("change", "kind", "text"),
    [
        ({"expert_count": 3}, "no skill", "needs 3 experts at the same time"),
        ({"also_skills": "law"}, "no skill", "has the skill law"),
        ({"also_skills": "tests"}, "no hours in window", "hours in the same weeks"),
        ({"expert_count": 2, "p_with": 0.1}, "no gain", "p with is not above p without"),
        ({"expert_count": 2, "hours": None}, "no hours given", "not given: hours"),
    ],
)
def test_a_team_that_cannot_be_had_is_told_why(
    change: dict[str, Any], kind: str, text: str
) -> None:
    """Skill, number and common weeks are each a reason of their own."""
    experts = make_experts({}, {}, {"skills": "tests", "available_from": "2026-04-13"})
    row = row_of(plan_of(make_requests(change), experts), "A")
    assert row["reason_kind"] == kind
    assert text in row["reason"]
    assert row["outcome"] in ("refused", "not rated")


def test_people_set_who_is_in_a_team_and_who_is_not() -> None:
    """One decision names a member, one bars another; an expert who fits no seat is a finding."""
    requests, experts = make_requests({"expert_count": 2}), make_experts({}, {}, {})
    locks = make_locks({"request_id": "A", "expert_id": "e3"},
                       {"request_id": "A", "expert_id": "e1", "rule": "must_not"})  # fmt: skip
    row = row_of(plan_of(requests, experts, locks=locks), "A")
    assert {row["expert_id"], row["also_expert_ids"]} == {"e2", "e3"}
    stranger = make_experts({}, {}, {"skills": "law"})
    found = plan_of(requests, stranger, locks=locks.iloc[:1])
    assert "fits none of its places" in str(found.findings[0]["finding"])


def test_running_work_of_several_takes_the_hours_of_all() -> None:
    """Both experts are busy, so the single request of the week is refused."""
    running = {"status": "running", "expert_count": 2, "expert_id": "e1", "also_expert_ids": "e2"}
    found = plan_of(make_requests(running, {}), make_experts({}, {}))
    row = row_of(found, "A")
    assert row[["outcome", "expert_id", "also_expert_ids"]].tolist() == ["running", "e1", "e2"]
    assert row["planned_hours"] == 40
    assert len(found.plan) == 2
    assert row_of(found, "B")["outcome"] == "refused"
    assert sorted(found.schedule["expert_id"]) == ["e1", "e2"]
    alone = plan_of(make_requests({**running, "also_expert_ids": None}), make_experts({}, {}))
    assert "names 1" in str(alone.findings[0]["finding"])


def test_one_more_expert_completes_a_team() -> None:
    """Nobody has law: one expert with it brings the gain of the whole team."""
    found = plan_of(make_requests({"also_skills": "law"}), make_experts({}))
    values = found.values.set_index("skill")
    assert values.at["law", "expert_value_amount"] == pytest.approx(200)
    assert values.at["design", "expert_value_amount"] == 0


def test_the_breakpoint_of_a_team_is_where_the_plan_changes() -> None:
    """Just below it the team is served, just above it is not: tried by planning anew."""
    requests = make_requests({"expert_count": 2, "margin_amount": 2500.0}, {}, {})
    experts = make_experts({}, {})
    edge = row_of(plan_of(requests, experts), "A")["change_below"]
    for shift, outcome in ((-0.01, "served"), (0.01, "refused")):
        moved = requests.assign(p_without=[edge + shift, 0.2, 0.2])
        assert row_of(plan_of(moved, experts), "A")["outcome"] == outcome


def test_placing_a_team_leaves_the_hours_of_others_as_they_are() -> None:
    """Trying to place a team changes nothing, whether it fits or not."""
    market = make_market(3, requests=5, experts=3)
    slack = used(market, greedy(market))
    before = slack.left.copy()
    for seed in range(8):
        place_team(make_team(seed, market), slack)
        assert (slack.left == before).all()


def test_a_plan_with_teams_keeps_the_contract() -> None:
    """What allocate gives with teams served, refused and running can be stored as it is."""
    requests = make_requests({"expert_count": 2}, {"also_skills": "law"}, {})
    found = plan_of(requests, make_experts({"name": "Ann"}, {}))
    for name in ("plan", "schedule", "load", "skill_load", "values", "conflicts"):
        table(f"support_{name}").check(getattr(found, name))
    assert found.schedule["planned_hours"].sum() == pytest.approx(found.load["planned_hours"].sum())
