"""The engine's one public call: accounts to reps, within limits, at the least cost."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np

from planlib.errors import ParameterError
from planlib.territories.engine.dual import Prices
from planlib.territories.engine.explain import violations
from planlib.territories.engine.request import Request, make_request
from planlib.territories.engine.result import Assignment, CostProvider, Progress

Effort = Literal["quick", "normal", "thorough"]


def assign(
    cost: np.ndarray | CostProvider,
    load: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    *,
    allowed: Any = None,
    fixed: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    previous: np.ndarray | None = None,
    change_cost: float | np.ndarray = 0.0,
    owner: np.ndarray | None = None,
    stake: np.ndarray | None = None,
    budget: np.ndarray | None = None,
    warm: Assignment | None = None,
    seed: int = 0,
    effort: Effort = "normal",
    time_limit: float | None = None,
    workers: int | None = None,
    on_progress: Callable[[Progress], bool | None] | None = None,
) -> Assignment:
    """
    Assign n accounts to m reps within limits of K measures, at the least cost, with a bound.

    A generalised assignment problem with lower and upper limits. The bound is the value of its
    Lagrangian dual, which equals that of the linear relaxation (Geoffrion 1974): every account
    has one rep, so the inner problem has the integrality property. Where there is one measure in
    whole units (or halves, quarters, eighths) with upper limits only, as many a published problem
    has it, the bound is that of one knapsack for each rep (Ross and Soland 1975), and a search by
    targets proves optima beyond it (Posta, Ferland and Michelon 2012).

    Parameters
    ----------
    cost
        (n, m) cost of each account with each rep, infinite where the rep may not have it; or a
        provider with ``shape`` and ``rows(first, last)``, then no n x m matrix is stored.
    load
        (K, n) size of the accounts in each measure, at least 0; (K, n, m) where it depends on
        the rep.
    lower, upper
        (K, m) least and most that each rep may have; infinite where open.
    allowed
        (n, m) bool, or scipy sparse, whether a rep may have an account; or a list with the reps
        of each account, as numbers; None: every rep may.
    fixed
        (n,) the rep that must have an account, or -1.
    groups
        (n,) accounts with the same number of at least 0 go to the same rep; -1: on their own.
    previous, change_cost
        (n,) rep of a former plan, or -1, and what a change against it costs, one number or (n,).
    owner, stake, budget
        (n,) owner today or -1; (G, n) what an account takes from each budget when its rep is not
        the owner; (G,) the most that may be taken.
    warm
        An answer to a request much like this one; the search for prices starts from its prices,
        which saves most of the time where few things have changed. The plan to stay near is
        ``previous``.
    seed
        Of the search.
    effort
        How much work the search does; the work does not depend on the machine.
    time_limit
        Seconds after which the search ends, where that comes first; the plan then depends on
        the speed of the machine.
    workers
        Threads; None: one for each core. The plan does not depend on it.
    on_progress
        Called now and then with the best bound and plan so far.

    Returns
    -------
    Assignment
        Never raises for a request that cannot be met: see ``status`` and ``violations``.

    Raises
    ------
    ParameterError
        If shapes do not fit or values cannot be; every problem is named.
    """
    problems = _wrong_run(effort, seed, time_limit, workers)
    if problems:
        raise ParameterError("assign", problems)
    request = make_request(cost, load, lower, upper, {
        "allowed": allowed, "fixed": fixed, "groups": groups, "previous": previous,
        "change_cost": change_cost, "owner": owner, "stake": stake, "budget": budget,
    })  # fmt: skip
    start = _warm_prices(request, warm)
    if not request.items:
        return nothing(request)
    from planlib.territories.engine.steps import Run

    return Run(
        request, seed=int(seed) % 2**31, effort=effort, time_limit=time_limit, workers=workers,
        on_progress=on_progress, warm=start,
    ).result()  # fmt: skip


def _wrong_run(effort: Any, seed: Any, time_limit: Any, workers: Any) -> list[str]:
    """Name what is wrong with the ways to search."""
    problems = []
    if effort not in ("quick", "normal", "thorough"):
        problems.append(f"effort: must be quick, normal or thorough; found {effort!r}")
    if not (isinstance(seed, Integral) and int(seed) >= 0):
        problems.append(f"seed: must be a whole number of at least 0, found {seed!r}")
    if time_limit is not None and not (
        isinstance(time_limit, Real) and not np.isnan(float(time_limit))
    ):
        problems.append(f"time_limit: must be seconds, or None; found {time_limit!r}")
    if workers is not None and not (isinstance(workers, Integral) and int(workers) >= 1):
        problems.append(f"workers: must be at least 1, or None; found {workers!r}")
    return problems


def _warm_prices(request: Request, warm: Any) -> Prices | None:
    """Give the prices of an earlier answer; budgets that it had not have no price."""
    if warm is None:
        return None
    if not isinstance(warm, Assignment):
        problem = f"warm: must be an answer of assign, found {type(warm).__name__}"
        raise ParameterError("assign", [problem])
    if warm.prices.shape != request.lower.shape:
        problem = f"warm: its prices must be {request.lower.shape}, found {warm.prices.shape}"
        raise ParameterError("assign", [problem])
    budgets = len(request.budget)
    known = warm.budget_prices if len(warm.budget_prices) == budgets else np.zeros(budgets)
    return Prices(load=np.ascontiguousarray(warm.prices), budget=np.array(known))


def nothing(request: Request) -> Assignment:
    """Give the plan for no accounts: nobody has anything."""
    shape, budgets = request.lower.shape, len(request.budget)
    impossible = bool((request.given_lower > 0).any() or (request.given_upper < 0).any())
    rep = np.zeros(0, dtype=np.int64)
    return Assignment(
        rep=rep, cost=0.0, bound=0.0, loads=np.zeros(shape), used=np.zeros(budgets),
        status="infeasible" if impossible else "optimal", prices=np.zeros(shape),
        budget_prices=np.zeros(budgets), violations=violations(request, rep),
    )  # fmt: skip
