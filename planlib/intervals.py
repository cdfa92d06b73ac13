"""Confidence intervals of shares and of their differences: one formula for every table."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

_Floats = npt.NDArray[np.float64]
F = TypeVar("F", pd.Series, _Floats, float)


def wilson(hits: F, count: F, confidence: float = 0.95) -> tuple[F, F]:
    """
    Give the interval of a share by Wilson's score method (Wilson 1927).

    It holds for cases that are independent of each other, lies within 0 and 1, and holds the share
    also where no case or every case is a hit. It is the closed form of
    ``scipy.stats.binomtest(...).proportion_ci(method="wilson")``, for whole columns at once.

    Parameters
    ----------
    hits
        Cases with the mark, 0 to ``count``: a number, an array or a column.
    count
        All cases, of the same kind; columns are brought together by their index.
    confidence
        Probability of the interval, in (0, 1).

    Returns
    -------
    tuple
        Lower and upper end, of the same kind as ``hits``; NaN where there is no case or a figure
        is not known.

    Raises
    ------
    ValueError
        If the confidence is not in (0, 1).

    Examples
    --------
    >>> low, high = wilson(81.0, 263.0)
    >>> round(low, 4), round(high, 4)
    (0.2553, 0.3662)
    """
    z = _normal_point(confidence)
    if isinstance(hits, pd.Series) and isinstance(count, pd.Series):
        one, other = hits.align(count)
        ends = _ends(
            one.to_numpy(dtype="float64", na_value=np.nan),
            other.to_numpy(dtype="float64", na_value=np.nan), z,
        )  # fmt: skip
        return pd.Series(ends[0], index=one.index), pd.Series(ends[1], index=one.index)
    low, high = _ends(np.asarray(hits, dtype="float64"), np.asarray(count, dtype="float64"), z)
    found: Any = (low, high) if low.ndim else (float(low), float(high))
    return found  # type: ignore[no-any-return]


def _ends(hits: _Floats, count: _Floats, z: float) -> tuple[_Floats, _Floats]:
    n = np.where(count > 0, count, np.nan)
    share, square = hits / n, z * z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = z / (1 + square / n) * np.sqrt(share * (1 - share) / n + square / (4 * n**2))
    # the share is inside also where rounding says otherwise
    return np.clip(middle - half, 0.0, share), np.clip(middle + half, share, 1.0)


def newcombe(
    first: tuple[int, int], second: tuple[int, int], confidence: float
) -> tuple[float, float]:
    """
    Give the interval of the difference of two shares by the square-and-add method.

    Parameters
    ----------
    first, second
        Cases with the mark, and all cases, at least one.
    confidence
        Probability of the interval.

    Returns
    -------
    tuple of float
        Lower and upper end of the first share less the second (Newcombe 1998, method 10).

    Examples
    --------
    >>> low, high = newcombe((56, 70), (48, 80), 0.95)
    >>> round(low, 4), round(high, 4)
    (0.0524, 0.3339)
    """
    (k1, n1), (k2, n2) = first, second
    p1, p2 = k1 / n1, k2 / n2
    (l1, u1), (l2, u2) = (wilson(float(k), float(n), confidence) for k, n in (first, second))
    low = p1 - p2 - np.sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2)
    high = p1 - p2 + np.sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)
    return float(low), float(high)


@cache
def _normal_point(confidence: float) -> float:
    """Give the point of the normal distribution that an interval of two sides reaches to."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be in (0, 1), got {confidence}")
    return NormalDist().inv_cdf(0.5 + confidence / 2)


__all__ = ["newcombe", "wilson"]
