"""Series over time: open pipeline by week and stage, closed amount by day of the period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from planlib.periods import Period
from planlib.pipeline.cuts import UNKNOWN
from planlib.pipeline.history import PipelineHistory
from planlib.pipeline.money import from_cents, known, to_cents
from planlib.pipeline.truncation import Records
from planlib.workdays import WorkCalendar

_WEEK = timedelta(7)


def week_days(as_of: date, weeks: int, first: date | None = None) -> list[date]:
    """
    Give the as-of date and the same weekday of the weeks before, oldest first.

    Parameters
    ----------
    as_of
        Last day.
    weeks
        How many steps back at most.
    first
        No day before this one.
    """
    days = [as_of - _WEEK * back for back in range(weeks, -1, -1)]
    return [day for day in days if first is None or day >= first]


def pipeline_weeks(history: PipelineHistory, days: Sequence[date]) -> pd.DataFrame:
    """
    Give the open pipeline by stage on a series of days.

    Parameters
    ----------
    history
        Deals and their history.
    days
        The days, such as those of ``week_days``.

    Returns
    -------
    DataFrame
        Table ``pipeline_weeks``; stages in the order of their mean probability. Where a day is
        reconstructed its stages are not known, and all deals are in the stage "(unknown)".
        Days before the first deal are left out. ``amount`` is blank when no deal has one.
    """
    first = Records.of(history.deals).first_created
    parts: list[pd.DataFrame] = []
    for day in days:
        if first is None or day < first:
            continue
        state = history.at(day)
        deals = state.open_deals
        stage = deals["stage"].fillna(UNKNOWN) if state.knows_dates else UNKNOWN
        parts.append(
            pd.DataFrame(
                {
                    "week_date": pd.Timestamp(day),
                    "stage": stage,
                    "cents": to_cents(deals["amount"]),
                    "probability": deals["probability"],
                    "basis": state.basis,
                },
                index=deals.index,
            )
        )
    if not parts:
        return _no_weeks()
    long = pd.concat(parts, ignore_index=True)
    if long.empty:
        return _no_weeks()
    chance = long.groupby("stage")["probability"].mean()
    order = pd.DataFrame({"chance": chance.fillna(-1.0)}).reset_index()
    ranked = order.sort_values(["chance", "stage"])["stage"].tolist()
    long = long.assign(valued=long["cents"].notna().astype("int64"), cents=known(long["cents"]))
    grouped = long.groupby(["week_date", "stage"])
    weeks = grouped[["cents", "valued"]].sum()
    weeks = weeks.assign(count=grouped.size(), basis=grouped["basis"].first()).reset_index()
    weeks["amount"] = from_cents(weeks["cents"]).where(weeks["valued"] > 0, np.nan)
    weeks["stage_order"] = weeks["stage"].map({stage: at for at, stage in enumerate(ranked)})
    weeks = weeks.sort_values(["week_date", "stage_order"], ignore_index=True)
    return weeks[["week_date", "stage", "stage_order", "amount", "count", "basis"]]


def pipeline_pacing(
    deals: pd.DataFrame,
    period: Period,
    as_of: date,
    *,
    target: float = float("nan"),
    calendar: WorkCalendar | None = None,
) -> pd.DataFrame:
    """
    Give the amount closed so far by day of the period, beside the year before.

    Parameters
    ----------
    deals
        Prepared deals (``prepare_deals``).
    period, as_of
        What is measured, and the day until which it counts.
    target
        Target of the period, NaN without.
    calendar
        For the share of working days passed.

    Returns
    -------
    DataFrame
        Table ``pipeline_pacing``: one row per day of the period. This year's amount is blank
        after ``as_of``, the prior one where closed deals were not recorded yet.
    """
    days = pd.date_range(period.start, period.end, freq="D")
    prior = period.prior_year()
    calendar = calendar or WorkCalendar()
    closed = _cumulative(deals, period).reindex(range(1, len(days) + 1)).ffill()
    before = _cumulative(deals, prior).reindex(range(1, len(days) + 1)).ffill()
    first = Records.of(deals).first_close
    no_prior = first is None or first > prior.end
    shares = [calendar.elapsed_share(period.start, period.end, day.date()) for day in days]
    return pd.DataFrame(
        {
            "period": period.name,
            "day_number": np.arange(1, len(days) + 1),
            "day_date": days,
            "workday_share": shares,
            "closed_amount": np.where(days <= pd.Timestamp(as_of), closed.to_numpy() / 100, np.nan),
            "prior_closed_amount": np.nan if no_prior else before.to_numpy() / 100,
            "target_amount": target,
        }
    )


def _cumulative(deals: pd.DataFrame, period: Period) -> pd.Series:
    """Give cents won until each day number of a period."""
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    won = deals[(deals["status"] == "won") & deals["close_date"].between(start, end)]
    number = (won["close_date"] - start).dt.days + 1
    by_day = known(to_cents(won["amount"])).groupby(number).sum()
    return by_day.reindex(range(1, period.days + 1), fill_value=0).cumsum().astype("float64")


def _no_weeks() -> pd.DataFrame:
    from planlib.tables import table

    return table("pipeline_weeks").empty()
