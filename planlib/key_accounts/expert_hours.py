"""Hours of experts by month: who has which skill, who is away, whose hours nobody knows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from planlib.key_accounts.findings import rows_found
from planlib.support.decided import words
from planlib.tables import table

_WEEK = 7.0


def able_experts(experts: pd.DataFrame, skills: Iterable[str]) -> pd.DataFrame:
    """
    Give one row per expert and skill that the expert has.

    A skill that names several, with a semicolon between, is had by who has all of them.
    """
    names = pd.Series(list(skills), dtype="str")
    asked = list(zip(names, words(names), strict=True))
    rows = [
        (expert, name)
        for expert, mine in zip(experts["expert_id"], words(experts["skills"]), strict=True)
        for name, want in asked
        if want and want <= mine
    ]
    return pd.DataFrame(rows, columns=["expert_id", "skill"]).drop_duplicates()


def skilled(experts: pd.DataFrame) -> pd.Series:
    """Tell which experts name a skill."""
    return pd.Series([bool(one) for one in words(experts["skills"])], index=experts.index)


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

    A day away counts once however many rows name it, and only while the expert is there. An expert
    whose hours a week are not known has no row; see ``check_experts``.
    """
    days = pd.date_range(months["first"].iloc[0], months["after"].iloc[-1], inclusive="left")
    place = months["first"].searchsorted(days, side="right") - 1
    gone = {} if leave is None else dict(list(leave.groupby("expert_id")))
    parts = []
    for row in experts[experts["hours_per_week"].notna()].to_dict("records"):
        there = np.ones(len(days))
        there[days < row["available_from"]] = 0.0
        there[days > row["available_to"]] = 0.0
        for away in gone[row["expert_id"]].to_dict("records") if row["expert_id"] in gone else []:
            inside = (days >= away["start_date"]) & (days <= away["end_date"])
            share = 1.0 if pd.isna(away["away_share"]) else float(away["away_share"])
            there[inside] = np.minimum(there[inside], 1.0 - share)
        hours = np.bincount(place, there, minlength=len(months)) / _WEEK * row["hours_per_week"]
        parts.append(
            pd.DataFrame({"expert_id": row["expert_id"], "month": months.index, "hours": hours})
        )
    blank = pd.DataFrame({"expert_id": [], "month": [], "hours": []})
    return pd.concat(parts, ignore_index=True) if parts else blank


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
            rows.assign(value=rows["skills"])[~skilled(rows)],
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
