"""
Inner loops over columns: a column is a place and a set of items that it could serve.

Columns lie one behind the other: ``place`` and ``cost`` of each, and its items, ascending, in
``member[start[t] : start[t + 1]]``.
"""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled


@compiled
def list_columns(
    market: tuple[np.ndarray, np.ndarray, np.ndarray],
    grid: tuple[np.ndarray, np.ndarray],
    ask: tuple[np.ndarray, np.ndarray],
    found: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    most: tuple[int, int],
) -> tuple[int, int]:
    """
    List every set of items that a place can serve at less than a limit, at distance minus price.

    Parameters
    ----------
    market
        Distances (items, places), loads (items,) and rooms (places,).
    grid
        The loads and rooms in whole cells; what fits in truth fits in cells.
    ask
        Prices (items,), and for each place the limit (places,) that a set must stay below.
    found
        Place, cost, start and member to write to; empty arrays: only count.
    most
        Columns and members after which to stop.

    Returns
    -------
    columns, members
        How many there are; one more than allowed where there are too many.
    """
    distance, load, room = market
    size, width = grid
    price, below = ask
    place, cost, start, member = found
    items, places = distance.shape
    columns, entries = 0, 0
    some = np.empty(items, dtype=np.int64)
    stack = np.empty((items + 2, 4), dtype=np.int64)  # line, cells left, items taken, took the last
    worth = np.empty(items + 2)
    taken = np.empty(items + 1, dtype=np.int64)
    for j in range(places):
        # Items that pay, the best first; then the others, the least loss first.
        gain = distance[:, j] - price
        count, paying = 0, 0
        for i in np.argsort(gain):
            if load[i] <= room[j] and size[i] <= width[j] and gain[i] < np.inf:
                some[count] = i
                count += 1
                paying += gain[i] < 0
        rest = np.zeros((paying + 1, width[j] + 1))
        for line in range(paying - 1, -1, -1):
            i = some[line]
            for c in range(width[j] + 1):
                rest[line, c] = rest[line + 1, c]
                if c >= size[i] and rest[line + 1, c - size[i]] + gain[i] < rest[line, c]:
                    rest[line, c] = rest[line + 1, c - size[i]] + gain[i]
        if rest[0, width[j]] >= below[j]:
            continue
        stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = 0, width[j], 0, 0
        worth[0] = 0.0
        top = 1
        while top > 0:
            top -= 1
            line, left, held, value = stack[top, 0], stack[top, 1], stack[top, 2], worth[top]
            if stack[top, 3]:
                taken[held - 1] = some[line - 1]
            if line < count and (line < paying or value + gain[some[line]] < below[j]):
                i, following = some[line], min(line + 1, paying)
                if value + rest[following, left] < below[j]:
                    stack[top, 0], stack[top, 1] = line + 1, left
                    stack[top, 2], stack[top, 3] = held, 0
                    worth[top] = value
                    top += 1
                if size[i] <= left:
                    more = value + gain[i]
                    if more + rest[following, left - size[i]] < below[j]:
                        stack[top, 0], stack[top, 1] = line + 1, left - size[i]
                        stack[top, 2], stack[top, 3] = held + 1, 1
                        worth[top] = more
                        top += 1
                continue
            if held == 0:
                continue
            ordered = np.sort(taken[:held])
            weight, away = 0.0, 0.0
            for i in ordered:
                weight += load[i]
                away += distance[i, j]
            if weight > room[j]:
                continue
            if columns >= most[0] or entries + held > most[1]:
                return most[0] + 1, entries
            if len(place):
                place[columns], cost[columns] = j, away
                member[entries : entries + held] = ordered
                start[columns + 1] = entries + held
            columns += 1
            entries += held
    return columns, entries


@compiled
def reduce_costs(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray],
    price: np.ndarray,
    cuts: tuple[np.ndarray, np.ndarray],
    toll: np.ndarray,
) -> np.ndarray:
    """
    Take from each column's cost the prices of its items and the tolls of the cuts it uses up.

    ``columns`` holds cost, start and member; ``cuts`` says, from ``first[i]`` to ``first[i + 1]``,
    in which cuts an item is. A column uses up a cut that holds two or three of its items.
    """
    cost, start, member = columns
    first, within = cuts
    reduced = np.empty(len(cost))
    seen = np.zeros(len(toll), dtype=np.int64)
    for t in range(len(cost)):
        value = cost[t]
        for place in range(start[t], start[t + 1]):
            i = member[place]
            value -= price[i]
            for line in range(first[i], first[i + 1]):
                seen[within[line]] += 1
                if seen[within[line]] == 2:
                    value -= toll[within[line]]
        for place in range(start[t], start[t + 1]):
            i = member[place]
            for line in range(first[i], first[i + 1]):
                seen[within[line]] = 0
        reduced[t] = value
    return reduced


@compiled
def least_of_places(place: np.ndarray, reduced: np.ndarray, places: int) -> np.ndarray:
    """Give the least reduced cost of each place's columns, infinite where it has none."""
    least = np.full(places, np.inf)
    for t in range(len(place)):
        if reduced[t] < least[place[t]]:
            least[place[t]] = reduced[t]
    return least


@compiled
def gather(
    start: np.ndarray, member: np.ndarray, which: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give start and member of some of the columns."""
    first = np.zeros(len(which) + 1, dtype=np.int64)
    for line in range(len(which)):
        first[line + 1] = first[line] + start[which[line] + 1] - start[which[line]]
    items = np.empty(first[-1], dtype=member.dtype)
    for line in range(len(which)):
        begin = start[which[line]]
        for place in range(first[line + 1] - first[line]):
            items[first[line] + place] = member[begin + place]
    return first, items


@compiled
def find_triples(
    together: np.ndarray,
    columns: tuple[np.ndarray, np.ndarray],
    holders: tuple[np.ndarray, np.ndarray],
    share: np.ndarray,
    least: float,
) -> list[tuple[float, int, int, int]]:
    """
    Find three items of which columns with two or three of them are chosen more than once in all.

    Parameters
    ----------
    together
        (items, items), shares of columns that hold both, in all; 0 on the diagonal.
    columns
        Start and member of the columns in question.
    holders
        First and column: which of them hold an item.
    share
        How much of each is chosen.
    least
        By how much it has to be more than once.

    Returns
    -------
    list
        The excess and the three items.
    """
    start, member = columns
    first, holder = holders
    items = len(together)
    found = [(0.0, 0, 0, 0)]
    for a in range(items):
        near = np.flatnonzero(together[a])
        for place in range(len(near)):
            b = near[place]
            for c in near[place + 1 :]:
                if together[b, c] > 0 and (a > b or a > c):
                    continue  # met with the least of the three as a
                total = together[a, b] + together[a, c] + together[b, c]
                if total <= 1 + least:
                    continue
                for line in range(first[a], first[a + 1]):
                    t, inside = holder[line], 0
                    for place_of in range(start[t], start[t + 1]):
                        inside += member[place_of] == b or member[place_of] == c
                    if inside == 2:
                        total -= 2 * share[t]
                if total > 1 + least:
                    found.append((total - 1, a, b, c))
    return found[1:]
