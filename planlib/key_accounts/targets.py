"""Targets of key-account reps against a base of several years: no jump with one good year."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.key_accounts.coverage import is_active
from planlib.key_accounts.findings import written
from planlib.notes import count_of
from planlib.periods import Period
from planlib.pipeline.lookup import look_up
from planlib.pipeline.money import ratio
from planlib.settings.key_accounts import KeyAccountsSettings
from planlib.tables import table

_CUTS = ("product_family", "segment", "source", "deal_type")  # region and unit: a rep's place
_LEAST_YEARS = 2


def target_jumps(
    accounts: pd.DataFrame,
    key_accounts: pd.DataFrame,
    year: Period,
    settings: KeyAccountsSettings,
    as_of: date,
    *,
    reps: pd.DataFrame | None = None,
    targets: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Set the target of each rep with key accounts against the sales of several years.

    The base is the mean yearly amount won with the accounts that the rep owns today, over the
    whole twelve-month spans until the as-of date that the deals cover, ``revenue_years`` at most.
    A target is warned of when it lies above the base by more than ``jump_share`` and the last
    twelve months lie above the spans before by more than that too: one good year made the target.

    Parameters
    ----------
    accounts
        ``account_id``, ``owner_id``.
    key_accounts
        ``account_id``, ``is_key``.
    year
        Fiscal year whose targets are judged.
    settings
        ``revenue_years``, ``jump_share``.
    as_of
        As-of date; nobody who left before it is judged, nor an open seat.
    reps
        Table ``reps``; ``quota`` stands in for a target of the rep's own.
    targets
        Targets of reps, measure acv; the quarters or the year. A row of a rep may name the region
        and the unit of the rep, and no other cut.
    opportunities
        ``account_id``, ``is_won``, ``close_date``, ``amount``.

    Returns
    -------
    DataFrame
        Table ``key_account_target_jumps``, warnings first.
    """
    if reps is None or opportunities is None or "owner_id" not in accounts:
        return table("key_account_target_jumps").empty()
    owned = accounts[["account_id", "owner_id"]].dropna()
    keys = set(key_accounts.loc[key_accounts["is_key"].astype(bool), "account_id"])
    counts = owned[owned["account_id"].isin(keys)].groupby("owner_id").size()
    rows = pd.DataFrame(
        {"rep_id": counts.index.astype("str"), "key_account_count": counts.to_numpy()}
    )
    people = table("reps").coerce(reps)
    here = people.loc[is_active(people, as_of), "rep_id"]
    rows = rows[rows["rep_id"].isin(here)].reset_index(drop=True)
    found = rep_targets(rows["rep_id"], year, people, targets)
    rows["target_amount"], rows["target_origin"] = found["target_amount"], found["target_origin"]
    sales, years = _yearly_sales(owned, opportunities, settings.revenue_years, as_of)
    for span in range(settings.revenue_years):
        rows[span] = look_up(rows["rep_id"], sales[span]).fillna(0.0) if span < years else np.nan
    spans = rows[list(range(settings.revenue_years))]
    rows["last_amount"] = spans[0]
    rows["before_amount"] = spans.iloc[:, 1:years].mean(axis=1) if years > 1 else np.nan
    rows["base_amount"] = spans.mean(axis=1) if years else np.nan
    rows["year_count"] = years
    rows["top_account_share"] = look_up(rows["rep_id"], _top_share(owned, opportunities, as_of))
    rows["target_ratio"] = ratio(rows["target_amount"], rows["base_amount"])
    rows["last_ratio"] = ratio(rows["last_amount"], rows["before_amount"])
    rows = _judged(rows, settings, years).assign(period=year.name)
    kept = [column.name for column in table("key_account_target_jumps").columns]
    ordered = rows.sort_values(
        ["is_warning", "target_ratio", "rep_id"], ascending=[False, False, True]
    )
    return table("key_account_target_jumps").check(ordered[kept])


def _judged(rows: pd.DataFrame, settings: KeyAccountsSettings, years: int) -> pd.DataFrame:
    limit = 1 + settings.jump_share
    high = (rows["target_ratio"] > limit).fillna(False)
    jump = (rows["last_ratio"] > limit).fillna(False)
    times = written(rows["target_ratio"], "{:.2f}")
    last = written(rows["last_ratio"], "{:.2f}")
    reason = np.select(
        [
            rows["target_amount"].isna(),
            pd.Series(years < _LEAST_YEARS, index=rows.index),
            rows["target_ratio"].isna(),
            high & jump,
            high,
        ],
        [
            "no target and no quota of the rep for the year",
            f"deals cover {count_of(years, 'whole year')}: no base of several years",
            "nothing was won with the rep's accounts in these years",
            "target " + times + " x the base, last year " + last + " x the years before: one good "
            "year made the target",
            "target " + times + " x the base, though last year was no exception",
        ],
        "target " + times + " x the base",
    )
    known = rows["target_amount"].notna() & rows["target_ratio"].notna() & (years >= _LEAST_YEARS)
    warning = (high & jump).astype("boolean").mask(~known)
    return rows.assign(is_warning=warning, reason=pd.Series(reason, index=rows.index).astype("str"))


def rep_targets(
    rep_ids: pd.Series, year: Period, reps: pd.DataFrame, targets: pd.DataFrame | None
) -> pd.DataFrame:
    """
    Give the target of each rep for a fiscal year: of table targets, else the quota of reps.

    Rows of a rep count with or without the region and unit of the rep; a rep whose quarters are
    not all there has no target of the table.

    Returns
    -------
    DataFrame
        ``rep_id``, ``target_amount``, ``target_origin`` ("target", "quota" or NA), in the order of
        ``rep_ids``.
    """
    quota = look_up(rep_ids, reps.drop_duplicates("rep_id").set_index("rep_id")["quota"])
    own: pd.Series = pd.Series(np.nan, index=rep_ids.index)
    if targets is not None:
        plain = targets[targets["rep_id"].notna() & (targets["measure"] == "acv")]
        plain = plain[plain["target_amount"].notna()]
        plain = plain[plain[[name for name in _CUTS if name in plain]].isna().all(axis=1)]
        whole = plain[plain["period"] == year.name].groupby("rep_id")["target_amount"].sum()
        names = [part.name for part in year.parts("quarter")]
        parts = plain[plain["period"].isin(names)].groupby("rep_id")
        complete = parts["target_amount"].sum()[parts["period"].nunique() == len(names)]
        own = look_up(rep_ids, whole.combine_first(complete).astype("float64"))
    target = own.where(own.notna(), quota)
    origin = pd.Series("target", index=rep_ids.index).where(own.notna(), "quota")
    return pd.DataFrame(
        {
            "rep_id": rep_ids,
            "target_amount": target.astype("float64"),
            "target_origin": origin.where(target.notna()).astype("str"),
        }
    )


def _yearly_sales(
    owned: pd.DataFrame, opportunities: pd.DataFrame, most: int, as_of: date
) -> tuple[list[pd.Series], int]:
    """Give sales by owner for each twelve-month span, the last first, and how many are covered."""
    won = _won(opportunities, as_of)
    last = pd.Timestamp(as_of)
    first = won["close_date"].min()
    years = 0
    while years < most and first <= last - pd.DateOffset(years=years + 1) + pd.DateOffset(days=31):
        years += 1
    owner = owned.drop_duplicates("account_id").set_index("account_id")["owner_id"]
    won = won.assign(owner_id=look_up(won["account_id"], owner))
    spans = []
    for span in range(years):
        until, since = last - pd.DateOffset(years=span), last - pd.DateOffset(years=span + 1)
        inside = won[(won["close_date"] > since) & (won["close_date"] <= until)]
        spans.append(inside.groupby("owner_id")["amount"].sum())
    return spans, years


def _top_share(owned: pd.DataFrame, opportunities: pd.DataFrame, as_of: date) -> pd.Series:
    """Give the share of the largest account in the last twelve months' sales of each owner."""
    won = _won(opportunities, as_of)
    won = won[won["close_date"] > pd.Timestamp(as_of) - pd.DateOffset(years=1)]
    sums = won.groupby("account_id")["amount"].sum()
    mine = owned.assign(amount=look_up(owned["account_id"], sums).fillna(0.0))
    by = mine.groupby("owner_id")["amount"]
    return ratio(by.max(), by.sum())


def _won(opportunities: pd.DataFrame, as_of: date) -> pd.DataFrame:
    is_won = opportunities["is_won"].fillna(False).astype(bool)
    return opportunities[is_won & (opportunities["close_date"] <= pd.Timestamp(as_of))]
