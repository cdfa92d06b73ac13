"""planlib's own calls."""

from __future__ import annotations

import time
from typing import Any, Literal

import numpy as np

from benchmarks.harness.tasks import Answer
from benchmarks.instances import Areas, Problem, Seats

Effort = Literal["quick", "normal", "thorough"]


class _FirstPlan:
    """Listens to a search, and keeps after how many seconds it had its first plan; None: never."""

    def __init__(self) -> None:
        self.seconds: float | None = None
        self._started = time.perf_counter()

    def __call__(self, progress: Any) -> None:
        if self.seconds is None and np.isfinite(progress.cost):
            self.seconds = time.perf_counter() - self._started


def assign(
    problem: Problem, limit: float, *, effort: Effort = "normal", timed: bool = True
) -> Answer:
    """Align accounts with reps; with ``timed=False`` the search counts its work, not seconds."""
    from planlib.territories import assign as call

    first = _FirstPlan()
    found = call(
        **problem.arguments(), effort=effort, time_limit=limit if timed else None, on_progress=first
    )
    more = {"said": float(found.cost), "first_plan": first.seconds,
            "missed": len(found.violations)}  # fmt: skip
    return Answer(
        plan=found.rep, bound=float(found.bound), status=found.status, prices=found.prices,
        more=more,
    )  # fmt: skip


def overrides(problem: Problem, limit: float, *, trials: int = 10, count: int = 10) -> Answer:
    """
    Force accounts to their next best rep, again and again, and count what else changes.

    The base plan is made first, outside the timing. A change against it is charged three median
    workloads, so that only changes remain which the limits need; prices start from the base plan's.
    """
    from planlib.territories import assign as call

    base = call(**problem.arguments(), time_limit=limit)
    eta = 3 * float(np.median(problem.load[0]))
    draw = np.random.default_rng([trials, count, problem.shape[0]])
    plans, forced, moved, calls = [], [], [], []
    for _ in range(trials + 1):
        pairs = _next_best(problem, base, draw, count)
        fixed = problem.fixed.copy()
        fixed[pairs[:, 0]] = pairs[:, 1]
        started, used = time.perf_counter(), time.process_time()
        found = call(
            **problem.arguments() | {"fixed": fixed}, previous=base.rep, change_cost=eta, warm=base
        )
        calls.append((time.perf_counter() - started, time.process_time() - used))
        changed = found.rep != base.rep
        changed[pairs[:, 0]] = False
        plans.append(found.rep)
        forced.append(pairs)
        moved.append(int(changed.sum()))
    more = {
        "moved": moved[1:],
        "count": count,
        "forced": np.stack(forced[1:]).tolist(),
        "walls": [wall for wall, _ in calls[1:]],
    }
    return Answer(plan=np.stack(plans[1:]), calls=tuple(calls), status=found.status, more=more)


def _next_best(problem: Problem, base: Any, draw: np.random.Generator, count: int) -> np.ndarray:
    """Draw accounts without a lock and give each the rep who would cost least beside its own."""
    free = np.flatnonzero(problem.fixed < 0)
    items = np.sort(draw.choice(free, count, replace=False))
    allowed = problem.pairs()[items]
    cost = np.where(allowed, np.asarray(problem.cost)[items], np.inf)
    cost += (base.prices.T @ problem.load[:, items]).T
    cost[np.arange(count), base.rep[items]] = np.inf
    return np.stack([items, np.argmin(cost, axis=1)], axis=1)


def cascade(problem: Problem, limit: float) -> Answer:
    """Align level by level; the bound is that of the flat problem. The call has no time limit."""
    from concurrent.futures import ThreadPoolExecutor

    from planlib.territories.cascade import cascade as call

    with ThreadPoolExecutor(2) as executor:
        found = call(**problem.arguments(), executor=executor)
    more = {"said": float(found.cost), "closes": bool(found.closes)}
    return Answer(plan=found.rep, bound=float(found.bound), status=found.status, more=more)


def seats(instance: Seats, limit: float, *, effort: Effort = "normal") -> Answer:
    """Choose where k seats open."""
    from planlib.territories.seats import place_seats

    found = place_seats(
        instance.distance, instance.load, instance.capacity, instance.k, effort=effort,
        time_limit=limit,
    )  # fmt: skip
    return Answer(plan=found.seat, bound=float(found.bound), status=found.status)


def districts(
    areas: Areas, limit: float, *, effort: Effort = "normal", prove: bool | None = None
) -> Answer:
    """Draw contiguous districts."""
    from planlib.territories.geography import partition

    first = _FirstPlan()
    words = {"inertia": "inertia", "centre": "distance", "cut": "cut_edges"}
    ones = np.ones((1, areas.k))
    found = partition(
        areas.place, areas.edges, areas.load, areas.lower[:, None] * ones,
        areas.upper[:, None] * ones, weight=areas.weight, objective=words[areas.objective],
        effort=effort, time_limit=limit, prove=prove, on_progress=first,
    )  # fmt: skip
    return Answer(
        plan=found.territory, bound=float(found.bound), status=found.status,
        more={"first_plan": first.seconds, "said": float(found.objective)},
    )  # fmt: skip
