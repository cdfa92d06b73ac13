"""Tests of weeks, working days and the past at the same share of them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from planlib.forecast import forecast_period, working_days
from planlib.forecast.grid import aligned_day, position_of, week_count, week_day, week_of
from planlib.forecast.window import window_at
from planlib.periods import Period
from planlib.workdays import WorkCalendar
from tests.forecast_frames import inputs
from tests.pipeline_frames import deal, make_deals, make_history, seen

Q1 = Period.parse("2026Q1")


def spring_festival() -> WorkCalendar:
    """Make a calendar in which a week off lies in January 2025 and in February 2026."""
    weeks = (date(2025, 1, 28), date(2026, 2, 16))
    days = {first + timedelta(at) for first in weeks for at in range(7)}
    return WorkCalendar(holidays=frozenset(days))


@pytest.mark.parametrize("name", ["2026Q1", "2025Q3", "2024Q1", "2026-02", "2026", "2026W12"])
def test_the_weeks_of_a_period_end_on_its_last_day(name):
    """Week 0 is the day before the start, the last week the end, and days map back to weeks."""
    period = Period.parse(name)
    many = week_count(period)
    assert week_day(period, 0) == period.start - timedelta(1)
    assert week_day(period, many) == period.end
    assert [week_of(period, week_day(period, week)) for week in range(many + 1)] == list(
        range(many + 1)
    )


def test_every_quarter_has_thirteen_weeks():
    """Quarters of 90 to 92 days are compared week by week."""
    assert {week_count(Period.parse(f"{y}Q{q}")) for y in (2024, 2025) for q in range(1, 5)} == {13}


def test_a_period_that_is_over_gives_way_to_the_next():
    """On the last day the next period is forecast, on the day before still this one."""
    assert forecast_period(Q1, date(2026, 3, 30)).name == "2026Q1"
    assert forecast_period(Q1, Q1.end).name == "2026Q2"


def test_a_moving_holiday_is_shown_as_a_shift_in_working_days():
    """Between both festivals 2026 is five days ahead of 2025, after them it is level."""
    days = working_days([Q1], date(2026, 2, 11), spring_festival()).set_index("day_date")
    assert days.loc[date(2026, 2, 4), "shift_days"] == 5
    assert days.loc[date(2026, 2, 25), "shift_days"] == 0
    assert days.loc[date(2026, 2, 11), "is_current"]
    assert days["is_current"].sum() == 1


@pytest.mark.parametrize("share", [0.0, 0.1, 0.33, 0.5, 0.77, 1.0])
def test_the_aligned_day_is_the_first_one_with_that_share(share):
    """A search through all days gives the same day as the bisection."""
    calendar = spring_festival()
    period = Period.parse("2025Q1")
    days = [period.start + timedelta(at) for at in range(-1, period.days)]
    first = next(
        day for day in days
        if calendar.elapsed_share(period.start, period.end, day) >= share - 1e-9
        or (share == 0 and day < period.start)
    )  # fmt: skip
    assert aligned_day(period, share, calendar) == first


def test_before_its_start_a_period_is_placed_by_calendar_days():
    """Two weeks before the start the place is minus 14 days of 90."""
    day = Q1.start - timedelta(15)
    assert position_of(Q1, day, WorkCalendar()) == pytest.approx(-14 / 90)
    assert week_of(Q1, day) == -2


def test_between_two_known_weeks_sums_lie_on_a_straight_line():
    """A place a quarter of the way from one known week to the next takes 3/4 and 1/4."""
    past = [seen(f"2025-0{m}-01", "a", "open", created="2024-12-01") for m in (3, 2)]
    found = inputs(
        make_deals(deal("a", created="2024-12-01")), make_history(*past), as_of=date(2026, 2, 8)
    )
    panel = found.panel
    low, high = (
        next(p.position for p in panel.points if p.period.name == "2025Q1" and p.week == week)
        for week in (6, 9)
    )
    window = window_at(panel, low + 0.25 * (high - low), 4, 8)
    picked = {panel.points[at].week: weight for at, weight in zip(window.points, window.weights,
                                                                  strict=True)}  # fmt: skip
    assert picked == pytest.approx({6: 0.75, 9: 0.25})


def test_a_place_far_from_any_known_week_has_no_past():
    """Half a period away from the last known week nothing is made up."""
    past = [seen("2025-01-08", "a", "open", created="2024-12-01")]
    found = inputs(make_deals(deal("a", created="2024-12-01")), make_history(*past))
    assert window_at(found.panel, 0.6, 4, 8).periods == 0
    assert np.isclose(window_at(found.panel, found.panel.points[0].position, 4, 8).weights, 1).all()
