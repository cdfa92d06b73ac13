"""How steady sales and owner of a key account are; short-term push against closeness."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from planlib.pipeline.lookup import look_up
from planlib.settings.evaluation import EvaluationSettings
from planlib.tables import table

_BASIS = "owner of most of the account's deals in the extract of each month"
_UNSTEADY = 1.5  # times what chance gives
_PUSH_DAYS = 10  # last days of a fiscal quarter
_PUSH_SHARE = 0.5
_COVERED = pd.DateOffset(days=31)  # by which the first deal may lie after the first day


def account_owners(
    keys: pd.DataFrame, opportunity_history: pd.DataFrame | None
) -> pd.DataFrame:  # fmt: skip
    """
    Give who owned each key account when, from the extracts of opportunities.

    Parameters
    ----------
    keys
        ``account_id`` of the key accounts.
    opportunity_history
        ``account_id``, ``owner_id``, ``snapshot_date``; None: the past is not known.

    Returns
    -------
    DataFrame
        Table ``key_account_owners``: one row per spell; months without a deal change nothing.
    """
    contract = table("key_account_owners")
    if opportunity_history is None:
        return contract.empty()
    rows = opportunity_history[opportunity_history["account_id"].isin(keys["account_id"])]
    rows = rows[rows["owner_id"].notna() & ~rows["is_closed"].fillna(False).astype(bool)]
    if rows.empty:
        return contract.empty()
    month = rows["snapshot_date"].dt.to_period("M")
    last = rows.groupby(month)["snapshot_date"].transform("max")
    rows = rows[rows["snapshot_date"] == last]
    counts = rows.groupby(["account_id", "snapshot_date", "owner_id"]).size().rename("count")
    order = ["account_id", "snapshot_date", "count", "owner_id"]
    top = counts.reset_index().sort_values(order, ascending=[True, True, False, True])
    top = top.drop_duplicates(["account_id", "snapshot_date"]).reset_index(drop=True)
    changed = top["owner_id"].ne(top.groupby("account_id")["owner_id"].shift())
    grouped = top.groupby([top["account_id"], changed.cumsum().rename("spell")])
    found = grouped.agg(
        from_date=("snapshot_date", "min"),
        to_date=("snapshot_date", "max"),
        rep_id=("owner_id", "first"),
    )
    return contract.check(found.reset_index().drop(columns="spell").assign(basis=_BASIS))


def account_stability(
    keys: pd.DataFrame,
    settings: EvaluationSettings,
    as_of: date,
    *,
    opportunities: pd.DataFrame | None = None,
    owners: pd.DataFrame | None = None,
    closeness: pd.DataFrame | None = None,
    first_month: int = 1,
) -> pd.DataFrame:
    """
    Give how steady the sales of each key account are, against what chance alone would give.

    Variation is the standard deviation of the quarters' won amounts over their mean. Deals of
    these sizes falling into quarters at random vary by ``sqrt((Q - 1) sum a^2) / sum a``
    with Q quarters: a few large deals are unsteady without any fault. Unsteady means more than
    half above that, with at least ``minimum_wins`` deals.

    Parameters
    ----------
    keys
        ``account_id`` of the key accounts.
    settings
        ``quarters``, ``minimum_wins``.
    as_of
        The quarters are the spans of three months until then that the deals cover.
    opportunities
        Won deals; without them the figures are blank.
    owners
        Table ``key_account_owners``, or None.
    closeness
        Table ``account_closeness``: a push is said where closeness falls; where its change is not
        known, neither is the push.
    first_month
        Month in which the fiscal year starts: its quarters have the last days that a push uses.

    Returns
    -------
    DataFrame
        Table ``key_account_stability``.
    """
    rows = keys[["account_id"]].sort_values("account_id", ignore_index=True)
    found = _sales(rows["account_id"], opportunities, settings, (as_of, first_month))
    found = rows.join(found)
    past = table("key_account_owners").or_empty(owners)
    moves = past.sort_values("from_date")
    moves = moves[moves.duplicated("account_id")]
    seen = rows["account_id"].isin(past["account_id"])
    changes = rows["account_id"].map(moves["account_id"].value_counts())
    count = changes.astype("float64").fillna(0)
    change = pd.Series(np.nan, index=rows.index)
    if closeness is not None:
        scores = closeness.set_index("account_id")["change_score"]
        change = rows["account_id"].map(scores).astype("float64")
    many = found["short_term_share"] >= _PUSH_SHARE
    known = found["short_term_share"].notna() & (~many | change.notna())
    return table("key_account_stability").check(
        found.assign(
            is_push=(many & (change < 0)).astype("boolean").where(known),
            owner_changes_count=count.where(seen),
            last_change_date=look_up(
                rows["account_id"], moves.groupby("account_id")["from_date"].max()
            ),
        )
    )


def _sales(
    ids: pd.Series, opportunities: pd.DataFrame | None, settings: EvaluationSettings,
    when: tuple[date, int],
) -> pd.DataFrame:  # fmt: skip
    last, first_month = pd.Timestamp(when[0]), when[1]
    deals = table("opportunities").or_empty(opportunities)
    won = deals[deals["is_won"].fillna(False).astype(bool) & deals["amount"].notna()]
    won = won[won["account_id"].isin(ids) & (won["close_date"] <= last)]
    oldest = deals.loc[deals["is_closed"].fillna(False).astype(bool), "close_date"].min()
    cuts = [last - pd.DateOffset(months=3 * back) for back in range(settings.quarters + 1)]
    covered = sum(oldest <= cut + _COVERED for cut in cuts[1:])
    quarters = max(covered, 1)
    cuts = cuts[: quarters + 1]
    edges = pd.DatetimeIndex(sorted(cuts))
    place = edges.searchsorted(won["close_date"], side="left") - 1
    inside = won[place >= 0].assign(quarter=place[place >= 0])
    sums = inside.pivot_table(index="account_id", columns="quarter", values="amount", aggfunc="sum")
    grid = sums.reindex(index=ids, columns=range(quarters)).fillna(0.0)
    squares = (inside["amount"] ** 2).groupby(inside["account_id"]).sum().reindex(ids)
    total = grid.sum(axis=1)
    mean = (total / quarters).where(total > 0)
    wins = inside["account_id"].value_counts().reindex(ids).fillna(0)
    variation = grid.std(axis=1, ddof=0) / mean
    chance = np.sqrt((quarters - 1) * squares) / total.where(total > 0)
    closed = inside["close_date"]
    ends = closed + pd.Timedelta(days=_PUSH_DAYS)
    late = (_quarter(ends, first_month) != _quarter(closed, first_month)).astype("float64")
    push = late.groupby(inside["account_id"]).mean().reindex(ids)
    few = wins < settings.minimum_wins
    reason = pd.Series("", index=ids.index)
    reason = reason.mask((total == 0).to_numpy(), "no deal was won in the quarters")
    if opportunities is None:
        reason[:] = "no opportunities"
    unsteady = (variation > _UNSTEADY * chance).where(~few & variation.notna())
    found = pd.DataFrame(
        {
            "quarters_count": quarters,
            "wins_count": wins,
            "won_amount": total if opportunities is not None else np.nan,
            "variation": variation,
            "chance_variation": chance,
            "is_unsteady": unsteady.astype("boolean"),
            "short_term_share": push.mask(few),
        }
    )
    return found.reset_index(drop=True).assign(reason=reason)


def _quarter(days: pd.Series, first_month: int) -> pd.Series:
    """Give the number of the quarter of each day, in fiscal years that start with a month."""
    numbers: pd.Series = (12 * days.dt.year + days.dt.month - first_month) // 3
    return numbers
