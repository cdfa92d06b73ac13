"""Movement as a whole: with what the user has, the ladder, restatements, reviews, findings."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from planlib.errors import ParameterError
from planlib.periods import Period
from planlib.pipeline import CutTables, PipelineHistory
from planlib.pipeline.movement import (
    MovementReview,
    find_bad_input,
    find_restated,
    history_ladder,
    measure_movement,
    review_coverage,
)
from planlib.settings.movement import MovementSettings
from planlib.settings.pipeline import PipelineSettings
from planlib.tables import TABLES, table
from tests.pipeline_frames import deal, make_accounts, make_deals, make_history, make_reps, seen

AS_OF = date(2026, 3, 31)
Q1 = Period.parse("2026Q1")
SETTINGS = PipelineSettings(cuts=("region", "owner"), minimum_deals=1, snapshot_age_days=31)


def make_world(seed: int = 0) -> dict[str, pd.DataFrame]:
    """Make 80 deals over 15 months with monthly snapshots, projects and payments."""
    rng = np.random.default_rng(seed)
    days = [date(2025, 1, 31) + timedelta(28 * step) for step in range(15)] + [AS_OF]
    deals, records, projects, payments = [], [], [], []
    for number in range(80):
        key, account = f"D{number:02d}", f"A{number % 3 + 1}"
        first = int(rng.integers(0, 12))
        life = int(rng.integers(1, 6))
        status = str(rng.choice(["won", "lost", "open"]))
        stop = len(days) if status == "open" else min(first + life, len(days))
        for step in range(first, stop):
            stage = "Lead" if step - first < 2 else "Offer"
            records.append(
                seen(str(days[step]), key, amount=100.0 + number, stage=stage, account_id=account,
                     probability=0.1 if stage == "Lead" else 0.5,
                     close=str(days[step] + timedelta(int(rng.integers(10, 90)))))
            )  # fmt: skip
        close = str(AS_OF + timedelta(20)) if status == "open" else str(days[stop - 1])
        deals.append(
            deal(key, status, 100.0 + number, close, str(days[first]), account_id=account,
                 stage={"won": "Won", "lost": "Lost"}.get(status, "Offer"),
                 review_status=str(rng.choice(["reviewed", "open"])))
        )  # fmt: skip
        if status == "lost":
            cause = str(rng.choice(["relation", "support"]))
            projects.append({"project_id": key, "opportunity_id": key, "status": "lost",
                             "loss_cause": cause})  # fmt: skip
        if status == "won":
            projects.append({"project_id": key, "opportunity_id": key, "status": "won",
                             "contract_amount": 100.0, "contract_date": close})  # fmt: skip
            payments.append({"payment_id": key, "project_id": key, "due_date": close,
                             "due_amount": 100.0})  # fmt: skip
    return {
        "opportunities": make_deals(*deals),
        "history": make_history(*records),
        "accounts": make_accounts(),
        "reps": make_reps(),
        "projects": table("projects").coerce(pd.DataFrame(projects)),
        "payments": table("payments").coerce(pd.DataFrame(payments)),
    }


def measure(world: dict[str, pd.DataFrame], **more: object) -> MovementReview:
    """Measure movement of the quarter."""
    tables = {**world, **more}
    deals = tables.pop("opportunities")
    return measure_movement(deals, SETTINGS, MovementSettings(), Q1, AS_OF, **tables)


def test_every_table_keeps_its_contract():
    """All tables pass all checks of their declaration, and none is empty in a full world."""
    found = measure(make_world())
    for name, frame in found.tables.items():
        TABLES[name].check(frame)
    empty = [name for name, frame in found.tables.items() if frame.empty]
    assert empty == ["pipeline_restatements"]


def test_order_of_rows_does_not_matter():
    """Shuffled inputs give the same tables."""
    world = make_world()
    mixed = {name: frame.sample(frac=1, random_state=3) for name, frame in world.items()}
    plain, other = measure(world), measure(mixed)
    for name, frame in plain.tables.items():
        pd.testing.assert_frame_equal(frame, other.tables[name], obj=name)


def test_a_deal_that_came_in_later_and_was_pushed_out_is_not_said_to_be_decided():
    """It was in no bridge of two days, is still open and closes in a later period."""
    found = measure(
        {
            "opportunities": make_deals(
                deal("A", close="2026-03-20"), deal("B", close="2026-05-20", created="2026-01-20")
            ),
            "history": make_history(
                seen("2025-12-31", "A", close="2026-03-20"),
                seen("2026-01-31", "B", close="2026-03-10", created="2026-01-20"),
                seen("2026-02-28", "B", close="2026-05-20", created="2026-01-20"),
            ),
        }
    )
    said = " ".join(found.notes("headline"))
    assert "deals were pushed out 1 time (" in said
    assert "shows 0 of them; the other deals came in after the first day, came back" in said


@pytest.mark.parametrize("missing", ["history", "accounts", "reps", "projects", "payments"])
def test_any_table_may_be_absent(missing):
    """Without one table the call completes, keeps the contracts and says what is missing."""
    world = make_world()
    del world[missing]
    found = measure(world)
    for name, frame in found.tables.items():
        TABLES[name].check(frame)
    said = " ".join([*found.notes("missing"), *found.notes("caution")])
    words = {"history": "snapshots or change records", "projects": "table projects is missing",
             "payments": "table payments is missing"}  # fmt: skip
    assert words.get(missing, "") in said


def test_deals_with_nothing_but_an_id_do_not_break_it():
    """What cannot be computed is empty with a reason; nothing is zero."""
    found = measure({"opportunities": pd.DataFrame({"opportunity_id": ["A", "B"]})})
    for name, frame in found.tables.items():
        TABLES[name].check(frame)
    assert found.tables["pipeline_velocity"].empty
    assert len(found.notes("missing")) >= 6
    assert set(found.tables["pipeline_findings"]["finding"]) == {"unknown status"}


def test_no_deals_at_all_give_empty_tables():
    """An empty deals table is no error."""
    found = measure({"opportunities": table("opportunities").empty()})
    assert found.tables["pipeline_incidence"].empty
    assert found.notes("missing")


def test_a_wrong_first_day_is_refused():
    """The first day must lie before the as-of date."""
    with pytest.raises(ParameterError, match="is not before the as-of date"):
        measure(make_world(), compare_date="2026-04-01")


def test_ended_periods_are_compared_with_the_last_publication():
    """The day of the publication counts; one that is not before the as-of date does not."""
    world = make_world()
    start = date(2025, 12, 31)
    for published, since in ((date(2026, 2, 27), date(2026, 2, 27)), (AS_OF, start), (None, start)):
        assert measure(world, published=published).published == since


# ------------------------------------------------------------------ history ladder

RUNGS = {
    "no history": [],
    "some weeks": ["2026-03-17", "2026-03-24"],
    "the period": ["2025-12-30", "2026-03-24"],
    "a year": ["2025-03-25", "2025-12-30", "2026-03-24"],
}


@pytest.mark.parametrize(("rung", "days"), RUNGS.items(), ids=list(RUNGS))
def test_the_ladder_names_the_rung(rung, days):
    """Nothing, two weeks, back to the period's start, back to the year before."""
    records = make_history(*[seen(day, "A") for day in days]) if days else None
    past = PipelineHistory(
        make_deals(deal("A", created="2025-01-01")), records, data_until=date(2026, 3, 31)
    )
    ladder = history_ladder(past, Q1, AS_OF)
    assert set(ladder["reached"]) == {rung}
    figures = ladder[ladder["kind"] == "figure"].set_index("item")["state"]
    place = list(RUNGS).index(rung)
    moves = figures["moves of close dates, pushes, slipped since last week"]
    assert moves == ("as known then" if place >= 1 else "not available")
    backtest = figures["backtest of forecasts"]
    assert backtest == ("as known then" if place == 3 else "not available")
    before = figures["open pipeline of the year before"]
    assert before == ("as known then" if place == 3 else "reconstructed")


def test_a_reconstruction_never_stands_for_moves_pacing_or_backtests():
    """Below their rung these figures are not available, whatever can be rebuilt."""
    past = PipelineHistory(make_deals(deal("A")), None, data_until=AS_OF)
    ladder = history_ladder(past, Q1, AS_OF)
    words = "moves of close|pacing|backtest|bridge"
    rows = ladder[ladder["item"].str.contains(words)]
    assert len(rows) == 4
    assert set(rows["state"]) == {"not available"}
    assert rows["note"].str.contains("would need").all()


def test_a_blank_column_of_the_history_is_named():
    """A year of snapshots without stages carries no stage figure, and says which column lacks."""
    records = make_history(*[seen(day, "A") for day in RUNGS["a year"]])
    past = PipelineHistory(make_deals(deal("A")), records, data_until=AS_OF)
    ladder = history_ladder(past, Q1, AS_OF).set_index("item")
    assert ladder.loc["days in the stage, ageing", "state"] == "not available"
    assert ladder.loc["days in the stage, ageing", "note"] == "the history has no stage"
    assert ladder.loc["stage", "filled_share"] == 0


# ------------------------------------------------------------------ restatements


def restated(*rows: dict[str, object], then: list[dict[str, object]]) -> pd.DataFrame:
    """Compare closed deals of 2025 as recorded at year end with today's table."""
    past = PipelineHistory(make_deals(*rows), make_history(*then), data_until=AS_OF)
    tables = CutTables({"opportunities": past.deals, "reps": make_reps()})
    found, _ = find_restated(past, date(2025, 12, 31), AS_OF, tables, period=Q1)
    return found.set_index("opportunity_id") if len(found) else found


def was(key: str, status: str, amount: float, close: str) -> dict[str, object]:
    """Make a row of the snapshot at year end."""
    return seen("2025-12-31", key, status, amount, close)


def test_each_kind_of_restatement_is_found():
    """Amount, status, another period, reopened, deleted, and closed with an old date."""
    found = restated(
        deal("same", "won", 10.0, "2025-11-01"),
        deal("amount", "won", 80.0, "2025-11-01"),
        deal("status", "lost", 100.0, "2025-11-01"),
        deal("date", "won", 100.0, "2025-08-01"),
        deal("within", "won", 100.0, "2025-11-30"),
        deal("reopened", "open", 100.0, "2026-05-01"),
        deal("added", "won", 70.0, "2025-10-05"),
        deal("later", "won", 70.0, "2026-01-05"),
        then=[
            was("same", "won", 10.0, "2025-11-01"),
            was("amount", "won", 100.0, "2025-11-01"),
            was("status", "won", 100.0, "2025-11-01"),
            was("date", "won", 100.0, "2025-11-01"),
            was("within", "won", 100.0, "2025-11-01"),
            was("reopened", "won", 100.0, "2025-11-01"),
            was("deleted", "won", 50.0, "2025-11-01"),
            was("added", "open", 70.0, "2026-02-01"),
            was("later", "open", 70.0, "2026-02-01"),
            was("early", "lost", 5.0, "2025-07-01"),
        ],
    )
    assert found["kind"].to_dict() == {
        "amount": "amount", "status": "status", "date": "close date", "reopened": "removed",
        "deleted": "removed", "added": "added",
    }  # fmt: skip
    assert found["effect_amount"].to_dict() == {
        "amount": -20, "status": -100, "date": 0, "reopened": -100, "deleted": -50, "added": 70,
    }  # fmt: skip
    assert found.loc["added", "period"] == "2025Q4"
    assert found.loc["amount", "owner"] == "Ann"


def test_the_day_of_a_restatement_is_its_first_record():
    """The first snapshot after the publication that shows the new amount."""
    found = restated(
        deal("A", "won", 80.0, "2025-11-01"),
        then=[
            was("A", "won", 100.0, "2025-11-01"),
            seen("2026-01-07", "A", "won", 100.0, "2025-11-01"),
            seen("2026-01-14", "A", "won", 80.0, "2025-11-01"),
            seen("2026-01-21", "A", "won", 80.0, "2025-11-01"),
        ],
    )
    assert f"{found.loc['A', 'seen_date']:%Y-%m-%d}" == "2026-01-14"


def test_a_restatement_says_who_made_it():
    """As the first record that shows it says; else the last editor, where he edited since."""
    found = restated(
        deal("A", "won", 80.0, "2025-11-01", updated_by="Zed", updated_date="2026-02-01"),
        deal("B", "won", 80.0, "2025-11-01", updated_by="R2", updated_date="2026-02-01"),
        deal("C", "won", 80.0, "2025-11-01", updated_by="R2", updated_date="2025-12-01"),
        then=[
            *(was(key, "won", 100.0, "2025-11-01") for key in "ABC"),
            seen("2026-01-14", "A", "won", 80.0, "2025-11-01", updated_by="R1"),
            seen("2026-01-21", "A", "won", 80.0, "2025-11-01", updated_by="R2"),
        ],
    )
    assert found.loc[["A", "B"], "changed_by"].tolist() == ["Ann", "Bo"]
    assert pd.isna(found.loc["C", "changed_by"])


def test_deals_that_the_table_no_longer_holds_are_not_restated():
    """A deals table that begins in October says nothing about a deal closed in August."""
    found = restated(
        deal("A", "won", 80.0, "2025-11-01"),
        then=[was("A", "won", 80.0, "2025-11-01"), was("old", "won", 50.0, "2025-08-01")],
    )
    assert len(found) == 0


def test_without_a_record_of_that_day_nothing_is_restated_and_it_is_said():
    """No history: an empty list with the reason."""
    past = PipelineHistory(make_deals(deal("A", "won")), None, data_until=AS_OF)
    tables = CutTables({"opportunities": past.deals})
    found, why = find_restated(past, date(2025, 12, 31), AS_OF, tables, period=Q1)
    assert found.empty
    assert why == "what was closed on 2025-12-31 is not in the history"


# ------------------------------------------------------------------ reviews


def test_reviewed_share_by_manager():
    """Mia's one deal of 300 is reviewed, Max's two are not: 1 of 3 deals, 300 of 500."""
    deals = make_deals(
        deal("A", amount=300.0, owner_id="R1", review_status="reviewed"),
        deal("B", amount=150.0, owner_id="R2", review_status="open"),
        deal("C", amount=50.0, owner_id="R2"),
        deal("D", "won", amount=50.0, owner_id="R2", review_status="reviewed"),
    )
    past = PipelineHistory(deals, None, data_until=AS_OF)
    tables = CutTables({"opportunities": past.deals, "reps": make_reps()})
    found = review_coverage(past.at(AS_OF).open_deals, past.deals, tables)
    assert found["cut_value"].tolist() == ["all", "Max", "Mia"]
    total = found.iloc[0]
    assert (total["reviewed_share"], total["reviewed_amount_share"]) == (1 / 3, 0.6)
    assert found.set_index("cut_value").loc["Max", ["waiting_count", "blank_count"]].tolist() == [
        1,
        1,
    ]


# ------------------------------------------------------------------ findings

BAD = {
    "closed before created": deal("X", "won", close="2026-01-05", created="2026-02-01"),
    "created after the as-of date": deal("X", created="2026-04-05"),
    "won without amount": deal("X", "won", None, close="2026-01-05"),
    "won with negative amount": deal("X", "won", -5.0, close="2026-01-05"),
    "closed without close date": deal("X", "lost", close=None),
    "closed in the future": deal("X", "lost", close="2026-04-05"),
    "unknown status": deal("X", "nothing"),
    "unknown stage": deal("X", stage=None),
    "stage and flags contradict": deal("X", "won", stage="Lost", close="2026-01-05"),
}


@pytest.mark.parametrize(("finding", "bad"), BAD.items(), ids=list(BAD))
def test_a_bad_deal_is_named(finding, bad):
    """Each kind of bad deal is found, with its id, and nothing else is."""
    good = [deal(f"G{n}", "lost", close="2026-02-05", stage="Lost") for n in range(20)]
    bad = {"stage": "Lost" if bad["is_closed"] else "Lead", **bad}
    if finding != "stage and flags contradict" and bad["is_won"]:
        bad["stage"] = "Won"
    past = PipelineHistory(make_deals(*good, bad), None, data_until=AS_OF)
    found = find_bad_input(past, AS_OF)
    assert finding in set(found["finding"])
    assert set(found["opportunity_id"]) == {"X"}
    assert found["effect"].notna().all()


def test_a_clean_table_has_no_findings():
    """Good deals with a complete history are not named."""
    days = [f"2026-03-{day:02d}" for day in (3, 10, 17, 24, 31)]
    past = PipelineHistory(
        make_deals(deal("A")), make_history(*[seen(day, "A") for day in days]), data_until=AS_OF
    )
    assert find_bad_input(past, AS_OF).empty


def test_a_history_that_contradicts_the_present_is_named_with_both_values():
    """The record of the day says 100, the table 120; a record shows a deal open after it closed."""
    history = make_history(
        seen("2026-03-24", "A"), seen("2026-03-31", "A"), seen("2026-03-24", "B"),
        seen("2026-03-24", "C"),
    )  # fmt: skip
    deals = make_deals(deal("A", amount=120.0), deal("B", "won", close="2026-03-01"))
    found = find_bad_input(PipelineHistory(deals, history, data_until=AS_OF), AS_OF)
    rows = found.set_index("finding")
    assert rows.loc["history contradicts the present", "value"] == (
        "amount 100.0 in the record of 2026-03-31, 120.0 now"
    )
    assert rows.loc["history goes on after closing", "opportunity_id"] == "B"
    assert rows.loc["missing from the deals table", "opportunity_id"] == "C"


def test_missing_weeks_are_named():
    """Five weekly snapshots, then three weeks without: one gap with both days."""
    days = ["2026-02-03", "2026-02-10", "2026-02-17", "2026-02-24", "2026-03-03", "2026-03-24"]
    past = PipelineHistory(make_deals(deal("A")), make_history(*[seen(d, "A") for d in days]))
    found = find_bad_input(past, AS_OF)
    rows = found[found["finding"] == "missing weeks"]
    assert rows["value"].tolist() == ["no snapshot between 2026-03-03 and 2026-03-24, 21 days"]
    assert rows["opportunity_id"].isna().all()
