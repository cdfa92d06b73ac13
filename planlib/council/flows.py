"""What moved the pipeline of a period in every cell, and past periods until the same point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from planlib.forecast import Inputs
from planlib.forecast.grid import aligned_day, position_of, week_of
from planlib.forecast.panel import Floats
from planlib.periods import Period
from planlib.pipeline import Bridge, build_bridge

_WEEK = timedelta(7)
COMING = ("new", "reopened", "pushed_in", "pulled_in")


@dataclass(frozen=True, kw_only=True)
class Flows:
    """
    Moves of a period until today, and of past periods until the same point.

    Parameters
    ----------
    span, week
        Bridges from the start of the span and from a week ago until today; None where the
        pipeline of that day is not known.
    start, week_start
        First days of both.
    past
        Bridges of past periods, latest first, with the number of the period.
    """

    span: Bridge | None = field(repr=False)
    week: Bridge | None = field(repr=False)
    start: date
    week_start: date
    past: tuple[tuple[int, Bridge], ...] = field(repr=False)


def find_flows(inputs: Inputs, periods: int) -> Flows:
    """
    Build the bridges of the live period, and of past periods until the same point.

    Parameters
    ----------
    inputs
        What the forecast rests on.
    periods
        How many past periods at most.

    Returns
    -------
    Flows
        The span begins on the day before the period; for a period that has not begun, on the day
        before the one in front of it. A past period ends on the day by which the same share of its
        working days had passed, or as many days before its start.
    """
    last = len(inputs.periods) - 1
    week = week_of(inputs.period, inputs.as_of)
    start = _start(inputs.periods, last, week)
    past = []
    for number in range(last - 1, max(0, last - periods) - 1, -1):
        first = _start(inputs.periods, number, week)
        period = inputs.periods[number]
        bridge = _bridge(inputs, first, _same_day(inputs, period), period) if first else None
        if bridge is not None:
            past.append((number, bridge))
    live = inputs.periods[last]
    begin = start or live.start - timedelta(1)
    return Flows(
        span=_bridge(inputs, begin, inputs.as_of, live),
        week=_bridge(inputs, inputs.as_of - _WEEK, inputs.as_of, live),
        start=begin,
        week_start=inputs.as_of - _WEEK,
        past=tuple(past),
    )


def amounts(inputs: Inputs, bridge: Bridge, reasons: Sequence[str], column: str) -> Floats:
    """
    Add up steps of a bridge by cell.

    Parameters
    ----------
    inputs
        For the order of the cells.
    bridge
        The bridge.
    reasons
        Steps to add up.
    column
        ``cents`` (signed) or ``count``.
    """
    steps = bridge.steps[bridge.steps["reason"].isin(reasons)]
    sums = steps.groupby(["cut", "cut_value"])[column].sum()
    places = pd.MultiIndex.from_frame(inputs.panel.cells[["cut", "cut_value"]])
    return np.asarray(sums.reindex(places).fillna(0).to_numpy(dtype="float64"))


def moves_table(flows: Flows, period: str) -> pd.DataFrame:
    """
    Give the steps of both bridges of the live period.

    Returns
    -------
    DataFrame
        Table ``council_moves``: steps with deals, without start and end.
    """
    parts = []
    for name, bridge, start in (
        ("period", flows.span, flows.start),
        ("week", flows.week, flows.week_start),
    ):
        if bridge is None:
            continue
        steps = bridge.steps
        steps = steps[(steps["count"] > 0) & ~steps["reason"].isin(["start", "end"])]
        parts.append(
            pd.DataFrame(
                {
                    "period": period,
                    "cut": steps["cut"],
                    "cut_value": steps["cut_value"],
                    "span": name,
                    "reason": steps["reason"],
                    "from_date": pd.Timestamp(start),
                    "step_order": steps["step_order"],
                    "amount": (steps["cents"] / 100).mask(steps["valued"] == 0),
                    "count": steps["count"],
                    "basis": bridge.basis,
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _start(periods: Sequence[Period], number: int, week: int) -> date | None:
    if week > 0:
        return periods[number].start - timedelta(1)
    return periods[number - 1].start - timedelta(1) if number > 0 else None


def _same_day(inputs: Inputs, period: Period) -> date:
    """Give the day of a past period that stands where the as-of date stands in the live one."""
    live, as_of = inputs.period, inputs.as_of
    if as_of < live.start:
        return period.start - (live.start - as_of)
    share = position_of(live, as_of, inputs.calendar)
    return aligned_day(period, share, inputs.calendar)


def _bridge(inputs: Inputs, start: date, end: date, period: Period) -> Bridge | None:
    left, right = inputs.history.at(start), inputs.history.at(end)
    if not left.knows_dates or not right.knows_dates or start >= end:
        return None
    return build_bridge(left, right, period, inputs.tables, inputs.panel.cuts[1:])
