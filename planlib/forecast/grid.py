"""Weeks of a period, and where a day stands in them by share of working days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from planlib.periods import Period
from planlib.workdays import WorkCalendar

_WEEK = 7


@dataclass(frozen=True, kw_only=True)
class Point:
    """
    A day of a period.

    Parameters
    ----------
    period
        The period.
    number
        Place of the period among those compared, oldest is 0.
    week
        Whole weeks passed at the end of the day; 0 is the day before the period starts.
    day
        The day; the pipeline is taken as known at its end.
    position
        Share of the period's working days that have passed. Before the period: days until its
        start as a negative share of its calendar days.
    """

    period: Period
    number: int
    week: int
    day: date
    position: float


def forecast_period(period: Period, as_of: date) -> Period:
    """
    Give the period whose close is forecast: the one measured, or the next once it is over.

    Parameters
    ----------
    period
        The period that the pipeline step measures.
    as_of
        Day until which the data count.

    Returns
    -------
    Period
        The period to forecast.

    Examples
    --------
    >>> forecast_period(Period.parse("2026Q1"), date(2026, 3, 31)).name
    '2026Q2'
    """
    return period.shift(1) if as_of >= period.end else period


def week_count(period: Period) -> int:
    """Give the weeks of a period; the last one runs to its end (13 in every quarter)."""
    return max(1, round(period.days / _WEEK))


def week_of(period: Period, day: date) -> int:
    """Give the whole weeks of a period that have passed at the end of a day; negative before."""
    if day >= period.end:
        return week_count(period)
    passed = (day - period.start).days + 1
    return min(passed // _WEEK, week_count(period) - 1)


def week_day(period: Period, week: int) -> date:
    """Give the day at whose end so many weeks have passed."""
    if week >= week_count(period):
        return period.end
    return period.start + timedelta(_WEEK * week - 1)


def position_of(period: Period, day: date, calendar: WorkCalendar) -> float:
    """Give the share of working days passed; before the period a negative share of its days."""
    before = (period.start - day).days - 1
    if before > 0:
        return -before / period.days
    return calendar.elapsed_share(period.start, period.end, day)


def week_points(
    periods: Sequence[Period], calendar: WorkCalendar, first_week: int = 0
) -> list[Point]:
    """Give every week of every period, from ``first_week`` (negative: before it starts) on."""
    return [
        Point(
            period=period,
            number=number,
            week=week,
            day=week_day(period, week),
            position=position_of(period, week_day(period, week), calendar),
        )
        for number, period in enumerate(periods)
        for week in range(min(0, first_week), week_count(period) + 1)
    ]


def working_days(
    periods: Sequence[Period], as_of: date, calendar: WorkCalendar | None = None
) -> pd.DataFrame:
    """
    Give the working days of periods by week, beside the same day of the year before.

    Parameters
    ----------
    periods
        The periods shown.
    as_of
        The day until which the data count; it stands among the weeks of its period.
    calendar
        Weekends and public holidays; None: weekends only.

    Returns
    -------
    DataFrame
        Table ``working_days``. ``shift_days`` is how many working days more (or, below zero,
        fewer) have passed than on the same day of the period a year before: a moving holiday such
        as Lunar New Year shows here. ``aligned_date`` is the day a year before on which the same
        share of working days had passed.
    """
    calendar = calendar or WorkCalendar()
    rows = []
    for period in periods:
        days = {week_day(period, week): week for week in range(week_count(period) + 1)}
        if period.contains(as_of):
            days.setdefault(as_of, week_of(period, as_of))
        prior = period.prior_year()
        total, before = (calendar.count(side.start, side.end) for side in (period, prior))
        for day, week in sorted(days.items()):
            other = prior.end if day >= period.end else prior.start + (day - period.start)
            passed = calendar.count(period.start, day)
            prior_passed = calendar.count(prior.start, min(other, prior.end))
            share = passed / total if total else float("nan")
            rows.append(
                {
                    "period": period.name,
                    "day_date": day,
                    "week_of_period": week,
                    "workdays_count": total,
                    "passed_count": passed,
                    "workday_share": share,
                    "prior_period": prior.name,
                    "prior_date": other,
                    "prior_workdays_count": before,
                    "prior_passed_count": prior_passed,
                    "shift_days": passed - prior_passed,
                    "aligned_date": aligned_day(prior, share, calendar),
                    "is_current": day == as_of,
                }
            )
    return pd.DataFrame(rows)


def aligned_day(period: Period, share: float, calendar: WorkCalendar) -> date:
    """
    Give the first day of a period by whose end a share of its working days has passed.

    Examples
    --------
    >>> aligned_day(Period.parse("2026Q1"), 0.5, WorkCalendar())
    datetime.date(2026, 2, 13)
    """
    if not share > 0:
        return period.start - timedelta(1)
    low, high = 0, period.days - 1
    while low < high:
        middle = (low + high) // 2
        day = period.start + timedelta(middle)
        if calendar.elapsed_share(period.start, period.end, day) >= share - 1e-9:
            high = middle
        else:
            low = middle + 1
    return period.start + timedelta(low)
