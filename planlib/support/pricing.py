"""The best set of requests for one expert alone, at given prices: the inner loop of the bound."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled


@compiled
def _rooms(left: np.ndarray, room: np.ndarray) -> None:
    """Give the most minutes that fit into each window: the least of all spans around it."""
    periods = left.shape[0]
    for start in range(periods):
        for end in range(periods - 1, -1, -1):
            least = left[start, end]
            if start > 0:
                least = min(least, room[start - 1, end])
            if end < periods - 1:
                least = min(least, room[start, end + 1])
            room[start, end] = least


@compiled
def _take(
    room: np.ndarray, first: int, last: int, minutes: int, out: np.ndarray, row: np.ndarray
) -> None:
    """Give the room of each window once minutes are taken out of one; ``out`` may be ``room``.

    They lower every span around the window. Those of the spans around another window that are
    around this one too leave what the window from the earlier begin to the later end has.
    ``row`` is room to work in.
    """
    periods = room.shape[1]
    for end in range(periods):
        row[end] = room[first, max(end, last)] - minutes
    before, after = room[first + 1 :], out[first + 1 :]
    for start in range(len(before)):
        for end in range(periods):
            after[start, end] = min(before[start, end], row[end])
    before, after = room[: first + 1], out[: first + 1]
    for start in range(len(before)):
        within = before[start, last] - minutes
        for end in range(periods):
            here = before[start, end]
            after[start, end] = min(here, within) if end < last else here - minutes


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
        _take(rest, first[one], last[one], here, free, row)
        rest = free
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
    is off the offer, so that the bound counts no part of it; with a request that is left, those go
    that are worth no more, need no fewer minutes and have no wider window: it could stand in for
    them.

    Parameters
    ----------
    value, minutes, first, last
        (n,) worth, minutes and window of each request, most worth a minute first.
    left
        (periods, periods) minutes left in each span.
    nodes
        Most nodes that are looked at.
    slack
        Share by which a set may be better than the one that is found.

    Returns
    -------
    tuple
        (n,) bool chosen, its value, a bound on the value of any set, nodes looked at.
    """
    count, windows, periods = len(value), (first, last), left.shape[0]
    dense = value / minutes
    work = (np.empty_like(left), np.empty(periods, dtype=left.dtype))
    hours = np.cumsum(np.sort(minutes))
    levels = np.searchsorted(hours, left[0, periods - 1], side="right") + 1  # no set is larger
    rooms = np.empty((levels, periods, periods), dtype=left.dtype)  # by level, as what follows
    offers = np.empty((levels, count), dtype=np.int64)  # what fits beside the taken
    size, place = np.zeros(levels, dtype=np.int64), np.zeros(levels, dtype=np.int64)
    _rooms(left, rooms[0])
    for one in range(count):
        if rooms[0, first[one], last[one]] >= minutes[one]:
            offers[0, size[0]] = one
            size[0] += 1
    never = (-np.inf, np.inf)
    root = _in_parts(dense, minutes, windows, rooms[0], offers[0, : size[0]], never, work)
    taken = np.zeros(count, dtype=np.bool_)
    best = taken.copy()
    best_value, worth, looked, level, bound = 0.0, 0.0, 0, 0, 0.0
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
            _take(room, first[one], last[one], minutes[one], below, work[1])
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
    return best, best_value, min(bound, root), looked
