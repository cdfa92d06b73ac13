"""Bound, search and proof of the choice of seats, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planlib.deadline import deadline
from planlib.territories import seats_kernels
from planlib.territories.seats_bound import Bound, Market, climb, ruled_out
from planlib.territories.seats_columns import Columns, list_columns
from planlib.territories.seats_exact import prove
from planlib.territories.seats_master import Asked, best_choice

DEAR_NODES = 100  # nodes of the search over pairs that one of that over columns counts for
TRIAL_COLUMNS = 100_000  # of a first choice, where the columns of better plans are more
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

    @property
    def seat(self) -> np.ndarray:
        """The place that serves each item."""
        return np.asarray(self.places[self.line])


def solve(
    market: Market, work: tuple[int, int, int, int], seed: int, time_limit: float | None
) -> tuple[np.ndarray, float]:
    """
    Find a plan and a bound.

    Parameters
    ----------
    market
        What is asked.
    work
        Rounds of the bound, starts of the search, nodes of the exact search, columns it may list.
    seed
        Of the search.
    time_limit
        Seconds for the exact search, or None.

    Returns
    -------
    seat : (items,), the place of each item
    bound : infinite where it is proven that there is no plan
    """
    rounds, starts, nodes, _ = work
    left = deadline(time_limit)
    count = len(market.load)
    starts = min(starts, 3 * count * market.k)
    starts = max(30, int(starts * min(1.0, (200 / count) ** 2)))  # a start tries n x n swaps
    draw = np.random.default_rng([seed, *market.distance.shape, market.k])
    finite = _finite(market)
    plan = _search(finite, (None, None), draw, max(10, starts // 10))
    if _too_much(market):
        return plan.seat, np.inf
    guess = plan.cost if plan.over == 0 else 1.5 * plan.cost
    first = np.sort(finite.distance, axis=1)[:, min(market.k, finite.distance.shape[1] - 1)]
    bound = climb(market, first, guess, rounds)
    if not nodes:
        plan = _search(finite, (bound, plan), draw, starts)
        value = _rounded(bound.value, _step(market))
        return plan.seat, min(value, _cost(market, plan.seat))
    # A short search and a proof settle most; a long search follows where they do not.
    plan = _search(finite, (bound, plan), draw, max(30, starts // 10))
    proof = _Proof(market=market, work=work, left=left, bound=bound, seat=plan.seat)
    proof.climb()
    proof.try_columns()
    if not proof.finished:
        plan = _search(finite, (proof.bound, plan), draw, starts)
        if proof.improve(plan.seat):
            proof.climb()
            proof.try_columns()
        proof.try_pairs()
    return proof.seat, proof.result()


def _finite(market: Market) -> Market:
    """Replace infinite distances by ones that no plan without need takes."""
    there = np.isfinite(market.distance)
    most = float(abs(market.distance[there]).max()) + 1
    distance = np.where(there, market.distance, most * (len(market.load) + 1))
    return Market(
        distance=np.ascontiguousarray(distance), load=market.load, room=market.room, k=market.k,
        grid=market.grid,
    )  # fmt: skip


def _too_much(market: Market) -> bool:
    """Tell whether the capacities rule out every plan at first sight."""
    largest = np.sort(market.room)[-market.k :].sum()
    fits = (market.load[:, None] <= market.room[None, :]) & np.isfinite(market.distance)
    return bool(market.load.sum() > largest * (1 + 1e-12) or not fits.any(axis=1).all())


def _search(
    market: Market,
    begin: tuple[Bound | None, Plan | None],
    draw: np.random.Generator,
    starts: int,
) -> Plan:
    """Improve choices of places, half of them near the best one so far."""
    bound, known = begin
    count, places = market.distance.shape
    lure = np.ones(places) if bound is None else bound.use + 0.02 * bound.use.max() + 1e-9
    lure = lure / lure.sum()
    usual = float(np.sort(market.distance, axis=1)[:, : market.k].mean()) + 1e-9
    dear = 3 * usual * count / max(float(market.load.sum()), 1e-9)
    enough = -np.inf if bound is None else _rounded(bound.value, _step(market)) + 1e-9
    best = known or Plan(places=np.arange(market.k), line=np.empty(0), cost=np.inf, over=np.inf)
    for turn in range(max(starts, 1)):
        if best.over == 0 and best.cost <= enough:
            break
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


@dataclass(kw_only=True)
class _Proof:
    """
    The best plan so far, and what is proven about those that may be better.

    ``value`` is a cost that no plan is below. ``finished`` says that no plan is better than
    ``seat``, or that there is none at all where ``seat`` does not keep the capacities.
    """

    market: Market
    work: tuple[int, int, int, int]
    left: Callable[[], float]
    bound: Bound
    seat: np.ndarray
    value: float = -np.inf
    finished: bool = False

    def __post_init__(self) -> None:
        """Begin with the bound."""
        self.step = _step(self.market)
        self._raise(self.bound.value)

    @property
    def better(self) -> float:
        """The cost that a better plan stays below."""
        cost = _cost(self.market, self.seat)
        return cost - (1 - 1e-6) * self.step if cost < np.inf else _most(self.market)

    def improve(self, seat: np.ndarray | None) -> bool:
        """Take a plan over if it is better."""
        if seat is None or _cost(self.market, seat) >= _cost(self.market, self.seat):
            return False
        self.seat = seat
        self._raise(self.value)
        return True

    def result(self) -> float:
        """Give the bound; infinite where it is proven that there is no plan."""
        cost = _cost(self.market, self.seat)
        return cost if self.finished else min(self.value, cost)

    def climb(self) -> None:
        """Raise the bound with the plan's cost for a goal."""
        cost = _cost(self.market, self.seat)
        if cost < np.inf and not self.finished:
            again = climb(self.market, self.bound.price, cost, self.work[0] // 2)
            self.bound = max(self.bound, again, key=lambda one: one.value)
            self._raise(self.bound.value)

    def try_columns(self) -> None:
        """List the columns of better plans, and choose among them."""
        # Of very many, a few mostly hold a better plan: first a trial on these.
        for limit in (min(TRIAL_COLUMNS, self.work[3]), self.work[3]):
            if self.finished or self.left() <= 0:
                return
            better = self.better
            listed = list_columns(self.market, self.bound, better, limit)
            if listed is None:
                continue
            columns, cutoff = listed
            self._choose(columns, cutoff)
            if cutoff >= better:
                return

    def _choose(self, columns: Columns, cutoff: float) -> None:
        items, places = self.market.distance.shape
        asked = Asked(
            items=items, places=places, k=self.market.k, cutoff=cutoff, left=self.left,
            nodes=self.work[2] // DEAR_NODES,
        )  # fmt: skip
        choice = best_choice(columns, self.bound.price, asked)
        self._settle((choice.seat, choice.bound), cutoff)

    def try_pairs(self) -> None:
        """Rule out pairs, and search the rest where little enough is left."""
        if self.finished or self.left() <= 0:
            return
        better = self.better
        out, must_open = ruled_out(self.market, self.bound, better)
        if (~out).sum() <= EXACT_PAIRS:
            found = prove(self.market, ~out, must_open, (self.work[2], self.left()))
            value = found.bound
            # The solver's plan may exceed a capacity within its tolerance: then its bound counts.
            if found.finished and found.seat is not None:
                cost = _cost(self.market, found.seat)
                value = cost if cost < np.inf else value
            self._settle((found.seat, value), better)

    def _settle(self, found: tuple[np.ndarray | None, float], cutoff: float) -> None:
        """Take over what a search below a cut-off found; infinite: there is nothing."""
        seat, value = found
        before = self.better
        self.improve(seat)
        for better in (before, self.better):
            if min(value, cutoff) >= better - 1e-9 * max(1.0, abs(better)):
                self.finished = True
        if not self.finished:
            self._raise(min(value, cutoff))

    def _raise(self, value: float) -> None:
        """Take over a bound."""
        self.value = max(self.value, _rounded(value, self.step))
        self.finished = self.finished or self.value > self.better


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
