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
from planlib.errors import InputError
from planlib.exchange import (
    ReadRatings,
    read_rating_sheets,
    take_rating_sheets,
    write_rating_sheets,
)
from planlib.exchange.rating_sheets import SHEET
from planlib.language import Language, say, speaking
from planlib.store import Workbook
from tests.closeness_frames import make_rows
from tests.pack_frames import with_part
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
    people = make_rows("reps", {"rep_id": "R1", "name": "Mia"})
    accounts = make_rows("accounts", {"account_id": "A1"})
    workbook.write_inputs({"accounts": accounts, "reps": people}, as_of=WHEN)
    return workbook


def edit(path: Path, **cells: Any) -> None:
    """Write values into cells of the rating sheet, as a person would."""
    book = load_workbook(path)
    for cell, value in cells.items():
        book[SHEET][cell] = value
    book.save(path)


def read(workbook: Workbook, *paths: Path) -> ReadRatings:
    """Read sheets back."""
    return read_rating_sheets(workbook, paths, WHEN)


def refused(workbook: Workbook, *paths: Path) -> str:
    """Hand in sheets of which something is wrong; nothing may be kept. Give the message."""
    with pytest.raises(InputError, match="nothing was kept") as caught:
        take_rating_sheets(workbook, paths, WHEN)
    assert workbook.decisions("account_ratings").empty
    return str(caught.value)


@pytest.fixture(name="workbook")
def _workbook(tmp_path: Path) -> Workbook:
    return make_cycle(tmp_path / "acme")


@pytest.fixture(name="sheet")
def _sheet(workbook: Workbook) -> Path:
    return write_rating_sheets(workbook)[0]


def test_a_sheet_holds_the_last_values_and_what_it_costs(sheet: Path) -> None:
    """Rating and confidence are filled in, nothing is confirmed, minutes stand on page one."""
    book = load_workbook(sheet)
    rows = list(book[SHEET].iter_rows(values_only=True))
    assert len(rows) == 4
    line = dict(zip(rows[0], rows[1], strict=True))
    assert (line["Rating"], line["Confidence"], line["Confirmed"]) == (6, 0.5, None)
    first = dict(book["About"].iter_rows(values_only=True))
    assert first["Effort"] == "6 minutes for 1 key account, 6.0 minutes for each"
    assert first["Put off"].startswith("1 rating ")
    assert "planlib ratings" in first["To hand in"]
    assert book.active.title == "About"
    rules = {str(one.sqref): one for one in book[SHEET].data_validations.dataValidation}
    assert (rules["K2:K4"].formula1, rules["K2:K4"].formula2) == ("0", "10")
    assert rules["O2:O4"].errorStyle in (None, "stop")


def test_a_sheet_is_named_by_id_and_name(workbook: Workbook, sheet: Path) -> None:
    """Who hands the sheets out sees whose is whose; without a name the id alone stands there."""
    assert sheet.name == "R1 Mia.xlsx"
    blank = make_rows("reps", {"rep_id": "R1"})
    workbook.write_inputs({"reps": blank}, as_of=WHEN)
    assert write_rating_sheets(workbook)[0].name == "R1.xlsx"


def test_out_and_back_without_edits_adds_nothing(workbook: Workbook, sheet: Path) -> None:
    """No rows, and the file of decisions is not made."""
    found, added = take_rating_sheets(workbook, [sheet, sheet], WHEN)
    assert found.rows.empty
    assert found.asked_count == 3
    assert added == []
    assert not (workbook.root / "overrides" / "account_ratings.csv").exists()


def test_what_is_confirmed_is_stored_once(workbook: Workbook, sheet: Path) -> None:
    """A confirmed line becomes a decision; reading the sheet again adds nothing."""
    edit(sheet, O2="x", K2=7.5, M2="new sponsor", O4="是")
    found, added = take_rating_sheets(workbook, [sheet], WHEN)
    assert sorted(found.rows["factor"]) == ["closeness", "needs"]
    assert added == ["D-0001", "D-0002"]
    stored = workbook.overrides("account_ratings").set_index("factor")
    assert stored.loc["closeness", ["rating", "confidence", "who", "why"]].tolist() == [
        7.5, 0.5, "Mia", "new sponsor",
    ]  # fmt: skip
    assert pd.isna(stored.loc["needs", "rating"])
    again = read(workbook, sheet)
    assert again.rows.empty
    assert again.known_count == 2


def test_another_judgement_of_the_same_day_is_named(workbook: Workbook, sheet: Path) -> None:
    """What is stored is neither replaced nor kept beside another value of its day."""
    edit(sheet, O2="x", K2=7)
    take_rating_sheets(workbook, [sheet], WHEN)
    edit(sheet, K2=8)
    with pytest.raises(InputError, match=r"B2: rated otherwise on 2026-03-31 before \(D-0001\)"):
        take_rating_sheets(workbook, [sheet], WHEN)
    edit(sheet, N2="2026-03-30")
    assert len(take_rating_sheets(workbook, [sheet], WHEN)[1]) == 1


BAD = [
    ({"K2": 8.0}, "K2", "changed but not confirmed"),
    ({"K2": "high"}, "K2", "changed but not confirmed"),
    ({"L2": None}, "K2", "changed but not confirmed"),
    ({"O2": "maybe"}, "O2", "neither confirmed"),
    ({"O2": "x", "K2": 11}, "K2", "a number from 0 to 10"),
    ({"O3": "x"}, "K3", "a number from 0 to 10"),
    ({"O2": "x", "L2": 3}, "L2", "a share from 0 to 1"),
    ({"O2": "x", "B2": "A9"}, "B2", "'A9', no such account"),
    ({"O2": "x", "A2": "R9"}, "A2", "no such person"),
    ({"O2": "x", "D2": "mood"}, "D2", "allowed are potential"),
    ({"O2": "x", "N2": "2026-04-01"}, "N2", "until the day of reading"),
    ({"O2": "x", "N2": "soon"}, "N2", "until the day of reading"),
    ({"O2": "x", "N2": "2026"}, "N2", "a date such as 2026-03-31"),
    ({"O2": "x", "N2": "1905-07-18"}, "N2", "a date such as 2026-03-31"),
    ({"O2": "x", "K2": "70%"}, "K2", "a number from 0 to 10"),
]


@pytest.mark.parametrize(("cells", "cell", "detail"), BAD)
def test_what_is_wrong_is_named_with_file_sheet_and_cell(
    workbook: Workbook, sheet: Path, cells: dict[str, Any], cell: str, detail: str
) -> None:
    """A bad line is named, and the good line beside it is not kept either."""
    edit(sheet, O4="x", **cells)
    message = refused(workbook, sheet)
    assert f"R1 Mia.xlsx, sheet {SHEET}, cell {cell}: '" in message
    assert detail in message


def test_all_that_is_wrong_with_a_line_is_told_at_once(workbook: Workbook, sheet: Path) -> None:
    """A line that is not confirmed is checked too; what was typed is shown as it was typed."""
    edit(sheet, K2="Very High", L2="7", B2="A9", N2="2026-04-01")
    message = refused(workbook, sheet)
    for part in (
        "cell K2: 'Very High', changed but not confirmed",
        "cell K2: 'Very High', a number from 0 to 10 is allowed",
        "cell L2: '7', a share from 0 to 1 is allowed",
        "cell B2: 'A9', no such account",
        "cell N2: '2026-04-01', a date such as 2026-03-31 until the day of reading",
    ):
        assert part in message
    edit(sheet, O2="Maybe")
    assert "cell O2: 'Maybe', neither confirmed (x) nor blank" in refused(workbook, sheet)


def test_a_line_that_stands_twice_is_named(workbook: Workbook, sheet: Path) -> None:
    """The same account and factor in two rows: both cells are named, whatever they say."""
    edit(sheet, O2="x", O3="x", D3="closeness", K3=1)
    message = refused(workbook, sheet)
    assert "'A1', rated otherwise by the same person at R1 Mia.xlsx, sheet Ratings, cell B2" \
        in message  # fmt: skip
    assert "cell B3: 'A1 / closeness' stands at B2 too; keep one of them" in message
    edit(sheet, K3=6, L3=0.5)
    assert "stands at B2 too" in refused(workbook, sheet)


def rows_of(sheet: Path) -> list[list[Any]]:
    """Give the lines of a sheet below their header."""
    return [list(row) for row in load_workbook(sheet)[SHEET].iter_rows(2, values_only=True)]


def put(sheet: Path, rows: list[list[Any]]) -> None:
    """Write lines below the header, as sorting, inserting and deleting leave them."""
    book = load_workbook(sheet)
    page = book[SHEET]
    page.delete_rows(2, page.max_row)
    for row in rows:
        page.append(row)
    book.save(sheet)


def test_lines_may_be_sorted_deleted_and_parted_by_blank_rows(
    workbook: Workbook, sheet: Path
) -> None:
    """Each line says itself which account and factor it rates; a blank row says nothing."""
    edit(sheet, O2="x", K2=7.5, O3="x", K3=4)
    plain = read(workbook, sheet).rows
    first, second, third = rows_of(sheet)
    put(sheet, [third, second, [None] * len(first), first])
    mixed = read(workbook, sheet).rows
    pd.testing.assert_frame_equal(
        mixed.sort_values("factor", ignore_index=True),
        plain.sort_values("factor", ignore_index=True),
    )
    put(sheet, [second])
    assert read(workbook, sheet).rows["factor"].tolist() == ["potential"]


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"D4": "winnability"}, "cell B4: 'A1 / winnability' was not in the form"),
        ({"C3": "Other Corp"}, "cell C3 (Account): 'Other Corp' is not what was sent"),
        ({"A3": "R2"}, "cell A3 (Rater id): 'R2' is not what was sent"),
        ({"H2": 9}, "cell H2 (Last rating): '9' is not what was sent"),
    ],
)
def test_what_was_sent_and_came_back_otherwise_is_named(
    workbook: Workbook, sheet: Path, cells: dict[str, Any], problem: str
) -> None:
    """Names, ids and last values that slid to another line are no judgement about it."""
    edit(sheet, **cells)
    assert problem in refused(workbook, sheet)


def test_all_files_are_told_at_once_and_opened_with_care(
    workbook: Workbook, sheet: Path, tmp_path: Path
) -> None:
    """Damage, a password, a bomb, a lost column, another workbook: each by name, none kept."""
    edit(sheet, O2="x")
    good = sheet.read_bytes()
    names = {
        "broken.xlsx": b"no workbook",
        "locked.xlsx": b"\xd0\xcf\x11\xe0" + bytes(600),
        "bomb.xlsx": with_part(good, "xl/media/image1.xml", bytes(60_000_000)),
        "macros.xlsm": with_part(good, "xl/vbaProject.bin", b"code"),
        "other.xlsx": good, "plain.xlsx": good,
    }  # fmt: skip
    for name, content in names.items():
        (tmp_path / name).write_bytes(content)
    edit(tmp_path / "other.xlsx", K1="my rating")
    book = load_workbook(tmp_path / "plain.xlsx")
    book.remove(book["_planlib"])
    book.save(tmp_path / "plain.xlsx")
    foreign = write_rating_sheets(make_cycle(tmp_path / "globex"))[0].rename(tmp_path / "g.xlsx")
    message = refused(workbook, sheet, *(tmp_path / name for name in names), foreign)
    for words in ("broken.xlsx: not an Excel file", "locked.xlsx: an encrypted or old binary",
                  "bomb.xlsx: unpacks from", "macros.xlsm: the file has macros",
                  "other.xlsx, sheet Ratings: column 'Rating' is missing",
                  "plain.xlsx: the file has no stamp",
                  "g.xlsx: the form belongs to workbook 'globex', not to 'acme'"):  # fmt: skip
        assert words in message


def test_a_sheet_of_a_newer_layout_is_not_guessed(workbook: Workbook, sheet: Path) -> None:
    """A form that a later version wrote is refused by its layout."""
    book = load_workbook(sheet)
    book["_planlib"].append(["version", "7"])
    book.save(sheet)
    assert "the form has layout 7, and this version of planlib reads layouts up to 1" in refused(
        workbook, sheet
    )


def test_without_the_step_there_are_no_sheets(tmp_path: Path) -> None:
    """A cycle that asked for no rating writes no file."""
    assert write_rating_sheets(make_workbook(tmp_path / "acme")) == []


def test_sheets_are_taken_from_the_command_line(workbook: Workbook, sheet: Path) -> None:
    """Confirmed lines are kept, a second reading adds nothing, and a bad file ends with code 2."""
    edit(sheet, O2="x")
    arguments = ["ratings", str(workbook.root), str(sheet), "--cycle", "2026Q1"]
    first, second = (CliRunner().invoke(cli.app, arguments) for _ in range(2))
    assert "3 lines read, 1 confirmed ratings kept, 0 known before" in first.output
    assert "0 confirmed ratings kept, 1 known before" in second.output
    stored = workbook.overrides("account_ratings")
    assert stored[["who", "rating", "rater_id"]].to_numpy().tolist() == [["Mia", 6.0, "R1"]]
    edit(sheet, O3="x", K3="many")
    third = CliRunner().invoke(cli.app, arguments)
    assert third.exit_code == 2
    assert "cell K3: 'many'" in " ".join(third.output.split())


def test_a_chinese_sheet_comes_back_as_an_english_one(tmp_path: Path) -> None:
    """Headers, questions and factors are Chinese; what was confirmed is the same either way."""
    found = []
    languages: tuple[Language, ...] = ("en", "zh")
    for spoken in languages:
        workbook = make_cycle(tmp_path / spoken / "acme")
        with speaking(spoken):
            path = write_rating_sheets(workbook)[0]
            name, question, rating = (say(one) for one in (SHEET, "Question", "Rating"))
        book = load_workbook(path)
        page = book[name]
        heads = [cell.value for cell in page[1]]
        assert question in heads
        at = 1 + next(
            at
            for at, one in enumerate(heads)
            if one == rating or str(one).startswith(f"{rating}（")
        )
        for row in range(2, page.max_row + 1):
            page.cell(row, len(heads), "是")
            page.cell(row, at, 7)
        book.save(path)
        found.append(read(workbook, path))
    pd.testing.assert_frame_equal(found[0].rows, found[1].rows)
    assert len(found[1].rows) == 3
