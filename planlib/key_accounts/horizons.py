"""What key accounts need in three horizons: from the register, or as proposals without one."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.tables import table

#: Months after the as-of date at which a horizon ends.
HORIZON_MONTHS = {"0-3m": 3, "3-12m": 12, "1-3y": 36}


def horizon_of(days: pd.Series, as_of: date) -> pd.Series:
    """
    Give the horizon of each date; NA beyond three years.

    A date before the as-of date that is still open counts in the first horizon.
    """
    start = pd.Timestamp(as_of)
    horizon = pd.Series(pd.NA, index=days.index, dtype="str")
    for name, months in reversed(HORIZON_MONTHS.items()):
        horizon = horizon.mask(days <= start + pd.DateOffset(months=months), name)
    return horizon


def account_horizons(
    accounts: pd.DataFrame,
    as_of: date,
    *,
    needs: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Sum the needs of accounts by horizon.

    With a needs register only its open needs count. Without one, open deals are proposed by close
    date, and white space (potential less contract value in force less open deals) for one to three
    years, until a person confirms them.

    Parameters
    ----------
    accounts
        The key accounts: ``account_id``, ``potential``, ``acv``.
    as_of
        As-of date.
    needs
        ``account_id``, ``horizon``, ``value``, ``likelihood``, ``fit``, ``status``,
        ``recorded_date``.
    opportunities
        ``account_id``, ``is_closed``, ``close_date``, ``amount``, ``probability``.

    Returns
    -------
    DataFrame
        Table ``key_account_horizons``. Values that are not known are counted in
        ``unknown_count`` and left out of the sums.
    """
    if needs is not None:
        items = _from_register(needs, as_of)
    else:
        items = pd.concat(
            [_from_deals(opportunities, as_of), _white_space(accounts, opportunities)],
            ignore_index=True,
        )
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


def _from_register(needs: pd.DataFrame, as_of: date) -> pd.DataFrame:
    current = needs["recorded_date"].isna() | (needs["recorded_date"] <= pd.Timestamp(as_of))
    is_open = needs["status"].isna() | (needs["status"] == "open")
    mine = needs[current & is_open]
    return mine[["account_id", "horizon", "value", "likelihood", "fit"]].assign(origin="register")


def _from_deals(opportunities: pd.DataFrame | None, as_of: date) -> pd.DataFrame:
    columns = ["account_id", "horizon", "value", "likelihood", "fit", "origin"]
    if opportunities is None:
        return pd.DataFrame(columns=columns)
    deals = opportunities[~opportunities["is_closed"].fillna(False).astype(bool)]
    items = pd.DataFrame(
        {
            "account_id": deals["account_id"],
            "horizon": horizon_of(deals["close_date"], as_of),
            "value": deals["amount"],
            "likelihood": deals["probability"],
            "fit": np.nan,
            "origin": "open deals",
        }
    )
    return items[items["horizon"].notna()]


def _white_space(accounts: pd.DataFrame, opportunities: pd.DataFrame | None) -> pd.DataFrame:
    pending: pd.Series = pd.Series(0.0, index=accounts.index)
    if opportunities is not None:
        deals = opportunities[~opportunities["is_closed"].fillna(False).astype(bool)]
        sums = deals.groupby("account_id")["amount"].sum()
        pending = accounts["account_id"].map(sums).fillna(0.0)
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
