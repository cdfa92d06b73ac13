"""The role of a rep on a day, and the role that created a deal."""

from __future__ import annotations

import pandas as pd

from planlib.pipeline.cuts import UNKNOWN
from planlib.pipeline.lookup import look_up


def roles_on(
    rep_ids: pd.Series,
    days: pd.Series,
    reps: pd.DataFrame | None,
    rep_history: pd.DataFrame | None,
) -> pd.Series:
    """
    Give the role that a rep had on a day, else the role of today, else "(unknown)".

    Parameters
    ----------
    rep_ids, days
        Whose role, and on which day, row by row.
    reps
        Table ``reps``, or None.
    rep_history
        Table ``rep_history``, or None.
    """
    role = pd.Series(pd.NA, index=rep_ids.index, dtype="object")
    if rep_history is not None and not rep_history.empty and "role" in rep_history:
        asked = pd.DataFrame(
            {"rep_id": rep_ids, "day": days.astype("datetime64[us]"), "at": range(len(rep_ids))}
        ).dropna()
        past = rep_history.dropna(subset=["rep_id", "effective_from"]).sort_values(
            ["effective_from", "rep_id"]
        )
        found = pd.merge_asof(
            asked.sort_values(["day", "at"]),
            past.assign(day=past["effective_from"].astype("datetime64[us]"))[
                ["rep_id", "day", "role"]
            ],
            on="day",
            by="rep_id",
        )
        role.iloc[found["at"].to_numpy()] = found["role"].to_numpy(dtype=object)
    if reps is not None and "role" in reps:
        today = reps.drop_duplicates("rep_id").set_index("rep_id")["role"]
        role = role.where(role.notna(), look_up(rep_ids, today).astype("object"))
    return role.where(role.notna(), UNKNOWN).astype("str")


def creator_roles(
    deals: pd.DataFrame, reps: pd.DataFrame | None, rep_history: pd.DataFrame | None
) -> pd.Series:
    """
    Give the role that created each deal: as the deal says, else of its creator on that day.

    Parameters
    ----------
    deals
        Prepared deals (``prepare_deals``).
    reps, rep_history
        For creators whose role the deal does not say; each may be None.
    """
    by_rep = roles_on(deals["creator_id"], deals["created_date"], reps, rep_history)
    said = deals["creator_role"]
    return said.where(said.notna(), by_rep).astype("str")
