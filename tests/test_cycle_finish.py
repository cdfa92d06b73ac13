"""Tests of planlib.cycle.finish."""

import shutil

import pytest

from planlib.cycle import finish
from planlib.exchange import write_step_files
from planlib.plan import Plan
from planlib.resources import templates_dir
from tests.report_workbook import example_rows, make_workbook

ANY = ("segments", "pipeline_attention")


@pytest.fixture
def filled(tmp_path):
    """A workbook in which two steps have written."""
    wb = make_workbook(tmp_path / "acme")
    for name in ANY:
        wb.write(name, example_rows(name, "text"))
    return wb


def files_of(folder):
    """Give the content of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_changed_template_makes_the_report_anew(tmp_path, monkeypatch):
    """Report and Excel files depend on the page's template, not on code and settings alone."""
    shutil.copytree(templates_dir() / "report", tmp_path / "report")
    monkeypatch.setattr(finish, "templates_dir", lambda: tmp_path)
    before = finish.finish_fingerprint(Plan(), None)
    assert finish.finish_fingerprint(Plan(), None) == before
    style = tmp_path / "report" / "report.css"
    style.write_text(style.read_text(encoding="utf-8") + "\n/* */\n", encoding="utf-8")
    after = finish.finish_fingerprint(Plan(), None)
    assert [part for part in after if after[part] != before[part]] == ["templates"]


def test_side_by_side_and_one_after_another_give_the_same_files(filled):
    """A process of its own for the Excel files changes no byte of any file."""
    finish.finish(filled, None, side_by_side=True)
    beside = files_of(filled.target)
    books = {"exchange/02_segmentation.xlsx", "exchange/06_pipeline.xlsx"}
    assert {"report.html", *books} <= {*beside}
    shutil.rmtree(filled.target / "exchange")
    finish.finish(filled, None, side_by_side=False)
    assert files_of(filled.target) == beside


def test_what_goes_wrong_beside_is_done_here_and_said(filled, monkeypatch):
    """Where the process fails, this one writes the files and raises what is wrong."""
    target = filled.target / "exchange"
    monkeypatch.setattr(finish, "finishers", lambda: (write_step_files, build_report))
    target.write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(OSError, match="exchange"):
        finish.finish(filled, None, side_by_side=True)
    target.unlink()
    finish.finish(filled, None, side_by_side=True)
    assert (target / "02_segmentation.xlsx").is_file()


def build_report(wb):
    """Stand for a report that takes no time."""
