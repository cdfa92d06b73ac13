"""What territories, quotas and pay plan say about each person, segment and role, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from planlib.pay.people import Attained
from planlib.pay.terms import payout_share, terms_of
from planlib.periods import Period
from planlib.pipeline.money import from_cents, known, to_cents

_PERSON = ("rep_id", "name", "role", "unit", "manager", "is_open_seat", "is_gone", "quota",
           "capacity", "capacity_hours", "ramped_share", "account_count", "potential",
           "unknown_potential_count", "workload_hours", "plan_quota", "has_pay_plan",
           "below_threshold_share", "capped_share")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PlanFacts:
    """
    The three plans side by side.

    Parameters
    ----------
    people
        One row per person: what territory, quota and pay plan say; NaN where one says nothing.
    sold
        ``role``, ``unit``, ``deal_type``, ``amount``, ``deals``: won in twelve months.
    paid_types
        Deal types that a role's pay plan counts, for roles where that is known.
    long_term
        Long-term metrics by role, of the trees of KPIs in plan.yaml.
    alignment
        From ``segment_alignment``.
    pay
        Row ``all`` of the current plan in ``pay_cost``; empty: not known.
    is_budget_stated
        Whether the budget is stated, or stands in.
    target, capacity
        Target of the year; capacity of all as (low, P50, high).
    leader
        Who decides on what concerns everybody.
    missing
        What is not known, by rule.
    """

    people: pd.DataFrame
    sold: pd.DataFrame = field(default_factory=pd.DataFrame)
    paid_types: dict[str, frozenset[str]] = field(default_factory=dict)
    long_term: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alignment: pd.DataFrame = field(default_factory=pd.DataFrame)
    pay: dict[str, float] = field(default_factory=dict)
    is_budget_stated: bool = False
    target: float | None = None
    capacity: tuple[float, float, float] | None = None
    leader: str = ""


def people_facts(
    reps: pd.DataFrame,
    year: Period,
    as_of: date,
    *,
    quotas: pd.DataFrame | None = None,
    territories: pd.DataFrame | None = None,
    plans: pd.DataFrame | None = None,
    attained: Attained | None = None,
) -> pd.DataFrame:
    """
    Put what the plans say about each person into one row.

    Parameters
    ----------
    reps
        Table ``reps``.
    year, as_of
        The fiscal year, and the day until which the data count.
    quotas
        ``rep_id``, ``quota_amount``, and where known ``capacity_amount`` and ``ramped_share``;
        None: ``reps.quota``, the yearly quota of the CRM.
    territories
        ``rep_id``, ``potential``, ``workload_hours`` of each account.
    plans
        Pay plans in force.
    attained
        Simulated attainment.

    Returns
    -------
    DataFrame
        One row per person of ``reps``, and per owner of accounts who is not in it.
    """
    names = reps.drop_duplicates("rep_id").set_index("rep_id")["name"]
    people = reps.drop_duplicates("rep_id").sort_values("rep_id")
    found = people[["rep_id", "name", "role", "unit", "capacity_hours"]].assign(
        manager=people["manager_id"].map(names),
        is_open_seat=people["is_open_seat"].astype("boolean").fillna(False).astype(bool),
        is_gone=(people["leave_date"] < pd.Timestamp(max(as_of, year.start))).fillna(False),
    )
    if territories is not None:
        found = found.merge(_books(territories), on="rep_id", how="outer")
        for name in ("is_open_seat", "is_gone"):
            lost = found[name].isna()
            found[name] = found[name].astype("boolean").fillna(name == "is_gone").astype(bool)
            found["is_gone"] = found["is_gone"].astype("boolean") | lost
    given = quotas if quotas is not None else reps.rename(columns={"quota": "quota_amount"})
    given = given.drop_duplicates("rep_id").set_index("rep_id")
    for name, column in (("quota", "quota_amount"), ("capacity", "capacity_amount"),
                         ("ramped_share", "ramped_share")):  # fmt: skip
        values = given[column] if column in given else pd.Series(dtype="float64")
        found[name] = found["rep_id"].map(values).astype("float64")
    return _with_pay(found, plans, attained).reindex(columns=list(_PERSON)).reset_index(drop=True)


def sold_by_type(reps: pd.DataFrame, opportunities: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Sum what roles won in twelve months, by unit of the rep and deal type."""
    end = pd.Timestamp(as_of)
    won = opportunities["is_won"].astype("boolean").fillna(False).astype(bool)
    recent = (opportunities["close_date"] <= end) & (
        opportunities["close_date"] > end - pd.DateOffset(years=1)
    )
    owner = reps.drop_duplicates("rep_id").set_index("rep_id")
    deals = opportunities[won & recent & opportunities["deal_type"].notna()]
    deals = deals.assign(
        role=deals["owner_id"].map(owner["role"]), unit=deals["owner_id"].map(owner["unit"]),
        cents=known(to_cents(deals["amount"])),
    ).dropna(subset=["role"])  # fmt: skip
    deals["unit"] = deals["unit"].fillna("")
    by = deals.groupby(["role", "unit", "deal_type"])["cents"]
    found = by.agg(["sum", "size"]).reset_index()
    return found.assign(amount=from_cents(found["sum"]), deals=found["size"])[
        ["role", "unit", "deal_type", "amount", "deals"]
    ]


def segment_alignment(
    capacity_alignment: pd.DataFrame | None, segment_profile: pd.DataFrame | None
) -> pd.DataFrame:
    """
    Set each segment's share of capacity against its share of the goal (S0-16).

    Parameters
    ----------
    capacity_alignment
        Table of this step: ramped capacity by segment.
    segment_profile
        Table of step 02, where capacity by segment is not known: owners by workload instead.

    Returns
    -------
    DataFrame
        ``segment``, ``capacity_share``, ``goal_share``, ``gap_share``, ``goal_basis``, ``basis``;
        no rows where no segment has both shares.
    """
    if capacity_alignment is not None:
        mine = capacity_alignment[capacity_alignment["cut"] == "segment"]
        known = mine[mine["capacity_share"].notna() & mine["goal_share"].notna()]
        if len(known):
            return _aligned(known, "capacity_share", "ramped capacity")
    if segment_profile is not None:
        mine = segment_profile[segment_profile["cut"] == "segment"]
        known = mine[mine["people_share"].notna() & mine["goal_share"].notna()]
        if len(known):
            return _aligned(known, "people_share", "owners by workload (notebook 02)")
    return pd.DataFrame()


def leader_of(reps: pd.DataFrame) -> str:
    """Name the person with most people below among those without a manager; blank: nobody."""
    tops = reps[reps["manager_id"].isna() & reps["rep_id"].isin(set(reps["manager_id"].dropna()))]
    if tops.empty:
        return ""
    below = reps["manager_id"].value_counts()
    order = tops.assign(below=tops["rep_id"].map(below)).sort_values(
        ["below", "rep_id"], ascending=[False, True]
    )
    first = order.iloc[0]
    return str(first["rep_id"] if pd.isna(first["name"]) else first["name"])


def _books(territories: pd.DataFrame) -> pd.DataFrame:
    owned = territories[territories["rep_id"].notna()]
    owned = owned.assign(
        cents=to_cents(owned["potential"]), unknown=owned["potential"].isna().astype(int)
    )
    by = owned.groupby("rep_id")
    return pd.DataFrame({
        "account_count": by.size(), "potential": from_cents(by["cents"].sum(min_count=1)),
        "unknown_potential_count": by["unknown"].sum(),
        "workload_hours": by["workload_hours"].sum(min_count=1).astype("float64").round(6),
    }).reset_index()  # fmt: skip


def _with_pay(
    found: pd.DataFrame, plans: pd.DataFrame | None, attained: Attained | None
) -> pd.DataFrame:
    if plans is None:
        return found
    terms = {str(row["role"]): terms_of(row) for row in plans.to_dict("records")}
    found = found.assign(
        plan_quota=found["role"].map({role: one.quota for role, one in terms.items()}),
        has_pay_plan=found["role"].isin(list(terms)),
        below_threshold_share=np.nan, capped_share=np.nan,
    )  # fmt: skip
    if attained is None:
        return found
    quota, share = attained.of(found["rep_id"])
    for role, one in terms.items():
        mine = (found["role"] == role).to_numpy() & np.isfinite(quota)
        if mine.any():
            nothing = (payout_share(share[mine], one) == 0) & (one.threshold_share > 0)
            found.loc[mine, "below_threshold_share"] = nothing.mean(axis=1)
            found.loc[mine, "capped_share"] = (share[mine] > one.cap_share).mean(axis=1)
    return found


def _aligned(rows: pd.DataFrame, share: str, basis: str) -> pd.DataFrame:
    ordered = rows.sort_values("cut_value")
    return pd.DataFrame({
        "segment": ordered["cut_value"], "capacity_share": ordered[share],
        "goal_share": ordered["goal_share"], "gap_share": ordered[share] - ordered["goal_share"],
        "goal_basis": ordered["goal_basis"], "basis": basis,
    }).reset_index(drop=True)  # fmt: skip
