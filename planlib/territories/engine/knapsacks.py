"""
Requests with one measure and upper limits only, in whole units: the generalised assignment problem.

Each rep then has one knapsack, which dynamic programming solves. What that proves is much stronger
than the linear relaxation where few accounts fill a limit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planlib.territories.engine.request import Request

#: In which loads may be whole. Sums of such loads are exact, so that limits hold as given.
_SCALES = (1.0, 2.0, 4.0, 8.0)
_LARGEST = 2**40
_PAIRS = 500_000  # of item and rep, at most
_TABLE = 4_000_000  # entries of the table of one knapsack, at most
_SWEEP = 200_000_000  # of the tables of all reps
_MEMORY = 200_000_000  # bytes for the open arcs of nodes


@dataclass(frozen=True, kw_only=True)
class Knapsacks:
    """
    One knapsack for each rep.

    Parameters
    ----------
    items
        Number of items.
    start
        (m + 1,) first arc of each rep.
    item, rep, cost, size
        (A,) of arcs, sorted by rep; sizes are whole.
    room
        (m,) limits in the same units.
    """

    items: int
    start: np.ndarray
    item: np.ndarray
    rep: np.ndarray
    cost: np.ndarray
    size: np.ndarray
    room: np.ndarray

    @property
    def arcs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Give the arcs as the kernels take them."""
        return self.start, self.item, self.cost, self.size

    @property
    def deepest(self) -> int:
        """Number of nodes that may lie below each other, and two more."""
        return int((np.bincount(self.item, minlength=self.items) > 1).sum()) + 2

    @property
    def is_small(self) -> bool:
        """Whether the nodes of a search fit into memory."""
        return self.deepest * (len(self.item) + 8 * self.items) <= _MEMORY

    def tables(self) -> tuple[np.ndarray, np.ndarray]:
        """Give room for two tables of any rep's knapsack."""
        most = int(np.diff(self.start).max(initial=0))
        shape = most + 1, int(self.room.max(initial=0)) + 1
        return np.empty(shape), np.empty(shape)

    def near(self, penalty: np.ndarray, most: int) -> Knapsacks:
        """Keep so many arcs of each item, those of the smallest penalties (A,)."""
        order = np.lexsort((penalty, self.item))
        first = np.searchsorted(self.item[order], np.arange(self.items))
        kept = np.zeros(len(order), dtype=np.bool_)
        kept[order[np.arange(len(order)) - first[self.item[order]] < most]] = True
        return self.at(kept)

    def at(self, kept: np.ndarray) -> Knapsacks:
        """Keep some arcs, given as bool."""
        rep = self.rep[kept]
        return replace(
            self, start=np.searchsorted(rep, np.arange(len(self.start))).astype(np.int64),
            item=self.item[kept], rep=rep, cost=self.cost[kept], size=self.size[kept],
        )  # fmt: skip

    def plan(self, open_arcs: np.ndarray) -> np.ndarray:
        """Give the rep of each item from its only open arc, (N,)."""
        plan = np.empty(self.items, dtype=np.int64)
        plan[self.item[open_arcs]] = self.rep[open_arcs]
        return plan


def knapsacks_of(request: Request) -> Knapsacks | None:
    """Give the knapsacks of a request; None where it is of another kind, or they are too large."""
    is_other = (
        request.matrix is None or request.load.shape[0] != 1 or len(request.budget)
        or bool((request.given_lower > 0).any()) or bool((request.given_upper < 0).any())
    )  # fmt: skip
    if is_other or request.matrix is None or not 0 < request.matrix.size <= _PAIRS:
        return None
    scale = _scale(request.load[0])
    if scale is None:
        return None
    rep, item = np.nonzero(np.isfinite(request.matrix.T))
    whole = np.rint(request.load[0] * scale).astype(np.int64)
    size = whole[item, rep] if request.by_rep else whole[item]
    divisor = max(int(np.gcd.reduce(size)), 1)
    size //= divisor
    total = np.bincount(rep, size, request.reps).astype(np.int64)
    room = np.minimum(np.floor(request.upper[0] * scale).astype(np.int64) // divisor, total)
    counts = np.bincount(rep, minlength=request.reps)
    tables = (counts + 1) * (room + 1)
    if tables.max() > _TABLE or tables.sum() > _SWEEP:
        return None
    return Knapsacks(
        items=request.items, start=np.r_[0, np.cumsum(counts)].astype(np.int64), item=item,
        rep=rep, cost=request.matrix[item, rep], size=size, room=room,
    )  # fmt: skip


def _scale(load: np.ndarray) -> float | None:
    """Give the units per unit of load in which all loads are whole; None where there are none."""
    if float(load.max(initial=0.0)) * _SCALES[-1] > _LARGEST:
        return None
    for scale in _SCALES:
        if bool((np.rint(load * scale) == load * scale).all()):
            return scale
    return None
