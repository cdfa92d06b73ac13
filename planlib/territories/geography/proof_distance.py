"""Proof for distances: linear bound, arcs removed by reduced cost, then SCIP with separators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack
from scipy.sparse.csgraph import breadth_first_order, connected_components

from planlib.territories.geography.arena import BEST_NODE, GIVEN_SQUARED
from planlib.territories.geography.measure import between, distances, spread_of
from planlib.territories.geography.request import Request

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
ROUNDS = 20  # of separators that are added to a model


@dataclass(frozen=True)
class Model:
    """Arcs area to centre, and rows ``low <= matrix x <= high``; a centre is an area or a label."""

    cost: Floats
    area: Ints
    centre: Ints
    matrix: csr_array
    low: Floats
    high: Floats


def prove_distance(
    request: Request, part: Ints | None, value: float, seconds: float
) -> tuple[Ints | None, float, bool]:
    """
    Prove a plan best for the distance objectives.

    Parameters
    ----------
    request
        With equal limits for all territories where centres are free.
    part, value
        The best plan known and its objective; None and inf where there is none.
    seconds
        For the solver.

    Returns
    -------
    tuple
        A plan (None where the solver found none), a bound, and whether the plan is optimal.
    """
    model = _model(request)
    linear, reduced = _linear(model)
    if not np.isfinite(linear):
        return None, float("nan"), False
    if linear >= value * (1 - 1e-9):
        return part, min(linear, value), True
    kept = np.flatnonzero(linear + reduced <= value * (1 + 1e-9) + 1e-9)
    small = _cut_down(model, kept)
    best, bound, optimal = _solve(request, small, (part, value), seconds)
    bound = max(linear, bound)
    if best is None:
        return part, value if optimal and part is not None else bound, optimal and part is not None
    return best, bound, optimal


def _costs(request: Request) -> Floats:
    everyone = np.arange(request.areas)
    if request.mode == BEST_NODE:
        return np.asarray(request.weight[:, None] * distances(request, everyone, everyone))
    assert request.centres is not None  # noqa: S101 - every other distance mode has centres
    if request.mode == GIVEN_SQUARED:
        away = ((request.place[:, None] - request.centres[None]) ** 2).sum(axis=2)
    else:
        away = between(request, request.place, request.centres)
    return np.asarray(request.weight[:, None] * away)


def _rows(entries: list[tuple[Any, Any, Any]], count: int, width: int) -> csr_array:
    data, rows, columns = (np.concatenate([np.ravel(e[at]) for e in entries]) for at in range(3))
    return csr_array((data, (rows, columns)), shape=(count, width))


def _model(request: Request) -> Model:
    """Build the model over all arcs."""
    cost = _costs(request)
    n, m = cost.shape
    free = request.mode == BEST_NODE
    at = np.arange(n * m).reshape(n, m)  # arc of area i to centre j
    ones = np.ones(n * m)
    once = csr_array((ones, (np.repeat(np.arange(n), m), at.ravel())), shape=(n, n * m))
    blocks, low, high = [once], [np.ones(n)], [np.ones(n)]
    own = np.diagonal(at) if free else None
    for measure, load in enumerate(request.load):
        unit = load.mean()
        loads = (np.repeat(load / unit, m), np.tile(np.arange(m), n), at.ravel())
        for limits, sign in ((request.upper[measure], 1.0), (request.lower[measure], -1.0)):
            limit = sign * limits / unit
            bound = np.flatnonzero(np.isfinite(limit))
            if not len(bound):
                continue
            signed = (sign * loads[0], loads[1], loads[2])
            if own is not None:
                blocks.append(_rows([signed, (-limit[:1].repeat(m), np.arange(m), own)], m, n * m))
                high.append(np.zeros(m))
            else:
                blocks.append(_rows([signed], m, n * m)[bound])
                high.append(limit[bound])
            low.append(np.full(len(high[-1]), -np.inf))
    if own is None:  # no territory is without an area
        blocks.append(_rows([(-ones, np.tile(np.arange(m), n), at)], m, n * m))
        low.append(np.full(m, -np.inf))
        high.append(-np.ones(m))
    if own is not None:
        blocks.append(csr_array((np.ones(n), (np.zeros(n, int), own)), shape=(1, n * m)))
        low.append(np.array([float(request.count)]))
        high.append(np.array([float(request.count)]))
        blocks.append(_near_rows(request, at))
        low.append(np.full(blocks[-1].shape[0], -np.inf))
        high.append(np.zeros(blocks[-1].shape[0]))
    matrix = csr_array(vstack(blocks, format="csr"))
    held = (request.locked[:, None] >= 0) & (request.locked[:, None] != np.arange(m)[None])
    used = np.flatnonzero(~held.ravel()) if not free else np.arange(n * m)
    area, centre = np.divmod(np.arange(n * m), m)
    whole = Model(cost.ravel(), area, centre, matrix, np.concatenate(low), np.concatenate(high))
    return whole if free else _cut_down(whole, used)


def _near_rows(request: Request, at: Ints) -> csr_array:
    """Build rows x_aj <= x_jj, and x_aj <= sum of x_cj over the neighbours c of area a."""
    n = request.areas
    first, near = request.graph.indptr, request.graph.indices
    areas, centres = np.divmod(np.arange(n * n), n)
    other = areas != centres
    links = np.flatnonzero(other)
    plain = [
        (np.ones(len(links)), np.arange(len(links)), at.ravel()[links]),
        (-np.ones(len(links)), np.arange(len(links)), np.diagonal(at)[centres[links]]),
    ]
    tied = (request.graph + csr_array(np.eye(n))).toarray() > 0
    loose = np.argwhere(~tied)
    degree = np.diff(first)[loose[:, 0]]
    row = np.repeat(np.arange(len(loose)), degree)
    within = np.arange(len(row)) - np.repeat(np.cumsum(degree) - degree, degree)
    neighbour = near[first[loose[row, 0]] + within]
    reach = [
        (np.ones(len(loose)), np.arange(len(loose)), at[loose[:, 0], loose[:, 1]]),
        (-np.ones(len(row)), row, at[neighbour, loose[row, 1]]),
    ]
    size = n * n
    both = [_rows(plain, len(links), size), _rows(reach, len(loose), size)]
    return csr_array(vstack(both, format="csr"))


def _linear(model: Model) -> tuple[float, Floats]:
    """Solve the relaxation; give its value and the reduced costs, or inf where it has none."""
    equal = model.low == model.high
    solved = linprog(
        model.cost,
        A_ub=model.matrix[~equal],
        b_ub=model.high[~equal],
        A_eq=model.matrix[equal],
        b_eq=model.high[equal],
        bounds=(0, None),
        method="highs",
    )
    if solved.status != 0:
        return float("inf"), np.zeros(len(model.cost))
    return float(solved.fun), np.asarray(solved.lower.marginals)


def _cut_down(model: Model, kept: Ints) -> Model:
    """Keep some arcs, and the rows that still say something."""
    matrix = csr_array(model.matrix[:, kept])
    entries = np.diff(matrix.indptr)
    worst = csr_array(matrix.maximum(0)).sum(axis=1)
    said = (entries > 0) & ((worst > model.high + 1e-12) | np.isfinite(model.low))
    rows = np.flatnonzero(said)
    return Model(
        model.cost[kept],
        model.area[kept],
        model.centre[kept],
        csr_array(matrix[rows]),
        model.low[rows],
        model.high[rows],
    )


def _solve(
    request: Request, model: Model, known: tuple[Ints | None, float], seconds: float
) -> tuple[Ints | None, float, bool]:
    """Solve the model on few arcs; separate territories in parts until the plan is connected."""
    from ortools.math_opt.python import mathopt

    part, value = known

    program = mathopt.Model()
    arcs = [program.add_binary_variable() for _ in model.cost]
    program.minimize(mathopt.fast_sum(c * x for c, x in zip(model.cost, arcs, strict=True)))
    for row in range(model.matrix.shape[0]):
        span = slice(model.matrix.indptr[row], model.matrix.indptr[row + 1])
        line = mathopt.fast_sum(
            float(v) * arcs[c]
            for v, c in zip(model.matrix.data[span], model.matrix.indices[span], strict=True)
        )
        program.add_linear_constraint(
            lb=float(model.low[row]), ub=float(model.high[row]) + 1e-9, expr=line
        )
    if np.isfinite(value):
        cap = mathopt.fast_sum(c * x for c, x in zip(model.cost, arcs, strict=True))
        program.add_linear_constraint(cap <= value * (1 + 1e-9))
    ways = _hints(request, model, arcs, part)
    arc_of = {(int(i), int(j)): x for i, j, x in zip(model.area, model.centre, arcs, strict=True)}
    bound = -np.inf
    for _ in range(ROUNDS):
        answer = mathopt.solve(
            program,
            mathopt.SolverType.GSCIP,
            params=mathopt.SolveParameters(
                time_limit=timedelta(seconds=seconds),
                threads=1,
                relative_gap_tolerance=0.0,
            ),
            model_params=mathopt.ModelSolveParameters(solution_hints=ways),
        )
        reason = answer.termination.reason
        if reason == mathopt.TerminationReason.INFEASIBLE:
            return None, bound, True
        bound = max(bound, float(answer.termination.objective_bounds.dual_bound))
        if not answer.has_primal_feasible_solution():
            return None, bound, False
        chosen = answer.variable_values(arcs)
        to = np.full(request.areas, -1, dtype=np.int64)
        on = np.flatnonzero(np.asarray(chosen) > 0.5)
        to[model.area[on]] = model.centre[on]
        if not _separate(request, to, arc_of, program):
            _, part = np.unique(to, return_inverse=True)
            named = part if request.mode == BEST_NODE else to
            return named.astype(np.int64), bound, reason == mathopt.TerminationReason.OPTIMAL
        seconds -= answer.solve_stats.solve_time.total_seconds()
        if seconds <= 0:
            break
    return None, bound, False


def _hints(request: Request, model: Model, arcs: list[Any], part: Ints | None) -> list[Any]:
    """Hand the best plan to the solver, which then looks for better ones only."""
    from ortools.math_opt.python import mathopt

    if part is None:
        return []
    to = part
    if request.mode == BEST_NODE:
        to = spread_of(request, part)[1][part]
    on = to[model.area] == model.centre
    values = {x: float(used) for x, used in zip(arcs, on.tolist(), strict=True)}
    return [mathopt.SolutionHint(variable_values=values)]


def _separate(request: Request, to: Ints, arc_of: dict[tuple[int, int], Any], program: Any) -> bool:
    """Forbid the parts of a plan that do not touch the rest; False where there are none."""
    from ortools.math_opt.python import mathopt

    found = False
    for j in np.unique(to):
        mine = np.flatnonzero(to == j)
        count, label = connected_components(request.graph[mine][:, mine], directed=False)
        if count == 1:
            continue
        found = True
        main = int(j) if request.mode == BEST_NODE else int(mine[0])
        home = label[np.flatnonzero(mine == main)[0]]
        for piece in range(count):
            if piece == home:
                continue
            areas = mine[label == piece]
            ring = np.setdiff1d(request.graph[areas].indices, areas)
            ring = _thin(request, ring, main, int(areas[0]))
            gate = mathopt.fast_sum(
                arc_of[int(c), int(j)] for c in ring if (int(c), int(j)) in arc_of
            )
            for centre in [int(j)]:
                inner = [arc_of[int(a), centre] for a in areas]
                stay = (
                    inner[0]
                    if request.mode == BEST_NODE
                    else (mathopt.fast_sum(inner) - (len(inner) - 1) + arc_of[main, centre] - 1)
                )
                program.add_linear_constraint(stay - gate <= 0)
    return found


def _thin(request: Request, ring: Ints, main: int, inner: int) -> Ints:
    """Keep of a separator what the main part can reach without crossing it."""
    if request.mode != BEST_NODE:
        return ring
    open_areas = np.setdiff1d(np.arange(request.areas), ring)
    graph = request.graph[open_areas][:, open_areas]
    reached = open_areas[
        breadth_first_order(
            graph,
            int(np.searchsorted(open_areas, main)),
            directed=False,
            return_predecessors=False,
        )
    ]
    if main in ring or inner in reached:
        return ring
    outer = np.isin(ring, request.graph[reached].indices)
    return ring[outer]
