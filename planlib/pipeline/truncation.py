"""When the records begin, and which figures start too close to that to be performance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from planlib.notes import percent
from planlib.periods import Period

_HEAD = 0.10  # share of a period at its start that may pass before the first closed deal


@dataclass(frozen=True, kw_only=True)
class Records:
    """
    The first days of the records, and how long a deal takes.

    Parameters
    ----------
    has_status
        Whether any deal is known to be open, won or lost.
    first_created, first_close
        First created date of all deals, first close date of closed deals; None without any.
    cycles
        Days from created to closed, of closed deals.
    """

    has_status: bool
    first_created: date | None
    first_close: date | None
    cycles: pd.Series

    @classmethod
    def of(cls, deals: pd.DataFrame) -> Records:
        """Read the first days from prepared deals."""
        closed = deals[deals["status"].isin(["won", "lost"])]
        return cls(
            has_status=bool((deals["status"] != "unknown").any()),
            first_created=_first(deals["created_date"]),
            first_close=_first(closed["close_date"]),
            cycles=cycle_days(closed).dropna(),
        )

    def usual_cycle(self, share: float) -> int:
        """Give the days within which a share of the closed deals were closed; 0 without any."""
        return 0 if self.cycles.empty else int(self.cycles.quantile(share))

    def truncation(self, period: Period, share: float) -> str:
        """
        Say why closed deals of a period are not like those of later periods, or nothing.

        Deals that take long are missing from a period that starts soon after the first deal was
        created: what closes then is quick, and often mostly won. The same holds when closings
        are recorded only from some day within the period on.

        Parameters
        ----------
        period
            The period whose closed deals are counted.
        share
            Share of closed deals whose cycle must fit between the first created date and the
            period's start.
        """
        cycle = self.usual_cycle(share)
        if self.first_created and period.start < self.first_created + timedelta(cycle):
            days = (period.start - self.first_created).days
            began = f"{days} days before" if days >= 0 else f"{-days} days after"
            return (
                f"truncated: records begin {self.first_created}, {began} the period starts, and "
                f"{percent(share)} of deals take up to {cycle} days; slow deals are missing, so "
                "this "
                "is not performance"
            )
        head = timedelta(int(period.days * _HEAD))
        if self.first_close and period.start + head < self.first_close <= period.end:
            return (
                f"truncated: closed deals are recorded from {self.first_close} on, the period "
                f"starts {period.start}"
            )
        return ""

    def open_truncation(self, day: date, share: float) -> str:
        """Say why the open pipeline of a day lacks older deals, or nothing."""
        cycle = self.usual_cycle(share)
        if self.first_created and self.first_created <= day < self.first_created + timedelta(cycle):
            return (
                f"truncated: records begin {self.first_created}, so deals created before are "
                f"missing from the pipeline of {day}"
            )
        return ""


def cycle_days(closed: pd.DataFrame) -> pd.Series:
    """
    Give the days from created to closed.

    Parameters
    ----------
    closed
        Closed deals with ``created_date`` and ``close_date``. A deal closed before it was
        created has a wrong date and no cycle.
    """
    days = (closed["close_date"] - closed["created_date"]).dt.days.astype("float64")
    return days.where(days >= 0)


def _first(dates: pd.Series) -> date | None:
    first = dates.min()
    return None if pd.isna(first) else first.date()
