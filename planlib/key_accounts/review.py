"""One review of importance: score, rank, list with memory, and the reason per account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from planlib.key_accounts.factors import factor_values, won_amounts
from planlib.key_accounts.horizons import account_horizons
from planlib.key_accounts.ranking import (
    ScoreMatrix,
    apply_memory,
    cut_offs,
    in_list_probability,
    rank_in_strata,
)
from planlib.key_accounts.scales import build_scales, score_values
from planlib.settings.key_accounts import FACTORS, KeyAccountsSettings
from planlib.tables import require_columns, table

POOLED = "other (small strata)"
ALL = "all accounts"
UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class KeyAccountReview:
    """
    Result of a review.

    ``key_accounts``, ``scores``, ``scales`` and ``horizons`` are the tables that step 05 writes;
    ``notes`` say what was missing and what was used instead.
    """

    key_accounts: pd.DataFrame
    scores: pd.DataFrame
    scales: pd.DataFrame
    horizons: pd.DataFrame
    notes: tuple[str, ...]

    def headline(self) -> str:
        """Say in one sentence who is key and how that differs from a list by sales alone."""
        listed = self.key_accounts[self.key_accounts["is_key"]]
        by_sales = self.key_accounts["is_top_by_sales"].fillna(False).astype(bool)
        both = int((self.key_accounts["is_key"].astype(bool) & by_sales).sum())
        scored = int(self.key_accounts["score"].notna().sum())
        text = f"{len(listed):,} of {scored:,} scored accounts are key accounts"
        if by_sales.any():
            text += (
                f"; a list by the last twelve months' sales alone would share {both:,} of "
                f"its {int(by_sales.sum()):,} accounts"
            )
        return text + "."


def review_key_accounts(
    accounts: pd.DataFrame,
    settings: KeyAccountsSettings,
    as_of: date,
    *,
    segments: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
    ratings: pd.DataFrame | None = None,
    needs: pd.DataFrame | None = None,
    overrides: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
    seed: int = 0,
) -> KeyAccountReview:
    """
    Score accounts on revenue, potential, demonstration effect and winnability, and list the top.

    Parameters
    ----------
    accounts
        Table ``accounts``; only ``account_id`` is needed.
    settings
        Weights, scales, strata, memory.
    as_of
        As-of date; nothing later counts.
    segments
        Table ``segments`` of this cycle: ``potential`` and ``industry_group`` are taken from it.
    opportunities, ratings, needs
        Input tables, or None.
    overrides
        Decisions of kind ``key_accounts`` in force: ``account_id``, ``is_key``, ``who``, ``why``.
    previous
        Table ``key_accounts`` of the last published cycle, for the memory of the list.
    seed
        Seed of the draws behind ``in_list_probability``.

    Returns
    -------
    KeyAccountReview
        Tables in the order of ``accounts``.

    Raises
    ------
    TableError
        If ``accounts`` has no ``account_id``.
    """
    require_columns("accounts", accounts, ["account_id"])
    full = _with_segments(accounts, segments)
    strata, notes = _strata(full, settings)
    values = factor_values(
        full, strata, settings, as_of, opportunities=opportunities, ratings=ratings
    )
    values, scales = _scaled(values, pd.Series(strata.to_numpy(), full["account_id"]), settings)
    matrix = _matrix(values, strata, full["account_id"], settings)
    listed = _list(full, values, matrix, settings, previous)
    listed["in_list_probability"] = in_list_probability(matrix, settings, seed)
    sales = _sales(full, opportunities, as_of)
    listed["sales_amount"] = sales
    listed["is_top_by_sales"] = _top_by_sales(sales, strata, full["account_id"], settings)
    key_accounts = table("key_accounts").check(_decide(listed, values, overrides))
    keys = full[key_accounts["is_key"].to_numpy(dtype=bool)]
    notes += _weaker(needs, ratings)
    return KeyAccountReview(
        key_accounts=key_accounts,
        scores=table("key_account_scores").check(values),
        scales=table("key_account_scales").check(scales),
        horizons=account_horizons(keys, as_of, needs=needs, opportunities=opportunities),
        notes=tuple(notes),
    )


def _with_segments(accounts: pd.DataFrame, segments: pd.DataFrame | None) -> pd.DataFrame:
    """Give accounts with all columns of the contract, and what segmentation found out."""
    full = table("accounts").coerce(
        accounts[[name for name in accounts.columns if name in table("accounts").by_name]]
    )
    if segments is None:
        return full
    found = segments.set_index("account_id")
    for name in ("potential", "industry_group", "segment", "unit", "employees", "region"):
        if name in found.columns:
            full[name] = full["account_id"].map(found[name]).astype(full[name].dtype)
    return full


def _strata(accounts: pd.DataFrame, settings: KeyAccountsSettings) -> tuple[pd.Series, list[str]]:
    notes = []
    usable = [name for name in settings.strata if accounts[name].notna().any()]
    notes += [
        f"{name} is not known for any account: accounts are not compared within it"
        for name in settings.strata
        if name not in usable
    ]
    if not usable:
        return pd.Series(ALL, index=accounts.index, dtype="str"), notes
    parts = accounts[usable].fillna(UNKNOWN)
    strata = parts.agg(" / ".join, axis=1) if len(usable) > 1 else parts[usable[0]]
    sizes = strata.map(strata.value_counts())
    small = sizes < settings.minimum_stratum
    if small.any():
        notes.append(
            f"{strata[small].nunique()} strata with fewer than {settings.minimum_stratum} accounts "
            f"are pooled ({int(small.sum())} accounts)"
        )
    return strata.mask(small, POOLED).astype("str"), notes


def _weaker(needs: pd.DataFrame | None, ratings: pd.DataFrame | None) -> list[str]:
    """Name the weaker methods that stand in for missing tables."""
    notes = []
    if needs is None:
        notes.append("no needs register: open deals and white space are proposed by horizon")
    if ratings is None:
        notes.append("no ratings: size stands in for demonstration, win rates for winnability")
    return notes


def _scaled(
    values: pd.DataFrame, strata: pd.Series, settings: KeyAccountsSettings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the values with factor score and weight, and the scales; strata by account_id."""
    scales = build_scales(values, strata, settings)
    weight = values["factor"].map(settings.shares())
    scored = values.assign(factor_score=score_values(values, strata, scales), weight=weight)
    return scored, scales


def _matrix(
    values: pd.DataFrame, strata: pd.Series, ids: pd.Series, settings: KeyAccountsSettings
) -> ScoreMatrix:
    wide = values.pivot(index="account_id", columns="factor", values="factor_score")
    scores = wide.reindex(index=ids, columns=list(FACTORS)).to_numpy(dtype="float64")
    return ScoreMatrix(scores, strata, ids, settings.minimum_known_weight)


def _list(
    accounts: pd.DataFrame,
    values: pd.DataFrame,
    matrix: ScoreMatrix,
    settings: KeyAccountsSettings,
    previous: pd.DataFrame | None,
) -> pd.DataFrame:
    ids, strata = matrix.ids, matrix.strata
    weights = np.array([settings.shares()[factor] for factor in FACTORS])
    score, known = matrix.weighted(weights)
    confidence = (
        values.assign(part=values["weight"] * values["confidence"])
        .groupby("account_id")["part"]
        .sum(min_count=1)
    )
    rank = rank_in_strata(score, accounts["potential"], strata, ids)
    limit = cut_offs(score, strata, settings.top_share)
    memory = apply_memory(rank, limit, ids, settings, previous)
    return pd.DataFrame(
        {
            "account_id": ids,
            "stratum": strata,
            "score": score,
            "known_weight": known.clip(0, 1),
            "confidence": (ids.map(confidence) / known.where(known > 0)).clip(0, 1),
            "rank": rank,
            "cut_off_rank": limit,
            **memory,
        }
    )


def _sales(accounts: pd.DataFrame, opportunities: pd.DataFrame | None, as_of: date) -> pd.Series:
    if opportunities is None:
        return accounts["acv"]
    last = pd.Timestamp(as_of)
    return won_amounts(accounts, opportunities, last - pd.DateOffset(years=1), last).fillna(0.0)


def _top_by_sales(
    sales: pd.Series, strata: pd.Series, ids: pd.Series, settings: KeyAccountsSettings
) -> pd.Series:
    selling = sales.where(sales > 0)
    rank = rank_in_strata(selling, selling, strata, ids)
    limit = cut_offs(sales, strata, settings.top_share)
    if sales.isna().all():
        return pd.Series(pd.NA, index=sales.index, dtype="boolean")
    return (rank <= limit).fillna(False).astype("boolean")


def _decide(
    listed: pd.DataFrame, values: pd.DataFrame, overrides: pd.DataFrame | None
) -> pd.DataFrame:
    """Give the reason per account and let people's decisions win."""
    result = listed.assign(reason=_reasons(listed, values))
    if overrides is None or overrides.empty:
        return result
    last = overrides.drop_duplicates("account_id", keep="last").set_index("account_id")
    mine = result["account_id"].isin(last.index)
    chosen = result.loc[mine, "account_id"]
    result.loc[mine, "is_key"] = chosen.map(last["is_key"]).astype(bool)
    result.loc[mine, "reason"] = (
        "decided by "
        + chosen.map(last["who"])
        + ": "
        + chosen.map(last["why"])
        + " ("
        + result.loc[mine, "reason"]
        + ")"
    )
    was = result["status"]
    key = result["is_key"].astype(bool)
    result.loc[mine & key & ~was.isin(["stays", "watch"]), "status"] = "enters"
    result.loc[mine & ~key & was.isin(["stays", "watch"]), "status"] = "leaves"
    result.loc[mine & ~key & (was == "enters"), "status"] = "outside"
    return result


def _reasons(listed: pd.DataFrame, values: pd.DataFrame) -> pd.Series:
    part = values.assign(part=values["weight"] * values["factor_score"])
    best = part.sort_values(["account_id", "part", "factor"], ascending=[True, False, True])
    top = best[best["part"].notna()].groupby("account_id").head(2)
    text = (
        (top["factor"] + " " + top["factor_score"].map("{:.1f}".format).astype("str"))
        .groupby(top["account_id"])
        .agg(", ".join)
    )
    strongest = listed["account_id"].map(text).astype("str").fillna("no factor known")
    place = (
        "place "
        + listed["rank"].astype("str")
        + " of the first "
        + listed["cut_off_rank"].astype("str")
        + " in "
        + listed["stratum"]
    )
    suffix = (
        listed["status"]
        .map(
            {
                "watch": "; below the band, watched",
                "leaves": "; below the band for long enough: leaves",
            }
        )
        .fillna("")
    )
    scored = place + "; strongest: " + strongest + suffix
    unscored = (
        "not scored: factors of only "
        + (listed["known_weight"] * 100).round().astype("Int64").astype("str")
        + " % of the weight are known"
    )
    return scored.where(listed["score"].notna(), unscored).astype("str")
