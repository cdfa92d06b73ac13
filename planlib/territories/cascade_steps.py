"""Go down the hierarchy: at each leader, divide the accounts among those straight below."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from planlib.territories.cascade_tree import Tree
from planlib.territories.flat_dual import Arcs, Flat, Market, tuned_prices

_MARGIN = 0.02  # limits of groups are narrower by this share of half their width
_FREE = 12_000  # accounts between groups that the engine divides; the others go where they tend to


@dataclass(frozen=True, kw_only=True)
class Step:
    """
    How one leader's accounts were divided.

    ``node`` and its ``level`` (0: the head), ``accounts`` divided among ``children`` nodes, and
    whether every group ended within its limits.
    """

    node: int
    level: int
    accounts: int
    children: int
    status: str


@dataclass(frozen=True, kw_only=True)
class Task:
    """A sub-problem: accounts by columns, with limits; costs infinite where not allowed."""

    cost: np.ndarray
    load: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    free: int
    seed: int
    effort: str


def descend(
    market: Market,
    tree: Tree,
    flat: Flat,
    pool: Executor,
    *,
    options: tuple[int, str, Callable[[str, float], None]],
) -> tuple[np.ndarray, tuple[Step, ...]]:
    """
    Give the rep of each account, and how each leader's accounts were divided.

    Leaders of one level work at the same time, on accounts that no other has.

    Parameters
    ----------
    market, tree, flat
        What is divided, the hierarchy, and prices and arcs of the whole market.
    pool
        Runs the sub-problems of a level.
    options
        Seed, effort, and where to report progress.
    """
    seed, effort, tell = options
    held: dict[int, np.ndarray] = {tree.head: np.arange(len(market.load))}
    rep = np.full(len(market.load), -1, dtype=np.int64)
    steps: list[Step] = []
    leaders = [node for node in tree.order if node >= tree.rep_count and len(tree.members[node])]
    depth = int(max(tree.level[node] for node in leaders))
    for level in range(depth + 1):
        tell(f"level {level}", 0.4 + 0.4 * level / (depth + 1))
        nodes = [node for node in leaders if tree.level[node] == level]
        staffed = [[one for one in tree.children[node] if len(tree.members[one])] for node in nodes]
        tasks = (
            _task(market, tree, flat, (held[node], below), (seed, effort))
            for node, below in zip(nodes, staffed, strict=True)
        )
        for node, below, (chosen, status) in zip(
            nodes, staffed, _in_turn(pool, tasks), strict=True
        ):
            rows = held.pop(node)
            steps.append(
                Step(node=node, level=level, accounts=len(rows), children=len(below), status=status)
            )
            for column, child in enumerate(below):
                mine = rows[chosen == column]
                if child < tree.rep_count:
                    rep[mine] = child
                else:
                    held[child] = mine
    return rep, tuple(steps)


def _in_turn(pool: Executor, tasks: Iterable[Task], ahead: int = 8) -> Iterable[tuple[Any, str]]:
    """Solve tasks at the same time, few made ahead of their turn, and give answers in order."""
    waiting: list[Any] = []
    for task in tasks:
        waiting.append(pool.submit(solve_task, task))
        if len(waiting) >= ahead:
            yield waiting.pop(0).result()
    for one in waiting:
        yield one.result()


def _task(
    market: Market,
    tree: Tree,
    flat: Flat,
    what: tuple[np.ndarray, list[int]],
    options: tuple[int, str],
) -> Task:
    """Put together what a leader divides: reps at their costs, groups at cost plus price."""
    rows, below = what
    column = np.full(tree.rep_count, -1, dtype=np.int64)
    price = np.zeros(flat.price.shape)
    lower, upper = (np.empty((len(price), len(below))) for _ in range(2))
    for at, child in enumerate(below):
        members = tree.members[child]
        column[members] = at
        least, most = market.lower[:, members].sum(axis=1), market.upper[:, members].sum(axis=1)
        if child >= tree.rep_count and len(members) > 1:
            price[:, members] = flat.price[:, members]
            room = np.where(np.isfinite(most - least), (most - least) / 2, 0.0)
            least, most = least + _MARGIN * room, most - _MARGIN * room
        lower[:, at], upper[:, at] = least, most
    return Task(
        cost=folded(flat.arcs, rows, price, column), load=market.load[rows],
        lower=lower, upper=upper, free=_FREE if min(below) >= tree.rep_count else len(rows),
        seed=options[0], effort=options[1],
    )  # fmt: skip


def folded(arcs: Arcs, rows: np.ndarray, price: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Give the least cost plus price of accounts in each column, infinite without an arc."""
    from planlib.territories.flat_kernels import fold_rows

    return np.asarray(
        fold_rows(
            arcs.arc[rows], arcs.cost[rows], arcs.load[rows], np.ascontiguousarray(price.T), column
        )
    )


def solve_task(task: Task) -> tuple[np.ndarray, str]:
    """
    Solve a sub-problem.

    Where there are many accounts, prices between the columns are found first, and only the
    accounts that are nearly as cheap elsewhere are divided by the engine.

    Returns
    -------
    tuple
        Column of each account, and the status of the plan.
    """
    width = task.cost.shape[1]
    if width == 1 or not len(task.cost):
        return np.zeros(len(task.cost), dtype=np.int64), "feasible"
    if len(task.cost) <= task.free:
        return _assigned(task, task.cost, task.load, (task.lower, task.upper))
    arc = np.where(np.isfinite(task.cost), np.arange(width, dtype=np.int32), -1)
    order = np.argsort(arc < 0, axis=1, kind="stable")
    arcs = Arcs(
        arc=np.ascontiguousarray(np.take_along_axis(arc, order, axis=1)),
        cost=np.ascontiguousarray(np.take_along_axis(task.cost, order, axis=1)), load=task.load,
    )  # fmt: skip
    small = Market(cost=_Rows(task.cost), load=task.load, lower=task.lower, upper=task.upper)
    price = tuned_prices(small, arcs, np.zeros(task.lower.shape), share=np.ones(len(task.lower)),
                         heats=(0.01, 0.003, 0.001))  # fmt: skip
    reduced = task.cost + task.load @ price
    chosen = reduced.argmin(axis=1)
    ranked = np.partition(reduced, 1, axis=1)
    size = np.maximum((task.load / np.maximum(task.load.mean(axis=0), 1e-300)).mean(axis=1), 1e-9)
    free = np.sort(np.argsort((ranked[:, 1] - ranked[:, 0]) / size, kind="stable")[: task.free])
    kept = np.ones(len(chosen), dtype=bool)
    kept[free] = False
    has = np.stack(
        [np.bincount(chosen[kept], weights=one[kept], minlength=width) for one in task.load.T]
    )
    limits = (task.lower - has, task.upper - has)
    chosen[free], status = _assigned(task, task.cost[free], task.load[free], limits)
    return chosen, status


@dataclass(frozen=True)
class _Rows:
    """A matrix of costs as a provider."""

    matrix: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Number of accounts and of columns."""
        return self.matrix.shape[0], self.matrix.shape[1]

    def rows(self, first: int, last: int, /) -> np.ndarray:
        """Give a range of rows."""
        return self.matrix[first:last]


def _assigned(
    task: Task, cost: np.ndarray, load: np.ndarray, limits: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, str]:
    from planlib.territories.engine.assign import assign

    found = assign(
        cost, np.ascontiguousarray(load.T), *limits, seed=task.seed, workers=1,
        effort=task.effort,  # type: ignore[arg-type]
    )  # fmt: skip
    return found.rep, found.status
