"""What an instance is: arrays that any solver can be given."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import sparse

Cost = Any  # (n, m) array, or Blocks


@dataclass(frozen=True, kw_only=True, eq=False)
class Blocks:
    """
    A cost matrix that is computed in blocks of rows and never stored.

    ``cost[i, j] = work[i] * (km / 300 + misfit[j, kind[i]]) + leave[i] * (owner[i] is another)``.

    Parameters
    ----------
    place
        (n, 2), km, of the accounts.
    rep_place
        (m, 2), km, of the reps.
    work
        (n,), what a unit of travel or misfit costs.
    kind
        (n,), type of the account.
    misfit
        (m, types), between 0 and 1.
    owner
        (n,), the rep who has the account now, or -1.
    leave
        (n,), what a change of owner costs.
    barred
        (n,), a rep who may not have the account (the cost is infinite), or -1.
    travel
        Multiplies the travel; 0 leaves it out.
    """

    place: np.ndarray
    rep_place: np.ndarray
    work: np.ndarray
    kind: np.ndarray
    misfit: np.ndarray
    owner: np.ndarray
    leave: np.ndarray
    barred: np.ndarray
    travel: float = 1.0

    @property
    def shape(self) -> tuple[int, int]:
        """Accounts and reps."""
        return len(self.place), len(self.rep_place)

    def rows(self, start: int, stop: int) -> np.ndarray:
        """Give the costs of some accounts with all reps."""
        from benchmarks.instances.kernels import block_of_costs

        here = slice(start, stop)
        block = np.empty((len(self.place[here]), len(self.rep_place)))
        fit = np.ascontiguousarray(self.misfit.T)
        points = (self.place[here], np.ascontiguousarray(self.rep_place.T))
        items = (self.work[here], self.kind[here], self.owner[here], self.leave[here])
        block_of_costs(block, points, items, fit, self.travel)
        barred = self.barred[here]
        rows = np.flatnonzero(barred >= 0)
        block[rows, barred[rows]] = np.inf
        return block

    def pairs(self, items: np.ndarray, reps: np.ndarray) -> np.ndarray:
        """Give the costs of single pairs; ``items`` and ``reps`` are broadcast."""
        gap = self.place[items] - self.rep_place[reps]
        away = np.sqrt(np.square(gap[..., 0]) + np.square(gap[..., 1]))
        fit = self.misfit[reps, self.kind[items]]
        moved = (self.owner[items] >= 0) & (self.owner[items] != reps)
        cost = self.work[items] * (self.travel * away / 300 + fit) + self.leave[items] * moved
        return np.where(self.barred[items] == reps, np.inf, cost)


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """
    Accounts for reps within limits.

    Parameters
    ----------
    name
        How it is called in tables.
    cost
        (n, m) array, or :class:`Blocks`.
    load
        (K, n), or (K, n, m) where it depends on the rep.
    lower, upper
        (K, m); infinite where open.
    fixed
        (n,), the rep an account has to go to, or -1.
    allowed
        (n, m) bool, scipy CSR, or None for all pairs.
    owner
        (n,), the rep who has the account now, or -1; what leaving costs is part of ``cost``.
    planted
        (n,), a plan within all limits, where one is known.
    best
        The best value known, nan where none is.
    proven
        Whether ``best`` is known to be the optimum.
    rep_place, place
        (m, 2) and (n, 2), km; empty where there is no geography.
    """

    name: str
    cost: Cost
    load: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    fixed: np.ndarray
    allowed: Any = None
    owner: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    planted: np.ndarray | None = None
    best: float = float("nan")
    proven: bool = False
    place: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))
    rep_place: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))

    @property
    def shape(self) -> tuple[int, int]:
        """Accounts and reps."""
        return int(self.cost.shape[0]), int(self.cost.shape[1])

    def arguments(self) -> dict[str, Any]:
        """Give what ``planlib.territories.assign`` takes, by name."""
        return {
            "cost": self.cost,
            "load": self.load,
            "lower": self.lower,
            "upper": self.upper,
            "allowed": self.allowed,
            "fixed": self.fixed,
        }

    def costs_of(self, rep: np.ndarray) -> np.ndarray:
        """Give what each account costs in a plan."""
        items = np.arange(self.shape[0])
        if isinstance(self.cost, Blocks):
            return self.cost.pairs(items, rep)
        costs: np.ndarray = np.asarray(self.cost, dtype=np.float64)[items, rep]
        return costs

    def pairs(self) -> np.ndarray:
        """Give the allowed pairs as a matrix of bool; locks count. For small instances."""
        count, reps = self.shape
        if self.allowed is None:
            free = np.ones((count, reps), dtype=bool)
        elif sparse.issparse(self.allowed):
            free = np.zeros((count, reps), dtype=bool)
            there = self.allowed.tocoo()
            free[there.row, there.col] = True
        else:
            free = np.array(self.allowed, dtype=bool)
        locked = np.flatnonzero(self.fixed >= 0)
        only = np.zeros((len(locked), reps), dtype=bool)
        only[np.arange(len(locked)), self.fixed[locked]] = True
        free[locked] &= only
        return free

    def but(self, **changes: Any) -> Problem:
        """Give the same instance with some parts replaced."""
        return replace(self, **changes)


@dataclass(frozen=True, kw_only=True, eq=False)
class Areas:
    """
    Areas for contiguous districts.

    Parameters
    ----------
    name
        How it is called in tables.
    place
        (n, 2), in the unit of the instance.
    load
        (K, n), the measures that are balanced.
    weight
        (n,), of an area in the compactness.
    edges
        (e, 2), pairs of neighbours, each once, first < second.
    k
        Districts.
    lower, upper
        (K,), limits of a district's loads; the same for every district.
    objective
        ``inertia`` (weighted mean squared distance from the centroid), ``centre`` (distances to
        the best area of the district) or ``cut`` (edges between districts).
    best
        The best value known, nan where none is.
    proven
        Whether ``best`` is known to be the optimum.
    bound
        A lower bound that was published, nan where none was.
    """

    name: str
    place: np.ndarray
    load: np.ndarray
    weight: np.ndarray
    edges: np.ndarray
    k: int
    lower: np.ndarray
    upper: np.ndarray
    objective: str
    best: float = float("nan")
    proven: bool = False
    bound: float = float("nan")
