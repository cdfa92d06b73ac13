"""Every notebook opens and runs in JupyterLab in a real browser, and its widgets answer."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from planlib.displays import humanize

pytestmark = pytest.mark.browser

NOTEBOOK_SECONDS = 600
#: Waits until the notebook of the tab is open and its kernel answers.
READY = """async () => {
  const app = window.jupyterapp;
  await app.restored;
  const panel = app.shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
}"""
#: Restarts the kernel, runs all cells and gives the number of code cells, of counted ones, and
#: the error outputs.
RUN_ALL = """async () => {
  const app = window.jupyterapp;
  const panel = app.shell.currentWidget;
  await panel.sessionContext.session.kernel.restart();
  await panel.sessionContext.session.kernel.info;
  await app.commands.execute("notebook:run-all-cells");
  const cells = Array.from(panel.context.model.cells)
    .filter(cell => cell.type === "code" && cell.sharedModel.getSource().trim());
  const errors = [];
  for (const cell of cells) {
    for (const output of cell.sharedModel.getOutputs()) {
      if (output.output_type === "error") errors.push(output.ename + ": " + output.evalue);
    }
  }
  return {cells: cells.length, run: cells.filter(cell => cell.executionCount).length, errors};
}"""
#: What JupyterLab itself throws for a message that was under way when a kernel was restarted.
RESTARTED = "Error: Canceled future for"
#: Gives the outputs that are wider than their place and have no bar to scroll, and text that is
#: cut off in a card of key figures.
CUT_OFF = """() => {
  const wide = Array.from(document.querySelectorAll(".jp-OutputArea-output")).filter(area => {
    const bar = getComputedStyle(area).overflowX;
    return bar !== "auto" && bar !== "scroll" && area.scrollWidth > area.clientWidth + 1;
  });
  const cut = Array.from(document.querySelectorAll(".pl-fact")).filter(
    card => card.scrollWidth > card.clientWidth + 1);
  return [...wide, ...cut].map(one => one.innerText.slice(0, 120));
}"""


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


def fill(area: Any, description: str, text: str) -> None:
    """Fill in a text of a form; what follows on the change has happened when this returns."""
    field = area.get_by_label(description, exact=True).first
    field.fill(text)
    field.press("Enter")


def added_row(area: Any, file: Path, before: int, button: str) -> str:
    """Sign and save; exactly one line is new in the file, and signed."""
    sign(area, button)
    area.get_by_text("Saved as").wait_for()
    added = lines_of(file)[before or 1 :]
    assert len(added) == 1
    assert "Ann" in added[0]
    assert "a try" in added[0]
    return added[0]


def save_in_grid(page: Any, file: Path, column: str, **chosen: str) -> str:
    """Fill in the first row of the grid that has a column, and save it."""
    before = len(lines_of(file))
    area = (
        area_of(page, "Save decisions")
        .filter(has=page.get_by_label(humanize(column), exact=True))
        .last
    )
    area.get_by_text("1 to", exact=False).first.wait_for()
    area.get_by_role("button", name="Save decisions", exact=True).click()
    area.get_by_text("nothing is decided", exact=False).wait_for()
    for name, value in chosen.items():
        field = area.get_by_label(humanize(name), exact=True).first
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            fill(area, humanize(name), value)
    area.get_by_text("1 filled in", exact=False).wait_for()
    return added_row(area, file, before, "Save decisions")


def decide_on_a_segment(page: Any, workbook: Path) -> str:
    """A slider recomputes at once; a decision on an account is stored."""
    sliders = page.locator(".jp-OutputArea-output").filter(
        has=page.get_by_text("potential_quantile")
    )
    before = sliders.last.inner_text()
    sliders.last.locator(".noUi-handle").last.press("ArrowLeft")
    page.wait_for_function("([box, old]) => box.innerText !== old && box.innerText.length > 200",
                           arg=[sliders.last.element_handle(), before])  # fmt: skip
    file = workbook / "overrides" / "segments.csv"
    form = area_of(page, "Save decision").last
    fill(form, "account", "A-012853")
    fill(form, "Workload hours", "77")
    row = added_row(form, file, len(lines_of(file)), "Save decision")
    assert "A-012853" in row
    return ""


def decide_on_owners(page: Any, workbook: Path) -> str:
    """Words narrow the grid down; another owner is stored; so is a challenge."""
    file = workbook / "overrides" / "territories.csv"
    before = len(lines_of(file))
    area = area_of(page, "Try: solve again").last
    area.get_by_text("1 to 8 of").wait_for()
    words = area.get_by_placeholder("account, id or words of the reason")
    words.fill("A-012853")
    words.press("Enter")
    area.get_by_text("1 to 1 of 1", exact=False).wait_for()
    area.locator("select").last.select_option(index=1)
    assert "A-012853" in added_row(area, file, before, "Save decisions")
    return ""


def set_a_quota(page: Any, workbook: Path) -> str:
    """A quota shows at once what the others of the level get; saved, it is stored."""
    file = workbook / "overrides" / "quotas.csv"
    form = area_of(page, "Save quota").last
    options = form.locator("datalist option")
    fill(form, "whose quota", str(options.first.get_attribute("value")))
    fill(form, "yearly quota", "900000")
    form.get_by_text("What the level then gets", exact=False).wait_for()
    assert "900000" in added_row(form, file, len(lines_of(file)), "Save quota")
    return ""


def confirm_a_need(page: Any, workbook: Path) -> str:
    """A need that was proposed is confirmed, and a rating that was asked for is given."""
    folder = workbook / "overrides"
    row = save_in_grid(page, folder / "need_proposals.csv", "is_confirmed", is_confirmed="yes")
    assert "True" in row
    assert ",7," in save_in_grid(page, folder / "account_ratings.csv", "rating", rating="7")
    return ""


def look_back(page: Any, workbook: Path) -> str:
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
    return ""


def hold_council(page: Any, workbook: Path) -> str:
    """An action without a name is refused; signed, it stands in the log, as does the meeting."""
    actions, meetings = (workbook / "overrides" / f"council_{name}.csv"
                         for name in ("actions", "meetings"))  # fmt: skip
    before = len(lines_of(actions))
    grid = area_of(page, "Save actions").last
    grid.locator("select").first.select_option(index=1)
    grid.get_by_role("button", name="Save actions", exact=True).click()
    grid.get_by_text("Not saved").wait_for()
    assert len(lines_of(actions)) == before
    added_row(grid, actions, before, "Save actions")
    form = area_of(page, "Save meeting").last
    form.get_by_placeholder("one decision per line").fill("Call the ten largest accounts")
    sign(form, "Save meeting")
    form.get_by_text("Saved as").wait_for()
    assert "Call the ten largest accounts" in lines_of(meetings)[-1]
    return "Call the ten largest accounts"


def try_a_policy(page: Any, workbook: Path) -> str:
    """Another policy shows at once who would have had which leads; a review is stored."""
    box = page.locator(".jp-OutputArea-output").filter(
        has=page.get_by_text("share that goes by turn", exact=True)).last  # fmt: skip
    policy = box.locator("select").first
    policy.select_option(label="round_robin")
    box.get_by_text("policy: round_robin", exact=False).wait_for()
    moved = re.findall(r"at least ([\d,]+) of", box.inner_text())
    assert int(moved[0].replace(",", "")) > 0
    file = workbook / "overrides" / "ranking_reviews.csv"
    form = area_of(page, "Save review").last
    fill(form, "step", "Two calls a week together")
    assert "Two calls a week" in added_row(form, file, len(lines_of(file)), "Save review")
    return ""


def decide_on_requests(page: Any, workbook: Path) -> str:
    """A gate and a request of an expert are decided in their grids."""
    folder = workbook / "overrides"
    assert "hold" in save_in_grid(
        page, folder / "project_gates.csv", "gate", phase="tender", gate="hold"
    )
    assert "refuse" in save_in_grid(page, folder / "support_locks.csv", "rule", rule="refuse")
    return ""


def choose_a_remedy(page: Any, workbook: Path) -> str:
    """What is done about an indicator of a team is stored with its first day."""
    row = save_in_grid(page, workbook / "overrides" / "team_remedies.csv", "remedy",
                       remedy="One meeting less", start_date="2026-04-01")  # fmt: skip
    assert "One meeting less" in row
    return ""


#: What a person does in a notebook that has run; gives what the next run must show.
USES: dict[str, Callable[[Any, Path], str]] = {
    "02_segmentation.ipynb": decide_on_a_segment,
    "03_territories.ipynb": decide_on_owners,
    "04_quotas.ipynb": set_a_quota,
    "05_key_accounts.ipynb": confirm_a_need,
    "06_pipeline.ipynb": look_back,
    "07_council.ipynb": hold_council,
    "08_routing.ipynb": try_a_policy,
    "09_projects.ipynb": decide_on_requests,
    "10_team.ipynb": choose_a_remedy,
}
NOTEBOOKS = sorted(file.name for file in (Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def show(page: Any, name: str) -> None:
    """Keep pictures of the whole notebook where PLANLIB_SCREENSHOTS names a folder."""
    folder = os.environ.get("PLANLIB_SCREENSHOTS")
    if not folder:
        return
    areas = page.locator(".jp-Cell.jp-CodeCell .jp-OutputArea")
    for number in range(areas.count()):
        area = areas.nth(number)
        if area.locator("button, input, select").count():
            area.scroll_into_view_if_needed()
            area.screenshot(path=Path(folder) / f"{name}-{number:02d}.png")
    page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_without_error(lab, browser, software_project, name):
    """Restart and run all: no cell and no page has an error, nothing is cut off, widgets answer."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_default_timeout(NOTEBOOK_SECONDS * 1000)
    page.goto(lab.format(path=f"notebooks/{name}"))
    page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.context")
    page.evaluate(READY)
    result = page.evaluate(RUN_ALL)
    show(page, name)
    assert result["errors"] == []
    assert result["run"] == result["cells"] > 0
    assert page.evaluate(CUT_OFF) == []
    if name in USES:
        page.set_default_timeout(90_000)
        expected = USES[name](page, software_project.workbook)
        if expected:
            page.set_default_timeout(NOTEBOOK_SECONDS * 1000)
            assert page.evaluate(RUN_ALL)["errors"] == []
            page.locator(".jp-OutputArea-output").get_by_text(expected).first.wait_for()
    page.close()
    assert [one for one in problems if not one.startswith(RESTARTED)] == []


#: Runs the cells down to the search, interrupts the kernel at its first picture, and gives what
#: the cell then shows.
STOP_SEARCH = """async () => {
  const app = window.jupyterapp;
  const panel = app.shell.currentWidget;
  const cells = Array.from(panel.context.model.cells);
  const at = cells.findIndex(cell => cell.sharedModel.getSource().includes("solve_statement("));
  const model = cells[at].sharedModel;
  for (const cell of cells.slice(0, at + 1)) if (cell.type === "code") cell.clearExecution();
  panel.content.activeCellIndex = at;
  await app.commands.execute("notebook:run-all-above");
  panel.content.activeCellIndex = at;
  const done = app.commands.execute("notebook:run-cell");
  while (!model.getOutputs().length) await new Promise(next => setTimeout(next, 20));
  const pictures = model.getOutputs().filter(one => one.data && one.data["image/png"]).length;
  await panel.sessionContext.session.kernel.interrupt();
  await done;
  const errors = model.getOutputs().filter(one => one.output_type === "error");
  return {pictures, errors, text: JSON.stringify(model.getOutputs())};
}"""


def test_a_search_is_stopped_with_the_best_plan_so_far(lab, browser):
    """Bound and best plan are drawn while it runs; the square ends it, and a plan is shown."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(NOTEBOOK_SECONDS * 1000)
    page.goto(lab.format(path="notebooks/03_territories.ipynb"))
    page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.context")
    page.evaluate(READY)
    found = page.evaluate(STOP_SEARCH)
    page.close()
    assert found["errors"] == []
    assert found["pictures"] >= 1
    assert "stopped by a person: the best plan so far" in found["text"]
    assert "Accounts planned" in found["text"]
