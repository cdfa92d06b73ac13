"""What accounts bought so far: yearly spend, won deals and products, as of a date."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.segmentation.coded import Codes, Flags, Numbers, column, days_before, numbers, sums

YEAR_DAYS = 365


@dataclass(frozen=True)
class Purchases:
    """
    Purchases of each account from its won deals.

    Parameters
    ----------
    known
        Whether deals tell about purchases at all.
    won_count
        Deals won up to the as-of date.
    last_won_days
        Days from the last won deal to the as-of date; NaN without one.
    year_amount
        Amount won in the 365 days up to the as-of date; NaN without a deal won then.
    product_count
        Different products won; NaN where no product is known.
    """

    known: bool
    won_count: Codes
    last_won_days: Numbers
    year_amount: Numbers
    product_count: Numbers


def purchases(
    ids: pd.Series,
    opportunities: pd.DataFrame | None,
    opportunity_lines: pd.DataFrame | None,
    as_of: datetime.date,
) -> Purchases:
    """
    Sum up the won deals of each account; later deals than the as-of date do not count.

    Parameters
    ----------
    ids
        Accounts in order.
    opportunities, opportunity_lines
        Deals, and their product lines; the deal's main product counts where it has no lines.
    as_of
        Last day that counts.
    """
    nothing = np.full(len(ids), np.nan)
    if opportunities is None or "is_won" not in opportunities.columns:
        return Purchases(False, np.zeros(len(ids), dtype=np.intp), nothing, nothing, nothing)
    deals = opportunities
    account = pd.Index(ids).get_indexer(pd.Index(column(deals, "opportunities", "account_id")))
    account = np.where(column(deals, "opportunities", "account_id").isna(), -1, account)
    won = column(deals, "opportunities", "is_won").fillna(False).to_numpy(dtype=bool)
    closed = column(deals, "opportunities", "close_date")
    days = days_before(closed, as_of)
    counted = won & (account >= 0) & (np.isnan(days) | (days >= 0))
    last = np.full(len(ids), np.inf)
    dated = counted & ~np.isnan(days)
    np.minimum.at(last, account[dated], days[dated])
    amount = numbers(deals, "opportunities", "amount")
    this_year = dated & (days < YEAR_DAYS)
    order = np.lexsort((amount[this_year], account[this_year]))
    return Purchases(
        True,
        np.bincount(account[counted], minlength=len(ids)),
        np.where(np.isinf(last), np.nan, last),
        sums(account[this_year][order], amount[this_year][order], len(ids)),
        _products(deals, opportunity_lines, account, counted, len(ids)),
    )


def _products(
    deals: pd.DataFrame,
    lines: pd.DataFrame | None,
    account: Codes,
    counted: Flags,
    size: int,
) -> Numbers:
    """Count the different products of the counted deals by account."""
    deal_ids = column(deals, "opportunities", "opportunity_id")
    bought = pd.DataFrame(
        {
            "deal": deal_ids[counted],
            "account": account[counted],
            "product": column(deals, "opportunities", "product_id")[counted],
        }
    )
    if lines is not None and len(lines):
        detail = pd.DataFrame(
            {
                "deal": column(lines, "opportunity_lines", "opportunity_id"),
                "product": column(lines, "opportunity_lines", "product_id"),
            }
        )
        detail = detail.merge(bought[["deal", "account"]], on="deal")
        bought = pd.concat([bought[~bought["deal"].isin(detail["deal"])], detail])
    pairs = bought.dropna(subset=["product"]).drop_duplicates(["account", "product"])
    count = np.bincount(pairs["account"].to_numpy(dtype=np.intp), minlength=size)
    return np.where(count > 0, count, np.nan).astype(float)


def yearly_spend(acv: Numbers, bought: Purchases) -> Numbers:
    """
    Give what each account spends with us a year.

    The contract value in force where it is given, 0 included; else the amount won in the last
    365 days; NaN where neither is known.
    """
    return np.where(np.isnan(acv), bought.year_amount, acv)
