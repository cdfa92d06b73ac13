"""Creation credit by role: what each role created, what became of it, how it was handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from planlib.intervals import wilson
from planlib.periods import Period
from planlib.pipeline.history import PipelineHistory
from planlib.pipeline.lookup import look_up
from planlib.pipeline.matrix import prior_day
from planlib.pipeline.money import from_cents, known, ratio, to_cents
from planlib.pipeline.roles import creator_roles
from planlib.pipeline.truncation import Records
from planlib.settings.marketing import MarketingSettings
from planlib.tables import table

#: Share of creation by role in one published firm; context beside the figures, never a target.
BENCHMARKS: dict[str, tuple[float, str]] = {
    "AE": (0.50, "more than half"),
    "BDR": (0.25, "about a quarter"),
}
_YEAR = 365


@dataclass(frozen=True, kw_only=True)
class CreditInputs:
    """
    Everything that credit is computed from.

    Parameters
    ----------
    history
        Deals over time.
    period, as_of
        What is measured, and the day until which it counts.
    settings
        Section marketing of plan.yaml.
    records
        Table ``opportunity_history``, or None: for the owner of a deal by date.
    reps, rep_history, splits
        Tables, each may be None.
    cycle_share
        Share of closed deals whose cycle a cohort must be older than.
    """

    history: PipelineHistory
    period: Period
    as_of: date
    settings: MarketingSettings
    records: pd.DataFrame | None = None
    reps: pd.DataFrame | None = None
    rep_history: pd.DataFrame | None = None
    splits: pd.DataFrame | None = None
    cycle_share: float = 0.9

    def cohort(self) -> tuple[date, date]:
        """Give the year of creation that ended long enough ago for most deals to be decided."""
        cycle = Records.of(self.history.deals).usual_cycle(self.cycle_share)
        last = self.as_of - timedelta(cycle)
        return last - timedelta(_YEAR - 1), last


def created_deals(inputs: CreditInputs) -> pd.DataFrame:
    """
    Give every deal with the role that created it and its amount at creation in cents.

    Returns
    -------
    DataFrame
        Prepared deals plus ``role`` and ``created_cents``.
    """
    deals = inputs.history.deals
    amounts = inputs.history.created_amounts().set_index("opportunity_id")["amount"]
    return deals.assign(
        role=creator_roles(deals, inputs.reps, inputs.rep_history),
        created_cents=to_cents(look_up(deals["opportunity_id"], amounts)),
    )


def creation_credit(inputs: CreditInputs, created: pd.DataFrame) -> pd.DataFrame:
    """
    Give what each role created in the period, and what became of a year of its creation.

    Parameters
    ----------
    inputs
        Inputs of credit.
    created
        Every deal with its creating role (``created_deals``).

    Returns
    -------
    DataFrame
        Table ``creation_credit``, largest generated amount first.
    """
    prior = inputs.period.prior_year()
    before = prior_day(inputs.period, inputs.as_of)
    now = _sum_created(_created_in(created, inputs.period.start, inputs.as_of, inputs.period.end))
    past = _sum_created(_created_in(created, prior.start, before, prior.end))
    first, last = inputs.cohort()
    cohort = _conversion(_created_in(created, first, last, last))
    roles = sorted(set(now.index) | set(past.index) | set(cohort.index))
    rows = pd.DataFrame(index=pd.Index(roles, name="role", dtype="str"))
    known_cents = known(now["cents"]).reindex(roles, fill_value=0)
    whole = int(known_cents.sum())
    rows["generated_amount"] = from_cents(now["cents"].reindex(roles).fillna(0))
    rows["generated_count"] = now["count"].reindex(roles, fill_value=0)
    rows["amount_share"] = ratio(known_cents, pd.Series(whole, index=known_cents.index))
    rows["prior_amount"] = from_cents(past["cents"].reindex(roles).fillna(0))
    rows["prior_count"] = past["count"].reindex(roles, fill_value=0)
    rows["benchmark_share"] = [BENCHMARKS.get(role, (np.nan, ""))[0] for role in roles]
    rows["benchmark"] = [BENCHMARKS.get(role, (0.0, ""))[1] for role in roles]
    rows = rows.join(cohort).reset_index()
    few = rows["cohort_count"].fillna(0) < inputs.settings.minimum_count
    return rows.assign(
        period=inputs.period.name,
        as_of=pd.Timestamp(inputs.as_of),
        cohort_from=pd.Timestamp(first),
        cohort_to=pd.Timestamp(last),
        is_grey=few,
        note=pd.Series("", index=rows.index, dtype="str").mask(
            rows["cohort_count"].isna(), "no deal of the role in the cohort"
        ),
    ).sort_values(["generated_amount", "role"], ascending=[False, True], ignore_index=True)


def _created_in(created: pd.DataFrame, first: date, last: date, end: date) -> pd.DataFrame:
    inside = created["created_date"].between(pd.Timestamp(first), pd.Timestamp(min(last, end)))
    return created[inside]


def _sum_created(deals: pd.DataFrame) -> pd.DataFrame:
    grouped = deals.assign(known=known(deals["created_cents"])).groupby("role")
    return pd.DataFrame({"cents": grouped["known"].sum(), "count": grouped.size()})


def _conversion(cohort: pd.DataFrame) -> pd.DataFrame:
    """Measure what became of the deals of a cohort, by creating role."""
    won = cohort["status"] == "won"
    facts = pd.DataFrame(
        {
            "role": cohort["role"],
            "cohort_count": 1,
            "cents": known(cohort["created_cents"]),
            "decided_count": cohort["status"].isin(["won", "lost"]).astype("int64"),
            "won_count": won.astype("int64"),
            "won_cents": known(to_cents(cohort["amount"])).where(won, 0),
        }
    )
    sums = facts.groupby("role").sum()
    low, high = wilson(sums["won_count"], sums["cohort_count"])
    return pd.DataFrame(
        {
            "cohort_count": sums["cohort_count"],
            "cohort_amount": from_cents(sums["cents"]),
            "decided_count": sums["decided_count"],
            "won_count": sums["won_count"],
            "won_amount": from_cents(sums["won_cents"]),
            "won_share": ratio(sums["won_count"], sums["cohort_count"]),
            "low": low,
            "high": high,
            "won_decided_share": ratio(sums["won_count"], sums["decided_count"]),
            "won_amount_share": ratio(sums["won_cents"], sums["cents"]),
        }
    )


def handovers(inputs: CreditInputs, created: pd.DataFrame) -> pd.DataFrame:
    """
    Find when deals created by the handing roles got another owner, and whether they were kept.

    Parameters
    ----------
    inputs
        Inputs of credit; ``settings.handover_from`` names the roles.
    created
        Every deal with its creating role (``created_deals``).

    Returns
    -------
    DataFrame
        Deals of the cohort created by these roles, plus ``handed_date`` (first record with an
        owner who is not the creator; missing: never, or unknown when), ``is_handed``,
        ``at_creation`` (the first record has the new owner already), ``is_judged`` and
        ``is_kept``.
    """
    first, last = inputs.cohort()
    deals = _created_in(created, first, last, last)
    deals = deals[deals["role"].isin(inputs.settings.handover_from) & deals["creator_id"].notna()]
    seen = _first_other_owner(inputs, deals)
    seen["opportunity_id"] = seen["opportunity_id"].astype("str")
    deals = deals.merge(seen, "left", "opportunity_id")
    is_handed = (deals["owner_id"] != deals["creator_id"]) & deals["owner_id"].notna()
    is_handed = (is_handed | deals["handed_date"].notna()).astype(bool)
    limit = timedelta(inputs.settings.handover_days)
    until = deals["handed_date"] + limit
    lost = deals["status"] == "lost"
    judged = is_handed & (until <= pd.Timestamp(inputs.as_of))
    return deals.assign(
        is_handed=is_handed,
        at_creation=deals["at_creation"].fillna(False).astype(bool),
        is_judged=judged,
        is_kept=judged & ~(lost & (deals["close_date"] <= until)),
    ).sort_values("opportunity_id", ignore_index=True)


def _first_other_owner(inputs: CreditInputs, deals: pd.DataFrame) -> pd.DataFrame:
    """Give the first record of each deal whose owner is not its creator."""
    records = inputs.records
    if records is None:
        records = table("opportunity_history").empty()
    creator = deals[["opportunity_id", "creator_id"]]
    mine = records.merge(creator, "inner", "opportunity_id")
    mine = mine[mine["owner_id"].notna()]
    other = mine[mine["owner_id"] != mine["creator_id"]]
    days = pd.DataFrame(
        {
            "first_date": mine.groupby("opportunity_id")["snapshot_date"].min(),
            "handed_date": other.groupby("opportunity_id")["snapshot_date"].min(),
        }
    ).rename_axis("opportunity_id")
    at_creation = (days["handed_date"] == days["first_date"]).astype("boolean")
    return days.assign(at_creation=at_creation).drop(columns="first_date").reset_index()


def handover_credit(inputs: CreditInputs, handed: pd.DataFrame) -> pd.DataFrame:
    """
    Sum up hand-overs by creating role.

    Parameters
    ----------
    inputs
        Inputs of credit.
    handed
        Deals of ``handovers``.

    Returns
    -------
    DataFrame
        Table ``handover_credit``: one row per role of ``handover_from`` that created a deal.
    """
    first, last = inputs.cohort()
    days = (handed["handed_date"] - handed["created_date"]).dt.days.astype("float64")
    facts = handed.assign(
        days=days.where(days >= 0),
        created_count=1,
        first_record=handed["at_creation"] & handed["is_handed"],
    )
    grouped = facts.groupby("role")
    flags = ["created_count", "is_handed", "first_record", "is_judged", "is_kept"]
    sums = grouped[flags].sum().astype("int64")
    low, high = wilson(sums["is_kept"], sums["is_judged"])
    judged = sums["is_judged"]
    note = pd.Series("", index=sums.index, dtype="str")
    note = note.mask(judged == 0, "when deals were handed over is not known without history")
    rows = pd.DataFrame(
        {
            "created_count": sums["created_count"],
            "handed_count": sums["is_handed"],
            "handed_share": ratio(sums["is_handed"], sums["created_count"]),
            "at_creation_count": sums["first_record"],
            "handover_days": grouped["days"].median(),
            "judged_count": judged,
            "kept_count": sums["is_kept"],
            "kept_share": ratio(sums["is_kept"], judged),
            "low": low,
            "high": high,
            "is_grey": judged < inputs.settings.minimum_count,
            "note": note,
        }
    )
    return rows.reset_index().assign(
        period=inputs.period.name,
        cohort_from=pd.Timestamp(first),
        cohort_to=pd.Timestamp(last),
    )
