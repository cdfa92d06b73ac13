"""The two lines of key accounts in one go: coverage, credit, roll-ups, duties, boundary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial

import pandas as pd

from planlib.key_accounts.coverage import (
    check_directors,
    check_lines,
    cover_accounts,
    director_ids,
    is_active,
)
from planlib.key_accounts.duties import DutyInputs, duty_checklist
from planlib.key_accounts.duty_entries import check_entries, check_log
from planlib.key_accounts.findings import all_findings
from planlib.key_accounts.good_years import good_years, jump_results, past_years
from planlib.key_accounts.ledger import (
    credit_bridge,
    credit_ledger,
    credit_periods,
    roll_up_credit,
)
from planlib.key_accounts.supply import director_supply
from planlib.key_accounts.targets import rep_targets, target_jumps
from planlib.periods import Period
from planlib.settings.key_account_lines import KeyAccountLinesSettings
from planlib.settings.key_accounts import KeyAccountsSettings
from planlib.tables import table

_PAST_YEARS = 5  # fiscal years whose targets are looked at


@dataclass(frozen=True, kw_only=True)
class LinesReview:
    """
    Who covers key accounts and who is credited; the frames are tables that step 05 writes.

    ``notes`` say what was missing and what was used instead.
    """

    coverage: pd.DataFrame
    credit: pd.DataFrame
    bridge: pd.DataFrame
    rollups: pd.DataFrame
    duties: pd.DataFrame
    supply: pd.DataFrame
    boundary: pd.DataFrame
    target_jumps: pd.DataFrame
    jump_results: pd.DataFrame
    findings: pd.DataFrame
    notes: tuple[str, ...]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give the tables to write, by name."""
        return {
            "key_account_coverage": self.coverage,
            "key_account_credit": self.credit,
            "key_account_credit_bridge": self.bridge,
            "key_account_rollups": self.rollups,
            "director_duties": self.duties,
            "director_supply": self.supply,
            "line_boundary": self.boundary,
            "key_account_target_jumps": self.target_jumps,
            "key_account_jump_results": self.jump_results,
        }


def review_lines(
    accounts: pd.DataFrame,
    key_accounts: pd.DataFrame,
    settings: KeyAccountLinesSettings,
    period: Period,
    as_of: date,
    *,
    scoring: KeyAccountsSettings,
    minimum_group: int = 5,
    reps: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
    bookings: pd.DataFrame | None = None,
    splits: pd.DataFrame | None = None,
    targets: pd.DataFrame | None = None,
    activities: pd.DataFrame | None = None,
    availability: pd.DataFrame | None = None,
    partners: pd.DataFrame | None = None,
    account_spend: pd.DataFrame | None = None,
    ratings: pd.DataFrame | None = None,
    support_requests: pd.DataFrame | None = None,
    territory_plan: pd.DataFrame | None = None,
    gates: pd.DataFrame | None = None,
    overrides: pd.DataFrame | None = None,
    tasks: pd.DataFrame | None = None,
) -> LinesReview:
    """
    Review who covers key accounts in two lines, who is credited, and what the directors did.

    Parameters
    ----------
    accounts, key_accounts
        Tables of this cycle.
    settings
        Section ``key_account_lines`` of plan.yaml.
    period
        Period of the cycle; the ledger ends with its fiscal quarter.
    as_of
        As-of date.
    scoring
        Section ``key_accounts``, for the warning of targets.
    minimum_group
        Fewest people behind a figure on how years of the past went on
        (``team_people.minimum_group``).
    reps, opportunities, bookings, splits, targets, activities, availability, partners
        Tables, each may be None.
    account_spend, ratings, support_requests
        For what the directors supply; each may be None.
    territory_plan
        Owners in the plan of step 03, beside those of today; None: no plan.
    gates
        Open projects with the decision at their last gate, as ``planlib.projects.open_gates``
        gives them; None: no such record is kept.
    overrides, tasks
        Decisions of kinds ``director_duties`` and ``director_tasks`` in force.

    Returns
    -------
    LinesReview
        Coverage, ledger with bridge and roll-ups, duties, boundary and target warnings.
    """
    people = None if reps is None else table("reps").coerce(reps)
    year = Period.of(min(period.end, as_of), "year", period.fiscal_year)
    coverage = cover_accounts(
        accounts, key_accounts, settings, as_of, reps=people, territory_plan=territory_plan
    )
    quarters = credit_periods(period, settings.credit_quarters, as_of)
    credit = partial(
        credit_ledger, bookings, opportunities, coverage, settings=settings, as_of=as_of,
        splits=splits, reps=people,
    )  # fmt: skip
    ledger = credit(periods=quarters)
    inputs = None if people is None else DutyInputs(
        coverage=coverage, reps=people, settings=settings, as_of=as_of,
        ledger=credit(periods=[year]), opportunities=opportunities, activities=activities,
        availability=availability, partners=partners, gates=gates,
        support_requests=support_requests, tasks=tasks,
        year_targets=rep_targets(people["rep_id"], year, people, targets),
    )  # fmt: skip
    duties = _duties(inputs, overrides)
    return LinesReview(
        coverage=coverage,
        credit=ledger,
        bridge=credit_bridge(ledger, bookings, opportunities, quarters, as_of),
        rollups=roll_up_credit(ledger, coverage, people, settings),
        duties=duties,
        supply=_supply(inputs, accounts, account_spend, ratings),
        boundary=boundary_table(settings),
        target_jumps=target_jumps(
            accounts, key_accounts, year, scoring, as_of, reps=people, targets=targets,
            opportunities=opportunities,
        ),
        jump_results=_past_jumps(opportunities, people, targets, scoring, year, as_of=as_of,
                                 minimum_group=minimum_group),
        findings=all_findings([
            *check_lines(people), *check_entries(overrides, people, settings),
            *check_log(tasks, people, settings),
            *check_directors(coverage, accounts, people, settings, as_of),
        ]),
        notes=tuple(_notes(people, bookings, opportunities, duties)),
    )  # fmt: skip


def _duties(inputs: DutyInputs | None, overrides: pd.DataFrame | None) -> pd.DataFrame:
    """Give what directors had to do and did; no rows where nobody is known."""
    if inputs is None:
        return table("director_duties").empty()
    return duty_checklist(inputs, overrides)


def _past_jumps(
    opportunities: pd.DataFrame | None,
    reps: pd.DataFrame | None,
    targets: pd.DataFrame | None,
    scoring: KeyAccountsSettings,
    year: Period,
    *,
    as_of: date,
    minimum_group: int,
) -> pd.DataFrame:
    """Give how years of the past went on after a good one; no rows where nobody is known."""
    if reps is None:
        return table("key_account_jump_results").empty()
    years = past_years(as_of, _PAST_YEARS, year)
    good = good_years(opportunities, reps, years, scoring, targets=targets)
    return jump_results(good, opportunities, reps, as_of, minimum_group)


def _supply(
    inputs: DutyInputs | None,
    accounts: pd.DataFrame,
    account_spend: pd.DataFrame | None,
    ratings: pd.DataFrame | None,
) -> pd.DataFrame:
    """Give what the directors who are here supply, as table ``director_supply``."""
    if inputs is None:
        return table("director_supply").empty()
    here = set(inputs.reps.loc[is_active(inputs.reps, inputs.as_of), "rep_id"])
    return director_supply(
        inputs.coverage, accounts, here.intersection(director_ids(inputs.reps, inputs.settings)),
        inputs.as_of, account_spend=account_spend, ratings=ratings,
        support_requests=inputs.support_requests, tasks=inputs.tasks,
    )  # fmt: skip


def boundary_table(settings: KeyAccountLinesSettings) -> pd.DataFrame:
    """Give who is responsible for which step in the three lines, as table ``line_boundary``."""
    rows = [step.model_dump() | {"place": place} for place, step in enumerate(settings.boundary)]
    return table("line_boundary").check(pd.DataFrame(rows))


def _notes(
    reps: pd.DataFrame | None,
    bookings: pd.DataFrame | None,
    opportunities: pd.DataFrame | None,
    duties: pd.DataFrame,
) -> list[str]:
    notes = []
    if reps is None:
        notes.append("no reps: coverage, roll-ups, duties and targets are not known")
    elif reps["functional_manager_id"].isna().all():
        notes.append(
            "no functional line in reps (functional_manager_id): key accounts have one line only"
        )
    if reps is not None and duties.empty:
        notes.append("no regional key-account director: there is no checklist of duties")
    if bookings is None and opportunities is not None:
        notes.append("no bookings: won deals count as booked on their close date")
    if bookings is None and opportunities is None:
        notes.append("no bookings and no opportunities: there is no credit ledger")
    return notes
