"""Proof for cut edges: labels of areas in CP-SAT, connection by clauses added as needed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import connected_components

from planlib.territories.geography.request import Request

Ints = npt.NDArray[np.int64]
ROUNDS = 400  # of clauses that are added to a model
PARTS = 1 << 30  # loads that are no whole numbers are counted in so many parts of their total


def prove_cut(
    request: Request, part: Ints | None, value: float, seconds: float
) -> tuple[Ints | None, float, bool]:
    """
    Prove a plan best for the number of cut edges.

    Parameters
    ----------
    request
        With any limits.
    part, value
        The best plan known and its objective; None and inf where there is none.
    seconds
        For the solver.

    Returns
    -------
    tuple
        A plan (None where none is known), a bound, and whether the plan is optimal.
    """
    from ortools.sat.python import cp_model

    model, label, edges = _model(request, value)
    best, bound = part, 0.0
    for _ in range(ROUNDS):
        model.clear_hints()
        if best is not None:
            _hint(request, model, label, edges, best)
        solver = cp_model.CpSolver()
        solver.parameters.catch_sigint_signal = False  # it would not give it back
        solver.parameters.max_time_in_seconds = max(seconds, 0.01)
        solver.parameters.num_workers = 8
        answer = solver.solve(model)
        seconds -= solver.wall_time
        if answer == cp_model.INFEASIBLE:
            return best, value, True
        bound = max(bound, float(np.ceil(solver.best_objective_bound - 1e-6)))
        if answer not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return best, bound, False
        chosen = np.array([[solver.value(x) for x in row] for row in label]).argmax(axis=1)
        if not _add_clauses(request, model, label, chosen):
            if solver.objective_value < value or best is None:
                best, value = chosen.astype(np.int64), float(solver.objective_value)
            if answer == cp_model.OPTIMAL:
                return best, value, True
        if seconds <= 0:
            break
    return best, bound, False


def _model(request: Request, value: float) -> tuple[Any, list[list[Any]], list[Any]]:
    """Build labels, cut edges, loads, and clauses for single areas and neighbours."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    n, k = request.areas, request.count
    label = [[model.new_bool_var(f"x{i}_{j}") for j in range(k)] for i in range(n)]
    edges = []
    rows = np.repeat(np.arange(n), np.diff(request.graph.indptr))
    for one, two in zip(rows.tolist(), request.graph.indices.tolist(), strict=True):
        if one < two:
            cut = model.new_bool_var(f"e{one}_{two}")
            edges.append((one, two, cut))
            for j in range(k):
                model.add_bool_or(label[one][j].Not(), label[two][j], cut)
                model.add_bool_or(label[two][j].Not(), label[one][j], cut)
    for i in range(n):
        model.add_exactly_one(label[i])
        if request.locked[i] >= 0:
            model.add(label[i][request.locked[i]] == 1)
    _loads(request, model, label)
    model.minimize(sum(cut for _, _, cut in edges))
    if np.isfinite(value):
        model.add(sum(cut for _, _, cut in edges) <= int(value))
    alike = (request.lower == request.lower[:, :1]).all()
    if alike and (request.upper == request.upper[:, :1]).all() and (request.locked < 0).all():
        _break_symmetry(request, model, label)
    light = request.lower.min(axis=1)
    for i in range(n):
        near = request.graph[[i]].indices
        groups: list[set[int]] = [{i}, *({i, int(c)} for c in near if c > i)]
        for group in groups:
            if (request.load[:, sorted(group)].sum(axis=1) < light).any():
                for j in range(k):
                    _reach_out(request, model, label, (group, j, None))
    return model, label, edges


def _break_symmetry(request: Request, model: Any, label: list[list[Any]]) -> None:
    """Name territories by their first area among the heaviest ones."""
    order = np.argsort(-request.load[0], kind="stable")
    for at, i in enumerate(order[: 3 * request.count]):
        for j in range(1, request.count):
            earlier = [label[order[before]][j - 1] for before in range(at)]
            model.add_bool_or(label[i][j].Not(), *earlier)


def _loads(request: Request, model: Any, label: list[list[Any]]) -> None:
    """Keep loads within limits in whole numbers, rounded so that no plan is lost."""
    for measure, load in enumerate(request.load):
        whole = bool((load == np.round(load)).all()) and load.sum() < 2**52
        unit = 1.0 if whole else load.sum() / PARTS
        low, high = np.floor(load / unit), np.ceil(load / unit)
        for j in range(request.count):
            upper, lower = request.upper[measure, j] / unit, request.lower[measure, j] / unit
            areas = range(request.areas)
            if np.isfinite(upper):
                model.add(sum(int(low[i]) * label[i][j] for i in areas) <= int(np.floor(upper)))
            if np.isfinite(lower):
                model.add(sum(int(high[i]) * label[i][j] for i in areas) >= int(np.ceil(lower)))


def _reach_out(
    request: Request, model: Any, label: list[list[Any]], claim: tuple[set[int], int, int | None]
) -> None:
    """Demand a neighbour where a group of areas cannot be all (or, with another area, is not)."""
    group, j, other = claim
    members = np.array(sorted(group))
    ring = np.setdiff1d(request.graph[members].indices, members)
    clause = [label[i][j].Not() for i in members] + [label[c][j] for c in ring]
    if other is not None:
        clause.append(label[other][j].Not())
    model.add_bool_or(clause)


def _add_clauses(request: Request, model: Any, label: list[list[Any]], chosen: Ints) -> bool:
    """Forbid the parts of a plan that do not touch the rest; False where there are none."""
    found = False
    light = request.lower.min(axis=1)
    alike = bool((request.lower == request.lower[:, :1]).all())
    for j in range(request.count):
        mine = np.flatnonzero(chosen == j)
        count, piece = connected_components(request.graph[mine][:, mine], directed=False)
        if count <= 1:
            continue
        found = True
        for p in range(count):
            group = {int(i) for i in mine[piece == p]}
            short = (request.load[:, sorted(group)].sum(axis=1) < light).any()
            other = None if short else int(mine[piece != p][0])
            for name in range(request.count) if alike else [j]:
                _reach_out(request, model, label, (group, name, other))
    return found


def _hint(
    request: Request, model: Any, label: list[list[Any]], edges: list[Any], part: Ints
) -> None:
    """Hand the best plan to the solver, named as the symmetry rule names it."""
    named = _named(request, part)
    for i, row in enumerate(label):
        for j, x in enumerate(row):
            model.add_hint(x, int(named[i] == j))
    for i, c, cut in edges:
        model.add_hint(cut, int(named[i] != named[c]))


def _named(request: Request, part: Ints) -> Ints:
    """Name territories in the order in which the heaviest areas meet them."""
    alike = (request.lower == request.lower[:, :1]).all()
    same = alike and (request.upper == request.upper[:, :1]).all()
    if not same or (request.locked >= 0).any():
        return part
    order = np.argsort(-request.load[0], kind="stable")
    _, first = np.unique(part[order], return_index=True)
    names = np.argsort(np.argsort(first))
    return names[part].astype(np.int64)
