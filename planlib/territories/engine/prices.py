"""
Prices for a request of any size: by sample, by passes over all pairs, by the relaxation if small.

Prices are improved on few arcs: those that the last passes found best for each item and for each
rep. Arcs that are missing would let prices run away, so they move within a box round the best
prices known, and each pass over all pairs says what the new ones prove.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from planlib.territories.engine.arcs import Arcs, all_arcs
from planlib.territories.engine.dual import (
    Prices,
    Scale,
    SmoothDual,
    scale_of,
    typical,
    typical_of,
    weights_of,
)
from planlib.territories.engine.newton import Damping, climb
from planlib.territories.engine.passes import Look, bound_of, exact_bound, look
from planlib.territories.engine.relaxation import (
    TIE,
    Relaxed,
    Survey,
    joined,
    priced_arcs,
    relax,
    survey_of,
)
from planlib.territories.engine.request import Request

if TYPE_CHECKING:
    from concurrent.futures import Executor

_ALL = 200_000  # up to so many pairs, all arcs are looked at from the start
_SIMPLEX = 60_000  # up to so many arcs, the relaxation is solved exactly
_FREE = 3_000  # arcs beside the best that enter the relaxation
_PER_REP = (12, 25)  # items for each rep in the sample, at least and at most
_SAMPLED = 250_000_000  # pairs of the sample, about, within these
_STRIP = 16  # neighbouring items that a sample takes at once
_BEST = 16  # arcs kept for each item while prices are sought
_KEPT = 12  # arcs kept for each item in the end
#: Arcs kept for each rep while prices are sought, and in the end: a rep whose limits few items fit
#: has the choice of no others.
_INTO, _ASIDE = 60, 240
_GOOD = 2e-3  # imbalance, as a share of the mean limit, at which prices are good
_CAP = 1e4  # largest price, in typical differences of costs
_REACH = 1.0  # how far a price moves in a round at most, in typical differences and in itself
_FINE = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003)
_COARSE = ((1.0,), (0.5,), (0.25,), (0.1,))
_ROUNDS = ((0.1,), (0.03, 0.01), (0.003, 0.001), (0.003, 0.001), (0.003, 0.001), (0.001,))
#: From prices of a request much like this one: the round after which a plan may be mended.
_WARM = ((0.003,),)
_ROUGH = 2e-2  # imbalance that will do for a sample
_OPEN, _AGAIN = 1e-3, 6  # relative to a bound: arcs are missing, so a round comes again, so often
_TIED = 0.01  # regret per size, in typical differences, of arcs that are all kept in the end
_FAR = 4.0  # regret of arcs that are let go, in what prices move in a round
_CLOSE = 2e-5  # a bound so close to that of the arcs misses none that matters, relative


@dataclass(frozen=True, kw_only=True)
class Priced:
    """Prices with the bound they prove, the arcs worth looking at, and the units."""

    prices: Prices
    bound: float
    seen: Survey
    scale: Scale
    is_met: bool  # whether the relaxation can be met, as far as it was solved


def find_prices(
    request: Request,
    *,
    seed: int,
    pool: Executor | None,
    all_seen: bool = False,
    warm: Prices | None = None,
    brief: bool = False,
    go_on: Callable[[], bool] = lambda: True,
) -> Priced:
    """
    Find prices that prove nearly the best bound.

    Parameters
    ----------
    seed
        Of the sample with which a large request starts.
    pool
        Threads; the prices do not depend on them.
    all_seen
        Give every arc that was looked at, not only the best at the final prices.
    warm
        Prices of a request much like this one, for a large request to start from.
    brief
        Whether one round from warm prices is enough.
    go_on
        Whether prices that are good already shall become better still; asked after each round.
    """
    if request.items * request.reps > _ALL:
        if warm is None:
            prices, seen, scale = _by_rounds(request, seed, pool, all_seen=all_seen, go_on=go_on)
        else:
            prices, seen, scale = _from_warm(
                request, warm, pool, rounds=_WARM if brief else _ROUNDS[2:], all_seen=all_seen
            )
        return Priced(prices=prices, bound=seen.bound, seen=seen, scale=scale, is_met=True)
    arcs = all_arcs(request)
    scale = scale_of(request, typical_of(arcs, weights_of(request)))
    dual = SmoothDual(request, arcs, scale, pool=pool)
    nothing = np.zeros(len(dual.unit))
    x, _ = climb(dual, nothing, _FINE, (nothing - _CAP * scale.cost, nothing + _CAP * scale.cost))
    prices, is_met = _unscaled(request, x, scale), True
    whole = _whole(request, prices, arcs)
    if request.items * min(request.reps, _KEPT) <= _SIMPLEX:
        solved = relax(request, whole, scale, free=max(_FREE, 40 * request.reps))
        if solved is not None:
            is_met = _is_met(request, whole, scale, solved)
            better = _whole(request, solved.prices, arcs)
            if better.bound > whole.bound:
                prices, whole = solved.prices, better
    seen = whole if all_seen else _best(request, whole, prices, scale)
    return Priced(prices=prices, bound=seen.bound, seen=seen, scale=scale, is_met=is_met)


def _by_rounds(
    request: Request, seed: int, pool: Executor | None, *, all_seen: bool, go_on: Callable[[], bool]
) -> tuple[Prices, Survey, Scale]:
    """Find prices for many pairs: on a sample first, then on the arcs that passes find."""
    nothing = Prices(load=np.zeros(request.lower.shape), budget=np.zeros(len(request.budget)))
    damping = Damping()
    some = _Market(request, _sample(request, seed), pool, damping)
    seen = some.look(nothing)
    scale = some.scaled(seen)
    prices = some.priced((nothing, seen), scale, _COARSE, good=_ROUGH)[0]
    every = _Market(request, None, pool, damping)
    every.tie = some.tie
    prices, seen = every.priced(
        (prices, every.look(prices)), scale, _ROUNDS, good=_GOOD, go_on=go_on
    )
    arcs = every.joined(seen) if all_seen else every.best(prices, seen, scale)
    return prices, survey_of(request, prices, seen, arcs), scale


def _from_warm(
    request: Request,
    warm: Prices,
    pool: Executor | None,
    *,
    rounds: tuple[tuple[float, ...], ...],
    all_seen: bool,
) -> tuple[Prices, Survey, Scale]:
    """Find prices for many pairs from those of a request much like it."""
    every = _Market(request, None, pool, Damping())
    seen = every.look(warm)
    scale = every.scaled(seen)
    prices, seen = every.priced((warm, seen), scale, rounds, good=_GOOD)
    arcs = every.joined(seen) if all_seen else every.best(prices, seen, scale)
    return prices, survey_of(request, prices, seen, arcs), scale


class _Market:
    """All items or a sample of them, in ranges, with the arcs found so far."""

    def __init__(
        self,
        request: Request,
        ranges: list[tuple[int, int]] | None,
        pool: Executor | None,
        damping: Damping,
    ) -> None:
        self.request, self.ranges, self.pool = request, ranges, pool
        self.damping = damping
        self.weight, self.tie = weights_of(request), 0.0
        self.arcs: Arcs | None = None
        self.chosen: np.ndarray | None = None
        self.share = np.ones(len(request.load) + len(request.budget))
        if ranges is not None:
            self.chosen = np.concatenate([np.arange(low, high) for low, high in ranges])
            load = request.load.mean(axis=2) if request.by_rep else request.load
            self.share = _part(np.concatenate([load, request.stake]), self.chosen)

    def own(self, values: np.ndarray) -> np.ndarray:
        """Give the values of the items at hand."""
        return values if self.chosen is None else values[self.chosen]

    def scaled(self, seen: Look) -> Scale:
        """Give the units that a first pass shows."""
        scale = scale_of(self.request, typical(seen.near_cost, self.own(self.weight)))
        self.tie = TIE * scale.cost
        return scale

    def look(self, prices: Prices) -> Look:
        """Go over all pairs."""
        return look(
            self.request, prices, ranges=self.ranges, weight=self.weight, best=_BEST,
            per_rep=_ASIDE, tie=self.tie, pool=self.pool,
        )  # fmt: skip

    def joined(self, seen: Look, per_rep: int | None = None) -> Arcs:
        """Give the arcs that a pass has kept, so many for each rep, with those known before."""
        known = () if self.arcs is None else (self.arcs,)
        return joined(self.request, seen, per_rep=per_rep, known=known, chosen=self.chosen)

    def let_go(self, prices: Prices, far: float) -> None:
        """Drop known arcs whose regret per size is beyond what prices may move."""
        if self.arcs is None:
            return
        arcs, size = self.arcs, self.own(self.weight)
        priced = priced_arcs(arcs, prices)
        regret = priced - _least(len(arcs.start) - 1, arcs, prices)[arcs.item]
        self.arcs = arcs.at(np.flatnonzero(regret <= far * size[arcs.item]))

    def best(self, prices: Prices, seen: Look, scale: Scale) -> Arcs:
        """Give the best arcs of each item and of each rep, and those that are about as good."""
        self.let_go(prices, _TIED * scale.cost)
        known = () if self.arcs is None else (self.arcs,)
        return joined(self.request, seen, best=_KEPT, known=known)

    def priced(
        self,
        start: tuple[Prices, Look],
        scale: Scale,
        rounds: tuple[tuple[float, ...], ...],
        *,
        good: float,
        go_on: Callable[[], bool] = lambda: True,
    ) -> tuple[Prices, Look]:
        """Improve prices in rounds; give the best with what a pass at them has seen."""
        request = self.request
        seen = start[1]
        best, reach = (bound_of(request, start[0], seen.least, self.share), *start), _REACH
        at, again = 0, 0
        while at < len(rounds):
            levels = rounds[at]
            self.let_go(best[1], _FAR * reach * scale.cost)
            self.arcs = arcs = self.joined(seen, _INTO)
            x = _scaled(best[1], scale)
            wide = reach * (scale.cost + np.abs(x))
            dual = SmoothDual(request, arcs, scale, weight=self.own(scale.weight),
                              share=self.share, pool=self.pool)  # fmt: skip
            box = (x - wide, x + wide)
            x, met = climb(dual, x, levels, box, good=good, damping=self.damping)
            prices = _unscaled(request, x, scale)
            least = _least(len(seen.least), arcs, prices)
            hoped = bound_of(request, prices, least, self.share)
            seen = self.look(prices)
            bound = bound_of(request, prices, seen.least, self.share)
            size = abs(bound) or 1.0
            missed, gain = (hoped - bound) / size, (bound - best[0]) / size
            if gain <= 0:
                reach /= 4
            else:
                best = bound, prices, seen
                reach = reach if missed > _OPEN else min(2 * reach, _REACH)
            is_done = missed <= _CLOSE and (met or gain <= _CLOSE)
            if levels[-1] <= rounds[-1][-1] and (is_done or not go_on()):
                break
            if missed > _OPEN and again < _AGAIN:
                again += 1
            else:
                at += 1
        return best[1], best[2]


def _sample(request: Request, seed: int) -> list[tuple[int, int]]:
    """Draw strips of items, in order."""
    count = -(-request.items // _STRIP)
    each = min(max(_SAMPLED // request.reps**2, _PER_REP[0]), _PER_REP[1])
    wanted = min(count, -(-each * request.reps // _STRIP))
    strips = np.sort(np.random.default_rng([seed, 1]).permutation(count)[:wanted])
    return [(int(at) * _STRIP, min((int(at) + 1) * _STRIP, request.items)) for at in strips]


def _part(sizes: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Give the part of each size that some items are."""
    total, some = sizes.sum(axis=1), sizes[:, chosen].sum(axis=1)
    usual = np.full(len(total), len(chosen) / sizes.shape[1])
    return np.asarray(np.divide(some, total, out=usual, where=total > 0))


def _least(count: int, arcs: Arcs, prices: Prices) -> np.ndarray:
    """Give the least priced cost of each of so many items on some arcs."""
    priced = np.r_[priced_arcs(arcs, prices), np.inf]
    least = np.minimum.reduceat(priced, arcs.start[:count])
    return np.asarray(np.where(np.diff(arcs.start) > 0, least, np.inf))


def _unscaled(request: Request, x: np.ndarray, scale: Scale) -> Prices:
    measures, cut = request.load.shape[0], request.lower.size
    load = (x[:cut].reshape(request.reps, measures) / scale.load).T
    return Prices(load=np.ascontiguousarray(load), budget=np.maximum(x[cut:] / scale.stake, 0.0))


def _scaled(prices: Prices, scale: Scale) -> np.ndarray:
    return np.asarray(np.r_[(prices.load.T * scale.load).ravel(), prices.budget * scale.stake])


def _is_met(request: Request, whole: Survey, scale: Scale, solved: Relaxed) -> bool:
    """Tell whether the relaxation can be met, as far as it was solved on all arcs."""
    unit = scale.load[:, None]
    excess = float((np.abs(solved.excess) / unit).sum() + (solved.over / scale.stake).sum())
    whole_load = request.load.sum(axis=1).reshape(len(unit), -1)  # by rep where it depends on it
    size = 1.0 + float((whole_load / unit).max())
    return len(whole.arcs.cost) > _FREE or excess <= 1e-7 * size


def _whole(request: Request, prices: Prices, arcs: Arcs) -> Survey:
    """Price arcs that are all there are."""
    least = _least(request.items, arcs, prices)
    return Survey(
        arcs=arcs, priced=priced_arcs(arcs, prices), least=least,
        bound=bound_of(request, prices, least),
    )  # fmt: skip


def _best(request: Request, whole: Survey, prices: Prices, scale: Scale) -> Survey:
    """Keep the best of each item and of each rep, and those about as good, of all there are."""
    arcs = whole.arcs
    relative = whole.regret / scale.weight[arcs.item]
    kept = relative <= _TIED * scale.cost
    for key, most in ((arcs.item, _KEPT), (arcs.rep, _INTO)):
        order = np.lexsort((relative, key))
        first = np.searchsorted(key[order], np.arange(int(key.max(initial=0)) + 1))
        kept[order[np.arange(len(order)) - first[key[order]] < most]] = True
    arcs = arcs.at(np.flatnonzero(kept))
    return replace(whole, arcs=arcs, priced=priced_arcs(arcs, prices))


def is_proven_impossible(request: Request, *, pool: Executor | None) -> bool:
    """
    Tell whether even the relaxation cannot be met; proven by prices (Farkas).

    Without costs, a bound above 0 for every plan within the limits shows that there is none.
    """
    if request.matrix is None or request.items * request.reps > _ALL:
        return False
    free = replace(request, matrix=np.where(np.isfinite(request.matrix), 0.0, np.inf))
    arcs = all_arcs(free)
    scale = scale_of(free, typical_of(arcs, weights_of(free)))
    zero = Prices(load=np.zeros(request.lower.shape), budget=np.zeros(len(request.budget)))
    solved = relax(free, _whole(free, zero, arcs), scale, free=_SIMPLEX * 10, dear=1.0)
    if solved is None:
        return False
    bound = exact_bound(free, solved.prices, pool=pool)
    price = np.abs(solved.prices.load)
    size = float((price * (request.upper + request.lower)).sum()) + 1e-12
    return bool(bound > 1e-9 * size)
