"""What key accounts need in three horizons: from the register, or as proposals without one."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.key_accounts.register import DEAL, HORIZON_MONTHS, OPEN, horizon_of, register_needs
from planlib.tables import table

#: Origin of open deals whose close date has passed: they may be dead, and no picture counts them.
OVERDUE_DEALS = "overdue deals"


def account_horizons(
    accounts: pd.DataFrame,
    as_of: date,
    *,
    needs: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
    confirmed: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Sum the needs of accounts by horizon.

    With a needs register only its open needs count, in the horizon that holds today (see
    ``register_needs``). Without one, open deals are proposed by close date, those past it apart
    as overdue deals, and white space (potential less contract value in force less open deals) for
    one to three years, until a person confirms them.

    Parameters
    ----------
    accounts
        The key accounts: ``account_id``, ``potential``, ``acv``.
    as_of
        As-of date.
    needs
        Table ``needs``.
    opportunities
        ``account_id``, ``is_closed``, ``close_date``, ``amount``, ``probability``.
    confirmed
        Proposals that a person confirmed, in the columns of ``needs``: they count as needs, and
        no more as proposals.
    previous
        Table ``key_account_needs`` of the last published cycle, for needs without a day.

    Returns
    -------
    DataFrame
        Table ``key_account_horizons``. Values that are not known are counted in
        ``unknown_count`` and left out of the sums.
    """
    items = _from_register(register_needs(needs, as_of, confirmed, previous))
    if needs is None:
        settled = set() if confirmed is None else set(confirmed["need_id"])
        proposed = [
            _from_deals(opportunities, as_of, settled),
            _white_space(accounts, opportunities, items, settled),
        ]
        items = pd.concat([items, *[part for part in proposed if len(part)]], ignore_index=True)
    items = items[items["account_id"].isin(accounts["account_id"])]
    return table("key_account_horizons").check(_sum(items))


def horizon_totals(horizons: pd.DataFrame) -> pd.DataFrame:
    """
    Sum needs over accounts, nearest horizon first.

    Parameters
    ----------
    horizons
        Table ``key_account_horizons``.

    Returns
    -------
    DataFrame
        ``horizon``, ``origin``, ``account_count``, ``need_count``, ``value``, ``expected_value``,
        ``gap_value``, ``unknown_count``; a sum of nothing known is NA.
    """
    order = pd.Categorical(horizons["horizon"], categories=list(HORIZON_MONTHS), ordered=True)
    grouped = horizons.assign(horizon=order).groupby(["horizon", "origin"], observed=True)
    sums = grouped[["need_count", "value", "expected_value", "gap_value", "unknown_count"]].sum(
        min_count=1
    )
    totals = sums.reset_index().astype({"horizon": "str"})
    totals.insert(2, "account_count", grouped["account_id"].nunique().to_numpy())
    return totals


def _from_register(register: pd.DataFrame) -> pd.DataFrame:
    mine = register[register["status"] == OPEN]
    return mine[["need_id", "account_id", "horizon", "value", "likelihood", "fit", "origin"]]


def _from_deals(opportunities: pd.DataFrame | None, as_of: date, settled: set[str]) -> pd.DataFrame:
    if opportunities is None:
        return pd.DataFrame()
    deals = opportunities[~opportunities["is_closed"].fillna(False).astype(bool)]
    deals = deals[~(DEAL + deals["opportunity_id"].astype("str")).isin(settled)]
    is_over = (deals["close_date"] < pd.Timestamp(as_of)).fillna(False).astype(bool)
    items = pd.DataFrame(
        {
            "account_id": deals["account_id"],
            "horizon": horizon_of(deals["close_date"], as_of),
            "value": deals["amount"],
            "likelihood": deals["probability"],
            "fit": np.nan,
            "origin": pd.Series("open deals", index=deals.index, dtype="str").mask(
                is_over, OVERDUE_DEALS
            ),
        }
    )
    return items[items["horizon"].notna()]


def _white_space(
    accounts: pd.DataFrame,
    opportunities: pd.DataFrame | None,
    confirmed: pd.DataFrame,
    settled: set[str],
) -> pd.DataFrame:
    """Give potential less contract value in force less open deals less other confirmed needs."""
    pending: pd.Series = pd.Series(0.0, index=accounts.index)
    if opportunities is not None:
        deals = opportunities[~opportunities["is_closed"].fillna(False).astype(bool)]
        sums = deals.groupby("account_id")["amount"].sum()
        pending = accounts["account_id"].map(sums).fillna(0.0)
    if settled:
        others = confirmed[~confirmed["need_id"].str.startswith(DEAL)]
        sums = others.groupby("account_id")["value"].sum()
        pending = pending + accounts["account_id"].map(sums).fillna(0.0).astype("float64")
    space = (accounts["potential"] - accounts["acv"].fillna(0.0) - pending).clip(lower=0)
    items = pd.DataFrame(
        {
            "account_id": accounts["account_id"],
            "horizon": "1-3y",
            "value": space,
            "likelihood": np.nan,
            "fit": np.nan,
            "origin": "white space",
        }
    )
    return items[items["value"] > 0]


def _sum(items: pd.DataFrame) -> pd.DataFrame:
    likely = items["value"].astype("float64") * items["likelihood"].astype("float64")
    gap = likely * (1 - items["fit"].astype("float64"))
    unknown = items[["value", "likelihood", "fit"]].isna().any(axis=1)
    filled = items.assign(expected_value=likely, gap_value=gap, unknown_count=unknown)
    keys = ["account_id", "horizon", "origin"]
    grouped = filled.groupby(keys, sort=True)
    sums = grouped[["value", "expected_value", "gap_value"]].sum(min_count=1)
    counts = grouped.agg(need_count=("horizon", "size"), unknown_count=("unknown_count", "sum"))
    return sums.join(counts).reset_index()
