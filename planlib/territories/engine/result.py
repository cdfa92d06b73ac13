"""What ``assign`` gives back: the plan, its bound, and what is violated and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

Status = Literal["optimal", "feasible", "infeasible", "unresolved"]


class CostProvider(Protocol):
    """Gives costs block by block, so that the whole matrix is never stored."""

    @property
    def shape(self) -> tuple[int, int]:
        """Number of accounts and of reps."""

    def rows(self, first: int, last: int, /) -> np.ndarray:
        """Give the costs of accounts ``first`` to ``last - 1``, (last - first, m)."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """
    One limit that the plan does not meet.

    Parameters
    ----------
    kind
        ``upper`` or ``lower`` (a territory's limit), ``budget``, ``allowed`` (an account that no
        rep may have, or that is locked to one who may not) or ``group`` (a family that cannot
        stay together).
    rep, measure, budget
        Indices, -1 where they do not apply.
    amount
        What the plan has; for ``allowed`` and ``group`` the number of accounts concerned.
    limit
        What is asked for.
    excess
        How far the plan is outside, at least 0, in the unit of the limit.
    accounts
        Indices of the accounts that cause it, largest first; empty where no single ones do.
    cause
        Why it cannot be met, in words.
    """

    kind: Literal["upper", "lower", "budget", "allowed", "group"]
    rep: int = -1
    measure: int = -1
    budget: int = -1
    amount: float
    limit: float
    excess: float
    accounts: tuple[int, ...] = ()
    cause: str = ""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """
    How far a call of ``assign`` is.

    ``bound`` and ``cost`` are the best known, NaN while unknown; ``share`` of the work is done.
    ``violation`` is the number of limits not met by the plan at hand.
    """

    phase: Literal["prices", "relaxation", "search", "proof", "done"]
    share: float
    bound: float
    cost: float
    violations: int


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """
    A plan for n accounts and m reps, with what is known about it.

    Parameters
    ----------
    rep
        (n,) rep of each account.
    cost
        Cost of the plan, changes against ``previous`` included.
    bound
        No plan within all limits is cheaper.
    loads
        (K, m) what each rep has, in float64 from the data as given.
    used
        (G,) what the plan takes from each budget.
    status
        optimal (proven), feasible, infeasible (proven that no plan is within all limits; ``rep``
        is the plan of the smallest relaxation found) or unresolved (none found, none excluded).
    violations
        Limits that the plan does not meet, worst first; empty if optimal or feasible.
    prices
        (K, m) cost of one more unit of load on a rep: above 0 where the upper limit binds, below
        0 where the lower one does. ``cost[i, j] + prices[:, j] @ load[:, i]`` ranks reps.
    budget_prices
        (G,) cost saved, at least 0, by one more unit of a budget, at the margin.
    changed
        Number of accounts whose rep differs from ``previous``.
    """

    rep: np.ndarray
    cost: float
    bound: float
    loads: np.ndarray
    used: np.ndarray
    status: Status
    prices: np.ndarray
    budget_prices: np.ndarray
    violations: tuple[Violation, ...] = ()
    changed: int = 0

    def __repr__(self) -> str:
        """Say in one line how good the plan is, whatever its size."""
        gap = f", gap={self.gap:.3%}" if np.isfinite(self.gap) else ""
        return (
            f"Assignment({self.status}, {len(self.rep):,} accounts, {self.loads.shape[1]:,} reps, "
            f"cost={self.cost:.6g}, bound={self.bound:.6g}{gap}, "
            f"{len(self.violations):,} violations)"
        )

    @property
    def absolute_gap(self) -> float:
        """``cost - bound``, at least 0; NaN without a plan within the limits."""
        return float("nan") if self.violations else max(self.cost - self.bound, 0.0)

    @property
    def gap(self) -> float:
        """``(cost - bound) / bound``; NaN where the bound is not positive, or without a plan."""
        return self.absolute_gap / self.bound if self.bound > 0 else float("nan")
