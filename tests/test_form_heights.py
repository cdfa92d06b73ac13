"""Rows of a form are as high as their wrapped texts need, whatever program opens the file."""

from __future__ import annotations

import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from planlib.exchange.forms import FormColumn, FormSheet, write_form
from planlib.exchange.heights import LINE, row_height, wrapped_lines


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, 1),
        ("one two three", 8, 2),
        ("one two three", 13, 1),
        ("a_word_too_long_for_its_cell", 10, 3),
        ("first\nsecond", 20, 2),
        ("华东大区客户经理负责全部大客户", 10, 3),
        ("ab 华东大区", 6, 2),
    ],
)
def test_lines_of_a_wrapped_text(text: str, width: int, lines: int) -> None:
    """Words stay whole where they can; Chinese signs take two widths and break anywhere."""
    assert wrapped_lines(text, width) == lines


def test_a_row_has_the_height_of_its_longest_text_and_no_more_than_excel_takes() -> None:
    """A row of one line is left to the program."""
    assert row_height(["short", 3.0, None], [10, 10, 10]) is None
    assert row_height(["short", "four words in here"], [10, 6]) == 4 * LINE
    assert row_height(["x " * 5000], [10]) == 409.0


def test_heights_stand_in_the_file(tmp_path: Path) -> None:
    """Both the rows of a sheet with their header, and the pairs of the sheet About."""
    long = "A reason of many words that does not fit into one line of its narrow column"
    sheet = FormSheet(
        name="Rows",
        columns=(FormColumn(name="id", header="Id", kind="id", width=8),
                 FormColumn(name="why", header="Why this owner and no other one", kind="text",
                            width=20)),
        frame=pd.DataFrame({"id": ["a", "b"], "why": [long, "short"]}),
    )  # fmt: skip
    path = tmp_path / "form.xlsx"
    write_form(path, [sheet], about=[("What", long * 3)], stamp={"kind": "test"},
               created=datetime.date(2026, 3, 31), title="Test")  # fmt: skip
    book = openpyxl.load_workbook(path)
    heights = [book["Rows"].row_dimensions[row].height for row in (1, 2, 3)]
    assert heights == [2 * LINE, wrapped_lines(long, 22) * LINE, None]
    assert book["About"].row_dimensions[1].height == 3 * LINE
