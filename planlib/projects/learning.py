"""What each closed project left behind: a lesson on the next years, and a change in closeness."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.tables import table

MONTHS = 12


def learn_from_closed(
    closed: pd.DataFrame,
    every: pd.DataFrame,
    lessons: pd.DataFrame,
    closeness: pd.DataFrame,
    as_of: date,
) -> pd.DataFrame:
    """
    Say for each large project closed in the last twelve months what was recorded of it.

    Parameters
    ----------
    closed
        ``project_id``, ``close_date``, ``is_won``, ``lane``; rows without project are left out.
    every
        ``account_id``, ``name``, ``amount`` by project.
    lessons
        ``project_id`` of the lessons that people recorded.
    closeness
        ``project_id``, ``counted_change``, ``rated_change`` of table ``project_closeness``.
    as_of
        As-of date.

    Returns
    -------
    DataFrame
        Table ``project_learning``, what has nothing recorded first, the largest first. A change in
        closeness alone is no lesson: it does not say what the account will need.
    """
    contract = table("project_learning")
    end = pd.Timestamp(as_of)
    rows = closed.dropna(subset=["project_id", "close_date"])
    recent = (rows["close_date"] > end - pd.DateOffset(months=MONTHS)) & (rows["close_date"] <= end)
    rows = rows[recent & (rows["lane"] == "large")].drop_duplicates("project_id")
    if rows.empty:
        return contract.empty()
    counts = lessons["project_id"].value_counts() if len(lessons) else pd.Series(dtype="int64")
    changes = closeness.drop_duplicates("project_id").set_index("project_id")
    ids = rows["project_id"]
    facts = every.reindex(ids)
    lesson_count = counts.reindex(ids).fillna(0).to_numpy(dtype="int64")
    changed = {
        name: changes[name].reindex(ids).to_numpy(dtype="float64", na_value=np.nan)
        for name in ("counted_change", "rated_change")
    }
    close = ~np.isnan(changed["counted_change"]) | ~np.isnan(changed["rated_change"])
    state = np.select([lesson_count > 0, close], ["lesson", "closeness only"], "nothing recorded")
    found = pd.DataFrame(
        {
            "project_id": ids.array,
            "name": facts["name"].array,
            "account_id": facts["account_id"].array,
            "outcome": np.where(rows["is_won"].astype(bool), "won", "lost"),
            "decided_date": rows["close_date"].array,
            "amount": facts["amount"].array,
            "lesson_count": lesson_count,
            **changed,
            "state": state,
        }
    )
    order = {"nothing recorded": 0, "closeness only": 1, "lesson": 2}
    found = found.assign(place=found["state"].map(order)).sort_values(
        ["place", "amount", "project_id"], ascending=[True, False, True], ignore_index=True
    )
    return contract.check(found[[column.name for column in contract.columns]])
