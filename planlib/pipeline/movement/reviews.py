"""Manager review of open deals: how much of the pipeline a manager has looked at."""

from __future__ import annotations

import pandas as pd

from planlib.pipeline.cuts import TOTAL, CutTables
from planlib.pipeline.money import from_cents, known, ratio, to_cents
from planlib.pipeline.movement.cells import CELL, by_cut, value_of

#: Counts of the table, and the review status that each counts.
STATES = {"reviewed_count": "reviewed", "waiting_count": "open", "rejected_count": "rejected"}


def review_coverage(
    open_deals: pd.DataFrame, deals: pd.DataFrame, tables: CutTables
) -> pd.DataFrame:
    """
    Give the share of open deals that their manager has reviewed.

    Parameters
    ----------
    open_deals
        Open deals of the as-of date.
    deals
        Prepared deals with ``review_status``.
    tables
        For managers.

    Returns
    -------
    DataFrame
        Table ``pipeline_reviews``, the total first, then the manager with the most open amount
        not reviewed. A deal is reviewed when its status is "reviewed"; rejected ones were looked
        at and sent back. Empty when no deal has a review status.
    """
    status = value_of(
        open_deals["opportunity_id"], deals.set_index("opportunity_id")["review_status"]
    )
    if status.isna().all():
        return pd.DataFrame()
    cents = known(to_cents(open_deals["amount"]))
    facts = open_deals[["opportunity_id", "owner_id", "account_id"]].assign(
        deal_count=1, open_cents=cents, reviewed_cents=cents.where(status == "reviewed", 0)
    )
    for name, word in STATES.items():
        facts[name] = (status == word).fillna(False).astype("int64")
    facts["blank_count"] = status.isna().astype("int64")
    sums = by_cut(facts, tables, ["manager"])
    sums = sums.groupby(CELL)[[*facts.columns[3:]]].sum().reset_index()
    whole, seen = from_cents(sums["open_cents"]), from_cents(sums["reviewed_cents"])
    table = sums.drop(columns=["open_cents", "reviewed_cents"]).assign(
        open_amount=whole,
        reviewed_amount=seen,
        reviewed_share=ratio(sums["reviewed_count"], sums["deal_count"]),
        reviewed_amount_share=ratio(seen, whole),
        left=(whole - seen).mask(sums["cut"] == TOTAL, float("inf")),
    )
    ranked = table.sort_values(["left", "cut_value"], ascending=[False, True], ignore_index=True)
    return ranked.drop(columns="left")
