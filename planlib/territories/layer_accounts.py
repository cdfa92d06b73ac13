"""Which accounts a layer of roles serves: all with an owner, customers, or those on a line."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from planlib.settings.territory_models import LayerRule
from planlib.territories.columns import flag, text


def customers_of(segments: pd.DataFrame | None) -> frozenset[str] | None:
    """Give the accounts that step 02 counts as customers; None where it does not tell."""
    if segments is None or not {"account_id", "is_customer"} <= set(segments):
        return None
    if segments["is_customer"].isna().all():
        return None
    return frozenset(segments.loc[flag(segments, "is_customer"), "account_id"].astype("str"))


def lines_of(
    opportunities: pd.DataFrame | None, products: pd.DataFrame | None
) -> pd.DataFrame | None:
    """
    Give the business lines that accounts buy or may buy: of deals that are won or open.

    Parameters
    ----------
    opportunities
        ``account_id``, ``product_id``; deals by ``is_closed`` and ``is_won``, where there.
    products
        ``product_id`` and ``business_line``.

    Returns
    -------
    DataFrame or None
        ``account_id``, ``business_line``, each pair once; None where the tables do not tell.
    """
    if opportunities is None or not {"account_id", "product_id"} <= set(opportunities):
        return None
    if products is None or not {"product_id", "business_line"} <= set(products):
        return None
    known = products.drop_duplicates("product_id")
    line = dict(zip(known["product_id"], text(known, "business_line"), strict=True))
    lost = flag(opportunities, "is_closed") & ~flag(opportunities, "is_won")
    pairs = pd.DataFrame({
        "account_id": text(opportunities, "account_id"),
        "business_line": opportunities["product_id"].map(line).astype("str"),
    })[~lost]  # fmt: skip
    pairs = pairs.dropna().drop_duplicates(ignore_index=True)
    return None if pairs.empty else pairs


def not_served(
    rule: LayerRule, customers: Collection[str] | None, lines: pd.DataFrame | None
) -> tuple[str, ...]:
    """Say which rule of a layer on its accounts cannot be kept for want of data."""
    found = []
    if rule.customers_only and customers is None:
        found.append(
            f"layer {rule.name} serves all accounts, since it is not known which are customers"
        )
    if rule.business_line and lines is None:
        found.append(
            f"layer {rule.name} serves no account, since deals and products do not tell who buys "
            f"{rule.business_line}"
        )
    return tuple(found)


def served_accounts(
    plan: pd.DataFrame,
    rule: LayerRule,
    customers: Collection[str] | None,
    lines: pd.DataFrame | None,
) -> pd.DataFrame:
    """Give the accounts of a layer by owner, with what they weigh."""
    served = plan.sort_values("account_id", kind="stable").reset_index(drop=True)
    keep = served["rep_id"].notna()
    if rule.customers_only and customers is not None:
        keep &= served["account_id"].isin(set(customers))
    if rule.business_line:
        on_line: set[str] = set()
        if lines is not None:
            wanted = rule.business_line.strip().casefold()
            same = lines["business_line"].str.strip().str.casefold().eq(wanted)
            on_line = set(lines.loc[same.fillna(value=False), "account_id"])
        keep &= served["account_id"].isin(on_line)
    served = served[keep].reset_index(drop=True)
    hours, potential = (
        pd.to_numeric(served[name], errors="coerce")
        if name in served
        else pd.Series(np.nan, index=served.index)
        for name in ("workload_hours", "potential")
    )
    return pd.DataFrame({
        "account_id": served["account_id"], "owner_id": served["rep_id"].astype(str),
        "hours": hours.fillna(hours.median()).fillna(1.0), "potential": potential,
    })  # fmt: skip
