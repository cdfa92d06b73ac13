"""Activities of people, without what a system logged."""

from __future__ import annotations

import pandas as pd


def by_persons(activities: pd.DataFrame) -> pd.DataFrame:
    """Leave out what a system sent or answered; without ``is_automatic`` nothing is known of it."""
    if "is_automatic" not in activities.columns:
        return activities
    return activities[~activities["is_automatic"].fillna(False).astype(bool)]
