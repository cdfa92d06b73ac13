"""Compiled walks through a diagram of connected sets: least costs by load, sets below a cost."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from planlib.compiled import compiled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
ACCEPTED = -1


@compiled
def fill_table(first: Ints, after: Ints, cost: Floats, steps: Ints, table: Floats) -> None:
    """
    Find the least cost from each node to the end for each load that may still come.

    ``cost`` (nodes, 2) of each decision, ``steps`` (n,) load of the area that a layer decides,
    ``table`` (nodes, loads), infinite where there is no way.
    """
    loads = table.shape[1]
    for layer in range(len(steps) - 1, -1, -1):
        step = steps[layer]
        for node in range(first[layer], first[layer + 1]):
            outer, inner = after[node, 0], after[node, 1]
            price = cost[node, 0]
            if outer >= 0:
                for load in range(loads):
                    table[node, load] = table[outer, load] + price
            else:
                table[node, :] = np.inf
                if outer == ACCEPTED:
                    table[node, 0] = price
            price = cost[node, 1]
            if inner >= 0:
                for load in range(step, loads):
                    way = table[inner, load - step] + price
                    table[node, load] = min(table[node, load], way)
            elif inner == ACCEPTED and step < loads:
                table[node, step] = min(table[node, step], price)


@compiled
def least(table: Floats, node: int, low: float, high: float) -> float:
    """Least cost from a node to the end for loads between two limits."""
    value = np.inf
    last = int(min(np.floor(high + 1e-9), table.shape[1] - 1))
    for load in range(int(max(np.ceil(low - 1e-9), 0)), last + 1):
        value = min(value, table[node, load])
    return float(value)


@compiled
def collect(
    after: Ints, cost: Floats, table: Floats, most: float,
    load: Floats, limits: Floats, unit: float, over: Floats, under: Floats,
    near: Ints, begin: Ints, parts: int, found: npt.NDArray[np.bool_], price: Floats, visits: int,
) -> tuple[int, bool]:  # fmt: skip
    """
    Collect the sets that cost at most so much, keep all limits, and leave a rest that can be.

    ``load`` (n, K) by layer, ``limits`` (2, K), ``unit`` of the loads in the table, by the first
    measure; ``over`` and ``under`` (n + 1,) what rounding to units may be wrong by from a layer
    on. ``near``, ``begin``: neighbours of a layer's area, as layers. ``parts``: districts in all.
    Returns how many were found, and whether these are all.
    """
    n, measures = load.shape
    node, spent, way = np.zeros(n + 1, np.int64), np.zeros(n + 1), np.zeros(n + 1, np.int64)
    sums, inside = np.zeros((n + 1, measures)), np.zeros(n, np.bool_)
    mark, queue = np.zeros(n, np.bool_), np.zeros(n, np.int64)
    count, layer = 0, 0
    while layer >= 0:
        if way[layer] == 2:
            layer -= 1
            continue
        side = 1 - way[layer]
        way[layer] += 1
        visits -= 1
        if visits < 0:
            return count, False
        following = after[node[layer], side]
        paid = spent[layer] + cost[node[layer], side]
        inside[layer] = side == 1
        fits = following >= ACCEPTED
        for k in range(measures):
            sums[layer + 1, k] = sums[layer, k] + side * load[layer, k]
            fits = fits and sums[layer + 1, k] <= limits[1, k]
        if not fits:
            continue
        if following >= 0:
            low = (limits[0, 0] - sums[layer + 1, 0] - over[layer + 1]) / unit
            high = (limits[1, 0] - sums[layer + 1, 0] + under[layer + 1]) / unit
            if paid + least(table, following, low, high) <= most:
                layer += 1
                node[layer], spent[layer], way[layer] = following, paid, 0
            continue
        for k in range(measures):
            fits = fits and sums[n, k] >= limits[0, k]
        if paid > most or not fits:
            continue
        if leaves_room(load, limits, near, begin, parts, inside, mark, queue):
            if count == len(found):
                return count, False
            found[count] = inside
            price[count] = paid
            count += 1
    return count, True


@compiled
def leaves_room(
    load: Floats, limits: Floats, near: Ints, begin: Ints, parts: int,
    inside: npt.NDArray[np.bool_], mark: npt.NDArray[np.bool_], queue: Ints,
) -> bool:  # fmt: skip
    """Whether each part of the areas outside can be shared out to whole districts by its loads."""
    n, measures = load.shape
    mark[:] = inside
    least_all, most_all = 0, 0
    sums = np.zeros(measures)
    for root in range(n):
        if mark[root]:
            continue
        mark[root] = True
        queue[0] = root
        head, tail = 0, 1
        sums[:] = 0.0
        while head < tail:
            here = queue[head]
            head += 1
            for k in range(measures):
                sums[k] += load[here, k]
            for at in range(begin[here], begin[here + 1]):
                if not mark[near[at]]:
                    mark[near[at]] = True
                    queue[tail] = near[at]
                    tail += 1
        fewest, most = 1, parts - 1
        for k in range(measures):
            for count in range(1, parts):
                if sums[k] > count * limits[1, k]:
                    fewest = max(fewest, count + 1)
                if sums[k] < count * limits[0, k]:
                    most = min(most, count - 1)
        if fewest > most:
            return False
        least_all += fewest
        most_all += most
    return least_all <= parts - 1 <= most_all
