"""One line of states per deal, stages, conversion by cohort, days in a stage, ageing."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from planlib.periods import FiscalYear, Period
from planlib.pipeline import CutTables, PipelineHistory
from planlib.pipeline.movement import (
    MATURE,
    Timeline,
    measure_ageing,
    measure_conversion,
    measure_durations,
    read_stages,
    read_timeline,
    stage_timeline,
)
from planlib.pipeline.movement.conversion import recent_quarters
from tests.pipeline_frames import deal, make_accounts, make_deals, make_history, seen

AS_OF = date(2026, 3, 31)
CHANCE = {"Lead": 0.1, "Offer": 0.4, "Contract": 0.8}
Q1 = Period.parse("2026Q1")


def at(day: str, key: str, stage: str, **more: object) -> dict[str, object]:
    """Make a change record of an open deal's stage."""
    chance = CHANCE.get(stage)
    return seen(day, key, record="change", stage=stage, probability=chance, **more)


def make_story() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make four deals: straight to won, skip to won, back and lost, still open."""
    deals = make_deals(
        deal("A", "won", close="2026-01-21", created="2026-01-01", stage="Won"),
        deal("B", "won", close="2026-01-16", created="2026-01-01", stage="Won"),
        deal("C", "lost", close="2026-02-10", created="2026-01-01", stage="Lost"),
        deal("D", "open", created="2026-01-01", stage="Offer"),
    )
    history = make_history(
        at("2026-01-01", "A", "Lead"),
        at("2026-01-11", "A", "Offer"),
        at("2026-01-16", "A", "Contract"),
        at("2026-01-01", "B", "Lead"),
        at("2026-01-06", "B", "Contract"),
        at("2026-01-01", "C", "Lead"),
        at("2026-01-11", "C", "Offer"),
        at("2026-01-21", "C", "Lead"),
        at("2026-01-31", "C", "Offer"),
        at("2026-01-01", "D", "Lead"),
        at("2026-03-01", "D", "Offer"),
    )
    return deals, history


def read(deals: pd.DataFrame, history: pd.DataFrame | None) -> tuple[PipelineHistory, Timeline]:
    """Prepare deals and their line of states."""
    past = PipelineHistory(deals, history, data_until=AS_OF)
    return past, read_timeline(past, AS_OF)


def conversion(deals: pd.DataFrame, history: pd.DataFrame, **more: object) -> pd.DataFrame:
    """Measure conversion of all deals."""
    past, line = read(deals, history)
    tables = CutTables({"opportunities": past.deals, "accounts": make_accounts()})
    options = {"quarters": [Q1], "mature_days": 30, "minimum_deals": 1} | more
    return measure_conversion(read_stages(line), line, tables, ["region"], **options)


def test_states_change_only_where_something_changed():
    """Ten equal snapshots of a deal are one row, a new amount begins another."""
    days = [f"2026-01-{day:02d}" for day in range(1, 11)]
    rows = [seen(day, "A", stage="Lead") for day in days]
    rows += [seen("2026-01-11", "A", stage="Lead", amount=120.0)]
    _, line = read(make_deals(deal("A", amount=120.0, stage="Lead")), make_history(*rows))
    assert line.changes["amount"].tolist() == [100, 120]
    assert line.changes["day"].dt.day.tolist() == [1, 11]


def test_the_deals_table_says_when_a_deal_was_closed():
    """What a snapshot still shows after the close date does not count."""
    deals = make_deals(deal("A", "won", close="2026-01-10", stage="Won"))
    _, line = read(deals, make_history(seen("2026-01-05", "A"), seen("2026-01-15", "A")))
    assert line.changes["status"].tolist() == ["open", "won"]
    assert line.changes["day"].dt.day.tolist() == [5, 10]


def test_a_deal_missing_from_a_later_snapshot_is_deleted_there():
    """It ends on the first snapshot without it."""
    history = make_history(
        seen("2026-01-05", "A"), seen("2026-01-05", "X"), seen("2026-01-12", "A")
    )
    _, line = read(make_deals(deal("A")), history)
    gone = line.changes[line.changes["opportunity_id"] == "X"]
    assert gone["status"].tolist() == ["open", "deleted"]
    assert gone["day"].dt.day.tolist() == [5, 12]


def test_stages_are_ordered_by_chance_not_by_name():
    """Without an order of the CRM the median probability decides."""
    _, line = read(*make_story())
    stages = read_stages(line)
    assert stages.order == ("Lead", "Offer", "Contract")
    assert "median probability" in stages.rule


def test_the_order_of_the_crm_comes_first():
    """Where the history has an order, chances do not matter."""
    deals, history = make_story()
    order = history["stage"].map({"Lead": 3, "Offer": 2, "Contract": 1}).astype("Int64")
    _, line = read(deals, history.assign(stage_order=order))
    assert read_stages(line).order == ("Contract", "Offer", "Lead")


def test_a_stage_without_an_order_is_not_lost():
    """Where one stage lacks the CRM's order, all are ordered by chance, and none is left out."""
    deals, history = make_story()
    order = history["stage"].map({"Lead": 1, "Offer": 2}).astype("Int64")
    _, line = read(deals, history.assign(stage_order=order))
    assert read_stages(line).order == ("Lead", "Offer", "Contract")


def test_cohorts_follow_the_fiscal_year():
    """With a fiscal year from February, January belongs to the last quarter of the year before."""
    year = FiscalYear(start_month=2)
    quarters = recent_quarters(AS_OF, 2, Period.of(AS_OF, "quarter", year))
    assert [str(quarter.start) for quarter in quarters] == ["2025-11-01", "2026-02-01"]
    rows = conversion(*make_story(), quarters=quarters)
    assert set(rows["cohort"]) == {MATURE, quarters[0].name}


def test_visits_of_a_deal_that_went_back():
    """C stays 10 days each in lead, offer, lead, and then in offer until it is lost."""
    _, line = read(*make_story())
    visits = read_stages(line).visits
    mine = visits[visits["opportunity_id"] == "C"]
    assert mine["stage"].tolist() == ["Lead", "Offer", "Lead", "Offer"]
    assert mine["days"].tolist() == [10, 10, 10, 10]
    assert mine["end"].tolist() == ["forward", "backward", "forward", "lost"]


def test_conversion_counts_skips_as_passed_and_steps_back_apart():
    """Of 4 leads all come further; of 4 offers (B skipped it) 2; both contracts are won."""
    rows = conversion(*make_story())
    rows = rows[(rows["cohort"] == MATURE) & (rows["cut"] == "total")].set_index("stage")
    assert rows["entered_count"].to_dict() == {"Lead": 4, "Offer": 4, "Contract": 2}
    assert rows["passed_count"].to_dict() == {"Lead": 4, "Offer": 2, "Contract": 2}
    assert rows["skipped_count"].to_dict() == {"Lead": 0, "Offer": 1, "Contract": 0}
    assert rows["backward_count"].to_dict() == {"Lead": 0, "Offer": 1, "Contract": 0}
    assert rows.loc["Offer", ["lost_count", "open_count"]].tolist() == [1, 1]
    assert rows.loc["Offer", "conversion"] == 0.5


def test_snapshot_ratios_are_not_conversion():
    """Deals now in contract over deals now in offer would be 0 / 1; conversion is one half."""
    deals, history = make_story()
    past, _ = read(deals, history)
    now = past.at(AS_OF).open_deals["stage"].value_counts()
    assert now.to_dict() == {"Offer": 1}
    rows = conversion(deals, history)
    total = rows[(rows["cohort"] == MATURE) & (rows["cut"] == "total")]
    assert total["passed_count"].iloc[1] / total["entered_count"].iloc[1] == 0.5


def test_without_a_deal_created_within_the_history_there_is_no_conversion():
    """Deals that were all there at the first snapshot are in no cohort: no rows, no error."""
    deals = make_deals(deal("A", created="2024-01-01"), deal("B", created="2024-01-01"))
    history = make_history(at("2026-02-01", "A", "Lead"), at("2026-03-01", "B", "Lead"))
    assert conversion(deals, history).empty


def test_a_young_cohort_is_grey():
    """Deals created within the usual cycle may still come further."""
    rows = conversion(*make_story(), mature_days=200)
    assert set(rows["cohort"]) == {"2026Q1"}
    assert rows["is_grey"].all()
    assert rows["note"].str.contains("younger than 200 days").all()


def make_random(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make 60 deals with random walks over stages, by weekly snapshots."""
    rng = np.random.default_rng(seed)
    days = [date(2025, 7, 1) + timedelta(7 * week) for week in range(40)]
    names = [*CHANCE]
    deals, records = [], []
    for number in range(60):
        first = int(rng.integers(0, 25))
        life = int(rng.integers(1, 15))
        place, key = 0, f"D{number:02d}"
        stop = min(first + life, len(days) - 1)
        for week in range(first, stop):
            place = int(np.clip(place + rng.choice([-1, 0, 0, 1, 2]), 0, 2))
            stage = names[place]
            records.append(
                seen(str(days[week]), key, stage=stage, probability=CHANCE[stage],
                     amount=float(rng.integers(1, 9)))
            )  # fmt: skip
        status = str(rng.choice(["won", "lost", "open"]))
        if status == "open" and stop < len(days) - 1:
            status = "lost"
        deals.append(
            deal(key, status, close=str(days[stop]), created=str(days[first]), amount=5.0,
                 account_id=f"A{number % 3 + 1}", stage=names[place])
        )  # fmt: skip
    return make_deals(*deals), make_history(*records)


@pytest.mark.parametrize("seed", range(3))
def test_who_entered_has_passed_or_stopped(seed):
    """In every row: entered = passed + lost + open + deleted, and cells add up to the total."""
    rows = conversion(*make_random(seed))
    parts = ["passed_count", "lost_count", "open_count", "deleted_count"]
    assert (rows["entered_count"] == rows[parts].sum(axis=1)).all()
    mature = rows[rows["cohort"] == MATURE]
    sums = mature.groupby(["cut", "stage_order"])["entered_count"].sum().unstack(0)
    assert (sums["region"] == sums["total"]).all()
    ordered = mature[mature["cut"] == "total"].sort_values("stage_order")
    assert ordered["entered_count"].is_monotonic_decreasing


def test_order_of_rows_does_not_matter():
    """Shuffled deals and records give the same conversion."""
    deals, history = make_random(1)
    plain = conversion(deals, history)
    mixed = conversion(deals.sample(frac=1, random_state=1), history.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(plain, mixed)


def durations(deals: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Measure days in stage of all deals."""
    past, line = read(deals, history)
    tables = CutTables({"opportunities": past.deals})
    found = measure_durations(read_stages(line), line, tables, [], minimum_deals=1)
    return found.set_index(["stage", "basis"])


def test_latest_and_cumulative_differ_after_a_return():
    """C was in offer twice for 10 days: latest 10, cumulative 20; D still is, 30 days."""
    found = durations(*make_story())
    assert found.loc[("Offer", "latest"), "median_days"] == 10
    assert found.loc[("Offer", "cumulative"), "median_days"] == 20
    assert found.loc[("Offer", "latest"), "censored_count"] == 1
    assert found.loc[("Lead", "latest"), "deal_count"] == 4


def test_a_stage_that_few_have_left_has_no_median():
    """One of three left: the median is not known, and the note says so."""
    deals = make_deals(*[deal(key, created="2026-01-01", stage="Lead") for key in "ABC"])
    history = make_history(
        *[at("2026-01-01", key, "Lead") for key in "ABC"], at("2026-01-21", "A", "Offer")
    )
    row = durations(deals, history).loc[("Lead", "latest")]
    assert np.isnan(row["median_days"])
    assert "fewer than half" in row["note"]


def test_entries_before_the_history_are_counted_not_guessed():
    """A deal created long before the first record has no known days in its first stage."""
    deals = make_deals(deal("A", created="2025-01-01", stage="Offer"))
    history = make_history(at("2026-01-01", "A", "Lead"), at("2026-01-21", "A", "Offer"))
    row = durations(deals, history).loc[("Lead", "latest")]
    assert (row["deal_count"], row["unknown_count"]) == (0, 1)


def ageing(minimum: int, **entered: str) -> pd.Series:
    """Put an open deal beside two won ones that were in offer 10 and 20 days."""
    deals = make_deals(
        deal("W1", "won", close="2026-01-21", created="2026-01-01", account_id="A1"),
        deal("W2", "won", close="2026-02-10", created="2026-01-01", account_id="A2"),
        deal("O", created="2025-01-01", stage="Offer", account_id="A1",
             stage_entered_date=entered.get("stated")),
    )  # fmt: skip
    history = make_history(
        at("2026-01-01", "W1", "Lead"), at("2026-01-11", "W1", "Offer"),
        at("2026-01-01", "W2", "Lead"), at("2026-01-21", "W2", "Offer"),
        at(entered.get("first", "2026-01-01"), "O", "Offer"),
    )  # fmt: skip
    past, line = read(deals, history)
    tables = CutTables({"opportunities": past.deals, "accounts": make_accounts()})
    found = measure_ageing(
        read_stages(line), line, past.deals, tables, factor=2.0, minimum_deals=minimum
    )
    return found.set_index("opportunity_id").loc["O"]


def test_ageing_is_days_over_those_of_won_deals_of_the_segment():
    """89 days in offer since the date the CRM states, 10 in the same segment: 8.9 times."""
    row = ageing(1, stated="2026-01-01")
    assert (row["days_in_stage"], row["usual_days"], row["usual_basis"]) == (89, 10, "same segment")
    assert row["ratio"] == pytest.approx(8.9)
    assert row["is_old"]
    assert row["entered_basis"] == "deals table"


def test_few_won_deals_of_a_segment_fall_back_to_all():
    """With fewer than two in the segment the median of all won deals is 15."""
    row = ageing(2, stated="2026-03-11")
    assert (row["usual_days"], row["usual_basis"]) == (15, "all segments")
    assert not row["is_old"]


def test_an_unknown_entry_gives_no_ratio():
    """Without a known entry there is no age, and the note says so."""
    row = ageing(1)
    assert np.isnan(row["ratio"])
    assert pd.isna(row["is_old"])
    assert "not known" in row["note"]


def test_the_timeline_keeps_every_change_record():
    """Opened, every recorded stage, and the expected close of deals that are not closed."""
    past, _ = read(*make_story())
    found = stage_timeline(past)
    assert found["step"].value_counts().to_dict() == {"stage": 11, "opened": 4, "expected": 4}
    mine = found[found["opportunity_id"] == "D"]
    assert mine["step"].tolist() == ["opened", "stage", "stage", "expected"]


def test_without_history_there_are_no_stages():
    """Deals alone have no line of states, no stages, no conversion."""
    _, line = read(make_story()[0], None)
    stages = read_stages(line)
    assert stages.order == ()
    assert "no history" in line.note
