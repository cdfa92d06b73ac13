"""Tests of the pipeline as it was known on a day."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from planlib.errors import TableError
from planlib.pipeline import PipelineHistory, prepare_deals, state_at
from tests.pipeline_frames import deal, make_deals, make_history, seen

MONDAY = date(2026, 2, 16)


def open_ids(history: PipelineHistory, day: date) -> list[str]:
    """Give the deals that were open on a day."""
    return history.at(day).open_deals["opportunity_id"].tolist()


def test_from_its_own_day_on_the_deals_table_is_the_state():
    """On and after data_until the state is the deals table, also where a snapshot differs."""
    history = PipelineHistory(
        make_deals(deal("a", amount=150)),
        make_history(seen("2026-02-16", "a", amount=100)),
        data_until=MONDAY,
    )
    state = history.at(date(2026, 2, 20))
    assert state.basis == "current"
    assert state.open_deals["amount"].tolist() == [150]


def test_the_last_snapshot_on_or_before_the_day_counts():
    """Between two snapshots the earlier one is what was known."""
    history = make_history(seen("2026-02-02", "a", amount=100), seen("2026-02-09", "a", amount=120))
    deals = make_deals(deal("a", amount=999))
    before = state_at(history, deals, date(2026, 2, 8))
    after = state_at(history, deals, date(2026, 2, 9))
    assert before.open_deals["amount"].tolist() == [100]
    assert after.open_deals["amount"].tolist() == [120]
    assert after.label == "snapshot of 2026-02-09"


def test_an_old_snapshot_does_not_stand_for_a_later_day():
    """A day far behind the last snapshot is rebuilt and says so."""
    history = make_history(seen("2025-06-02", "a", amount=100, created="2025-05-01"))
    state = state_at(history, make_deals(deal("a", amount=70, created="2025-05-01")), MONDAY)
    assert state.basis == "reconstructed"
    assert not state.knows_dates
    assert "reconstructed" in state.label
    assert state.open_deals["amount"].tolist() == [70]


def test_a_deal_missing_from_a_later_snapshot_has_left_the_pipeline():
    """A full snapshot without the deal means that it was deleted, not that it is unchanged."""
    history = PipelineHistory(
        make_deals(deal("a")),
        make_history(seen("2026-02-02", "a"), seen("2026-02-02", "b"), seen("2026-02-09", "a")),
    )
    assert open_ids(history, date(2026, 2, 3)) == ["a", "b"]
    assert open_ids(history, date(2026, 2, 9)) == ["a"]


def test_the_deals_table_decides_when_a_deal_was_closed():
    """A deal closed between two snapshots is closed from its close date on."""
    history = PipelineHistory(
        make_deals(deal("a", "won", 90, "2026-02-11"), deal("b", "lost", 50, "2026-02-20")),
        make_history(seen("2026-02-09", "a"), seen("2026-02-09", "b")),
    )
    assert open_ids(history, date(2026, 2, 10)) == ["a", "b"]
    state = history.at(date(2026, 2, 11)).states.set_index("opportunity_id")["status"]
    assert state.to_dict() == {"a": "won", "b": "open"}


def test_change_records_move_a_snapshot_on():
    """A change after the snapshot is part of what was known; one after the day is not."""
    history = PipelineHistory(
        make_deals(deal("a", amount=500)),
        make_history(
            seen("2026-02-09", "a", amount=100),
            seen("2026-02-11", "a", amount=200, record="change"),
            seen("2026-02-13", "a", amount=300, record="change"),
        ),
    )
    assert history.at(date(2026, 2, 12)).open_deals["amount"].tolist() == [200]


def test_change_records_alone_give_the_past():
    """Without snapshots, the last change of each deal is its state."""
    history = PipelineHistory(
        make_deals(deal("a", amount=500), deal("b", "won", 80, "2026-02-05")),
        make_history(
            seen("2025-12-01", "a", amount=100, record="change"),
            seen("2026-02-01", "a", amount=200, record="change"),
            seen("2025-12-01", "b", amount=60, record="change"),
        ),
        data_until=MONDAY,
    )
    state = history.at(date(2026, 1, 15))
    assert state.basis == "changes"
    assert state.open_deals["amount"].tolist() == [100, 60]


def test_change_records_of_a_few_deals_are_not_a_past():
    """When most open deals have no record yet, the day is rebuilt."""
    history = PipelineHistory(
        make_deals(*(deal(f"d{at}") for at in range(10))),
        make_history(seen("2026-01-10", "d0", amount=5, record="change")),
    )
    assert history.at(date(2026, 1, 15)).basis == "reconstructed"


def test_change_records_without_flags_are_open_deals():
    """History that lacks is_closed, as Salesforce's does, still gives open deals."""
    row = seen("2026-02-09", "a") | {"is_closed": None, "is_won": None}
    history = PipelineHistory(make_deals(deal("a")), make_history(row))
    assert open_ids(history, date(2026, 2, 10)) == ["a"]


def test_a_deleted_record_leaves_the_pipeline():
    """A record marked as deleted is not in the state."""
    history = PipelineHistory(
        make_deals(deal("a")),
        make_history(
            seen("2026-02-09", "a"),
            seen("2026-02-09", "b"),
            seen("2026-02-11", "b", record="change", is_deleted=True),
        ),
    )
    assert open_ids(history, date(2026, 2, 12)) == ["a"]


def test_rebuilt_past_counts_deals_closed_later_as_open():
    """Without history a deal is open from its created date until the day before it closed."""
    deals = make_deals(
        deal("a", "won", 100, "2026-02-20", "2026-01-10"),
        deal("b", "lost", 40, "2026-02-01", "2026-01-10"),
        deal("c", "open", 60, "2026-05-01", "2026-02-18"),
    )
    history = PipelineHistory(deals, data_until=date(2026, 3, 1))
    assert open_ids(history, MONDAY) == ["a"]


def test_rebuilt_past_has_no_amounts_where_lost_deals_carry_none():
    """If only deals won since kept an amount, a rebuilt amount would be hindsight."""
    deals = make_deals(deal("a", "won", 100, "2026-02-20"), deal("b", "lost", 0, "2026-02-25"))
    state = PipelineHistory(deals, data_until=date(2026, 3, 1)).at(MONDAY)
    assert len(state.open_deals) == 2
    assert state.open_deals["amount"].isna().all()


def test_created_amount_prefers_the_field_then_the_first_record():
    """The amount at creation comes from the deal, an early record, or today, each named."""
    deals = make_deals(
        deal("a", amount=100, created="2026-01-05", created_amount=80),
        deal("b", amount=100, created="2026-01-05"),
        deal("c", amount=100, created="2025-10-01"),
    )
    history = make_history(
        seen("2026-01-05", "a", amount=90),
        seen("2026-01-12", "b", amount=70),
        seen("2026-01-12", "c", amount=60),
    )
    amounts = PipelineHistory(deals, history).created_amounts()
    assert amounts["amount"].tolist() == [80, 70, 100]
    assert amounts["amount_basis"].tolist() == [
        "amount at creation",
        "first record",
        "today's amount",
    ]


def test_row_order_of_history_does_not_matter():
    """Shuffled history and deals give the same state."""
    deals = make_deals(deal("a"), deal("b", "won", 70, "2026-02-10"), deal("c"))
    history = make_history(
        seen("2026-02-09", "c", amount=3),
        seen("2026-02-09", "a", amount=1),
        seen("2026-02-10", "a", amount=2, record="change"),
    )
    plain = state_at(history, deals, MONDAY).states
    mixed = state_at(history.iloc[::-1], deals.iloc[::-1], MONDAY).states
    pd.testing.assert_frame_equal(plain, mixed)


def test_status_comes_from_flags_never_from_the_label():
    """A stage called Closed Won with is_closed false is an open deal."""
    deals = make_deals(
        deal("a", "open", stage="Closed Won"),
        deal("b", "won", stage="Contract sent"),
        deal("c", "?", stage="Closed Lost"),
    )
    assert prepare_deals(deals)["status"].tolist() == ["open", "won", "unknown"]


def test_an_id_that_repeats_is_an_error():
    """Two rows of one deal cannot be told apart."""
    with pytest.raises(TableError, match="opportunity_id repeats in 2 rows, first a"):
        prepare_deals(make_deals(deal("a"), deal("a")))


def test_input_frames_are_not_changed():
    """Asking for a state leaves both tables as they were."""
    deals, history = make_deals(deal("a")), make_history(seen("2026-02-09", "a"))
    copies = deals.copy(deep=True), history.copy(deep=True)
    state_at(history, deals, MONDAY)
    pd.testing.assert_frame_equal(deals, copies[0])
    pd.testing.assert_frame_equal(history, copies[1])


def test_a_blank_id_is_an_error():
    """A deal without an id cannot be followed over time."""
    with pytest.raises(TableError, match="opportunity_id is blank in 1 rows"):
        prepare_deals(make_deals(deal("a"), deal(None)))
