"""Changes within the year: pro rata by days, with a holdover in which the old quota counts on."""

from __future__ import annotations

import pandas as pd

from planlib.notes import percent
from planlib.periods import Period


def days_of(
    year: Period, first: pd.Timestamp | None, last: pd.Timestamp | None = None,
    holdover_days: int = 0,
) -> int:  # fmt: skip
    """
    Count the days of a year on which a new quota counts.

    Parameters
    ----------
    year
        The year.
    first, last
        First and last day of the change; None: no bound.
    holdover_days
        Days from ``first`` on in which the old quota still counts; none where the change was in
        force before the year began.

    Examples
    --------
    >>> days_of(Period.parse("2026"), pd.Timestamp("2026-12-01"), holdover_days=30)
    1
    """
    begin, end = pd.Timestamp(year.start), pd.Timestamp(year.end)
    if first is not None and first > begin:
        begin = first + pd.Timedelta(days=holdover_days)
    if last is not None:
        end = min(end, last)
    return int(min(max((end - begin).days + 1, 0), year.days))


def prorate_quota(old: float, new: float, days: int, year: Period) -> float:
    """
    Give the quota of a year in which a yearly quota changes: each counts for its days.

    Parameters
    ----------
    old, new
        Yearly quotas.
    days
        Days on which the new one counts, from ``days_of``.
    year
        The year.

    Examples
    --------
    >>> prorate_quota(365_000, 730_000, 183, Period.parse("2026"))
    548000.0
    """
    return (old * (year.days - days) + new * days) / year.days


def presence_changes(quotas: pd.DataFrame, year: Period) -> pd.DataFrame:
    """
    Give the people who start or leave within the year, with their quota of the plan by days.

    Parameters
    ----------
    quotas
        ``rep_id``, ``first_date`` (expected first day), ``leave_date``, ``quota_amount`` (quota of
        the plan for the year), ``ramped_share``.
    year
        The year.

    Returns
    -------
    DataFrame
        ``rep_id``, ``change`` (starts, leaves), ``effective_from``, ``old_amount``,
        ``new_amount`` (at a year's pace: ``year_amount`` / days there x days of the year),
        ``days_before``, ``year_amount`` (quota of the plan), ``reason``.

    Examples
    --------
    >>> quotas = pd.DataFrame({"rep_id": ["a"], "first_date": [pd.Timestamp("2026-10-20")],
    ...                        "leave_date": [pd.NaT], "quota_amount": [100.0],
    ...                        "ramped_share": [0.1]})
    >>> presence_changes(quotas, Period.parse("2026"))["new_amount"].tolist()
    [500.0]
    """
    rows = []
    first, last = pd.Timestamp(year.start), pd.Timestamp(year.end)
    for row in quotas.sort_values("rep_id").to_dict("records"):
        start, leave, asked = row["first_date"], row["leave_date"], row["quota_amount"]
        starts = pd.notna(start) and first < start <= last
        leaves = pd.notna(leave) and first <= leave < last
        there = days_of(year, start if starts else None, leave if leaves else None)
        if not there:
            continue
        pace = round(asked * year.days / there, 2)
        reason = (
            f"quota of the plan for {there} of {year.days} days; ramped and present for "
            f"{percent(row['ramped_share'])} of a full year"
        )
        if starts:
            before = year.days - days_of(year, start)
            rows.append((row["rep_id"], "starts", start, 0.0, pace, before, asked, reason))
        if leaves:
            gone = leave + pd.Timedelta(days=1)
            before = year.days - days_of(year, gone)
            rows.append((row["rep_id"], "leaves", gone, pace, 0.0, before, asked, reason))
    return pd.DataFrame(rows, columns=[
        "rep_id", "change", "effective_from", "old_amount", "new_amount", "days_before",
        "year_amount", "reason",
    ])  # fmt: skip
