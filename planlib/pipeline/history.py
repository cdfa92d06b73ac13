"""
The pipeline as it was known on a day: from snapshots, change records, or rebuilt.

This is the one module that touches the long history; everything else works on the states it
gives, one row per deal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pandas as pd

from planlib.pipeline.deals import STATE_COLUMNS, deal_status, prepare_deals
from planlib.tables import table

Basis = Literal["current", "snapshot", "changes", "reconstructed"]

_FEW = 0.10  # share of open deals without a record above which change records are not enough


@dataclass(frozen=True, kw_only=True)
class AsOf:
    """
    The pipeline as known at the end of a day.

    Parameters
    ----------
    day
        The day asked for.
    states
        One row per deal with ``status`` (open, won, lost, unknown) and the columns of
        ``STATE_COLUMNS``.
    basis
        The rung of the history ladder: ``current`` (the deals table itself), ``snapshot``,
        ``changes`` (change records), ``reconstructed`` (today's amounts and owners, open from
        created to closed date).
    seen
        Day of the snapshot, of the last change record, or of the deals table.
    """

    day: date
    states: pd.DataFrame
    basis: Basis
    seen: date | None = None

    @property
    def knows_dates(self) -> bool:
        """Whether close dates and amounts are those of that day, not today's."""
        return self.basis != "reconstructed"

    @property
    def label(self) -> str:
        """The basis in words."""
        if self.basis == "current":
            return f"deals table of {self.seen}"
        if self.basis == "snapshot":
            return f"snapshot of {self.seen}"
        if self.basis == "changes":
            return f"change records until {self.seen}"
        return "reconstructed from created and closed dates, today's amounts"

    @property
    def open_deals(self) -> pd.DataFrame:
        """Open deals only."""
        return self.states[self.states["status"] == "open"].reset_index(drop=True)


class PipelineHistory:
    """
    Deals and their history, prepared once, asked for any day.

    Parameters
    ----------
    opportunities
        Table ``opportunities``: the deals as they stand on ``data_until``. It decides whether and
        when a deal was won or lost: a closed deal counts as closed from its close date on, also
        where an older snapshot still had it open.
    history
        Table ``opportunity_history`` with snapshots, change records, or both; None without.
    data_until
        Day until which ``opportunities`` is complete; from that day on the state is the table.
    snapshot_age_days
        Oldest snapshot that still stands for a day.
    """

    def __init__(
        self,
        opportunities: pd.DataFrame,
        history: pd.DataFrame | None = None,
        *,
        data_until: date | None = None,
        snapshot_age_days: int = 10,
    ) -> None:
        self.deals = prepare_deals(opportunities)
        self.data_until = data_until
        self._age = timedelta(snapshot_age_days)
        records = table("opportunity_history").or_empty(history)
        records = table("opportunity_history").coerce(records)
        records = records.assign(status=deal_status(records["is_closed"], records["is_won"]))
        self._records = records.sort_values(
            ["snapshot_date", "sequence", "opportunity_id", "record"], ignore_index=True
        )
        self._dates = self._records["snapshot_date"].to_numpy()
        ids = self._records["opportunity_id"]
        self._records["deal"] = pd.Index(self.deals["opportunity_id"]).get_indexer(ids)
        self._records["key"] = pd.factorize(ids)[0]
        snapshots = self._records["record"] == "snapshot"
        self._snapshot_dates = np.unique(self._dates[snapshots.to_numpy()])
        self._slim = self.deals[list(STATE_COLUMNS)]
        self._is_closed = self.deals["status"].isin(["won", "lost"])
        self._is_known = (self.deals["status"] != "unknown").to_numpy()
        self._has_lost_amounts = _amounts_of_lost(self.deals)
        self._asked: dict[tuple[date, bool], AsOf] = {}

    @property
    def snapshot_dates(self) -> list[date]:
        """Days with a full snapshot, in order."""
        return [pd.Timestamp(day).date() for day in self._snapshot_dates]

    @property
    def records(self) -> pd.DataFrame:
        """Every record of the history, oldest first, with the ``status`` that it states."""
        return self._records.drop(columns=["deal", "key"])

    @property
    def has_change_records(self) -> bool:
        """Whether the history holds changes of single deals."""
        return bool((self._records["record"] == "change").any())

    def observed_days(self, first: date, last: date) -> list[date]:
        """Give the days after one day and before another on which something was recorded."""
        days = np.unique(self._dates[(self._dates > np.datetime64(first))])
        return [pd.Timestamp(day).date() for day in days[days < np.datetime64(last)]]

    def recorded_at(self, day: date) -> pd.DataFrame | None:
        """
        Give what the records said of every deal at the end of a day, closed deals included.

        Unlike ``at``, nothing is taken from today's deals table.

        Returns
        -------
        DataFrame or None
            One row per deal; None where no snapshot and no change record reaches that day.
        """
        records = self._last_records(self._last_snapshot(day), day)
        if records.empty:
            return None
        return records.drop(columns=["deal", "key"]).sort_values(
            "opportunity_id", ignore_index=True
        )

    def at(self, day: date) -> AsOf:
        """
        Give the pipeline as it was known at the end of a day.

        The first of these that exists: the deals table (from its own day on); the last snapshot
        not older than ``snapshot_age_days``, moved on by later change records; change records,
        when nearly all open deals have one; else a reconstruction. A deal that a full snapshot
        does not hold was not in the pipeline, unless the deals table says it was closed by then.
        """
        if (day, False) not in self._asked:
            self._asked[day, False] = self._find(day)
        return self._asked[day, False]

    def rebuilt(self, day: date) -> AsOf:
        """
        Rebuild the pipeline of a day from created and closed dates, at today's amounts.

        Right for how many deals were open, and only for that: the amounts, close dates, stages
        and owners are today's, and deals deleted since are missing. Where lost deals carry no
        amount today, no deal gets one: only deals won since would count.
        """
        if (day, True) not in self._asked:
            known = self._slim[self._slim["created_date"] <= pd.Timestamp(day)]
            later = known["close_date"].isna() | (known["close_date"] > pd.Timestamp(day))
            opened = known["status"].isin(["won", "lost"]) & later
            states = known.assign(status=known["status"].mask(opened, "open"))
            if not self._has_lost_amounts:
                states = states.assign(amount=np.nan)
            self._asked[day, True] = AsOf(day=day, states=_shape(states), basis="reconstructed")
        return self._asked[day, True]

    def _find(self, day: date) -> AsOf:
        if self.data_until is not None and day >= self.data_until:
            return AsOf(day=day, states=self._slim, basis="current", seen=self.data_until)
        snapshot = self._last_snapshot(day)
        if snapshot is not None:
            records = self._last_records(snapshot, day)
            states = self._with_closed(records, day)
            return AsOf(day=day, states=states, basis="snapshot", seen=snapshot.date())
        return self._from_changes(day) or self.rebuilt(day)

    def created_amounts(self) -> pd.DataFrame:
        """
        Give what each deal was worth when it was created.

        Returns
        -------
        DataFrame
            ``opportunity_id``, ``amount``, ``amount_basis``: the amount at creation where the
            deals table has it; else the first record, when it is not older than
            ``snapshot_age_days`` after the day of creation; else today's amount, blank where
            lost deals carry none today.
        """
        deals = self.deals[["opportunity_id", "created_date", "created_amount", "amount"]]
        first = self._records.drop_duplicates("key")
        first = first[["opportunity_id", "snapshot_date", "amount"]]
        joined = deals.merge(first, "left", "opportunity_id", suffixes=("", "_first"))
        joined = joined.sort_values("opportunity_id", ignore_index=True)
        late = joined["snapshot_date"] > joined["created_date"] + self._age
        from_record = joined["amount_first"].notna() & ~late & joined["created_amount"].isna()
        given = joined["created_amount"].notna()
        today = joined["amount"]
        if not self._has_lost_amounts:
            today = pd.Series(np.nan, index=joined.index)
        amount = joined["created_amount"].where(
            given, joined["amount_first"].where(from_record, today)
        )
        basis = pd.Series("today's amount", index=joined.index, dtype="str")
        basis = basis.mask(amount.isna(), "unknown")
        basis = basis.mask(from_record, "first record").mask(given, "amount at creation")
        return pd.DataFrame(
            {"opportunity_id": joined["opportunity_id"], "amount": amount, "amount_basis": basis}
        )

    def _last_snapshot(self, day: date) -> pd.Timestamp | None:
        until = np.searchsorted(self._snapshot_dates, np.datetime64(day), side="right")
        if until == 0:
            return None
        last = pd.Timestamp(self._snapshot_dates[until - 1])
        return last if pd.Timestamp(day) - last <= self._age else None

    def _last_records(self, start: pd.Timestamp | None, day: date) -> pd.DataFrame:
        """Give each deal's last record from a snapshot (or from the beginning) until a day."""
        low = 0 if start is None else np.searchsorted(self._dates, start.to_datetime64())
        high = np.searchsorted(self._dates, np.datetime64(day), side="right")
        records = self._records.iloc[low:high]
        records = records.drop_duplicates("key", keep="last")
        return records[~records["is_deleted"].fillna(False).astype(bool)]

    def _with_closed(self, records: pd.DataFrame, day: date) -> pd.DataFrame:
        """Let the deals table decide what was closed; a record without flags is an open deal."""
        closed = self._is_closed & (self._slim["close_date"] <= pd.Timestamp(day))
        deal = records["deal"].to_numpy()
        others = records[~np.append(closed.to_numpy(), False)[deal]]  # -1: not in the table
        deal = others["deal"].to_numpy()
        today = self._slim.reindex(deal)
        filled = {
            name: others[name].where(others[name].notna() | (deal < 0), today[name].array)
            for name in ("created_date", "account_id", "owner_id")
            if others[name].isna().any()
        }
        unflagged = others["status"] == "unknown"
        if unflagged.any():
            not_closed = others["forecast_category"].fillna("") != "closed"
            may_be_open = np.append(self._is_known, True)[deal]
            filled["status"] = others["status"].mask(unflagged & not_closed & may_be_open, "open")
        states = others.assign(**filled)[list(STATE_COLUMNS)]
        return _shape(pd.concat([states, self._slim[closed]]))

    def _from_changes(self, day: date) -> AsOf | None:
        records = self._last_records(None, day)
        records = records[records["record"] == "change"]
        if records.empty:
            return None
        states = self._with_closed(records, day)
        rebuilt = self.rebuilt(day).states
        missing = rebuilt[
            (rebuilt["status"] == "open")
            & ~rebuilt["opportunity_id"].isin(self._recorded_until(day))
        ]
        if len(missing) > _FEW * max(1, (rebuilt["status"] == "open").sum()):
            return None
        seen = records["snapshot_date"].max().date()
        return AsOf(
            day=day, states=_shape(pd.concat([states, missing])), basis="changes", seen=seen
        )

    def _recorded_until(self, day: date) -> pd.Series:
        high = np.searchsorted(self._dates, np.datetime64(day), side="right")
        return self._records["opportunity_id"].iloc[:high]


def state_at(
    opportunity_history: pd.DataFrame | None,
    opportunities: pd.DataFrame,
    day: date,
    *,
    data_until: date | None = None,
) -> AsOf:
    """
    Give the pipeline as it was known at the end of one day.

    Use ``PipelineHistory`` to ask for many days.

    Parameters
    ----------
    opportunity_history
        Table ``opportunity_history``, or None.
    opportunities
        Table ``opportunities``.
    day
        The day asked for.
    data_until
        Day until which ``opportunities`` is complete.

    Returns
    -------
    AsOf
        One row per deal with its status, and the rung of the history ladder that it rests on.

    Raises
    ------
    TableError
        If an ``opportunity_id`` is missing, blank or repeats.
    """
    return PipelineHistory(opportunities, opportunity_history, data_until=data_until).at(day)


def _shape(states: pd.DataFrame) -> pd.DataFrame:
    return states[list(STATE_COLUMNS)].sort_values("opportunity_id", ignore_index=True)


def _amounts_of_lost(deals: pd.DataFrame) -> bool:
    """Tell whether lost deals keep their amount, or there are none to tell by."""
    lost = deals.loc[deals["status"] == "lost", "amount"]
    return bool(lost.empty or (lost.fillna(0) != 0).any())
