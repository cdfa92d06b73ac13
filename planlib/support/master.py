"""The linear programme over columns: a column is an expert and a set of requests to serve."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from planlib.support.market import Market


class Shares(NamedTuple):
    """
    What the linear programme says.

    ``worth`` in cents and ``share`` (columns,) of the best choice in parts; its dual prices:
    ``request`` (requests,), ``expert`` (experts,) and ``small``, of a minute of the minimum
    service of small accounts, in cents, none below 0; ``steps`` of the solver.
    """

    worth: float
    share: np.ndarray
    request: np.ndarray
    expert: np.ndarray
    small: float
    steps: int


class Master:
    """
    Columns to choose from: each request at most once, each expert at most one set (GLOP).

    Parameters
    ----------
    market
        What is asked for and what there is.
    requests
        Those to be served.
    least
        Minutes that requests of small accounts get at least.
    """

    def __init__(self, market: Market, requests: np.ndarray, least: int) -> None:
        from ortools.math_opt.python import mathopt as opt

        self._market, self._requests = market, requests
        self._model: Any = opt.Model()
        self._model.objective.is_maximize = True
        self._once = [self._model.add_linear_constraint(ub=1.0) for _ in requests]
        self._one = [self._model.add_linear_constraint(ub=1.0) for _ in range(market.experts)]
        self._row = np.full(market.requests, -1)
        self._row[requests] = np.arange(len(requests))
        self._scale = max(float(market.gain[requests].max(initial=1)), 1.0)
        self._unit = max(float(least), 1.0)
        self._floor = self._model.add_linear_constraint(lb=least / self._unit)
        missing = self._model.add_variable(lb=0.0)  # of the minimum, dearer than anything
        self._floor.set_coefficient(missing, 1.0)
        self._model.objective.set_linear_coefficient(missing, -10.0 * (len(requests) + 1))
        self._solver: Any = opt.IncrementalSolver(self._model, opt.SolverType.GLOP)
        self._basis: Any = None
        self.is_held = False
        self._variables: list[Any] = []
        self._new: list[Any] = []
        self._known: set[tuple[int, bytes]] = set()
        self.columns: list[tuple[int, np.ndarray]] = []

    def add(self, expert: int, chosen: np.ndarray) -> bool:
        """Add a set of requests, ascending, for an expert; tell whether it is new."""
        key = (expert, chosen.tobytes())
        if key in self._known or not len(chosen):
            return False
        self._known.add(key)
        variable = self._model.add_variable(lb=0.0)
        gain = float(self._market.gain[chosen].sum()) / self._scale
        self._model.objective.set_linear_coefficient(variable, gain)
        for row in self._row[chosen].tolist():
            self._once[row].set_coefficient(variable, 1.0)
        self._one[expert].set_coefficient(variable, 1.0)
        minutes = self._market.minutes[chosen[self._market.small[chosen]], expert].sum()
        if minutes:
            self._floor.set_coefficient(variable, float(minutes) / self._unit)
        self._variables.append(variable)
        self._new.append(variable)
        self.columns.append((expert, chosen))
        return True

    def hold(self, column: int) -> None:
        """Choose a column for good."""
        self._variables[column].lower_bound = 1.0
        self.is_held = True

    def solve(self, steps: int) -> Shares | None:
        """
        Solve the linear programme in so many steps at most; None where they are too few.

        It begins at the last solution until a column is held; from then on it is made smaller
        first, which is faster.
        """
        from ortools.math_opt.python import mathopt as opt

        more = opt.ModelSolveParameters()
        ask = opt.SolveParameters(threads=1, iteration_limit=steps)
        if not self.is_held:
            ask.presolve = opt.Emphasis.OFF
            if self._basis is not None:
                for one in self._new:
                    self._basis.variable_status[one] = opt.BasisStatus.AT_LOWER_BOUND
                more.initial_basis = self._basis
        found = self._solver.solve(params=ask, model_params=more)
        if found.termination.reason != opt.TerminationReason.OPTIMAL:
            return None
        self._basis, self._new = found.solutions[0].basis, []
        dual = found.dual_values()
        request = np.zeros(self._market.requests)
        request[self._requests] = [dual[row] for row in self._once]
        expert = np.array([dual[row] for row in self._one])
        return Shares(
            worth=float(found.objective_value()) * self._scale,
            share=np.array(found.variable_values(self._variables)),
            request=np.maximum(request, 0.0) * self._scale,
            expert=np.maximum(expert, 0.0) * self._scale,
            small=max(-float(dual[self._floor]), 0.0) * self._scale / self._unit,
            steps=int(found.solve_stats.simplex_iterations),
        )
