"""
Columns: sets of requests that one expert could serve, the bound of their programme, and dives.

At given prices of the requests each expert buys the set that earns most beyond them; what requests
cost and experts earn bounds every plan (Lagrangian relaxation; Geoffrion 1974). The prices at which
that is least are found with a bundle of the sets bought before. Its weights choose among the sets
in parts, as the linear programme over all sets does (Dantzig and Wolfe 1960). Then the sets with
the largest weights are held for good and prices settle again, until every expert has one (a dive;
Sadykov, Vanderbeck, Pessoa, Tahiri and Uchoa 2019).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, NamedTuple

import numpy as np

from planlib.bundle import Bundle, Climb, Cuts
from planlib.support.market import Market
from planlib.support.prices import Prices
from planlib.support.pricing import best_sets, offers_of

_NODES = 3_000  # of one expert in one round of prices
_SWEEPS = 20  # for the weights of sets, at first and in dives
_BETWEEN = 6  # rounds of prices after a hold
_HOPED = 1.0  # share of what is open that the first step of prices aims at
_SHORTER = 0.5  # multiple of a step of prices that lost, once sets are held
_DONE = 1e-6  # share of the worth that a step of prices has to promise
_PATIENCE = 30  # rounds without gain after which prices have settled
_SURE, _LIKELY, _FEW = 0.95, 0.6, 4  # weights from which sets are held: every one, or the first few
_LANES = 2  # of experts who are asked side by side
_SLACK = 1e-4  # share by which a set may be better than the one that is bought


class Bought(NamedTuple):
    """Requests that an expert buys, ascending; their worth beyond the price; its bound."""

    chosen: np.ndarray
    worth: float
    bound: float


class Columns:
    """
    Experts without a set yet, requests that are free, the sets bought so far, prices and bound.

    Functions of the bundle are what each expert loses at prices, and, last, what requests cost.
    Numbers are the price of each request and, last, the bonus for the minimum of small accounts.
    """

    def __init__(self, market: Market, plan: np.ndarray, prices: Prices) -> None:
        self.market = market
        self.plan = market.fixed.copy()  # what people have set stays
        self.free = (market.fixed < 0) & market.eligible.any(axis=1)
        self.offers = offers_of(market, self.plan)
        #: Asks lanes of experts, one after another; ``map`` of a pool: side by side.
        self.each: Callable[[Callable[[int], None], Iterable[int]], Iterable[Any]] = map
        self.base = float(market.worth(self.plan))
        self.small = market.least_small  # minutes of small accounts that are aimed at
        self.least = max(self.small - market.small_minutes(self.plan), 0)
        self.unit = float(max(market.minutes.max(initial=1), market.least_small))
        self.waiting = list(range(market.experts))
        self.bound = np.inf
        self.open = max(prices.bound - market.worth(plan), 0.01 * prices.bound)
        self.sets: list[np.ndarray] = []
        cost = prices.cost(market)
        cost = np.where(np.isfinite(cost), cost, 0.0)
        price = np.where(self.free, np.maximum(market.gain - cost, 0.0), 0.0)
        self.bundle = Bundle(market.experts + 1, market.requests + 1, low=0.0, sweeps=_SWEEPS)
        mine = [np.flatnonzero((plan == one) & (market.fixed < 0)) for one in self.waiting]
        for sets in ([market.fixed[:0]] * len(mine), mine):  # nothing, and what the plan has
            self.bundle.add(self.cuts(list(zip(self.waiting, sets, strict=True))))
        self.bundle.add(self.cost())
        self.climb = Climb(self.bundle, np.r_[price, prices.small * self.unit], shorter=1.0)

    def cuts(self, bought: list[tuple[int, np.ndarray]]) -> Cuts:
        """Give what sets of requests lose at prices, as functions of these."""
        market, known = self.market, len(self.sets)
        self.sets += [chosen for _, chosen in bought]
        owner = np.array([expert for expert, _ in bought], dtype=np.int64)
        size = np.array([len(chosen) for _, chosen in bought], dtype=np.int64)
        place = np.concatenate([chosen for _, chosen in bought])
        cut = np.repeat(np.arange(len(bought)), size)
        gain = np.bincount(cut, market.gain[place], len(bought))
        minutes = market.minutes[place, owner[cut]] * market.small[place] / self.unit
        small = np.bincount(cut, minutes, len(bought))
        with_small = np.flatnonzero(small)
        return Cuts(
            owner=owner, constant=-gain, cut=np.r_[cut, with_small],
            place=np.r_[place, np.full(len(with_small), market.requests)],
            factor=np.r_[np.ones(len(place)), -small[with_small]],
            tag=known + np.arange(len(bought)),
        )  # fmt: skip

    def cost(self) -> Cuts:
        """Give what the free requests cost, less the minimum of small accounts at its bonus."""
        place = np.r_[np.flatnonzero(self.free), self.market.requests]
        factor = np.r_[np.full(len(place) - 1, -1.0), self.least / self.unit]
        return Cuts(
            owner=np.array([self.market.experts]), constant=np.array([-self.base]),
            cut=np.zeros(len(place), dtype=np.int64), place=place, factor=factor,
        )  # fmt: skip

    def buys(
        self, experts: list[int], prices: tuple[np.ndarray, float], nodes: int,
        slack: float = _SLACK,
    ) -> list[Bought]:  # fmt: skip
        """
        Give what each expert buys of the free requests.

        Parameters
        ----------
        experts
            Who buys.
        prices
            (requests,) price of each request, and the bonus of a minute for small accounts, in
            cents.
        nodes
            Most nodes that are looked at, of each expert.
        slack
            Share by which a set may be better than the one that is given.
        """
        found: list[Bought] = [Bought(self.market.fixed[:0], 0.0, 0.0)] * len(experts)

        def ask(lane: int) -> None:
            mine = np.array(experts[lane::_LANES], dtype=np.int64)
            begin, bought, worth, bound = best_sets(
                self.offers, mine, self.free, *prices, (nodes, slack)
            )
            sets = np.split(bought, begin[1:-1])
            found[lane::_LANES] = map(Bought, sets, worth.tolist(), bound.tolist())

        lanes = range(min(_LANES, len(experts)))
        list(self.each(ask, lanes))
        return found

    def copy(self) -> Columns:
        """Give the same, to go on with by itself."""
        found = copy(self)
        found.plan, found.free = self.plan.copy(), self.free.copy()
        found.waiting, found.sets = list(self.waiting), list(self.sets)
        found.bundle, found.climb = copy(self.bundle), copy(self.climb)
        found.bundle.weight = self.bundle.weight.copy()
        found.climb.bundle = found.bundle
        return found

    def paid(self, at: np.ndarray) -> float:
        """Give what a plan is worth at prices before experts buy, in cents."""
        bonus = float(at[-1]) / self.unit * self.least
        return self.base + float(at[:-1][self.free].sum()) - bonus

    def settle(self, rounds: int, nodes: int = _NODES) -> float:
        """Let each expert who waits buy at better and better prices; give what all are worth."""
        for _ in range(rounds):
            at, bought = self.climb.at, []
            worth, prices = self.paid(at), (at[:-1], at[-1] / self.unit)
            known = -self.bundle.least(at)
            found = self.buys(self.waiting, prices, nodes)
            for expert, one in zip(self.waiting, found, strict=True):
                worth += max(one.worth, float(known[expert]))
                bought.append((expert, one.chosen))
            self.climb.answer(-worth, self.cuts(bought), _HOPED * self.open)
            is_done = self.climb.promised <= _DONE * abs(worth)
            if is_done or self.climb.idle == _PATIENCE:
                break
        return -float(self.climb.value)

    def close(self, most: int) -> float:
        """
        Give a bound at the best prices, and keep the sets that are found on the way.

        Parameters
        ----------
        most
            Most nodes of each expert.
        """
        at = self.climb.center
        prices = (at[:-1], at[-1] / self.unit)
        found = self.buys(self.waiting, prices, most)
        sets = [one.chosen for one in found]
        self.bundle.add(self.cuts(list(zip(self.waiting, sets, strict=True))))
        bound = self.paid(at) + sum(one.bound for one in found)
        self.bound = min(self.bound, bound)
        return self.bound

    def dive(self, growth: float, least: float = -np.inf) -> np.ndarray:
        """
        Give a plan: hold one set after another, until every expert has one.

        Steps of prices grow by a factor with each hold: there is more and more to settle anew. It
        ends early, with what is held, where prices say that the plan will be worth less than
        ``least``.
        """
        while self.waiting and self.hold():
            self.climb.length *= growth
            if self.waiting and self.settle(_BETWEEN) < least:
                return self.plan
        nothing = (np.zeros(self.market.requests), 0.0)
        for expert in self.waiting:
            chosen = self.buys([expert], nothing, _NODES)[0].chosen
            self.free[chosen] = False
            self.plan[chosen] = expert
        return self.plan

    def hold(self) -> bool:
        """Hold the set with the largest weight, with it a few likely ones and all that are sure."""
        bundle = self.bundle
        pairs: list[tuple[int, np.ndarray]] = []
        free, waiting = self.free.copy(), set(self.waiting)
        inside = bundle.cut[bundle.place < self.market.requests]
        size = np.bincount(inside, minlength=len(bundle.owner))
        weight = np.where((bundle.tag >= 0) & (size > 0), bundle.weight, 0.0)
        for rank, one in enumerate(np.argsort(-weight, kind="stable").tolist()):
            expert, chosen = int(bundle.owner[one]), self.sets[bundle.tag[one]]
            enough = _LIKELY if rank < _FEW else _SURE
            if weight[one] <= 0 or (pairs and weight[one] < enough):
                break
            if expert in waiting and free[chosen].all():
                waiting.remove(expert)
                free[chosen] = False
                pairs.append((expert, chosen))
        if pairs:
            self.give(pairs)
        return bool(pairs)

    def give(self, pairs: list[tuple[int, np.ndarray]]) -> None:
        """Give experts their sets for good; prices begin anew where they are best so far."""
        for expert, chosen in pairs:
            self.waiting.remove(expert)
            self.free[chosen] = False
            self.plan[chosen] = expert
        self.base = float(self.market.worth(self.plan))
        self.least = max(self.small - self.market.small_minutes(self.plan), 0)
        self.climb.shorter, self.bundle.sweeps = _SHORTER, _SWEEPS
        self.forget()

    def forget(self) -> None:
        """Forget the sets of experts who have one, and those with a request that is taken."""
        bundle, market = self.bundle, self.market
        waits = np.isin(bundle.owner, self.waiting)
        inside = bundle.place < market.requests
        gone = ~self.free[np.where(inside, bundle.place, 0)] & inside
        waits[bundle.cut[gone]] = False
        bundle.keep(waits)
        if self.waiting:
            bundle.add(self.cuts([(one, market.fixed[:0]) for one in self.waiting]))
        bundle.add(self.cost())
        self.climb.again()
