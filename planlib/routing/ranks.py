"""The ranking that routing needs, from the tables of the scorecards."""

from __future__ import annotations

import pandas as pd


def ranking_from(
    rep_scorecards: pd.DataFrame | None = None, rep_tiers: pd.DataFrame | None = None
) -> pd.DataFrame | None:
    """
    Give one row per rep: ``rep_id``, ``tier``, ``score``, ``score_sd``.

    Parameters
    ----------
    rep_scorecards
        Long table of scorecards, one row per rep and ``metric``; the win rate counts, with its
        shrunk value (``value_shrunk``, else ``score`` or ``value``) and interval (``low``,
        ``high``: 95 %).
    rep_tiers
        ``rep_id`` and ``tier``, the latest month where it has ``month_date``.

    Returns
    -------
    DataFrame or None
        None when neither table names a rep. Without scores the order of the tiers stands in:
        tiers are compared by name, the first the best.
    """
    found = [one for one in (_scores(rep_scorecards), _tiers(rep_tiers)) if one is not None]
    if not found:
        return None
    rows = (
        found[0].copy() if len(found) == 1 else found[0].merge(found[1], on="rep_id", how="outer")
    )
    for name in ("tier", "score", "score_sd"):
        if name not in rows.columns:
            rows[name] = pd.NA
    score = rows["score"].astype("Float64").astype("float64")
    if score.isna().all() and rows["tier"].notna().any():
        order = rows["tier"].rank(method="dense")
        score = (order.max() + 1 - order) / (order.max() + 1)
    rows = rows.assign(score=score, score_sd=rows["score_sd"].astype("Float64").astype("float64"))
    columns = ["rep_id", "tier", "score", "score_sd"]
    return rows[columns].sort_values("rep_id", ignore_index=True)


def _latest(rows: pd.DataFrame) -> pd.DataFrame:
    if "month_date" in rows.columns:
        rows = rows.sort_values(["month_date", "rep_id"])
    return rows.drop_duplicates("rep_id", keep="last")


def _scores(scorecards: pd.DataFrame | None) -> pd.DataFrame | None:
    if scorecards is None or scorecards.empty:
        return None
    rows = scorecards
    if "metric" in rows.columns:
        rows = rows[rows["metric"] == "win_rate"]
    names = [one for one in ("value_shrunk", "score", "value") if one in rows.columns]
    if rows.empty or not names:
        return None
    rows = _latest(rows)
    found = rows[["rep_id"]].assign(score=rows[names[0]].to_numpy())
    if {"low", "high"} <= set(rows.columns):
        found = found.assign(score_sd=((rows["high"] - rows["low"]) / (2 * 1.96)).to_numpy())
    elif "score_sd" in rows.columns:
        found = found.assign(score_sd=rows["score_sd"].to_numpy())
    return found


def _tiers(tiers: pd.DataFrame | None) -> pd.DataFrame | None:
    if tiers is None or tiers.empty or "tier" not in tiers.columns:
        return None
    return _latest(tiers)[["rep_id", "tier"]]
