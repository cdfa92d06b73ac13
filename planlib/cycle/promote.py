"""Publish without running notebooks: the draft of an interactive session, or a new report."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import Any

from planlib import steps as registry
from planlib.cycle import finish as finishing
from planlib.cycle.building import (
    Building,
    link_file,
    open_building,
    published_steps,
    read_unfinished,
)
from planlib.cycle.fingerprint import package_versions
from planlib.cycle.selection import steps_in_use, writer_of
from planlib.errors import WorkbookError
from planlib.plan import load_plan
from planlib.store.content import hash_file
from planlib.store.frames import frame_facts
from planlib.store.layout import FACTS, CycleFolder, cycle_folder, find_workbook
from planlib.store.lock import hold
from planlib.store.resolve import revision_as_of
from planlib.store.scope import RunScope
from planlib.store.workbook import Workbook

Finishers = tuple[finishing.Finisher, ...] | None


def publish_draft(workbook: str | Path, cycle: str | int, *, finishers: Finishers = None) -> Path:
    """
    Make a new revision of the published one and the tables of the draft, and empty the draft.

    Returns
    -------
    Path
        The new revision.

    Raises
    ------
    WorkbookError
        If there is no draft, or an unfinished run that the new revision would leave behind.
    """
    return _publish(workbook, cycle, finishers, with_draft=True)


def rebuild_report(workbook: str | Path, cycle: str | int, *, finishers: Finishers = None) -> Path:
    """
    Make a new revision with the published tables and a new report and new Excel files.

    Returns
    -------
    Path
        The new revision.

    Raises
    ------
    WorkbookError
        If nothing is published yet, or a run is unfinished.
    """
    return _publish(workbook, cycle, finishers, with_draft=False)


def _publish(
    workbook: str | Path, cycle: str | int, finishers: Finishers, *, with_draft: bool
) -> Path:
    root = find_workbook(workbook)
    plan = load_plan(root)
    period = plan.period(cycle)
    folder = cycle_folder(root, period.name, plan.fiscal_year.fiscal_year())
    _check(folder, with_draft)
    with hold(folder.path / "lock", f"publishing {root.name} {period.name}"):
        building = open_building(folder)
        current = folder.current()
        for name, record in published_steps(folder).items():
            if current is not None:
                building.carry(name, record, current)
        if with_draft:
            _take_draft(building, steps_in_use(registry.STEPS, plan))
        wb = Workbook(
            root,
            plan,
            period,
            as_of=revision_as_of(building.path) or (revision_as_of(current) if current else None),
            scope=RunScope(building.path),
        )
        for one in finishing.finishers() if finishers is None else finishers:
            one(wb)
        finish = finishing.finish_fingerprint(plan, finishers)
        manifest = finishing.make_manifest(wb, building.steps, finish, package_versions())
        revision = building.publish(manifest)
        if with_draft:
            _empty(folder)
    return revision


def _check(folder: CycleFolder, with_draft: bool) -> None:
    if with_draft and not any(folder.draft.glob("*/*.parquet")):
        raise WorkbookError(
            f"{folder.cycle} has no draft to publish; notebooks that a person runs write one"
        )
    if not with_draft and folder.current() is None:
        raise WorkbookError(f"{folder.cycle} has no published revision yet; run the cycle first")
    if read_unfinished(folder):
        raise WorkbookError(
            f"{folder.cycle} has an unfinished run; finish it, or throw it away "
            "with --restart, then try again"
        )


def _take_draft(building: Building, steps: dict[str, registry.Step]) -> None:
    """Lay the draft's tables over those of the published revision, and say so in the records."""
    draft = building.folder.draft
    changed: dict[str, dict[str, Any]] = {}
    if (draft / "inputs" / FACTS).is_file():
        intake = next(iter(steps))
        kept = {
            name: output
            for name, output in building.steps.get(intake, {}).get("outputs", {}).items()
            if not output["place"].startswith("inputs/")
        }
        shutil.rmtree(building.path / "inputs", ignore_errors=True)
        link_file(draft / "inputs" / FACTS, building.path / "inputs" / FACTS)
        changed[intake] = kept
    for path in sorted(draft.glob("*/*.parquet")):
        writer = writer_of(steps, path.stem)
        if writer is None:
            raise WorkbookError(f"the draft holds '{path.stem}', which no step in use writes")
        outputs = changed.setdefault(
            writer, dict(building.steps.get(writer, {}).get("outputs", {}))
        )
        place = path.relative_to(draft).as_posix()
        link_file(path, building.path / place)
        outputs[path.stem] = {**frame_facts(path), "file": hash_file(path), "place": place}
    for writer, outputs in changed.items():
        (building.path / "notebooks" / f"{writer}.ipynb").unlink(missing_ok=True)
        building.note(
            writer,
            state="succeeded",
            outputs=outputs,
            carried="",
            upstream={},
            previous={},
            fingerprint={"draft": "published by a person"},
            reason=["published from the draft"],
        )


def _empty(folder: CycleFolder) -> None:
    doomed = folder.path / f".old-{uuid.uuid4().hex[:8]}"
    folder.draft.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)
