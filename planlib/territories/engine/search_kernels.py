"""
Inner loops of the search: groups of territories, and the enumeration of flips inside a group.

The search lowers the potential ``F = sum of regrets + sum of phi`` where ``phi`` of a territory
and measure is its price times the distance of its load from the priced limit, plus a penalty for
what is outside the limits. While nothing is outside, ``cost = bound + F`` exactly.
"""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled
from planlib.territories.engine.gather_kernels import Scratch, gather, make_scratch, take
from planlib.territories.engine.group_kernels import (
    make_groups,
    next_random,
    potential,
    start_random,
    unavoidable,
)
from planlib.territories.engine.meet_kernels import make_halves, sample_group

_DEEPEN = 1.7  # growth of the threshold from one enumeration to the next
_DEPTH = 40  # flips that one enumeration may combine
_EPSILON = 1e-12


@compiled
def improve_group(
    members: np.ndarray,
    seed: tuple[int, int],
    limits: tuple[int, int, float, float],
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    into: tuple[np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    purse: tuple[np.ndarray, np.ndarray, np.ndarray],
    conserved: bool,
    current: np.ndarray,
    loads: np.ndarray,
    stamp: np.ndarray,
    state: np.ndarray,
    scratch: Scratch,
) -> int:
    """
    Improve the plan inside one group by enumeration of flips; see ``improve_rounds``.

    ``seed`` is the number of the round (for shaken regrets) and the mark (for ``stamp``). Gives
    the nodes visited.
    """
    lower, upper, price, penalty = bounds
    node_limit, item_limit, noise, heat = limits
    room, budget_price, budget_dear = purse
    load, stake = arcs[4], arcs[5]
    whole, real, local, spent, _ = scratch
    size, measures, budgets = len(members), load.shape[1], stake.shape[1]
    count, flips, before = gather(
        members, seed[1], item_limit, (seed[0], noise, 0.0), arcs, into, bounds, purse,
        current, loads, stamp, state, scratch,
    )  # fmt: skip
    if count == 0:
        return 100
    flip_arc, flip_item, flip_base = whole[2], whole[3], whole[4]
    flip_from, flip_to = whole[5], whole[6]
    flip_key, flip_raw = real[0], real[1]
    used_item = np.zeros(count, dtype=np.bool_)
    low, high, dear = np.empty((3, size, measures))
    phi = np.zeros(size)
    sums, phis = np.empty((2, _DEPTH + 1))
    path, best_path = np.empty((2, _DEPTH), dtype=np.int64)
    kept = np.empty((_DEPTH + 1, 2))
    ranked = np.argsort(flip_key[:flips])
    floor = 0.0
    if conserved:
        total = local[size]
        for k in range(measures):
            total[k] = 0.0
            for s in range(size):
                total[k] += local[s, k]
        floor = unavoidable(members, total, lower, upper, price, penalty)
    now_phi = 0.0
    for s in range(size):
        now_phi += potential(members[s], local[s], lower, upper, price, penalty)
        for k in range(measures):
            low[s, k], high[s, k] = lower[members[s], k], upper[members[s], k]
            dear[s, k] = penalty[members[s], k]
            phi[s] += dear[s, k] * max(0.0, local[s, k] - high[s, k], low[s, k] - local[s, k])
    over = 0.0
    for g in range(budgets):
        now_phi -= budget_price[g] * spent[g]
        over += budget_dear[g] * max(0.0, spent[g] - room[g])
    best, depth_of_best = before - _EPSILON * (1.0 + abs(before)), -1
    if now_phi + over < best:
        best, depth_of_best = now_phi + over, 0
    # enumerate subsets of flips, by a threshold on their regret that grows
    nodes = 0
    threshold = 0.05 * (best - floor)
    if flips > 0:
        threshold = max(threshold, flip_key[ranked[min(flips - 1, 8)]])
    while flips > 0 and nodes < node_limit:
        ceiling = min(threshold, best - floor)
        depth, at_flip = 0, 0
        sums[0], phis[0] = 0.0, now_phi
        while True:
            down = False
            if nodes < node_limit and depth < _DEPTH - 1:
                while at_flip < flips:
                    f = ranked[at_flip]
                    if sums[depth] + flip_key[f] >= ceiling:
                        at_flip = flips
                        break
                    if not used_item[flip_item[f]]:
                        down = True
                        break
                    at_flip += 1
            if not down:
                if depth == 0:
                    break
                depth -= 1
                at_flip = path[depth]
                f = ranked[at_flip]
                a, b, s, t = flip_arc[f], flip_base[f], flip_from[f], flip_to[f]
                for k in range(measures):
                    local[s, k] += load[b, k]
                    local[t, k] -= load[a, k]
                for g in range(budgets):
                    spent[g] -= stake[a, g] - stake[b, g]
                phi[s], phi[t] = kept[depth, 0], kept[depth, 1]
                used_item[flip_item[f]] = False
                at_flip += 1
                continue
            f = ranked[at_flip]
            a, b, s, t = flip_arc[f], flip_base[f], flip_from[f], flip_to[f]
            nodes += 1
            outside_from, outside_to = 0.0, 0.0
            for k in range(measures):
                x = local[s, k] - load[b, k]
                local[s, k] = x
                outside_from += dear[s, k] * max(0.0, x - high[s, k], low[s, k] - x)
                x = local[t, k] + load[a, k]
                local[t, k] = x
                outside_to += dear[t, k] * max(0.0, x - high[t, k], low[t, k] - x)
            for g in range(budgets):
                spent[g] += stake[a, g] - stake[b, g]
            kept[depth, 0], kept[depth, 1] = phi[s], phi[t]
            phis[depth + 1] = (
                phis[depth] + flip_raw[f] + outside_from + outside_to - phi[s] - phi[t]
            )
            phi[s], phi[t] = outside_from, outside_to
            sums[depth + 1] = sums[depth] + flip_key[f]
            used_item[flip_item[f]] = True
            path[depth] = at_flip
            depth += 1
            at_flip += 1
            if phis[depth] < best:
                over = 0.0
                for g in range(budgets):
                    over += budget_dear[g] * max(0.0, spent[g] - room[g])
                if phis[depth] + over < best:
                    best, depth_of_best = phis[depth] + over, depth
                    best_path[:depth] = path[:depth]
                    ceiling = min(ceiling, best - floor)
        if threshold >= best - floor:
            break
        threshold *= _DEEPEN
    if depth_of_best >= 0:
        take(count, ranked[best_path[:depth_of_best]], arcs, current, loads, scratch)
    else:
        spent[:] = 0.0
    return nodes + 10 * count + 100


@compiled
def _settle(
    members: np.ndarray,
    seed: tuple[int, int],
    limits: tuple[int, int, float, float],
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    into: tuple[np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    purse: tuple[np.ndarray, np.ndarray, np.ndarray],
    conserved: bool,
    current: np.ndarray,
    loads: np.ndarray,
    stamp: np.ndarray,
    state: np.ndarray,
    scratch: Scratch,
    halves: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> int:
    """Sample the plan of one group where there is heat, else improve it."""
    if limits[3] > 0.0:
        return sample_group(
            members, seed, limits, arcs, into, bounds, purse, conserved, current, loads, stamp,
            state, scratch, halves,
        )  # fmt: skip
    return improve_group(
        members, seed, limits, arcs, into, bounds, purse, conserved, current, loads, stamp, state,
        scratch,
    )  # fmt: skip


@compiled
def improve_rounds(
    rounds: tuple[int, int],
    sizes: np.ndarray,
    seed: int,
    limits: tuple[int, int, float, float],
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    into: tuple[np.ndarray, np.ndarray],
    links: tuple[np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    purse: tuple[np.ndarray, np.ndarray, np.ndarray],
    conserved: bool,
    drawn: tuple[np.ndarray, np.ndarray],
    current: np.ndarray,
    loads: np.ndarray,
    stamp: np.ndarray,
) -> int:
    """
    Draw disjoint groups of territories and improve the plan inside each, round after round.

    Parameters
    ----------
    rounds
        Number of the first round, and the one behind the last.
    sizes
        Territories of a group, in turn.
    seed
        Of the groups and of the noise.
    limits
        Nodes of an enumeration, items that take part, share by which regrets are shaken, and the
        heat at which plans within the limits are sampled instead (0: they are improved).
    arcs
        ``start``, ``item``, ``rep``, ``regret``, ``load`` (A, K), ``stake`` (A, G).
    into
        First of the arcs into each rep, and these arcs: those that are not their item's best.
    links
        Neighbours of each territory, and their cumulative odds.
    bounds
        ``lower``, ``upper``, ``price``, ``penalty``, each (m, K).
    purse
        What all groups may take from the budgets beyond what they take now, their prices, and the
        penalties for what is over, (G,) each.
    conserved
        Whether loads do not depend on the rep.
    drawn
        (m,) the territories that may be drawn, and those of them that a group may begin with. Calls
        for others may run at the same time.
    current, loads
        Arc of each item and loads (m, K); changed in place.
    stamp
        (N,) int64 scratch, only for this call.

    Returns
    -------
    int
        Nodes visited.
    """
    measures, budgets = arcs[4].shape[1], arcs[5].shape[1]
    scratch = make_scratch(limits[1], 8, len(loads), measures, budgets)
    halves = make_halves(limits[0], 8 * measures + budgets)
    state = np.empty(1, dtype=np.uint64)
    inside, order = drawn[0], np.flatnonzero(drawn[1])
    groups = np.empty((len(order), 8), dtype=np.int64)
    room = purse[0].copy()
    visited = 0
    for number in range(rounds[0], rounds[1]):
        start_random(state, seed, number)
        for j in range(len(order) - 1, 0, -1):
            other = int(next_random(state) * (j + 1))
            order[j], order[other] = order[other], order[j]
        size = sizes[number % len(sizes)]
        count = make_groups(state, size, links[0], links[1], order, inside, groups)
        for at in range(count):
            size = 0
            while size < groups.shape[1] and groups[at, size] >= 0:
                size += 1
            visited += _settle(
                groups[at, :size], (seed + number, number * 65536 + at), limits, arcs, into,
                bounds, (room, purse[1], purse[2]), conserved, current, loads, stamp, state,
                scratch, halves,
            )  # fmt: skip
            for g in range(budgets):
                room[g] -= scratch[3][g]
    return visited
