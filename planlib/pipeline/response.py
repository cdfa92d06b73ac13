"""Who responds: conversion of leads, and where customers engage, by segment, level and size."""

from __future__ import annotations

import pandas as pd

from planlib.hygiene.activities import by_persons
from planlib.intervals import wilson
from planlib.notes import percent
from planlib.pipeline.cuts import UNKNOWN, CutTables
from planlib.pipeline.levels import title_levels
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import from_cents, known, ratio
from planlib.pipeline.sources import Scope
from planlib.pipeline.touches import MarketingTables, between, named_touches
from planlib.settings.marketing import MarketingSettings
from planlib.tables import table

_SIZES = (50, 250, 1000, 5000)
GROUPS = ("all", "segment", "level", "size", "region")
_WAYS = {
    "visit": "face to face",
    "event": "face to face",
    "field event": "face to face",
    "trade fair": "face to face",
    "call": "remote",
    "email": "remote",
    "message": "remote",
    "webinar": "remote",
    "website": "remote",
    "paid search": "remote",
    "paid social": "remote",
    "content syndication": "remote",
    "account-based ads": "remote",
}


def size_bands(employees: pd.Series) -> pd.Series:
    """
    Give a band of size from employees.

    Examples
    --------
    >>> size_bands(pd.Series([10, 250, None])).tolist()
    ['1-49', '250-999', '(unknown)']
    """
    numbers = employees.astype("float64")
    names = ["1-49", "50-249", "250-999", "1000-4999", "5000+"]
    band = pd.Series(UNKNOWN, index=employees.index, dtype="str").mask(numbers > 0, names[0])
    for low, name in zip(_SIZES, names[1:], strict=True):
        band = band.mask(numbers >= low, name)
    return band


def lead_groups(leads: pd.DataFrame, tables: MarketingTables, cuts: CutTables) -> pd.DataFrame:
    """
    Give segment, level, size and region of each lead.

    Parameters
    ----------
    leads
        Table ``leads``.
    tables
        For the region of a lead's country, as most accounts of that country have it.
    cuts
        For the segment of the lead's account.

    Returns
    -------
    DataFrame
        The groups as columns, "(unknown)" where not known; ``all`` is the same for every lead.
    """
    rows = pd.DataFrame({"opportunity_id": leads["opportunity_id"], "owner_id": leads["owner_id"]})
    rows = rows.assign(account_id=leads["account_id"])
    segment = cuts.attach(rows, ["segment"])["segment"]
    return leads.assign(
        all="all",
        segment=segment.where(leads["account_id"].notna(), UNKNOWN),
        level=title_levels(leads["title"]).replace("unknown", UNKNOWN),
        size=size_bands(leads["employees"]),
        region=look_up(leads["country"], _regions(tables)).fillna(UNKNOWN).astype("str"),
    )


def _regions(tables: MarketingTables) -> pd.Series:
    accounts = tables.get("accounts")
    counts = accounts.groupby(["country", "region"]).size().reset_index(name="count")
    counts = counts.sort_values(["count", "region"], ascending=[False, True])
    first = counts.drop_duplicates("country").set_index("country")["region"]
    return first.astype("str")


def marketing_response(
    deals: pd.DataFrame,
    tables: MarketingTables,
    cuts: CutTables,
    scope: Scope,
    settings: MarketingSettings,
) -> pd.DataFrame:
    """
    Give how leads of a source and of a channel convert, by group.

    Parameters
    ----------
    deals
        Prepared deals plus ``created_cents``.
    tables, cuts
        Leads and campaigns; where segments come from.
    scope
        Leads created on these days count.
    settings
        Section marketing of plan.yaml.

    Returns
    -------
    DataFrame
        Table ``marketing_response``. A group that is known for converted leads rather than for
        others (an account is often linked on conversion) has status "selected" and no colour:
        its conversion says how the group was filled in, not who responds.
    """
    leads = tables.get("leads")
    leads = leads[between(leads["created_at"].dt.normalize(), scope.first, scope.last)]
    if leads.empty:
        return table("marketing_response").empty()
    leads = leads.reset_index(drop=True)
    grouped = lead_groups(leads, tables, cuts)
    campaigns = tables.get("campaigns").drop_duplicates("campaign_id").set_index("campaign_id")
    channel = look_up(leads["campaign_id"], campaigns["channel"])
    deal = deals.set_index("opportunity_id")
    facts = grouped.assign(
        by_source=leads["source"].fillna(UNKNOWN).astype("str"),
        by_channel=channel.fillna(UNKNOWN).astype("str"),
        answered=leads["first_response_at"].notna().astype("int64"),
        converted=leads["is_converted"].fillna(False).astype("int64"),
        won=(look_up(leads["opportunity_id"], deal["status"]) == "won").astype("int64"),
        cents=known(look_up(leads["opportunity_id"], deal["created_cents"]).astype("Int64")),
    )
    chosen = {group: _selected(facts, group, settings.known_share) for group in GROUPS}
    parts = [
        _count_leads(facts, by, group, chosen[group])
        for by in ("source", "channel")
        for group in GROUPS
    ]
    rows = pd.concat(parts, ignore_index=True)
    low, high = wilson(rows["converted_count"], rows["lead_count"])
    few = rows["lead_count"] < settings.minimum_count
    return rows.assign(
        scope=scope.name,
        converted_share=ratio(rows["converted_count"], rows["lead_count"]),
        low=low,
        high=high,
        is_grey=few | (rows["status"] != ""),
    )


def _selected(facts: pd.DataFrame, group: str, known_share: float) -> str:
    """Say why a grouping cannot be compared, or nothing."""
    is_known = facts[group] != UNKNOWN
    converted = facts["converted"] == 1
    if group == "all" or is_known.mean() >= known_share or not converted.any():
        return ""
    share, others = is_known[converted].mean(), is_known[~converted].mean()
    if share - others < 1 - known_share:
        return ""
    return (
        f"{group} is known for {percent(share)} of converted leads and {percent(others)} of the "
        "others: its "
        "conversion says how it was filled in, not who responds"
    )


def _count_leads(facts: pd.DataFrame, by: str, group: str, why: str) -> pd.DataFrame:
    keyed = facts.assign(by_value=facts[f"by_{by}"], group_value=facts[group], one=1)
    names = ["one", "answered", "converted", "won", "cents"]
    sums = keyed.groupby(["by_value", "group_value"])[names].sum().reset_index()
    return pd.DataFrame(
        {
            "by": by,
            "by_value": sums["by_value"],
            "group": group,
            "group_value": sums["group_value"],
            "lead_count": sums["one"],
            "answered_count": sums["answered"],
            "converted_count": sums["converted"],
            "won_count": sums["won"],
            "pipeline_amount": from_cents(sums["cents"]),
            "status": "selected" if why else "",
            "note": why,
        }
    )


def customer_engagement(
    tables: MarketingTables, cuts: CutTables, scope: Scope, minimum_count: int
) -> pd.DataFrame:
    """
    Give where customers engage: touches by channel and activities by type, by group.

    Parameters
    ----------
    tables, cuts
        Touches, activities, contacts and leads; where segments come from.
    scope
        The days.
    minimum_count
        Fewer touches or activities are grey.

    Returns
    -------
    DataFrame
        Table ``customer_engagement``. Activities that a system sent are left out. Whether a
        meeting was face to face is not recorded, so it is named so.
    """
    parts = [_touch_facts(tables, scope), _activity_facts(tables, scope)]
    facts = pd.concat(parts, ignore_index=True)
    if facts.empty:
        return table("customer_engagement").empty()
    keyed = facts[["account_id"]].assign(opportunity_id="", owner_id="")
    segment = cuts.attach(keyed, ["segment"])["segment"]
    facts = facts.assign(all="all", segment=segment.where(facts["account_id"].notna(), UNKNOWN))
    rows = pd.concat(
        [_count_contacts(facts, group) for group in ("all", "segment", "level")], ignore_index=True
    )
    low, high = wilson(rows["inbound_count"], rows["contact_count"])
    is_sales = rows["kind"] == "sales"
    return rows.assign(
        scope=scope.name,
        way=rows["channel"].str.lower().map(_WAYS).fillna("not recorded"),
        inbound_count=rows["inbound_count"].where(is_sales),
        inbound_share=ratio(rows["inbound_count"], rows["contact_count"]).where(is_sales),
        low=low.where(is_sales),
        high=high.where(is_sales),
        is_grey=rows["contact_count"] < minimum_count,
    )


def _touch_facts(tables: MarketingTables, scope: Scope) -> pd.DataFrame:
    touches = named_touches(tables)
    touches = touches[between(touches["touch_date"], scope.first, scope.last)]
    leads = tables.get("leads").drop_duplicates("lead_id").set_index("lead_id")
    contacts = tables.get("contacts").drop_duplicates("contact_id").set_index("contact_id")
    by_lead = look_up(touches["lead_id"], title_levels(leads["title"]))
    by_contact = look_up(touches["contact_id"], contacts["level"])
    level = by_contact.where(by_contact.notna(), by_lead)
    return pd.DataFrame(
        {
            "kind": "marketing",
            "channel": touches["channel"],
            "account_id": touches["account_id"],
            "level": _level(level),
            "inbound": 0,
        }
    )


def _activity_facts(tables: MarketingTables, scope: Scope) -> pd.DataFrame:
    acts = tables.get("activities")
    acts = by_persons(acts[between(acts["activity_date"], scope.first, scope.last)])
    acts = acts[acts["activity_type"].fillna("other") != "task"]
    contacts = tables.get("contacts").drop_duplicates("contact_id").set_index("contact_id")
    return pd.DataFrame(
        {
            "kind": "sales",
            "channel": acts["activity_type"].fillna(UNKNOWN).astype("str"),
            "account_id": acts["account_id"],
            "level": _level(look_up(acts["contact_id"], contacts["level"])),
            "inbound": (acts["direction"] == "in").fillna(False).astype("int64"),
        }
    )


def _level(levels: pd.Series) -> pd.Series:
    text = levels.astype("object")
    return text.where(text.notna() & (text != "unknown"), UNKNOWN).astype("str")


def _count_contacts(facts: pd.DataFrame, group: str) -> pd.DataFrame:
    keyed = facts.assign(group_value=facts[group], one=1)
    by = keyed.groupby(["kind", "channel", "group_value"])
    rows = by.agg(
        contact_count=("one", "sum"),
        account_count=("account_id", "nunique"),
        inbound_count=("inbound", "sum"),
    ).reset_index()
    whole = rows.groupby(["kind", "group_value"])["contact_count"].transform("sum")
    return rows.assign(group=group, group_share=ratio(rows["contact_count"], whole))
