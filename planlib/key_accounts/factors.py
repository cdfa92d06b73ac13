"""The four factors of an account before scaling: revenue, potential, demonstration, winnability."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.key_accounts.ratings import JUDGED, RATED_COLUMNS, latest_ratings
from planlib.notes import count_of
from planlib.settings.key_accounts import KeyAccountsSettings

#: Confidence of a value that is measured, or stood in for.
MEASURED, STOOD_IN = 0.9, 0.3
#: Factors that are measured in money; a judgement counts only where there is no figure.
MONEY_FACTORS = ("revenue", "potential")
#: Deals of an account at which its own win rate counts as much as that of its stratum.
PRIOR_DEALS = 8.0
_DAYS_A_YEAR = 365.25


def factor_values(
    accounts: pd.DataFrame,
    strata: pd.Series,
    settings: KeyAccountsSettings,
    as_of: date,
    *,
    opportunities: pd.DataFrame | None = None,
    ratings: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Give the value of each factor for each account, with what it rests on.

    Parameters
    ----------
    accounts
        ``account_id``, ``acv``, ``potential``, ``employees``; ``potential`` is that of
        segmentation where the cycle has it.
    strata
        Stratum of each account, in the same order.
    settings
        ``revenue_years`` and ``rating_days`` are used.
    as_of
        As-of date; later deals and ratings do not count.
    opportunities
        ``account_id``, ``is_won``, ``is_closed``, ``close_date``, ``amount``.
    ratings
        ``account_id``, ``factor``, ``rating`` (0 to 10), ``rating_date``, ``rater_id``,
        ``confidence``.

    Returns
    -------
    DataFrame
        ``account_id``, ``factor``, ``value`` (NA: unknown), ``confidence`` (share), ``method``,
        ``basis`` ("rating" where a judgement on 0 to 10 stands in for money that is not known,
        else "value"), and the judgements beside it: ``rating``, ``rating_low``, ``rating_high``,
        ``rater_count``, ``expired_count``, ``rated_date``, ``evidence``.
    """
    rated = latest_ratings(ratings, settings.rating_days, as_of)
    parts = [
        _revenue(accounts, opportunities, settings.revenue_years, as_of),
        _potential(accounts),
        _demonstration(accounts, strata, rated),
        _winnability(accounts, strata, opportunities, rated, as_of),
    ]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame.merge(rated.reset_index(), "left", ["account_id", "factor"])
    counts = {
        name: frame[name].fillna(0).astype("Int64") for name in ("rater_count", "expired_count")
    }
    frame = _judged_money(frame.assign(**counts, basis="value"))
    frame["confidence"] = frame["confidence"].where(frame["value"].notna())
    return frame.drop(columns="rating_confidence")


def _raters(counts: pd.Series) -> pd.Series:
    """Write how many people rated; missing where nobody did."""
    known = counts.dropna()
    words = pd.Series([count_of(int(one), "rater") for one in known], known.index, dtype="str")
    return words.reindex(counts.index)


def _judged_money(frame: pd.DataFrame) -> pd.DataFrame:
    """Let a judgement stand in for money that is not known; it is on 0 to 10 already."""
    mine = frame["factor"].isin(MONEY_FACTORS) & frame["value"].isna() & frame["rating"].notna()
    said = "no figure: judgement by " + _raters(frame["rater_count"])
    return frame.assign(
        value=frame["value"].mask(mine, frame["rating"]),
        confidence=frame["confidence"].mask(mine, frame["rating_confidence"]),
        method=frame["method"].mask(mine, said),
        basis=frame["basis"].mask(mine, "rating"),
    )


def won_amounts(
    accounts: pd.DataFrame, opportunities: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp
) -> pd.Series:
    """
    Sum won amounts by account with a close date after ``first`` and up to ``last``.

    Zero where nothing was won; NA where deals were won and no amount of them is known.
    """
    won = opportunities[
        opportunities["is_won"].fillna(False)
        & (opportunities["close_date"] > first)
        & (opportunities["close_date"] <= last)
    ]
    sums = won.groupby("account_id")["amount"].sum(min_count=1)
    found = accounts["account_id"].map(sums).astype("float64")
    return found.where(accounts["account_id"].isin(won["account_id"]), 0.0)


def _frame(
    accounts: pd.DataFrame, factor: str, value: pd.Series, confidence: object, method: object
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account_id": accounts["account_id"].to_numpy(),
            "factor": factor,
            "value": value.to_numpy(dtype="float64"),
            "confidence": pd.Series(confidence, index=accounts.index, dtype="float64").to_numpy(),
            "method": pd.Series(method, index=accounts.index, dtype="str").to_numpy(),
        }
    )


def _revenue(
    accounts: pd.DataFrame, opportunities: pd.DataFrame | None, years: int, as_of: date
) -> pd.DataFrame:
    if opportunities is None:
        known = accounts["acv"].notna()
        method = pd.Series(np.where(known, "annual contract value in force", "unknown"))
        return _frame(accounts, "revenue", accounts["acv"], MEASURED, method.to_numpy())
    last = pd.Timestamp(as_of)
    won = opportunities["is_won"].fillna(False).astype(bool)
    closed = opportunities.loc[won & (opportunities["close_date"] <= last), "close_date"]
    span = (last - closed.min()).days / _DAYS_A_YEAR if len(closed) else np.nan
    covered = min(float(years), max(span, 1.0)) if span == span else np.nan
    sums = won_amounts(accounts, opportunities, last - pd.DateOffset(years=years), last)
    known_years = f"won amounts a year, mean of {covered:.1f} years"
    told = pd.Series(known_years if covered == covered else "unknown", index=accounts.index)
    told = told.mask(sums.isna(), "unknown: no deal won has an amount")
    return _frame(accounts, "revenue", sums / covered, MEASURED, told)


def _potential(accounts: pd.DataFrame) -> pd.DataFrame:
    known = accounts["potential"].notna()
    method = np.where(known, "yearly spend possible with us", "unknown")
    return _frame(accounts, "potential", accounts["potential"], JUDGED, method)


def _demonstration(accounts: pd.DataFrame, strata: pd.Series, rated: pd.DataFrame) -> pd.DataFrame:
    """Judgement on 0 to 10; without one, the size rank in the stratum stands in."""
    judged = _rating(accounts, rated, "demonstration")
    size = accounts["employees"].astype("float64")
    stand_in = size.groupby(strata.to_numpy()).rank(pct=True) * 10
    value = judged["rating"].where(judged["rating"].notna(), stand_in)
    has = judged["rating"].notna()
    method = np.where(
        has,
        "judgement by " + _raters(judged["rater_count"]),
        np.where(stand_in.notna(), "no judgement: size rank stands in", "unknown"),
    )
    confidence = judged["rating_confidence"].where(has, STOOD_IN)
    return _frame(accounts, "demonstration", value, confidence.to_numpy(), method)


def _winnability(
    accounts: pd.DataFrame,
    strata: pd.Series,
    opportunities: pd.DataFrame | None,
    rated: pd.DataFrame,
    as_of: date,
) -> pd.DataFrame:
    """
    Judgement on 0 to 10; else the win rate, shrunk to the stratum, x 10.

    The shrunk rate is (wins + A m) / (closed + A) with the stratum's pooled rate m and A of
    ``PRIOR_DEALS`` (beta-binomial with a fixed prior weight).
    """
    judged = _rating(accounts, rated, "winnability")
    rate: pd.Series = pd.Series(np.nan, index=accounts.index)
    count: pd.Series = pd.Series(0, index=accounts.index)
    if opportunities is not None:
        closed = opportunities[
            opportunities["is_closed"].fillna(False)
            & (opportunities["close_date"] <= pd.Timestamp(as_of))
        ]
        wins = closed["is_won"].fillna(False).astype("int64").groupby(closed["account_id"])
        won = accounts["account_id"].map(wins.sum()).fillna(0)
        count = accounts["account_id"].map(wins.count()).fillna(0)
        pooled = won.groupby(strata.to_numpy()).sum() / count.groupby(strata.to_numpy()).sum()
        mean = pd.Series(strata.to_numpy(), index=accounts.index).map(pooled)
        rate = (won + PRIOR_DEALS * mean) / (count + PRIOR_DEALS)
    has = judged["rating"].notna()
    value = judged["rating"].where(has, rate * 10)
    deals = count.astype("int64").astype("str")
    method = np.where(
        has,
        "judgement by " + _raters(judged["rater_count"]),
        np.where(
            rate.notna(), "win rate of " + deals + " closed deals, shrunk to the stratum", "unknown"
        ),
    )
    own = count / (count + PRIOR_DEALS)
    confidence = judged["rating_confidence"].where(has, STOOD_IN + (MEASURED - STOOD_IN) * own)
    return _frame(accounts, "winnability", value, confidence.to_numpy(), method)


def _rating(accounts: pd.DataFrame, rated: pd.DataFrame, factor: str) -> pd.DataFrame:
    mine = rated[rated.index.get_level_values("factor") == factor].droplevel("factor")
    aligned = mine.reindex(accounts["account_id"]).set_axis(accounts.index)
    return aligned[list(RATED_COLUMNS)].astype({"rater_count": "Int64"})
