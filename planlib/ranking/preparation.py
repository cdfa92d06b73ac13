"""Support around the talk: prepared before it, joined by a colleague, followed by a next step."""

from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from planlib.hygiene.activities import by_persons
from planlib.intervals import wilson
from planlib.ranking.absence import month_start
from planlib.settings.ranking import RankingSettings

TALKS = ("meeting", "demo", "visit")
CHECKS = ("before", "during", "after")
_CONFIDENCE = 0.90  # as of all intervals of the ranking


def talks_of(activities: pd.DataFrame, settings: RankingSettings) -> pd.DataFrame:
    """
    Give each talk with a customer, and what was done around it.

    Parameters
    ----------
    activities
        Table ``activities``: a talk is a meeting, demo or visit of a rep with an account. Several
        on one day are one. What a system sent does not count.
    settings
        Section ``ranking``: ``preparation_days`` and ``next_step_days``.

    Returns
    -------
    DataFrame
        ``rep_id``, ``account_id``, ``day``, ``before`` (the rep was in touch with the account
        within the days before), ``during`` (another rep was in a talk there on that day),
        ``after`` (in touch within the days after); by rep, day and account.
    """
    keys = ["rep_id", "account_id", "activity_date"]
    known = by_persons(activities).dropna(subset=keys)
    talks = known.loc[known["activity_type"].isin(TALKS), keys].drop_duplicates()
    talks = talks.sort_values(["rep_id", "activity_date", "account_id"], ignore_index=True)
    touch = known[keys].drop_duplicates().sort_values("activity_date", ignore_index=True)
    found = talks.sort_values("activity_date", kind="stable")
    found["before"] = _near(found[keys], touch, "backward", settings.preparation_days)
    found["after"] = _near(found[keys], touch, "forward", settings.next_step_days)
    reps = talks.groupby(["account_id", "activity_date"])["rep_id"].transform("nunique")
    found["during"] = (reps > 1).reindex(found.index).to_numpy()
    rows = found.sort_index().rename(columns={"activity_date": "day"})
    return rows[["rep_id", "account_id", "day", *CHECKS]].reset_index(drop=True)


def preparation_rows(
    activities: pd.DataFrame | None, reps: list[str], settings: RankingSettings, as_of: date
) -> pd.DataFrame:
    """
    Count, for each rep, the talks of the window that had support before, during and after.

    Parameters
    ----------
    activities
        Table ``activities``; None gives no rows.
    reps
        Reps to show; the others of them are the peers.
    settings
        Section ``ranking``.
    as_of
        Last day of the window. A talk whose days after are not over is not counted there.

    Returns
    -------
    DataFrame
        Table ``rep_preparation``; a rep without a talk has NA shares.
    """
    if activities is None or activities.empty or not reps:
        return pd.DataFrame()
    last = pd.Timestamp(as_of)
    talks = talks_of(activities, settings)
    first = pd.Timestamp(month_start(as_of, settings.window_months))
    inside = talks["day"].between(first, last) & talks["rep_id"].isin(reps)
    talks = talks[inside]
    parts = []
    for name in CHECKS:
        until = last - pd.Timedelta(days=settings.next_step_days) if name == "after" else last
        mine = talks[talks["day"] <= until].groupby("rep_id")[name].agg(["size", "sum"])
        mine = mine.reindex(sorted(reps), fill_value=0)
        count, done = mine["size"].to_numpy(float), mine["sum"].to_numpy(float)
        low, high = wilson(done, count, _CONFIDENCE)
        with np.errstate(invalid="ignore", divide="ignore"):
            peers = (done.sum() - done) / (count.sum() - count)
            share = done / count
        parts.append(pd.DataFrame({
            "rep_id": mine.index, "check": name, "talk_count": count.astype(int),
            "done_count": done.astype(int), "done_share": share, "low": low, "high": high,
            "peer_share": peers, "verdict": _verdict(low, high, peers),
            "window_from": first, "window_to": until,
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _near(
    talks: pd.DataFrame, touch: pd.DataFrame, direction: Literal["backward", "forward"], days: int
) -> np.ndarray:
    """Tell which talks have a touch with the account on another day within some days."""
    found = pd.merge_asof(
        talks, touch.assign(near=touch["activity_date"]), on="activity_date",
        by=["rep_id", "account_id"], direction=direction, allow_exact_matches=False,
        tolerance=pd.Timedelta(days=days),
    )  # fmt: skip
    return found["near"].notna().to_numpy()


def _verdict(low: np.ndarray, high: np.ndarray, peers: np.ndarray) -> np.ndarray:
    known = ~(np.isnan(low) | np.isnan(peers))
    words = np.where(low > peers, "good", np.where(high < peers, "behind", "as peers"))
    return np.where(known, words, "no sample")
