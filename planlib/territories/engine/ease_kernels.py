"""
Inner loops that bring a territory nearer to its limits by exchanges with any others.

A move gives one item away, takes one, or both. Where each rep could have items of hundreds of
others, most that help are not between the few territories of a group.
"""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled
from planlib.territories.engine.mend_kernels import INSIDE, hand_over, outside, outside_with

_NONE = -1  # no arc: nothing is given, or nothing taken


@compiled
def _harmless(
    j: int,
    into: np.ndarray,
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray],
    current: np.ndarray,
    loads: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Give the arcs out of a territory, and into it, that bring no other farther outside."""
    lower, upper = bounds
    start, item, rep, load = arcs[0], arcs[1], arcs[2], arcs[4]
    outs = [a for a in into[:0]]
    for i in range(len(current)):
        if rep[current[i]] != j:
            continue
        for a in range(start[i], start[i + 1]):
            t = rep[a]
            if t != j:
                after = outside_with(t, a, 1.0, load, loads, bounds)
                if after <= outside(t, loads, lower, upper) + INSIDE:
                    outs.append(a)
    ins = [a for a in into[:0]]
    for a in into:
        b = current[item[a]]
        s = rep[b]
        if s != j:
            after = outside_with(s, b, -1.0, load, loads, bounds)
            if after <= outside(s, loads, lower, upper) + INSIDE:
                ins.append(a)
    return np.array(outs), np.array(ins)


@compiled
def _moves(
    some: np.ndarray,
    most: int,
    comes: bool,  # noqa: FBT001
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    current: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the cheapest of some arcs after that of no change, their costs and what they bring."""
    item, cost, load = arcs[1], arcs[3], arcs[4]
    change = cost[some] - cost[current[item[some]]]
    chosen = np.argsort(change, kind="mergesort")[:most]
    count = len(chosen) + 1
    arc, price = np.full(count, _NONE, dtype=np.int64), np.zeros(count)
    brought = np.zeros((count, load.shape[1]))
    for at in range(1, count):
        a = some[chosen[at - 1]]
        arc[at], price[at] = a, change[chosen[at - 1]]
        for k in range(load.shape[1]):
            brought[at, k] = load[a, k] if comes else -load[current[item[a]], k]
    return arc, price, brought


@compiled
def _is_fit(
    a: int,
    b: int,
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    purse: tuple[np.ndarray, np.ndarray],
    current: np.ndarray,
) -> bool:
    """Tell whether what is given may go beside what is taken: other partners, and the budgets."""
    item, rep, stake = arcs[1], arcs[2], arcs[5]
    budget, used = purse
    if a != _NONE and b != _NONE and rep[a] == rep[current[item[b]]]:
        return False
    for g in range(len(budget)):
        more = 0.0
        for one in (a, b):
            if one != _NONE:
                more += stake[one, g] - stake[current[item[one]], g]
        if more > 0.0 and used[g] + more > budget[g]:
            return False
    return True


@compiled
def ease_territory(
    j: int,
    into: np.ndarray,
    most: int,
    base: float,
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray],
    purse: tuple[np.ndarray, np.ndarray],
    current: np.ndarray,
    loads: np.ndarray,
) -> int:
    """
    Bring a territory nearer to its limits, for as long as a move does.

    No other territory may be farther outside than before, and no budget be exceeded by it. The
    move that costs least for what it relieves comes first.

    Parameters
    ----------
    j
        The territory.
    into
        All arcs into it.
    most
        Arcs out, and arcs in, that moves are made of: the cheapest.
    base
        Cost of a usual change; it counts beside what a move costs.
    arcs
        ``start``, ``item``, ``rep``, ``cost``, ``load`` (A, K), ``stake`` (A, G).
    bounds, purse
        ``lower`` and ``upper`` (m, K); ``budget`` and ``used`` (G,), the latter changed.
    current, loads
        Arc of each item and loads (m, K); changed.

    Returns
    -------
    int
        Moves made.
    """
    lower, upper = bounds
    item, rep, load, stake = arcs[1], arcs[2], arcs[4], arcs[5]
    made = 0
    while True:
        now = outside(j, loads, lower, upper)
        if now <= INSIDE:
            return made
        outs, ins = _harmless(j, into, arcs, bounds, current, loads)
        given, saved, less = _moves(outs, most, False, arcs, current)
        taken, spent, more = _moves(ins, most, True, arcs, current)
        best, first, second = np.inf, _NONE, _NONE
        for x in range(len(given)):
            for y in range(len(taken)):
                left = 0.0
                for k in range(loads.shape[1]):
                    after = loads[j, k] + less[x, k] + more[y, k]
                    left += max(0.0, after - upper[j, k], lower[j, k] - after)
                if left >= now - INSIDE:
                    continue
                score = (max(saved[x] + spent[y], 0.0) + base) / (now - left)
                if score < best and _is_fit(given[x], taken[y], arcs, purse, current):
                    best, first, second = score, given[x], taken[y]
        if first == _NONE and second == _NONE:
            return made
        for a in (first, second):
            if a != _NONE:
                hand_over(a, current[item[a]], 1.0, rep, load, stake, loads, purse[1])
                current[item[a]] = a
        made += 1
