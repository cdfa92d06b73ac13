"""
The linear relaxation of one block, and the prices of balance and budget that it gives.

Only some arcs enter the linear programme at first; arcs that the prices show to be missing are
added until none is. The relaxation is elastic, so that it has a solution for every request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planlib.territories.search import Limits
    from planlib.territories.solve import Problem

_ALL_ARCS = 40_000  # up to here, all arcs enter at once
_FIRST_ARCS = 8  # else the cheapest per item, and as many again per round
_ROUNDS = 12
_SMALL = 1e-9


@dataclass(frozen=True)
class Prices:
    """
    Prices of balance (K, m) and budget, the bound they prove, and the relaxed plan.

    ``regret`` (n, m) is what an arc costs at these prices above the item's best arc; infinite
    where not allowed. ``share`` (n, m) is the relaxed plan; ``is_met`` whether that plan needs
    no excess.
    """

    balance: np.ndarray
    budget: float
    bound: float
    regret: np.ndarray
    share: np.ndarray
    is_met: bool


def price(problem: Problem, limits: Limits) -> Prices:
    """Solve the relaxation and give its prices with the bound that they prove."""
    chosen = _first_arcs(problem)
    for _ in range(_ROUNDS):
        share, balance, budget, is_met = _solve(problem, limits, chosen)
        bound, regret = _evaluate(problem, limits, balance, budget)
        best = np.where(chosen, regret, np.inf).min(axis=1)
        missing = ~chosen & (regret < best[:, None] - _SMALL)
        if not missing.any():
            break
        chosen |= missing & (
            regret
            <= np.sort(np.where(missing, regret, np.inf), axis=1)[
                :, min(_FIRST_ARCS, regret.shape[1]) - 1
            ][:, None]
        )
    return Prices(balance, budget, bound, regret, share, is_met)


def _first_arcs(problem: Problem) -> np.ndarray:
    if problem.cost.size <= _ALL_ARCS:
        return problem.allowed.copy()
    cost = np.where(problem.allowed, problem.cost, np.inf)
    line = np.sort(cost, axis=1)[:, min(_FIRST_ARCS, cost.shape[1]) - 1]
    return np.asarray(problem.allowed & (cost <= line[:, None]))


def _solve(
    problem: Problem, limits: Limits, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float, bool]:
    """Solve the elastic linear programme on the chosen arcs, in units of the targets."""
    from ortools.linear_solver import pywraplp

    solver = pywraplp.Solver.CreateSolver("GLOP")
    infinity = solver.infinity()
    count, reps = problem.shape
    measures = len(problem.load)
    scale = max(float(np.abs(problem.cost[problem.allowed]).mean()), 1e-12)
    penalty = 100.0 * count
    goal = solver.Objective()
    goal.SetMinimization()
    once = [solver.Constraint(1.0, 1.0) for _ in range(count)]
    band, elastic = [], []
    for k in range(measures):
        for j in range(reps):
            unit = problem.target[k, j]
            row = solver.Constraint(limits.lower[k, j] / unit, limits.upper[k, j] / unit)
            for sign in (1.0, -1.0):
                slack = solver.NumVar(0.0, infinity, "")
                row.SetCoefficient(slack, sign)
                goal.SetCoefficient(slack, penalty)
                elastic.append(slack)
            band.append(row)
    stake_unit = max(float(problem.stake.sum()) / max(count, 1), 1e-12)
    spent = solver.Constraint(-infinity, problem.budget / stake_unit)
    over = solver.NumVar(0.0, infinity, "")
    spent.SetCoefficient(over, -1.0)
    goal.SetCoefficient(over, penalty)
    items, owners = np.nonzero(chosen)
    variables = []
    for i, j in zip(items.tolist(), owners.tolist(), strict=True):
        arc = solver.NumVar(0.0, infinity, "")
        goal.SetCoefficient(arc, float(problem.cost[i, j]) / scale)
        once[i].SetCoefficient(arc, 1.0)
        for k in range(measures):
            band[k * reps + j].SetCoefficient(arc, problem.load[k, i] / problem.target[k, j])
        if problem.stake[i, j]:
            spent.SetCoefficient(arc, float(problem.stake[i, j]) / stake_unit)
        variables.append(arc)
    solver.Solve()
    share = np.zeros((count, reps))
    share[items, owners] = [arc.solution_value() for arc in variables]
    duals = np.array([row.dual_value() for row in band]).reshape(measures, reps)
    balance = -duals * scale / problem.target
    budget = max(-spent.dual_value() * scale / stake_unit, 0.0)
    used = sum(slack.solution_value() for slack in [*elastic, over])
    return share, balance, budget, bool(used <= 1e-7)


def _evaluate(
    problem: Problem, limits: Limits, balance: np.ndarray, budget: float
) -> tuple[float, np.ndarray]:
    """
    Give the Lagrangian bound at some prices, over all arcs, and the regret of each arc.

    Price p > 0 makes load expensive (the upper limit binds), p < 0 makes it welcome (the lower
    one does). The value is a bound for any prices: with x feasible, the priced limits are slack.
    """
    priced = problem.cost + problem.load.T @ balance + budget * problem.stake
    priced = np.where(problem.allowed, priced, np.inf)
    best = priced.min(axis=1)
    limit = np.where(balance > 0, limits.upper, limits.lower)
    bound = float(best.sum() - (balance * limit).sum() - budget * problem.budget)
    return bound, priced - best[:, None]
