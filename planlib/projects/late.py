"""Open deals long past their close date, and what became of deals that were once as late."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.settings.projects import ProjectsSettings

#: Position of the win rate of deals that were once late (table ``project_win_rates``).
LATE = "past its close date"
_WATCHED = pd.Timedelta(days=180)  # later ones have had too little time to be won


def is_late(close_dates: pd.Series, settings: ProjectsSettings, as_of: date) -> pd.Series:
    """Tell which open deals are past their close date by more than ``late_days``."""
    late: pd.Series = (pd.Timestamp(as_of) - close_dates).dt.days > settings.late_days
    return late.fillna(False).astype(bool)


def once_late(
    deals: pd.DataFrame, history: pd.DataFrame | None, settings: ProjectsSettings, as_of: date
) -> pd.DataFrame:
    """
    Give the deals that an extract of half a year ago or older showed open and late.

    Deals that nobody keeps up are rarely closed, so what was won of the closed ones alone would
    say too much.

    Parameters
    ----------
    deals
        Prepared deals: ``opportunity_id``, ``status``, ``close_date``.
    history
        Table ``opportunity_history``, or None.
    settings
        ``late_days``.
    as_of
        Day until which the data count.

    Returns
    -------
    DataFrame
        ``opportunity_id`` and ``is_won`` (by the as-of date; one that is still open is not), in
        the order of ``deals``.
    """
    known = deals[["opportunity_id"]].assign(
        is_won=deals["status"].eq("won") & ~(deals["close_date"] > pd.Timestamp(as_of))
    )
    if history is None or history.empty or "close_date" not in history:
        return known.iloc[:0]
    seen = history[history["snapshot_date"] <= pd.Timestamp(as_of) - _WATCHED]
    seen = seen[~seen["is_closed"].fillna(False).astype(bool)]
    days = (seen["snapshot_date"] - seen["close_date"]).dt.days
    late = seen.loc[(days > settings.late_days).fillna(False).astype(bool), "opportunity_id"]
    return known[known["opportunity_id"].isin(late)].reset_index(drop=True)
