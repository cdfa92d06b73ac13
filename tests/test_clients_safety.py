"""Files that harm or mislead: refused by name, and nothing is changed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from planlib.clients import (
    check_answers,
    new_workbook,
    propose_map,
    read_settings_sheet,
    update_workbook,
    write_settings_sheet,
)
from planlib.errors import InputError, ParameterError, WorkbookError
from planlib.intake.read import read_file
from planlib.plan import Plan, load_plan
from planlib.settings.inputs import Source


def packed(*, bomb: bool = False) -> bytes:
    """A file packed like an Excel file; as a bomb, a few bytes that unpack to 60 MB."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        if bomb:
            archive.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    return stream.getvalue()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A workbook with its settings sheet."""
    (tmp_path / "plan.yaml").write_text("name: Acme\n")
    write_settings_sheet(tmp_path, tmp_path / "settings.xlsx")
    return tmp_path


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "encrypted or old binary Excel file"),
        (packed(bomb=True), "unpacks from .* not read"),
        (packed(), "damaged or not understood"),
        (b"name,value\n", "not an Excel file"),
    ],
    ids=["password", "bomb", "empty", "text"],
)
def test_a_harmful_settings_sheet_is_refused(place: Path, content: bytes, message: str) -> None:
    """By name of the file; plan.yaml keeps every byte."""
    before = (place / "plan.yaml").read_bytes()
    (place / "back.xlsx").write_bytes(content)
    with pytest.raises(InputError, match=f"(?s)back.xlsx.*{message}"):
        read_settings_sheet(place, place / "back.xlsx")
    assert (place / "plan.yaml").read_bytes() == before


def test_a_harmful_export_gives_no_map(place: Path) -> None:
    """A packed bomb is not unpacked to guess at its columns."""
    (place / "deals.xlsx").write_bytes(packed(bomb=True))
    with pytest.raises(InputError, match="unpacks from"):
        propose_map(place / "deals.xlsx")
    assert not (place / "maps").exists()


def test_a_sheet_with_macros_is_refused(place: Path) -> None:
    """A sheet saved with a macro part is refused by name; nothing is run and nothing taken."""
    book = openpyxl.load_workbook(place / "settings.xlsx")
    book.save(place / "settings.xlsm")
    with zipfile.ZipFile(place / "settings.xlsm", "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"Sub Auto_Open()")
    with pytest.raises(InputError, match=r"settings\.xlsm: the file has macros"):
        read_settings_sheet(place, place / "settings.xlsm")


def test_formatted_blank_rows_are_no_rows(tmp_path: Path) -> None:
    """Rows that were only formatted, down to the last one of a sheet, hold nothing."""
    book = openpyxl.Workbook()
    page = book.active
    page.append(["Deal ID", "Deal Value", "Est Close Date", "Deal Stage"])
    page.append(["D1", 100, "2026-03-31", "Won"])
    for row in (5000, 1_048_576):
        page.cell(row, 1).number_format = "@"
    book.save(tmp_path / "deals.xlsx")
    (found,) = propose_map(tmp_path / "deals.xlsx")
    assert len(found.sheet.frame) == 1
    assert found.table == "opportunities"


def changed(path: Path, part: str, old: str, new: str) -> None:
    """Replace a text in one part of an Excel file."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part].decode()
    parts[part] = parts[part].decode().replace(old, new, 1).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def deals(path: Path) -> Path:
    """An Excel file with one deal."""
    book = openpyxl.Workbook()
    book.active.append(["opportunity_id", "amount"])
    book.active.append(["D1", 100])
    book.save(path)
    return path


def test_intake_reads_a_file_with_macros_and_runs_none(tmp_path: Path) -> None:
    """As Excel stores it: its own content type, a macro part, a button; only cells are read."""
    path = deals(tmp_path / "deals.xlsm")
    changed(
        path,
        "[Content_Types].xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 Sub Auto_Open() Shell")
    (sheet,) = read_file(path, Source(path="deals.xlsm"))
    assert sheet.frame.to_numpy().tolist() == [["D1", "100"]]


@pytest.mark.parametrize("row", ['<row r="{0}" s="1"/>', '<row r="{0}"><c r="A{0}" s="0"/></row>'])
def test_intake_reads_no_row_of_a_million_blank_ones(tmp_path: Path, row: str) -> None:
    """A column formatted to the end of the sheet, and rows that are really stored, hold nothing."""
    path = deals(tmp_path / "deals.xlsx")
    numbers = [*range(3, 20_003), 1_048_576]
    blank = "".join(row.format(number) for number in numbers)
    changed(path, "xl/worksheets/sheet1.xml", "</sheetData>", f"{blank}</sheetData>")
    (sheet,) = read_file(path, Source(path="deals.xlsx"))
    assert len(sheet.frame) == 1


NAMES = ["华东  客户", "O'Brien & Söhne {x}; $HOME `id` 100% #1"]
WRONG = ["../up", "NUL", "con.x", "COM1", "LPT9.txt", "a.", "a ", "a:b", "a*", "x\x00y"]


@pytest.mark.parametrize("name", NAMES)
def test_a_client_may_be_called_so(tmp_path: Path, name: str) -> None:
    """As a folder and in plan.yaml; an update finds it and changes nothing."""
    root = new_workbook(tmp_path / name, check_answers(name=name))
    assert load_plan(root).name == name
    assert update_workbook(root) == []
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", WRONG)
def test_a_client_may_not_be_called_so(tmp_path: Path, name: str) -> None:
    """Names that lead elsewhere or that Windows keeps for itself make no folder."""
    place = tmp_path / "clients"
    place.mkdir()
    with pytest.raises(WorkbookError, match="no folder for a client|no name of a folder"):
        new_workbook(f"{place}/{name}", check_answers(name="x"))
    assert list(place.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["clients"]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Settings of a client with a plain name."""
    return load_plan(
        new_workbook(tmp_path_factory.mktemp("plain") / "a", check_answers(name="plain"))
    )


ANSWERS = ["!!binary aGk= &a [*a, {b: c}] # z", "'\" - | >", "{{ 7*7 }}{% raw %}", "2026-01-01"]


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_never_read_as_yaml(tmp_path: Path, plain: Plan, answer: str) -> None:
    """It is the name, letter for letter, and no other setting changes."""
    plan = load_plan(new_workbook(tmp_path / "client", check_answers(name=answer)))
    assert plan.name == answer
    assert plan.model_copy(update={"name": "plain"}) == plain


@pytest.mark.parametrize("answer", ["x\nrun: {workers: 64}", "x\r- y", "x\x85y", "x\u2028y"])
def test_an_answer_of_several_lines_is_refused(answer: str) -> None:
    """A second line would be a line of plan.yaml."""
    with pytest.raises(ParameterError, match="a name in one line"):
        check_answers(name=answer)
