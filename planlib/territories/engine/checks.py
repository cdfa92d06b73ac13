"""Check what is asked of the engine; every problem is named, with the first place and the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

#: The largest cost without sign, where it is not 0: beyond, products of costs are no numbers.
_COSTS = 1e-100, 1e100


def numbers(name: str, values: Any, problems: list[str]) -> np.ndarray:
    """Give values as float64; a problem and nothing where they are no numbers."""
    table, found = np.empty(0), ""
    try:
        given = np.asarray(values)
        if given.dtype != object and not np.can_cast(given.dtype, float, casting="same_kind"):
            found = str(given.dtype)
        else:
            table = given.astype(np.float64, copy=False)
    except (TypeError, ValueError):
        found = "a value that is none, or rows of unequal length"
    if found:
        problems.append(f"{name}: must be numbers, found {found}")
    return table


def wrong_shapes(
    shape: tuple[int, ...], load: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> list[str]:
    """Name the shapes that do not fit; ``shape`` is that of the costs."""
    if len(shape) != 2:
        return [f"cost: must be (n, m), found {len(shape)} dimensions"]
    n, m = shape
    problems = []
    if m == 0:
        problems.append("cost: there are no reps (no columns)")
    if load.ndim not in (2, 3) or load.shape[1] != n or (load.ndim == 3 and load.shape[2] != m):
        problems.append(f"load: must be (K, {n}) or (K, {n}, {m}), found {load.shape}")
    elif load.shape[0] == 0:
        problems.append("load: needs at least one measure")
    for name, limit in (("lower", lower), ("upper", upper)):
        if load.ndim in (2, 3) and limit.shape != (load.shape[0], m):
            problems.append(f"{name}: must be ({load.shape[0]}, {m}), found {limit.shape}")
    return problems


def account_index(name: str, values: Any, n: int, problems: list[str]) -> np.ndarray:
    """Give one whole number of at least -1 for each account; -1 for all where there are none."""
    none = np.full(n, -1, dtype=np.int64)
    if values is None:
        return none
    try:
        index = np.asarray(values)
    except ValueError:  # rows of unequal length
        index = np.asarray(values, dtype=object)
    if index.shape != (n,):
        problems.append(f"{name}: must be ({n},), found {index.shape}")
        return none
    if index.dtype.kind not in "iu" and n:
        problems.append(
            f"{name}: must be whole numbers, -1 where there is none; found {index.dtype}"
        )
        return none
    return index.astype(np.int64)


def within_reps(name: str, index: np.ndarray, m: int, problems: list[str]) -> None:
    """Name what is not a rep."""
    wrong = np.flatnonzero((index < -1) | (index >= m))
    if len(wrong):
        problems.append(
            f"{name}: must be a rep from 0 to {m - 1}, or -1; found {index[wrong[0]]} "
            f"at account {wrong[0]}{_more(len(wrong))}"
        )


def per_account(name: str, value: Any, n: int, problems: list[str]) -> np.ndarray:
    """Give one number of at least 0 for each account."""
    count = len(problems)
    values = numbers(name, value, problems)
    if len(problems) > count:
        return np.zeros(n)
    if values.shape not in ((), (n,)):
        problems.append(f"{name}: must be one number or ({n},), found {values.shape}")
        return np.zeros(n)
    values = np.broadcast_to(values, (n,))
    wrong = np.flatnonzero(~(values >= 0) | ~np.isfinite(values))
    if len(wrong):
        problems.append(f"{name}: must be at least 0, found {values[wrong[0]]}{_more(len(wrong))}")
    return np.array(values)


def budgets_of(
    stake: Any, budget: Any, n: int, problems: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Give the stakes, (G, n), and the budgets, (G,)."""
    none, count = (np.zeros((0, n)), np.zeros(0)), len(problems)
    if stake is None and budget is None:
        return none
    stakes = np.atleast_2d(numbers("stake", [] if stake is None else stake, problems))
    limits = np.atleast_1d(numbers("budget", [] if budget is None else budget, problems))
    if len(problems) > count:
        return none
    if stakes.shape != (len(limits), n):
        problems.append(f"stake: must be ({len(limits)}, {n}) as budget, found {stakes.shape}")
        return none
    if not (np.isfinite(stakes).all() and (stakes >= 0).all()):
        problems.append("stake: must be numbers of at least 0")
    if np.isnan(limits).any() or (limits < 0).any():
        problems.append("budget: must be numbers of at least 0")
    return stakes, limits


def table_of_allowed(allowed: Any, n: int, m: int, problems: list[str]) -> Any:
    """Give which rep may have which account as a table, sparse where it is given so; or None."""
    if allowed is None:
        return None
    if isinstance(allowed, list | tuple):
        rows = [np.asarray(row) for row in allowed]
        if not rows or not all(row.dtype == bool for row in rows):
            return _listed(rows, n, m, problems)
    table = allowed.tocsr() if hasattr(allowed, "tocsr") else np.asarray(allowed)
    if table.shape != (n, m):
        problems.append(f"allowed: must be ({n}, {m}), found {table.shape}")
        return None
    if not isinstance(table, np.ndarray):
        if np.isnan(table.data).any():
            problems.append("allowed: must be true or false, found nan")
        return table.astype(bool)
    if table.dtype != bool:
        wrong = np.argwhere((table != 0) & (table != 1))
        if len(wrong):
            i, j = wrong[0]
            problems.append(
                f"allowed: must be true or false; found {table[i, j]} at account {i}, rep {j}"
                f"{_more(len(wrong))}"
            )
        return table == 1
    return table


def _listed(rows: list[np.ndarray], n: int, m: int, problems: list[str]) -> Any:
    """Give the reps that are listed for each account as a sparse table."""
    if len(rows) != n:
        problems.append(f"allowed: must list the reps of {n} accounts, found {len(rows)}")
        return None
    wrong = [
        i for i, row in enumerate(rows)
        if row.size and not (row.dtype.kind in "iu" and row.min() >= 0 and row.max() < m)
    ]  # fmt: skip
    if wrong:
        problems.append(
            f"allowed: must list reps as numbers from 0 to {m - 1}; found "
            f"{rows[wrong[0]].tolist()} at account {wrong[0]}{_more(len(wrong))}"
        )
        return None
    twice = [i for i, row in enumerate(rows) if len(np.unique(row)) < row.size]
    if twice:
        problems.append(
            f"allowed: lists a rep twice at account {twice[0]}{_more(len(twice))}; a list holds "
            f"the numbers of the reps, a table of true and false must be bool"
        )
        return None
    rows = [np.unique(row.astype(np.int64)) for row in rows]
    start = np.r_[0, np.cumsum([len(row) for row in rows])]
    reps = np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)
    return sparse.csr_array((np.ones(len(reps), dtype=bool), reps, start), shape=(n, m))


def wrong_values(
    cost: Any, load: np.ndarray, lower: np.ndarray, upper: np.ndarray, problems: list[str]
) -> None:
    """Name costs, loads and limits that cannot be."""
    if isinstance(cost, np.ndarray):
        wrong = np.argwhere(np.isnan(cost) | np.isneginf(cost))
        if len(wrong):
            i, j = wrong[0]
            problems.append(
                f"cost: must be a number; found {cost[i, j]} at account {i}, rep {j}"
                f"{_more(len(wrong))}"
            )
        known = np.isfinite(cost)
        largest = max(
            float(cost.max(initial=0.0, where=known)), -float(cost.min(initial=0.0, where=known))
        )
        if largest and not _COSTS[0] <= largest <= _COSTS[1]:
            problems.append(
                f"cost: the largest must be 0, or from {_COSTS[0]:g} to {_COSTS[1]:g}; found "
                f"{largest:g}: give costs in another unit"
            )
    wrong = np.argwhere(~np.isfinite(load) | (load < 0))
    if len(wrong):
        k, i = wrong[0][:2]
        value = load[tuple(wrong[0])]
        problems.append(
            f"load: must be a number of at least 0; found {value} in measure {k} "
            f"at account {i}{_more(len(wrong))}"
        )
    wrong = np.argwhere(~(lower <= upper))
    if len(wrong):
        k, j = wrong[0]
        problems.append(
            f"lower and upper: lower must be at most upper; found {lower[k, j]} and "
            f"{upper[k, j]} in measure {k} at rep {j}{_more(len(wrong))}"
        )
    if np.isposinf(lower).any():
        problems.append("lower: must be a number, or -inf where it is open; found inf")
    if np.isneginf(upper).any():
        problems.append("upper: must be a number, or inf where it is open; found -inf")


def _more(count: int) -> str:
    return f" and in {count - 1} more" if count > 1 else ""
