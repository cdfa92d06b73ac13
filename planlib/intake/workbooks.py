"""Intake of a workbook: for its notebook, for ``planlib check`` and for ``planlib snapshot``."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from planlib.errors import ExitCode, InputError, WorkbookError
from planlib.intake.checks import check_data
from planlib.intake.history import unify_history
from planlib.intake.take import NO_DATE, read_inputs
from planlib.intake.taken import Taken
from planlib.plan import Plan, load_plan
from planlib.steps import STEPS
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
    workbook: str | Path, as_of: str | None = None, say: Callable[[object], object] | None = None
) -> int:
    """
    Say what is wrong with the inputs of a workbook, and what can be computed from them.

    Parameters
    ----------
    workbook
        Folder with plan.yaml.
    as_of
        As-of date where it is to differ.
    say
        Called with each line; None says nothing.

    Returns
    -------
    int
        0 when every source can be used, 2 when a table is unusable.

    Raises
    ------
    SettingsError
        If plan.yaml is wrong.
    """
    plan, root = _opened(workbook)
    taken = read_inputs(plan, root, _day(as_of), strict=False)
    if say is not None:
        from rich.text import Text

        for line in check_lines(taken, plan):
            say(Text(line))
    return _UNUSABLE if taken.problems else 0


def check_lines(taken: Taken, plan: Plan) -> list[str]:
    """Give the lines of ``planlib check``: problems, tables, findings, what can be computed."""
    lines = [
        f"PROBLEM  {error.where}: {problem}"
        for error in taken.problems
        for problem in error.problems
    ]
    lines += _unfilled_lines(taken, plan)
    known = taken.as_of_rule != NO_DATE
    day = f"as of {taken.as_of} ({taken.as_of_rule})" if known else (
        "no data yet: no as-of date is known")  # fmt: skip
    lines += ["", day, "", "Tables"]
    for row in taken.summary.to_dict("records"):
        lines.append(
            f"  {row['table']}: {row['rows_read']:,} rows read, {row['rows_kept']:,} kept, "
            f"{row['rows_quarantined']:,} set aside, {row['rows_filtered']:,} filtered, "
            f"{row['cells_left_out']:,} cells left out  ({row['sources']})"
        )
    lines += _finding_lines(taken)
    lines += [f"  {remark}" for remark in taken.remarks]
    checks = check_data(taken, plan)
    lines += ["", f"Finance: {checks.tie.sentence()}", "", "What can be computed"]
    for row in checks.computability.to_dict("records"):
        text = f"  {row['can_compute']:<6}  {row['step']}  {row['section']}"
        if row["method"]:
            text += f": {row['method']}"
        if row["missing"]:
            text += f"; missing {row['missing']}, which would add: {row['unlocks']}"
        lines.append(text)
    return lines


def snapshot_workbook(workbook: str | Path, as_of: str | None = None) -> Path | None:
    """
    Keep the opportunities of a workbook as they stand, and do nothing else.

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


def _unfilled_lines(taken: Taken, plan: Plan) -> list[str]:
    """Say which blank input files wait to be filled in, and which step cannot do without."""
    lines = ["", "Not filled in yet"] if taken.unfilled else []
    for name in taken.unfilled:
        steps = [step for key, step in STEPS.items() if key not in plan.run.off]
        needed = [step.title for step in steps if name in step.required]
        used = [step.title for step in steps if name in step.reads and step.name != "01_intake"]
        columns = ", ".join(TABLES[name].required)
        effect = f"; {', '.join(needed)} cannot run without it" if needed else ""
        lines.append(
            f"  {name}: the file has no rows but the example; in each row fill in {columns}, and "
            f"what else you have; used by {', '.join(used) or 'Intake'}{effect}"
        )
    return lines


def _finding_lines(taken: Taken) -> list[str]:
    found = taken.quarantine.groupby(["severity", "table", "column", "rule"], sort=False)
    facts = found.agg(
        count=("rule", "size"),
        file=("file", "first"),
        row=("row", "first"),
        value=("value", "first"),
        allowed=("allowed", "first"),
    ).reset_index()
    words = {"row": "set aside", "cell": "left out", "note": "note"}
    lines = ["", "Findings"] if len(facts) else []
    for row in facts.head(40).to_dict("records"):
        place = f" {row['file']} row {row['row']}" if row["file"] else ""
        value = f", column {row['column']}, value '{row['value']}'" if row["column"] else ""
        allowed = f"; allowed: {row['allowed']}" if row["allowed"] else ""
        lines.append(
            f"  {words[row['severity']]}: {row['table']}:{place}{value}: {row['rule']}"
            f"{allowed} ({row['count']:,} so)"
        )
    if len(facts) > 40:
        lines.append(f"  and {len(facts) - 40:,} more kinds of findings in table quarantine")
    return lines


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
