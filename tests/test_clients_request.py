"""The data request: complete in both languages, and only for what is used."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from planlib.clients import write_request
from planlib.clients.blank_inputs import input_tables
from planlib.clients.request import chinese_words
from planlib.errors import WorkbookError
from planlib.intake.matrix import SECTIONS
from planlib.steps import STEPS


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, ...]]]:
    """The rows of the request of a client that uses territories and projects alone."""
    root = tmp_path_factory.mktemp("client")
    off = "[04_quotas, 05_key_accounts, 06_pipeline, 07_council, 08_routing, 10_team]"
    (root / "plan.yaml").write_text(f"name: =Acme\nrun: {{off: {off}}}\n")
    write_request(root, root / "request.xlsx")
    book = openpyxl.load_workbook(root / "request.xlsx")
    return {page.title: list(page.iter_rows(values_only=True)) for page in book}


def test_every_word_of_the_request_has_a_chinese_one() -> None:
    """Tables, columns, steps, sections and reasons: none is missing, none is left over."""
    words = chinese_words()
    tables = input_tables()
    assert set(words["tables"]) == {table.name for table in tables}
    assert set(words["columns"]) == {column.name for table in tables for column in table.columns}
    assert set(words["steps"]) == {step.title for step in STEPS.values()}
    assert set(words["sections"]) == {section.name for section in SECTIONS}
    assert set(words["unlocks"]) == {section.unlocks for section in SECTIONS}


def test_all_steps_together_have_a_request(tmp_path: Path) -> None:
    """A workbook that switches nothing off gets its file, in both languages."""
    (tmp_path / "plan.yaml").write_text("name: Acme\n")
    count = write_request(tmp_path, tmp_path / "request.xlsx")
    book = openpyxl.load_workbook(tmp_path / "request.xlsx")
    assert book["Tables"].max_row == book["数据清单"].max_row == count + 1


def test_only_what_the_steps_in_use_read_is_asked_for(
    sheets: dict[str, list[tuple[str, ...]]],
) -> None:
    """Required tables come first; those of steps that are off are not asked for."""
    files = [row[0] for row in sheets["Tables"][1:]]
    assert files[:3] == ["accounts.xlsx", "reps.xlsx", "opportunities.xlsx"]
    assert "projects.xlsx" in files
    assert "leads.xlsx" not in files
    assert [row[0] for row in sheets["数据清单"][1:]] == files


def test_a_table_is_asked_for_with_period_reason_and_loss(
    sheets: dict[str, list[tuple[str, ...]]],
) -> None:
    """File, need, period, why, and what is lost without it, in both languages."""
    english = {row[0]: row for row in sheets["Tables"]}
    chinese = {row[0]: row for row in sheets["数据清单"]}
    assert english["projects.xlsx"][3] == "the last 36 months"
    assert "Territories cannot run" in english["accounts.xlsx"][5]
    assert "who owns which account" in english["reps.xlsx"][4]
    assert "Projects: no cash by milestone" in english["payments.xlsx"][5]
    assert chinese["accounts.xlsx"][1:4] == ("客户", "必须", "截至数据日期的现状")
    assert "区域划分无法进行" in chinese["accounts.xlsx"][5]


def test_columns_are_asked_for_with_their_reason(sheets: dict[str, list[tuple[str, ...]]]) -> None:
    """A column that a section needs says why; a required one is marked."""
    rows = {(row[0], row[1]): row for row in sheets["Columns"]}
    assert rows["accounts.xlsx", "account_id"][2] == "yes"
    assert "territories that hang together" in rows["accounts.xlsx", "latitude"][6]
    chinese = {(row[0], row[1]): row for row in sheets["列清单"]}
    assert chinese["accounts.xlsx", "latitude"][2] == "纬度"


def test_a_name_is_no_formula(sheets: dict[str, list[tuple[str, ...]]]) -> None:
    """The client's name stands as text."""
    assert ("Workbook / 工作簿", "=Acme") in sheets["About"]


def test_a_table_that_no_single_result_needs_says_which_steps_it_helps(tmp_path: Path) -> None:
    """No table is asked for without a why, in either language."""
    (tmp_path / "plan.yaml").write_text("name: Acme\n")
    write_request(tmp_path, tmp_path / "request.xlsx")
    book = openpyxl.load_workbook(tmp_path / "request.xlsx")
    for name in ("Tables", "数据清单"):
        rows = {row[0]: row for row in book[name].iter_rows(min_row=2, values_only=True)}
        assert all(row[4] for row in rows.values())
        assert ("Pipeline" if name == "Tables" else "商机管道") in rows["forecast_calls.xlsx"][4]


def test_a_request_has_the_name_of_an_excel_file(tmp_path: Path) -> None:
    """Excel would not open another name."""
    (tmp_path / "plan.yaml").write_text("name: Acme\n")
    with pytest.raises(WorkbookError, match="ends in .xlsx"):
        write_request(tmp_path, tmp_path / "request.csv")
