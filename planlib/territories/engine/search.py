"""
The search: from prices to a plan within all limits, and on to cheaper ones, group by group.

First the potential with penalties is lowered until every limit is met. From there on the plan stays
within the limits and is annealed: each group in turn takes the plan that is cheapest with Gumbel
noise on its regrets, while the noise fades. Where noise has faded, no group of a few territories
has a cheaper plan; what it has found on the way lies deeper than what descent alone finds.

Groups of one round are disjoint, so threads may share them; where there are few territories, each
thread searches by itself from another seed, and the best plan counts. Work is counted in nodes of
enumerations, and the number of searches does not depend on the machine: nor does the plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from planlib.territories.engine.arcs import Arcs
from planlib.territories.engine.dual import Prices, Scale
from planlib.territories.engine.relaxation import Survey
from planlib.territories.engine.request import Request

if TYPE_CHECKING:
    from concurrent.futures import Executor

#: From so many territories on, threads share the groups of a round.
SHARED = 128
#: Searches side by side where there are fewer.
STREAMS = 2

_NEIGHBOURS = 24
_FEW = 6  # up to so many territories, groups may hold all of them
_SIZES_OF_FEW = (2, 3, 4, 6)
_LONGEST = 32  # times the nodes, where limits stay unmet
_REACH = 80  # arcs into each rep that the search looks at, the nearest by regret per size
_MARGIN = 6e-4  # of a mean limit, kept free at first, at a hundred items for each rep
_SIZES = (2, 3, 4)  # territories of a group, in turn
_NODES, _ITEMS = 1000, 40  # of one enumeration, and items in it, until limits are met
_SAMPLE, _SAMPLED = 500, 60  # subsets of each half, and items, once they are met
_NOISE = 0.4  # share by which regrets are shaken where limits stay unmet
_HOT, _COLD = 0.2, 0.005  # heat at first and last, in the mean territory's share of the gap
_HARD = 1e9  # times the largest penalty: what is outside a limit once all have been met
#: Of a mean limit and of a budget, kept free for the rounding of sums.
SAFE = 1e-9
_ROUNDS = 12  # of a call of the kernel
_PARTS = 8  # of a round that threads share


@dataclass(frozen=True, kw_only=True)
class Field:
    """What the search works on, in scaled units."""

    request: Request
    arcs: Arcs
    regret: np.ndarray
    load: np.ndarray
    stake: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    budget: np.ndarray
    price: np.ndarray
    budget_price: np.ndarray
    into: tuple[np.ndarray, np.ndarray]
    links: tuple[np.ndarray, np.ndarray]

    def parts(self) -> Any:
        """Give the arcs as the kernels take them."""
        arcs = self.arcs
        return arcs.start, arcs.item, arcs.rep, self.regret, self.load, self.stake

    def rep_of(self, current: np.ndarray) -> np.ndarray:
        """Give the rep of each account from the arc of each item."""
        return np.asarray(self.arcs.rep[current].astype(np.int64)[self.request.item_of])

    def nearest(self, rep: np.ndarray) -> np.ndarray:
        """Give a plan by arc: each item's arc to a given rep, or the one of least regret."""
        arcs, m = self.arcs, self.request.reps
        keys = arcs.item * m + arcs.rep
        wanted = np.arange(self.request.items) * m + rep
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        best = np.lexsort((self.regret, arcs.item))[arcs.start[:-1]]
        return np.asarray(np.where((rep >= 0) & (keys[at] == wanted), at, best))

    def cost_of(self, current: np.ndarray) -> float:
        """Give the cost of a plan, by arc of each item."""
        return float(self.arcs.cost[current].sum())

    def meets(self, current: np.ndarray) -> bool:
        """Tell whether a plan meets every limit, in float64 on the data as given."""
        rep = self.rep_of(current)
        return is_met(self.request, rep)


def is_met(request: Request, rep: np.ndarray) -> bool:
    """Tell whether a plan of accounts meets every limit as given."""
    loads, used = request.loads(rep), request.used(rep)
    return bool(
        (loads <= request.given_upper).all()
        and (loads >= request.given_lower).all()
        and (used <= request.budget).all()
    )


def make_field(
    request: Request,
    seen: Survey,
    prices: Prices,
    scale: Scale,
    *,
    wide: np.ndarray | None = None,
    linked: bool = True,
) -> Field:
    """
    Bring arcs and prices into the order and the units that the kernels need.

    ``wide`` names the reps for whom the search looks at every arc, in and out; groups of neighbours
    can be drawn only where the field is ``linked``.
    """
    arcs, m = seen.arcs, request.reps
    regret = np.maximum(seen.regret, 0.0)
    relative = regret / scale.weight[arcs.item]
    beside = np.flatnonzero(regret > 0)
    order = beside[np.lexsort((relative[beside], arcs.rep[beside]))]
    starts = np.searchsorted(arcs.rep[order], np.arange(m + 1))
    near = np.arange(len(order)) - starts[arcs.rep[order]] < max(_REACH, 2000 // m)
    if wide is not None:
        open_items = np.isin(arcs.item, arcs.item[np.isin(arcs.rep, wide) & (regret <= 0)])
        near |= np.isin(arcs.rep[order], wide) | (
            open_items[order] & (near | (relative[order] < 1))
        )
    order = order[near]
    starts = np.searchsorted(arcs.rep[order], np.arange(m + 1)).astype(np.int64)
    units = scale.load[:, None]
    apart = np.zeros((m, 0), dtype=np.int64), np.zeros((m, 0))
    return Field(
        request=request, arcs=arcs, regret=regret,
        load=np.ascontiguousarray(arcs.load / scale.load),
        stake=np.ascontiguousarray(arcs.stake / scale.stake),
        lower=np.ascontiguousarray((request.lower / units).T),
        upper=np.ascontiguousarray((request.upper / units).T),
        budget=request.budget / scale.stake,
        price=np.ascontiguousarray((prices.load * units).T),
        budget_price=np.maximum(prices.budget, 0.0) * scale.stake,
        into=(starts, order), links=_links(arcs, relative, scale.cost, m) if linked else apart,
    )  # fmt: skip


def _links(arcs: Arcs, relative: np.ndarray, unit: float, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Give each rep's neighbours, with cumulative odds, by the arcs of small regret they share."""
    from scipy.sparse import coo_matrix

    near = np.exp(-np.minimum(relative / (0.1 * unit), 50.0))
    keep = near > 1e-6
    shared = coo_matrix((near[keep], (arcs.item[keep], arcs.rep[keep])),
                        shape=(len(arcs.start) - 1, m)).tocsr()  # fmt: skip
    link = (shared.T @ shared).tocsr()
    width = min(_NEIGHBOURS, max(m - 1, 1))
    neighbour, odds = np.zeros((m, width), dtype=np.int64), np.ones((m, width))
    for j in range(m):
        row = slice(link.indptr[j], link.indptr[j + 1])
        other, value = link.indices[row], link.data[row].copy()
        other, value = other[other != j], value[other != j]
        if not len(other):  # nobody near: anybody
            other = np.delete(np.arange(m), j) if m > 1 else np.zeros(1, dtype=np.int64)
            value = np.ones(len(other))
        best = np.lexsort((other, -value))[:width]
        some = np.sqrt(value[best]) + 1e-9
        neighbour[j, : len(best)], neighbour[j, len(best) :] = other[best], other[best[0]]
        odds[j, : len(best) - 1] = (np.cumsum(some) / some.sum())[:-1]
    return neighbour, odds


@dataclass
class Found:
    """One search: the plan at hand, the best within the limits, and what has been done."""

    current: np.ndarray
    loads: np.ndarray
    used: np.ndarray
    penalty: np.ndarray
    dear: np.ndarray
    least_dear: np.ndarray
    most: float
    margin: np.ndarray
    stamps: list[np.ndarray]
    stuck: np.ndarray
    best: np.ndarray | None = None
    cost: float = float("inf")
    outside: int = 0
    excess: float = float("inf")
    nearest: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    work: int = 0
    round: int = 0
    heat: float = 0.0


def begin(place: Field, start: np.ndarray) -> Found:
    """Begin a search from a plan, by arc of each item."""
    m, measures = place.price.shape
    weight = np.maximum(place.load.mean(axis=1), 1e-9)
    typical = float(np.median(np.abs(place.price)))
    floor = max(typical, 1e-3 * float((place.regret / weight).mean()), 1e-12)
    dear = 1.3 * place.budget_price + 0.3 * floor
    middle = np.maximum((place.upper + place.lower) / 2, 1e-12)
    share = min(_MARGIN * 100 * m / max(place.request.items, 1), 0.02)
    return Found(
        current=start.copy(), loads=np.zeros((m, measures)), used=np.zeros(len(place.budget)),
        penalty=3.0 * (1.3 * np.abs(place.price) + 0.3 * floor), dear=3.0 * dear, least_dear=dear,
        most=30.0 * max(float(np.abs(place.price).max()), floor),
        margin=np.minimum(share * middle, 0.1 * (place.upper - place.lower)),
        stuck=np.zeros(m, dtype=np.int64),
        stamps=[np.full(len(start), -1, dtype=np.int64) for _ in range(_PARTS)],
    )  # fmt: skip


def advance(
    place: Field, found: Found, *, work: int, done: float, seed: int, pool: Executor | None
) -> None:
    """
    Go on with a search for a chunk of work, then look at limits, margins and penalties again.

    ``done`` is the share of the search that is behind it; heat fades with it.
    """
    from planlib.territories.engine import group_kernels as kernels

    arcs, target = place.arcs, found.work + work
    bounds = (place.lower + found.margin, place.upper - found.margin, place.price, found.penalty)
    kernels.add_up(found.current, arcs.rep, place.load, place.stake, found.loads, found.used)
    limits = _limits(found, done)
    while found.work < target:
        run = _shared_round if len(place.price) >= SHARED else _own_rounds
        run(place, found, limits, bounds, seed=seed, pool=pool)
    kernels.add_up(found.current, arcs.rep, place.load, place.stake, found.loads, found.used)
    _judge(place, found)


def _limits(found: Found, done: float) -> tuple[int, int, float, float]:
    """Give the work of an enumeration, the items in it, the noise, and the heat."""
    if found.best is not None:
        return _SAMPLE, _SAMPLED, 0.0, found.heat * _HOT * (_COLD / _HOT) ** min(done, 1.0)
    stuck = int(found.stuck.max())
    more = min(2 ** (stuck // 2), _LONGEST)
    return _NODES * more, _ITEMS * min(more, 2), 0.0 if stuck % 4 < 2 else _NOISE, 0.0


def _own_rounds(
    place: Field,
    found: Found,
    limits: tuple[int, int, float, float],
    bounds: Any,
    *,
    seed: int,
    pool: Executor | None,
) -> None:
    from planlib.territories.engine.search_kernels import improve_rounds

    last = found.round + _ROUNDS
    sizes = np.array(_SIZES if len(place.price) > _FEW else _SIZES_OF_FEW)
    purse = (_safe(place.budget), place.budget_price, found.dear)
    found.work += 1 + improve_rounds(
        (found.round, last), sizes, 7919 * seed + 13, limits, place.parts(), place.into,
        place.links, bounds, purse, not place.request.by_rep, found.current, found.loads,
        found.stamps[0],
    )  # fmt: skip
    found.round = last


def _safe(budget: np.ndarray) -> np.ndarray:
    """Keep a little of each budget free, so that what meets it here meets it as given."""
    return np.asarray(budget * (1 - SAFE))


def _shared_round(
    place: Field,
    found: Found,
    limits: tuple[int, int, float, float],
    bounds: Any,
    *,
    seed: int,
    pool: Executor | None,
) -> None:
    from planlib.territories.engine import group_kernels as kernels
    from planlib.territories.engine.search_kernels import improve

    m = len(place.price)
    size = _SIZES[found.round % len(_SIZES)]
    state = np.empty(1, dtype=np.uint64)
    kernels.start_random(state, 7919 * seed + 13, found.round)
    order = np.random.default_rng([seed, found.round]).permutation(m)
    groups = np.empty((m, max(_SIZES)), dtype=np.int64)
    count = kernels.make_groups(state, size, *place.links, order, groups)
    if len(place.budget):
        kernels.add_up(
            found.current, place.arcs.rep, place.load, place.stake, found.loads, found.used
        )
    room = (_safe(place.budget) - found.used) / max(count, 1)
    purse = (room, place.budget_price, found.dear)
    edges = np.linspace(0, count, _PARTS + 1).astype(np.int64)

    def part(at: int) -> int:
        return improve(
            (int(edges[at]), int(edges[at + 1])), groups, found.round + 1, limits, place.parts(),
            place.into, bounds, purse, not place.request.by_rep, found.current, found.loads,
            found.stamps[at],
        )  # fmt: skip

    found.work += 1 + sum(pool.map(part, range(_PARTS)) if pool else map(part, range(_PARTS)))
    found.round += 1


def _judge(place: Field, found: Found) -> None:
    """Keep the plan if it is the best, and set penalties and margins for the next chunk."""
    over = np.maximum(found.loads - place.upper, place.lower - found.loads)
    outside, above = over > 0, found.used > place.budget
    found.outside = int(outside.sum())
    found.stuck = np.where(outside.any(axis=1) | above.any(), found.stuck + 1, 0)
    middle = np.maximum((place.upper + place.lower) / 2, 1e-12)
    excess = float((np.maximum(over, 0.0) / middle).sum())
    excess += float((np.maximum(found.used - place.budget, 0.0) / (place.budget + 1e-12)).sum())
    if excess < found.excess:
        found.excess, found.nearest = excess, found.current.copy()
    if not found.outside and place.meets(found.current):
        if found.best is None:
            found.heat = max(_potential(place, found) / len(place.price), 1e-12)
            found.penalty, found.margin = found.penalty * 0 + _HARD * found.most, SAFE * middle
        cost = place.cost_of(found.current)
        if cost < found.cost - 1e-12 * abs(cost):
            found.best, found.cost = found.current.copy(), cost
        return
    if found.best is not None:
        found.current = found.best.copy()
        return
    raised = np.minimum(found.dear * 2, 1e3 * found.least_dear)
    found.dear = np.where(above, raised, np.maximum(found.dear * 0.97, found.least_dear))
    wider = np.minimum(found.margin + over, 0.2 * (place.upper - place.lower))
    found.margin = np.where(outside, wider, found.margin * 0.97)
    grown = np.minimum(found.penalty * 2, found.most)
    found.penalty = np.where(outside, grown, found.penalty)


def _potential(place: Field, found: Found) -> float:
    """Give what a plan within the limits costs above the bound of the prices."""
    away = np.where(place.price > 0, place.upper - found.loads, found.loads - place.lower)
    total = float(place.regret[found.current].sum() + (np.abs(place.price) * away).sum())
    return total + float(place.budget_price @ (place.budget - found.used))


def search(
    place: Field,
    start: np.ndarray,
    *,
    work: int,
    planned: int,
    chunk: int,
    seed: int,
    pool: Executor | None,
    go_on: Callable[[Found], float | None],
) -> Found:
    """
    Search until the work is done, or until ``go_on`` says so.

    ``go_on`` is asked before each chunk: it gives the share of the time that is behind the search,
    or None to end it. Heat fades with that share, or with that of the work that is ``planned``;
    work beyond it is for plans that are not within the limits yet.

    Returns
    -------
    Found
        The best of the searches side by side.
    """
    alone = len(place.price) >= SHARED
    streams = [begin(place, start) for _ in range(1 if alone else STREAMS)]

    def step(at: int, done: float) -> None:
        own = seed if alone else seed * STREAMS + at
        advance(place, streams[at], work=chunk, done=done, seed=own, pool=pool if alone else None)

    best = streams[0]
    while best.work < work:
        spent = go_on(best)
        if spent is None:
            break
        dones = [max(spent, one.work / planned) for one in streams]
        each = pool.map if pool and not alone else map
        list(each(step, range(len(streams)), dones))
        order = [(one.cost, one.excess, at) for at, one in enumerate(streams)]
        best = streams[min(order)[2]]
        best.work = max(one.work for one in streams)
    return best
