"""Lists that leave the router: shares of reps in a replay, and the weekly tier list."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.routing.people import Crew
from planlib.routing.route import Routing
from planlib.settings.routing import RoutingSettings


def routing_shares(routing: Routing) -> pd.DataFrame:
    """
    Give what each rep gets in a replay, beside the leads that the rep really owns.

    Parameters
    ----------
    routing
        A replay of past leads.

    Returns
    -------
    DataFrame
        Table ``routing_shares``; ``quality_share`` is NA without a lead score.
    """
    people, rows = routing.crew.people, routing.decisions
    mine = rows[rows["rep_id"].notna()]
    best = next(iter(routing.settings.grade_shares))
    chance = mine.groupby("rep_id")["chance"].sum(min_count=1)
    owned = routing.leads["owner_id"].dropna()
    past = owned.value_counts()
    ids = people["rep_id"]
    count = ids.map(mine["rep_id"].value_counts()).fillna(0)
    quality = ids.map(chance) / chance.sum() if chance.sum() > 0 else np.nan
    return pd.DataFrame({
        "rep_id": ids, "name": people["name"], "tier": people["tier"], "unit": people["unit"],
        "region": people["region"], "time_zone": people["time_zone"],
        "lead_count": count.astype("int64"),
        "lead_share": count / max(1, len(mine)), "quality_share": quality,
        "top_grade_count": ids.map(mine.loc[mine["grade"] == best, "rep_id"].value_counts()
                                   ).fillna(0).astype("int64"),
        "credited_count": ids.map(mine.loc[mine["is_credited"].fillna(False).astype(bool), "rep_id"]
                                  .value_counts()).fillna(0).astype("int64"),
        "past_count": ids.map(past).fillna(0).astype("int64"),
        "past_share": ids.map(past).fillna(0) / max(1, len(owned)),
    })  # fmt: skip


def tier_list(
    crew: Crew, settings: RoutingSettings, availability: pd.DataFrame | None, as_of: date
) -> pd.DataFrame:
    """
    Give the list that the CRM's own router can work from until the next run.

    Parameters
    ----------
    crew
        Reps who can get leads.
    settings
        Section ``routing`` of plan.yaml.
    availability
        Table ``availability``, or None.
    as_of
        Day on which the list is made.

    Returns
    -------
    DataFrame
        Table ``routing_tiers``, the best ranked first; without a ranking by id.
    """
    people = crew.people
    grades = list(settings.grade_shares)
    hired = people["hire_date"] + pd.Timedelta(days=settings.ramp_days)
    new = (hired > pd.Timestamp(as_of)).fillna(False).astype(bool) & bool(settings.ramp_days)
    rows = pd.DataFrame({
        "rep_id": people["rep_id"], "name": people["name"], "tier": people["tier"],
        "weight": people["weight"], "time_zone": people["time_zone"], "score": people["score"],
        "grades": new.map({True: ";".join(settings.ramp_grades), False: ";".join(grades)}),
        "daily_cap": settings.daily_cap,
    })  # fmt: skip
    nothing = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]")
    rows = rows.assign(away_from=nothing, away_until=nothing)
    if availability is not None and len(availability):
        whole = availability.get("away_share", pd.Series(1.0, index=availability.index))
        ahead = availability[(availability["end_date"] > pd.Timestamp(as_of))
                             & (whole.fillna(1.0) >= 1)]  # fmt: skip
        first = ahead.sort_values(["start_date", "end_date"]).drop_duplicates("rep_id")
        by = first.set_index("rep_id")
        rows = rows.assign(away_from=rows["rep_id"].map(by["start_date"]),
                           away_until=rows["rep_id"].map(by["end_date"]))  # fmt: skip
    rows = rows.sort_values(["score", "rep_id"], ascending=[False, True], ignore_index=True)
    return rows.assign(list_order=range(1, len(rows) + 1)).drop(columns="score")
