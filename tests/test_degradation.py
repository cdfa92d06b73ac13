"""A cycle completes with whatever the workbook has, and says what is missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from matplotlib import pyplot

import planlib
from planlib.steps import STEPS
from planlib.store.workbook import Workbook
from planlib.tables import TABLES
from tests.notebooks.in_process import run_cycle, run_notebook

TINY = Path(__file__).parent / "data" / "tiny"
TABLES_OF_TINY = sorted(file.stem for file in (TINY / "inputs").glob("*") if file.stem in TABLES)
CYCLE = "2026Q1"
LITTLE_WORK = """
council: {colour_weeks: 8, past_periods: 2}
forecast: {draws: 200, test_draws: 100, history_periods: 4}
movement: {slip_periods: 1}
pipeline: {weeks: 6}
ranking: {draws: 500, simulations: 100, history_months: 3}
simulator: {seeds: 2, days: 28}
territory_decisions: {history_draws: 100}
"""


#: Of each column of a table whether no value is missing, some or all; a table without rows has "".
Gaps = dict[str, str]


@dataclass(frozen=True)
class Whole:
    """The tiny workbook after a cycle with all its tables, and what each step asked for."""

    workbook: Path
    gaps: dict[str, Gaps]
    reads: dict[str, set[str]]
    writes: dict[str, set[str]]


@pytest.fixture(autouse=True)
def _close_pictures(monkeypatch):
    """Pictures are drawn without a screen and closed again; nobody waits for the disk."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setattr(os, "fsync", lambda handle: None)
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
    with (workbook / "plan.yaml").open("a", encoding="utf-8") as plan:
        plan.write(LITTLE_WORK)
    return workbook


def gaps(workbook: Path, tables: Collection[str] = tuple(TABLES)) -> dict[str, Gaps]:
    """Tell what tables in the draft lack: the table itself, its rows, values of a column."""
    draft = planlib.open_workbook(workbook, CYCLE).folder.draft
    return {path.stem: _gaps(path) for path in draft.glob("*/*.parquet") if path.stem in tables}


def _gaps(path: Path) -> Gaps:
    frame = pq.read_table(path)
    size = len(frame)
    lost = [column.null_count for column in frame.columns]
    words = ["" if not size else "none" if not n else "all" if n == size else "some" for n in lost]
    return dict(zip(frame.column_names, words, strict=True))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """A cycle with every table; tests copy it, so that only what differs is computed again."""
    workbook = make_workbook(tmp_path_factory.mktemp("whole"), set(TABLES_OF_TINY))
    reads: dict[str, set[str]] = {name: set() for name in STEPS}
    writes: dict[str, set[str]] = {name: set() for name in STEPS}
    sources, write = Workbook.sources, Workbook.write
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLBACKEND", "agg")
        for name in STEPS:
            patch.setattr(Workbook, "sources", _noting(reads[name], sources))
            patch.setattr(Workbook, "write", _noting(writes[name], write))
            run_notebook(name, workbook=str(workbook), cycle=CYCLE)
    return Whole(workbook, gaps(workbook), reads, writes)


def _noting(names, method):
    def noting(self, table, *more):
        names.add(table)
        return method(self, table, *more)

    return noting


def run_without(whole: Whole, folder: Path, missing: str) -> tuple[Path, set[str]]:
    """
    Run a cycle without one table: the steps that read it, and those for which more is missing.

    Where a step gets every table and column that it had, with other figures, it has nothing less
    to work with; its tables of ``whole`` are kept.

    Returns
    -------
    tuple
        The workbook, and the steps that were run; of the others the tables of ``whole`` stand.
    """
    workbook = Path(shutil.copytree(
        whole.workbook, folder / "tiny", ignore=shutil.ignore_patterns("history")
    ))  # fmt: skip
    for file in (workbook / "inputs").glob(f"{missing}.*"):
        file.unlink()
    before, now = planlib.open_workbook(whole.workbook, CYCLE).as_of, dict(whole.gaps)
    ran = set()
    for name, step in STEPS.items():
        wb = planlib.open_workbook(workbook, CYCLE)
        is_first = name == "01_intake"
        is_possible = is_first or all(wb.has(table) for table in step.required)
        differs = {table for table in step.reads if now.get(table) != whole.gaps.get(table)}
        if is_possible and not is_first and not differs and wb.as_of == before:
            continue
        for table in step.writes:
            (wb.target / "tables" / f"{table}.parquet").unlink(missing_ok=True)
        if is_possible:
            run_notebook(name, workbook=str(workbook), cycle=CYCLE)
            ran.add(name)
        written = TABLES if is_first else step.writes
        now = {table: found for table, found in now.items() if table not in written}
        now |= gaps(workbook, written)
    return workbook, ran


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
        "travel_times",
        "territory_targets",
        "support_requests",
        "experts",
        "expert_leave",
        "partner_deals",
        "account_spend",
        "meetings",
        "onboarding",
        "one_on_ones",
    }


@pytest.mark.parametrize("missing", TABLES_OF_TINY)
def test_a_cycle_completes_without_any_one_table(whole, tmp_path, missing):
    """Taking one table away leaves every step that can be computed without it."""
    steps = possible(set(TABLES_OF_TINY) - {missing})
    workbook, ran = run_without(whole, tmp_path, missing)
    assert {name for name in steps if missing in STEPS[name].reads} <= ran <= steps
    wb = planlib.open_workbook(workbook, CYCLE)
    for name, step in STEPS.items():
        assert all(wb.has(table) == (name in steps) for table in step.writes), name


@pytest.mark.parametrize(
    "keep", [("accounts", "reps"), ("accounts",), ("opportunities",)], ids="+".join
)
def test_a_cycle_completes_with_the_least(tmp_path, keep):
    """Accounts and reps alone, accounts alone, opportunities alone: each gives what it can."""
    workbook = make_workbook(tmp_path, set(keep))
    steps = possible(set(keep))
    assert set(run_cycle(workbook, steps)) == steps
    matrix = planlib.open_workbook(workbook, CYCLE).read("computability")
    assert len(matrix)


def test_what_is_missing_is_named_not_zero(tmp_path):
    """Without opportunities the matrix of intake says which sections need them."""
    workbook = make_workbook(tmp_path, {"accounts", "reps"})
    run_cycle(workbook, {"01_intake"})
    matrix = planlib.open_workbook(workbook, CYCLE).read("computability")
    text = matrix.astype("str").agg(" ".join, axis=1)
    assert text.str.contains("opportunities").any()


def test_steps_say_what_the_notebooks_read_and_write(whole):
    """What a notebook asks the store for, and what it writes, is what steps.py declares."""
    assert whole.writes == {name: set(step.writes) for name, step in STEPS.items()}
    for name, step in STEPS.items():
        if name != "01_intake":  # it takes in files
            assert whole.reads[name] == set(step.reads), name
