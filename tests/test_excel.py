"""Tests of the Excel files: plain, safe, whole, and only what the audience may see."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from planlib.exchange import AudienceView, write_step_files
from planlib.exchange.sheets import (
    LONGEST_TEXT,
    Sheet,
    SheetColumn,
    plain_text,
    sheet_names,
    write_book,
)
from planlib.language import say, speaking
from planlib.steps import STEPS
from planlib.store import Workbook
from planlib.tables import TABLES
from tests.report_workbook import example_rows, make_workbook, mark_sensitive

#: Starts of texts that spreadsheets take for formulas or links, alone and behind what they skip.
PREFIXES = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "\x00=1+1", " =1+1",
            "=HYPERLINK(\"http://x\")", "http://example.org", "＝1+1"]  # fmt: skip
OUTPUTS = [name for name, table in TABLES.items() if table.role == "output"]


def make_sheet(**columns: list[Any]) -> Sheet:
    """A sheet of text columns."""
    frame = pd.DataFrame(columns, dtype="object")
    return Sheet(name="rows", columns=[SheetColumn(name) for name in frame], frame=frame, keys=1)


def write(path: Path, *sheets: Sheet) -> list[str]:
    """Write sheets with fixed facts."""
    return write_book(path, sheets, about=[("Cycle", "2026Q1")], title="t",
                      created=datetime.date(2026, 3, 31))  # fmt: skip


def cells(path: Path) -> list[Any]:
    """All cells of a file."""
    book = openpyxl.load_workbook(path)
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    """A workbook in which every output table has two rows of harmful text."""
    workbook = make_workbook(tmp_path_factory.mktemp("filled") / "acme")
    for name in OUTPUTS:
        workbook.write(name, example_rows(name, "=1+1"))
    return workbook


@pytest.fixture(scope="module")
def written(filled: Workbook) -> dict[Path, bytes]:
    """The Excel files of that workbook and their bytes."""
    return {path: path.read_bytes() for path in write_step_files(filled)}


@pytest.fixture(scope="module")
def books(written: dict[Path, bytes]) -> dict[Path, openpyxl.Workbook]:
    """These files as a spreadsheet opens them."""
    return {path: openpyxl.load_workbook(io.BytesIO(raw)) for path, raw in written.items()}


@pytest.mark.parametrize("text", PREFIXES)
def test_text_is_never_a_formula(tmp_path: Path, text: str) -> None:
    """No text in a cell or header becomes a formula or a link; the text itself stays."""
    write(tmp_path / "a.xlsx", make_sheet(**{"name": [text], text: [text]}))
    found = cells(tmp_path / "a.xlsx")
    assert {cell.data_type for cell in found} <= {"s", "n"}
    assert all(cell.hyperlink is None for cell in found)
    assert sum(cell.value == plain_text(text)[0] for cell in found) == 3
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        sheets = [book.read(name) for name in book.namelist() if "worksheets" in name]
    assert not any(b"<f>" in sheet or b"hyperlink" in sheet for sheet in sheets)


def test_no_column_of_any_table_takes_formulas(books: dict[Path, openpyxl.Workbook]) -> None:
    """In every text column of every table that a step writes, harmful text stays text."""
    assert books
    for book in books.values():
        found = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
        assert found <= {"s", "n", "d", "b"}


def test_there_is_one_file_per_step_that_ran(tmp_path: Path) -> None:
    """A step without tables in this cycle, or switched off, has no file."""
    off = "06_pipeline"
    workbook = make_workbook(tmp_path / "acme", f"run:\n  off: [{off}]\n")
    ran = [step for step in STEPS.values() if step.writes][:2]
    for step in [*ran, STEPS[off]]:
        for name in step.writes:
            workbook.write(name, example_rows(name, "x"))
    wanted = [f"{step.name}.xlsx" for step in ran if step.name != off]
    assert [path.name for path in write_step_files(workbook)] == wanted


def test_a_file_holds_every_row_and_the_definitions(
    filled: Workbook, books: dict[Path, openpyxl.Workbook]
) -> None:
    """Each table is a sheet with header, filter and frozen header; definitions explain each."""
    view = AudienceView(filled)
    for path, book in books.items():
        step = STEPS[path.stem]
        shown = [name for name in step.writes if view.columns(name)]
        assert book.sheetnames == ["About", *shown, "Definitions"]
        for name in shown:
            sheet = book[name]
            assert [cell.value for cell in sheet[1]] == view.columns(name)
            assert sheet.max_row == 3
            assert sheet.freeze_panes is not None
            assert sheet.auto_filter.ref.startswith("A1:")
        assert "unit of measure" in [cell.value for cell in book["Definitions"][1]]
        explained = {(row[0].value, row[1].value or "") for row in book["Definitions"].rows}
        for name in shown:
            assert {(name, column) for column in view.columns(name)} <= explained


def test_a_table_without_rows_is_named_and_has_no_sheet(tmp_path: Path) -> None:
    """Nobody turns over empty sheets; what the table would hold stays among the definitions."""
    workbook = make_workbook(tmp_path / "acme")
    step = next(one for one in STEPS.values() if len(one.writes) > 2)
    bare, *full = step.writes
    workbook.write(bare, TABLES[bare].empty())
    for name in full:
        workbook.write(name, example_rows(name, "x"))
    book = openpyxl.load_workbook(write_step_files(workbook)[0])
    assert bare not in book.sheetnames
    assert set(full) <= set(book.sheetnames)
    first = dict(book["About"].iter_rows(values_only=True))
    assert first["Without rows in this cycle, so without a sheet"] == bare
    assert bare in [cell.value for cell in book["Definitions"]["A"]]


def test_keys_of_ours_are_said_as_single_words_are(tmp_path: Path) -> None:
    """A key with a lower dash is spoken as its words; an unknown one stays as it is."""
    frame = pd.DataFrame({"phase": ["tender", "design_institute", "no_such_key"],
                          "note": ["tender", "design_institute", "x"]}, dtype="object")  # fmt: skip
    columns = [SheetColumn("phase", "category"), SheetColumn("note")]
    with speaking("zh"):
        write(tmp_path / "a.xlsx", Sheet(name="x", columns=columns, frame=frame, told="cells"))
        spoken = [say("tender"), say("design institute"), "no_such_key"]
    rows = list(openpyxl.load_workbook(tmp_path / "a.xlsx")["x"].iter_rows(min_row=2))
    assert [row[0].value for row in rows] == spoken
    assert "design" not in spoken[1]
    assert rows[1][1].value == "design_institute"  # a text is no key


def test_values_keep_their_kind(tmp_path: Path) -> None:
    """Ids stay text, dates are dates, numbers are numbers, also negative ones, shares percent."""
    columns = {"rep_id": "id", "day": "date", "change": "amount", "rate": "share", "ok": "bool",
               "deals": "int"}  # fmt: skip
    frame = pd.DataFrame({
        "rep_id": ["007", "1e5"], "day": pd.to_datetime(["2026-03-31", "1776-07-04"]),
        "change": [-12.5, None], "rate": [0.25, float("inf")],
        "ok": pd.array([True, None], dtype="boolean"),
        "deals": pd.array([3, 2**60], dtype="Int64"),
    })  # fmt: skip
    sheet = Sheet(name="x", frame=frame,
                  columns=[SheetColumn(name, kind) for name, kind in columns.items()])  # fmt: skip
    write(tmp_path / "a.xlsx", sheet)
    rows = list(openpyxl.load_workbook(tmp_path / "a.xlsx")["x"].iter_rows(min_row=2))
    assert [cell.value for cell in rows[0]] == [
        "007", datetime.datetime(2026, 3, 31), -12.5, 0.25, True, 3]  # fmt: skip
    assert [cell.value for cell in rows[1]] == ["1e5", "1776-07-04", None, "inf", None, str(2**60)]
    assert [cell.number_format for cell in rows[0]][:4] == ["@", "yyyy-mm-dd", "#,##0", "0.0 %"]


def test_long_text_is_cut_visibly_and_reported(tmp_path: Path) -> None:
    """Text longer than a cell ends with a mark, and the file says which column was cut."""
    texts = ["a" * 40_000, "🙂" * 20_000, "b" * LONGEST_TEXT]
    notes = write(tmp_path / "a.xlsx", make_sheet(note=texts))
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    values = [cell.value for cell in book["rows"]["A"]][1:]
    assert values[0].endswith("… [cut: 40,000 characters]")
    assert values[1].endswith("… [cut: 20,000 characters]")
    assert values[2] == texts[2]
    assert all(len(value.encode("utf-16-le")) // 2 <= LONGEST_TEXT for value in values)
    assert notes == ["rows, column note: 2 texts longer than 32,767 characters cut and "
                     "marked"]  # fmt: skip
    assert notes[0] in [cell.value for cell in book["About"]["B"]]


def test_control_characters_do_not_break_the_file(tmp_path: Path) -> None:
    """Control characters and half characters become spaces; Excel's own escapes stay text."""
    texts = ["a\x00b\x0bc", "a\ud800b", "_x0041_", "a\r\nb"]
    write(tmp_path / "a.xlsx", make_sheet(note=texts))
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["rows"]
    assert [cell.value for cell in sheet["A"]][1:] == ["a b c", "a b", "_x0041_", "a\nb"]


def test_the_same_content_gives_the_same_bytes(
    filled: Workbook, written: dict[Path, bytes]
) -> None:
    """Files carry no time of their making."""
    assert {path: path.read_bytes() for path in write_step_files(filled)} == written


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (["a" * 40], ["a" * 31]),
        (["a" * 40, "A" * 35], ["a" * 31, "A" * 29 + " 2"]),
        (["a[b]:*?/\\c"], ["a b      c"]),
        (["'x'", "", "History"], ["x", "sheet", "History_"]),
        (["=1+1", "区域", "a\x00b"], ["=1+1", "区域", "ab"]),
    ],
)
def test_sheet_names_are_valid(wanted: list[str], names: list[str]) -> None:
    """Tabs have names that Excel takes, each once."""
    assert sheet_names(wanted) == names


def test_rows_beyond_a_sheet_are_reported(tmp_path: Path, monkeypatch: Any) -> None:
    """What does not fit into a sheet is left out by count, never silently."""
    monkeypatch.setattr("planlib.exchange.sheets.MOST_ROWS", 2)
    notes = write(tmp_path / "a.xlsx", make_sheet(name=["a", "b", "c"]))
    assert notes == ["rows: the last 1 of 3 rows are left out, more than a sheet holds"]


def test_sensitive_columns_need_an_audience(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column with pay is there for those who see pay; for others only its absence is told."""
    name, column = mark_sensitive(monkeypatch, "pay")
    plan = "report:\n  audiences:\n    leadership: {}\n    hr: {sees: [pay]}\n"
    workbook = make_workbook(tmp_path / "acme", plan)
    workbook.write(name, example_rows(name, "SECRET"))
    for audience, shown in (("hr", True), ("leadership", False)):
        path = write_step_files(workbook, audience)[0]
        header = [cell.value for cell in openpyxl.load_workbook(path)[name][1]]
        assert (column in header) is shown
        values = [cell.value for cell in cells(path)]
        assert (f"{name}.{column}" in values) is not shown
        assert (column in [cell.value for cell in openpyxl.load_workbook(path)["Definitions"]["B"]]
                ) is shown  # fmt: skip


def test_declared_sensitive_columns_stay_out(filled: Workbook) -> None:
    """No file for leaders, who see no class of personal data, has a sensitive column."""
    for path in write_step_files(filled, "leadership"):
        book = openpyxl.load_workbook(path)
        for name in set(STEPS[path.stem].writes) & set(book.sheetnames):
            hidden = set(TABLES[name].sensitive())
            assert not hidden & {cell.value for cell in book[name][1]}
