"""Tests of the whole step: tables in shape, what is missing, the agenda, any order of rows."""

from __future__ import annotations

import pandas as pd
import pytest

from planlib.council import build_agenda, hold_council
from planlib.council.review import RESULTS, CouncilReview
from planlib.forecast import Inputs, pacing_curves, required_coverage
from planlib.pipeline import measure_pipeline
from planlib.settings.council import CouncilSettings
from planlib.settings.pipeline import PipelineSettings
from planlib.steps import STEPS
from planlib.tables import table
from tests.council_frames import make_actions, make_cells, make_matrix, make_meetings
from tests.forecast_frames import AS_OF, inputs, make_past
from tests.pipeline_frames import Q1, make_reps, make_targets

SETTINGS = CouncilSettings(minimum_cases=2)
PERIODS = ("2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1")
TARGETS = make_targets(*[
    {"target_amount": amount, "deal_type": kind, "period": period}
    for kind, amount in (("new", 400_000), ("expansion", 250_000)) for period in PERIODS
])  # fmt: skip
ACTIONS = make_actions(
    {"cut": "deal_type", "cut_value": "new", "period": "2025Q4", "when": "2025-10-20",
     "due_date": "2025-11-20"},
    {"cut": "deal_type", "cut_value": "new", "when": "2026-01-14", "due_date": "2026-02-01"},
    {"cut": "region", "cut_value": "nowhere"},
)  # fmt: skip
MEETINGS = make_meetings(
    {"function": "sales", "person_name": "Ann", "is_present": True},
    {"function": "product", "person_name": "Bo", "is_present": True},
    {"function": "operations", "person_name": "Cy", "is_present": True},
)


def matrix_of(deals: pd.DataFrame, history: pd.DataFrame | None) -> pd.DataFrame:
    """Measure the pipeline as step 06 does."""
    cuts = PipelineSettings(cuts=("deal_type", "manager"), periods_ahead=0, weeks=1)
    return measure_pipeline(
        deals, cuts, Q1, AS_OF, history=history, targets=TARGETS, reps=make_reps()
    ).matrix


def council(prepared: Inputs, matrix: pd.DataFrame, **changes: object) -> CouncilReview:
    """Hold the council of the made-up past."""
    given: dict[str, object] = {
        "inputs": prepared,
        "pacing_curves": table("pacing_curves").coerce(pacing_curves(prepared)),
        "required_coverage": table("required_coverage").coerce(required_coverage(prepared)),
        "actions": ACTIONS,
        "meetings": MEETINGS,
        "currency": "EUR",
    } | changes
    return hold_council(matrix, SETTINGS, Q1, AS_OF, **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def past() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Deals and weekly snapshots of a year."""
    return make_past()


@pytest.fixture(scope="module")
def prepared(past: tuple[pd.DataFrame, pd.DataFrame]) -> Inputs:
    """The past of the forecast."""
    return inputs(*past, targets=TARGETS, attributes={"reps": make_reps()})


@pytest.fixture(scope="module")
def held(past: tuple[pd.DataFrame, pd.DataFrame], prepared: Inputs) -> CouncilReview:
    """The council with everything at hand."""
    return council(prepared, matrix_of(*past))


def test_every_table_keeps_its_contract(held: CouncilReview) -> None:
    """All tables of the step are there, in shape, with unlike keys."""
    assert set(held.tables) == set(STEPS["07_council"].writes) == set(RESULTS)
    for name, frame in held.tables.items():
        table(name).check(frame)
    for name in ("cells", "moves", "causes", "deals", "suggestions", "actions", "effects",
                 "colours", "meetings", "agenda", "notes"):  # fmt: skip
        assert len(held.tables[f"council_{name}"]), name


def test_causes_deals_and_suggestions_belong_to_red_and_yellow_cells(held: CouncilReview) -> None:
    """Nothing is proposed for a cell on track, and each item opens to its cell."""
    keys = ["period", "cut", "cut_value"]
    watched = held.cells[held.cells["colour"].isin(["red", "yellow"])][keys]
    known = pd.MultiIndex.from_frame(watched)
    for name in ("council_causes", "council_deals", "council_suggestions", "council_moves"):
        assert pd.MultiIndex.from_frame(held.tables[name][keys]).isin(known).all(), name
    told = held.cells["context"].fillna("").ne("")
    assert (told == held.cells["colour"].isin(["red", "yellow"])).all()


def test_the_agenda_is_in_order(held: CouncilReview) -> None:
    """Red cells by gap first, then overdue actions and the rest; marketing was away."""
    agenda = held.agenda
    assert agenda["item_order"].tolist() == list(range(1, len(agenda) + 1))
    kinds = agenda["kind"].drop_duplicates().tolist()
    order = ["red_cell", "overdue_action", "changed_colour", "not_reviewed", "absent_function",
             "yellow_cell"]  # fmt: skip
    assert kinds == [kind for kind in order if kind in kinds]
    red = agenda.loc[agenda["kind"] == "red_cell", "amount"]
    assert red.is_monotonic_decreasing
    away = agenda.loc[agenda["kind"] == "absent_function", "text"]
    assert away.tolist() == [
        "Marketing was absent from the council of 2026-02-04; decisions that need it wait."
    ]
    assert agenda["kind"].eq("overdue_action").sum() == 3


def test_the_forecast_stands_beside_the_gap(past, prepared) -> None:
    """Target - forecast of the method in use; a cell without a forecast has none, never zero."""
    plain = council(prepared, matrix_of(*past))
    assert plain.cells["forecast_amount"].isna().all()
    row = {"period": "2026Q1", "as_of": AS_OF, "week_of_period": 5, "cut": "deal_type"}
    forecast = table("forecast").coerce(pd.DataFrame([
        {**row, "method": "same_week", "cut_value": "new", "point_amount": 380_000.0,
         "is_chosen": True},
        {**row, "method": "hazard", "cut_value": "new", "point_amount": 1.0, "is_chosen": False},
    ]))  # fmt: skip
    held = council(prepared, matrix_of(*past), forecast=forecast)
    cells = held.cells.set_index(["cut", "cut_value"])
    assert cells.loc[("deal_type", "new"), "forecast_gap_amount"] == 20_000.0
    assert pd.isna(cells.loc[("deal_type", "expansion"), "forecast_gap_amount"])
    if cells.loc[("deal_type", "new"), "gap_amount"] > 0:
        text = held.agenda.loc[held.agenda["cut_value"] == "new", "text"].iloc[0]
        assert "forecast 20.0 k EUR below the target" in text


def test_a_strange_cell_of_the_log_is_a_caution(held: CouncilReview) -> None:
    """The decision is named, and stays in the log."""
    text = " ".join(held.notes("caution"))
    assert "decision D-0003: the matrix has no cell region = nowhere in 2026Q1" in text
    assert len(held.tables["council_actions"]) == 3


def test_shuffled_rows_give_the_same_council(past, prepared, held) -> None:
    """Neither the matrix nor the deals, history, actions or meetings need an order."""
    deals, history = (frame.sample(frac=1, random_state=5) for frame in past)
    again = inputs(deals, history, targets=TARGETS.sample(frac=1, random_state=5),
                   attributes={"reps": make_reps()})  # fmt: skip
    other = council(
        again, matrix_of(*past), actions=ACTIONS.iloc[::-1], meetings=MEETINGS.iloc[::-1],
    )  # fmt: skip
    for name, frame in held.tables.items():
        pd.testing.assert_frame_equal(frame, other.tables[name], obj=name)


@pytest.mark.parametrize("absent", ["pacing_curves", "required_coverage", "forecast", "inputs",
                                    "actions", "meetings"])  # fmt: skip
def test_a_table_that_is_absent_is_named_or_not_needed(past, prepared, absent: str) -> None:
    """Every part works without each other table; what it would add is said."""
    found = council(prepared, matrix_of(*past), **{absent: None})
    for name, frame in found.tables.items():
        table(name).check(frame)
    text = " ".join([*found.notes("missing"), *found.notes("caution")])
    said = {
        "pacing_curves": "usual pace: no past period is on record",
        "required_coverage": "required coverage: not known",
        "inputs": "context, past colours, effects: table opportunities is missing",
        "meetings": "no council is in the log",
    }  # fmt: skip
    assert said.get(absent, "") in text
    assert found.cells["colour"].ne("grey").any()


def test_without_snapshots_the_council_says_what_is_missing(past) -> None:
    """Deals alone: pace from closed deals, no coverage, no causes, and no invented zero."""
    bare = inputs(past[0], targets=TARGETS)
    found = council(bare, matrix_of(past[0], None))
    assert found.tables["council_causes"].empty
    assert len(found.tables["council_colours"]["day_date"].unique()) == 1
    text = " ".join(found.notes("missing"))
    assert "past weeks have neither snapshots nor change records" in text
    assert "owners: no deal has a manager" in text


def test_without_targets_every_cell_is_grey_and_says_so(past, prepared) -> None:
    """No target, no colour, one line that says what is missing."""
    cuts = PipelineSettings(cuts=("deal_type",), periods_ahead=0, weeks=1)
    matrix = measure_pipeline(past[0], cuts, Q1, AS_OF, history=past[1]).matrix
    found = council(inputs(*past), matrix)
    assert set(found.cells["colour"]) == {"grey"}
    assert "no cell has a target" in " ".join(found.notes("missing"))
    assert found.headlines[0] == (
        "2026Q1: 0 red, 0 yellow, 0 green, 3 grey of 3 cells; most grey ones: no target (3)."
    )


def test_a_matrix_alone_is_enough() -> None:
    """One cell with a target and nothing else: a colour by the weaker rule."""
    figures = {"target": 1000.0, "closed_acv": 100.0, "open_in_period": 50.0, "coverage": 0.1}
    matrix = make_matrix({("total", "all"): figures}, as_of=AS_OF)
    found = hold_council(matrix, SETTINGS, Q1, AS_OF)
    assert found.cells[["colour", "rule"]].values.tolist() == [["red", "linear pace"]]
    assert "weaker rule: 1 cells" in " ".join(found.notes("caution"))


def test_an_owner_of_a_cell_that_is_not_there_is_named() -> None:
    """The total has the owner of plan.yaml; a misspelt region stands among the cautions."""
    matrix = make_matrix({("total", "all"): {"target": 1000.0, "closed_acv": 100.0}}, as_of=AS_OF)
    owners = {"total": {"all": "Ann"}, "region": {"EMEAA": "Bo"}}
    found = hold_council(matrix, CouncilSettings(owners=owners), Q1, AS_OF)
    assert found.cells["owner"].tolist() == ["Ann"]
    assert any(note.endswith("not in the matrix: region EMEAA") for note in found.notes("caution"))


def test_a_matrix_without_the_period_is_named() -> None:
    """Nothing to colour: no cell, no item, one line."""
    matrix = make_matrix({("total", "all"): {"target": 1.0}}, Q1.shift(-8))
    found = hold_council(matrix, SETTINGS, Q1, AS_OF)
    assert found.cells.empty
    assert found.agenda.empty
    assert "the matrix has no cell of the period" in " ".join(found.notes("missing"))


def test_a_matrix_without_the_next_period_is_named() -> None:
    """Once the period is over, the next one is the one to talk about."""
    figures = {"target": 1000.0, "closed_acv": 960.0, "open_in_period": 0.0, "coverage": 0.0}
    matrix = make_matrix({("total", "all"): figures}, as_of=Q1.end)
    found = hold_council(matrix, SETTINGS, Q1, Q1.end)
    assert found.cells[["colour", "rule", "is_live"]].values.tolist() == [
        ["yellow", "final", False]
    ]
    assert "the matrix does not hold the next one" in " ".join(found.notes("missing"))
    assert found.headlines == [
        "2026Q1: 0 red, 1 yellow, 0 green, 0 grey of 1 cells; this period is over."
    ]


def test_cells_that_changed_their_colour_are_on_the_agenda() -> None:
    """Worst first; a cell that kept its colour, or whose colour was not known, is not."""
    cells = make_cells(
        {"cut_value": "A", "colour": "green", "previous_colour": "red"},
        {"cut_value": "B", "colour": "red", "previous_colour": "green"},
        {"cut_value": "C", "colour": "green", "previous_colour": "green"},
        {"cut_value": "D", "colour": "green", "previous_colour": ""},
    ).assign(gap_amount=0.0, owner="Mia", weeks_in_colour=1,
             previous_date=pd.Timestamp("2026-02-01"))  # fmt: skip
    none = [table(f"council_{name}").empty() for name in ("causes", "deals", "actions", "meetings")]
    agenda = build_agenda(cells, *none)
    changed = agenda.loc[agenda["kind"] == "changed_colour", "text"].tolist()
    assert changed == [
        "Region B in 2026Q1 went from green (2026-02-01) to red.",
        "Region A in 2026Q1 went from red (2026-02-01) to green.",
    ]
    assert agenda["text"].iloc[0] == (
        "Region B. No cause stands out against past periods. No action is under way."
    )


def test_the_agenda_names_actions_as_the_catalogue_does() -> None:
    """The plan calls a dinner a technical meeting; what is not in it goes by its key in words."""
    cells = make_cells({"cut_value": "B", "colour": "red"}).assign(
        gap_amount=0.0, owner="Mia", weeks_in_colour=1, previous_colour="",
        previous_date=pd.NaT,
    )  # fmt: skip
    base = {"period": "2026Q1", "cut": "region", "cut_value": "B", "status": "open",
            "cost_amount": 10.0, "due_date": "2026-02-01", "is_overdue": False}  # fmt: skip
    actions = table("council_actions").coerce(pd.DataFrame([
        {**base, "decision_id": "D-1", "action": "prospect_dinners"},
        {**base, "decision_id": "D-2", "action": "own_idea", "is_overdue": True},
    ]))  # fmt: skip
    none = {name: table(f"council_{name}").empty() for name in ("causes", "deals", "meetings")}
    agenda = build_agenda(cells, none["causes"], none["deals"], actions, none["meetings"],
                          titles={"prospect_dinners": "Technical meeting"})  # fmt: skip
    texts = agenda.set_index("kind")["text"]
    assert texts["red_cell"].endswith("Under way: Technical meeting, own idea.")
    assert texts["overdue_action"].startswith("Own idea (10) for region B was due on 2026-02-01")
