"""One part of the market as matrices: loads, targets, limits, costs, locks, families, budgets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from planlib.settings.territories import TerritoriesSettings
from planlib.territories.costs import Costs

#: Names of the rows of load that have limits but no target.
COUNT, NAMED = "account_count", "named_count"


@dataclass(frozen=True, kw_only=True)
class Block:
    """
    One part of the market that is planned by itself: n accounts, m reps, K rows of load.

    Parameters
    ----------
    name
        Its name.
    rows, reps
        (n,) row numbers of the book, (m,) of the sellers.
    item, groups
        (n,) number of each account's family from 0; (n,) the same, -1 for accounts on their own.
    owner, held, fixed
        (n,) column of today's owner, of the rep in a previous plan, of the rep who must have the
        account; -1 where there is none.
    allowed
        (n, m) whether a rep may have an account; None: every rep may.
    measures
        Names of the rows of load: what is balanced, then limits on counts.
    load, target
        (K, n) and (K, m); targets are NaN in rows of limits.
    floor, ceiling
        (K, m) limits beside the tolerance, infinite where open.
    pinned
        (K, m) load of accounts that a rep keeps whatever the plan.
    tolerance
        (K,) asked; NaN: the tightest that can be reached, and in rows of limits.
    costs
        Cost parts; a provider of costs.
    budgets, stake, budget
        Names of the disruption budgets in use; (G, n) what an account takes from each when it
        leaves its owner; (G,) the most that may be taken.
    totals
        (G,) the block's sum of what each budget counts.
    change_cost
        Charged where the rep differs from ``held``, cost units.
    is_charged
        Whether such changes are charged at other settings too; False: they are only counted.
    """

    name: str
    rows: np.ndarray
    reps: np.ndarray
    item: np.ndarray
    groups: np.ndarray
    owner: np.ndarray
    held: np.ndarray
    fixed: np.ndarray
    allowed: np.ndarray | None
    measures: tuple[str, ...]
    load: np.ndarray
    target: np.ndarray
    floor: np.ndarray
    ceiling: np.ndarray
    pinned: np.ndarray
    tolerance: np.ndarray
    costs: Costs
    budgets: tuple[str, ...]
    stake: np.ndarray
    budget: np.ndarray
    forced: np.ndarray
    totals: np.ndarray
    change_cost: float
    is_charged: bool = True

    @property
    def shape(self) -> tuple[int, int]:
        """Number of accounts and of reps."""
        return len(self.rows), len(self.reps)

    @property
    def is_balanced(self) -> np.ndarray:
        """Tell which rows of load have targets, (K,)."""
        return np.asarray(np.isfinite(self.target).all(axis=1))

    @property
    def lower(self) -> np.ndarray:
        """Least load of each rep at the tolerance asked, (K, m); open where none is asked."""
        return self.limits(self.tolerance)[0]

    @property
    def upper(self) -> np.ndarray:
        """Most load of each rep at the tolerance asked, (K, m); open where none is asked."""
        return self.limits(self.tolerance)[1]

    def limits(
        self, tolerance: np.ndarray, *, spare_pinned: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        """
        Give the least and most load of each rep, (K, m).

        Parameters
        ----------
        tolerance
            (K,) share of the target; NaN leaves a row open but for counts.
        spare_pinned
            Whether reps whose kept accounts alone are above the limit may keep these; the least
            of the others then allows for it.
        """
        step = tolerance[:, None]
        open_row = np.isnan(step) | np.isnan(self.target)
        upper = np.where(open_row, np.inf, (1 + step) * self.target)
        lower = np.where(open_row, -np.inf, (1 - step) * self.target)
        if spare_pinned:
            over = np.where(open_row, 0.0, np.maximum(self.pinned - upper, 0.0))
            taken = np.asarray(over > 0)
            rest = np.where(taken, 0.0, np.nan_to_num(self.target)).sum(axis=1)
            left = self.load.sum(axis=1) - np.where(taken, self.pinned, 0.0).sum(axis=1)
            share = np.clip(left / np.where(rest > 0, rest, 1.0), 0.0, 1.0)[:, None]
            some = np.asarray(taken.any(axis=1)).reshape(-1, 1) & ~open_row
            lower = np.where(some & ~taken, lower * share, lower)
            upper = np.where(taken, self.pinned * (1 + 1e-12), upper)
        return np.maximum(lower, self.floor), np.minimum(upper, self.ceiling)

    def per_item(self, values: np.ndarray) -> np.ndarray:
        """Sum values of accounts, (n, ...), up to families, (items, ...)."""
        count = int(self.item.max()) + 1 if len(self.item) else 0
        total = np.zeros((count, *values.shape[1:]))
        np.add.at(total, self.item, values)
        return total

    def may(self, accounts: np.ndarray, reps: np.ndarray) -> np.ndarray:
        """Tell which pairs are allowed, locks included."""
        held = self.fixed[accounts]
        free = (held < 0) | (held == reps)
        return np.asarray(free if self.allowed is None else free & self.allowed[accounts, reps])

    def assign_arguments(
        self, tolerance: np.ndarray | None = None, *, spare_pinned: bool = False
    ) -> dict[str, Any]:
        """Give the keyword arguments of ``assign`` at a tolerance; None: as asked."""
        lower, upper = self.limits(
            self.tolerance if tolerance is None else tolerance, spare_pinned=spare_pinned
        )
        counted = np.isfinite(self.budget)
        return {
            "cost": self.costs.total() if self.costs.is_dense else self.costs,
            "load": self.load, "lower": lower, "upper": upper, "allowed": self.allowed,
            "fixed": self.fixed, "groups": self.groups, "previous": self.held,
            "change_cost": self.change_cost, "owner": self.owner,
            "stake": self.stake[counted], "budget": self.budget[counted],
        }  # fmt: skip

    def changed(self, settings: TerritoriesSettings) -> Block:
        """Give the block at other tolerances, weights, budgets or change weight."""
        return replace(
            self,
            tolerance=tolerances_of(self.measures, settings),
            costs=self.costs.reweighted(weights_of(settings)),
            budget=budget_limits(self.budgets, self.totals, self.forced, settings),
            change_cost=settings.change_weight if self.is_charged else 0.0,
        )


def tolerances_of(measures: tuple[str, ...], settings: TerritoriesSettings) -> np.ndarray:
    """Give the tolerance asked of each row of load, NaN where none is."""
    asked = [None if name in (COUNT, NAMED) else settings.tolerance_of(name) for name in measures]
    return np.array([np.nan if one is None else float(one) for one in asked])


def weights_of(settings: TerritoriesSettings) -> dict[str, float]:
    """Give the weight of each cost part."""
    return {
        "travel": settings.weight_travel,
        "misfit": settings.weight_misfit,
        "complexity": settings.weight_complexity,
        "disruption": settings.weight_disruption,
    }


def budget_limits(
    names: tuple[str, ...], totals: np.ndarray, forced: np.ndarray, settings: TerritoriesSettings
) -> np.ndarray:
    """Give the most of each budget, at least what locks and families move anyway."""
    shares = {
        "acv": settings.disruption_share,
        "accounts": settings.disruption_count_share,
        "open_amount": settings.disruption_open_share,
    }
    if "acv" not in names and shares["accounts"] is None:
        shares["accounts"] = settings.disruption_share
    limits = [np.inf if shares[name] is None else float(shares[name] or 0.0) for name in names]
    wanted = np.array([
        limit * total if np.isfinite(limit) else np.inf
        for limit, total in zip(limits, totals, strict=True)
    ])  # fmt: skip
    return np.asarray(np.maximum(wanted, forced))
