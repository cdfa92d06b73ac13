"""Limits on a structure, each with a name that a person can relax."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planlib.settings.team_structure import (
    CHOSEN,
    HeadLimit,
    ScenarioSettings,
    TeamStructureSettings,
)
from planlib.team.structure.problem import Problem

#: Names of limits as they are printed.
HEADS, COST, CHANGE, COVERAGE, INSIDE, PILOT = (
    "head count", "yearly cost", "cost of change", "minimum coverage", "share of inside",
    "untried inside selling",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Limits:
    """
    What a structure must keep.

    Parameters
    ----------
    most_heads
        Heads of all chosen kinds.
    most_cost
        Yearly cost, in the unit of cost.
    most_change
        One-off cost of change; None: no limit.
    coverage
        Least selling hours over workload; never more than a cell has today.
    heads
        Heads of a kind over all regions that are given.
    inside_share
        Inside heads over inside and field heads; None: free.
    most_inside
        Most inside heads over inside and field heads while nobody sells from inside; None: free.
    bounds
        Fewest and most heads by kind and region.
    """

    most_heads: int | None
    most_cost: float | None
    most_change: float | None
    coverage: float
    heads: tuple[tuple[str, int], ...] = ()
    inside_share: float | None = None
    most_inside: float | None = None
    bounds: tuple[HeadLimit, ...] = ()

    def names(self) -> list[str]:
        """Names of the limits that are set."""
        found = [
            name
            for name, value in ((HEADS, self.most_heads), (COST, self.most_cost),
                                (CHANGE, self.most_change), (INSIDE, self.inside_share),
                                (PILOT, self.most_inside))
            if value is not None
        ]  # fmt: skip
        found += [COVERAGE] if self.coverage > 0 else []
        found += [heads_name(kind) for kind, _ in self.heads]
        return found + [bound_name(bound) for bound in self.bounds]


def heads_name(kind: str) -> str:
    """Name the limit that gives the heads of a kind."""
    return f"heads of {kind}"


def bound_name(bound: HeadLimit) -> str:
    """Name a limit by kind and region."""
    return f"limit of {bound.kind} in {bound.region or 'all regions'}"


def limits_of(
    problem: Problem, settings: TeamStructureSettings, scenario: ScenarioSettings | None = None
) -> Limits:
    """
    Give the limits of plan.yaml, and those of a scenario in their place where it has its own.

    Parameters
    ----------
    problem
        Gives heads and cost of today, which the changes are counted from.
    settings, scenario
        Section ``team_structure``; one of its scenarios, or None for the optimum.
    """
    today = problem.by_region(problem.today)
    heads, cost = round(float(today.sum())), problem.yearly_cost(problem.today)
    change, share = settings.head_change, settings.cost_change_share
    given: tuple[tuple[str, int], ...] = ()
    inside = None
    untried = not problem.today[CHOSEN.index("inside")].any()
    pilot = settings.pilot_share if untried else None
    if scenario is not None:
        change = scenario.head_change if scenario.head_change is not None else change
        own = scenario.cost_change_share
        share = own if own is not None else share
        given = tuple((kind, scenario.heads[kind]) for kind in CHOSEN if kind in scenario.heads)
        inside = scenario.inside_share
        if inside is not None or "inside" in scenario.heads:
            pilot = None
    return Limits(
        most_heads=heads + change, most_cost=cost * (1 + share),
        most_change=settings.change_budget_amount, coverage=settings.minimum_coverage,
        heads=given, inside_share=inside, most_inside=pilot, bounds=settings.limits,
    )  # fmt: skip


def check_bounds(problem: Problem, limits: Limits) -> list[tuple[str, str]]:
    """
    Name limits that no region answers to, and those that today's structure breaks.

    Returns
    -------
    list
        Topic and text of each.
    """
    today = problem.by_region(problem.today)
    found = []
    for bound in limits.bounds:
        if bound.region and bound.region not in problem.region_names:
            found.append((
                "limit without region",
                f"team_structure.limits names region '{bound.region}', which no account is in: "
                f"not used; known: {', '.join(problem.region_names)}",
            ))  # fmt: skip
            continue
        if bound.kind not in CHOSEN:
            found.append(("limit of a kind that is not planned", f"{bound_name(bound)}: not used"))
            continue
        heads = int(round(float(today[_rows(problem, bound)].sum())))
        if bound.least is not None and heads < bound.least:
            found.append((
                "heads below minimum",
                f"{bound_name(bound)}: {heads} today, at least {bound.least} are asked for",
            ))  # fmt: skip
        if bound.most is not None and heads > bound.most:
            found.append((
                "heads above maximum",
                f"{bound_name(bound)}: {heads} today, at most {bound.most} are asked for",
            ))  # fmt: skip
    return found


def usable(problem: Problem, limits: Limits) -> Limits:
    """Leave out limits that no region or no planned kind answers to."""
    known = tuple(
        bound
        for bound in limits.bounds
        if bound.kind in CHOSEN and (not bound.region or bound.region in problem.region_names)
    )
    return replace(limits, bounds=known)


def _rows(problem: Problem, bound: HeadLimit) -> tuple[int, np.ndarray]:
    names = np.array(problem.region_names)
    return CHOSEN.index(bound.kind), (names == bound.region) | (bound.region == "")
