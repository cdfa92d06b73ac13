"""
The search: from prices to a plan within all limits, by enumeration in groups of territories.

Work is counted in visited nodes. Groups of one round are disjoint, so threads may share them, and
the plan does not depend on how many there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from planlib.territories.engine.arcs import Arcs
from planlib.territories.engine.dual import Prices, Scale
from planlib.territories.engine.request import Request

if TYPE_CHECKING:
    from concurrent.futures import Executor

_NEIGHBOURS = 24
_MARGIN = 6e-4  # of a mean limit, kept free at first, at a hundred items for each rep
_SIZES = (2, 3, 4)
_ITEMS = {2: 60, 3: 30, 4: 24}
_PARTS = 8


@dataclass
class Field:
    """What the search works on, in scaled units; ``best`` is the best plan within the limits."""

    request: Request
    arcs: Arcs
    regret: np.ndarray
    load: np.ndarray
    stake: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    budget: np.ndarray
    price: np.ndarray
    into_start: np.ndarray
    into_arcs: np.ndarray
    neighbour: np.ndarray
    odds: np.ndarray
    weight: np.ndarray
    scratch: list[np.ndarray] = field(default_factory=list)

    def plan_cost(self, current: np.ndarray) -> float:
        """Give the cost of a plan, by arc of each item."""
        return float(self.arcs.cost[current].sum())


def make_field(
    request: Request, arcs: Arcs, regret: np.ndarray, prices: Prices, scale: Scale
) -> Field:
    """Bring arcs and prices into the order and the units that the kernels need."""
    m = request.reps
    weight = scale.weight
    relative = regret / weight[arcs.item]
    beside = np.flatnonzero(regret > 0)
    order = beside[np.lexsort((relative[beside], arcs.rep[beside]))]
    into_start = np.searchsorted(arcs.rep[order], np.arange(m + 1)).astype(np.int64)
    neighbour, odds = _neighbours(arcs, relative, scale.cost, m)
    units = scale.load[:, None]
    return Field(
        request=request, arcs=arcs, regret=regret,
        load=np.ascontiguousarray(arcs.load / scale.load),
        stake=np.ascontiguousarray(arcs.stake / scale.stake),
        lower=np.ascontiguousarray((request.lower / units).T),
        upper=np.ascontiguousarray((request.upper / units).T),
        budget=request.budget / scale.stake,
        price=np.ascontiguousarray((prices.load * units).T),
        into_start=into_start, into_arcs=order, neighbour=neighbour, odds=odds, weight=weight,
        scratch=[np.full(request.items, -1, dtype=np.int64) for _ in range(_PARTS)],
    )  # fmt: skip


def _neighbours(
    arcs: Arcs, relative: np.ndarray, unit: float, m: int
) -> tuple[np.ndarray, np.ndarray]:
    """Give each rep's neighbours, with cumulative odds, by the arcs of small regret they share."""
    from scipy.sparse import coo_matrix

    near = np.exp(-np.minimum(relative / (0.1 * unit), 50.0))
    keep = near > 1e-6
    shared = coo_matrix((near[keep], (arcs.item[keep], arcs.rep[keep])),
                        shape=(len(arcs.start) - 1, m)).tocsr()  # fmt: skip
    link = (shared.T @ shared).tocsr()
    width = min(_NEIGHBOURS, max(m - 1, 1))
    neighbour = np.zeros((m, width), dtype=np.int64)
    odds = np.zeros((m, width))
    for j in range(m):
        row = slice(link.indptr[j], link.indptr[j + 1])
        other, value = link.indices[row], link.data[row].copy()
        value[other == j] = 0.0
        order = np.lexsort((other, -value))[:width]
        some = np.sqrt(value[order]) + 1e-9
        neighbour[j, : len(order)] = other[order]
        odds[j, : len(order)] = np.cumsum(some) / some.sum()
        if len(order):
            odds[j, len(order) - 1 :] = 1.0
            neighbour[j, len(order) :] = other[order[0]]
    return neighbour, odds


@dataclass
class Found:
    """The best plan within the limits so far, and the one at hand."""

    current: np.ndarray
    best: np.ndarray | None = None
    cost: float = float("inf")
    outside: int = 0
    work: int = 0


def search(
    place: Field,
    start: np.ndarray,
    *,
    work: int,
    seed: int,
    pool: Executor | None = None,
    stop: Callable[[Found], bool] | None = None,
    nodes: int = 3000,
) -> Found:
    """
    Lower the potential from a plan until the work is done.

    Parameters
    ----------
    start
        (N,) arc of each item.
    work
        Nodes to visit.
    stop
        Asked after each chunk whether to end.
    """
    from planlib.territories.engine import search_kernels as kernels

    request, arcs = place.request, place.arcs
    m, measures = request.reps, place.load.shape[1]
    found = Found(current=start.copy())
    loads, used = np.zeros((m, measures)), np.zeros(len(request.budget))
    state = np.array([np.uint64(88172645463325252 + 2 * seed)], dtype=np.uint64)
    typical = float(np.median(np.abs(place.price))) if place.price.size else 0.0
    floor = max(typical, 1e-3 * float(place.regret.mean() / max(place.weight.mean(), 1e-12)))
    penalty = 1.3 * np.abs(place.price) + 0.3 * floor
    most = 30.0 * max(float(np.abs(place.price).max(initial=0.0)), floor)
    middle = np.maximum((place.upper + place.lower) / 2, 1e-12)
    width = place.upper - place.lower
    margin = np.minimum(_MARGIN * 100 * m / max(request.items, 1), 0.02) * middle
    margin = np.minimum(margin, 0.2 * width)
    groups = np.full((m, max(_SIZES)), -1, dtype=np.int64)
    round_number = 0
    chunk = max(m, 40) * nodes * 3
    while found.work < work:
        target = min(found.work + chunk, work)
        lower, upper = place.lower + margin, place.upper - margin
        bounds = (lower, upper, place.price, penalty)
        while found.work < target:
            size = _SIZES[round_number % len(_SIZES)]
            order = np.argsort([kernels.next_random(state) for _ in range(m)])
            count = kernels.make_groups(state, size, place.neighbour, place.odds, order, groups)
            room = np.maximum(place.budget - used, 0.0) / max(count, 1)
            limits = (nodes, _ITEMS[size], 1.0)
            edges = np.linspace(0, count, _PARTS + 1).astype(np.int64)

            def part(at: int) -> int:
                return kernels.improve(
                    (int(edges[at]), int(edges[at + 1])), groups, round_number, limits,
                    (arcs.start, arcs.item, arcs.rep, place.regret, place.load, place.stake),
                    (place.into_start, place.into_arcs), bounds, room, not request.by_rep,
                    found.current, loads, place.scratch[at],
                )

            if round_number == 0:
                kernels.add_up(found.current, arcs.rep, place.load, place.stake, loads, used)
            visited = list(pool.map(part, range(_PARTS)) if pool else map(part, range(_PARTS)))
            found.work += max(sum(visited), 1)
            round_number += 1
        kernels.add_up(found.current, arcs.rep, place.load, place.stake, loads, used)
        over = np.maximum(loads - place.upper, place.lower - loads)
        outside = over > 0
        found.outside = int(outside.sum())
        if not found.outside and request_ok(place, found.current):
            cost = place.plan_cost(found.current)
            if cost < found.cost:
                found.best, found.cost = found.current.copy(), cost
            margin *= 0.8
        else:
            margin = np.where(outside, np.minimum(margin + over, 0.2 * width), margin * 0.97)
        penalty = np.where(outside, np.minimum(penalty * 2, most), penalty)
        if stop is not None and stop(found):
            break
    return found


def request_ok(place: Field, current: np.ndarray) -> bool:
    """Tell whether a plan meets every limit, in float64 on the data as given."""
    request = place.request
    rep = place.arcs.rep[current].astype(np.int64)[request.item_of]
    loads, used = request.loads(rep), request.used(rep)
    return bool(
        (loads <= request.given_upper).all()
        and (loads >= request.given_lower).all()
        and (used <= request.budget).all()
    )
