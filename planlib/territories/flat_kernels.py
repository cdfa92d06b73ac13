"""Compiled loops over blocks of costs: cheapest reps at given prices, and the smoothed dual."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled


@compiled
def scan_rows(
    cost: np.ndarray,
    load: np.ndarray,
    price: np.ndarray,
    keep: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Go once over a block of rows at given prices.

    Parameters
    ----------
    cost
        (rows, m) costs, infinite where not allowed.
    load
        (rows, K) size of each account.
    price
        (K, m) price per unit of load.
    keep
        How many of the cheapest reps to give per account.

    Returns
    -------
    tuple
        Least cost plus price of each account; the cheapest reps in order of that, -1 where there
        are fewer; and their costs without prices.
    """
    rows, reps = cost.shape
    least = np.full(rows, np.inf)
    arc = np.full((rows, keep), -1, dtype=np.int32)
    arc_cost = np.full((rows, keep), np.inf)
    reduced = np.empty(reps)
    value = np.empty(keep)
    for i in range(rows):
        for j in range(reps):
            reduced[j] = cost[i, j]
        for k in range(load.shape[1]):
            amount = load[i, k]
            for j in range(reps):
                reduced[j] += price[k, j] * amount
        value[:] = np.inf
        found = 0
        for j in range(reps):
            now = reduced[j]
            if now < value[keep - 1]:
                place = min(found, keep - 1)
                while place > 0 and value[place - 1] > now:
                    value[place] = value[place - 1]
                    arc[i, place] = arc[i, place - 1]
                    place -= 1
                value[place] = now
                arc[i, place] = j
                found = min(found + 1, keep)
        least[i] = value[0]
        for place in range(found):
            arc_cost[i, place] = cost[i, arc[i, place]]
    return least, arc, arc_cost


@compiled
def soft_rows(
    arc: np.ndarray,
    arc_cost: np.ndarray,
    load: np.ndarray,
    smooth: np.ndarray,
    price: np.ndarray,
) -> tuple[float, np.ndarray]:
    """
    Give the sum of the soft minima of accounts over their arcs, and the load that each rep gets.

    Parameters
    ----------
    arc, arc_cost
        (rows, keep) reps and their costs; -1 ends a row early.
    load
        (rows, K) size of each account.
    smooth
        (rows,) temperature of each account, above 0.
    price
        (m, K) price per unit of load.
    """
    total = 0.0
    got = np.zeros(price.shape)
    keep, measures = arc.shape[1], load.shape[1]
    reduced = np.empty(keep)
    for i in range(arc.shape[0]):
        least = np.inf
        count = 0
        while count < keep and arc[i, count] >= 0:
            now = arc_cost[i, count]
            for k in range(measures):
                now += price[arc[i, count], k] * load[i, k]
            reduced[count] = now
            least = min(least, now)
            count += 1
        if count == 0:
            continue
        heat = smooth[i]
        mass = 0.0
        for place in range(count):
            cold = (least - reduced[place]) / heat
            reduced[place] = np.exp(cold) if cold > -40.0 else 0.0
            mass += reduced[place]
        total += least - heat * np.log(mass)
        for place in range(count):
            if reduced[place] > 0.0:
                share = reduced[place] / mass
                for k in range(measures):
                    got[arc[i, place], k] += share * load[i, k]
    return total, got


@compiled
def fold_rows(
    arc: np.ndarray,
    arc_cost: np.ndarray,
    load: np.ndarray,
    price: np.ndarray,
    column: np.ndarray,
) -> np.ndarray:
    """
    Give the least reduced cost of each account in each column.

    Parameters
    ----------
    arc, arc_cost
        (rows, keep) reps and their costs; -1 ends a row early.
    load
        (rows, K) size of each account.
    price
        (m, K) price per unit of load.
    column
        (m,) column of each rep; -1 leaves a rep out.

    Returns
    -------
    ndarray
        (rows, columns), infinite where an account has no rep in a column.
    """
    width = column.max() + 1
    least = np.full((arc.shape[0], width), np.inf)
    for i in range(arc.shape[0]):
        for place in range(arc.shape[1]):
            rep = arc[i, place]
            if rep < 0:
                break
            if column[rep] >= 0:
                now = arc_cost[i, place]
                for k in range(load.shape[1]):
                    now += price[rep, k] * load[i, k]
                least[i, column[rep]] = min(least[i, column[rep]], now)
    return least
