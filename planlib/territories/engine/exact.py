"""
CP-SAT on chosen arcs: a proof that a plan is the cheapest, or that there is none.

Numbers become integers. Loads are rounded down, and limits are widened by what that can lose, so
that nothing feasible is cut off; a plan that the solver finds is checked on the real numbers by the
caller. Where loads and costs are integers already, nothing is rounded at all. Each limit is one row
with both sides: with two rows of nearly equal numbers, presolve took plans for impossible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from planlib.territories.engine.request import Request

#: Is given what ends a solver, and tells whether it may begin.
OnStart = Callable[[Callable[[], object]], bool]

_UNITS = 10**9  # integers that the largest cost is cut into
_SIZES = 10**8  # that the largest limit is cut into
_LARGEST = 2**40
_SAME = 1e-7  # of the cost: plans closer than this cost the same, where costs have no unit
_ROUNDING = 1e-9  # of the cost: what its sum can be off by


@dataclass(frozen=True, kw_only=True)
class Exact:
    """
    What CP-SAT found.

    ``rep`` (N,) is None where it found no plan; ``bound`` holds on the arcs given; ``status`` is
    optimal, infeasible or unknown.
    """

    rep: np.ndarray | None
    bound: float
    status: str
    work: float


def solve_exactly(
    request: Request,
    items: np.ndarray,
    reps: np.ndarray,
    *,
    start: np.ndarray | None = None,
    work: float = 1.0,
    seed: int = 0,
    tightened: bool = False,
    elastic: bool = False,
    seconds: float | None = None,
    on_start: OnStart | None = None,
) -> Exact:
    """
    Solve a request on some arcs.

    Parameters
    ----------
    items, reps
        Arcs, sorted by item; every item has one.
    start
        (N,) plan to start from.
    work
        Deterministic time of CP-SAT.
    tightened
        Round limits so that every plan found meets the real ones, instead of the opposite.
    elastic
        Find the plan with the smallest sum of excesses, relative to the limits, instead.
    seconds
        On the clock, at most.
    on_start
        Is given what ends the search from another thread, and says whether it may begin.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    arcs = [model.new_bool_var("") for _ in range(len(items))]
    bounds = np.searchsorted(items, np.arange(request.items + 1))
    for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        model.add_exactly_one(arcs[low:high])
    excess = _limits(model, request, items, reps, arcs, tightened=tightened, elastic=elastic)
    cost = arc_costs(request, items, reps)
    unit = _unit(cost, float(np.abs(cost).max(initial=0.0)), _UNITS)
    whole = np.floor(cost * unit + 1e-9).astype(np.int64)
    if elastic:
        model.minimize(sum(excess))
        unit = 1.0
    else:
        model.minimize(cp_model.LinearExpr.weighted_sum(arcs, whole.tolist()))
    if start is not None:
        for arc, chosen in zip(arcs, (start[items] == reps).tolist(), strict=True):
            model.add_hint(arc, chosen)
    solver: Any = cp_model.CpSolver()
    solver.parameters.catch_sigint_signal = False  # it would not give it back
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = work
    if seconds is not None:
        solver.parameters.max_time_in_seconds = max(seconds, 0.01)
    if on_start is not None and not on_start(solver.stop_search):
        return Exact(rep=None, bound=float("-inf"), status="unknown", work=0.0)
    status = solver.solve(model)
    spent = float(solver.response_proto.deterministic_time)
    if status == cp_model.INFEASIBLE:
        return Exact(rep=None, bound=float("inf"), status="infeasible", work=spent)
    bound = solver.best_objective_bound / unit
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Exact(rep=None, bound=bound, status="unknown", work=spent)
    chosen = np.array(solver.boolean_values(arcs), dtype=bool)
    rep = np.empty(request.items, dtype=np.int64)
    rep[items[chosen]] = reps[chosen]
    name = "optimal" if status == cp_model.OPTIMAL else "unknown"
    return Exact(rep=rep, bound=bound, status=name, work=spent)


def arc_costs(request: Request, items: np.ndarray, reps: np.ndarray) -> np.ndarray:
    """Give the cost of each arc."""
    if request.matrix is not None:
        return np.asarray(request.matrix[items, reps])
    cost = np.empty(len(items))
    for low, high in request.blocks():
        here = np.flatnonzero((items >= low) & (items < high))
        if len(here):
            cost[here] = request.block(low, high)[items[here] - low, reps[here]]
    return cost


def cost_unit(request: Request) -> float:
    """Give the largest number that divides every cost of a plan; 0 where costs are no integers."""
    if request.matrix is None:
        return 0.0
    for some in (request.matrix[:1], request.matrix):  # one row mostly settles it
        costs = some[np.isfinite(some)]
        if len(costs) and _unit(costs, 1.0, 2) != 1.0:
            return 0.0
    return float(np.gcd.reduce(costs.astype(np.int64))) if len(costs) else 0.0


def largest_cost(request: Request) -> float:
    """Give the largest finite cost of an item, without sign; infinite where it is not at hand."""
    if request.matrix is None:
        return float("inf")
    return float(np.abs(request.matrix[np.isfinite(request.matrix)]).max(initial=0.0))


def is_least(cost: float, bound: float, unit: float, largest: float) -> bool:
    """
    Tell whether a bound proves that no plan is cheaper than a cost.

    Where costs have a unit, less than one unit has to be left, however large the costs are;
    elsewhere a small share of the cost, or of the largest single one where costs cancel out.
    """
    gap = cost - bound
    if unit > 0.0:
        return bool(gap <= max(unit / 2, _ROUNDING * abs(cost)))
    return bool(gap <= _SAME * (abs(cost) + min(largest, 1.0)))


def _unit(values: np.ndarray, largest: float, parts: int) -> float:
    """Give integers per unit: 1 where all values are integers already."""
    if (values == np.rint(values)).all() and np.abs(values).max(initial=0.0) < _LARGEST:
        return 1.0
    return parts / max(largest, 1e-300)


def rows_of(
    request: Request, items: np.ndarray, reps: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, float, float, float]]:
    """
    Give the limits of territories and budgets on some arcs, but those that no plan can miss.

    Of each the places of its arcs, their sizes, the least and the most that they may add up to,
    and what an excess is a share of.
    """
    load, stake = request.arc_load(items, reps), request.arc_stake(items, reps)
    of_limit, of_budget = excess_units(request)
    order = np.argsort(reps, kind="stable")
    ends = np.searchsorted(reps[order], np.arange(request.reps + 1))
    rows = []
    for j in range(request.reps):
        mine = order[ends[j] : ends[j + 1]]
        for k in range(load.shape[1]):
            limits = request.lower[k, j], request.upper[k, j]
            rows.append((mine, load[mine, k], *limits, of_limit[k, j]))
    everything = np.arange(len(items))
    for g, budget in enumerate(request.budget):
        rows.append((everything, stake[:, g], 0.0, budget, of_budget[g]))
    for mine, size, low, high, share_of in rows:
        if size.sum() > high or low > 0:
            yield mine, size, float(low), float(high), float(share_of)


def excess_units(request: Request) -> tuple[np.ndarray, np.ndarray]:
    """
    Give what an excess is a share of: (K, m) of the limits of territories, (G,) of budgets.

    The middle of both limits, the one that is there where the other is open or 0, and an even
    share of all load where both are 0; a budget, or all that plans can take where it is 0.
    """
    low = np.maximum(request.given_lower, 0.0)
    high = np.where(np.isposinf(request.given_upper), 0.0, np.maximum(request.given_upper, 0.0))
    count = (low > 0).astype(int) + (high > 0)
    load = request.load.mean(axis=2) if request.by_rep else request.load
    even = np.maximum(load.sum(axis=1, keepdims=True) / request.reps, 1e-300)
    stake = np.maximum(request.account_stake.sum(axis=1), 1e-300)
    limits = np.where(count > 0, (low + high) / np.maximum(count, 1), even)
    return limits, np.where(request.budget > 0, request.budget, stake)


def _limits(
    model: Any,
    request: Request,
    items: np.ndarray,
    reps: np.ndarray,
    arcs: list[Any],
    *,
    tightened: bool,
    elastic: bool,
) -> list[Any]:
    """Add the rows of territories and budgets; give the variables of excess."""
    from ortools.sat.python import cp_model

    excess: list[Any] = []
    for mine, size, low, high, share_of in rows_of(request, items, reps):
        largest = max(high, float(size.max(initial=0.0)))
        unit = _unit(np.r_[size, low, high], largest, _SIZES)
        if elastic:
            unit = min(_SIZES / share_of, _LARGEST / max(largest, 1e-300))
        is_rounded = unit == 1.0 or elastic
        rounded = np.rint(size * unit) if is_rounded else np.floor(size * unit)
        row = cp_model.LinearExpr.weighted_sum(
            [arcs[at] for at in mine.tolist()], rounded.astype(np.int64).tolist()
        )
        if elastic:
            top, bottom = round(high * unit), round(low * unit)
            slack = model.new_int_var(0, 1 + max(int(rounded.sum()), bottom), "")
            excess.append(slack)
            model.add(row - slack <= top)
            model.add(row + slack >= bottom)
            continue
        lost = 0 if unit == 1.0 else len(np.unique(items[mine]))  # by rounding down, at most
        top, bottom = int(np.ceil(high * unit)), int(np.floor(low * unit)) - lost
        if unit == 1.0 or tightened:
            top, bottom = int(np.floor(high * unit)) - lost, int(np.ceil(low * unit))
        model.add_linear_constraint(row, bottom, top)
    return excess
