"""
A bound on every plan, and a plan, by columns: sets of requests that one expert could serve.

A linear programme chooses among the sets in parts; its dual prices say which set each expert would
buy, and that one joins until none pays (Dantzig and Wolfe 1960). What requests cost and experts
earn beyond it bounds every plan (Lagrangian relaxation; Geoffrion 1974). Then the sets with the
largest shares are held for good and prices settle again, until every expert has one (a dive;
Sadykov, Vanderbeck, Pessoa, Tahiri and Uchoa 2019).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planlib.support.market import Market, used
from planlib.support.master import Master, Shares
from planlib.support.prices import Prices
from planlib.support.pricing import best_set

_NODES = 500  # of one expert in one round of prices
_EARLY_NODES, _CLOSE_NODES = 20_000, 100_000  # of one expert for the bound, first and later
_CLOSE_TIMES = 2  # that the bound is looked for in full, each time at better prices
_BEGIN = 40  # rounds of prices before the first choice in parts
_FIRST, _AGAIN, _BETWEEN = 30, 4, 4  # rounds with it: at first, after a bound, after sets are held
_NEAR = 0.5  # part by which prices stay near those of the best bound
_STEPS, _DIVE_STEPS = 20_000, 200_000  # of the linear programmes, before and in the dive
_SURE, _LIKELY, _FEW = 0.95, 0.6, 4  # shares from which sets are held: every one, or the first few
_PAYS = 1e-7  # share of all gains: a set that earns less beyond its price does not join
_SLACK = 1e-4  # share by which a set may be better than the one that is bought


class Bought(NamedTuple):
    """Requests that an expert buys, ascending; their worth beyond the price; its bound; nodes."""

    chosen: np.ndarray
    worth: float
    bound: float
    looked: int


def buy(
    market: Market, left: np.ndarray, offer: tuple[int, np.ndarray],
    prices: tuple[np.ndarray, float], nodes: int, slack: float = _SLACK,
) -> Bought:  # fmt: skip
    """
    Give the set of requests that an expert buys.

    Parameters
    ----------
    market
        What is asked for and what there is.
    left
        (periods, periods) minutes that the expert has in each span; it is brought back.
    offer
        The expert, and requests that the expert may serve, ascending.
    prices
        (requests,) price of each request, and the bonus of a minute for small accounts, in cents.
    nodes
        Most nodes that are looked at.
    slack
        Share by which a set may be better than the one that is given.
    """
    (expert, able), (price, bonus) = offer, prices
    minutes = market.minutes[able, expert]
    value = market.gain[able] - price[able] + bonus * minutes * market.small[able]
    paid = np.flatnonzero(value > 0)
    if not len(paid):
        return Bought(able[:0], 0.0, 0.0, 0)
    order = paid[np.lexsort((paid, -value[paid] / minutes[paid]))]
    asked, scale = able[order], float(value[paid].max())
    chosen, worth, bound, looked = best_set(
        value[order] / scale, minutes[order], market.first[asked], market.last[asked], left, nodes,
        slack,
    )  # fmt: skip
    return Bought(np.sort(asked[chosen]), worth * scale, bound * scale, looked)


def by_columns(
    market: Market, plan: np.ndarray, prices: Prices, effort: float = 1.0
) -> tuple[np.ndarray, float]:
    """
    Give a plan and a bound by columns.

    Parameters
    ----------
    market
        What is asked for and what there is, without teams.
    plan
        A plan that keeps everything; it stays as it is.
    prices
        The relaxed plan: what requests cost to begin with.
    effort
        Multiple of the usual work, which is counted.

    Returns
    -------
    tuple
        The better of the plan found and the one given; a bound in cents.
    """
    state = _Columns(market, prices, effort)
    if not state.waiting or not state.free.any():
        return plan.copy(), float(market.gain[market.fixed >= 0].sum())
    for expert in state.waiting:
        state.master.add(expert, np.flatnonzero((plan == expert) & (market.fixed < 0)))
    state.close(_EARLY_NODES)
    state.lower(float(market.worth(plan)))
    shares = state.settle(_FIRST, _NEAR)
    for _ in range(_CLOSE_TIMES):
        if shares is None or not state.close(_CLOSE_NODES):
            break
        shares = state.settle(_AGAIN, _NEAR)
    found = state.dive(shares, market.worth(plan))
    enough = market.small_minutes(found) >= market.least_small
    better = enough and market.worth(found) > market.worth(plan)
    return found if better else plan.copy(), state.bound


class _Columns:
    """Experts without a set yet, requests that are free, the columns, prices and bound so far."""

    def __init__(self, market: Market, prices: Prices, effort: float) -> None:
        self.market, self.effort = market, effort
        self.plan = market.fixed.copy()  # what people have set stays
        self.free = (market.fixed < 0) & market.eligible.any(axis=1)
        self.left = used(market, self.plan).left
        self.base = float(market.worth(self.plan))
        self.least = max(market.least_small - market.small_minutes(self.plan), 0)
        self.waiting = list(range(market.experts))
        self.master = Master(market, np.flatnonzero(self.free), self.least)
        cost = prices.cost(market)
        cost = np.where(np.isfinite(cost), cost, 0.0)
        price = np.where(self.free, np.maximum(market.gain - cost, 0.0), 0.0)
        self.centre = (np.inf, price, prices.small)  # prices at which the sets bought earn least
        self.bound = np.inf
        self.pays = _PAYS * float(market.gain.sum())
        self.steps = round(_STEPS * effort)

    def offer(self, expert: int) -> tuple[int, np.ndarray]:
        """Give an expert with the free requests that the expert may serve."""
        return expert, np.flatnonzero(self.free & self.market.eligible[:, expert])

    def paid(self, price: np.ndarray, bonus: float) -> float:
        """Give what a plan is worth at prices before experts buy, in cents."""
        return self.base + float(price[self.free].sum()) - bonus * self.least

    def price(
        self, prices: tuple[np.ndarray, float], shares: Shares | None = None
    ) -> tuple[int, float, np.ndarray]:
        """
        Let each expert who waits buy a set, which joins where it pays in ``shares``.

        Returns
        -------
        tuple
            How many sets are new; what all earn at the prices; (requests,) how often each request
            is there beyond what is bought.
        """
        count, worth, spare = 0, self.paid(*prices), self.free.astype("float64")
        for expert in self.waiting:
            found = buy(self.market, self.left[expert], self.offer(expert), prices, _NODES)
            worth += found.worth
            spare[found.chosen] -= 1.0
            if shares is None or self.earns(expert, found.chosen, shares) > self.pays:
                count += self.master.add(expert, found.chosen)
        if worth < self.centre[0]:
            self.centre = (worth, *prices)
        return count, worth, spare

    def earns(self, expert: int, chosen: np.ndarray, shares: Shares) -> float:
        """Give what a set earns beyond the prices of the linear programme."""
        small = chosen[self.market.small[chosen]]
        gain = float((self.market.gain[chosen] - shares.request[chosen]).sum())
        bonus = shares.small * float(self.market.minutes[small, expert].sum())
        return gain + bonus - float(shares.expert[expert])

    def close(self, nodes: int) -> bool:
        """
        Look for a bound at the best prices; tell whether it is closer than the last one.

        It ends as soon as the sets that are not proven best leave no hope for that.
        """
        _, price, bonus = self.centre
        nodes = max(1, round(nodes * self.effort))
        offers = [self.offer(expert) for expert in self.waiting]
        quick = [buy(self.market, self.left[one[0]], one, (price, bonus), _NODES) for one in offers]
        bound = self.paid(price, bonus) + sum(one.worth for one in quick)
        for one, before in zip(offers, quick, strict=True):
            full = before
            if before.looked >= _NODES:
                full = buy(self.market, self.left[one[0]], one, (price, bonus), nodes)
                self.master.add(one[0], full.chosen)
            bound += full.bound - before.worth
            if bound >= self.bound:
                return False
        self.bound = bound
        return True

    def lower(self, target: float) -> None:
        """Lower the price of what is left over and raise that of what is bought too often."""
        _, price, bonus = self.centre
        way = np.zeros(len(price))
        for _ in range(_BEGIN):
            _, worth, spare = self.price((price, bonus))
            way = 0.7 * np.where((price <= 0) & (spare > 0), 0.0, spare) + 0.3 * way
            if worth <= target or not way.any():
                break
            price = np.maximum(price - (worth - target) / float(way @ way) * way, 0.0)

    def settle(self, rounds: int, near: float) -> Shares | None:
        """Let sets join until none pays; None where the work is done up or nothing is found."""
        shares = self.solve()
        for _ in range(rounds):
            if shares is None:
                break
            _, price, bonus = self.centre
            mixed = near * price + (1 - near) * shares.request
            count, _, _ = self.price((mixed, near * bonus + (1 - near) * shares.small), shares)
            if count:
                shares = self.solve()
            elif near:
                near = 0.0
            else:
                break
        return shares

    def solve(self) -> Shares | None:
        """Solve the linear programme while there are steps left."""
        shares = self.master.solve(self.steps) if self.steps > 0 else None
        self.steps -= shares.steps if shares else self.steps
        return shares

    def dive(self, shares: Shares | None, target: float) -> np.ndarray:
        """Hold one set after another; it ends where the choice in parts is not worth more."""
        self.steps = round(_DIVE_STEPS * self.effort)
        while shares is not None and self.waiting:
            last = shares.share
            if not self.hold(last, _LIKELY, _SURE):
                break
            shares = self.settle(_BETWEEN, 0.0)
            if shares is None:  # out of steps: the rest by the last shares
                self.hold(last, 0.0, 0.0)
            elif self.base + shares.worth < target + 0.5:
                return self.plan
        for expert in self.waiting if self.master.is_held else []:
            nothing = (np.zeros(self.market.requests), 0.0)
            found = buy(self.market, self.left[expert], self.offer(expert), nothing, _NODES)
            self.free[found.chosen] = False
            self.plan[found.chosen] = expert
        return self.plan

    def hold(self, share: np.ndarray, likely: float, sure: float) -> bool:
        """Hold the set with the largest share, with it a few likely ones and all that are sure."""
        columns, waiting = self.master.columns, set(self.waiting)
        order = np.argsort(-share, kind="stable")[: np.count_nonzero(share > 1e-6)].tolist()
        order = [one for one in order if columns[one][0] in waiting]
        for rank, one in enumerate(order):
            expert, chosen = columns[one]
            if rank and share[one] < (likely if rank < _FEW else sure):
                break
            if expert in self.waiting and self.free[chosen].all():
                self.master.hold(one)
                self.waiting.remove(expert)
                self.free[chosen] = False
                self.plan[chosen] = expert
        return bool(order)
