"""
CP-SAT and SCIP side by side: a proof that a plan is the cheapest; the first one ends the other.

CP-SAT reasons on whole numbers, SCIP bounds by linear programs with cuts. Which of them is sooner
differs from request to request: of five with 200 accounts and 8 reps CP-SAT alone proves two within
ten seconds and none of the others in a minute; with SCIP beside it a third is proven in 47 seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from planlib.territories.engine.exact import Exact, OnStart, arc_costs, rows_of, solve_exactly
from planlib.territories.engine.field import is_met
from planlib.territories.engine.request import Request

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

_WORTH = 3.0  # seconds from which a second solver has the time to do something
_TYPICAL = 100.0  # mean cost of an arc in the model: SCIP's tolerances are absolute
_TOLERANCE = 1e-8  # by which the cost of an item may come out too high in a bound of SCIP
_WIDER = 1e-9  # of a limit: rounding may cut nothing off
_NOTHING = Exact(rep=None, bound=float("-inf"), status="unknown", work=0.0)
_PARAMETERS = "numerics/feastol = 1e-9\nnumerics/dualfeastol = 1e-9"


def prove(
    request: Request,
    arcs: tuple[np.ndarray, np.ndarray],
    *,
    start: np.ndarray,
    work: float,
    seed: int,
    seconds: float | None,
    pool: Executor | None,
) -> Exact:
    """
    Prove a plan on the arcs that a cheaper one can have, or find a cheaper one.

    SCIP takes part where there are a time limit, which decides what is proven anyway, and a second
    thread: without a limit the outcome may not depend on the machine.

    Parameters
    ----------
    arcs
        Items and reps, sorted by item; every item has one.
    start
        (N,) the plan.
    work, seed
        Deterministic time and seed of CP-SAT.
    seconds
        On the clock; None: no limit.
    pool
        Threads, or None.
    """
    alone = {"start": start, "work": work, "seed": seed, "seconds": seconds}
    if pool is None or seconds is None or seconds < _WORTH:
        return solve_exactly(request, *arcs, **alone)  # type: ignore[arg-type]
    race = _Race()
    other = pool.submit(solve_by_scip, request, *arcs, start=start, seconds=seconds,
                        on_start=race.entry("SCIP"))  # fmt: skip
    other.add_done_callback(lambda done: race.end("SCIP") if _is_proof(done) else None)
    one = solve_exactly(request, *arcs, **alone, on_start=race.entry("CP-SAT"))  # type: ignore[arg-type]
    if one.status != "unknown":
        race.end("CP-SAT")
    return _better(request, one, other.result())


def _is_proof(done: Future[Exact]) -> bool:
    return done.exception() is None and done.result().status == "optimal"


class _Race:
    """Solvers side by side, of which the first that has a proof ends the others."""

    def __init__(self) -> None:
        self._ends: dict[str, Callable[[], object]] = {}
        self._is_over = False

    def entry(self, name: str) -> OnStart:
        """Give what a solver calls before it starts: it says whether it may."""

        def enter(end: Callable[[], object]) -> bool:
            self._ends[name] = end  # first this, then the question: ``end`` does the opposite
            return not self._is_over

        return enter

    def end(self, winner: str) -> None:
        """End all others."""
        was_over, self._is_over = self._is_over, True
        for name, end in list(self._ends.items()):
            if name != winner and not was_over:
                end()


def _better(request: Request, one: Exact, other: Exact) -> Exact:
    """Give the cheaper plan of two, and the higher bound."""
    if one.status == "infeasible":
        return one
    plans = [each.rep for each in (one, other) if each.rep is not None]
    return Exact(
        rep=min(plans, key=lambda rep: request.cost(rep[request.item_of]), default=None),
        bound=max(one.bound, other.bound), work=one.work,
        status="optimal" if "optimal" in (one.status, other.status) else "unknown",
    )  # fmt: skip


def solve_by_scip(
    request: Request,
    items: np.ndarray,
    reps: np.ndarray,
    *,
    start: np.ndarray,
    seconds: float,
    on_start: OnStart | None = None,
) -> Exact:
    """
    Solve a request on some arcs by SCIP, from a plan.

    Parameters
    ----------
    items, reps
        Arcs, sorted by item; every item has one.
    start
        (N,) a plan within the limits.
    seconds
        On the clock, at most.
    on_start
        Is given what ends the search from another thread, and says whether it may begin.

    Returns
    -------
    Exact
        The plan meets the limits as given, or is None. The bound leaves room for SCIP's tolerances.
    """
    from ortools.linear_solver import pywraplp  # type: ignore[attr-defined]

    cost = arc_costs(request, items, reps)
    scale = _TYPICAL / max(float(np.abs(cost).mean()), 1e-300)
    solver: Any = pywraplp.Solver.CreateSolver("SCIP")
    if solver is None:  # OR-Tools was built without it
        return _NOTHING
    arcs = [solver.BoolVar("") for _ in items]

    def add(places: range | list[int], sizes: list[float], low: float, high: float) -> None:
        row = solver.Constraint(low, high)
        for at, size in zip(places, sizes, strict=True):
            row.SetCoefficient(arcs[at], size)

    bounds = np.searchsorted(items, np.arange(request.items + 1)).tolist()
    for first, last in zip(bounds[:-1], bounds[1:], strict=True):
        add(range(first, last), [1.0] * (last - first), 1.0, 1.0)
    for mine, size, low, high, _ in rows_of(request, items, reps):
        unit = max(high if np.isfinite(high) else max(low, float(size.max())), 1e-300)
        add(mine.tolist(), (size / unit).tolist(), low / unit - _WIDER, high / unit + _WIDER)
    objective = solver.Objective()
    for arc, one in zip(arcs, (scale * cost).tolist(), strict=True):
        objective.SetCoefficient(arc, one)
    objective.SetMinimization()
    solver.SetHint(arcs, (start[items] == reps).astype(float).tolist())
    solver.SetSolverSpecificParametersAsString(_PARAMETERS)
    solver.SetTimeLimit(max(int(1000 * seconds), 1))
    exactly = pywraplp.MPSolverParameters()
    exactly.SetDoubleParam(exactly.RELATIVE_MIP_GAP, 0.0)
    if on_start is not None and not on_start(solver.InterruptSolve):
        return _NOTHING
    status = solver.Solve(exactly)
    rep = None
    if status in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        on = np.flatnonzero([arc.solution_value() > 0.5 for arc in arcs])
        rep = np.full(request.items, -1)
        rep[items[on]] = reps[on]
        rep = rep if (rep >= 0).all() and is_met(request, rep[request.item_of]) else None
    bound = float(objective.BestBound()) / scale - _TOLERANCE * request.items / scale
    is_done = status == pywraplp.Solver.OPTIMAL and rep is not None
    return Exact(
        rep=rep, bound=bound if np.isfinite(bound) else -np.inf, work=0.0,
        status="optimal" if is_done else "unknown",
    )  # fmt: skip
