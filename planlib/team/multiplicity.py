"""
Many comparisons side by side: p-values that allow for all that were looked at.

Of twenty comparisons without any difference one leaves out "no difference" at 95 %. Where a table
lists many, a difference is only named when its p-value keeps the share of false ones among all that
are named (the false discovery rate) at the level, by Benjamini and Hochberg (1995). Intervals in
the tables stay those of each comparison alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Share of false ones among the differences that are named; as the 95 % intervals beside them.
FALSE_SHARE = 0.05


def adjust(p_values: npt.ArrayLike) -> Floats:
    """
    Adjust p-values for all of them together (Benjamini-Hochberg).

    Parameters
    ----------
    p_values
        One for each comparison; NaN was no comparison, does not count and stays NaN.

    Examples
    --------
    >>> [round(float(one), 3) for one in adjust([0.01, 0.04, float("nan"), 0.03, 0.5])]
    [0.04, 0.053, nan, 0.053, 0.5]
    """
    from scipy.stats import false_discovery_control

    found = np.asarray(p_values, dtype="float64").copy()
    known = np.isfinite(found)
    if known.any():
        found[known] = false_discovery_control(np.clip(found[known], 0.0, 1.0))
    return found


def p_of_interval(
    difference: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, confidence: float = 0.95
) -> Floats:
    """
    Give the two-sided p-value of no difference that an interval stands for.

    The end on the side of zero tells the error, so that the p-value is below ``1 - confidence``
    exactly where the interval leaves out zero.

    Parameters
    ----------
    difference, low, high
        Difference and its interval.
    confidence
        Probability of the interval.

    Examples
    --------
    >>> round(float(p_of_interval(1.96, 0.0, 3.92)), 3)
    0.05
    """
    from scipy.special import ndtr, ndtri

    middle, lower, upper = (np.asarray(one, dtype="float64") for one in (difference, low, high))
    z = ndtri(0.5 + confidence / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.where(middle > 0, middle - lower, upper - middle)
        errors = np.where(middle == 0, 0.0, np.abs(middle) / reach * z)
    return np.asarray(np.where(np.isnan(lower) | np.isnan(upper), np.nan, 2 * ndtr(-errors)),
                      dtype="float64")  # fmt: skip
