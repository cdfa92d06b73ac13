"""Accounts that account-based campaigns reached: whether they came to us, what was created, won."""

from __future__ import annotations

import pandas as pd

from planlib.hygiene.activities import by_persons
from planlib.pipeline.cuts import CutTables
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import from_cents, known, to_cents
from planlib.pipeline.sources import Scope
from planlib.pipeline.touches import MarketingTables, between, named_touches
from planlib.tables import table

SOURCE = "account-based"


def account_based_accounts(
    credits: pd.DataFrame,
    deals: pd.DataFrame,
    tables: MarketingTables,
    cut_tables: CutTables,
    scope: Scope,
) -> pd.DataFrame:
    """
    Give engagement, pipeline and ACV of each account that account-based campaigns touched.

    Parameters
    ----------
    credits
        Credited touches of the scope, of one credit model (``source_deals``).
    deals
        Prepared deals plus ``created_cents``.
    tables
        Touches, campaigns, activities, accounts.
    cut_tables
        For the segment of an account.
    scope
        The days.

    Returns
    -------
    DataFrame
        Table ``marketing_accounts``, largest created pipeline first: every account reached until
        the end of the scope. What counts for it lies in the scope, and not before its first such
        touch. Activities that a system sent are left out. Credited amounts add up to those of the
        source.
    """
    mine = credits[credits["source"] == SOURCE]
    of_deal = deals.set_index("opportunity_id")["account_id"]
    mine = mine.assign(
        account_id=look_up(mine["opportunity_id"], of_deal), known=known(mine["cents"])
    )
    reached = _reached(mine, of_deal, tables, scope)
    if reached.empty:
        return table("marketing_accounts").empty()
    acts = tables.get("activities")
    came = by_persons(acts[(acts["direction"] == "in").fillna(False).astype(bool)])
    won = deals[deals["status"] == "won"]
    parts = {
        "engaged": _since(came, "activity_date", reached, scope),
        "created": _since(deals, "created_date", reached, scope),
        "won": _since(won, "close_date", reached, scope),
    }
    counts = {f"{name}_count": part.groupby("account_id").size() for name, part in parts.items()}
    cents = {
        "pipeline": known(parts["created"]["created_cents"]).groupby(
            parts["created"]["account_id"]
        ),
        "acv": known(to_cents(parts["won"]["amount"])).groupby(parts["won"]["account_id"]),
    }
    given = mine.groupby(["figure", "account_id"])["known"].sum()
    rows = reached.assign(**{
        name: look_up(reached["account_id"], count).fillna(0) for name, count in counts.items()
    })  # fmt: skip
    for figure, grouped in cents.items():
        own = (
            given[figure] if figure in given.index.get_level_values(0) else pd.Series(dtype="int64")
        )
        for name, sums in ((figure, grouped.sum()), (f"{figure}_credited", own)):
            found = look_up(rows["account_id"], sums).fillna(0).astype("int64")
            rows[f"{name}_amount"] = from_cents(found)
    return _named(rows, tables, cut_tables).assign(scope=scope.name).sort_values(
        ["pipeline_amount", "touch_count", "account_id"],
        ascending=[False, False, True], ignore_index=True,
    )  # fmt: skip


def _reached(
    mine: pd.DataFrame, of_deal: pd.Series, tables: MarketingTables, scope: Scope
) -> pd.DataFrame:
    """Give accounts touched by such campaigns until the end of the scope, and the first day."""
    touches = named_touches(tables)
    touches = touches[
        (touches["source"] == SOURCE) & (touches["touch_date"] <= pd.Timestamp(scope.last))
    ]
    named = look_up(touches["opportunity_id"], of_deal)
    touches = touches.assign(
        account_id=touches["account_id"].where(touches["account_id"].notna(), named),
        is_inside=between(touches["touch_date"], scope.first, scope.last).astype("int64"),
    )
    columns = ["account_id", "touch_date", "is_inside"]
    both = pd.concat([touches[columns], mine.assign(is_inside=0)[columns]], ignore_index=True)
    grouped = both.dropna(subset=["account_id"]).groupby("account_id")
    return grouped.agg(
        touch_count=("is_inside", "sum"), first_touch_date=("touch_date", "min")
    ).reset_index()  # fmt: skip


def _since(rows: pd.DataFrame, day: str, reached: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Give the rows of reached accounts in the scope, from the account's first touch on."""
    first = look_up(rows["account_id"], reached.set_index("account_id")["first_touch_date"])
    inside = between(rows[day], scope.first, scope.last)
    return rows[inside & (rows[day] >= first).fillna(False)]


def _named(rows: pd.DataFrame, tables: MarketingTables, cut_tables: CutTables) -> pd.DataFrame:
    accounts = tables.get("accounts").drop_duplicates("account_id").set_index("account_id")
    keyed = rows[["account_id"]].assign(opportunity_id="", owner_id="")
    return rows.assign(
        name=look_up(rows["account_id"], accounts["name"]),
        segment=cut_tables.attach(keyed, ["segment"])["segment"].to_numpy(),
    )
