"""Capability: skill hours that needs ask for against the hours of experts, month by month."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.key_accounts.expert_hours import (
    able_experts,
    expert_hours,
    leave_of_experts,
    overlap,
    skilled,
)
from planlib.key_accounts.register import HORIZON_MONTHS, OPEN
from planlib.pipeline.lookup import look_up
from planlib.settings.key_account_needs import KeyAccountNeedsSettings
from planlib.support.decided import spelled, spellings
from planlib.tables import table

ALL = "all"
_TENTHS = 10  # hours in whole tenths, so that the flow is exact


def capability_gap(
    needs: pd.DataFrame,
    settings: KeyAccountNeedsSettings,
    as_of: date,
    *,
    experts: pd.DataFrame | None = None,
    availability: pd.DataFrame | None = None,
    expert_leave: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Compare the skill hours of open needs with the hours of experts, per skill and month.

    The hours of a need are spread evenly over the days from ``needed_from`` to ``needed_to``;
    without these days over its horizon. Skills are told apart as step 09 does: not by case, and who
    answers a need that names several has all of them. An expert's hours count in full under each
    skill, so gaps of single skills are lower limits; the row ``all`` shares every expert's hours
    out as well as possible (maximum flow), so its ``unmet_hours`` cannot be met by any plan.

    Parameters
    ----------
    needs
        Table ``key_account_needs``.
    settings
        ``capability_months``.
    as_of
        As-of date; the first month is the one after it.
    experts
        ``expert_id``, ``skills``, ``hours_per_week``, ``available_from``, ``available_to``.
    availability
        Days away, where an expert stands there under ``rep_id``.
    expert_leave
        Days away of experts.

    Returns
    -------
    DataFrame
        Table ``capability_gaps``. Without experts, what is available and the gap are NA.
    """
    months = months_ahead(as_of, settings.capability_months)
    wanted = _required(needs, months, as_of)
    if wanted.empty:
        return table("capability_gaps").empty()
    skills = sorted(wanted["skill"].unique())
    grid = pd.MultiIndex.from_product([skills, months.index], names=["skill", "month"])
    rows = wanted.set_index(["skill", "month"]).reindex(grid, fill_value=0.0).reset_index()
    leave = leave_of_experts(expert_leave, availability)
    hours = None if experts is None else expert_hours(experts, months, leave)
    if hours is None or experts is None:
        rows["available_hours"] = np.nan
        rows["unmet_hours"] = np.nan
        whole = rows.groupby("month")[["required_hours", "expected_hours"]].sum().reset_index()
        whole = whole.assign(available_hours=np.nan, unmet_hours=np.nan)
    else:
        offered = able_experts(experts, skills).merge(hours, on="expert_id")
        sums = offered.groupby(["skill", "month"])["hours"].sum()
        keys = pd.MultiIndex.from_frame(rows[["skill", "month"]])
        rows["available_hours"] = sums.reindex(keys, fill_value=0.0).to_numpy()
        rows["unmet_hours"] = (rows["required_hours"] - rows["available_hours"]).clip(lower=0)
        every = hours[hours["expert_id"].isin(experts.loc[skilled(experts), "expert_id"])]
        whole = _best_plan(rows, offered, every.groupby("month")["hours"].sum())
    rows = pd.concat([whole.assign(skill=ALL), rows], ignore_index=True)
    rows = rows.assign(
        gap_hours=rows["required_hours"] - rows["available_hours"],
        from_date=look_up(rows["month"], months["first"]),
    )
    columns = [column.name for column in table("capability_gaps").columns]
    number = rows.select_dtypes("float").columns
    return table("capability_gaps").check(rows.assign(**rows[number].round(1))[columns])


def months_ahead(as_of: date, count: int) -> pd.DataFrame:
    """Give first day and the day after the last of the months after the as-of date."""
    start = pd.Timestamp(as_of) + pd.DateOffset(days=1)
    firsts = [start] + [
        (start + pd.DateOffset(months=step)).replace(day=1) for step in range(1, count + 1)
    ]
    names = [f"{day:%Y-%m}" for day in firsts[:-1]]
    return pd.DataFrame(
        {"first": firsts[:-1], "after": firsts[1:]}, index=pd.Index(names, name="month")
    )


def skill_needs(needs: pd.DataFrame) -> pd.DataFrame:
    """Give the open needs that ask for hours of a skill, each skill in one spelling."""
    mine = needs[(needs["status"] == OPEN) & (needs["skill_hours"].fillna(0) > 0)]
    mine = mine.assign(skill=spelled(mine["skill"], spellings(mine["skill"])))
    return mine[mine["skill"].notna()]


def _required(needs: pd.DataFrame, months: pd.DataFrame, as_of: date) -> pd.DataFrame:
    rows = hours_of_needs(needs, months, as_of)
    columns = ["required_hours", "expected_hours"]
    return rows.groupby(["skill", "month"])[columns].sum().reset_index()


def hours_of_needs(needs: pd.DataFrame, months: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Give the hours of each open need in each month: ``need_id``, ``skill``, ``month``, hours."""
    rows = skill_needs(needs)
    columns = ["need_id", "skill", "month", "required_hours", "expected_hours"]
    empty = pd.DataFrame(columns=columns).astype({name: "float64" for name in columns[3:]})
    if rows.empty:
        return empty
    start = pd.Timestamp(as_of) + pd.DateOffset(days=1)
    dated = rows["needed_from"].notna() & (rows["needed_to"] >= rows["needed_from"])
    first, after = rows["needed_from"].where(dated), rows["needed_to"].where(dated)
    after = after + pd.Timedelta(days=1)
    low = {"0-3m": 0, "3-12m": 3, "1-3y": 12}
    for horizon, end in HORIZON_MONTHS.items():
        mine = ~dated & (rows["horizon"] == horizon)
        first = first.mask(mine, start + pd.DateOffset(months=low[horizon]))
        after = after.mask(mine, start + pd.DateOffset(months=end))
    days = (after - first).dt.days.clip(lower=1)
    parts = []
    for name, month in months.iterrows():
        share = overlap(first, after, month) / days
        hours = rows["skill_hours"] * share
        part = pd.DataFrame(
            {
                "need_id": rows["need_id"],
                "skill": rows["skill"],
                "month": name,
                "required_hours": hours,
                "expected_hours": hours * rows["likelihood"],
            }
        )
        parts.append(part[hours > 0])
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else empty


def _best_plan(rows: pd.DataFrame, offered: pd.DataFrame, every: pd.Series) -> pd.DataFrame:
    """Give, per month, the hours of every expert, and those that no sharing out can meet."""
    found = []
    for name, month in rows.groupby("month", sort=True):
        wanted = month[month["required_hours"] > 0].reset_index(drop=True)
        mine = offered[(offered["month"] == name) & (offered["hours"] > 0)]
        useful = mine[mine["skill"].isin(wanted["skill"])]
        required = float(month["required_hours"].sum())
        met = _flow(wanted, useful)
        found.append(
            {
                "month": name,
                "required_hours": required,
                "expected_hours": float(month["expected_hours"].sum()),
                "available_hours": float(every.get(name, 0.0)),
                "unmet_hours": max(0.0, required - met),
            }
        )
    return pd.DataFrame(found)


def _flow(wanted: pd.DataFrame, useful: pd.DataFrame) -> float:
    """Give the most hours that experts can work on the skills wanted in a month."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    if wanted.empty or useful.empty:
        return 0.0
    experts = useful.drop_duplicates("expert_id").reset_index(drop=True)
    skills = {skill: 1 + len(experts) + place for place, skill in enumerate(wanted["skill"])}
    people = {key: 1 + place for place, key in enumerate(experts["expert_id"])}
    sink = 1 + len(experts) + len(wanted)
    most = np.iinfo("int32").max // 4
    starts = (
        [0] * len(experts) + [people[key] for key in useful["expert_id"]] + list(skills.values())
    )
    ends = list(people.values()) + [skills[key] for key in useful["skill"]] + [sink] * len(wanted)
    room = [int(hours * _TENTHS) for hours in experts["hours"]] + [most] * len(useful)
    room += [int(np.ceil(hours * _TENTHS)) for hours in wanted["required_hours"]]
    network = csr_array((np.array(room, dtype="int32"), (starts, ends)), shape=(sink + 1, sink + 1))
    return float(maximum_flow(network, 0, sink).flow_value) / _TENTHS
