"""Families of accounts as single items, and what has to be given up before planning can start."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from planlib.territories.engine.costs import BLOCK, Costs
from planlib.territories.engine.result import Violation


def closed_accounts(costs: Costs) -> tuple[Violation, ...]:
    """Name the accounts that no rep may have."""
    n, m = costs.shape
    if costs.allowed is None and isinstance(costs.given, np.ndarray):
        closed = np.flatnonzero(~np.isfinite(costs.given).any(axis=1) & (costs.fixed < 0))
    elif costs.allowed is None:
        closed = np.empty(0, dtype=np.int64)
    else:
        step = max(1, BLOCK // m)
        found = [
            at + np.flatnonzero(~np.isfinite(costs.rows(at, min(at + step, n))).any(axis=1))
            for at in range(0, n, step)
        ]
        closed = np.concatenate(found) if found else np.empty(0, dtype=np.int64)
        closed = closed[costs.fixed[closed] < 0]
    return tuple(
        Violation(
            kind="allowed", amount=1.0, limit=0.0, excess=1.0, accounts=(int(account),),
            cause=f"no rep may have account {account}; planned as if every rep might",
        )
        for account in closed
    )  # fmt: skip


def barred_locks(costs: Costs) -> tuple[Violation, ...]:
    """Name the accounts that are locked to a rep who may not have them."""
    locked = np.flatnonzero(costs.fixed >= 0)
    rep = costs.fixed[locked]
    barred = np.zeros(len(locked), dtype=bool)
    if len(locked) and costs.allowed is not None:
        barred |= ~np.asarray(costs.allowed[locked, rep], dtype=bool).ravel()
    if isinstance(costs.given, np.ndarray):
        barred |= ~np.isfinite(costs.given[locked, rep])
    return tuple(
        Violation(
            kind="allowed", rep=int(j), amount=1.0, limit=0.0, excess=1.0, accounts=(int(i),),
            cause=f"account {i} is locked to rep {j}, who may not have it; the lock is kept",
        )
        for i, j in zip(locked[barred], rep[barred], strict=True)
    )  # fmt: skip


def opened(costs: Costs, closed: tuple[Violation, ...], locks: tuple[Violation, ...]) -> Costs:
    """Let every rep have the accounts that none may have, and locks hold at no cost."""
    given = costs.given
    if locks and isinstance(given, np.ndarray):
        place = np.array([one.accounts[0] for one in locks]), np.array([one.rep for one in locks])
        given = np.array(given)
        given[place] = np.where(np.isfinite(given[place]), given[place], 0.0)
        costs = replace(costs, given=given)
    if not closed:
        return costs
    rows = np.array([one.accounts[0] for one in closed])
    allowed = costs.allowed
    if allowed is not None:
        if hasattr(allowed, "tolil"):
            allowed = allowed.tolil(copy=True)
            allowed[rows] = True
            allowed = allowed.tocsr()
        else:
            allowed = allowed.copy()
            allowed[rows] = True
    if isinstance(given, np.ndarray):
        none = rows[~np.isfinite(given[rows]).any(axis=1)]
        if len(none):
            given = given.copy()
            given[none] = 0.0
    return replace(costs, allowed=allowed, given=given)


def split_families(costs: Costs, groups: np.ndarray) -> tuple[np.ndarray, tuple[Violation, ...]]:
    """Take apart the families that no single rep may have as a whole."""
    if not (groups >= 0).any():
        return groups, ()
    order = np.argsort(groups, kind="stable")
    order = order[groups[order] >= 0]
    starts = np.flatnonzero(np.r_[True, np.diff(groups[order]) != 0])
    sizes = np.diff(np.r_[starts, len(order)])
    split, found = groups.copy(), []
    for members in np.split(order, starts[1:]) if len(sizes) else []:
        if len(members) < 2 or _common_rep(costs, members):
            continue
        locked = sorted({int(rep) for rep in costs.fixed[members] if rep >= 0})
        why = (
            f"locks put its members with reps {', '.join(map(str, locked))}"
            if len(locked) > 1
            else "no rep may have all its members"
        )
        split[members] = -1
        found.append(
            Violation(
                kind="group",
                amount=float(len(members)),
                limit=1.0,
                excess=1.0,
                accounts=tuple(members.tolist()),
                cause=f"family {groups[members[0]]} cannot stay together: {why}",
            )  # fmt: skip
        )
    return split, tuple(found)


def _common_rep(costs: Costs, members: np.ndarray) -> bool:
    if (
        costs.allowed is None
        and (costs.fixed[members] < 0).all()
        and (not isinstance(costs.given, np.ndarray) or np.isfinite(costs.given[members]).all())
    ):
        return True
    total = sum(costs.rows(int(one), int(one) + 1)[0] for one in members)
    return bool(np.isfinite(total).any())


def family_members(groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the item of each account, and the first account of each item, in this order."""
    n = len(groups)
    single = groups < 0
    first_of: dict[int, int] = {}
    head = np.arange(n)
    for account in np.flatnonzero(~single).tolist():
        head[account] = first_of.setdefault(int(groups[account]), account)
    first, item_of = np.unique(head, return_inverse=True)
    return item_of.astype(np.int64), first.astype(np.int64)


def family_costs(
    costs: Costs, item_of: np.ndarray, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sum the costs of the members beside the first, for items that have any."""
    extra = np.full(len(first), -1, dtype=np.int64)
    beside = np.ones(len(item_of), dtype=bool)
    beside[first] = False
    rows = np.flatnonzero(beside)
    families = np.unique(item_of[rows])
    extra[families] = np.arange(len(families))
    total = np.zeros((len(families), costs.shape[1]))
    n, m = costs.shape
    step = max(1, BLOCK // max(m, 1))
    for at in range(0, n, step):
        here = rows[(rows >= at) & (rows < at + step)]
        if len(here):
            block = costs.rows(at, min(at + step, n))
            np.add.at(total, extra[item_of[here]], block[here - at])
    return extra, total


def kept_stakes(
    item_of: np.ndarray, items: int, m: int, owner: np.ndarray, stake: np.ndarray
) -> list[Any]:
    """Give per budget what an item does not take when it goes to a rep who owns part of it."""
    if not len(stake):
        return []
    from scipy.sparse import csr_matrix

    rows = np.flatnonzero(owner >= 0)
    return [
        csr_matrix((one[rows], (item_of[rows], owner[rows])), shape=(items, m)) for one in stake
    ]
