"""The rated part of closeness: what people say, with confidence and date, apart from counts."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.key_accounts.ratings import latest_ratings
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
    own = None if ratings is None else ratings[ratings["factor"] == FACTOR]
    mine = latest_ratings(own, settings.rating_days, as_of).droplevel("factor")
    mine = mine.reindex(keys.to_numpy())
    return pd.DataFrame(
        {
            "rated_score": 10 * mine["rating"],
            "rated_confidence": mine["rating_confidence"],
            "rated_date": mine["rated_date"].where(mine["rating"].notna()),
            "raters_count": mine["rater_count"].astype("Int64"),
        }
    ).rename_axis("account_id")
