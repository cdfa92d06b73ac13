"""The goal of account work: number and quality of projects over years, not of one quarter."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import from_cents, to_cents
from planlib.tables import table


def projects_by_year(
    keys: pd.DataFrame,
    years: int,
    as_of: date,
    *,
    projects: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
    products: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Count the projects of each key account by year of the decision, with their quality.

    Parameters
    ----------
    keys
        ``account_id`` of the key accounts.
    years
        Years shown, the year of the as-of date included.
    as_of
        Later decisions do not count.
    projects
        Input table. Without it, new and expansion deals stand in, and the basis says so.
    opportunities, products
        Deals with close date; margin shares for deals.

    Returns
    -------
    DataFrame
        Table ``key_account_projects``: one row per account and year; a year before the first
        decision in the data is not known, not zero.
    """
    contract = table("key_account_projects")
    rows, basis = _decided(projects, opportunities, products)
    now = pd.Timestamp(as_of)
    rows = rows[rows["decided"] <= now]
    if rows.empty:
        return contract.empty()
    first = rows["decided"].min()
    span = range(as_of.year - years + 1, as_of.year + 1)
    grid = keys[["account_id"]].sort_values("account_id").merge(
        pd.DataFrame({"year": list(span)}), how="cross"
    )  # fmt: skip
    mine = rows.assign(year=rows["decided"].dt.year)
    won = mine[mine["is_won"]]
    priced = won[won["cents"].notna()]
    margined = priced[priced["margin_share"].notna()]
    margined = margined.assign(
        margin=margined["cents"].astype("float64") * margined["margin_share"]
    )
    key = ["account_id", "year"]
    place = pd.MultiIndex.from_frame(grid[key])

    def taken(values: pd.Series) -> pd.Series:
        return pd.Series(values.reindex(place).to_numpy(), index=grid.index)

    known = pd.Series(
        [pd.Timestamp(year, 1, 31) >= first for year in grid["year"]], index=grid.index
    )
    won_count = taken(won.groupby(key).size()).fillna(0)
    lost_count = taken(mine[~mine["is_won"]].groupby(key).size()).fillna(0)
    amount = from_cents(taken(priced.groupby(key)["cents"].sum()).astype("Int64"))
    counted = taken(priced.groupby(key).size())
    base = taken(margined.groupby(key)["cents"].sum()).astype("float64")
    both = (won_count + lost_count).where(won_count + lost_count > 0)
    return contract.check(
        grid.assign(
            basis=basis,
            won_count=won_count.where(known),
            lost_count=lost_count.where(known),
            won_amount=amount.where(known),
            win_share=(won_count / both).where(known),
            mean_amount=(amount / counted).where(known),
            margin_share=(taken(margined.groupby(key)["margin"].sum()) / base.where(base > 0)),
            is_known=known,
        )
    )


def _decided(
    projects: pd.DataFrame | None,
    opportunities: pd.DataFrame | None,
    products: pd.DataFrame | None,
) -> tuple[pd.DataFrame, str]:
    deals = table("opportunities").or_empty(opportunities)
    if projects is not None and len(projects):
        closed = deals.drop_duplicates("opportunity_id").set_index("opportunity_id")["close_date"]
        is_won = projects["contract_date"].notna()
        lost = projects["status"].fillna("").str.casefold().eq("lost") & ~is_won
        day = projects["contract_date"].fillna(
            look_up(projects["opportunity_id"], closed).where(lost)
        )
        found = pd.DataFrame(
            {
                "account_id": projects["account_id"],
                "decided": day,
                "is_won": is_won,
                "cents": to_cents(projects["contract_amount"]),
                "margin_share": projects["margin_share"],
            }
        )
        return found[is_won | lost], "projects"
    kept = deals[
        deals["is_closed"].fillna(False).astype(bool)
        & deals["deal_type"].fillna("new").isin(["new", "expansion"])
    ]
    goods = table("products").or_empty(products)
    share = goods.drop_duplicates("product_id").set_index("product_id")["margin_share"]
    found = pd.DataFrame(
        {
            "account_id": kept["account_id"],
            "decided": kept["close_date"],
            "is_won": kept["is_won"].fillna(False).astype(bool),
            "cents": to_cents(kept["amount"]),
            "margin_share": kept["product_id"].map(share).astype("float64"),
        }
    )
    return found, "deals"
