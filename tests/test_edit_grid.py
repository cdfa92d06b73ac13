"""The grid stores what was filled in, row by row, and says what is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from planlib.edit_grid import GridSpec, decision_grid
from planlib.errors import InputError, WorkbookError
from tests.recorder import Recorder

SPEC = GridSpec(
    kind="support_locks", keys=("request_id",), title=("name", "request_id"), text="reason",
    fields=("rule", "expert_id"), needed=("rule",), choices={"expert_id": ["E1", "E2"]},
)  # fmt: skip


def make_rows(count: int = 20) -> pd.DataFrame:
    """Make requests; the first has markup in its name."""
    return pd.DataFrame({
        "request_id": [f"Q{row:02d}" for row in range(count)],
        "name": ["<script>x</script>", *[f"Plant {row}" for row in range(1, count)]],
        "reason": [None, *["no hours left"] * (count - 1)],
    })  # fmt: skip


def lines(grid: Any) -> list[Any]:
    """Give the rows on the page."""
    return list(grid.children[1].children)


def field(grid: Any, row: int, number: int) -> Any:
    """Give a field of a row on the page."""
    return lines(grid)[row].children[1].children[number]


def save(grid: Any, who: str = "Kim", why: str = "small") -> str:
    """Sign, save and give what is said."""
    bar = grid.children[3].children
    bar[0].value, bar[1].value = who, why
    bar[2].click()
    return str(grid.children[4].value)


@pytest.mark.usefixtures("person")
def test_each_row_that_was_filled_in_is_stored() -> None:
    """Rows of two pages are saved together with their keys, and are blank afterwards."""
    wb = Recorder()
    grid = decision_grid(wb, make_rows(), SPEC)
    field(grid, 1, 0).value = "refuse"
    grid.children[2].children[1].click()
    field(grid, 0, 0).value = "must"
    field(grid, 0, 1).value = "E2"
    assert "2 filled in" in grid.children[2].children[2].value
    assert "Saved as" in save(grid)
    rows = [{"request_id": "Q01", "rule": "refuse"},
            {"request_id": "Q08", "rule": "must", "expert_id": "E2"}]  # fmt: skip
    assert wb.made == [("support_locks", rows, "Kim", "small")]
    assert field(grid, 0, 0).value == ""
    assert "0 filled in" in grid.children[2].children[2].value


@pytest.mark.usefixtures("person")
def test_what_was_filled_in_survives_the_filter() -> None:
    """A value stays while other words are looked for; a value taken back is no decision."""
    grid = decision_grid(Recorder(), make_rows(), SPEC)
    field(grid, 1, 0).value = "refuse"
    grid.children[0].value = "plant 19"
    assert len(lines(grid)) == 1
    grid.children[0].value = ""
    assert field(grid, 1, 0).value == "refuse"
    field(grid, 1, 0).value = ""
    assert "nothing is decided" in save(grid)


@pytest.mark.usefixtures("person")
def test_a_row_that_lacks_what_is_needed_is_named() -> None:
    """Nothing is stored while one row lacks its rule, or nobody has signed."""
    wb = Recorder()
    grid = decision_grid(wb, make_rows(), SPEC)
    field(grid, 2, 1).value = "E1"
    said = save(grid, who="")
    assert "Plant 2 · Q02: fill in Rule" in said
    assert "say who" in said
    assert wb.made == []


class Refusing:
    """A workbook that refuses each decision, as the real one says it."""

    def decide(self, kind: str, rows: Any, *, who: str, why: str) -> list[str]:
        """Refuse the last row."""
        raise InputError(f"override_{kind}", [
            f"new row {len(rows)}, column 'expert_id': 'E9' is unknown",
        ])  # fmt: skip


@pytest.mark.usefixtures("person")
def test_a_wrong_value_is_named_as_the_grid_shows_it() -> None:
    """The row by its title, the field by its label; no table, number of a row or column."""
    grid = decision_grid(Refusing(), make_rows(), SPEC)
    field(grid, 1, 0).value, field(grid, 3, 0).value = "refuse", "must"
    said = save(grid)
    assert "Plant 3 · Q03, Expert id: &#x27;E9&#x27; is unknown" in said.replace("&#39;", "&#x27;")
    assert "override_support_locks" not in said


@pytest.mark.usefixtures("person")
def test_a_choice_shows_what_a_person_reads_and_stores_the_value() -> None:
    """People are chosen by name and stored by id."""
    wb = Recorder()
    people = replace(SPEC, choices={"expert_id": {"E1": "Ann (E1)", "E2": "Bo (E2)"}})
    grid = decision_grid(wb, make_rows(), people)
    field(grid, 1, 0).value, field(grid, 1, 1).label = "must", "Bo (E2)"
    save(grid)
    assert wb.made[0][1][0]["expert_id"] == "E2"


@pytest.mark.usefixtures("person")
def test_yes_and_no_are_stored_as_such() -> None:
    """A field of yes or no becomes true or false; what each decision holds besides is added."""
    wb = Recorder()
    spec = GridSpec(kind="need_proposals", keys=("proposal_id",), title=("proposal_id",),
                    fields=("is_confirmed",), always={"fit": 1})  # fmt: skip
    grid = decision_grid(wb, pd.DataFrame({"proposal_id": ["P1"]}), spec)
    field(grid, 0, 0).value = "no"
    save(grid)
    assert wb.made[0][1] == [{"proposal_id": "P1", "fit": 1, "is_confirmed": False}]


@pytest.mark.usefixtures("person")
def test_amounts_stand_with_their_currency() -> None:
    """In the title of a row, and in the heading of the field that asks for one."""
    rows = pd.DataFrame({"proposal_id": ["P1"], "value": [1250000.0], "paid_amount": [90.0]})
    spec = GridSpec(kind="need_proposals", keys=("proposal_id",),
                    title=("proposal_id", "value", "paid_amount"),
                    fields=("value", "likelihood"), currency="CNY")  # fmt: skip
    grid = decision_grid(Recorder(), rows, spec)
    shown = lines(grid)[0].children[0].value
    assert "<b>P1</b> · CNY 1,250,000 · CNY 90<" in shown
    assert [field(grid, 0, at).description for at in (0, 1)] == ["Value, CNY", "Likelihood"]
    plain = decision_grid(Recorder(), rows, replace(spec, currency=""))
    assert field(plain, 0, 0).description == "Value"
    assert "· 1,250,000 ·" in lines(plain)[0].children[0].value


@pytest.mark.usefixtures("person")
def test_text_from_data_is_text() -> None:
    """Markup in a name is escaped."""
    shown = lines(decision_grid(Recorder(), make_rows(), SPEC))[0].children[0].value
    assert "&lt;script&gt;" in shown
    assert "<script" not in shown


def test_headless_a_note_says_how_to_decide() -> None:
    """Without a person the file, the call and the fields are named, and nothing is stored."""
    note = repr(decision_grid(Recorder(), make_rows(), SPEC))
    assert "overrides/support_locks.csv" in note
    assert "request_id, rule, expert_id" in note


def test_a_column_that_is_not_there_is_named() -> None:
    """A wrong field or row column is an error of the notebook, with or without a person."""
    with pytest.raises(WorkbookError, match="no column reason"):
        decision_grid(Recorder(), make_rows().drop(columns="reason"), SPEC)


@pytest.mark.usefixtures("person")
def test_figures_and_keys_read_as_people_write_them() -> None:
    """An amount has separators, a key has blanks, and what is not known is left out."""
    rows = pd.DataFrame({"proposal_id": ["P1"], "need": ["red_cell"], "value": [1_400_000.0],
                         "amount": [1_400_000.0], "horizon": [None]})  # fmt: skip
    spec = GridSpec(kind="need_proposals", keys=("proposal_id",), fields=("fit",),
                    title=("proposal_id", "need", "amount", "horizon"))  # fmt: skip
    text = lines(decision_grid(Recorder(), rows, spec))[0].children[0].value
    assert "<b>P1</b> · red cell · 1,400,000<br>" in text
