"""Measures of people and roles from deals, activities and onboarding: for ladders and KPI trees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from planlib.ranking.shrink import Floats, Posterior, gamma_ratio, normal_ratio

Family = Literal["count", "share", "amount", "mean"]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """
    One measure as a ratio of sums.

    Parameters
    ----------
    unit
        For people.
    meaning
        Numerator / denominator.
    family
        ``count`` and ``amount`` per year there, ``share`` of cases, ``mean`` of an amount.
    source
        Table behind it.
    """

    unit: str
    meaning: str
    family: Family
    source: str


MEASURES: dict[str, Measure] = {
    "won_amount": Measure(unit="a year", family="amount", source="opportunities",
                          meaning="amount won / years there"),
    "won_count": Measure(unit="deals a year", family="count", source="opportunities",
                         meaning="deals won / years there"),
    "decided_count": Measure(unit="deals a year", family="count", source="opportunities",
                             meaning="deals won or lost / years there"),
    "win_rate": Measure(unit="share", family="share", source="opportunities",
                        meaning="deals won / deals won or lost"),
    "deal_size": Measure(unit="a deal", family="mean", source="opportunities",
                         meaning="amount won / deals won"),
    "created_amount": Measure(unit="a year", family="amount", source="opportunities",
                              meaning="amount of deals created / years there"),
    "created_count": Measure(unit="deals a year", family="count", source="opportunities",
                             meaning="deals created / years there"),
    "renewal_rate": Measure(unit="share", family="share", source="opportunities",
                            meaning="renewals won / renewals decided"),
    "existing_rate": Measure(unit="share", family="share", source="opportunities",
                             meaning="renewals and expansions won / decided"),
    "activities": Measure(unit="a year", family="count", source="activities",
                          meaning="contacts out by the person / years there"),
    "onboarding_share": Measure(unit="share", family="share", source="onboarding",
                                meaning="onboarding items done / items due"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class MeasureInputs:
    """Tables behind the measures; None where the workbook has none."""

    opportunities: pd.DataFrame | None = field(default=None, repr=False)
    activities: pd.DataFrame | None = field(default=None, repr=False)
    onboarding: pd.DataFrame | None = field(default=None, repr=False)


def units_of(metric: str, inputs: MeasureInputs) -> pd.DataFrame | None:
    """
    Give the cases of a measure.

    Returns
    -------
    DataFrame or None
        ``rep_id``, ``day``, ``upper`` and ``lower`` of each case (``lower`` is blank where the
        denominator is time); None where the table is missing or holds none.
    """
    source = MEASURES[metric].source
    if source == "opportunities":
        found = _deals(metric, inputs.opportunities)
    elif source == "activities":
        found = _activities(inputs.activities)
    else:
        found = _items(inputs.onboarding)
    return found if found is not None and len(found) else None


def person_sums(
    units: pd.DataFrame, people: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp
) -> pd.DataFrame:
    """
    Add up the cases of each person within a window.

    Parameters
    ----------
    units
        From ``units_of``.
    people
        ``rep_id`` and ``start``.
    first, last
        Window, both included; a person counts from the first day on.

    Returns
    -------
    DataFrame
        One row per person in their order: ``upper``, ``lower`` (cases), ``square`` (sum of squared
        upper parts) and ``years`` there within the window.
    """
    inside = units[(units["day"] >= first) & (units["day"] <= last)]
    by = inside.assign(square=inside["upper"] ** 2).groupby("rep_id")[["upper", "lower", "square"]]
    sums = by.sum().reindex(people["rep_id"]).fillna(0.0).reset_index(drop=True)
    begin = people["start"].where(people["start"] > first, first).reset_index(drop=True)
    return sums.assign(years=((last - begin).dt.days + 1).clip(lower=0) / 365.25)


def shrink_people(metric: str, sums: pd.DataFrame, floor: float) -> tuple[Floats, Posterior, float]:
    """
    Draw the values of peers to their common one, with the estimators of the ranking.

    Parameters
    ----------
    metric
        Name of the measure.
    sums
        From ``person_sums``, of one peer group.
    floor
        Smallest standard deviation of true ratios.

    Returns
    -------
    tuple
        Raw values (blank without a denominator), the posterior of their ratios to the common
        value, and the common value (NaN where nothing is known).
    """
    family = MEASURES[metric].family
    upper = sums["upper"].to_numpy(dtype=float)
    lower = sums["years" if family in ("count", "amount") else "lower"].to_numpy(dtype=float)
    total = float(lower.sum())
    common = float(upper.sum()) / total if total > 0 else float("nan")
    raw = np.divide(upper, lower, out=np.full_like(upper, np.nan), where=lower > 0)
    if not common > 0:
        nothing = np.full_like(upper, np.nan)
        return raw, Posterior(mean=nothing, variance=nothing, spread=np.array([np.nan])), common
    expected = lower * common
    if family in ("count", "share"):
        left = 1.0 - common if family == "share" else 1.0
        return raw, gamma_ratio(upper, expected, expected * max(left, 0.02), floor), common
    if family == "amount":  # a sum of random amounts at random times: variance of sum y is sum y^2
        noise = float(sums["square"].sum() / upper.sum())
        variance = np.divide(noise, expected, out=np.full_like(expected, np.inf),
                             where=expected > 0)  # fmt: skip
    else:
        spread = float(sums["square"].sum() / total - common**2) / common**2
        variance = np.divide(max(spread, 1e-6), lower, out=np.full_like(lower, np.inf),
                             where=lower > 0)  # fmt: skip
    ratio = np.where(np.isfinite(raw), raw / common, 1.0)
    return raw, normal_ratio(ratio, variance, floor), common


def _deals(metric: str, opportunities: pd.DataFrame | None) -> pd.DataFrame | None:
    if opportunities is None:
        return None
    is_won = opportunities["is_won"].fillna(False).astype(bool)
    is_closed = opportunities["is_closed"].fillna(False).astype(bool)
    one = pd.Series(1.0, index=opportunities.index)
    amount = opportunities["amount"]
    day, person = opportunities["close_date"], opportunities["owner_id"]
    if metric.startswith("created"):
        made = opportunities["creator_id"].fillna(person)
        first = opportunities["created_amount"].fillna(amount)
        upper = one if metric == "created_count" else first
        return _units(made, opportunities["created_date"], upper, one, upper.notna())
    if metric in ("won_amount", "deal_size"):
        return _units(person, day, amount, one, is_won & amount.notna())
    if metric == "won_count":
        return _units(person, day, one, one, is_won)
    if metric == "decided_count":
        return _units(person, day, one, one, is_closed)
    kinds = {"renewal_rate": ("renewal",), "existing_rate": ("renewal", "expansion")}.get(metric)
    chosen = is_closed if kinds is None else is_closed & opportunities["deal_type"].isin(kinds)
    return _units(person, day, is_won.astype(float), one, chosen)


def _units(
    person: pd.Series, day: pd.Series, upper: pd.Series, lower: pd.Series, chosen: pd.Series
) -> pd.DataFrame:
    rows = pd.DataFrame({"rep_id": person, "day": day, "upper": upper, "lower": lower})
    return rows[chosen & rows["rep_id"].notna() & rows["day"].notna()].reset_index(drop=True)


def _activities(activities: pd.DataFrame | None) -> pd.DataFrame | None:
    if activities is None:
        return None
    chosen = (activities["direction"] != "in") & ~activities["is_automatic"].fillna(False).astype(
        bool
    )
    one = pd.Series(1.0, index=activities.index)
    return _units(activities["rep_id"], activities["activity_date"], one, one, chosen)


def _items(onboarding: pd.DataFrame | None) -> pd.DataFrame | None:
    if onboarding is None:
        return None
    day = onboarding["due_date"].fillna(onboarding["done_date"])
    done = onboarding["done_date"].notna().astype(float)
    one = pd.Series(1.0, index=onboarding.index)
    return _units(onboarding["rep_id"], day, done, one, day.notna())
