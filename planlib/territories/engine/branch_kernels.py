"""
Inner loops of the search by targets: is there a plan that costs no more? Depth first.

At each node the knapsack bound is raised a little, and arcs whose penalty takes it above the target
are closed (Posta, Ferland and Michelon 2012). A node ends where the bound itself is above it. Else
the item that would suffer most without its best rep goes there first, and elsewhere after that.
"""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled
from planlib.territories.engine.group_kernels import next_random
from planlib.territories.engine.knapsack_kernels import climb, penalties

_ROUNDS, _LENGTH = 14, 0.5  # of raising the bound of a node
_MANY = 0.05  # share of the arcs
OPEN, CLOSED, DONE = 0, 1, 2


@compiled
def _count_ways(items: np.ndarray, alive: np.ndarray, ways: np.ndarray) -> int:
    """Count the open arcs of each item; give how many there are."""
    ways[:] = 0
    total = 0
    for at in range(len(items)):
        if alive[at]:
            ways[items[at]] += 1
            total += 1
    return total


@compiled
def close_arcs(
    paid: np.ndarray, arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    alive: np.ndarray, ways: np.ndarray, room: np.ndarray, tables: tuple[np.ndarray, np.ndarray],
    more: np.ndarray, goal: float, rounds: int, length: float, turns: int,
) -> tuple[int, int]:  # fmt: skip
    """
    Raise the bound of a node and close the arcs that no plan below the goal has, in place.

    Gives whether the node stays open, can be closed, or has one arc for each item, which then is
    such a plan; and the work done.
    """
    items = arcs[1]
    left = _count_ways(items, alive, ways)
    work = 0
    for _ in range(turns):
        value, done = climb(paid, arcs, alive, ways, room, tables[0], goal, rounds, length)
        work += done
        if value > goal:
            return CLOSED, work
        value, done = penalties(paid, arcs, alive, ways, room, tables, more)
        work += done
        for at in range(len(items)):
            if alive[at] and value + more[at] > goal:
                alive[at] = False
        before, left = left, _count_ways(items, alive, ways)
        if ways.min() == 0:
            return CLOSED, work
        if left == len(ways):
            value, done = climb(paid, arcs, alive, ways, room, tables[0], goal, 1, length)
            return DONE if value <= goal else CLOSED, work + done
        if before - left < _MANY * before:
            break
    return OPEN, work


@compiled
def _rank(
    items: np.ndarray, alive: np.ndarray, ways: np.ndarray, more: np.ndarray, noise: float,
    state: np.ndarray, best: np.ndarray, second: np.ndarray, arc: np.ndarray,
) -> int:  # fmt: skip
    """Find each item's best arc and what it would suffer without it; give how many are free."""
    best[:], second[:] = np.inf, np.inf
    for at in range(len(items)):
        if not alive[at]:
            continue
        item = items[at]
        if more[at] < best[item]:
            second[item], best[item], arc[item] = best[item], more[at], at
        elif more[at] < second[item]:
            second[item] = more[at]
    free = 0
    for item in range(len(ways)):
        if ways[item] == 1:
            second[item] = -1.0
        else:
            free += 1
            second[item] *= 1.0 + noise * next_random(state)
    return free


@compiled
def explore(
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], room: np.ndarray,
    tables: tuple[np.ndarray, np.ndarray], goal: float, alive: np.ndarray, paid: np.ndarray,
    branch: np.ndarray, depth: int, turns: int, steps: int, noise: float, state: np.ndarray,
    most: int,
) -> tuple[int, int]:  # fmt: skip
    """
    Go on with the search for a plan below the goal.

    Parameters
    ----------
    arcs, room, tables
        Arcs sorted by rep, limits (m,), and room for two tables of a knapsack.
    alive, paid
        (D, A) open arcs and (D, N) payments of the node at each depth; the one at ``depth`` is
        looked at next.
    branch
        (D,) arc that the node below each depth has been given.
    turns
        Of raising a node's bound and closing arcs, as long as that closes many.
    steps
        Steps in which the free items are fixed, about: many free items are fixed several at once.
    noise, state
        Share by which the order of items is shaken, and the random numbers.
    most
        Work to do before it pauses.

    Returns
    -------
    tuple
        The depth to go on with, -1 where there is no such plan, and ``-2 - depth`` where the open
        arcs at that depth are one; the work done.
    """
    items = arcs[1]
    count = paid.shape[1]
    ways, arc = np.empty(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    best, second, more = np.empty(count), np.empty(count), np.empty(len(items))
    work = 0
    while work < most:
        found, done = close_arcs(
            paid[depth], arcs, alive[depth], ways, room, tables, more, goal, _ROUNDS, _LENGTH,
            turns,
        )  # fmt: skip
        work += done + len(items)
        if found == DONE:
            return -2 - depth, work
        if found == CLOSED:
            depth -= 1
            if depth < 0:
                return -1, work
            alive[depth, branch[depth]] = False  # the other branch: the item goes elsewhere
            continue
        free = _rank(items, alive[depth], ways, more, noise, state, best, second, arc)
        for _ in range(max(1, free // steps)):
            item = np.argmax(second)
            second[item] = -1.0
            branch[depth] = arc[item]
            alive[depth + 1], paid[depth + 1] = alive[depth], paid[depth]
            for other in range(len(items)):
                if items[other] == item and other != arc[item]:
                    alive[depth + 1, other] = False
            depth += 1
    return depth, work
