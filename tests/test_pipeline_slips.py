"""Slip rates, pushes, velocity and outcomes by age: each a hand calculation."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from planlib.periods import Period
from planlib.pipeline import CutTables, PipelineHistory
from planlib.pipeline.deals import prepare_deals
from planlib.pipeline.movement import (
    count_pushes,
    measure_incidence,
    measure_pushes,
    measure_slips,
    measure_velocity,
    read_timeline,
)
from tests.pipeline_frames import deal, make_accounts, make_deals, make_history, seen

AS_OF = date(2026, 3, 31)
Q1 = Period.parse("2026Q1")


def slips(deals: pd.DataFrame, history: pd.DataFrame | None) -> pd.DataFrame:
    """Measure the slip rate of the quarter and of the one before."""
    past = PipelineHistory(deals, history, data_until=AS_OF)
    tables = CutTables({"opportunities": past.deals, "accounts": make_accounts()})
    return measure_slips(past, [Q1.shift(-1), Q1], AS_OF, tables, ["region"], minimum_deals=1)


def test_slipped_is_still_open_with_a_later_date():
    """Of 100 + 200 + 300 + 400 at the start, 300 slipped; won, lost and pulled out did not."""
    deals = make_deals(
        deal("W", "won", 100.0, close="2026-02-01"),
        deal("L", "lost", 200.0, close="2026-02-01", account_id="A2"),
        deal("S", "open", 350.0, close="2026-04-15"),
        deal("E", "open", 400.0, close="2025-12-15", account_id="A2"),
        deal("N", "open", 900.0, close="2026-04-15", created="2026-01-10"),
    )
    history = make_history(
        *[seen("2025-12-31", key, amount=money, account_id=account)
          for key, money, account in (("W", 100.0, "A1"), ("L", 200.0, "A2"),
                                      ("S", 300.0, "A1"), ("E", 400.0, "A2"))]
    )  # fmt: skip
    found = slips(deals, history)
    total = found[(found["cut"] == "total") & (found["period"] == "2026Q1")].iloc[0]
    assert (total["slipped_amount"], total["start_amount"]) == (300, 1000)
    assert (total["slip_rate_amount"], total["slip_rate_count"]) == (0.3, 0.25)
    cells = found[found["cut"] == "region"].set_index("cut_value")
    assert cells["slip_rate_amount"].to_dict() == {"EMEA": 0.75, "APAC": 0.0}
    assert cells["start_amount"].sum() == total["start_amount"]


def test_a_reconstruction_gives_no_slip_rate():
    """Close dates of a day that no snapshot holds are not known: blank with the reason, not 0."""
    found = slips(make_deals(deal("S", close="2026-04-15")), None)
    assert found["slip_rate_amount"].isna().all()
    assert found["note"].str.contains("are not in the history").all()


def test_pushes_count_moves_into_a_later_month_while_open():
    """February to March, within March, to May: two pushes; the date of winning is none."""
    history = make_history(
        seen("2025-12-01", "A", close="2026-02-10", record="change"),
        seen("2025-12-05", "A", close="2026-03-10", record="change"),
        seen("2025-12-09", "A", close="2026-03-25", record="change"),
        seen("2025-12-12", "A", close="2026-05-25", record="change"),
        seen("2025-12-01", "B", close="2026-02-10", record="change"),
    )
    deals = make_deals(
        deal("A", "won", close="2026-06-01", created="2025-12-01"),
        deal("B", close="2026-02-10", created="2025-12-01"),
        deal("C", close="2026-02-10", created="2025-01-01", push_count=3),
        deal("D", created="2025-01-01"),
    )
    past = PipelineHistory(deals, history, data_until=date(2026, 6, 30))
    line = read_timeline(past, date(2026, 6, 30))
    found = count_pushes(line, past.deals).set_index("opportunity_id")
    assert found["push_count"].fillna(-1).to_dict() == {"A": 2, "B": 0, "C": 3, "D": -1}
    assert found["push_basis"].to_dict() == {
        "A": "history", "B": "history", "C": "deals table", "D": "not known",
    }  # fmt: skip


def test_win_rate_by_pushes():
    """1 of 2 without a push, 0 of 1 with four."""
    deals = prepare_deals(
        make_deals(
            deal("A", "won", push_count=0), deal("B", "lost", push_count=0),
            deal("C", "lost", push_count=4), deal("D", "open", 70.0, push_count=1),
        )
    )  # fmt: skip
    counts = deals[["opportunity_id", "push_count"]]
    found = measure_pushes(deals, counts, 1).set_index("pushes")
    assert found.loc["0", "win_rate"] == 0.5
    assert found.loc["3 or more", "win_rate"] == 0
    assert np.isnan(found.loc["1", "win_rate"])
    assert found.loc["1", "open_amount"] == 70
    assert found.loc["1", "is_grey"]


def test_unknown_pushes_give_no_table():
    """Where no deal's pushes are known there is nothing to show, not four empty rows."""
    deals = prepare_deals(make_deals(deal("A", "won")))
    assert measure_pushes(deals, deals[["opportunity_id", "push_count"]], 1).empty


def velocity(*rows: dict[str, object]) -> pd.Series:
    """Give velocity of the total."""
    deals = prepare_deals(make_deals(*rows))
    tables = CutTables({"opportunities": deals})
    found = measure_velocity(deals, AS_OF, tables, [], closed_days=365, minimum_deals=1)
    return found.iloc[0]


def test_velocity_is_the_product_of_its_parts():
    """2 open x 50 % x 300 / 60 days = 5 a day."""
    row = velocity(
        deal("A", "won", 300.0, close="2026-03-02", created="2026-01-01"),
        deal("B", "lost", close="2026-03-02", created="2026-01-01"),
        deal("C"), deal("D"),
        deal("E", "won", 9999.0, close="2024-01-02", created="2024-01-01"),
    )  # fmt: skip
    parts = ["open_count", "win_rate", "mean_won_amount", "cycle_days"]
    assert row[parts].tolist() == [2, 0.5, 300, 60]
    assert row["velocity_amount"] == 5


def test_a_deal_closed_after_the_day_is_open_on_it():
    """What closes in April is open on the last of March, and not among the won."""
    row = velocity(deal("A", "won", close="2026-04-05"), deal("B", "won", close="2026-03-05"))
    assert row[["open_count", "won_count"]].tolist() == [1, 1]


def test_velocity_without_a_won_deal_is_blank_with_a_reason():
    """No won deal: no amount and no cycle; the win rate is 0 and stays."""
    row = velocity(deal("B", "lost", close="2026-03-02"), deal("C"))
    assert row["win_rate"] == 0
    assert np.isnan(row["velocity_amount"])
    assert "no won deal" in row["note"]


def incidence(*rows: dict[str, object]) -> pd.DataFrame:
    """Give outcomes by age of the total, in steps of ten days."""
    deals = prepare_deals(make_deals(*rows))
    tables = CutTables({"opportunities": deals})
    found = measure_incidence(deals, AS_OF, tables, [], step_days=10, minimum_deals=1)
    return found.set_index("age_days") if len(found) else found


def test_outcomes_by_age_count_open_deals_in():
    """Four deals of 2026: one won at 10 days, one lost at 20, two open longer."""
    found = incidence(
        deal("A", "won", close="2026-01-11", created="2026-01-01"),
        deal("B", "lost", close="2026-01-31", created="2026-01-11"),
        deal("C", created="2026-01-11"),
        deal("D", created="2026-01-11"),
    )
    assert found.loc[10.0, "won_share"] == 0.25
    assert found.loc[20.0, ["won_share", "lost_share", "open_share"]].tolist() == [0.25, 0.25, 0.5]


def test_deals_from_before_the_first_closing_enter_late():
    """A deal created a year before closings are recorded is at risk from then on only."""
    found = incidence(
        deal("A", "won", close="2026-01-11", created="2026-01-11"),
        deal("B", "won", close="2026-01-31", created="2026-01-11"),
        deal("O", "open", created="2025-01-11"),
    )
    assert found.loc[0.0, "at_risk_count"] == 2
    assert found.loc[20.0, "won_share"] == 1


def test_nothing_closed_gives_no_outcomes():
    """All open: no estimate, not a row of zeros."""
    assert len(incidence(deal("A"), deal("B"))) == 0


@pytest.mark.parametrize("created", [None, "2026-03-05"])
def test_wrong_dates_are_left_out_of_ages(created):
    """A deal without a created date, or closed before it, has no age."""
    found = incidence(
        deal("A", "won", close="2026-01-11", created="2026-01-01"),
        deal("B", "won", close="2026-02-01", created=created),
    )
    assert set(found["deal_count"]) == {1}
