"""Judgements of accounts by people: the latest of each rater, their spread, and what is wrong."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.key_accounts.findings import rows_found, written
from planlib.settings.key_accounts import KeyAccountsSettings
from planlib.tables import table

#: Confidence of a judgement whose rater did not state one.
JUDGED = 0.7
#: What is known of the judgements of an account and factor.
RATED_COLUMNS = (
    "rating",
    "rating_low",
    "rating_high",
    "rating_confidence",
    "rater_count",
    "expired_count",
    "rated_date",
    "evidence",
)
_KEYS = ["account_id", "factor"]


def latest_ratings(ratings: pd.DataFrame | None, days: int, as_of: date) -> pd.DataFrame:
    """
    Give the mean of each rater's latest judgement per account and factor.

    Parameters
    ----------
    ratings
        Table ``ratings``, or None. Judgements after the as-of date, outside 0 to 10, or without a
        date do not count.
    days
        A judgement older than this has expired.
    as_of
        As-of date.

    Returns
    -------
    DataFrame
        Index ``account_id``, ``factor``; ``rating`` (mean over raters, 0 to 10),
        ``rating_low``, ``rating_high`` (least and most of the raters), ``rating_confidence``,
        ``rater_count``, ``expired_count``, ``rated_date`` (latest), ``evidence``. Where all
        judgements have expired only ``expired_count`` is known.
    """
    if ratings is None:
        ratings = table("ratings").empty()
    age = (pd.Timestamp(as_of) - ratings["rating_date"]).dt.days
    usable = ratings[on_scale(ratings) & (age >= 0)]
    last = usable.sort_values(["rating_date", "rater_id"]).drop_duplicates(
        [*_KEYS, "rater_id"], keep="last"
    )
    is_old = (pd.Timestamp(as_of) - last["rating_date"]).dt.days > days
    valid = last[~is_old]
    grouped = valid.assign(confidence=valid["confidence"].fillna(JUDGED)).groupby(_KEYS)
    told = valid[valid["evidence"].notna()].drop_duplicates([*_KEYS, "evidence"])
    rated = pd.DataFrame(
        {
            "rating": grouped["rating"].mean(),
            "rating_low": grouped["rating"].min(),
            "rating_high": grouped["rating"].max(),
            "rating_confidence": grouped["confidence"].mean(),
            "rater_count": grouped["rater_id"].nunique(),
            "rated_date": grouped["rating_date"].max(),
            "evidence": told.sort_values("evidence").groupby(_KEYS)["evidence"].agg("; ".join),
        }
    )
    expired = last[is_old].groupby(_KEYS).size().rename("expired_count")
    joined = rated.join(expired, how="outer").rename_axis(_KEYS)
    counts = joined[["rater_count", "expired_count"]].fillna(0).astype("Int64")
    return joined.assign(**counts, evidence=joined["evidence"].astype("str"))[list(RATED_COLUMNS)]


def on_scale(ratings: pd.DataFrame) -> pd.Series:
    """Tell which judgements are on the scale; the others count nowhere."""
    return ratings["rating"].between(0, 10)


def check_ratings(
    ratings: pd.DataFrame | None, account_ids: pd.Series, as_of: date
) -> list[pd.DataFrame]:
    """Name judgements that cannot count: outside the scale, in the future, of unknown accounts."""
    if ratings is None:
        return []
    row_id = (
        ratings["account_id"].astype("str")
        + " / "
        + ratings["factor"].astype("str")
        + " / "
        + ratings["rater_id"].astype("str")
    )
    rows = ratings.assign(row_id=row_id)
    outside = rows[~on_scale(rows)].rename(columns={"rating": "value"})
    late = rows[rows["rating_date"] > pd.Timestamp(as_of)]
    late = late.assign(value=late["rating_date"].dt.strftime("%Y-%m-%d"))
    lost = rows[~rows["account_id"].isin(account_ids)].rename(columns={"account_id": "value"})
    return [
        rows_found(
            "score outside its scale",
            "ratings",
            outside,
            "rating",
            allowed="0 to 10",
            effect="not counted",
        ),
        rows_found(
            "judgement after the as-of date",
            "ratings",
            late,
            "rating_date",
            allowed=f"until {as_of}",
            effect="not counted yet",
        ),
        rows_found(
            "unknown account",
            "ratings",
            lost,
            "account_id",
            allowed="an account of table accounts",
            effect="not counted",
        ),
    ]


def check_spread(scores: pd.DataFrame, settings: KeyAccountsSettings) -> list[pd.DataFrame]:
    """
    Name judgements that differ: between raters, or between a judgement and the measured score.

    Parameters
    ----------
    scores
        Table ``key_account_scores``.
    settings
        ``rating_gap`` is used.
    """
    rows = scores.assign(row_id=scores["account_id"] + " / " + scores["factor"])
    spread = rows["rating_high"] - rows["rating_low"]
    apart = rows[(spread > settings.rating_gap).fillna(False)]
    apart = apart.assign(
        value=written(apart["rating_low"], "{:g}") + " to " + written(apart["rating_high"], "{:g}")
    )
    measured = rows["factor"].isin(["revenue", "potential"]) & (rows["basis"] == "value")
    gap = (rows["rating"] - rows["factor_score"]).abs() > settings.rating_gap
    differs = rows[measured & gap.fillna(False)]
    differs = differs.assign(
        value="judged "
        + written(differs["rating"], "{:.1f}")
        + ", measured "
        + written(differs["factor_score"], "{:.1f}")
    )
    limit = f"a difference of at most {settings.rating_gap:g} points"
    return [
        rows_found(
            "raters differ",
            "ratings",
            apart,
            "rating",
            allowed=limit,
            effect="their mean counts; talk before the list is confirmed",
        ),
        rows_found(
            "judgement against measurement",
            "ratings",
            differs,
            "rating",
            allowed=limit,
            effect="the measured value counts; check potential or judgement",
        ),
    ]
