"""CP-SAT on one block: first the least excess over the tolerance, then the least cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from planlib.territories.repair import repaired, rounded, thriftiest

if TYPE_CHECKING:
    from planlib.territories.relaxation import Prices
    from planlib.territories.solve import Problem

_LOAD_UNITS = 10**8  # integers per target
_COST_UNITS = 10**7  # integers per mean cost of the relaxed plan's items
_EXCESS_UNITS = 10**5  # integers per target, for the excess
_EXCESS_WORK = 8.0  # share of the work for the least excess, of that for the cost
_ARCS_PER_ITEM = 4.0  # arcs kept for the search, on average
_ALL_ARCS = 1_500  # so few arcs are all kept
_LONGER = 3.0  # times as much work while the gap is above the next
_GOOD_GAP = 0.02
_SMALL = 250  # with so few useful arcs, the proof comes first
_PROOF_ARCS = 1_200  # with so few useful arcs, a proof is tried
_GROUP = 3  # reps solved together
_GROUP_ARCS = 120  # free choices in a group
_GROUP_WORK = 0.06  # deterministic time of a group
_LEAST_WORK = 0.01  # counted for a group at least, so that the search ends


@dataclass(frozen=True)
class Limits:
    """Least and most that each rep may have, (K, m) each."""

    lower: np.ndarray
    upper: np.ndarray


def least_excess(
    problem: Problem, limits: Limits, prices: Prices, *, work: float, seed: int
) -> tuple[np.ndarray, bool]:
    """
    Find a plan within budget whose excess over the tolerance is as small as possible.

    Returns
    -------
    tuple
        The plan, and whether it is proven that none is without excess.
    """
    start, excess = repaired(problem, limits, prices, rounded(problem, prices), seed=seed)
    if excess <= 0:
        return start, False
    if problem.stake_of(start) > problem.budget:
        start, _ = repaired(problem, limits, prices, thriftiest(problem, prices), seed=seed)
        if problem.is_met(start):
            return start, False
    proven = _no_room(problem, limits) or not prices.is_met
    for keep in (_near_arcs(problem, prices), problem.allowed):
        model = Model(problem, limits, keep, elastic=True)
        found, least, _ = model.solve(start, work=_EXCESS_WORK * work, seed=seed)
        if found is not None:
            start, excess = repaired(problem, limits, prices, found, seed=seed)
            start = found if problem.excess(found).max() < problem.excess(start).max() else start
            if problem.is_met(start):
                return start, False
        if keep.sum() == problem.allowed.sum():
            return start, bool(proven or (found is not None and least > 0))
    return start, proven


def cheapest_plan(
    problem: Problem, limits: Limits, prices: Prices, start: np.ndarray, *, work: float, seed: int
) -> tuple[np.ndarray, float, bool]:
    """
    Find the cheapest plan within limits and budget, starting from one that is within them.

    Returns
    -------
    tuple
        The plan; a bound for all plans within the limits; whether the plan is proven cheapest.
    """
    if _useful(problem, prices, start).sum() <= _SMALL:  # try the proof at once
        best, bound, proven = _proved(problem, limits, prices, start, work=work, seed=seed)
        if proven:
            return best, bound, True
        start = best
    best = polished(problem, limits, prices, start, work=work, seed=seed)
    return _proved(problem, limits, prices, best, work=work, seed=seed)


def _proved(
    problem: Problem, limits: Limits, prices: Prices, start: np.ndarray, *, work: float, seed: int
) -> tuple[np.ndarray, float, bool]:
    """Solve on all arcs that can be part of a cheaper plan, where these are few enough."""
    keep = _useful(problem, prices, start)
    if keep.sum() > _PROOF_ARCS:
        return start, prices.bound, False
    found, least, proven = Model(problem, limits, keep, elastic=False).solve(
        start, work=work, seed=seed
    )
    better = found is not None and problem.cost_of(found) <= problem.cost_of(start)
    best = found if found is not None and better else start
    cost = problem.cost_of(best)
    return (best, cost, True) if proven else (best, max(prices.bound, min(least, cost)), False)


def polished(
    problem: Problem, limits: Limits, prices: Prices, start: np.ndarray, *, work: float, seed: int
) -> np.ndarray:
    """Solve small groups of neighbouring reps again and again, the others left as they are."""
    reps = problem.shape[1]
    near = np.exp(-4.0 * np.minimum(prices.regret, 50.0) / _typical(prices.regret))
    link = near.T @ near + 1e-12
    np.fill_diagonal(link, 0.0)
    draw = np.random.default_rng(seed)
    best, spent, turn = start, 0.0, 0
    while reps > 1 and spent < work * (_LONGER if _is_open(problem, prices, best) else 1.0):
        group = [turn % reps]
        while len(group) < min(_GROUP, reps):
            odds = link[group].sum(axis=0)
            odds[group] = 0.0
            group.append(int(draw.choice(reps, p=odds / odds.sum())))
        best, used = _group_solved(problem, limits, prices, best, sorted(group), seed=seed)
        spent += max(used, _LEAST_WORK)
        turn += 1
    return best


def _is_open(problem: Problem, prices: Prices, plan: np.ndarray) -> bool:
    """Tell whether the gap is still so large that longer search is worth its time."""
    cost = problem.cost_of(plan)
    return cost - prices.bound > _GOOD_GAP * abs(cost)


def _group_solved(
    problem: Problem,
    limits: Limits,
    prices: Prices,
    plan: np.ndarray,
    group: list[int],
    *,
    seed: int,
) -> tuple[np.ndarray, float]:
    """Solve the items of a few reps among these reps; give the plan and the work it took."""
    items, columns = np.flatnonzero(np.isin(plan, group)), np.array(group)
    here = np.ix_(items, columns)
    if not len(items):
        return plan, 0.0
    rest = problem.stake_of(plan) - float(problem.stake[items, plan[items]].sum())
    part = replace(
        problem, cost=problem.cost[here], load=problem.load[:, items],
        target=problem.target[:, group], allowed=problem.allowed[here],
        stake=problem.stake[here], budget=max(problem.budget - rest, 0.0),
    )  # fmt: skip
    inside = Limits(limits.lower[:, group], limits.upper[:, group])
    now = np.searchsorted(columns, plan[items])
    least = np.where(part.allowed, prices.regret[here], np.inf)
    count = min(int(part.allowed.sum()), _GROUP_ARCS + len(items))
    line = np.partition((least - least.min(axis=1)[:, None])[part.allowed], count - 1)[count - 1]
    keep = part.allowed & (least - least.min(axis=1)[:, None] <= line)
    keep[np.arange(len(items)), now] = True
    model = Model(part, inside, keep, elastic=False)
    found, _, _ = model.solve(now, work=_GROUP_WORK, seed=seed)
    if found is None or part.cost_of(found) >= part.cost_of(now) - 1e-12:
        return plan, model.work
    better = plan.copy()
    better[items] = columns[found]
    return better, model.work


def _useful(problem: Problem, prices: Prices, plan: np.ndarray) -> np.ndarray:
    """Keep the arcs that can be part of a plan cheaper than this one, and its own."""
    gap = problem.cost_of(plan) - prices.bound
    keep = problem.allowed & (prices.regret <= gap + 1e-9 * (abs(gap) + 1e-12))
    keep[np.arange(len(plan)), plan] = True
    return np.asarray(keep)


def _typical(regret: np.ndarray) -> float:
    positive = regret[np.isfinite(regret) & (regret > 0)]
    return max(float(np.median(positive)), 1e-12) if len(positive) else 1.0


def _near_arcs(problem: Problem, prices: Prices) -> np.ndarray:
    """Keep the arcs with the least regret, so many on average, at least two per item."""
    count, reps = problem.shape
    total = int(max(_ALL_ARCS, _ARCS_PER_ITEM * count))
    if problem.allowed.sum() <= total:
        return problem.allowed.copy()
    weight = np.maximum((problem.load / problem.target.mean(axis=1)[:, None]).mean(axis=0), 1e-12)
    relative = prices.regret / weight[:, None]
    line = np.partition(relative[problem.allowed], total)[total]
    second = np.sort(prices.regret, axis=1)[:, min(1, reps - 1)][:, None]
    return np.asarray(problem.allowed & ((relative <= line) | (prices.regret <= second)))


def _no_room(problem: Problem, limits: Limits) -> bool:
    """Tell whether some item alone is above the limit of every rep who may have it."""
    fits = (problem.load[:, :, None] <= limits.upper[:, None, :]).all(axis=0)
    return bool((~(fits & problem.allowed).any(axis=1)).any())


class Model:
    """
    A CP-SAT model of the block on some arcs.

    Loads are rounded outwards to integers, so that a plan within the integer limits is within
    the real ones.
    """

    def __init__(
        self, problem: Problem, limits: Limits, keep: np.ndarray, *, elastic: bool
    ) -> None:
        from ortools.sat.python import cp_model

        self.problem, self.limits, self.keep = problem, limits, keep
        self.work = 0.0
        self._cp: Any = cp_model
        self.model = cp_model.CpModel()
        self.items, self.owners = (part.tolist() for part in np.nonzero(keep))
        self.arcs = [self.model.new_bool_var("") for _ in self.items]
        self.by_item: list[list[int]] = [[] for _ in range(problem.shape[0])]
        self.by_owner: list[list[int]] = [[] for _ in range(problem.shape[1])]
        for arc, (item, owner) in enumerate(zip(self.items, self.owners, strict=True)):
            self.by_item[item].append(arc)
            self.by_owner[owner].append(arc)
        for arcs in self.by_item:
            self.model.add_exactly_one([self.arcs[arc] for arc in arcs])
        self.excess: list[Any] = []
        self._balance(elastic)
        self._budget()
        self._goal(elastic)

    def _balance(self, elastic: bool) -> None:
        expression = self._cp.LinearExpr.weighted_sum
        for k, load in enumerate(self.problem.load):
            for j, arcs in enumerate(self.by_owner):
                unit = _LOAD_UNITS / self.problem.target[k, j]
                sizes = load[[self.items[arc] for arc in arcs]] * unit
                chosen = [self.arcs[arc] for arc in arcs]
                most = expression(chosen, np.ceil(sizes).astype(np.int64).tolist())
                least = expression(chosen, np.floor(sizes).astype(np.int64).tolist())
                high = int(np.floor(self.limits.upper[k, j] * unit))
                low = int(np.ceil(self.limits.lower[k, j] * unit))
                if elastic:
                    top = 1 + int(
                        np.ceil(max(sizes.sum(), _LOAD_UNITS) / _LOAD_UNITS * _EXCESS_UNITS)
                    )
                    slack = self.model.new_int_var(0, top, "")
                    self.excess.append(slack)
                    step = _LOAD_UNITS // _EXCESS_UNITS
                    self.model.add(most - step * slack <= high)
                    self.model.add(least + step * slack >= low)
                else:
                    self.model.add(most <= high)
                    self.model.add(least >= low)

    def _budget(self) -> None:
        stake = self.problem.stake[self.items, self.owners]
        total = float(self.problem.stake.max(axis=1).sum())
        if total <= self.problem.budget:
            return
        unit = _LOAD_UNITS / total
        counted = np.ceil(stake * unit - 1e-6).astype(np.int64)
        terms = np.flatnonzero(counted)
        self.model.add(
            self._cp.LinearExpr.weighted_sum(
                [self.arcs[arc] for arc in terms], counted[terms].tolist()
            )
            <= int(np.floor(self.problem.budget * unit + 1e-6 * len(terms)))
        )

    def _goal(self, elastic: bool) -> None:
        if elastic:
            worst = self.model.new_int_var(0, 10**9, "")
            for slack in self.excess:
                self.model.add(worst >= slack)
            self.unit = 1.0
            self.model.minimize(len(self.excess) * worst + sum(self.excess))
            return
        cost = self.problem.cost[self.items, self.owners]
        self.unit = _COST_UNITS / max(float(np.abs(cost).mean()), 1e-12)
        self.model.minimize(
            self._cp.LinearExpr.weighted_sum(
                self.arcs, np.rint(cost * self.unit).astype(np.int64).tolist()
            )
        )

    def solve(
        self, start: np.ndarray, *, work: float, seed: int
    ) -> tuple[np.ndarray | None, float, bool]:
        """Give the plan found (None: none), the solver's bound, and whether it is proven best."""
        for arc, (item, owner) in enumerate(zip(self.items, self.owners, strict=True)):
            self.model.add_hint(self.arcs[arc], bool(start[item] == owner))
        solver = self._cp.CpSolver()
        settings = solver.parameters
        settings.num_workers = 1
        settings.random_seed = seed
        settings.max_deterministic_time = work
        status = solver.solve(self.model)
        self.work = float(solver.response_proto.deterministic_time)
        if status not in (self._cp.OPTIMAL, self._cp.FEASIBLE):
            return None, -np.inf, False
        chosen = np.array(solver.boolean_values(self.arcs), dtype=bool)
        rep = np.empty(self.problem.shape[0], dtype=np.int64)
        rep[np.array(self.items)[chosen]] = np.array(self.owners)[chosen]
        rounding = len(rep) / self.unit
        bound = solver.best_objective_bound / self.unit - rounding
        return rep, bound, bool(status == self._cp.OPTIMAL)
