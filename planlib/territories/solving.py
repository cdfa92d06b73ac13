"""Solve a statement: each block by the engine, at the tolerance asked or the tightest reachable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from planlib.settings.territories import TerritoriesSettings
from planlib.territories.block import Block
from planlib.territories.engine import Assignment, Progress, assign
from planlib.territories.statement import Statement
from planlib.territories.tightest import deviations, is_within, least_tolerance, lower_end

Effort = Literal["quick", "normal", "thorough"]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """
    A plan for one block and what is known about it.

    Parameters
    ----------
    block
        What was solved.
    rep
        (n,) column of the rep of each account.
    assignment
        What the engine gave; its bound and prices hold at the limits used.
    tolerance
        (K,) tolerance used, NaN in rows of limits.
    lower, upper
        (K, m) limits used.
    status
        optimal, feasible, infeasible or unresolved, for the tolerance asked.
    cost
        Cost of the plan, changes against the previous plan included.
    needed
        Smallest tolerance found that would do, where the one asked does not; else NaN.
    is_tightest
        Whether the tolerance used is the tightest that was found.
    impossible_below
        No plan within the other limits has a smaller tolerance (proven); NaN where not looked at.
    """

    block: Block
    rep: np.ndarray
    assignment: Assignment
    tolerance: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    status: str
    cost: float
    needed: float
    is_tightest: bool
    impossible_below: float = float("nan")

    @property
    def bound(self) -> float:
        """No plan within the limits used is cheaper."""
        return min(self.assignment.bound, self.cost)

    @property
    def is_within(self) -> bool:
        """Whether the plan keeps to the limits used, which may be wider than those asked for."""
        return self.status in ("optimal", "feasible") or _keeps(self, self.rep)

    @property
    def gap(self) -> float:
        """(cost - bound) / bound; NaN where the bound is not above 0, or a limit is not kept."""
        gap = max(self.cost - self.bound, 0.0)
        return gap / self.bound if self.bound > 0 and self.is_within else float("nan")

    @property
    def loads(self) -> np.ndarray:
        """What each rep has, (K, m)."""
        return self.loads_of(self.rep)

    @property
    def deviation(self) -> np.ndarray:
        """Load over target - 1, (K, m); NaN where there is no target."""
        return deviations(self.block, self.rep)

    @property
    def prices(self) -> np.ndarray:
        """Cost of one more unit of load on a rep, (K, m)."""
        return self.assignment.prices

    @property
    def budget_prices(self) -> np.ndarray:
        """Cost saved by one more unit of each of the block's budgets, (G,)."""
        prices = np.zeros(len(self.block.budgets))
        prices[np.isfinite(self.block.budget)] = self.assignment.budget_prices
        return prices

    @property
    def tolerance_price(self) -> float:
        """Cost saved by one more percentage point of tolerance in every measure, at the margin."""
        target = np.where(self.block.is_balanced[:, None], self.block.target, 0.0)
        return float(0.01 * (np.abs(self.prices) * target).sum())

    @property
    def used(self) -> np.ndarray:
        """What the plan takes from each of the block's budgets, (G,)."""
        return np.asarray(self.block.stake @ (self.rep != self.block.owner).astype(float))

    def loads_of(self, rep: np.ndarray) -> np.ndarray:
        """Give what each rep would have with another plan, (K, m)."""
        size = self.block.shape[1]
        return np.stack([np.bincount(rep, one, size) for one in self.block.load])

    def reduced(self, first: int, last: int) -> np.ndarray:
        """Give the cost at the plan's prices of a range of accounts with each rep, (rows, m)."""
        block = self.block
        rows = np.arange(first, last)
        found = block.costs.rows(first, last) + block.load[:, first:last].T @ self.prices
        leaves = block.owner[rows, None] != np.arange(block.shape[1])
        found = found + (self.budget_prices @ block.stake[:, first:last])[:, None] * leaves
        if block.change_cost:
            held = block.held[rows, None]
            found = found + block.change_cost * ((held >= 0) & (held != np.arange(block.shape[1])))
        return np.asarray(found)


def solve_statement(
    statement: Statement,
    settings: TerritoriesSettings | None = None,
    *,
    seed: int = 0,
    effort: Effort | None = None,
    explain: bool = True,
    time_limit: float | None = None,
    workers: int | None = None,
    on_progress: Callable[[str, Progress], bool | None] | None = None,
) -> tuple[Answer, ...]:
    """
    Solve every block of a statement.

    Parameters
    ----------
    statement
        From ``state``.
    settings
        Other tolerances, weights, budgets or effort; None: those of the statement.
    seed
        Of the search.
    effort
        None: as in the settings.
    explain
        Whether a tolerance that cannot be met is answered by the smallest that would do, which
        takes several solves; else by the engine's smallest relaxation.
    time_limit
        Seconds for each solve; None: the work decides.
    workers
        Threads of the engine; the plan does not depend on it.
    on_progress
        Called with the name of the block and the engine's progress; True ends the search of
        this block and of those after it as soon as each has a plan, which is then the answer.

    Returns
    -------
    tuple of Answer
        One per block, in the order of the statement.

    Raises
    ------
    ParameterError
        If settings differ in what only ``state`` can change.
    """
    changed = statement if settings is None else statement.changed(settings)
    options: dict[str, Any] = {"seed": seed, "workers": workers, "time_limit": time_limit}
    chosen = effort or changed.settings.effort
    answers = []
    for block in changed.blocks:
        told = None if on_progress is None else _named(on_progress, block.name)
        answers.append(
            solve_block(block, effort=chosen, explain=explain, on_progress=told, **options)
        )
    return tuple(answers)


def _named(
    on_progress: Callable[[str, Progress], bool | None], name: str
) -> Callable[[Progress], bool | None]:
    def tell(progress: Progress) -> bool | None:
        return on_progress(name, progress)

    return tell


def solve_block(
    block: Block, *, effort: Effort = "normal", explain: bool = True, **options: Any
) -> Answer:
    """
    Solve one block at the tolerance asked, else the tightest; never raises for a request too tight.

    Parameters
    ----------
    block
        One part of the market.
    effort, explain
        As for ``solve_statement``; the search for a tolerance is quick.
    options
        As for ``assign``.
    """
    search = {name: value for name, value in options.items() if name != "on_progress"}
    balanced = block.is_balanced
    free = balanced & np.isnan(block.tolerance)
    if free.any():
        low = lower_end(block, free, spare=True)
        found = least_tolerance(block, free, spare=True, low=low, **search)
        answer = _answer(block, found.tolerance, found.assignment, effort, options, tightest=True)
        return replace(answer, impossible_below=low / 100 if low > 1 else np.nan)
    low = lower_end(block, balanced, spare=False) if explain and balanced.any() else 0
    hopeless = low / 100 > float(np.nanmax(block.tolerance, initial=0.0))
    if not hopeless:
        first = _solved(block, block.tolerance, effort, options)
        asked = _made(block, block.tolerance, first, first.status, np.nan)
        if first.status in ("optimal", "feasible") or not (explain and balanced.any()):
            return asked
    found = least_tolerance(block, balanced, spare=False, low=low, **search)
    if found.assignment.status not in ("optimal", "feasible") and not found.is_reached:
        first = _solved(block, block.tolerance, effort, options)  # other limits are in the way
        return _made(block, block.tolerance, first, first.status, np.nan)
    answer = _answer(block, found.tolerance, found.assignment, effort, options, tightest=False)
    needed = float(np.nanmax(found.tolerance[balanced]))
    return replace(
        answer, status="infeasible" if hopeless else first.status, needed=needed,
        impossible_below=low / 100 if hopeless else np.nan,
    )  # fmt: skip


def _answer(
    block: Block,
    tolerance: np.ndarray,
    quick: Assignment,
    effort: Effort,
    options: dict[str, Any],
    *,
    tightest: bool,
) -> Answer:
    """Solve with full effort at the tolerance found; the quick plan stands where that fails."""
    best = quick
    done = ("optimal", "feasible")
    if effort != "quick" and quick.status != "optimal":
        full = _solved(block, tolerance, effort, options, spare_pinned=tightest)
        better = full.status in done or not is_within(block, quick.rep, tolerance, spare=tightest)
        best = full if better else quick
    within = best.status in done or is_within(block, best.rep, tolerance, spare=tightest)
    status = best.status if best.status in done or not within else "feasible"
    return _made(block, tolerance, best, status, np.nan, tightest=tightest)


def _solved(
    block: Block,
    tolerance: np.ndarray,
    effort: Effort,
    options: dict[str, Any],
    *,
    spare_pinned: bool = False,
) -> Assignment:
    arguments = block.assign_arguments(tolerance, spare_pinned=spare_pinned)
    return assign(**arguments, effort=effort, **options)


def _made(
    block: Block,
    tolerance: np.ndarray,
    assignment: Assignment,
    status: str,
    needed: float,
    *,
    tightest: bool = False,
) -> Answer:
    lower, upper = block.limits(tolerance, spare_pinned=tightest)
    return Answer(
        block=block, rep=assignment.rep, assignment=assignment, tolerance=tolerance, lower=lower,
        upper=upper, status=status, cost=assignment.cost, needed=needed, is_tightest=tightest,
    )  # fmt: skip


def with_rep(answer: Answer, rep: np.ndarray) -> Answer:
    """
    Give the same answer with another plan, checked anew; bound and prices stay.

    Parameters
    ----------
    answer
        A solved block.
    rep
        (n,) column of the rep of each account; families and locks are taken as given.

    Returns
    -------
    Answer
        With cost and status of the plan given.
    """
    block = answer.block
    changes = float(((block.held >= 0) & (block.held != rep)).sum()) * block.change_cost
    cost = float(block.costs.cost_at(rep).sum()) + changes
    status = "feasible" if _keeps(answer, rep) else "unresolved"
    return replace(answer, rep=rep, cost=cost, status=status)


def _keeps(answer: Answer, rep: np.ndarray) -> bool:
    """Tell whether a plan keeps to the limits that an answer used, and to the budgets."""
    block, loads = answer.block, answer.loads_of(rep)
    within = bool(((loads >= answer.lower) & (loads <= answer.upper)).all())
    used = block.stake @ (rep != block.owner).astype(float)
    return within and bool((used <= block.budget).all())
