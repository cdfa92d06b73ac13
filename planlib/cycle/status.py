"""What of a workbook is published, unfinished, due and overdue."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planlib import steps as registry
from planlib.cycle.building import published_manifest, read_unfinished
from planlib.cycle.selection import steps_in_use
from planlib.errors import WorkbookError
from planlib.periods import Period
from planlib.plan import load_plan
from planlib.store.atomic import read_json
from planlib.store.layout import RUN, CycleFolder, all_cycles, find_workbook
from planlib.store.lock import holder


@dataclass(frozen=True, kw_only=True)
class CycleStatus:
    """State of one cycle: what is published, and what an unfinished run has left."""

    cycle: str
    revision: str
    as_of: str
    published_at: str
    unfinished: str
    has_draft: bool


@dataclass(frozen=True, kw_only=True)
class StepStatus:
    """When a step was last done, and whether it is due: ``done``, ``due``, ``overdue``."""

    step: str
    cadence: str
    last: str
    as_of: str
    state: str


def cycle_status(workbook: str | Path) -> list[CycleStatus]:
    """Give the state of every cycle of a workbook, oldest first."""
    root = find_workbook(workbook)
    fiscal_year = load_plan(root).fiscal_year.fiscal_year()
    return [_cycle(folder) for folder in all_cycles(root, fiscal_year)]


def step_status(workbook: str | Path, on: datetime.date) -> list[StepStatus]:
    """
    Tell which steps are due on a day.

    Parameters
    ----------
    workbook
        The workbook.
    on
        The day; a step is done when a published revision has an as-of date in the step's current
        period (or later), due when it has one in the period before, else overdue.
    """
    root = find_workbook(workbook)
    plan = load_plan(root)
    fiscal_year = plan.fiscal_year.fiscal_year()
    last: dict[str, tuple[datetime.date, str]] = {}
    for folder in all_cycles(root, fiscal_year):
        manifest = published_manifest(folder)
        for name, record in manifest.get("steps", {}).items():
            day = datetime.date.fromisoformat(manifest["as_of"])
            if record["state"] == "succeeded" and (name not in last or day >= last[name][0]):
                last[name] = (day, folder.cycle)
    found = []
    for name, step in steps_in_use(registry.STEPS, plan).items():
        period = Period.of(on, step.cadence, fiscal_year)
        known = last.get(name)
        found.append(
            StepStatus(
                step=name,
                cadence=step.cadence,
                last=known[1] if known else "",
                as_of=known[0].isoformat() if known else "",
                state=_state(known[0] if known else None, period, step.cadence),
            )
        )
    return found


def _state(day: datetime.date | None, period: Period, cadence: str) -> str:
    if cadence == "day":
        return "with every run"
    if day is None:
        return "due"
    if day >= period.start:
        return "done"
    return "due" if day >= period.shift(-1).start else "overdue"


def _cycle(folder: CycleFolder) -> CycleStatus:
    current = folder.current()
    manifest = published_manifest(folder)
    at = _run_facts(current).get("ended", "") if current else ""
    return CycleStatus(
        cycle=folder.cycle,
        revision=current.name if current else "",
        as_of=manifest.get("as_of", ""),
        published_at=str(at)[:16].replace("T", " "),
        unfinished=_unfinished(folder),
        has_draft=any(folder.draft.rglob("*.parquet")),
    )


def _unfinished(folder: CycleFolder) -> str:
    """Say how an unfinished run stands; one whose process is gone was killed."""
    steps = read_unfinished(folder)
    if not folder.building.is_dir() or not steps:
        return ""
    broken = [
        f"{name} {record['state'].replace('_', ' ')}"
        for name, record in steps.items()
        if record.get("state") in ("failed", "timed_out", "killed", "blocked")
    ]
    state = str(_run_facts(folder.building).get("state", "killed"))
    if state == "running" and holder(folder.path / "lock") is None:
        state = "killed"
    return f"{state}: {', '.join(broken)}" if broken else state


def _run_facts(folder: Path) -> Mapping[str, Any]:
    try:
        return dict(read_json(folder / RUN))
    except WorkbookError:
        return {}
