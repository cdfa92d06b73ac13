"""The usual share of a period's final amount that is reached by a share of its working days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from planlib.forecast.conversion import pooled_ratios
from planlib.forecast.grid import aligned_day, position_of, week_count, week_day, week_of
from planlib.forecast.inputs import Inputs
from planlib.forecast.panel import Bools, Floats, Ints
from planlib.periods import Period
from planlib.pipeline.truncation import Records

_HEAD = 0.10  # share of a period that may pass before the first closed deal is recorded
_COVERED = 0.8
NO_PAST = "no past period has its closed deals on record"


def pacing_curves(inputs: Inputs) -> pd.DataFrame:
    """
    Give for every cell and week the usual share of the final amount, with a band.

    Parameters
    ----------
    inputs
        What the forecast rests on.

    Returns
    -------
    DataFrame
        Table ``pacing_curves`` for the period measured and, once that is over, the one forecast.
        Past periods are read on the day by which the same share of their working days had
        passed. The band is where 80 % of periods like these would lie. ``attained_share`` is won
        so far / target, on the row of the as-of date and of weeks before it.

    Notes
    -----
    Only closed deals are needed, so that the curves exist without any snapshot. The usual share
    is sum of amounts won until then / sum of final amounts, small cells leaning on their parent;
    the band adds how much periods differ from each other: ``t sqrt(s2 + error^2)``.
    """
    periods = dict.fromkeys((inputs.measured, inputs.period))
    return pd.concat([_curves(inputs, period) for period in periods], ignore_index=True)


def known_periods(inputs: Inputs, before: Period) -> list[Period]:
    """Give past periods whose closed deals are on record from their start on, oldest first."""
    first = Records.of(inputs.history.deals).first_close
    found = []
    for period in inputs.periods:
        if period.start >= before.start:
            continue
        head = timedelta(int(period.days * _HEAD))
        if first is not None and first <= period.start + head and period.end <= inputs.as_of:
            found.append(period)
    return found


def _curves(inputs: Inputs, period: Period) -> pd.DataFrame:
    past = known_periods(inputs, period)
    weeks = {week: week_day(period, week) for week in range(week_count(period) + 1)}
    now = week_of(period, inputs.as_of)
    if period.start - timedelta(1) <= inputs.as_of <= period.end:
        weeks[now] = inputs.as_of
    sold = [_Sold(inputs, one) for one in (*past, period)]
    finals = np.array([one.until(one.period.end) for one in sold[:-1]])
    deals = (
        np.array([one.count for one in sold[:-1]])
        .reshape(len(past), len(inputs.panel.cells))
        .sum(axis=0)
    )
    goal = replace(inputs, period=period).goals()
    frames = []
    for week, day in sorted(weeks.items()):
        share = max(position_of(period, day, inputs.calendar), 0.0)
        reached = [one.until(aligned_day(one.period, share, inputs.calendar)) for one in sold[:-1]]
        won = sold[-1].until(day) if day <= inputs.as_of else np.full(len(goal), np.nan)
        frame = _week(inputs, np.array(reached), finals, deals)
        frame = frame.assign(
            period=period.name,
            week_of_period=week,
            day_date=day,
            workday_share=share,
            is_current=day == inputs.as_of,
            won_amount=won / 100,
            target_amount=goal / 100,
            attained_share=np.where(goal > 0, won / np.where(goal > 0, goal, 1.0), np.nan),
        )
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


class _Sold:
    """Won deals of one period by day and cell."""

    def __init__(self, inputs: Inputs, period: Period) -> None:
        self.period = period
        self._many = len(inputs.panel.cells)
        self._day, self._cents, self._cells = inputs.won_in(period)
        self.count = self._sum(np.ones(len(self._day)), np.ones(len(self._day), dtype=bool))

    def until(self, day: date) -> Floats:
        """Give the cents won until a day by cell."""
        last = np.datetime64(day, "D").astype("int64")
        return self._sum(self._cents, self._day <= last)

    def _sum(self, values: Floats, keep: Bools) -> Floats:
        total = np.zeros(self._many)
        for column in range(self._cells.shape[1]):
            codes: Ints = self._cells[keep, column]
            total += np.bincount(codes, weights=values[keep], minlength=self._many)
        return total


def _week(inputs: Inputs, reached: Floats, finals: Floats, deals: Floats) -> pd.DataFrame:
    cells, settings = inputs.panel.cells, inputs.settings
    many = len(cells)
    reached, finals = reached.reshape(-1, many), finals.reshape(-1, many)
    if not len(reached):
        deals = np.zeros(many)
    ratios = pooled_ratios(reached, finals, deals, inputs.parents, settings.prior_deals)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(finals > 0, reached / finals, np.nan)
        weight = finals / finals.sum(axis=0)
        apart = np.nansum(weight * (shares - ratios.value) ** 2, axis=0)
        apart = apart * ratios.periods / np.maximum(ratios.periods - 1, 1)
    freedom = np.maximum(ratios.periods - 1, 1)
    half = stdtrit(freedom, 0.5 + _COVERED / 2) * np.sqrt(apart + ratios.error**2)
    few = (deals < settings.minimum_deals) | (ratios.periods < settings.minimum_periods)
    note = pd.Series("", index=cells.index, dtype="str")
    note = note.mask(ratios.periods == 1, "one past period: no band")
    note = note.mask(np.isnan(ratios.value), NO_PAST)
    return pd.DataFrame(
        {
            "cut": cells["cut"],
            "cut_value": cells["cut_value"],
            "usual_share": np.clip(ratios.value, 0, 1),
            "low": np.clip(ratios.value - half, 0, 1),
            "high": np.clip(ratios.value + half, 0, 1),
            "periods_count": ratios.periods,
            "deals_count": deals,
            "note": note,
            "is_grey": few | np.isnan(ratios.value),
        }
    )
