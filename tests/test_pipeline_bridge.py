"""Tests of the bridge: one reason per deal, and an identity that always holds."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planlib.pipeline import CutTables, PipelineHistory, build_bridge, check_identity
from planlib.settings.pipeline import PipelineSettings
from tests.pipeline_frames import (
    AS_OF,
    Q1,
    deal,
    make_accounts,
    make_deals,
    make_history,
    make_reps,
    review,
    seen,
    steps,
)

START = "2025-12-29"  # a Monday; the snapshot before the quarter


@pytest.mark.parametrize(
    ("before", "after", "reason", "amount"),
    [
        (None, deal("x", created="2026-01-20"), "new", 100),
        (seen(START, "x", close="2026-05-01"), deal("x"), "pulled_in", 100),
        (seen(START, "x", close="2025-12-20"), deal("x"), "pushed_in", 100),
        (seen(START, "x", close=None), deal("x"), "pulled_in", 100),
        (seen(START, "x", "lost", close="2025-12-20"), deal("x"), "reopened", 100),
        (seen(START, "x", amount=70), deal("x"), "increase", 30),
        (seen(START, "x", amount=170), deal("x"), "decrease", -70),
        (seen(START, "x", amount=70), deal("x", "won", 90, "2026-02-01"), "won", -70),
        (seen(START, "x", amount=70), deal("x", "lost", 0, "2026-02-01"), "lost", -70),
        (seen(START, "x"), deal("x", close="2026-04-10"), "pushed_out", -100),
        (seen(START, "x"), deal("x", close=None), "pushed_out", -100),
        (seen(START, "x"), deal("x", close="2025-12-30"), "pulled_out", -100),
        (seen(START, "x"), None, "deleted", -100),
    ],
)
def test_each_kind_of_move_has_its_reason(before, after, reason, amount):
    """One deal that moved in one way stands under that reason with the stated amount."""
    rest = seen(START, "z", amount=1000)
    history = make_history(*(row for row in (before, rest) if row))
    rows = [row for row in (after, deal("z", amount=1000)) if row]
    found = steps(review(*rows, history=history))
    found.pop("start")
    found.pop("end")
    assert found == {reason: amount}


def test_a_deal_that_is_both_lost_and_pushed_out_is_lost():
    """The first reason of the ranking counts."""
    history = make_history(seen(START, "x"))
    found = review(deal("x", "lost", 100, "2026-02-10"), history=history)
    assert "pushed_out" not in steps(found)
    assert steps(found)["lost"] == -100


def test_a_deal_that_moved_out_and_back_leaves_no_trace():
    """Only the two days are compared."""
    history = make_history(
        seen(START, "x"), seen("2026-01-19", "x", close="2026-06-01"), seen("2026-02-09", "x")
    )
    assert steps(review(deal("x"), history=history)) == {"start": 100, "end": 100}


def test_a_deal_created_and_won_in_between_is_named_but_not_bridged():
    """It is in neither state, and a note says how many there are."""
    found = review(
        deal("x"),
        deal("y", "won", 500, "2026-02-01", "2026-01-10"),
        history=make_history(seen(START, "x")),
    )
    assert steps(found) == {"start": 100, "end": 100}
    assert any("1 deals were created and closed" in note for note in found.notes("caution"))


def test_a_new_owner_moves_the_deal_between_cells_and_not_in_the_total():
    """What one manager gives another receives; the change of amount stays with the new one."""
    history = make_history(seen(START, "x", amount=100, owner_id="R1"))
    found = review(deal("x", amount=130, owner_id="R2"), history=history, reps=make_reps())
    assert steps(found) == {"start": 100, "increase": 30, "end": 130}
    assert steps(found, "manager", "Mia") == {"start": 100, "owner_out": -100}
    assert steps(found, "manager", "Max") == {"owner_in": 100, "increase": 30, "end": 130}


def test_without_history_only_what_dates_show_is_bridged():
    """New, won and lost over all open deals; moves of close dates are not guessed."""
    found = review(
        deal("a", "won", 70, "2026-01-20", "2025-11-01"),
        deal("b", "lost", 30, "2026-01-25", "2025-11-01"),
        deal("c", "open", 50, "2026-09-01", "2026-02-01"),
        deal("d", "open", 20, "2026-03-01", "2025-11-01"),
    )
    assert steps(found) == {"start": 120, "new": 50, "won": -70, "lost": -30, "end": 70}
    assert set(found.bridge["scope"]) == {"all"}
    assert any("reconstructed" in note for note in found.notes("caution"))


def test_states_of_unlike_kind_cannot_be_bridged():
    """Amounts of today and amounts of then must not be subtracted."""
    history = PipelineHistory(make_deals(deal("x")), data_until=AS_OF)
    tables = CutTables({"opportunities": history.deals})
    with pytest.raises(ValueError, match="two reconstructed"):
        build_bridge(history.at(date(2026, 1, 1)), history.at(AS_OF), Q1, tables, [])


DAYS = [date(2025, 12, 29) + timedelta(7 * week) for week in range(8)]
CLOSE_DATES = [
    "2025-11-20",
    "2025-12-31",
    "2026-01-01",
    "2026-02-10",
    "2026-03-31",
    "2026-04-01",
    None,
]
STATES = st.tuples(
    st.sampled_from(["open", "open", "open", "won", "lost", "gone"]),
    st.one_of(st.none(), st.integers(0, 10**9).map(lambda cents: cents / 100)),
    st.sampled_from(CLOSE_DATES),
    st.sampled_from(["R1", "R2", "R9"]),
    st.sampled_from(["A1", "A2", "A3", "A9", None]),
)


@st.composite
def histories(draw):
    """Draw deals with a state on each of three days, and the deals table at the end."""
    days = sorted(draw(st.lists(st.sampled_from(DAYS), min_size=3, max_size=3, unique=True)))
    records, final = [], []
    for key in "abcdefgh"[: draw(st.integers(1, 8))]:
        for day in days:
            status, amount, close, owner, account = draw(STATES)
            if status != "gone":
                records.append(
                    seen(str(day), key, status, amount, close, owner_id=owner, account_id=account)
                )
        status, amount, close, owner, account = draw(STATES)
        if status != "gone":
            final.append(deal(key, status, amount, close, owner_id=owner, account_id=account))
    return make_deals(*(final or [deal("z")])), make_history(*records) if records else None


@given(histories())
def test_every_cell_of_any_bridge_adds_up(drawn):
    """Start plus reasons is the end, to the cent and to the deal, in every cell of any history."""
    deals, records = drawn
    history = PipelineHistory(deals, records, data_until=AS_OF)
    tables = CutTables(
        {"opportunities": history.deals, "accounts": make_accounts(), "reps": make_reps()}
    )
    cuts = ["region", "manager", "owner", "account_owner"]
    start, end = history.at(DAYS[0] - timedelta(1)), history.at(AS_OF)
    if not start.knows_dates:
        start, end = history.rebuilt(DAYS[0]), history.rebuilt(AS_OF)
    bridge = build_bridge(start, end, Q1, tables, cuts)
    assert check_identity(bridge.steps).empty
    total = bridge.steps[bridge.steps["cut"] == "total"].set_index("reason")["cents"]
    for cut in cuts:
        mine = bridge.steps[bridge.steps["cut"] == cut].groupby("reason")["cents"].sum()
        mine = mine.reindex(total.index, fill_value=0)
        moved = ["owner_in", "owner_out"]
        assert mine.drop(moved).equals(total.drop(moved))
        assert mine[moved].sum() == 0


@given(histories())
def test_neighbouring_bridges_join(drawn):
    """The end of one week is the start of the next, and their reasons add up to the whole."""
    deals, records = drawn
    history = PipelineHistory(deals, records, data_until=AS_OF)
    tables = CutTables({"opportunities": history.deals})
    states = [history.rebuilt(day) for day in (*DAYS[:3], AS_OF)]
    bridges = [build_bridge(a, b, Q1, tables, []) for a, b in zip(states, states[1:], strict=False)]
    ends = [bridge.steps.set_index("reason")["cents"] for bridge in bridges]
    for before, after in zip(ends, ends[1:], strict=False):
        assert before["end"] == after["start"]


def test_check_identity_finds_a_cell_that_does_not_add_up():
    """A cent too much in one step is reported with its cell."""
    history = PipelineHistory(make_deals(deal("x")), data_until=AS_OF)
    tables = CutTables({"opportunities": history.deals})
    bridge = build_bridge(history.at(AS_OF), history.at(AS_OF), Q1, tables, [])
    wrong = bridge.steps.assign(
        cents=bridge.steps["cents"] + (bridge.steps["reason"] == "won").astype(int)
    )
    assert check_identity(bridge.steps).empty
    assert check_identity(wrong)[["cut_value", "off_cents"]].to_numpy().tolist() == [["all", 1]]


def test_moves_name_the_deals_behind_the_bridge():
    """The deals of a reason add up to its step, largest first."""
    history = make_history(seen(START, "x"), seen(START, "y", amount=400), seen(START, "k"))
    found = review(
        deal("x", close="2026-07-01"),
        deal("y", close="2026-07-01", amount=400),
        deal("k"),
        history=history,
    )
    moves = found.tables["pipeline_moves"]
    span = moves[moves["series"] == "span"]
    assert span["opportunity_id"].tolist() == ["y", "x"]
    assert span["amount"].sum() == steps(found)["pushed_out"] == -500
    assert span["to_close_date"].eq(pd.Timestamp("2026-07-01")).all()


def test_weekly_bridges_run_from_the_compare_date_to_the_as_of_date():
    """The series of weeks has no gap and ends on the as-of date."""
    found = review(
        deal("x"),
        history=make_history(seen(START, "x"), seen("2026-02-09", "x")),
        settings=PipelineSettings(weeks=8),
    )
    week = found.bridge[found.bridge["series"] == "week"]
    spans = week[["from_date", "to_date"]].drop_duplicates().sort_values("from_date")
    assert (spans["to_date"].iloc[:-1].to_numpy() == spans["from_date"].iloc[1:].to_numpy()).all()
    assert spans["to_date"].iloc[-1] == pd.Timestamp(AS_OF)
