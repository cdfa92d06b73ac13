"""Tests of planlib.workdays."""

from datetime import date, timedelta

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from planlib.tables import table
from planlib.workdays import WorkCalendar

DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 31))


def make_holidays() -> pd.DataFrame:
    """Spring Festival 2026 with two make-up days, and a German holiday."""
    rows = [("CN", f"2026-02-{day}", False) for day in range(16, 24)]
    rows += [("CN", "2026-02-14", True), ("CN", "2026-02-28", True), ("DE", "2026-05-01", False)]
    frame = pd.DataFrame(rows, columns=["calendar", "holiday_date", "is_workday"])
    return table("holidays").check(frame)


def test_make_up_days_are_worked():
    """A make-up Saturday counts, a holiday on a weekday does not."""
    china = WorkCalendar.from_table(make_holidays(), "CN")
    assert china.is_workday(date(2026, 2, 14))
    assert not china.is_workday(date(2026, 2, 17))
    assert not china.is_workday(date(2026, 2, 21))
    assert china.count(date(2026, 2, 1), date(2026, 2, 28)) == 16


def test_a_calendar_takes_only_its_rows():
    """May Day is off in the German calendar only."""
    assert WorkCalendar.from_table(make_holidays(), "CN").is_workday(date(2026, 5, 1))
    assert not WorkCalendar.from_table(make_holidays(), "DE").is_workday(date(2026, 5, 1))


@given(DAYS, DAYS, st.frozensets(DAYS, max_size=8), st.frozensets(DAYS, max_size=8))
def test_count_agrees_with_counting_by_hand(start, end, holidays, workdays):
    """The count equals a day-by-day count by the definition."""
    calendar = WorkCalendar(holidays=holidays, workdays=workdays)
    span = [start + timedelta(n) for n in range((end - start).days + 1)]
    expected = sum(
        day in workdays or (day.isoweekday() < 6 and day not in holidays) for day in span
    )
    assert calendar.count(start, end) == expected


def test_elapsed_share_runs_from_nothing_to_all():
    """Before the period nothing has passed, after it everything, without workdays it is unknown."""
    calendar = WorkCalendar()
    start, end = date(2026, 1, 1), date(2026, 3, 31)
    assert calendar.elapsed_share(start, end, date(2025, 12, 31)) == 0
    assert calendar.elapsed_share(start, end, date(2027, 1, 1)) == 1
    assert calendar.elapsed_share(start, end, date(2026, 2, 15)) == 32 / 64
    weekend = calendar.elapsed_share(date(2026, 1, 3), date(2026, 1, 4), date(2026, 1, 4))
    assert weekend != weekend
