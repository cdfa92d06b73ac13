"""Marketing touches linked to deals, and the credit that each touch gets for a deal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from planlib.pipeline.cuts import UNKNOWN
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import split_cents
from planlib.tables import table

UNATTRIBUTED = "(unattributed)"
NO_TOUCH = "-"
MODELS = ("first", "last", "even")
_SAME = {
    "account-based marketing": "account-based",
    "account based": "account-based",
    "account based marketing": "account-based",
    "abm": "account-based",
    "event": "events",
    "demand gen": "demand generation",
    "brand awareness": "brand",
}
_LINKED = ["opportunity_id", "touch_id", "touch_date", "campaign_id", "source", "channel", "link"]


@dataclass(frozen=True, kw_only=True)
class MarketingTables:
    """
    The tables that marketing is measured from; each may be None.

    Parameters
    ----------
    touches, campaigns, leads
        Tables ``marketing_touches``, ``campaigns``, ``leads``.
    contacts, activities, accounts
        For who responds where.
    """

    touches: pd.DataFrame | None = None
    campaigns: pd.DataFrame | None = None
    leads: pd.DataFrame | None = None
    contacts: pd.DataFrame | None = None
    activities: pd.DataFrame | None = None
    accounts: pd.DataFrame | None = None

    def get(self, name: str) -> pd.DataFrame:
        """Give a table in its declared shape, without rows where it is missing."""
        tables = {
            "marketing_touches": self.touches,
            "campaigns": self.campaigns,
            "leads": self.leads,
            "contacts": self.contacts,
            "activities": self.activities,
            "accounts": self.accounts,
        }
        return table(name).or_empty(tables[name])


def source_names(sources: pd.Series) -> pd.Series:
    """
    Bring names of marketing sources into one spelling; a missing one is "(unknown)".

    Examples
    --------
    >>> source_names(pd.Series(["Events", " ABM ", None], dtype="str")).tolist()
    ['events', 'account-based', '(unknown)']
    """
    plain = sources.astype("str").str.strip().str.lower()
    plain = plain.replace(_SAME)
    return plain.where(plain.notna() & (plain != ""), UNKNOWN).astype("str")


def named_touches(tables: MarketingTables) -> pd.DataFrame:
    """Give every touch with the source of its campaign and its channel."""
    touches = tables.get("marketing_touches")
    campaigns = tables.get("campaigns").drop_duplicates("campaign_id").set_index("campaign_id")
    source = look_up(touches["campaign_id"], campaigns["source"])
    channel = touches["channel"].where(
        touches["channel"].notna(), look_up(touches["campaign_id"], campaigns["channel"])
    )
    return touches.assign(
        source=source_names(source), channel=channel.fillna(UNKNOWN).astype("str")
    )


def linked_touches(
    deals: pd.DataFrame, tables: MarketingTables, account_link_days: int = 0
) -> pd.DataFrame:
    """
    Link touches to deals.

    A touch belongs to the deal it names; else to the deal of its lead; else, where
    ``account_link_days`` is above 0, to the deals of its account that were created within so
    many days after it. The campaign that a deal or its lead names counts as a touch on the day
    of creation (of the deal, of the lead), where no touch of that campaign reached the deal.

    Parameters
    ----------
    deals
        Prepared deals (``prepare_deals``).
    tables
        Touches, campaigns and leads.
    account_link_days
        For touches of an account alone.

    Returns
    -------
    DataFrame
        ``opportunity_id``, ``touch_id``, ``touch_date``, ``campaign_id``, ``source``,
        ``channel``, ``link``, in the order of the touches of each deal.
    """
    touches = named_touches(tables)
    leads = tables.get("leads")
    of_lead = _deal_of_lead(deals, leads)
    by_lead = look_up(touches["lead_id"], of_lead)
    direct = touches["opportunity_id"].where(touches["opportunity_id"].notna(), by_lead)
    link = np.where(touches["opportunity_id"].notna(), "deal", "lead")
    linked = touches.assign(opportunity_id=direct.astype("str"), link=link)
    linked = linked[direct.isin(deals["opportunity_id"])]
    parts = [linked[_LINKED]]
    if account_link_days:
        parts.append(_by_account(deals, touches[direct.isna()], account_link_days))
    found = pd.concat(parts, ignore_index=True)
    found = pd.concat([found, _named_campaigns(deals, leads, found, tables)], ignore_index=True)
    return found.sort_values(
        ["opportunity_id", "touch_date", "touch_id"], ignore_index=True
    ).drop_duplicates(["opportunity_id", "touch_id"], ignore_index=True)


def _deal_of_lead(deals: pd.DataFrame, leads: pd.DataFrame) -> pd.Series:
    said = leads.loc[leads["opportunity_id"].notna(), ["lead_id", "opportunity_id"]]
    named = deals.loc[deals["lead_id"].notna(), ["lead_id", "opportunity_id"]]
    both = pd.concat([said, named]).sort_values(["lead_id", "opportunity_id"])
    return both.drop_duplicates("lead_id").set_index("lead_id")["opportunity_id"]


def _by_account(deals: pd.DataFrame, touches: pd.DataFrame, days: int) -> pd.DataFrame:
    alone = touches[touches["account_id"].notna() & touches["lead_id"].isna()]
    keyed = deals[["opportunity_id", "account_id", "created_date"]]
    both = alone.drop(columns="opportunity_id").merge(keyed, "inner", "account_id")
    gap = (both["created_date"] - both["touch_date"]).dt.days
    return both[gap.between(0, days)].assign(link="account")[_LINKED]


def _named_campaigns(
    deals: pd.DataFrame, leads: pd.DataFrame, found: pd.DataFrame, tables: MarketingTables
) -> pd.DataFrame:
    """Make a touch of the campaign that a deal or its lead names, unless one is there."""
    campaigns = tables.get("campaigns").drop_duplicates("campaign_id").set_index("campaign_id")
    own = deals.loc[deals["campaign_id"].notna(), ["opportunity_id", "campaign_id", "created_date"]]
    own = own.rename(columns={"created_date": "touch_date"}).assign(link="campaign of the deal")
    of_lead = _deal_of_lead(deals, leads)
    came = leads[leads["campaign_id"].notna() & leads["created_at"].notna()]
    came = came.assign(
        opportunity_id=look_up(came["lead_id"], of_lead),
        touch_date=came["created_at"].dt.normalize(),
        link="campaign of the lead",
    )
    rows = pd.concat(
        [came[["opportunity_id", "campaign_id", "touch_date", "link"]], own], ignore_index=True
    )
    rows = rows[rows["opportunity_id"].isin(deals["opportunity_id"]) & rows["touch_date"].notna()]
    rows = rows.drop_duplicates(["opportunity_id", "campaign_id"])
    have = pd.MultiIndex.from_frame(found[["opportunity_id", "campaign_id"]])
    rows = rows[~pd.MultiIndex.from_frame(rows[["opportunity_id", "campaign_id"]]).isin(have)]
    source = look_up(rows["campaign_id"], campaigns["source"])
    channel = look_up(rows["campaign_id"], campaigns["channel"])
    return rows.assign(
        touch_id="campaign " + rows["campaign_id"],
        source=source_names(source),
        channel=channel.fillna(UNKNOWN).astype("str"),
    )[_LINKED]


def touch_credit(deals: pd.DataFrame, linked: pd.DataFrame, until: str, model: str) -> pd.DataFrame:
    """
    Credit the touches of each deal with its amount.

    Parameters
    ----------
    deals
        ``opportunity_id``, ``cents`` (missing: the deal has no amount) and the column ``until``.
    linked
        Touches of deals (``linked_touches``).
    until
        Column of ``deals`` with the last day on which a touch counts: ``created_date`` for
        pipeline, ``close_date`` for ACV.
    model
        ``first``, ``last`` or ``even``. Of touches on one day the order of their ids decides.

    Returns
    -------
    DataFrame
        One row per credited touch with ``share`` and ``cents``; deals that no touch reached in
        time stand as source "(unattributed)". The cents of a deal add up to its own.
    """
    keyed = linked.merge(deals[["opportunity_id", "cents", until]], "inner", "opportunity_id")
    keyed = keyed[keyed["touch_date"] <= keyed[until]]
    keyed = keyed.sort_values(["opportunity_id", "touch_date", "touch_id"], ignore_index=True)
    if model != "even":
        double = keyed.duplicated("opportunity_id", keep="first" if model == "first" else "last")
        keyed = keyed[~double].reset_index(drop=True)
    count = keyed.groupby("opportunity_id")["touch_id"].transform("size")
    ones = pd.Series(1.0, index=keyed.index)
    credited = keyed.assign(
        share=1.0 / count, cents=split_cents(keyed["cents"], ones, keyed["opportunity_id"])
    )
    alone = deals[~deals["opportunity_id"].isin(keyed["opportunity_id"])]
    rest = alone[["opportunity_id", "cents"]].assign(
        touch_id=NO_TOUCH,
        touch_date=np.datetime64("NaT", "us"),
        source=UNATTRIBUTED,
        channel=UNATTRIBUTED,
        link="",
        share=1.0,
    )
    rows = pd.concat([credited.drop(columns=until), rest], ignore_index=True)
    return rows.assign(touch_date=rows["touch_date"].astype("datetime64[us]")).sort_values(
        ["opportunity_id", "touch_date", "touch_id"], ignore_index=True
    )


def between(dates: pd.Series, first: date, last: date) -> pd.Series:
    """Tell which dates lie between two days, both included."""
    return dates.between(pd.Timestamp(first), pd.Timestamp(last)).fillna(False).astype(bool)
