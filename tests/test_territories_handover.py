"""The day on which accounts change hands: never a day that was over when the plan was made."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from planlib.periods import Period
from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.territories import hold_over, plan_handover, pro_rata


@pytest.mark.parametrize(
    ("as_of", "day", "period"),
    [
        (date(2026, 3, 31), date(2026, 4, 1), "2026Q2"),
        (date(2026, 2, 10), date(2026, 2, 11), "2026Q1"),
        (date(2025, 12, 10), date(2026, 1, 1), "2026Q1"),
        (None, date(2026, 1, 1), "2026Q1"),
    ],
)
def test_the_plan_holds_from_the_later_of_cycle_start_and_the_day_after_the_as_of_date(
    as_of: date | None, day: date, period: str
) -> None:
    """The period is the one of the cycle's kind that holds the day."""
    found = plan_handover(Period.parse("2026Q1"), as_of)
    assert (found.day, found.period.name) == (day, period)


def test_deals_that_close_after_the_as_of_date_can_be_held() -> None:
    """The window of days and the last day are counted from the hand-over."""
    plan = pd.DataFrame({"account_id": ["A"], "rep_id": ["R-2"], "previous_rep_id": ["R-1"]})
    deals = pd.DataFrame({
        "opportunity_id": ["O-1"], "account_id": ["A"], "owner_id": ["R-1"], "is_closed": [False],
        "probability": [0.2], "close_date": [pd.Timestamp("2026-05-10")], "amount": [10.0],
    })  # fmt: skip
    handover = plan_handover(Period.parse("2026Q1"), date(2026, 3, 31))
    found = hold_over(
        plan, deals, effective=handover.day, settings=TerritoryDecisionsSettings()
    ).deals.iloc[0]
    assert found["is_held"]
    assert found["until_date"] == pd.Timestamp("2026-06-30")
    days = pro_rata(plan, None, start=handover.period.start, end=handover.period.end,
                    effective=handover.day).stretches  # fmt: skip
    assert days[["rep_id", "day_count"]].to_numpy().tolist() == [["R-2", 91]]
