"""Colours of the past: every week of a year by the same rule, from what was known then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd

from planlib.council.cells import KEY
from planlib.council.rule import colour_cells
from planlib.forecast import Inputs, pacing_curves, pooled_ratios
from planlib.forecast.panel import Floats
from planlib.periods import Period
from planlib.settings.council import CouncilSettings

_WEEK = timedelta(7)
_NEAR = pd.Timedelta(days=5)  # a week before may be this near


def colour_history(inputs: Inputs, settings: CouncilSettings) -> pd.DataFrame:
    """
    Colour every cell at every known week of the last year.

    Parameters
    ----------
    inputs
        The past of the forecast, from ``planlib.forecast.prepare_inputs``: open deals as they
        were known at each week, won deals by close date, and only periods before the one
        coloured as its past.
    settings
        Section ``council`` of plan.yaml.

    Returns
    -------
    DataFrame
        As ``colour_cells`` gives it, with ``period``, ``cut``, ``cut_value``,
        ``week_of_period``, ``day_date`` and ``is_current``; ordered by day, then by cell. Targets
        are those of today: earlier versions of a target are not kept.
    """
    panel = inputs.panel
    first = inputs.as_of - settings.colour_weeks * _WEEK
    chosen = [at for at, point in enumerate(panel.points) if point.day >= first]
    if not chosen:
        return _empty()
    numbers = sorted({panel.points[at].number for at in chosen})
    curves = pd.concat([_curve(inputs, inputs.periods[number]) for number in numbers])
    goals = {at: replace(inputs, period=inputs.periods[at]).goals() for at in numbers}
    frame = pd.concat(
        [_point(inputs, at, goals[panel.points[at].number]) for at in chosen], ignore_index=True
    )
    frame = frame.merge(curves, "left", [*KEY, "day_date"])
    frame["past_is_grey"] = frame["past_is_grey"].astype("boolean").fillna(True).astype(bool)
    return colour_cells(frame, settings)


def _curve(inputs: Inputs, period: Period) -> pd.DataFrame:
    """Give usual share and target of one period from the periods before it."""
    curves = pacing_curves(replace(inputs, measured=period, period=period))
    curves = curves.rename(columns={"is_grey": "past_is_grey"})
    curves["day_date"] = pd.to_datetime(curves["day_date"]).astype("datetime64[us]")
    kept = [*KEY, "day_date", "usual_share", "low", "high", "past_is_grey"]
    return curves[kept]


def _point(inputs: Inputs, at: int, goal: Floats) -> pd.DataFrame:
    """Give what was won, open and needed in every cell at one point of the past."""
    panel, sums, window = inputs.panel, inputs.sums, inputs.windows[at]
    point = panel.points[at]
    ratios = pooled_ratios(
        window.by_period(sums.later_cents),
        window.by_period(sums.open_cents),
        window.by_period(sums.open_count).sum(axis=0),
        inputs.parents,
        inputs.settings.prior_deals,
    )
    won, opened = sums.before_cents[at], sums.open_cents[at]
    left = goal - won
    few = ratios.deals < inputs.settings.minimum_deals
    few |= ratios.periods < inputs.settings.minimum_periods
    return pd.DataFrame(
        {
            "period": point.period.name,
            "cut": panel.cells["cut"],
            "cut_value": panel.cells["cut_value"],
            "week_of_period": point.week,
            "day_date": pd.Timestamp(point.day).as_unit("us"),
            "is_current": point.day == inputs.as_of and at == inputs.live,
            "workday_share": max(0.0, point.position),
            "target_amount": goal / 100,
            "won_amount": won / 100,
            "open_amount": opened / 100,
            "coverage": np.where(left > 0, opened / np.where(left > 0, left, 1.0), np.nan),
            "required_coverage": _inverse(ratios.value),
            "required_low": _inverse(ratios.high),
            "required_high": _inverse(ratios.low),
            "coverage_is_grey": few | np.isnan(ratios.value),
            "deals_count": sums.before_count[at] + sums.open_count[at],
        }
    )


def _inverse(values: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, 1 / values, np.nan)


def _empty() -> pd.DataFrame:
    columns = [
        *KEY, "week_of_period", "day_date", "is_current", "attained_share", "usual_share", "pace",
        "coverage", "required_coverage", "gap_amount", "colour", "reason",
    ]  # fmt: skip
    return pd.DataFrame({name: pd.Series(dtype="object") for name in columns})


def colour_changes(cells: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """
    Say for every cell what colour it had a week before, and since when it has the present one.

    Parameters
    ----------
    cells
        Coloured cells of today.
    history
        From ``colour_history``.

    Returns
    -------
    DataFrame
        ``cells`` with ``previous_colour`` (blank: not known), ``previous_date``, and
        ``weeks_in_colour``: known weeks without a break in which the cell had this colour, this
        week among them.
    """
    past = {key: rows for key, rows in history.groupby(KEY, sort=False)}
    none = history.head(0)
    found = [
        _before(
            past.get((row.period, row.cut, row.cut_value), none),
            str(row.colour),
            is_over=not row.is_live,
        )
        for row in cells[[*KEY, "colour", "is_live"]].itertuples(index=False)
    ]
    before, since, counts = zip(*found, strict=True) if found else ((), (), ())
    return cells.assign(
        previous_colour=pd.Series(before, index=cells.index, dtype="str"),
        previous_date=pd.Series(since, index=cells.index, dtype="datetime64[us]"),
        weeks_in_colour=pd.Series(counts, index=cells.index, dtype="Int64"),
    )


def _before(
    rows: pd.DataFrame, colour: str, *, is_over: bool
) -> tuple[str, pd.Timestamp | None, int]:
    """Give colour and day of about a week before, and known weeks without a break in a colour."""
    today = rows["is_current"].astype(bool)
    earlier = rows[~today]
    if today.any():
        limit = rows.loc[today, "day_date"].iloc[0] - _NEAR
        earlier = earlier[earlier["day_date"] <= limit]
    elif is_over and len(rows):  # the last week of the period is the present one
        earlier = earlier[earlier["day_date"] < rows["day_date"].max()]
    if earlier.empty:
        return "", None, 1
    same = (earlier["colour"] == colour).to_numpy()[::-1]
    many = len(same) if same.all() else int(np.argmin(same))
    return str(earlier["colour"].iloc[-1]), earlier["day_date"].iloc[-1], 1 + many
