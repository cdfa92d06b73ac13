"""History of real exports: a published stage timeline, and the traps of other people's packages."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from planlib.intake import Taken, read_inputs
from planlib.periods import Period
from planlib.pipeline import PipelineHistory, PipelineReview, measure_pipeline
from planlib.pipeline.movement import (
    find_bad_input,
    measure_movement,
    read_stages,
    read_timeline,
    stage_timeline,
)
from planlib.plan import Plan, load_plan
from planlib.settings.inputs import InputsSettings
from planlib.settings.movement import MovementSettings
from planlib.settings.pipeline import PipelineSettings

HERE = Path(__file__).resolve().parent
Q1 = Period.parse("2026Q1")


@pytest.fixture(scope="module")
def week23(shared: Path) -> Taken:
    """Opportunities and stage history of a Salesforce demo organisation."""
    return read_inputs(load_plan(HERE / "preppin-week23"), HERE / "preppin-week23")


@pytest.fixture(scope="module")
def past(week23: Taken) -> PipelineHistory:
    """The deals over time."""
    tables = week23.tables
    return PipelineHistory(
        tables["opportunities"], tables["opportunity_history"], data_until=week23.as_of
    )


def test_week_23_gives_the_published_stage_timeline(past: PipelineHistory, shared: Path):
    """All 876 rows: opened, every recorded stage, and the expected close of deals not closed."""
    path = shared / "real" / "preppin-salesforce" / "week23" / "outputs" / "output-2022-23.csv"
    published = pd.read_csv(path, encoding="utf-8-sig")
    words = {"opened": "Opened", "expected": "ExpectedCloseDate"}
    found = stage_timeline(past)
    stage = found["stage"].where(found["step"] == "stage", found["step"].map(words))
    mine = pd.DataFrame(
        {
            "OppID": found["opportunity_id"],
            "Date": found["day"].dt.strftime("%d/%m/%Y"),
            "Stage": stage.astype("str"),
        }
    )
    names = list(mine.columns)
    assert len(mine) == 876
    ours = mine.sort_values(names, ignore_index=True)
    theirs = published[names].astype("str").sort_values(names, ignore_index=True)
    pd.testing.assert_frame_equal(ours, theirs)


def test_week_23_moves_back_72_times(past: PipelineHistory, week23: Taken):
    """Backward moves by the export's own order of stages, one stay each."""
    stages = read_stages(read_timeline(past, week23.as_of))
    assert stages.order == (
        "Prospecting",
        "Qualification",
        "Value Proposition",
        "Negotiation/Review",
    )
    assert (stages.visits["end"] == "backward").sum() == 72


def test_week_23_contradicts_itself_and_says_where(past: PipelineHistory, week23: Taken):
    """Stages of the deals table that differ from the last record are named deal by deal."""
    found = find_bad_input(past, week23.as_of)
    rows = found[found["finding"] == "history contradicts the present"]
    assert rows["value"].str.contains(r"^stage .* in the record of 2022-.*, .* now$").all()
    last = past.records.drop_duplicates("opportunity_id", keep="last")
    both = past.deals.merge(last, on="opportunity_id", suffixes=("", "_record"))
    differs = both.loc[both["stage"] != both["stage_record"], "opportunity_id"]
    assert sorted(rows["opportunity_id"]) == sorted(differs)


def test_week_23_runs_from_end_to_end(week23: Taken):
    """Without amounts in the history every table is there or its absence has a reason."""
    tables = week23.tables
    found = measure_movement(
        tables["opportunities"], PipelineSettings(), MovementSettings(),
        Period.parse("2022Q2"), date(2022, 6, 30), history=tables["opportunity_history"],
        data_until=week23.as_of,
    )  # fmt: skip
    assert len(found.tables["stage_conversion"])
    assert found.notes("missing")


WHOLE = {"maven-crm": ("2017Q4", 2089), "ms-ai-sample": ("2021Q2", 2467)}


@pytest.mark.parametrize("name", WHOLE)
def test_deals_without_history_give_what_they_can(shared: Path, name: str):
    """Both sets run from end to end: outcomes and velocity are there, moves have a reason."""
    taken = read_inputs(load_plan(HERE / name), HERE / name)
    tables = {one: taken.tables.get(one) for one in ("accounts", "reps", "products")}
    period, opened = WHOLE[name]
    found = measure_movement(
        taken.tables["opportunities"], PipelineSettings(), MovementSettings(),
        Period.parse(period), taken.as_of, **tables,
    )  # fmt: skip
    velocity = found.tables["pipeline_velocity"]
    assert velocity.loc[velocity["cut"] == "total", "open_count"].tolist() == [opened]
    outcomes = found.tables["pipeline_incidence"]
    total = outcomes[outcomes["cut"] == "total"].dropna(subset=["won_share"])
    parts = total[["won_share", "lost_share", "open_share"]]
    assert parts.sum(axis=1).round(9).eq(1).all()
    assert total["won_share"].is_monotonic_increasing
    missing = " ".join(found.notes("missing"))
    assert "event bridge" in missing
    assert "stage conversion" in missing
    assert "project line" in missing
    assert found.tables["pipeline_event_bridge"].empty


def salesforce(shared: Path, folder: Path, rows: list[dict[str, str]]) -> Taken:
    """Take in rows written with the very columns of the replication tool's opportunity table."""
    fixture = shared / "real" / "fivetran-crm-fixtures" / "salesforce" / "sf_opportunity_data.csv"
    frame = pd.DataFrame(rows).reindex(columns=pd.read_csv(fixture, nrows=0).columns)
    frame = frame.assign(is_deleted="false", _fivetran_active="true")
    inputs = folder / "inputs"
    inputs.mkdir()
    frame.to_csv(inputs / "sf_opportunity_data.csv", index=False)
    plan = Plan(as_of=date(2026, 2, 16), inputs=InputsSettings(map="salesforce-fivetran"))
    return read_inputs(plan, folder)


def row(key: str, stage: str, **more: str) -> dict[str, str]:
    """Make one opportunity as the tool replicates it."""
    closed = {"Closed Won": ("true", "true"), "Closed Lost": ("true", "false")}
    is_closed, is_won = closed.get(stage, ("false", "false"))
    return {
        "id": f"0061G00000Ja7B{key}QAJ", "stage_name": stage, "amount": "100",
        "close_date": "2026-02-10 00:00:00", "created_date": "2026-01-05 12:00:00",
        "is_closed": is_closed, "is_won": is_won, "forecast_category": "Pipeline",
        "owner_id": "0051G000004aaaaQAA", "probability": "10", **more,
    }  # fmt: skip


@pytest.fixture
def trapped(shared: Path, tmp_path: Path) -> PipelineReview:
    """Measure deals that fall into the traps of the package that made the fixtures."""
    other = "0051G000004bbbbQAA"
    taken = salesforce(
        shared,
        tmp_path,
        [
            row("a", "Proposal", forecast_category="MostLikely", probability="65",
                close_date="2026-03-20 00:00:00"),
            row("b", "Closed Won", forecast_category="Closed", probability="100"),
            row("c", "Closed Lost", forecast_category="Omitted", probability="0"),
            row("d", "Closed Won", owner_id=other, probability="100"),
        ],
    )  # fmt: skip
    settings = PipelineSettings(cuts=("owner",), periods_ahead=0, weeks=1)
    return measure_pipeline(taken.tables["opportunities"], settings, Q1, taken.as_of)


def value(review: PipelineReview, measure: str, cut: str = "total", cell: str = "all") -> float:
    """Give one figure."""
    rows = review.matrix.set_index(["cut", "cut_value", "measure"])["value"]
    return float(rows[cut, cell, measure])


def test_a_most_likely_deal_stays_in_the_pipeline(trapped: PipelineReview):
    """The package sorts it under Other, and its amount leaves the pipeline."""
    assert value(trapped, "open_total") == 100
    assert value(trapped, "open_in_period") == 100


def test_a_probability_of_65_is_65_percent(trapped: PipelineReview):
    """The package multiplies by 65, which makes the forecast a hundred times too high."""
    assert value(trapped, "weighted") == pytest.approx(65)


def test_generation_counts_deals_already_closed(trapped: PipelineReview):
    """The package counts those still open only; four were created in the quarter."""
    assert value(trapped, "generated") == 400


def test_a_rep_who_never_lost_has_a_win_rate_of_one(trapped: PipelineReview):
    """The package gives 0 where one side is missing, and managers above 100 %."""
    assert value(trapped, "win_rate_count", "owner", "0051G000004bbbbQAA") == 1
    assert value(trapped, "win_rate_count", "owner", "0051G000004aaaaQAA") == 0.5
    assert value(trapped, "win_rate_count") == pytest.approx(2 / 3)


def test_hubspot_stages_are_read_by_their_metadata(shared: Path, tmp_path: Path):
    """A deal in each stage of the fixture is closed and won as the stage's metadata say."""
    fixture = shared / "real" / "fivetran-crm-fixtures" / "hubspot" / "deal_pipeline_stage_data.csv"
    stages = pd.read_csv(fixture, dtype="str").drop_duplicates("stage_id")
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    shutil.copy(fixture, inputs)
    moves = pd.DataFrame(
        {"deal_id": stages["stage_id"], "value": stages["stage_id"], "date_entered": "2026-01-05"}
    )
    moves.to_csv(inputs / "deal_stage_data.csv", index=False)
    plan = Plan(inputs=InputsSettings(map="hubspot"))
    history = read_inputs(plan, tmp_path).tables["opportunity_history"]
    found = history.set_index("opportunity_id").loc[stages["stage_id"].str.strip()]
    assert found["is_closed"].astype("str").str.upper().tolist() == stages["is_closed"].tolist()
    assert found["is_won"].astype("str").str.upper().tolist() == stages["closed_won"].tolist()
    assert found["is_won"].any()
    assert not found["is_closed"].all()


def test_the_fixtures_load_through_both_maps(shared: Path):
    """Hashed property names feed nothing, so the stage history stands in, and that is said."""
    folder = shared / "real" / "fivetran-crm-fixtures" / "hubspot"
    plan = Plan(
        inputs=InputsSettings(folder=os.path.relpath(folder, HERE), outside=True, map="hubspot")
    )
    found = read_inputs(plan, HERE, strict=False)
    raw = pd.read_csv(folder / "deal_stage_data.csv")
    assert len(found.tables["opportunity_history"]) == len(raw)
    assert "deal_property_history_data.csv" in found.unused
