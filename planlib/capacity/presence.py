"""Which share of each month a person is there: employed, and not away for long."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from planlib.ranking.absence import away_days, work_days
from planlib.workdays import WorkCalendar

Floats = npt.NDArray[np.float64]


def month_starts(first: pd.Timestamp, count: int) -> pd.DatetimeIndex:
    """Give the first days of months in a row."""
    return pd.date_range(first, periods=count, freq="MS").astype("datetime64[us]")


def present_shares(
    rep_ids: pd.Series, availability: pd.DataFrame | None, months: pd.DatetimeIndex,
    calendar: WorkCalendar, *, longer_than: int,
) -> Floats:  # fmt: skip
    """
    Give the share of the working days of each month on which each person is not away for long.

    Parameters
    ----------
    rep_ids
        People, in the order of the rows wanted.
    availability
        Table ``availability``; None: nobody is away.
    months
        First days of the months.
    calendar
        Which days are worked.
    longer_than
        Absences of up to so many days in a row are part of every year and of the quota; only
        longer ones take capacity away.

    Returns
    -------
    ndarray
        People x months, 0 to 1.
    """
    shares = np.ones((len(rep_ids), len(months)))
    if availability is None or availability.empty or not len(rep_ids):
        return shares
    length = (availability["end_date"] - availability["start_date"]).dt.days + 1
    away = away_days(availability[length > longer_than], calendar)
    last = months[-1] + pd.offsets.MonthEnd(1)
    away = away[(away["day"] >= months[0]) & (away["day"] <= last)]
    who = pd.Index(rep_ids).get_indexer(pd.Index(away["rep_id"]))
    away, who = away[who >= 0], who[who >= 0]
    days = pd.date_range(months[0], last)
    place = (days.year - months[0].year) * 12 + days.month - months[0].month
    worked = work_days(months[0].date(), last.date(), calendar)
    size = np.bincount(place, weights=worked, minlength=len(months))
    at = ((away["day"].dt.year - months[0].year) * 12 + away["day"].dt.month
          - months[0].month).to_numpy()  # fmt: skip
    np.subtract.at(shares, (who, at), away["away_share"].to_numpy() / np.maximum(size[at], 1.0))
    return np.clip(shares, 0.0, 1.0)


def employed_shares(people: pd.DataFrame, months: pd.DatetimeIndex) -> Floats:
    """
    Give the share of the days of each month between first and last day of each person.

    Parameters
    ----------
    people
        ``hire_date`` (missing: since ever) and ``leave_date`` (missing: still here).
    months
        First days of the months.

    Returns
    -------
    ndarray
        People x months, 0 to 1.
    """
    first = months.to_numpy().astype("datetime64[D]")
    ends = (months + pd.offsets.MonthBegin(1)).to_numpy().astype("datetime64[D]")
    hire = people["hire_date"].fillna(pd.Timestamp("1900-01-01")).to_numpy()
    leave = people["leave_date"].fillna(pd.Timestamp("2262-01-01")).to_numpy()
    start = np.maximum(hire.astype("datetime64[D]")[:, None], first[None, :])
    until = np.minimum(leave.astype("datetime64[D]")[:, None] + 1, ends[None, :])
    days = np.maximum((until - start).astype("int64"), 0)
    return days / (ends - first).astype("int64")[None, :]
