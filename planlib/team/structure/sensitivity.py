"""The best structure if the assumed loss of quality of inside selling were another."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from planlib.notes import percent
from planlib.settings.team_structure import CHOSEN
from planlib.tables import table
from planlib.team.structure.costs import Costs
from planlib.team.structure.ground import Ground
from planlib.team.structure.limits import limits_of, usable
from planlib.team.structure.problem import Problem
from planlib.team.structure.scenarios import Scenario
from planlib.team.structure.solve import best_structure
from planlib.team.structure.value import build_value

#: Multiples of all three penalties, and how they are called.
FACTORS = ((0.5, "half"), (1.5, "one and a half times"))
_MOST = 0.95  # the penalties together
_EFFORT = 0.25  # of the usual work: shares are compared, not amounts
_PENALTIES = ("penalty_base", "penalty_complexity", "penalty_competition")


def penalty_rows(
    ground: Ground, demand: pd.DataFrame, costs: Costs, problem: Problem, optimum: Scenario
) -> pd.DataFrame:
    """
    Choose the structure anew with other penalties: rows of ``structure_prices``.

    Parameters
    ----------
    ground, demand, costs
        What the value model rests on; ``demand`` is ``wide`` of ``structure_demand``.
    problem, optimum
        The choice and the best structure at the penalties of plan.yaml.

    Returns
    -------
    DataFrame
        One row for each factor; none where inside heads have no value or nothing was found.
    """
    if optimum.parts is None or not problem.can_move[CHOSEN.index("inside")]:
        return table("structure_prices").empty()
    settings = ground.settings
    now, heads = _inside(problem, optimum)
    rows = []
    for factor, said in FACTORS:
        whole = sum(getattr(settings, name) for name in _PENALTIES)
        used = min(factor, _MOST / whole) if whole > 0 else factor
        changed = settings.model_copy(
            update={name: getattr(settings, name) * used for name in _PENALTIES}
        )
        other = build_value(replace(ground, settings=changed), demand, costs).problem
        found = best_structure(other, usable(other, limits_of(other, changed)),
                               effort=settings.effort * _EFFORT)  # fmt: skip
        if found.parts is None:
            continue
        inside, sellers = _inside(other, replace(optimum, parts=found.parts))
        gap = found.gap_share
        rows.append({
            "topic": "assumption", "item": f"loss of quality inside: {said}",
            "margin_amount": float(other.margin(found.parts).sum())
            - float(problem.margin(optimum.parts).sum()),
            "is_binding": inside != now,
            "reason": f"with {said} the assumed loss, {inside:.0f} of {sellers:.0f} sellers work "
            f"inside instead of {now:.0f} of {heads:.0f}; within {percent(gap, 2)} of the best",
        })  # fmt: skip
    return table("structure_prices").coerce(pd.DataFrame(rows)) if rows else (
        table("structure_prices").empty())  # fmt: skip


def _inside(problem: Problem, one: Scenario) -> tuple[float, float]:
    """Give inside heads, and those of field and inside."""
    assert one.parts is not None  # noqa: S101  # the caller looked
    heads = problem.by_region(one.parts).sum(axis=1)
    inside = float(heads[CHOSEN.index("inside")])
    return inside, inside + float(heads[CHOSEN.index("field")])
