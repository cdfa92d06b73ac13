"""The best set of requests for one expert alone, at given prices: the inner loop of the bound."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled


@compiled
def _in_parts(
    value: np.ndarray,
    minutes: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    left: np.ndarray,
    place: int,
    enough: float,
) -> float:
    """Give the most that the requests from a place on are worth where each may be served in part.

    Hours that fit into windows form a polymatroid, so taking the densest first is best (Edmonds
    1970). It ends as soon as ``enough`` is passed.
    """
    free = left.copy()
    periods = free.shape[1]
    total: float = 0.0
    for one in range(place, len(value)):
        room = minutes[one]
        for start in range(first[one] + 1):
            for end in range(last[one], periods):
                room = min(room, free[start, end])
        if room <= 0:
            continue
        total += value[one] * room / minutes[one]
        if total > enough:
            return total
        free[: first[one] + 1, last[one] :] -= room
    return total


@compiled
def best_set(
    value: np.ndarray,
    minutes: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    left: np.ndarray,
    nodes: int,
) -> tuple[np.ndarray, float, float, int]:
    """
    Choose requests of the largest value that fit beside each other, by branch and bound.

    Parameters
    ----------
    value, minutes, first, last
        (n,) worth, minutes and window of each request, most worth a minute first.
    left
        (periods, periods) minutes left in each span; it is changed and brought back.
    nodes
        Most nodes that are looked at.

    Returns
    -------
    tuple
        (n,) bool chosen, its value, a bound on the value of any set, nodes looked at.
    """
    count = len(value)
    periods = left.shape[1]
    root = _in_parts(value, minutes, first, last, left, 0, np.inf)
    taken = np.zeros(count, dtype=np.bool_)
    best = np.zeros(count, dtype=np.bool_)
    best_value, worth, looked, place, bound = 0.0, 0.0, 0, 0, root
    finished = True
    while True:
        while place < count:  # take what fits, the densest first
            fits = True
            for start in range(first[place] + 1):
                for end in range(last[place], periods):
                    if left[start, end] < minutes[place]:
                        fits = False
                        break
                if not fits:
                    break
            if fits:
                left[: first[place] + 1, last[place] :] -= minutes[place]
                taken[place] = True
                worth += value[place]
            place += 1
        if worth > best_value:
            best_value = worth
            best[:] = taken
        found = False
        while place > 0:  # back to the last one taken that can be left out
            place -= 1
            if not taken[place]:
                continue
            left[: first[place] + 1, last[place] :] += minutes[place]
            taken[place] = False
            worth -= value[place]
            looked += 1
            gap = best_value * (1 + 1e-6) + 1e-9 - worth
            if _in_parts(value, minutes, first, last, left, place + 1, gap) > gap:
                place += 1
                found = True
                break
        if not found:
            break
        if looked > nodes:
            finished = False
            break
    for one in range(count):
        if taken[one]:
            left[: first[one] + 1, last[one] :] += minutes[one]
    if finished:
        bound = best_value * (1 + 1e-6) + 1e-9
    return best, best_value, min(bound, root), looked
