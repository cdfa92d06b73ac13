"""Marketing sources: pipeline and ACV credited to them, what they cost, what they are good for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from planlib.pipeline.cuts import UNKNOWN, CutTables
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import from_cents, known, ratio, to_cents
from planlib.pipeline.touches import (
    MODELS,
    UNATTRIBUTED,
    MarketingTables,
    between,
    named_touches,
    source_names,
    touch_credit,
)
from planlib.tables import table

_BY = ("source", "channel", "campaign")
_COSTS = ("campaign_cents", "staff_cents")
_DEAR = 2.0  # times the staff cost of a full-time year of the median source
BRIEF = (
    "staff costs more than twice as much a full-time year as that of the median source: the dates "
    "of the campaigns are shorter than the work on them"
)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """
    Days over which sources are measured.

    Parameters
    ----------
    name
        The period by name, or the days in words.
    first, last
        First and last day.
    """

    name: str
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


def source_deals(deals: pd.DataFrame, linked: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """
    Credit touches with the deals created, and with the deals won, in a scope.

    Parameters
    ----------
    deals
        Prepared deals plus ``created_cents`` (``created_deals``).
    linked
        Touches of deals (``linked_touches``).
    scope
        The days.

    Returns
    -------
    DataFrame
        Credited touches of both figures and all credit models: ``scope``, ``figure``
        (pipeline, acv), ``credit_model`` and the columns of ``touch_credit``.
    """
    created = deals[between(deals["created_date"], scope.first, scope.last)]
    won = deals[(deals["status"] == "won") & between(deals["close_date"], scope.first, scope.last)]
    figures = {
        "pipeline": (created.assign(cents=created["created_cents"]), "created_date"),
        "acv": (won.assign(cents=to_cents(won["amount"])), "close_date"),
    }
    parts = [
        touch_credit(chosen, linked, until, model).assign(figure=figure, credit_model=model)
        for figure, (chosen, until) in figures.items()
        for model in MODELS
    ]
    return pd.concat(parts, ignore_index=True).assign(scope=scope.name)


def campaign_costs(campaigns: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """
    Give what each campaign cost in a scope: its cost even over its days, of those in scope.

    Parameters
    ----------
    campaigns
        Table ``campaigns``.
    scope
        The days.

    Returns
    -------
    DataFrame
        By ``campaign_id``: ``campaign_cents``, ``staff_cents`` (missing: the table has none, or
        the campaign has no date), ``staff_count`` (averaged over the scope). Campaigns outside
        the scope are left out.
    """
    start = campaigns["start_date"]
    end = campaigns["end_date"].where(campaigns["end_date"] >= start, start)
    length = (end - start).dt.days + 1
    first, last = pd.Timestamp(scope.first), pd.Timestamp(scope.last)
    until, since = end.where(end <= last, last), start.where(start >= first, first)
    inside = ((until - since).dt.days + 1).where(start.notna()).clip(lower=0)
    part = inside / length
    rows = pd.DataFrame(
        {
            "campaign_id": campaigns["campaign_id"],
            "campaign_cents": (to_cents(campaigns["cost_amount"]) * part).round().astype("Int64"),
            "staff_cents": (to_cents(campaigns["staff_cost_amount"]) * part)
            .round()
            .astype("Int64"),
            "staff_count": campaigns["staff_count"] * inside / scope.days,
        }
    )
    kept = rows.loc[(inside > 0) | start.isna()].drop_duplicates("campaign_id")
    by_campaign: pd.DataFrame = kept.set_index("campaign_id")
    return by_campaign


def marketing_sources(
    credits: pd.DataFrame,
    deals: pd.DataFrame,
    tables: MarketingTables,
    scope: Scope,
    minimum_count: int,
) -> pd.DataFrame:
    """
    Sum up pipeline, ACV and cost by source, channel and campaign.

    Parameters
    ----------
    credits
        Credited touches of the scope (``source_deals``).
    deals
        Prepared deals, for what became of new audience.
    tables
        Campaigns and touches.
    scope
        The days.
    minimum_count
        Fewer credited deals (of both figures together) are grey.

    Returns
    -------
    DataFrame
        Table ``marketing_sources``. Amounts of the rows of a grouping add up to all pipeline
        and all closed ACV of the scope, the unattributed part included.
    """
    campaigns = tables.get("campaigns")
    touches = named_touches(tables)
    touches = touches.assign(campaign=touches["campaign_id"].fillna(UNATTRIBUTED))
    costs = campaign_costs(campaigns, scope).reset_index()
    costs = costs.merge(_labels(campaigns), "left", "campaign_id")
    reach = _audience(touches, deals, scope)
    keyed = credits.assign(
        all="all", campaign=credits["campaign_id"].fillna(UNATTRIBUTED).astype("str")
    )
    parts = []
    for by in ("all", *_BY):
        spent = _sum_costs(costs.assign(all="all"), by)
        audience = _count_audience(reach.assign(all="all"), by)
        seen = touches[between(touches["touch_date"], scope.first, scope.last)].assign(all="all")
        count = seen.groupby(by).size().rename("touch_count")
        for model in MODELS:
            rows = _sum_credits(keyed[keyed["credit_model"] == model], by)
            rows = rows.join([spent, audience, count], how="outer").rename_axis("value")
            parts.append(rows.reset_index().assign(by=by, credit_model=model))
    rows = pd.concat(parts, ignore_index=True)
    names = campaigns.drop_duplicates("campaign_id").set_index("campaign_id")["name"]
    rows = rows.assign(name=look_up(rows["value"], names).where(rows["by"] == "campaign"))
    return _ratios(rows, scope, minimum_count)


def _labels(campaigns: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "campaign_id": campaigns["campaign_id"],
            "campaign": campaigns["campaign_id"],
            "source": source_names(campaigns["source"]),
            "channel": campaigns["channel"].fillna(UNKNOWN).astype("str"),
        }
    ).drop_duplicates("campaign_id")


def _sum_credits(credits: pd.DataFrame, by: str) -> pd.DataFrame:
    columns = {}
    for figure in ("pipeline", "acv"):
        mine = credits[credits["figure"] == figure]
        grouped = mine.assign(known=known(mine["cents"])).groupby(by)
        columns[f"{figure}_cents"] = grouped["known"].sum()
        columns[f"{figure}_deals"] = grouped["share"].sum().round(9)
    return pd.DataFrame(columns)


def _sum_costs(costs: pd.DataFrame, by: str) -> pd.DataFrame:
    grouped = costs.groupby(by)
    return pd.DataFrame(
        {
            **{name: grouped[name].sum(min_count=1) for name in _COSTS},
            "staff_count": grouped["staff_count"].sum(min_count=1),
        }
    )


def _audience(touches: pd.DataFrame, deals: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Give leads and accounts by their first touch of all, and whether a deal came of them."""
    who = touches["lead_id"].where(touches["lead_id"].notna(), touches["account_id"])
    first = touches.assign(who=who)[who.notna()].sort_values(["touch_date", "touch_id"])
    first = first.drop_duplicates("who")
    first = first[between(first["touch_date"], scope.first, scope.last)]
    dated = deals[["created_date", "account_id", "lead_id"]]
    by_lead = dated.dropna(subset=["lead_id"]).groupby("lead_id")["created_date"].max()
    by_account = dated.dropna(subset=["account_id"]).groupby("account_id")["created_date"].max()
    last_deal = {**by_account.to_dict(), **by_lead.to_dict()}
    deal_date = pd.to_datetime(first["who"].map(last_deal))
    return first.assign(has_deal=(deal_date >= first["touch_date"]).fillna(False).astype("int64"))


def _count_audience(reach: pd.DataFrame, by: str) -> pd.DataFrame:
    grouped = reach.groupby(by)
    return pd.DataFrame(
        {"audience_count": grouped.size(), "audience_deal_count": grouped["has_deal"].sum()}
    )


def _ratios(rows: pd.DataFrame, scope: Scope, minimum_count: int) -> pd.DataFrame:
    zeros = ["pipeline_cents", "acv_cents", "pipeline_deals", "acv_deals", "touch_count"]
    rows = rows.assign(**{name: rows[name].fillna(0) for name in zeros})
    counts = ["audience_count", "audience_deal_count"]
    rows = rows.assign(**{name: rows[name].fillna(0) for name in counts})
    whole = rows[rows["by"] == "all"].set_index("credit_model")
    cost = rows["campaign_cents"].astype("Int64").fillna(0) + rows["staff_cents"].astype(
        "Int64"
    ).fillna(0)
    cost = cost.mask(rows["campaign_cents"].isna() & rows["staff_cents"].isna())
    is_brief = _is_brief(rows)
    has_staff = (rows["staff_count"] > 0) & ~is_brief
    priced, staffed = _divided(rows, cost.notna()), _divided(rows, has_staff)
    few = rows["pipeline_deals"] + rows["acv_deals"] < minimum_count
    none = np.where(rows["value"] == UNATTRIBUTED, "no touch, so no cost", "no cost is recorded")
    whole_staff = rows["staff_count"].where(has_staff & (rows["by"] == "source"), 0)
    whole_staff = whole_staff.groupby(rows["credit_model"]).transform("sum")
    staff = rows["staff_count"].where(rows["by"] != "all", whole_staff).where(has_staff)
    return pd.DataFrame(
        {
            "scope": scope.name,
            "credit_model": rows["credit_model"],
            "by": rows["by"],
            "value": rows["value"],
            "from_date": pd.Timestamp(scope.first),
            "to_date": pd.Timestamp(scope.last),
            "name": rows["name"],
            "pipeline_amount": from_cents(rows["pipeline_cents"]),
            "pipeline_deals": rows["pipeline_deals"],
            "pipeline_share": ratio(
                rows["pipeline_cents"], look_up(rows["credit_model"], whole["pipeline_cents"])
            ),
            "acv_amount": from_cents(rows["acv_cents"]),
            "acv_deals": rows["acv_deals"],
            "acv_share": ratio(
                rows["acv_cents"], look_up(rows["credit_model"], whole["acv_cents"])
            ),
            "campaign_cost_amount": from_cents(rows["campaign_cents"].astype("Int64")),
            "staff_cost_amount": from_cents(rows["staff_cents"].astype("Int64")),
            "cost_amount": from_cents(cost),
            "staff_count": rows["staff_count"],
            "cost_per_pipeline": ratio(cost, priced["pipeline_cents"]),
            "cost_per_acv": ratio(cost, priced["acv_cents"]),
            "pipeline_per_staff_amount": ratio(from_cents(staffed["pipeline_cents"]), staff),
            "acv_per_staff_amount": ratio(from_cents(staffed["acv_cents"]), staff),
            "touch_count": rows["touch_count"],
            **{name: rows[name] for name in counts},
            "is_grey": few,
            "note": pd.Series(none, index=rows.index, dtype="str")
            .where(cost.isna(), "")
            .mask(is_brief, BRIEF),
        }
    )


def _is_brief(rows: pd.DataFrame) -> pd.Series:
    """Tell where an amount by employee would be too high, for the reason in ``BRIEF``."""
    price = ratio(rows["staff_cents"], rows["staff_count"])
    of_sources = price.where(rows["by"] == "source")
    usual = of_sources.groupby(rows["credit_model"]).transform("median")
    return (price > _DEAR * usual).fillna(False).astype(bool) & (rows["by"] != "all")


def _divided(rows: pd.DataFrame, counts: pd.Series) -> pd.DataFrame:
    """
    Give the pipeline and ACV by which a row is divided; in the total only those of its sources.

    Money that no touch reached, or whose sources have no cost (or no staff), would make the total
    cheaper than each of its parts.
    """
    columns = ["pipeline_cents", "acv_cents"]
    named = (rows["by"] == "source") & (rows["value"] != UNATTRIBUTED) & counts.fillna(False)
    parts = rows[columns].where(named, 0)
    sums = parts.groupby(rows["credit_model"]).transform("sum")
    return rows[columns].where(rows["by"] != "all", sums)


def marketing_cells(
    credits: pd.DataFrame,
    deals: pd.DataFrame,
    cut_tables: CutTables,
    cuts: Sequence[str],
    minimum_count: int,
) -> pd.DataFrame:
    """
    Give pipeline and ACV of each source by product, industry, region and segment.

    Parameters
    ----------
    credits
        Credited touches of a scope (``source_deals``).
    deals
        Prepared deals.
    cut_tables, cuts
        Where the cuts come from, and which ones.
    minimum_count
        Fewer credited deals are grey.

    Returns
    -------
    DataFrame
        Table ``marketing_cells``; the cells of a cut add up to all pipeline and all ACV.
    """
    keyed = deals[["opportunity_id", "owner_id", "account_id"]]
    attached = cut_tables.attach(keyed, cuts).drop(columns=["owner_id", "account_id"])
    rows = credits.merge(attached, "left", "opportunity_id")
    rows = rows.assign(known=known(rows["cents"]))
    parts = []
    for cut in cuts:
        grouped = rows.rename(columns={cut: "cut_value"}).groupby(
            ["scope", "credit_model", "source", "cut_value", "figure"]
        )
        sums = grouped[["known", "share"]].sum().unstack("figure")
        empty = pd.Series(0.0, index=sums.index)
        values = {
            f"{figure}_{name}": sums.get((column, figure), empty).fillna(0)
            for figure in ("pipeline", "acv")
            for column, name in (("known", "cents"), ("share", "deals"))
        }
        parts.append(pd.DataFrame(values).reset_index().assign(cut=cut))
    if not parts:
        return table("marketing_cells").empty()
    found = pd.concat(parts, ignore_index=True)
    return found.assign(
        pipeline_amount=from_cents(found["pipeline_cents"]),
        acv_amount=from_cents(found["acv_cents"]),
        pipeline_deals=found["pipeline_deals"].round(9),
        acv_deals=found["acv_deals"].round(9),
        is_grey=found["pipeline_deals"] + found["acv_deals"] < minimum_count,
    ).drop(columns=["pipeline_cents", "acv_cents"])
