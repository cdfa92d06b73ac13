"""Tests of planlib.periods."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planlib.errors import PeriodError
from planlib.periods import KINDS, FiscalYear, Period, same_day_last_year

FEBRUARY = FiscalYear(start_month=2)


@pytest.mark.parametrize(
    ("name", "kind", "start", "end"),
    [
        ("2026", "year", date(2026, 1, 1), date(2026, 12, 31)),
        (2026, "year", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026Q1", "quarter", date(2026, 1, 1), date(2026, 3, 31)),
        ("2024-02", "month", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026W53", "week", date(2026, 12, 28), date(2027, 1, 3)),
        ("2026-03-17", "day", date(2026, 3, 17), date(2026, 3, 17)),
    ],
)
def test_names_give_spans(name, kind, start, end):
    """Each kind of name gives its first and last day."""
    period = Period.parse(name)
    assert (period.kind, period.start, period.end) == (kind, start, end)


@pytest.mark.parametrize(
    ("fiscal_year", "start"),
    [
        (FEBRUARY, date(2025, 2, 1)),
        (FiscalYear(start_month=2, named_by="start"), date(2026, 2, 1)),
        (FiscalYear(start_month=10), date(2025, 10, 1)),
    ],
)
def test_fiscal_year_is_named_by_its_end_or_start(fiscal_year, start):
    """A fiscal year that is not the calendar's starts where its naming says."""
    assert Period.parse("2026", fiscal_year).start == start
    assert Period.parse("2026Q1", fiscal_year).start == start


@pytest.mark.parametrize(
    "name",
    [
        "",
        "26",
        "2026Q5",
        "2026-13",
        "2026-02-30",
        "2025W53",
        "2026q1x",
        "../2026",
        "٢٠٢٦",
        "0000",
        "2026Q1\n2",
    ],
)
def test_wrong_names_are_refused_with_what_is_allowed(name):
    """A name that is no period, or a day that does not exist, is an error that says so."""
    with pytest.raises(PeriodError, match=r"does not exist|allowed are"):
        Period.parse(name)


@given(
    st.dates(date(1990, 1, 1), date(2080, 1, 1)),
    st.sampled_from(KINDS),
    st.integers(1, 12),
    st.sampled_from(["end", "start"]),
)
def test_the_period_of_a_day_contains_it_and_neighbours_touch(day, kind, month, named_by):
    """Periods of a kind tile the calendar, and their names read back."""
    fiscal_year = FiscalYear(start_month=month, named_by=named_by)
    period = Period.of(day, kind, fiscal_year)
    assert period.contains(day)
    assert Period.parse(period.name, fiscal_year) == period
    assert period.shift(1).start == period.end + timedelta(1)
    assert period.shift(1).shift(-1) == period


@given(st.dates(date(1990, 1, 1), date(2080, 1, 1)), st.integers(1, 12))
def test_months_add_up_to_the_year(day, month):
    """The twelve months and four quarters of a fiscal year have all its days."""
    year = Period.of(day, "year", FiscalYear(start_month=month))
    assert sum(part.days for part in year.parts("month")) == year.days
    assert sum(part.days for part in year.parts("quarter")) == year.days
    assert (len(year.parts("month")), len(year.parts("quarter"))) == (12, 4)


def test_a_coarser_part_is_refused():
    """A month has no quarters."""
    with pytest.raises(PeriodError, match="no parts of kind 'quarter'"):
        Period.parse("2026-03").parts("quarter")


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("2026", "2025"),
        ("2026Q1", "2025Q1"),
        ("2024-02", "2023-02"),
        ("2026W53", "2025W52"),
        ("2024-02-29", "2023-02-28"),
    ],
)
def test_prior_year(name, before):
    """The same period a year earlier, also where that year is shorter."""
    assert Period.parse(name).prior_year().name == before


def test_same_day_last_year_of_a_leap_day():
    """29 February maps to 28 February."""
    assert same_day_last_year(date(2024, 2, 29)) == date(2023, 2, 28)


def test_cadences_of_a_quarter():
    """A run of a quarter also does what is due by month, week and day, not by year."""
    assert Period.parse("2026Q1").cadences() == ("quarter", "month", "week", "day")
