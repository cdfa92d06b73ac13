"""
What territories share at given prices: the regret of each item between its taker and its giver.

See ``bonus`` for what it is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from planlib.bundle import Cuts
from planlib.territories.engine.dual import Prices, Scale, priced_block
from planlib.territories.engine.request import Request

if TYPE_CHECKING:
    from concurrent.futures import Executor

#: Arcs that are listed, about, at most, and ranges of items from which their number is estimated.
_ARCS, _SEEN = 10_000_000, 16


@dataclass(frozen=True, kw_only=True)
class Sharing:
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

    def changes(self, share: np.ndarray, ceiling: np.ndarray) -> Changes:
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
        turn = np.where(pays, -1.0, 1.0)
        shift, base = self._shift_of(near) * turn[near, None], self.base.copy()
        np.add.at(base, rep[pays], self._shift_of(np.flatnonzero(pays)))
        return Changes(
            first=np.searchsorted(rep[near], np.arange(self.reps + 1)).astype(np.int64),
            cost=np.abs(cost[near]), shift=np.ascontiguousarray(shift), start=start, base=base,
            key=near, made=np.flatnonzero(pays),
        )  # fmt: skip

    def cuts(self, made: np.ndarray, whole: np.ndarray) -> Cuts:
        """
        Give what changes cost the territories, as a function of the shares.

        ``made`` (c,) are changes; ``whole`` (m,) says of which territories they are all. A
        territory that they bring outside its limits has no cut.
        """
        given, taken = made[made < len(self.home)], made[made >= len(self.home)]
        arc = taken - len(self.home)
        rep, item = np.r_[self.home[given], self.rep[arc]], np.r_[given, self.item[arc]]
        sign = np.repeat([1.0, -1.0], [len(given), len(arc)])
        loads = self.base.copy()
        np.add.at(loads, rep, self._shift_of(np.r_[given, taken]))
        lower, upper, price = self.limits
        slack = np.where(price > 0, price * (upper - loads), -price * (loads - lower)).sum(axis=1)
        room = 1e-9 * (np.abs(loads) + 1.0)
        inside = ((loads <= upper + room) & (loads >= lower - room)).all(axis=1)
        constant = slack + np.bincount(self.rep[arc], self.regret[arc], self.reps)
        owner = np.flatnonzero(whole & inside)
        number = np.full(self.reps, -1, dtype=np.int64)
        number[owner] = np.arange(len(owner))
        kept = number[rep] >= 0
        return Cuts(
            owner=owner, constant=constant[owner], cut=number[rep][kept], place=item[kept],
            factor=sign[kept],
        )  # fmt: skip

    def cut_of_plan(self) -> Cuts:
        """Give what the plan costs the territories, as a function of the shares."""
        items = np.flatnonzero(self.plan != self.home)
        constant = self.slack + np.bincount(self.plan[items], self.paid[items], self.reps)
        sign = np.repeat([1.0, -1.0], len(items))
        rep = np.r_[self.home[items], self.plan[items]]
        return Cuts(
            owner=np.arange(self.reps), constant=constant, cut=rep, place=np.r_[items, items],
            factor=sign,
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
class Changes:
    """
    The changes of all territories, sorted by territory and cost; every cost is at least 0.

    ``first``: (m + 1,) of each territory; ``start``, ``base``: what the changes cost that are made
    from the start, and the loads with them; ``made``: which these are. ``key`` and ``made`` number
    the changes: first all that items could be given away by, then all that they could be taken by.
    """

    first: np.ndarray
    cost: np.ndarray
    shift: np.ndarray
    key: np.ndarray
    start: np.ndarray
    base: np.ndarray
    made: np.ndarray


def make_sharing(
    request: Request, prices: Prices, scale: Scale, plan: np.ndarray, pool: Executor | None
) -> Sharing:
    """
    Find what is shared at given prices.

    ``plan`` (N,) is the rep of each item in a good plan; it only limits how far is looked.
    """
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
    nearer = _nearer(request, prices, 2.0 * half + most)
    most, reach = nearer * most, nearer * (2.0 * half + most)

    def arcs(span: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        block = _regrets(request, prices, span)
        row, rep = np.nonzero(block < reach[None, :])
        return row + span[0], rep, block[row, rep]

    parts = list(run(arcs, request.blocks()))
    item, rep, regret = (np.concatenate(part) for part in zip(*parts, strict=True))
    held = request.arc_load(items, home) / scale.load
    return Sharing(
        item=item, rep=rep, regret=regret, shift=request.arc_load(item, rep) / scale.load,
        home=home, begin=0.5 * np.minimum(second, most), cap=most, plan=plan, held=held,
        paid=np.where(moved, paid, 0.0), slack=slack, limits=(lower, upper, price), reach=reach,
        base=np.stack([np.bincount(home, one, m) for one in held.T], axis=1),
    )  # fmt: skip


def _regrets(request: Request, prices: Prices, span: tuple[int, int]) -> np.ndarray:
    """Give the regrets of a range of items, infinite with the best rep of each."""
    block, least, where = priced_block(request, prices, *span)
    block -= least[:, None]
    block[np.arange(len(block)), where] = np.inf
    return block


def _nearer(request: Request, prices: Prices, reach: np.ndarray) -> float:
    """
    Give the share of each reach (m,) within which there are not too many arcs to list.

    Whatever is listed gives a bound; where reps cost about the same, nearly every pair is near.
    """
    if request.items * request.reps <= _ARCS:
        return 1.0
    spans = request.blocks()
    some = spans[:: max(len(spans) // _SEEN, 1)]
    near, count = [], 0
    for span in some:
        block = _regrets(request, prices, span)
        relative = block / np.maximum(reach, 1e-300)
        near.append(relative[relative < 1.0])
        count += len(block)
    all_near, allowed = np.concatenate(near), int(_ARCS * count / request.items)
    return 1.0 if len(all_near) <= allowed else float(np.partition(all_near, allowed)[allowed])
