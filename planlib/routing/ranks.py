"""The ranking that routing needs, from the tables of the stack ranking."""

from __future__ import annotations

import pandas as pd


def ranking_from(
    rep_scores: pd.DataFrame | None = None, rep_tiers: pd.DataFrame | None = None
) -> pd.DataFrame | None:
    """
    Give one row per rep: ``rep_id``, ``tier``, ``score``, ``score_sd``.

    Parameters
    ----------
    rep_scores
        Table ``rep_scores``: ``score`` (ratio to peers, shrunk) and ``score_sd``.
    rep_tiers
        Table ``rep_tiers``; the latest ``month_date`` of a rep counts.

    Returns
    -------
    DataFrame or None
        None when neither table names a rep. Without scores the order of the tiers stands in:
        tiers are compared by name, the first the best.
    """
    parts = []
    if rep_scores is not None and len(rep_scores):
        parts.append(rep_scores[["rep_id", "score", "score_sd"]])
    if rep_tiers is not None and len(rep_tiers):
        last = rep_tiers.sort_values(["month_date", "rep_id"]).drop_duplicates(
            "rep_id", keep="last"
        )
        parts.append(last[["rep_id", "tier"]])
    if not parts:
        return None
    rows = parts[0] if len(parts) == 1 else parts[0].merge(parts[1], on="rep_id", how="outer")
    rows = rows.reindex(columns=["rep_id", "tier", "score", "score_sd"])
    numbers = rows[["score", "score_sd"]].astype("Float64").astype("float64")
    if numbers["score"].isna().all() and rows["tier"].notna().any():
        order = rows["tier"].rank(method="dense")
        numbers["score"] = (order.max() + 1 - order) / (order.max() + 1)
    return rows.assign(**numbers).sort_values("rep_id", ignore_index=True)
