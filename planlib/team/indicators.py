"""Indicators of strain as parts by person and month; only sums over teams leave this folder."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from planlib.hygiene.activities import by_persons
from planlib.settings.team_people import TeamPeopleSettings
from planlib.team.indicator_words import INDICATORS
from planlib.team.process import Parts, process_parts
from planlib.team.staff import Staff
from planlib.workdays import WorkCalendar

_MEETINGS = ("meeting", "demo", "visit")
_WEEKS_A_YEAR = 52.18


@dataclass(frozen=True, kw_only=True)
class StrainInputs:
    """Optional tables behind the indicators; None where the workbook has none."""

    activities: pd.DataFrame | None = field(default=None, repr=False)
    opportunities: pd.DataFrame | None = field(default=None, repr=False)
    opportunity_history: pd.DataFrame | None = field(default=None, repr=False)
    leads: pd.DataFrame | None = field(default=None, repr=False)
    meetings: pd.DataFrame | None = field(default=None, repr=False)
    one_on_ones: pd.DataFrame | None = field(default=None, repr=False)
    holidays: pd.DataFrame | None = field(default=None, repr=False)


def gather_parts(
    inputs: StrainInputs,
    staff: Staff,
    settings: TeamPeopleSettings,
    *,
    plan_zone: str = "UTC",
    weekend: tuple[int, ...] = (6, 7),
) -> Parts:
    """
    Give numerator and denominator of every indicator that can be computed.

    Parameters
    ----------
    inputs
        Tables at hand.
    staff
        People by month.
    settings
        Hours, lengths and scores that count.
    plan_zone
        Time zone of the times in the tables.
    weekend
        ISO weekdays that are off.

    Returns
    -------
    dict
        By indicator, how it was computed and a frame ``rep_id``, ``month_date``, ``upper``,
        ``lower``.
    """
    there = staff.months.assign(lower=12 * staff.months["years"])
    there = there[["rep_id", "month_date", "lower"]]
    found: Parts = {}
    for one in (
        _from_activities(inputs.activities, there, settings),
        _from_deals(inputs.opportunities, there, staff.as_of),
        _touches(inputs),
        _from_leads(inputs.leads, settings),
        _hours(inputs, staff, settings, _Clock(plan_zone, weekend)),
        _meeting_load(inputs, there),
        _talks(inputs.one_on_ones, there),
        _in_grade(staff, settings),
        process_parts(
            inputs.opportunities, inputs.opportunity_history, inputs.activities, staff.as_of
        ),
    ):
        found |= one
    kept = {name: part for name, part in found.items() if part[1]["lower"].gt(0).any()}
    return {name: kept[name] for name in INDICATORS if name in kept}


@dataclass(frozen=True)
class _Clock:
    """Time zone of the tables, and the weekdays that are off."""

    zone: str
    weekend: tuple[int, ...]


def _month_of(days: pd.Series) -> pd.Series:
    first = days.to_numpy().astype("datetime64[M]").astype("datetime64[us]")
    return pd.Series(first, index=days.index)


def _by_month(rows: pd.DataFrame, day: str, person: str) -> list[pd.Series]:
    month = _month_of(rows[day])
    return [rows[person].rename("rep_id"), month.rename("month_date")]


def _sums(rows: pd.DataFrame, day: str, person: str = "rep_id") -> pd.DataFrame:
    by = rows.groupby(_by_month(rows, day, person))[["upper", "lower"]]
    return by.sum().astype("float64").reset_index()


def _per_month(rows: pd.DataFrame, day: str, there: pd.DataFrame, person: str) -> pd.DataFrame:
    """Give counts or amounts per month there; zero in a month without, for people who have any."""
    there = there[there["rep_id"].isin(rows[person])]
    if there.empty:
        return there.assign(upper=0.0)
    sums = rows.groupby(_by_month(rows, day, person))["upper"].sum().astype("float64")
    merged: pd.DataFrame = there.merge(sums.reset_index(), on=["rep_id", "month_date"], how="left")
    first = rows[day].min().to_period("M").start_time
    inside = merged[merged["month_date"] >= first]
    found: pd.DataFrame = inside.assign(upper=inside["upper"].fillna(0.0))
    return found


def _from_activities(
    activities: pd.DataFrame | None, there: pd.DataFrame, settings: TeamPeopleSettings
) -> Parts:
    if activities is None or activities.empty:
        return {}
    rows = by_persons(activities)
    calls = rows[(rows["activity_type"] == "call") & (rows["direction"] == "out")]
    calls = calls[calls["minutes"].notna()]
    reached = (calls["minutes"] >= settings.connect_minutes).astype(float)
    found: Parts = {
        "connect_rate": ("minutes of calls out",
                         _sums(calls.assign(upper=reached, lower=1.0), "activity_date"))
    }  # fmt: skip
    if rows["direction"].notna().any():
        came = rows[rows["direction"] == "in"].assign(upper=1.0)
        found["inbound"] = ("activities", _per_month(came, "activity_date", there, "rep_id"))
    return found


def _from_deals(
    opportunities: pd.DataFrame | None, there: pd.DataFrame, as_of: pd.Timestamp
) -> Parts:
    if opportunities is None or opportunities.empty:
        return {}
    deals = opportunities[opportunities["owner_id"].notna()]
    is_closed = deals["is_closed"].fillna(False).astype(bool)
    is_won = deals["is_won"].fillna(False).astype(bool)
    decided = deals[is_closed & deals["close_date"].notna() & (deals["deal_type"] != "renewal")]
    decided = decided.assign(upper=is_won[decided.index].astype(float), lower=1.0)
    won = deals[is_won & deals["close_date"].notna() & deals["amount"].notna()]
    step = deals[~is_closed & deals["next_step_date"].notna()]
    step = step.assign(upper=(step["next_step_date"] < as_of).astype(float), lower=1.0, as_of=as_of)
    found: Parts = {"win_rate": ("deals closed", _sums(decided, "close_date", "owner_id"))}
    if len(won):
        found["sales_trend"] = ("deals won", _per_month(
            won.assign(upper=won["amount"]), "close_date", there, "owner_id"
        ))  # fmt: skip
    if len(step):
        found["overdue_share"] = ("open deals on the as-of date", _sums(step, "as_of", "owner_id"))
    return found


def _touches(inputs: StrainInputs) -> Parts:
    if inputs.activities is None or inputs.opportunities is None:
        return {}
    acts = inputs.activities
    acts = acts[(acts["direction"] == "out") & ~acts["is_automatic"].fillna(False).astype(bool)]
    deals = inputs.opportunities
    won = deals[deals["is_won"].fillna(False).astype(bool) & deals["close_date"].notna()]
    won = won[won["close_date"] >= acts["activity_date"].min()]
    rows = pd.concat([
        pd.DataFrame({"rep_id": acts["rep_id"], "day": acts["activity_date"], "upper": 1.0,
                      "lower": 0.0}),
        pd.DataFrame({"rep_id": won["owner_id"], "day": won["close_date"], "upper": 0.0,
                      "lower": 1.0}),
    ], ignore_index=True)  # fmt: skip
    return {"touches_per_success": ("activities and deals won", _sums(rows, "day"))}


def _from_leads(leads: pd.DataFrame | None, settings: TeamPeopleSettings) -> Parts:
    if leads is None or leads["lead_score"].isna().all() or leads["owner_id"].isna().all():
        return {}
    rows = leads[leads["lead_score"].notna() & leads["owner_id"].notna()]
    good = (rows["lead_score"] >= settings.good_lead_score).astype(float)
    rows = rows.assign(upper=good, lower=1.0)
    return {"lead_quality_share": ("scores of leads", _sums(rows, "created_at", "owner_id"))}


def _hours(
    inputs: StrainInputs, staff: Staff, settings: TeamPeopleSettings, clock: _Clock
) -> Parts:
    """Give the share of work outside working hours at the place of the rep."""
    timed, sources = [], []
    if inputs.meetings is not None and len(inputs.meetings):
        rows = inputs.meetings
        timed.append(pd.DataFrame({"rep_id": rows["rep_id"], "at": rows["start_at"]}))
        sources.append("meetings")
    if inputs.leads is not None and inputs.leads["first_response_at"].notna().any():
        rows = inputs.leads[inputs.leads["first_response_at"].notna()]
        timed.append(pd.DataFrame({"rep_id": rows["owner_id"], "at": rows["first_response_at"]}))
        sources.append("first answers to leads")
    if timed:
        moments = pd.concat(timed, ignore_index=True).dropna()
        local = _local(moments, staff, clock.zone)
        late = (local.dt.hour < settings.work_from) | (local.dt.hour >= settings.work_to)
        late |= _days_off(moments["rep_id"], local.dt.normalize(), inputs, staff, clock)
        rows = moments.assign(upper=late.astype(float), lower=1.0)
        return {"after_hours_share": (" and ".join(sources), _sums(rows, "at"))}
    acts = inputs.activities
    if acts is None or acts.empty:
        return {}
    rows = acts[~acts["is_automatic"].fillna(False).astype(bool) & acts["rep_id"].notna()]
    late = _days_off(rows["rep_id"], rows["activity_date"], inputs, staff, clock)
    rows = rows.assign(upper=late.astype(float), lower=1.0)
    return {"after_hours_share": ("activities on days off (weaker: no times of day)",
                                  _sums(rows, "activity_date"))}  # fmt: skip


def _days_off(
    person: pd.Series, day: pd.Series, inputs: StrainInputs, staff: Staff, clock: _Clock
) -> pd.Series:
    """Tell whether each day is off by the holiday calendar of the person."""
    name = person.map(staff.people.set_index("rep_id")["calendar"]).fillna("")
    off = pd.Series(False, index=day.index)
    for calendar, days in day.groupby(name):
        free = inputs.holidays
        known = free is not None and bool(calendar) and (free["calendar"] == calendar).any()
        work = (
            WorkCalendar.from_table(free, str(calendar), clock.weekend)
            if free is not None and known
            else WorkCalendar(weekend=clock.weekend)
        )
        mask = [weekday not in work.weekend for weekday in range(1, 8)]
        unique = days.to_numpy().astype("datetime64[D]")
        plain = np.is_busday(unique, weekmask=mask, holidays=_dates(work.holidays))
        off.loc[days.index] = ~(plain | np.isin(unique, _dates(work.workdays)))
    return off


def _dates(days: Collection[date]) -> np.ndarray:
    return np.array(sorted(days), dtype="datetime64[D]")


def _local(moments: pd.DataFrame, staff: Staff, plan_zone: str) -> pd.Series:
    """Give times at the place of each rep; without a known zone, in that of the plan."""
    from planlib.routing.zones import is_zone, to_utc, to_zone

    zone = moments["rep_id"].map(staff.people.set_index("rep_id")["time_zone"])
    zone = zone.where(zone.map(lambda name: isinstance(name, str) and is_zone(name)), plan_zone)
    utc = to_utc(moments["at"], plan_zone)
    local = moments["at"].copy()
    for name, rows in utc.groupby(zone):
        local.loc[rows.index] = to_zone(rows, str(name))
    return local


def _meeting_load(inputs: StrainInputs, there: pd.DataFrame) -> Parts:
    weeks = there.assign(lower=there["lower"] / 12 * _WEEKS_A_YEAR)
    if inputs.meetings is not None and len(inputs.meetings):
        rows = inputs.meetings
        hours = (rows["end_at"] - rows["start_at"]).dt.total_seconds() / 3600
        rows = rows.assign(upper=hours.clip(lower=0.0), day=rows["start_at"].dt.normalize())
        return {"meeting_hours": ("calendar", _per_month(rows, "day", weeks, "rep_id"))}
    acts = inputs.activities
    if acts is None:
        return {}
    rows = acts[acts["activity_type"].isin(_MEETINGS) & acts["minutes"].notna()]
    if rows.empty:
        return {}
    rows = rows.assign(upper=rows["minutes"] / 60)
    return {"meeting_hours": ("minutes of activities with customers (weaker: no inner meetings)",
                              _per_month(rows, "activity_date", weeks, "rep_id"))}  # fmt: skip


def _talks(one_on_ones: pd.DataFrame | None, there: pd.DataFrame) -> Parts:
    if one_on_ones is None or one_on_ones.empty:
        return {}
    rows = one_on_ones.assign(upper=1.0)
    return {"manager_contact": ("one_on_ones", _per_month(rows, "meeting_date", there, "rep_id"))}


def _in_grade(staff: Staff, settings: TeamPeopleSettings) -> Parts:
    if not staff.has_history:
        return {}
    usual = {
        (rung.role or ladder.role, rung.level): rung.months
        for ladder in settings.ladders
        for rung in ladder.rungs
        if rung.months is not None
    }
    here = staff.here
    limit = [
        usual.get(key, settings.grade_months)
        for key in zip(here["role"], here["level"], strict=True)
    ]
    months = (staff.as_of - here["grade_date"]).dt.days / (365.25 / 12)
    rows = here.assign(upper=(months > pd.Series(limit, index=here.index)).astype(float),
                       lower=1.0, as_of=staff.as_of)  # fmt: skip
    return {"time_in_grade": ("rep_history", _sums(rows, "as_of"))}
