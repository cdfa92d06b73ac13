"""
What can change inside a group of territories: its items, their best arcs, and the flips from these.

A flip takes an item from its best arc inside the group to another one. Regrets may be shaken: by a
random factor, or by Gumbel noise of a given heat, which makes the plan that is then the cheapest a
sample of all plans at that temperature (Papandreou and Yuille 2011).
"""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled
from planlib.territories.engine.group_kernels import next_random, phi, potential
from planlib.xorshift import mixed

#: Gumbel noise at the middles of 4,096 equal shares of its distribution.
_GUMBEL = -np.log(-np.log((np.arange(4096) + 0.5) / 4096))

Scratch = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@compiled
def make_scratch(item_limit: int, members: int, reps: int, measures: int, budgets: int) -> Scratch:
    """
    Make the working arrays of one thread.

    Whole numbers, numbers, loads, what is spent, and the place of each territory in the group.
    """
    many = 8 * item_limit + 256
    return (
        np.empty((9, many), dtype=np.int64),
        np.empty((3, many)),
        np.empty((members + 1, max(measures, 1))),
        np.empty(budgets),
        np.full(reps, -1, dtype=np.int64),
    )


@compiled
def shaken(value: float, arc: int, draw: tuple[int, float, float]) -> float:
    """
    Give a regret with noise, by arc and round.

    ``draw`` is the number of the round, a share (the regret is multiplied by a factor between 1
    less and 1 more), and a heat (Gumbel noise of this scale is added); one of them is 0.
    """
    number, share, heat = draw
    if share == 0.0 and heat == 0.0:
        return value
    x = mixed(arc, number)
    if heat > 0.0:
        return value - heat * float(_GUMBEL[x >> np.uint64(52)])
    one = float(x >> np.uint64(11)) / 9007199254740992.0
    return value * (1.0 + share * (2.0 * one - 1.0))


@compiled
def gather(
    members: np.ndarray,
    mark: int,
    item_limit: int,
    draw: tuple[int, float, float],
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    into: tuple[np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    purse: tuple[np.ndarray, np.ndarray, np.ndarray],
    current: np.ndarray,
    loads: np.ndarray,
    stamp: np.ndarray,
    state: np.ndarray,
    scratch: Scratch,
) -> tuple[int, int, float]:
    """
    Fill the scratch arrays with what can change inside a group.

    ``scratch[0]`` rows: items, their best arcs; of flips the arc, the place of its item, the best
    arc, the members it leaves and joins. ``scratch[1]`` rows: of flips the regret and the change
    of cost inside the limits. ``scratch[2]``: loads of the members with all items at their best;
    ``scratch[3]``: what that takes from the budgets.

    Returns
    -------
    tuple
        Items, flips, and the regrets and potential of the plan at hand above these items' best.
    """
    start, item_of, rep, regret, load, stake = arcs
    lower, upper, price, penalty = bounds
    room, budget_price, dear = purse
    whole, real, local, spent, slot = scratch
    measures, budgets, size = load.shape[1], stake.shape[1], len(members)
    seen, seen_base, seen_key = whole[7], whole[8], real[2]
    for s in range(size):
        slot[members[s]] = s
    before, is_outside = 0.0, False
    for s in range(size):
        for k in range(measures):
            x = loads[members[s], k]
            local[s, k] = x
            is_outside |= x > upper[members[s], k] or x < lower[members[s], k]
        before += potential(members[s], local[s], lower, upper, price, penalty)
    count = _collect(members, mark, draw, arcs, into, (current, stamp, state), scratch)
    if is_outside:  # what is cheap of itself may be of no help
        _prefer(members, count, arcs, bounds, current, scratch)
    order = np.argsort(seen_key[:count])
    count = min(count, item_limit)
    spent[:] = 0.0
    flips, many = 0, whole.shape[1]
    for c in range(count):
        i, b = seen[order[c]], seen_base[order[c]]
        whole[0, c], whole[1, c] = i, b
        now = current[i]
        home, was = slot[rep[b]], slot[rep[now]]
        least = shaken(regret[b], b, draw)
        if now != b:
            before += shaken(regret[now], now, draw) - least
            for k in range(measures):
                local[was, k] -= load[now, k]
                local[home, k] += load[b, k]
            for g in range(budgets):
                spent[g] += stake[b, g] - stake[now, g]
        for a in range(start[i], start[i + 1]):
            s = slot[rep[a]]
            if s < 0 or s == home or flips == many:
                continue
            key = shaken(regret[a], a, draw) - least
            raw = key
            for k in range(measures):
                raw += price[members[home], k] * load[b, k]
                raw -= price[members[s], k] * load[a, k]
            for g in range(budgets):
                raw -= budget_price[g] * (stake[a, g] - stake[b, g])
            real[0, flips], real[1, flips] = key, raw
            whole[2, flips], whole[3, flips], whole[4, flips] = a, c, b
            whole[5, flips], whole[6, flips] = home, s
            flips += 1
    for s in range(size):
        slot[members[s]] = -1
    for g in range(budgets):
        before += dear[g] * max(0.0, -room[g])
    return count, flips, before


@compiled
def _collect(
    members: np.ndarray,
    mark: int,
    draw: tuple[int, float, float],
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    into: tuple[np.ndarray, np.ndarray],
    plan: tuple[np.ndarray, np.ndarray, np.ndarray],
    scratch: Scratch,
) -> int:
    """Find the items that can change, with their best arcs and how near the second best is."""
    start, item_of, rep, regret = arcs[0], arcs[1], arcs[2], arcs[3]
    current, stamp, state = plan
    seen, base, key, slot = scratch[0][7], scratch[0][8], scratch[1][2], scratch[4]
    wide, count = scratch[0].shape[1] // 2, 0
    for j in members:
        for position in range(into[0][j], into[0][j + 1]):
            i = item_of[into[1][position]]
            if stamp[i] == mark or slot[rep[current[i]]] < 0 or count == wide:
                continue
            stamp[i] = mark
            first, second, least = np.inf, np.inf, -1
            for a in range(start[i], start[i + 1]):
                if slot[rep[a]] < 0:
                    continue
                value = shaken(regret[a], a, draw)
                if value < first or (value == first and a == current[i]):
                    first, second, least = value, first, a
                elif value < second:
                    second = value
            seen[count], base[count] = i, least
            key[count] = (second - first) * (1.0 + next_random(state))
            if current[i] != least:
                key[count] = -1.0
            count += 1
    return count


@compiled
def _prefer(
    members: np.ndarray,
    count: int,
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    current: np.ndarray,
    scratch: Scratch,
) -> None:
    """Put first the items of which one change alone lowers the potential, by how much it does."""
    start, _, rep, regret, load, _ = arcs
    lower, upper, price, penalty = bounds
    seen, key, local, slot = scratch[0][7], scratch[1][2], scratch[2], scratch[4]
    for c in range(count):
        now, best = current[seen[c]], 0.0
        was = slot[rep[now]]
        left = -regret[now]
        for k in range(load.shape[1]):
            x, j = local[was, k], members[was]
            left += phi(x - load[now, k], j, k, lower, upper, price, penalty)
            left -= phi(x, j, k, lower, upper, price, penalty)
        for a in range(start[seen[c]], start[seen[c] + 1]):
            s = slot[rep[a]]
            if s < 0 or s == was:
                continue
            change = left + regret[a]
            for k in range(load.shape[1]):
                x, j = local[s, k], members[s]
                change += phi(x + load[a, k], j, k, lower, upper, price, penalty)
                change -= phi(x, j, k, lower, upper, price, penalty)
            best = min(best, change)
        if best < 0.0:
            key[c] = best - 1.0  # before those that are not with their best: -1


@compiled
def take(
    count: int,
    chosen: np.ndarray,
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    current: np.ndarray,
    loads: np.ndarray,
    scratch: Scratch,
) -> None:
    """
    Give the items of a group their best arcs, but those of the chosen flips these.

    ``scratch[3]`` is then what that takes from the budgets beyond what the plan at hand took.
    """
    rep, load, stake = arcs[2], arcs[4], arcs[5]
    whole, spent = scratch[0], scratch[3]
    spent[:] = 0.0
    for f in chosen:
        whole[1, whole[3, f]] = whole[2, f]
    for c in range(count):
        old, new = current[whole[0, c]], whole[1, c]
        if old != new:
            for k in range(load.shape[1]):
                loads[rep[old], k] -= load[old, k]
                loads[rep[new], k] += load[new, k]
            for g in range(stake.shape[1]):
                spent[g] += stake[new, g] - stake[old, g]
            current[whole[0, c]] = new
