"""The rated part of closeness: what people say, with confidence and date, apart from counts."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.key_accounts.factors import latest_ratings
from planlib.settings.closeness import ClosenessSettings

FACTOR = "closeness"


def rated_part(
    keys: pd.Series, ratings: pd.DataFrame | None, settings: ClosenessSettings, as_of: date
) -> pd.DataFrame:
    """
    Give 10 x the mean of each rater's latest valid rating of closeness.

    Parameters
    ----------
    keys
        ``account_id`` of the key accounts.
    ratings
        Table ``ratings``, or None.
    settings
        ``rating_days``: how long a rating counts.
    as_of
        Later ratings do not count.

    Returns
    -------
    DataFrame
        Index ``account_id`` in the order of ``keys``; ``rated_score``, ``rated_confidence``,
        ``rated_date``, ``raters_count``.
    """
    found = latest_ratings(ratings, settings.rating_days, as_of)
    mine = found[found.index.get_level_values("factor") == FACTOR].droplevel("factor")
    mine = mine.reindex(keys.to_numpy())
    last = pd.Series(pd.NaT, index=mine.index, dtype="datetime64[us]")
    if ratings is not None:
        rows = ratings[(ratings["factor"] == FACTOR) & (ratings["rating_date"] <= str(as_of))]
        last = rows.groupby("account_id")["rating_date"].max().reindex(mine.index)
    return pd.DataFrame(
        {
            "rated_score": 10 * mine["rating"],
            "rated_confidence": mine["confidence"],
            "rated_date": last.where(mine["rating"].notna()),
            "raters_count": mine["raters"].astype("Int64"),
        }
    ).rename_axis("account_id")
