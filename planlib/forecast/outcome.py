"""The forecast itself: every cell by every method, with the interval of the simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.forecast.accuracy import Choice
from planlib.forecast.methods import METHODS
from planlib.forecast.simulation import QUANTILES
from planlib.forecast.walk import Walk
from planlib.pipeline.cuts import TOTAL


def forecast_table(walk: Walk, choice: Choice) -> pd.DataFrame:
    """
    Give what each cell closes at, by method.

    Parameters
    ----------
    walk
        The walk, with the as-of date last.
    choice
        The method that is used.

    Returns
    -------
    DataFrame
        Table ``forecast``. Cells of a cut add up to the total in ``won_amount`` and
        ``point_amount``; quantiles of cells do not add up, because cells do not all go wrong at
        once. ``target_chance`` is the share of draws that reach the target.
    """
    inputs, live = walk.inputs, walk.inputs.live
    cells, settings = inputs.panel.cells, inputs.settings
    before = inputs.sums.before_cents[live]
    goal = inputs.goals()
    behind = inputs.sums.open_count[live] + inputs.sums.before_count[live]
    spreads = walk.spreads[-1]
    notes = choice.summary.set_index("method")["note"]
    frames = []
    for method in METHODS:
        estimate = walk.estimates[live].get(method)
        if estimate is None:
            continue
        drawn = walk.simulate(live, method, settings.draws, by_cell=True)
        quantiles = np.full((3, len(cells)), np.nan)
        reach = np.full(len(cells), np.nan)
        if drawn is not None:
            quantiles = np.round(np.quantile(drawn, QUANTILES, axis=1) + before) / 100
            reach = (drawn + before[:, None] >= goal[:, None]).mean(axis=1)
        point = np.round(before + estimate.to_come) / 100
        frames.append(
            pd.DataFrame(
                {
                    "period": inputs.period.name,
                    "method": method,
                    "cut": cells["cut"],
                    "cut_value": cells["cut_value"],
                    "as_of": inputs.as_of,
                    "week_of_period": inputs.panel.points[live].week,
                    "won_amount": before / 100,
                    "to_come_amount": np.round(estimate.to_come) / 100,
                    "point_amount": point,
                    "p10_amount": quantiles[0],
                    "p50_amount": quantiles[1],
                    "p90_amount": quantiles[2],
                    "target_amount": goal / 100,
                    "target_chance": np.where(np.isnan(goal), np.nan, reach),
                    "shock_share": spreads[method].shock if drawn is not None else np.nan,
                    "deals_count": np.round(behind),
                    "is_chosen": method == choice.method,
                    "note": _note(notes, method, cells),
                    "is_grey": (behind < settings.minimum_deals) & (cells["cut"] != TOTAL),
                }
            )
        )
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _note(notes: pd.Series, method: str, cells: pd.DataFrame) -> pd.Series:
    """Say with the total why a method is used or not."""
    text = str(notes.get(method, ""))
    return pd.Series("", index=cells.index, dtype="str").mask(cells["cut"] == TOTAL, text)
