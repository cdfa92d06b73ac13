"""One line of states for each deal, from whatever history there is: the base of all movement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from planlib.pipeline.history import PipelineHistory
from planlib.pipeline.movement.cells import value_of

#: What is followed; a row of the timeline begins whenever one of these changes.
FOLLOWED = ("status", "stage", "amount", "close_date", "owner_id")

_COLUMNS = ["opportunity_id", "day", *FOLLOWED, "probability", "stage_order"]
_SLACK = 1.5  # times the usual distance of observations


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """
    The states of every deal in order.

    Parameters
    ----------
    changes
        One row per deal and change: ``opportunity_id``, ``day`` on which the state was first
        seen, ``status`` (open, won, lost, unknown, deleted), ``stage``, ``amount``,
        ``close_date``, ``owner_id``, ``probability``, ``stage_order``; by deal, then in order.
    deals
        One row per deal: ``opportunity_id``, ``created_date``, ``account_id``, ``owner_id``,
        ``first_day`` (first observation), ``is_whole``: observed since it was created.
    first_day
        First day of the history; None without history.
    gap_days
        Usual distance between two snapshots; 0 where every change has its own record.
    as_of
        Last day.
    """

    changes: pd.DataFrame
    deals: pd.DataFrame
    first_day: date | None
    gap_days: int
    as_of: date

    @property
    def note(self) -> str:
        """How exact the days are, in words."""
        if self.first_day is None:
            return "there is no history: neither snapshots nor change records"
        if self.gap_days == 0:
            return f"from change records since {self.first_day}"
        return (
            f"from snapshots since {self.first_day}, {self.gap_days} days apart: a move counts "
            "from the first snapshot that shows it, and what begins and ends between two "
            "snapshots is not seen"
        )


def read_timeline(history: PipelineHistory, as_of: date, *, slack_days: int = 10) -> Timeline:
    """
    Bring snapshots, change records and the deals table into one line of states per deal.

    A deal that is closed by the deals table ends on its close date, whatever later records say.
    A deal that the deals table does not hold ends, as deleted, on the first snapshot without it.

    Parameters
    ----------
    history
        Deals and their history.
    as_of
        Later records are left out.
    slack_days
        A deal first seen at most this many days (or one and a half distances of snapshots) after
        its created date counts as observed since it was created.

    Returns
    -------
    Timeline
        One row per deal and change until the as-of date, and one per deal.
    """
    records = history.records
    records = records[records["snapshot_date"] <= pd.Timestamp(as_of)]
    gap = _usual_gap(history, as_of)
    first = None if records.empty else records["snapshot_date"].iloc[0].date()
    deals = _deals(history, records, as_of, max(slack_days, int(gap * _SLACK)))
    rows = records.rename(columns={"snapshot_date": "day"})
    deleted = rows["is_deleted"].fillna(False).astype(bool)
    rows = rows.assign(status=rows["status"].mask(deleted, "deleted"))
    rows = _until_closed(rows, history)
    ends = [_endings(history, as_of), _vanished(history, rows, as_of)]
    parts = [rows[_COLUMNS], *[end.reindex(columns=_COLUMNS) for end in ends if len(end)]]
    whole = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
    return Timeline(
        changes=_changed(whole) if first else whole.iloc[:0],
        deals=deals,
        first_day=first,
        gap_days=gap,
        as_of=as_of,
    )


def _usual_gap(history: PipelineHistory, as_of: date) -> int:
    days = pd.to_datetime(pd.Series([day for day in history.snapshot_dates if day <= as_of]))
    if len(days) < 2 or history.has_change_records:
        return 0
    return int(days.diff().dt.days.median())


def _deals(
    history: PipelineHistory, records: pd.DataFrame, as_of: date, slack: int
) -> pd.DataFrame:
    """Give each deal of table or history with its first observation."""
    first = records.drop_duplicates("opportunity_id")
    first = first[["opportunity_id", "snapshot_date", "created_date", "account_id", "owner_id"]]
    table = history.deals[["opportunity_id", "created_date", "account_id", "owner_id"]]
    both = table.merge(first, "outer", "opportunity_id", suffixes=("", "_record"))
    for name in ("created_date", "account_id", "owner_id"):
        both[name] = both[name].where(both[name].notna(), both[f"{name}_record"].array)
    late = (both["snapshot_date"] - both["created_date"]).dt.days
    both = both.assign(first_day=both["snapshot_date"], is_whole=(late <= slack) & late.notna())
    both = both[~(both["created_date"] > pd.Timestamp(as_of))]
    keep = ["opportunity_id", "created_date", "account_id", "owner_id", "first_day", "is_whole"]
    return both[keep].sort_values("opportunity_id", ignore_index=True)


def _until_closed(rows: pd.DataFrame, history: PipelineHistory) -> pd.DataFrame:
    """Leave out what was recorded of a deal from the day on which it was closed."""
    closed = history.deals[history.deals["status"].isin(["won", "lost"])]
    end = value_of(rows["opportunity_id"], closed.set_index("opportunity_id")["close_date"])
    is_over = (rows["day"] >= end) | (rows["status"].isin(["won", "lost"]) & end.notna())
    unflagged = rows["status"] == "unknown"
    rows = rows.assign(status=rows["status"].mask(unflagged & end.notna(), "open"))
    return rows[~is_over.fillna(False).astype(bool)]


def _endings(history: PipelineHistory, as_of: date) -> pd.DataFrame:
    """Give the closing of closed deals, and how the others stand where that is known."""
    deals, day = history.deals, pd.Timestamp(as_of)
    closed = deals[deals["status"].isin(["won", "lost"]) & (deals["close_date"] <= day)]
    parts = [closed.assign(day=closed["close_date"])]
    if history.data_until is not None and as_of >= history.data_until:
        others = deals[~deals["opportunity_id"].isin(closed["opportunity_id"])]
        parts.append(others.assign(day=pd.Timestamp(history.data_until)))
    return pd.concat(parts, ignore_index=True)


def _vanished(history: PipelineHistory, rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Give the day on which deals that nobody knows today were first missing from a snapshot."""
    snapshots = pd.DatetimeIndex([day for day in history.snapshot_dates if day <= as_of])
    gone = rows[~rows["opportunity_id"].isin(history.deals["opportunity_id"])]
    last = gone.drop_duplicates("opportunity_id", keep="last")
    last = last[last["status"] == "open"]
    at = snapshots.searchsorted(last["day"], side="right")
    missed = at < len(snapshots)
    last = last[missed]
    return last.assign(day=snapshots[at[missed]].to_numpy(), status="deleted")


def _changed(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows in which something followed differs from the row before of the same deal."""
    codes = pd.factorize(rows["opportunity_id"])[0]
    order = np.lexsort((np.arange(len(rows)), rows["day"].to_numpy(), codes))
    rows, codes = rows.iloc[order], codes[order]
    new = np.ones(len(rows), dtype=bool)
    new[1:] = codes[1:] != codes[:-1]
    for name in FOLLOWED:
        value = pd.factorize(rows[name])[0]
        new[1:] |= value[1:] != value[:-1]
    kept = rows[new]
    return kept.sort_values("opportunity_id", kind="stable", ignore_index=True)
