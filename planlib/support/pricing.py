"""The best set of requests for one expert alone, at given prices: the inner loop of the bound."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled


@compiled
def _take(left: np.ndarray, first: int, last: int, minutes: int) -> None:
    """Take minutes out of every span around a window; negative minutes give them back."""
    for start in range(first + 1):
        for end in range(last, left.shape[1]):
            left[start, end] -= minutes


@compiled
def _room(left: np.ndarray, first: int, last: int, most: int) -> int:
    """Give the most minutes that still fit into a window, up to a limit; below 1 once none do."""
    for start in range(first, -1, -1):
        for end in range(last, left.shape[1]):
            most = min(most, left[start, end])
        if most <= 0:
            break
    return most


@compiled
def _in_parts(
    value: np.ndarray,
    minutes: np.ndarray,
    windows: tuple[np.ndarray, np.ndarray],
    left: np.ndarray,
    free: np.ndarray,
    offer: np.ndarray,
    enough: float,
) -> float:
    """Give the most that the requests on offer are worth where each may be served in part.

    Hours that fit into windows form a polymatroid, so taking the densest first is best (Edmonds
    1970). It ends as soon as ``enough`` is passed. ``free`` is room to work in.
    """
    first, last = windows
    periods = left.shape[1]
    free[:] = left
    total: float = 0.0
    for one in offer:
        if free[0, periods - 1] <= 0:
            break
        room = _room(free, first[one], last[one], minutes[one])
        if room <= 0:
            continue
        total += value[one] * room / minutes[one]
        if total > enough:
            break
        _take(free, first[one], last[one], room)
    return total


@compiled
def best_set(
    value: np.ndarray,
    minutes: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    left: np.ndarray,
    nodes: int,
    slack: float = 1e-6,
) -> tuple[np.ndarray, float, float, int]:
    """
    Choose requests of the largest value that fit beside each other, by branch and bound.

    A node takes the first request on offer or leaves it for good. What no longer fits as a whole
    is off the offer, so that the bound counts no part of it.

    Parameters
    ----------
    value, minutes, first, last
        (n,) worth, minutes and window of each request, most worth a minute first.
    left
        (periods, periods) minutes left in each span; it is changed and brought back.
    nodes
        Most nodes that are looked at.
    slack
        Share by which a set may be better than the one that is found.

    Returns
    -------
    tuple
        (n,) bool chosen, its value, a bound on the value of any set, nodes looked at.
    """
    count, windows = len(value), (first, last)
    free = np.empty_like(left)
    offers = np.empty((count + 1, count), dtype=np.int64)  # by level: what fits beside the taken
    size, place = np.zeros(count + 1, dtype=np.int64), np.zeros(count + 1, dtype=np.int64)
    for one in range(count):
        if _room(left, first[one], last[one], minutes[one]) == minutes[one]:
            offers[0, size[0]] = one
            size[0] += 1
    root = _in_parts(value, minutes, windows, left, free, offers[0, : size[0]], np.inf)
    taken = np.zeros(count, dtype=np.bool_)
    best = taken.copy()
    best_value, worth, looked, level, bound = 0.0, 0.0, 0, 0, 0.0
    while level >= 0:
        offer = offers[level, place[level] : size[level]]
        stopped = looked >= nodes
        gap = np.inf if stopped else best_value * (1 + slack) + 1e-9 - worth
        more = _in_parts(value, minutes, windows, left, free, offer, gap)
        if stopped:
            bound = max(bound, worth + more)
        else:
            looked += 1
        if more > gap:
            one = offer[0]
            _take(left, first[one], last[one], minutes[one])
            taken[one] = True
            worth += value[one]
            if worth > best_value:
                best_value = worth
                best[:] = taken
            level += 1
            place[level], size[level] = 0, 0
            for other in offer[1:]:
                if _room(left, first[other], last[other], minutes[other]) == minutes[other]:
                    offers[level, size[level]] = other
                    size[level] += 1
            continue
        level -= 1
        if level >= 0:  # give back what was taken last, and leave it
            one = offers[level, place[level]]
            _take(left, first[one], last[one], -minutes[one])
            taken[one] = False
            worth -= value[one]
            place[level] += 1
    bound = max(bound, best_value * (1 + slack) + 1e-9)
    return best, best_value, min(bound, root), looked
