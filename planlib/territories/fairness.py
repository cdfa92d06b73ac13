"""
Fairness review: every territory beside its peers, before anybody is told.

Size in all measures, luck (how much hangs on one account, industry or region), travel, changes; and
flags, each with the value and the limit that was passed. Peers are the reps of the same block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.tables import require_columns, table
from planlib.territories.columns import flag, named, names_of, number, share, text
from planlib.territories.fairness_flags import add_deviation, add_flags, add_peers
from planlib.territories.inequality import MEASURES, gini, in_scope, spread

_KNOWN = 0.5  # part of the accounts whose amount must be known for shares of it


@dataclass(frozen=True, kw_only=True)
class FairnessReview:
    """
    What a manager checks before release.

    ``territories`` is territory_fairness, ``summary`` territory_fairness_summary; ``rules`` are the
    flags in words with their limits, ``notes`` what could not be checked.
    """

    territories: pd.DataFrame
    summary: pd.DataFrame
    rules: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish, by name."""
        return {
            "territory_fairness": self.territories,
            "territory_fairness_summary": self.summary,
        }

    @property
    def flagged(self) -> pd.DataFrame:
        """Territories with a flag, most flags first."""
        rows = self.territories[self.territories["flag_count"] > 0]
        return rows.sort_values(
            ["flag_count", "rep_id"], ascending=[False, True], kind="stable"
        ).reset_index(drop=True)


def review_fairness(
    plan: pd.DataFrame,
    balance: pd.DataFrame | None,
    settings: TerritoryDecisionsSettings,
    *,
    reps: pd.DataFrame | None = None,
    accounts: pd.DataFrame | None = None,
    segments: pd.DataFrame | None = None,
) -> FairnessReview:
    """
    Review every territory of a plan.

    Parameters
    ----------
    plan
        A ``territory_plan``; accounts out of scope and without owner are left out.
    balance
        The ``territory_balance`` of the plan: targets and tolerances. None: no deviations.
    settings
        Limits of the flags.
    reps
        Names; with the ``territory_reps`` of the plan reps without any account are there too.
    accounts, segments
        ``industry`` or ``industry_group``, ``province``, ``country``, ``region``.

    Returns
    -------
    FairnessReview
        One row per rep; a measure that is not known is NA, and ``notes`` name it.
    """
    require_columns("territory_plan", plan, ["account_id", "rep_id"])
    book, notes = _book(plan, accounts, segments)
    rows = _sizes(book, plan, reps, balance)
    if rows.empty:
        return FairnessReview(
            territories=table("territory_fairness").empty(),
            summary=table("territory_fairness_summary").empty(), rules=(),
            notes=("no rep has a territory to review",),
        )  # fmt: skip
    rows = rows.merge(_luck(book), on="rep_id", how="left")
    rows = rows.merge(_changes(plan), on="rep_id", how="left")
    rows = add_deviation(rows, balance)
    rows = add_peers(rows)
    rows, rules = add_flags(rows, settings, has_balance=balance is not None)
    return FairnessReview(
        territories=table("territory_fairness").conform(rows),
        summary=table("territory_fairness_summary").conform(spread(plan, rows, balance)),
        rules=rules,
        notes=tuple(notes),
    )


def _book(
    plan: pd.DataFrame, accounts: pd.DataFrame | None, segments: pd.DataFrame | None
) -> tuple[pd.DataFrame, list[str]]:
    """Give the accounts in scope with the basis of shares, industry and region."""
    book = in_scope(plan)[["account_id", "rep_id"]].reset_index(drop=True)
    for name in (*MEASURES, "travel_km"):
        book[name] = number(in_scope(plan), name).to_numpy()
    notes = [f"{name} is not known for any account" for name in MEASURES if _none(book[name])]
    known = [one for one in ("potential", "acv") if book[one].notna().mean() >= _KNOWN]
    basis = next((one for one in known if book[one].sum() > 0), "accounts")
    book["basis"] = basis
    book["size"] = 1.0 if basis == "accounts" else book[basis]
    if basis != "potential":
        notes.append(
            f"potential is unknown for most accounts: shares of a territory are shares of {basis}"
        )
    for name, columns in (
        ("industry", ("industry_group", "industry")),
        ("region", ("province", "country", "region")),
    ):
        found = pd.Series(pd.NA, index=book.index, dtype="str")
        for source in (segments, accounts):
            if source is None or "account_id" not in source:
                continue
            by = source.drop_duplicates("account_id").set_index("account_id")
            found = found.fillna(book["account_id"].map(text(by, *columns)).astype("str"))
        book[name] = found
        if found.isna().all():
            notes.append(f"no {name} of accounts: luck by {name} is not shown")
    if _none(book["travel_km"]):
        notes.append("no distances in the plan: travel is not shown")
    return book, notes


def _none(values: pd.Series) -> bool:
    return bool(values.isna().all())


def _sizes(
    book: pd.DataFrame,
    plan: pd.DataFrame,
    reps: pd.DataFrame | None,
    balance: pd.DataFrame | None,
) -> pd.DataFrame:
    """Give one row per rep of plan and balance, with the sums of its accounts."""
    inside = in_scope(plan)
    ids = set(book["rep_id"]) | (set(balance["rep_id"]) if balance is not None else set())
    rows = pd.DataFrame({"rep_id": pd.Series(sorted(ids), dtype="str")})
    who = names_of(reps, "rep_id", "rep_name") or names_of(reps, "rep_id")
    block = pd.Series(dtype="str")
    if "block" in inside:
        block = (
            inside.dropna(subset=["block"]).drop_duplicates("rep_id").set_index("rep_id")["block"]
        )
    if balance is not None and "block" in balance:
        given = balance.dropna(subset=["block"]).drop_duplicates("rep_id")
        block = given.set_index("rep_id")["block"].combine_first(block)
        who = who or names_of(balance, "rep_id", "rep_name")
    rows["rep_name"] = named(rows["rep_id"], who)
    rows["block"] = rows["rep_id"].map(block).astype("str").fillna("whole market")
    grouped = book.groupby("rep_id")
    rows["account_count"] = rows["rep_id"].map(grouped.size()).fillna(0).astype("int64")
    for name in MEASURES:
        value = rows["rep_id"].map(grouped[name].sum(min_count=1))
        rows[name] = value.mask(rows["account_count"].eq(0) & ~_none(book[name]), 0.0)
    rows["travel_km"] = rows["rep_id"].map(grouped["travel_km"].mean())
    rows["unknown_share"] = rows["rep_id"].map(book["size"].isna().groupby(book["rep_id"]).mean())
    rows["basis"] = book["basis"].iloc[0] if len(book) else "accounts"
    return rows


def _luck(book: pd.DataFrame) -> pd.DataFrame:
    """Give the largest account, industry and region of each rep, with its share."""
    total = book.groupby("rep_id")["size"].sum()
    luck = pd.DataFrame({"rep_id": pd.Series(sorted(set(book["rep_id"])), dtype="str")})
    for name, key in (("account", "account_id"), ("industry", "industry"), ("region", "region")):
        sums = book.dropna(subset=[key]).groupby(["rep_id", key])["size"].sum().reset_index()
        sums = sums[sums["size"] > 0].sort_values(
            ["rep_id", "size", key], ascending=[True, False, True], kind="stable"
        )
        first = sums.drop_duplicates("rep_id").set_index("rep_id")
        label = "top_account_id" if name == "account" else f"top_{name}"
        luck[label] = luck["rep_id"].map(first[key]).astype("str")
        top = luck["rep_id"].map(first["size"])
        luck[f"top_{name}_share"] = share(top, luck["rep_id"].map(total))
    return luck


def _changes(plan: pd.DataFrame) -> pd.DataFrame:
    """Give accounts gained and lost per rep, and their shares."""
    old, new = text(plan, "previous_rep_id"), text(plan, "rep_id")
    inside = flag(plan, "is_in_scope") if "is_in_scope" in plan else plan["account_id"].notna()
    moved = inside & ~old.eq(new).fillna(value=False).astype(bool) & (old.notna() | new.notna())
    acv = number(plan, "acv")
    rows = pd.DataFrame(index=pd.Index(sorted({*old.dropna(), *new.dropna()}), name="rep_id"))
    rows["gained_count"] = new[moved].value_counts()
    rows["lost_count"] = old[moved].value_counts()
    rows = rows.fillna(0).astype("int64")
    own = new[inside].value_counts().reindex(rows.index)
    rows["changed_share"] = share(rows["gained_count"], own)
    rows["lost_acv_share"] = share(
        acv[moved].groupby(old[moved]).sum().reindex(rows.index, fill_value=0.0),
        acv[inside].groupby(old[inside]).sum().reindex(rows.index),
    )
    if "previous_rep_id" not in plan:
        rows = rows.astype("float64") * np.nan
    return rows.reset_index()


__all__ = ["FairnessReview", "review_fairness", "gini"]
