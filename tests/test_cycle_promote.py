"""Publishing without notebooks, and the status of a workbook."""

from __future__ import annotations

import datetime
import os

import pandas as pd
import pytest

import planlib
from planlib.cycle.promote import publish_draft, rebuild_report
from planlib.cycle.status import cycle_status, step_status
from planlib.errors import WorkbookError
from planlib.store.atomic import write_json
from planlib.store.layout import CycleFolder
from planlib.store.lock import hold
from planlib.tables import TABLES

DAY = datetime.date(2026, 3, 31)
CYCLE = "2026Q1"


@pytest.fixture
def root(tmp_path):
    """A workbook with a draft of its accounts."""
    (tmp_path / "plan.yaml").write_text("")
    accounts = TABLES["accounts"].coerce(pd.DataFrame({"account_id": ["A"], "name": ["old"]}))
    planlib.open_workbook(tmp_path, CYCLE).write_inputs({"accounts": accounts}, as_of=DAY)
    return tmp_path


def report(wb):
    """Stand for the report."""
    (wb.target / "report.html").write_text(" ".join(wb.read("accounts")["name"]))


def test_a_draft_becomes_a_revision_and_is_emptied(root):
    """Its tables are read from the revision then."""
    revision = publish_draft(root, CYCLE, finishers=(report,))
    wb = planlib.open_workbook(root, CYCLE)
    assert str(wb.sources("accounts")) == "2026Q1/r1"
    assert wb.as_of == DAY
    assert (revision / "report.html").read_text() == "old"
    assert not wb.folder.draft.exists()
    with pytest.raises(WorkbookError, match="no draft to publish"):
        publish_draft(root, CYCLE, finishers=())


def test_a_draft_is_laid_over_what_is_published(root):
    """What the draft does not have is taken over; r1 stays as it was."""
    r1 = publish_draft(root, CYCLE, finishers=())
    before = (r1 / "inputs" / "accounts.parquet").read_bytes()
    wb = planlib.open_workbook(root, CYCLE)
    wb.write("accounts", wb.read("accounts").assign(name="new"))
    r2 = publish_draft(root, CYCLE, finishers=(report,))
    assert (r2 / "report.html").read_text() == "new"
    assert (r1 / "inputs" / "accounts.parquet").read_bytes() == before
    assert planlib.open_workbook(root, CYCLE).as_of == DAY


def test_a_report_is_built_anew_as_a_revision(root):
    """The tables are the same, the old report stays."""
    with pytest.raises(WorkbookError, match="no published revision yet"):
        rebuild_report(root, CYCLE, finishers=(report,))
    r1 = publish_draft(root, CYCLE, finishers=())
    r2 = rebuild_report(root, CYCLE, finishers=(report,))
    assert r2.name == "r2"
    assert not (r1 / "report.html").exists()
    assert (r2 / "inputs" / "accounts.parquet").read_bytes() == (
        r1 / "inputs" / "accounts.parquet"
    ).read_bytes()


def test_an_unfinished_run_is_not_left_behind(root):
    """Publishing would throw away what it has done."""
    write_json(
        CycleFolder(root, CYCLE).building / "run.json",
        {"state": "failed", "steps": {"01_intake": {"state": "failed"}}},
    )
    with pytest.raises(WorkbookError, match="has an unfinished run"):
        publish_draft(root, CYCLE, finishers=())


def test_status_of_cycles(root):
    """Published, unfinished and draft are told apart."""
    publish_draft(root, CYCLE, finishers=())
    write_json(
        CycleFolder(root, "2026Q2").building / "run.json",
        {"state": "running", "steps": {"02_segmentation": {"state": "timed_out"}}},
    )
    first, second = cycle_status(root)
    assert (first.cycle, first.revision, first.as_of, first.unfinished) == (
        "2026Q1",
        "r1",
        "2026-03-31",
        "",
    )
    assert (second.cycle, second.revision) == ("2026Q2", "")
    assert second.unfinished == "killed: 02_segmentation timed out"


FAILED = {"state": "failed", "ended": "2020-01-01T00:00:00.000+00:00"}


def test_status_says_that_a_run_is_under_way_instead_of_an_old_failure(root):
    """The lock tells it before run.json does; afterwards the failure is told again."""
    folder = CycleFolder(root, "2026Q2")
    facts = {"state": "failed", "started": FAILED["ended"], "steps": {"02_segmentation": FAILED}}
    write_json(folder.building / "run.json", facts)
    with hold(folder.path / "lock", f"a run of {root.name} 2026Q2"):
        one = next(one for one in cycle_status(root) if one.cycle == "2026Q2")
        assert one.unfinished.startswith("running since 20")
        assert one.unfinished.endswith(f"(process {os.getpid()})")
        assert "failed" not in one.unfinished
    one = next(one for one in cycle_status(root) if one.cycle == "2026Q2")
    assert one.unfinished == "failed: 02_segmentation failed"


def test_status_names_the_steps_at_work_and_what_failed_in_this_run(root):
    """A failure of the run before, which is tried again later, is not this run's."""
    folder = CycleFolder(root, "2026Q2")
    begun = "2199-01-01T00:00:00.000+00:00"
    steps = {
        "02_segmentation": FAILED,
        "03_territories": {"state": "running", "started": begun},
        "06_pipeline": {"state": "timed_out", "started": begun, "ended": begun},
    }
    facts = {"state": "running", "started": begun, "steps": steps}
    write_json(folder.building / "run.json", facts)
    with hold(folder.path / "lock", f"a run of {root.name} 2026Q2"):
        one = next(one for one in cycle_status(root) if one.cycle == "2026Q2")
    assert one.unfinished.endswith("): 03_territories; so far 06_pipeline timed out")


def test_status_names_other_work_on_a_cycle(root):
    """Publishing and pruning hold the cycle too."""
    folder = CycleFolder(root, "2026Q2")
    with hold(folder.path / "lock", "publishing it"):
        one = next(one for one in cycle_status(root) if one.cycle == "2026Q2")
    assert one.unfinished.startswith("publishing it since 20")


@pytest.mark.parametrize(
    ("on", "state"),
    [
        ("2026-03-31", "done"),
        ("2026-04-05", "done"),
        ("2026-04-06", "due"),
        ("2026-04-13", "overdue"),
    ],
)
def test_status_of_steps(root, on, state):
    """A weekly step is done in the week of its as-of date, then due, then overdue."""
    steps = {"06_pipeline": {"state": "succeeded"}}
    folder = CycleFolder(root, CYCLE)
    write_json(folder.path / "r1" / "manifest.json", {"as_of": "2026-03-31", "steps": steps})
    folder.point_to(1)
    found = {one.step: one.state for one in step_status(root, datetime.date.fromisoformat(on))}
    assert found["06_pipeline"] == state
    assert found["01_intake"] == "with every run"
    assert found["02_segmentation"] == "due"
