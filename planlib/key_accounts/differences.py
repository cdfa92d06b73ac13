"""The list that sales alone would give, and who differs from it and why."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.key_accounts.factors import won_amounts
from planlib.key_accounts.findings import written
from planlib.key_accounts.ranking import cut_offs, rank_in_strata
from planlib.settings.key_accounts import KeyAccountsSettings
from planlib.tables import table

MISSED = "key, missed by sales"
ADDED = "top by sales, not key"
_NAMED = 2
_SURE, _EDGE = 0.9, 0.5


def sales_list(
    accounts: pd.DataFrame,
    opportunities: pd.DataFrame | None,
    strata: pd.Series,
    settings: KeyAccountsSettings,
    as_of: date,
    *,
    cut_off: pd.Series,
) -> pd.DataFrame:
    """
    Rank accounts by the sales of the last twelve months alone.

    Parameters
    ----------
    accounts
        ``account_id``, ``acv`` (stands in where there are no opportunities).
    opportunities
        Won amounts by close date, or None.
    strata
        Stratum of each account, in the same order.
    settings
        ``top_share`` is used where no account of a stratum has a score.
    as_of
        As-of date.
    cut_off
        Last place by score that is key, per account's stratum: the list by sales is as long.

    Returns
    -------
    DataFrame
        ``sales_amount``, ``sales_rank``, ``is_top_by_sales``, in the order of ``accounts``.
    """
    sales = accounts["acv"]
    if opportunities is not None:
        last = pd.Timestamp(as_of)
        first = last - pd.DateOffset(years=1)
        sales = won_amounts(accounts, opportunities, first, last)
    selling = sales.where(sales > 0)
    rank = rank_in_strata(selling, selling, strata, accounts["account_id"])
    limit = cut_off.where(cut_off > 0).fillna(cut_offs(sales, strata, settings.top_share))
    top = (rank <= limit).fillna(False).astype("boolean")
    if sales.isna().all():
        top = pd.Series(pd.NA, index=sales.index, dtype="boolean")
    return pd.DataFrame({"sales_amount": sales, "sales_rank": rank, "is_top_by_sales": top})


def list_differences(key_accounts: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """
    Give the accounts on which the list and a list by sales alone differ, with the reason.

    Parameters
    ----------
    key_accounts, scores
        Tables that step 05 writes.

    Returns
    -------
    DataFrame
        Table ``key_account_differences``: missed ones first, then by place.
    """
    key = key_accounts["is_key"].astype(bool)
    top = key_accounts["is_top_by_sales"].fillna(False).astype(bool)
    known = key_accounts["is_top_by_sales"].notna()
    rows = key_accounts[known & (key != top)].copy()
    missed = rows["is_key"].astype(bool)
    rows["difference"] = pd.Series(ADDED, index=rows.index).mask(missed, MISSED)
    parts = scores.assign(part=scores["weight"] * scores["factor_score"])
    parts = parts[parts["part"].notna() & (parts["factor"] != "revenue")]
    strong = _named(parts, ascending=False)
    weak = _named(parts, ascending=True)
    carried = rows["account_id"].map(strong).fillna("no factor but revenue is known")
    held = rows["account_id"].map(weak).fillna("no factor but revenue is known")
    sold = ("place " + rows["sales_rank"].astype("str") + " by sales").where(
        rows["sales_rank"].notna(), "nothing sold"
    )
    scored = ("place " + rows["rank"].astype("str") + " by score").where(
        rows["rank"].notna(), "no place by score"
    )
    low = sold + ", " + scored + ": carried by " + carried
    high = sold + ", " + scored + ": held back by " + held
    decided = rows["reason"].str.startswith("decided by")
    rows["reason"] = high.mask(missed, low).mask(decided, rows["reason"])
    columns = [
        "account_id",
        "difference",
        "stratum",
        "sales_amount",
        "sales_rank",
        "rank",
        "score",
        "reason",
    ]
    ordered = rows.sort_values(["difference", "rank", "account_id"], ignore_index=True)
    return table("key_account_differences").check(ordered[columns])


def list_checks(key_accounts: pd.DataFrame, settings: KeyAccountsSettings) -> pd.DataFrame:
    """
    Say how far the list hangs on its rule and on its weights.

    Parameters
    ----------
    key_accounts
        Table ``key_accounts``.
    settings
        ``weight_spread``: the concentration of the weights drawn.

    Returns
    -------
    DataFrame
        ``check``, ``count``, ``of_count``, ``meaning``.
    """
    scored = key_accounts[key_accounts["score"].notna()]
    by_topsis = (scored["topsis_rank"] <= scored["cut_off_rank"]).fillna(False).astype(bool)
    is_key = scored["is_key"].astype(bool)
    chance = scored.loc[is_key, "in_list_probability"]
    drawn = f"of weights drawn around those of the plan, concentration {settings.weight_spread:g}"
    rows = [
        ("same verdict by TOPSIS", (is_key == by_topsis).sum(), len(scored), "of scored accounts"),
        (
            "key accounts sure of their place",
            (chance >= _SURE).sum(),
            len(chance),
            f"in the top of their stratum in 90 % {drawn}",
        ),
        (
            "key accounts on the edge",
            (chance < _EDGE).sum(),
            len(chance),
            f"in the top in less than half {drawn}",
        ),
    ]
    frame = pd.DataFrame(rows, columns=["check", "count", "of_count", "meaning"])
    return frame.astype({"count": "int64", "of_count": "int64"})


def _named(parts: pd.DataFrame, *, ascending: bool) -> pd.Series:
    """Name the strongest or weakest factors of each account with their scores."""
    by = "part" if not ascending else "factor_score"
    ordered = parts.sort_values(["account_id", by, "factor"], ascending=[True, ascending, True])
    some = ordered.groupby("account_id").head(_NAMED)
    text = some["factor"].astype("str") + " " + written(some["factor_score"], "{:.1f}")
    return text.groupby(some["account_id"]).agg(", ".join)
