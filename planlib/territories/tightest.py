"""The tightest tolerance, in whole percent, at which a plan within all other limits is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from planlib.territories.block import Block
from planlib.territories.engine import Assignment, assign
from planlib.territories.tolerance_bound import is_programmed, least_possible, tolerance_at

_PERCENT = 100
_WIDEST = 100_000.0  # beyond this, measures are left open
_FIRST = 5  # percent tried first where nothing is proven
_SMALL = 500  # pairs of accounts and reps up to which a solve takes next to nothing
_SOLVES = {True: 8, False: 4}  # of a small block, and of others
_COARSE = 8  # part of a tolerance that is not told apart, but for small blocks


@dataclass(frozen=True, kw_only=True)
class Found:
    """Tolerance of each row of load, the quick plan at it, whether it is within limits."""

    tolerance: np.ndarray
    assignment: Assignment
    is_reached: bool


def deviations(block: Block, rep: np.ndarray) -> np.ndarray:
    """Give load over target - 1, (K, m); NaN where there is no target, or it is 0."""
    size = block.shape[1]
    load = np.stack([np.bincount(rep, one, size) for one in block.load])
    return np.asarray(load / np.where(block.target > 0, block.target, np.nan) - 1)


def lower_end(block: Block, rows: np.ndarray, *, spare: bool, start: int = 1) -> int:
    """
    Give a whole percent below which no plan can be: kept accounts, families, programmes.

    Parameters
    ----------
    block, rows, spare
        As for ``least_tolerance``.
    start
        A percentage that is known to be at most this one.
    """
    low = max(start, _first_look(block, rows, spare=spare))
    return least_possible(block, rows, low, spare=spare)


def least_tolerance(
    block: Block, rows: np.ndarray, *, spare: bool, low: int, **options: Any
) -> Found:
    """
    Search the tightest tolerance of some measures by quick solves, in whole percent.

    Most often a plan is found at the first that is not proven to be impossible. Else the search
    ends, but for small blocks, once what is not excluded is within 2 percent, or an eighth of it.

    Parameters
    ----------
    block
        One part of the market.
    rows
        (K,) measures whose tolerance is looked for; what is asked for them is a lower end.
    spare
        Whether reps whose kept accounts are above the limit may keep these.
    low
        From ``lower_end``.
    options
        As for ``assign``.

    Returns
    -------
    Found
        Where nothing is found at any tolerance, other limits are in the way: the plan at the
        widest one is given, with its violations.
    """
    best: tuple[int, Assignment] | None = None
    known = is_programmed(block)
    trial = low if known else max(low, _FIRST)
    step = max(1, low // 10) if known else _FIRST + trial
    is_small = block.shape[0] * block.shape[1] <= _SMALL
    for _ in range(_SOLVES[is_small]):
        plan = _solve(block, rows, trial, spare=spare, options=options)
        if plan.status in ("optimal", "feasible"):
            best = trial, plan
        else:
            low = trial + 1
            reached = _reached(block, rows, plan, spare=spare)
            if reached and (best is None or reached[0] < best[0]):
                best = reached
        if best is not None and best[0] - low <= (0 if is_small else max(1, best[0] // _COARSE)):
            break
        trial = (low + best[0]) // 2 if best else trial + step
        step *= 3
    if best is None:
        plan = _solve(block, rows, int(_WIDEST), spare=spare, options=options)
        best = int(_WIDEST), plan
    tolerance = tolerance_at(block, rows, best[0])
    within = is_within(block, best[1].rep, tolerance, spare=spare)
    return Found(tolerance=tolerance, assignment=best[1], is_reached=within)


def is_within(block: Block, rep: np.ndarray, tolerance: np.ndarray, *, spare: bool) -> bool:
    """Tell whether a plan is within tolerance, counts and budgets; locks are taken as kept."""
    lower, upper = block.limits(tolerance, spare_pinned=spare)
    loads = np.stack([np.bincount(rep, one, block.shape[1]) for one in block.load])
    used = block.stake @ (rep != block.owner).astype(float)
    return bool(((loads >= lower) & (loads <= upper)).all() and (used <= block.budget).all())


def _solve(
    block: Block, rows: np.ndarray, percent: int, *, spare: bool, options: dict[str, Any]
) -> Assignment:
    arguments = block.assign_arguments(tolerance_at(block, rows, percent), spare_pinned=spare)
    return assign(**arguments, effort="quick", **options)


def _first_look(block: Block, rows: np.ndarray, *, spare: bool) -> int:
    """Give a percentage below which nothing can be: single families, and kept accounts."""
    need = 0.0
    for k in np.flatnonzero(rows):
        largest = np.bincount(block.item, np.where(block.fixed < 0, block.load[k], 0.0)).max()
        need = max(need, largest / block.target[k].max() - 1)
        if not spare:
            need = max(need, float((block.pinned[k] / block.target[k]).max()) - 1)
        asked = block.tolerance[k]
        need = max(need, 0.0 if np.isnan(asked) else asked)
    return max(1, int(np.floor(_PERCENT * need)))


def _reached(
    block: Block, rows: np.ndarray, plan: Assignment, *, spare: bool
) -> tuple[int, Assignment] | None:
    """Give the percentage at which a plan would do, where only these measures are in its way."""
    away = np.abs(deviations(block, plan.rep))[rows]
    if not np.isfinite(away).any():
        return None
    percent = max(1, int(np.ceil(_PERCENT * float(np.nanmax(away)))))
    within = is_within(block, plan.rep, tolerance_at(block, rows, percent), spare=spare)
    return (percent, plan) if within else None
