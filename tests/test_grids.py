"""The grid of owners: filters, pages, tries and saves, and only where a person is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from planlib import grids
from planlib.errors import ParameterError
from tests.recorder import Recorder


def make_rows(count: int = 20) -> pd.DataFrame:
    """Make accounts of two blocks for review; the first has markup in its name."""
    return pd.DataFrame({
        "account_id": [f"A{row:02d}" for row in range(count)],
        "name": ["<b>Acme</b>", *[f"Company {row}" for row in range(1, count)]],
        "block": ["EMEA" if row % 2 else "APAC" for row in range(count)],
        "owner": [None if row == 3 else "Ana" for row in range(count)],
        "planned": ["Bo" if row < 5 else "Ana" for row in range(count)], "acv": 1000.0,
        "cause": ["plan" if row < 5 else "stays" for row in range(count)],
        "reason": ["Moved for travel." if row < 5 else "Stays." for row in range(count)],
    })  # fmt: skip


def tried(chosen: Mapping[str, str]) -> pd.DataFrame:
    """Stand for the solver: repeat what is tried."""
    if "A09" in chosen:
        raise ParameterError("decisions", ["account 'A09' is not planned"])
    return pd.DataFrame({"result": list(chosen), "plan": list(chosen.values())})


def make_grid(wb: Recorder | None = None) -> Any:
    """Make a grid as a person sees it."""
    reps = {"EMEA": {"R1": "Ana", "R2": "Bo"}, "APAC": {"R3": "Cy"}}
    return grids.owner_grid(wb or Recorder(), make_rows(), reps, tried, currency="EUR")


def shown(grid: Any) -> list[str]:
    """Give the HTML of the rows on the page."""
    return [line.children[0].value for line in grid.children[1].children]


def counted(grid: Any) -> str:
    """Give what the grid says about its rows."""
    return str(grid.children[2].children[2].value)


def choose(grid: Any, row: int, rep: str) -> None:
    """Choose another rep in a row of the page."""
    grid.children[1].children[row].children[1].value = rep


def press(grid: Any, button: str, who: str = "", why: str = "") -> str:
    """Sign, press a button and give what is said."""
    bar = grid.children[3].children
    bar[0].value, bar[1].value = who, why
    next(one for one in bar if one.description.startswith(button)).click()
    return str(grid.children[4].value)


@pytest.mark.usefixtures("person")
def test_filters_and_pages_show_the_accounts_asked_for() -> None:
    """Words, a rep and a cause narrow the rows; pages go on and never beyond the end."""
    grid = make_grid()
    words, person, cause = grid.children[0].children
    assert counted(grid) == "1 to 8 of 20"
    for _ in range(4):
        grid.children[2].children[1].click()
    assert counted(grid) == "17 to 20 of 20"
    cause.value = "plan"
    assert counted(grid) == "1 to 5 of 5"
    person.value = "Bo"
    words.value = "COMPANY 4"
    assert counted(grid) == "1 to 1 of 1"
    assert "Moved for travel." in shown(grid)[0]
    words.value = "nowhere"
    assert counted(grid) == "no account fits the filter"


@pytest.mark.usefixtures("person")
def test_text_from_data_is_escaped_and_a_missing_owner_is_said() -> None:
    """Markup in a name is shown as text; an account without owner says so."""
    rows = shown(make_grid())
    assert "&lt;b&gt;Acme" in rows[0]
    assert "ACV EUR 1,000 · nobody → Bo" in rows[3]


@pytest.mark.usefixtures("person")
def test_a_choice_is_of_the_own_part_of_the_market_and_outlasts_pages() -> None:
    """Only reps of the block can be chosen, and a choice is still there after paging."""
    grid = make_grid()
    options = [rep for _, rep in grid.children[1].children[1].children[1].options]
    assert options == ["", "R1", "R2"]
    choose(grid, 1, "R2")
    grid.children[2].children[1].click()
    grid.children[2].children[0].click()
    assert grid.children[1].children[1].children[1].value == "R2"
    assert counted(grid) == "1 to 8 of 20; 1 chosen"
    choose(grid, 1, "")
    assert counted(grid) == "1 to 8 of 20; 0 chosen"


@pytest.mark.usefixtures("person")
def test_trying_shows_what_would_happen_and_stores_nothing() -> None:
    """The table of the solver is shown; what it refuses is said in words."""
    wb = Recorder()
    grid = make_grid(wb)
    choose(grid, 1, "R2")
    assert "A01" in press(grid, "Try")
    assert wb.made == []
    grid.children[2].children[1].click()
    choose(grid, 1, "R2")
    assert "account &#x27;A09&#x27; is not planned" in press(grid, "Try")


@pytest.mark.usefixtures("person")
def test_saving_stores_every_choice_once_signed() -> None:
    """Without who and why nothing is stored; then all choices are, and the grid starts anew."""
    wb = Recorder()
    grid = make_grid(wb)
    assert "nothing is decided" in press(grid, "Save", "Kim", "merger")
    choose(grid, 1, "R2")
    choose(grid, 2, "R3")
    assert "say who" in press(grid, "Save", "", "merger")
    assert "&lt;who&gt; is not allowed" in press(grid, "Save", "stranger", "x")
    assert wb.made == []
    assert "Saved as D-0001" in press(grid, "Save", "Kim", "merger")
    rows = [{"account_id": "A01", "rep_id": "R2", "rule": "must"},
            {"account_id": "A02", "rep_id": "R3", "rule": "must"}]  # fmt: skip
    assert wb.made == [("territories", rows, "Kim", "merger")]
    assert counted(grid) == "1 to 8 of 20"


def test_without_a_person_a_note_says_how_to_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A headless run shows a sentence in place of the grid."""
    monkeypatch.setenv("PLANLIB_INTERACTIVE", "0")
    assert "overrides/territories.csv" in make_grid().text
