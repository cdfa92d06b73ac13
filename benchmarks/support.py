"""Scarce experts to requests: the plan of planlib beside gain per hour and one CP-SAT model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks import Row, timed
from planlib.settings.support import SupportSettings
from planlib.support import Market, allocate, fits, greedy, prepare, price, search

AS_OF = pd.Timestamp("2026-03-31").date()
SKILLS = tuple(f"skill {one}" for one in range(8))
PROVINCES = ("North", "East", "South", "West")
WEEKS = 26
LIMIT = 10.0  # seconds that the whole CP-SAT model gets, on two threads
SETTINGS = SupportSettings(near_weeks=WEEKS)


@dataclass(frozen=True, kw_only=True)
class Case:
    """Requests, experts and their leave, as tables; how scarce hours are, and the seed."""

    requests: pd.DataFrame
    experts: pd.DataFrame
    leave: pd.DataFrame
    load: float
    seed: int

    @property
    def size(self) -> str:
        """Its size in words, with what is special about it."""
        size = f"{len(self.requests)} x {len(self.experts)} x {WEEKS} weeks"
        scarce = ", hours scarce" if self.load > 1 else ""
        return size + scarce + (f", draw {self.seed}" if self.seed > 1 else "")


def make_case(requests: int, experts: int, load: float, seed: int = 1) -> Case:
    """
    Draw requests and experts.

    Parameters
    ----------
    requests, experts
        How many.
    load
        Multiple of the usual hours of a request: above 1 hours are scarce.
    seed
        Of all draws.
    """
    draw = np.random.default_rng(seed)
    people = pd.DataFrame({
        "expert_id": [f"E{one:03d}" for one in range(experts)],
        "skills": [";".join(draw.choice(SKILLS, int(draw.integers(1, 4)), replace=False))
                   for _ in range(experts)],
        "province": draw.choice(PROVINCES, experts),
        "hours_per_week": draw.choice([16.0, 20.0, 24.0, 30.0], experts),
    })  # fmt: skip
    monday = pd.Timestamp("2026-04-06")
    away = monday + pd.to_timedelta(draw.integers(0, WEEKS * 7, 2 * experts), unit="D")
    leave = pd.DataFrame({
        "expert_id": np.repeat(people["expert_id"].to_numpy(dtype=object), 2), "start_date": away,
        "end_date": away + pd.to_timedelta(draw.integers(2, 14, 2 * experts), unit="D"),
    })  # fmt: skip
    first = draw.integers(0, WEEKS - 3, requests)
    last = np.minimum(first + draw.integers(3, 16, requests), WEEKS - 1)
    hours = np.clip(draw.lognormal(np.log(60), 0.6, requests), 8, 300) * load
    low = draw.uniform(0.05, 0.6, requests).round(2)
    asked = pd.DataFrame({
        "request_id": [f"R{one:04d}" for one in range(requests)],
        "skill": draw.choice(SKILLS, requests), "hours": hours.round(),
        "province": draw.choice(PROVINCES, requests),
        "needed_from": monday + pd.to_timedelta(first * 7, unit="D"),
        "needed_to": monday + pd.to_timedelta(last * 7 + 6, unit="D"),
        "margin_amount": draw.lognormal(np.log(400_000), 1.0, requests).round(2),
        "p_without": low, "p_with": (low + draw.uniform(0.02, 0.3, requests)).round(3),
        "strategic_factor": draw.choice([1.0, 1.2, 1.5], requests),
    })  # fmt: skip
    return Case(requests=asked, experts=people, leave=leave, load=load, seed=seed)


def market_of(case: Case) -> Market:
    """Give the market that every way plans on."""
    shaped = case.requests.assign(
        status="open", expert_id=None, project_id=None, is_key=False, origin=None
    )  # fmt: skip
    return prepare(shaped, case.experts, SETTINGS, AS_OF, leave=case.leave).market


def whole_model(market: Market, seconds: float) -> tuple[np.ndarray, float]:
    """
    Plan by one CP-SAT model with the hours of every week as variables: the textbook way.

    Returns
    -------
    tuple of ndarray and float
        The plan, and the bound of the solver in cents.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    by_request: list[list[cp_model.IntVar]] = [[] for _ in range(market.requests)]
    by_week: dict[tuple[int, int], list[cp_model.IntVar]] = {}
    chosen: dict[tuple[int, int], cp_model.IntVar] = {}
    for request, expert in np.argwhere(market.eligible).tolist():
        literal = model.new_bool_var("")
        chosen[request, expert] = literal
        by_request[request].append(literal)
        parts = []
        for week in range(int(market.first[request]), int(market.last[request]) + 1):
            room = int(market.room[expert, week])
            part = model.new_int_var(0, min(room, int(market.minutes[request, expert])), "")
            by_week.setdefault((expert, week), []).append(part)
            parts.append(part)
        model.add(sum(parts) == int(market.minutes[request, expert]) * literal)
    for literals in by_request:
        model.add_at_most_one(literals)
    for (expert, week), parts in by_week.items():
        model.add(sum(parts) <= int(market.room[expert, week]))
    small = [pair for pair in chosen if market.small[pair[0]]]
    model.add(sum(int(market.minutes[pair]) * chosen[pair] for pair in small) >= market.least_small)
    model.maximize(sum(int(market.gain[pair[0]]) * literal for pair, literal in chosen.items()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    plan = np.full(market.requests, -1, dtype=np.int64)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        for (request, expert), literal in chosen.items():
            if solver.boolean_value(literal):
                plan[request] = expert
        return plan, float(solver.best_objective_bound)
    return plan, float("inf")


def measure(case: Case, repeats: int) -> list[Row]:
    """Measure every way on one case; the worth is a share of the best bound that any way gives."""
    market = market_of(case)
    kept: dict[str, np.ndarray] = {}
    bounds: list[float] = []

    def ours() -> None:
        prices = price(market)
        found = search(market, prices, whole_requests=SETTINGS.whole_requests, effort=1.0)
        kept["planlib, search alone"] = found.plan
        bounds.append(found.bound)

    def baseline() -> None:
        kept["gain per hour"] = greedy(market)

    def textbook() -> None:
        kept["CP-SAT, one model"], bound = whole_model(market, LIMIT)
        bounds.append(bound)

    def everything() -> None:
        found = allocate(case.requests, case.experts, SETTINGS, as_of=AS_OF, leave=case.leave)
        kept["planlib"] = np.array([round(found.gain_amount * 100)])

    ways: list[tuple[str, Callable[[], None], int]] = [
        ("planlib", everything, repeats), ("planlib, search alone", ours, repeats),
        ("gain per hour", baseline, repeats), ("CP-SAT, one model", textbook, 1),
    ]  # fmt: skip
    times = {who: timed(way, count) for who, way, count in ways}
    best = min(bounds)
    first = times["planlib"][0]
    work = {"planlib": "plan with reasons, prices, breakpoints"}
    rows = []
    for who, (wall, cpu) in times.items():
        plan = kept[who]
        worth = float(plan[0]) if who == "planlib" else float(market.worth(plan))
        keeps = who == "planlib" or fits(market, plan)
        words = f"{worth / best:.2%} of the bound" + ("" if keeps else ", NOT FEASIBLE")
        rows.append(Row(work=work.get(who, "plan alone"), size=case.size, who=who, seconds=wall,
                        cpu_seconds=cpu, ratio=wall / first, quality=words))  # fmt: skip
    return rows


def run(full: bool) -> list[Row]:
    """Run the benchmark: hours that nearly suffice, and scarce ones; the full one three times."""
    cases = [make_case(100, 12, 1.0), make_case(500, 60, 1.0), make_case(500, 60, 2.0)]
    if full:
        cases += [make_case(500, 60, 2.0, seed) for seed in (2, 3)]
    return [row for case in cases for row in measure(case, 3 if full else 1)]
