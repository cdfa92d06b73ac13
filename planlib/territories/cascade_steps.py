"""Go down the hierarchy: at each leader, divide the accounts among those straight below."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from planlib.territories.cascade_prices import Flat
from planlib.territories.cascade_tree import Tree
from planlib.territories.engine.prices import find_prices
from planlib.territories.engine.request import make_request

_MARGIN = 0.05  # limits of groups are narrower by this share of half their width
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
    """A sub-problem: costs (n, columns), infinite where not allowed, loads (K, n) and limits."""

    cost: np.ndarray
    load: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    free: int
    seed: int
    effort: str


def descend(
    flat: Flat,
    tree: Tree,
    pool: Executor,
    *,
    options: tuple[int, str, Callable[[str, float], None]],
) -> tuple[np.ndarray, Flat, tuple[Step, ...]]:
    """
    Give the rep of each account, the market with these arcs, and how accounts were divided.

    Leaders of one level work at the same time, on accounts that no other has. Those straight above
    reps look at all of their reps; others at the arcs of the market.

    Parameters
    ----------
    flat, tree
        What is divided, with prices and arcs of the whole market, and the hierarchy.
    pool
        Runs the sub-problems of a level.
    options
        Seed, effort, and where to report progress.
    """
    seed, effort, tell = options
    held: dict[int, np.ndarray] = {tree.head: np.arange(flat.request.items)}
    rep = np.full(flat.request.items, -1, dtype=np.int64)
    price, steps = np.full(flat.request.items, np.inf), list[Step]()
    leaders = [node for node in tree.order if node >= tree.rep_count and len(tree.members[node])]
    depth = int(max(tree.level[node] for node in leaders))
    for level in range(depth + 1):
        tell(f"level {level}", 0.4 + 0.4 * level / (depth + 1))
        nodes = [node for node in leaders if tree.level[node] == level]
        staffed = [[one for one in tree.children[node] if len(tree.members[one])] for node in nodes]
        costs = _team_costs(flat, tree, held, dict(zip(nodes, staffed, strict=True)), pool)
        tasks = (
            _task(flat, tree, (held[node], below, costs.get(node)), (seed, effort))
            for node, below in zip(nodes, staffed, strict=True)
        )
        for node, below, (chosen, status) in zip(
            nodes, staffed, _in_turn(pool, tasks, alone=len(nodes) == 1), strict=True
        ):
            rows, cost = held.pop(node), costs.pop(node, None)
            if cost is not None:
                price[rows] = cost[np.arange(len(rows)), chosen]
            steps.append(
                Step(node=node, level=level, accounts=len(rows), children=len(below), status=status)
            )
            for column, child in enumerate(below):
                mine = rows[chosen == column]
                if child < tree.rep_count:
                    rep[mine] = child
                else:
                    held[child] = mine
    return rep, flat.joined(rep, price), tuple(steps)


def _team_costs(
    flat: Flat,
    tree: Tree,
    held: dict[int, np.ndarray],
    below: dict[int, list[int]],
    pool: Executor,
) -> dict[int, np.ndarray]:
    """Give the costs of accounts with all reps of their team, of leaders straight above reps."""
    teams = [node for node, nodes in below.items() if nodes and max(nodes) < tree.rep_count]
    if not teams:
        return {}
    found = flat.within([held[node] for node in teams],
                        [np.array(below[node]) for node in teams], pool)  # fmt: skip
    return dict(zip(teams, found, strict=True))


def _in_turn(
    pool: Executor, tasks: Iterable[Task], *, alone: bool, ahead: int = 8
) -> Iterable[tuple[Any, str]]:
    """Solve tasks at the same time, few made ahead of their turn, and give answers in order."""
    if alone:  # one at the top: threads share what it does
        for task in tasks:
            yield solve_task(task, pool)
        return
    waiting: list[Any] = []
    for task in tasks:
        waiting.append(pool.submit(solve_task, task))
        if len(waiting) >= ahead:
            yield waiting.pop(0).result()
    for one in waiting:
        yield one.result()


def _task(
    flat: Flat,
    tree: Tree,
    what: tuple[np.ndarray, list[int], np.ndarray | None],
    options: tuple[int, str],
) -> Task:
    """Put together what a leader divides: reps at their costs, groups at cost plus price."""
    rows, below, cost = what
    column = np.full(tree.rep_count, -1, dtype=np.int64)
    price = np.zeros(flat.price.shape)
    lower, upper = (np.empty((len(price), len(below))) for _ in range(2))
    for at, child in enumerate(below):
        members = tree.members[child]
        column[members] = at
        least, most = flat.lower[:, members].sum(axis=1), flat.upper[:, members].sum(axis=1)
        if child >= tree.rep_count and len(members) > 1:
            price[:, members] = flat.price[:, members]
            room = np.where(np.isfinite(most - least), (most - least) / 2, 0.0)
            least, most = least + _MARGIN * room, most - _MARGIN * room
        lower[:, at], upper[:, at] = least, most
    return Task(
        cost=flat.folded(rows, price, column) if cost is None else cost,
        load=np.ascontiguousarray(flat.load[:, rows]),
        lower=lower, upper=upper, free=_FREE if min(below) >= tree.rep_count else len(rows),
        seed=options[0], effort=options[1],
    )  # fmt: skip


def solve_task(task: Task, pool: Executor | None = None) -> tuple[np.ndarray, str]:
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
        return _assigned(task, task.cost, task.load, (task.lower, task.upper), pool)
    request = make_request(task.cost, task.load, task.lower, task.upper, {})
    price = find_prices(request, seed=task.seed, pool=pool).prices.load
    reduced = task.cost + task.load.T @ price
    chosen = reduced.argmin(axis=1)
    ranked = np.partition(reduced, 1, axis=1)
    size = (task.load / np.maximum(task.load.mean(axis=1, keepdims=True), 1e-300)).mean(axis=0)
    size = np.maximum(size, 1e-9)
    free = np.sort(np.argsort((ranked[:, 1] - ranked[:, 0]) / size, kind="stable")[: task.free])
    kept = np.ones(len(chosen), dtype=bool)
    kept[free] = False
    has = np.stack(
        [np.bincount(chosen[kept], weights=one[kept], minlength=width) for one in task.load]
    )
    limits = (task.lower - has, task.upper - has)
    chosen[free], status = _assigned(task, task.cost[free], task.load[:, free], limits, pool)
    return chosen, status


def _assigned(
    task: Task,
    cost: np.ndarray,
    load: np.ndarray,
    limits: tuple[np.ndarray, np.ndarray],
    pool: Executor | None,
) -> tuple[np.ndarray, str]:
    from planlib.territories.engine.assign import assign

    found = assign(
        cost, np.ascontiguousarray(load), *limits, seed=task.seed, workers=None if pool else 1,
        effort=task.effort,  # type: ignore[arg-type]
    )  # fmt: skip
    return found.rep, found.status
