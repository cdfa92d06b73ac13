"""Files that harm or mislead: refused by name, and nothing is changed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from planlib.clients import propose_map, read_settings_sheet, write_settings_sheet
from planlib.errors import InputError


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


def test_macros_are_not_run_and_do_not_matter(place: Path) -> None:
    """A sheet saved with a macro part is read like any other; the macro is never looked at."""
    book = openpyxl.load_workbook(place / "settings.xlsx")
    for key, cell, *_ in book["Usual"].iter_rows(min_row=2):
        if key.value == "currency":
            cell.value = "EUR"
    book.save(place / "settings.xlsm")
    with zipfile.ZipFile(place / "settings.xlsm", "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"Sub Auto_Open()")
    found = read_settings_sheet(place, place / "settings.xlsm")
    assert found.lines == ["currency: now EUR (it was at its default)"]


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
