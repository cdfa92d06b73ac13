"""The event bridge sums every change, and adds up to the same as the bridge of two days."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planlib.periods import Period
from planlib.pipeline import CutTables, PipelineHistory
from planlib.pipeline.movement import build_event_bridge, check_event_bridge
from planlib.pipeline.movement.events import EventBridge, event_table, events_table
from tests.pipeline_frames import deal, make_accounts, make_deals, make_history, make_reps, seen

Q1 = Period.parse("2026Q1")
SPAN = (date(2025, 12, 31), date(2026, 3, 31))
WEEKS = [date(2025, 12, 31) + timedelta(7 * week) for week in range(13)]
CUTS = ("region", "manager", "owner")


def bridge(deals: pd.DataFrame, history: pd.DataFrame, *cuts: str) -> EventBridge:
    """Build the event bridge of the quarter."""
    past = PipelineHistory(deals, history, data_until=SPAN[1])
    tables = CutTables(
        {"opportunities": past.deals, "accounts": make_accounts(), "reps": make_reps()}
    )
    return build_event_bridge(past, SPAN, Q1, tables, cuts)


def steps(found: EventBridge, column: str = "cents") -> dict[str, float]:
    """Give the steps of the total that are not empty."""
    count = column.replace("cents", "count")
    total = found.steps[(found.steps["cut"] == "total") & (found.steps[count] > 0)]
    return dict(zip(total["reason"], total[column] / 100, strict=True))


def test_out_and_back_shows_in_the_events_only():
    """A deal moved to April and back is unmoved between the two days, and two events."""
    history = make_history(
        seen("2025-12-31", "A"),
        seen("2026-01-15", "A", close="2026-04-10"),
        seen("2026-02-15", "A", close="2026-03-10"),
        seen("2026-03-31", "A", close="2026-03-10"),
    )
    found = bridge(make_deals(deal("A", close="2026-03-10")), history)
    assert steps(found, "cents_two_point") == {"start": 100, "end": 100}
    assert steps(found) == {"start": 100, "pushed_out": -100, "pulled_in": 100, "end": 100}
    assert check_event_bridge(found.steps).empty


def test_created_and_won_in_between_shows_as_new_and_won():
    """The two-point bridge does not hold it at all."""
    history = make_history(
        seen("2025-12-31", "A"), seen("2026-01-15", "A"), seen("2026-01-15", "B", amount=40.0),
        seen("2026-03-31", "A"),
    )  # fmt: skip
    deals = make_deals(
        deal("A"), deal("B", "won", amount=40.0, close="2026-02-01", created="2026-01-10")
    )
    found = bridge(deals, history)
    assert steps(found) == {"start": 100, "new": 40, "won": -40, "end": 100}
    assert "new" not in steps(found, "cents_two_point")


def test_a_rise_and_a_fall_do_not_cancel_out():
    """Both stand among the events; only their sum stands in the bridge of two days."""
    history = make_history(
        seen("2025-12-31", "A"), seen("2026-01-15", "A", amount=300.0),
        seen("2026-03-31", "A", amount=150.0),
    )  # fmt: skip
    found = bridge(make_deals(deal("A", amount=150.0)), history)
    assert steps(found) == {"start": 100, "increase": 200, "decrease": -150, "end": 150}
    assert steps(found, "cents_two_point") == {"start": 100, "increase": 50, "end": 150}


def test_a_reconstructed_start_gives_no_events():
    """Without a history there is a reason instead of moves that nobody saw."""
    past = PipelineHistory(make_deals(deal("A")), None, data_until=SPAN[1])
    tables = CutTables({"opportunities": past.deals})
    found = build_event_bridge(past, SPAN, Q1, tables, ())
    assert found.steps.empty
    assert "reconstructed" in found.reason
    assert event_table(found, Q1, SPAN).empty
    assert events_table(found, Q1, tables, past.deals["name"]).empty


def test_change_records_are_compared_day_by_day():
    """Two changes on two days are two events; the days are those of the records."""
    history = make_history(
        seen("2025-12-01", "A", record="change"),
        seen("2026-01-10", "A", close="2026-05-01", record="change"),
        seen("2026-01-11", "A", close="2026-02-01", amount=130.0, record="change"),
    )
    found = bridge(make_deals(deal("A", amount=130.0, close="2026-02-01")), history)
    assert found.days == (SPAN[0], date(2026, 1, 10), date(2026, 1, 11), SPAN[1])
    assert steps(found)["pushed_out"] == -100
    assert steps(found)["pulled_in"] == 130


def make_random(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make 40 deals whose every attribute moves at random over weekly snapshots."""
    rng = np.random.default_rng(seed)
    deals, records = [], []
    for number in range(40):
        key, owner = f"D{number:02d}", f"R{rng.integers(1, 3)}"
        first, last = sorted(int(week) for week in rng.integers(0, 13, 2))
        amount = float(rng.integers(1, 1000)) / 7
        close = date(2026, 1, 1) + timedelta(int(rng.integers(-30, 150)))
        for week in range(first, last + 1):
            if rng.random() < 0.3:
                close += timedelta(int(rng.integers(-60, 60)))
            if rng.random() < 0.3:
                amount = float(rng.integers(1, 1000)) / 7
            if rng.random() < 0.1:
                owner = f"R{rng.integers(1, 3)}"
            value = None if rng.random() < 0.05 else amount
            account = f"A{number % 3 + 1}"
            records.append(
                seen(str(WEEKS[week]), key, amount=value, close=str(close), owner_id=owner,
                     account_id=account)
            )  # fmt: skip
        status = str(rng.choice(["open", "won", "lost", "gone"]))
        if status != "gone":
            end = str(close) if status == "open" else str(WEEKS[last] + timedelta(2))
            deals.append(
                deal(key, status, amount=amount, close=end, owner_id=owner,
                     account_id=f"A{number % 3 + 1}", created=str(WEEKS[first]))
            )  # fmt: skip
    return make_deals(*deals), make_history(*records)


@given(st.integers(0, 10_000))
def test_both_bridges_add_up_in_every_cell(seed):
    """Start plus all events is the end, to the cent; and so is the net of both bridges."""
    found = bridge(*make_random(seed), *CUTS)
    assert check_event_bridge(found.steps).empty
    if found.steps.empty:
        assert "is reconstructed" in found.reason
        return
    for cut in CUTS:
        cells = found.steps[found.steps["cut"] == cut].groupby("reason")["cents"].sum()
        total = found.steps[found.steps["cut"] == "total"].set_index("reason")["cents"]
        moved = ["owner_in", "owner_out"]
        assert (cells - total).drop(moved).eq(0).all()
        assert cells[moved].sum() == 0


@pytest.mark.parametrize("months", [range(1, 4)])
def test_periods_roll_up(months):
    """The event bridges of three months that follow each other add up to the quarter's change."""
    deals, history = make_random(3)
    past = PipelineHistory(deals, history, data_until=SPAN[1])
    tables = CutTables({"opportunities": past.deals})
    ends = [SPAN[0], *[Period.parse(f"2026-{month:02d}").end for month in months]]
    levels = []
    for span in zip(ends, ends[1:], strict=False):
        found = build_event_bridge(past, span, Q1, tables, ()).steps.set_index("reason")["cents"]
        levels.append(found)
    whole = build_event_bridge(past, SPAN, Q1, tables, ()).steps.set_index("reason")["cents"]
    for before, after in zip(levels, levels[1:], strict=False):
        assert before["end"] == after["start"]
    moves = sum(level.drop(["start", "end"]).sum() for level in levels)
    assert whole["start"] + moves == whole["end"]


def test_events_add_up_to_the_bridge():
    """The list of single events holds the same money as the steps of the total."""
    deals, history = make_random(5)
    past = PipelineHistory(deals, history, data_until=SPAN[1])
    tables = CutTables({"opportunities": past.deals, "reps": make_reps()})
    found = build_event_bridge(past, SPAN, Q1, tables, ())
    rows = events_table(found, Q1, tables, past.deals.set_index("opportunity_id")["name"])
    total = found.steps[found.steps["cut"] == "total"].set_index("reason")["cents"] / 100
    assert rows["amount"].sum() == pytest.approx(total.drop(["start", "end"]).sum())
    assert not rows.duplicated(["event_date", "opportunity_id"]).any()
    table = event_table(found, Q1, SPAN)
    assert table["amount"].sum() == pytest.approx(2 * total["end"])
