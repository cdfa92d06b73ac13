"""The structure part of step 10: one call from the tables to every result."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from planlib.periods import FiscalYear, Period
from planlib.settings.team_structure import CHOSEN, TeamStructureSettings
from planlib.tables import TABLES
from planlib.team.reviewed import TeamReview
from planlib.team.roles import describe_roles, profile_roles
from planlib.team.structure.alignment import align_capacity
from planlib.team.structure.bands import bands_by_mode
from planlib.team.structure.choice_words import choice_notes
from planlib.team.structure.costs import Costs, head_costs
from planlib.team.structure.deals import window_start
from planlib.team.structure.demand import measure_demand, wide
from planlib.team.structure.factors import compare_cells, weigh_factors
from planlib.team.structure.ground import Ground, lay_ground
from planlib.team.structure.inputs import StructureInputs
from planlib.team.structure.limits import check_bounds, limits_of
from planlib.team.structure.lines import weigh_lines
from planlib.team.structure.models import name_models
from planlib.team.structure.problem import Problem
from planlib.team.structure.questions import ask_segments
from planlib.team.structure.reasons import heads_table, prices_table
from planlib.team.structure.scenarios import (
    OPTIMUM,
    Scenario,
    make_scenarios,
    path_table,
    scenario_table,
)
from planlib.team.structure.sensitivity import penalty_rows
from planlib.team.structure.simulate import Staffing, draw_chances
from planlib.team.structure.value import Value, build_value
from planlib.team.structure.words import structure_notes

#: Tables of the structure, in order; notes come last and hold those of the channels too.
STRUCTURE_TABLES = tuple(
    name for name, one in TABLES.items()
    if one.step == "10_team" and name.startswith(("team_roles", "role_", "structure_"))
    and name != "structure_notes"
)  # fmt: skip


class StructureReview(TeamReview):
    """
    What was found about the structure.

    Parameters
    ----------
    tables
        Tables of the step on roles and structure by name.
    lines
        Notes as kind, topic and text.
    """


def review_structure(
    inputs: StructureInputs,
    settings: TeamStructureSettings,
    as_of: date,
    *,
    currency: str = "",
    fiscal_year: FiscalYear | None = None,
    seed: int = 0,
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
    currency, fiscal_year
        Currency and fiscal year of the plan.
    seed
        Seed of the simulated futures.

    Returns
    -------
    StructureReview
        Without accounts or won deals the tables of the optimum are empty and a note says so.
    """
    ground = lay_ground(inputs, settings, as_of)
    costs = head_costs(ground.roster, inputs.pay_plans, settings, as_of, currency)
    tables = {name: TABLES[name].empty() for name in STRUCTURE_TABLES}
    tables["team_roles"] = describe_roles(ground, costs)
    tables["role_profile"] = profile_roles(ground)
    value: Value | None = None
    findings: list[tuple[str, str]] = []
    if not ground.cells.table.empty:
        demand = measure_demand(ground)
        tables["structure_demand"] = demand
        tables["structure_factors"] = weigh_factors(ground, demand)
        tables["structure_bands"] = bands_by_mode(ground, costs)
        tables["structure_questions"] = ask_segments(ground)
        tables["structure_models"] = name_models(ground, tables["structure_questions"])
        tables["structure_lines"] = weigh_lines(ground)
        if ground.deals["margin"].sum() > 0 and _has_sellers(ground):
            value = build_value(ground, wide(demand, ground.cells), costs)
            findings = check_bounds(value.problem, limits_of(value.problem, settings))
            year = fiscal_year or FiscalYear()
            found, optimum = _choose(ground, costs, value, tables["structure_factors"],
                                     (year, seed))  # fmt: skip
            other = penalty_rows(ground, wide(demand, ground.cells), costs, value.problem, optimum)
            found["structure_prices"] = pd.concat([found["structure_prices"], other],
                                                  ignore_index=True)  # fmt: skip
            tables |= found
    lines = structure_notes(ground, costs, value, tables, findings)
    lines = [*lines, *choice_notes(tables, settings)]
    prices = tables["structure_prices"]
    moved = prices[(prices["topic"] == "assumption") & prices["is_binding"].fillna(False)]
    lines = [*lines, *(("caution", "loss of quality inside", f"an assumption that decides: {text}")
                       for text in moved["reason"])]  # fmt: skip
    return StructureReview(tables=tables, lines=lines)


def turnover(ground: Ground) -> float:
    """Give leavers a year: of plan.yaml, else leavers over person-years of the window."""
    if ground.settings.turnover_share is not None:
        return ground.settings.turnover_share
    people = ground.roster.people
    mine = people[people["kind"].isin(CHOSEN) & ~people["is_open"]]
    end = pd.Timestamp(ground.as_of)
    start = window_start(ground.as_of, ground.settings.window_months)
    hired, gone = mine["hire_date"].fillna(start), mine["leave_date"].fillna(end)
    came, went = hired.where(hired > start, start), gone.where(gone < end, end)
    years = float((went - came).dt.days.clip(lower=0).sum()) / 365.25
    left = int(((mine["leave_date"] > start) & (mine["leave_date"] <= end)).sum())
    return min(left / years, 0.9) if years > 0 else 0.0


def open_posts(ground: Ground, problem: Problem) -> np.ndarray:
    """(K, R) posts that are open on the as-of date."""
    people = ground.roster.people
    mine = people[people["is_post"] & people["is_open"]]
    count = mine.groupby(["kind", "region"]).size()
    return np.array([
        [float(count.get((kind, region), 0)) for region in problem.region_names] for kind in CHOSEN
    ])  # fmt: skip


def _has_sellers(ground: Ground) -> bool:
    people = ground.roster.people
    here = people[people["is_post"] & people["kind"].isin(["field", "inside"])]
    return bool(here["region"].isin(set(ground.cells.table["region"])).any())


def _choose(
    ground: Ground,
    costs: Costs,
    value: Value,
    factors: pd.DataFrame,
    when: tuple[FiscalYear, int],
) -> tuple[dict[str, pd.DataFrame], Scenario]:
    fiscal_year, seed = when
    settings, problem = ground.settings, value.problem
    staff = Staffing(turnover_share=turnover(ground), vacant=open_posts(ground, problem))
    chances = draw_chances(problem, value.cases, settings, staff, seed)
    scenarios = make_scenarios(problem, settings, chances)
    optimum = next(one for one in scenarios if one.name == OPTIMUM)
    quarter = Period.of(ground.as_of + timedelta(days=1), "quarter", fiscal_year)
    following = [str(quarter.shift(count)) for count in range(settings.path_quarters)]
    year = Period.of(quarter.start, "year", fiscal_year)
    periods = (str(year), *(str(part) for part in year.parts("quarter")))
    return {
        "structure_scenarios": scenario_table(problem, scenarios, costs.unit),
        "structure_paths": path_table(scenarios, following),
        "structure_heads": heads_table(problem, scenarios, costs),
        "structure_prices": prices_table(problem, optimum, costs, settings.effort),
        "structure_cells": compare_cells(ground, factors, value, optimum.parts),
        "structure_alignment": align_capacity(ground, problem, optimum.parts, periods),
    }, optimum
