"""
Mend a plan that few territories disturb: chains of changes, the shortest and cheapest first.

After a few locks nearly all of a good plan stays good. Each territory that is outside its limits is
brought back by a chain of one or two changes if there is one, else by a longer one. Where many are
outside, they first come nearer by exchanges (``eased``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from planlib.territories.engine.field import SAFE, Field

#: Changes that are followed at each place of a chain; the last place looks at all.
_CHAINS = ((0,), (600, 0), (200, 80, 0), (60, 30, 20, 0))
_SHORT = 2  # chains up to this length compete by cost; longer ones are for want of shorter
#: Share of what a territory is outside by that a chain may leave, where none leaves nothing.
_LEFT = (0.0, 0.4, 0.8)
_NODES = 2_000_000, 10_000_000  # changes that the search for one chain looks at, about
_TURNS = 4  # times the territories that chains are sought for, at most
_BESIDE = 400  # changes of each kind that exchanges are made of, the cheapest
_FEW = 0.1, 8  # share of limits unmet, and how many, up to which a plan is brought in by chains


def mend(
    place: Field,
    start: np.ndarray,
    *,
    patient: bool = True,
    partly: bool = True,
    near: bool = False,
    go_on: Callable[[], bool] = lambda: True,
) -> tuple[np.ndarray, np.ndarray]:
    """
    Bring a plan within its limits by few changes.

    Parameters
    ----------
    place
        Arcs and limits.
    start
        (N,) arc of each item.
    patient
        Whether to look longer.
    partly
        Whether to look at all arcs of the territories outside, and to take chains that only come
        nearer to the limits where none reaches them.
    near
        Whether to look at the nearest arcs alone, where not ``partly``.
    go_on
        Whether there is time for another chain.

    Returns
    -------
    tuple
        (N,) arc of each item, and the territories that are still outside.
    """
    from planlib.territories.engine import group_kernels as kernels
    from planlib.territories.engine.mend_kernels import outside

    arcs, current = place.arcs, start.copy()
    bounds = _bounds(place)
    loads, used = np.zeros(place.lower.shape), np.zeros(len(place.budget))
    parts = (arcs.start, arcs.item, arcs.rep, arcs.cost, place.load, place.stake)
    worth = _worth(place)
    kernels.add_up(current, arcs.rep, place.load, place.stake, loads, used)
    far = np.array([outside(j, loads, *bounds) for j in range(len(loads))])
    into = place.around(far > 0, current) if partly else place.into if near else place.wide
    hopeless: set[int] = set()
    for _ in range(_TURNS * len(loads)):
        kernels.add_up(current, arcs.rep, place.load, place.stake, loads, used)
        far = np.array([outside(j, loads, *bounds) for j in range(len(loads))])
        waiting = [int(j) for j in np.argsort(-far, kind="stable") if far[j] > 0]
        waiting = [j for j in waiting if j not in hopeless]
        if not waiting or not go_on():
            break
        own = (*_members(arcs.rep[current], len(loads)), *into)
        purse = (place.budget * (1 - SAFE), used)
        chain = _chain(
            waiting[0], (patient, partly), (parts, own, bounds, purse, worth, current, loads)
        )
        if len(chain):
            current[arcs.item[chain]] = chain
            if partly:
                hopeless.clear()
        else:
            hopeless.add(waiting[0])
    return current, np.flatnonzero(far > 0)


def eased(place: Field, start: np.ndarray) -> np.ndarray:
    """
    Bring the territories outside their limits nearer to them by exchanges with any others.

    Where each rep could have items of hundreds of others, a group of a few has hardly any that
    would help. The one farthest outside comes first.
    """
    from planlib.territories.engine import group_kernels as kernels
    from planlib.territories.engine.ease_kernels import ease_territory
    from planlib.territories.engine.mend_kernels import outside

    arcs, current, (lower, upper) = place.arcs, start.copy(), _bounds(place)
    loads, used = np.zeros(place.lower.shape), np.zeros(len(place.budget))
    kernels.add_up(current, arcs.rep, place.load, place.stake, loads, used)
    far = np.array([outside(j, loads, lower, upper) for j in range(len(loads))])
    parts = (arcs.start, arcs.item, arcs.rep, place.regret, place.load, place.stake)
    purse, usual = (place.budget * (1 - SAFE), used), _worth(place)[0]
    into = np.flatnonzero((far > 0)[arcs.rep])
    into = into[np.argsort(arcs.rep[into], kind="stable")]
    first = np.searchsorted(arcs.rep[into], np.arange(len(loads) + 1))
    for j in np.argsort(-far, kind="stable")[: int((far > 0).sum())]:
        own = into[first[j] : first[j + 1]]
        ease_territory(int(j), own, _BESIDE, usual, parts, (lower, upper), purse, current, loads)
    return current


def _bounds(place: Field) -> tuple[np.ndarray, np.ndarray]:
    """Give limits that leave a little for the rounding of sums."""
    middle = np.maximum((place.upper + place.lower) / 2, 1e-12)
    return place.lower + SAFE * middle, place.upper - SAFE * middle


def brought_in(place: Field, rep: np.ndarray, go_on: Callable[[], bool]) -> np.ndarray:
    """Bring a plan by rep of each item within limits, as far as chains can; give it by arc."""
    start = place.nearest(rep)
    loads = place.request.loads(place.rep_of(start))
    unmet = (loads > place.request.given_upper) | (loads < place.request.given_lower)
    if unmet.sum() > max(_FEW[0] * unmet.size, _FEW[1]):
        return start
    return mend(place, start, patient=False, go_on=go_on)[0]


def _chain(j: int, how: tuple[bool, bool], state: Any) -> np.ndarray:
    """Give the arcs of the best chain that brings a territory within limits, or nearer to them."""
    from planlib.territories.engine.mend_kernels import mend_territory

    parts, own, bounds, purse, worth, current, loads = state
    path = np.zeros(len(_CHAINS), dtype=np.int64)
    patient, partly = how
    for left_over in _LEFT if partly else _LEFT[:1]:
        best, chain = np.inf, path[:0]
        for widths in _CHAINS:
            if len(widths) > _SHORT and np.isfinite(best):
                break
            value, _ = mend_territory(
                j, left_over, np.array(widths), _NODES[patient], parts, own, bounds, purse, worth,
                current, loads, path,
            )  # fmt: skip
            if value < best:
                best, chain = value, path[: len(widths)].copy()
        if len(chain):
            break
    return chain


def _worth(place: Field) -> tuple[float, float]:
    """Give what a territory within limits is worth, and what a unit outside costs in a chain."""
    beside = place.regret[place.into[1]]
    change = float(np.median(place.request.costs.change))
    change += float(np.median(beside)) if len(beside) else 1.0
    return change, change / max(float(np.median(place.load.sum(axis=1))), 1e-12)


def _members(rep: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the first of each territory's items, and the items in that order."""
    order = np.argsort(rep, kind="stable").astype(np.int64)
    return np.searchsorted(rep[order], np.arange(m + 1)).astype(np.int64), order
