"""Required coverage of each cell from same-week conversion, beside the coverage there is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.forecast.conversion import Ratios, pooled_ratios
from planlib.forecast.grid import position_of, week_count, week_day, week_of
from planlib.forecast.inputs import Inputs
from planlib.forecast.panel import Floats
from planlib.forecast.window import Window, window_at
from planlib.pipeline.cuts import TOTAL

BASIS = "won later in the period / open in the period at the same share of working days"
NO_PAST = (
    "no past period has snapshots or change records at this week; reconstructed states never count"
)


def required_coverage(inputs: Inputs) -> pd.DataFrame:
    """
    Give for every cell and week how much must be open for each unit still to win.

    Parameters
    ----------
    inputs
        What the forecast rests on.

    Returns
    -------
    DataFrame
        Table ``required_coverage``. ``conversion_share`` is, pooled over past periods, what was
        won from that week on / what was open in the period at that week (it counts deals that
        came later, so it may exceed 1). Required coverage is its inverse, never 1 / win rate.
        The row of the current week also holds what is open, what is still to win, and how the two
        compare: ``met``, ``enough`` (at least the required coverage), ``short`` (below it even at
        the best conversion of the interval), ``between``, ``no_target``, ``not_computed``.
    """
    period, panel = inputs.period, inputs.panel
    now = week_of(period, inputs.as_of)
    weeks = [week for week in range(min(0, now), week_count(period)) if week != now]
    days = {week: week_day(period, week) for week in weeks} | {now: inputs.as_of}
    frames = []
    for week in sorted(days):
        position = position_of(period, days[week], inputs.calendar)
        number = len(inputs.periods) - 1
        window = window_at(panel, position, number, inputs.settings.history_periods)
        ratios = _ratios(inputs, window)
        frames.append(_week(inputs, week, ratios, position, is_now=week == now))
    return pd.concat(frames, ignore_index=True)


def _ratios(inputs: Inputs, window: Window) -> Ratios:
    sums = inputs.sums
    return pooled_ratios(
        window.by_period(sums.later_cents),
        window.by_period(sums.open_cents),
        window.by_period(sums.open_count).sum(axis=0),
        inputs.parents,
        inputs.settings.prior_deals,
    )


def _week(
    inputs: Inputs, week: int, ratios: Ratios, position: float, *, is_now: bool
) -> pd.DataFrame:
    cells, settings = inputs.panel.cells, inputs.settings
    with np.errstate(divide="ignore", invalid="ignore"):
        required = np.where(ratios.value > 0, 1 / ratios.value, np.nan)
        easiest = np.where(ratios.high > 0, 1 / ratios.high, np.nan)
        hardest = np.where(ratios.low > 0, 1 / ratios.low, np.nan)
    blank = np.full(len(cells), np.nan)
    opened = inputs.sums.open_cents[inputs.live] if is_now else blank
    before = inputs.sums.before_cents[inputs.live] if is_now else blank
    goal = inputs.goals() if is_now else blank
    left = goal - before
    cover = np.where(left > 0, opened / np.where(left > 0, left, 1.0), np.nan)
    status = _status(ratios.value, required, easiest, left, cover) if is_now else None
    few = (ratios.deals < settings.minimum_deals) | (ratios.periods < settings.minimum_periods)
    return pd.DataFrame(
        {
            "period": inputs.period.name,
            "cut": cells["cut"],
            "cut_value": cells["cut_value"],
            "week_of_period": week,
            "workday_share": max(position, 0.0),
            "is_current": is_now,
            "conversion_share": ratios.value,
            "low": ratios.low,
            "high": ratios.high,
            "required_coverage": required,
            "required_low": easiest,
            "required_high": hardest,
            "open_amount": opened / 100,
            "target_amount": goal / 100,
            "to_go_amount": np.maximum(left, 0) / 100,
            "coverage": cover,
            "status": status if status is not None else "",
            "periods_count": ratios.periods,
            "deals_count": np.round(ratios.deals),
            "own_share": ratios.own_share,
            "basis": BASIS,
            "note": _notes(inputs, ratios),
            "is_grey": few | np.isnan(ratios.value),
        }
    )


def _status(
    value: Floats, required: Floats, easiest: Floats, left: Floats, cover: Floats
) -> pd.Series:
    status = pd.Series("between", index=range(len(value)), dtype="str")
    status = status.mask(cover >= required, "enough")
    best = np.where(np.isnan(easiest), required, easiest)
    status = status.mask(cover < best, "short")
    status = status.mask(np.isnan(required), "not_computed")
    status = status.mask(np.isnan(left), "no_target")
    return status.mask(left <= 0, "met")


def _notes(inputs: Inputs, ratios: Ratios) -> pd.Series:
    """Say why a conversion is missing, has no interval, or leans on its parent."""
    cells = inputs.panel.cells
    parent = cells["cut"].take(inputs.parents).reset_index(drop=True)
    leans = np.round(100 * (1 - ratios.own_share)).astype("int64")
    text = pd.Series("", index=cells.index, dtype="str")
    words = pd.Series(leans, index=cells.index).astype("str") + " % of it is the " + parent
    text = text.mask((leans >= 10) & (cells["cut"] != TOTAL).to_numpy(), words)
    alone = np.isnan(ratios.low) & ~np.isnan(ratios.value)
    text = text.mask(alone, "one past period: no interval")
    nothing = ~np.isnan(ratios.value) & (ratios.value <= 0)
    text = text.mask(nothing, "nothing was won from this week on in past periods")
    return text.mask(np.isnan(ratios.value), NO_PAST)
