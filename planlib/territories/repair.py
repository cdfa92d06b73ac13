"""
From the relaxed plan to a whole one: moves and swaps of single items, by the prices' regret.

Excess over the tolerance is charged, more in each round, until there is none or the charge no
longer helps. Every step is the best one of its kind, ties go to the lowest number;
shaking draws from a seed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planlib.territories.relaxation import Prices
    from planlib.territories.search import Limits
    from planlib.territories.solve import Problem

_ROUNDS = 7  # the charge is multiplied by _GROWTH after each
_GROWTH = 3.0
_SHAKES = 12
_SHAKEN = 15  # one in so many items is given away at random
_CANDIDATES = 40  # items a side that a swap considers
_PAIRS = 200  # pairs of reps that swaps consider, those linked best
_NOTHING = 1e-9


def rounded(problem: Problem, prices: Prices) -> np.ndarray:
    """Give each item to the rep with its largest share in the relaxed plan."""
    share = np.where(problem.allowed, prices.share - 1e-6 * np.minimum(prices.regret, 1), -1.0)
    return np.asarray(share.argmax(axis=1))


def thriftiest(problem: Problem, prices: Prices) -> np.ndarray:
    """Give every item to the rep at whom it counts least against the budget, best regret first."""
    order = prices.regret / max(float(np.median(prices.regret[problem.allowed])), 1e-12)
    least = np.where(problem.allowed, problem.stake, np.inf).min(axis=1)[:, None]
    return np.asarray(np.where(problem.stake <= least, order, np.inf).argmin(axis=1))


def repaired(
    problem: Problem,
    limits: Limits,
    prices: Prices,
    start: np.ndarray,
    *,
    seed: int,
) -> tuple[np.ndarray, float]:
    """
    Improve a plan by moves and swaps; where excess remains, shake it and try again.

    From a plan within the budget no step leads out of it.

    Returns
    -------
    tuple
        The plan with the least excess seen, the cheapest of those; and that excess, summed over
        reps and measures as shares of the targets (overspent budget included).
    """
    state = _State(problem, limits, start)
    reps = problem.shape[1]
    state.charge = 2.0 * max(abs(problem.cost_of(start)), 1e-12) / reps
    best = (state.excess(), problem.cost_of(state.rep), state.rep.copy())
    pairs = _linked(prices.regret, reps)
    stuck = 0
    for _ in range(_ROUNDS):
        state.descend(prices.regret, pairs)
        now = (state.excess(), problem.cost_of(state.rep), state.rep.copy())
        stuck = 0 if now[:2] < best[:2] else stuck + 1
        best = min(best, now, key=lambda plan: plan[:2])
        if now[0] <= 0 or stuck == 2:
            break
        state.charge *= _GROWTH
    draw = np.random.default_rng(seed)
    for _ in range(_SHAKES if reps > 1 else 0):
        if best[0] <= 0:
            break
        mixed = _shaken(problem, prices.regret, best[2], draw)
        if state.is_thrifty and problem.stake_of(mixed) > problem.budget:
            continue
        state.restart(mixed)
        state.descend(prices.regret, pairs)
        now = (state.excess(), problem.cost_of(state.rep), state.rep.copy())
        best = min(best, now, key=lambda plan: plan[:2])
    return best[2], best[0]


def _shaken(
    problem: Problem, regret: np.ndarray, plan: np.ndarray, draw: np.random.Generator
) -> np.ndarray:
    """Give some items at random to one of the reps that suit them, near ones more often."""
    count, reps = problem.shape
    items = draw.choice(count, size=max(2, count // _SHAKEN), replace=False)
    usual = max(float(np.median(regret[np.isfinite(regret)])), 1e-12)
    odds = np.exp(-2.0 * np.minimum(regret[items] / usual, 30.0)) * problem.allowed[items]
    shares = np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1)
    mixed = plan.copy()
    chosen = (draw.random(len(items))[:, None] > shares).sum(axis=1)
    mixed[items] = np.minimum(chosen, reps - 1)
    still = problem.allowed[items, mixed[items]]
    mixed[items[~still]] = plan[items[~still]]
    return mixed


class _State:
    """A plan with its loads and what it spends, kept up to date move by move."""

    def __init__(self, problem: Problem, limits: Limits, start: np.ndarray) -> None:
        self.problem, self.limits = problem, limits
        self.rep = start.astype(np.int64).copy()
        self.rows = np.arange(len(start))
        self.charge = 1.0
        self.is_thrifty = problem.stake_of(start) <= problem.budget
        self.stake_unit = max(problem.budget, float(problem.stake.max(initial=0.0)), 1e-12)
        self._recount()

    def restart(self, plan: np.ndarray) -> None:
        """Go on from another plan."""
        self.rep = plan.astype(np.int64).copy()
        self._recount()

    def _recount(self) -> None:
        self.loads = self.problem.loads(self.rep)
        self.spent = self.problem.stake_of(self.rep)

    def _outside(
        self, loads: np.ndarray, reps: np.ndarray | list[int] | slice = slice(None)
    ) -> np.ndarray:
        """Sum over measures of the excess of some reps with some loads (K, ..., reps)."""
        shape = (len(self.problem.load), *([1] * (loads.ndim - 2)), -1)
        lower, upper, target = (
            part[:, reps].reshape(shape)
            for part in (self.limits.lower, self.limits.upper, self.problem.target)
        )
        over = np.maximum(np.maximum(loads - upper, lower - loads), 0) / target
        return np.asarray(over.sum(axis=0))

    def _overspent(self, spent: np.ndarray) -> np.ndarray:
        over = np.maximum(spent - self.problem.budget, 0) / self.stake_unit
        return np.asarray(np.where(over > 0, np.inf, 0.0) if self.is_thrifty else over)

    def excess(self) -> float:
        """Give the total excess."""
        return float(self._outside(self.loads).sum() + self._overspent(np.array(self.spent)))

    def descend(self, regret: np.ndarray, pairs: list[tuple[int, int]]) -> None:
        """Apply the best moves, then the best swaps, until none improves."""
        for _ in range(20):
            moved = self._move_all()
            swapped = sum(self._swap(regret, one, two) for one, two in pairs)
            self._recount()
            if not swapped and not moved:
                return

    def _move_all(self) -> int:
        for count in range(4 * len(self.rep)):  # noqa: B007
            delta = self._move_deltas()
            item, rep = np.unravel_index(int(delta.argmin()), delta.shape)
            if delta[item, rep] >= -_NOTHING:
                return count
            self._give(int(item), int(rep))
        return count + 1

    def _give(self, item: int, rep: int) -> None:
        load, old = self.problem.load[:, item], self.rep[item]
        self.loads[:, old] -= load
        self.loads[:, rep] += load
        self.spent += self.problem.stake[item, rep] - self.problem.stake[item, old]
        self.rep[item] = rep

    def _move_deltas(self) -> np.ndarray:
        """Give the change of cost plus charge for each item and new rep, (n, m)."""
        problem, old = self.problem, self.rep
        now = self._outside(self.loads)
        gain = self._outside(self.loads[:, None, :] + problem.load[:, :, None]) - now
        lose = self._outside(self.loads[:, old] - problem.load, old) - now[old]
        stake = problem.stake - problem.stake[self.rows, old][:, None]
        budget = self._overspent(self.spent + stake) - self._overspent(np.array(self.spent))
        cost = problem.cost - problem.cost[self.rows, old][:, None]
        delta = cost + self.charge * (gain + lose[:, None] + budget)
        delta[~problem.allowed] = np.inf
        delta[self.rows, old] = 0.0
        return np.asarray(delta)

    def _swap(self, regret: np.ndarray, one: int, two: int) -> int:
        """Swap an item of each of two reps where that improves most; give the number of swaps."""
        problem = self.problem
        mine = self._candidates(regret, one, two)
        yours = self._candidates(regret, two, one)
        if not len(mine) or not len(yours):
            return 0
        shift = problem.load[:, yours][:, None, :] - problem.load[:, mine][:, :, None]
        now = self._outside(self.loads)[[one, two]].sum()
        change = (
            self._outside((self.loads[:, one, None, None] + shift)[..., None], [one])
            + self._outside((self.loads[:, two, None, None] - shift)[..., None], [two])
        )[..., 0] - now
        stake = (problem.stake[mine, two] - problem.stake[mine, one])[:, None] + (
            problem.stake[yours, one] - problem.stake[yours, two]
        )[None, :]
        change = change + (
            self._overspent(self.spent + stake) - self._overspent(np.array(self.spent))
        )
        cost = (problem.cost[mine, two] - problem.cost[mine, one])[:, None] + (
            problem.cost[yours, one] - problem.cost[yours, two]
        )[None, :]
        delta = cost + self.charge * change
        here, there = np.unravel_index(int(delta.argmin()), delta.shape)
        if delta[here, there] >= -_NOTHING:
            return 0
        self._give(int(mine[here]), two)
        self._give(int(yours[there]), one)
        return 1

    def _candidates(self, regret: np.ndarray, owner: int, other: int) -> np.ndarray:
        mine = np.flatnonzero((self.rep == owner) & self.problem.allowed[:, other])
        if len(mine) <= _CANDIDATES:
            return mine
        order = np.argsort(regret[mine, other] - regret[mine, owner], kind="stable")
        return np.asarray(mine[order[:_CANDIDATES]])


def _linked(regret: np.ndarray, reps: int) -> list[tuple[int, int]]:
    """Give the pairs of reps between which items change most cheaply."""
    first, second = np.triu_indices(reps, 1)
    if len(first) > _PAIRS:
        near = np.exp(-regret / max(float(np.median(regret[np.isfinite(regret)])) / 10, 1e-12))
        link = (near.T @ near)[first, second]
        keep = np.sort(np.argsort(-link, kind="stable")[:_PAIRS])
        first, second = first[keep], second[keep]
    return list(zip(first.tolist(), second.tolist(), strict=True))
