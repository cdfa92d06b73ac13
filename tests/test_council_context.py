"""Tests of context: causes with known answers, the deals behind them, suggested actions."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from planlib.council import (
    DEFINITIONS,
    cell_context,
    cell_owners,
    not_reviewed_deals,
    suggest_actions,
)
from planlib.council.causes import Cause, find_causes
from planlib.council.flows import find_flows
from planlib.council.suggest import declared_owners
from planlib.forecast import Inputs
from planlib.settings.council import CAUSES, CouncilAction, CouncilSettings
from tests.council_frames import make_cells
from tests.forecast_frames import AS_OF, inputs
from tests.pipeline_frames import Q1, deal, make_deals, make_history, make_reps, make_targets, seen

SETTINGS = CouncilSettings(minimum_deals=1)
TOTAL = {"cut": "total", "cut_value": "all", "colour": "red", "gap_amount": 500.0}


def make_story(*now: dict[str, object], later: tuple[str, str, float] = ("", "", 0.0)) -> Inputs:
    """
    Make two past quarters that went alike, and the present one as told.

    Each past quarter began with four deals of 100 and got two new ones of 100 in its third week;
    by week 5 two of the first four were won, one was lost and none pushed out; three more were won
    by the end: 500 in all.
    """
    rows: list[dict[str, object]] = []
    records: list[dict[str, object]] = []
    for back in (-2, -1):
        period = Q1.shift(back)
        for number in range(6):
            born = period.start + timedelta(15) if number > 3 else period.start - timedelta(30)
            closed = period.start + timedelta((10, 20, 30, 60, 65, 70)[number])
            status = "lost" if number == 2 else "won"
            add(rows, records, f"{period.name}-{number}", status, closed, born, until=closed)
    for one in now:
        rows.append(one["deal"])  # type: ignore[arg-type]
        records += one["seen"]  # type: ignore[arg-type]
    return inputs(
        make_deals(*rows), make_history(*records), targets=make_targets({"target_amount": 500}),
        attributes={"reps": make_reps()},
    )  # fmt: skip


def add(
    rows: list[dict[str, object]],
    records: list[dict[str, object]],
    key: str,
    status: str,
    closed: date,
    born: date,
    *,
    until: date,
) -> None:
    """Add a deal of 100 with its weekly snapshots."""
    rows.append(deal(key, status, 100.0, closed.isoformat(), born.isoformat(), deal_type="new",
                     stage="Proposal", probability=0.3))  # fmt: skip
    day = Q1.shift(-4).start - timedelta(1)
    while day < until:
        if day >= born:
            records.append(seen(day.isoformat(), key, "open", 100.0, closed.isoformat(),
                                stage="Proposal", probability=0.3))  # fmt: skip
        day += timedelta(7)
    for start in _STARTS:
        if born <= start < until:
            records.append(seen(start.isoformat(), key, "open", 100.0, closed.isoformat(),
                                sequence=1, stage="Proposal", probability=0.3))  # fmt: skip


_STARTS = [Q1.shift(back).start - timedelta(1) for back in range(-4, 1)]


def present(
    key: str, status: str, closed: date, born: date, seen_close: date | None = None
) -> dict[str, object]:
    """Give a deal of the present quarter, as it was seen at its start with another close date."""
    row = deal(key, status, 100.0, closed.isoformat(), born.isoformat(), deal_type="new",
               owner_id="R1", stage="Proposal", probability=0.3)  # fmt: skip
    records = [
        seen(day.isoformat(), key, "open", 100.0, (seen_close or closed).isoformat(),
             stage="Proposal", probability=0.3)
        for day in (Q1.start - timedelta(1), Q1.start + timedelta(6), Q1.start + timedelta(30))
        if day >= born and (status == "open" or day < closed)
    ]  # fmt: skip
    return {"deal": row, "seen": records}


BORN = Q1.start - timedelta(30)
MARCH = date(2026, 3, 10)
USUAL = (
    present("now-0", "won", date(2026, 1, 11), BORN),
    present("now-1", "won", date(2026, 1, 21), BORN),
    present("now-2", "lost", date(2026, 1, 31), BORN),
    present("now-3", "open", MARCH, BORN),
    present("now-4", "open", MARCH, Q1.start + timedelta(15)),
    present("now-5", "open", MARCH, Q1.start + timedelta(15)),
)


def causes_of(found: Inputs) -> dict[str, Cause]:
    """Compute every cause; one open unit brings 0.5 at the close."""
    flows = find_flows(found, 4)
    half = np.full(len(found.panel.cells), 0.5)
    return {one.name: one for one in find_causes(found, flows, half, SETTINGS)}


def test_a_quarter_like_those_before_has_no_cause() -> None:
    """The same deals on the same days: every share is the usual one and costs nothing."""
    found = causes_of(make_story(*USUAL))
    assert set(found) == set(CAUSES)
    for name, one in found.items():
        if name != "late_stage_stuck":
            assert one.now[0] == pytest.approx(one.usual[0]), name
            assert one.effect[0] == pytest.approx(0.0, abs=1e-6), name


def test_too_little_generated_costs_what_is_missing() -> None:
    """Past: 200 new for 500 won. Now: nothing new for a target of 500, so 200 x 0.5 is missing."""
    one = causes_of(make_story(*USUAL[:4]))["too_little_generated"]
    assert (one.now[0], one.usual[0]) == (0.0, pytest.approx(0.4))
    assert one.effect[0] == pytest.approx(100_00.0)


def test_a_thin_start_costs_what_was_not_there() -> None:
    """Past: 400 at the start for 500 won. Now: 300, so 100 x 0.5 is missing."""
    one = causes_of(make_story(*USUAL[:3], *USUAL[4:]))["thin_start"]
    assert (one.now[0], one.usual[0]) == (pytest.approx(0.6), pytest.approx(0.8))
    assert one.effect[0] == pytest.approx(50_00.0)


def test_pushed_out_is_a_share_of_all_that_was_in_the_pipeline() -> None:
    """One of six deals moved to May: a sixth of 600, none in the past."""
    moved = present("now-3", "open", date(2026, 5, 10), BORN, seen_close=MARCH)
    one = causes_of(make_story(*USUAL[:3], moved, *USUAL[4:]))["pushed_out"]
    assert (one.now[0], one.usual[0]) == (pytest.approx(1 / 6), 0.0)
    assert one.effect[0] == pytest.approx(50_00.0)
    assert one.count[0] == 1


def test_lost_more_and_low_conversion_come_from_what_was_decided() -> None:
    """A won deal was lost instead: 2 of 6 lost against 1 of 6, 1 of 3 won against 2 of 3."""
    lost = present("now-1", "lost", date(2026, 1, 21), BORN)
    found = causes_of(make_story(USUAL[0], lost, *USUAL[2:]))
    more, low = found["lost_more"], found["low_conversion"]
    assert (more.now[0], more.usual[0]) == (pytest.approx(1 / 3), pytest.approx(1 / 6))
    assert more.effect[0] == pytest.approx(50_00.0)
    assert (low.now[0], low.usual[0]) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert low.effect[0] == pytest.approx(100_00.0)


def test_past_periods_end_where_the_same_share_of_working_days_had_passed() -> None:
    """8 February is 27 of 64 working days; in 2025Q4 with its 66 that is 7 November."""
    days = [date(2025, 9, 30), *(date(2025, 11, day) for day in range(4, 11)),
            date(2025, 12, 31), date(2026, 2, 1)]  # fmt: skip
    records = [seen(day.isoformat(), "a", close="2026-03-10") for day in days]
    found = inputs(make_deals(deal("a", close="2026-03-10")), make_history(*records))
    flows = find_flows(found, 4)
    assert [number for number, _ in flows.past] == [len(found.periods) - 2]
    assert flows.past[0][1].basis == "snapshot of 2025-09-30 to snapshot of 2025-11-07"
    assert flows.start == date(2025, 12, 31)


def test_causes_are_ranked_with_numbers_and_deals() -> None:
    """Pushed out before nothing else; the moved deal stands behind it, and the words say so."""
    moved = present("now-3", "open", date(2026, 5, 10), BORN, seen_close=MARCH)
    found = make_story(*USUAL[:3], moved, *USUAL[4:])
    cells = make_cells({**TOTAL, "required_coverage": 2.0})
    context = cell_context(cells, found, SETTINGS, currency="EUR")
    first = context.causes.iloc[0]
    assert (first["cause"], first["cause_order"], first["count"]) == ("pushed_out", 1, 1)
    assert first["effect_amount"] == 50.0
    assert first["effect_share"] == pytest.approx(0.1)
    assert first["reason"].startswith(
        "17 % of the period's pipeline was pushed out in 1 deal, usual are 0 %"
    )
    deals = context.deals[context.deals["topic"] == "pushed_out"]
    assert deals["opportunity_id"].tolist() == ["now-3"]
    assert deals["detail"].tolist() == ["pushed out of the period since 2025-12-31"]
    assert "pushed out -100 EUR (1)" in context.words.iloc[0]
    assert "The week is no part of the longer span" in DEFINITIONS["moves"]


def test_the_moves_of_a_cell_are_those_of_the_bridge() -> None:
    """New 200, won 200, lost 100 since the start; start and end are left out."""
    context = cell_context(make_cells(TOTAL), make_story(*USUAL), SETTINGS)
    moves = context.moves[context.moves["span"] == "period"].set_index("reason")["amount"]
    assert moves.to_dict() == {"new": 200.0, "won": -200.0, "lost": -100.0}


def test_small_causes_are_not_named() -> None:
    """A cause below its share of the gap is left out."""
    moved = present("now-3", "open", date(2026, 5, 10), BORN, seen_close=MARCH)
    found = make_story(*USUAL[:3], moved, *USUAL[4:])
    cells = make_cells({**TOTAL, "gap_amount": 100_000.0})
    assert cell_context(cells, found, SETTINGS).causes.empty


def test_without_snapshots_the_context_says_that_it_is_not_known() -> None:
    """Reconstructed states tell nothing about moves: no cause, no zero."""
    rows = [one["deal"] for one in USUAL]
    found = inputs(make_deals(*rows), targets=make_targets({"target_amount": 500}))  # type: ignore[arg-type]
    context = cell_context(make_cells(TOTAL), found, SETTINGS)
    assert context.causes.empty
    assert context.moves.empty
    assert "not known, no snapshot tells what was open on 2025-12-31" in context.words.iloc[0]


def test_late_deals_that_stand_still_are_stuck() -> None:
    """Past late deals were won after at most 21 days in their stage; this one stands for 39."""
    rows: list[dict[str, object]] = []
    records: list[dict[str, object]] = []
    start = Q1.start - timedelta(1)
    for number in range(5):
        entered = Q1.shift(-1).start - timedelta(1) + timedelta(7 * number)
        closed = entered + timedelta(22)
        rows.append(deal(f"old-{number}", "won", 100.0, closed.isoformat(), entered.isoformat(),
                         deal_type="new", stage="Contract", probability=0.9))  # fmt: skip
        records += [
            seen((entered + timedelta(7 * week)).isoformat(), f"old-{number}", "open", 100.0,
                 closed.isoformat(), stage="Contract", probability=0.9)
            for week in range(4)
        ]  # fmt: skip
    for key, entered in (("stuck", start), ("moving", AS_OF - timedelta(7))):
        rows.append(deal(key, "open", 100.0, MARCH.isoformat(), entered.isoformat(),
                         deal_type="new", stage="Contract", probability=0.9))  # fmt: skip
        day = entered
        while day < AS_OF:
            records.append(seen(day.isoformat(), key, "open", 100.0, MARCH.isoformat(),
                                stage="Contract", probability=0.9))  # fmt: skip
            day += timedelta(7)
    found = inputs(make_deals(*rows), make_history(*records),
                   targets=make_targets({"target_amount": 500}))  # fmt: skip
    one = causes_of(found)["late_stage_stuck"]
    assert (one.now[0], one.usual[0], one.count[0]) == (0.5, pytest.approx(0.2), 1)
    assert one.effect[0] == pytest.approx(0.3 * 200_00 * 0.5)
    context = cell_context(make_cells(TOTAL), found, SETTINGS)
    deals = context.deals[context.deals["topic"] == "late_stage_stuck"]
    assert deals["opportunity_id"].tolist() == ["stuck"]
    assert deals["detail"].iloc[0] == "39 days in Contract, usual are at most 21"


CATALOGUE = (
    CouncilAction(key="dinner", title="Dinner", unit="evening", unit_cost=10, most_units=3,
                  effect="generated", effect_multiple=8, causes=("too_little_generated",)),
    CouncilAction(key="spiff", unit_cost=10, most_units=9, effect="won", effect_multiple=6,
                  causes=("too_little_generated", "pushed_out")),
)  # fmt: skip


def make_causes(*rows: tuple[str, float]) -> pd.DataFrame:
    """Make causes of the total with their effects."""
    return pd.DataFrame(
        [
            {"period": "2026Q1", "cut": "total", "cut_value": "all", "cause": name,
             "cause_order": at, "effect_amount": effect}
            for at, (name, effect) in enumerate(rows, start=1)
        ]
    )  # fmt: skip


def test_suggestions_take_as_many_units_as_the_cause_needs() -> None:
    """100 missing: a SPIFF of 10 brings 60, so two; a dinner brings 80 / 2, so three at most."""
    settings = CouncilSettings(actions=CATALOGUE, due_days=10)
    cells = make_cells({**TOTAL, "owner": "Mia"})
    found = suggest_actions(make_causes(("too_little_generated", 100.0)), cells, settings, AS_OF)
    found = found.set_index("action")
    assert found["units_count"].to_dict() == {"spiff": 2.0, "dinner": 3.0}
    assert found["cost_amount"].to_dict() == {"spiff": 20.0, "dinner": 30.0}
    assert found["effect_amount"].to_dict() == {"spiff": 120.0, "dinner": 240.0}
    assert found["close_amount"].to_dict() == {"spiff": 120.0, "dinner": 120.0}
    assert set(found["owner"]) == {"Mia"}
    assert set(found["due_date"]) == {pd.Timestamp(AS_OF + timedelta(10))}
    assert found.index[0] == "spiff"  # more at the close for each unit of money


def test_an_action_is_suggested_once_for_the_cause_that_costs_most() -> None:
    """Both causes call for a SPIFF; it stands for the first."""
    settings = CouncilSettings(actions=CATALOGUE)
    causes = make_causes(("pushed_out", 200.0), ("too_little_generated", 100.0))
    found = suggest_actions(causes, make_cells({**TOTAL, "owner": ""}), settings, AS_OF)
    assert found.set_index("action")["cause"].to_dict() == {
        "dinner": "too_little_generated", "spiff": "pushed_out",
    }  # fmt: skip
    assert suggest_actions(causes.head(0), make_cells(TOTAL), settings, AS_OF).empty


def test_no_more_units_are_suggested_than_the_deals_of_a_cause_need() -> None:
    """One review takes ten deals: seven stuck deals need one, eleven need two."""
    review = CouncilAction(key="review", unit_cost=1, most_units=4, unit_deals=10, effect="won",
                           effect_multiple=1, causes=("late_stage_stuck",))  # fmt: skip
    settings = CouncilSettings(actions=(review,))
    cells = make_cells({**TOTAL, "owner": ""})
    for count, units in ((7, 1.0), (11, 2.0), (99, 4.0)):
        causes = make_causes(("late_stage_stuck", 100.0)).assign(count=count)
        found = suggest_actions(causes, cells, settings, AS_OF)
        assert found["units_count"].tolist() == [units]


def test_suggestions_say_where_their_cause_may_be_none() -> None:
    """Few deals, or a past that varies as much; a cause that stands out needs no care."""
    settings = CouncilSettings(actions=CATALOGUE)
    cells = make_cells({**TOTAL, "owner": ""})
    for flags, care in (
        (
            {"is_grey": True, "is_usual": True},
            "few deals stand behind the cause: ask before acting",
        ),
        (
            {"is_grey": False, "is_usual": True},
            "past periods vary as much: the cause may be chance",
        ),
        ({"is_grey": False, "is_usual": False}, ""),
    ):
        causes = make_causes(("pushed_out", 100.0)).assign(**flags)
        found = suggest_actions(causes, cells, settings, AS_OF)
        assert found["caution"].tolist() == [care]


def make_running(**changes: object) -> pd.DataFrame:
    """Make an open action for the total: one dinner that should bring 80 of pipeline."""
    row = {"period": "2026Q1", "cut": "total", "cut_value": "all", "action": "dinner",
           "cause": None, "status": "open", "units_count": 1.0, "effect_amount": 80.0}  # fmt: skip
    return pd.DataFrame([{**row, **changes}])


def test_what_is_under_way_is_taken_off_the_cause_and_the_units() -> None:
    """A dinner brings 80 / 2 of the 100: 60 are left, for one SPIFF or two more dinners."""
    settings = CouncilSettings(actions=CATALOGUE)
    cells = make_cells({**TOTAL, "owner": ""})
    causes = make_causes(("too_little_generated", 100.0))
    found = suggest_actions(causes, cells, settings, AS_OF, actions=make_running())
    found = found.set_index("action")
    assert found["units_count"].to_dict() == {"spiff": 1.0, "dinner": 2.0}
    assert (
        "100 % of what this cause costs beyond the actions under way"
        in found.loc["spiff", "reason"]
    )
    for changes in ({"status": "done"}, {"cut_value": "other"}):
        same = suggest_actions(causes, cells, settings, AS_OF, actions=make_running(**changes))
        assert same.set_index("action")["units_count"].to_dict() == {"spiff": 2.0, "dinner": 3.0}


def test_a_cause_that_is_covered_by_what_is_under_way_needs_nothing_more() -> None:
    """Open actions bring all that the cause costs: no suggestion; all dinners taken: none more."""
    settings = CouncilSettings(actions=CATALOGUE)
    cells = make_cells({**TOTAL, "owner": ""})
    causes = make_causes(("too_little_generated", 100.0))
    enough = make_running(effect_amount=200.0)
    assert suggest_actions(causes, cells, settings, AS_OF, actions=enough).empty
    taken = make_running(units_count=3.0, effect_amount=None)
    found = suggest_actions(causes, cells, settings, AS_OF, actions=taken)
    assert found["action"].tolist() == ["spiff"]


def test_an_action_is_taken_off_the_cause_that_it_is_meant_for() -> None:
    """A SPIFF against pushed deals, 50 of ACV won: the other cause keeps its need."""
    settings = CouncilSettings(actions=CATALOGUE[1:])
    cells = make_cells({**TOTAL, "owner": ""})
    causes = make_causes(("pushed_out", 200.0), ("too_little_generated", 100.0))
    running = make_running(action="spiff", cause="pushed_out", effect_amount=200.0)
    found = suggest_actions(causes, cells, settings, AS_OF, actions=running)
    assert found[["cause", "units_count"]].values.tolist() == [["too_little_generated", 2.0]]


def test_the_owner_of_a_cell_is_the_manager_with_most_of_it() -> None:
    """Mia's R1 owns the deals; a manager owns himself; without reps nobody is named."""
    found = make_story(*USUAL)
    cells = make_cells(
        {"cut": "deal_type", "cut_value": "new"}, {"cut": "manager", "cut_value": "Mia"},
        {"cut": "deal_type", "cut_value": "renewal"},
    )  # fmt: skip
    assert cell_owners(cells, found).tolist() == ["Mia", "Mia", ""]
    assert cell_owners(cells, None).tolist() == ["", "", ""]


def test_owners_that_the_plan_names_come_before_managers() -> None:
    """Reps by name, other names as they are; owners of segments unless the council says more."""
    found = make_story(*USUAL)
    settings = CouncilSettings(owners={"deal_type": {"new": "R2"}, "segment": {"Core": "Zoe"}})
    declared = declared_owners(settings, {"Core": "R1", "Mid": ("R1", "M2")}, found)
    assert declared == {("segment", "Core"): "Zoe", ("segment", "Mid"): "R1, M2",
                        ("deal_type", "new"): "Bo"}  # fmt: skip
    cells = make_cells({"cut": "deal_type", "cut_value": "new"},
                       {"cut": "manager", "cut_value": "Mia"})  # fmt: skip
    assert cell_owners(cells, found, declared).tolist() == ["Bo", "Mia"]
    assert declared_owners(settings, None, None)["deal_type", "new"] == "R2"
    with pytest.raises(ValueError, match="there is no cut 'deal_typ'"):
        CouncilSettings(owners={"deal_typ": {"new": "R2"}})


def test_open_deals_of_red_cells_without_a_review_are_named() -> None:
    """Rejected, open and unknown ones are not reviewed; yellow cells and closed deals are out."""
    rows = [
        deal("a", close="2026-03-01", review_status="reviewed", deal_type="new"),
        deal("b", amount=300.0, close="2026-03-01", review_status="rejected", deal_type="new"),
        deal("c", amount=400.0, close="2026-03-01", deal_type="new"),
        deal("d", close="2026-06-01", deal_type="new"),
        deal("e", "won", close="2026-01-05", review_status="open", deal_type="new"),
    ]
    found = inputs(make_deals(*rows))
    cells = make_cells(TOTAL, {"cut": "deal_type", "cut_value": "new", "colour": "yellow"})
    named = not_reviewed_deals(cells, found)
    assert named["opportunity_id"].tolist() == ["c", "b"]
    assert named["detail"].tolist() == ["review status: none", "review status: rejected"]
    without = make_deals(deal("a", close="2026-03-01"))
    assert not_reviewed_deals(cells, inputs(without)).empty
