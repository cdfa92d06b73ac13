"""Tests of the report's part on people: what is said, and to whom."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from matplotlib import pyplot

from planlib.exchange.audience import AudienceView
from planlib.exchange.excel import table_sheet
from planlib.report import team_people
from planlib.report.folds import opened
from planlib.report.parts import Listing, Picture
from planlib.settings.team_people import Ladder, Rung
from planlib.store import Workbook
from planlib.tables import TABLES, table
from planlib.team.people_review import PeopleInputs
from tests.report_workbook import make_workbook
from tests.team_frames import crowd, make_history, make_reps, make_won, review

PLAN = "report: {audience: public, audiences: {public: {sees: []}, board: {sees: [retention]}}}\n"


@pytest.fixture(autouse=True)
def _no_window():
    """Pictures are drawn without a window."""
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    """Give a workbook with the tables of a crowd whose single rows were asked for."""
    reps = crowd(16)
    history = make_history(*((rep, str(day.date()), None, "AE", "I") for rep, day in
                             zip(reps["rep_id"], reps["hire_date"], strict=True)))  # fmt: skip
    deals = make_won(*((rep, "2026-02-01", 100.0) for rep in reps["rep_id"]))
    criteria = [{"metric": "won_amount", "minimum": 50}]
    found = review(
        PeopleInputs(reps=reps, rep_history=history, opportunities=deals), individual_rows=True,
        ladders=(Ladder(role="AE", rungs=(Rung(level="I", criteria=criteria), Rung(level="II"))),),
    )  # fmt: skip
    made = make_workbook(tmp_path_factory.mktemp("team") / "acme", PLAN)
    for name, frame in found.tables.items():
        made.write(name, frame)
    return made


def test_the_first_page_says_how_many_left_and_of_whom(workbook: Workbook) -> None:
    """Rate with interval as a fact, the headlines as lines."""
    view = AudienceView(workbook)
    assert team_people.facts(view)[0].label == "Turnover a year"
    assert team_people.decided(view)[0].text.startswith("2 of 16 people left since 2024-04-01")
    assert team_people.asks(view)[-1].text.startswith("Nothing is written down for AE")


def test_expectations_and_the_sales_method_stand_in_the_roll_up(workbook: Workbook) -> None:
    """A row for each role with its blanks named, and one for each team with the method."""
    workbook.write("method_consistency", table("method_consistency").conform(pd.DataFrame({
        "team_by": ["manager"], "team": ["R00"], "people_count": [5], "won_count": [9],
        "usual_count": [6], "usual_share": [6 / 9], "low": [0.4], "high": [0.9],
        "finding": ["the only group"],
    })))  # fmt: skip
    blocks = opened(team_people.blocks(AudienceView(workbook)))
    listings = {one.name: one for one in blocks if isinstance(one, Listing)}
    roles = listings["Expectations of roles"]
    assert roles.frame["role"].tolist() == ["AE"]
    assert roles.frame["goals"].isna().all()
    assert roles.missing["goals"] == "not written down"
    assert listings["One sales method"].frame["won_count"].tolist() == [9]


def test_causes_and_managers_are_shown_only_to_those_who_may_see_them(workbook: Workbook) -> None:
    """A plain audience gets one picture of turnover and no drivers; the board both."""
    shown = {}
    for audience in ("public", "board"):
        blocks = opened(team_people.blocks(AudienceView(workbook, audience)))
        names = [one.name for one in blocks if isinstance(one, Listing)]
        pictures = [one.alt for one in blocks if isinstance(one, Picture)]
        shown[audience] = ("Exit drivers" in names, pictures.count("Who leaves"))
    assert shown == {"public": (False, 1), "board": (True, 2)}


def test_excel_holds_nothing_of_single_people_for_a_plain_audience(workbook: Workbook) -> None:
    """The sheet of readiness has no column at all; that of managers and causes no figure."""
    view = AudienceView(workbook, "public")
    assert list(table_sheet(view, TABLES["ladder_people"]).frame.columns) == []
    close = table_sheet(view, TABLES["turnover_close"]).frame
    assert set(close.columns) == {"cut", "window_from", "window_to", "is_grey", "note"}
    board = table_sheet(AudienceView(workbook, "board"), TABLES["ladder_people"]).frame
    assert len(board)
    assert "rep_id" in board.columns


def test_rows_that_cannot_be_right_are_problems(tmp_path: Path) -> None:
    """Each kind once, with the first row."""
    made = make_workbook(tmp_path / "acme")
    found = review(PeopleInputs(reps=make_reps({"leave_date": "2020-01-01"}, {}, {})))
    for name, frame in found.tables.items():
        made.write(name, frame)
    lines = [line.text for line in team_people.problems(AudienceView(made))]
    assert lines[0].startswith("1 row with leave before hire, first reps R00")


def test_without_tables_there_is_nothing_to_say(tmp_path: Path) -> None:
    """A cycle without the part has no line, no fact and no block."""
    view = AudienceView(make_workbook(tmp_path / "acme"))
    for part in (team_people.decided, team_people.asks, team_people.problems, team_people.gaps,
                 team_people.facts, team_people.blocks):  # fmt: skip
        assert part(view) == []


def test_a_changed_risk_band_is_said(workbook: Workbook) -> None:
    """The same bands as before: one sentence says so."""
    from planlib.exchange.audience import Baseline

    view = AudienceView(workbook)
    same = Baseline("before", workbook.get)
    assert team_people.changes(view, same)[0].text == "Every team has the risk band that it had."
    other = workbook.get("burnout_bands")
    assert other is not None
    moved = Baseline("before", lambda name: other.assign(band="unknown").assign(
        band=lambda rows: rows["band"].mask(other["band"] == "unknown", "low")))  # fmt: skip
    assert "changed the risk band" in team_people.changes(view, moved)[0].text
