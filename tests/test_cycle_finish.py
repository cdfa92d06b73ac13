"""Tests of planlib.cycle.finish."""

import shutil

from planlib.cycle import finish
from planlib.plan import Plan
from planlib.resources import templates_dir


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
