"""Tables in, tables out: geographic design for planners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from planlib.territories.geography.core import partition
from planlib.territories.geography.inputs import Input, read_input
from planlib.territories.geography.result import Partition


@dataclass(frozen=True)
class Design:
    """
    A plan of territories with its measures.

    Attributes
    ----------
    plan
        ``area_id``, ``territory``; rows as in the areas that were given.
    territories
        ``territory``, ``areas_count``, ``parts`` (1: connected), ``spread`` (its part of the
        objective), ``centre_id`` (area at the centre, blank for inertia), and for each measure
        ``<measure>``, ``<measure>_target``, ``<measure>_deviation_share``.
    objective
        In km or map units times weight (squared for inertia), or edges.
    bound, gap
        No plan within the limits is below ``bound``; nan where none is known.
    status
        optimal (proven), feasible, infeasible (proven) or unresolved.
    violations
        ``measure``, ``territory``, ``amount``, ``limit``, ``cause``; blank where not about one.
    findings
        What was noticed about the input and what was done about it.
    changed_count
        Areas that left the territory of the plan they started in.
    """

    plan: pd.DataFrame
    territories: pd.DataFrame
    objective: float
    bound: float
    gap: float
    status: str
    violations: pd.DataFrame
    findings: tuple[str, ...] = field(default=())
    changed_count: int = 0


def design(
    areas: pd.DataFrame,
    adjacency: pd.DataFrame | None,
    k: int,
    measures: Sequence[str],
    tolerance: float | Mapping[str, float],
    *,
    centres: Sequence[str] | pd.DataFrame | None = None,
    objective: str = "inertia",
    weight: str | None = None,
    locked: Mapping[str, str] | pd.DataFrame | None = None,
    targets: Mapping[str, float] | pd.DataFrame | None = None,
    start: Mapping[str, str] | pd.DataFrame | None = None,
    change_cost: float = 0.0,
    **search: Any,
) -> Design:
    """
    Divide areas into contiguous, compact territories of balanced measures.

    Parameters
    ----------
    areas
        One row per ``area_id`` with ``latitude`` and ``longitude`` (degrees) or ``x`` and ``y``
        (any plane), and the columns of the measures (>= 0).
    adjacency
        Two columns of area ids that touch, each pair once or in both directions. None: areas
        are taken to touch where their cells do (Delaunay triangles without the longest sides).
    k
        Number of territories.
    measures
        Columns to balance.
    tolerance
        Largest relative deviation from the target in every territory, one or by measure.
    centres
        Area ids, or ``territory`` with places in the columns of ``areas``; free where None.
    objective
        inertia (weighted squared distance to the centroid), distance (weighted distance to the
        best area of the territory) or cut_edges (pairs of touching areas in two territories).
    weight
        Column that weighs the distances; the first measure for inertia, 1 for distance.
    locked, start
        Territory of some areas: locked ones keep theirs; an existing plan is a start, kept as
        far as ``change_cost`` (units of the objective for each area that leaves) says. A
        mapping, or ``area_id`` and ``territory``.
    targets
        Share of each territory by name, or ``territory`` with a column for each measure; equal
        where None.
    **search
        ``seed``, ``effort``, ``time_limit``, ``workers``, ``on_progress``, ``prove``: see
        ``partition``.

    Returns
    -------
    Design

    Raises
    ------
    ParameterError
        With every problem of the input at once; a request that cannot be met does not raise.
    """
    options: dict[str, Any] = {
        "tolerance": tolerance,
        "centres": centres,
        "objective": objective,
        "weight": weight,
    }
    options |= {"locked": locked, "start": start, "targets": targets, "change_cost": change_cost}
    given = read_input(areas, adjacency, k, measures, options)
    search |= {"objective": objective, "change_cost": change_cost}
    return _tables(areas, given, _solve(given, search))


def _solve(given: Input, options: dict[str, Any]) -> Partition:
    """Hand the arrays to the search."""
    return partition(
        given.points,
        given.pairs,
        given.load,
        given.lower,
        given.upper,
        weight=given.weight,
        centres=given.centres,
        locked=given.locked,
        start=given.start,
        names=given.ids,
        labels=given.labels,
        **options,
    )


def _tables(areas: pd.DataFrame, given: Input, found: Partition) -> Design:
    """Name areas and territories again."""
    index = found.territory
    if not given.are_named:  # free territories: named by the first of their areas
        _, first = np.unique(index, return_index=True)
        rank = np.argsort(np.argsort(first))
    else:
        rank = np.arange(len(given.labels))
    names = np.array(given.labels, dtype=object)[rank]
    by_id = dict(zip(given.ids, names[index], strict=True))
    ids = areas["area_id"].astype(str)
    plan = pd.DataFrame({"area_id": ids.to_numpy(), "territory": ids.map(by_id).to_numpy()})
    columns: dict[str, Any] = {
        "territory": names,
        "areas_count": np.bincount(index, minlength=len(names)),
        "parts": found.parts,
        "spread": found.spread,
        "centre_id": [given.ids[at] if at >= 0 else None for at in found.centre],
    }
    for number, measure in enumerate(given.measures):
        columns[measure] = found.loads[number]
        columns[f"{measure}_target"] = given.targets[number]
        columns[f"{measure}_deviation_share"] = found.loads[number] / given.targets[number] - 1
    violations = [
        {
            "measure": given.measures[v.measure] if v.measure >= 0 else None,
            "territory": names[v.territory] if v.territory >= 0 else None,
            "amount": v.amount,
            "limit": v.limit,
            "cause": v.cause,
        }
        for v in found.violations
    ]
    return Design(
        plan=plan,
        territories=pd.DataFrame(columns).sort_values("territory", ignore_index=True),
        objective=found.objective,
        bound=found.bound,
        gap=found.gap,
        status=found.status,
        violations=pd.DataFrame(
            violations, columns=["measure", "territory", "amount", "limit", "cause"]
        ),
        findings=given.findings,
        changed_count=found.changed,
    )
