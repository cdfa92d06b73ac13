"""The lines of ``planlib check``: what stops, what is left out, what can be computed and next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from planlib.intake.checks import check_data
from planlib.intake.take import NO_DATE
from planlib.intake.taken import Taken
from planlib.notes import count_of
from planlib.plan import Plan
from planlib.steps import STEPS, Step
from planlib.tables import TABLES

_KINDS = 15  # kinds of findings that are listed without details
_ROWS = 5  # further rows that are named per kind of finding
_HEADS = {
    "row": "Rows set aside",
    "cell": "Cells left out (the row is used without them)",
    "note": "Notes (the rows are used as they are)",
}
_COUNTS = {
    "rows_quarantined": "set aside",
    "rows_filtered": "filtered",
    "cells_left_out": "left out",
}


def check_lines(taken: Taken, plan: Plan, *, details: bool = False) -> list[str]:
    """
    Give the lines of ``planlib check``.

    Parameters
    ----------
    taken
        What intake took in.
    plan
        Settings of the workbook; steps that it switches off are not spoken of.
    details
        Also give the counts of every table, list every kind of finding, each section of each step
        with what it lacks, and each blank input file with what to fill in.
    """
    lines = [
        f"PROBLEM  {error.where}: {problem}"
        for error in taken.problems
        for problem in error.problems
    ] or ["nothing stops a run"]
    known = taken.as_of_rule != NO_DATE
    day = f"as of {taken.as_of} ({taken.as_of_rule})" if known else (
        "no data yet: no as-of date is known")  # fmt: skip
    lines += ["", day, "", "Tables"]
    lines += _table_lines(taken.summary, taken.quarantine, details)
    lines += [f"  {remark}" for remark in taken.remarks]
    lines += _finding_lines(taken.quarantine, details)
    checks = check_data(taken, plan)
    lines += ["", f"Finance: {checks.tie.sentence()}", "", "What can be computed"]
    found = checks.computability
    found = found[~found["step"].isin(plan.run.off)]
    lines += list(_section_lines(found) if details else _step_lines(found, taken, plan))
    lines += _unfilled_lines(taken, plan) if details else []
    return [*lines, "", "Next", *_next_lines(taken, plan, details)]


def _table_lines(summary: pd.DataFrame, quarantine: pd.DataFrame, details: bool) -> Iterator[str]:
    """Give a line for each table with findings or rows left out, and one for all others."""
    told = summary["table"].isin(quarantine["table"]) | summary[[*_COUNTS]].gt(0).any(axis=1)
    shown, rest = (summary, summary[:0]) if details else (summary[told], summary[~told])
    yield from (_table_line(row) for row in shown.to_dict("records"))
    if len(rest):
        rows = int(rest["rows_kept"].sum())
        yield f"  without findings, {count_of(rows, 'row')} kept: {', '.join(rest['table'])}"


def _table_line(row: Mapping[Any, Any]) -> str:
    """Give the counts of a table that are not 0."""
    told = [f"{count_of(row['rows_read'], 'row')} read", f"{row['rows_kept']:,} kept"]
    for name, words in _COUNTS.items():
        if row[name]:
            one = count_of(row[name], "cell") if name == "cells_left_out" else f"{row[name]:,}"
            told.append(f"{one} {words}")
    return f"  {row['table']}: {', '.join(told)}  ({row['sources']})"


def _finding_lines(quarantine: pd.DataFrame, details: bool) -> list[str]:
    """List kinds of findings by severity: the first case with its cell, and further rows."""
    same = ["severity", "table", "column", "rule"]
    kinds = list(quarantine.groupby(same, sort=False, dropna=False))
    shown = len(kinds) if details else _KINDS
    lines: list[str] = []
    before = ""
    for (severity, *_), rows in kinds[:shown]:
        if severity != before:
            total = int((quarantine["severity"] == severity).sum())
            lines += ["", f"{_HEADS[str(severity)]}: {total:,}"]
            before = str(severity)
        lines.append(f"  {_finding(rows)}")
    if len(kinds) > shown:
        lines.append(f"  and {len(kinds) - shown:,} more kinds of findings; --details lists them")
    return lines


def _finding(rows: pd.DataFrame) -> str:
    """Give one kind of finding with file, row, column, value, rule and what is allowed."""
    first = rows.iloc[0]
    place = f" {_place(first)}" if first["file"] else ""
    value = f", column {first['column']}, value '{first['value']}'" if first["column"] else ""
    allowed = f"; allowed: {first['allowed']}" if first["allowed"] else ""
    return f"{first['table']}:{place}{value}: {first['rule']}{allowed}{_others(rows)}"


def where_found(findings: pd.DataFrame) -> str:
    """
    Name the places of one kind of finding: the first, and further rows as many as fit.

    Parameters
    ----------
    findings
        Rows of ``quarantine`` of one kind, at least one; text is blank where it is not known.

    Returns
    -------
    str
        Such as "deals.csv row 6; also in rows 7, 8 and 2 more"; blank where the findings are on a
        table as a whole.
    """
    placed = findings[findings["row"].notna()]
    return f"{_place(placed.iloc[0])}{_others(placed)}" if len(placed) else ""


def _place(row: pd.Series) -> str:
    sheet = f" sheet {row['sheet']}" if row["sheet"] else ""
    return f"{row['file']}{sheet} row {row['row']}"


def _others(rows: pd.DataFrame) -> str:
    """Name further rows of the same kind, as many as fit."""
    if len(rows) == 1:
        return ""
    rest = rows.iloc[1 : _ROWS + 1]
    if rows[["file", "sheet"]].drop_duplicates().shape[0] == 1:
        named = ("row " if len(rows) == 2 else "rows ") + ", ".join(map(str, rest["row"]))
    else:
        named = ", ".join(_place(row) for _, row in rest.iterrows())
    more = len(rows) - 1 - len(rest)
    return f"; also in {named}" + (f" and {more:,} more" if more else "")


def _section_lines(computability: pd.DataFrame) -> Iterator[str]:
    """Give each section with its method, what it lacks and what that would add."""
    for row in computability.to_dict("records"):
        text = f"  {row['can_compute']:<6}  {row['step']}  {row['section']}"
        if row["method"]:
            text += f": {row['method']}"
        if row["missing"]:
            text += f"; missing {row['missing']}, which would add: {row['unlocks']}"
        yield text


def _step_lines(computability: pd.DataFrame, taken: Taken, plan: Plan) -> Iterator[str]:
    """Give one line per step: how many of its sections can be computed, and how."""
    for step in _steps(plan):
        can = computability.loc[computability["step"] == step.name, "can_compute"]
        lacking = _lacking(step, taken)
        counts = {name: int((can == name).sum()) for name in ("yes", "weaker", "no")}
        words = {
            "yes": "in full",
            "weaker": "by a simpler method",
            "no": "not, for lack of data",
        }
        parts = [f"{counts[name]} {words[name]}" for name in words if counts[name]]
        told = f"{len(can)} sections: {', '.join(parts)}"
        if lacking:
            told = f"does not run without {' and '.join(lacking)}"
        elif counts["no"] == len(can):
            told = "nothing yet, for lack of data"
        yield f"  {step.title}: {told}"


def _steps(plan: Plan) -> list[Step]:
    return [step for name, step in STEPS.items() if name not in plan.run.off]


def _lacking(step: Step, taken: Taken) -> list[str]:
    """Give the input tables without which a step does not run."""
    return [
        name
        for name in step.missing(taken.tables)
        if name in TABLES and TABLES[name].role == "input"
    ]


def _unfilled_lines(taken: Taken, plan: Plan) -> list[str]:
    """Say which blank input files wait to be filled in, and which step cannot do without."""
    lines = ["", "Not filled in yet"] if taken.unfilled else []
    for name in taken.unfilled:
        needed = [step.title for step in _steps(plan) if name in step.required]
        used = [
            step.title for step in _steps(plan) if name in step.reads and step.name != "01_intake"
        ]
        columns = ", ".join(TABLES[name].required)
        effect = f"; {', '.join(needed)} cannot run without it" if needed else ""
        lines.append(
            f"  {name}: the file has no rows but the example; in each row fill in {columns}, and "
            f"what else you have; used by {', '.join(used) or 'Intake'}{effect}"
        )
    return lines


def _next_lines(taken: Taken, plan: Plan, details: bool) -> Iterator[str]:
    """Say what to do: what stops first, then files that steps wait for, then the run."""
    if taken.problems:
        yield "  mend what PROBLEM names: nothing can be run before that"
    needed: dict[str, list[str]] = {}
    for step in _steps(plan):
        for name in _lacking(step, taken):
            needed.setdefault(name, []).append(step.title)
    for name, titles in needed.items():
        how = "fill in" if name in taken.unfilled else "add"
        yield f"  {how} {name}: without it these do not run: {', '.join(titles)}"
    if taken.unused and needed:
        yield (
            "  planlib map FILE --workbook WORKBOOK proposes which column is which, for a file "
            "that feeds no table; --table says which table it is where it cannot tell"
        )
    others = [name for name in taken.unfilled if name not in needed]
    if others:
        yield f"  blank so far, and of use where you have the data: {', '.join(others)}"
    if not details:
        yield "  give --details for what each section lacks and what each blank file is for"
    if not taken.problems and taken.tables:
        yield "  then planlib run, with this workbook and --cycle, such as --cycle 2026Q1"
