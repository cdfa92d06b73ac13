"""One review of importance: score, rank, list with memory, and the reason per account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from planlib.key_accounts.differences import list_differences, sales_list
from planlib.key_accounts.factors import factor_values
from planlib.key_accounts.findings import all_findings, circle_findings, rows_found
from planlib.key_accounts.horizons import account_horizons
from planlib.key_accounts.ranking import (
    ScoreMatrix,
    apply_memory,
    cut_offs,
    in_list_probability,
    rank_in_strata,
)
from planlib.key_accounts.ratings import check_ratings, check_spread
from planlib.key_accounts.register import check_needs, clean_needs
from planlib.key_accounts.scales import build_scales, score_values
from planlib.key_accounts.strata import build_strata
from planlib.key_accounts.topsis import topsis_scores
from planlib.key_accounts.weights import factor_weights
from planlib.settings.key_accounts import FACTORS, KeyAccountsSettings
from planlib.tables import require_columns, table

_ENDED_IN = "; the decision that kept it in has ended"
_ENDED_OUT = "; the decision that kept it out has ended"


@dataclass(frozen=True, kw_only=True)
class KeyAccountReview:
    """
    Result of a review.

    The frames are tables that step 05 writes; ``notes`` say what was missing and what was used
    instead, ``findings`` what is wrong with rows of the inputs or with settings. ``is_review`` is
    False where the list of an earlier review stands, ``is_changed`` then says whether a decision
    of a person has changed it since.
    """

    key_accounts: pd.DataFrame
    scores: pd.DataFrame
    scales: pd.DataFrame
    weights: pd.DataFrame
    judgements: pd.DataFrame
    differences: pd.DataFrame
    horizons: pd.DataFrame
    findings: pd.DataFrame
    notes: tuple[str, ...]
    is_review: bool = True
    is_changed: bool = False

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give the tables to write, by name; findings and horizons are written with the others."""
        if not self.is_review:
            return {"key_accounts": self.key_accounts} if self.is_changed else {}
        return {
            "key_accounts": self.key_accounts,
            "key_account_scores": self.scores,
            "key_account_scales": self.scales,
            "key_account_weights": self.weights,
            "key_account_judgements": self.judgements,
            "key_account_differences": self.differences,
        }

    def headline(self) -> str:
        """Say in one sentence who is key and how that differs from a list by sales alone."""
        return list_headline(self.key_accounts)


def list_headline(key_accounts: pd.DataFrame) -> str:
    """Say in one sentence who is key and how that differs from a list by sales alone."""
    is_key = key_accounts["is_key"].astype(bool)
    by_sales = key_accounts["is_top_by_sales"].fillna(False).astype(bool)
    scored = int(key_accounts["score"].notna().sum())
    text = f"{int(is_key.sum()):,} of {scored:,} scored accounts are key accounts"
    if by_sales.any():
        text += (
            f"; a list by the last twelve months' sales alone would share "
            f"{int((is_key & by_sales).sum()):,} of its {int(by_sales.sum()):,} accounts"
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
    cycle: str = "",
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
    cycle
        Name of the cycle, kept beside each score.
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
    weights = factor_weights(settings)
    settings = settings.model_copy(update={"weights": weights.shares})
    full = with_segments(accounts, segments)
    strata, notes, small = build_strata(full, settings)
    values = factor_values(
        full, strata, settings, as_of, opportunities=opportunities, ratings=ratings
    )
    values, scales = _scaled(values, pd.Series(strata.to_numpy(), full["account_id"]), settings)
    matrix = _matrix(values, strata, full["account_id"], settings)
    listed = _list(full, values, matrix, settings, previous)
    listed["in_list_probability"] = in_list_probability(matrix, settings, seed)
    by_sales = sales_list(
        full, opportunities, strata, settings, as_of, cut_off=listed["cut_off_rank"]
    )
    listed = listed.join(by_sales)
    listed = listed.assign(
        reason=_reasons(listed, values), review_cycle=cycle, review_date=pd.Timestamp(as_of)
    )
    before = None if previous is None else previous.set_index("account_id")["is_key"]
    key_accounts = table("key_accounts").check(apply_decisions(listed, overrides, before))
    scores = table("key_account_scores").check(values)
    keys = full[key_accounts["is_key"].to_numpy(dtype=bool)]
    found = [*weights.findings, *small, *check_spread(scores, settings)]
    found += input_findings(full, as_of, ratings, needs)
    found.append(_lost_decisions(overrides, full["account_id"]))
    return KeyAccountReview(
        key_accounts=key_accounts,
        scores=scores,
        scales=table("key_account_scales").check(scales),
        weights=weights.weights,
        judgements=weights.judgements,
        differences=list_differences(key_accounts, scores),
        horizons=account_horizons(
            keys,
            as_of,
            needs=clean_needs(needs, full["account_id"]),
            opportunities=opportunities,
        ),
        findings=all_findings(found),
        notes=tuple(notes + _weaker(needs, ratings) + _rated(scores, ratings)),
    )


def input_findings(
    accounts: pd.DataFrame,
    as_of: date,
    ratings: pd.DataFrame | None,
    needs: pd.DataFrame | None,
) -> list[pd.DataFrame]:
    """Give what is wrong with judgements, needs and the hierarchy of accounts."""
    return [
        *check_ratings(ratings, accounts["account_id"], as_of),
        *check_needs(needs, accounts["account_id"], as_of),
        circle_findings("accounts", accounts, "account_id", "parent_id"),
    ]


def _rated(scores: pd.DataFrame, ratings: pd.DataFrame | None) -> list[str]:
    """Say how much of the judgement is too old to count."""
    if ratings is None:
        return []
    gone = (scores["rater_count"] == 0) & (scores["expired_count"] > 0)
    if not gone.any():
        return []
    count = int(scores.loc[gone, "account_id"].nunique())
    return [f"judgements of {count:,} accounts have expired and count no more: rate them again"]


def with_segments(accounts: pd.DataFrame, segments: pd.DataFrame | None) -> pd.DataFrame:
    """Give accounts with all columns of the contract, and what segmentation found out."""
    full = table("accounts").conform(accounts)
    if segments is None:
        return full
    found = segments.set_index("account_id")
    for name in ("potential", "industry_group", "segment", "unit", "employees", "region"):
        if name in found.columns:
            full[name] = full["account_id"].map(found[name]).astype(full[name].dtype)
    return full


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
    is_rating = values["basis"] == "rating"
    measured = values.assign(value=values["value"].mask(is_rating))
    scales = build_scales(measured, strata, settings)
    scores = score_values(measured, strata, scales).mask(is_rating, values["value"])
    weight = values["factor"].map(settings.shares())
    return values.assign(factor_score=scores, weight=weight), scales


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
    check = topsis_scores(matrix, weights)
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
            "topsis_score": check,
            "topsis_rank": rank_in_strata(check, accounts["potential"], strata, ids),
            **memory,
            "is_listed": memory["is_key"],
        }
    )


def apply_decisions(
    listed: pd.DataFrame, overrides: pd.DataFrame | None, before: pd.Series | None = None
) -> pd.DataFrame:
    """
    Let people's decisions win over the list, and say so in the reason.

    A decision that has ended leaves nothing behind: the account is where score and memory put it.

    Parameters
    ----------
    listed
        ``account_id``, ``is_key``, ``status``, ``reason``.
    overrides
        Decisions of kind ``key_accounts`` in force, the last of an account counts; or None.
    before
        ``is_key`` of the list before by ``account_id``, or None: there was no list.
    """
    result = listed.copy()
    made = table("override_key_accounts").or_empty(overrides)
    last = made.drop_duplicates("account_id", keep="last").set_index("account_id")
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
    was = pd.Series(False, index=result.index)
    if before is not None:
        held = result["account_id"].map(before.astype("boolean"))
        was = held.fillna(False).astype(bool)
    key, status = result["is_key"].astype(bool), result["status"]
    kept_in = ~mine & ~key & was & (status != "leaves")
    kept_out = ~mine & key & ~was & status.isin(["stays", "watch"])
    ended = pd.Series("", index=result.index).mask(kept_in, _ENDED_IN).mask(kept_out, _ENDED_OUT)
    states = np.select(
        [key & was & (status == "watch"), key & was, key, was, status == "not scored"],
        ["watch", "stays", "enters", "leaves", "not scored"],
        "outside",
    )
    return result.assign(status=states, reason=result["reason"] + ended)


def _lost_decisions(overrides: pd.DataFrame | None, account_ids: pd.Series) -> pd.DataFrame:
    """Name decisions of people on accounts that are not there."""
    made = table("override_key_accounts").or_empty(overrides)
    lost = made[~made["account_id"].isin(account_ids)]
    ids = lost["decision_id"] if "decision_id" in lost else lost["account_id"]
    rows = pd.DataFrame({"row_id": ids, "value": lost["account_id"]})
    return rows_found(
        "unknown account", "override_key_accounts", rows, "account_id",
        allowed="an account of table accounts", effect="the decision is not used",
    )  # fmt: skip


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
                "watch": "; below the band or not scored, watched",
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
