"""
Two halves of the flips of a group, enumerated apart and met in the middle.

Inside the limits the cost of a plan is linear in its flips. Subsets of each half are listed by
their regret; for each of the first half only those of the second half count whose loads land
within the limits, and near enough to the priced ones to be cheaper than the plan at hand. So a
thousand subsets of each half stand for a million of both (Horowitz and Sahni 1974).
"""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled
from planlib.territories.engine.gather_kernels import Scratch, gather, take
from planlib.territories.engine.group_kernels import unavoidable

_DEPTH = 24  # flips of one half that may be combined
_GROWTH = 1.6
_TRIES = 20  # of the highest regret, where even the first few subsets are too many
COLUMNS = 16
_ROWS = 64  # at most, of the second half's subsets, by the load that leaves fewest

Half = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@compiled
def make_halves(most: int, dims: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make room for the subsets of two halves: numbers, shifts of loads, whole numbers."""
    return np.empty((2, 2, most)), np.empty((2, most, dims)), np.empty((2, 2, most), dtype=np.int64)


@compiled
def list_half(
    flips: np.ndarray,
    key: np.ndarray,
    raw: np.ndarray,
    move: np.ndarray,
    item: np.ndarray,
    ceiling: float,
    subset: Half,
    used: np.ndarray,
) -> int:
    """List all subsets of flips of a regret below the ceiling; -1 where there are too many."""
    regret, value, shift, parent, last = subset
    most, dims = shift.shape
    path = np.empty(_DEPTH, dtype=np.int64)
    record = np.zeros(_DEPTH + 1, dtype=np.int64)
    regret[0], value[0], parent[0], last[0] = 0.0, 0.0, -1, -1
    for d in range(dims):
        shift[0, d] = 0.0
    count, depth, at, whole = 1, 0, 0, True
    while True:
        down = False
        base = record[depth]
        while at < len(flips):
            f = flips[at]
            if regret[base] + key[f] >= ceiling:
                break
            if not used[item[f]]:
                down = depth < _DEPTH - 1
                break
            at += 1
        if not down:
            if depth == 0:
                break
            depth -= 1
            at = path[depth]
            used[item[flips[at]]] = False
            at += 1
            continue
        if count == most:
            whole = False
            for d in range(depth):
                used[item[flips[path[d]]]] = False
            break
        regret[count], value[count] = regret[base] + key[f], value[base] + raw[f]
        for d in range(dims):
            shift[count, d] = shift[base, d] + move[f, d]
        parent[count], last[count] = base, f
        used[item[f]] = True
        path[depth] = at
        depth += 1
        record[depth] = count
        count += 1
        at += 1
    return count if whole else -1


@compiled
def fill_half(
    flips: np.ndarray,
    key: np.ndarray,
    raw: np.ndarray,
    move: np.ndarray,
    item: np.ndarray,
    ceiling: float,
    subset: Half,
    used: np.ndarray,
) -> tuple[int, int]:
    """List subsets, all up to a regret where there is room for that; give them and the work."""
    most = len(subset[0])
    if len(flips) == 0:
        return list_half(flips, key, raw, move, item, 0.0, subset, used), 1
    total = 1e-300
    for f in flips:
        total += key[f]
    ceiling = min(ceiling, 1.001 * total)  # all subsets are below
    low = min(ceiling, key[flips[min(len(flips) - 1, 8)]] + 1e-3 * total)
    visited, good = 0, -1.0
    while True:
        count = list_half(flips, key, raw, move, item, low, subset, used)
        visited += most if count < 0 else count
        if count >= 0:
            good = low
            if low >= ceiling or 2 * count > most:
                return count, visited
            low = min(low * _GROWTH, ceiling)
        elif good >= 0.0:
            count = list_half(flips, key, raw, move, item, good, subset, used)
            return count, visited + count
        elif visited >= _TRIES * most:
            return most, visited  # regrets hardly differ: those listed will do
        else:
            low *= 0.7


@compiled
def meet(
    halves: tuple[np.ndarray, np.ndarray, np.ndarray],
    counts: tuple[int, int],
    box: tuple[np.ndarray, np.ndarray, np.ndarray],
    base: float,
    best: float,
) -> tuple[int, int, int]:
    """
    Find the cheapest pair of subsets within the limits.

    ``box`` is the least and the most shift in each dimension, and its price; the cost of a pair is
    ``base`` and the values of both. Gives the two subsets (-1 where no pair costs less than
    ``best``) and the pairs looked at.
    """
    number, shift = halves[0], halves[1]
    low, high, price = box
    dims = len(low)
    one, two, least, span = narrow(shift[1, : counts[1]], box, best)
    reach = high[one] - low[one]
    if price[one] != 0.0:
        reach = min(reach, best / abs(price[one]))
    rows = int(min(max(2.0 * span[one] / max(reach, 1e-300), 1.0), _ROWS))
    width, height = span[one] * 1.000001 / rows, span[two] * 1.000001 / COLUMNS
    begin, order = cells(shift[1, : counts[1]], (one, two), least, (rows, width, height))
    found_a, found_b, looked = -1, -1, 0
    for a in range(counts[0]):
        left = best - number[0, 0, a]
        if left <= 0.0:
            continue
        looked += 1
        low_1, high_1 = within(low[one], high[one], price[one], left, shift[0, a, one])
        low_2, high_2 = within(low[two], high[two], price[two], left, shift[0, a, two])
        row, last = (low_1 - least[one]) / width, (high_1 - least[one]) / width
        left_column, right_column = (low_2 - least[two]) / height, (high_2 - least[two]) / height
        if row >= rows or last < 0.0 or left_column >= COLUMNS or right_column < 0.0:
            continue
        first_cell, last_cell = int(max(left_column, 0.0)), int(min(right_column, COLUMNS - 1.0))
        for r in range(int(max(row, 0.0)), int(min(last, rows - 1.0)) + 1):
            for at in range(begin[r * COLUMNS + first_cell], begin[r * COLUMNS + last_cell + 1]):
                b = order[at]
                looked += 1
                value = base + number[0, 1, a] + number[1, 1, b]
                if value >= best:
                    continue
                inside = True
                for d in range(dims):
                    x = shift[0, a, d] + shift[1, b, d]
                    if x < low[d] or x > high[d]:
                        inside = False
                        break
                if inside:
                    best, found_a, found_b = value, a, b
    return found_a, found_b, looked


@compiled
def cells(
    shift: np.ndarray,
    along: tuple[int, int],
    least: np.ndarray,
    grid: tuple[int, float, float],
) -> tuple[np.ndarray, np.ndarray]:
    """Sort subsets into the cells of a grid: the first of each cell, and all in their order."""
    rows, width, height = grid
    count = len(shift)
    cell, order = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    begin = np.zeros(rows * COLUMNS + 2, dtype=np.int64)
    for b in range(count):
        row = int((shift[b, along[0]] - least[along[0]]) / width)
        cell[b] = row * COLUMNS + int((shift[b, along[1]] - least[along[1]]) / height)
        begin[cell[b] + 2] += 1
    for at in range(2, len(begin)):
        begin[at] += begin[at - 1]
    for b in range(count):
        order[begin[cell[b] + 1]] = b
        begin[cell[b] + 1] += 1
    return begin, order


@compiled
def narrow(
    shift: np.ndarray, box: tuple[np.ndarray, np.ndarray, np.ndarray], best: float
) -> tuple[int, int, np.ndarray, np.ndarray]:
    """Give the two dimensions that leave fewest of the subsets, and least and span of all."""
    low, high, price = box
    dims = len(low)
    one, two, share_one, share_two = 0, 0, np.inf, np.inf
    least, span = np.empty(dims), np.empty(dims)
    for d in range(dims):
        small, large = shift[0, d], shift[0, d]
        for b in range(1, len(shift)):
            small, large = min(small, shift[b, d]), max(large, shift[b, d])
        least[d], span[d] = small, max(large - small, 1e-12)
        reach = high[d] - low[d]
        if price[d] != 0.0:
            reach = min(reach, best / abs(price[d]))
        share = reach / span[d]
        if share < share_one:
            two, share_two = one, share_one
            one, share_one = d, share
        elif share < share_two:
            two, share_two = d, share
    return one, two, least, span


@compiled
def within(low: float, high: float, price: float, left: float, done: float) -> tuple[float, float]:
    """Give the range of a shift within the limits, and near enough to the priced one."""
    if price > 0.0:
        low = max(low, high - left / price)
    elif price < 0.0:
        high = min(high, low - left / price)
    return low - done, high - done


@compiled
def sample_group(
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
    """
    Give a group the plan within all limits that is cheapest with Gumbel noise on its regrets.

    See ``improve`` for the arguments; the plan at hand has to be within the limits.
    """
    lower, upper, price, penalty = bounds
    load, stake = arcs[4], arcs[5]
    whole, real, local, spent, _ = scratch
    size, measures, budgets = len(members), load.shape[1], stake.shape[1]
    count, flips, before = gather(
        members, seed[1], limits[1], (seed[0], 0.0, limits[3]), arcs, into, bounds, purse,
        current, loads, stamp, state, scratch,
    )  # fmt: skip
    work = 10 * count + 100
    if flips == 0:
        spent[:] = 0.0
        return work
    box, base, floor = _box(members, bounds, purse, conserved, scratch)
    best = before - 1e-12 * (1.0 + abs(before))
    dims = size * measures + budgets
    move = np.zeros((flips, dims))
    side = np.full(count, -1, dtype=np.int64)
    half, filled = np.empty((2, flips), dtype=np.int64), np.zeros(2, dtype=np.int64)
    turn = 0
    for f in np.argsort(real[0, :flips]):
        if real[0, f] >= best - floor:
            break
        place, a, b = whole[3, f], whole[2, f], whole[4, f]
        if side[place] < 0:
            side[place] = turn
            turn = 1 - turn
        h = side[place]
        half[h, filled[h]] = f
        filled[h] += 1
        for k in range(measures):
            move[f, whole[5, f] * measures + k] -= load[b, k]
            move[f, whole[6, f] * measures + k] += load[a, k]
        for g in range(budgets):
            move[f, size * measures + g] = stake[a, g] - stake[b, g]
    used = np.zeros(count, dtype=np.bool_)
    counts = np.empty(2, dtype=np.int64)
    for h in range(2):
        subset = (halves[0][h, 0], halves[0][h, 1], halves[1][h, :, :dims], halves[2][h, 0],
                  halves[2][h, 1])  # fmt: skip
        counts[h], visited = fill_half(
            half[h, : filled[h]], real[0], real[1], move, whole[3], best - floor, subset, used
        )
        work += visited
    first, second, looked = meet(halves, (counts[0], counts[1]), box, base, best)
    if first >= 0:
        chosen, depth = np.empty(2 * _DEPTH, dtype=np.int64), 0
        for h in range(2):
            at = second if h else first
            while halves[2][h, 0, at] >= 0:
                chosen[depth] = halves[2][h, 1, at]
                depth += 1
                at = halves[2][h, 0, at]
        take(count, chosen[:depth], arcs, current, loads, scratch)
    else:
        spent[:] = 0.0
    return work + looked // 4


@compiled
def _box(
    members: np.ndarray,
    bounds: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    purse: tuple[np.ndarray, np.ndarray, np.ndarray],
    conserved: bool,
    scratch: Scratch,
) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], float, float]:
    """Give the box of shifts, the cost of no flip, and what no plan of the group avoids."""
    lower, upper, price, penalty = bounds
    local, spent = scratch[2], scratch[3]
    size, measures, budgets = len(members), local.shape[1], len(spent)
    dims = size * measures + budgets
    low, high, dear = np.full(dims, -np.inf), np.empty(dims), np.zeros(dims)
    base, floor = 0.0, 0.0
    for s in range(size):
        j = members[s]
        for k in range(measures):
            d, x, p = s * measures + k, local[s, k], price[j, k]
            low[d], high[d], dear[d] = lower[j, k] - x, upper[j, k] - x, p
            base += p * high[d] if p > 0 else p * low[d]
    for g in range(budgets):
        high[size * measures + g] = purse[0][g] - spent[g]
        base -= purse[1][g] * spent[g]
    if conserved:
        total = local[size]
        for k in range(measures):
            total[k] = 0.0
            for s in range(size):
                total[k] += local[s, k]
        floor = unavoidable(members, total, lower, upper, price, penalty)
    return (low, high, dear), base, floor
