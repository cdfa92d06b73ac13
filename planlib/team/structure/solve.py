"""The best structure within the limits, with a bound; or the limit that stands in the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from planlib.settings.team_structure import CHOSEN
from planlib.team.structure.limits import (
    CHANGE,
    COST,
    COVERAGE,
    HEADS,
    INSIDE,
    PILOT,
    Limits,
    bound_name,
    heads_name,
)
from planlib.team.structure.problem import POOL_OF, POOLS, Problem
from planlib.team.structure.response import KNOTS, pieces, response

_NODES = 500  # of the search tree, times effort
_GAP = 3e-4  # of the objective, at which a search may end
_CHORDS = 32  # parts of a head up to which a pool of one kind is bounded by chords
_WHOLE = 60  # kinds x cells up to which it ends with none


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """
    The best structure that was found.

    Parameters
    ----------
    parts
        (K, C) heads in parts; None where no structure keeps the limits.
    bound
        No structure within the limits has a higher objective.
    gap_share
        A better one could be better by so much of today's margin at most.
    is_best
        Whether the search came to its end.
    """

    parts: np.ndarray | None = field(repr=False)
    bound: float = np.inf
    gap_share: float = np.nan
    is_best: bool = False


def best_structure(problem: Problem, limits: Limits, *, effort: float = 1.0) -> Found:
    """
    Choose heads by kind, region and segment.

    Maximises yearly margin less yearly cost and the yearly part of the cost of change. Heads are
    whole by kind and region, and whole parts by segment; margin answers time in straight pieces,
    so the model is a mixed-integer programme that is solved with a bound.

    Parameters
    ----------
    problem, limits
        What is chosen, and what must be kept.
    effort
        Multiple of the usual work; work is counted in nodes, not timed.

    Returns
    -------
    Found
        Within ``gap_share`` of the best there is; small teams (``_WHOLE``) without any gap.
    """
    model = _Model(problem, limits)
    found = model.solve(round(_NODES * effort))
    if found is None:
        return Found(parts=None)
    parts, bound, finished = found
    bound = max(bound, problem.objective(parts))
    scale = max(float(problem.margin(problem.today).sum()), 1e-9)
    gap = (bound - problem.objective(parts)) / scale
    return Found(parts=parts, bound=bound, gap_share=max(gap, 0.0), is_best=finished)


def relaxations(problem: Problem, limits: Limits) -> list[tuple[str, float]]:
    """
    Say which single limit, relaxed by how much at least, would leave a structure.

    Returns
    -------
    list
        Name of the limit and the least amount, in the limit's own unit; empty where no single
        limit would do.
    """
    found = []
    for name in limits.names():
        slack = _Model(problem, limits, loose=name).least_slack()
        if slack is not None:
            found.append((name, slack))
    return found


class _Model:
    """The programme for one set of limits; ``loose`` names a limit that may be broken."""

    def __init__(self, problem: Problem, limits: Limits, loose: str = "") -> None:
        from ortools.math_opt.python import mathopt as opt

        self.opt, self.problem, self.limits, self.loose = opt, problem, limits, loose
        self.model = opt.Model()
        self.slack = self.model.add_variable(lb=0.0)
        self.scale = max(float(problem.margin(problem.today).sum()), 1.0) / 1e4
        kinds, cells = problem.today.shape
        regions = len(problem.region_names)
        most = self._most_parts()
        self.x = [[self._parts(k, c, most) for c in range(cells)] for k in range(kinds)]
        self.n = [
            [self.model.add_integer_variable(lb=0.0, ub=most / problem.parts)
             for _ in range(regions)] for k in range(kinds)
        ]  # fmt: skip
        self._tie_regions()
        self.once = self._one_off()
        self._keep_limits()

    def solve(self, nodes: int) -> tuple[np.ndarray, float, bool] | None:
        """Give parts, bound and whether the search ended; None: there is none."""
        opt, problem = self.opt, self.problem
        if not self.loose:
            self.model.add_linear_constraint(self.slack <= 0.0)
        paid = self._yearly() + self.once / problem.one_off.years
        self.model.maximize(self._margin() - problem.price / self.scale * paid)
        gap = 0.0 if problem.today.size <= _WHOLE else _GAP
        found = opt.solve(self.model, opt.SolverType.GSCIP, params=opt.SolveParameters(
            threads=1, node_limit=nodes, relative_gap_tolerance=gap, random_seed=1,
            cuts=opt.Emphasis.LOW, heuristics=opt.Emphasis.LOW,  # more of them cost more than nodes
        ))  # fmt: skip
        if not found.has_primal_feasible_solution():
            return None
        parts = np.array([
            [round(found.variable_values(variable)) for variable in row] for row in self.x
        ], dtype=np.int64)  # fmt: skip
        finished = found.termination.reason == opt.TerminationReason.OPTIMAL
        return parts, float(found.dual_bound()) * self.scale, finished

    def least_slack(self) -> float | None:
        """Give the least by which the loose limit must be broken; None: that would not do."""
        opt = self.opt
        self.model.minimize(self.slack)
        found = opt.solve(self.model, opt.SolverType.GSCIP, params=opt.SolveParameters(
            threads=1, node_limit=_NODES, random_seed=1,
        ))  # fmt: skip
        return float(found.objective_value()) if found.has_primal_feasible_solution() else None

    def _parts(self, kind: int, cell: int, most: int) -> Any:
        today = int(self.problem.today[kind, cell])
        if not self.problem.can_move[kind]:
            return self.model.add_integer_variable(lb=today, ub=today)
        useless = self.problem.need[POOL_OF[kind], cell] <= 0
        return self.model.add_integer_variable(lb=0.0, ub=today if useless else most)

    def _most_parts(self) -> int:
        """Bound the parts of a kind in a cell: all heads there may be."""
        heads = self.problem.by_region(self.problem.today).sum()
        allowed = [heads, self.limits.most_heads or 0, *(count for _, count in self.limits.heads)]
        allowed += [bound.least or 0 for bound in self.limits.bounds]
        return int(round(max(allowed))) * self.problem.parts

    def _tie_regions(self) -> None:
        region_of = self.problem.region_of
        for k, row in enumerate(self.x):
            for r, heads in enumerate(self.n[k]):
                mine = [row[c] for c in np.flatnonzero(region_of == r).tolist()]
                self.model.add_linear_constraint(
                    self.opt.fast_sum(mine) == self.problem.parts * heads
                )

    def _one_off(self) -> Any:
        """Give the cost of change; see ``Problem.change_cost``."""
        problem, once, model = self.problem, self.problem.one_off, self.model
        today = problem.by_region(problem.today)
        most = self._most_parts() / problem.parts
        terms = []
        for r in range(len(problem.region_names)):
            came, went = [], []
            for k in range(len(CHOSEN)):
                here = float(today[k, r])
                hired, retrained = (model.add_variable(lb=0.0) for _ in range(2))
                left, released = (model.add_variable(lb=0.0, ub=here) for _ in range(2))
                change = self.n[k][r] - here
                model.add_linear_constraint(hired + retrained - left - released == change)
                if here > 0:  # a kind of a region grows or shrinks, not both
                    grows = model.add_binary_variable()
                    model.add_linear_constraint(hired + retrained <= (most - here) * grows)
                    model.add_linear_constraint(left + released <= here * (1 - grows))
                cells = np.flatnonzero(problem.region_of == r).tolist()
                moved = [self._moved(k, c) for c in cells]
                shifted = model.add_variable(lb=0.0)
                between = hired + retrained + left + released
                model.add_linear_constraint(
                    2 * shifted >= self.opt.fast_sum(moved) / problem.parts - between
                )
                cost = float(problem.cost[k])
                terms += [once.hire * cost * hired, once.retrain * cost * retrained,
                          once.leave * cost * left, once.reassign * cost * shifted]  # fmt: skip
                came.append(retrained)
                went.append(released)
            model.add_linear_constraint(self.opt.fast_sum(came) == self.opt.fast_sum(went))
        return self.opt.fast_sum(terms)

    def _moved(self, kind: int, cell: int) -> Any:
        """Give how far the parts are from those of today; where nobody is today, all of them."""
        today = int(self.problem.today[kind, cell])
        if today == 0:
            return self.x[kind][cell]
        size = self.model.add_variable(lb=0.0)
        self.model.add_linear_constraint(size >= self.x[kind][cell] - today)
        self.model.add_linear_constraint(size >= today - self.x[kind][cell])
        return size

    def _yearly(self) -> Any:
        return self.opt.fast_sum(
            float(self.problem.cost[k]) * heads for k, row in enumerate(self.n) for heads in row
        )

    def _margin(self) -> Any:
        """Give the margin: for each pool and cell a variable under all straight pieces."""
        problem = self.problem
        slopes, starts = pieces(problem.elasticity)
        terms = []
        for p in range(len(POOLS)):
            for c in range(problem.today.shape[1]):
                need, worth = float(problem.need[p, c]), float(problem.worth[p, c]) / self.scale
                if need <= 0 or worth <= 0:
                    continue
                hours = self._hours(p, c)
                value = self.model.add_variable(lb=0.0)
                first = self._tighten(p, c, value, worth)
                lines = zip(slopes[first:].tolist(), starts[first:].tolist(), strict=True)
                for slope, start in lines:
                    self.model.add_linear_constraint(
                        value <= worth * slope / need * hours + worth * start
                    )
                terms.append(value)
        return self.opt.fast_sum(terms)

    def _tighten(self, pool: int, cell: int, value: Any, worth: float) -> int:
        """
        Bound the value of a pool with one kind by the chords between whole parts of a head.

        Between whole parts the straight pieces promise more than any whole part brings, and the
        bound of the search would be as much too high. Gives the first straight piece that the
        chords do not stand for: those before it lie above them and say nothing more.
        """
        problem = self.problem
        kinds = [k for k in range(len(CHOSEN)) if POOL_OF[k] == pool]
        if len(kinds) > 1:
            return 0
        kind = kinds[0]
        step = float(problem.effect[kind, cell]) / problem.parts / float(problem.need[pool, cell])
        parts = np.arange(_CHORDS + 1, dtype="float64") * step
        height = worth * response(np.asarray(parts), problem.elasticity)
        rise, before = np.diff(height), np.inf
        for part, (low, gain) in enumerate(zip(height.tolist(), rise.tolist(), strict=False)):
            if gain < before - 1e-9:
                self.model.add_linear_constraint(value <= low + gain * (self.x[kind][cell] - part))
                before = gain
        return max(int(np.searchsorted(KNOTS, parts[-1], side="right")) - 1, 0)

    def _hours(self, pool: int, cell: int) -> Any:
        problem = self.problem
        return self.opt.fast_sum(
            float(problem.effect[k, cell]) / problem.parts * self.x[k][cell]
            for k in range(len(CHOSEN)) if POOL_OF[k] == pool
        )  # fmt: skip

    def _room(self, name: str) -> Any:
        """Give the slack where this is the loose limit."""
        return self.slack if name == self.loose else 0.0

    def _keep_limits(self) -> None:
        limits, add, total = self.limits, self.model.add_linear_constraint, self.opt.fast_sum
        by_kind = [total(row) for row in self.n]
        if limits.most_heads is not None:
            add(total(by_kind) <= limits.most_heads + self._room(HEADS))
        if limits.most_cost is not None:
            spare = 1e-6 * max(limits.most_cost, 1.0)
            add(self._yearly() <= limits.most_cost + spare + self._room(COST))
        if limits.most_change is not None:
            add(self.once <= limits.most_change + self._room(CHANGE))
        for kind, count in limits.heads:
            room = self._room(heads_name(kind))
            heads = by_kind[CHOSEN.index(kind)]
            add(heads <= count + room)
            add(heads >= count - room)
        if limits.inside_share is not None:
            field, inside = (by_kind[CHOSEN.index(kind)] for kind in ("field", "inside"))
            off = inside - limits.inside_share * (field + inside)
            add(off <= 0.5 + self._room(INSIDE))
            add(off >= -0.5 - self._room(INSIDE))
        if limits.most_inside is not None:
            field, inside = (by_kind[CHOSEN.index(kind)] for kind in ("field", "inside"))
            room = self._room(PILOT)
            add(inside <= limits.most_inside * (field + inside) + room)
        self._keep_coverage()
        self._keep_bounds()

    def _keep_coverage(self) -> None:
        problem = self.problem
        today = problem.hours(problem.today / problem.parts)[0]
        for c, workload in enumerate(problem.workload.tolist()):
            least = min(self.limits.coverage * workload, float(today[c]))
            if least > 0:
                room = self._room(COVERAGE) * workload if self.loose == COVERAGE else 0.0
                self.model.add_linear_constraint(self._hours(0, c) >= least * (1 - 1e-9) - room)

    def _keep_bounds(self) -> None:
        names = self.problem.region_names
        for bound in self.limits.bounds:
            k = CHOSEN.index(bound.kind)
            mine = [heads for heads, name in zip(self.n[k], names, strict=True)
                    if bound.region in ("", name)]  # fmt: skip
            heads, room = self.opt.fast_sum(mine), self._room(bound_name(bound))
            if bound.least is not None:
                self.model.add_linear_constraint(heads >= bound.least - room)
            if bound.most is not None:
                self.model.add_linear_constraint(heads <= bound.most + room)
