"""
The book: one row per account with everything that the alignment needs to know about it.

Owner today, measures, open pipeline, late-stage deals, recent wins, named accounts, family and
complexity. What is missing is filled by a named rule, and every such rule leaves a finding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.settings.territories import TerritoriesSettings
from planlib.territories.families import families_of
from planlib.territories.findings import Problems
from planlib.territories.frames import (
    by_account,
    dates,
    first_text,
    flags,
    numbers,
    unique,
    with_texts,
)
from planlib.territories.measures import add_measures
from planlib.territories.places import locate

_TEXTS = ("account_id", "name", "region", "country", "province", "parent_id", "industry")


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The tables of the step; ``as_of`` is the day on which reps must be there."""

    accounts: pd.DataFrame
    reps: pd.DataFrame
    as_of: pd.Timestamp
    segments: pd.DataFrame | None = None
    territories: pd.DataFrame | None = None
    opportunities: pd.DataFrame | None = None
    key_accounts: pd.DataFrame | None = None


def account_book(
    sources: Sources, sellers: pd.DataFrame, settings: TerritoriesSettings, problems: Problems
) -> pd.DataFrame:
    """
    Give the book, sorted by ``account_id``.

    Returns
    -------
    DataFrame
        ``account_id``, ``name``, ``owner``, ``years`` (as owner), the place, ``group`` (industry),
        ``segment``, ``unit`` and what else blocks use, ``acv`` (NA where unknown),
        ``open_amount``, ``is_late``, ``is_win``, ``is_named``, ``complexity`` (0 to 1, NA where
        unknown), ``family``, and one column ``load_<measure>`` per measure, never NA.

    Raises
    ------
    TableError
        If ``account_id`` is missing, blank or repeated.
    """
    accounts = unique("accounts", sources.accounts, "account_id")
    book = accounts.sort_values("account_id", kind="stable").reset_index(drop=True)
    segments = by_account(sources.segments, book["account_id"])
    book = with_texts(book, _TEXTS)
    book["group"] = first_text(segments, book, "industry_group", "industry")
    book["unit"] = first_text(segments, book, "unit")
    book["segment"] = first_text(segments, book, "segment")
    book["owner"], book["years"] = _owners(sources, book, settings)
    book["given_acv"] = numbers(book, "acv").fillna(numbers(segments, "yearly_spend"))
    known = np.isfinite(book["given_acv"]) & (book["given_acv"] >= 0)
    book["acv"] = book["given_acv"].where(known)
    if (book["given_acv"] < 0).any():
        detail = "acv is negative; counted as unknown, and as 0 in the disruption budget"
        problems.add_accounts("measure", detail, book, book["given_acv"] < 0)
    book["is_named"] = _named(sources, book)
    book["complexity"] = _complexity(book, segments)
    _add_deals(book, sources, settings, problems)
    book["family"] = families_of(book) if settings.keep_families else book["account_id"]
    book = add_measures(book, segments, settings, problems)
    for measure in ("potential", "workload_hours"):
        book[measure] = numbers(segments, measure).fillna(numbers(book, measure))
    places = locate("accounts", book, "account_id")
    for column in ("latitude", "longitude", "place_precision", "place_problem"):
        book[column] = places[column]
    names = dict(zip(sellers["rep_id"], sellers["name"], strict=True))
    book["owner_name"] = book["owner"].map(names)
    return book


def _owners(
    sources: Sources, book: pd.DataFrame, settings: TerritoriesSettings
) -> tuple[pd.Series, pd.Series]:
    """Give the owner in this layer and for how many years; the layer table wins over accounts."""
    blank = pd.Series(pd.NA, index=book.index)
    owner = book.get("owner_id", blank).astype("str")
    years = pd.Series(np.nan, index=book.index)
    if sources.territories is None or sources.territories.empty:
        return owner, years
    layer = sources.territories
    layer = layer[layer["role_layer"].str.casefold().eq(settings.role_layer.casefold())]
    layer = by_account(layer, book["account_id"])
    days = (sources.as_of - dates(layer, "since_date")).dt.days
    return layer["rep_id"].astype("str").fillna(owner), (days / 365.25).clip(lower=0)


def _named(sources: Sources, book: pd.DataFrame) -> pd.Series:
    """Tell which accounts are on the list of named (key) accounts."""
    listed = sources.key_accounts
    if listed is None or listed.empty or "account_id" not in listed:
        return flags(book, "is_key")
    mine = listed[flags(listed, "is_key")] if "is_key" in listed else listed
    return book["account_id"].isin(set(mine["account_id"]))


def _complexity(book: pd.DataFrame, segments: pd.DataFrame) -> pd.Series:
    """Give how complex an account is, 0 to 1: of step 02, else by business lines and products."""
    score = numbers(segments, "complexity_score") / 100.0
    parts = [
        numbers(book, column).rank(pct=True)
        for column in ("business_line_count", "product_need_count")
        if numbers(book, column).max() > numbers(book, column).min()
    ]
    if parts:
        score = score.fillna(pd.concat(parts, axis=1).mean(axis=1))
    return score.clip(0.0, 1.0)


def _add_deals(
    book: pd.DataFrame, sources: Sources, settings: TerritoriesSettings, problems: Problems
) -> None:
    """Add open pipeline, late-stage deals and recent wins; unknown without opportunities."""
    book["open_amount"], book["is_late"], book["is_win"] = np.nan, False, False
    deals = sources.opportunities
    if deals is None or "account_id" not in deals or "is_closed" not in deals:
        problems.add(
            "setting",
            "no opportunities: open pipeline unknown, no late-stage deal or win is protected",
        )
        return
    closed = flags(deals, "is_closed")
    open_deals = deals[~closed]
    amount = numbers(open_deals, "amount").groupby(open_deals["account_id"]).sum()
    book["open_amount"] = book["account_id"].map(amount).fillna(0.0).astype("float64")
    if settings.protect_late_stage:
        late = numbers(open_deals, "probability") >= settings.late_stage_probability
        if "forecast_category" in open_deals:
            late |= open_deals["forecast_category"].eq("commit").fillna(value=False)
        book["is_late"] = book["account_id"].isin(set(open_deals.loc[late, "account_id"].dropna()))
    if settings.recent_win_days and "is_won" in deals and "close_date" in deals:
        age = (sources.as_of - dates(deals, "close_date")).dt.days
        won = closed & flags(deals, "is_won") & age.between(0, settings.recent_win_days)
        book["is_win"] = book["account_id"].isin(set(deals.loc[won, "account_id"].dropna()))
