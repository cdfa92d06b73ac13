"""Which limits a plan does not meet, by how much, and which locks or sizes cause it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planlib.territories.engine.request import Request
from planlib.territories.engine.result import Violation

_NAMED = 5  # accounts named for one violation


@dataclass(frozen=True)
class Reach:
    """
    What each rep must have and may have at most, (K, m) each, and the accounts behind it.

    ``least`` sums the items that no other rep may have, ``most`` those that the rep may have.
    """

    least: np.ndarray
    most: np.ndarray
    only: np.ndarray  # (N,) the one rep that may have an item, or -1


def reach(request: Request) -> Reach:
    """Give what each rep must have, and what it may have at most."""
    shape = request.lower.shape
    least, most = np.zeros(shape), np.zeros(shape)
    only = np.full(request.items, -1, dtype=np.int64)
    for low, high in request.blocks():
        may = np.isfinite(request.block(low, high))
        count = may.sum(axis=1)
        alone = np.flatnonzero(count == 1)
        only[low + alone] = may[alone].argmax(axis=1)
        for k in range(shape[0]):
            load = request.load[k, low:high]
            most[k] += (may * load).sum(axis=0) if load.ndim == 2 else load @ may
    mine = np.flatnonzero(only >= 0)
    for k in range(shape[0]):
        load = request.arc_load(mine, only[mine])[:, k]
        least[k] = np.bincount(only[mine], weights=load, minlength=shape[1])
    return Reach(least, most, only)


def is_impossible(request: Request, found: Reach) -> bool:
    """Tell whether sums alone prove that no plan is within all limits."""
    if request.relaxed or (request.given_upper < 0).any():
        return True
    slack = 1e-9 * (np.abs(request.upper) + np.abs(request.lower))
    if (found.least > request.upper + slack).any() or (found.most < request.lower - slack).any():
        return True
    if not request.by_rep:
        total = request.load.sum(axis=1)
        room = 1e-9 * (total + 1.0)
        few = total < request.lower.sum(axis=1) - room
        many = total > request.upper.sum(axis=1) + room
        return bool((few | many).any())
    return False


def violations(request: Request, rep: np.ndarray) -> tuple[Violation, ...]:
    """Give every limit that a plan of accounts does not meet, worst first."""
    loads, used = request.loads(rep), request.used(rep)
    over = loads > request.given_upper
    under = loads < request.given_lower
    found = []
    if over.any() or under.any():
        sums = reach(request)
        for k, j in np.argwhere(over | under).tolist():
            found.append(_territory(request, rep, loads, sums, (k, j)))
    for g in np.flatnonzero(used > request.budget).tolist():
        found.append(_budget(request, rep, used, g))
    found.sort(key=lambda one: -one.excess / max(abs(one.limit), 1e-12))
    return (*request.relaxed, *found)


def _territory(
    request: Request, rep: np.ndarray, loads: np.ndarray, sums: Reach, at: tuple[int, int]
) -> Violation:
    k, j = at
    amount = float(loads[k, j])
    if amount > request.given_upper[k, j]:
        limit = float(request.given_upper[k, j])
        mine = np.flatnonzero(rep == j)
        size = request.arc_load(request.item_of[mine], rep[mine])[:, k]
        largest = mine[np.argsort(-size, kind="stable")]
        locked = largest[sums.only[request.item_of[largest]] == j]
        if limit < 0:
            cause, who = f"rep {j} holds at least 0, and the limit is below it", largest[:0]
        elif sums.least[k, j] > limit:
            cause, who = f"accounts that only rep {j} may have hold {sums.least[k, j]:.6g}", locked
        elif len(size) and size.max() > limit:
            cause, who = f"account {largest[0]} alone is {size.max():.6g}", largest[:1]
        else:
            cause, who = "what there is does not fit between the limits of the reps", largest[:0]
        kind = "upper"
    else:
        limit, who, kind = float(request.given_lower[k, j]), rep[:0], "lower"
        if sums.most[k, j] < limit:
            cause = f"accounts that rep {j} may have hold only {sums.most[k, j]:.6g}"
        elif not request.by_rep and request.load[k].sum() < request.lower[k].sum():
            cause = "the lower limits of all reps sum to more than there is"
        else:
            cause = "locks, minima and sizes elsewhere leave too little"
    return Violation(
        kind="upper" if kind == "upper" else "lower", rep=j, measure=k, amount=amount,
        limit=limit, excess=abs(amount - limit), accounts=tuple(who[:_NAMED].tolist()),
        cause=cause,
    )  # fmt: skip


def _budget(request: Request, rep: np.ndarray, used: np.ndarray, g: int) -> Violation:
    moved = np.flatnonzero(rep != request.owner)
    stake = request.account_stake[g, moved]
    largest = moved[np.argsort(-stake, kind="stable")][:_NAMED]
    limit = float(request.budget[g])
    return Violation(
        kind="budget", budget=g, amount=float(used[g]), limit=limit,
        excess=float(used[g]) - limit, accounts=tuple(largest.tolist()),
        cause="locks and limits move more than the budget allows",
    )  # fmt: skip
