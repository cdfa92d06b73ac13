"""
The integrality bonus: what every plan of whole accounts must cost above the relaxation's bound.

At given prices, a plan costs the bound, plus the regret of each item that is not with its cheapest
rep, plus the price of what each territory stays away from its priced limits. Each regret is shared
by the rep who takes the item and the one who does without it. Then each territory's part can be
bounded by itself, by enumeration of the items it could take or give, and the sum of these parts is
added to the bound. Tolerances that no sum of whole accounts meets exactly, and rural territories
with few accounts to choose from, raise the bound most.

Any way of sharing gives a bound. The best one is looked for by subgradients: an item that the
territories would give but none would take should cost more to give, and the other way round. That
is the Lagrangian dual of the rule that every item has one rep (Fisher 1981), with steps after
Polyak (1969).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from planlib.territories.engine.dual import Prices, Scale, priced_block
from planlib.territories.engine.request import Request

if TYPE_CHECKING:
    from concurrent.futures import Executor

_SUBSETS = 4_000  # of half of a territory's changes
_PARTS = 8
_SAFE = 1 - 1e-9
_KEPT = 0.6  # share of the last direction in a step
_HOPED = 1.2  # times the best so far
_PATIENCE = 2  # rounds without gain after which steps get shorter
_WHOLE = 12  # rounds until all subsets are listed; rough sharings need fewer


@dataclass(frozen=True, kw_only=True)
class _Sharing:
    """
    What is shared between territories: changes, and the plan that says how far to look.

    ``item``, ``rep``, ``regret``, ``shift``: the arcs beside the best that a territory could take;
    ``home``, ``held``: each item's best rep and its loads there.
    """

    item: np.ndarray
    rep: np.ndarray
    regret: np.ndarray
    shift: np.ndarray
    home: np.ndarray
    held: np.ndarray
    plan: np.ndarray
    paid: np.ndarray  # (N,) regret of the plan
    slack: np.ndarray  # (m,) price of the plan's distance from the priced limits
    limits: tuple[np.ndarray, np.ndarray, np.ndarray]
    reach: np.ndarray  # (m,) regrets up to which each territory's arcs are listed
    begin: np.ndarray  # (N,) share with which the search for the best sharing begins
    cap: float  # largest share of an item's giver, and largest payment
    base: np.ndarray  # (m, K) loads with every item at its best rep

    @property
    def reps(self) -> int:
        """Number of territories."""
        return len(self.slack)

    def ceiling(self, share: np.ndarray) -> np.ndarray:
        """Give the plan's part in each territory: no territory's least part is above it."""
        moved = self.plan != self.home
        out = np.bincount(self.home[moved], share[moved], self.reps)
        into = np.bincount(self.plan[moved], (self.paid - share)[moved], self.reps)
        most = self.reach - float(share.max(initial=0.0))  # what the list of arcs is good for
        return np.asarray(np.minimum(self.slack + out + into, most))

    def changes(self, share: np.ndarray, ceiling: np.ndarray) -> _Changes:
        """
        Give all changes that cost a territory less than its ceiling, by territory and cost.

        A change that pays is made from the start; to take it back then costs what it pays.
        """
        price = self.regret - share[self.item]
        rep = np.r_[self.home, self.rep]
        cost = np.r_[share, price]
        pays = cost < 0
        start = np.bincount(rep[pays], cost[pays], self.reps)
        near = np.flatnonzero(np.abs(cost) < (ceiling - start)[rep])
        near = near[np.lexsort((np.abs(cost[near]), rep[near]))]
        count, turn = len(self.home), np.where(pays, -1.0, 1.0)
        shift, base = self._shift_of(near) * turn[near, None], self.base.copy()
        np.add.at(base, rep[pays], self._shift_of(np.flatnonzero(pays)))
        return _Changes(
            first=np.searchsorted(rep[near], np.arange(self.reps + 1)).astype(np.int64),
            cost=np.abs(cost[near]), shift=np.ascontiguousarray(shift), start=start, base=base,
            item=np.where(near < count, near, self.item[np.maximum(near - count, 0)]),
            sign=np.where(near < count, 1.0, -1.0) * turn[near], made=np.flatnonzero(pays),
        )  # fmt: skip

    def _shift_of(self, changes: np.ndarray) -> np.ndarray:
        """Give what changes do to the load of their territory: first all given, then all taken."""
        count = len(self.home)
        given = changes < count
        shift = np.empty((len(changes), self.held.shape[1]))
        shift[given] = -self.held[changes[given]]
        shift[~given] = self.shift[changes[~given] - count]
        return shift


@dataclass(frozen=True, kw_only=True)
class _Changes:
    """
    The changes of all territories, sorted by territory and cost; every cost is at least 0.

    ``first``: (m + 1,) of each territory; ``start``, ``base``: what the changes cost that are made
    from the start, and the loads with them; ``made``: which these are.
    """

    first: np.ndarray
    cost: np.ndarray
    shift: np.ndarray
    item: np.ndarray
    sign: np.ndarray
    start: np.ndarray
    base: np.ndarray
    made: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Bonus:
    """
    What the territories add to the bound of the prices, and how it was found.

    Parameters
    ----------
    total
        What all of them add at least.
    least, start
        (m,) what each adds at least, and what it pays with the changes that pay for themselves.
    share, home
        (N,) each item's regret that its giver bears, and its best rep.
    """

    total: float
    least: np.ndarray
    start: np.ndarray
    share: np.ndarray
    home: np.ndarray

    def further(self, items: np.ndarray, reps: np.ndarray, regret: np.ndarray) -> np.ndarray:
        """
        Give what plans with an arc cost at least above bound and bonus, (A,), at least 0.

        The rep who takes the item then bears its price, the one who does without it its share.
        """
        home, share = self.home[items], self.share[items]
        taken = self.start[reps] + np.maximum(regret - share, 0.0) - self.least[reps]
        given = self.start[home] + np.maximum(share, 0.0) - self.least[home]
        both = np.maximum(taken, 0.0) + np.maximum(given, 0.0)
        return np.asarray(np.where(reps == home, 0.0, both))


def integrality_bonus(
    request: Request,
    prices: Prices,
    scale: Scale,
    plan: np.ndarray,
    *,
    pool: Executor | None = None,
    subsets: int = _SUBSETS,
    rounds: int = 1,
    go_on: Callable[[], bool] = lambda: True,
) -> Bonus:
    """
    Find what the territories add to the bound of the prices at least.

    Parameters
    ----------
    plan
        (N,) rep of each item in a good plan; it only limits how far the enumeration looks.
    subsets
        Of half of a territory's changes that are listed; where they do not suffice, the bonus is
        lower. The first of many rounds list fewer.
    rounds
        Ways of sharing that are tried.
    go_on
        Asked before each round but the first.
    """
    sharing = _make_sharing(request, prices, scale, plan, pool)
    best, share, best_share = 0.0, sharing.begin, sharing.begin
    found = Bonus(
        total=0.0, least=np.zeros(sharing.reps), start=np.zeros(sharing.reps),
        share=np.zeros(len(share)), home=sharing.home,
    )  # fmt: skip
    gap = float(sharing.slack.sum() + sharing.paid.sum())
    way, length, idle = np.zeros(len(share)), 1.0, 0
    least = np.zeros(sharing.reps)
    for turn in range(rounds):
        if turn and not go_on():
            break
        listed = max(int(subsets * min((turn + 1) / min(rounds, _WHOLE), 1.0)), 1)
        slope, start = _least(sharing, share, listed, least, pool)
        total = float(least.sum())
        if total > best + 1e-12 * gap:
            best, best_share, idle = total, share, 0
            found = Bonus(
                total=best * _SAFE, least=least.copy(), start=start, share=share, home=sharing.home
            )
        else:
            idle += 1
            if idle == _PATIENCE:
                length, idle, share = length / 2, 0, best_share
        size = float((slope**2).sum())
        if size == 0.0 or gap - best <= 1e-9 * gap:
            break
        way = slope if turn == 0 else _KEPT * way + (1 - _KEPT) * slope
        hoped = min(gap, _HOPED * best)  # what the best sharing may give, for the length of a step
        step = length * max(hoped - total, 0.0) / size
        share = np.clip(share + step * way, -sharing.cap, sharing.cap)
    return found


def _make_sharing(
    request: Request, prices: Prices, scale: Scale, plan: np.ndarray, pool: Executor | None
) -> _Sharing:
    m, measures, items = request.reps, request.load.shape[0], np.arange(request.items)
    home, second, paid = (np.empty(request.items, dtype=kind) for kind in (np.int64, float, float))

    def rows(span: tuple[int, int]) -> None:
        block, least, where = priced_block(request, prices, *span)
        here = np.arange(len(block))
        paid[slice(*span)], home[slice(*span)] = block[here, plan[slice(*span)]] - least, where
        block[here, where] = np.inf
        second[slice(*span)] = block.min(axis=1) - least

    run: Any = pool.map if pool else map
    list(run(rows, request.blocks()))
    units = scale.load[:, None]
    mine = request.arc_load(items, plan) / scale.load
    loads = np.stack([np.bincount(plan, mine[:, k], m) for k in range(measures)], axis=1)
    lower, upper, price = (
        np.ascontiguousarray(part.T)
        for part in (request.lower / units, request.upper / units, prices.load * units)
    )
    slack = np.where(price > 0, price * (upper - loads), -price * (loads - lower))
    slack = np.maximum(slack, 0.0).sum(axis=1)
    moved = plan != home
    half = slack + 0.5 * np.bincount(plan[moved], paid[moved], m)
    half += 0.5 * np.bincount(home[moved], paid[moved], m)
    most = 2.0 * float(half.mean())
    reach = 2.0 * half + most

    def arcs(span: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        block, least, where = priced_block(request, prices, *span)
        block -= least[:, None]
        block[np.arange(len(block)), where] = np.inf
        row, rep = np.nonzero(block < reach[None, :])
        return row + span[0], rep, block[row, rep]

    parts = list(run(arcs, request.blocks()))
    item, rep, regret = (np.concatenate(part) for part in zip(*parts, strict=True))
    held = request.arc_load(items, home) / scale.load
    return _Sharing(
        item=item, rep=rep, regret=regret, shift=request.arc_load(item, rep) / scale.load,
        home=home, begin=0.5 * np.minimum(second, most), cap=most, plan=plan, held=held,
        paid=np.where(moved, paid, 0.0), slack=slack, limits=(lower, upper, price), reach=reach,
        base=np.stack([np.bincount(home, one, m) for one in held.T], axis=1),
    )  # fmt: skip


def _least(
    sharing: _Sharing,
    share: np.ndarray,
    subsets: int,
    least: np.ndarray,
    pool: Executor | None,
) -> tuple[np.ndarray, np.ndarray]:
    """
    Find each territory's least part, in place.

    Gives how their sum changes with each item's share, and what each pays from the start.
    """
    from planlib.territories.engine.bonus_kernels import DEPTH, least_of_territories

    m = sharing.reps
    ceiling = sharing.ceiling(share)
    changes = sharing.changes(share, ceiling)
    above = np.maximum(ceiling - changes.start, 0.0)
    least -= changes.start
    count, chosen = np.full(m, -1, dtype=np.int64), np.zeros((m, DEPTH), dtype=np.int64)
    edges = np.linspace(0, m, _PARTS + 1).astype(np.int64)

    def part(at: int) -> None:
        least_of_territories(
            (int(edges[at]), int(edges[at + 1])), changes.first, changes.cost, changes.shift,
            changes.base, sharing.limits, above, subsets, least, (chosen, count),
        )  # fmt: skip

    list(pool.map(part, range(_PARTS)) if pool else map(part, range(_PARTS)))
    least += changes.start
    own = count < 0  # there the plan itself is the cheapest known
    slope, items = np.zeros(len(share)), len(share)
    there = np.arange(DEPTH) < count[:, None]
    np.add.at(slope, changes.item[chosen[there]], changes.sign[chosen[there]])
    given, taken = changes.made[changes.made < items], changes.made[changes.made >= items] - items
    given, taken = given[~own[sharing.home[given]]], taken[~own[sharing.rep[taken]]]
    slope[given] += 1.0
    np.add.at(slope, sharing.item[taken], -1.0)
    moved = sharing.plan != sharing.home
    slope[moved & own[sharing.home]] += 1.0
    slope[moved & own[sharing.plan]] -= 1.0
    return slope, changes.start
