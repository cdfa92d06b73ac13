"""
Inner loops of the knapsack bound: one knapsack for each rep, by dynamic programming.

With a payment for each item that is served, every rep takes the set of items within its limit that
pays best (Ross and Soland 1975; Fisher, Jaikumar and Van Wassenhove 1986). Tables from the first
item on and from the last item back together say what a rep loses with any item forced in or out.

Arcs are sorted by rep: ``start`` (m + 1,), then ``item``, ``cost``, ``size`` (A,). ``alive`` (A,)
are those that are still open, and ``ways`` (N,) how many each item has; an item with a single one
is with that rep in every plan.
"""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled

_BLEND = 0.7  # share of the newest direction in a step
_PATIENCE = 12  # steps without gain until they become shorter
_SHORTER = 0.6
_SHORTEST = 1e-3  # length of a step at which the search ends
_NEVER = 1e300


@compiled
def fill_table(
    gain: np.ndarray, size: np.ndarray, room: int, table: np.ndarray, backward: bool
) -> int:
    """
    Fill in the most that the first items (or the last ones) earn within each limit up to ``room``.

    ``table`` (q + 1, room + 1 or more): row k is for k items. Gives the entries that were filled.
    """
    q = len(gain)
    for w in range(room + 1):
        table[0, w] = 0.0
    for k in range(q):
        at = q - 1 - k if backward else k
        one, need = gain[at], size[at]
        before, after = table[k], table[k + 1]
        for w in range(min(need, room + 1)):
            after[w] = before[w]
        for w in range(need, room + 1):
            after[w] = max(before[w], before[w - need] + one)
    return (q + 1) * (room + 1)


@compiled
def _choose(
    rep: int, paid: np.ndarray, arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    alive: np.ndarray, ways: np.ndarray, room: int, chosen: np.ndarray, gain: np.ndarray,
    need: np.ndarray,
) -> tuple[int, int, float]:  # fmt: skip
    """
    Gather the arcs that would earn a rep something.

    Gives how many they are, the room that is left beside the items it must have (negative where
    there is none), and what these earn.
    """
    start, items, cost, size = arcs
    earned = 0.0
    for at in range(start[rep], start[rep + 1]):
        if alive[at] and ways[items[at]] == 1:
            room -= size[at]
            earned += paid[items[at]] - cost[at]
    q = 0
    for at in range(start[rep], start[rep + 1]):
        item = items[at]
        value = paid[item] - cost[at]
        if alive[at] and ways[item] > 1 and value > 0.0 and size[at] <= room:
            chosen[q], gain[q], need[q] = at, value, size[at]
            q += 1
    return q, room, earned


@compiled
def knapsack_bound(
    paid: np.ndarray, arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    alive: np.ndarray, ways: np.ndarray, room: np.ndarray, table: np.ndarray, slope: np.ndarray,
) -> tuple[float, int]:  # fmt: skip
    """
    Give the bound of some payments for items, and the work done; huge where no plan is possible.

    Fills ``slope`` (N,): 1 minus the number of reps that take an item.
    """
    start, items = arcs[0], arcs[1]
    count = len(paid)
    chosen = np.empty(count, dtype=np.int64)
    gain, need = np.empty(count), np.empty(count, dtype=np.int64)
    total, work = 0.0, 0
    for item in range(count):
        total += paid[item]
        slope[item] = 0.0 if ways[item] == 1 else 1.0
    for rep in range(len(room)):
        q, left, earned = _choose(rep, paid, arcs, alive, ways, room[rep], chosen, gain, need)
        if left < 0:
            return _NEVER, work
        work += fill_table(gain[:q], need[:q], left, table, False) + start[rep + 1] - start[rep]
        total -= table[q, left] + earned
        for k in range(q - 1, -1, -1):
            if table[k + 1, left] > table[k, left]:
                slope[items[chosen[k]]] -= 1.0
                left -= need[k]
    return total, work


@compiled
def climb(
    paid: np.ndarray, arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    alive: np.ndarray, ways: np.ndarray, room: np.ndarray, table: np.ndarray, goal: float,
    rounds: int, length: float,
) -> tuple[float, int]:  # fmt: skip
    """
    Raise the bound by subgradients, steps after Polyak (1969); ``paid`` (N,) is set to the best.

    Ends once the bound exceeds ``goal``. Gives the best bound and the work done.
    """
    count = len(paid)
    slope, way, here = np.empty(count), np.zeros(count), paid.copy()
    best, work, idle = -np.inf, 0, 0
    for turn in range(rounds):
        value, done = knapsack_bound(here, arcs, alive, ways, room, table, slope)
        work += done
        if turn == 0 or value > best:
            idle = 0 if turn == 0 or value > best + 0.01 * (goal - best) else idle + 1
            best = value
            paid[:] = here
        else:
            idle += 1
        if best > goal:
            break
        if idle >= _PATIENCE:
            length, idle = length * _SHORTER, 0
            here[:] = paid
            if length < _SHORTEST:
                break
            continue
        norm = 0.0
        for item in range(count):
            way[item] = _BLEND * slope[item] + (1.0 - _BLEND) * way[item]
            norm += way[item] * way[item]
        if norm < 1e-12:
            break
        step = length * (goal - value) / norm
        for item in range(count):
            here[item] += step * way[item]
    return best, work


@compiled
def penalties(
    paid: np.ndarray, arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    alive: np.ndarray, ways: np.ndarray, room: np.ndarray, tables: tuple[np.ndarray, np.ndarray],
    more: np.ndarray,
) -> tuple[float, int]:  # fmt: skip
    """
    Give the bound, and the work done; fill in how far each arc raises it in every plan that has it.

    ``more`` (A,): what the rep loses with the item forced in, and what the others lose who have to
    do without it; infinite where the item exceeds what room there is.
    """
    start, items, _, size = arcs
    cost = arcs[2]
    count = len(paid)
    chosen = np.empty(count, dtype=np.int64)
    gain, need = np.empty(count), np.empty(count, dtype=np.int64)
    out, without = np.zeros(count), np.zeros(len(items))
    first, last = tables
    total, work = paid.sum(), 0
    for rep in range(len(room)):
        q, wide, earned = _choose(rep, paid, arcs, alive, ways, room[rep], chosen, gain, need)
        if wide < 0:
            return _NEVER, work
        work += fill_table(gain[:q], need[:q], wide, first, False)
        work += fill_table(gain[:q], need[:q], wide, last, True)
        top = first[q, wide]
        total -= top + earned
        for at in range(start[rep], start[rep + 1]):
            more[at] = np.inf
            if ways[items[at]] == 1:
                more[at] = 0.0
            elif alive[at] and size[at] <= wide:
                more[at] = top - first[q, wide - size[at]] - (paid[items[at]] - cost[at])
        for k in range(q):
            at, rest, here = chosen[k], last[q - 1 - k], first[k]
            left_in, left_out = -np.inf, -np.inf
            for w in range(wide + 1):
                left_out = max(left_out, here[w] + rest[wide - w])
            for w in range(wide - need[k] + 1):
                left_in = max(left_in, here[w] + rest[wide - need[k] - w])
            more[at] = max(top - left_in - gain[k], 0.0)
            without[at] = max(top - left_out, 0.0)
            out[items[at]] += without[at]
        work += q * wide
    for at in range(len(items)):
        more[at] += out[items[at]] - without[at]
    return total, work
