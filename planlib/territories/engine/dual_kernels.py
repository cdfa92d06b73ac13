"""Inner loops of the dual: the smoothed value with gradient and Hessian, and the exact value."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled

_COUPLED = 1e-2  # smaller shares of an item do not couple two reps in the Hessian


@compiled
def smooth_part(
    span: tuple[int, int],
    start: np.ndarray,
    rep: np.ndarray,
    cost: np.ndarray,
    load: np.ndarray,
    stake: np.ndarray,
    price: np.ndarray,
    budget_price: np.ndarray,
    tau: np.ndarray,
    gradient: np.ndarray,
    hessian: np.ndarray,
) -> float:
    """
    Add up the smoothed least priced cost of some items, with gradient and negative Hessian.

    ``price`` (m, K); ``gradient`` (m * K + G,) and ``hessian`` (V, V) are added to; a Hessian of
    no rows is left out. The value of an item is ``-tau log sum exp(-r / tau)``.
    """
    measures, budgets = load.shape[1], stake.shape[1]
    reps = price.shape[0]
    width = measures + budgets
    second = hessian.shape[0] > 0
    most = 0
    for i in range(span[0], span[1]):
        most = max(most, start[i + 1] - start[i])
    share = np.empty(most)
    chosen = np.empty(most, dtype=np.int64)
    mean = np.empty((most, width))
    place = np.empty((most, width), dtype=np.int64)
    total = 0.0
    for i in range(span[0], span[1]):
        low, high = start[i], start[i + 1]
        if high == low:
            continue
        least = np.inf
        for a in range(low, high):
            value = cost[a]
            for k in range(measures):
                value += price[rep[a], k] * load[a, k]
            for g in range(budgets):
                value += budget_price[g] * stake[a, g]
            share[a - low] = value
            least = min(least, value)
        weight = 0.0
        for a in range(high - low):
            gap = (share[a] - least) / tau[i]
            share[a] = np.exp(-gap) if gap < 40.0 else 0.0
            weight += share[a]
        total += least - tau[i] * np.log(weight)
        count, kept = 0, 0.0
        for a in range(high - low):
            q = share[a] / weight
            share[a] = q
            if q == 0.0:
                continue
            for k in range(measures):
                gradient[rep[low + a] * measures + k] += q * load[low + a, k]
            for g in range(budgets):
                gradient[reps * measures + g] += q * stake[low + a, g]
            if q > _COUPLED:
                chosen[count] = a
                kept += q
                count += 1
        if not second or count < 2:
            continue
        for c in range(count):
            a = low + chosen[c]
            q = share[chosen[c]] / kept
            for k in range(measures):
                mean[c, k] = load[a, k]
                place[c, k] = rep[a] * measures + k
            for g in range(budgets):
                mean[c, measures + g] = stake[a, g]
                place[c, measures + g] = reps * measures + g
            for u in range(width):
                for v in range(width):
                    hessian[place[c, u], place[c, v]] += q * mean[c, u] * mean[c, v] / tau[i]
        for c in range(count):
            first = share[chosen[c]] / kept
            for d in range(count):
                both = first * share[chosen[d]] / kept / tau[i]
                for u in range(width):
                    for v in range(width):
                        hessian[place[c, u], place[d, v]] -= both * mean[c, u] * mean[d, v]
    return total


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
def nearest_columns(block: np.ndarray, count: int, columns: np.ndarray, values: np.ndarray) -> None:
    """Give the ``count`` smallest entries of each row, smallest first; -1 where infinite."""
    for i in range(block.shape[0]):
        filled = 0
        for j in range(block.shape[1]):
            value = block[i, j]
            if not value < np.inf or (filled == count and value >= values[i, count - 1]):
                continue
            at = filled if filled < count else count - 1
            filled = min(filled + 1, count)
            while at > 0 and values[i, at - 1] > value:
                values[i, at] = values[i, at - 1]
                columns[i, at] = columns[i, at - 1]
                at -= 1
            values[i, at], columns[i, at] = value, j
        for at in range(filled, count):
            values[i, at], columns[i, at] = np.inf, -1


@compiled
def cheapest_rows(
    block: np.ndarray,
    first: int,
    weight: np.ndarray,
    least: np.ndarray,
    items: np.ndarray,
    values: np.ndarray,
) -> None:
    """
    Keep for each rep the items with the smallest regret per weight, over blocks of rows.

    ``items`` and ``values`` (m, c), smallest first, infinite at the start.
    """
    count = values.shape[1]
    worst = values[:, count - 1].copy()
    for i in range(block.shape[0]):
        low, size = least[i], weight[i]
        for j in range(block.shape[1]):
            value = (block[i, j] - low) / size
            if not value < worst[j]:
                continue
            at = count - 1
            while at > 0 and values[j, at - 1] > value:
                values[j, at] = values[j, at - 1]
                items[j, at] = items[j, at - 1]
                at -= 1
            values[j, at], items[j, at] = value, first + i
            worst[j] = values[j, count - 1]
