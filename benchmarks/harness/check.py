"""
Check plans in float64 on the original data, with nothing of planlib.

A load counts as within its limits only if it is, to the last bit: there is no allowance.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from benchmarks.instances import Areas, Problem, Seats

Findings = dict[str, Any]


def check(instance: Any, plan: np.ndarray, answer: dict[str, Any]) -> Findings:
    """
    Check a plan.

    Parameters
    ----------
    instance
        A problem, areas or seats, made anew.
    plan
        (n,) rep, district or seat of each item; (trials, n) where several plans were made.
    answer
        What the solver said beside; ``moved`` and ``forced`` of trials are read.

    Returns
    -------
    dict
        ``feasible``, ``excess`` (worst share of a limit by which it is missed; 0 where none is),
        ``cost`` and ``remark``.
    """
    plan = np.asarray(plan)
    if isinstance(instance, Areas):
        return check_districts(instance, plan)
    if isinstance(instance, Seats):
        return check_seats(instance, plan)
    if plan.ndim == 1:
        return check_plan(instance, plan)
    forced = np.asarray(answer["forced"])
    found = [
        check_plan(instance.but(fixed=_with(instance.fixed, forced[turn])), plan[turn])
        for turn in range(len(plan))
    ]
    return {
        "feasible": all(one["feasible"] for one in found),
        "excess": max(one["excess"] for one in found),
        "cost": float(np.median([one["cost"] for one in found])),
        "remark": "; ".join(sorted({one["remark"] for one in found if one["remark"]})),
        "feasible_trials": sum(one["feasible"] for one in found),
    }


def _with(fixed: np.ndarray, forced: np.ndarray) -> np.ndarray:
    """Add pairs of item and rep to the locks."""
    fixed = fixed.copy()
    fixed[forced[:, 0]] = forced[:, 1]
    return fixed


def check_plan(problem: Problem, plan: np.ndarray) -> Findings:
    """Check limits, locks and forbidden pairs of a plan, and add up its cost."""
    count, reps = problem.shape
    wrong = _wrong_labels(plan, count, reps)
    if wrong:
        return wrong
    remarks = []
    loads = loads_of_plan(problem, plan)
    over = np.maximum(loads - problem.upper, problem.lower - loads)
    missed = int((over > 0).sum())
    if missed:
        remarks.append(f"{missed} of {loads.size} limits missed")
    broken = int(((problem.fixed >= 0) & (problem.fixed != plan)).sum())
    if broken:
        remarks.append(f"{broken} locks broken")
    barred = _barred(problem, plan)
    if barred:
        remarks.append(f"{barred} forbidden pairs")
    return {
        "feasible": not remarks,
        "excess": _excess(loads, problem.lower, problem.upper),
        "cost": float(problem.costs_of(plan).sum()),
        "remark": "; ".join(remarks),
    }


def loads_of_plan(problem: Problem, plan: np.ndarray) -> np.ndarray:
    """Add up each rep's loads, (K, m)."""
    count, reps = problem.shape
    by_rep = problem.load.ndim == 3
    taken = problem.load[:, np.arange(count), plan] if by_rep else problem.load
    return np.stack([np.bincount(plan, weights=row, minlength=reps) for row in taken])


def _excess(loads: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
    """Give the worst miss of a limit as a share of that limit, 0 where none is missed."""
    worst = 0.0
    for limit, over in ((upper, loads - upper), (lower, lower - loads)):
        missed = over > 0
        if missed.any():
            limit = np.broadcast_to(limit, loads.shape)
            worst = max(worst, float((over[missed] / np.maximum(abs(limit[missed]), 1e-12)).max()))
    return worst


def _barred(problem: Problem, plan: np.ndarray) -> int:
    items = np.arange(len(plan))
    if problem.allowed is None:
        return int((~np.isfinite(problem.costs_of(plan))).sum())
    if sparse.issparse(problem.allowed):
        return int((np.asarray(problem.allowed[items, plan]).ravel() == 0).sum())
    return int((~np.asarray(problem.allowed)[items, plan]).sum())


def _wrong_labels(plan: np.ndarray, count: int, labels: int) -> Findings | None:
    whole = plan.shape == (count,) and np.issubdtype(plan.dtype, np.integer)
    if whole and (plan >= 0).all() and (plan < labels).all():
        return None
    return {"feasible": False, "excess": float("inf"), "cost": float("nan"), "remark": "no plan"}


def check_districts(areas: Areas, plan: np.ndarray) -> Findings:
    """Check limits and contiguity of districts, and compute their objective from scratch."""
    count = len(areas.place)
    wrong = _wrong_labels(plan, count, areas.k)
    if wrong:
        return wrong
    loads = np.stack([np.bincount(plan, weights=row, minlength=areas.k) for row in areas.load])
    out = int(((loads > areas.upper[:, None]) | (loads < areas.lower[:, None])).any(axis=0).sum())
    inner = areas.edges[plan[areas.edges[:, 0]] == plan[areas.edges[:, 1]]]
    links = sparse.coo_array((np.ones(len(inner)), inner.T), shape=(count, count))
    parts = connected_components(links, directed=False)[0]
    empty = areas.k - len(np.unique(plan))
    remarks = [f"{out} of {areas.k} districts outside the tolerance"] if out else []
    remarks += [f"{empty} districts empty"] if empty else []
    remarks += [f"{parts - areas.k + empty} parts too many"] if parts + empty > areas.k else []
    return {
        "feasible": not remarks,
        "excess": _excess(loads, areas.lower[:, None], areas.upper[:, None]),
        "cost": objective(areas, plan),
        "remark": "; ".join(remarks),
    }


def objective(areas: Areas, plan: np.ndarray) -> float:
    """Compute what an instance of areas minimises."""
    if areas.objective == "cut":
        return float((plan[areas.edges[:, 0]] != plan[areas.edges[:, 1]]).sum())
    total = 0.0
    for label in np.unique(plan):
        inside = plan == label
        place, weight = areas.place[inside], areas.weight[inside]
        if areas.objective == "centre":
            away = np.linalg.norm(place[:, None] - place[None, :], axis=2)
            total += float((weight @ away).min())
        else:
            centre = weight @ place / weight.sum()
            total += float(weight @ np.square(place - centre).sum(axis=1))
    return total if areas.objective == "centre" else total / float(areas.weight.sum())


def check_seats(seats: Seats, plan: np.ndarray) -> Findings:
    """Check that k seats serve all items within their capacities, and add up the distances."""
    count = len(seats.load)
    wrong = _wrong_labels(plan, count, count)
    if wrong:
        return wrong
    loads = np.bincount(plan, weights=seats.load, minlength=count)
    remarks = []
    over = loads - seats.capacity
    if (over > 0).any():
        remarks.append(f"{int((over > 0).sum())} seats above their capacity")
    opened = len(np.unique(plan))
    if opened > seats.k:
        remarks.append(f"{opened} seats opened, {seats.k} allowed")
    return {
        "feasible": not remarks,
        "excess": float(np.maximum(over / np.maximum(seats.capacity, 1e-12), 0).max()),
        "cost": float(seats.distance[np.arange(count), plan].sum()),
        "remark": "; ".join(remarks),
    }
