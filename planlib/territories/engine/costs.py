"""Costs of accounts with each rep, with locks, forbidden pairs and charges for changes put in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from planlib.errors import ParameterError
from planlib.territories.engine.result import CostProvider

#: Entries of a block of costs that is handled at once.
BLOCK = 4_000_000


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Costs of accounts as given, with locks, forbidden pairs and changes put in."""

    given: np.ndarray | CostProvider
    allowed: Any  # (n, m) bool, scipy CSR, or None
    fixed: np.ndarray
    previous: np.ndarray
    change: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Number of accounts and of reps."""
        n, m = self.given.shape
        return int(n), int(m)

    def rows(self, first: int, last: int) -> np.ndarray:
        """Give the costs of a range of accounts, infinite where a rep may not have one."""
        block = self.plain(first, last)
        rows = np.flatnonzero(self.fixed[first:last] >= 0)
        rep = self.fixed[first:last][rows]
        kept = block[rows, rep]
        if self.allowed is not None:
            part = self.allowed[first:last]
            part = part.toarray() if hasattr(part, "toarray") else part
            block[~np.asarray(part, dtype=bool)] = np.inf
        block[rows] = np.inf
        block[rows, rep] = kept
        return block

    def plain(self, first: int, last: int) -> np.ndarray:
        """Give the costs of a range of accounts without locks and forbidden pairs."""
        if isinstance(self.given, np.ndarray):
            block = self.given[first:last].astype(np.float64)
        else:
            block = provided(self.given, first, last)
        before, change = self.previous[first:last], self.change[first:last]
        rows = np.flatnonzero((before >= 0) & (change != 0))
        if len(rows):
            kept = block[rows, before[rows]]
            block[rows] += change[rows, None]
            block[rows, before[rows]] = kept
        return block


def provided(cost: CostProvider, first: int, last: int) -> np.ndarray:
    """
    Ask a provider for a range of accounts.

    Raises
    ------
    ParameterError
        If it gives another shape, or values that are no costs.
    """
    block = np.array(cost.rows(first, last), dtype=np.float64)
    shape = last - first, int(cost.shape[1])
    if block.shape != shape:
        problem = f"cost: rows({first}, {last}) must give {shape}, found {block.shape}"
        raise ParameterError("assign", [problem])
    if not block.min(initial=0.0) > -np.inf:  # the minimum of a block that holds NaN is NaN
        i, j = np.argwhere(~(block > -np.inf))[0]
        problem = f"cost: must be a number; found {block[i, j]} at account {first + i}, rep {j}"
        raise ParameterError("assign", [problem])
    return block


def every_row(cost: CostProvider) -> np.ndarray:
    """Ask a provider for all accounts, block by block, (n, m)."""
    n, m = (int(size) for size in cost.shape)
    step = max(1, BLOCK // max(m, 1))
    parts = [provided(cost, at, min(at + step, n)) for at in range(0, n, step)]
    return np.concatenate(parts) if parts else np.empty((n, m))
