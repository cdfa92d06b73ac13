"""The report in a real browser: alone, whole and inside the window."""

from __future__ import annotations

from pathlib import Path

import pytest

from planlib.report import build_report
from tests.report_workbook import make_workbook
from tests.test_report import HARM, fill

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser extra is not installed")
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report whose tables hold harmful text."""
    return build_report(fill(make_workbook(tmp_path_factory.mktemp("page") / "acme"), HARM))


@pytest.mark.parametrize("width", [1280, 390])
def test_report_opens_alone_and_fits(browser: sync_api.Browser, report: Path, width: int) -> None:
    """It asks for no other file, runs nothing, logs nothing, and needs no sideways scrolling."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(report.as_uri())
    assert [url for url in asked if not url.startswith("data:")] == [report.as_uri()]
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("img").count() > 0
    assert page.evaluate("[...document.images].every(one => one.naturalWidth > 0)")
    page.close()
