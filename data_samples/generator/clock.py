"""Days as whole numbers, ends of months and quarters, working days, and random streams."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import pandas as pd

BASE = np.datetime64("2020-01-01")
_SPAN = 365 * 14
_DATES = BASE + np.arange(_SPAN)
_MONTHS = _DATES.astype("datetime64[M]")
_NEXT = (_MONTHS + 1).astype("datetime64[D]")
_QUARTER = _MONTHS.astype(int) // 3
_AFTER = ((_QUARTER + 1) * 3).astype("datetime64[M]").astype("datetime64[D]")

#: Last day of the month and of the quarter of each day, as day numbers.
MONTH_END: list[int] = ((_NEXT - BASE).astype(int) - 1).tolist()
QUARTER_END: list[int] = ((_AFTER - BASE).astype(int) - 1).tolist()
#: Month (1 to 12), year and ISO weekday (1 to 7) of each day.
MONTH: list[int] = (_MONTHS.astype(int) % 12 + 1).tolist()
YEAR: list[int] = (_DATES.astype("datetime64[Y]").astype(int) + 1970).tolist()
WEEKDAY: list[int] = ((_DATES.astype(int) + 3) % 7 + 1).tolist()


def day(text: str) -> int:
    """Give the number of a day written as 2026-03-31."""
    return int((np.datetime64(text, "D") - BASE).astype(int))


def iso(number: int) -> str:
    """Write a day number as 2026-03-31."""
    return str(BASE + number)


def dates(numbers: Iterable[int | None]) -> pd.Series:
    """Turn day numbers into dates; None becomes a missing date."""
    values = pd.array([pd.NA if one is None else int(one) for one in numbers], dtype="Int64")
    days = pd.Series(values)
    plain = days.fillna(0).to_numpy(dtype="int64")
    found = pd.Series((BASE + plain).astype("datetime64[s]")).astype("datetime64[us]")
    return found.mask(days.isna().to_numpy())


def quarter_name(number: int) -> str:
    """Give the quarter of a day, such as 2026Q1."""
    return f"{YEAR[number]}Q{(MONTH[number] - 1) // 3 + 1}"


def quarter_days(name: str) -> tuple[int, int]:
    """Give first and last day of a quarter such as 2026Q1."""
    year, quarter = int(name[:4]), int(name[5])
    first = day(f"{year}-{quarter * 3 - 2:02d}-01")
    return first, QUARTER_END[first]


def quarters(first: str, last: str) -> list[str]:
    """List the quarters from first to last, both included."""
    start, end = quarter_days(first)[0], quarter_days(last)[0]
    found = []
    while start <= end:
        found.append(quarter_name(start))
        start = QUARTER_END[start] + 1
    return found


@cache
def stream(seed: int, name: str) -> np.random.Generator:
    """Give the random stream of a purpose; streams of different purposes do not disturb."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def fresh(seed: int, name: str) -> np.random.Generator:
    """Give a new random stream of a purpose, from its start."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


class WorkDays:
    """
    Working days of one calendar, looked up by day number.

    Parameters
    ----------
    holidays
        Days off beside Saturday and Sunday.
    worked
        Weekend days that are worked.
    """

    def __init__(self, holidays: Sequence[int] = (), worked: Sequence[int] = ()) -> None:
        off = set(holidays) - set(worked)
        extra = set(worked)
        self.is_work = [
            (WEEKDAY[one] <= 5 and one not in off) or one in extra for one in range(_SPAN)
        ]
        self._before = list(range(_SPAN))
        self._after = list(range(_SPAN))
        for one in range(1, _SPAN):
            self._before[one] = one if self.is_work[one] else self._before[one - 1]
        for one in range(_SPAN - 2, -1, -1):
            self._after[one] = one if self.is_work[one] else self._after[one + 1]

    def before(self, number: int) -> int:
        """Give the day itself, or the last working day before it."""
        return self._before[number]

    def after(self, number: int) -> int:
        """Give the day itself, or the next working day after it."""
        return self._after[number]
