"""Periods of a planning cycle: fiscal year, fiscal quarter, month, ISO week, day."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from planlib.errors import PeriodError

Kind = Literal["year", "quarter", "month", "week", "day"]

#: Cadences from coarse to fine; a run of a period does its own cadence and all finer ones.
KINDS: tuple[Kind, ...] = ("year", "quarter", "month", "week", "day")

_PATTERNS: tuple[tuple[Kind, str], ...] = (
    ("year", r"(\d{4})"),
    ("quarter", r"(\d{4})Q([1-4])"),
    ("month", r"(\d{4})-(\d{2})"),
    ("week", r"(\d{4})W(\d{2})"),
    ("day", r"(\d{4})-(\d{2})-(\d{2})"),
)


@dataclass(frozen=True, kw_only=True)
class FiscalYear:
    """
    How fiscal years lie in the calendar.

    Parameters
    ----------
    start_month
        Month in which the fiscal year starts, 1 to 12.
    named_by
        Whether fiscal year 2026 is the one that ends or the one that starts in 2026. Both are
        the same when the fiscal year starts in January.
    """

    start_month: int = 1
    named_by: Literal["end", "start"] = "end"

    def first_month(self, year: int) -> int:
        """Give the month number (year * 12 + month - 1) in which a fiscal year starts."""
        begins_before = self.start_month > 1 and self.named_by == "end"
        return (year - begins_before) * 12 + self.start_month - 1

    def year_of(self, day: date) -> int:
        """Give the fiscal year that contains a day."""
        month = day.year * 12 + day.month - 1
        year = day.year + 1
        while self.first_month(year) > month:
            year -= 1
        return year


CALENDAR_YEAR = FiscalYear()


@dataclass(frozen=True)
class Period:
    """
    A named span of days; ``start`` and ``end`` both belong to it.

    Examples
    --------
    >>> Period.parse("2026Q1").end
    datetime.date(2026, 3, 31)
    >>> Period.parse(2026, FiscalYear(start_month=2)).start
    datetime.date(2025, 2, 1)
    """

    name: str
    kind: Kind
    start: date
    end: date
    fiscal_year: FiscalYear = CALENDAR_YEAR

    @classmethod
    def parse(cls, name: str | int, fiscal_year: FiscalYear = CALENDAR_YEAR) -> Period:
        """
        Read the name of a period.

        Parameters
        ----------
        name
            ``2026`` (also as a number), ``2026Q1``, ``2026-03``, ``2026W12`` or ``2026-03-17``.
        fiscal_year
            How fiscal years and quarters lie in the calendar.

        Raises
        ------
        PeriodError
            If the name is none of these or no such day or week exists.
        """
        text = str(name).strip()
        for kind, pattern in _PATTERNS:
            match = re.fullmatch(pattern, text, flags=re.ASCII)
            if match:
                try:
                    return cls._build(kind, [int(part) for part in match.groups()], fiscal_year)
                except ValueError as error:
                    raise PeriodError(f"period '{text[:40]}' does not exist: {error}") from None
        raise PeriodError(
            f"period '{text[:40]}' is not a period; allowed are 2026 (fiscal year), "
            "2026Q1 (fiscal quarter), 2026-03 (month), 2026W12 (ISO week), 2026-03-17 (day)"
        )

    @classmethod
    def _build(cls, kind: Kind, parts: list[int], fiscal_year: FiscalYear) -> Period:
        year = parts[0]
        if kind == "year":
            first = fiscal_year.first_month(year)
            return cls(f"{year}", kind, _month_start(first), _month_end(first + 11), fiscal_year)
        if kind == "quarter":
            first = fiscal_year.first_month(year) + 3 * (parts[1] - 1)
            name = f"{year}Q{parts[1]}"
            return cls(name, kind, _month_start(first), _month_end(first + 2), fiscal_year)
        if kind == "month":
            start = date(year, parts[1], 1)
            return cls(
                f"{start:%Y-%m}", kind, start, _month_end(year * 12 + parts[1] - 1), fiscal_year
            )
        if kind == "week":
            start = date.fromisocalendar(year, parts[1], 1)
            return cls(f"{year}W{parts[1]:02d}", kind, start, start + timedelta(6), fiscal_year)
        start = date(*parts)
        return cls(start.isoformat(), kind, start, start, fiscal_year)

    @classmethod
    def of(cls, day: date, kind: Kind, fiscal_year: FiscalYear = CALENDAR_YEAR) -> Period:
        """Give the period of a kind that contains a day."""
        if kind == "day":
            return cls._build(kind, [day.year, day.month, day.day], fiscal_year)
        if kind == "week":
            return cls._build(kind, list(day.isocalendar()[:2]), fiscal_year)
        if kind == "month":
            return cls._build(kind, [day.year, day.month], fiscal_year)
        year = fiscal_year.year_of(day)
        if kind == "year":
            return cls._build(kind, [year], fiscal_year)
        months = day.year * 12 + day.month - 1 - fiscal_year.first_month(year)
        return cls._build(kind, [year, months // 3 + 1], fiscal_year)

    @property
    def days(self) -> int:
        """Number of calendar days."""
        return (self.end - self.start).days + 1

    def contains(self, day: date) -> bool:
        """Tell whether a day lies in the period."""
        return self.start <= day <= self.end

    def shift(self, count: int) -> Period:
        """Give the period that lies ``count`` periods of the same kind later (or earlier)."""
        if self.kind in ("week", "day"):
            return Period.of(self.start + timedelta(count * self.days), self.kind, self.fiscal_year)
        months = {"year": 12, "quarter": 3, "month": 1}[self.kind] * count
        first = self.start.year * 12 + self.start.month - 1 + months
        return Period.of(_month_start(first), self.kind, self.fiscal_year)

    def prior_year(self) -> Period:
        """
        Give the same period of the year before.

        A week 53 maps to week 52 of the year before when that has no week 53, 29 February to
        28 February.
        """
        if self.kind == "week":
            year, week, _ = self.start.isocalendar()
            last = date(year - 1, 12, 28).isocalendar().week
            return Period._build("week", [year - 1, min(week, last)], self.fiscal_year)
        if self.kind == "day":
            return Period.of(same_day_last_year(self.start), "day", self.fiscal_year)
        return self.shift({"year": -1, "quarter": -4, "month": -12}[self.kind])

    def parts(self, kind: Kind) -> list[Period]:
        """Give the periods of a finer (or the same) kind that overlap this one, in order."""
        if KINDS.index(kind) < KINDS.index(self.kind):
            raise PeriodError(f"a {self.kind} ({self.name}) has no parts of kind '{kind}'")
        part = Period.of(self.start, kind, self.fiscal_year)
        found = []
        while part.start <= self.end:
            found.append(part)
            part = part.shift(1)
        return found

    def cadences(self) -> tuple[Kind, ...]:
        """Give the cadences that a run of this period does: its own and all finer ones."""
        return KINDS[KINDS.index(self.kind) :]

    def __str__(self) -> str:
        """Give the name."""
        return self.name


def same_day_last_year(day: date) -> date:
    """Give the same calendar day a year earlier; 29 February becomes 28 February."""
    last = calendar.monthrange(day.year - 1, day.month)[1]
    return date(day.year - 1, day.month, min(day.day, last))


def _month_start(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _month_end(month: int) -> date:
    return _month_start(month + 1) - timedelta(1)
