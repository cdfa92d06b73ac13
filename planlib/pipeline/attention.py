"""Deals that need a look: past their close date, slipped, or large for the gap to target."""

from __future__ import annotations

from datetime import date

import pandas as pd

from planlib.pipeline.cuts import CutTables
from planlib.pipeline.history import AsOf

_KEYS = [
    "issue",
    "opportunity_id",
    "account_id",
    "owner_id",
    "amount",
    "close_date",
    "effect_amount",
    "detail",
]
_LEFT = ("lost", "pushed_out", "pulled_out", "deleted")


def deals_needing_attention(
    now: AsOf,
    before: AsOf | None,
    moves: pd.DataFrame,
    tables: CutTables,
    *,
    names: pd.Series,
    period_open: pd.DataFrame,
    end: date,
    count: int = 10,
) -> pd.DataFrame:
    """
    Name the deals that a manager should ask about.

    Parameters
    ----------
    now
        The pipeline on the as-of date.
    before
        The pipeline a week earlier as known then; None when it is not known.
    moves
        Deals that moved since the start of the span (``moves_table``).
    tables
        For the names of owners.
    names
        Name of each deal by ``opportunity_id``.
    period_open
        Open deals that close in the period, with ``opportunity_id``.
    end
        Last day of the period. From then on an open deal can no longer close its gap, and has no
        effect on it.
    count
        Deals with the largest effect on the gap to target.

    Returns
    -------
    DataFrame
        Table ``pipeline_attention``: open deals past their close date; open deals whose close
        date moved to a later day since last week; the deals with the largest effect on the gap
        (what winning an open deal would close, what a deal that left the period without being
        won has opened; blank where it does neither). A deal may stand under several issues.
        Largest first.
    """
    open_deals = now.open_deals
    is_over = now.day >= end
    parts = [_late(open_deals, now)]
    if before is not None:
        parts.append(_slipped(open_deals, before, end))
    if is_over:
        parts = [part.assign(effect_amount=float("nan")) for part in parts]
    to_win = open_deals if not is_over else open_deals.head(0)
    parts.append(_largest(to_win, moves, period_open, count))
    rows = pd.concat([part for part in parts if len(part)] or [parts[0]], ignore_index=True)
    rows = rows.assign(
        name=rows["opportunity_id"].map(names),
        owner=tables.rep_label(rows["owner_id"]),
        size=rows["effect_amount"].fillna(rows["amount"]).abs(),
        rank=rows["issue"].map({"past_close_date": 0, "slipped": 1, "largest_effect": 2}),
    )
    rows = rows.sort_values(["rank", "size", "opportunity_id"], ascending=[True, False, True])
    return rows.drop(columns=["rank", "size", "owner_id"]).reset_index(drop=True)


def _late(open_deals: pd.DataFrame, now: AsOf) -> pd.DataFrame:
    late = open_deals[open_deals["close_date"] < pd.Timestamp(now.day)]
    days = (pd.Timestamp(now.day) - late["close_date"]).dt.days
    return late.assign(
        issue="past_close_date",
        effect_amount=late["amount"],
        detail=days.astype("str") + " days past its close date",
    )[_KEYS]


def _slipped(open_deals: pd.DataFrame, before: AsOf, end: date) -> pd.DataFrame:
    was = before.open_deals[["opportunity_id", "close_date", "amount"]]
    both = open_deals.merge(was, "inner", "opportunity_id", suffixes=("", "_before"))
    later = both[both["close_date"] > both["close_date_before"]]
    days = (later["close_date"] - later["close_date_before"]).dt.days
    last = pd.Timestamp(end)
    left = (later["close_date"] > last) & (later["close_date_before"] <= last)
    effect = later["amount"].where(later["close_date"] <= last)
    return later.assign(
        issue="slipped",
        effect_amount=effect.mask(left, -later["amount_before"]),
        detail="close date " + days.astype("str") + " days later than on " + str(before.day),
    )[_KEYS]


def _largest(
    open_deals: pd.DataFrame, moves: pd.DataFrame, period_open: pd.DataFrame, count: int
) -> pd.DataFrame:
    to_win = open_deals[open_deals["opportunity_id"].isin(period_open["opportunity_id"])]
    to_win = to_win.assign(
        issue="largest_effect",
        effect_amount=to_win["amount"],
        detail="open, closes the gap by its amount if won",
    )
    left = moves[moves["reason"].isin(_LEFT)]
    left = left.assign(
        issue="largest_effect",
        effect_amount=left["amount"],
        detail=left["reason"].str.replace("_", " ") + " since " + left["from_date"].astype("str"),
        amount=left["from_amount"],
        close_date=left["to_close_date"],
    )
    both = pd.concat([to_win[_KEYS], left.reindex(columns=_KEYS)])
    both = both[both["effect_amount"].fillna(0) != 0]
    both = both.assign(size=both["effect_amount"].abs())
    both = both.sort_values(["size", "opportunity_id"], ascending=[False, True])
    return both.head(count).drop(columns="size")
