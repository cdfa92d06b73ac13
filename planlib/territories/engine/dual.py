"""
The smoothed Lagrangian dual: prices of limits, their units, and the value with its curvature.

Any prices prove a bound: each item takes the rep who is cheapest at these prices, and each priced
limit gives its price back. The best such bound is that of the linear relaxation. The minimum over
reps and the kink of each price at zero are smoothed (Nesterov 2005).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from planlib.territories.engine.request import Request

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from planlib.territories.engine.arcs import Arcs

_PARTS = 8  # items are added up in so many parts, whatever the number of threads
_SHARED = 20_000  # arcs below which threads are not worth their start


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


def weights_of(request: Request) -> np.ndarray:
    """Give the size of the items: the mean of their loads, each relative to the mean item."""
    load = request.load.mean(axis=2) if request.by_rep else request.load
    mean = load.mean(axis=1, keepdims=True)
    size = np.where(mean > 0, load / np.where(mean > 0, mean, 1.0), 1.0).mean(axis=0)
    return np.asarray(np.maximum(size, 0.02))


def scale_of(request: Request, cost: float) -> Scale:
    """Give the units: mean loads, mean stakes, item sizes, and a typical difference of costs."""
    load = (request.load.mean(axis=2) if request.by_rep else request.load).mean(axis=1)
    stake = request.stake.mean(axis=1) if len(request.budget) else np.empty(0)
    return Scale(
        load=np.where(load > 0, load, 1.0), stake=np.where(stake > 0, stake, 1.0),
        weight=weights_of(request), cost=cost,
    )  # fmt: skip


def typical_of(arcs: Arcs, weight: np.ndarray) -> float:
    """Give a typical difference of costs of arcs."""
    order = np.lexsort((arcs.cost, arcs.item))
    rank = np.arange(len(order)) - arcs.start[arcs.item]
    cost = np.full((len(weight), 3), np.inf)
    first = rank < 3
    cost[arcs.item[first], rank[first]] = arcs.cost[order][first]
    return typical(cost, weight)


def typical(cost: np.ndarray, weight: np.ndarray) -> float:
    """Give the median of the third least cost above the least, per size; (n, c), least first."""
    cost = cost[:, :3]
    last = np.isfinite(cost).sum(axis=1) - 1
    several = np.flatnonzero(last >= 1)
    if not len(several):
        return 1.0
    gap = (cost[several, last[several]] - cost[several, 0]) / weight[several]
    middle = float(np.median(gap))
    if middle > 0:
        return middle
    gap = gap[gap > 0]
    return float(np.median(gap)) if len(gap) else 1.0


#: Items that several reps share: first arc of each, width, and the reps, sizes and shares of arcs.
Soft = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Point:
    """The smoothed dual at some prices: value, gradient, and what its curvature is made of."""

    value: float
    gradient: np.ndarray
    soft: tuple[Soft, ...]
    box: np.ndarray

    @property
    def couplings(self) -> int:
        """Arcs that the curvature consists of."""
        return sum(len(part[2]) for part in self.soft)


class SmoothDual:
    """
    The smoothed dual on some arcs, in scaled units; variables are prices, then budgets.

    Parameters
    ----------
    weight
        Size of each item of the arcs.
    share
        (K + G,) part of the loads and stakes that these items are; limits are scaled by it.
    """

    def __init__(
        self,
        request: Request,
        arcs: Arcs,
        scale: Scale,
        *,
        weight: np.ndarray | None = None,
        share: np.ndarray | None = None,
        pool: Executor | None = None,
    ) -> None:
        measures, budgets = request.load.shape[0], len(request.budget)
        self.arcs, self.scale = arcs, scale
        self.pool = pool if len(arcs.cost) >= _SHARED else None
        self.weight = scale.weight if weight is None else weight
        self.size = np.ascontiguousarray(
            np.vstack([arcs.load.T / scale.load[:, None], arcs.stake.T / scale.stake[:, None]])
        )
        self.shape = (request.reps, measures)
        part = np.ones(measures + budgets) if share is None else share
        units = (scale.load / part[:measures])[:, None]
        budget = part[measures:] * request.budget / scale.stake
        total = self.size.sum(axis=1)
        self.upper = np.r_[(request.upper / units).T.ravel(),
                           np.minimum(budget, total[measures:] + 1.0)]  # fmt: skip
        self.lower = np.r_[(request.lower / units).T.ravel(), np.zeros(budgets)]
        mean = np.maximum((self.upper + self.lower) / 2, 1e-12)
        ceiling = np.r_[np.tile(total[:measures] / request.reps, request.reps), total[measures:]]
        self.unit = np.minimum(mean, np.maximum(ceiling, 1e-12))
        count = len(arcs.start) - 1
        self.edges = np.linspace(0, count, _PARTS + 1).astype(np.int64)

    def at(self, x: np.ndarray, tau: float) -> Point:
        """Give the smoothed dual at prices."""
        from planlib.territories.engine.dual_kernels import soften

        price, shared = self._split(x)
        widths = tau * self.weight

        def part(at: int) -> Any:
            gradient, other = np.zeros(self.shape), np.zeros(len(shared))
            span = (int(self.edges[at]), int(self.edges[at + 1]))
            total, *soft = soften(
                span, self.arcs.start, self.arcs.rep, self.arcs.cost, self.size, price, shared,
                widths, gradient, other,
            )  # fmt: skip
            return total, np.r_[gradient.ravel(), other], tuple(soft)

        parts = self._in_parts(part)
        kink = 0.5 * tau
        root = np.sqrt(x * x + kink * kink)
        value = sum(one[0] for one in parts)
        value -= float((self.upper * (root + x) / 2 - self.lower * (root - x) / 2).sum())
        slope = x / root
        gradient = sum((one[1] for one in parts), np.zeros(len(x)))
        gradient = gradient - (self.upper * (1 + slope) / 2 + self.lower * (1 - slope) / 2)
        box = (self.upper - self.lower) / 2 * kink * kink / (root * root * root)
        return Point(value=value, gradient=gradient, soft=tuple(one[2] for one in parts), box=box)

    def curved(self, point: Point, move: np.ndarray) -> np.ndarray:
        """Give the negative Hessian at a point, times a move."""
        from planlib.territories.engine.dual_kernels import curve_times

        price, shared = self._split(move)

        def part(at: int) -> np.ndarray:
            out, other = np.zeros(self.shape), np.zeros(len(shared))
            curve_times(*point.soft[at], price, shared, out, other)
            return np.concatenate([out.ravel(), other])

        parts = self._in_parts(part, few=point.couplings < _SHARED)
        return np.asarray(sum(parts, point.box * move))

    def matrix(self, point: Point) -> np.ndarray:
        """Give the negative Hessian at a point as a matrix."""
        from planlib.territories.engine.dual_kernels import curve_matrix

        out = np.zeros((len(point.box), len(point.box)))
        for part in point.soft:
            curve_matrix(*part, self.shape[1], out)
        out[np.diag_indices(len(out))] += point.box
        return out

    def corners(self, point: Point) -> tuple[np.ndarray, np.ndarray]:
        """Give the negative Hessian's blocks of reps, (m, K, K), and the rest of its diagonal."""
        from planlib.territories.engine.dual_kernels import curve_corners

        reps, measures = self.shape
        corner, rest = np.zeros((reps, measures, measures)), point.box[reps * measures :].copy()
        for part in point.soft:
            curve_corners(*part, corner, rest)
        own = np.arange(measures)
        corner[:, own, own] += point.box[: reps * measures].reshape(reps, measures)
        return corner, rest

    def _split(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        reps, measures = self.shape
        cut = reps * measures
        return np.ascontiguousarray(x[:cut].reshape(reps, measures)), np.ascontiguousarray(x[cut:])

    def _in_parts(self, part: Any, *, few: bool = False) -> list[Any]:
        run = map if self.pool is None or few else self.pool.map
        return list(run(part, range(_PARTS)))


def priced_block(
    request: Request, prices: Prices, low: int, high: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the priced costs of a range of items, the least of each row, and its rep."""
    from planlib.territories.engine.pass_kernels import price_rows

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
