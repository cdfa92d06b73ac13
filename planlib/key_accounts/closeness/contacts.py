"""Automatic closeness of a contact: recency, frequency, reciprocity, depth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.settings.closeness import PARTS, ClosenessSettings


def score_contacts(
    counted: pd.DataFrame, settings: ClosenessSettings, day: pd.Timestamp
) -> pd.DataFrame:
    """
    Score every contact with a counted event until a day.

    ``score = 100 x sum of weight x part``; recency is ``2 ** -(days / half-life)``, reciprocity
    ``2 min(in, out) / (in + out)``; frequency and depth are sums over the window against a target,
    at most 1. A contact whose events have no direction is scored on the other parts, whose weights
    are rescaled.

    Parameters
    ----------
    counted
        Events from ``sort_events``.
    settings
        Weights, half-life, window, targets.
    day
        As-of day; later events do not count.

    Returns
    -------
    DataFrame
        Index ``contact_id``; the parts, ``score``, ``events_count``, ``in_count``, ``out_count``,
        ``last_date``, ``silent_days``.
    """
    until = counted[counted["activity_date"] <= day]
    last = until.groupby("contact_id")["activity_date"].max()
    recent = until[until["activity_date"] > day - pd.Timedelta(days=settings.window_days)]
    sums = recent.groupby("contact_id")[["in_count", "out_count", "depth"]].sum()
    sums["events_count"] = recent.groupby("contact_id").size()
    found = sums.reindex(last.index, fill_value=0).assign(last_date=last)
    found["silent_days"] = (day - found["last_date"]).dt.days
    both = found["in_count"] + found["out_count"]
    one_way = found[["in_count", "out_count"]].min(axis=1)
    unknown = (both == 0) & (found["events_count"] > 0)
    parts = pd.DataFrame(
        {
            "recency": np.exp2(-found["silent_days"] / settings.half_life_days),
            "frequency": (found["events_count"] / settings.target_count).clip(upper=1.0),
            "reciprocity": (2 * one_way / both.where(both > 0)).fillna(0.0).mask(unknown),
            "depth": (found["depth"] / settings.target_depth).clip(upper=1.0),
        }
    ).astype("float64")
    weights = pd.Series(settings.shares())[list(PARTS)]
    known = parts.notna().mul(weights, axis=1).sum(axis=1)
    total = parts.mul(weights, axis=1).sum(axis=1)
    parts["score"] = (100 * total / known.where(known > 0)).clip(0, 100)
    return pd.concat([parts, found.drop(columns="depth")], axis=1)


def threads_of(
    scores: pd.DataFrame, people: pd.DataFrame, settings: ClosenessSettings
) -> pd.Series:
    """Count the threads of each account: active contacts with at least the thread score."""
    strong = scores.index[(scores["score"] >= settings.thread_score).to_numpy()]
    active = people["is_active"].fillna(True).astype(bool)
    mine = people[active & people["contact_id"].isin(strong)]
    return mine.groupby("account_id")["contact_id"].nunique()


def dependence(
    counted: pd.DataFrame, settings: ClosenessSettings, day: pd.Timestamp
) -> pd.DataFrame:
    """
    Give our most active person per account and that person's share of the contacts.

    Returns
    -------
    DataFrame
        Index ``account_id``; ``dependence_rep_id``, ``dependence_share``; accounts with fewer than
        ``dependence_count`` contacts by known people are left out.
    """
    span = pd.Timedelta(days=settings.window_days)
    recent = counted[(counted["activity_date"] <= day) & (counted["activity_date"] > day - span)]
    counts = recent.groupby(["account_id", "rep_id"]).size().rename("count").reset_index()
    total = counts.groupby("account_id")["count"].sum()
    first = counts.sort_values(["account_id", "count", "rep_id"], ascending=[True, False, True])
    top = first.drop_duplicates("account_id").set_index("account_id")
    top = top[total.reindex(top.index) >= settings.dependence_count]
    return pd.DataFrame(
        {
            "dependence_rep_id": top["rep_id"].astype("str"),
            "dependence_share": top["count"] / total.reindex(top.index),
        }
    )
