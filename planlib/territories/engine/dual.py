"""
Prices of limits, and the bound they prove: Newton's method on the smoothed Lagrangian dual.

Any prices prove a bound: each item takes the rep who is cheapest at these prices, and each priced
limit gives its price back. The best such bound is that of the linear relaxation. The minimum over
reps and the kink of each price at zero are smoothed, less and less (Nesterov 2005), and each
smoothed problem is solved by a damped Newton method (Levenberg 1944, Marquardt 1963).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from planlib.territories.engine.request import Request

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from planlib.territories.engine.arcs import Arcs

_LOOK = 20_000  # items from which a typical difference of costs is taken
_PARTS = 4  # items are added up in so many parts, whatever the number of threads
_STEPS = 25  # Newton steps for a level, at most
_ROUGH = 2e-2
_GOOD = 2e-3  # largest imbalance, as a share of the mean limit, at which a level ends


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Prices of loads (K, m) and budgets (G,); ``load > 0`` where the upper limit binds."""

    load: np.ndarray
    budget: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Units in which the engine counts: loads per mean item, budgets per mean stake."""

    load: np.ndarray
    stake: np.ndarray
    weight: np.ndarray
    cost: float


def scale_of(request: Request, arcs: Arcs) -> Scale:
    """Give the units: mean loads, mean stakes, item sizes, and a typical difference of costs."""
    load = np.maximum(arcs.load.mean(axis=0), 1e-300) if len(arcs.cost) else np.ones(1)
    stake = arcs.stake.mean(axis=0)
    stake = np.where(stake > 0, stake, 1.0)
    size = (arcs.load / load).mean(axis=1)
    counts = np.maximum(np.diff(arcs.start), 1)
    weight = np.add.reduceat(np.r_[size, 0.0], np.minimum(arcs.start[:-1], len(size))) / counts
    weight = np.maximum(np.where(np.diff(arcs.start) > 0, weight, 1.0), 0.02)
    return Scale(load=load, stake=stake, weight=weight, cost=_typical(arcs, weight))


def _typical(arcs: Arcs, weight: np.ndarray) -> float:
    """Give the median over items of the third least cost above the least, per size."""
    if len(arcs.start) > _LOOK:  # the first items will do; their order means nothing
        last = int(arcs.start[_LOOK])
        arcs, weight = arcs.at(np.arange(last)), weight[:_LOOK]
        arcs = replace(arcs, start=arcs.start[: _LOOK + 1])
    counts = np.diff(arcs.start)
    order = np.lexsort((arcs.cost, arcs.item))
    several = np.flatnonzero(counts >= 2)
    if not len(several):
        return 1.0
    third = arcs.start[several] + np.minimum(counts[several], 3) - 1
    cost = arcs.cost[order]
    gap = (cost[third] - cost[arcs.start[several]]) / weight[several]
    middle = float(np.median(gap))
    if middle > 0:
        return middle
    gap = gap[gap > 0]
    return float(np.median(gap)) if len(gap) else 1.0


class SmoothDual:
    """The smoothed dual on some arcs, in scaled units; variables are prices, then budgets."""

    def __init__(
        self, request: Request, arcs: Arcs, scale: Scale, share: float, pool: Executor | None
    ) -> None:
        measures = request.load.shape[0]
        self.arcs, self.pool, self.scale = arcs, pool, scale
        self.load = arcs.load / scale.load
        self.stake = arcs.stake / scale.stake
        self.shape = (request.reps, measures)
        units = scale.load[:, None]
        budget = request.budget / scale.stake
        most = arcs.stake.sum(axis=0) / scale.stake
        self.upper = np.r_[(share * request.upper / units).T.ravel(),
                           np.minimum(share * budget, most + 1.0)]  # fmt: skip
        self.lower = np.r_[(share * request.lower / units).T.ravel(), np.zeros(len(budget))]
        mean = np.maximum((self.upper + self.lower) / 2, 1e-12)
        reach = np.array([arcs.load[:, k].sum() / scale.load[k] for k in range(measures)])
        ceiling = np.r_[np.tile(reach / request.reps, request.reps), most + 1e-12]
        self.unit = np.minimum(mean, np.maximum(ceiling, 1e-12))

    def value(
        self, x: np.ndarray, tau: float, *, second: bool
    ) -> tuple[float, np.ndarray, np.ndarray]:
        """Give the smoothed dual, its gradient, and its negative Hessian where asked for."""
        from planlib.territories.engine.dual_kernels import smooth_part

        reps, measures = self.shape
        size, cut = len(x), reps * measures
        price = np.ascontiguousarray(x[:cut].reshape(reps, measures))
        budget = np.ascontiguousarray(x[cut:])
        widths = tau * self.scale.weight
        count = len(self.arcs.start) - 1
        edges = np.linspace(0, count, _PARTS + 1).astype(np.int64)

        def part(at: int) -> tuple[float, np.ndarray, np.ndarray]:
            gradient = np.zeros(size)
            hessian = np.zeros((size, size) if second else (0, 0))
            span = (int(edges[at]), int(edges[at + 1]))
            total = smooth_part(
                span, self.arcs.start, self.arcs.rep, self.arcs.cost, self.load, self.stake,
                price, budget, widths, gradient, hessian,
            )  # fmt: skip
            return total, gradient, hessian

        parts = list(self.pool.map(part, range(_PARTS)) if self.pool else map(part, range(_PARTS)))
        total = sum(one[0] for one in parts)
        gradient = sum((one[1] for one in parts), np.zeros(size))
        kink = 0.5 * tau
        root = np.sqrt(x * x + kink * kink)
        total -= float((self.upper * (root + x) / 2 - self.lower * (root - x) / 2).sum())
        slope = x / root
        gradient = gradient - (self.upper * (1 + slope) / 2 + self.lower * (1 - slope) / 2)
        if not second:
            return total, gradient, np.zeros((0, 0))
        hessian = sum((one[2] for one in parts[1:]), parts[0][2])
        hessian[np.diag_indices(size)] += (
            (self.upper - self.lower) / 2 * kink * kink / (root * root * root)
        )
        return total, gradient, hessian


def newton(
    dual: SmoothDual,
    x: np.ndarray,
    levels: tuple[float, ...],
    cap: float,
    *,
    rough: bool = False,
) -> np.ndarray:
    """Climb the smoothed dual, level by level; prices stay within ``cap`` of zero."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):  # the order of additions must not depend on the machine
        return _climb(dual, x, levels, cap, _ROUGH if rough else _GOOD)


def _climb(
    dual: SmoothDual, x: np.ndarray, levels: tuple[float, ...], cap: float, good: float
) -> np.ndarray:
    from scipy.linalg import LinAlgError, cho_factor, cho_solve

    damping = 1e-3
    for level in levels:
        tau = level * dual.scale.cost
        value, gradient, hessian = dual.value(x, tau, second=True)
        for _ in range(_STEPS):
            if (np.abs(gradient) / dual.unit).max(initial=0.0) < good:
                break
            diagonal = np.diag(hessian)
            step = hessian.copy()
            step[np.diag_indices(len(x))] += damping * np.maximum(diagonal, 0.1 * diagonal.mean())
            try:
                move = cho_solve(cho_factor(step, lower=True, overwrite_a=True), gradient)
            except LinAlgError:
                damping = max(damping * 10, 1e-6)
                continue
            trial = np.clip(x + move, -cap, cap)
            move = trial - x
            expected = float(gradient @ move - 0.5 * move @ hessian @ move)
            if expected <= 1e-9 * abs(value):
                break
            after = dual.value(trial, tau, second=True)
            ratio = (after[0] - value) / expected
            if ratio > 1e-3:
                x, (value, gradient, hessian) = trial, after
            if ratio > 0.7:
                damping = max(damping / 5, 1e-9)
            elif ratio < 0.25:
                damping = min(damping * 5, 1e9)
    return x


def exact_bound(request: Request, prices: Prices) -> float:
    """
    Give the Lagrangian value of prices over every allowed arc, in float64.

    ``sum_i min_j (c_ij + p_j b_ij + q s_ij) - sum (p > 0: p U; p < 0: p L) - q B``; a bound for
    every plan within the limits, whatever the prices; budgets with a price below 0 do not count.
    """
    total = 0.0
    for low, high in request.blocks():
        total += float(priced_block(request, prices, low, high)[1].sum())
    load, budget = prices.load, np.maximum(prices.budget, 0.0)
    limits = np.where(load > 0, request.upper, request.lower)
    return total - float((load * limits).sum()) - float(budget @ request.budget)


def priced_block(
    request: Request, prices: Prices, low: int, high: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the priced costs of a range of items, the least of each row, and its rep."""
    from planlib.territories.engine.dual_kernels import price_rows

    block = np.array(request.block(low, high))
    for g, price in enumerate(np.maximum(prices.budget, 0.0)):
        if price:
            block += price * request.stake[g, low:high, None]
            kept = request.kept[g][low:high].tocoo()
            block[kept.row, kept.col] -= price * kept.data
    load = request.load[:, low:high]
    if request.by_rep:
        load = load.transpose(0, 2, 1).reshape(-1, high - low)
    least, best = np.empty(high - low), np.empty(high - low, dtype=np.int64)
    price_rows(block, np.ascontiguousarray(load), np.ascontiguousarray(prices.load), least, best)
    return block, least, best
