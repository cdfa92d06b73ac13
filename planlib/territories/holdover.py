"""Holdover: which open deals stay with the old rep when an account changes hands, and how long."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.notes import percent
from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.tables import require_columns, table
from planlib.territories.columns import (
    day,
    flag,
    known_sum,
    named,
    names_of,
    number,
    stamp,
    text,
)

_THIRD = " works on it, not the old owner of the account"


@dataclass(frozen=True, kw_only=True)
class Holdover:
    """``deals`` is territory_holdover, ``rule`` the rule in words, ``notes`` what is missing."""

    deals: pd.DataFrame
    rule: str
    notes: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish, by name."""
        return {"territory_holdover": self.deals}

    def headline(self) -> str:
        """Say how many open deals of accounts that move stay with the old rep, with their sums."""
        held = self.deals["is_held"].astype(bool)
        stay, go = (_amount(self.deals.loc[some, "amount"]) for some in (held, ~held))
        return (
            f"{held.sum():,} of {len(held):,} open deals on accounts that move stay with the old "
            f"rep ({stay}), the others ({go}) go along at once"
        )

    def by_rep(self) -> pd.DataFrame:
        """
        Give the held deals of each old rep: ``rep_id``, ``rep_name``, ``deal_count``.

        Beside them ``account_count``, ``amount``, ``credit_amount`` (amount x share of the old
        rep) and ``until_date``, the last day of all.
        """
        held = self.deals[self.deals["is_held"].astype(bool)]
        held = held.assign(credit=held["amount"] * held["old_share"])
        grouped = held.groupby(["old_rep_id", "old_rep_name"], sort=True)
        frame = grouped.agg(
            deal_count=("opportunity_id", "size"), account_count=("account_id", "nunique"),
            amount=("amount", known_sum), credit_amount=("credit", known_sum),
            until_date=("until_date", "max"),
        ).reset_index()  # fmt: skip
        return frame.rename(columns={"old_rep_id": "rep_id", "old_rep_name": "rep_name"})


def _amount(amounts: pd.Series) -> str:
    """Write a sum; that of deals of which none has an amount is not known, and not 0."""
    total = known_sum(amounts) if len(amounts) else 0.0
    return f"{total:,.0f}" if np.isfinite(total) else "amount not known"


def hold_over(
    plan: pd.DataFrame,
    opportunities: pd.DataFrame | None,
    *,
    effective: datetime.date,
    settings: TerritoryDecisionsSettings,
    reps: pd.DataFrame | None = None,
    accounts: pd.DataFrame | None = None,
) -> Holdover:
    """
    List the open deals on accounts that change owner, and which of them stay with the old rep.

    Parameters
    ----------
    plan
        ``account_id``, ``rep_id`` and ``previous_rep_id`` (a ``territory_plan``).
    opportunities
        Open deals: ``opportunity_id``, ``account_id``, ``is_closed``; used where there:
        ``owner_id``, ``stage``, ``probability``, ``forecast_category``, ``close_date``, ``amount``.
        None or no such columns: nothing can be held, and ``notes`` says so.
    effective
        Day on which the accounts change hands.
    settings
        Stages, days and credit.
    reps, accounts
        Names, and last days of reps: nothing stays with a rep who has left.

    Returns
    -------
    Holdover
        Every open deal of a moved account has a row, with the reason either way.
    """
    require_columns("territory_plan", plan, ["account_id", "rep_id", "previous_rep_id"])
    rule = _rule(settings)
    needed = {"opportunity_id", "account_id", "is_closed"}
    if opportunities is None or not needed <= set(opportunities):
        note = "no opportunities with account and state: no deal can be held over"
        return Holdover(deals=table("territory_holdover").empty(), rule=rule, notes=(note,))
    deals = _moved_deals(plan, opportunities)
    notes = []
    if "probability" not in opportunities and not settings.holdover_stages:
        notes.append("deals have no probability: only forecast category and close date count")
    if "close_date" not in opportunities:
        notes.append("deals have no close date: only stage and probability count")
    gone = _gone(reps, stamp(effective))
    held, reason = _decide(deals, stamp(effective), settings, gone)
    until = stamp(effective) + pd.Timedelta(days=settings.holdover_days)
    old_share = settings.holdover_old_share
    who, company = names_of(reps, "rep_id"), names_of(accounts, "account_id")
    marked = deals.assign(
        is_held=held, reason=reason,
        until_date=pd.Series(until, index=deals.index).where(held),
        old_share=np.where(held, old_share, 0.0), new_share=np.where(held, 1.0 - old_share, 1.0),
        account_name=deals["account_id"].map(company),
        old_rep_name=named(deals["old_rep_id"], who), new_rep_name=named(deals["new_rep_id"], who),
    )  # fmt: skip
    order = marked.assign(first=~held).sort_values(
        ["first", "old_rep_id", "amount", "opportunity_id"],
        ascending=[True, True, False, True], kind="stable",
    )  # fmt: skip
    return Holdover(deals=table("territory_holdover").conform(order), rule=rule, notes=tuple(notes))


def _rule(settings: TerritoryDecisionsSettings) -> str:
    stages = ", ".join(settings.holdover_stages)
    late = f"committed or in {stages}" if stages else "committed"
    return (
        f"open deals at {percent(settings.holdover_probability)} or more, {late}, or "
        "closing "
        f"within {settings.holdover_close_days} days stay with the old rep for "
        f"{settings.holdover_days} days; won by then, {percent(settings.holdover_old_share)} of "
        "the "
        "credit is the old rep's; later all of it is the new rep's"
    )


def _moved_deals(plan: pd.DataFrame, opportunities: pd.DataFrame) -> pd.DataFrame:
    old, new = text(plan, "previous_rep_id"), text(plan, "rep_id")
    moved = old.notna() & new.notna() & old.ne(new).fillna(value=False).astype(bool)
    owners = pd.DataFrame({
        "account_id": plan["account_id"].astype("str"), "old_rep_id": old, "new_rep_id": new,
    })[moved].drop_duplicates("account_id")  # fmt: skip
    closed = opportunities["is_closed"].astype("boolean").fillna(value=False).astype(bool)
    live = opportunities[~closed].drop_duplicates("opportunity_id")
    deals = pd.DataFrame({
        "opportunity_id": live["opportunity_id"].astype("str"),
        "opportunity_name": text(live, "name"), "account_id": text(live, "account_id"),
        "owner_id": text(live, "owner_id"), "stage": text(live, "stage"),
        "probability": number(live, "probability"), "amount": number(live, "amount"),
        "close_date": day(live, "close_date"),
        "is_committed": text(live, "forecast_category").eq("commit").fillna(value=False),
    })  # fmt: skip
    return deals.merge(owners, on="account_id", how="inner").sort_values(
        "opportunity_id", kind="stable", ignore_index=True
    )


def _gone(reps: pd.DataFrame | None, when: pd.Timestamp) -> set[str]:
    if reps is None or "leave_date" not in reps:
        return set()
    return set(reps.loc[day(reps, "leave_date").le(when), "rep_id"].astype("str"))


def _decide(
    deals: pd.DataFrame,
    effective: pd.Timestamp,
    settings: TerritoryDecisionsSettings,
    gone: set[str],
) -> tuple[pd.Series, pd.Series]:
    """Give for each deal whether it is held, and the reason in words."""
    stages = {stage.casefold() for stage in settings.holdover_stages}
    close, latest = deals["close_date"], effective + pd.Timedelta(days=settings.holdover_close_days)
    blank = pd.Series("", index=deals.index, dtype="str")
    figure = (deals["probability"] * 100).round().astype("Int64").astype("str")
    rules = (
        ("probability " + figure + " %", deals["probability"].ge(settings.holdover_probability)),
        (blank + "committed", deals["is_committed"].astype(bool)),
        ("stage " + deals["stage"], deals["stage"].str.casefold().isin(stages)),
        (
            "closes on " + close.dt.strftime("%Y-%m-%d").astype("str"),
            close.le(latest) & close.ge(effective),
        ),
    )
    why = blank
    for words, holds in rules:
        more = words.fillna("").where(holds, "")
        why = why + (", " + more).where(why.ne("") & more.ne(""), more)
    held = why.ne("")
    reason = ("held: " + why).where(held, "goes: early, and not closing soon")
    reason = reason.mask(~held & close.lt(effective), "goes: its close date is past")
    left = deals["old_rep_id"].isin(gone)
    reason = reason.mask(left, "goes: the old rep has left")
    other = deals["owner_id"].notna() & ~deals["owner_id"].eq(deals["old_rep_id"]).fillna(
        value=False
    ).astype(bool)
    worker = deals["owner_id"].fillna("") + _THIRD
    reason = reason.mask(other, "goes: " + worker)
    return held & ~left & ~other, reason


def credit_won(holdover: pd.DataFrame, opportunities: pd.DataFrame) -> pd.DataFrame:
    """
    Share out the deals of a holdover list that were won since, by the rule that was agreed.

    Parameters
    ----------
    holdover
        ``territory_holdover``, as it was when the accounts changed hands.
    opportunities
        The deals today: ``opportunity_id``, ``is_won``, ``close_date``, ``amount``.

    Returns
    -------
    DataFrame
        ``opportunity_id``, ``rep_id``, ``split_type`` (revenue) and ``share``, as the input table
        splits has them, and ``amount`` x share. Shares of a deal add up to 1: held deals won by
        their last day are split, all others are the new rep's; a third person's deal stays hers.

    Raises
    ------
    TableError
        If a column is missing.
    """
    require_columns("opportunities", opportunities, ["opportunity_id", "is_won", "close_date"])
    today = opportunities.drop_duplicates("opportunity_id")
    won = pd.DataFrame({
        "opportunity_id": today["opportunity_id"].astype("str"), "closed": day(today, "close_date"),
        "won_amount": number(today, "amount"), "owner_id": text(today, "owner_id"),
    })[flag(today, "is_won")]  # fmt: skip
    deals = holdover.merge(won, on="opportunity_id")
    in_time = deals["is_held"].astype(bool) & deals["closed"].le(deals["until_date"])
    third = deals["reason"].str.contains(_THIRD, regex=False)
    parts = []
    for rep, share in (("old_rep_id", "old_share"), ("new_rep_id", "new_share")):
        whole = 1.0 if rep == "new_rep_id" else 0.0
        parts.append(pd.DataFrame({
            "opportunity_id": deals["opportunity_id"], "rep_id": deals[rep],
            "share": deals[share].where(in_time, whole).mask(third, 0.0),
            "amount": deals["won_amount"],
        }))  # fmt: skip
    own = deals.assign(rep_id=deals["owner_id"], share=1.0, amount=deals["won_amount"])[third]
    rows = pd.concat([*parts, own[["opportunity_id", "rep_id", "share", "amount"]]])
    rows = rows[rows["share"] > 0].sort_values(["opportunity_id", "rep_id"], kind="stable")
    rows = rows.assign(split_type="revenue", amount=rows["amount"] * rows["share"])
    return rows[["opportunity_id", "rep_id", "split_type", "share", "amount"]].reset_index(
        drop=True
    )
