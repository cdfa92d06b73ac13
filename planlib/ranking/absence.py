"""Working days present, and the start of the window that makes up for days away."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from planlib.workdays import WorkCalendar


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


def away_days(availability: pd.DataFrame | None, calendar: WorkCalendar) -> pd.DataFrame:
    """
    Give each working day on which a rep was away.

    Parameters
    ----------
    availability
        Table ``availability``; several rows of a day add up to one whole day at most.
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
    days = [
        pd.date_range(first, last)
        for first, last in zip(rows["start_date"], rows["end_date"], strict=True)
    ]
    long = pd.DataFrame(
        {
            "rep_id": rows["rep_id"].to_numpy().repeat([len(one) for one in days]),
            "day": np.concatenate([one.to_numpy() for one in days] or [np.array([], "M8[us]")]),
            "away_share": share.fillna(1.0).to_numpy().repeat([len(one) for one in days]),
        }
    )
    long["day"] = long["day"].astype("datetime64[us]")
    known = pd.Series({day: calendar.is_workday(day.date()) for day in long["day"].unique()})
    long = long[long["day"].map(known).astype(bool)]
    summed = long.groupby(["rep_id", "day"], sort=True)["away_share"].sum().clip(upper=1.0)
    return summed.reset_index()[columns]


def rep_windows(
    reps: list[str], away: pd.DataFrame, end: date, months: int, longest: float,
    calendar: WorkCalendar,
) -> pd.DataFrame:  # fmt: skip
    """
    Give the window of each rep: as many working days present as the plain window has.

    A rep who was away gets an earlier first day, at most ``longest`` times the window back, so
    that leave and clusters of meetings cost sample at the recent end, not score.

    Returns
    -------
    DataFrame
        One row per rep, in order: ``rep_id``, ``window_from``, ``window_to``, ``work_days`` (of
        the plain window), ``away_days`` (in it), ``present_days`` (in the window used).
    """
    first = month_start(end, months)
    earliest = end - timedelta(days=int(((end - first).days + 1) * longest) - 1)
    span = pd.date_range(earliest, end)
    worked = np.array([calendar.is_workday(day.date()) for day in span], dtype=float)
    plain = int((span < pd.Timestamp(first)).sum())
    need = worked[plain:].sum()
    rows = []
    by_rep = dict(iter(away.groupby("rep_id"))) if len(away) else {}
    for rep in reps:
        present = worked.copy()
        mine = by_rep.get(rep)
        if mine is not None:
            mine = mine[(mine["day"] >= span[0]) & (mine["day"] <= span[-1])]
            places = (mine["day"] - span[0]).dt.days.to_numpy()
            present[places] = np.maximum(present[places] - mine["away_share"].to_numpy(), 0.0)
        kept = np.cumsum(present[::-1])[::-1]  # present days from each day until the end
        enough = np.flatnonzero(kept[: plain + 1] >= need - 1e-9)
        start = int(enough[-1]) if len(enough) else 0
        rows.append((rep, span[start], pd.Timestamp(end), need, need - present[plain:].sum(),
                     present[start:].sum()))  # fmt: skip
    names = ["rep_id", "window_from", "window_to", "work_days", "away_days", "present_days"]
    return pd.DataFrame(rows, columns=names)
