"""Intake of a workbook: for its notebook, for ``planlib check`` and for ``planlib snapshot``."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from planlib.errors import ExitCode, InputError, WorkbookError
from planlib.intake.check_lines import check_lines
from planlib.intake.history import unify_history
from planlib.intake.take import read_inputs
from planlib.intake.taken import Taken
from planlib.plan import Plan, load_plan
from planlib.store.decisions import folder_problems
from planlib.store.history import append_snapshot
from planlib.store.layout import find_workbook
from planlib.tables import TABLES

if TYPE_CHECKING:
    from planlib.store import Workbook

_UNUSABLE = ExitCode.BAD_INPUT
_SNAPSHOTS = ("history", "opportunities")


def take_in(wb: Workbook, *, strict: bool = True) -> Taken:
    """
    Take in the inputs of a workbook.

    Parameters
    ----------
    wb
        The workbook, opened for a cycle.
    strict
        Refuse when any source cannot be used; otherwise the problems stand in the result.

    Returns
    -------
    Taken
        Tables, quarantine, summary, near names, as-of date with its rule. The history holds what
        the inputs bring and what earlier intakes have kept.

    Raises
    ------
    InputError
        With every problem of every source at once: file, row, column, value, what is allowed.
    """
    taken = read_inputs(wb.plan, wb.root, wb.given_as_of, strict=strict)
    history = unify_history(
        taken.tables.get("opportunity_history"),
        wb.history(taken.as_of),
        taken.tables.get("opportunities"),
        taken.as_of,
    )
    if history is None:
        return taken
    return replace(taken, tables={**taken.tables, "opportunity_history": history})


def store_inputs(wb: Workbook, taken: Taken) -> str:
    """
    Store the input tables for the steps that follow, and keep today's deals as a snapshot.

    Returns
    -------
    str
        What was kept, as one sentence.
    """
    wb.write_inputs(taken.tables, as_of=taken.as_of, facts=taken.facts)
    deals = taken.tables.get("opportunities")
    if deals is None or deals.empty:
        return "no opportunities, so no snapshot was kept"
    wb.append_history(deals, taken.as_of)
    return f"{len(deals):,} opportunities are kept in history as of {taken.as_of}"


def check_workbook(
    workbook: str | Path,
    as_of: str | None = None,
    say: Callable[[object], object] | None = None,
    *,
    details: bool = False,
) -> int:
    """
    Say what is wrong with inputs and decisions of a workbook, and what can be computed.

    Parameters
    ----------
    workbook
        Folder with plan.yaml.
    as_of
        As-of date where it is to differ.
    say
        Called with each line; None says nothing.
    details
        Say all, see ``check_lines``.

    Returns
    -------
    int
        0 when every source can be used, 2 when a table or a file of decisions cannot.

    Raises
    ------
    SettingsError
        If plan.yaml is wrong.
    """
    plan, root = _opened(workbook)
    taken = read_inputs(plan, root, _day(as_of), strict=False)
    decided = folder_problems(root / "overrides")
    if decided:
        told = (*taken.problems, InputError("overrides", decided))
        taken = replace(taken, problems=told)
    if say is not None:
        from rich.text import Text

        for line in check_lines(taken, plan, details=details):
            say(Text(line))
    return _UNUSABLE if taken.problems else 0


def snapshot_workbook(workbook: str | Path, as_of: str | None = None) -> Path | None:
    """
    Keep the opportunities of a workbook as they stand, and do nothing else.

    Parameters
    ----------
    workbook
        Folder with plan.yaml.
    as_of
        As-of date where it is to differ.

    Returns
    -------
    Path or None
        The new file in history/; None when the same content is there already.

    Raises
    ------
    InputError
        If the opportunities cannot be read.
    """
    plan, root = _opened(workbook)
    taken = read_inputs(plan, root, _day(as_of))
    if "opportunities" not in taken.tables:
        raise InputError("inputs", ["no table opportunities, so there is nothing to keep"])
    return append_snapshot(
        root.joinpath(*_SNAPSHOTS),
        TABLES["opportunities"].coerce(taken.tables["opportunities"]),
        taken.as_of,
    )


def _opened(workbook: str | Path) -> tuple[Plan, Path]:
    root = find_workbook(workbook)
    return load_plan(root), root


def _day(text: str | None) -> datetime.date | None:
    if not text:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise WorkbookError(f"'{text[:40]}' is not a date such as 2026-03-31") from None
