"""
The search: from prices to a plan within all limits, and on to cheaper ones, group by group.

First the potential with penalties is lowered until every limit is met. Penalties begin little above
the prices and grow where limits stay unmet: a plan that comes to its limits slowly is a cheap one.
Where many territories are still outside then, or groups gain nothing, these exchange items with any
others. Where few are left, groups begin with them, and all arcs into them count. From there on the
plan stays within the limits and is annealed: each group in turn takes the plan that is cheapest
with Gumbel noise on its regrets, while the noise fades. Where noise has faded, no group of a few
territories has a cheaper plan; what it has found on the way lies deeper than what descent alone
finds.

Where there are many territories, they are cut into regions, another way each time; groups lie
inside a region, so threads may share the regions. Where there are fewer, two searches go side by
side from other seeds, and the best plan counts; once one is within the limits, it goes on alone if
there are enough territories for regions. Of each plan on the way the parts are kept that are
better than in the best one: territories far from each other are independent of each other. Work is
counted in nodes of enumerations, and the number of searches and of regions does not depend on the
machine: nor does the plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from planlib.territories.engine.field import HEATS, SAFE, Field
from planlib.territories.engine.heat import SHARED, heat_at, heat_of
from planlib.territories.engine.mend import eased, mend

if TYPE_CHECKING:
    from concurrent.futures import Executor

#: Searches side by side where there are fewer.
STREAMS = 2
#: Territories of a region, at least, and regions, at most.
REGION, REGIONS = 20, 8

_FAR_BETTER = 0.5  # share of what is outside limits that a start with more noise may leave
_FEW = 20  # up to so many territories, groups of more sizes are worth their time
_SIZES_OF_FEW = (2, 3, 4, 6)
_LONGEST = 32  # times the nodes, where limits stay unmet
_DEEPER = 4  # chunks without gain after which there are twice as many nodes
_GAIN = 0.05  # share by which what is outside limits must fall to count as a gain
_WIDEST, _FADE = 0.02, 0.9  # most of a range that is kept free, and what is left of it in a chunk
_MENDED = 0.015  # share of limits unmet up to which chains of changes are tried
_EVERY = 3  # chunks with so few limits unmet between two tries
_LAST = 4  # territories outside up to which chains may leave a part of it
_SOFT, _BRIEF = 9, 1 / 3  # chunks in which penalties grow from soft ones, and their share of work
_BROAD = 12  # chunks in which groups begin everywhere
_FOCUS = 0.1  # share of territories outside up to which groups then begin with these alone
_LEAST = 0.1  # share of a chunk's work that these get, at least
_MARGIN = 6e-4  # of a mean limit, kept free at first, at a hundred items for each rep
_SIZES = (4,)  # territories of a group, in turn
_NODES, _ITEMS = 1000, 40  # of one enumeration, and items in it, until limits are met
_SAMPLE, _SAMPLED = 500, 60  # subsets of each half, and items, once they are met
_NOISE = 0.4  # share by which regrets are shaken where limits stay unmet
_CALM, _CYCLE = 6, 8  # so many chunks without gain pass before that, of so many
_HARD = 1e9  # times the largest penalty: what is outside a limit once all have been met
_ROUNDS = 12  # of a call of the kernel


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
    chunks: int = 0
    heat: float = 0.0
    settling: int = 0  # chunks without heat before it is measured
    regions: int = 1  # that share the work
    threads: int = 1  # of which one's work is counted


def best_dealt(place: Field, seed: int) -> np.ndarray:
    """
    Give a plan to start from, by arc: with little noise, or more where far less is outside limits.

    Where many reps cost about the same, prices alone leave most of them far outside.
    """
    best, least = np.empty(0, dtype=np.int64), np.inf
    for heat in HEATS:
        start = place.dealt(seed, heat)
        outside = _excess(place, begin(place, start))
        if not len(best) or outside < _FAR_BETTER * least:
            best, least = start, outside
    return best


def begin(place: Field, start: np.ndarray, former: Found | None = None) -> Found:
    """
    Begin a search from a plan, by arc of each item; within the limits, it is the best so far.

    Penalties begin soft where the plan comes from prices alone. One that a ``former`` search has
    brought near to the limits would leave them again: its penalties go on.
    """
    from planlib.territories.engine import group_kernels as kernels

    m, measures = place.price.shape
    weight = np.maximum(place.load.mean(axis=1), 1e-9)
    typical = float(np.abs(place.price).mean())
    floor = max(typical, 1e-3 * float((place.regret / weight).mean()), 1e-12)
    dear = 1.3 * place.budget_price + 0.3 * floor
    middle = np.maximum((place.upper + place.lower) / 2, 1e-12)
    share = min(_MARGIN * 100 * m / max(place.request.items, 1), 0.02)
    margin = np.minimum(share * middle, 0.1 * (place.upper - place.lower))
    found = Found(
        current=start.copy(), loads=np.zeros((m, measures)), used=np.zeros(len(place.budget)),
        penalty=1.3 * np.abs(place.price) + 0.3 * floor, dear=3.0 * dear, least_dear=dear,
        most=30.0 * max(float(np.abs(place.price).max()), floor),
        margin=margin, least_margin=margin.copy(),
        stamps=[np.full(len(start), -1, dtype=np.int64) for _ in range(REGIONS)],
    )  # fmt: skip
    if former is not None:
        found.penalty, found.chunks = former.penalty.copy(), _BROAD
    parts = (place.arcs.rep, place.load, place.stake)
    kernels.add_up(found.current, *parts, found.loads, found.used)
    if place.meets(start):
        _judge(place, found)
    return found


def advance(
    place: Field, found: Found, *, work: int, done: float, seed: int, pool: Executor | None
) -> None:
    """
    Go on with a search for a chunk of work, then look at limits, margins and penalties again.

    ``done`` is the share of the search that is behind it; heat fades with it.
    """
    from planlib.territories.engine import group_kernels as kernels

    arcs = place.arcs
    limits = _limits(found, min(done, 1.0))
    bounds = (place.lower + found.margin, place.upper - found.margin, place.price, found.penalty)
    kernels.add_up(found.current, arcs.rep, place.load, place.stake, found.loads, found.used)
    seeds, into = _seeds(found, bounds), place.into
    if found.best is None and found.chunks >= _SOFT:
        into = place.wide if seeds.all() else place.around(seeds, found.current)
    target = found.work + int(work * _share(found, seeds))
    while found.work < target:
        _improve(place, found, limits, bounds, into, seed=seed, pool=pool)
    kernels.add_up(found.current, arcs.rep, place.load, place.stake, found.loads, found.used)
    if found.best is None:
        _relieve(place, found)
    _judge(place, found)
    found.chunks += 1


def _relieve(place: Field, found: Found) -> None:
    """
    Bring a plan nearer to its limits by other ways than groups.

    By exchanges with any territories where many are outside, or groups have brought no gain; by
    chains where few limits are unmet.
    """
    from planlib.territories.engine import group_kernels as kernels

    parts = (place.arcs.rep, place.load, place.stake)
    is_far = found.chunks >= _SOFT - 1 and found.outside > _FOCUS * len(found.loads)
    if found.idle or is_far:
        found.current = eased(place, found.current)
        kernels.add_up(found.current, *parts, found.loads, found.used)
    if _is_near(place, found):
        partly = _outside(found, (place.lower, place.upper)).sum() <= _LAST
        found.current, _ = mend(place, found.current, patient=False, partly=partly)
        kernels.add_up(found.current, *parts, found.loads, found.used)


def _share(found: Found, seeds: np.ndarray) -> float:
    """Give the share of a chunk's work that is done before penalties are looked at again."""
    if found.best is None and found.chunks < _SOFT:
        return _BRIEF
    return max(float(seeds.mean()), _LEAST)


def _is_near(place: Field, found: Found) -> bool:
    """Tell whether so few limits are unmet that chains of changes are worth a try now."""
    unmet = (found.loads > place.upper) | (found.loads < place.lower)
    if unmet.sum() > max(_MENDED * unmet.size, 1):
        return False
    found.near += 1
    return found.near % _EVERY == 1


def _limits(found: Found, done: float) -> tuple[int, int, float, float]:
    """Give the work of an enumeration, the items in it, the noise, and the heat."""
    if found.best is not None and found.heat > 0.0:
        return _SAMPLE, _SAMPLED, 0.0, found.heat * heat_at(found, done)
    if found.best is not None:  # first as low as it goes at once: from there the heat is measured
        return _NODES, _ITEMS, 0.0, 0.0
    more = min(2 ** (found.idle // _DEEPER), _LONGEST)
    return _NODES * more, _ITEMS * min(more, 2), 0.0 if found.idle % _CYCLE < _CALM else _NOISE, 0.0


def _improve(
    place: Field,
    found: Found,
    limits: tuple[int, int, float, float],
    bounds: Any,
    into: Any,
    *,
    seed: int,
    pool: Executor | None,
) -> None:
    """Improve the plan for some rounds inside each region."""
    from planlib.territories.engine import group_kernels as kernels
    from planlib.territories.engine.search_kernels import improve_rounds

    m, first, last = len(place.price), found.round, found.round + _ROUNDS
    sizes = np.array(_SIZES if m > _FEW else _SIZES_OF_FEW)
    region, seeds = np.zeros(m, dtype=np.int64), _seeds(found, bounds)
    if found.regions > 1:
        state = np.empty(1, dtype=np.uint64)
        kernels.start_random(state, 7919 * seed + 29, first)
        kernels.make_regions(state, found.regions, *place.links, region)
    if len(place.budget):
        kernels.add_up(
            found.current, place.arcs.rep, place.load, place.stake, found.loads, found.used
        )
    room = (_safe(place.budget) - found.used) / found.regions
    purse = (room, place.budget_price, found.dear)

    def part(own: int) -> int:
        inside = region == own
        return improve_rounds(
            (first, last), sizes, 7919 * seed + 13 + 104_729 * own, limits, place.parts(),
            into, place.links, bounds, purse, not place.request.by_rep, (inside, inside & seeds),
            found.current, found.loads, found.stamps[own],
        )  # fmt: skip

    parts = range(found.regions)
    visited = sum(pool.map(part, parts) if pool else map(part, parts))
    found.work += 1 + visited // found.threads
    found.round = last


def _seeds(found: Found, bounds: Any) -> np.ndarray:
    """Tell with which territories groups begin: all, or in the end those outside alone."""
    outside = _outside(found, bounds)
    is_few = found.best is None and found.chunks >= _BROAD and 0 < outside.mean() <= _FOCUS
    return outside if is_few else np.ones(len(outside), dtype=bool)


def _outside(found: Found, bounds: Any) -> np.ndarray:
    """Tell which territories are outside their limits, margins included."""
    lower, upper = bounds[:2]
    return np.asarray(((found.loads > upper) | (found.loads < lower)).any(axis=1))


def _safe(budget: np.ndarray) -> np.ndarray:
    """Keep a little of each budget free, so that what meets it here meets it as given."""
    return np.asarray(budget * (1 - SAFE))


def _judge(place: Field, found: Found) -> None:
    """Keep the plan if it is the best, and set penalties and margins for the next chunk."""
    over = np.maximum(found.loads - place.upper, place.lower - found.loads)
    outside, above = over > 0, found.used > place.budget
    found.outside = int(outside.sum())
    middle = np.maximum((place.upper + place.lower) / 2, 1e-12)
    excess = _excess(place, found)
    is_early = found.chunks < _SOFT or excess < (1 - _GAIN) * found.hoped
    found.idle = 0 if is_early else found.idle + 1
    found.hoped = excess if found.idle == 0 else found.hoped
    if excess < found.excess:
        found.excess, found.nearest = excess, found.current.copy()
    if not found.outside and place.meets(found.current):
        if found.best is None:
            found.penalty, found.margin = found.penalty * 0 + _HARD * found.most, SAFE * middle
            found.best, found.cost = found.current.copy(), place.cost_of(found.current)
            found.settling = 0 if found.chunks < _BROAD else 1  # a plan that came late is dear
        else:
            found.settling -= 1
        if found.settling <= 0 and found.heat == 0.0:
            found.heat = heat_of(place, found)
        best = combined(place, found.best, found.current)
        cost = place.cost_of(best)
        if cost < found.cost - 1e-12 * abs(cost):
            found.best, found.cost = best, cost
        return
    if found.best is not None:
        found.current = found.best.copy()
        return
    raised = np.minimum(found.dear * 2, 1e3 * found.least_dear)
    found.dear = np.where(above, raised, np.maximum(found.dear * 0.97, found.least_dear))
    grown = np.minimum(found.penalty * 2, found.most)
    found.penalty = np.where(outside, grown, found.penalty)
    if found.chunks < _SOFT:  # far outside, as soft penalties leave it, says nothing yet
        return
    wider = np.minimum(found.margin + over / 2, _WIDEST * (place.upper - place.lower))
    fading = np.maximum(found.margin * _FADE, found.least_margin)
    found.margin = np.where(outside, np.maximum(wider, found.least_margin), fading)


def _excess(place: Field, found: Found) -> float:
    """Give what a plan is outside its limits, each in parts of the limit."""
    over = np.maximum(np.maximum(found.loads - place.upper, place.lower - found.loads), 0.0)
    middle = np.maximum((place.upper + place.lower) / 2, 1e-12)
    above = np.maximum(found.used - place.budget, 0.0) / (place.budget + 1e-12)
    return float((over / middle).sum() + above.sum())


def combined(place: Field, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """
    Take the better of two plans within all limits, part by part.

    Items that differ link the two territories they are with. Territories that are not linked, by
    whatever way, do not see each other's changes: each such part can be taken from either plan (the
    partition crossover of Whitley, Hains and Howe 2009). Budgets are checked on the whole.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    m, arcs = len(place.price), place.arcs
    items = np.flatnonzero(one != other)
    first, second = one[items], other[items]
    links = coo_matrix((np.ones(len(items)), (arcs.rep[first], arcs.rep[second])), shape=(m, m))
    count, part_of = connected_components(links, directed=False)
    part = part_of[arcs.rep[first]]
    better = np.bincount(part, arcs.cost[second] - arcs.cost[first], count) < 0
    plan = one.copy()
    plan[items[better[part]]] = second[better[part]]
    if place.meets(plan):
        return plan
    return other.copy() if place.cost_of(other) < place.cost_of(one) else one


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
    former: Found | None = None,
) -> Found:
    """
    Search until the work is done, or until ``go_on`` says so.

    ``go_on`` is asked before each chunk: it gives the share of the time that is behind the search,
    or None to end it. Heat fades with that share, or with that of the work that is ``planned``;
    work beyond it is for plans that are not within the limits yet. Where a ``former`` search has
    failed, its penalties go on.

    Returns
    -------
    Found
        The best of the searches side by side.
    """
    m = len(place.price)
    regions = max(min(m // REGION, REGIONS), 1)
    streams = [begin(place, start, former) for _ in range(1 if m >= SHARED else STREAMS)]
    if len(streams) == 1:
        streams[0].regions = regions

    def step(at: int, done: float) -> None:
        alone = len(streams) == 1
        own = seed if m >= SHARED else seed * STREAMS + at
        advance(place, streams[at], work=chunk, done=done, seed=own, pool=pool if alone else None)

    if len(place.arcs.rep) == place.request.items:  # no item has a choice: one look is enough
        work = chunk = 1
    best = streams[0]
    while best.work < work and (spent := go_on(best)) is not None:
        dones = [max(spent, one.work / planned) for one in streams]
        each = pool.map if pool and len(streams) > 1 else map
        list(each(step, range(len(streams)), dones))
        order = [(one.cost, one.excess, at) for at, one in enumerate(streams)]
        best = streams[min(order)[2]]
        best.work = max(one.work for one in streams)
        if regions > 1 and len(streams) > 1 and best.best is not None:
            best.regions, best.threads, streams = regions, STREAMS, [best]
    return best
