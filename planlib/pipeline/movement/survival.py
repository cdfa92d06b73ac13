"""How long until something happens, with what has not happened yet counted in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

_Z = 1.959963984540054  # 97.5 % point of the normal distribution


@dataclass(frozen=True, kw_only=True)
class Curve:
    """
    A Kaplan-Meier curve: one entry per day on which something ended.

    Parameters
    ----------
    days
        The days.
    at_risk, ended
        How many were still going on, and how many ended then.
    share
        Share that goes on after that day.
    low, high
        Its 95 % interval; NaN where the share is 0 or 1.
    """

    days: Floats
    at_risk: Floats
    ended: Floats
    share: Floats
    low: Floats
    high: Floats

    @property
    def median(self) -> tuple[float, float, float]:
        """
        Median days and the ends of their 95 % interval.

        The first days on which share, ``low`` and ``high`` are at most one half (Brookmeyer and
        Crowley 1982). NaN where the curve does not fall so far.
        """
        found = []
        for share in (self.share, self.low, self.high):
            below = np.flatnonzero(share <= 0.5)
            found.append(float(self.days[below[0]]) if len(below) else float("nan"))
        return found[0], found[1], found[2]


def kaplan_meier(days: pd.Series, ended: pd.Series) -> Curve:
    """
    Estimate the share that is still going on after a number of days.

    Product-limit estimate with Greenwood's variance on the log-log scale (Kaplan and Meier 1958;
    Kalbfleisch and Prentice 2002, section 1.4).

    Parameters
    ----------
    days
        Days observed, at least 0; unknown ones are left out.
    ended
        Whether it ended then; False: still going on when last seen.

    Returns
    -------
    Curve
        Empty when nothing ended: all censored gives no estimate.
    """
    known = days.notna().to_numpy()
    time = days.to_numpy(dtype="float64")[known]
    is_end = ended.to_numpy(dtype=bool)[known]
    at = np.unique(time[is_end])
    count = _count(time[is_end], at)
    risk = len(time) - np.searchsorted(np.sort(time), at, side="left").astype("float64")
    share = np.cumprod(1 - count / risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(count / (risk * (risk - count)))
        spread = _Z * np.sqrt(greenwood) / np.log(share)
        low, high = share ** np.exp(-spread), share ** np.exp(spread)
    inside = (share > 0) & (share < 1)
    return Curve(
        days=at,
        at_risk=risk,
        ended=count,
        share=share,
        low=np.where(inside, low, np.nan),
        high=np.where(inside, high, np.nan),
    )


def cumulative_incidence(
    days: pd.Series, cause: pd.Series, entry: pd.Series, ages: Floats, causes: tuple[str, ...]
) -> pd.DataFrame:
    """
    Estimate the share that ended by each cause until an age (Aalen and Johansen 1978).

    Causes compete: what was lost cannot be won any more, so one minus Kaplan-Meier of each cause
    would add up to more than all.

    Parameters
    ----------
    days
        Age at the end, or at the last look.
    cause
        Cause of the end; any other word, or blank: not ended when last seen.
    entry
        Age from which on it was watched; what ended earlier could not be seen. It counts among
        those at risk from this age on.
    ages
        Ages at which the shares are given.
    causes
        The causes.

    Returns
    -------
    DataFrame
        One row per age: ``age_days``, ``at_risk``, a column per cause, and ``<cause>_low`` and
        ``<cause>_high`` (95 %, variance by the delta method, Marubini and Valsecchi 1995). Blank
        beyond the last age at which anything is at risk, and everywhere when nothing ended.
    """
    known = (days.notna() & entry.notna() & (days >= entry)).to_numpy()
    time = days.to_numpy(dtype="float64")[known]
    first = entry.to_numpy(dtype="float64")[known]
    why = cause.to_numpy(dtype=object)[known]
    ended = np.isin(why, causes)
    at = np.unique(time[ended])
    last = float(time.max()) if len(time) else -1.0
    risk_at = _at_risk(time, first, ages)
    found: dict[str, Floats] = {"age_days": ages, "at_risk": risk_at}
    risk = _at_risk(time, first, at)
    counts = {name: _count(time[why == name], at) for name in causes}
    every = np.sum([counts[name] for name in causes], axis=0, dtype="float64")
    going = np.concatenate([[1.0], np.cumprod(1 - every / risk)]) if len(at) else np.ones(1)
    place = np.searchsorted(at, ages, side="right")
    blank = (ages > last) | (len(at) == 0)
    for name in causes:
        step = going[:-1] * counts[name] / risk if len(at) else np.zeros(0)
        share = np.concatenate([[0.0], np.cumsum(step)])
        spread = _spread(share, going, counts[name], every, risk)[place]
        value = np.where(blank, np.nan, share[place])
        found[name] = value
        found[f"{name}_low"] = np.clip(value - _Z * spread, 0, 1)
        found[f"{name}_high"] = np.clip(value + _Z * spread, 0, 1)
    return pd.DataFrame(found).astype({"at_risk": "int64"})


def _spread(share: Floats, going: Floats, count: Floats, every: Floats, risk: Floats) -> Floats:
    """Give the standard error of a cause's share after each of the days on which one ended."""
    if not len(risk):
        return np.zeros(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.where(risk > every, every / (risk * (risk - every)), 0.0)
    own = going[:-1] ** 2 * (risk - count) * count / risk**3
    cross = going[:-1] * count / risk**2
    here = share[1:]
    sums = [
        np.concatenate([[0.0], np.cumsum(part)])
        for part in (total, total * here, total * here**2, own, cross, cross * here)
    ]
    variance = share**2 * sums[0] - 2 * share * sums[1] + sums[2] + sums[3]
    variance = variance - 2 * (share * sums[4] - sums[5])
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def _at_risk(time: Floats, first: Floats, ages: Floats) -> Floats:
    """Count what was watched by an age and had not ended before it."""
    came = np.searchsorted(np.sort(first), ages, side="right")
    gone = np.searchsorted(np.sort(time), ages, side="left")
    return np.asarray(came - gone, dtype="float64")


def _count(times: Floats, at: Floats) -> Floats:
    ends = np.searchsorted(np.sort(times), at, side="right")
    return np.asarray(np.diff(ends, prepend=0), dtype="float64")
