"""
The bound of the choice of seats, and what it rules out.

For prices p of the items, sum p_i + the k least values of places is never above the cost of a plan,
where the value of a place is that of its best set of items within its room, at distance minus price
(Lagrangian relaxation of "every item is served once"; Ceselli and Righini 2005). The prices of
items that are served too often fall, those of items left out rise, with some of the last direction
kept (subgradients with deflection; Camerini, Fratta and Maffioli 1975).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planlib.territories import seats_kernels

CELLS = 2000  # a room that is no whole number is divided into at most so many, at least a tenth
WORK = 20_000_000  # items x places x cells that one round of the bound should not exceed then


@dataclass(frozen=True, kw_only=True)
class Market:
    """
    Items, places, and how many may open.

    Parameters
    ----------
    distance
        (items, places), infinite where a place may not serve an item.
    load
        (items,).
    room
        (places,).
    k
        Seats that may open.
    grid
        Loads (items,) and rooms (places,) in whole cells, int. Items that fit into a room in truth
        fit in cells; with loads that are whole numbers the reverse holds too.
    """

    distance: np.ndarray
    load: np.ndarray
    room: np.ndarray
    k: int
    grid: tuple[np.ndarray, np.ndarray]

    def sets(self, price: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give each place's best set of items: its value (places,), the items (items, places)."""
        return seats_kernels.best_sets(self.distance, *self.grid, price)


def in_cells(
    load: np.ndarray, room: np.ndarray, pairs: int, largest: float
) -> tuple[np.ndarray, np.ndarray]:
    """
    Give loads and rooms in whole cells.

    Parameters
    ----------
    load, room
        (items,) and (places,), in any unit.
    pairs
        Items x places; the more, the fewer cells.
    largest
        Rooms up to here are counted unit by unit where loads are whole numbers.
    """
    if bool((load == np.rint(load)).all()) and float(room.max()) <= largest:
        return load.astype(np.int64), np.floor(room).astype(np.int64)
    most = float(room.max())
    cells = min(CELLS, max(CELLS // 10, WORK // max(pairs, 1)))
    scale = cells / most if most > 0 else 0.0
    # Rounded so that whole cells never forbid what fits, with a margin for the arithmetic.
    size = np.floor(load * scale * (1 - 1e-12)).astype(np.int64)
    return size, np.floor(room * scale * (1 + 1e-12) + 1e-9).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A bound with its prices (items,), and how much each place was used, (places,)."""

    value: float
    price: np.ndarray
    use: np.ndarray


def least_with(base: float, value: np.ndarray, k: int) -> tuple[float, np.ndarray]:
    """
    Add the k least values of places, none of which has to open.

    Parameters
    ----------
    base
        Sum of the prices.
    value
        (places,) least that an open place adds, infinite where it cannot open.
    k
        Seats that may open.

    Returns
    -------
    bound
        No plan costs less.
    beside
        (places,) no plan that opens the place costs less than this and what the place adds.
    """
    order = np.argsort(value, kind="stable")
    gain = np.minimum(value, 0.0)
    bound = base + float(gain[order[:k]].sum())
    last = gain[order[k - 1]] if k <= len(value) else 0.0
    inside = np.zeros(len(value), dtype=bool)
    inside[order[:k]] = True
    return bound, bound - np.where(inside & (value <= 0), value, last)


def climb(market: Market, price: np.ndarray, cost: float, rounds: int) -> Bound:
    """
    Raise the bound.

    Parameters
    ----------
    market
        What is asked.
    price
        (items,), where to start.
    cost
        Of a plan, or a guess above the bound.
    rounds
        How often the sets are computed.
    """
    best, best_price = -np.inf, price
    use = np.zeros(market.distance.shape[1])
    way = np.zeros(len(price))
    step, idle = 1.0, 0
    for turn in range(rounds):
        value, taken = market.sets(price)
        open_ = np.argsort(value, kind="stable")[: market.k]
        bound = float(price.sum() + value[open_].sum())
        use[open_] += 1
        idle += 1
        if bound > best + 1e-6 * abs(bound):
            idle = 0
        if bound > best:
            best, best_price = bound, price
        if idle >= 20:
            step, idle, price = 0.6 * step, 0, best_price
        slope = 1 - taken[:, open_].sum(axis=1, dtype=np.float64)
        if not slope.any() or step < 1e-4 or best >= cost:
            break
        way = slope if turn == 0 else 0.7 * slope + 0.3 * way
        price = price + step * max(1.02 * cost - bound, 1e-6 * abs(cost)) / (way @ way) * way
    return Bound(value=best, price=best_price, use=use)


def ruled_out(market: Market, bound: Bound, cutoff: float) -> tuple[np.ndarray, np.ndarray]:
    """
    Say what no plan below a cost can hold.

    Parameters
    ----------
    market
        What is asked.
    bound
        With its prices.
    cutoff
        Only plans below this cost are looked for.

    Returns
    -------
    pairs
        (items, places) bool, pairs that may be left out.
    must_open
        (places,) bool, places that have to open.
    """
    value = market.sets(bound.price)[0]
    base, beside = least_with(float(bound.price.sum()), value, market.k)
    order = np.argsort(value, kind="stable")
    following = value[order[market.k]] if market.k < len(value) else 0.0
    sets = seats_kernels.forced_sets(market.distance, *market.grid, bound.price)
    with_pair = beside + sets
    slack = 1e-9 * max(1.0, abs(cutoff))
    pairs = (with_pair >= cutoff + slack) | ~np.isfinite(market.distance)
    chosen = np.zeros(len(value), dtype=bool)
    chosen[order[: market.k]] = True
    must_open = chosen & (base - value + following >= cutoff + slack)
    return pairs, must_open
