"""
Inner loops of the search: groups of territories, and the enumeration of flips inside a group.

The search lowers the potential ``F = sum of regrets + sum of phi`` where ``phi`` of a territory
and measure is its price times the distance of its load from the priced limit, plus a penalty for
what is outside the limits. While nothing is outside, ``cost = bound + F`` exactly.
"""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled

_DEEPEN = 1.7  # growth of the threshold from one enumeration to the next
_DEPTH = 40  # flips that one enumeration may combine
_EPSILON = 1e-12


@compiled
def next_random(state: np.ndarray) -> float:
    """Give the next number in [0, 1) of a xorshift generator (Marsaglia 2003)."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return float(x >> np.uint64(11)) / 9007199254740992.0


@compiled
def start_random(state: np.ndarray, first: int, second: int) -> None:
    """Set a generator from two numbers, so that neighbours differ (splitmix64)."""
    x = np.uint64(first) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(second + 1)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    state[0] = x | np.uint64(1)


@compiled
def shaken(value: float, arc: int, round_seed: int, noise: float) -> float:
    """Give a regret times a random factor in [1 - noise, 1 + noise], by arc and round."""
    if noise == 0.0:
        return value
    x = np.uint64(arc) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(round_seed)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value * (1.0 + noise * (2.0 * (float(x >> np.uint64(11)) / 9007199254740992.0) - 1.0))


@compiled
def potential(
    j: int,
    load: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    price: np.ndarray,
    penalty: np.ndarray,
) -> float:
    """Give phi of one territory: ``load`` is its own (K,), the others are (m, K)."""
    total = 0.0
    for k in range(load.shape[0]):
        x, p = load[k], price[j, k]
        total += p * (upper[j, k] - x) if p > 0 else -p * (x - lower[j, k])
        if x > upper[j, k]:
            total += penalty[j, k] * (x - upper[j, k])
        elif x < lower[j, k]:
            total += penalty[j, k] * (lower[j, k] - x)
    return total


@compiled
def add_up(
    current: np.ndarray, rep: np.ndarray, load: np.ndarray, stake: np.ndarray,
    loads: np.ndarray, used: np.ndarray,
) -> None:  # fmt: skip
    """Add up the loads (m, K) and what is taken from budgets (G,) of a plan, from scratch."""
    loads[:] = 0.0
    used[:] = 0.0
    for i in range(len(current)):
        a = current[i]
        for k in range(load.shape[1]):
            loads[rep[a], k] += load[a, k]
        for g in range(stake.shape[1]):
            used[g] += stake[a, g]


@compiled
def make_groups(
    state: np.ndarray,
    size: int,
    neighbour: np.ndarray,
    odds: np.ndarray,
    order: np.ndarray,
    groups: np.ndarray,
) -> int:
    """
    Draw disjoint groups of neighbouring territories.

    ``neighbour`` (m, B) and ``odds`` (m, B), cumulative to 1; ``order`` (m,) seeds, first first;
    ``groups`` (m, S) is filled with territories, -1 behind the last. Gives the number of groups.
    """
    m, width = neighbour.shape
    taken = np.zeros(m, dtype=np.bool_)
    count = 0
    for at in range(m):
        first = order[at]
        if taken[first]:
            continue
        groups[count, 0] = first
        taken[first] = True
        filled = 1
        for _ in range(4 * size):
            if filled == size:
                break
            base = groups[count, int(next_random(state) * filled)]
            draw = next_random(state)
            other = -1
            for b in range(width):
                if draw < odds[base, b]:
                    other = neighbour[base, b]
                    break
            if other < 0 or taken[other]:
                continue
            groups[count, filled] = other
            taken[other] = True
            filled += 1
        for rest in range(filled, groups.shape[1]):
            groups[count, rest] = -1
        if filled > 1:
            count += 1
        else:
            taken[first] = False
    return count


@compiled
def unavoidable(
    members: np.ndarray, total: np.ndarray, lower: np.ndarray, upper: np.ndarray,
    price: np.ndarray, penalty: np.ndarray,
) -> float:  # fmt: skip
    """Give the least phi of a group whose loads sum to ``total`` (K,), however they are split."""
    least = 0.0
    for k in range(len(total)):
        priced, less, more = 0.0, np.inf, np.inf
        for j in members:
            p = price[j, k]
            if p > 0:
                priced += upper[j, k]
                less, more = min(less, p), min(more, penalty[j, k] - p)
            elif p < 0:
                priced += lower[j, k]
                less, more = min(less, penalty[j, k] + p), min(more, -p)
            else:
                less = more = 0.0
        gap = total[k] - priced
        least += gap * more if gap > 0 else -gap * less
    return least


@compiled
def make_scratch(item_limit: int, members: int, measures: int, budgets: int) -> tuple[
    np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray
]:  # fmt: skip
    """Make the working arrays of one thread: whole numbers, numbers, and flags."""
    wide, many = 4 * item_limit + 64, 8 * item_limit + 256
    return (
        np.empty((7, many), dtype=np.int64),
        np.empty((3, many)),
        np.empty(wide, dtype=np.bool_),
        np.empty((4 * members + 4, max(measures, 1))),
        np.empty((4, _DEPTH + members + budgets + 2)),
    )


@compiled
def improve_group(
    members: np.ndarray,
    seed: tuple[int, int],
    limits: tuple[int, int, float, float],
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    into: tuple[np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    room: np.ndarray,
    conserved: bool,
    current: np.ndarray,
    loads: np.ndarray,
    stamp: np.ndarray,
    state: np.ndarray,
    scratch: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> int:
    """
    Improve the plan inside one group by enumeration of flips; see ``improve``.

    ``seed`` is the number of the round (for shaken regrets) and the mark (for ``stamp``). Gives
    the nodes visited.
    """
    start, item_of, rep, regret, load, stake = arcs
    into_start, into_arcs = into
    lower, upper, price, penalty = bounds
    node_limit, item_limit, spread, noise = limits
    round_seed, mark = seed
    whole, real, used_item, local, lines = scratch
    measures, budgets = load.shape[1], stake.shape[1]
    size = len(members)
    wide, many = len(used_item), whole.shape[1]
    seen, base, flip_arc, flip_item = whole[0], whole[1], whole[2], whole[3]
    flip_base, flip_from, flip_to = whole[4], whole[5], whole[6]
    key, flip_key, flip_raw = real[0], real[1], real[2]
    low, high, dear = local[size + 1 :], local[2 * size + 1 :], local[3 * size + 1 :]
    sums, phis = lines[0], lines[1]
    phi = lines[2][: size]
    spent = lines[3][: budgets]
    path, best_path = np.empty(_DEPTH, dtype=np.int64), np.empty(_DEPTH, dtype=np.int64)
    kept = np.empty((_DEPTH + 1, 2))
    # items that can change inside the group, and the best of their arcs there
    count = 0
    for s in range(size):
        j = members[s]
        for position in range(into_start[j], into_start[j + 1]):
            i = item_of[into_arcs[position]]
            if stamp[i] == mark:
                continue
            here = rep[current[i]]
            inside = False
            for t in range(size):
                inside = inside or members[t] == here
            if not inside or count == wide:
                continue
            stamp[i] = mark
            first, second, least = np.inf, np.inf, -1
            for a in range(start[i], start[i + 1]):
                for t in range(size):
                    if members[t] == rep[a]:
                        value = shaken(regret[a], a, round_seed, noise)
                        if value < first or (value == first and a == current[i]):
                            first, second, least = value, first, a
                        elif value < second:
                            second = value
                        break
            seen[count], base[count] = i, least
            key[count] = (second - first) * (1.0 + spread * next_random(state))
            if current[i] != least:
                key[count] = -1.0
            count += 1
    if count == 0:
        return 100
    order = np.argsort(key[:count])
    count = min(count, item_limit)
    # loads with these items at their best, and the potential of the plan as it is
    before = 0.0
    for s in range(size):
        for k in range(measures):
            local[s, k] = loads[members[s], k]
        before += potential(members[s], local[s], lower, upper, price, penalty)
    for g in range(budgets):
        spent[g] = 0.0
    flips = 0
    for c in range(count):
        i, b = seen[order[c]], base[order[c]]
        now = current[i]
        used_item[c] = False
        home, was = 0, 0
        for s in range(size):
            if members[s] == rep[b]:
                home = s
            if members[s] == rep[now]:
                was = s
        lowest = shaken(regret[b], b, round_seed, noise)
        if now != b:
            before += shaken(regret[now], now, round_seed, noise) - lowest
            for k in range(measures):
                local[was, k] -= load[now, k]
                local[home, k] += load[b, k]
            for g in range(budgets):
                spent[g] += stake[b, g] - stake[now, g]
        for a in range(start[i], start[i + 1]):
            if a == b or flips == many:
                continue
            for s in range(size):
                if members[s] == rep[a] and s != home:
                    flip_key[flips] = shaken(regret[a], a, round_seed, noise) - lowest
                    raw = flip_key[flips]
                    for k in range(measures):
                        raw += price[members[home], k] * load[b, k]
                        raw -= price[members[s], k] * load[a, k]
                    flip_raw[flips] = raw
                    flip_arc[flips], flip_item[flips], flip_base[flips] = a, c, b
                    flip_from[flips], flip_to[flips] = home, s
                    flips += 1
                    break
    ranked = np.argsort(flip_key[:flips])
    floor = 0.0
    if conserved:
        total = local[size]
        for k in range(measures):
            total[k] = 0.0
            for s in range(size):
                total[k] += local[s, k]
        floor = unavoidable(members, total[:measures], lower, upper, price, penalty)
    now_phi = 0.0
    for s in range(size):
        now_phi += potential(members[s], local[s], lower, upper, price, penalty)
        phi[s] = 0.0
        for k in range(measures):
            low[s, k], high[s, k] = lower[members[s], k], upper[members[s], k]
            dear[s, k] = penalty[members[s], k]
            phi[s] += dear[s, k] * max(0.0, local[s, k] - high[s, k], low[s, k] - local[s, k])
    best, depth_of_best = before - _EPSILON * (1.0 + abs(before)), -1
    affordable = True
    for g in range(budgets):
        affordable = affordable and spent[g] <= room[g]
    if now_phi < best and affordable:
        best, depth_of_best = now_phi, 0
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
                affordable = True
                for g in range(budgets):
                    affordable = affordable and spent[g] <= room[g]
                if affordable:
                    best, depth_of_best = phis[depth], depth
                    best_path[:depth] = path[:depth]
                    ceiling = min(ceiling, best - floor)
        if threshold >= best - floor:
            break
        threshold *= _DEEPEN
    if depth_of_best < 0:
        return nodes + 10 * count + 100
    for c in range(count):
        i, b = seen[order[c]], base[order[c]]
        current[i] = _moved(current[i], b, rep, load, loads)
    for d in range(depth_of_best):
        f = ranked[best_path[d]]
        i = item_of[flip_arc[f]]
        current[i] = _moved(current[i], flip_arc[f], rep, load, loads)
    return nodes + 10 * count + 100


@compiled
def improve(
    span: tuple[int, int],
    groups: np.ndarray,
    round_seed: int,
    limits: tuple[int, int, float, float],
    arcs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    into: tuple[np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    room: np.ndarray,
    conserved: bool,
    current: np.ndarray,
    loads: np.ndarray,
    stamp: np.ndarray,
) -> int:
    """
    Improve the plan inside each of some disjoint groups of territories.

    Parameters
    ----------
    span
        First group, and the one behind the last.
    limits
        Nodes of an enumeration, items that take part, spread of the random choice of items, and
        noise of regrets.
    arcs
        ``start``, ``item``, ``rep``, ``regret``, ``load`` (A, K), ``stake`` (A, G).
    into
        First of the arcs into each rep, and these arcs: those that are not their item's best.
    bounds
        ``lower``, ``upper``, ``price``, ``penalty``, each (m, K).
    room
        (G,) what one group may take from the budgets beyond what it takes now.
    conserved
        Whether loads do not depend on the rep.
    current, loads
        Arc of each item and loads (m, K); changed in place.
    stamp
        (N,) int64 scratch, only for this thread.

    Returns
    -------
    int
        Nodes visited.
    """
    scratch = make_scratch(limits[1], groups.shape[1], arcs[4].shape[1], arcs[5].shape[1])
    state = np.empty(1, dtype=np.uint64)
    visited = 0
    for at in range(span[0], span[1]):
        start_random(state, round_seed, at)
        size = 0
        while size < groups.shape[1] and groups[at, size] >= 0:
            size += 1
        visited += improve_group(
            groups[at, :size], (round_seed, round_seed * 65536 + at), limits, arcs, into, bounds,
            room, conserved, current, loads, stamp, state, scratch,
        )  # fmt: skip
    return visited


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
    budget: np.ndarray,
    conserved: bool,
    current: np.ndarray,
    loads: np.ndarray,
    stamp: np.ndarray,
) -> int:
    """
    Draw groups and improve them, round after round, on one thread; see ``improve``.

    ``rounds`` is the number of the first round and the one behind the last; ``sizes`` are the
    sizes of groups, in turn; ``budget`` (G,) is what all may take.
    """
    m = loads.shape[0]
    scratch = make_scratch(limits[1], 8, arcs[4].shape[1], arcs[5].shape[1])
    state = np.empty(1, dtype=np.uint64)
    groups = np.empty((m, 8), dtype=np.int64)
    order = np.arange(m)
    used = np.zeros(len(budget))
    room = np.zeros(len(budget))
    visited = 0
    for number in range(rounds[0], rounds[1]):
        start_random(state, seed, number)
        for j in range(m - 1, 0, -1):
            other = int(next_random(state) * (j + 1))
            order[j], order[other] = order[other], order[j]
        size = sizes[number % len(sizes)]
        count = make_groups(state, size, links[0], links[1], order, groups)
        for at in range(count):
            if len(budget):
                add_up(current, arcs[2], arcs[4], arcs[5], loads, used)
                for g in range(len(budget)):
                    room[g] = max(budget[g] - used[g], 0.0)
            size = 0
            while size < groups.shape[1] and groups[at, size] >= 0:
                size += 1
            visited += improve_group(
                groups[at, :size], (seed + number, number * 65536 + at), limits, arcs, into,
                bounds, room, conserved, current, loads, stamp, state, scratch,
            )  # fmt: skip
        return visited


@compiled
def _moved(
    old: int, new: int, rep: np.ndarray, load: np.ndarray, loads: np.ndarray
) -> int:
    if old != new:
        for k in range(load.shape[1]):
            loads[rep[old], k] -= load[old, k]
            loads[rep[new], k] += load[new, k]
    return new
