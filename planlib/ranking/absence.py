"""Working days present, and the start of the window that makes up for days away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd

from planlib.ranking.shrink import Floats
from planlib.workdays import WorkCalendar

_DAY_HOURS = 8.0


def month_start(end: date, months: int) -> date:
    """
    Give the first day of a window of whole months that ends on a day.

    Examples
    --------
    >>> month_start(date(2026, 3, 31), 3), month_start(date(2026, 2, 28), 12)
    (datetime.date(2026, 1, 1), datetime.date(2025, 3, 1))
    """
    return (pd.Timestamp(end) + pd.Timedelta(days=1) - pd.DateOffset(months=months)).date()


def month_ends(end: date, months: int) -> list[date]:
    """Give the last day and the same point of the months before it, oldest first."""
    return [month_start(end, back) - timedelta(days=1) for back in range(months - 1, 0, -1)] + [end]


def meeting_days(meetings: pd.DataFrame | None, hours: float) -> pd.DataFrame | None:
    """
    Give the days that a cluster of meetings fills, as rows of ``availability``.

    Parameters
    ----------
    meetings
        Table ``meetings``; cancelled ones do not count, overlapping ones count once, a meeting
        over midnight counts for the day on which it begins.
    hours
        Least hours of meetings on a day.

    Returns
    -------
    DataFrame or None
        ``rep_id``, ``start_date``, ``end_date``, ``away_share`` (hours / 8, at most 1).
    """
    if meetings is None or meetings.empty:
        return None
    rows = meetings[meetings["end_at"] > meetings["start_at"]]
    if "outcome" in rows.columns:
        rows = rows[rows["outcome"].fillna("") != "cancelled"]
    rows = rows.assign(day=rows["start_at"].dt.normalize())
    rows = rows.sort_values(["rep_id", "start_at", "end_at"], ignore_index=True)
    last = rows.groupby(["rep_id", "day"])["end_at"].cummax()
    before = last.groupby([rows["rep_id"], rows["day"]]).shift()
    begin = rows["start_at"].where(before.isna() | (before < rows["start_at"]), before)
    length = ((rows["end_at"] - begin).dt.total_seconds() / 3600).clip(lower=0.0)
    total = length.groupby([rows["rep_id"], rows["day"]]).sum().reset_index(name="hours")
    full = total[total["hours"] >= hours]
    return pd.DataFrame({
        "rep_id": full["rep_id"], "start_date": full["day"], "end_date": full["day"],
        "away_share": (full["hours"] / _DAY_HOURS).clip(upper=1.0),
    }).reset_index(drop=True)  # fmt: skip


def away_days(availability: pd.DataFrame | None, calendar: WorkCalendar) -> pd.DataFrame:
    """
    Give each working day on which a rep was away.

    Parameters
    ----------
    availability
        Table ``availability``, with rows of ``meeting_days`` below it where there are meetings;
        several rows of a day add up to one whole day at most.
    calendar
        Which days are worked.

    Returns
    -------
    DataFrame
        ``rep_id``, ``day``, ``away_share`` (0 to 1), by rep and day.
    """
    columns = ["rep_id", "day", "away_share"]
    if availability is None or availability.empty:
        return pd.DataFrame({"rep_id": pd.Series(dtype="str"),
                             "day": pd.Series(dtype="datetime64[us]"),
                             "away_share": pd.Series(dtype="float64")})  # fmt: skip
    rows = availability[availability["end_date"] >= availability["start_date"]]
    share = rows["away_share"] if "away_share" in rows else pd.Series(np.nan, index=rows.index)
    if rows.empty:
        return away_days(None, calendar)
    days = [
        pd.date_range(first, last)
        for first, last in zip(rows["start_date"], rows["end_date"], strict=True)
    ]
    long = pd.DataFrame(
        {
            "rep_id": rows["rep_id"].to_numpy().repeat([len(one) for one in days]),
            "day": np.concatenate([one.to_numpy() for one in days]),
            "away_share": share.fillna(1.0).to_numpy().repeat([len(one) for one in days]),
        }
    )
    long["day"] = long["day"].astype("datetime64[us]")
    first, last = long["day"].min(), long["day"].max()
    worked = work_days(first.date(), last.date(), calendar)
    long = long[worked[(long["day"] - first).dt.days.to_numpy()] > 0]
    summed = long.groupby(["rep_id", "day"], sort=True)["away_share"].sum().clip(upper=1.0)
    found: pd.DataFrame = summed.reset_index()[columns]
    return found


def work_days(first: date, last: date, calendar: WorkCalendar) -> Floats:
    """Give 1 for each day of a span that is worked, else 0."""
    span = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    worked = np.isin((span.astype("int64") + 3) % 7 + 1, calendar.weekend, invert=True)
    worked[np.isin(span, np.array(sorted(calendar.holidays), dtype="datetime64[D]"))] = False
    worked[np.isin(span, np.array(sorted(calendar.workdays), dtype="datetime64[D]"))] = True
    return worked.astype("float64")


def rep_windows(
    reps: list[str], away: pd.DataFrame, end: date, months: int | Mapping[str, int], *,
    longest: float, calendar: WorkCalendar,
) -> pd.DataFrame:  # fmt: skip
    """
    Give the window of each rep: as many working days present as the plain window has.

    A rep who was away gets an earlier first day, at most ``longest`` times the window back, so
    that leave and clusters of meetings cost sample at the recent end, not score.

    Parameters
    ----------
    reps
        Ids, in the order wanted.
    away
        ``rep_id``, ``day``, ``away_share`` (of the working day).
    end
        Last day of all windows.
    months
        Length of the plain window: one for all, or by rep.
    longest
        How many times the plain window a window may be.
    calendar
        Working days.

    Returns
    -------
    DataFrame
        One row per rep, in order: ``rep_id``, ``window_months``, ``window_from``, ``window_to``,
        ``work_days`` (of the plain window), ``away_days`` (in it), ``present_days`` (in the window
        used).
    """
    if isinstance(months, int):
        return _windows(reps, away, end, months, longest=longest, calendar=calendar)
    lengths = sorted(set(months[rep] for rep in reps)) or [1]
    parts = [
        _windows([rep for rep in reps if months[rep] == length] if reps else [], away, end, length,
                 longest=longest, calendar=calendar)
        for length in lengths
    ]  # fmt: skip
    place = {rep: at for at, rep in enumerate(reps)}
    found = pd.concat(parts, ignore_index=True)
    return found.iloc[found["rep_id"].map(place).argsort(kind="stable")].reset_index(drop=True)


def _windows(
    reps: list[str], away: pd.DataFrame, end: date, months: int, *, longest: float,
    calendar: WorkCalendar,
) -> pd.DataFrame:  # fmt: skip
    first = month_start(end, months)
    earliest = end - timedelta(days=int(((end - first).days + 1) * longest) - 1)
    span = pd.date_range(earliest, end)
    plain = (first - earliest).days
    present = np.tile(work_days(earliest, end, calendar), (len(reps), 1))
    need = float(present[0, plain:].sum()) if reps else 0.0
    mine = away[(away["day"] >= span[0]) & (away["day"] <= span[-1])]
    who = pd.Index(reps).get_indexer(pd.Index(mine["rep_id"]))
    known = who >= 0
    days = (mine["day"] - span[0]).dt.days.to_numpy()
    present[who[known], days[known]] -= mine["away_share"].to_numpy()[known]
    present = np.maximum(present, 0.0)
    kept = present[:, ::-1].cumsum(axis=1)[:, ::-1]  # present days from each day until the end
    enough = kept[:, : plain + 1] >= need - 1e-9
    start = np.where(enough.any(axis=1), plain - enough[:, ::-1].argmax(axis=1), 0)
    at = np.arange(len(reps))
    return pd.DataFrame(
        {
            "rep_id": pd.Series(reps, dtype="str"),
            "window_months": months,
            "window_from": span[start].astype("datetime64[us]"),
            "window_to": pd.Timestamp(end),
            "work_days": need,
            "away_days": need - present[:, plain:].sum(axis=1),
            "present_days": kept[at, start],
        }
    )
