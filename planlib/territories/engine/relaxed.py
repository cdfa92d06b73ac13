"""What to do with a request that cannot be met: the smallest limits found that can."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planlib.territories.engine.exact import excess_units, solve_exactly
from planlib.territories.engine.prices import Priced
from planlib.territories.engine.request import Request

_ARCS = 6_000
_WORK = {"quick": 0.5, "normal": 1.5, "thorough": 30.0}
_ROOM = 1e-9


@dataclass(frozen=True, kw_only=True)
class Wider:
    """A request with limits that ``start`` (N,) meets, and the one that was asked."""

    request: Request
    asked: Request
    start: np.ndarray

    def better(self, plan: np.ndarray | None) -> np.ndarray:
        """Give a plan that is outside the limits asked for by no more and is cheaper, or start."""
        if plan is None:
            return self.start
        mine, other = total_excess(self.asked, plan), total_excess(self.asked, self.start)
        if mine > other * (1 + 1e-9) + 1e-12:
            return self.start
        cost = [self.asked.cost(one[self.asked.item_of]) for one in (plan, self.start)]
        return plan if cost[0] <= cost[1] or mine < other * (1 - 1e-9) else self.start


def total_excess(request: Request, plan: np.ndarray) -> float:
    """Give by how much a plan of items is outside its limits, as shares (``excess_units``)."""
    rep = plan[request.item_of]
    loads, used = request.loads(rep), request.used(rep)
    over = np.maximum(np.maximum(loads - request.upper, request.lower - loads), 0.0)
    of_limit, of_budget = excess_units(request)
    spent = np.maximum(used - request.budget, 0.0)
    return float((over / of_limit).sum() + (spent / of_budget).sum())


def relaxed_request(
    request: Request, priced: Priced, nearest: np.ndarray | None, effort: str
) -> Wider:
    """
    Widen each limit that a plan with little excess needs, by as much as it needs.

    That plan is found by CP-SAT where there are few arcs, else by a search with the limits that
    the relaxation leaves.
    """
    plan = nearest
    if request.matrix is not None and np.isfinite(request.matrix).sum() <= _ARCS:
        items, reps = np.nonzero(np.isfinite(request.matrix))
        found = solve_exactly(request, items, reps, start=nearest, work=_WORK[effort], elastic=True)
        if found.rep is not None and (
            plan is None or total_excess(request, found.rep) < total_excess(request, plan)
        ):
            plan = found.rep
    if plan is None:
        arcs, regret = priced.seen.arcs, priced.seen.regret
        order = np.lexsort((regret, arcs.item))
        plan = arcs.rep[order[arcs.start[:-1]]].astype(np.int64)
    rep = plan[request.item_of]
    loads, used = request.loads(rep), request.used(rep)
    room = _ROOM * (np.abs(loads) + 1e-12)
    upper = np.where(loads > request.upper, loads + room, request.upper)
    lower = np.where(loads < request.lower, np.maximum(loads - room, 0.0), request.lower)
    budget = np.maximum(request.budget, used * (1 + _ROOM))
    wide = replace(
        request, lower=lower, upper=upper, budget=budget,
        given_lower=np.where(loads < request.given_lower, lower, request.given_lower),
        given_upper=np.where(loads > request.given_upper, upper, request.given_upper),
    )  # fmt: skip
    return Wider(request=wide, asked=request, start=plan)
