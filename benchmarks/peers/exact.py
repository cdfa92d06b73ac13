"""General solvers on the usual model: CP-SAT, SCIP through MathOpt, HiGHS through scipy."""

from __future__ import annotations

import datetime

import numpy as np
from scipy import sparse

from benchmarks.harness.tasks import Answer
from benchmarks.instances import Problem
from benchmarks.peers.model import Model, make_model

THREADS = 2
UNITS = 1_000_000  # integers in a limit, for CP-SAT


def _plan(model: Model, chosen: np.ndarray) -> np.ndarray:
    """Give each item the rep of its largest variable."""
    best = np.lexsort((chosen, model.item))
    plan = np.empty(model.items.shape[0], dtype=np.int64)
    plan[model.item[best]] = model.rep[best]
    return plan


def highs(problem: Problem, limit: float, *, prices: np.ndarray | None = None) -> Answer:
    """Solve by HiGHS; on pruned pairs its bound does not hold for the instance, and is left out."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    model = make_model(problem, prices)
    matrix, lower, upper = model.rows
    found = milp(
        model.cost, integrality=np.ones(len(model.cost)), bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, lower, upper),
        options={"time_limit": limit, "mip_rel_gap": 1e-6},
    )  # fmt: skip
    bound = found.mip_dual_bound if prices is None else None
    return _answer(model, found.x, float("nan") if bound is None else bound, found.message)


def highs_lp(problem: Problem, limit: float) -> Answer:
    """Solve the linear relaxation by HiGHS: an independent bound, no plan."""
    from scipy.optimize import linprog

    model = make_model(problem, None)
    sides = np.isfinite(model.upper), np.isfinite(model.lower)
    rows = sparse.vstack([model.limits[sides[0]], -model.limits[sides[1]]]).tocsr()
    most = np.concatenate([model.upper[sides[0]], -model.lower[sides[1]]])
    found = linprog(
        model.cost, A_ub=rows, b_ub=most, A_eq=model.items, b_eq=np.ones(model.items.shape[0]),
        bounds=(0, 1), method="highs", options={"time_limit": limit},
    )  # fmt: skip
    remark = "bound only" if found.status == 0 else found.message.split(".")[0]
    return Answer(
        plan=None, bound=float(found.fun) if found.status == 0 else float("nan"),
        status=found.message, more={"remark": remark},
    )  # fmt: skip


def _answer(model: Model, chosen: np.ndarray | None, bound: float, status: str) -> Answer:
    if chosen is None:
        return Answer(plan=None, bound=bound, status=status, more={"remark": "no plan in time"})
    return Answer(plan=_plan(model, np.asarray(chosen)), bound=float(bound), status=status)


def mathopt(
    problem: Problem, limit: float, *, solver: str = "GSCIP", prices: np.ndarray | None = None
) -> Answer:
    """Solve by a solver of MathOpt; the model is handed over as a whole, not built row by row."""
    from ortools.math_opt import model_pb2
    from ortools.math_opt.python import mathopt as opt

    model = make_model(problem, prices)
    matrix, lower, upper = model.rows
    proto = model_pb2.ModelProto()
    width, height = matrix.shape[1], matrix.shape[0]
    proto.variables.ids.extend(range(width))
    proto.variables.lower_bounds.extend([0.0] * width)
    proto.variables.upper_bounds.extend([1.0] * width)
    proto.variables.integers.extend([True] * width)
    proto.objective.linear_coefficients.ids.extend(range(width))
    proto.objective.linear_coefficients.values.extend(model.cost.tolist())
    proto.linear_constraints.ids.extend(range(height))
    proto.linear_constraints.lower_bounds.extend(lower.tolist())
    proto.linear_constraints.upper_bounds.extend(upper.tolist())
    matrix.sort_indices()
    entries = matrix.tocoo()
    proto.linear_constraint_matrix.row_ids.extend(entries.row.tolist())
    proto.linear_constraint_matrix.column_ids.extend(entries.col.tolist())
    proto.linear_constraint_matrix.coefficients.extend(entries.data.tolist())
    stated = opt.Model.from_model_proto(proto)
    found = opt.solve(
        stated, getattr(opt.SolverType, solver),
        params=opt.SolveParameters(
            time_limit=datetime.timedelta(seconds=limit), threads=THREADS,
            relative_gap_tolerance=1e-6,
        ),
    )  # fmt: skip
    bound = found.dual_bound() if prices is None else float("nan")
    chosen = None
    if found.has_primal_feasible_solution():
        values = found.variable_values()
        chosen = np.array([values[one] for one in stated.variables()])
    return _answer(model, chosen, bound, found.termination.reason.name.lower())


def cp_sat(problem: Problem, limit: float, *, prices: np.ndarray | None = None) -> Answer:
    """Solve by CP-SAT, with integers rounded so that its plans keep the limits."""
    from ortools.sat.python import cp_model

    model = make_model(problem, prices)
    asked = cp_model.CpModel()
    variables = np.array([asked.new_bool_var("") for _ in range(len(model.cost))])
    starts = np.searchsorted(model.item, np.arange(model.items.shape[0] + 1))
    for start, stop in zip(starts[:-1], starts[1:], strict=True):
        asked.add_exactly_one(variables[start:stop].tolist())
    units = 1 if model.whole else UNITS
    most = np.floor(np.where(np.isfinite(model.upper), model.upper, 0) * units).astype(np.int64)
    least = np.ceil(np.where(np.isfinite(model.lower), model.lower, 0) * units).astype(np.int64)
    for row in range(model.limits.shape[0]):
        here = slice(model.limits.indptr[row], model.limits.indptr[row + 1])
        taken, load = variables[model.limits.indices[here]].tolist(), model.limits.data[here]
        if np.isfinite(model.upper[row]):
            above = np.ceil(load * units - 1e-6).astype(np.int64).tolist()
            asked.add(cp_model.LinearExpr.weighted_sum(taken, above) <= int(most[row]))
        if np.isfinite(model.lower[row]):
            below = np.floor(load * units + 1e-6).astype(np.int64).tolist()
            asked.add(cp_model.LinearExpr.weighted_sum(taken, below) >= int(least[row]))
    scale = 1.0 if (model.cost == np.rint(model.cost)).all() else 1e7 / float(abs(model.cost).max())
    weights = np.rint(model.cost * scale).astype(np.int64).tolist()
    asked.minimize(cp_model.LinearExpr.weighted_sum(variables.tolist(), weights))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = limit
    solver.parameters.num_workers = THREADS
    status = solver.status_name(solver.solve(asked)).lower()
    bound = float("nan")
    if prices is None and status in ("optimal", "feasible"):
        # each rounded cost is at most half a unit too high
        whole = scale == 1.0
        bound = (solver.best_objective_bound - (0 if whole else model.items.shape[0] / 2)) / scale
    chosen = None
    if status in ("optimal", "feasible"):
        chosen = np.array([solver.boolean_value(one) for one in variables], dtype=np.float64)
    return _answer(model, chosen, bound, status)
