"""The structure part of step 10: one call from the tables to every result."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from planlib.settings.team_structure import TeamStructureSettings
from planlib.team.roles import describe_roles, profile_roles
from planlib.team.structure.cells import build_cells
from planlib.team.structure.costs import head_costs
from planlib.team.structure.deals import gather_deals
from planlib.team.structure.demand import measure_demand
from planlib.team.structure.inputs import StructureInputs, gather_people


@dataclass(frozen=True, kw_only=True)
class StructureReview:
    """
    What was found about the structure.

    Parameters
    ----------
    tables
        Tables of the step on roles and structure by name.
    """

    tables: dict[str, pd.DataFrame] = field(repr=False)


def review_structure(
    inputs: StructureInputs, settings: TeamStructureSettings, as_of: date, *, currency: str = ""
) -> StructureReview:
    """
    Review roles and structure of the team.

    Parameters
    ----------
    inputs
        Tables; only reps are required.
    settings
        Section ``team_structure`` of plan.yaml.
    as_of
        Day on which people are counted, and end of the window.
    currency
        Currency of the plan, for sentences.
    """
    roster = gather_people(inputs.reps, settings, as_of)
    cells = build_cells(inputs, roster, settings)
    deals, _basis = gather_deals(inputs, cells, roster, settings, as_of)
    costs = head_costs(roster, inputs.pay_plans, settings, as_of, currency)
    return StructureReview(tables={
        "team_roles": describe_roles(inputs, roster, cells, deals, costs, settings, as_of),
        "role_profile": profile_roles(inputs, roster, cells, deals, settings, as_of),
        "structure_demand": measure_demand(cells, deals, inputs, roster, settings, as_of),
    })  # fmt: skip
