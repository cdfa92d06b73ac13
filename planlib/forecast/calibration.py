"""Do deals that were given 30 % win in three of ten cases? Brier score and calibration."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.forecast.methods import DEAL_METHODS
from planlib.forecast.panel import Floats
from planlib.forecast.walk import Walk
from planlib.intervals import wilson

LIMITS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def past_chances(walk: Walk) -> pd.DataFrame:
    """
    Give every chance that was given to a deal in the past, and whether it was won.

    Returns
    -------
    DataFrame
        ``method``, ``opportunity_id``, ``point``, ``chance``, ``is_won``: open deals with their
        close date in the period, so that all methods speak of the same deals.
    """
    panel = walk.inputs.panel
    inside = panel.rows["in_period"].to_numpy()
    ids, won = panel.rows["opportunity_id"], panel.rows["is_won"].to_numpy()
    parts = []
    for point in walk.tested:
        span = panel.span(point)
        keep = np.flatnonzero(inside[span]) + span.start
        for method in DEAL_METHODS:
            estimate = walk.estimates[point].get(method)
            if estimate is not None and "stage_measured" in walk.estimates[point]:
                parts.append(
                    pd.DataFrame(
                        {
                            "method": method,
                            "opportunity_id": ids.take(keep),
                            "point": point,
                            "chance": estimate.chance[keep - span.start],
                            "is_won": won[keep],
                        }
                    )
                )
    if not parts:
        columns = ["method", "opportunity_id", "point", "chance", "is_won"]
        return pd.DataFrame(columns=columns).astype({"chance": "float64", "is_won": "bool"})
    return pd.concat(parts, ignore_index=True)


def brier_scores(chances: pd.DataFrame) -> dict[str, float]:
    """Give the mean squared difference of chance and outcome by method (Brier 1950)."""
    square = (chances["chance"] - chances["is_won"].astype("float64")) ** 2
    return {
        str(name): float(mean) for name, mean in square.groupby(chances["method"]).mean().items()
    }


def calibration_table(chances: pd.DataFrame) -> pd.DataFrame:
    """
    Compare chances with what happened, in bands of chances.

    Parameters
    ----------
    chances
        From ``past_chances``.

    Returns
    -------
    DataFrame
        Table ``forecast_calibration``. The interval is Wilson's at 95 %, for as many trials as
        there are different deals in the band, because one deal counts in several weeks.
    """
    limits: Floats = np.array(LIMITS)
    band = np.clip(np.searchsorted(limits, chances["chance"], side="right") - 1, 0, len(limits) - 2)
    keyed = chances.assign(band=band, won=chances["is_won"].astype("float64"))
    grouped = keyed.groupby(["method", "band"])
    table = grouped.agg(
        predicted_share=("chance", "mean"),
        observed_share=("won", "mean"),
        forecasts_count=("won", "size"),
        deals_count=("opportunity_id", "nunique"),
    ).reset_index()
    trials = table["deals_count"].astype("float64")
    low, high = wilson(table["observed_share"] * trials, trials)
    return table.assign(
        bin_low=limits[table["band"].to_numpy(dtype="int64")],
        bin_high=limits[table["band"].to_numpy(dtype="int64") + 1],
        low=low,
        high=high,
    )[
        [
            "method", "bin_low", "bin_high", "predicted_share", "observed_share", "low", "high",
            "forecasts_count", "deals_count",
        ]
    ]  # fmt: skip
