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

from planlib.territories.engine.field import SAFE, Field
from planlib.territories.engine.mend import mend

if TYPE_CHECKING:
    from concurrent.futures import Executor

#: From so many territories on, threads share the groups of a round.
SHARED = 128
#: Searches side by side where there are fewer.
STREAMS = 2

_FEW = 6  # up to so many territories, groups may hold all of them
_SIZES_OF_FEW = (2, 3, 4, 6)
_LONGEST = 32  # times the nodes, where limits stay unmet
_DEEPER = 2  # chunks without gain after which there are twice as many nodes
_GAIN = 0.05  # share by which what is outside limits must fall to count as a gain
_WIDEST, _FADE = 0.02, 0.9  # most of a range that is kept free, and what is left of it in a chunk
_MENDED = 0.01  # share of limits unmet up to which chains of changes are tried
_EVERY = 3  # chunks with so few limits unmet between two tries
_MARGIN = 6e-4  # of a mean limit, kept free at first, at a hundred items for each rep
_SIZES = (2, 3, 4)  # territories of a group, in turn
_NODES, _ITEMS = 1000, 40  # of one enumeration, and items in it, until limits are met
_SAMPLE, _SAMPLED = 500, 60  # subsets of each half, and items, once they are met
_NOISE = 0.4  # share by which regrets are shaken where limits stay unmet
#: Heat at first, where each thread searches by itself and where they share many territories (which
#: leaves less work for each), and at last; in the mean territory's share of the gap.
_HOT, _HOT_SHARED, _COLD = 0.2, 0.08, 0.005
_HARD = 1e9  # times the largest penalty: what is outside a limit once all have been met
_ROUNDS = 12  # of a call of the kernel
_PARTS = 8  # of a round that threads share


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
    least_margin: np.ndarray
    stamps: list[np.ndarray]
    stuck: np.ndarray
    best: np.ndarray | None = None
    cost: float = float("inf")
    outside: int = 0
    excess: float = float("inf")
    hoped: float = float("inf")
    idle: int = 0
    nearest: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    work: int = 0
    round: int = 0
    near: int = 0
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
    margin = np.minimum(share * middle, 0.1 * (place.upper - place.lower))
    return Found(
        current=start.copy(), loads=np.zeros((m, measures)), used=np.zeros(len(place.budget)),
        penalty=3.0 * (1.3 * np.abs(place.price) + 0.3 * floor), dear=3.0 * dear, least_dear=dear,
        most=30.0 * max(float(np.abs(place.price).max()), floor),
        margin=margin, least_margin=margin.copy(),
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
    if found.best is None and _is_near(place, found):
        found.current, _ = mend(place, found.current, patient=False)
        kernels.add_up(found.current, arcs.rep, place.load, place.stake, found.loads, found.used)
    _judge(place, found)


def _is_near(place: Field, found: Found) -> bool:
    """Tell whether so few limits are unmet that chains of changes are worth a try now."""
    unmet = (found.loads > place.upper) | (found.loads < place.lower)
    if unmet.sum() > max(_MENDED * unmet.size, 1):
        return False
    found.near += 1
    return found.near % _EVERY == 1


def _limits(found: Found, done: float) -> tuple[int, int, float, float]:
    """Give the work of an enumeration, the items in it, the noise, and the heat."""
    if found.best is not None:
        hot = _HOT_SHARED if len(found.penalty) >= SHARED else _HOT
        return _SAMPLE, _SAMPLED, 0.0, found.heat * hot * (_COLD / hot) ** min(done, 1.0)
    more = min(2 ** (found.idle // _DEEPER), _LONGEST)
    return _NODES * more, _ITEMS * min(more, 2), 0.0 if found.idle % 4 < 2 else _NOISE, 0.0


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
    found.idle = 0 if excess < (1 - _GAIN) * found.hoped else found.idle + 1
    found.hoped = excess if found.idle == 0 else found.hoped
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
    wider = np.minimum(found.margin + over / 2, _WIDEST * (place.upper - place.lower))
    fading = np.maximum(found.margin * _FADE, found.least_margin)
    found.margin = np.where(outside, np.maximum(wider, found.least_margin), fading)
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
