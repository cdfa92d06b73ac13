"""Time to fill is learnt from leavers and the hires after them, and said where it is not."""

from __future__ import annotations

import pandas as pd
import pytest

from planlib.capacity.vacancies import FillTime, time_to_fill
from planlib.settings.capacity import CapacitySettings

DAY = pd.Timestamp("2025-12-31")
FIRM = CapacitySettings(fill_days=100, fill_prior=1e-6)


def make_people(waits: list[int | None], seats: int = 0, place: str = "N") -> pd.DataFrame:
    """One leaver for each wait, each in a unit of its own, with a successor after so many days."""
    rows = []
    for at, wait in enumerate(waits):
        gone = pd.Timestamp("2025-02-01") + pd.Timedelta(days=at)
        unit = f"{place}{at}"
        rows.append({"unit": unit, "kind": "rep", "hire_date": "2015-01-01", "leave_date": gone})
        if wait is not None:
            rows.append({"unit": unit, "kind": "rep", "hire_date": gone + pd.Timedelta(days=wait)})
        elif seats > 0:
            rows.append({"unit": unit, "kind": "open seat"})
            seats -= 1
    frame = pd.DataFrame(rows).assign(role="AE", region="X")
    for name in ("hire_date", "leave_date"):
        frame[name] = pd.to_datetime(frame.get(name))
    return frame.assign(rep_id=[f"r{at}" for at in range(len(frame))])


def learn(people: pd.DataFrame, settings: CapacitySettings = FIRM) -> FillTime:
    """Learn on the last day of 2025."""
    return time_to_fill(people, settings, DAY)


def test_the_mean_is_that_of_the_waits() -> None:
    """Posts filled after 20, 40 and 60 days: 40 days, inside the interval."""
    found = learn(make_people([20, 40, 60]))
    assert found.days == pytest.approx(40, rel=1e-4)
    assert found.low < 40 < found.high
    assert (found.filled_count, found.open_count) == (3, 0)


def test_an_open_seat_counts_as_waiting_and_a_post_that_is_gone_does_not() -> None:
    """A seat open since February makes it longer; without a seat the post was not filled again."""
    gone = learn(make_people([20, 40, 60, None]))
    seat = learn(make_people([20, 40, 60, None], seats=1))
    assert gone.days == pytest.approx(40, rel=1e-4)
    open_for = (DAY - pd.Timestamp("2025-02-04")).days
    assert seat.days == pytest.approx((120 + open_for) / 3, rel=1e-4)
    assert seat.open_count == 1


def test_nobody_fills_two_posts_and_hires_elsewhere_fill_none() -> None:
    """Two leavers of one place and one hire: one post is filled; another role does not fit."""
    people = make_people([20, 40, 60, 30])
    people.loc[people["unit"] == "N3", "unit"] = "N2"
    assert learn(people).filled_count == 4
    people.loc[people.index[-1], "role"] = "SDR"
    assert learn(people).filled_count == 3


def test_few_posts_leave_it_as_stated_and_many_outweigh_it() -> None:
    """Two filled posts teach nothing; the stated days count as posts of their own."""
    few = learn(make_people([20, 20]))
    assert few.days == 100
    assert "as stated" in few.basis
    some = learn(make_people([20] * 5), CapacitySettings(fill_days=100, fill_prior=5.0))
    assert some.days == pytest.approx(60)
    fixed = CapacitySettings(fill_days=33, fill_from_data=False)
    assert learn(make_people([20] * 5), fixed).days == 33
