"""
The integrality bonus: what every plan of whole accounts must cost above the relaxation's bound.

At given prices, a plan costs the bound, plus the regret of each item that is not with its cheapest
rep, plus the price of what each territory stays away from its priced limits. Half of a regret is
counted at the rep who takes the item, half at the one who does without it. Then each territory's
part can be bounded by itself, by enumeration of the items it could take or give, and the sum of
these parts is added to the bound. Tolerances that no sum of whole accounts meets exactly, and rural
territories with few accounts to choose from, raise the bound most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from planlib.territories.engine.dual import Prices, Scale, priced_block
from planlib.territories.engine.request import Request

if TYPE_CHECKING:
    from concurrent.futures import Executor

_NODES = 200_000
_PARTS = 8
_SAFE = 1 - 1e-9


def integrality_bonus(
    request: Request,
    prices: Prices,
    scale: Scale,
    plan: np.ndarray,
    *,
    pool: Executor | None = None,
    nodes: int = _NODES,
) -> np.ndarray:
    """
    Give what each territory adds to the bound of the prices at least, (m,).

    Parameters
    ----------
    plan
        (N,) rep of each item in a good plan; it only limits how far the enumeration looks.
    """
    from planlib.territories.engine.bonus_kernels import least_of_territories

    m, measures = request.reps, request.load.shape[0]
    items = np.arange(request.items)
    regret = np.empty(request.items)
    best = np.empty(request.items, dtype=np.int64)
    second = np.empty(request.items)
    for low, high in request.blocks():
        block, least, where = priced_block(request, prices, low, high)
        here = np.arange(high - low)
        regret[low:high] = block[here, plan[low:high]] - least
        best[low:high] = where
        block[here, where] = np.inf
        second[low:high] = block.min(axis=1) - least
    units = scale.load[:, None]
    home = request.arc_load(items, best) / scale.load
    base = np.stack([np.bincount(best, home[:, k], m) for k in range(measures)], axis=1)
    mine = request.arc_load(items, plan) / scale.load
    loads = np.stack([np.bincount(plan, mine[:, k], m) for k in range(measures)], axis=1)
    lower, upper = (request.lower / units).T, (request.upper / units).T
    price = (prices.load * units).T
    slack = np.where(price > 0, price * (upper - loads), -price * (loads - lower))
    ceiling = np.maximum(slack, 0.0).sum(axis=1)
    moved = plan != best
    ceiling += 0.5 * np.bincount(plan[moved], regret[moved], m)
    ceiling += 0.5 * np.bincount(best[moved], regret[moved], m)
    rep, cost, change = _changes(request, prices, scale, ceiling, (best, home, second))
    order = np.lexsort((cost, rep))
    first = np.searchsorted(rep[order], np.arange(m + 1)).astype(np.int64)
    least = np.zeros(m)
    limits: Any = tuple(np.ascontiguousarray(part) for part in (lower, upper, price))
    cost, change = cost[order], np.ascontiguousarray(change[order])
    edges = np.linspace(0, m, _PARTS + 1).astype(np.int64)

    def part(at: int) -> int:
        return least_of_territories(
            (int(edges[at]), int(edges[at + 1])), first, cost, change, base, limits, ceiling,
            nodes, least,
        )  # fmt: skip

    list(pool.map(part, range(_PARTS)) if pool else map(part, range(_PARTS)))
    return least * _SAFE


def _changes(
    request: Request,
    prices: Prices,
    scale: Scale,
    ceiling: np.ndarray,
    homes: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give every change that costs a territory less than its ceiling: rep, cost, load change."""
    best, home, second = homes
    out = np.flatnonzero(0.5 * second < ceiling[best])
    reps, costs, loads = [best[out]], [0.5 * second[out]], [-home[out]]
    for low, high in request.blocks():
        block, least, where = priced_block(request, prices, low, high)
        regret = 0.5 * (block - least[:, None])
        rows, columns = np.nonzero(regret < ceiling[None, :])
        beside = columns != where[rows]
        rows, columns = rows[beside], columns[beside]
        reps.append(columns)
        costs.append(regret[rows, columns])
        loads.append(request.arc_load(rows + low, columns) / scale.load)
    return np.concatenate(reps), np.concatenate(costs), np.concatenate(loads)
