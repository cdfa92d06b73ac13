"""The best plan: by CP-SAT where the whole model is small, by moves and columns where not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from planlib.support.market import Market, Places, Slack
from planlib.support.prices import Prices
from planlib.support.team import Team
from planlib.support.team_model import TeamModel
from planlib.support.team_search import baseline, improve_teams

_WHOLE = 6.0  # counted work of the whole model; seconds on a fast core
_PART = 0.5  # of one expert alone
_MOVES = 300_000  # of annealing
_REGROUPS = 1_500  # trials with a few experts, before and after the plans are compared


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """
    The best plan that was found.

    Parameters
    ----------
    plan
        (requests,) expert, -1: not served.
    placed
        Experts and weeks of each team; None: not served.
    bound
        No plan is worth more, in cents.
    is_best
        Whether it is proven that no plan is worth more.
    work
        Counted work of the whole model; 0: it was not needed.
    """

    plan: np.ndarray
    bound: float
    is_best: bool
    placed: Places = ()
    work: float = 0.0


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
        Up to so many requests the whole model is solved at once; beyond, requests move and push
        others out while sets of requests are priced beside it; from these prices two threads make
        plans of whole sets, and a bound that says how good the best is.
    effort
        Multiple of the usual work. Work is counted, so the same market gives the same plan.
    """
    plan, placed = _start(market, prices)
    all_gain = market.gain[market.eligible.any(axis=1)].sum() + sum(t.gain for t in market.teams)
    bound = min(prices.bound, float(all_gain))
    prices = replace(prices, bound=bound)
    has_minimum, worth = market.rank(plan, placed)
    if has_minimum and worth >= np.floor(bound):  # gains are whole cents
        return Found(plan=plan, placed=placed, bound=float(worth), is_best=True)
    everyone = np.arange(market.experts)
    if market.requests + len(market.teams) <= whole_requests:
        start = Found(plan=plan, placed=placed, bound=bound, is_best=False)
        part = _solve(market, start, everyone, np.arange(market.requests), _WHOLE * effort)
        worth = market.worth(part.plan, part.placed)
        return replace(part, bound=max(min(bound, part.bound), float(worth)))
    plan, placed = improve_teams(market, prices, (plan, placed), effort)
    beside = market.beside(placed)
    # beside the teams as they are placed, a bound would not be one of all plans
    plan, closer = _many(beside, prices, (plan, effort), is_bounded=not market.teams)
    bound = min(bound, closer)
    worth = market.worth(plan, placed)
    is_best = worth >= np.floor(bound)
    return Found(plan=plan, placed=placed, bound=max(bound, float(worth)), is_best=is_best)


def _many(
    market: Market, prices: Prices, start: tuple[np.ndarray, float], *, is_bounded: bool
) -> tuple[np.ndarray, float]:
    """Better the plan of many requests, each for one expert, with an effort; with a bound."""
    from planlib.support.anneal import anneal
    from planlib.support.dives import by_columns
    from planlib.support.regroup import regroup

    plan, effort = start
    trials = max(1, round(_REGROUPS * effort))

    def moved() -> np.ndarray:
        other = anneal(market, prices, plan, max(1, round(_MOVES * effort)), seed=1)
        return regroup(market, other, trials, seed=1)

    best, bound = by_columns(market, plan, prices, effort, meanwhile=moved, is_bounded=is_bounded)
    return regroup(market, best, trials, seed=2), bound


def _start(market: Market, prices: Prices) -> tuple[np.ndarray, Places]:
    """Give the best of three plain plans: the baseline among them, so that nothing is below it."""
    cost = np.r_[prices.cost(market), prices.team_cost(market)]
    gain = np.r_[market.gain, [team.gain for team in market.teams]]
    orders = [gain / np.maximum(cost, 1e-9), np.r_[prices.share, prices.team_share]]
    others = [baseline(market, np.nan_to_num(order, posinf=1e18)) for order in orders]
    return max([baseline(market), *others], key=lambda one: market.rank(*one))


def improve_alone(market: Market, plan: np.ndarray, expert: int) -> np.ndarray:
    """Give an expert the best of the requests that nobody serves; the others keep theirs."""
    free = np.flatnonzero((plan < 0) & market.eligible[:, expert])
    if not len(free):
        return plan
    start = Found(plan=plan, bound=np.inf, is_best=False)
    alone = replace(market, teams=())
    return _solve(alone, start, np.array([expert]), free, _PART).plan


def places_alone(market: Market, team: Team) -> bool:
    """Tell whether a team fits beside what people have set, all other requests left out."""
    held = np.flatnonzero(market.fixed >= 0)
    alone = replace(market, teams=(team,), least_small=0)
    start = Found(plan=market.fixed.copy(), bound=np.inf, is_best=False, placed=(None,))
    found = _solve(alone, start, np.arange(market.experts), held, _PART)
    return found.placed[0] is not None


def _solve(
    market: Market, start: Found, group: np.ndarray, requests: np.ndarray, work: float
) -> Found:
    """Solve the model for a group of experts and some requests; the rest stays as it is."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    plan = start.plan
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
    teams = TeamModel(model, market.teams, start.placed, market.room.shape[1])
    _limit(model, market, group, chosen, teams)
    kept = plan.copy()
    kept[requests] = -1
    least = market.least_small - market.small_minutes(kept)
    if least > 0:
        small = [pair for pair in pairs if market.small[pair[0]]]
        minutes = [int(market.minutes[pair]) for pair in small]
        alone = cp_model.LinearExpr.weighted_sum([chosen[pair] for pair in small], minutes)
        model.add(alone + teams.small_minutes() >= least)
    literals = [*chosen.values(), *teams.served]
    gains = [int(market.gain[request]) for request, _ in pairs] + [t.gain for t in market.teams]
    model.maximize(cp_model.LinearExpr.weighted_sum(literals, gains))
    for (request, expert), literal in chosen.items():
        model.add_hint(literal, int(plan[request] == expert))
    solver = cp_model.CpSolver()
    solver.parameters.catch_sigint_signal = False  # it would not give it back
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.linearization_level = 2
    solver.parameters.max_deterministic_time = work
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return replace(start, bound=np.inf)
    for (request, expert), literal in chosen.items():
        if solver.boolean_value(literal):
            kept[request] = expert
    placed = teams.placed(solver)
    is_better = market.rank(kept, placed) > market.rank(plan, start.placed)
    whole = len(requests) == market.requests
    return Found(
        plan=kept if is_better else plan,
        placed=placed if is_better else start.placed,
        bound=solver.best_objective_bound if whole else np.inf,
        is_best=whole and status == cp_model.OPTIMAL,
        work=float(solver.response_proto.deterministic_time),
    )


def _limit(
    model: Any, market: Market, group: np.ndarray, chosen: dict[tuple[int, int], Any],
    teams: TeamModel,
) -> None:  # fmt: skip
    """Add that no span of periods holds more minutes than there are."""
    from ortools.sat.python import cp_model

    for expert in group.tolist():
        mine = [pair for pair in chosen if pair[1] == expert]
        shared = any(one == expert for one, _ in teams.load)
        for names, weights, (start, end, room) in _spans(market, expert, mine, shared=shared):
            literals = [chosen[name, expert] for name in names]
            taken = teams.minutes(expert, start, end)
            model.add(cp_model.LinearExpr.weighted_sum(literals, weights) + taken <= room)
    for expert, period in teams.load:
        model.add(teams.minutes(expert, period, period) <= int(market.room[expert, period]))


def _spans(
    market: Market, expert: int, pairs: list[tuple[int, int]], *, shared: bool
) -> list[tuple[list[int], list[int], tuple[int, int, int]]]:
    """Give the spans of periods in which an expert's requests could ask for too much.

    Where teams share the expert (``shared``), that is every span that requests begin and end.
    """
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
            room = int(left[start, end])
            if tight and (shared or need[inside].sum() > room):
                found.append((requests[inside].tolist(), need[inside].tolist(), (start, end, room)))
    return found
