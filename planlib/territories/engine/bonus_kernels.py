"""Inner loop of the integrality bonus: the least each territory adds to the bound by itself."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled
from planlib.territories.engine.group_kernels import potential

_DEEPEN = 1.6
DEPTH = 60  # changes of one territory that may be combined
_HARD = 1e12


@compiled
def least_of_territories(
    span: tuple[int, int],
    first: np.ndarray,
    cost: np.ndarray,
    change: np.ndarray,
    base: np.ndarray,
    limits: tuple[np.ndarray, np.ndarray, np.ndarray],
    ceiling: np.ndarray,
    node_limit: int,
    least: np.ndarray,
    found: tuple[np.ndarray, np.ndarray],
) -> int:
    """
    Bound from below what each territory adds: its changes, and the distance from priced limits.

    Parameters
    ----------
    span
        First territory, and the one behind the last.
    first
        (m + 1,) first change of each territory; changes are sorted by cost.
    cost, change
        (C,) cost of a change, and (C, K) what it does to the territory's load.
    base
        (m, K) loads without changes.
    limits
        ``lower``, ``upper``, ``price``, each (m, K).
    ceiling
        (m,) what the territory adds at most: changes that cost more are not in the list.
    node_limit
        Subsets looked at for one territory; where they do not suffice, the bound is weaker.
    least
        (m,) is filled.
    found
        (m, DEPTH) changes of the cheapest subset found, and (m,) how many they are; -1 where none
        is below the ceiling. Both are filled.

    Returns
    -------
    int
        Nodes visited.
    """
    lower, upper, price = limits
    chosen, count = found
    measures = base.shape[1]
    hard = np.full(lower.shape, _HARD)
    load = np.empty(measures)
    path = np.empty(DEPTH, dtype=np.int64)
    sums = np.empty(DEPTH + 1)
    visited = 0
    for j in range(span[0], span[1]):
        low, high = first[j], first[j + 1]
        for k in range(measures):
            load[k] = base[j, k]
        best, count[j] = ceiling[j], -1
        alone = potential(j, load, lower, upper, price, hard)
        if alone < best:
            best, count[j] = alone, 0
        threshold, proven, nodes = 0.02 * best, 0.0, 0
        while best > proven:
            roof = min(threshold, best)
            depth, at = 0, low
            sums[0] = 0.0
            complete = True
            while True:
                down = at < high and sums[depth] + cost[at] < roof
                if down and (nodes >= node_limit or depth == DEPTH - 1):
                    complete = False
                    down = False
                if not down:
                    if depth == 0:
                        break
                    depth -= 1
                    at = path[depth]
                    for k in range(measures):
                        load[k] -= change[at, k]
                    at += 1
                    continue
                nodes += 1
                for k in range(measures):
                    load[k] += change[at, k]
                sums[depth + 1] = sums[depth] + cost[at]
                path[depth] = at
                depth += 1
                at += 1
                value = sums[depth] + potential(j, load, lower, upper, price, hard)
                if value < best:
                    best, count[j] = value, depth
                    chosen[j, :depth] = path[:depth]
                    roof = min(roof, best)
            if not complete:
                break
            proven = min(threshold, best)
            threshold *= _DEEPEN
        visited += nodes
        least[j] = min(proven, best)
    return visited
