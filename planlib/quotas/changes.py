"""Changes within the year: pro rata by days, with a holdover in which the old quota counts on."""

from __future__ import annotations

import pandas as pd

from planlib.periods import Period


def days_before(year: Period, effective_from: pd.Timestamp, holdover_days: int) -> int:
    """
    Count the days of a year on which the old quota counts.

    Parameters
    ----------
    year
        The year.
    effective_from
        First day of the change.
    holdover_days
        Days from then on in which the old quota still counts.
    """
    first, last = pd.Timestamp(year.start), pd.Timestamp(year.end)
    if effective_from <= first:
        return 0  # known before the year began: nothing to hold over
    counted = effective_from + pd.Timedelta(days=holdover_days)
    return int(min(max((counted - first).days, 0), (last - first).days + 1))


def prorate_quota(
    old: float, new: float, year: Period, effective_from: pd.Timestamp, *, holdover_days: int = 0
) -> float:
    """
    Give the quota of a year in which a yearly quota changes: each counts for its days.

    Parameters
    ----------
    old, new
        Yearly quota before and after.
    year
        The year.
    effective_from
        First day of the change.
    holdover_days
        Days from then on in which the old quota still counts.

    Examples
    --------
    >>> prorate_quota(365_000, 730_000, Period.parse("2026"), pd.Timestamp("2026-07-02"))
    548000.0
    """
    before = days_before(year, effective_from, holdover_days)
    return (old * before + new * (year.days - before)) / year.days


def presence_changes(carriers: pd.DataFrame, year: Period) -> pd.DataFrame:
    """
    Give the people who start or leave within the year, with the share of it that counts.

    Parameters
    ----------
    carriers
        ``rep_id``, ``first_date`` (expected first day), ``leave_date``, ``quota_full_amount``
        (yearly), ``ramped_share``.

    Returns
    -------
    DataFrame
        ``rep_id``, ``change`` (starts, leaves), ``effective_from``, ``old_amount``,
        ``new_amount`` (yearly), ``days_before``, ``year_amount`` (by days, without ramp),
        ``reason``.
    """
    rows = []
    first, last = pd.Timestamp(year.start), pd.Timestamp(year.end)
    for row in carriers.sort_values("rep_id").to_dict("records"):
        full, start, leave = row["quota_full_amount"], row["first_date"], row["leave_date"]
        ramped = f"ramped and present for {row['ramped_share']:.0%} of a full year"
        if pd.notna(start) and first < start <= last:
            before = days_before(year, start, 0)
            rows.append((row["rep_id"], "starts", start, 0.0, full, before,
                         prorate_quota(0.0, full, year, start), ramped))  # fmt: skip
        if pd.notna(leave) and first <= leave < last:
            gone = leave + pd.Timedelta(days=1)
            rows.append((row["rep_id"], "leaves", gone, full, 0.0, days_before(year, gone, 0),
                         prorate_quota(full, 0.0, year, gone), ramped))  # fmt: skip
    return pd.DataFrame(rows, columns=[
        "rep_id", "change", "effective_from", "old_amount", "new_amount", "days_before",
        "year_amount", "reason",
    ])  # fmt: skip
