"""The best set of requests for one expert where windows are wide: by a table of hours."""

from __future__ import annotations

import numpy as np

from planlib.compiled import compiled
from planlib.support.spans import take, window_rooms

_GRID = 1_000  # steps of hours in the table of what later requests could be worth


@compiled
def _span_prices(
    value: np.ndarray, minutes: np.ndarray, windows: tuple[np.ndarray, np.ndarray], room: np.ndarray
) -> np.ndarray:
    """Give what a minute more in each span would be worth if requests were served in part.

    Hours that fit into windows form a polymatroid, so taking the densest first is best; a span
    that is full costs what the requests are worth a minute from where it fills on, until a wider
    one fills (Edmonds 1970). ``room`` is used up.
    """
    first, last = windows
    periods = room.shape[0]
    price, row = np.zeros(room.shape), np.empty(periods, dtype=room.dtype)
    full = np.full(periods, -1, dtype=np.int64)  # last period of the full span that begins there
    for one in range(len(value)):
        here = min(room[first[one], last[one]], minutes[one])
        if here > 0:
            take(room, first[one], last[one], here, room, row)
            full[:] = -1
            start = 0
            while start < periods:
                end = periods - 1
                while end >= start and room[start, end] > 0:
                    end -= 1
                full[start] = end if end >= start else -1
                start = max(end, start) + 1
        later = value[one + 1] / minutes[one + 1] if one + 1 < len(value) else 0.0
        for start in range(periods):
            if full[start] >= 0:
                price[start, full[start]] += value[one] / minutes[one] - later
    return price


@compiled
def _later(
    value: np.ndarray, minutes: np.ndarray, most: np.ndarray, hours: int, unit: int
) -> np.ndarray:
    """Give the most that requests from each on are worth beside hours that are taken.

    Requests stand by the end of their windows, up to which all of them together may take ``most``
    (n,) minutes; that is the one limit here. Minutes are rounded down to ``unit``.
    """
    count, steps = len(value), hours // unit
    table = np.zeros((count + 1, steps + 1))
    for one in range(count - 1, -1, -1):
        need, free = minutes[one] // unit, most[one] // unit
        before, after = table[one], table[one + 1]
        before[:] = after
        for taken in range(min(free, steps) - need + 1):
            before[taken] = max(before[taken], value[one] + after[taken + need])
    return table


@compiled
def _search(
    gains: tuple[np.ndarray, np.ndarray],
    minutes: np.ndarray,
    first: np.ndarray,
    most: np.ndarray,
    table: np.ndarray,
    size: tuple[int, int],
    limits: tuple[int, float],
    base: float,
) -> tuple[np.ndarray, float, float, bool]:
    """Take each request or leave it, in the order of the table, the more promising way first.

    ``gains`` are values, and values less the price of spans, which are worth ``base`` themselves;
    ``most`` (n, periods) minutes may be taken from each period on until the end of the window;
    ``size`` is the unit of the table and the most requests that fit; ``limits`` are the most nodes
    and the slack.
    """
    (value, charged), (unit, levels), (nodes, slack) = gains, size, limits
    count, periods = most.shape
    used = np.zeros((levels + 1, periods), dtype=np.int64)  # of what begins in the period or later
    worth, sure = np.zeros(levels + 1), np.full(levels + 1, base)
    taken, best = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
    other = np.full(count, -np.inf)  # bound of the way that is left
    best_value, goal, level, at, looked = 0.0, 1e-9, 0, 0, 0
    takes = False
    while True:
        while at < count:
            here = used[level, 0] // unit
            if not takes:
                if sure[level] + table[at, here] <= goal or looked >= nodes:
                    break
                looked += 1
                there = (used[level, 0] + minutes[at]) // unit
                with_it = -np.inf
                if there < table.shape[1]:
                    with_it = sure[level] + charged[at] + table[at + 1, there]
                if with_it > goal:
                    for period in range(first[at] + 1):
                        if used[level, period] + minutes[at] > most[at, period]:
                            with_it = -np.inf
                            break
                without = sure[level] + table[at + 1, here]
                takes, other[at] = with_it > max(without, goal), min(with_it, without)
            taken[at] = takes
            if takes:
                used[level + 1] = used[level]
                used[level + 1, : first[at] + 1] += minutes[at]
                worth[level + 1] = worth[level] + value[at]
                sure[level + 1] = sure[level] + charged[at]
                level += 1
                if worth[level] > best_value:
                    best_value = worth[level]
                    goal = best_value * (1 + slack) + 1e-9
                    best[: at + 1], best[at + 1 :] = taken[: at + 1], False
            takes = False
            at += 1
        if looked >= nodes:
            bound = max(goal, sure[level] + table[at, used[level, 0] // unit])
            for before in range(at):
                bound = max(bound, other[before])
            return best, best_value, bound * (1 + 1e-12) + 1e-9, False  # sums are rounded
        at -= 1
        while at >= 0:  # back to where a way is left
            level -= int(taken[at])
            if other[at] > goal:
                break
            at -= 1
        if at < 0:
            return best, best_value, goal, True
        takes, other[at] = not taken[at], -np.inf
        if not takes:
            taken[at] = False
            at += 1


@compiled
def by_dates(
    value: np.ndarray,
    minutes: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    left: np.ndarray,
    limits: tuple[int, float],
) -> tuple[np.ndarray, float, float, bool]:
    """
    Choose requests of the largest value, in the order of their dates, by branch and bound.

    Requests are taken or left in the order in which their windows end, or, backwards in time, in
    which they begin. What later ones could add is known from a table by the minutes that are taken:
    of the limits it keeps those of the spans from the first period on (backwards: to the last), as
    Lawler and Moore (1969) do for jobs with due dates. Minutes in other spans are charged for
    (Lagrangian relaxation) at what they are worth if requests are served in part; the direction is
    the one with less to charge.

    Parameters
    ----------
    value, minutes, first, last
        (n,) worth, minutes and window of each request, most worth a minute first.
    left
        (periods, periods) minutes left in each span.
    limits
        Most nodes that are looked at; share by which a set may be better than the one found.

    Returns
    -------
    tuple
        (n,) bool chosen, its value, a bound on the value of any set, and whether the nodes
        sufficed.
    """
    periods = left.shape[0]
    room = np.empty_like(left)
    window_rooms(left, room)
    able = np.zeros(len(value), dtype=np.bool_)
    for one in range(len(value)):
        able[one] = room[first[one], last[one]] >= minutes[one]
    kept = np.flatnonzero(able)
    worth, need, begin, end = value[kept], minutes[kept], first[kept], last[kept]
    price = _span_prices(worth, need, (begin, end), room)
    paid = price * left
    if paid[:, periods - 1].sum() > paid[0].sum():  # backwards in time
        begin, end = periods - 1 - end, periods - 1 - begin
        left = np.ascontiguousarray(left[::-1, ::-1].T)
        price = np.ascontiguousarray(price[::-1, ::-1].T)
    price[0] = 0.0
    order = np.argsort(end, kind="mergesort")
    kept, worth, need, begin, end = kept[order], worth[order], need[order], begin[order], end[order]
    count = len(kept)
    charged = worth.copy()
    for one in range(count):
        charged[one] -= need[one] * price[: begin[one] + 1, end[one] :].sum()
    until = left.copy()  # minutes from a period on until the end of any window that ends so late
    for period in range(periods - 2, -1, -1):
        until[:, period] = np.minimum(until[:, period], until[:, period + 1])
    most = np.ascontiguousarray(until.T)[end]
    hours = left[0, periods - 1]
    unit = max(1, hours // _GRID)
    table = _later(charged, need, most[:, 0], hours, unit)
    levels = np.searchsorted(np.cumsum(np.sort(need)), hours, side="right")  # no set is larger
    base = (price * left).sum()
    chosen, found, bound, is_done = _search(
        (worth, charged), need, begin, most, table, (unit, levels), limits, base
    )
    taken = np.zeros(len(value), dtype=np.bool_)
    taken[kept[chosen]] = True
    return taken, found, bound, is_done
