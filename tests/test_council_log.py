"""Tests of the log: courses of cells, overdue actions, presence, and strange entries."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from planlib.council import actions_log, meetings_log
from planlib.council.log import check_actions, missed_reviews
from planlib.council.words import headlines
from planlib.settings.council import CouncilSettings
from planlib.tables import table
from tests.council_frames import make_actions, make_cells, make_meetings, make_weeks

SETTINGS = CouncilSettings()
AS_OF = date(2026, 3, 10)


def test_an_action_tells_the_course_of_its_cell() -> None:
    """Red at the start (week 2), yellow four weeks later, green after six."""
    weeks = make_weeks({"EMEA": "GRRRRRYYGG"})
    row = actions_log(make_actions({}), weeks, SETTINGS, AS_OF).iloc[0]
    assert (row["start_colour"], row["later_colour"], row["now_colour"]) == (
        "red", "yellow", "green",
    )  # fmt: skip
    assert row["weeks_to_green"] == 6
    assert row["course"] == "Red on 2026-01-14, yellow after 4 weeks; green after 6 weeks."


def test_a_cell_that_is_not_back_yet_is_not_green_after_zero_weeks() -> None:
    """Not yet is blank, and the weeks so far are said."""
    row = actions_log(make_actions({}), make_weeks({"EMEA": "RRRRRR"}), SETTINGS, AS_OF).iloc[0]
    assert row["weeks_to_green"] is None
    assert row["later_colour"] == ""
    assert "not green in 3 weeks, red on 2026-02-04" in row["course"]


def test_a_cell_that_was_green_when_its_action_began_did_not_become_green() -> None:
    """Two actions: one cell turned green later, the other one was green already."""
    weeks = make_weeks({"EMEA": "RRRG", "APAC": "GGGY"})
    other = {"when": "2026-01-01", "cut_value": "APAC", "action": "own idea"}
    log = actions_log(make_actions({"when": "2026-01-01"}, other), weeks, SETTINGS, AS_OF)
    shaped = table("council_actions").conform(log)
    assert shaped["weeks_to_green"].tolist() == [3, 0]
    assert shaped["effect"].isna().tolist() == [False, True]
    none = {name: table(name).empty() for name in ("council_cells", "council_effects")}
    line = headlines({**none, "council_actions": shaped}, "EUR")[0]
    assert "became green after their action began: 1; green already when it began: 1." in line


def test_the_same_days_are_the_same_weeks_green_or_not() -> None:
    """The last known week of a period is a day longer: 22 days are three weeks in both courses."""
    weeks = make_weeks({"EMEA": "RRRG", "APAC": "RRRR"})
    last = weeks["day_date"].max()
    late = weeks["day_date"].where(weeks["day_date"] < last, last + pd.Timedelta(days=1))
    both = make_actions(*({"when": "2026-01-01", "cut_value": one} for one in ("EMEA", "APAC")))
    log = actions_log(both, weeks.assign(day_date=late), SETTINGS, AS_OF).set_index("cut_value")
    assert "green after 3 weeks" in log.loc["EMEA", "course"]
    assert "not green in 3 weeks" in log.loc["APAC", "course"]


def test_open_actions_after_their_due_date_are_overdue() -> None:
    """Done and dropped ones are not, and one that is due today is not yet."""
    decisions = make_actions(
        {}, {"status": "done"}, {"status": "dropped"}, {"due_date": "2026-03-10"},
        {"due_date": None},
    )  # fmt: skip
    log = actions_log(decisions, make_weeks({"EMEA": "RR"}), SETTINGS, AS_OF)
    assert log["is_overdue"].tolist() == [True, False, False, False, False]
    assert log["status"].tolist() == ["open", "done", "dropped", "open", "open"]


def test_a_change_of_status_keeps_the_first_day() -> None:
    """The superseding row carries the start date; without one the day of the decision counts."""
    decisions = make_actions(
        {"decision_id": "D-0002", "supersedes": "D-0001", "when": "2026-02-10",
         "start_date": "2026-01-14", "status": "done"},
        {"decision_id": "D-0003", "when": "2026-02-03"},
    )  # fmt: skip
    log = actions_log(decisions, make_weeks({"EMEA": "RRRRRR"}), SETTINGS, AS_OF)
    assert log["start_date"].dt.strftime("%m-%d").tolist() == ["01-14", "02-03"]
    assert log["first_id"].tolist() == ["D-0001", "D-0003"]


def test_actions_after_the_as_of_date_do_not_count_yet() -> None:
    """A past council is reviewed with what was decided by then."""
    log = actions_log(make_actions({}), make_weeks({"EMEA": "R"}), SETTINGS, date(2026, 1, 13))
    assert log.empty


def test_an_action_for_a_strange_cell_is_named_and_kept() -> None:
    """A misspelt cell is a finding with its decision, never dropped."""
    weeks = make_weeks({"EMEA": "RR"})
    log = actions_log(make_actions({"cut_value": "EMAE"}), weeks, SETTINGS, AS_OF)
    assert log["course"].tolist() == ["no colour of this cell is known for the period"]
    assert check_actions(log, make_cells(), weeks) == [
        "decision D-0001: the matrix has no cell region = EMAE in 2026Q1, so its effect cannot be "
        "followed"
    ]
    assert check_actions(actions_log(make_actions({}), weeks, SETTINGS, AS_OF), make_cells(),
                         weeks) == []  # fmt: skip


@pytest.mark.parametrize("decisions", [None, make_actions()])
def test_without_decisions_the_log_is_empty(decisions) -> None:
    """No file and a file without rows give no actions."""
    assert actions_log(decisions, make_weeks({"EMEA": "R"}), SETTINGS, AS_OF).empty


def test_a_function_that_nobody_stood_for_is_absent() -> None:
    """Named as absent, or not named at all: both are absent; case and spaces do not matter."""
    meetings = make_meetings(
        {"function": "Sales ", "person_name": "Ann", "is_present": True},
        {"function": "sales", "person_name": "Bo", "is_present": True},
        {"function": "marketing", "person_name": "Cy", "is_present": False},
        {"function": "finance", "person_name": "Di", "is_present": True},
        {"decision": "SPIFF for EMEA"},
    )
    found = meetings_log(meetings, SETTINGS, AS_OF).set_index("function")
    assert found["is_present"].to_dict() == {
        "sales": True, "product": False, "marketing": False, "operations": False, "finance": True,
    }  # fmt: skip
    assert found.at["sales", "people"] == "Ann, Bo"
    assert not found.at["finance", "is_required"]
    assert set(found["decisions"]) == {"SPIFF for EMEA"}


def test_functions_of_plan_yaml_are_found_however_they_are_written() -> None:
    """Capital letters in plan.yaml make no second function."""
    meetings = make_meetings({"function": "SALES", "person_name": "Ann", "is_present": True})
    found = meetings_log(meetings, CouncilSettings(functions=("Sales", "Ops")), AS_OF)
    assert found["function"].tolist() == ["Sales", "Ops"]
    assert found["is_present"].tolist() == [True, False]


def test_a_council_that_was_not_held_is_said() -> None:
    """No row at all, and a last row more than ten days old."""
    none = meetings_log(None, SETTINGS, AS_OF)
    assert "no council is in the log" in missed_reviews(none, AS_OF)
    some = meetings_log(make_meetings({"function": "sales"}), SETTINGS, AS_OF)
    assert missed_reviews(some, AS_OF) == "the last council in the log is that of 2026-02-04"
    assert missed_reviews(some, date(2026, 2, 14)) == ""
