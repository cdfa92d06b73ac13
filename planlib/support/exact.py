"""The best plan: by CP-SAT where the whole model is small, by exchanges and a bound where not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planlib.support.exchange import exchange
from planlib.support.greedy import greedy
from planlib.support.market import Market, Slack
from planlib.support.prices import Prices

_WHOLE = 6.0  # counted work of the whole model; seconds on a fast core
_PART = 0.5  # of one expert alone
_PASSES = 6  # of exchanges
_REGROUPS = 8_000  # trials with a few experts


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """
    The best plan that was found.

    Parameters
    ----------
    plan
        (requests,) expert, -1: not served.
    bound
        No plan is worth more, in cents.
    is_best
        Whether it is proven that no plan is worth more.
    """

    plan: np.ndarray
    bound: float
    is_best: bool


def search(market: Market, prices: Prices, *, whole_requests: int, effort: float) -> Found:
    """
    Find a plan that is worth as much as possible, never less than the baseline.

    Parameters
    ----------
    market
        What is asked for and what there is.
    prices
        The relaxed plan, for its bound and an order of requests.
    whole_requests
        Up to so many requests the whole model is solved at once; beyond, requests exchange hours
        until nothing gets better, a few experts are planned anew many times, and a bound says how
        good that is.
    effort
        Multiple of the usual work. Work is counted, so the same market gives the same plan.
    """
    plan = _start(market, prices)
    bound = min(prices.bound, float(market.gain[market.eligible.any(axis=1)].sum()))
    if market.worth(plan) >= np.floor(bound * (1 + 1e-9)):
        return Found(plan=plan, bound=float(market.worth(plan)), is_best=True)
    everyone = np.arange(market.experts)
    if market.requests <= whole_requests:
        part = _solve(market, plan, everyone, np.arange(market.requests), _WHOLE * effort)
        bound = min(bound, part.bound)
        return Found(
            plan=part.plan, bound=max(bound, float(market.worth(part.plan))), is_best=part.is_best
        )
    plan = exchange(market, plan, _PASSES)
    from planlib.support.regroup import closer_bound, regroup

    plan = regroup(market, plan, max(1, round(_REGROUPS * effort)), seed=1)
    bound = min(bound, closer_bound(market, prices))
    worth = float(market.worth(plan))
    return Found(plan=plan, bound=max(bound, worth), is_best=worth >= np.floor(bound * (1 + 1e-9)))


def _start(market: Market, prices: Prices) -> np.ndarray:
    """Give the best of three plain plans: the baseline first, so that nothing is below it."""
    plans = [greedy(market)]
    cost = prices.cost(market)
    orders = [market.gain / np.maximum(cost, 1e-9), prices.share]
    for order in orders:
        other = greedy(market, np.nan_to_num(order, posinf=1e18))
        if market.small_minutes(other) >= market.least_small:
            plans.append(other)
    return max(plans, key=market.worth)


def improve_alone(market: Market, plan: np.ndarray, expert: int) -> np.ndarray:
    """Give an expert the best of the requests that nobody serves; the others keep theirs."""
    free = np.flatnonzero((plan < 0) & market.eligible[:, expert])
    if not len(free):
        return plan
    return _solve(market, plan, np.array([expert]), free, _PART).plan


def _solve(
    market: Market, plan: np.ndarray, group: np.ndarray, requests: np.ndarray, work: float
) -> Found:
    """Solve the model for a group of experts and some requests; the rest stays as it is."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    pairs = [
        (request, expert)
        for request in requests.tolist()
        for expert in group.tolist()
        if market.eligible[request, expert]
        and (market.fixed[request] < 0 or market.fixed[request] == expert)
    ]
    chosen = {pair: model.new_bool_var("") for pair in pairs}
    for request in requests.tolist():
        mine = [chosen[pair] for pair in ((request, e) for e in group.tolist()) if pair in chosen]
        if market.fixed[request] >= 0:
            model.add_exactly_one(mine)
        elif mine:
            model.add_at_most_one(mine)
    for expert in group.tolist():
        for names, weights, room in _spans(market, expert, [p for p in pairs if p[1] == expert]):
            literals = [chosen[name, expert] for name in names]
            model.add(cp_model.LinearExpr.weighted_sum(literals, weights) <= room)
    kept = plan.copy()
    kept[requests] = -1
    least = market.least_small - market.small_minutes(kept)
    if least > 0:
        small = [pair for pair in pairs if market.small[pair[0]]]
        minutes = [int(market.minutes[pair]) for pair in small]
        model.add(
            cp_model.LinearExpr.weighted_sum([chosen[pair] for pair in small], minutes) >= least
        )
    model.maximize(
        cp_model.LinearExpr.weighted_sum(
            list(chosen.values()), [int(market.gain[request]) for request, _ in pairs]
        )
    )
    for (request, expert), literal in chosen.items():
        model.add_hint(literal, int(plan[request] == expert))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = work
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Found(plan=plan, bound=np.inf, is_best=False)
    for (request, expert), literal in chosen.items():
        if solver.boolean_value(literal):
            kept[request] = expert
    better = kept if market.worth(kept) > market.worth(plan) else plan
    whole = len(requests) == market.requests
    return Found(
        plan=better,
        bound=solver.best_objective_bound if whole else np.inf,
        is_best=whole and status == cp_model.OPTIMAL,
    )


def _spans(
    market: Market, expert: int, pairs: list[tuple[int, int]]
) -> list[tuple[list[int], list[int], int]]:
    """Give the spans of periods in which an expert's requests could ask for too much."""
    requests = np.array([request for request, _ in pairs], dtype=np.int64)
    if not len(requests):
        return []
    need = market.minutes[requests, expert]
    first, last = market.first[requests], market.last[requests]
    left = Slack(market.room[expert : expert + 1]).left[0]
    found = []
    for start in np.unique(first).tolist():
        for end in np.unique(last[last >= start]).tolist():
            inside = (first >= start) & (last <= end)
            tight = (inside & (first == start)).any() and (inside & (last == end)).any()
            if tight and need[inside].sum() > left[start, end]:
                found.append(
                    (requests[inside].tolist(), need[inside].tolist(), int(left[start, end]))
                )
    return found
