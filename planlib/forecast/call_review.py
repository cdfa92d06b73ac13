"""Managers' calls beside the model, and how far such calls were off in the past."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import bdtr

from planlib.forecast.calls import PREFERRED, call_matrix
from planlib.forecast.inputs import Inputs
from planlib.forecast.panel import Floats, Ints
from planlib.forecast.simulation import QUANTILES
from planlib.forecast.walk import Walk

_COVERED = 0.8
_FEWEST = 4  # values below which no pair of them covers 80 %
#: Stands for the sum of all managers.
ALL_MANAGERS = "all managers"
_COLUMNS = [
    "period", "week_of_period", "manager", "category", "day_date", "call_amount", "method",
    "p10_amount", "p50_amount", "p90_amount", "gap_amount", "final_amount", "past_ratio",
    "past_low", "past_high", "periods_count", "is_outside", "note",
]  # fmt: skip


def call_review(walk: Walk, method: str) -> pd.DataFrame:
    """
    Give every manager's call by week, what the model said, and how such calls turned out.

    Parameters
    ----------
    walk
        The walk, with the as-of date last.
    method
        The model; one that does not use the calls itself.

    Returns
    -------
    DataFrame
        Table ``forecast_call_review``. ``gap_amount`` is call - P50. ``past_ratio`` is the median
        of final / call at the same week of earlier periods, with an interval of the median that
        needs no distribution (order statistics, at least 80 %; blank below four periods). A ratio
        above 1 means that the manager calls low.
    """
    inputs = walk.inputs
    if inputs.calls is None or "manager" not in inputs.panel.cuts:
        return pd.DataFrame(columns=_COLUMNS)
    managers = np.flatnonzero((inputs.panel.cells["cut"] == "manager").to_numpy())
    said = {
        category: call_matrix(
            inputs.panel, inputs.tables, inputs.calls[inputs.calls["category"] == category]
        )[:, managers]
        for category in PREFERRED
        if (inputs.calls["category"] == category).any()
    }
    names = [*inputs.panel.cells["cut_value"].take(managers), ALL_MANAGERS]
    final = np.column_stack([inputs.sums.final_cents[:, managers], inputs.sums.final_cents[:, 0]])
    points = [*walk.tested, inputs.live]
    model = {point: _model(walk, point, method, managers) for point in points}
    parts = []
    for category, calls in said.items():
        called = np.column_stack([calls, _total(calls)])
        for point in points:
            if not np.isnan(called[point]).all():
                parts.append(
                    {"category": category, **_point(walk, point, called, final, model[point])}
                )
    if not parts:
        return pd.DataFrame(columns=_COLUMNS)
    found = _together(parts, len(names)).assign(manager=np.tile(names, len(parts)), method=method)
    return found[found["call_amount"].notna()][_COLUMNS].reset_index(drop=True)


def _together(parts: list[dict[str, Any]], many: int) -> pd.DataFrame:
    """Put points below each other; a single value stands for all managers of its point."""
    columns = {
        name: np.concatenate([np.broadcast_to(part[name], many) for part in parts])
        for name in parts[0]
    }
    found = pd.DataFrame(columns)
    outside = found["is_outside"].astype("boolean")
    return found.assign(is_outside=outside.mask(found["p10_amount"].isna()))


def median_interval(values: Floats) -> tuple[float, float]:
    """
    Give an interval of the median from the values themselves, at least 80 %.

    The chance that the median lies between the k-th smallest and the k-th largest value follows
    from the binomial distribution; fewer than four values give none (three cover 75 %).

    Examples
    --------
    >>> median_interval(np.array([1.0, 2.0, 3.0, 4.0]))
    (1.0, 4.0)
    """
    ordered = np.sort(values[~np.isnan(values)])
    many = len(ordered)
    if many < _FEWEST:
        return float("nan"), float("nan")
    rank = _inner_rank(many)
    return float(ordered[rank]), float(ordered[many - 1 - rank])


@lru_cache
def _inner_rank(many: int) -> int:
    """Give how many values at either end may be left out."""
    rank = 0
    while 1 - 2 * bdtr(rank + 1, many, 0.5) >= _COVERED:
        rank += 1
    return rank


def _total(calls: Floats) -> Floats:
    total = np.nansum(calls, axis=1)
    return np.where(np.isnan(calls).all(axis=1), np.nan, total)


def _model(walk: Walk, point: int, method: str, managers: Ints) -> Floats:
    """Give P10, P50, P90 of the managers' cells and of the total, NaN without a forecast."""
    settings = walk.inputs.settings
    blank = np.full((3, len(managers) + 1), np.nan)
    if not method or method not in walk.estimates[point]:
        return blank
    drawn = walk.simulate(point, method, settings.test_draws, by_cell=True)
    if drawn is None:
        return blank
    before = walk.inputs.sums.before_cents[point]
    chosen = [*managers, 0]
    return np.asarray(np.round(np.quantile(drawn[chosen], QUANTILES, axis=1) + before[chosen]))


def _point(walk: Walk, point: int, called: Floats, final: Floats, model: Floats) -> dict[str, Any]:
    inputs = walk.inputs
    one, window = inputs.panel.points[point], inputs.windows[point]
    is_past = one.number < len(inputs.periods) - 1
    ratios = []
    for number in window.numbers:
        mine = window.owner == number
        nearest = int(window.points[mine][np.argmax(window.weights[mine])])
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios.append(np.where(called[nearest] > 0, final[number] / called[nearest], np.nan))
    stacked = np.array(ratios).reshape(-1, called.shape[1])
    counts = (~np.isnan(stacked)).sum(axis=0)
    middle = np.full(called.shape[1], np.nan)
    known = counts > 0
    if known.any():
        middle[known] = np.nanmedian(stacked[:, known], axis=0)
    spans = np.array([median_interval(stacked[:, c]) for c in range(called.shape[1])])
    low, high = model[0] / 100, model[2] / 100
    call = called[point] / 100
    note = np.where(counts == 0, "no call of an earlier period at this week", "")
    return {
        "period": one.period.name,
        "week_of_period": one.week,
        "day_date": one.day,
        "call_amount": call,
        "p10_amount": low,
        "p50_amount": model[1] / 100,
        "p90_amount": high,
        "gap_amount": call - model[1] / 100,
        "final_amount": final[one.number] / 100 if is_past else np.nan,
        "past_ratio": middle,
        "past_low": spans[:, 0],
        "past_high": spans[:, 1],
        "periods_count": counts,
        "is_outside": (call < low) | (call > high),
        "note": note,
    }


def model_beside_calls(summary: pd.DataFrame, inputs: Inputs) -> str:
    """Give the best method that does not rest on the calls; blank when there is none."""
    skipped = ["calls", "combination"] if inputs.calls is not None else []
    usable = summary[
        summary["is_available"]
        & summary["kind"].isin(["method", "combination"])
        & ~summary["method"].isin(skipped)
    ]
    if usable.empty:
        return ""
    ordered = usable.assign(size=usable["mae_share"].fillna(np.inf))
    return str(ordered.sort_values(["size", "method"]).iloc[0]["method"])
