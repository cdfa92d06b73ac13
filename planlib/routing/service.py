"""What every lead gets, by grade, and how far a rep depends on one region or one sector."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.notes import percent
from planlib.routing.route import Routing

NO_GRADE = "no grade"
_FEWEST = 10  # leads or deals of a rep below which no share is given


def lead_service(routing: Routing) -> pd.DataFrame:
    """
    Give the follow-up of leads by grade: as it was, and as the replay would have it.

    Parameters
    ----------
    routing
        Past leads, replayed.

    Returns
    -------
    DataFrame
        Table ``lead_service``, the best grade first. Leads without a time of arrival, or from
        after the as-of date, are left out; in time counts only leads whose deadline has passed.
    """
    leads, settings = routing.leads, routing.settings
    decided = routing.decisions.set_index("lead_id")
    wait = leads["lead_id"].map(decided["waiting_minutes"]).astype("float64")
    end = pd.Timestamp(routing.as_of) + pd.Timedelta(days=1)
    limit = pd.Timedelta(minutes=settings.deadline_minutes)
    answer = leads["first_response_at"].where(leads["first_response_at"] < end)
    rows = pd.DataFrame({
        "grade": leads["grade"].fillna(NO_GRADE).astype(str),
        "assigned": leads["lead_id"].map(decided["rep_id"]).notna(),
        "at_once": wait <= settings.deadline_minutes, "wait": wait,
        "due": leads["created_at"] + limit <= end, "answered": answer.notna(),
        "in_time": answer - leads["created_at"] <= limit,
        "hours": (answer - leads["created_at"]).dt.total_seconds() / 3600,
    })[leads["blocked"].eq("")]  # fmt: skip
    found = []
    for order, grade in enumerate([*settings.grade_shares, NO_GRADE], start=1):
        mine = rows[rows["grade"] == grade]
        if mine.empty:
            continue
        due = mine[mine["due"]]
        found.append({
            "grade": grade, "grade_order": order, "lead_count": len(mine),
            "answered_share": mine["answered"].mean(),
            "due_count": len(due), "in_time_share": due["in_time"].mean() if len(due) else np.nan,
            "answer_hours": mine.loc[mine["answered"], "hours"].median(),
            "assigned_share": mine["assigned"].mean(),
            "replay_in_time_share": mine["at_once"].mean(),
            "replay_wait_minutes": mine["wait"].median(),
        })  # fmt: skip
    return pd.DataFrame(found)


def rep_exposure(
    reps: pd.Series, as_of: date, opportunities: pd.DataFrame | None,
    accounts: pd.DataFrame | None, replayed: Routing | None = None,
) -> pd.DataFrame:  # fmt: skip
    """
    Give how much of what a rep is handed comes from one region and from one sector.

    Parameters
    ----------
    reps
        Reps who can get leads.
    as_of
        Deals created later do not count.
    opportunities, accounts
        For the deals that each rep owns, with the region and industry of their accounts; None
        leaves out these rows.
    replayed
        Past leads, replayed; None without leads.

    Returns
    -------
    DataFrame
        Table ``rep_exposure``: rows of basis ``deals`` and ``replay`` for each rep who has any.
    """
    parts = []
    if opportunities is not None and accounts is not None:
        parts.append(_shares(_deals(opportunities, accounts, reps, as_of), "deals"))
    if replayed is not None:
        given = replayed.decisions[["lead_id", "rep_id"]].dropna()
        territory = replayed.ready.territory.reindex(replayed.leads.index)
        facts = replayed.leads.assign(region=territory)[["lead_id", "region", "industry"]]
        parts.append(_shares(given.merge(facts, on="lead_id"), "replay"))
    some = [one for one in parts if len(one)]
    if not some:
        return pd.DataFrame()
    return pd.concat(some, ignore_index=True).sort_values(["rep_id", "basis"], ignore_index=True)


def _deals(
    opportunities: pd.DataFrame, accounts: pd.DataFrame, reps: pd.Series, as_of: date
) -> pd.DataFrame:
    """Give the deals of the reps with region and industry of their accounts."""
    day = pd.Timestamp(as_of)
    if not {"owner_id", "account_id"} <= set(opportunities.columns):
        return pd.DataFrame(columns=["rep_id", "region", "industry"])
    created = opportunities.get("created_date", pd.Series(pd.NaT, index=opportunities.index))
    mine = opportunities[opportunities["owner_id"].isin(reps) & ~(created > day)]
    names = [name for name in ("region", "industry") if name in accounts.columns]
    facts = accounts.drop_duplicates("account_id")[["account_id", *names]]
    rows = mine[["owner_id", "account_id"]].rename(columns={"owner_id": "rep_id"})
    return rows.merge(facts, on="account_id", how="left").reindex(
        columns=["rep_id", "region", "industry"]
    )


def _shares(rows: pd.DataFrame, basis: str) -> pd.DataFrame:
    """Give the largest region and sector of each rep, with share and sum of squared shares."""
    found = []
    for rep, mine in rows.groupby("rep_id", sort=True):
        row: dict[str, object] = {"rep_id": rep, "basis": basis, "case_count": len(mine)}
        for column, name in (("region", "region"), ("industry", "sector")):
            share = mine[column].value_counts(normalize=True)
            known = int(mine[column].notna().sum()) >= _FEWEST
            first = share[share >= share.max() - 1e-12].index.min() if known else None
            row |= {
                f"{name}_known_count": int(mine[column].notna().sum()), name: first,
                f"{name}_share": float(share.max()) if known else np.nan,
                f"{name}_concentration": float((share**2).sum()) if known else np.nan,
            }  # fmt: skip
        found.append(row)
    return pd.DataFrame(found)


def service_line(table: pd.DataFrame) -> list[str]:
    """Say how the lowest grade was followed up beside the best one."""
    rows = table[(table["grade"] != NO_GRADE) & (table["due_count"] > 0)]
    if len(rows) < 2 or rows["answered_share"].max() <= 0:
        return []
    best, last = rows.iloc[0], rows.iloc[-1]
    return [
        f"Answered at all: {percent(best['answered_share'])} of the leads of grade "
        f"{best['grade']} and "
        f"{percent(last['answered_share'])} of grade {last['grade']}; within the deadline "
        f"{percent(best['in_time_share'])} and {percent(last['in_time_share'])}. Every grade is "
        "a buyer."
    ]


def exposure_line(table: pd.DataFrame) -> list[str]:
    """Say how much of a typical rep's deals, and leads in the replay, one region and sector are."""
    said = []
    for basis, words in (("deals", "deals"), ("replay", "leads in the replay")):
        mine = table[table["basis"] == basis] if len(table) else table
        if len(mine) and mine["region_share"].notna().any() and mine["sector_share"].notna().any():
            said.append(
                f"{percent(mine['region_share'].median())} of a rep's {words} are of the largest "
                f"region, {percent(mine['sector_share'].median())} of the largest sector "
                "(medians of "
                f"{int(mine['region_share'].notna().sum())} reps)."
            )
    return said
