"""Won and lost by how close we were: does a relation that is missing go with losing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planlib.intervals import wilson
from planlib.settings.projects import ProjectsSettings
from planlib.tables.projects import BANDS, MEASURES

_RELATION, _SUPPORT = ("relation", "both"), ("support", "both")


def closeness_results(
    closed: pd.DataFrame,
    closeness: pd.DataFrame,
    trend: pd.DataFrame | None,
    rated: pd.Series,
    settings: ProjectsSettings,
) -> pd.DataFrame:
    """
    Compare won and lost projects by bands of closeness.

    Closeness at the opening is before any work on the project; at the decision it holds the
    contact of the project itself. Neither proves that closeness won the project.

    Parameters
    ----------
    closed
        ``project_id``, ``account_id``, ``close_date``, ``is_won``, ``loss_cause``; small deals
        without a project are left out.
    closeness
        ``project_id``, ``counted_before`` of table ``project_closeness``.
    trend
        Table ``closeness_trend`` of step 05, or None.
    rated
        Closeness (0 to 10) by ``project_id`` from the ratings before the decision.
    settings
        ``closeness_limits``; ``minimum_deals``: fewer projects are grey.

    Returns
    -------
    DataFrame
        Table ``project_closeness_results``: every measure that some project has, with every band.
        Intervals by Wilson.
    """
    rows = closed.dropna(subset="project_id").drop_duplicates("project_id")
    if rows.empty:
        return pd.DataFrame()
    before = closeness.drop_duplicates("project_id").set_index("project_id")["counted_before"]
    scores = dict(zip(
        MEASURES,
        (rows["project_id"].map(before), _at_decision(rows, trend),
         10 * rows["project_id"].map(rated)), strict=True,
    ))  # fmt: skip
    parts = [
        _bands(rows, score.astype("float64"), settings).assign(measure=name, measure_order=order)
        for order, (name, score) in enumerate(scores.items())
        if score.notna().any()
    ]
    if not parts:
        return pd.DataFrame()
    found = pd.concat(parts, ignore_index=True)
    low, high = wilson(found["won_count"], found["closed_count"])
    relation = wilson(found["relation_count"], found["coded_count"])
    return found.assign(
        win_share=_share(found["won_count"], found["closed_count"]),
        low=low, high=high,
        relation_share=_share(found["relation_count"], found["coded_count"]),
        relation_low=relation[0], relation_high=relation[1],
        is_grey=found["closed_count"] < settings.minimum_deals,
    )  # fmt: skip


def _bands(rows: pd.DataFrame, score: pd.Series, settings: ProjectsSettings) -> pd.DataFrame:
    first, second = settings.closeness_limits
    below = [score.isna(), score < first, score < second]
    band = np.select(below, [BANDS[3], *BANDS[:2]], BANDS[2])
    won = rows["is_won"].fillna(False).astype(bool)
    cause = rows["loss_cause"].where(~won)
    facts = pd.DataFrame(
        {
            "band": band,
            "won_count": won,
            "lost_count": ~won,
            "closed_count": True,
            "relation_count": cause.isin(_RELATION),
            "support_count": cause.isin(_SUPPORT),
            "coded_count": cause.notna(),
        }
    )
    counts = facts.groupby("band").sum().reindex(list(BANDS), fill_value=0).astype("Int64")
    known = (counts["coded_count"] > 0) | (counts["lost_count"] == 0)  # else unknown, not none
    for name in ("relation_count", "support_count"):
        counts[name] = counts[name].where(known)
    return counts.reset_index(names="band").assign(
        band_order=range(len(BANDS)),
        from_score=[0.0, first, second, np.nan],
        to_score=[first, second, 100.0, np.nan],
    )


def _at_decision(rows: pd.DataFrame, trend: pd.DataFrame | None) -> pd.Series:
    """Give the counted closeness of the last month end before each decision."""
    if trend is None or trend.empty:
        return pd.Series(np.nan, index=rows.index)
    known = trend[["account_id", "month_date", "automatic_score"]].dropna()
    asked = rows[["account_id", "close_date"]].dropna().reset_index(names="place")
    placed = pd.merge_asof(
        asked.sort_values(["close_date", "place"]), known.sort_values(["month_date", "account_id"]),
        left_on="close_date", right_on="month_date", by="account_id", allow_exact_matches=False,
        tolerance=_OLDEST,
    )  # fmt: skip
    return placed.set_index("place")["automatic_score"].reindex(rows.index)


_OLDEST = pd.Timedelta(days=62)  # an older count says nothing about the day of the decision


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    return part / whole.where(whole > 0)
