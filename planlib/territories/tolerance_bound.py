"""
Tolerances that no plan can have, proven by linear programmes.

At a tolerance, accounts may be split between the reps that have room for them whole, and limits
may be exceeded by one common share; the least such share is a linear programme. Where it is above
0, its prices prove that there is no plan, and they prove it for wider tolerances too, up to one
that is found without solving again (Farkas 1902; Newton's method on the right-hand side).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from planlib.territories.block import Block

_PERCENT = 100
_MOST = 60_000  # pairs of accounts and reps up to which programmes are solved
_ROUNDS = 8
_WIDEST = 1_000  # percent
_SAME = 1e-6  # of a mean target: a smaller excess is not told apart


def tolerance_at(block: Block, rows: np.ndarray, percent: int) -> np.ndarray:
    """Give the tolerance of each row when the rows looked for are at a whole percent."""
    asked = np.where(np.isnan(block.tolerance), 0.0, block.tolerance)
    wide = np.maximum(asked, percent / _PERCENT)
    return np.where(rows, wide, block.tolerance)


def is_programmed(block: Block) -> bool:
    """Tell whether a block is small enough for programmes."""
    return 0 < block.shape[0] * block.shape[1] <= _MOST


def least_possible(block: Block, rows: np.ndarray, low: int, *, spare: bool) -> int:
    """
    Give the smallest whole percent that is not proven to be impossible.

    Parameters
    ----------
    block
        One part of the market.
    rows
        (K,) measures whose tolerance is looked for.
    low
        A percentage below which nothing is looked for.
    spare
        As for ``Block.limits``.

    Returns
    -------
    int
        At least ``low``; that itself for a block too large for programmes, and where other
        limits are in the way.
    """
    if not is_programmed(block):
        return low
    programme = _Programme(block, rows, spare=spare)
    percent = low
    for _ in range(_ROUNDS):
        prices = programme.excluding(percent)
        if prices is None:
            return percent
        percent = _first(programme, prices, percent)
        if percent > _WIDEST:
            return low
    return percent


def _first(programme: _Programme, prices: np.ndarray, excluded: int) -> int:
    """Give the smallest percent that prices do not exclude."""
    low, high = excluded + 1, _WIDEST + 1
    while low < high:
        middle = (low + high) // 2
        if programme.is_excluded(prices, middle):
            low = middle + 1
        else:
            high = middle
    return low


@dataclass(frozen=True, kw_only=True)
class _Arcs:
    """Pairs of a free family and a rep, sorted by family; ``size`` (K, A), ``stake`` (G, A)."""

    item: np.ndarray
    rep: np.ndarray
    size: np.ndarray
    stake: np.ndarray
    items: int


class _Programme:
    """Rows: upper limits, lower limits, budgets; columns: arcs, and the common excess."""

    def __init__(self, block: Block, rows: np.ndarray, *, spare: bool) -> None:
        self.block, self.rows, self.spare = block, rows, spare
        counted = np.isfinite(block.budget)
        self.kept, self.arcs, spent = _arcs(block, block.stake[counted])
        scale = np.maximum(block.load.sum(axis=1) / block.shape[1], 1e-300)
        self.scale = np.repeat(scale, block.shape[1])
        purse = np.where(block.budget[counted] > 0, block.budget[counted],
                         np.maximum(block.stake[counted].sum(axis=1), 1e-300))  # fmt: skip
        self.purse, self.room = purse, (block.budget[counted] - spent) / purse
        self.matrix = self._rows_of_arcs()

    def _rows_of_arcs(self) -> Any:
        from scipy.sparse import coo_matrix, vstack

        arcs, (measures, reps) = self.arcs, self.block.target.shape
        count = len(arcs.item)
        place = np.arange(measures)[:, None] * reps + arcs.rep
        column = np.tile(np.arange(count), measures)
        value = (arcs.size / self.scale[:: self.block.shape[1], None]).ravel()
        load = coo_matrix((value, (place.ravel(), column)), (measures * reps, count))
        stake = coo_matrix(arcs.stake / self.purse[:, None])
        return vstack([load, -load, stake]).tocsr()

    def _sides(self, percent: int) -> tuple[np.ndarray, np.ndarray]:
        """Give the right-hand sides at a percentage, and whether each arc fits into its rep."""
        tolerance = tolerance_at(self.block, self.rows, percent)
        lower, upper = self.block.limits(tolerance, spare_pinned=self.spare)
        arcs = self.arcs
        room = (upper - self.kept)[:, arcs.rep]
        fits = (arcs.size <= room + 1e-9 * (np.abs(room) + arcs.size)).all(axis=0)
        sides = np.r_[(upper - self.kept).ravel(), (self.kept - lower).ravel()]
        return np.r_[sides / np.tile(self.scale, 2), self.room], fits

    def excluding(self, percent: int) -> np.ndarray | None:
        """Give prices that prove a percentage impossible; None where there are none."""
        from scipy.optimize import linprog
        from scipy.sparse import coo_matrix, csr_matrix, hstack

        arcs = self.arcs
        sides, fits = self._sides(percent)
        homeless = np.bincount(arcs.item[fits], minlength=arcs.items) == 0
        if homeless.any():
            return np.zeros(len(sides))
        used = np.flatnonzero(fits)
        real = np.isfinite(sides)
        excess = csr_matrix(-np.ones((int(real.sum()), 1)))
        whole = coo_matrix(
            (np.ones(len(used)), (arcs.item[used], np.arange(len(used)))),
            (arcs.items, len(used) + 1),
        )
        solved = linprog(
            np.r_[np.zeros(len(used)), 1.0],
            A_ub=hstack([self.matrix[real][:, used], excess]).tocsr(), b_ub=sides[real],
            A_eq=whole.tocsr(), b_eq=np.ones(arcs.items), method="highs-ipm",
        )  # fmt: skip
        if solved.status != 0 or solved.fun <= _SAME:
            return None
        prices = np.zeros(len(sides))
        prices[real] = np.maximum(-solved.ineqlin.marginals, 0.0)
        return prices if self.is_excluded(prices, percent) else None

    def is_excluded(self, prices: np.ndarray, percent: int) -> bool:
        """Tell whether prices prove that no plan is within the limits at a percentage."""
        arcs = self.arcs
        sides, fits = self._sides(percent)
        least = np.full(arcs.items, np.inf)
        np.minimum.at(least, arcs.item[fits], (self.matrix.T @ prices)[fits])
        if np.isinf(least).any():
            return True
        charged = prices > 0
        return bool(least.sum() - prices[charged] @ sides[charged] > _SAME)


def _arcs(block: Block, stake: np.ndarray) -> tuple[np.ndarray, _Arcs, np.ndarray]:
    """Give what reps keep, (K, m), arcs of free families, and what others take from budgets."""
    n, m = block.shape
    item, count = block.item, int(block.item.max()) + 1
    may = np.ones((n, m), dtype=bool) if block.allowed is None else block.allowed.copy()
    held = np.flatnonzero(block.fixed >= 0)
    may[held] = False
    may[held, block.fixed[held]] = True
    open_to = np.ones((count, m), dtype=bool)
    np.logical_and.at(open_to, item, may)
    open_to[~open_to.any(axis=1)] = True
    size = np.stack([np.bincount(item, one, count) for one in block.load])
    single = open_to.sum(axis=1) == 1
    home = open_to.argmax(axis=1)
    kept = np.stack([np.bincount(home[single], one[single], m) for one in size])
    taken = np.repeat(
        np.stack([np.bincount(item, one, count) for one in stake])[:, :, None]
        if len(stake) else np.zeros((0, count, 1)), m, axis=2,
    )  # fmt: skip
    owned = np.flatnonzero(block.owner >= 0)
    for budget, one in enumerate(stake):
        np.subtract.at(taken[budget], (item[owned], block.owner[owned]), one[owned])
    spent = np.maximum(taken[:, single, home[single]], 0.0).sum(axis=1)
    number = np.cumsum(~single) - 1
    row, rep = np.nonzero(open_to & ~single[:, None])
    arcs = _Arcs(
        item=number[row], rep=rep, size=size[:, row], stake=np.maximum(taken[:, row, rep], 0.0),
        items=int((~single).sum()),
    )  # fmt: skip
    return kept, arcs, spent
