"""
Monte Carlo of what is still to come: deals won or not, deals not created yet, a common shock.

Deals that are won independently of each other give intervals that are far too narrow, because a
bad quarter is bad for many deals at once. The common shock multiplies the chance of every deal
and everything that arrives; its size is fitted to the errors of past forecasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from planlib.forecast.arrivals import Arrivals
from planlib.forecast.panel import Floats, Ints

QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, kw_only=True)
class Draws:
    """
    Random numbers of one simulation; the same for every method, so that methods compare.

    Parameters
    ----------
    uniform
        One row per deal, one column per draw.
    normal
        One per draw, for the common shock.
    """

    uniform: npt.NDArray[np.float32] = field(repr=False)
    normal: Floats = field(repr=False)

    @classmethod
    def make(cls, deals: int, draws: int, seed: int, point: int) -> Draws:
        """Draw for one point; the numbers depend on the seed and the point alone."""
        rng = np.random.default_rng([seed, point])
        half = rng.standard_normal((draws + 1) // 2)
        normal = np.concatenate([half, -half])[:draws]  # pairs: the mean shock is exact
        return cls(uniform=rng.random((deals, draws), dtype=np.float32), normal=normal)


def shock_factors(normal: Floats, size: float | Floats) -> Floats:
    """Give the factor of each draw: lognormal with mean 1 and standard deviation near ``size``."""
    return np.asarray(np.exp(size * normal - size**2 / 2))


def draw_arrivals(
    arrivals: Arrivals | None, draws: int, seed: Sequence[int], cells: int = 0
) -> tuple[Floats, Floats]:
    """
    Draw the amount of deals that are not in the pipeline yet.

    Parameters
    ----------
    arrivals
        What past periods let expect; None: nothing is missed.
    draws
        How many times.
    seed
        Seed of the draw.
    cells
        Number of cells for which sums are wanted; 0: the total only.

    Returns
    -------
    tuple
        Total per draw; and one row per cell with a column per draw (no rows without cells).
    """
    by_cell = np.zeros((cells, draws))
    if arrivals is None or not len(arrivals.cents):
        return np.zeros(draws), by_cell
    rng = np.random.default_rng(list(seed))
    expected = float(arrivals.rates.sum())
    counts = rng.poisson(expected, draws)
    which = np.repeat(np.arange(draws), counts)
    steps = np.cumsum(arrivals.rates) / expected
    items = np.minimum(np.searchsorted(steps, rng.random(len(which)), "right"), len(steps) - 1)
    total: Floats = np.bincount(which, weights=arrivals.cents[items], minlength=draws).astype(
        "float64"
    )
    if cells:
        for column in range(arrivals.cells.shape[1]):
            place = arrivals.cells[items, column] * draws + which
            flat = np.bincount(place, weights=arrivals.cents[items], minlength=cells * draws)
            by_cell += flat.reshape(cells, draws)
    return total, by_cell


def simulate_total(
    chance: Floats, cents: Floats, draws: Draws, shock: Floats, late: Floats
) -> Floats:
    """
    Simulate the amount still to come.

    Parameters
    ----------
    chance, cents
        Chance of winning in the period, and amount, of each deal.
    draws
        Random numbers, a row per deal.
    shock
        Factor of each draw (``shock_factors``); a chance is never above 1.
    late
        Amount of deals not in the pipeline yet, per draw.
    """
    won = draws.uniform < np.outer(chance, shock)
    return np.asarray(cents @ won + late * shock)


def simulate_cells(
    chance: Floats, cents: Floats, cells: Ints, draws: Draws, *, shock: Floats, late: Floats
) -> Floats:
    """Simulate every cell with the same draws: a row per cell, a column per draw."""
    won = (draws.uniform < np.outer(chance, shock)) * cents[:, None]
    out = late * shock
    for column in range(cells.shape[1]):
        order = np.argsort(cells[:, column], kind="stable")
        codes = cells[order, column]
        if len(codes):
            starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
            out[codes[starts]] += np.add.reduceat(won[order], starts, axis=0)
    return out


def fit_shock(
    errors: Floats, expected: Floats, variances: Floats, periods: int, prior: tuple[float, float]
) -> float:
    """
    Fit the common shock to past forecasts of what was still to come.

    Parameters
    ----------
    errors
        Actual minus expected, per past forecast.
    expected
        What was expected.
    variances
        Variance of independent deals: ``sum p (1 - p) a^2``, plus that of arrivals.
    periods
        Past periods these forecasts come from; weeks of one period are not independent.
    prior
        Size assumed before, and the number of periods it counts for.

    Notes
    -----
    Method of moments: ``var = independent + size^2 expected^2``, so
    ``size^2 = sum(error^2 - independent) / sum(expected^2)``, not below 0.
    """
    size, weight = prior
    below = float((expected**2).sum())
    if periods == 0 or below <= 0:
        return size
    found = max(0.0, float((errors**2 - variances).sum()) / below)
    return float(np.sqrt((periods * found + weight * size**2) / (periods + weight)))
