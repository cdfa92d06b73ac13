"""How long posts stay vacant: leavers against the next hire of the same role, unit and region."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.capacity.people import KINDS
from planlib.notes import percent
from planlib.settings.capacity import CapacitySettings

_LONGEST = 365  # days after which a hire is not taken for the successor
_LEAST = 3  # filled posts below which nothing is learnt
_SPLIT = ("role", "unit", "region")


@dataclass(frozen=True, kw_only=True)
class FillTime:
    """
    Time to fill a post.

    Parameters
    ----------
    days
        Mean days used.
    low, high
        80 % interval; missing where the days are stated alone.
    filled_count, open_count
        Posts of leavers that were filled, and those that are open on the as-of date.
    basis
        Where the days come from, in words.
    """

    days: float
    low: float = np.nan
    high: float = np.nan
    filled_count: int = 0
    open_count: int = 0
    basis: str


def time_to_fill(people: pd.DataFrame, settings: CapacitySettings, as_of: pd.Timestamp) -> FillTime:
    """
    Learn the time to fill from past leavers and hires, else take the one of plan.yaml.

    Each leaver of the window opens a post; the first person of the same role, unit and region who
    starts afterwards, within a year, fills it, and nobody fills two. A post for which the table
    has an open seat is open until the as-of date; others were not filled again and do not count.
    Waiting is exponential, so the mean is the days waited by all over the posts filled; stated
    days count as ``fill_prior`` posts.

    Parameters
    ----------
    people
        From ``prepare_staff``: ``role``, ``unit``, ``region``, ``kind``, ``hire_date``,
        ``leave_date``.
    settings
        ``fill_days``, ``fill_prior``, ``fill_from_data``, ``leaver_months``.
    as_of
        Last day that counts.
    """
    stated = float(settings.fill_days)
    if not settings.fill_from_data:
        return FillTime(days=stated, basis="as stated in plan.yaml or by the notebook")
    waited, open_days = _waits(people, as_of, settings.leaver_months)
    count, prior = len(waited), settings.fill_prior
    if count < _LEAST:
        return FillTime(
            days=stated, filled_count=count, open_count=len(open_days),
            basis=f"as stated: only {count} posts of leavers were filled in the last "
            f"{settings.leaver_months} months, and {_LEAST} are needed to learn from",
        )  # fmt: skip
    from scipy.stats import gamma

    total = float(sum(waited) + sum(open_days)) + prior * stated
    rate = gamma(count + prior, scale=1.0 / max(total, 1.0))
    weight = count / (count + prior)
    return FillTime(
        days=total / (count + prior), low=float(1 / rate.ppf(0.9)), high=float(1 / rate.ppf(0.1)),
        filled_count=count, open_count=len(open_days),
        basis=f"{count} posts of leavers filled and {len(open_days)} still open in the last "
        f"{settings.leaver_months} months, by the next hire of role, unit and region; weight "
        f"{percent(weight)}, the rest stated ({stated:.0f} days)",
    )  # fmt: skip


def _waits(people: pd.DataFrame, as_of: pd.Timestamp, months: int) -> tuple[list[int], list[int]]:
    """Give the days waited for each post that was filled, and for each that is open."""
    first = as_of - pd.DateOffset(months=months)
    role, unit, region = (people[name].fillna("").astype("str") for name in _SPLIT)
    rows = people.assign(place=role + "\x1f" + unit + "\x1f" + region)
    real = rows[rows["kind"] == KINDS[0]]
    left = real[(real["leave_date"] > first) & (real["leave_date"] <= as_of)]
    came = real[(real["hire_date"] > first) & (real["hire_date"] <= as_of)]
    seats = rows[rows["kind"] == KINDS[1]].groupby("place").size().to_dict()
    waited: list[int] = []
    still: list[int] = []
    for name, gone in left.sort_values(["leave_date", "rep_id"]).groupby("place"):
        starts = sorted(came.loc[came["place"] == name, "hire_date"])
        vacant = []
        for day in gone["leave_date"]:
            fits = [one for one in starts if 0 < (one - day).days <= _LONGEST]
            if fits:
                waited.append((fits[0] - day).days)
                starts.remove(fits[0])
            else:
                vacant.append((as_of - day).days)
        still += sorted(vacant)[: seats.get(name, 0)]  # the latest leavers, one for each seat
    return waited, still
