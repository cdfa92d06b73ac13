"""How well the pipeline at the start of a period told what was won, then and two periods later."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from planlib.forecast.conversion import pooled_ratios
from planlib.forecast.grid import week_day
from planlib.forecast.inputs import Inputs
from planlib.forecast.panel import Floats

LAGS = (0, 2)
_LEAST = 4  # pairs below which a correlation has no interval


def pipeline_starts(inputs: Inputs) -> pd.DataFrame:
    """
    Give, for every past period, open pipeline at its start beside what was won.

    Returns
    -------
    DataFrame
        Table ``pipeline_starts``: ``lag_periods`` 0 is the period itself, against the pipeline
        with its close date in the period; 2 is the period two later, against the whole open
        pipeline. Only starts known from snapshots or change records, only closes that are over.
    """
    frames = []
    for lag in LAGS:
        opened, won, numbers = _pairs(inputs, lag)
        cells = inputs.panel.cells
        for row, number in enumerate(numbers):
            frames.append(
                pd.DataFrame(
                    {
                        "lag_periods": lag,
                        "period": inputs.periods[number].name,
                        "cut": cells["cut"],
                        "cut_value": cells["cut_value"],
                        "start_date": week_day(inputs.periods[number], 0),
                        "closed_period": inputs.periods[number].shift(lag).name,
                        "open_amount": opened[row] / 100,
                        "won_amount": won[row] / 100,
                    }
                )
            )
    columns = ["lag_periods", "period", "cut", "cut_value", "start_date", "closed_period",
               "open_amount", "won_amount"]  # fmt: skip
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def pipeline_reliance(inputs: Inputs) -> pd.DataFrame:
    """
    Say how well open pipeline predicted what was won, by cell.

    Returns
    -------
    DataFrame
        Table ``pipeline_reliance``. ``ratio`` is won / open over all periods with its 80 %
        interval; ``correlation`` is Pearson's over periods, its 80 % interval by Fisher's z with
        four or more pairs; the errors are those of ``told_errors``.
    """
    frames = []
    cells = inputs.panel.cells
    for lag in LAGS:
        opened, won, numbers = _pairs(inputs, lag)
        finals = inputs.sums.final_cents
        blank = np.full(len(cells), np.nan)
        before = [finals[number - 1] if number else blank for number in numbers]
        error, naive = told_errors(opened, won, np.array(before).reshape(opened.shape))
        none = np.zeros(len(cells), dtype="int64")
        ratios = pooled_ratios(won, opened, np.full(len(cells), 1.0), none, 0.0)
        many = (opened > 0).sum(axis=0)
        link = np.array([_correlation(opened[:, c], won[:, c]) for c in range(len(cells))])
        low, high = _fisher(link, many)
        note = pd.Series("", index=cells.index, dtype="str")
        note = note.mask(many < _LEAST, f"fewer than {_LEAST} periods: no interval of the "
                         "correlation")  # fmt: skip
        note = note.mask(many == 0, "no start of a past period is known")
        frames.append(
            pd.DataFrame(
                {
                    "lag_periods": lag,
                    "cut": cells["cut"],
                    "cut_value": cells["cut_value"],
                    "pipeline": "closes in the period" if lag == 0 else "all open",
                    "periods_count": len(numbers),
                    "ratio": np.where(many > 0, ratios.value, np.nan),
                    "ratio_low": np.where(many > 0, ratios.low, np.nan),
                    "ratio_high": np.where(many > 0, ratios.high, np.nan),
                    "correlation": link,
                    "correlation_low": low,
                    "correlation_high": high,
                    "error_share": error,
                    "baseline_error_share": naive,
                    "note": note,
                    "is_grey": many < _LEAST,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def told_errors(opened: Floats, won: Floats, before: Floats) -> tuple[Floats, Floats]:
    """
    Give how far off pipeline would have been, beside the last period known at the start.

    Parameters
    ----------
    opened, won
        Open at the start, and won later, by period (rows) and cell.
    before
        Won in the period before the start; NaN where it is not known.

    Returns
    -------
    tuple
        By cell, sum of the errors / won: each period told by its pipeline x the ratio of the other
        periods; and told by ``before``. Both over the periods with a known one before; NaN below
        two of them, or where the other periods have no pipeline. Pipeline that does not beat the
        period before says little.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        others = (won.sum(axis=0) - won) / (opened.sum(axis=0) - opened)
        counted = ~np.isnan(before)
        whole = np.where(counted, won, 0.0).sum(axis=0)
        whole = np.where((counted.sum(axis=0) > 1) & (whole > 0), whole, np.nan)
        error = np.where(counted, np.abs(won - others * opened), 0.0).sum(axis=0) / whole
        naive = np.where(counted, np.abs(won - before), 0.0).sum(axis=0) / whole
    return np.where(np.isfinite(error), error, np.nan), naive


def _pairs(inputs: Inputs, lag: int) -> tuple[Floats, Floats, list[int]]:
    """Give open and won cents by period and cell, where both are known."""
    panel, sums = inputs.panel, inputs.sums
    opened, won, numbers = [], [], []
    starts = [period.start for period in inputs.periods[:-1]]
    for number, period in enumerate(inputs.periods[:-1]):
        start = [at for at in panel.of_period(number) if panel.points[at].week == 0]
        closed = period.shift(lag).start
        if not start or closed not in starts:
            continue
        span = panel.span(start[0])
        cents = panel.rows["cents"].to_numpy()[span].astype("float64")
        whole = panel.sum_cells(panel.row_cells[span], cents)
        opened.append(sums.open_cents[start[0]] if lag == 0 else whole)
        won.append(sums.final_cents[starts.index(closed)])
        numbers.append(number)
    shape = (len(numbers), len(panel.cells))
    return np.array(opened).reshape(shape), np.array(won).reshape(shape), numbers


def _correlation(opened: Floats, won: Floats) -> float:
    if len(opened) < 3 or np.ptp(opened) == 0 or np.ptp(won) == 0:
        return float("nan")
    return float(np.clip(np.corrcoef(opened, won)[0, 1], -1.0, 1.0))


def _fisher(link: Floats, many: Floats) -> tuple[Floats, Floats]:
    usable = (many >= _LEAST) & (np.abs(link) < 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = np.arctanh(np.where(usable, link, np.nan))
        half = ndtri(0.9) / np.sqrt(np.where(usable, many - 3, np.nan))
    return np.tanh(middle - half), np.tanh(middle + half)
