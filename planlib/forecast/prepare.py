"""Bring the tables of a workbook into the form that every part of the forecast reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import pandas as pd

from planlib.forecast.calls import call_matrix, prepare_calls
from planlib.forecast.conversion import parents_of
from planlib.forecast.grid import forecast_period
from planlib.forecast.inputs import Inputs, all_windows
from planlib.forecast.panel import build_panel
from planlib.forecast.window import sum_points
from planlib.periods import Period
from planlib.pipeline.cuts import CutTables
from planlib.pipeline.history import PipelineHistory
from planlib.settings.forecast import ForecastSettings
from planlib.workdays import WorkCalendar


def prepare_inputs(
    history: PipelineHistory,
    settings: ForecastSettings,
    measured: Period,
    as_of: date,
    *,
    attributes: Mapping[str, pd.DataFrame | None],
    targets: pd.DataFrame | None = None,
    calls: pd.DataFrame | None = None,
    calendar: WorkCalendar | None = None,
    seed: int = 0,
    currency: str = "",
) -> Inputs:
    """
    Prepare everything once.

    Parameters
    ----------
    history
        Deals and their history.
    settings
        Section ``forecast`` of plan.yaml.
    measured, as_of
        The period that the pipeline step measures, and the day until which the data count.
    attributes
        Tables that give deals their attributes, by name.
    targets, calls
        Tables ``targets`` and ``forecast_calls``.
    calendar, seed, currency
        Working days, seed of all draws, currency for sentences.

    Returns
    -------
    Inputs
        Periods, the weekly past with its sums, windows and parents of cells: what
        ``forecast_inputs`` and the council take.
    """
    calendar = calendar or WorkCalendar()
    period = forecast_period(measured, as_of)
    ahead = sum(1 for _ in _not_over(period, as_of))
    back = range(settings.history_periods + ahead, ahead, -1)
    periods = (*(period.shift(-count) for count in back), period)
    tables = CutTables({**attributes, "opportunities": history.deals})
    cuts = [cut for cut in settings.cuts if tables.resolve(cut)[0]]
    panel = build_panel(history, periods, as_of, tables, cuts, calendar=calendar)
    prepared = prepare_calls(calls)
    return Inputs(
        period=period,
        measured=measured,
        as_of=as_of,
        periods=periods,
        history=history,
        tables=tables,
        panel=panel,
        sums=sum_points(panel),
        windows=all_windows(panel, settings.history_periods),
        parents=parents_of(panel),
        settings=settings,
        calendar=calendar,
        seed=seed,
        currency=currency,
        targets=targets,
        calls=prepared,
        called=call_matrix(panel, tables, prepared),
    )


def _not_over(period: Period, as_of: date) -> Iterator[Period]:
    """Give the periods before one that are not over on a day; they are no past to learn from."""
    before = period.shift(-1)
    while before.end > as_of:
        yield before
        before = before.shift(-1)
