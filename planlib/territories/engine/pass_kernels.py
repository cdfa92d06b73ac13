"""Inner loops of passes over all pairs of item and rep at given prices."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled


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
def push(
    heaps: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    j: int,
    regret: float,
    row: int,
    cost: float,
) -> None:
    """Put an item into a rep's heap; where it is full, in place of the largest, which is larger."""
    regrets, rows, costs, filled = heaps
    most = regrets.shape[1]
    if filled[j] < most:  # up from the end
        at = filled[j]
        filled[j] += 1
        while at > 0 and regrets[j, (at - 1) // 2] < regret:
            up = (at - 1) // 2
            regrets[j, at], rows[j, at], costs[j, at] = regrets[j, up], rows[j, up], costs[j, up]
            at = up
    else:  # down from the top
        at = 0
        while True:
            down = 2 * at + 1
            if down >= most:
                break
            if down + 1 < most and regrets[j, down + 1] > regrets[j, down]:
                down += 1
            if regrets[j, down] <= regret:
                break
            regrets[j, at], rows[j, at] = regrets[j, down], rows[j, down]
            costs[j, at] = costs[j, down]
            at = down
    regrets[j, at], rows[j, at], costs[j, at] = regret, row, cost


@compiled
def pour(
    heaps: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    others: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Put what other heaps hold into heaps, as far as it is among the least."""
    most = heaps[0].shape[1]
    for j in range(heaps[0].shape[0]):
        for at in range(others[3][j]):
            regret = others[0][j, at]
            if heaps[3][j] < most or regret < heaps[0][j, 0]:
                push(heaps, j, regret, others[1][j, at], others[2][j, at])


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
    heaps: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """
    Look at a block of costs at some prices, and keep the best of each item and of each rep.

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
    heaps
        (m, e) regret per size, row and cost of the items that each rep could take with the least
        regret, as heaps with the largest regret on top; and (m,) how many each has.
    """
    measures, reps = price.shape
    columns, costs = near
    regrets, rows, prices, filled = heaps
    count, most = columns.shape[1], regrets.shape[1]
    by_rep = load.shape[2] > 1
    starts, places, amounts = back
    priced, value = np.empty(reps), np.empty(max(count, 1))
    worst = np.empty(reps)
    for j in range(reps):
        worst[j] = np.inf if filled[j] < most else (regrets[j, 0] if most else -np.inf)
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
            for j in range(reps):
                low = min(low, priced[j])
        else:
            found, bar = 0, np.inf
            for j in range(reps):
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
        size = weight[i]
        for j in range(reps):
            if not priced[j] - low < worst[j] * size:
                continue
            regret = (priced[j] - low) / size
            if not regret < worst[j]:
                continue
            push(heaps, j, regret, first + i, block[i, j])
            if filled[j] == most:
                worst[j] = regrets[j, 0]


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
