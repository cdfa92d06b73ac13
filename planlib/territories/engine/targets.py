"""
Search by targets: from below until a plan is proven the cheapest, from above for cheaper plans.

One search asks whether there is a plan at the least cost that is not excluded yet. Each answer "no"
raises the bound, and the first "yes" is a proof. As the target lies just above the bound, nearly
all arcs close. Another search asks for a plan between the bound and the best plan known: it soon
finds one or turns to an easier target. Both work in rounds of the same size, so that two threads
may share them, and what they find does not depend on how many there are.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from planlib.territories.engine.knapsacks import Knapsacks
from planlib.territories.engine.request import Request

#: Work of the search, by effort: entries of tables of knapsacks, about.
WORK = {"quick": 1_000_000_000, "normal": 10_000_000_000, "thorough": 120_000_000_000}
_ROOT = (500, 60)  # rounds of raising the bound, at first and for each target
_TURNS = 5
_SLICE = 400_000_000  # work of a round
_DIVE = 1_000_000_000, 1_500  # work of the search from above, at least, and in sweeps of all tables
_LONGER = 1.5  # times that, after each that has found nothing
#: The search from below: turns of closing the arcs of a node, and every item is fixed alone.
_BELOW = 3, 10**9
#: The one from above: turns, and steps in which the free items are fixed, about.
_ABOVE = (1, 40), (3, 40)  # where it looks at some arcs, and at all
_ALL, _NEAR = 5_000, 8  # arcs up to which it looks at all, and those of each item where not
_NOISE = 0.4
_HALF = 0.5  # share of the gap by which a plan should be cheaper, and length of first steps
_PARTS = 8  # of the gap, by which the target rises where it is many units
_SAME = 2e-8  # of the cost: plans closer than this cost the same, where costs are not whole
_SAFE, _PART = 1e-9, 1e-5  # of the size of costs, and of a unit: what rounding errors can add


@dataclass(frozen=True)
class Proven:
    """The best plan of items, (N,), its cost, and a bound that holds for every plan."""

    plan: np.ndarray
    cost: float
    bound: float


class _Tree:
    """A search for a plan within a target, depth first, that can pause."""

    def __init__(
        self,
        knapsacks: Knapsacks,
        paid: np.ndarray,
        target: float,
        *,
        deepest: int,
        pace: tuple[int, int] = _BELOW,
        noise: float = 0.0,
        seed: int = 0,
    ) -> None:
        from planlib.territories.engine.group_kernels import start_random

        self.knapsacks, self.target = knapsacks, target
        self.pace, self.noise = pace, noise
        self.alive = np.zeros((deepest, len(knapsacks.item)), dtype=np.bool_)
        self.paid = np.zeros((deepest, knapsacks.items))
        self.branch = np.zeros(deepest, dtype=np.int64)
        self.alive[0], self.paid[0] = True, paid
        self.tables, self.state = knapsacks.tables(), np.empty(1, dtype=np.uint64)
        start_random(self.state, 104729 * seed + 29, 0)
        self.more = np.full(len(knapsacks.item), np.inf)
        self.depth, self.work = 0, 0

    def begin(self, slip: float) -> None:
        """Close what can be closed at once."""
        from planlib.territories.engine.branch_kernels import CLOSED, close_arcs

        knapsacks = self.knapsacks
        found, work = close_arcs(
            self.paid[0], knapsacks.arcs, self.alive[0], np.zeros(knapsacks.items, dtype=np.int64),
            knapsacks.room, self.tables, self.more, self.target + slip,
            _ROOT[1], _HALF, _TURNS,
        )  # fmt: skip
        self.work += work
        self.depth = -1 if found == CLOSED else 0

    def advance(self, slip: float, work: int) -> None:
        """Go on for some work; nothing is done where the search has ended."""
        from planlib.territories.engine.branch_kernels import explore

        if self.depth < 0:
            return
        self.depth, done = explore(
            self.knapsacks.arcs, self.knapsacks.room, self.tables, self.target + slip, self.alive,
            self.paid, self.branch, self.depth, *self.pace, self.noise, self.state, work,
        )  # fmt: skip
        self.work += done

    @property
    def is_over(self) -> bool:
        """Whether there is no plan within the target."""
        return self.depth == -1

    @property
    def plan(self) -> np.ndarray | None:
        """The plan that was found, by rep of each item."""
        return self.knapsacks.plan(self.alive[-2 - self.depth]) if self.depth < -1 else None


class Targets:
    """
    The state of the search by targets.

    Parameters
    ----------
    request, knapsacks
        What is asked for, and the form in which it is searched.
    paid
        (N,) payments for items to start with, such as their least priced costs.
    best
        The best plan known and its cost, and the bound known.
    unit
        That divides the cost of every plan; 0 where there is none.
    """

    def __init__(
        self,
        request: Request,
        knapsacks: Knapsacks,
        paid: np.ndarray,
        best: Proven,
        *,
        unit: float,
        seed: int,
    ) -> None:
        self.request, self.knapsacks, self.paid = request, knapsacks, np.array(paid)
        self.plan, self.cost, self.bound = best.plan, best.cost, best.bound
        self.unit, self.seed = unit, seed
        size = float(np.abs(paid).sum() + abs(best.cost))
        self.least = unit if unit > 0 else max(_SAME * abs(best.cost), 4 * _SAFE * size, 1e-300)
        self.slip = _SAFE * size + _PART * unit
        self.share, self.dives, self.nearest = _HALF, 0, knapsacks
        self.done, self.dive = 0, _DIVE[0]

    def search(
        self, *, work: int, pool: Executor | None, go_on: Callable[[Targets, float], bool]
    ) -> Proven:
        """
        Search until the plan is proven, the work is done, or ``go_on`` says no.

        ``go_on`` is asked before each round, with the share of the work that is behind.
        """
        if go_on(self, 0.0):
            self._root()
            if not self.is_proven and self.knapsacks.is_small:
                self._rounds(work, pool, go_on)
        return Proven(plan=self.plan, cost=self.cost, bound=min(self.bound, self.cost))

    @property
    def is_proven(self) -> bool:
        """Whether no plan is cheaper."""
        return self.cost - self.bound < self.least * (1 - 1e-6)

    def _root(self) -> None:
        """Raise the bound on all arcs, and leave out those that no cheaper plan has."""
        from planlib.territories.engine.knapsack_kernels import climb

        knapsacks = self.knapsacks
        ways = np.bincount(knapsacks.item, minlength=knapsacks.items)
        value, work = climb(
            self.paid, knapsacks.arcs, np.ones(len(knapsacks.item), dtype=np.bool_), ways,
            knapsacks.room, knapsacks.tables()[0], self.cost, _ROOT[0], 1.0,
        )  # fmt: skip
        self._raise(min(value, self.cost))
        root = _Tree(knapsacks, self.paid, self.cost - self.least, deepest=1)
        root.begin(self.slip)
        self.done += work + root.work
        self.dive = max(_DIVE[0], _DIVE[1] * (work // _ROOT[0]))
        if root.is_over:
            self.bound = self.cost
        else:
            self.knapsacks, self.paid = knapsacks.at(root.alive[0]), root.paid[0].copy()
            self.nearest = self.knapsacks
            if len(self.nearest.item) > _ALL:
                self.nearest = self.knapsacks.near(root.more[root.alive[0]], _NEAR)

    def _raise(self, value: float) -> None:
        """Take over a bound, raised to the next cost that a plan can have."""
        value -= self.slip
        if self.unit > 0:
            value = float(np.ceil(value / self.unit - _PART) * self.unit)
        self.bound = max(self.bound, value)

    def _rounds(
        self, work: int, pool: Executor | None, go_on: Callable[[Targets, float], bool]
    ) -> None:
        below, above = self._from_below(), self._from_above()
        run = pool.map if pool else map
        while self.done < work and go_on(self, self.done / work):
            for tree in (below, above):
                tree.target = min(tree.target, self.cost - self.least)
            list(run(lambda tree: tree.advance(self.slip, _SLICE), (below, above)))
            self.done += _SLICE
            for tree in (below, above):
                self._learn(tree)
            if self.is_proven:
                break
            if below.depth < 0:
                below = self._from_below()
            is_late = above.depth >= 0 and above.work >= self.dive
            if is_late or (above.is_over and above.knapsacks is not self.knapsacks):
                self._ease()
            if is_late or above.depth < 0 or above.target < self.bound:
                above = self._from_above()

    def _learn(self, tree: _Tree) -> None:
        """Take over the plan that was found, or that there is none."""
        if tree.is_over and tree.knapsacks is self.knapsacks:
            self.bound = max(self.bound, tree.target + self.unit)
        plan = tree.plan
        if plan is None:
            return
        cost = self.request.cost(plan[self.request.item_of])
        if cost < self.cost:
            self.plan, self.cost, self.share = plan, cost, _HALF

    def _ease(self) -> None:
        """Turn to an easier target; where there is none, search longer."""
        self.share /= 2
        self.dive = int(self.dive * _LONGER)
        if self.share * (self.cost - self.bound) < self.least:
            self.share = _HALF

    def _from_below(self) -> _Tree:
        """Begin with a target that lies as near to the bound as is worth while."""
        steps = int((self.cost - self.bound) / self.least) // _PARTS
        steps = steps if self.unit > 0 else max(steps, 1)
        return self._tree(self.knapsacks, self.bound + steps * self.least)

    def _from_above(self) -> _Tree:
        """Begin with a target well below the cost of the best plan."""
        steps = max(int(self.share * (self.cost - self.bound) / self.least), 1)
        self.dives += 1
        return self._tree(
            self.nearest, self.cost - steps * self.least, noise=_NOISE,
            pace=_ABOVE[self.nearest is self.knapsacks], seed=1009 * self.seed + self.dives,
        )  # fmt: skip

    def _tree(self, knapsacks: Knapsacks, target: float, **how: Any) -> _Tree:
        target = min(target, self.cost - self.least)
        tree = _Tree(knapsacks, self.paid, target, deepest=knapsacks.deepest, **how)
        tree.begin(self.slip)
        self.done += tree.work // 2
        return tree
