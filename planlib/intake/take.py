"""Take in a workbook's inputs: read, map, check, set aside, and tell what was done."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from planlib.errors import InputError
from planlib.intake.as_of import AsOf, find_as_of
from planlib.intake.changes import complete_changes
from planlib.intake.deal_rules import check_deals
from planlib.intake.finish import (
    apply_fill,
    apply_lookup,
    convert_money,
    currency_of_deals,
    derive_closed,
    fills_of,
    finish_history,
    lookups_of,
)
from planlib.intake.keys import drop_duplicates, find_unknown, known_keys
from planlib.intake.near import find_near
from planlib.intake.people_words import known_words
from planlib.intake.row_rules import check_days, check_rows
from planlib.intake.rows import FINDINGS, Rows, joined, take_rows
from planlib.intake.sources import Assignment, Gathered, gather
from planlib.intake.taken import Built, Taken, named_as_source, summarise
from planlib.intake.tax_words import tax_remarks
from planlib.plan import Plan
from planlib.tables import TABLES

#: Rule of the as-of date where nothing tells it.
NO_DATE = "not found"
#: Tables whose money is in the currency of the deal where nothing else is said.
_OF_DEALS = ("opportunity_history", "opportunity_lines")


def read_inputs(
    plan: Plan, root: Path, given_as_of: datetime.date | None = None, *, strict: bool = True
) -> Taken:
    """
    Read all sources of a workbook into typed tables.

    Parameters
    ----------
    plan, root
        Settings and folder of the workbook.
    given_as_of
        As-of date where a person gave one.
    strict
        Refuse when any source cannot be used. Otherwise its tables are missing and the problems
        stand in the result.

    Returns
    -------
    Taken
        Tables by name, what was set aside and why, the as-of date, and what was not used.

    Raises
    ------
    InputError
        With every problem of every source at once: file, row, column, value, what is allowed.
    """
    gathered = gather(plan, root)
    built, problems = _build(gathered, plan)
    problems = [*gathered.errors, *problems]
    if not problems and not any(len(one.frame) for one in built.values()):
        problems = [_nothing(gathered, plan)]
    if strict and problems:
        raise all_problems(problems)
    built = _finish(built, plan)
    tables = {name: TABLES[name].coerce(one.frame) for name, one in built.items()}
    findings = [one.findings for one in built.values()]
    origins = {name: one.origin for name, one in built.items()}
    known = [*known_keys(tables), *known_words(tables)]
    findings.append(find_unknown(known, tables, origins))
    try:
        as_of = find_as_of(tables, given_as_of or plan.as_of)
    except InputError as error:
        if strict:
            raise
        if not problems:  # else the date may stand in what could not be read
            problems.append(error)
        as_of = AsOf(date=datetime.date(1900, 1, 1), rule=NO_DATE)
    if as_of.rule != NO_DATE:
        findings += [_late(name, one, as_of.date) for name, one in built.items()]
    return Taken(
        tables=tables,
        quarantine=_ordered(joined(findings)),
        summary=summarise(built, tables),
        near_keys=find_near(tables, plan.inputs.near_equal),
        as_of=as_of.date,
        as_of_rule=as_of.rule,
        problems=tuple(problems),
        unused=gathered.unused,
        dropped={
            feed.sheet.where: feed.sheet.dropped for feed in gathered.feeds if feed.sheet.dropped
        },
        unfilled=tuple(name for name in gathered.unfilled if name not in tables),
        unread=gathered.unread,
    )


def all_problems(problems: list[InputError]) -> InputError:
    """Put the problems of several sources into one error."""
    if len(problems) == 1:
        return problems[0]
    listed = [f"{error.where}: {problem}" for error in problems for problem in error.problems]
    return InputError("inputs", listed)


def _nothing(gathered: Gathered, plan: Plan) -> InputError:
    """Say that there is nothing to plan with, and how tables come in."""
    told = (
        f"no input table has a row; put files named after their tables into {plan.inputs.folder}/ "
        "(accounts.csv, opportunities.xlsx), fill in the blank ones, or name sources in plan.yaml"
    )
    if gathered.unused:
        told += (
            f"; {', '.join(gathered.unused)} feeds no table, and planlib map FILE proposes which "
            "column is which"
        )
    return InputError("inputs", [told])


def _build(gathered: Gathered, plan: Plan) -> tuple[dict[str, Built], list[InputError]]:
    """Read the rows of every source and put the sources of a table together."""
    parts: dict[str, list[tuple[Assignment, Rows]]] = {}
    problems: list[InputError] = []
    for assignment in gathered.assignments:
        rows = take_rows(assignment, gathered.feeds, plan.time_zone)
        problems += rows.problems
        if not rows.problems:
            parts.setdefault(assignment.table, []).append((assignment, rows))
    order = [name for name in TABLES if name in parts]
    return {name: _together(name, parts[name]) for name in order}, problems


def _together(name: str, parts: list[tuple[Assignment, Rows]]) -> Built:
    parts = _without_known(name, parts)
    frames = [rows.frame for _, rows in parts]
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    origin = pd.concat([rows.origin for _, rows in parts], ignore_index=True)
    currency = pd.concat([rows.currency for _, rows in parts], ignore_index=True)
    findings = [rows.findings for _, rows in parts]
    if name == "opportunity_history":
        order = pd.concat([rows.order for _, rows in parts], ignore_index=True)
        frame = finish_history(frame, order)
    unique = drop_duplicates(TABLES[name], frame, origin)
    kept = unique.kept
    return Built(
        frame=unique.frame,
        origin=unique.origin,
        currency=currency[kept].reset_index(drop=True),
        findings=joined([*findings, unique.findings]),
        parts=tuple(parts),
        duplicates=int((~kept).sum()),
        repeated=unique.repeated,
    )


def _without_known(
    name: str, parts: list[tuple[Assignment, Rows]]
) -> list[tuple[Assignment, Rows]]:
    """Leave out the rows of distinct parts whose key another part has."""
    if not any(assignment.part.distinct for assignment, _ in parts):
        return parts
    key = list(TABLES[name].key)
    known: set[tuple[object, ...]] = set()
    result = []
    for assignment, rows in sorted(parts, key=lambda one: one[0].part.distinct):
        keys = list(rows.frame[key].itertuples(index=False, name=None))
        if assignment.part.distinct:
            new = np.array([one not in known for one in keys], dtype=bool)
            rows = replace(
                rows,
                frame=rows.frame[new].reset_index(drop=True),
                origin=rows.origin[new].reset_index(drop=True),
                currency=rows.currency[new].reset_index(drop=True),
                order=rows.order[new].reset_index(drop=True),
                read=rows.read - int((~new).sum()),
            )
        known.update(keys)
        result.append((assignment, rows))
    return result


def _finish(built: dict[str, Built], plan: Plan) -> dict[str, Built]:
    frames = {name: one.frame for name, one in built.items()}
    notes: dict[str, list[pd.DataFrame]] = {name: [one.findings] for name, one in built.items()}
    for name, one in built.items():
        told = check_rows(TABLES[name], one.frame, one.origin)
        notes[name].append(named_as_source(told, one.parts))
        if name in ("opportunities", "opportunity_history"):
            before = frames[name]
            frames[name], sentence = derive_closed(before)
            notes[name].append(_note(name, sentence))
            if name == "opportunities":
                found = named_as_source(check_deals(before, frames[name], one.origin), one.parts)
                notes[name].append(_new_cells(found, one.findings))
        stated, sentence = _stated_currency(name, built, plan.currency)
        notes[name].append(_note(name, sentence))
        for _, rows in one.parts:
            notes[name] += [_note(name, told) for told in tax_remarks(name, rows.sources, plan.tax)]
        frames[name], found = convert_money(
            name, frames[name], stated, one.origin, currency=plan.currency, rates=plan.rates
        )
        notes[name].append(named_as_source(found, one.parts))
    for name, one in built.items():
        for assignment, _ in one.parts:
            for column, lookup in lookups_of(assignment.part.columns):
                frames[name] = apply_lookup(frames[name], column, lookup, frames)
    for name, one in built.items():
        for assignment, _ in one.parts:
            for column, fill in fills_of(assignment.part.columns):
                frames[name] = apply_fill(frames[name], column, fill, frames)
    added = _complete_history(frames, built, notes)
    return {
        name: replace(
            one,
            frame=frames[name],
            findings=joined(notes[name]),
            added=added if name == "opportunity_history" else 0,
        )
        for name, one in built.items()
    }


def _stated_currency(name: str, built: dict[str, Built], home: str) -> tuple[pd.Series, str]:
    """Give the currency of a table's money by row, and say where it is that of the deal."""
    one, deals = built[name], built.get("opportunities")
    if name not in _OF_DEALS or deals is None or one.frame.empty:
        return one.currency, ""
    stated, count = currency_of_deals(one.frame, one.currency, deals.frame, deals.currency, home)
    sentence = f"{count} rows state no currency; their money is taken in that of their deal"
    return stated, sentence if count else ""


def _complete_history(
    frames: dict[str, pd.DataFrame],
    built: dict[str, Built],
    notes: dict[str, list[pd.DataFrame]],
) -> int:
    """Add to a field history what never changed; give the rows added."""
    name = "opportunity_history"
    if name not in frames or "opportunities" not in frames:
        return 0
    if not any(assignment.part.changes for assignment, _ in built[name].parts):
        return 0
    before = len(frames[name])
    frames[name] = complete_changes(frames[name], frames["opportunities"])
    added = len(frames[name]) - before
    notes[name].append(
        _note(
            name,
            f"{added} deals without any change in the field history were added as they stand "
            "today; a field that was not tracked is not known for the past",
        )
    )
    return added


def _late(name: str, one: Built, as_of: datetime.date) -> pd.DataFrame:
    """List days after the as-of date under the names that the source has for its columns."""
    return named_as_source(check_days(TABLES[name], one.frame, one.origin, as_of), one.parts)


def _note(table: str, sentence: str) -> pd.DataFrame:
    if not sentence:
        return joined([])
    row = dict.fromkeys(FINDINGS, "")
    return pd.DataFrame(
        [
            {
                **row,
                "table": table,
                "rule": sentence,
                "severity": "note",
                "row": None,
                "amount_at_stake": np.nan,
            }
        ]
    )


def _new_cells(found: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Leave out findings on a cell that was left out already: it is blank only since then."""
    place = ["file", "sheet", "row", "column"]
    told = set(known.loc[known["severity"] == "cell", place].itertuples(index=False, name=None))
    cells = found[place].itertuples(index=False, name=None)
    return found[[one not in told for one in cells]]


def _ordered(findings: pd.DataFrame) -> pd.DataFrame:
    """Rows set aside first, then cells, then notes; by table, file and row."""
    rank = findings["severity"].map({"row": 0, "cell": 1, "note": 2})
    number = findings["row"].astype("Int64")
    order = findings.assign(_rank=rank, row=number)
    return order.sort_values(
        ["_rank", "table", "file", "sheet", "row", "column"], kind="stable", ignore_index=True
    )[list(FINDINGS)]
