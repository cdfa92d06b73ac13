"""The manager's view in a real browser: own accounts, a challenge, and nobody without token."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from planlib.review_view import PublishedPlan
from tests.browser.conftest import free_port
from tools.execute_notebooks import Project

pytestmark = pytest.mark.browser

MANAGERS = 2
HARM = '<script>document.title = "harmed"</script><img src=x onerror="document.title = 1">'


@dataclass
class Served:
    """A running view: its address with token, the workbook, manager and what was printed."""

    address: str
    workbook: Path
    manager: str
    process: subprocess.Popen[str]

    @property
    def base(self) -> str:
        """The address without the token."""
        return self.address.split("?")[0]


def managers_of(workbook: Path) -> list[str]:
    """Give the managers whose people have most accounts, none above the other."""
    plan = PublishedPlan(str(workbook))
    accounts = plan.tables().accounts
    reps = pd.read_parquet(next(workbook.glob("cycles/*/r*/inputs/reps.parquet")))
    boss = reps.set_index("rep_id")["manager_id"]
    return list(accounts["planned_id"].map(boss).dropna().value_counts().index[:MANAGERS])


@pytest.fixture(scope="module")
def served(software_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The view of one manager on a copy of the published sample."""
    pytest.importorskip("voila", reason="the review extra is not installed")
    workbook = tmp_path_factory.mktemp("review") / "software"
    shutil.copytree(software_project.workbook, workbook)
    manager = managers_of(workbook)[0]
    command = [sys.executable, "-m", "planlib", "review", str(workbook), "--manager", manager]
    process = subprocess.Popen(
        [*command, "--port", str(free_port())], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    address = ""
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"http://\S+", line)
        address = found[0] if found else address
        if "Ctrl-C" in line:
            break
    yield Served(address, workbook, manager, process)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(60)
    process.stdout.close()


@pytest.fixture(scope="module")
def page(served: Served, browser: Any) -> Iterator[Any]:
    """The view, opened with its token; no page error, and no other address is asked."""
    opened = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    asked: set[str] = set()
    opened.on("request", lambda one: asked.add("/".join(one.url.split("/")[:3]) + "/"))
    opened.set_default_timeout(120_000)
    for _ in range(20):
        try:
            opened.goto(served.address)
            break
        except Exception as error:  # noqa: BLE001 - the server may not listen yet
            problems_before = str(error)
            opened.wait_for_timeout(500)
    else:
        raise AssertionError(problems_before)
    opened.get_by_role("tab", name="Accounts", exact=True).wait_for()
    yield opened
    opened.close()
    assert problems == []
    assert {one for one in asked if not one.startswith("data:")} == {served.base}


def keep(page: Any, name: str) -> None:
    """Keep a picture where PLANLIB_SCREENSHOTS names a folder."""
    folder = os.environ.get("PLANLIB_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"review-{name}.png")


def tab(page: Any, name: str) -> Any:
    """Open a tab and give what it shows."""
    page.get_by_role("tab", name=name, exact=True).click()
    keep(page, name)
    return page.locator(".widget-tab-contents")


def status_of(address: str) -> int:
    """Ask for an address as a stranger."""
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - our own server
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_own_accounts_are_shown_and_no_others(page: Any, served: Served) -> None:
    """The filter finds an own account by id; another manager's account is found nowhere."""
    plan = PublishedPlan(str(served.workbook))
    mine, every = plan.tables(served.manager).accounts, plan.tables().accounts
    other = every[~every["account_id"].isin(mine["account_id"])].iloc[0]
    shown = tab(page, "Accounts")
    own = mine.iloc[-1]["account_id"]
    find = shown.get_by_placeholder("account, id or words of the reason")
    find.fill(own)
    find.press("Enter")
    shown.get_by_text("1 to 1 of 1").wait_for()
    assert own in shown.inner_text()
    find.fill(other["account_id"])
    find.press("Enter")
    shown.get_by_text("no account fits the filter").wait_for()
    assert other["account_id"] not in page.content()
    assert other["name"] not in page.content()
    find.fill("")
    find.press("Enter")
    shown.get_by_text(f"1 to 10 of {len(mine):,}").wait_for()


def test_pay_is_not_there_for_an_audience_that_may_not_see_it(page: Any) -> None:
    """Quotas say who decides that, and each other tab has its table."""
    assert "may not see pay" in tab(page, "Quotas").inner_text()
    assert "Each territory against its target" in tab(page, "Balance").inner_text()
    assert "Key accounts of this view" in tab(page, "Key accounts").inner_text()


def test_a_challenge_is_kept_and_its_note_is_text(page: Any, served: Served) -> None:
    """The row is in overrides/challenges.csv alone; script in the note is shown, and never run."""
    folder = served.workbook / "overrides"
    before = {file.name: file.read_bytes() for file in folder.glob("*.csv")}
    account = PublishedPlan(str(served.workbook)).tables(served.manager).accounts.iloc[0]
    shown = tab(page, "Challenge")
    shown.get_by_role("button", name="Send challenge").click()
    shown.get_by_text("choose an account", exact=True).wait_for()
    field = shown.get_by_label("account", exact=True)
    field.fill(account["account_id"])
    field.press("Enter")
    wanted = shown.get_by_label("wanted rep", exact=True)
    wanted.locator("option").nth(1).wait_for(state="attached")
    wanted.select_option(index=1)
    shown.get_by_label("reason", exact=True).select_option(label="relation")
    note = shown.get_by_label("why (note)", exact=True)
    note.fill(HARM)
    note.press("Tab")
    shown.get_by_role("button", name="Send challenge").click()
    shown.get_by_text("Saved as").wait_for()
    shown.get_by_text(HARM, exact=True).wait_for()
    keep(page, "sent")
    assert page.title() not in ("harmed", "1")
    after = {file.name: file.read_bytes() for file in folder.glob("*.csv")}
    assert {name for name in after if after[name] != before.get(name)} == {"challenges.csv"}
    assert after["challenges.csv"].startswith(before["challenges.csv"])
    kept = PublishedPlan(str(served.workbook)).challenges().iloc[-1]
    assert kept["account_id"] == account["account_id"]
    assert kept["why"] == HARM
    assert kept["who"].startswith(served.manager)


@pytest.mark.parametrize(
    "path",
    ["", "?token=", f"?token={secrets.token_hex(8)}", "login", "api/kernels/none",
     "voila/render/review.ipynb", "voila/files/review.ipynb"],
)  # fmt: skip
def test_nobody_gets_in_without_the_token(served: Served, path: str) -> None:
    """No token, a blank or a wrong one, or another path: 403, and no kernel is started."""
    assert status_of(served.base + path) == 403


def test_a_visitor_cannot_run_code(page: Any, served: Served, tmp_path: Path) -> None:
    """A message that asks the kernel to run code is not handed on, even with the cookie."""
    proof = tmp_path / "ran"
    kernel = json.loads(page.locator("#jupyter-config-data").inner_text()).get("kernelId")
    message = {
        "header": {"msg_id": "m1", "username": "", "session": "s", "msg_type": "execute_request",
                   "version": "5.3", "date": "2026-01-01T00:00:00Z"},
        "parent_header": {}, "metadata": {}, "channel": "shell", "buffers": [],
        "content": {"code": f"open({str(proof)!r}, 'w')", "silent": False, "store_history": False,
                    "user_expressions": {}, "allow_stdin": False, "stop_on_error": True},
    }  # fmt: skip
    page.evaluate(
        """([kernel, message]) => new Promise((done, fail) => {
          const at = location.origin.replace("http", "ws");
          const socket = new WebSocket(`${at}/api/kernels/${kernel}/channels`);
          socket.onopen = () => { socket.send(JSON.stringify(message)); setTimeout(done, 3000); };
          socket.onerror = () => fail(new Error("the socket was refused"));
        })""",
        [kernel, message],
    )
    assert not proof.exists()


def test_it_stops_at_once_and_leaves_nothing(served: Served, page: Any) -> None:
    """Ctrl-C ends the server with its kernels; the exit code is 0."""
    del page
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(60) == 0
    assert served.process.stdout is not None
    assert "stopped" in served.process.stdout.read()
    with pytest.raises(urllib.error.URLError):
        status_of(served.base)
