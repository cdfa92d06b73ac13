"""Working days: weekends, public holidays, and weekend days that are worked instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd


@dataclass(frozen=True, kw_only=True)
class WorkCalendar:
    """
    A calendar of working days.

    Parameters
    ----------
    weekend
        ISO weekdays that are off: Monday is 1, Sunday is 7.
    holidays
        Days off beside the weekend.
    workdays
        Weekend days or holidays that are worked, such as the make-up days around Chinese
        public holidays. They win over ``weekend`` and ``holidays``.

    Examples
    --------
    >>> spring = WorkCalendar(holidays=frozenset({date(2026, 2, 17)}),
    ...                       workdays=frozenset({date(2026, 2, 14)}))
    >>> spring.count(date(2026, 2, 14), date(2026, 2, 17))
    2
    """

    weekend: tuple[int, ...] = (6, 7)
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    @classmethod
    def from_table(
        cls, holidays: pd.DataFrame, calendar: str = "", weekend: Iterable[int] = (6, 7)
    ) -> WorkCalendar:
        """
        Build a calendar from table ``holidays``.

        Parameters
        ----------
        holidays
            Rows with ``calendar``, ``holiday_date`` and ``is_workday`` (true: the day is worked).
        calendar
            Which calendar to take; blank takes all rows.
        weekend
            ISO weekdays that are off.
        """
        mine = holidays if not calendar else holidays[holidays["calendar"] == calendar]
        worked = mine["is_workday"].fillna(False).astype(bool)
        days = mine["holiday_date"].dt.date
        return cls(
            weekend=tuple(weekend),
            holidays=frozenset(days[~worked]),
            workdays=frozenset(days[worked]),
        )

    def is_workday(self, day: date) -> bool:
        """Tell whether a day is worked."""
        return self.count(day, day) == 1

    def count(self, start: date, end: date) -> int:
        """Count working days from ``start`` to ``end``, both included; 0 if end is earlier."""
        if end < start:
            return 0
        extra = sum(1 for day in self.workdays if start <= day <= end)
        mask = [day not in self.weekend for day in range(1, 8)]
        off = np.array(sorted(self.holidays | self.workdays), dtype="datetime64[D]")
        plain = np.busday_count(start, end + timedelta(1), weekmask=mask, holidays=off)
        return int(plain) + extra

    def elapsed_share(self, start: date, end: date, as_of: date) -> float:
        """
        Give the share of a period's working days that have passed at the end of a day.

        Returns
        -------
        float
            0 before the period, 1 after it; NaN for a period without working days.
        """
        total = self.count(start, end)
        return self.count(start, min(as_of, end)) / total if total else float("nan")
