"""The people part of step 10: one call from inputs and settings to all its tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from planlib.capacity.hazard import exit_hazard, person_months
from planlib.capacity.people import prepare_staff as prepare_posts
from planlib.capacity.vacancies import time_to_fill
from planlib.hygiene.moves import record_gap
from planlib.key_accounts.good_years import good_years, past_years
from planlib.notes import notes_of
from planlib.periods import Period
from planlib.plan import Plan
from planlib.quotas.target import year_target
from planlib.settings.capacity import CapacitySettings
from planlib.settings.key_accounts import KeyAccountsSettings
from planlib.settings.quotas import QuotasSettings
from planlib.settings.team_people import TeamPeopleSettings
from planlib.tables import table, team_growth, team_people
from planlib.team.burnout import band_teams, follow_remedies, measure_strain, team_members
from planlib.team.causes import find_drivers
from planlib.team.expectations import list_expectations
from planlib.team.experience import cost_leavers, measure_experience
from planlib.team.grouping import group_months, window_start
from planlib.team.indicators import StrainInputs, gather_parts
from planlib.team.kpi_tree import Target, build_trees
from planlib.team.ladders import count_moves, fill_posts, stand_on_rungs, time_role_changes
from planlib.team.measures import MeasureInputs
from planlib.team.onboarding import check_method, compare_variants, complete_onboarding
from planlib.team.people_checks import check_people, check_people_settings
from planlib.team.people_words import notes_table
from planlib.team.process import Parts
from planlib.team.readiness import judge_readiness
from planlib.team.retention import measure_turnover, survive_cohorts
from planlib.team.staff import Staff, prepare_staff

#: Tables of the people part, in order.
RESULTS = tuple(
    one.name
    for one in (*team_people.TABLES, *team_growth.TABLES)
    if one.role == "output" and not one.name.startswith("people_")
) + ("people_findings", "people_notes")


@dataclass(frozen=True, kw_only=True)
class PeopleInputs:
    """
    The tables that the people part can use; only ``reps`` is needed.

    Parameters
    ----------
    reps, rep_history, opportunities, opportunity_history, activities, leads, meetings
        Input tables.
    one_on_ones, onboarding, holidays, targets
        Input tables.
    remedies
        Decisions of kind ``team_remedies`` in force.
    """

    reps: pd.DataFrame = field(repr=False)
    rep_history: pd.DataFrame | None = field(default=None, repr=False)
    opportunities: pd.DataFrame | None = field(default=None, repr=False)
    opportunity_history: pd.DataFrame | None = field(default=None, repr=False)
    activities: pd.DataFrame | None = field(default=None, repr=False)
    leads: pd.DataFrame | None = field(default=None, repr=False)
    meetings: pd.DataFrame | None = field(default=None, repr=False)
    one_on_ones: pd.DataFrame | None = field(default=None, repr=False)
    onboarding: pd.DataFrame | None = field(default=None, repr=False)
    holidays: pd.DataFrame | None = field(default=None, repr=False)
    targets: pd.DataFrame | None = field(default=None, repr=False)
    remedies: pd.DataFrame | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class PeopleBasis:
    """
    What the plan says beside section ``team_people``.

    Parameters
    ----------
    capacity, quotas
        Sections of the same names: window of leavers, tenure bands, hazard, days to fill; target.
    year
        Fiscal year of the target.
    key_accounts
        Section of the same name: when one good year makes a target.
    currency, time_zone, weekend
        Of the plan.
    """

    capacity: CapacitySettings
    quotas: QuotasSettings
    year: Period
    key_accounts: KeyAccountsSettings = field(default_factory=KeyAccountsSettings)
    currency: str = ""
    time_zone: str = "UTC"
    weekend: tuple[int, ...] = (6, 7)

    @classmethod
    def from_plan(cls, plan: Plan, cycle: Period) -> PeopleBasis:
        """Take the sections from a plan, and the fiscal year in which a cycle begins."""
        return cls(
            capacity=plan.capacity,
            quotas=plan.quotas,
            key_accounts=plan.key_accounts,
            year=Period.of(cycle.start, "year", plan.fiscal_year.fiscal_year()),
            currency=plan.currency,
            time_zone=plan.time_zone,
            weekend=plan.calendar.weekend,
        )


@dataclass(frozen=True, kw_only=True)
class PeopleReview:
    """
    What was found about people in the team.

    Parameters
    ----------
    as_of
        Last day that counts.
    tables
        Every table of the people part by name, in its declared shape.
    """

    as_of: date
    tables: dict[str, pd.DataFrame] = field(repr=False)

    @property
    def headlines(self) -> list[str]:
        """What a leader should know first."""
        return self.notes("headline")

    def notes(self, kind: str) -> list[str]:
        """Give the notes of a kind: headline, caution, missing, definition or privacy."""
        return notes_of(self.tables["people_notes"], kind)


def review_people(
    inputs: PeopleInputs, settings: TeamPeopleSettings, basis: PeopleBasis, as_of: date
) -> PeopleReview:
    """
    Review retention, onboarding, strain, ladders and KPI trees.

    Parameters
    ----------
    inputs
        The tables at hand; what another table would add is named where it is missing.
    settings
        Section ``team_people`` of plan.yaml.
    basis
        What other sections of the plan say.
    as_of
        Last day that counts.
    """
    staff = prepare_staff(inputs.reps, inputs.rep_history, as_of)
    parts = gather_parts(
        StrainInputs(
            activities=inputs.activities, opportunities=inputs.opportunities,
            opportunity_history=inputs.opportunity_history, leads=inputs.leads,
            meetings=inputs.meetings, one_on_ones=inputs.one_on_ones, holidays=inputs.holidays,
        ),
        staff, settings, plan_zone=basis.time_zone, weekend=basis.weekend,
    )  # fmt: skip
    found = {
        **_retention(inputs, staff, settings, basis),
        **_strain(inputs, parts, staff, settings),
        **_growth(inputs, staff, settings, basis),
        "people_findings": pd.concat(
            [
                check_people(
                    inputs.reps, inputs.rep_history, staff.as_of, onboarding=inputs.onboarding,
                    one_on_ones=inputs.one_on_ones,
                ),
                check_people_settings(settings, inputs.reps, inputs.rep_history),
            ],
            ignore_index=True,
        ),
    }  # fmt: skip
    shaped = {name: table(name).conform(frame) for name, frame in found.items()}
    notes = notes_table(
        shaped, _missing(inputs, shaped, settings), settings, currency=basis.currency,
        has_history=staff.has_history,
        names={
            str(rep): str(name)
            for rep, name in inputs.reps[["rep_id", "name"]].dropna().itertuples(index=False)
        },
    )  # fmt: skip
    shaped["people_notes"] = table("people_notes").conform(notes)
    return PeopleReview(as_of=as_of, tables={name: shaped[name] for name in RESULTS})


def _retention(
    inputs: PeopleInputs, staff: Staff, settings: TeamPeopleSettings, basis: PeopleBasis
) -> dict[str, pd.DataFrame]:
    capacity = basis.capacity
    count = -(-capacity.leaver_months // 12) + 1
    jumps = good_years(
        inputs.opportunities, inputs.reps, past_years(staff.as_of.date(), count, basis.year),
        basis.key_accounts, targets=inputs.targets,
    )  # fmt: skip
    months, shown = group_months(
        staff, inputs.opportunities, settings, window_months=capacity.leaver_months,
        bands=capacity.tenure_bands, jumps=jumps,
    )  # fmt: skip
    turnover, close = measure_turnover(months, shown, staff, settings)
    experience = measure_experience(staff, inputs.opportunities, settings, capacity)
    roles = [one for one in settings.selling_roles if (staff.people["role"] == one).any()]
    posts = prepare_posts(inputs.reps, capacity, staff.as_of, rep_history=inputs.rep_history)
    fill = time_to_fill(posts.people, capacity, staff.as_of)
    costs = cost_leavers(experience, roles, settings, capacity, fill)
    total = costs.loc[(costs["part"] == "total") & costs["is_complete"].astype(bool), "cost_amount"]
    return {
        "turnover": turnover,
        "turnover_close": close,
        "tenure_survival": survive_cohorts(
            staff, window_start(staff.as_of, capacity.leaver_months), settings
        ),
        "exit_drivers": find_drivers(months, shown),
        "experience_curve": experience,
        "leaver_costs": costs,
        "onboarding_completion": complete_onboarding(inputs.onboarding, staff, settings),
        "onboarding_variants": compare_variants(
            _hazards(inputs, staff, capacity), len(staff.here),
            float(total.mean()) if len(total) else None, settings.onboarding_variants,
        ),
        "method_consistency": check_method(
            staff, inputs.opportunities, inputs.opportunity_history, settings
        ),
    }  # fmt: skip


def _strain(
    inputs: PeopleInputs, parts: Parts, staff: Staff, settings: TeamPeopleSettings
) -> dict[str, pd.DataFrame]:
    members = team_members(staff, settings)
    indicators = measure_strain(parts, members, staff, settings)
    return {
        "burnout_indicators": indicators,
        "burnout_bands": band_teams(indicators, settings),
        "team_remedies": follow_remedies(inputs.remedies, parts, members, staff, settings),
    }


def _growth(
    inputs: PeopleInputs, staff: Staff, settings: TeamPeopleSettings, basis: PeopleBasis
) -> dict[str, pd.DataFrame]:
    measured = MeasureInputs(
        opportunities=inputs.opportunities, activities=inputs.activities,
        onboarding=inputs.onboarding,
    )  # fmt: skip
    readiness = judge_readiness(staff, measured, settings)
    found = year_target(inputs.targets, basis.year, basis.quotas, reps=inputs.reps)
    target = Target(
        cents=None if found.amount is None else found.cents, name=basis.year.name,
        basis=found.basis,
    )  # fmt: skip
    return {
        "ladder_rungs": stand_on_rungs(staff, readiness, settings),
        "ladder_people": readiness.details if settings.individual_rows else pd.DataFrame(),
        "role_moves": count_moves(staff, settings),
        "role_change_times": time_role_changes(staff, settings),
        "internal_fills": fill_posts(staff, settings),
        "kpi_nodes": build_trees(settings.kpi_trees, target, staff, measured),
        "role_expectations": list_expectations(staff, settings),
    }


def _hazards(inputs: PeopleInputs, staff: Staff, capacity: CapacitySettings) -> pd.DataFrame:
    months = person_months(
        table("reps").coerce(inputs.reps), staff.as_of, window_months=capacity.leaver_months,
        rep_history=inputs.rep_history,
    )  # fmt: skip
    if months.empty:
        return pd.DataFrame()
    return exit_hazard(
        months, capacity.tenure_bands, prior=capacity.hazard_prior,
        yearly_turnover=capacity.yearly_turnover,
    )  # fmt: skip


def _missing(
    inputs: PeopleInputs, shaped: dict[str, pd.DataFrame], settings: TeamPeopleSettings
) -> dict[str, str]:
    """Say what was not computed, and what would supply it."""
    found: dict[str, str] = {}
    if shaped["turnover"].empty:
        found["turnover"] = "no one in reps has a first day: fill hire_date"
    causes = shaped["turnover_close"]
    if not (causes["cut"] == "cause").any():
        found["causes of leaving"] = (
            f"fewer than {settings.minimum_group} leavers share a cause, or leave_reason is blank"
        )
    if inputs.rep_history is None:
        found["ladders"] = "table rep_history is missing: no time in grade, moves or posts filled"
    if not settings.ladders:
        found["readiness"] = "no ladder is written down: team_people.ladders in plan.yaml"
    elif lacking := _without_ladder(shaped["role_expectations"]["role"], settings):
        found["ladders of roles"] = (
            f"none is written down for {', '.join(lacking)} (team_people.ladders), so only "
            "observed moves are shown"
        )
    if not settings.kpi_trees:
        found["KPI tree"] = "no tree is written down: team_people.kpi_trees in plan.yaml"
    elif shaped["kpi_nodes"]["needed"].isna().all():
        found["KPI tree"] = "the company target of the year is not known: table targets"
    if shaped["experience_curve"].empty:
        found["value of experience"] = "no won deals with owner and amount: table opportunities"
    if inputs.onboarding is None:
        found["onboarding"] = "table onboarding is missing: no completion by cohort"
    if not settings.onboarding_variants:
        found["variants of onboarding"] = (
            "no scenario is set (team_people.onboarding_variants); published figures, such as "
            "14.2 % against 7.9 % a year, are no default"
        )
    if shaped["method_consistency"].empty:
        found["one sales method"] = "no recorded stages of won deals: table opportunity_history"
    elif (gap := record_gap(inputs.opportunity_history)) > 1:
        found["one sales method"] = (
            f"teams are not compared, because snapshots {gap} days apart miss short stages; change "
            "records in opportunity_history would show each stage"
        )
    strain = shaped["burnout_indicators"]
    if strain.empty:
        found["strain"] = f"no team has {settings.minimum_group} people"
    is_known = strain["status"].ne("not known").groupby(strain["indicator"]).any()
    for name in is_known[~is_known].index:
        reason = strain.loc[strain["indicator"] == name, "reason"].iloc[0]
        found[f"strain, {str(name).replace('_', ' ')}"] = str(reason)
    return found


def _without_ladder(roles: pd.Series, settings: TeamPeopleSettings) -> list[str]:
    """Give the roles that are on no rung of any ladder."""
    on_rungs = {rung.role or one.role for one in settings.ladders for rung in one.rungs}
    return sorted(set(roles) - on_rungs)
