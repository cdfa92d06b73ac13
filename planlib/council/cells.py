"""Every cell of the performance matrix beside its usual pace and the coverage it needs."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.council.rule import colour_cells
from planlib.forecast import forecast_period
from planlib.forecast.grid import position_of, week_of
from planlib.periods import Period
from planlib.settings.council import CouncilSettings
from planlib.workdays import WorkCalendar

KEY = ["period", "cut", "cut_value"]
_PACE = {"usual_share": "usual_share", "low": "low", "high": "high", "is_grey": "past_is_grey",
         "periods_count": "past_periods", "deals_count": "past_deals"}  # fmt: skip
_COVER = {"coverage": "coverage", "required_coverage": "required_coverage",
          "required_low": "required_low", "required_high": "required_high",
          "is_grey": "coverage_is_grey"}  # fmt: skip


def council_periods(period: Period, as_of: date) -> list[Period]:
    """
    Give the periods that a council looks at, the one it can still move first.

    Parameters
    ----------
    period
        The period that step 06 measured.
    as_of
        Day until which the data count.

    Returns
    -------
    list of Period
        The measured period; where it is over, the next one stands before it.
    """
    live = forecast_period(period, as_of)
    return [live] if live == period else [live, period]


def gather_cells(
    performance_matrix: pd.DataFrame,
    period: Period,
    as_of: date,
    *,
    pacing_curves: pd.DataFrame | None = None,
    required_coverage: pd.DataFrame | None = None,
    calendar: WorkCalendar | None = None,
) -> pd.DataFrame:
    """
    Put matrix, usual pace and required coverage side by side, one row per cell.

    Parameters
    ----------
    performance_matrix
        Table ``performance_matrix``.
    period, as_of
        The period that step 06 measured, and the day until which it counts.
    pacing_curves, required_coverage
        Tables of step 06; None or without rows: not known.
    calendar
        Working days, for a period without a curve.

    Returns
    -------
    DataFrame
        ``period``, ``cut``, ``cut_value`` in the order of the matrix, ``is_live`` (the period
        that can still be moved), and all that ``colour_cells`` reads.
    """
    calendar = calendar or WorkCalendar()
    parts = []
    for one in council_periods(period, as_of):
        rows = performance_matrix[performance_matrix["period"] == one.name]
        if len(rows):
            is_live = one == forecast_period(period, as_of)
            parts.append(_of_matrix(rows, one, as_of, calendar).assign(is_live=is_live))
    if not parts:
        empty = _of_matrix(performance_matrix.head(0), period, as_of, calendar)
        parts = [empty.assign(is_live=pd.Series(dtype="bool"))]
    cells = pd.concat(parts, ignore_index=True)
    cells = _joined(cells, _at(pacing_curves, as_of), _PACE)
    return _joined(cells, _current(required_coverage), _COVER, own="coverage")


def colour_matrix(
    performance_matrix: pd.DataFrame,
    period: Period,
    as_of: date,
    settings: CouncilSettings,
    *,
    pacing_curves: pd.DataFrame | None = None,
    required_coverage: pd.DataFrame | None = None,
    calendar: WorkCalendar | None = None,
) -> pd.DataFrame:
    """
    Gather the cells of the matrix and colour them; parameters as for ``gather_cells``.

    Returns
    -------
    DataFrame
        One row per cell and period with the figures of ``gather_cells``, ``colour`` and the reason
        of the colour.
    """
    cells = gather_cells(
        performance_matrix, period, as_of, pacing_curves=pacing_curves,
        required_coverage=required_coverage, calendar=calendar,
    )  # fmt: skip
    return colour_cells(cells, settings)


def with_forecast(cells: pd.DataFrame, forecast: pd.DataFrame | None) -> pd.DataFrame:
    """
    Put the forecast of each cell beside its target.

    Parameters
    ----------
    cells
        From ``gather_cells`` or ``colour_cells``.
    forecast
        Table ``forecast`` of step 06; the method that is used counts. None: not known.

    Returns
    -------
    DataFrame
        ``cells`` with ``forecast_amount`` (what the cell is expected to close at) and
        ``forecast_gap_amount`` (target - forecast, below zero above the target); NA where no
        forecast is known.
    """
    known = pd.Series(np.nan, index=cells.index)
    if forecast is not None and len(forecast):
        used = forecast[forecast["is_chosen"].fillna(False).astype(bool)].drop_duplicates(KEY)
        places = pd.MultiIndex.from_frame(cells[KEY])
        found = used.set_index(KEY)["point_amount"].reindex(places)
        known = pd.Series(found.to_numpy(dtype="float64", na_value=np.nan), index=cells.index)
    return cells.assign(forecast_amount=known, forecast_gap_amount=cells["target_amount"] - known)


def _of_matrix(
    rows: pd.DataFrame, period: Period, as_of: date, calendar: WorkCalendar
) -> pd.DataFrame:
    cells = rows[KEY].drop_duplicates().reset_index(drop=True)
    keyed = rows.set_index([*KEY, "measure"])[["value", "count"]]

    def figure(measure: str, column: str) -> pd.Series:
        found = keyed[column].reindex(pd.MultiIndex.from_frame(cells.assign(measure=measure)))
        return pd.Series(found.to_numpy(dtype="float64", na_value=np.nan), index=cells.index)

    begun = as_of >= period.start
    won = figure("closed_acv", "value")
    sold = figure("closed_acv", "count")
    counts = figure("open_in_period", "count") + (sold if begun else sold.fillna(0))
    share = position_of(period, as_of, calendar)
    return cells.assign(
        week_of_period=week_of(period, as_of),
        workday_share=max(0.0, share),
        target_amount=figure("target", "value"),
        won_amount=won if begun else won.fillna(0.0),
        open_amount=figure("open_in_period", "value"),
        coverage=figure("coverage", "value"),
        deals_count=counts,
    )


def _at(curves: pd.DataFrame | None, as_of: date) -> pd.DataFrame | None:
    """Give the last day of each curve that is not after the as-of date."""
    if curves is None or curves.empty:
        return None
    known = curves[curves["day_date"] <= pd.Timestamp(as_of)]
    return known.sort_values("day_date", kind="stable").drop_duplicates(KEY, keep="last")


def _current(coverage: pd.DataFrame | None) -> pd.DataFrame | None:
    if coverage is None or coverage.empty:
        return None
    return coverage[coverage["is_current"].fillna(False).astype(bool)].drop_duplicates(KEY)


def _joined(
    cells: pd.DataFrame, other: pd.DataFrame | None, names: dict[str, str], own: str = ""
) -> pd.DataFrame:
    """Add columns of another table; where it says nothing, ``own`` keeps the matrix's value."""
    places = pd.MultiIndex.from_frame(cells[KEY])
    found = {}
    for source, name in names.items():
        blank: object = True if "grey" in name else np.nan
        values = pd.Series(blank, index=cells.index)
        if other is not None:
            values = other.set_index(KEY)[source].reindex(places).reset_index(drop=True)
            values.index = cells.index
        if "grey" in name:
            values = values.astype("boolean").fillna(True).astype(bool)
        else:
            values = values.astype("float64")
        found[name] = values.where(values.notna(), cells[own]) if name == own else values
    return cells.assign(**found)
