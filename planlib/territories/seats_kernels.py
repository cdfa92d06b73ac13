"""
Inner loops of the choice of seats: knapsacks of the bound, and a search over plans.

Arrays are items x places. A place that is closed, or an item that a place may not serve, has an
infinite distance.
"""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled


@compiled
def best_sets(
    distance: np.ndarray, load: np.ndarray, room: np.ndarray, price: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    Find for each place the set of items within its room with the least distance minus price.

    Loads and rooms in whole cells: a knapsack by dynamic programming over the room.

    Returns
    -------
    value : (places,), 0 or below
    taken : (items, places), 0 or 1
    """
    items, places = distance.shape
    value = np.zeros(places)
    taken = np.zeros((items, places), dtype=np.uint8)
    most = int(room.max()) + 1
    best = np.empty(most)
    inside = np.empty((items, most), dtype=np.uint8)
    some = np.empty(items, dtype=np.int64)
    for j in range(places):
        count, total = 0, 0
        for i in range(items):
            if distance[i, j] < price[i] and load[i] <= room[j]:
                some[count] = i
                count += 1
                total += load[i]
        if total <= room[j]:
            for line in range(count):
                value[j] += distance[some[line], j] - price[some[line]]
                taken[some[line], j] = 1
            continue
        width = room[j] + 1
        best[:width] = 0.0
        for line in range(count):
            i = some[line]
            gain, size = price[i] - distance[i, j], load[i]
            inside[line, :width] = 0
            for c in range(width - 1, size - 1, -1):
                if best[c - size] + gain > best[c]:
                    best[c] = best[c - size] + gain
                    inside[line, c] = 1
        c = width - 1
        value[j] = -best[c]
        for line in range(count - 1, -1, -1):
            if inside[line, c]:
                taken[some[line], j] = 1
                c -= load[some[line]]
    return value, taken


@compiled
def forced_sets(
    distance: np.ndarray, load: np.ndarray, room: np.ndarray, price: np.ndarray
) -> np.ndarray:
    """
    Give the value of each place's best set with one item forced into it, (items, places).

    Loads and rooms in whole cells. Infinite where the item does not fit or may not be served.
    """
    items, places = distance.shape
    value = np.full((items, places), np.inf)
    most = int(room.max()) + 1
    some = np.empty(items, dtype=np.int64)
    front = np.zeros((items + 1, most))
    back = np.zeros((items + 1, most))
    for j in range(places):
        width = room[j] + 1
        count = 0
        for i in range(items):
            if distance[i, j] < price[i] and load[i] <= room[j]:
                some[count] = i
                count += 1
        for line in range(count):
            i = some[line]
            gain, size = price[i] - distance[i, j], load[i]
            for c in range(width):
                front[line + 1, c] = front[line, c]
                if c >= size and front[line, c - size] + gain > front[line + 1, c]:
                    front[line + 1, c] = front[line, c - size] + gain
        back[count, :width] = 0.0
        for line in range(count - 1, -1, -1):
            i = some[line]
            gain, size = price[i] - distance[i, j], load[i]
            for c in range(width):
                back[line, c] = back[line + 1, c]
                if c >= size and back[line + 1, c - size] + gain > back[line, c]:
                    back[line, c] = back[line + 1, c - size] + gain
        line = 0
        for i in range(items):
            inside = line < count and some[line] == i
            left = room[j] - load[i]
            if left >= 0 and distance[i, j] < np.inf:
                most_gain = front[count, left]
                if inside:
                    most_gain = 0.0
                    for c in range(left + 1):
                        both = front[line, c] + back[line + 1, left - c]
                        most_gain = max(most_gain, both)
                value[i, j] = distance[i, j] - price[i] - most_gain
            if inside:
                line += 1
    return value


@compiled
def _fill(
    distance: np.ndarray, load: np.ndarray, room: np.ndarray, seats: np.ndarray, seat: np.ndarray
) -> None:
    """Serve every item: those first who lose most by their second best seat."""
    items, count = distance.shape[0], len(seats)
    regret = np.empty(items)
    for i in range(items):
        first, second = np.inf, np.inf
        for s in range(count):
            away = distance[i, seats[s]]
            if away < first:
                first, second = away, first
            elif away < second:
                second = away
        regret[i] = -(min(second, 1e12) - min(first, 1e12)) * (1 + load[i] / load.max())
    left = room[seats].astype(np.float64)
    for i in np.argsort(regret):
        chosen, best = -1, np.inf
        for s in range(count):
            if load[i] <= left[s] and distance[i, seats[s]] < best:
                chosen, best = s, distance[i, seats[s]]
        if chosen < 0:
            for s in range(count):
                if distance[i, seats[s]] < np.inf and (chosen < 0 or left[s] > left[chosen]):
                    chosen = s
            chosen = max(chosen, 0)
        seat[i] = chosen
        left[chosen] -= load[i]


@compiled
def _improve(
    distance: np.ndarray,
    load: np.ndarray,
    room: np.ndarray,
    plan: tuple[np.ndarray, np.ndarray],
    dear: float,
) -> None:
    """Move single items and swap pairs between seats while the penalised cost falls."""
    seats, seat = plan
    items, count = distance.shape[0], len(seats)
    left = room[seats].astype(np.float64)
    for i in range(items):
        left[seat[i]] -= load[i]
    for _ in range(50):
        better = False
        for i in range(items):
            a = seat[i]
            for b in range(count):
                if b == a:
                    continue
                change = distance[i, seats[b]] - distance[i, seats[a]]
                change += dear * (max(0.0, load[i] - left[b]) - max(0.0, -left[b]))
                change += dear * (max(0.0, -left[a] - load[i]) - max(0.0, -left[a]))
                if change < -1e-9:
                    left[a] += load[i]
                    left[b] -= load[i]
                    seat[i] = b
                    a = b
                    better = True
        for i in range(items):
            for h in range(i):
                a, b = seat[i], seat[h]
                if a == b:
                    continue
                change = distance[i, seats[b]] + distance[h, seats[a]]
                change -= distance[i, seats[a]] + distance[h, seats[b]]
                if change >= dear * (max(0.0, -left[a]) + max(0.0, -left[b])):
                    continue
                shift = load[i] - load[h]
                change += dear * (max(0.0, -left[a] - shift) - max(0.0, -left[a]))
                change += dear * (max(0.0, shift - left[b]) - max(0.0, -left[b]))
                if change < -1e-9:
                    left[a] += shift
                    left[b] -= shift
                    seat[i], seat[h] = b, a
                    better = True
        if not better:
            return


@compiled
def _recentre(
    distance: np.ndarray, load: np.ndarray, room: np.ndarray, seats: np.ndarray, seat: np.ndarray
) -> bool:
    """Move each seat to the best free place for the items it serves; tell whether one moved."""
    items, places = distance.shape
    count = len(seats)
    total = np.zeros((count, places))
    held = np.zeros(count)
    used = np.zeros(places, dtype=np.uint8)
    for i in range(items):
        held[seat[i]] += load[i]
        total[seat[i]] += distance[i]
    used[seats] = 1
    moved = False
    for s in range(count):
        if held[s] == 0:
            continue
        for j in range(places):
            fits = held[s] <= room[j] or room[j] >= room[seats[s]]
            if not used[j] and fits and total[s, j] < total[s, seats[s]] - 1e-9:
                used[seats[s]] = 0
                used[j] = 1
                seats[s] = j
                moved = True
    return moved


@compiled
def descend(
    distance: np.ndarray,
    load: np.ndarray,
    room: np.ndarray,
    plan: tuple[np.ndarray, np.ndarray],
    dear: float,
) -> tuple[float, float]:
    """
    Improve a choice of places, in place, until nothing changes.

    ``plan`` holds the places (k,) and, for each item, which of them serves it; the latter is made.

    Returns
    -------
    cost, overload
        Sum of distances, and by how much seats are above their room in all.
    """
    seats, seat = plan
    _fill(distance, load, room, seats, seat)
    for _ in range(20):
        _improve(distance, load, room, plan, dear)
        if not _recentre(distance, load, room, seats, seat):
            break
    left = room[seats].astype(np.float64)
    cost, over = 0.0, 0.0
    for i in range(len(seat)):
        cost += distance[i, seats[seat[i]]]
        left[seat[i]] -= load[i]
    for s in range(len(seats)):
        over += max(0.0, -left[s])
    return cost, over
