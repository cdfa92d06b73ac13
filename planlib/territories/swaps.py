"""The next best rep of each account at the plan's prices, and what forbids the single change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planlib.territories.block import Block
from planlib.territories.solving import Answer

_STEP = 4_000_000  # pairs handled at once


@dataclass(frozen=True, kw_only=True)
class Swaps:
    """
    For each account of a block the best other rep, for its family as a whole.

    Parameters
    ----------
    rep
        (n,) column of that rep, -1 where there is none.
    cost, balance, budget
        (n,) what the change would add to the cost, to what balance charges, to what the budgets
        charge; cost units.
    limit_measure, limit_rep, limit_by
        (n,) row of load and column of the rep whose limit the single change would break, by what
        share of its target (NaN for counts); -1 where none. ``limit_measure`` -2: a budget.
    """

    rep: np.ndarray
    cost: np.ndarray
    balance: np.ndarray
    budget: np.ndarray
    limit_measure: np.ndarray
    limit_rep: np.ndarray
    limit_by: np.ndarray


def swaps_of(answer: Answer) -> Swaps:
    """
    Give the next best rep of every account, locks left aside.

    The rank is by cost plus what balance and budgets charge at the prices of the bound. Where a
    limit forbids the change by itself, another account would have to come back.
    """
    block = answer.block
    best = _best(answer)
    items = int(block.item.max()) + 1 if len(block.item) else 0
    now = np.zeros(items, dtype=np.int64)
    now[block.item] = answer.rep
    found = best >= 0
    to = np.where(found, best, now)
    cost = _per_family(block, block.costs.cost_at(to[block.item])
                       - block.costs.cost_at(answer.rep))  # fmt: skip
    load = np.stack([np.bincount(block.item, one, items) for one in block.load])
    prices = answer.prices
    balance = ((prices[:, to] - prices[:, now]) * load).sum(axis=0)
    stake = np.array([
        np.bincount(block.item, one * (1.0 * (to[block.item] != block.owner)
                                       - 1.0 * (answer.rep != block.owner)), items)
        for one in block.stake
    ])  # fmt: skip
    budget = answer.budget_prices @ stake
    limits = _limits(answer, (now, to), load, stake)
    back = np.where(found, 0.0, np.nan)
    return Swaps(
        rep=best[block.item], cost=(cost + back)[block.item], balance=(balance + back)[block.item],
        budget=(budget + back)[block.item],
        **{name: np.where(found, value, empty)[block.item] for name, value, empty in zip(
            ("limit_measure", "limit_rep", "limit_by"), limits, (-1, -1, np.nan), strict=True)},
    )  # fmt: skip


def _per_family(block: Block, values: np.ndarray) -> np.ndarray:
    return np.bincount(block.item, values) if len(values) else values


def _best(answer: Answer) -> np.ndarray:
    """Give the column of the best other rep of each family, -1 where no other may have it."""
    block = answer.block
    n, m = block.shape
    items = int(block.item.max()) + 1 if n else 0
    best = np.full(items, -1, dtype=np.int64)
    if m < 2:
        return best
    several = np.bincount(block.item, minlength=items) > 1
    number = np.cumsum(several) - 1
    family = np.zeros((int(several.sum()), m))
    step = max(1, _STEP // m)
    for first in range(0, n, step):
        last = min(first + step, n)
        rows = np.arange(first, last)
        found = answer.reduced(first, last)
        found[rows - first, answer.rep[rows]] = np.inf
        if block.allowed is not None:
            found[~block.allowed[first:last]] = np.inf
        mine = several[block.item[rows]]
        np.add.at(family, number[block.item[rows[mine]]], found[mine])
        alone = rows[~mine]
        best[block.item[alone]] = _argmin(found[~mine])
    best[several] = _argmin(family)
    return best


def _argmin(values: np.ndarray) -> np.ndarray:
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    at = values.argmin(axis=1)
    return np.where(np.isfinite(values[np.arange(len(at)), at]), at, -1)


def _limits(
    answer: Answer, change: tuple[np.ndarray, np.ndarray], load: np.ndarray, stake: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the limit that the change of one family would break most, in shares of the target."""
    block, (now, to) = answer.block, change
    loads = answer.loads
    scale = np.where(np.isfinite(block.target) & (block.target > 0), block.target, 1.0)
    over = (loads[:, to] + load - answer.upper[:, to]) / scale[:, to]
    under = (answer.lower[:, now] - (loads[:, now] - load)) / scale[:, now]
    both = np.concatenate([over, under]) if len(load) else np.zeros((1, len(now)))
    both = np.where(np.isnan(both), -np.inf, both)
    worst = both.argmax(axis=0)
    by = both[worst, np.arange(len(now))]
    count = len(load)
    measure = np.where(by > 0, worst % count, -1)
    rep = np.where(by > 0, np.where(worst < count, to, now), -1)
    used = answer.used[:, None] + stake
    broken = ((used > block.budget[:, None]) & (stake > 0)).any(axis=0) & (measure < 0)
    return np.where(broken, -2, measure), rep, np.where(by > 0, by, np.nan)
