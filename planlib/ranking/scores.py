"""Table ``rep_scores``: one row for everybody, ranked or not, with the plain figures beside."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.intervals import wilson
from planlib.pipeline.money import from_cents, known, to_cents
from planlib.ranking.cases import Cases
from planlib.ranking.months import Month
from planlib.ranking.shrink import beta_binomial


def score_rows(
    month: Month, cases: Cases, current: pd.DataFrame, trend: pd.DataFrame, groups: pd.DataFrame,
    *, helper: pd.Series,
) -> pd.DataFrame:  # fmt: skip
    """
    Put together status, window, plain figures, score, rank, tier and trend of everybody.

    Parameters
    ----------
    month
        The last review.
    cases
        For wins and amount of the window.
    current
        Rows of ``rep_tiers`` of the last review.
    trend
        From ``cards.trend_of``.
    groups
        Rows of ``ranking_groups``; a group without evidence of difference is grey.
    helper
        From ``reviews.helpers``.
    """
    rows = month.judged
    if not month.scores.empty:
        scores = month.scores.drop(columns="peer_group")
        rows = rows.merge(scores, on="rep_id", how="left")
    rows = rows.merge(_plain(month, cases), on="rep_id", how="left")
    rows = _shrunk(rows)
    tier = current[["rep_id", "tier_before", "tier", "move", "reason"]]
    rows = rows.merge(tier.rename(columns={"reason": "move_reason"}), on="rep_id", how="left")
    rows = rows.merge(trend, on="rep_id", how="left")
    grey = pd.Series(True, index=rows.index)
    if len(groups):
        differ = (groups["metric"] == "score") & (groups["verdict"] == "reps differ")
        grey = ~rows["peer_group"].isin(groups.loc[differ, "peer_group"])
    return rows.assign(is_grey=grey.where(rows["status"] == "ranked"),
                       helper=rows["rep_id"].map(helper))  # fmt: skip


def _plain(month: Month, cases: Cases) -> pd.DataFrame:
    windows = month.judged[["rep_id", "window_from", "window_to"]]
    decided = cases.rows.merge(windows, on="rep_id")
    decided = decided[decided["decided_date"].between(decided["window_from"],
                                                      decided["window_to"])]  # fmt: skip
    won = decided[decided["is_won"]]
    cents = known(to_cents(won["amount"])).groupby(won["rep_id"]).sum()
    count = won.groupby("rep_id").size()
    reps = decided["rep_id"].drop_duplicates().sort_values(ignore_index=True)
    return pd.DataFrame({
        "rep_id": reps, "win_count": reps.map(count).fillna(0).astype("Int64"),
        "won_amount": from_cents(reps.map(cents).fillna(0)),
    })  # fmt: skip


def _shrunk(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the plain win share with its Wilson interval, and drawn to the group's rate."""
    count = rows["cases_count"].astype(float)
    wins = rows["win_count"].astype("Float64").astype(float)
    share = wins / count.where(count > 0)
    low, high = wilson(wins, count.where(count > 0))
    shrunk = pd.Series(np.nan, index=rows.index)
    for _, mine in rows[rows["status"] == "ranked"].groupby("peer_group"):
        own, of = (np.asarray(one[mine.index], dtype=float) for one in (wins, count))
        value, _ = beta_binomial(own, of)
        shrunk.loc[mine.index] = value
    return rows.assign(win_share=share, win_share_shrunk=shrunk, win_share_low=low,
                       win_share_high=high)  # fmt: skip
