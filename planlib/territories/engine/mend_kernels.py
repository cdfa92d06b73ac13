"""
Inner loops that mend a plan: few cheap changes that bring one territory within limits.

A change hands an item over to another rep. Every change of a chain concerns the territory that is
then farthest outside, so chains stay short; the last change of a chain is looked for among all
that there are, the ones before it among the most promising.
"""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled

INSIDE = 1e-12


@compiled
def outside(j: int, loads: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
    """Give by how much the loads of a territory, a row of (m, K), are outside its limits."""
    total = 0.0
    for k in range(loads.shape[1]):
        total += max(0.0, loads[j, k] - upper[j, k], lower[j, k] - loads[j, k])
    return total


@compiled
def outside_with(
    j: int, arc: int, sign: float, load: np.ndarray, loads: np.ndarray,
    bounds: tuple[np.ndarray, np.ndarray],
) -> float:  # fmt: skip
    """Give the same with the load of an arc added or taken away."""
    lower, upper = bounds
    total = 0.0
    for k in range(loads.shape[1]):
        x = loads[j, k] + sign * load[arc, k]
        total += max(0.0, x - upper[j, k], lower[j, k] - x)
    return total


@compiled
def hand_over(
    a: int, b: int, sign: float, rep: np.ndarray, load: np.ndarray, stake: np.ndarray,
    loads: np.ndarray, used: np.ndarray,
) -> None:  # fmt: skip
    """Bring an item from arc ``b`` to arc ``a``, or back with a negative sign."""
    for k in range(loads.shape[1]):
        loads[rep[b], k] -= sign * load[b, k]
        loads[rep[a], k] += sign * load[a, k]
    for g in range(len(used)):
        used[g] += sign * (stake[a, g] - stake[b, g])


@compiled
def _flips(
    v: int,
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    own: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    moved: np.ndarray,
    depth: int,
    found: np.ndarray,
) -> int:
    """Write down the arcs by which an item leaves or enters a territory; give their number."""
    start, item, rep = arcs[0], arcs[1], arcs[2]
    begin, member, into_start, into = own[0], own[1], own[2], own[3]
    count = 0
    for at in range(begin[v], begin[v + 1]):
        i = member[at]
        taken = False
        for d in range(depth):
            taken |= moved[d] == i
        if taken:
            continue
        for a in range(start[i], start[i + 1]):
            if rep[a] != v and count < len(found):
                found[count] = a
                count += 1
    for at in range(into_start[v], into_start[v + 1]):
        i = item[into[at]]
        taken = False
        for d in range(depth):
            taken |= moved[d] == i
        if not taken and count < len(found):
            found[count] = into[at]
            count += 1
    return count


@compiled
def mend_territory(
    j: int,
    left_over: float,
    widths: np.ndarray,
    nodes: int,
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    own: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray],
    purse: tuple[np.ndarray, np.ndarray],
    worth: tuple[float, float],
    current: np.ndarray,
    loads: np.ndarray,
    best_path: np.ndarray,
) -> tuple[float, int]:
    """
    Find the cheapest chain of changes of one length after which a territory is within limits.

    No other territory, and no budget, may be farther outside than before.

    Parameters
    ----------
    j
        The territory.
    left_over
        Share of what it is outside by that may be left.
    widths
        Changes that are followed at each place of the chain; the last place looks at all.
    nodes
        Changes looked at, about, after which the search ends.
    arcs
        ``start``, ``item``, ``rep``, ``cost``, ``load`` (A, K), ``stake`` (A, G).
    own
        First member of each territory, the items in this order; first arc into each rep, the arcs.
    bounds, purse
        ``lower`` and ``upper`` (m, K); ``budget`` and ``used`` (G,).
    worth
        What it is worth that another territory comes within limits; cost of a unit outside, by
        which changes are compared before the last.
    current, loads
        Arc of each item and loads (m, K); the same after the call.
    best_path
        Filled with the arcs of the chain.

    Returns
    -------
    tuple
        Cost of the chain less what other territories gain, infinite where there is none; changes
        looked at.
    """
    lower, upper = bounds
    budget, used = purse
    item, rep, cost, load, stake = arcs[1], arcs[2], arcs[3], arcs[4], arcs[5]
    m, depth = len(loads), len(widths)
    before = np.zeros(m)
    for t in range(m):
        before[t] = outside(t, loads, lower, upper)
    goal = before.copy()
    goal[j] = left_over * before[j]
    most = 40_000
    listed = np.empty((depth, most), dtype=np.int64)
    value = np.empty(most)
    counts = np.zeros(depth, dtype=np.int64)
    places = np.zeros(depth, dtype=np.int64)
    path, moved, back = np.empty((3, depth), dtype=np.int64)
    touched = np.empty(depth + 2, dtype=np.int64)
    spent = np.zeros(depth + 1)
    best, looked, level = np.inf, 0, 0
    forward = True
    while level >= 0:
        if forward:
            # the territories that this chain has changed, and those of them that are outside
            touched[0], many = j, 1
            for d in range(level):
                for t in (rep[path[d]], rep[back[d]]):
                    new = True
                    for at in range(many):
                        new &= touched[at] != t
                    if new and many < len(touched):
                        touched[many] = t
                        many += 1
            v, w, open_ones, farthest = j, -1, 0, -1.0
            for at in range(many):
                t = touched[at]
                far = outside(t, loads, lower, upper) - goal[t]
                if far > INSIDE:
                    open_ones += 1
                    if far > farthest:
                        w, v, farthest = (v if open_ones > 1 else -1), t, far
                    else:
                        w = t
            left = depth - level
            counts[level] = places[level] = 0
            # one change helps two territories at most
            if 0 < open_ones <= 2 * left:
                count = _flips(v, arcs, own, moved, level, listed[level])
                looked += count
                kept = 0
                for at in range(count):
                    a = listed[level, at]
                    b = current[item[a]]
                    s, t = rep[b], rep[a]
                    extra = spent[level] + cost[a] - cost[b]
                    if left == 1:
                        if open_ones == 2 and s != w and t != w:
                            continue
                        less = outside_with(s, b, -1.0, load, loads, bounds)
                        if less > goal[s] + INSIDE:
                            continue
                        more = outside_with(t, a, 1.0, load, loads, bounds)
                        if more > goal[t] + INSIDE:
                            continue
                        fits = True
                        for g in range(len(budget)):
                            after = used[g] + stake[a, g] - stake[b, g]
                            fits &= after <= budget[g] or after <= used[g]
                        if not fits:
                            continue
                        for at_touched in range(many):
                            u = touched[at_touched]
                            helped = u != s and u != t and u != j and before[u] > INSIDE
                            if helped and outside(u, loads, lower, upper) <= INSIDE:
                                extra -= worth[0]
                        if s != j and before[s] > INSIDE and less <= INSIDE:
                            extra -= worth[0]
                        if t != j and before[t] > INSIDE and more <= INSIDE:
                            extra -= worth[0]
                        if extra < best:
                            best = extra
                            for d in range(level):
                                best_path[d] = path[d]
                            best_path[level] = a
                    else:
                        less = outside_with(s, b, -1.0, load, loads, bounds) - goal[s]
                        more = outside_with(t, a, 1.0, load, loads, bounds) - goal[t]
                        gain = max(less, 0.0) + max(more, 0.0)
                        for u in (s, t):
                            gain -= max(outside(u, loads, lower, upper) - goal[u], 0.0)
                        listed[level, kept] = a
                        value[kept] = extra + worth[1] * gain
                        kept += 1
                if left > 1:
                    order = np.argsort(value[:kept], kind="mergesort")[: widths[level]]
                    chosen = listed[level, :kept][order].copy()
                    listed[level, : len(chosen)] = chosen
                    counts[level] = len(chosen)
        if places[level] >= counts[level] or looked > nodes:
            level -= 1
            if level >= 0:
                a, b = path[level], back[level]
                hand_over(a, b, -1.0, rep, load, stake, loads, used)
                current[item[a]] = b
            forward = False
            continue
        a = listed[level, places[level]]
        places[level] += 1
        b = current[item[a]]
        path[level], back[level], moved[level] = a, b, item[a]
        spent[level + 1] = spent[level] + cost[a] - cost[b]
        hand_over(a, b, 1.0, rep, load, stake, loads, used)
        current[item[a]] = a
        level += 1
        forward = True
    return best, looked
