"""Prices for a request of any size: by sample, by survey, and by the relaxation if small."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from planlib.territories.engine.arcs import Arcs, all_arcs, make_arcs
from planlib.territories.engine.dual import (
    Prices,
    Scale,
    SmoothDual,
    exact_bound,
    newton,
    scale_of,
)
from planlib.territories.engine.relaxation import Survey, relax, survey
from planlib.territories.engine.request import Request

if TYPE_CHECKING:
    from concurrent.futures import Executor

_ALL = 200_000  # up to so many pairs, all arcs are looked at from the start
_SIMPLEX = 60_000  # up to so many arcs, the relaxation is solved exactly
_FREE = 3_000  # arcs beside the best that enter the relaxation
_PER_REP = 25  # items for each rep in the first sample
_SAMPLED = 2_000_000  # pairs of the sample, about
_BEST, _INTO = 24, 60  # arcs kept for each item, and for each rep
_CAP = 1e4  # largest price, in typical differences of costs
_ROUNDS = ((0.1, 0.03, 0.01), (0.01, 0.003, 0.001))
_FINE = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003)
_COARSE = (0.3, 0.1, 0.03)


@dataclass(frozen=True, kw_only=True)
class Priced:
    """Prices with the bound they prove, the arcs worth looking at, and the units."""

    prices: Prices
    bound: float
    seen: Survey
    scale: Scale
    is_met: bool  # whether the relaxation can be met, as far as it was solved


def find_prices(request: Request, *, seed: int, pool: Executor | None) -> Priced:
    """Find prices that prove nearly the best bound."""
    weight = _weights(request)
    if request.items * request.reps <= _ALL:
        arcs = all_arcs(request)
        scale = replace(scale_of(request, arcs), weight=weight)
        x = _climbed(request, arcs, scale, None, levels=_FINE, pool=pool)
    else:
        arcs, scale, x = _sampled(request, weight, seed, pool)
        known: list[Arcs] = []
        for levels in _ROUNDS:
            seen = survey(
                request, _unscaled(request, x, scale), weight,
                best=_BEST, per_rep=_INTO, known=known,
            )  # fmt: skip
            known = [seen.arcs]
            finer = replace(scale_of(request, seen.arcs), weight=weight)
            x = _rescaled(request, x, scale, finer)
            scale = finer
            x = _climbed(request, seen.arcs, scale, x, levels=levels, pool=pool)
    prices = _unscaled(request, x, scale)
    best = prices, exact_bound(request, prices)
    seen = survey(request, best[0], weight, best=_BEST // 2, per_rep=_INTO)
    is_met = True
    if len(seen.arcs.cost) <= _SIMPLEX and request.items * request.reps <= _ALL:
        best, is_met = _exact(request, best, arcs, scale)
        seen = survey(request, best[0], weight, best=_BEST // 2, per_rep=_INTO)
    return Priced(prices=best[0], bound=best[1], seen=seen, scale=scale, is_met=is_met)


def _weights(request: Request) -> np.ndarray:
    """Give the size of the items: the mean of their loads, each relative to the mean item."""
    load = request.load.mean(axis=2) if request.by_rep else request.load
    mean = load.mean(axis=1, keepdims=True)
    size = np.where(mean > 0, load / np.where(mean > 0, mean, 1.0), 1.0).mean(axis=0)
    return np.asarray(np.maximum(size, 0.02))


def _sampled(
    request: Request, weight: np.ndarray, seed: int, pool: Executor | None
) -> tuple[Arcs, Scale, np.ndarray]:
    """Find rough prices on a sample of the items with all their arcs."""
    draw = np.random.default_rng([seed, 1])
    each = max(_PER_REP // 2, min(_PER_REP, _SAMPLED // request.reps**2))
    count = min(request.items, each * request.reps)
    chosen = np.sort(draw.permutation(request.items)[:count])
    items, reps, cost = [], [], []
    for low, high in request.blocks():
        first, last = np.searchsorted(chosen, (low, high))
        if last == first:
            continue
        block = request.block(low, high)[chosen[first:last] - low]
        row, rep = np.nonzero(np.isfinite(block))
        items.append(row + first)
        reps.append(rep)
        cost.append(block[row, rep])
    row, rep = np.concatenate(items), np.concatenate(reps)
    arcs = make_arcs(request, chosen[row], rep, np.concatenate(cost))
    arcs = replace(
        arcs, start=np.searchsorted(row, np.arange(count + 1)).astype(np.int64), item=row
    )
    scale = replace(scale_of(request, arcs), weight=weight[chosen])
    load = request.load.mean(axis=2) if request.by_rep else request.load
    share = float((load[:, chosen].sum(axis=1) / np.maximum(load.sum(axis=1), 1e-300)).mean())
    size = request.lower.size + len(request.budget)
    dual = SmoothDual(request, arcs, scale, share, pool)
    return arcs, scale, newton(dual, np.zeros(size), _COARSE, _CAP * scale.cost, rough=True)


def _climbed(
    request: Request,
    arcs: Arcs,
    scale: Scale,
    x: np.ndarray | None,
    *,
    levels: tuple[float, ...],
    pool: Executor | None,
) -> np.ndarray:
    start = np.zeros(request.lower.size + len(request.budget)) if x is None else x
    return newton(SmoothDual(request, arcs, scale, 1.0, pool), start, levels, _CAP * scale.cost)


def _unscaled(request: Request, x: np.ndarray, scale: Scale) -> Prices:
    measures, cut = request.load.shape[0], request.lower.size
    load = (x[:cut].reshape(request.reps, measures) / scale.load).T
    return Prices(load=np.ascontiguousarray(load), budget=np.maximum(x[cut:] / scale.stake, 0.0))


def _rescaled(request: Request, x: np.ndarray, old: Scale, new: Scale) -> np.ndarray:
    factor = np.r_[np.tile(new.load / old.load, request.reps), new.stake / old.stake]
    return np.asarray(x * factor)


def _exact(
    request: Request, best: tuple[Prices, float], arcs: Arcs, scale: Scale
) -> tuple[tuple[Prices, float], bool]:
    """Solve the relaxation on all arcs; give its prices if they prove more."""
    whole = survey_of(request, best[0], arcs)
    solved = relax(request, whole, scale, free=max(_FREE, 40 * request.reps))
    bound = exact_bound(request, solved.prices)
    unit = scale.load[:, None]
    excess = float((np.abs(solved.excess) / unit).sum() + (solved.over / scale.stake).sum())
    is_met = len(arcs.cost) > _FREE or excess <= 1e-7 * (
        1.0 + float((request.load.sum(axis=1)[..., None] / unit).max())
    )
    return max((best, (solved.prices, bound)), key=lambda one: one[1]), is_met


def survey_of(request: Request, prices: Prices, arcs: Arcs) -> Survey:
    """Price arcs that are all there are."""
    from planlib.territories.engine.relaxation import priced_arcs

    priced = priced_arcs(arcs, prices)
    least = np.full(request.items, np.inf)
    np.minimum.at(least, arcs.item, priced)
    return Survey(arcs=arcs, priced=priced, least=least, bound=float("-inf"))


def is_proven_impossible(request: Request, *, pool: Executor | None) -> bool:
    """
    Tell whether even the relaxation cannot be met; proven by prices (Farkas).

    Without costs, a bound above 0 for every plan within the limits shows that there is none.
    """
    if request.matrix is None or request.items * request.reps > _ALL:
        return False
    free = replace(request, matrix=np.where(np.isfinite(request.matrix), 0.0, np.inf))
    arcs = all_arcs(free)
    scale = replace(scale_of(free, arcs), weight=_weights(free))
    zero = Prices(load=np.zeros(request.lower.shape), budget=np.zeros(len(request.budget)))
    solved = relax(free, survey_of(free, zero, arcs), scale, free=_SIMPLEX * 10, dear=1.0)
    bound = exact_bound(free, solved.prices)
    price = np.abs(solved.prices.load)
    size = float((price * (request.upper + request.lower)).sum()) + 1e-12
    return bool(bound > 1e-9 * size)
