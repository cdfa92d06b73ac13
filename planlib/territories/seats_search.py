"""Bound, search and proof of the choice of seats, one after the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planlib.territories import seats_kernels
from planlib.territories.seats_bound import Bound, Market, climb, ruled_out
from planlib.territories.seats_exact import prove

EXACT_PAIRS = 40_000  # pairs up to which the rest is handed to an exact solver


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Places (k,), which of them serves each item, the cost, and the overload in all."""

    places: np.ndarray
    line: np.ndarray
    cost: float
    over: float

    @property
    def rank(self) -> tuple[float, float]:
        """Smaller is better: overload first."""
        return self.over, self.cost


def solve(
    market: Market, work: tuple[int, int, int], seed: int, time_limit: float | None
) -> tuple[np.ndarray, float]:
    """
    Find a plan and a bound.

    Parameters
    ----------
    market
        What is asked.
    work
        Rounds of the bound, starts of the search, nodes of the exact search.
    seed
        Of the search.
    time_limit
        Seconds for the exact search, or None.

    Returns
    -------
    seat : (items,), the place of each item
    bound : infinite where it is proven that there is no plan
    """
    rounds, starts, nodes = work
    count = len(market.load)
    starts = min(starts, 3 * count * market.k)
    starts = max(30, int(starts * min(1.0, (200 / count) ** 2)))  # a start tries n x n swaps
    draw = np.random.default_rng([seed, *market.distance.shape, market.k])
    finite = _finite(market)
    plan = _search(finite, None, draw, max(10, starts // 10))
    if _too_much(market):
        return plan.places[plan.line], np.inf
    guess = plan.cost if plan.over == 0 else 1.5 * plan.cost
    first = np.sort(finite.distance, axis=1)[:, min(market.k, finite.distance.shape[1] - 1)]
    bound = climb(market, first, guess, rounds)
    plan = min(plan, _search(finite, bound, draw, starts), key=lambda one: one.rank)
    if plan.over == 0 and nodes:
        bound = max(
            bound, climb(market, bound.price, plan.cost, rounds // 2), key=lambda one: one.value
        )
    return _proof(market, bound, plan, (nodes, time_limit))


def _finite(market: Market) -> Market:
    """Replace infinite distances by ones that no plan without need takes."""
    there = np.isfinite(market.distance)
    most = float(abs(market.distance[there]).max()) + 1
    distance = np.where(there, market.distance, most * (len(market.load) + 1))
    return Market(
        distance=np.ascontiguousarray(distance), load=market.load, room=market.room, k=market.k,
        whole=market.whole,
    )  # fmt: skip


def _too_much(market: Market) -> bool:
    """Tell whether the capacities rule out every plan at first sight."""
    largest = np.sort(market.room)[-market.k :].sum()
    fits = (market.load[:, None] <= market.room[None, :]) & np.isfinite(market.distance)
    return bool(market.load.sum() > largest or not fits.any(axis=1).all())


def _search(market: Market, bound: Bound | None, draw: np.random.Generator, starts: int) -> Plan:
    """Improve choices of places, half of them near the best one so far."""
    count, places = market.distance.shape
    lure = np.ones(places) if bound is None else bound.use + 0.02 * bound.use.max() + 1e-9
    lure = lure / lure.sum()
    usual = float(np.sort(market.distance, axis=1)[:, : market.k].mean()) + 1e-9
    dear = 3 * usual * count / max(float(market.load.sum()), 1e-9)
    enough = -np.inf if bound is None else _rounded(bound.value, _step(market)) + 1e-9
    best = Plan(places=np.arange(market.k), line=np.empty(0), cost=np.inf, over=np.inf)
    for turn in range(max(starts, 1)):
        if not len(best.line) or (turn < starts // 4 and turn % 2):
            seats = draw.choice(places, market.k, replace=False, p=lure)
        else:
            seats = _shaken(market, best.places, draw, lure)
        line = np.empty(count, dtype=np.int64)
        cost, over = seats_kernels.descend(
            market.distance, market.load, market.room, (seats, line), dear
        )
        plan = Plan(places=seats, line=line, cost=cost, over=over)
        best = min(best, plan, key=lambda one: one.rank)
        if best.over == 0 and best.cost <= enough:
            break
        dear = dear * 1.1 if over > 0 else max(dear * 0.97, usual / max(market.load.max(), 1e-9))
    return best


def _shaken(
    market: Market, places: np.ndarray, draw: np.random.Generator, lure: np.ndarray
) -> np.ndarray:
    """Move one to three of the seats, half of the time to a place that serves the same items."""
    seats = places.copy()
    near = draw.random() < 0.5
    for _ in range(int(draw.integers(1, 4))):
        free = np.setdiff1d(np.arange(len(lure)), seats)
        if not len(free):
            break
        mover = int(draw.integers(len(seats)))
        weight = lure[free]
        if near:
            away = abs(market.distance[:, free] - market.distance[:, [seats[mover]]]).sum(axis=0)
            weight = weight * np.exp(-5 * away / max(float(away.mean()), 1e-300))
        seats[mover] = draw.choice(free, p=weight / weight.sum())
    return seats


def _proof(
    market: Market, bound: Bound, plan: Plan, limits: tuple[int, float | None]
) -> tuple[np.ndarray, float]:
    """Rule out pairs, and search the rest exactly where little enough is left."""
    seat = plan.places[plan.line]
    step = _step(market)
    value = _rounded(bound.value, step)
    known = _cost(market, seat) < np.inf
    better = plan.cost - (1 - 1e-6) * step if known else _most(market)
    if value > better or not limits[0]:
        return seat, min(value, plan.cost) if known else value
    out, must_open = ruled_out(market, bound, better)
    if (~out).sum() > EXACT_PAIRS:
        return seat, value
    found = prove(market, ~out, must_open, limits)
    other = np.inf if found.seat is None else _cost(market, found.seat)
    finished = found.finished and (found.seat is None or other < np.inf)
    if found.seat is not None and other < _cost(market, seat):
        seat = found.seat
    cost = _cost(market, seat)
    if finished:
        return seat, cost
    return seat, min(max(value, min(_rounded(found.bound, step), better)), cost)


def _cost(market: Market, seat: np.ndarray) -> float:
    """Add up a plan's distances; infinite where it does not keep the capacities."""
    loads = np.bincount(seat, weights=market.load, minlength=len(market.room))
    if (loads > market.room).any():
        return float("inf")
    return float(market.distance[np.arange(len(seat)), seat].sum())


def _step(market: Market) -> float:
    """Give the least difference of two plans' costs, 0 where it is not known."""
    there = market.distance[np.isfinite(market.distance)]
    return 1.0 if (there == np.rint(there)).all() else 0.0


def _most(market: Market) -> float:
    """Give a cost above that of every plan."""
    there = market.distance[np.isfinite(market.distance)]
    return float(abs(there).max()) * len(market.load) + 1


def _rounded(value: float, step: float) -> float:
    """Raise a bound to the next value that a plan can have."""
    return float(np.ceil(value / step - 1e-6) * step) if step and np.isfinite(value) else value
