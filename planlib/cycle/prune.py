"""Remove or move away what the rule of retention lets go, whole and never silently."""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import os
import shutil
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from planlib.cycle.retention import Verdict, judge_cycles
from planlib.errors import LockedError, WorkbookError
from planlib.periods import FiscalYear
from planlib.plan import load_plan
from planlib.store.atomic import write_bytes
from planlib.store.layout import all_cycles, find_workbook
from planlib.store.lock import hold, holder

#: What was removed, when and why; rows are only appended.
LOG = Path("history") / "pruned.csv"
_COLUMNS = ("at", "what", "state", "bytes", "reason", "moved_to")
_DOOMED = ".old-"
_LOCK = ".prune"


@dataclass(frozen=True)
class Pruning:
    """
    What a workbook keeps and lets go.

    Parameters
    ----------
    kept, gone
        Verdicts; ``gone`` are those to be removed, or that have been.
    sizes
        Bytes that each name in ``gone`` alone holds; files shared with a revision that stays
        count nothing.
    """

    kept: tuple[Verdict, ...]
    gone: tuple[Verdict, ...]
    sizes: dict[str, int]


def plan_pruning(workbook: str | Path, today: datetime.date) -> Pruning:
    """Say what would go, and why the rest stays; nothing is changed."""
    root = find_workbook(workbook)
    verdicts = judge_cycles(root, load_plan(root), today)
    gone = tuple(one for one in verdicts if not one.keep)
    return Pruning(tuple(one for one in verdicts if one.keep), gone, _sizes(gone))


def prune(
    workbook: str | Path, now: datetime.datetime, target: str | Path | None = None
) -> Pruning:
    """
    Remove what the rule lets go, or move it to another folder.

    Every removal is written to history/pruned.csv before and after it is done. A cycle or revision
    leaves the workbook by one rename, so that a process that is killed leaves it there or gone;
    the next call removes what was renamed and not yet deleted.

    Parameters
    ----------
    workbook
        The workbook.
    now
        Time for the log and for the days of superseded revisions.
    target
        Folder outside cycles/ that gets a copy before anything is removed, as
        WORKBOOK/2026Q1 or WORKBOOK/2026Q1-r1; None deletes.

    Raises
    ------
    LockedError
        If a run of any cycle is under way.
    WorkbookError
        If the target lies in the workbook's cycles, or holds something of that name.
    """
    root = find_workbook(workbook)
    plan = load_plan(root)
    place = None if target is None else _place(root, Path(target))
    (root / "cycles").mkdir(exist_ok=True)
    with hold(root / "cycles" / _LOCK, f"pruning {root.name}"):
        _refuse_running(root, plan.fiscal_year.fiscal_year())
        begun = _sweep(root, now)
        found = plan_pruning(root, now.date())
        _refuse_taken(found.gone, place, begun)
        for one in found.gone:
            _remove(root, one, found.sizes[one.name], now, place)
    return found


def _remove(
    root: Path, one: Verdict, size: int, now: datetime.datetime, place: Path | None
) -> None:
    goal = None if place is None else _goal(place, one.name)
    _log(root, one, "begun", size=size, now=now, goal=goal)
    cycle = root / "cycles" / one.name.split("/")[0]
    with contextlib.ExitStack() as held:
        held.enter_context(hold(cycle / "lock", f"pruning {one.name}"))
        if goal is not None:
            _copy(one.folder, goal)
        if os.name == "nt":  # an open file keeps its folder from being renamed
            held.close()
        doomed = one.folder.parent / f"{_DOOMED}{uuid.uuid4().hex[:8]}"
        one.folder.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)
    _log(root, one, "moved" if goal else "removed", size=size, now=now, goal=goal)


def _copy(source: Path, goal: Path) -> None:
    """Copy a folder so that its name appears when all of it is there; an earlier copy stays."""
    if goal.exists():
        return
    part = goal.with_name(f".{goal.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(source, part, ignore=shutil.ignore_patterns("lock"))
    part.rename(goal)


def _sweep(root: Path, now: datetime.datetime) -> dict[str, str]:
    """
    Finish what an earlier call was killed in.

    Returns
    -------
    dict
        Where copies were begun of what is still here, by name.
    """
    for pattern in (f"{_DOOMED}*", f"*/{_DOOMED}*"):
        for doomed in (root / "cycles").glob(pattern):
            shutil.rmtree(doomed, ignore_errors=True)
    last = {row["what"]: row for row in read_log(root)}
    begun = {name: row for name, row in last.items() if row["state"] == "begun"}
    for name, row in begun.items():
        if not (root / "cycles" / name).exists():
            state = "moved" if row["moved_to"] else "removed"
            _append(root, {**row, "at": now.isoformat(timespec="seconds"), "state": state})
    return {
        name: row["moved_to"] for name, row in begun.items() if (root / "cycles" / name).exists()
    }


def _refuse_running(root: Path, fiscal_year: FiscalYear) -> None:
    for folder in all_cycles(root, fiscal_year):
        other = holder(folder.path / "lock")
        if other is not None:
            raise LockedError(
                f"{other.get('purpose', 'a run')} is under way (process {other['pid']}); "
                "prune when it has ended"
            )


def _place(root: Path, target: Path) -> Path:
    place = target.resolve()
    if place == root or place.is_relative_to(root / "cycles") or root.is_relative_to(place):
        raise WorkbookError(
            f"{target} would hold the workbook or its own cycles; name a folder outside {root.name}"
        )
    return place / root.name


def _goal(place: Path, name: str) -> Path:
    """Give where a copy goes: revisions beside their cycle, which may be moved there later."""
    return place / name.replace("/", "-")


def _refuse_taken(gone: Iterable[Verdict], place: Path | None, begun: Mapping[str, str]) -> None:
    """Refuse to write over a copy, unless an earlier call has made it and was killed then."""
    if place is None:
        return
    goals = {one.name: _goal(place, one.name) for one in gone}
    taken = [
        str(goal) for name, goal in goals.items() if goal.exists() and begun.get(name) != str(goal)
    ]
    if taken:
        raise WorkbookError(
            f"there already: {', '.join(taken)}; name another folder, or move them away"
        )


def _sizes(gone: Iterable[Verdict]) -> dict[str, int]:
    """Bytes that go, by name; a file counts where its last link goes."""
    sizes: dict[str, int] = {}
    links: dict[tuple[int, int], int] = {}
    for one in gone:
        sizes[one.name] = 0
        for path in one.folder.rglob("*"):
            if path.is_symlink() or not path.is_file():
                continue
            facts = path.stat()
            key = (facts.st_dev, facts.st_ino)
            links[key] = links.get(key, 0) + 1
            if links[key] == facts.st_nlink:
                sizes[one.name] += facts.st_size
    return sizes


def read_log(root: Path) -> list[dict[str, str]]:
    """Give what was ever removed or moved from a workbook, oldest first."""
    path = root / LOG
    if not path.is_file():
        return []
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def _log(
    root: Path, one: Verdict, state: str, *, size: int, now: datetime.datetime, goal: Path | None
) -> None:
    at = now.isoformat(timespec="seconds")
    row = (at, one.name, state, str(size), one.reason, str(goal or ""))
    _append(root, dict(zip(_COLUMNS, row, strict=True)))


def _append(root: Path, row: Mapping[str, str]) -> None:
    path = root / LOG
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    old = path.read_bytes() if path.is_file() else b""
    if not old:
        writer.writeheader()
    writer.writerow(row)
    write_bytes(path, old + text.getvalue().encode("utf-8"))
