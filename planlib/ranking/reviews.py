"""Reviews with the manager: the step agreed, who helps, and what the next scorecards show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from planlib.ranking.metrics import METRICS
from planlib.ranking.score import GroupFit
from planlib.settings.ranking import RankingSettings

_Z = 1.2815515655446004  # 90 % point of the normal distribution: an 80 % interval


def check_reviews(
    decisions: pd.DataFrame | None, known: set[str], settings: RankingSettings
) -> tuple[pd.DataFrame | None, list[tuple[str, str]]]:
    """
    Leave out reviews of unknown reps, and metrics and tiers that do not exist, by name.

    Returns
    -------
    tuple
        The usable decisions, and findings.
    """
    if decisions is None or decisions.empty:
        return None, []
    findings = []
    lost = ~decisions["rep_id"].isin(known)
    for row in decisions[lost].to_dict("records"):
        findings.append(("reviews", f"{row['decision_id']}: rep {row['rep_id']} is not known; "
                         "the review is left out"))  # fmt: skip
    kept = decisions[~lost].reset_index(drop=True)
    for column, allowed in (("metric", tuple(METRICS)), ("tier", settings.tiers)):
        wrong = kept[column].notna() & ~kept[column].isin(allowed)
        for row in kept[wrong].to_dict("records"):
            findings.append(("reviews", f"{row['decision_id']}: {column} '{row[column]}' is none "
                             f"of {', '.join(allowed)}; it is ignored"))  # fmt: skip
        kept[column] = kept[column].mask(wrong)
    return kept, findings


def metric_history(fits: list[tuple[pd.Timestamp, list[GroupFit]]]) -> pd.DataFrame:
    """Give each metric of each rep at each review: ``ratio`` and ``variance`` after shrinkage."""
    rows = []
    for day, groups in fits:
        for fit in groups:
            named = [(one.metric, *one.posterior.moments) for one in fit.metrics]
            for metric, mean, variance in [*named, ("score", fit.mean, fit.variance)]:
                rows.append(pd.DataFrame({"month_date": day, "rep_id": fit.reps, "metric": metric,
                                          "ratio": mean, "variance": variance}))  # fmt: skip
    if not rows:
        return pd.DataFrame(columns=["month_date", "rep_id", "metric", "ratio", "variance"])
    return pd.concat(rows, ignore_index=True)


def follow_reviews(
    decisions: pd.DataFrame | None, history: pd.DataFrame, months: Mapping[str, int]
) -> pd.DataFrame:
    """
    Give each review with its metric before and since.

    Then: at the last monthly score on or before the review. Now: at the next monthly score whose
    window begins after the review (``after_months``), else the latest one, which is said. Ratios
    are to peers, so what moved everybody is not in the change.

    Parameters
    ----------
    decisions, history
        From ``check_reviews`` and ``metric_history``.
    months
        Length of the window by rep.

    Returns
    -------
    DataFrame
        Rows of table ``ranking_reviews``.
    """
    if decisions is None:
        return pd.DataFrame()
    rows = []
    for row in decisions.sort_values(["review_date", "decision_id"]).to_dict("records"):
        metric = "score" if pd.isna(row["metric"]) else str(row["metric"])
        mine = history[(history["rep_id"] == row["rep_id"]) & (history["metric"] == metric)]
        mine = mine.sort_values("month_date")
        kept = {name: row[name] for name in ("decision_id", "rep_id", "review_date", "who",
                                             "agreed_step", "helper", "tier")}  # fmt: skip
        effect = _effect(mine, row["review_date"], months[row["rep_id"]])
        rows.append(kept | {"metric": metric, **effect})
    return pd.DataFrame(rows)


def _effect(mine: pd.DataFrame, review: pd.Timestamp, months: int) -> dict[str, Any]:
    before = mine[mine["month_date"] <= review]
    none = float("nan")
    blank = {"then_ratio": none, "now_ratio": none, "change": none, "low": none, "high": none,
             "then_date": pd.NaT, "now_date": pd.NaT}  # fmt: skip
    if before.empty:
        return blank | {"note": "no score at the time of the review"}
    then = before.iloc[-1]
    after = mine[mine["month_date"] > then["month_date"]]
    if after.empty:
        return blank | {"then_ratio": then["ratio"], "then_date": then["month_date"],
                        "note": "no scorecard since then"}  # fmt: skip
    fresh = after[after["month_date"] >= review + pd.DateOffset(months=months)]
    now = (fresh if len(fresh) else after).iloc[0 if len(fresh) else -1]
    change = float(now["ratio"] - then["ratio"])
    wide = _Z * float(np.sqrt(now["variance"] + then["variance"]))
    note = (
        ""
        if len(fresh)
        else ("the window still holds days before the review: the change is rather too small")
    )
    return {"then_ratio": then["ratio"], "now_ratio": now["ratio"], "change": change,
            "low": change - wide, "high": change + wide, "then_date": then["month_date"],
            "now_date": now["month_date"], "note": note}  # fmt: skip


def helpers(
    decisions: pd.DataFrame | None, settings: RankingSettings, as_of: pd.Timestamp
) -> pd.Series:
    """Give who helps a rep, by ``rep_id``: from the latest review of the window that names one."""
    if decisions is None:
        return pd.Series(dtype="str")
    first = as_of - pd.DateOffset(months=settings.window_months)
    recent = decisions[(decisions["review_date"] > first) & decisions["helper"].notna()]
    last = recent.sort_values(["review_date", "decision_id"]).drop_duplicates("rep_id", keep="last")
    return last.set_index("rep_id")["helper"].astype("str")


def unsupported(
    current: pd.DataFrame, decisions: pd.DataFrame | None, settings: RankingSettings,
    as_of: pd.Timestamp,
) -> list[str]:  # fmt: skip
    """Give the reps of the lowest tier who have no helper in a review of the window."""
    lowest = current.loc[current["tier"] == settings.tiers[-1], "rep_id"]
    return sorted(set(lowest) - set(helpers(decisions, settings, as_of).index))
