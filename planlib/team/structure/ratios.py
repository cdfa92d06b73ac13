"""Ratios of two rates, means or shares with an interval."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

_Z95 = 1.96


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """
    Two figures and their ratio; NaN where it cannot be told.

    ``count``: cases of the first; ``low``, ``high``: 95 % interval; ``p``: two-sided p-value of 1.
    """

    value: float
    others: float
    count: int
    low: float = np.nan
    high: float = np.nan
    p: float = np.nan

    @property
    def ratio(self) -> float:
        """First figure over the second."""
        return self.value / self.others if self.others > 0 else np.nan

    @property
    def answer(self) -> str:
        """Say more or less where the interval leaves out 1."""
        if np.isnan(self.low) or np.isnan(self.high):
            return "not known"
        return "more" if self.low > 1 else "less" if self.high < 1 else "no clear difference"


def ratio_of_rates(mine: tuple[float, float], others: tuple[float, float], least: int) -> Ratio:
    """
    Compare two counts over their exposures, as Poisson counts.

    Parameters
    ----------
    mine, others
        Count and exposure.
    least
        Fewer cases on either side give no interval.

    Examples
    --------
    >>> found = ratio_of_rates((100, 50), (100, 100), 10)
    >>> round(found.ratio, 2), round(found.low, 2), round(found.high, 2)
    (2.0, 1.52, 2.64)
    """
    (n1, e1), (n2, e2) = mine, others
    value = n1 / e1 if e1 > 0 else np.nan
    other = n2 / e2 if e2 > 0 else np.nan
    found = Ratio(value=value, others=other, count=round(n1))
    if min(n1, n2) < max(least, 1) or not value > 0 or not other > 0:
        return found
    return _around(found, np.sqrt(1 / n1 + 1 / n2))


def ratio_of_means(mine: pd.Series, others: pd.Series, least: int) -> Ratio:
    """Compare two means of numbers that are not negative, by the delta method on the logarithm."""
    mine, others = mine.dropna(), others.dropna()
    found = Ratio(value=float(mine.mean()), others=float(others.mean()), count=len(mine))
    if min(len(mine), len(others)) < max(least, 2) or not min(found.value, found.others) > 0:
        return found
    relative = [float(one.var(ddof=1)) / len(one) / float(one.mean()) ** 2
                for one in (mine, others)]  # fmt: skip
    return _around(found, np.sqrt(sum(relative)))


def ratio_of_shares(mine: pd.Series, others: pd.Series, least: int) -> Ratio:
    """
    Compare two shares of marked cases (Katz, with half a case added to every cell).

    Parameters
    ----------
    mine, others
        Marks as booleans or numbers 0 and 1, unknown ones NA.
    least
        Fewer cases on either side give no interval.
    """
    mine, others = mine.dropna().astype(float), others.dropna().astype(float)
    found = Ratio(value=float(mine.mean()), others=float(others.mean()), count=len(mine))
    if min(len(mine), len(others)) < max(least, 1):
        return found
    (k1, n1), (k2, n2) = ((float(one.sum()) + 0.5, len(one) + 1.0) for one in (mine, others))
    spread = np.sqrt(1 / k1 - 1 / n1 + 1 / k2 - 1 / n2)
    centre = (k1 / n1) / (k2 / n2)
    low, high = centre * np.exp(-_Z95 * spread), centre * np.exp(_Z95 * spread)
    if found.others > 0:  # half a case moves the middle: keep the plain ratio inside
        low, high = min(low, found.ratio), max(high, found.ratio)
    return replace(found, low=float(low), high=float(high), p=_chance(centre, spread))


def _around(found: Ratio, spread: float) -> Ratio:
    return replace(found, low=float(found.ratio * np.exp(-_Z95 * spread)),
                   high=float(found.ratio * np.exp(_Z95 * spread)),
                   p=_chance(found.ratio, spread))  # fmt: skip


def _chance(ratio: float, spread: float) -> float:
    """Give the chance of a ratio so far from 1, or farther, where it is 1."""
    from scipy.special import ndtr

    far = abs(float(np.log(ratio)))
    return float(2 * ndtr(-far / spread)) if spread > 0 else float(far == 0)
