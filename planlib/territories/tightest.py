"""The tightest tolerance, in whole percent, at which a plan within all other limits is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from planlib.territories.block import Block
from planlib.territories.engine import Assignment, assign

_FIRST = 0.05  # tried first
_PERCENT = 100
_WIDEST = 100_000.0  # beyond this, measures are left open
_SOLVES = 7


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


def least_tolerance(
    block: Block, rows: np.ndarray, *, first: Assignment | None = None, **options: Any
) -> Found:
    """
    Search the tightest tolerance of some measures by quick solves, in whole percent.

    Parameters
    ----------
    block
        One part of the market.
    rows
        (K,) measures whose tolerance is looked for; what is asked for them is a lower end.
    first
        A plan at the tolerance asked, where there is one; it failed.
    options
        As for ``assign``.

    Returns
    -------
    Found
        Where nothing is found at any tolerance, other limits are in the way: the plan at the
        widest one is given, with its violations.
    """
    spare = first is None
    low = _lower_end(block, rows, spare=spare)
    best: tuple[int, Assignment] | None = None
    start = max(low, round(_PERCENT * _FIRST))
    if first is not None:
        best = _reached(block, rows, first, spare=spare)
        start = max(low, (low + best[0]) // 2) if best else start
    trial, high = start, best[0] if best else None
    for _ in range(_SOLVES):
        if high is not None and low >= high:
            break
        plan = _solve(block, rows, trial, spare=spare, options=options)
        if plan.status in ("optimal", "feasible"):
            best = high, _ = trial, plan
        else:
            low = trial + 1
            reached = _reached(block, rows, plan, spare=spare)
            if reached and (best is None or reached[0] < best[0]):
                best = reached
                high = reached[0]
        trial = _next(low, high, trial)
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


def tolerance_at(block: Block, rows: np.ndarray, percent: int) -> np.ndarray:
    """Give the tolerance of each row when the rows looked for are at a whole percent."""
    asked = np.where(np.isnan(block.tolerance), 0.0, block.tolerance)
    wide = np.maximum(asked, percent / _PERCENT)
    return np.where(rows, wide, block.tolerance)


def _next(low: int, high: int | None, trial: int) -> int:
    return 2 * trial + 5 if high is None else (low + high) // 2


def _solve(
    block: Block, rows: np.ndarray, percent: int, *, spare: bool, options: dict[str, Any]
) -> Assignment:
    arguments = block.assign_arguments(tolerance_at(block, rows, percent), spare_pinned=spare)
    return assign(**arguments, effort="quick", **options)


def _lower_end(block: Block, rows: np.ndarray, *, spare: bool) -> int:
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
