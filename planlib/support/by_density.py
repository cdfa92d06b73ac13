"""The best set of requests for one expert where windows are narrow: by what is dense."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled
from planlib.support.spans import take, window_rooms


@compiled
def _in_parts(
    dense: np.ndarray,
    minutes: np.ndarray,
    windows: tuple[np.ndarray, np.ndarray],
    room: np.ndarray,
    offer: np.ndarray,
    gap: tuple[float, float],
    work: tuple[np.ndarray, np.ndarray],
) -> float:
    """Give the most that the requests on offer are worth where each may be served in part.

    Hours that fit into windows form a polymatroid, so taking the densest first is best (Edmonds
    1970). It ends as soon as it is sure to be at most the first limit, or above the second.
    """
    first, last = windows
    free, row = work
    rest = room  # what is left; then ``free``
    hours = rest[0, rest.shape[1] - 1]
    total: float = 0.0
    for one in offer:
        most: float = total + dense[one] * hours
        if most <= gap[0]:
            return most
        here = min(rest[first[one], last[one]], minutes[one])
        if here <= 0:
            continue
        total += dense[one] * here
        hours -= here
        if total > gap[1] or hours <= 0:
            break
        take(rest, first[one], last[one], here, free, row)
        rest = free
    return total


@compiled
def by_density(
    value: np.ndarray,
    minutes: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    left: np.ndarray,
    limits: tuple[int, float],
    known: float,
) -> tuple[np.ndarray, float, float]:
    """
    Choose requests of a larger value than is known, the densest first, by branch and bound.

    A node takes the first request on offer or leaves it for good. What no longer fits as a whole
    is off the offer, so that the bound counts no part of it; with a request that is left, those go
    that are worth no more, need no fewer minutes and have no wider window: it could stand in for
    them.

    Parameters
    ----------
    value, minutes, first, last
        (n,) worth, minutes and window of each request, most worth a minute first.
    left
        (periods, periods) minutes left in each span.
    limits
        Most nodes that are looked at; share by which a set may be better than the one found.
    known
        Value of a set that is known.

    Returns
    -------
    tuple
        (n,) bool chosen, nothing where no set of a larger value was found; the larger value; a
        bound on the value of any set.
    """
    nodes, slack = limits
    count, windows, periods = len(value), (first, last), left.shape[0]
    dense = value / minutes
    work = (np.empty_like(left), np.empty(periods, dtype=left.dtype))
    hours = np.cumsum(np.sort(minutes))
    levels = np.searchsorted(hours, left[0, periods - 1], side="right") + 1  # no set is larger
    rooms = np.empty((levels, periods, periods), dtype=left.dtype)  # by level, as what follows
    offers = np.empty((levels, count), dtype=np.int64)  # what fits beside the taken
    size, place = np.zeros(levels, dtype=np.int64), np.zeros(levels, dtype=np.int64)
    window_rooms(left, rooms[0])
    for one in range(count):
        if rooms[0, first[one], last[one]] >= minutes[one]:
            offers[0, size[0]] = one
            size[0] += 1
    never = (-np.inf, np.inf)
    root = _in_parts(dense, minutes, windows, rooms[0], offers[0, : size[0]], never, work)
    taken = np.zeros(count, dtype=np.bool_)
    best = taken.copy()
    best_value, worth, looked, level, bound = known, 0.0, 0, 0, 0.0
    while level >= 0:
        offer, room = offers[level, place[level] : size[level]], rooms[level]
        gap = best_value * (1 + slack) + 1e-9 - worth
        if looked >= nodes:
            more = _in_parts(dense, minutes, windows, room, offer, never, work)
            bound = max(bound, worth + more)
            more = gap
        else:
            looked += 1
            more = _in_parts(dense, minutes, windows, room, offer, (gap, gap), work)
        if more > gap:
            one = offer[0]
            below = rooms[level + 1]
            take(room, first[one], last[one], minutes[one], below, work[1])
            taken[one] = True
            worth += value[one]
            if worth > best_value:
                best_value = worth
                best[:] = taken
            level += 1
            place[level], size[level] = 0, 0
            for other in offer[1:]:
                if below[first[other], last[other]] >= minutes[other]:
                    offers[level, size[level]] = other
                    size[level] += 1
            continue
        level -= 1
        if level >= 0:  # give back what was taken last, and leave it
            at = place[level]
            one = offers[level, at]
            taken[one] = False
            worth -= value[one]
            place[level] = kept = at + 1
            for after in range(at + 1, size[level]):
                other = offers[level, after]
                is_worse = value[other] <= value[one] and minutes[other] >= minutes[one]
                if is_worse and first[other] >= first[one] and last[other] <= last[one]:
                    continue
                offers[level, kept] = other
                kept += 1
            size[level] = kept
    bound = max(bound, best_value * (1 + slack) + 1e-9)
    return best, best_value, min(bound, root)
