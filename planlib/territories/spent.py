"""Selling time that accounts got, from logged activities, where these tell it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.segmentation.workload import read_log, unreliable
from planlib.territories.response import FEWEST_FITTED
from planlib.territories.statement import Statement

_SAME_LOG = (
    "the hours that accounts need are counted from the logged activities themselves, so these do "
    "not tell whether more time sells more"
)


@dataclass(frozen=True, kw_only=True)
class TimeSpent:
    """
    Selling time of the last year by account.

    Parameters
    ----------
    hours
        ``account_id`` and ``hours``, of accounts with contacts of known duration.
    reason
        Why nothing is known; blank where something is.
    """

    hours: pd.DataFrame
    reason: str = ""


def time_spent(
    statement: Statement,
    activities: pd.DataFrame | None,
    segments: pd.DataFrame | None = None,
) -> TimeSpent:
    """
    Give the selling time that accounts got in the 365 days up to the as-of date.

    Parameters
    ----------
    statement
        From ``state``: accounts, owners, as-of date.
    activities
        ``account_id``, ``activity_date``, ``minutes``, ``is_automatic``; contacts without minutes
        and automatic ones add nothing.
    segments
        ``account_id``, ``workload_source``. Time is set against the hours that an account needs;
        where these come from the activities themselves, an account is left out.

    Returns
    -------
    TimeSpent
        Nothing, with the reason, where activities cover too few days, are logged too thinly, or
        tell the needed hours of nearly every account.
    """
    book = statement.book
    ids, nobody = book["account_id"], pd.DataFrame(columns=["account_id", "hours"])
    unknown = pd.Series(pd.NaT, index=book.index)
    log = read_log(ids, unknown, activities, statement.as_of)
    owned = book["owner"].notna().to_numpy(dtype=bool)
    reason = unreliable(log, owned if owned.any() else np.ones(len(ids), dtype=bool))
    if log is None or reason:
        return TimeSpent(hours=nobody, reason=reason)
    timed = log.hours > 0
    if not timed.any():
        return TimeSpent(hours=nobody, reason="no logged activity has minutes")
    apart = np.ones(len(ids), dtype=bool)
    if segments is not None and "workload_source" in segments:
        source = segments.drop_duplicates("account_id").set_index("account_id")["workload_source"]
        apart = ids.map(source).ne("activities").to_numpy(dtype=bool)
    if (timed & apart).sum() < FEWEST_FITTED and not apart.all():
        return TimeSpent(hours=nobody, reason=_SAME_LOG)
    hours = pd.DataFrame({"account_id": ids, "hours": log.hours})[timed & apart]
    return TimeSpent(hours=hours.reset_index(drop=True))
