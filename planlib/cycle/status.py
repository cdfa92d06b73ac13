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
    """
    State of one cycle: what is published, and what an unfinished run has left.

    ``unfinished`` says so where a process works on the cycle now; failures of earlier runs are
    then left out.
    """

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
        published_at=_minute(at),
        unfinished=_unfinished(folder),
        has_draft=any(folder.draft.rglob("*.parquet")),
    )


def _unfinished(folder: CycleFolder) -> str:
    """Say what is under way, or how an unfinished run stands; without a process it was killed."""
    steps = read_unfinished(folder)
    facts = _run_facts(folder.building)
    held = holder(folder.path / "lock")
    if held is not None:
        return _under_way(held, facts, steps)
    if not folder.building.is_dir() or not steps:
        return ""
    broken = _broken(steps)
    state = str(facts.get("state", "killed"))
    if state == "running":
        state = "killed"
    return f"{state}: {', '.join(broken)}" if broken else state


def _under_way(
    held: Mapping[str, Any], facts: Mapping[str, Any], steps: Mapping[str, Mapping[str, Any]]
) -> str:
    """Say since when a process works on a cycle, at which steps, and what failed in this run."""
    since = str(held.get("since", ""))
    what = str(held.get("purpose", ""))
    is_run = not what or what.startswith("a run of ")
    text = f"{'running' if is_run else what} since {_minute(since)} (process {held.get('pid')})"
    begun = str(facts.get("started", ""))
    if not is_run or facts.get("state") != "running" or begun[:19] < since[:19]:
        return text  # what run.json says is of an earlier run
    mine = {
        name: record
        for name, record in steps.items()
        if str(record.get("ended" if _is_broken(record) else "started", "")) >= begun
    }
    now = [name for name, record in mine.items() if record.get("state") == "running"]
    text += f": {', '.join(now)}" if now else ""
    broken = _broken(mine)
    return text + (f"; so far {', '.join(broken)}" if broken else "")


def _is_broken(record: Mapping[str, Any]) -> bool:
    return record.get("state") in ("failed", "timed_out", "killed", "blocked")


def _broken(steps: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [
        f"{name} {str(record['state']).replace('_', ' ')}"
        for name, record in steps.items()
        if _is_broken(record)
    ]


def _minute(moment: object) -> str:
    return str(moment)[:16].replace("T", " ")


def _run_facts(folder: Path) -> Mapping[str, Any]:
    try:
        return dict(read_json(folder / RUN))
    except WorkbookError:
        return {}
