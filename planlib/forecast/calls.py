"""Managers' calls: what they said the period closes at, and how such calls turned out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.forecast.panel import Floats, Panel
from planlib.forecast.window import Window
from planlib.pipeline.cuts import CutTables
from planlib.tables import table

#: The call that is corrected and compared, first that a firm keeps.
PREFERRED = ("most_likely", "commit", "best_case")
_FRESH = 10  # days that a call stands
_NO_CALLS = (np.zeros(0, dtype="int64"), np.zeros(0))
_LEAN = 2.0  # past periods at which a manager's own ratio counts as much as that of all


def prepare_calls(calls: pd.DataFrame | None) -> pd.DataFrame | None:
    """Bring table ``forecast_calls`` into shape; None without rows."""
    if calls is None or calls.empty:
        return None
    frame = table("forecast_calls").coerce(calls)
    return frame.sort_values(["period", "category", "rep_id", "call_date"], ignore_index=True)


def called_category(calls: pd.DataFrame) -> str:
    """Give the kind of call that is used: most likely where it is kept, else commit."""
    kept = set(calls["category"])
    return next((name for name in PREFERRED if name in kept), "commit")


def call_matrix(panel: Panel, tables: CutTables, calls: pd.DataFrame | None) -> Floats:
    """Give the calls that stood at every point by manager cell in cents, NaN where none is."""
    out = np.full((len(panel.points), len(panel.cells)), np.nan)
    if calls is None or "manager" not in panel.cuts:
        return out
    mine = calls[calls["category"] == called_category(calls)]
    managers = panel.cells.loc[panel.cells["cut"] == "manager", "cut_value"]
    place = {value: int(str(at)) for at, value in managers.items()}
    keyed = mine.assign(
        manager=tables.rep_label(mine["rep_id"]),
        day=mine["call_date"].to_numpy().astype("datetime64[D]").astype("int64"),
    ).sort_values("day", kind="stable")
    series = {
        (str(period), str(manager)): (rows["day"].to_numpy(), rows["call_amount"].to_numpy())
        for (period, manager), rows in keyed.groupby(["period", "manager"])
        if manager in place
    }
    for at, point in enumerate(panel.points):
        day = int(np.datetime64(point.day, "D").astype("int64"))
        for value, cell in place.items():
            days, amounts = series.get((point.period.name, value), _NO_CALLS)
            last = int(np.searchsorted(days, day, side="right")) - 1
            if last >= 0 and day - days[last] < _FRESH:
                out[at, cell] = np.round(amounts[last] * 100)
    return out


def call_factors(called: Floats, window: Window, final_cents: Floats) -> Floats | None:
    """
    Give what a manager's call is multiplied by: the median ratio of final amount to call.

    Parameters
    ----------
    called
        Calls by point and cell (``call_matrix``).
    window
        Past periods at the same place.
    final_cents
        What each period closed at, by cell.

    Returns
    -------
    ndarray or None
        By cell, NaN outside managers; None when no past call stood at this place. A manager with
        few past periods leans on the median of all managers.
    """
    ratios = []
    for number in window.numbers:
        mine = window.owner == number
        nearest = int(window.points[mine][np.argmax(window.weights[mine])])
        said, final = called[nearest], final_cents[number]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios.append(np.where(said > 0, final / said, np.nan))
    if not ratios or np.isnan(ratios).all():
        return None
    stacked = np.array(ratios)
    overall = float(np.nanmedian(stacked))
    counts = (~np.isnan(stacked)).sum(axis=0)
    own = np.full(stacked.shape[1], overall)
    known = counts > 0
    own[known] = np.nanmedian(stacked[:, known], axis=0)
    return np.asarray((counts * own + _LEAN * overall) / (counts + _LEAN))
