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
    whole
        Whether loads and rooms are whole numbers, small enough for knapsacks; they are then int.
    """

    distance: np.ndarray
    load: np.ndarray
    room: np.ndarray
    k: int
    whole: bool


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A bound with its prices (items,), and how much each place was used, (places,)."""

    value: float
    price: np.ndarray
    use: np.ndarray


def _sets(market: Market, price: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if market.whole:
        return seats_kernels.best_sets(market.distance, market.load, market.room, price)
    return seats_kernels.best_parts(market.distance, market.load, market.room, price)


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
        value, taken = _sets(market, price)
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
    value, _ = _sets(market, bound.price)
    order = np.argsort(value, kind="stable")
    chosen = np.zeros(len(value), dtype=bool)
    chosen[order[: market.k]] = True
    last = value[order[min(market.k, len(value)) - 1]]
    following = value[order[market.k]] if market.k < len(value) else np.inf
    base = float(bound.price.sum() + value[chosen].sum())
    forced = base + np.where(chosen, 0.0, value - last)
    with_pair = np.broadcast_to(forced, market.distance.shape)
    if market.whole:
        sets = seats_kernels.forced_sets(market.distance, market.load, market.room, bound.price)
        with_pair = with_pair + (sets - value)
    slack = 1e-9 * max(1.0, abs(cutoff))
    pairs = (with_pair >= cutoff + slack) | ~np.isfinite(market.distance)
    must_open = chosen & (base - value + min(following, 0.0) >= cutoff + slack)
    return pairs, must_open
