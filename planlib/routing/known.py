"""What is known of each lead before a rep is chosen: account, blanks filled, score, time, owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from planlib.routing.enrich import enrich_leads, with_domain
from planlib.routing.matching import match_accounts
from planlib.routing.persons import person_keys
from planlib.routing.scoring import LeadScore, grade_leads, score_leads, won_leads
from planlib.routing.zones import to_utc
from planlib.settings.routing import RoutingSettings

Frames = Mapping[str, pd.DataFrame | None]


@dataclass(frozen=True, kw_only=True)
class KnownLeads:
    """
    Leads with what the tables say about them.

    Parameters
    ----------
    leads
        The leads given, in their order, with blanks filled, ``account_id`` of the match, ``chance``
        to be won, ``grade``, ``person_key``, ``at`` (time of the decision in UTC), ``blocked`` (why
        it cannot be decided; blank: it can), ``owner_rep`` and ``named_rep``.
    matches, completeness
        Tables ``lead_matches`` and ``lead_completeness``.
    score
        Scores of the leads with their accuracy.
    """

    leads: pd.DataFrame = field(repr=False)
    matches: pd.DataFrame = field(repr=False)
    completeness: pd.DataFrame = field(repr=False)
    score: LeadScore = field(repr=False)


def know_leads(
    leads: pd.DataFrame,
    past: pd.DataFrame | None,
    tables: Frames,
    settings: RoutingSettings,
    *,
    as_of: date,
    plan_zone: str,
) -> KnownLeads:
    """
    Match leads with accounts, fill their blanks, score and grade them, and find their owners.

    Parameters
    ----------
    leads
        Table ``leads`` in its shape, one row per ``lead_id``.
    past
        Leads from which the score is learnt; None: ``leads``.
    tables
        ``accounts``, ``campaigns``, ``opportunities``, ``territories``, ``key_accounts``; each may
        be absent.
    settings
        Section ``routing`` of plan.yaml.
    as_of
        Day until whose end the data count.
    plan_zone
        Time zone of the plan, in which ``created_at`` is.
    """
    leads, accounts = with_domain(leads), tables.get("accounts")
    matches = match_accounts(leads, accounts, settings.match_cutoff, settings.review_cutoff)
    used = matches[matches["is_used"]].set_index("lead_id")["account_id"]
    matched = leads["lead_id"].map(used).astype("str")
    rich, complete = enrich_leads(
        leads, accounts=accounts, matches=matched, campaigns=tables.get("campaigns"),
        plan_zone=plan_zone,
    )  # fmt: skip
    score = _scored(leads, past, tables.get("opportunities"), settings, as_of)
    rich = rich.assign(
        chance=score.chance, account_id=matched.fillna(rich["account_id"]).astype("str"),
        grade=grade_leads(score.chance, settings.grade_shares, score.peers),
        person_key=person_keys(rich["email"]),
    )  # fmt: skip
    rich = _with_owners(_timed(rich, as_of, plan_zone), tables)
    return KnownLeads(leads=rich, matches=matches, completeness=complete, score=score)


def _scored(
    leads: pd.DataFrame, past: pd.DataFrame | None, opportunities: pd.DataFrame | None,
    settings: RoutingSettings, as_of: date,
) -> LeadScore:  # fmt: skip
    known = leads if past is None else past
    won = won_leads(known, opportunities)
    return score_leads(with_domain(known), leads, settings, pd.Timestamp(as_of), won)


def _timed(leads: pd.DataFrame, as_of: date, plan_zone: str) -> pd.DataFrame:
    """Give the time of the decision in UTC, and why a lead cannot be decided."""
    end = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    missing, future = leads["created_at"].isna(), leads["created_at"] >= end
    blocked = pd.Series("", index=leads.index, dtype="str")
    blocked = blocked.mask(missing, "the time at which the lead came in is missing")
    blocked = blocked.mask(future, f"created after the as-of date {as_of.isoformat()}")
    fine = leads["created_at"].where(blocked.eq(""))
    known = to_utc(fine.dropna(), plan_zone)
    return leads.assign(at=known.reindex(leads.index), blocked=blocked)


def _with_owners(leads: pd.DataFrame, tables: Frames) -> pd.DataFrame:
    """Give the owner of the lead's account, and the rep of its key account."""
    blank = pd.Series(pd.NA, index=leads.index, dtype="str")
    owner, named = blank, blank
    accounts, territories = tables.get("accounts"), tables.get("territories")
    if accounts is not None and "owner_id" in accounts.columns:
        known = accounts.drop_duplicates("account_id").set_index("account_id")["owner_id"]
        owner = leads["account_id"].map(known)
    keys = tables.get("key_accounts")
    if territories is not None and len(territories):
        rows = territories.sort_values(["account_id", "role_layer", "rep_id"])
        of_account = rows.drop_duplicates("account_id").set_index("account_id")["rep_id"]
        owner = owner.fillna(leads["account_id"].map(of_account))
        if keys is not None and "is_key" in keys.columns:
            is_key = leads["account_id"].isin(keys.loc[keys["is_key"].fillna(False), "account_id"])
            named = leads["account_id"].map(of_account).where(is_key)
    return leads.assign(owner_rep=owner.astype("str"), named_rep=named.astype("str"))
