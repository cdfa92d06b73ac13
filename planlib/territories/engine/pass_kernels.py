"""Inner loops of passes over all pairs of item and rep at given prices."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled
from planlib.xorshift import mixed


@compiled
def price_rows(
    block: np.ndarray,
    load: np.ndarray,
    price: np.ndarray,
    least: np.ndarray,
    best: np.ndarray,
) -> None:
    """
    Add prices to a block of costs, (b, m), in place; give the least of each row and its rep.

    ``load`` (K, b) or, flattened, (K * m, b); ``price`` (K, m).
    """
    measures, reps = price.shape
    by_rep = load.shape[0] != measures
    for i in range(block.shape[0]):
        low, at = np.inf, -1
        for j in range(reps):
            value = block[i, j]
            for k in range(measures):
                value += price[k, j] * (load[k * reps + j, i] if by_rep else load[k, i])
            block[i, j] = value
            if value < low:
                low, at = value, j
        least[i], best[i] = low, at


@compiled
def least_of(values: np.ndarray, count: int) -> float:
    """Give the ``count``-th smallest value; the order of the values is changed."""
    low, high, at = 0, len(values) - 1, count - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if at <= j:
            high = j
        elif at >= i:
            low = i
        else:
            break
    return float(values[at])


@compiled
def shrink(list_: np.ndarray, filled: int, most: int, room: np.ndarray) -> float:
    """Keep the entries of least regret of a list, in order; give the largest regret kept."""
    for at in range(filled):
        room[at] = list_[at, 0]
    bar = least_of(room[:filled], most)
    ties = most
    for at in range(filled):
        if list_[at, 0] < bar:
            ties -= 1
    to = 0
    for at in range(filled):
        regret = list_[at, 0]
        if regret < bar or (regret == bar and ties > 0):
            if regret == bar:
                ties -= 1
            for part in range(3):
                list_[to, part] = list_[at, part]
            to += 1
    return bar


@compiled
def pour(
    lists: tuple[np.ndarray, np.ndarray, np.ndarray],
    others: tuple[np.ndarray, np.ndarray, np.ndarray],
    most: int,
) -> None:
    """Append what other lists hold, and keep the least of each."""
    room = np.empty(lists[0].shape[1])
    for j in range(lists[0].shape[0]):
        for at in range(others[1][j]):
            for part in range(3):
                lists[0][j, lists[1][j], part] = others[0][j, at, part]
            lists[1][j] += 1
            if lists[1][j] == lists[0].shape[1]:
                shrink(lists[0][j], lists[1][j], most, room)
                lists[1][j] = most
        if lists[1][j] > most:
            shrink(lists[0][j], lists[1][j], most, room)
            lists[1][j] = most


@compiled
def chance(row: int, column: int) -> float:
    """Give a number from 0 to 1 that looks as if drawn, always the same for a pair."""
    return float(mixed(row, column) >> np.uint64(11)) / 9007199254740992.0


@compiled
def look_rows(
    first: int,
    block: np.ndarray,
    load: np.ndarray,
    price: np.ndarray,
    base: np.ndarray,
    back: tuple[np.ndarray, np.ndarray, np.ndarray],
    weight: np.ndarray,
    least: np.ndarray,
    near: tuple[np.ndarray, np.ndarray],
    lists: tuple[np.ndarray, np.ndarray, np.ndarray],
    most: int,
    tie: float,
) -> None:
    """
    Look at a block of costs at some prices, and keep the best of each item and of each rep.

    Of several that are about as good, chance says which are kept: where reps cost the same, the
    first by number would stand for all.

    Parameters
    ----------
    first
        Number of the first row.
    block
        (b, m) costs, left as they are.
    load
        (K, b, 1), or (K, b, m) where it depends on the rep.
    price
        (K, m).
    base
        (b,) added to every rep of an item.
    back
        CSR of what is taken off single pairs: starts (b + 1,), reps, amounts.
    weight
        (b,) size of the items; regret counts per size.
    least
        (b,) is filled with the least priced cost.
    near
        (b, c) reps and their costs, filled with the best, best first; -1 and infinite: fewer.
    lists, most
        (m, r, 3) regret per size, row and cost of the items that each rep could take from others
        with little regret, r > ``most``, of which the least ``most`` count; and (m,) how many there
        are, and the regret from which on none counts.
    tie
        Regrets per size that differ by no more are about the same.
    """
    measures, reps = price.shape
    columns, costs = near
    table, filled, worst = lists
    count, full = columns.shape[1], table.shape[1]
    by_rep = load.shape[2] > 1
    starts, places, amounts = back
    priced, value = np.empty(reps), np.empty(max(count, 1))
    room = np.empty(full)
    for i in range(block.shape[0]):
        for j in range(reps):
            priced[j] = block[i, j]
        for k in range(measures):
            if by_rep:
                for j in range(reps):
                    priced[j] += price[k, j] * load[k, i, j]
            else:
                amount = load[k, i, 0]
                for j in range(reps):
                    priced[j] += price[k, j] * amount
        for a in range(starts[i], starts[i + 1]):
            priced[places[a]] -= amounts[a]
        low = np.inf
        if count == 0:
            low0, low1, low2, low3 = np.inf, np.inf, np.inf, np.inf  # four do not wait for another
            for j in range(0, reps - 3, 4):
                low0, low1 = min(low0, priced[j]), min(low1, priced[j + 1])
                low2, low3 = min(low2, priced[j + 2]), min(low3, priced[j + 3])
            for j in range(reps - reps % 4, reps):
                low0 = min(low0, priced[j])
            low = min(min(low0, low1), min(low2, low3))
        else:
            found, bar = 0, np.inf
            begin = int(chance(first + i, -1) * reps)
            for turn in range(reps):
                j = begin + turn if begin + turn < reps else begin + turn - reps
                now = priced[j]
                if not now < bar:
                    continue
                at = found if found < count else count - 1
                found = min(found + 1, count)
                while at > 0 and value[at - 1] > now:
                    value[at] = value[at - 1]
                    columns[i, at] = columns[i, at - 1]
                    at -= 1
                value[at], columns[i, at] = now, j
                if found == count:
                    bar = value[count - 1]
            for at in range(found):
                costs[i, at] = block[i, columns[i, at]]
            for at in range(found, count):
                columns[i, at], costs[i, at] = -1, np.inf
            if found:
                low = value[0]
        least[i] = low + base[i]
        if most == 0:
            continue
        size, own = weight[i], columns[i, 0] if count else -1  # its best rep has it without regret
        for j in range(reps):
            if j == own or not priced[j] - low < worst[j] * size:
                continue
            regret = (priced[j] - low) / size + tie * chance(first + i, j)
            if not regret < worst[j]:
                continue
            at = filled[j]
            table[j, at, 0] = regret
            table[j, at, 1], table[j, at, 2] = first + i, block[i, j]
            filled[j] = at + 1
            if at + 1 == full:
                worst[j] = shrink(table[j], full, most, room)
                filled[j] = most


@compiled
def join_rows(
    columns: np.ndarray,
    costs: np.ndarray,
    more: tuple[np.ndarray, np.ndarray, np.ndarray],
    known: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Join the best reps of each item with further arcs and with known ones, each once.

    Parameters
    ----------
    columns, costs
        (n, c) reps, -1 where there are fewer, and their costs.
    more, known
        Starts (n + 1,), reps and costs of arcs by item.

    Returns
    -------
    tuple
        Starts, reps in order, and costs.
    """
    items, count = columns.shape
    most = items * count + len(more[1]) + len(known[1])
    start = np.empty(items + 1, dtype=np.int64)
    rep, cost = np.empty(most, dtype=np.int32), np.empty(most)
    at = 0
    for i in range(items):
        start[i] = at
        a, end = known[0][i], known[0][i + 1]
        while a < end:  # known arcs come in order
            rep[at], cost[at] = known[1][a], known[2][a]
            at += 1
            a += 1
        b, last = more[0][i], more[0][i + 1]
        for c in range(count + last - b):
            if c < count:
                j, price = columns[i, c], costs[i, c]
                if j < 0:
                    continue
            else:
                j, price = more[1][b + c - count], more[2][b + c - count]
            to = at
            while to > start[i] and rep[to - 1] > j:
                to -= 1
            if to > start[i] and rep[to - 1] == j:
                continue
            for one in range(at, to, -1):
                rep[one], cost[one] = rep[one - 1], cost[one - 1]
            rep[to], cost[to] = j, price
            at += 1
    start[items] = at
    return start, rep[:at].copy(), cost[:at].copy()
