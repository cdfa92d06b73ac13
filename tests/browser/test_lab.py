"""Every notebook opens and runs in JupyterLab in a real browser, and its widgets answer."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tools.execute_notebooks import Project

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
START_SECONDS = 90
NOTEBOOK_SECONDS = 240
#: No news covers the page; cells that are out of sight stay in it.
SETTINGS = {
    "apputils-extension/notification.jupyterlab-settings": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    "notebook-extension/tracker.jupyterlab-settings": {"windowingMode": "none"},
}
#: Waits until the notebook of the tab is open and its kernel answers.
READY = """async () => {
  const app = window.jupyterapp;
  await app.restored;
  const panel = app.shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
}"""
#: Runs all cells and gives the number of code cells, of counted ones, and the error outputs.
RUN_ALL = """async () => {
  const app = window.jupyterapp;
  await app.commands.execute("notebook:run-all-cells");
  const cells = Array.from(app.shell.currentWidget.context.model.cells)
    .filter(cell => cell.type === "code" && cell.sharedModel.getSource().trim());
  const errors = [];
  for (const cell of cells) {
    for (const output of cell.sharedModel.getOutputs()) {
      if (output.output_type === "error") errors.push(output.ename + ": " + output.evalue);
    }
  }
  return {cells: cells.length, run: cells.filter(cell => cell.executionCount).length, errors};
}"""


@pytest.fixture(scope="module")
def lab(software_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a JupyterLab of its own on a copy of notebooks and sample; stopped afterwards."""
    home = tmp_path_factory.mktemp("lab")
    folders = {
        name: str(home / name.lower())
        for name in (
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
            "JUPYTERLAB_SETTINGS_DIR",
            "JUPYTERLAB_WORKSPACES_DIR",
            "IPYTHONDIR",
        )
    }
    for name, chosen in SETTINGS.items():
        path = Path(folders["JUPYTERLAB_SETTINGS_DIR"]) / "@jupyterlab" / name
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(chosen), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    options = ["--no-browser", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    options += [
        "--expose-app-in-browser",
        "--allow-root",
        f"--notebook-dir={software_project.folder}",
    ]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options],
        env={**os.environ, **folders, "JUPYTER_TOKEN": token},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api?token={token}", server)
        yield f"{address}/lab/tree/{{path}}?token={token}&reset"
    finally:
        server.terminate()
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(30)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab stopped with {server.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise TimeoutError("JupyterLab did not answer")


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """A headless Chromium."""
    if not CHROMIUM:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        yield opened
        opened.close()


def lines_of(file: Path) -> list[str]:
    """Give the lines of a file of decisions, or none."""
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []


def area_of(page: Any, button: str) -> Any:
    """Give the output that holds a button."""
    return page.locator(".jp-OutputArea-output").filter(
        has=page.get_by_role("button", name=button, exact=True)
    )


def sign(area: Any, button: str) -> None:
    """Say who decides and why, and press the button."""
    area.get_by_placeholder("your name", exact=True).fill("Ann")
    area.get_by_placeholder("the reason", exact=True).fill("a try")
    area.get_by_role("button", name=button, exact=True).click()


def look_back(page: Any, workbook: Path) -> None:
    """A slider moved by one week measures the matrix again, as of an earlier day."""
    del workbook  # nothing is stored
    box = page.locator(".jp-OutputArea-output").filter(has=page.get_by_text("weeks_back"))
    day = re.compile(r"until (\d{4}-\d{2}-\d{2})")
    before = day.findall(box.last.inner_text())
    box.last.locator(".noUi-handle").nth(1).press("ArrowRight")
    page.wait_for_function(
        "([box, day]) => /until \\d/.test(box.innerText) && !box.innerText.includes(day)",
        arg=[box.last.element_handle(), f"until {before[0]}"],
    )
    after = day.findall(box.last.inner_text())
    assert (date.fromisoformat(before[0]) - date.fromisoformat(after[0])).days == 7


def decide_on_owners(page: Any, workbook: Path) -> None:
    """Words narrow the grid down; another owner is stored with name and reason."""
    file = workbook / "overrides" / "territories.csv"
    before = lines_of(file)
    area = area_of(page, "Save decisions").last
    area.get_by_text("1 to 8 of").wait_for()
    words = area.get_by_placeholder("account, id or words of the reason")
    words.fill("A-012853")
    words.press("Enter")
    area.get_by_text("1 to 1 of 1", exact=False).wait_for()
    area.locator("select").last.select_option(index=1)
    sign(area, "Save decisions")
    area.get_by_text("Saved").wait_for()
    added = lines_of(file)[len(before) :]
    assert len(added) == 1
    assert "A-012853" in added[0]
    assert "Ann" in added[0]


def hold_council(page: Any, workbook: Path) -> None:
    """An action without a name is refused; signed, it stands in the log, as does the meeting."""
    actions, meetings = (workbook / "overrides" / f"council_{name}.csv"
                         for name in ("actions", "meetings"))  # fmt: skip
    before = len(lines_of(actions)), len(lines_of(meetings))
    grid = area_of(page, "Save actions").last
    grid.locator("select").first.select_option(index=1)
    grid.get_by_role("button", name="Save actions", exact=True).click()
    grid.get_by_text("Not saved").wait_for()
    assert len(lines_of(actions)) == before[0]
    sign(grid, "Save actions")
    grid.get_by_text("Saved as").wait_for()
    assert len(lines_of(actions)) == before[0] + 1
    form = area_of(page, "Save meeting").last
    form.get_by_placeholder("one decision per line").fill("Call the ten largest accounts")
    sign(form, "Save meeting")
    form.get_by_text("Saved as").wait_for()
    assert "Call the ten largest accounts" in lines_of(meetings)[-1]


#: What a person does in a notebook that has run.
USES: dict[str, Callable[[Any, Path], None]] = {
    "03_territories.ipynb": decide_on_owners,
    "06_pipeline.ipynb": look_back,
    "07_council.ipynb": hold_council,
}
NOTEBOOKS = sorted(file.name for file in (Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_without_error(lab, browser, software_project, name):
    """Run all cells: every code cell runs, no cell and no page has an error, widgets answer."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_default_timeout(NOTEBOOK_SECONDS * 1000)
    page.goto(lab.format(path=f"notebooks/{name}"))
    page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.context")
    page.evaluate(READY)
    result = page.evaluate(RUN_ALL)
    folder = os.environ.get("PLANLIB_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")
    assert result["errors"] == []
    assert result["run"] == result["cells"] > 0
    if name in USES:
        USES[name](page, software_project.workbook)
    page.close()
    assert problems == []
