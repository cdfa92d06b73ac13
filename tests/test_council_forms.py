"""The forms of a council: they fill in, refuse what is incomplete, and store only when pressed."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from planlib import council_forms
from tests.council_frames import make_cells
from tests.recorder import Recorder


def make_red() -> pd.DataFrame:
    """Make red cells with a reason; the first has markup in its name."""
    rows = [{"cut_value": "<b>EMEA</b>"}, {"cut_value": "APAC"}]
    return make_cells(*[{**row, "colour": "red", "gap_amount": 100.0 - at, "reason": "behind",
                         "context": None} for at, row in enumerate(rows)])  # fmt: skip


def make_suggestions() -> pd.DataFrame:
    """Make one suggestion for the second cell."""
    return pd.DataFrame([{
        "period": "2026Q1", "cut": "region", "cut_value": "APAC", "action": "spiff",
        "title": "SPIFF", "cause": "pushed_out", "units_count": 2.0, "cost_amount": 500.0,
        "effect_amount": 900.0, "owner": "Mia", "due_date": pd.Timestamp("2026-03-01"),
    }])  # fmt: skip


def make_log() -> pd.DataFrame:
    """Make one open action and one that is done."""
    base = {
        "period": "2026Q1", "cut": "region", "cut_value": "APAC", "cause": None, "action": "dinner",
        "units_count": 1.0, "cost_amount": 50.0, "owner": "Bo",
        "start_date": pd.Timestamp("2026-01-14"), "due_date": pd.NaT, "effect_amount": None,
    }  # fmt: skip
    return pd.DataFrame([
        {**base, "decision_id": "D-0001", "status": "open"},
        {**base, "decision_id": "D-0002", "status": "done"},
    ])  # fmt: skip


@pytest.fixture
def grid(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Recorder]:
    """The grid as a person sees it, and what it stores into."""
    monkeypatch.setenv("PLANLIB_INTERACTIVE", "1")
    wb = Recorder()
    return council_forms.council_grid(wb, make_red(), make_suggestions(), make_log()), wb


def press(view: Any, who: str = "Ann", why: str = "council") -> str:
    """Sign, press the button and give what is said."""
    bar = view.children[-2].children
    bar[0].value, bar[1].value = who, why
    bar[2].click()
    return str(view.children[-1].value)


def test_choosing_a_suggestion_fills_in_cost_owner_and_due_date(grid) -> None:
    """What the catalogue says stands in the fields and is stored with the cell."""
    view, wb = grid
    action, _, cost, owner, due = view.children[1].children[1].children
    action.value = "spiff"
    assert (cost.value, owner.value, due.value) == ("500", "Mia", "2026-03-01")
    owner.value = "Bo"
    assert "Saved as D-0001" in press(view)
    kind, rows, who, _ = wb.made[0]
    assert (kind, who, len(rows)) == ("council_actions", "Ann", 1)
    kept = {key: rows[0][key] for key in ("cut_value", "action", "cause", "owner", "status")}
    assert kept == {"cut_value": "APAC", "action": "spiff", "cause": "pushed_out", "owner": "Bo",
                    "status": "open"}  # fmt: skip
    assert rows[0]["effect_amount"] == 900.0


def test_an_own_entry_needs_a_name(grid) -> None:
    """A cell without suggestion can still get an action."""
    view, wb = grid
    action, own, *_ = view.children[0].children[1].children
    action.value = "own entry"
    assert "name the own action" in press(view)
    own.value = "Visit the customer"
    assert "Saved" in press(view)
    assert wb.made[0][1][0]["action"] == "Visit the customer"


def test_a_new_status_supersedes_the_open_action(grid) -> None:
    """Only open actions are offered; the new row carries the old one's columns."""
    view, wb = grid
    states = [one for one in view.children if hasattr(one, "options")]
    assert len(states) == 1
    states[0].value = "done"
    press(view)
    row = wb.made[0][1][0]
    assert (row["supersedes"], row["status"], row["action"]) == ("D-0001", "done", "dinner")
    assert row["start_date"] == pd.Timestamp("2026-01-14")


def test_nothing_decided_or_not_signed_is_refused(grid) -> None:
    """Every problem is said at once, and nothing is stored."""
    view, wb = grid
    said = press(view, who=" ", why="")
    assert "nothing is decided" in said
    assert "say who" in said
    assert "say why" in said
    assert wb.made == []


def test_what_the_store_refuses_is_shown_escaped(grid) -> None:
    """The message of the store stands below the grid, as text."""
    view, wb = grid
    view.children[1].children[1].children[0].value = "spiff"
    said = press(view, who="stranger")
    assert "&lt;who&gt; is not allowed" in said
    assert wb.made == []


def test_text_from_data_is_escaped(grid) -> None:
    """A cell's name with markup stays text."""
    view, _ = grid
    shown = view.children[0].children[0].value
    assert "&lt;b&gt;EMEA" in shown
    assert "<b>EMEA" not in shown


def test_a_meeting_is_stored_with_presence_and_decisions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row for each person, for each absent function, and for each decision."""
    monkeypatch.setenv("PLANLIB_INTERACTIVE", "1")
    wb = Recorder()
    view = council_forms.meeting_form(wb, ("sales", "marketing"), "2026-03-31")
    _, sales, _, decided, *_ = view.children
    sales.value = "Ann, Bo"
    decided.value = "SPIFF for EMEA\n\nDinner in Paris"
    assert "Saved" in press(view)
    _, rows, *_ = wb.made[0]
    assert {row["meeting_date"] for row in rows} == {"2026-03-31"}
    assert [row.get("person_name") for row in rows] == ["Ann", "Bo", None, None, None]
    assert rows[2] == {"meeting_date": "2026-03-31", "function": "marketing", "is_present": False}
    assert [row.get("decision") for row in rows[3:]] == ["SPIFF for EMEA", "Dinner in Paris"]


def test_where_nobody_sits_a_note_says_how_to_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Headless runs never store anything."""
    monkeypatch.setenv("PLANLIB_INTERACTIVE", "0")
    wb = Recorder()
    grid = council_forms.council_grid(wb, make_red(), make_suggestions(), make_log())
    form = council_forms.meeting_form(wb, ("sales",), "2026-03-31")
    assert "overrides/council_actions.csv" in grid.body
    assert "overrides/council_meetings.csv" in form.body
    assert wb.made == []
