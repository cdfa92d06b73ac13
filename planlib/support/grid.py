"""The time that is planned: weeks first, months later; and the hours that experts have in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from planlib.settings.support import SupportSettings
from planlib.workdays import WorkCalendar

_WEEK = 7
_MINUTES = 60


@dataclass(frozen=True, kw_only=True, eq=False)
class Grid:
    """
    Periods in order, without gaps.

    Parameters
    ----------
    start, end
        (periods,) datetime64[D], first and last day, both included.
    """

    start: np.ndarray
    end: np.ndarray

    def __len__(self) -> int:
        """Give the number of periods."""
        return len(self.start)

    def span(self, first: pd.Series, last: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """
        Give the first and last period of windows of days.

        A period belongs to a window when its middle lies in it, and the period in which the
        window begins always does. A window that began before the first period begins with it.

        Returns
        -------
        tuple of ndarray
            First and last period; the last one is -1 for a window that is over, or that begins
            after the last period.
        """
        middle = self.start + (self.end - self.start) // 2
        begin = first.to_numpy().astype("datetime64[D]")
        finish = last.to_numpy().astype("datetime64[D]")
        low = np.searchsorted(middle, begin, side="left")
        own = np.clip(np.searchsorted(self.start, begin, side="right") - 1, 0, len(self) - 1)
        high = np.searchsorted(middle, finish, side="right") - 1
        empty = high < low
        low, high = np.where(empty, own, low), np.where(empty, own, high)
        out = (finish < self.start[0]) | (begin > self.end[-1]) | (finish < begin)
        return low.astype(np.int64), np.where(out, -1, high).astype(np.int64)

    def later(self, first: pd.Timestamp, last: pd.Timestamp) -> list[tuple[int, int]]:
        """
        Give the first and last period of windows as long as one, from its first day on.

        Each begins with a period and ends within the last one.
        """
        length = np.timedelta64(max((last - first).days, 0), "D")
        begin = self.start[self.start >= np.datetime64(first, "D")]
        begin = begin[begin + length <= self.end[-1]]
        low, high = self.span(pd.Series(begin), pd.Series(begin + length))
        return list(zip(low.tolist(), high.tolist(), strict=True))


def make_grid(as_of: date, last: date | None, settings: SupportSettings) -> Grid:
    """
    Give weeks from the Monday after the as-of date, then months until the last day asked for.

    Parameters
    ----------
    as_of
        Day on which the data stand.
    last
        Last day of any request; None: the weeks alone.
    settings
        Section ``support``: how many weeks, and how far the months go.
    """
    monday = as_of + timedelta(_WEEK - as_of.weekday())
    starts = [monday + timedelta(_WEEK * one) for one in range(settings.near_weeks)]
    ends = [one + timedelta(_WEEK - 1) for one in starts]
    limit = (pd.Timestamp(as_of) + pd.DateOffset(months=settings.far_months)).date()
    until = min(last, limit) if last is not None else ends[-1]
    while ends[-1] < until:
        first = ends[-1] + timedelta(1)
        month_end = (pd.Timestamp(first) + pd.offsets.MonthEnd(0)).date()
        if (month_end - first).days < _WEEK:  # a stump of a month joins the next one
            month_end = (pd.Timestamp(month_end) + pd.offsets.MonthEnd(1)).date()
        starts.append(first)
        ends.append(month_end)
    return Grid(
        start=np.array(starts, dtype="datetime64[D]"), end=np.array(ends, dtype="datetime64[D]")
    )


def expert_minutes(
    experts: pd.DataFrame, leave: pd.DataFrame, grid: Grid, calendar: WorkCalendar
) -> np.ndarray:
    """
    Give the minutes that each expert has in each period.

    A week's hours are spread over its five working days; holidays, leave and days outside
    ``available_from`` and ``available_to`` are taken off. Days off that overlap count once.

    Parameters
    ----------
    experts
        Table ``experts`` with ``hours_per_week`` known.
    leave
        ``expert_id``, ``start_date``, ``end_date``, ``away_share`` (blank: all of it).
    grid
        Periods.
    calendar
        Working days.

    Returns
    -------
    ndarray
        (experts, periods) int64, whole minutes, rounded down.
    """
    days = np.arange(grid.start[0], grid.end[-1] + 1)
    worked = _worked(days, calendar)
    period = np.searchsorted(grid.start, days, side="right") - 1
    found = np.zeros((len(experts), len(grid)), dtype=np.int64)
    away = {key: rows for key, rows in leave.groupby("expert_id")} if len(leave) else {}
    for place, row in enumerate(experts.to_dict("records")):
        here = worked.copy()
        for name, is_outside in (("available_from", np.less), ("available_to", np.greater)):
            if pd.notna(row[name]):
                here[is_outside(days, np.datetime64(row[name], "D"))] = 0.0
        free = np.ones(len(days))
        for gone in away[row["expert_id"]].to_dict("records") if row["expert_id"] in away else []:
            inside = (days >= np.datetime64(gone["start_date"], "D")) & (
                days <= np.datetime64(gone["end_date"], "D")
            )
            share = 1.0 if pd.isna(gone["away_share"]) else float(gone["away_share"])
            free[inside] = np.minimum(free[inside], 1.0 - share)
        minutes = row["hours_per_week"] / 5 * _MINUTES * here * free
        sums = np.bincount(period, minutes, minlength=len(grid))
        found[place] = np.floor(sums + 1e-6).astype(np.int64)
    return found


def _worked(days: np.ndarray, calendar: WorkCalendar) -> np.ndarray:
    """Give 1 for each working day, else 0."""
    mask = [day not in calendar.weekend for day in range(1, 8)]
    off = np.array(sorted(calendar.holidays), dtype="datetime64[D]")
    plain = np.is_busday(days, weekmask=mask, holidays=off)
    extra = np.isin(days, np.array(sorted(calendar.workdays), dtype="datetime64[D]"))
    return (plain | extra).astype("float64")
