"""Hours of experts by month: who has which skill, who is away, whose hours nobody knows."""

from __future__ import annotations

import pandas as pd

from planlib.key_accounts.findings import rows_found
from planlib.pipeline.lookup import look_up
from planlib.tables import table

_WEEK = 7.0


def able_experts(experts: pd.DataFrame) -> pd.DataFrame:
    """Give one row per expert and skill."""
    rows = experts[["expert_id", "skills"]].dropna()
    rows = rows.assign(skill=rows["skills"].str.split(r"[;；]", regex=True)).explode("skill")
    rows["skill"] = rows["skill"].str.strip()
    return rows[rows["skill"] != ""][["expert_id", "skill"]].drop_duplicates()


def overlap(first: pd.Series, after: pd.Series, month: pd.Series) -> pd.Series:
    """Give the days of spans that lie in a month."""
    low = first.clip(lower=month["first"])
    high = after.clip(upper=month["after"])
    return (high - low).dt.days.clip(lower=0)


def expert_hours(
    experts: pd.DataFrame, months: pd.DataFrame, leave: pd.DataFrame | None
) -> pd.DataFrame:
    """
    Give the hours of each expert in each month: weeks present x hours a week, less days away.

    An expert whose hours a week are not known has no row; see ``check_experts``.
    """
    known = experts[experts["hours_per_week"].notna()]
    parts = []
    for name, month in months.iterrows():
        first = known["available_from"].fillna(month["first"])
        after = known["available_to"].fillna(month["after"]) + pd.Timedelta(days=1)
        days = overlap(first, after, month).astype("float64")
        days -= look_up(known["expert_id"], _away(leave, month)).fillna(0.0)
        hours = days.clip(lower=0) / _WEEK * known["hours_per_week"]
        parts.append(pd.DataFrame({"expert_id": known["expert_id"], "month": name, "hours": hours}))
    return pd.concat(parts, ignore_index=True)


def leave_of_experts(
    expert_leave: pd.DataFrame | None, availability: pd.DataFrame | None
) -> pd.DataFrame | None:
    """Put the leave of experts and the days away of reps, who may be experts, together."""
    parts = []
    if expert_leave is not None and len(expert_leave):
        rows = table("expert_leave").coerce(expert_leave)
        parts.append(rows[rows["end_date"] >= rows["start_date"]])
    if availability is not None and len(availability):
        parts.append(availability.rename(columns={"rep_id": "expert_id"}))
    if not parts:
        return None
    names = ["expert_id", "start_date", "end_date", "away_share"]
    rows = pd.concat([part.reindex(columns=names) for part in parts], ignore_index=True)
    return rows.drop_duplicates(ignore_index=True)


def check_experts(
    experts: pd.DataFrame | None, expert_leave: pd.DataFrame | None
) -> list[pd.DataFrame]:
    """Name experts without hours or skill, and leave of nobody or that ends before it starts."""
    if experts is None or experts.empty:
        return []
    rows = table("experts").coerce(experts)
    rows["row_id"] = rows["expert_id"]
    found = [
        rows_found(
            "expert without hours", "experts",
            rows.assign(value=rows["hours_per_week"])[rows["hours_per_week"].isna()],
            "hours_per_week", allowed="hours a week",
            effect="the hours are not known and not counted: what is available is a lower limit",
        ),
        rows_found(
            "expert without skill", "experts",
            rows.assign(value=rows["skills"])[~rows["expert_id"].isin(able_experts(rows)["expert_id"])],
            "skills", allowed="skills, separated by semicolons",
            effect="the hours count for no skill",
        ),
    ]  # fmt: skip
    if expert_leave is None or expert_leave.empty:
        return found
    away = table("expert_leave").coerce(expert_leave)
    start = away["start_date"].dt.strftime("%Y-%m-%d")
    away["row_id"] = away["expert_id"].astype("str") + " / " + start.fillna("")
    nobody = ~away["expert_id"].isin(rows["expert_id"])
    turned = away["end_date"] < away["start_date"]
    return [
        *found,
        rows_found(
            "leave of nobody", "expert_leave", away.assign(value=away["expert_id"])[nobody],
            "expert_id", allowed="an expert of table experts", effect="left out",
        ),
        rows_found(
            "leave that ends before it starts", "expert_leave",
            away.assign(value=away["end_date"].dt.strftime("%Y-%m-%d"))[turned.fillna(False)],
            "end_date", allowed="a day from start_date on", effect="left out: the expert is there",
        ),
    ]  # fmt: skip


def _away(leave: pd.DataFrame | None, month: pd.Series) -> pd.Series:
    if leave is None or leave.empty:
        return pd.Series(dtype="float64")
    after = leave["end_date"] + pd.Timedelta(days=1)
    share = leave["away_share"].fillna(1.0)
    days = overlap(leave["start_date"], after, month) * share
    return days.groupby(leave["expert_id"]).sum().astype("float64")
