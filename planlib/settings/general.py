"""Settings that every step shares: fiscal year, calendar, running, report."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from planlib.periods import FiscalYear
from planlib.settings.base import Section, setting

Sensitivity = Literal["pay", "rank", "retention", "contact"]


class FiscalYearSettings(Section):
    """Where fiscal years lie in the calendar."""

    start_month: int = setting(1, "Month in which the fiscal year starts", "month", ge=1, le=12)
    named_by: Literal["end", "start"] = setting(
        "end", "Whether a fiscal year has the name of the year in which it ends or starts"
    )

    def fiscal_year(self) -> FiscalYear:
        """Give the fiscal year that periods are built with."""
        return FiscalYear(start_month=self.start_month, named_by=self.named_by)


class CalendarSettings(Section):
    """Working days."""

    name: str = setting("", "Which calendar of table holidays counts; blank: all its rows")
    weekend: tuple[int, ...] = setting((6, 7), "Weekdays that are off, Monday is 1", "ISO weekday")

    @field_validator("weekend")
    @classmethod
    def _weekdays(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not set(value) <= set(range(1, 8)) or len(set(value)) == 7:
            raise ValueError("weekdays from 1 (Monday) to 7 (Sunday), not all of them")
        return value


class RunSettings(Section):
    """How a cycle runs."""

    cell_timeout: int = setting(600, "Longest time for one notebook cell", "seconds", ge=1)
    workers: int = setting(2, "Notebooks that run side by side", "processes", ge=1, le=64)
    off: tuple[str, ...] = setting((), "Steps that this organisation does not use")


class AudienceSettings(Section):
    """What one audience of report and Excel files may see."""

    sees: tuple[Sensitivity, ...] = setting((), "Classes of personal data that are shown")


class ReportSettings(Section):
    """Report and Excel files."""

    audience: str = setting("leadership", "Audience for which report and Excel files are made")
    audiences: dict[str, AudienceSettings] = setting(
        {"leadership": AudienceSettings(), "analysts": AudienceSettings(sees=("contact",))},
        "Audiences by name",
    )
    paper: Literal["A4", "Letter"] = setting("A4", "Paper on which the report is printed")
    rows: int = setting(15, "Longest table in the report; Excel has all rows", "rows", ge=3, le=200)

    @field_validator("audiences")
    @classmethod
    def _some(cls, value: dict[str, AudienceSettings]) -> dict[str, AudienceSettings]:
        if not value:
            raise ValueError("at least one audience")
        return value
