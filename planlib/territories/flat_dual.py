"""
Prices and a bound for a whole market at once, where accounts times reps are too many to store.

For prices p, D(p) = sum_i min_j (c_ij + sum_k p_kj b_ki) - sum_kj max(p_kj U_kj, p_kj L_kj) is at
most the cost of any plan within the limits (Lagrangian duality; Fisher 1981). The prices are found
on the cheapest reps of each account only, with the minimum smoothed to a log-sum-exp that gets
sharper step by step, by L-BFGS-B; the bound is then computed over all reps, in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np

from planlib.territories.engine.result import CostProvider

#: Entries of a block of costs.
BLOCK = 2_000_000
_CHUNKS = 16  # parts of the arcs that are added up one after the other
_HEATS = (0.1, 0.03, 0.01, 0.003)


@dataclass(frozen=True, kw_only=True)
class Market:
    """
    What is assigned: costs by blocks of rows, loads, limits.

    Parameters
    ----------
    cost
        Gives costs block by block, infinite where a rep may not have an account.
    load
        (n, K) size of each account.
    lower, upper
        (K, m) limits of each rep, infinite where open.
    """

    cost: CostProvider
    load: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Number of accounts and of reps."""
        return len(self.load), self.lower.shape[1]

    def ranges(self, width: int | None = None) -> list[tuple[int, int]]:
        """Give ranges of rows of a size that fits into memory."""
        step = width or max(1, BLOCK // max(self.shape[1], 1))
        return [(at, min(at + step, len(self.load))) for at in range(0, len(self.load), step)]


@dataclass(frozen=True, kw_only=True)
class Scan:
    """
    What one pass over the costs of some rows has found at given prices.

    ``least`` (rows,) is the least reduced cost, ``arc`` (rows, keep) the cheapest reps (-1: fewer)
    and ``arc_cost`` their costs.
    """

    least: np.ndarray
    arc: np.ndarray
    arc_cost: np.ndarray


def scan(
    market: Market,
    price: np.ndarray,
    ranges: list[tuple[int, int]],
    *,
    keep: int = 1,
    executor: Executor | None = None,
) -> Scan:
    """
    Go once over ranges of rows.

    Parameters
    ----------
    market
        Costs and loads.
    price
        (K, m) price per unit of load.
    ranges
        First and last row (excluded) of each block.
    keep
        How many of the cheapest reps to give per account.
    executor
        Works on blocks at the same time; the result is the same without.
    """
    width = min(keep, market.shape[1])
    loads = [market.load[first:last] for first, last in ranges]
    run: Callable[..., Iterable[Any]] = executor.map if executor else map
    found = run(_scan_block, repeat(market.cost), ranges, loads, repeat(price), repeat(width))
    total = sum(last - first for first, last in ranges)
    whole = Scan(
        least=np.empty(total),
        arc=np.empty((total, width), dtype=np.int32),
        arc_cost=np.empty((total, width)),
    )
    at = 0
    for least, arc, arc_cost in found:
        here = slice(at, at + len(least))
        whole.least[here] = least
        whole.arc[here], whole.arc_cost[here] = arc, arc_cost
        at += len(least)
    return whole


def _scan_block(
    cost: CostProvider,
    rows: tuple[int, int],
    load: np.ndarray,
    price: np.ndarray,
    keep: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from planlib.territories.flat_kernels import scan_rows

    block = np.ascontiguousarray(cost.rows(*rows), dtype=np.float64)
    return scan_rows(block, load, price, keep)


def support(lower: np.ndarray, upper: np.ndarray, price: np.ndarray) -> float:
    """Give sum of max(p U, p L) over reps and measures: what prices take off the bound."""
    with np.errstate(invalid="ignore"):
        above = np.where(price > 0, price * upper, 0.0)
        below = np.where(price < 0, price * lower, 0.0)
    return float((above + below).sum())


def bound_of(market: Market, price: np.ndarray, *, executor: Executor | None = None) -> float:
    """
    Give the bound at prices, over all reps, in float64.

    Parameters
    ----------
    market
        Costs, loads and limits.
    price
        (K, m); where a limit is open a price towards it counts as 0.
    executor
        Works on blocks at the same time.
    """
    price = open_prices(market, price)
    found = scan(market, price, market.ranges(), executor=executor)
    return float(found.least.sum()) - support(market.lower, market.upper, price)


def open_prices(market: Market, price: np.ndarray) -> np.ndarray:
    """Set prices towards open limits to 0."""
    price = np.where(np.isposinf(market.upper) & (price > 0), 0.0, price)
    return np.where(np.isneginf(market.lower) & (price < 0), 0.0, price)


@dataclass(frozen=True, kw_only=True)
class Arcs:
    """The cheapest reps of some accounts: (rows, keep) reps or -1, their costs, (rows, K) loads."""

    arc: np.ndarray
    cost: np.ndarray
    load: np.ndarray

    def joined(self, arc: np.ndarray, cost: np.ndarray) -> Arcs:
        """Add further reps of the same accounts, each once."""
        both, costs = np.hstack([self.arc, arc]), np.hstack([self.cost, cost])
        order = np.argsort(np.where(both < 0, np.iinfo(np.int32).max, both), axis=1, kind="stable")
        both = np.take_along_axis(both, order, axis=1)
        costs = np.take_along_axis(costs, order, axis=1)
        again = np.zeros(both.shape, dtype=bool)
        again[:, 1:] = both[:, 1:] == both[:, :-1]
        both[again], costs[again] = -1, np.inf
        width = int((both >= 0).sum(axis=1).max(initial=1))
        first = np.argsort(both < 0, axis=1, kind="stable")[:, :width]
        return Arcs(
            arc=np.take_along_axis(both, first, axis=1),
            cost=np.take_along_axis(costs, first, axis=1),
            load=self.load,
        )

    def nearest(self, price: np.ndarray, keep: int) -> Arcs:
        """Keep the arcs of each account with the least reduced costs, those first."""
        reduced = self.cost.copy()
        for k, one in enumerate(price):
            reduced += one[self.arc] * self.load[:, [k]]
        reduced[self.arc < 0] = np.inf
        first = np.argsort(reduced, axis=1, kind="stable")[:, :keep]
        return Arcs(
            arc=np.take_along_axis(self.arc, first, axis=1),
            cost=np.take_along_axis(self.cost, first, axis=1),
            load=self.load,
        )


def tuned_prices(
    market: Market,
    arcs: Arcs,
    price: np.ndarray,
    *,
    share: np.ndarray,
    heats: tuple[float, ...] = _HEATS,
    steps: int = 60,
    reach: float = np.inf,
    executor: Executor | None = None,
) -> np.ndarray:
    """
    Improve prices on the arcs at hand.

    Parameters
    ----------
    market
        Limits; costs are not read.
    arcs
        Accounts and their cheapest reps.
    price
        (K, m) to start from.
    share
        (K,) part of the market's load that these accounts are; limits are scaled by it.
    heats
        Temperatures, as shares of the typical cost of an account.
    steps
        Most steps at each temperature.
    reach
        How far a price may move, in typical costs per typical load.
    executor
        Works on parts of the arcs at the same time.
    """
    from scipy.optimize import minimize

    typical = arcs.load.mean(axis=0)
    typical = np.where(typical > 0, typical, 1.0)
    finite = arcs.cost[:, 0][np.isfinite(arcs.cost[:, 0])]
    spread = np.abs(finite - np.median(finite)) if len(finite) else np.ones(1)
    unit = max(float(np.abs(finite).mean()) if len(finite) else 1.0, float(spread.mean()), 1e-12)
    scale = (unit / typical)[:, None]
    weight = np.maximum((arcs.load / typical).mean(axis=1), 0.05)
    lower, upper = market.lower * share[:, None], market.upper * share[:, None]
    start = (open_prices(market, price) / scale).ravel()
    low = np.where(np.isneginf(lower), 0.0, -np.inf).ravel()
    high = np.where(np.isposinf(upper), 0.0, np.inf).ravel()
    low, high = np.maximum(low, start - reach), np.minimum(high, start + reach)
    cuts = np.linspace(0, len(arcs.arc), _CHUNKS + 1).astype(int)
    pieces = [slice(first, last) for first, last in zip(cuts[:-1], cuts[1:], strict=True)]
    run: Callable[..., Iterable[Any]] = executor.map if executor else map

    def value(point: np.ndarray, heat: float) -> tuple[float, np.ndarray]:
        now = point.reshape(lower.shape) * scale
        box, slope = _soft_support(lower, upper, now, heat * scale)
        parts = list(run(_soft_piece, repeat(arcs), pieces, repeat(weight * (heat * unit)),
                         repeat(np.ascontiguousarray(now.T))))  # fmt: skip
        total = sum(part[0] for part in parts)
        got = sum(part[1] for part in parts).T
        return (box - total) / unit, ((slope - got) * scale / unit).ravel()

    for heat in heats:
        done = minimize(
            value, start, args=(heat,), jac=True, method="L-BFGS-B",
            bounds=np.column_stack([low, high]),
            options={"maxiter": steps, "maxcor": 12, "ftol": 1e-10, "gtol": 0.0},
        )  # fmt: skip
        start = np.clip(done.x, low, high)
    return np.asarray(start.reshape(lower.shape) * scale)


def _soft_piece(
    arcs: Arcs, rows: slice, smooth: np.ndarray, price: np.ndarray
) -> tuple[float, np.ndarray]:
    from planlib.territories.flat_kernels import soft_rows

    return soft_rows(arcs.arc[rows], arcs.cost[rows], arcs.load[rows], smooth[rows], price)


def _soft_support(
    lower: np.ndarray, upper: np.ndarray, price: np.ndarray, heat: np.ndarray
) -> tuple[float, np.ndarray]:
    """Give sum of max(p U, p L), its corner at 0 rounded off, and its slope."""
    both = np.isfinite(lower) & np.isfinite(upper)
    middle = np.where(both, (np.where(both, upper, 0) + np.where(both, lower, 0)) / 2, 0.0)
    half = np.where(both, (np.where(both, upper, 0) - np.where(both, lower, 0)) / 2, 0.0)
    middle = np.where(np.isfinite(lower) & ~both, np.where(np.isfinite(lower), lower, 0), middle)
    middle = np.where(np.isfinite(upper) & ~both, np.where(np.isfinite(upper), upper, 0), middle)
    root = np.sqrt(price**2 + heat**2)
    total = float((price * middle + half * root).sum())
    return total, middle + half * price / root


@dataclass(frozen=True, kw_only=True)
class Flat:
    """Prices (K, m) of a market, the bound at them, and the cheapest arcs of every account."""

    price: np.ndarray
    bound: float
    arcs: Arcs


#: Temperatures of each round, how far prices may move in it, and the steps at each temperature.
_ROUNDS = (
    ((0.1, 0.03, 0.01, 0.003), 2.0, 40),
    ((0.1, 0.03, 0.01, 0.003), 2.0, 40),
    ((0.01, 0.003, 0.001), 1.0, 40),
)
_LATE = ((0.01, 0.003, 0.001), 1.0, 40)
_KEEP = 16  # cheapest reps of an account that each pass adds
_WIDEST = 32  # cheapest reps of an account that are given back
_SAMPLED = 200_000_000  # pairs above which the first rounds see some accounts only
_SAMPLE_PER_REP = 25
_STRIP = 16  # neighbouring rows of a sample that are read at once
_CLOSE = 1e-4  # a bound over all pairs this close to that on the arcs misses none, relative


def flat_prices(market: Market, *, seed: int = 0, executor: Executor | None = None) -> Flat:
    """
    Give prices, the bound and the arcs that matter, of a whole market.

    Parameters
    ----------
    market
        At least one account and one rep.
    seed
        Of the sample with which a large market starts.
    executor
        Works on blocks at the same time; the result is the same without.
    """
    price = np.zeros(market.lower.shape)
    rounds = list(_ROUNDS)
    is_large = market.shape[0] * market.shape[1] > _SAMPLED
    if is_large:
        price = _sampled(market, seed, executor)
        rounds = [_LATE, _LATE, _LATE]
    whole = np.ones(len(price))
    found = scan(market, price, market.ranges(), keep=_KEEP, executor=executor)
    arcs = Arcs(arc=found.arc, cost=found.arc_cost, load=market.load)
    best = (float(found.least.sum()) - support(market.lower, market.upper, price), price)
    for heats, reach, steps in rounds:
        price = tuned_prices(market, arcs, best[1], share=whole, heats=heats, steps=steps,
                             reach=reach, executor=executor)  # fmt: skip
        hoped = _least(arcs, price) - support(market.lower, market.upper, price)
        found = scan(market, price, market.ranges(), keep=_KEEP, executor=executor)
        bound = float(found.least.sum()) - support(market.lower, market.upper, price)
        if bound > best[0]:
            best = (bound, price)
        arcs = arcs.joined(found.arc, found.arc_cost)
        if is_large and hoped - bound <= _CLOSE * abs(bound):
            break
    return Flat(price=best[1], bound=best[0], arcs=arcs.nearest(best[1], _WIDEST))


def _sampled(market: Market, seed: int, executor: Executor | None) -> np.ndarray:
    """Give prices that suit some accounts, evenly spread in strips."""
    count, reps = market.shape
    strips = -(-count // _STRIP)
    wanted = min(strips, -(-_SAMPLE_PER_REP * reps // _STRIP))
    chosen = np.sort(np.random.default_rng(seed).choice(strips, wanted, replace=False))
    ranges = [(int(at) * _STRIP, min((int(at) + 1) * _STRIP, count)) for at in chosen]
    load = np.concatenate([market.load[first:last] for first, last in ranges])
    total = market.load.sum(axis=0)
    share = np.divide(load.sum(axis=0), total, out=np.ones(len(total)), where=total > 0)
    price = np.zeros(market.lower.shape)
    arcs: Arcs | None = None
    for heats, reach, steps in _ROUNDS:
        found = scan(market, price, ranges, keep=_KEEP, executor=executor)
        arcs = (
            Arcs(arc=found.arc, cost=found.arc_cost, load=load)
            if arcs is None
            else arcs.joined(found.arc, found.arc_cost)
        )
        price = tuned_prices(market, arcs, price, share=share, heats=heats, steps=steps,
                             reach=reach, executor=executor)  # fmt: skip
    return price


def _least(arcs: Arcs, price: np.ndarray) -> float:
    """Give the sum of the least reduced costs over arcs."""
    from planlib.territories.flat_kernels import fold_rows

    one = np.zeros(price.shape[1], dtype=np.int64)
    found = fold_rows(arcs.arc, arcs.cost, arcs.load, np.ascontiguousarray(price.T), one)
    return float(found.sum())
