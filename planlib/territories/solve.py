"""
Solve one block: a bound from the linear relaxation, a plan from CP-SAT on the arcs that matter.

The bound is the Lagrangian value at the relaxation's prices, recomputed in float64 over all arcs;
every set of prices gives a valid one. Arcs whose regret at these prices exceeds the gap cannot be
part of a better plan and are left out. The search counts operations, not seconds, on one thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planlib.territories.relaxation import Prices, price
from planlib.territories.search import Limits, cheapest_plan, least_excess

#: Deterministic time of CP-SAT for one stage, by effort.
_WORK = {"quick": 0.06, "normal": 0.12, "thorough": 3.0}
_PROVEN = 1e-6  # relative gap that counts as none
_ROOM = 1e-9  # room left beside an excess that could not be avoided, as share of the target


@dataclass(frozen=True, kw_only=True)
class Problem:
    """
    What is to be assigned: n items (accounts or families), m reps, K measures.

    Parameters
    ----------
    cost
        (n, m) cost of giving an item to a rep.
    load
        (K, n) size of an item in each measure, at least 0.
    target
        (K, m) what each rep should have, above 0.
    tolerance
        (K,) allowed deviation from the target, as a share.
    allowed
        (n, m) whether a rep may have an item; every item has at least one rep.
    stake
        (n, m) what counts against the budget when the rep gets the item.
    budget
        Most that may count.
    """

    cost: np.ndarray
    load: np.ndarray
    target: np.ndarray
    tolerance: np.ndarray
    allowed: np.ndarray
    stake: np.ndarray
    budget: float

    @property
    def shape(self) -> tuple[int, int]:
        """Number of items and of reps."""
        return self.cost.shape[0], self.cost.shape[1]

    def limits(self) -> Limits:
        """Give the least and most that each rep may have, in each measure."""
        step = self.tolerance[:, None] * self.target
        return Limits(self.target - step, self.target + step)

    def loads(self, rep: np.ndarray) -> np.ndarray:
        """Give what each rep has in each measure, (K, m), in float64."""
        return np.stack(
            [np.bincount(rep, weights=load, minlength=self.shape[1]) for load in self.load]
        )

    def cost_of(self, rep: np.ndarray) -> float:
        """Give the cost of a plan."""
        return float(self.cost[np.arange(len(rep)), rep].sum())

    def stake_of(self, rep: np.ndarray) -> float:
        """Give what a plan counts against the budget."""
        return float(self.stake[np.arange(len(rep)), rep].sum())

    def is_met(self, rep: np.ndarray) -> bool:
        """Tell whether a plan is within tolerance and budget, in float64."""
        within = self.stake_of(rep) <= self.budget * (1 + 1e-9) + 1e-9
        return bool(within and self.excess(rep).max() <= 0)

    def excess(self, rep: np.ndarray) -> np.ndarray:
        """Give how far each rep is outside the tolerance, (K, m), as a share of the target."""
        limits, loads = self.limits(), self.loads(rep)
        over = np.maximum(loads - limits.upper, 0)
        under = np.maximum(limits.lower - loads, 0)
        return np.asarray(np.maximum(over, under) / self.target)


@dataclass(frozen=True, kw_only=True)
class Solution:
    """
    A plan for a block and what is known about it.

    ``status`` is optimal (proven), feasible, infeasible (proven that no plan is within the
    tolerance; ``rep`` is then the plan with the least excess found) or unresolved (none found).
    ``bound`` holds for every plan within the tolerance; with an excess, for every plan with at
    most this excess. ``deviation`` is the largest one over reps and measures.
    """

    rep: np.ndarray
    status: str
    cost: float
    bound: float
    excess: np.ndarray
    deviation: float

    @property
    def gap(self) -> float:
        """(cost - bound) / bound, NaN where the bound is not above 0."""
        return max(self.cost - self.bound, 0.0) / self.bound if self.bound > 0 else float("nan")


def solve(problem: Problem, *, effort: str = "normal", seed: int = 0) -> Solution:
    """
    Assign every item to one rep at the least cost within tolerance and budget.

    Parameters
    ----------
    problem
        At least one item and one rep.
    effort
        quick, normal or thorough.
    seed
        Seed of the search.

    Returns
    -------
    Solution
        Never raises for a request that cannot be met: the tolerance is then exceeded as little
        as was found possible, first the worst excess, then the sum of them.
    """
    work = _WORK[effort]
    limits = problem.limits()
    prices = price(problem, limits)
    start, proven = least_excess(problem, limits, prices, work=work, seed=seed)
    status = "feasible"
    if not problem.is_met(start):
        status = "infeasible" if proven else "unresolved"
        limits = _widened(problem, limits, problem.loads(start))
        prices = price(problem, limits)
    rep, bound, optimal = cheapest_plan(problem, limits, prices, start, work=work, seed=seed)
    cost = problem.cost_of(rep)
    if status == "feasible" and (optimal or cost - bound <= _PROVEN * max(abs(cost), 1e-12)):
        status, bound = "optimal", max(bound, cost) if optimal else bound
    deviation = float(np.abs(problem.loads(rep) / problem.target - 1).max())
    return Solution(
        rep=rep,
        status=status,
        cost=cost,
        bound=min(bound, cost),
        excess=problem.excess(rep),
        deviation=deviation,
    )


def _widened(problem: Problem, limits: Limits, loads: np.ndarray) -> Limits:
    """Give limits that let in the loads of a plan, each widened only where it must be."""
    room = _ROOM * problem.target
    return Limits(
        np.where(loads < limits.lower, loads - room, limits.lower),
        np.where(loads > limits.upper, loads + room, limits.upper),
    )


__all__ = ["Prices", "Problem", "Solution", "solve"]
