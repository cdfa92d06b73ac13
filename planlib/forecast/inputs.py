"""Everything a forecast is computed from, prepared once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from planlib.forecast.panel import Floats, Ints, Panel
from planlib.forecast.window import Sums, Window, window_at
from planlib.periods import Period
from planlib.pipeline.cuts import CutTables
from planlib.pipeline.history import PipelineHistory
from planlib.pipeline.targets import cut_targets, targets_of_period
from planlib.settings.forecast import ForecastSettings
from planlib.workdays import WorkCalendar


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """
    Everything a forecast is computed from.

    Parameters
    ----------
    period, measured, as_of
        The period to forecast, the one that the pipeline step measures, and today.
    periods
        Past periods that are over and, last, the one to forecast.
    history, tables, panel, sums
        Deals over time, their attributes, the weekly past, and its sums.
    windows, parents
        For every point of the panel the past periods at the same place; the parent of each cell.
    settings, calendar, seed, currency
        As given.
    targets, calls
        Tables ``targets`` and ``forecast_calls``, or None.
    called
        Calls that stood at every point, by cell.
    """

    period: Period
    measured: Period
    as_of: date
    periods: tuple[Period, ...]
    history: PipelineHistory = field(repr=False)
    tables: CutTables = field(repr=False)
    panel: Panel = field(repr=False)
    sums: Sums = field(repr=False)
    windows: tuple[Window, ...] = field(repr=False)
    parents: Ints = field(repr=False)
    settings: ForecastSettings
    calendar: WorkCalendar = field(repr=False)
    seed: int
    currency: str
    targets: pd.DataFrame | None = field(repr=False)
    calls: pd.DataFrame | None = field(repr=False)
    called: Floats = field(repr=False)

    @property
    def live(self) -> int:
        """Number of the as-of point; it is always the last one."""
        return len(self.panel.points) - 1

    @property
    def has_past(self) -> bool:
        """Whether any past period is known at the place of the as-of date."""
        return bool(self.windows) and self.windows[self.live].periods > 0

    def won_in(self, period: Period) -> tuple[Ints, Floats, Ints]:
        """Give the won deals of a period: day, cents, and cell by cut."""
        starts = [one.start for one in self.periods]
        number = starts.index(period.start) if period.start in starts else -1
        mine = (self.panel.sold["number"] == number).to_numpy()
        sold = self.panel.sold[mine]
        cents = sold["cents"].to_numpy().astype("float64")
        return sold["close_day"].to_numpy(), cents, self.panel.sold_cells[mine]

    def goals(self) -> Floats:
        """Give the target of the period by cell in cents, NaN where there is none."""
        goals = np.full(len(self.panel.cells), np.nan)
        targets = targets_of_period(self.targets, self.period)
        for cut in self.panel.cuts:
            found = cut_targets(targets, cut, self.tables).cents
            cents = {str(value): int(amount) for value, amount in found.items()}
            mine = self.panel.cells["cut"] == cut
            for at, value in self.panel.cells.loc[mine, "cut_value"].items():
                if value in cents:
                    goals[int(str(at))] = float(cents[value])
        return goals


def all_windows(panel: Panel, longest: int) -> tuple[Window, ...]:
    """Give for every point the past periods at the same share of working days."""
    return tuple(window_at(panel, point.position, point.number, longest) for point in panel.points)
