"""
The columns that a better plan can consist of: pairs of a place and a set of items it could serve.

A bound with its prices says what each column costs at least as part of a plan. Every column that
stays below a cut-off is listed, mostly some thousands; a better plan is among them for certain
(Baldacci, Hadjiconstantinou, Maniezzo and Mingozzi 2002).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planlib.territories import seats_column_kernels as kernels
from planlib.territories.seats_bound import Bound, Market, least_with

MEMBERS = 16  # items of a column that the limit of memory reckons with


@dataclass(frozen=True, kw_only=True)
class Columns:
    """
    Columns, one behind the other.

    Parameters
    ----------
    place
        (columns,).
    cost
        (columns,) sum of the distances.
    start, member
        The items of column t, ascending, are ``member[start[t] : start[t + 1]]``.
    """

    place: np.ndarray
    cost: np.ndarray
    start: np.ndarray
    member: np.ndarray

    def __len__(self) -> int:
        """Give the number of columns."""
        return len(self.place)

    def chosen(self, which: np.ndarray) -> Columns:
        """Give some of them: by mask, or by number."""
        if which.dtype == np.bool_:
            which = np.flatnonzero(which)
        start, member = kernels.gather(self.start, self.member, which)
        return Columns(place=self.place[which], cost=self.cost[which], start=start, member=member)


@dataclass(frozen=True, kw_only=True)
class Prices:
    """
    Prices of the items, and tolls of the cuts.

    Parameters
    ----------
    item
        (items,), of any sign.
    cuts
        (cuts, 3) items.
    toll
        (cuts,), at most 0.
    """

    item: np.ndarray
    cuts: np.ndarray
    toll: np.ndarray

    def reduced(self, columns: Columns) -> np.ndarray:
        """Give the reduced cost of each column, without its place's price."""
        used = np.flatnonzero(self.toll)
        where = self.cuts[used].ravel()
        order = np.argsort(where, kind="stable")
        first = np.searchsorted(where[order], np.arange(len(self.item) + 1))
        return kernels.reduce_costs(
            (columns.cost, columns.start, columns.member), self.item, (first, order // 3),
            self.toll[used],
        )  # fmt: skip


def worth(
    columns: Columns, prices: Prices, reduced: np.ndarray, size: tuple[int, int]
) -> tuple[float, np.ndarray]:
    """
    Bound the plans made of these columns, whatever the prices are.

    Every plan pays its items' prices once, at least the tolls, and for each seat at least the least
    reduced cost of its place.

    Parameters
    ----------
    columns
        To choose from.
    prices
        Any, with tolls of at most 0.
    reduced
        (columns,), at these prices.
    size
        Places, and seats that may open.

    Returns
    -------
    bound
        No plan made of them costs less.
    within
        (columns,) no plan that holds the column costs less.
    """
    places, k = size
    value = kernels.least_of_places(columns.place, reduced, places)
    base = float(prices.item.sum() + prices.toll.sum())
    bound, beside = least_with(base, value, k)
    return bound, beside[columns.place] + reduced


def list_columns(
    market: Market, bound: Bound, cutoff: float, limit: int
) -> tuple[Columns, float] | None:
    """
    List the columns that a plan below a cut-off can hold.

    Parameters
    ----------
    market
        What is asked.
    bound
        With its prices.
    cutoff
        Only plans below this cost are looked for.
    limit
        Columns that may be listed. Where there are more, the cut-off is lowered.

    Returns
    -------
    columns, cutoff
        None where even a low cut-off leaves too many.
    """
    value = market.sets(bound.price)[0]
    base, beside = least_with(float(bound.price.sum()), value, market.k)
    slack = 1e-9 * max(1.0, abs(cutoff))
    arrays = (market.distance, market.load, market.room)
    kind = np.int16 if len(market.load) <= np.iinfo(np.int16).max else np.int32
    most = (limit, MEMBERS * limit)
    step = 1.0
    for _ in range(6):
        tried = base + step * (cutoff - base)
        ask = (bound.price, tried + slack - beside)
        none = _room(0, 0, kind)
        count, entries = kernels.list_columns(arrays, market.grid, ask, none, most)
        if count <= limit:
            break
        step *= 0.75
    else:
        return None
    found = _room(count, entries, kind)
    if count:
        kernels.list_columns(arrays, market.grid, ask, found, most)
    place, cost, start, member = found
    return Columns(place=place, cost=cost, start=start, member=member), tried


def _room(
    count: int, entries: int, kind: type
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    start = np.zeros(count + 1, np.int64)
    return np.empty(count, np.int32), np.empty(count), start, np.empty(entries, kind)
