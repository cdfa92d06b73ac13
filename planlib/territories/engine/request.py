"""
What is asked of the engine, checked and brought to one form: items, arcs, limits.

An item is an account, or a family of accounts that must stay together. Locks, forbidden pairs and
charges for changes become part of the costs, in which infinity means that a rep may not have it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from planlib.errors import ParameterError
from planlib.territories.engine.checks import (
    account_index,
    budgets_of,
    numbers,
    per_account,
    table_of_allowed,
    within_reps,
    wrong_shapes,
    wrong_values,
)
from planlib.territories.engine.costs import BLOCK, Costs, every_row
from planlib.territories.engine.families import (
    barred_locks,
    closed_accounts,
    family_costs,
    family_members,
    kept_stakes,
    opened,
    split_families,
)
from planlib.territories.engine.result import CostProvider, Violation

#: Costs up to so many entries are kept as one matrix, larger ones are asked for block by block.
_DENSE = 30_000_000


@dataclass(frozen=True, kw_only=True)
class Request:
    """
    The problem of the engine: N items, m reps, K measures, G budgets.

    Parameters
    ----------
    costs
        Of accounts.
    account_load
        (K, n) or (K, n, m).
    lower, upper
        (K, m) limits, finite: what is open is replaced by what can never be exceeded.
    item_of
        (n,) item of each account.
    first, extra
        First account of each item; for items of several accounts the row of ``family_cost``, or -1.
    family_cost
        (families, m) cost of the members beside the first.
    load
        (K, N) or (K, N, m) of items.
    stake, owner, account_stake, budget
        (G, N) most an item can take from each budget; (n,), (G, n) and (G,) as asked for.
    relaxed
        What had to be given up before anything could be planned.
    """

    costs: Costs
    account_load: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    given_lower: np.ndarray
    given_upper: np.ndarray
    item_of: np.ndarray
    first: np.ndarray
    extra: np.ndarray
    family_cost: np.ndarray
    load: np.ndarray
    stake: np.ndarray
    kept: Any  # list of G scipy CSR (N, m): what an item does not take when it goes to that rep
    owner: np.ndarray
    account_stake: np.ndarray
    budget: np.ndarray
    relaxed: tuple[Violation, ...]
    matrix: np.ndarray | None = None

    @property
    def items(self) -> int:
        """Number of items."""
        return len(self.first)

    @property
    def reps(self) -> int:
        """Number of reps."""
        return int(self.lower.shape[1])

    @property
    def by_rep(self) -> bool:
        """Whether loads depend on the rep."""
        return self.load.ndim == 3

    def block(self, first: int, last: int) -> np.ndarray:
        """Give the costs of a range of items, (last - first, m), infinite where not allowed."""
        if self.matrix is not None:
            return self.matrix[first:last]
        accounts = self.first[first:last]
        if not len(accounts):
            return np.empty((0, self.reps))
        low, high = int(accounts[0]), int(accounts[-1]) + 1
        rows = self.costs.rows(low, high)
        if high - low != last - first:
            rows = rows[accounts - low]
        mine = self.extra[first:last]
        several = np.flatnonzero(mine >= 0)
        if len(several):
            rows[several] += self.family_cost[mine[several]]
        return rows

    def blocks(self) -> list[tuple[int, int]]:
        """Give ranges of items of a size that fits into memory."""
        step = max(1, BLOCK // max(self.reps, 1))
        return [(at, min(at + step, self.items)) for at in range(0, self.items, step)]

    def arc_load(self, items: np.ndarray, reps: np.ndarray) -> np.ndarray:
        """Give the loads of arcs, (A, K)."""
        part = self.load[:, items, reps] if self.by_rep else self.load[:, items]
        return np.ascontiguousarray(part.T, dtype=np.float64)

    def arc_stake(self, items: np.ndarray, reps: np.ndarray) -> np.ndarray:
        """Give what arcs take from the budgets, (A, G)."""
        taken = np.empty((len(items), len(self.budget)))
        for g, kept in enumerate(self.kept):
            taken[:, g] = self.stake[g, items] - np.asarray(kept[items, reps]).ravel()
        return np.maximum(taken, 0.0)

    def loads(self, rep: np.ndarray) -> np.ndarray:
        """Give what each rep has, (K, m), from the accounts as given."""
        load = self.account_load
        if load.ndim == 3:
            load = load[:, np.arange(len(rep)), rep]
        return np.stack([np.bincount(rep, weights=one, minlength=self.reps) for one in load])

    def used(self, rep: np.ndarray) -> np.ndarray:
        """Give what a plan of accounts takes from the budgets, (G,)."""
        return np.asarray(self.account_stake @ (rep != self.owner).astype(np.float64))

    def cost(self, rep: np.ndarray) -> float:
        """Give the cost of a plan of accounts, changes included, locks and bars left aside."""
        if isinstance(self.costs.given, np.ndarray):
            total = float(self.costs.given[np.arange(len(rep)), rep].sum())
            charged = (self.costs.previous >= 0) & (rep != self.costs.previous)
            return total + float(self.costs.change[charged].sum())
        n, m = self.costs.shape
        step, total = max(1, BLOCK // m), 0.0
        for at in range(0, n, step):
            block = self.costs.plain(at, min(at + step, n))
            total += float(block[np.arange(len(block)), rep[at : at + step]].sum())
        return total


def make_request(
    cost: np.ndarray | CostProvider,
    load: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    options: dict[str, Any],
) -> Request:
    """
    Check what is asked for and bring it to items, arcs and limits.

    Raises
    ------
    ParameterError
        If shapes do not fit or values cannot be; every problem is named.
    """
    problems: list[str] = []
    given = _given(cost, problems)
    load, lower, upper = (
        numbers(name, value, problems)
        for name, value in (("load", load), ("lower", lower), ("upper", upper))
    )
    shape = tuple(given.shape)
    problems = problems or wrong_shapes(shape, load, lower, upper)
    if problems:
        raise ParameterError("assign", problems)
    n, m = shape
    parts = {name: account_index(name, options.get(name), n, problems) for name in
             ("fixed", "previous", "groups", "owner")}  # fmt: skip
    for name in ("fixed", "previous", "owner"):
        within_reps(name, parts[name], m, problems)
    if (parts["groups"] < -1).any():
        problems.append(f"groups: must be at least -1, found {parts['groups'].min()}")
    change = per_account("change_cost", options.get("change_cost", 0.0), n, problems)
    stake, budget = budgets_of(options.get("stake"), options.get("budget"), n, problems)
    allowed = table_of_allowed(options.get("allowed"), n, m, problems)
    wrong_values(given, load, lower, upper, problems)
    if problems:
        raise ParameterError("assign", problems)
    costs = Costs(
        given=given,
        allowed=allowed,
        fixed=parts["fixed"],
        previous=parts["previous"],
        change=change,
    )
    return _itemised(costs, load, (lower, upper), parts["groups"], (parts["owner"], stake, budget))


def _given(cost: Any, problems: list[str]) -> Any:
    """Give costs as an array; as the provider where they are too many to be kept as one matrix."""
    if not callable(getattr(cost, "rows", None)):
        return numbers("cost", cost, problems)
    shape = getattr(cost, "shape", None)
    if not isinstance(shape, tuple) or len(shape) != 2:
        problems.append(f"cost: a provider needs shape, (n, m), beside rows; found {shape!r}")
        return np.empty(0)
    n, m = shape
    return cost if n * m > _DENSE else every_row(cost)


def _itemised(
    costs: Costs,
    load: np.ndarray,
    limits: tuple[np.ndarray, np.ndarray],
    groups: np.ndarray,
    budgets: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> Request:
    n, m = costs.shape
    closed = closed_accounts(costs)
    locks = barred_locks(costs)
    costs = opened(costs, closed, locks)
    groups, split = split_families(costs, groups)
    item_of, first = family_members(groups)
    extra, family_cost = family_costs(costs, item_of, first)
    owner, stake, budget = budgets
    whole = np.stack([_summed(one, item_of, len(first)) for one in load]) if n else load
    totals = np.array([np.bincount(item_of, one, minlength=len(first)) for one in stake])
    request = Request(
        costs=costs, account_load=load, given_lower=limits[0], given_upper=limits[1],
        lower=np.maximum(limits[0], 0.0), upper=np.maximum(_closed(limits, load), 0.0),
        item_of=item_of, first=first, extra=extra, family_cost=family_cost,
        load=whole, stake=totals.reshape(len(budget), len(first)),
        kept=kept_stakes(item_of, len(first), m, owner, stake),
        owner=owner, account_stake=stake, budget=budget, relaxed=(*closed, *locks, *split),
    )  # fmt: skip
    if request.items * m > _DENSE or not n:
        return request
    matrix = np.concatenate([request.block(*part) for part in request.blocks()])
    return replace(request, matrix=matrix)


def _summed(load: np.ndarray, item_of: np.ndarray, items: int) -> np.ndarray:
    if load.ndim == 1:
        return np.bincount(item_of, weights=load, minlength=items)
    total = np.zeros((items, load.shape[1]))
    np.add.at(total, item_of, load)
    return total


def _closed(limits: tuple[np.ndarray, np.ndarray], load: np.ndarray) -> np.ndarray:
    """Replace open upper limits by what no plan can exceed."""
    most = load.sum(axis=1) if load.ndim == 2 else load.max(axis=2).sum(axis=1)
    ceiling = np.maximum(most[:, None] * (1 + 1e-9) + 1e-9, np.maximum(limits[0], 0.0))
    return np.asarray(np.minimum(limits[1], ceiling))
