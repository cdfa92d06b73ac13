"""
Passes over all pairs of item and rep at given prices, block by block, on several threads.

One pass gives everything that is wanted at some prices: the least priced cost of each item, whose
sum is the bound, the best reps of each item, and the items that each rep could take with the least
regret. No more than a block of costs for each thread is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from planlib.errors import ParameterError
from planlib.territories.engine.dual import Prices
from planlib.territories.engine.request import Request

if TYPE_CHECKING:
    from concurrent.futures import Executor

_BLOCK = 250_000  # pairs of a block, about
_ROWS = 64  # of a block, at least
_PARTS = 4  # of the items, that threads share; each has its own lists


@dataclass(frozen=True, kw_only=True)
class Look:
    """
    What a pass has seen of some items, numbered from 0 in their order.

    Parameters
    ----------
    least
        (n,) least priced cost.
    near, near_cost
        (n, c) best reps by priced cost, best first, and their costs; -1: fewer.
    into, into_cost
        (m, e) items of least regret per size for each rep, least first, and their costs; -1: fewer.
    """

    least: np.ndarray
    near: np.ndarray
    near_cost: np.ndarray
    into: np.ndarray
    into_cost: np.ndarray


def look(
    request: Request,
    prices: Prices,
    *,
    ranges: list[tuple[int, int]] | None = None,
    weight: np.ndarray | None = None,
    best: int = 0,
    per_rep: int = 0,
    tie: float = 0.0,
    pool: Executor | None = None,
) -> Look:
    """
    Go once over items and all their reps.

    Parameters
    ----------
    ranges
        First and last item (excluded) of ranges, in order; None: all items.
    weight
        (N,) size of the items; regret counts per size.
    best, per_rep
        Reps kept for each item; items kept for each rep.
    tie
        Regrets per size that differ by no more count as the same.
    pool
        Works on parts at the same time; the result is the same without.

    Raises
    ------
    ParameterError
        If an item has no rep with a finite cost, which a provider of costs shows only here.
    """
    from planlib.territories.engine.pass_kernels import pour

    whole = [(0, request.items)] if ranges is None else ranges
    count, m = sum(high - low for low, high in whole), request.reps
    found = Look(
        least=np.empty(count), near=np.empty((count, min(best, m)), dtype=np.int32),
        near_cost=np.empty((count, min(best, m))), into=np.empty(0), into_cost=np.empty(0),
    )  # fmt: skip
    size = np.ones(request.items) if weight is None else weight
    parts = _parts(whole, count, max(_ROWS, _BLOCK // m))

    def part(blocks: list[tuple[int, int, int]]) -> Any:
        lists = (np.empty((m, 2 * per_rep + 1, 3)), np.zeros(m, dtype=np.int64),
                 np.full(m, np.inf))  # fmt: skip
        for where in blocks:
            _look(request, prices, where, found=found, weight=size, lists=(lists, per_rep, tie))
        return lists

    lists, *others = list(pool.map(part, parts) if pool else map(part, parts))
    for other in others:
        pour(lists, other, per_rep)
    if ranges is None and not np.isfinite(found.least).all():
        account = int(request.first[np.flatnonzero(~np.isfinite(found.least))[0]])
        problem = f"cost: no rep who may have account {account} has a finite cost for it"
        raise ParameterError("assign", [problem])
    return replace(found, **_into(lists[0], lists[1], per_rep))


def _into(table: np.ndarray, filled: np.ndarray, most: int) -> dict[str, np.ndarray]:
    """Give the items of the lists of each rep, and their costs, in order of regret."""
    none = np.arange(most) >= filled[:, None]
    regret = np.where(none, np.inf, table[:, :most, 0])
    item = np.where(none, -1.0, table[:, :most, 1])
    order = np.lexsort((item, regret), axis=1)
    return {
        "into": np.take_along_axis(item, order, axis=1).astype(np.int64),
        "into_cost": np.take_along_axis(table[:, :most, 2], order, axis=1),
    }


def _parts(
    ranges: list[tuple[int, int]], count: int, step: int
) -> list[list[tuple[int, int, int]]]:
    """Cut ranges into blocks, and give them to parts of about the same size, in order."""
    parts: list[list[tuple[int, int, int]]] = [[] for _ in range(_PARTS)]
    at = 0
    for low, high in ranges:
        for first in range(low, high, step):
            last = min(first + step, high)
            parts[min(at * _PARTS // max(count, 1), _PARTS - 1)].append((at, first, last))
            at += last - first
    return parts


def _look(
    request: Request,
    prices: Prices,
    where: tuple[int, int, int],
    *,
    found: Look,
    weight: np.ndarray,
    lists: tuple[Any, int, float],
) -> None:
    from planlib.territories.engine.pass_kernels import look_rows

    at, low, high = where
    block = np.ascontiguousarray(request.block(low, high))
    here = slice(at, at + high - low)
    load = np.ascontiguousarray(request.load[:, low:high])
    base, back = _taken(request, prices, low, high)
    look_rows(
        at, block, load.reshape(len(load), high - low, -1), np.ascontiguousarray(prices.load),
        base, back, np.ascontiguousarray(weight[low:high]), found.least[here],
        (found.near[here], found.near_cost[here]), *lists,
    )  # fmt: skip


def _taken(
    request: Request, prices: Prices, low: int, high: int
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Give what budgets add to all reps of items, and what they do not take from single pairs."""
    base = np.zeros(high - low)
    total: Any = None
    for g, price in enumerate(np.maximum(prices.budget, 0.0)):
        if price:
            base += price * request.stake[g, low:high]
            kept = request.kept[g][low:high] * price
            total = kept if total is None else total + kept
    if total is None:
        none = np.zeros(high - low + 1, dtype=np.int64)
        return base, (none, np.empty(0, dtype=np.int32), np.empty(0))
    return base, (total.indptr.astype(np.int64), total.indices.astype(np.int32), total.data)


def bound_of(
    request: Request, prices: Prices, least: np.ndarray, share: np.ndarray | None = None
) -> float:
    """
    Give the bound from the least priced costs: their sum without what the limits give back.

    ``share`` (K + G,) is the part of the loads and stakes that these items are; None: all.
    """
    load, budget = prices.load, np.maximum(prices.budget, 0.0)
    part = np.ones(len(load) + len(budget)) if share is None else share
    limits = np.where(load > 0, request.upper, request.lower) * part[: len(load), None]
    priced = np.flatnonzero(budget > 0)  # a budget may be infinite
    spent = budget[priced] * request.budget[priced] * part[len(load) + priced]
    return float(least.sum()) - float((load * limits).sum()) - float(spent.sum())


def exact_bound(request: Request, prices: Prices, *, pool: Executor | None = None) -> float:
    """
    Give the Lagrangian value of prices over every allowed arc, in float64.

    ``sum_i min_j (c_ij + p_j b_ij + q s_ij) - sum (p > 0: p U; p < 0: p L) - q B``; a bound for
    every plan within the limits, whatever the prices; budgets with a price below 0 do not count.
    """
    return bound_of(request, prices, look(request, prices, pool=pool).least)
