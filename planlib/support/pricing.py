"""The best sets of requests for experts alone, at given prices: the inner loop of the bound."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planlib.compiled import compiled
from planlib.support.by_dates import by_dates
from planlib.support.by_density import by_density
from planlib.support.market import Market, used

_DEARER = 20  # times as many nodes by dates as by density: a node there is a look into a table


@compiled
def best_set(
    value: np.ndarray,
    minutes: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    left: np.ndarray,
    nodes: int,
    slack: float = 1e-6,
) -> tuple[np.ndarray, float, float]:
    """
    Choose requests of the largest value that fit beside each other, by branch and bound.

    In the order of their dates first, which is quick where windows are wide; where that takes too
    long, the densest first.

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
        (n,) bool chosen, its value, and a bound on the value of any set.
    """
    chosen, worth, bound, is_done = by_dates(value, minutes, first, last, left, (nodes, slack))
    if is_done:
        return chosen, worth, bound
    limits = (max(1, nodes // _DEARER), slack)
    other, found, closer = by_density(value, minutes, first, last, left, limits, worth)
    if found > worth:
        chosen, worth = other, found
    return chosen, worth, min(bound, closer)


class Offers(NamedTuple):
    """
    Requests as arrays; ``able[start[e]:start[e + 1]]``, ascending, may be served by expert e.

    Minutes have the shape (requests, experts); ``left`` (experts, periods, periods) are those that
    there are in each span.
    """

    gain: np.ndarray
    minutes: np.ndarray
    first: np.ndarray
    last: np.ndarray
    small: np.ndarray
    start: np.ndarray
    able: np.ndarray
    left: np.ndarray


def offers_of(market: Market, plan: np.ndarray) -> Offers:
    """Give what is asked for as the inner loop takes it, beside what a plan has."""
    experts, able = np.nonzero(market.eligible.T)
    return Offers(
        gain=market.gain.astype("float64"), minutes=np.ascontiguousarray(market.minutes),
        first=market.first, last=market.last, small=market.small,
        start=np.searchsorted(experts, np.arange(market.experts + 1)), able=able,
        left=used(market, plan).left,
    )  # fmt: skip


@compiled
def best_sets(
    offers: Offers,
    experts: np.ndarray,
    free: np.ndarray,
    price: np.ndarray,
    bonus: float,
    limits: tuple[int, float],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """
    Give the set of requests that each of some experts buys.

    Parameters
    ----------
    offers
        What is asked for and what there is.
    experts
        (n,) who buys.
    free
        (requests,) bool, what is on offer.
    price, bonus
        (requests,) price of each request, and the bonus of a minute for small accounts, in cents.
    limits
        Most nodes of each expert; share by which a set may be better than the one that is given.

    Returns
    -------
    tuple
        (n + 1,) where the requests of each expert begin among those bought, which are ascending;
        (n,) worth beyond the price, and a bound on that of any set, in cents.
    """
    gain, minutes, first, last, small = (
        offers.gain, offers.minutes, offers.first, offers.last, offers.small
    )  # fmt: skip
    start, able, left = offers.start, offers.able, offers.left
    begin = np.zeros(len(experts) + 1, dtype=np.int64)
    bought = np.empty(len(experts) * len(gain), dtype=np.int64)
    worth, bound = np.zeros(len(experts)), np.zeros(len(experts))
    for place in range(len(experts)):
        expert = experts[place]
        mine = able[start[expert] : start[expert + 1]]
        paid, value = np.empty(len(mine), dtype=np.int64), np.empty(len(mine))
        count = 0
        for one in mine:
            if free[one]:
                extra = bonus * minutes[one, expert] if small[one] else 0.0
                paid[count], value[count] = one, gain[one] - price[one] + extra
                count += int(value[count] > 0.0)
        begin[place + 1] = begin[place]
        if not count:
            continue
        paid, value = paid[:count], value[:count]
        need = np.empty(count, dtype=np.int64)
        for one in range(count):
            need[one] = minutes[paid[one], expert]
        order = np.argsort(-value / need, kind="mergesort")
        paid, scale = paid[order], value.max()
        chosen, found, most = best_set(
            value[order] / scale, need[order], first[paid], last[paid], left[expert], limits[0],
            limits[1],
        )  # fmt: skip
        taken = np.sort(paid[chosen])
        bought[begin[place] : begin[place] + len(taken)] = taken
        begin[place + 1] += len(taken)
        worth[place], bound[place] = found * scale, most * scale
    return begin, bought[: begin[-1]], worth, bound
