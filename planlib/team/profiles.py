"""What is written down for each role, beside what the data show of its work."""

from __future__ import annotations

import pandas as pd

from planlib.settings.team_people import TOPICS, TeamPeopleSettings
from planlib.team.staff import Staff

_WEEKS = 52.18
_TOP = 4


def profile_roles(
    staff: Staff,
    reps: pd.DataFrame,
    settings: TeamPeopleSettings,
    *,
    activities: pd.DataFrame | None = None,
    one_on_ones: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Put what is written for a role beside what is observed, and name the gaps.

    Parameters
    ----------
    staff
        People.
    reps
        Table ``reps``, for skills.
    settings
        Expectations and KPI trees of plan.yaml; smallest group for what is observed.
    activities, one_on_ones
        For daily work and support; None: nothing is observed.

    Returns
    -------
    DataFrame
        Rows of ``role_profiles`` for every role that somebody has.
    """
    written = {one.role: one for one in settings.expectations}
    trees = {one.role: one for one in settings.kpi_trees}
    here = staff.here
    rows = []
    for role in sorted(here["role"].unique()):
        people = here[here["role"] == role]
        enough = len(people) >= settings.minimum_group
        seen = {
            "capability": _skills(people, reps) if enough else "",
            "daily_work": _days(people, staff, activities) if enough else "",
            "support": _talks(people, staff, one_on_ones) if enough else "",
        }
        for topic in TOPICS:
            text = getattr(written[role], topic) if role in written else ""
            rows.append((role, topic, text, seen.get(topic, ""), not text))
        tree = trees.get(role)
        kpis = " x ".join(one.name for one in tree.drivers) if tree else ""
        rows.append((role, "kpis", kpis, "", not kpis))
    return pd.DataFrame(rows, columns=["role", "topic", "written", "observed", "is_gap"])


def _skills(people: pd.DataFrame, reps: pd.DataFrame) -> str:
    mine = reps.loc[reps["rep_id"].isin(people["rep_id"]), "skills"].dropna()
    if mine.empty:
        return ""
    count = mine.str.split(";").explode().str.strip().value_counts()
    top = sorted(count.items(), key=lambda item: (-item[1], str(item[0])))[:_TOP]
    return f"of {len(people)} people: " + ", ".join(f"{name} {number}" for name, number in top)


def _days(people: pd.DataFrame, staff: Staff, activities: pd.DataFrame | None) -> str:
    if activities is None:
        return ""
    first = staff.as_of - pd.DateOffset(months=12)
    mine = activities[
        activities["rep_id"].isin(people["rep_id"]) & (activities["activity_date"] > first)
        & (activities["activity_date"] <= staff.as_of)
        & ~activities["is_automatic"].fillna(False).astype(bool)
    ]  # fmt: skip
    months = staff.since(first + pd.Timedelta(days=1))
    weeks = float(months.loc[months["rep_id"].isin(people["rep_id"]), "years"].sum()) * _WEEKS
    if mine.empty or not weeks:
        return ""
    count = mine["activity_type"].value_counts()
    top = sorted(count.items(), key=lambda item: (-item[1], str(item[0])))[:_TOP]
    words = ", ".join(f"{number / weeks:.1f} {name}s" for name, number in top)
    return f"a week: {words}"


def _talks(people: pd.DataFrame, staff: Staff, one_on_ones: pd.DataFrame | None) -> str:
    if one_on_ones is None:
        return ""
    first = staff.as_of - pd.DateOffset(months=12)
    mine = one_on_ones[
        one_on_ones["rep_id"].isin(people["rep_id"]) & (one_on_ones["meeting_date"] > first)
        & (one_on_ones["meeting_date"] <= staff.as_of)
    ]  # fmt: skip
    months = staff.since(first + pd.Timedelta(days=1))
    there = 12 * float(months.loc[months["rep_id"].isin(people["rep_id"]), "years"].sum())
    return f"{len(mine) / there:.1f} one-on-ones a month" if there and len(mine) else ""
