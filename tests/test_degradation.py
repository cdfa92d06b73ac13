"""A cycle completes with whatever the workbook has, and says what is missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from matplotlib import pyplot

import planlib
from planlib.steps import STEPS
from planlib.store.workbook import Workbook
from planlib.tables import TABLES
from tests.notebooks.in_process import run_cycle, run_notebook

TINY = Path(__file__).parent / "data" / "tiny"
TABLES_OF_TINY = sorted(file.stem for file in (TINY / "inputs").glob("*") if file.stem in TABLES)


@pytest.fixture(autouse=True)
def _close_pictures(monkeypatch):
    """Pictures are drawn without a screen and closed again."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


def make_workbook(folder: Path, keep: set[str]) -> Path:
    """Copy the tiny workbook with only some of its input tables."""
    workbook = folder / "tiny"
    shutil.copytree(TINY, workbook, ignore=shutil.ignore_patterns("cycles", "history", "overrides"))
    for file in (workbook / "inputs").iterdir():
        if file.stem not in keep:
            file.unlink()
    return workbook


def possible(keep: set[str]) -> set[str]:
    """Give the steps that some tables allow."""
    allowed = set(keep)
    steps = set()
    for name, step in STEPS.items():
        if not step.missing(allowed):
            steps.add(name)
            allowed |= set(step.writes)
    return steps


def test_the_tiny_workbook_has_the_tables_that_steps_read():
    """The tests below take away something that is there; a software firm has no projects."""
    inputs = {name for step in STEPS.values() for name in step.reads if step.name != "01_intake"}
    inputs = {name for name in inputs if TABLES[name].role == "input"}
    assert inputs - set(TABLES_OF_TINY) == {
        "opportunity_teams",
        "projects",
        "payments",
        "support_requests",
        "experts",
        "expert_leave",
    }


def touched(missing: str) -> set[str]:
    """Give the steps that see whether a table is there, directly or by what other steps write."""
    changed, steps = {missing}, set()
    for name, step in STEPS.items():
        if changed & set(step.reads):
            steps.add(name)
            changed |= set(step.writes)
    for name, step in reversed(STEPS.items()):  # and those that write what these read
        if any(set(step.writes) & set(STEPS[reader].reads) for reader in steps):
            steps.add(name)
    return steps


def test_a_step_is_touched_by_what_it_reads_and_by_what_was_made_of_it():
    """Splits matter to territories, pipeline, council, which need segments; activities to all."""
    told = {"01_intake", "02_segmentation", "03_territories", "06_pipeline", "07_council"}
    assert touched("splits") == told
    assert touched("bookings") == {"01_intake"}
    assert touched("activities") == set(STEPS)


@pytest.mark.parametrize("missing", TABLES_OF_TINY)
def test_a_cycle_completes_without_any_one_table(tmp_path, missing):
    """Taking one table away leaves every step that can be computed without it."""
    keep = set(TABLES_OF_TINY) - {missing}
    workbook = make_workbook(tmp_path, keep)
    steps = possible(keep) & touched(missing)  # the others do not see the difference
    assert set(run_cycle(workbook, steps)) == steps
    wb = planlib.open_workbook(workbook, "2026Q1")
    for step in steps:
        assert all(wb.has(table) for table in STEPS[step].writes), step


@pytest.mark.parametrize(
    "keep", [("accounts", "reps"), ("accounts",), ("opportunities",)], ids="+".join
)
def test_a_cycle_completes_with_the_least(tmp_path, keep):
    """Accounts and reps alone, accounts alone, opportunities alone: each gives what it can."""
    workbook = make_workbook(tmp_path, set(keep))
    steps = possible(set(keep))
    assert set(run_cycle(workbook, steps)) == steps
    matrix = planlib.open_workbook(workbook, "2026Q1").read("computability")
    assert len(matrix)


def test_what_is_missing_is_named_not_zero(tmp_path):
    """Without opportunities the matrix of intake says which sections need them."""
    workbook = make_workbook(tmp_path, {"accounts", "reps"})
    run_cycle(workbook, {"01_intake"})
    matrix = planlib.open_workbook(workbook, "2026Q1").read("computability")
    text = matrix.astype("str").agg(" ".join, axis=1)
    assert text.str.contains("opportunities").any()


def test_steps_say_what_the_notebooks_read_and_write(tmp_path, monkeypatch):
    """What a notebook asks the store for, and what it writes, is what steps.py declares."""
    asked: dict[str, set[str]] = {"reads": set(), "writes": set()}
    sources, write = Workbook.sources, Workbook.write

    def asks(self, table):
        asked["reads"].add(table)
        return sources(self, table)

    def writes(self, table, frame):
        asked["writes"].add(table)
        write(self, table, frame)

    monkeypatch.setattr(Workbook, "sources", asks)
    monkeypatch.setattr(Workbook, "write", writes)
    workbook = make_workbook(tmp_path, set(TABLES_OF_TINY))
    for name, step in STEPS.items():
        asked |= {"reads": set(), "writes": set()}
        run_notebook(name, workbook=str(workbook), cycle="2026Q1")
        assert asked["writes"] == set(step.writes), name
        if name != "01_intake":
            assert asked["reads"] == set(step.reads), name
