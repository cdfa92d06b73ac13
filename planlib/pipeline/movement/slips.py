"""Slips: how much of a period's pipeline leaves it for a later one, and what pushes cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from planlib.intervals import wilson
from planlib.periods import Period
from planlib.pipeline.cuts import ALL, TOTAL, CutTables
from planlib.pipeline.history import PipelineHistory
from planlib.pipeline.money import from_cents, known, ratio, to_cents
from planlib.pipeline.movement.cells import CELL, by_cut, in_order, value_of
from planlib.pipeline.movement.timeline import Timeline

_FIGURES = ("start_amount", "start_count", "slipped_amount", "slipped_count", "slip_rate_amount",
            "slip_rate_count", "low", "high")  # fmt: skip
PUSHES = ("0", "1", "2", "3 or more")


def measure_slips(
    history: PipelineHistory,
    periods: Sequence[Period],
    as_of: date,
    tables: CutTables,
    cuts: Sequence[str],
    *,
    minimum_deals: int,
) -> pd.DataFrame:
    """
    Give the share of the pipeline open at a period's start that slipped out of the period.

    Slip rate = what was open at the start with its close date in the period, and is still open
    with a later close date, or none, at the end (or on the as-of date) / all that was open at
    the start with its close date in the period; by amount at the start, and by deals.

    Parameters
    ----------
    history
        Deals and their history.
    periods
        Periods, the one at hand last; cuts are given for that one.
    as_of
        Last day.
    tables, cuts
        Cells.
    minimum_deals
        Fewer deals open at the start are grey.

    Returns
    -------
    DataFrame
        Table ``pipeline_slips``. Rates are blank, with the reason, where the state of the start
        or of the end is reconstructed: then close dates of that day are not known.
    """
    parts = []
    for period in periods:
        first, last = period.start - timedelta(1), min(period.end, as_of)
        if first >= last:
            continue
        start, end = history.at(first), history.at(last)
        days = {"from_date": pd.Timestamp(first), "to_date": pd.Timestamp(last)}
        if not (start.knows_dates and end.knows_dates):
            missing = first if not start.knows_dates else last
            note = f"close dates as known on {missing} are not in the history"
            blank = {"cut": TOTAL, "cut_value": ALL, **dict.fromkeys(_FIGURES, np.nan)}
            parts.append(pd.DataFrame([{"period": period.name, **days, **blank, "note": note}]))
            continue
        mine = cuts if period == periods[-1] else ()
        rows = _slipped(start.open_deals, end.states, period)
        parts.append(_rates(by_cut(rows, tables, mine)).assign(period=period.name, note="", **days))
    if not parts:
        return pd.DataFrame()
    found = pd.concat(parts, ignore_index=True)
    few = found["start_count"].fillna(0) < minimum_deals
    return in_order(found.assign(is_grey=few), cuts, ["from_date"])


def _slipped(before: pd.DataFrame, after: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Give the deals open at the start with close date in the period, and which slipped."""
    inside = before["close_date"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))
    rows = before[inside]
    now = after.set_index("opportunity_id")
    status = value_of(rows["opportunity_id"], now["status"])
    close = value_of(rows["opportunity_id"], now["close_date"])
    later = (close > pd.Timestamp(period.end)) | close.isna()
    cents = to_cents(rows["amount"])
    return rows.assign(cents=known(cents), slipped=(status == "open") & later)


def _rates(cells: pd.DataFrame) -> pd.DataFrame:
    moved = cells["slipped"].astype("int64")
    facts = cells[CELL].assign(
        start_cents=cells["cents"],
        start_count=1,
        slipped_cents=cells["cents"] * moved,
        slipped_count=moved,
    )
    sums = facts.groupby(CELL, as_index=False).sum()
    low, high = wilson(sums["slipped_count"], sums["start_count"])
    start, slipped = from_cents(sums["start_cents"]), from_cents(sums["slipped_cents"])
    return sums.drop(columns=["start_cents", "slipped_cents"]).assign(
        start_amount=start,
        slipped_amount=slipped,
        slip_rate_amount=ratio(slipped, start),
        slip_rate_count=ratio(sums["slipped_count"], sums["start_count"]),
        low=low,
        high=high,
    )


def count_pushes(timeline: Timeline, deals: pd.DataFrame) -> pd.DataFrame:
    """
    Count how often the close date of each deal moved into a later month while it was open.

    Parameters
    ----------
    timeline
        States of deals in order.
    deals
        Prepared deals; their ``push_count``, which the CRM counts at every change, comes first.
        The history stands in for deals without it that were observed since their creation.

    Returns
    -------
    DataFrame
        ``opportunity_id``, ``push_count``, ``push_basis`` (deals table, history, not known), one
        row per deal of the table.
    """
    rows = timeline.changes
    rows = rows[(rows["status"] == "open") & rows["close_date"].notna()]
    month = rows["close_date"].dt.year * 12 + rows["close_date"].dt.month
    deal = rows["opportunity_id"]
    pushed = (deal == deal.shift()) & (month > month.shift())
    counted = pushed.groupby(deal).sum()
    whole = timeline.deals.set_index("opportunity_id")["is_whole"]
    ids = deals["opportunity_id"]
    is_whole = value_of(ids, whole).fillna(False).astype(bool)
    own = value_of(ids, counted).fillna(0.0).where(is_whole)
    stated = deals["push_count"].astype("float64")
    basis = pd.Series("deals table", index=deals.index, dtype="str")
    basis = basis.mask(stated.isna(), "history").mask(own.isna() & stated.isna(), "not known")
    return pd.DataFrame(
        {
            "opportunity_id": ids,
            "push_count": stated.fillna(own).astype("Int64"),
            "push_basis": basis,
        }
    )


def measure_pushes(deals: pd.DataFrame, pushes: pd.DataFrame, minimum_deals: int) -> pd.DataFrame:
    """
    Give the win rate by how often a deal was pushed.

    Parameters
    ----------
    deals
        Prepared deals that are meant; a closed one counts with the pushes it had while open.
    pushes
        Result of ``count_pushes``.
    minimum_deals
        Fewer decided deals are grey.

    Returns
    -------
    DataFrame
        Table ``pipeline_pushes``: won / (won + lost) deals by number of pushes; not a cause:
        deals that were in trouble anyway are pushed more. Empty when no deal's pushes are known.
    """
    rows = deals.merge(pushes, "inner", "opportunity_id", suffixes=("_given", ""))
    rows = rows[rows["push_count"].notna() & (rows["status"] != "unknown")]
    if rows.empty:
        return pd.DataFrame()
    place = rows["push_count"].astype("int64").clip(upper=3)
    facts = pd.DataFrame(
        {
            "push_order": place,
            "won_count": (rows["status"] == "won").astype("int64"),
            "lost_count": (rows["status"] == "lost").astype("int64"),
            "open_count": (rows["status"] == "open").astype("int64"),
            "open_cents": known(to_cents(rows["amount"])).where(rows["status"] == "open", 0),
        }
    )
    sums = facts.groupby("push_order").sum().reindex(range(4), fill_value=0).reset_index()
    decided = sums["won_count"] + sums["lost_count"]
    low, high = wilson(sums["won_count"], decided)
    return sums.drop(columns="open_cents").assign(
        pushes=list(PUSHES),
        decided_count=decided,
        open_amount=from_cents(sums["open_cents"]),
        win_rate=ratio(sums["won_count"], decided),
        low=low,
        high=high,
        is_grey=decided < minimum_deals,
    )
