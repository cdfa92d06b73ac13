"""Everything that capacity and quotas share: people, ramp, leavers, past, target, simulations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from planlib.capacity.hazard import exit_hazard, person_months
from planlib.capacity.history import rep_years, won_amounts, won_between
from planlib.capacity.people import KINDS, Staff, prepare_staff
from planlib.capacity.presence import employed_shares, month_starts, present_shares
from planlib.capacity.ramp import Productivity, cycle_days, fit_productivity, rep_months
from planlib.capacity.simulate import CapacityInputs
from planlib.capacity.vacancies import FillTime, time_to_fill
from planlib.periods import Period
from planlib.quotas.attainment import AttainmentSpread, fit_spread
from planlib.quotas.target import YearTarget, year_target
from planlib.settings.capacity import CapacitySettings
from planlib.settings.quotas import QuotasSettings
from planlib.tables import table
from planlib.workdays import WorkCalendar

Floats = npt.NDArray[np.float64]
Tables = Mapping[str, pd.DataFrame | None]
MONTHS = 12
#: The best basis of owners; every other one is weaker.
PLANNED_OWNERS = "owners of the territory plan"
_MOST_CELLS = 10_000_000  # simulated years x people
_LEAST_YEARS = 500
#: Tables that the step can use; only ``reps`` is needed.
OPTIONAL = ("accounts", "segments", "territories", "territory_plan", "targets", "opportunities",
            "bookings", "leads", "rep_history", "availability", "holidays", "pay_plans",
            "hiring_plan")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class World:
    """
    What the parts of the step share.

    Parameters
    ----------
    tables, capacity, quotas
        Tables at hand and settings.
    as_of, year, seed
        Last day of the data, the year that is planned, seed of all draws.
    staff, carriers
        People and posts; those with a quota also have ``first_date``, ``ramped_share``,
        ``ramped_quota``, ``attainment_level``, ``potential``, ``won_year``, by ``rep_id``.
    inputs
        What the capacity simulation rests on, for the carriers.
    present, able
        Carriers x months of the year, in the order of ``carriers``: share of the month that each
        is there, and the same x ramp x productivity.
    productivity, hazards, cycles
        Ramp and productivity, exit hazards, sales cycle by role.
    won, won_basis
        Won amounts by rep and day, and what they rest on.
    spread, target
        Spread model of attainment, target of the year.
    owners
        ``account_id``, ``rep_id``, ``segment``, ``potential``, ``workload_hours`` of the accounts
        that a carrier owns; None where no owners are known.
    owners_basis
        Which table says who owns an account.
    fill
        Time to fill a post, and where it comes from.
    minimum_group
        Fewest people whose quotas are shown in a sum to those who may not see pay.
    """

    tables: Tables = field(repr=False)
    capacity: CapacitySettings
    quotas: QuotasSettings
    as_of: pd.Timestamp
    year: Period
    seed: int
    staff: Staff = field(repr=False)
    carriers: pd.DataFrame = field(repr=False)
    inputs: CapacityInputs = field(repr=False)
    present: Floats = field(repr=False)
    able: Floats = field(repr=False)
    productivity: Productivity = field(repr=False)
    hazards: pd.DataFrame = field(repr=False)
    cycles: pd.DataFrame = field(repr=False)
    won: pd.DataFrame | None = field(repr=False)
    won_basis: str
    spread: AttainmentSpread
    target: YearTarget
    owners: pd.DataFrame | None = field(repr=False)
    owners_basis: str
    fill: FillTime
    minimum_group: int = 5


def gather(
    tables: Tables, capacity: CapacitySettings, quotas: QuotasSettings, as_of: date, year: Period,
    *, calendar: WorkCalendar | None = None, seed: int = 0, minimum_group: int = 5,
) -> World:  # fmt: skip
    """
    Prepare what capacity and quotas rest on.

    Parameters
    ----------
    tables
        ``reps``, and those of ``OPTIONAL`` at hand.
    capacity, quotas
        Sections of plan.yaml.
    as_of
        Last day of the data.
    year
        Fiscal year that is planned.
    calendar
        Working days; None: Monday to Friday.
    seed
        Seed of all draws.
    minimum_group
        Fewest people of a sum of quotas that everybody may see.

    Returns
    -------
    World
        People, presence, ramp, hazards, attainment and target, shared by all parts of the step.

    Raises
    ------
    TableError
        If ``reps`` has no ``rep_id``.
    """
    day = pd.Timestamp(as_of)
    reps = tables["reps"]
    reps = table("reps").or_empty(reps)
    staff = prepare_staff(
        reps, capacity, day, hiring_plan=tables.get("hiring_plan"),
        pay_plans=tables.get("pay_plans"), rep_history=tables.get("rep_history"),
    )  # fmt: skip
    won, basis = won_amounts(tables.get("opportunities"), tables.get("bookings"), day)
    first = pd.Timestamp(year.start)
    here = staff.people["leave_date"].isna() | (staff.people["leave_date"] >= first)
    carriers, all_carriers = staff.people[here & staff.people["has_quota"]], staff.carriers
    months = rep_months(all_carriers, won, day, tables.get("rep_history"))
    productivity = fit_productivity(months, sorted(set(all_carriers["role"])), capacity)
    people = staff.people.assign(is_open_seat=staff.people["kind"] != KINDS[0])
    hazards = exit_hazard(
        person_months(people, day, window_months=capacity.leaver_months,
                      rep_history=tables.get("rep_history")),
        capacity.tenure_bands, prior=capacity.hazard_prior,
        yearly_turnover=capacity.yearly_turnover,
    )  # fmt: skip
    past = rep_years(months, productivity, day)
    spread = fit_spread(past if len(past) else None, quotas)
    fill = time_to_fill(staff.people, capacity, day)
    inputs = replace(_inputs(carriers, tables, capacity, day, year, productivity=productivity,
                             hazards=hazards, calendar=calendar or WorkCalendar()),
                     fill_days=fill.days)  # fmt: skip
    owners, owners_basis = _owners(tables, set(carriers["rep_id"]))
    ready, present, able = _ready(inputs, day, won, spread, owners)
    last = day - pd.DateOffset(years=1)
    won_year = None if won is None else float(won_between(won, last, day).sum())
    target = year_target(tables.get("targets"), year, quotas, won_year=won_year,
                         ramped_quota=float(ready["ramped_quota"].sum()),
                         reps=tables.get("reps"))  # fmt: skip
    return World(
        tables=tables, capacity=capacity, quotas=quotas, as_of=day, year=year, seed=seed,
        staff=staff, carriers=_with_equal_quotas(ready, target), inputs=inputs, present=present,
        able=able, productivity=productivity, hazards=hazards,
        cycles=cycle_days(tables.get("opportunities"), all_carriers), won=won, won_basis=basis,
        spread=spread, target=target, owners=owners, owners_basis=owners_basis,
        minimum_group=minimum_group, fill=fill,
    )  # fmt: skip


def simulated_years(world: World) -> int:
    """Give the years that are simulated: fewer for very many people, who even out by themselves."""
    most = _MOST_CELLS // max(len(world.carriers), 1)
    return max(min(world.quotas.simulations, most), _LEAST_YEARS)


def _inputs(
    carriers: pd.DataFrame, tables: Tables, capacity: CapacitySettings, day: pd.Timestamp,
    year: Period, *, productivity: Productivity, hazards: pd.DataFrame, calendar: WorkCalendar,
) -> CapacityInputs:  # fmt: skip
    mine = carriers.sort_values("rep_id", ignore_index=True)
    months = month_starts(pd.Timestamp(year.start), max(capacity.months, MONTHS))
    presence = present_shares(mine["rep_id"], tables.get("availability"), months, calendar,
                              longer_than=capacity.away_days)  # fmt: skip
    return CapacityInputs(
        staff=mine, presence=presence, months=months, now=day + pd.Timedelta(days=1),
        productivity=productivity, hazards=hazards,
    )  # fmt: skip


def _ready(
    inputs: CapacityInputs, day: pd.Timestamp, won: pd.DataFrame | None,
    spread: AttainmentSpread, owners: pd.DataFrame | None,
) -> tuple[pd.DataFrame, Floats, Floats]:  # fmt: skip
    """Give every carrier its expected first day, its share of a full year, its past and level."""
    staff = inputs.staff
    expected = day + pd.Timedelta(days=round(inputs.fill_days))
    first = staff["hire_date"].where(staff["kind"] == KINDS[0], staff["start_date"])
    first = first.where(staff["kind"] != KINDS[1], expected)
    span = pd.DataFrame({"hire_date": first, "leave_date": staff["leave_date"]})
    there = employed_shares(span, inputs.months[:MONTHS]) * inputs.presence[:, :MONTHS]
    start = inputs.months[0]
    begin = ((first.dt.year - start.year) * 12 + first.dt.month - start.month).fillna(-1e6)
    tenure = np.arange(MONTHS)[None, :] - begin.to_numpy(dtype="int64")[:, None]
    longest = 120
    effect = {role: inputs.productivity.effect(role, longest + 1) for role in set(staff["role"])}
    able = np.array([
        effect[role][np.clip(row, 0, longest)]
        for role, row in zip(staff["role"], tenure, strict=True)
    ]).reshape(len(staff), MONTHS)  # fmt: skip
    able = there * able
    share = able.mean(axis=1) if len(staff) else np.zeros(0)
    past = won_between(won, day - pd.DateOffset(years=1), day)
    settled = staff["hire_date"].isna() | (staff["hire_date"] <= day - pd.DateOffset(years=1))
    settled &= staff["kind"] == KINDS[0]
    potential = None if owners is None else owners.groupby("rep_id")["potential"].sum(min_count=1)
    ready = staff.assign(
        first_date=first,
        ramped_share=share,
        ramped_quota=staff["quota_amount"] * share,
        attainment_level=spread.level_of(staff["role"]),
        won_year=(
            staff["rep_id"].map(past).fillna(0.0).where(settled) if won is not None else np.nan
        ),
        potential=np.nan if potential is None else staff["rep_id"].map(potential),
    )
    return ready, there, able


def _with_equal_quotas(carriers: pd.DataFrame, target: YearTarget) -> pd.DataFrame:
    """Where no quota at all is known, let everybody carry the same share of the target."""
    shares = float(carriers["ramped_share"].sum())
    if carriers["quota_amount"].notna().any() or target.amount is None or shares <= 0:
        return carriers
    each = target.amount / shares
    return carriers.assign(
        quota_amount=each, quota_source="equal share of the target",
        ramped_quota=carriers["ramped_share"] * each,
    )  # fmt: skip


def _owners(tables: Tables, carriers: set[str]) -> tuple[pd.DataFrame | None, str]:
    """Give who owns which account: the plan of territories, territories of today, else the CRM."""
    segments, accounts = tables.get("segments"), tables.get("accounts")
    facts = segments if segments is not None else accounts
    if facts is None:
        return None, "no accounts are known"
    source = None
    for name, said in (("territory_plan", PLANNED_OWNERS),
                       ("territories", "owners of today (table territories)")):  # fmt: skip
        owned = tables.get(name)
        if source is None and owned is not None and owned["rep_id"].isin(carriers).any():
            source, basis = owned[owned["rep_id"].isin(carriers)], said
    if source is None and "owner_id" in facts:
        named = facts[facts["owner_id"].isin(carriers)]
        source, basis = named[["account_id", "owner_id"]], "owners in the CRM"
        source = source.rename(columns={"owner_id": "rep_id"})
    if source is None or source.empty:
        return None, "nobody with a quota owns an account"
    wanted = [name for name in ("segment", "potential", "workload_hours") if name in facts]
    rows = source[["account_id", "rep_id"]].drop_duplicates("account_id").merge(
        facts[["account_id", *wanted]], on="account_id", how="left"
    )  # fmt: skip
    for name in ("segment", "potential", "workload_hours"):
        if name not in rows:
            rows[name] = None if name == "segment" else np.nan
    return rows.sort_values("account_id", ignore_index=True), basis
