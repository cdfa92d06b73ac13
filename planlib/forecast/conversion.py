"""Same-week conversion: a ratio of sums over past periods, its interval, and small cells."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import stdtrit

from planlib.forecast.panel import Floats, Ints, Panel
from planlib.pipeline.cuts import cut_parts

_COVERED = 0.8  # share of an interval, from P10 to P90


@dataclass(frozen=True, kw_only=True)
class Ratios:
    """
    Ratios of cells.

    Parameters
    ----------
    value, low, high
        The ratio and its 80 % interval; NaN where it cannot be computed.
    error
        Standard error behind the interval.
    own_share
        How much of the value is the cell's own past; the rest is its parent's.
    deals
        Deals behind it in all past periods.
    periods
        Past periods in which the lower part is above zero.
    """

    value: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    error: Floats = field(repr=False)
    own_share: Floats = field(repr=False)
    deals: Floats = field(repr=False)
    periods: Ints = field(repr=False)


def parents_of(panel: Panel) -> Ints:
    """Give the parent of each cell: the total, or the first part of two crossed cuts."""
    place = {(row.cut, row.cut_value): at for at, row in enumerate(panel.cells.itertuples())}
    found = []
    for row in panel.cells.itertuples():
        parts = cut_parts(str(row.cut))
        first = str(row.cut_value).split(" x ")[0]
        found.append(place.get((parts[0], first), 0) if len(parts) > 1 else 0)
    return np.array(found, dtype="int64")


def pooled_ratios(
    upper: Floats, lower: Floats, deals: Floats, parents: Ints, prior_deals: float
) -> Ratios:
    """
    Divide sums over past periods, and let small cells lean on their parent.

    Parameters
    ----------
    upper, lower
        Parts of the ratio, one row per past period and one column per cell.
    deals
        Deals behind each cell in all past periods.
    parents
        Parent of each cell; the first cell is the total.
    prior_deals
        Number of deals at which a cell's own past counts as much as its parent's.

    Returns
    -------
    Ratios
        Ratio and 80 % interval of each cell; NaN where the lower parts add up to 0.

    Notes
    -----
    The ratio is sum of uppers / sum of lowers (Cochran, ratio estimator). Its standard error
    comes from how much the periods differ, ``sqrt(n s2) / sum of lowers`` with
    ``s2 = sum (upper - ratio lower)^2 / (n - 1)``, and the interval from Student's t. One period
    alone gives no interval. A cell's ratio is ``w own + (1 - w) parent`` with
    ``w = deals / (deals + prior_deals)``.
    """
    below = lower.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(below > 0, upper.sum(axis=0) / below, np.nan)
        spread = ((upper - own * lower) ** 2).sum(axis=0)
        many = (lower > 0).sum(axis=0).astype("int64")
        error = np.sqrt(many * spread / np.maximum(many - 1, 1)) / below
    error = np.where(many > 1, error, np.nan)
    weight = np.where(np.isnan(own), 0.0, deals / np.maximum(deals + prior_deals, 1e-9))
    weight[0] = 1.0
    value, wide = own.copy(), error.copy()
    for cell in np.argsort(parents != 0, kind="stable"):  # parents come first
        if cell == 0:
            continue
        parent, mine = parents[cell], weight[cell]
        base = 0.0 if mine == 0 else mine * own[cell]
        value[cell] = base + (1 - mine) * value[parent] if mine < 1 else base
        noise = 0.0 if mine == 0 or np.isnan(error[cell]) else (mine * error[cell]) ** 2
        wide[cell] = np.sqrt(noise + ((1 - mine) * wide[parent]) ** 2)
    freedom = np.maximum(np.where(weight > 0, many, many[0]) - 1, 1)
    half = stdtrit(freedom, 0.5 + _COVERED / 2) * wide
    return Ratios(
        value=value,
        low=np.maximum(value - half, 0.0),
        high=value + half,
        error=wide,
        own_share=weight,
        deals=deals,
        periods=many,
    )
