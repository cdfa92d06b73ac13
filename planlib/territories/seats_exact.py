"""The rest of the choice of seats by OR-Tools, on the pairs or columns that the bound leaves."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np

from planlib.territories.seats_bound import Market


@dataclass(frozen=True, kw_only=True)
class Proof:
    """
    What the solver found.

    Parameters
    ----------
    seat
        (items,), the place that serves each item in a better plan, or None.
    bound
        No plan on the remaining pairs costs less; infinite where none is left.
    finished
        Whether the search was finished.
    """

    seat: np.ndarray | None
    bound: float
    finished: bool


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """
    Columns that the solver chose.

    Parameters
    ----------
    chosen
        Their numbers, or None where none were found.
    bound
        No choice costs less; infinite where there is none.
    """

    chosen: np.ndarray | None
    bound: float


def choose_columns(
    cost: np.ndarray,
    model: tuple[Any, np.ndarray, np.ndarray],
    limits: tuple[int, float],
) -> Chosen:
    """
    Choose columns at the least cost within the limits of rows.

    Parameters
    ----------
    cost
        (columns,).
    model
        Sparse rows x columns, and the lower and upper limits of the rows.
    limits
        Nodes of the search tree, and seconds, infinite without a limit.
    """
    from ortools.math_opt.python import mathopt as opt

    rows, low, high = model
    program = opt.Model()
    chosen = [program.add_binary_variable() for _ in range(rows.shape[1])]
    for line in range(rows.shape[0]):
        inside = slice(rows.indptr[line], rows.indptr[line + 1])
        number, value = rows.indices[inside].tolist(), rows.data[inside].tolist()
        program.add_linear_constraint(
            expr=opt.fast_sum(v * chosen[t] for t, v in zip(number, value, strict=True)),
            lb=float(low[line]), ub=float(high[line]),
        )  # fmt: skip
    program.minimize(opt.fast_sum(c * x for c, x in zip(cost.tolist(), chosen, strict=True)))
    found = opt.solve(program, opt.SolverType.GSCIP, params=_parameters(limits[0], limits[1]))
    if found.termination.reason == opt.TerminationReason.INFEASIBLE:
        return Chosen(chosen=None, bound=np.inf)
    bound = float(found.dual_bound())
    if not found.has_primal_feasible_solution():
        return Chosen(chosen=None, bound=bound)
    best = np.flatnonzero(np.array(found.variable_values(chosen)) > 0.5)
    if found.termination.reason == opt.TerminationReason.OPTIMAL:
        bound = float(cost[best].sum())
    return Chosen(chosen=best, bound=bound)


def _parameters(nodes: int, seconds: float) -> Any:
    from ortools.math_opt.python import mathopt as opt

    limit = datetime.timedelta(seconds=max(seconds, 0.1)) if seconds < np.inf else None
    return opt.SolveParameters(
        threads=1, node_limit=nodes, heuristics=opt.Emphasis.OFF, relative_gap_tolerance=0.0,
        absolute_gap_tolerance=1e-9, time_limit=limit,
    )  # fmt: skip


def prove(
    market: Market,
    left: np.ndarray,
    must_open: np.ndarray,
    limits: tuple[int, float],
) -> Proof:
    """
    Find the best plan on the pairs that are left, or prove that there is none.

    Parameters
    ----------
    market
        What is asked.
    left
        (items, places) bool, the pairs.
    must_open
        (places,) bool.
    limits
        Nodes of the search tree, and seconds, infinite without a limit.
    """
    from ortools.math_opt.python import mathopt as opt

    if not left.any(axis=1).all():
        return Proof(seat=None, bound=np.inf, finished=True)
    model = opt.Model()
    places = np.flatnonzero(left.any(axis=0))
    opened = {int(j): model.add_binary_variable() for j in places}
    for must in np.flatnonzero(must_open).tolist():
        if must in opened:
            opened[must].lower_bound = 1.0
    item, place = np.nonzero(left)
    pairs = [model.add_binary_variable() for _ in range(len(item))]
    by_item: list[list[int]] = [[] for _ in range(len(left))]
    by_place: dict[int, list[int]] = {int(j): [] for j in places}
    for number, (i, j) in enumerate(zip(item.tolist(), place.tolist(), strict=True)):
        by_item[i].append(number)
        by_place[j].append(number)
        model.add_linear_constraint(pairs[number] <= opened[j])
    for numbers in by_item:
        model.add_linear_constraint(opt.fast_sum(pairs[number] for number in numbers) == 1)
    for j, numbers in by_place.items():
        served = opt.fast_sum(
            float(market.load[item[number]]) * pairs[number] for number in numbers
        )
        model.add_linear_constraint(served <= float(market.room[j]) * opened[j])
    model.add_linear_constraint(opt.fast_sum(opened.values()) <= market.k)
    cost = opt.fast_sum(
        float(market.distance[i, j]) * pair
        for i, j, pair in zip(item.tolist(), place.tolist(), pairs, strict=True)
    )
    model.minimize(cost)
    found = opt.solve(model, opt.SolverType.GSCIP, params=_parameters(*limits))
    return _read(found, (pairs, item, place), len(left))


def _read(found: Any, arcs: tuple[list[Any], np.ndarray, np.ndarray], items: int) -> Proof:
    from ortools.math_opt.python import mathopt as opt

    pairs, item, place = arcs
    reason = found.termination.reason
    if reason == opt.TerminationReason.INFEASIBLE:
        return Proof(seat=None, bound=np.inf, finished=True)
    seat = None
    if found.has_primal_feasible_solution():
        values = np.array(found.variable_values(pairs))
        order = np.lexsort((values, item))
        seat = np.empty(items, dtype=np.int64)
        seat[item[order]] = place[order]
    finished = reason == opt.TerminationReason.OPTIMAL
    return Proof(seat=seat, bound=float(found.dual_bound()), finished=finished)
