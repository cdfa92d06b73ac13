"""Tests of cells beside their past: today's colours are the last of the history, known answers."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from planlib.council import colour_cells, colour_changes, colour_history, colour_matrix
from planlib.council.cells import council_periods, gather_cells
from planlib.forecast import Inputs, pacing_curves, prepare_inputs, required_coverage
from planlib.periods import Period
from planlib.pipeline import PipelineHistory, measure_pipeline
from planlib.settings.council import CouncilSettings
from planlib.settings.pipeline import PipelineSettings
from planlib.tables import table
from tests.council_frames import make_cells, make_matrix, make_weeks
from tests.forecast_frames import AS_OF, QUICK, inputs, make_past
from tests.pipeline_frames import Q1, deal, make_deals, make_history, make_reps, make_targets, seen

SETTINGS = CouncilSettings()
GOALS = (
    {"target_amount": 300_000, "deal_type": "new"},
    {"target_amount": 200_000, "deal_type": "expansion"},
)


@pytest.fixture(scope="module")
def past() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Deals and weekly snapshots of a year."""
    return make_past()


@pytest.fixture(scope="module")
def prepared(past: tuple[pd.DataFrame, pd.DataFrame]) -> Inputs:
    """The past of the forecast with targets by deal type."""
    goals = [
        {**goal, "period": period} for goal in GOALS for period in ("2025Q3", "2025Q4", "2026Q1")
    ]  # fmt: skip
    return inputs(*past, targets=make_targets(*goals), attributes={"reps": make_reps()})


def coloured(past: tuple[pd.DataFrame, pd.DataFrame], prepared: Inputs) -> pd.DataFrame:
    """Colour the matrix of step 06."""
    cuts = PipelineSettings(cuts=("deal_type", "manager"), periods_ahead=0)
    review = measure_pipeline(
        past[0], cuts, Q1, AS_OF, history=past[1], targets=make_targets(*GOALS), reps=make_reps()
    )
    return colour_matrix(
        review.matrix, Q1, AS_OF, SETTINGS,
        pacing_curves=table("pacing_curves").coerce(pacing_curves(prepared)),
        required_coverage=table("required_coverage").coerce(required_coverage(prepared)),
    )  # fmt: skip


def test_the_last_week_of_the_history_is_todays_matrix(past, prepared) -> None:
    """Two ways to the same colour: tables of step 06, and the past recomputed."""
    cells = coloured(past, prepared).set_index(["cut", "cut_value"])
    history = colour_history(prepared, SETTINGS)
    now = history[history["is_current"]].set_index(["cut", "cut_value"]).reindex(cells.index)
    assert cells["colour"].ne("grey").sum() == 3
    assert now["colour"].tolist() == cells["colour"].tolist()
    for name in ("attained_share", "usual_share", "low", "coverage", "required_coverage",
                 "required_low", "gap_amount"):  # fmt: skip
        np.testing.assert_allclose(now[name].to_numpy(), cells[name].to_numpy(), rtol=1e-9)


def test_a_past_week_does_not_know_what_came_later(past, prepared) -> None:
    """The colours until Christmas are the same whether or not anything later is known."""
    until = date(2025, 12, 24)
    deals, records = past
    early = records[records["snapshot_date"] <= pd.Timestamp(until)]
    was_there = deals["opportunity_id"].isin(early["opportunity_id"])
    known = deals[was_there | (deals["close_date"] <= pd.Timestamp(until))]
    late = known["close_date"] > pd.Timestamp(until)
    known = known.assign(is_closed=known["is_closed"] & ~late, is_won=known["is_won"] & ~late)
    goals = [{**goal, "period": period} for goal in GOALS for period in ("2025Q3", "2025Q4")]
    then = prepare_inputs(
        PipelineHistory(known, early, data_until=until), QUICK, Period.parse("2025Q4"), until,
        attributes={"reps": make_reps()}, targets=make_targets(*goals),
    )  # fmt: skip
    keys = ["period", "cut", "cut_value", "day_date"]
    one = colour_history(prepared, SETTINGS).set_index(keys)
    weeks = one.index.get_level_values("day_date")
    one = one[(weeks < pd.Timestamp("2025-12-20")) & (weeks > pd.Timestamp("2025-11-01"))]
    other = colour_history(then, SETTINGS)
    other = other[other["period"] == "2025Q4"].set_index(keys)
    both = one.index.intersection(other.index)
    assert len(both) > 15
    assert one.loc[both, "colour"].tolist() == other.loc[both, "colour"].tolist()


@pytest.mark.parametrize("as_of_week", range(1, 13))
def test_a_period_that_repeats_the_past_is_green_every_week(as_of_week: int) -> None:
    """Every quarter the same deals won on the same days: on the curve, so green on each day."""
    as_of = Q1.start + timedelta(7 * as_of_week - 1)
    rows, records = [], []
    for back in range(-3, 1):
        period = Q1.shift(back)
        for number in range(13):
            closed = period.start + timedelta(7 * number + 3)
            created = period.start - timedelta(60)
            status = "won" if closed <= as_of else "open"
            key = f"{period.name}-{number:02d}"
            rows.append(deal(key, status, 100.0, closed.isoformat(), created.isoformat(),
                             deal_type="new"))  # fmt: skip
            day = period.start - timedelta(1)
            while day < closed and day < as_of:
                records.append(seen(day.isoformat(), key, "open", 100.0, closed.isoformat()))
                day += timedelta(7)
    found = inputs(make_deals(*rows), make_history(*records), as_of=as_of,
                   targets=make_targets({"target_amount": 1300}))  # fmt: skip
    history = colour_history(found, SETTINGS)
    now = history[history["is_current"] & (history["cut"] == "total")].iloc[0]
    assert now["attained_share"] == pytest.approx(as_of_week / 13)
    assert now["attained_share"] == pytest.approx(now["usual_share"], abs=0.03)
    assert now["colour"] == "green"


def test_a_period_that_is_over_gives_way_to_the_next_one() -> None:
    """On the last day both are shown: the next can be moved, the old one is over."""
    periods = council_periods(Q1, Q1.end)
    assert [one.name for one in periods] == ["2026Q2", "2026Q1"]
    assert [one.name for one in council_periods(Q1, AS_OF)] == ["2026Q1"]
    figures = {"target": 1000.0, "closed_acv": 900.0, "open_in_period": 50.0, "coverage": 0.5}
    cell = {("total", "all"): figures}
    following = make_matrix(cell, Period.parse("2026Q2"), Q1.end)
    matrix = pd.concat([make_matrix(cell, Q1, Q1.end), following], ignore_index=True)
    cells = gather_cells(matrix, Q1, Q1.end)
    assert cells["period"].tolist() == ["2026Q2", "2026Q1"]
    assert cells["is_live"].tolist() == [True, False]
    found = colour_cells(cells, SETTINGS)
    assert found.loc[1, "rule"] == "final"


def test_without_tables_of_the_past_the_matrix_is_coloured_by_the_weaker_rule() -> None:
    """No curve and no required coverage: a straight line, named, with the matrix's coverage."""
    figures = {"target": 1000.0, "closed_acv": 300.0, "open_in_period": 700.0, "coverage": 1.0}
    matrix = make_matrix({("region", "EMEA"): figures}, as_of=AS_OF)
    row = colour_matrix(matrix, Q1, AS_OF, SETTINGS).iloc[0]
    assert (row["rule"], row["colour"], row["coverage"]) == ("linear pace", "yellow", 1.0)
    assert row["deals_count"] == 40
    assert row["cover_place"] == ""


def test_an_open_pipeline_that_is_not_known_makes_no_cell_grey() -> None:
    """Between two snapshots that lie too far apart the number of deals is unknown, not small."""
    figures = {"target": 1000.0, "closed_acv": 300.0}
    matrix = make_matrix({("region", "EMEA"): figures}, as_of=AS_OF)
    row = colour_matrix(matrix, Q1, AS_OF, SETTINGS).iloc[0]
    assert np.isnan(row["deals_count"])
    assert row["colour"] == "yellow"


def test_a_day_without_snapshot_is_not_taken_for_the_last_known_week(past) -> None:
    """The history ends with the last snapshot, and none of its weeks is the present one."""
    deals, records = past
    early = records[records["snapshot_date"] <= pd.Timestamp("2026-01-14")]
    history = PipelineHistory(deals, early, data_until=date(2026, 3, 31))
    found = prepare_inputs(history, QUICK, Q1, AS_OF, attributes={},
                           targets=make_targets(*GOALS))  # fmt: skip
    weeks = colour_history(found, SETTINGS)
    assert len(weeks)
    assert not weeks["is_current"].any()
    assert weeks["day_date"].max() < pd.Timestamp(AS_OF)


def test_a_matrix_of_another_period_gives_no_cells() -> None:
    """Nothing to colour is no error."""
    matrix = make_matrix({("region", "EMEA"): {"target": 1.0}}, Period.parse("2024Q1"))
    assert colour_matrix(matrix, Q1, AS_OF, SETTINGS).empty


def test_the_colour_of_a_week_before_and_how_long_it_has_lasted() -> None:
    """Red since three known weeks, this one among them; before a first week nothing is known."""
    weeks = make_weeks({"EMEA": "GYRRR", "APAC": "GGGGR"})
    last = weeks["day_date"].max()
    weeks = weeks.assign(is_current=weeks["day_date"] == last)
    cells = make_cells({"colour": "red"}, {"colour": "red", "cut_value": "APAC"},
                       {"colour": "red", "cut_value": "new"})  # fmt: skip
    found = colour_changes(cells, weeks)
    assert found["previous_colour"].tolist() == ["red", "green", ""]
    assert found["weeks_in_colour"].tolist() == [3, 1, 1]
    assert found["previous_date"].isna().tolist() == [False, False, True]


def test_the_week_before_the_end_of_a_period_that_is_over() -> None:
    """Its last week is the present one; while a period runs, the last known week is before."""
    weeks = make_weeks({"EMEA": "GYR"})
    over = colour_changes(make_cells({"colour": "red", "is_live": False}), weeks)
    runs = colour_changes(make_cells({"colour": "red"}), weeks)
    assert over["previous_colour"].tolist() == ["yellow"]
    assert runs["previous_colour"].tolist() == ["red"]


def test_a_day_between_two_weeks_is_no_week_before() -> None:
    """Two days after the last week the colour a week before is that of the week before it."""
    weeks = make_weeks({"EMEA": "GYR"})
    shifted = weeks["day_date"].mask(weeks["colour"] == "red", weeks["day_date"][1]
                                     + pd.Timedelta(days=2))  # fmt: skip
    weeks = weeks.assign(day_date=shifted, is_current=weeks["colour"] == "red")
    found = colour_changes(make_cells({"colour": "red"}), weeks)
    assert found["previous_colour"].tolist() == ["green"]
