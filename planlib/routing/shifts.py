"""When reps work: shifts by time zone and holiday calendar, and their days away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd

from planlib.routing import zones
from planlib.routing.arrays import Hours, own
from planlib.routing.kernel import SLOT, WHOLE
from planlib.settings.routing import RoutingSettings

_DAY = 1440
_AHEAD = 10  # days in which the next working day of every customer comes
_SLOTS = _DAY // SLOT


@dataclass(frozen=True, kw_only=True)
class Shifts:
    """
    Shifts of reps on one axis of minutes.

    Parameters
    ----------
    base
        Midnight (UTC) at which the minutes begin.
    pattern
        Shift of each rep.
    next_open
        By shift and slot of 15 minutes: the first slot from it on that is worked, -1 for none.
    local_day
        Day of the shift's own calendar, counted from the one before ``base``.
    next_day
        First slot of the next local day.
    away
        Percent away by rep and local day; 100: not at work.
    """

    base: datetime
    pattern: np.ndarray = field(repr=False)
    next_open: np.ndarray = field(repr=False)
    local_day: np.ndarray = field(repr=False)
    next_day: np.ndarray = field(repr=False)
    away: np.ndarray = field(repr=False)

    @property
    def days(self) -> int:
        """Local days of the axis."""
        return int(self.local_day.max()) + 1

    def day_of(self, day: pd.Timestamp) -> int:
        """Give the number of a local day."""
        return int((day.normalize() - pd.Timestamp(self.base)).days) + 1


def minutes_of(clock: str) -> int:
    """
    Give a time of day in minutes.

    Examples
    --------
    >>> minutes_of("09:30")
    570
    """
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def make_shifts(
    people: pd.DataFrame,
    base: datetime,
    days: int,
    hours: tuple[str, str],
    *,
    weekend: tuple[int, ...] = (6, 7),
    holidays: pd.DataFrame | None = None,
) -> Shifts:
    """
    Lay out the working time of reps.

    Parameters
    ----------
    people
        ``time_zone`` and ``calendar`` (blank: weekends only) of each rep, in order.
    base, days
        Midnight (UTC) and number of days of the axis.
    hours
        Start and end of work, local time by quarter hours.
    weekend
        ISO weekdays off.
    holidays
        Table ``holidays``; a make-up working day wins over the weekend.

    Returns
    -------
    Shifts
        Nobody away yet.
    """
    kinds = people[["time_zone", "calendar"]].fillna("").astype(str)
    codes, names = pd.factorize(pd.MultiIndex.from_frame(kinds), sort=True)
    slots = days * _SLOTS
    shape = (len(names), slots)
    opens, local = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32)
    nexts = np.zeros(shape, dtype=np.int32)
    start, end = minutes_of(hours[0]), minutes_of(hours[1])
    minute = np.arange(slots, dtype=np.int64) * SLOT
    for at, (zone, calendar) in enumerate(names):
        shift = zones.offsets(zone, base, days * 24)[minute // 60]
        here = minute + shift + _DAY
        local[at] = here // _DAY
        worked = _worked_days(base, days + 3, calendar, weekend, holidays)
        inside = (here % _DAY >= start) & (here % _DAY < end) & worked[local[at]]
        opens[at] = _next_true(inside)
        first = np.r_[False, np.diff(local[at]) > 0]
        nexts[at] = np.r_[_next_true(first)[1:], -1]
    nexts[nexts < 0] = slots
    return Shifts(
        base=base, pattern=codes.astype(np.int32), next_open=opens, local_day=local,
        next_day=nexts, away=np.zeros((len(people), days + 4), dtype=np.uint8),
    )  # fmt: skip


def make_hours(
    shifts: Shifts,
    away: np.ndarray,
    meetings: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None,
) -> Hours:
    """Group the working time of reps; without meetings nobody is in one."""
    none = np.zeros(0, np.int64)
    first, start, end = meetings or (np.zeros(len(shifts.pattern) + 1, np.int64), none, none)
    return Hours(
        pattern=own(shifts.pattern, np.int32), next_open=own(shifts.next_open, np.int32),
        local_day=own(shifts.local_day, np.int32), next_day=own(shifts.next_day, np.int32),
        away=own(away, np.uint8), meet_first=own(first, np.int64),
        meet_start=own(start, np.int64), meet_end=own(end, np.int64),
    )  # fmt: skip


def hand_over(
    leads: pd.DataFrame, chosen: pd.Series, moment: pd.Timestamp, settings: RoutingSettings
) -> pd.DataFrame:
    """
    Move the decision on leads that have waited too long to when their customer can be called next.

    Parameters
    ----------
    leads
        ``at`` (UTC, when each would be decided) and ``time_zone``.
    chosen
        Leads that are decided in this run.
    moment
        When the decisions reach the reps (UTC). A lead that came at most
        ``routing.deadline_minutes`` before is decided at its own time.
    settings
        Section ``routing``: deadline, start of work, hours in which customers may be called.

    Returns
    -------
    DataFrame
        The leads with ``at``: a deadline that has passed before anybody knows of the lead, and a
        rep who was at work then, are of no use.
    """
    waited = moment - leads["at"] > pd.Timedelta(minutes=settings.deadline_minutes)
    late = chosen & waited
    if not late.any():
        return leads
    codes, names = pd.factorize(leads.loc[late, "time_zone"], sort=True)
    begin = max(settings.customer_start, settings.work_start)  # before it nobody there is at work
    base = moment.normalize()
    customers = make_shifts(
        pd.DataFrame({"time_zone": names, "calendar": ""}), base.to_pydatetime(), _AHEAD,
        (begin if begin < settings.customer_end else settings.customer_start,
         settings.customer_end),
    )  # fmt: skip
    minute = int((moment - base).total_seconds() // 60)
    opens = SLOT * customers.next_open[customers.pattern[codes], minute // SLOT].astype(np.int64)
    next_ = base + pd.to_timedelta(np.maximum(opens, minute), unit="m")
    at = leads["at"].copy()
    at[late] = np.asarray(next_, dtype="datetime64[us]")
    return leads.assign(at=at)


def mark_away(
    shifts: Shifts, availability: pd.DataFrame | None, index: Mapping[str, int]
) -> np.ndarray:
    """
    Give the days away with those of table ``availability`` added.

    Parameters
    ----------
    shifts
        The axis.
    availability
        ``rep_id``, ``start_date``, ``end_date``, ``away_share`` (blank: all day). Shares of one
        day add up; a share below 1 lowers the rep's cap of that day, as the hours are not known.
    index
        Number of each rep.
    """
    away = shifts.away.astype(np.int64)
    if availability is None or availability.empty:
        return shifts.away
    mine = availability[availability["rep_id"].isin(index)]
    share = mine.get("away_share", pd.Series(np.nan, index=mine.index)).fillna(1.0)
    first = (mine["start_date"] - pd.Timestamp(shifts.base)).dt.days + 1
    last = (mine["end_date"] - pd.Timestamp(shifts.base)).dt.days + 1
    for rep, low, high, part in zip(mine["rep_id"], first, last, share, strict=True):
        if high >= 0 and low < away.shape[1] and high >= low:
            away[index[rep], max(0, low) : high + 1] += round(WHOLE * part)
    return np.minimum(away, WHOLE).astype(np.uint8)


def employed_only(shifts: Shifts, away: np.ndarray, people: pd.DataFrame) -> np.ndarray:
    """Give the days away with those before the first and after the last day of each rep."""
    found = away.copy()
    base = pd.Timestamp(shifts.base)
    for at, (hired, left) in enumerate(zip(people["hire_date"], people["leave_date"], strict=True)):
        if pd.notna(hired):
            found[at, : max(0, (hired - base).days + 1)] = WHOLE
        if pd.notna(left):
            found[at, max(0, (left - base).days + 2) :] = WHOLE
    return found


def meeting_lists(
    meetings: pd.DataFrame | None, index: Mapping[str, int], base: datetime
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give meetings by rep in order of time, overlapping ones joined: first place, start, end."""
    first = np.zeros(len(index) + 1, dtype=np.int64)
    none = np.zeros(0, dtype=np.int64)
    if meetings is None or meetings.empty:
        return first, none, none
    mine = meetings[meetings["rep_id"].isin(index) & (meetings["end_at"] > meetings["start_at"])]
    if "outcome" in mine.columns:
        mine = mine[mine["outcome"].fillna("") != "cancelled"]
    rows = pd.DataFrame({
        "rep": mine["rep_id"].map(index),
        "start": (mine["start_at"] - pd.Timestamp(base)).dt.total_seconds() // 60,
        "end": np.ceil((mine["end_at"] - pd.Timestamp(base)).dt.total_seconds() / 60),
    }).sort_values(["rep", "start", "end"])  # fmt: skip
    before = rows.groupby("rep")["end"].cummax().groupby(rows["rep"]).shift()
    block = (before.isna() | (rows["start"] > before)).cumsum()
    joined = rows.groupby(block).agg({"rep": "first", "start": "min", "end": "max"})
    counts = np.bincount(joined["rep"].to_numpy(int), minlength=len(index))
    first[1:] = np.cumsum(counts)
    return first, joined["start"].to_numpy(np.int64), joined["end"].to_numpy(np.int64)


def _worked_days(
    base: datetime, count: int, calendar: str, weekend: tuple[int, ...],
    holidays: pd.DataFrame | None,
) -> np.ndarray:  # fmt: skip
    """Tell which local days are worked; day 0 is the one before the base."""
    days = pd.date_range(pd.Timestamp(base) - pd.Timedelta(days=1), periods=count)
    worked = np.array(~(days.day_of_week + 1).isin(weekend))
    if holidays is not None and calendar:
        mine = holidays[holidays["calendar"] == calendar]
        extra = mine["is_workday"].fillna(False).astype(bool)
        worked[days.isin(mine.loc[~extra, "holiday_date"])] = False
        worked[days.isin(mine.loc[extra, "holiday_date"])] = True
    return worked


def _next_true(flags: np.ndarray) -> np.ndarray:
    """Give for each place the first place from it on that is true, -1 for none."""
    places = np.where(flags, np.arange(len(flags)), len(flags))
    found = np.minimum.accumulate(places[::-1])[::-1]
    return np.where(found < len(flags), found, -1).astype(np.int32)
