"""Balance of marketing: which touches help to create deals, to mature them, and to close them."""

from __future__ import annotations

import pandas as pd

from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import from_cents, known, ratio, split_cents, to_cents
from planlib.pipeline.sources import Scope, campaign_costs
from planlib.pipeline.touches import MarketingTables, between, named_touches, source_names
from planlib.tables import table

PHASES = ("creation", "maturing", "closing", "after", "no deal", "no touch")


def last_stage_dates(deals: pd.DataFrame, records: pd.DataFrame | None) -> pd.Series:
    """
    Give the day on which each deal entered the last open stage of the process.

    The last open stage is the one with the highest mean probability among open records.

    Parameters
    ----------
    deals
        Prepared deals; open ones have ``stage_entered_date``.
    records
        Table ``opportunity_history``, or None.

    Returns
    -------
    Series
        By ``opportunity_id``; deals that never were in that stage are left out.
    """
    past = table("opportunity_history").or_empty(records)
    seen = past.loc[past["is_closed"] == False, ["opportunity_id", "stage", "probability"]]  # noqa: E712
    now = deals.loc[deals["status"] == "open", ["opportunity_id", "stage", "probability"]]
    chances = pd.concat([seen, now]).dropna(subset=["stage", "probability"])
    if chances.empty:
        return pd.Series(dtype="datetime64[us]")
    mean = chances.groupby("stage")["probability"].mean().reset_index()
    last = mean.sort_values(["probability", "stage"]).iloc[-1]["stage"]
    entered = past.loc[
        (past["stage"] == last) & (past["is_closed"] == False),  # noqa: E712
        ["opportunity_id", "snapshot_date"],
    ].rename(columns={"snapshot_date": "day"})
    open_now = deals[(deals["status"] == "open") & (deals["stage"] == last)]
    today = open_now[["opportunity_id", "stage_entered_date"]].dropna()
    both = pd.concat([entered, today.rename(columns={"stage_entered_date": "day"})])
    first: pd.Series = both.groupby("opportunity_id")["day"].min()
    return first


def marketing_balance(
    deals: pd.DataFrame,
    linked: pd.DataFrame,
    tables: MarketingTables,
    scope: Scope,
    records: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Give touches, deals touched and cost by source and phase of the deal.

    Parameters
    ----------
    deals
        Prepared deals plus ``created_cents``.
    linked
        Touches of deals (``linked_touches``).
    tables
        Touches and campaigns.
    scope
        The days on which touches count.
    records
        Table ``opportunity_history``, for when a deal entered the last stage.

    Returns
    -------
    DataFrame
        Table ``marketing_balance``. A touch stands in one phase, of the first deal it reached.
        The cost of a campaign is even over its touches of the scope, so the phases add up to
        the source's cost; a campaign without touches stands under "no touch".
    """
    touches = named_touches(tables)
    touches = touches[between(touches["touch_date"], scope.first, scope.last)]
    named = linked[linked["touch_id"].isin(touches["touch_id"])]
    placed = _phases(deals, named, last_stage_dates(deals, records))
    one = placed.drop_duplicates("touch_id").set_index("touch_id")["phase"]
    phase = look_up(touches["touch_id"], one).astype("str").fillna("no deal")
    touches = touches.assign(phase=phase)
    costs = campaign_costs(tables.get("campaigns"), scope)
    total = known(costs["campaign_cents"]) + known(costs["staff_cents"])
    touches = touches.assign(cents=look_up(touches["campaign_id"], total).astype("Int64"))
    touches = touches.sort_values("touch_id", ignore_index=True)
    group = touches["campaign_id"].fillna("")
    ones = pd.Series(1.0, index=touches.index)
    touches = touches.assign(cents=split_cents(touches["cents"], ones, group))
    rows = touches.assign(touch_count=1, known=known(touches["cents"]))[
        ["source", "phase", "touch_count", "known"]
    ]
    alone = total[~total.index.isin(touches["campaign_id"].dropna())]
    campaigns = tables.get("campaigns").drop_duplicates("campaign_id").set_index("campaign_id")
    rest = pd.DataFrame(
        {
            "source": source_names(campaigns["source"].reindex(alone.index)).to_numpy(),
            "phase": "no touch",
            "touch_count": 0,
            "known": alone.to_numpy(dtype="int64"),
        }
    )
    both = pd.concat([rows, rest[rest["known"] > 0]], ignore_index=True)
    sums = both.groupby(["source", "phase"])[["touch_count", "known"]].sum()
    found = sums.join(_touched(placed, deals)).reset_index()
    return _balance_shares(found, scope, last_known=bool((placed["phase"] == "closing").any()))


def _phases(deals: pd.DataFrame, linked: pd.DataFrame, last_stage: pd.Series) -> pd.DataFrame:
    facts = deals[["opportunity_id", "created_date", "close_date", "status"]]
    rows = linked.merge(facts, "left", "opportunity_id")
    entered = pd.Series(
        last_stage.reindex(rows["opportunity_id"]).to_numpy(), index=rows.index
    ).astype("datetime64[us]")
    day = rows["touch_date"]
    closed = rows["status"].isin(["won", "lost"]) & (day > rows["close_date"])
    phase = pd.Series("maturing", index=rows.index, dtype="str")
    phase = phase.mask(day <= rows["created_date"], "creation")
    phase = phase.mask((day >= entered) & (phase != "creation"), "closing").mask(closed, "after")
    return rows.assign(phase=phase)


def _touched(placed: pd.DataFrame, deals: pd.DataFrame) -> pd.DataFrame:
    once = placed.drop_duplicates(["source", "phase", "opportunity_id"])
    cents = deals.set_index("opportunity_id")["amount"]
    amount = known(to_cents(look_up(once["opportunity_id"], cents)))
    grouped = once.assign(amount=amount).groupby(["source", "phase"])
    return pd.DataFrame(
        {"deal_count": grouped.size(), "deal_amount": from_cents(grouped["amount"].sum())}
    )


def _balance_shares(rows: pd.DataFrame, scope: Scope, *, last_known: bool) -> pd.DataFrame:
    by = rows.groupby("source")
    note = "" if last_known else "the last stage is not known, so closing stands under maturing"
    has_deal = ~rows["phase"].isin(["no deal", "no touch"])
    place = {phase: at for at, phase in enumerate(PHASES)}
    rows = rows.assign(
        scope=scope.name,
        touch_share=ratio(rows["touch_count"], by["touch_count"].transform("sum")),
        cost_amount=from_cents(rows["known"]),
        cost_share=ratio(rows["known"], by["known"].transform("sum")),
        deal_count=rows["deal_count"].fillna(0).where(has_deal, 0),
        note=pd.Series(note, index=rows.index, dtype="str").where(rows["phase"] == "maturing", ""),
        place=rows["phase"].map(place),
    )
    return rows.sort_values(["source", "place"], ignore_index=True).drop(columns=["known", "place"])
