"""Tests of planlib.exchange.rating_sheets: out, back, and what is wrong with its cell."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from planlib import cli
from planlib.exchange import ReadRatings, read_rating_sheets, store_ratings, write_rating_sheets
from planlib.exchange.rating_sheets import SHEET
from planlib.language import Language, say, speaking
from planlib.store import Workbook
from tests.closeness_frames import make_rows
from tests.report_workbook import make_workbook

WHEN = date(2026, 3, 31)


def make_cycle(folder: Path) -> Workbook:
    """Make a cycle whose step 05 asks R1 for two ratings and one look at the needs."""
    workbook = make_workbook(folder)
    base = {"rep_id": "R1", "account_id": "A1", "status": "due", "minutes": 2.0, "is_asked": True}
    workbook.write("rating_sheet", make_rows(
        "rating_sheet",
        {**base, "factor": "closeness", "aspect": "closeness", "last_rating": 6.0,
         "last_confidence": 0.5, "last_date": "2026-02-20"},
        {**base, "factor": "potential", "aspect": "importance"},
        {**base, "factor": "needs", "aspect": "needs"},
        {**base, "factor": "winnability", "aspect": "importance", "is_asked": False},
    ))  # fmt: skip
    workbook.write("rating_burden", make_rows(
        "rating_burden", {"rep_id": "R1", "accounts_count": 1, "asked_count": 3,
                          "put_off_count": 1, "asked_minutes": 6.0, "minutes_per_account": 6.0},
    ))  # fmt: skip
    return workbook


def edit(path: Path, **cells: Any) -> None:
    """Write values into cells of the rating sheet, as a person would."""
    book = load_workbook(path)
    for cell, value in cells.items():
        book[SHEET][cell] = value
    book.save(path)


def read(path: Path, known: pd.DataFrame | None = None) -> ReadRatings:
    """Read one sheet back."""
    return read_rating_sheets([path], WHEN, accounts=["A1"], raters=["R1"], known=known)


@pytest.fixture(name="sheet")
def _sheet(tmp_path: Path) -> Path:
    return write_rating_sheets(make_cycle(tmp_path / "acme"))[0]


def test_a_sheet_holds_the_last_values_and_what_it_costs(sheet: Path) -> None:
    """Rating and confidence are filled in, nothing is confirmed, minutes stand on page one."""
    book = load_workbook(sheet)
    rows = list(book[SHEET].iter_rows(values_only=True))
    assert len(rows) == 4
    line = dict(zip(rows[0], rows[1], strict=True))
    assert (line["rating"], line["confidence"], line["confirmed"]) == (6, 0.5, None)
    first = dict(book["About"].iter_rows(values_only=True))
    assert first["Effort"] == "6 minutes for 1 key accounts, 6.0 minutes for each"
    assert first["Put off"].startswith("1 ratings")


def test_out_and_back_without_edits_adds_nothing(sheet: Path) -> None:
    """No rows, no problems, and the file of decisions is not made."""
    found = read(sheet)
    assert found.rows.empty
    assert found.problems.empty
    assert found.asked_count == 3


def test_what_is_confirmed_is_stored_once(tmp_path: Path) -> None:
    """A confirmed line becomes a decision; reading the sheet again adds nothing."""
    workbook = make_cycle(tmp_path / "acme")
    path = write_rating_sheets(workbook)[0]
    edit(path, O2="x", K2=7.5, M2="new sponsor", O4="是")
    found = read(path)
    assert found.rows["factor"].tolist() == ["closeness", "needs"]
    assert len(store_ratings(workbook, found, pd.Series({"R1": "Mia"}), WHEN)) == 2
    stored = workbook.overrides("account_ratings").set_index("factor")
    assert stored.loc["closeness", ["rating", "confidence", "who", "why"]].tolist() == [
        7.5, 0.5, "Mia", "new sponsor",
    ]  # fmt: skip
    assert pd.isna(stored.loc["needs", "rating"])
    again = read(path, workbook.overrides("account_ratings"))
    assert again.rows.empty
    assert again.known_count == 2


BAD = [
    ({"K2": 8.0}, "K2", "changed but not confirmed"),
    ({"K2": "high"}, "K2", "changed but not confirmed"),
    ({"O2": "maybe"}, "O2", "neither confirmed"),
    ({"O2": "x", "K2": 11}, "K2", "a number from 0 to 10"),
    ({"O3": "x"}, "K3", "a number from 0 to 10"),
    ({"O2": "x", "L2": 3}, "L2", "a share from 0 to 1"),
    ({"O2": "x", "B2": "A9"}, "B2", "no such account"),
    ({"O2": "x", "A2": "R9"}, "A2", "no such person"),
    ({"O2": "x", "D2": "mood"}, "D2", "one of potential"),
    ({"O2": "x", "N2": "2026-04-01"}, "N2", "a date until the day of reading"),
    ({"O2": "x", "N2": "soon"}, "N2", "a date until the day of reading"),
]


@pytest.mark.parametrize(("cells", "cell", "detail"), BAD)
def test_what_is_wrong_is_named_with_file_sheet_and_cell(
    sheet: Path, cells: dict[str, Any], cell: str, detail: str
) -> None:
    """A bad line is not taken, and the others are not hurt."""
    edit(sheet, **cells)
    found = read(sheet)
    assert found.rows.empty
    problem = found.problems.iloc[0]
    assert (problem["file"], problem["sheet"], problem["cell"]) == ("R1.xlsx", SHEET, cell)
    assert detail in problem["detail"]


def test_a_line_that_stands_twice_counts_once(sheet: Path) -> None:
    """The same account, factor, person and day: the first one is taken, the second named."""
    edit(sheet, O2="x", O3="x", D3="closeness", K3=1)
    found = read(sheet)
    assert found.rows["rating"].tolist() == [6]
    assert "rated further up" in found.problems["detail"].iloc[0]


def test_a_broken_file_and_a_missing_column_are_named(sheet: Path, tmp_path: Path) -> None:
    """Neither stops the other files from being read."""
    broken = tmp_path / "broken.xlsx"
    broken.write_text("no workbook", encoding="utf-8")
    edit(sheet, O2="x")
    other = tmp_path / "other.xlsx"
    book = load_workbook(sheet)
    book[SHEET]["K1"] = "my rating"
    book.save(other)
    found = read_rating_sheets(
        [broken, other, sheet], WHEN, accounts=["A1"], raters=["R1"]
    )  # fmt: skip
    told = dict(zip(found.problems["file"], found.problems["detail"], strict=True))
    assert "not a readable Excel file" in told["broken.xlsx"]
    assert "column rating is missing" in told["other.xlsx"]
    assert len(found.rows) == 1


def test_without_the_step_there_are_no_sheets(tmp_path: Path) -> None:
    """A cycle that asked for no rating writes no file."""
    assert write_rating_sheets(make_workbook(tmp_path / "acme")) == []


def test_sheets_are_taken_from_the_command_line(tmp_path: Path) -> None:
    """Confirmed lines are kept, problems are listed, and a second reading adds nothing."""
    workbook = make_cycle(tmp_path / "acme")
    people = make_rows("reps", {"rep_id": "R1", "name": "Mia"})
    accounts = make_rows("accounts", {"account_id": "A1"})
    workbook.write_inputs({"accounts": accounts, "reps": people}, as_of=WHEN)
    path = write_rating_sheets(workbook)[0]
    edit(path, O2="x", K3=4)
    broken = tmp_path / "broken.xlsx"
    broken.write_text("no workbook", encoding="utf-8")
    arguments = ["ratings", str(workbook.root), str(path), str(broken), "--cycle", "2026Q1"]
    first, second = (CliRunner().invoke(cli.app, arguments) for _ in range(2))
    assert "3 lines read, 1 confirmed ratings kept, 0 known before, 2 problems" in first.output
    assert "not a readable Excel file" in first.output
    assert "0 confirmed ratings kept, 1 known before" in second.output
    stored = workbook.overrides("account_ratings")
    assert stored[["who", "rating", "rater_id"]].to_numpy().tolist() == [["Mia", 6.0, "R1"]]


def test_a_chinese_sheet_comes_back_as_an_english_one(tmp_path: Path) -> None:
    """Headers, questions and factors are Chinese; what was confirmed is the same either way."""
    found = []
    languages: tuple[Language, ...] = ("en", "zh")
    for spoken in languages:
        workbook = make_cycle(tmp_path / spoken / "acme")
        with speaking(spoken):
            path = write_rating_sheets(workbook)[0]
            name, question, rating = (say(one) for one in (SHEET, "question", "rating"))
        book = load_workbook(path)
        page = book[name]
        heads = [cell.value for cell in page[1]]
        assert question in heads
        for row in range(2, page.max_row + 1):
            page.cell(row, len(heads), "是")
            page.cell(row, heads.index(rating) + 1, 7)
        book.save(path)
        found.append(read(path))
    assert (
        found[0]
        .problems.drop(columns=["sheet", "file"])
        .equals(found[1].problems.drop(columns=["sheet", "file"]))
    )
    pd.testing.assert_frame_equal(found[0].rows, found[1].rows)
    assert len(found[1].rows) == 3
