"""Take in a workbook's inputs: read, map, check, set aside, and tell what was done."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from planlib.errors import InputError
from planlib.intake.as_of import AsOf, find_as_of
from planlib.intake.changes import complete_changes
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
from planlib.intake.keys import drop_duplicates, find_orphans
from planlib.intake.near import find_near
from planlib.intake.people_words import find_strange_words
from planlib.intake.rows import FINDINGS, Rows, joined, stake_column, take_rows
from planlib.intake.sources import Assignment, Gathered, gather
from planlib.intake.tax_words import tax_remarks
from planlib.plan import Plan
from planlib.tables import TABLES

#: Rule of the as-of date where nothing tells it.
NO_DATE = "not found"
#: Tables whose money is in the currency of the deal where nothing else is said.
_OF_DEALS = ("opportunity_history", "opportunity_lines")

#: Columns of the summary, see tables/intake.py.
SUMMARY = (
    "table",
    "sources",
    "rows_read",
    "rows_filtered",
    "rows_kept",
    "rows_quarantined",
    "cells_left_out",
    "amount_kept",
    "amount_quarantined",
    "columns_used",
    "columns_unused",
)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """
    What intake took in.

    Parameters
    ----------
    tables
        Input tables by name, each as its contract says.
    quarantine
        Rows set aside (severity "row"), cells left out ("cell") and remarks ("note").
    summary
        One row per table: rows read, filtered, kept, set aside; money; columns.
    near_keys
        Pairs of names that may be the same, offered to a person.
    as_of, as_of_rule
        Day on which the data stand and where it comes from.
    problems
        Sources that could not be used; their tables are missing.
    unused
        Files and sheets that feed no table.
    dropped
        Lines above and below the data that are no data, by source.
    unfilled
        Tables of which there is only a blank input file.
    """

    tables: dict[str, pd.DataFrame]
    quarantine: pd.DataFrame
    summary: pd.DataFrame
    near_keys: pd.DataFrame
    as_of: datetime.date
    as_of_rule: str
    problems: tuple[InputError, ...] = ()
    unused: tuple[str, ...] = ()
    dropped: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unfilled: tuple[str, ...] = ()

    @property
    def facts(self) -> dict[str, int | str]:
        """Numbers of rows, and where the as-of date comes from, for the manifest of a run."""
        totals = self.summary[["rows_read", "rows_filtered", "rows_kept", "rows_quarantined"]].sum()
        return {
            **{str(name): int(count) for name, count in totals.items()},
            "as_of_rule": self.as_of_rule,
        }

    @property
    def remarks(self) -> list[str]:
        """What a reader should know beside the tables."""
        lines = [
            f"{where}: {len(lines)} lines that are no data were left out, such as "
            f"'{lines[-1][:60]}'"
            for where, lines in self.dropped.items()
        ]
        lines += [f"{name}: feeds no table" for name in self.unused]
        unused = self.summary[self.summary["columns_unused"] != ""]
        lines += [
            f"{table}: columns not used: {columns}"
            for table, columns in zip(unused["table"], unused["columns_unused"], strict=True)
        ]
        return lines


@dataclass(frozen=True, kw_only=True)
class _Table:
    """One table while it is being put together."""

    frame: pd.DataFrame
    origin: pd.DataFrame
    currency: pd.Series
    findings: pd.DataFrame
    parts: tuple[tuple[Assignment, Rows], ...]
    duplicates: int = 0
    added: int = 0


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

    Raises
    ------
    InputError
        With every problem of every source at once: file, row, column, value, what is allowed.
    """
    gathered = gather(plan, root)
    built, problems = _build(gathered, plan)
    problems = [*gathered.errors, *problems]
    if strict and problems:
        raise all_problems(problems)
    built = _finish(built, plan)
    tables = {name: TABLES[name].coerce(one.frame) for name, one in built.items()}
    findings = [one.findings for one in built.values()]
    origins = {name: one.origin for name, one in built.items()}
    findings.append(find_orphans(tables, origins))
    findings.append(find_strange_words(tables, origins))
    try:
        as_of = find_as_of(tables, given_as_of or plan.as_of)
    except InputError as error:
        if strict:
            raise
        problems.append(error)
        as_of = AsOf(date=datetime.date(1900, 1, 1), rule=NO_DATE)
    return Taken(
        tables=tables,
        quarantine=_ordered(joined(findings)),
        summary=_summary(built, tables),
        near_keys=find_near(tables, plan.inputs.near_equal),
        as_of=as_of.date,
        as_of_rule=as_of.rule,
        problems=tuple(problems),
        unused=gathered.unused,
        dropped={
            feed.sheet.where: feed.sheet.dropped for feed in gathered.feeds if feed.sheet.dropped
        },
        unfilled=tuple(name for name in gathered.unfilled if name not in tables),
    )


def all_problems(problems: list[InputError]) -> InputError:
    """Put the problems of several sources into one error."""
    if len(problems) == 1:
        return problems[0]
    listed = [f"{error.where}: {problem}" for error in problems for problem in error.problems]
    return InputError("inputs", listed)


def _build(gathered: Gathered, plan: Plan) -> tuple[dict[str, _Table], list[InputError]]:
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


def _together(name: str, parts: list[tuple[Assignment, Rows]]) -> _Table:
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
    return _Table(
        frame=unique.frame,
        origin=unique.origin,
        currency=currency[kept].reset_index(drop=True),
        findings=joined([*findings, unique.findings]),
        parts=tuple(parts),
        duplicates=int((~kept).sum()),
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


def _finish(built: dict[str, _Table], plan: Plan) -> dict[str, _Table]:
    frames = {name: one.frame for name, one in built.items()}
    notes: dict[str, list[pd.DataFrame]] = {name: [one.findings] for name, one in built.items()}
    for name, one in built.items():
        if name in ("opportunities", "opportunity_history"):
            frames[name], sentence = derive_closed(frames[name])
            notes[name].append(_note(name, sentence))
        stated, sentence = _stated_currency(name, built, plan.currency)
        notes[name].append(_note(name, sentence))
        for _, rows in one.parts:
            notes[name] += [_note(name, told) for told in tax_remarks(name, rows.sources, plan.tax)]
        frames[name], found = convert_money(
            name, frames[name], stated, one.origin, currency=plan.currency, rates=plan.rates
        )
        notes[name].append(found)
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


def _stated_currency(name: str, built: dict[str, _Table], home: str) -> tuple[pd.Series, str]:
    """Give the currency of a table's money by row, and say where it is that of the deal."""
    one, deals = built[name], built.get("opportunities")
    if name not in _OF_DEALS or deals is None or one.frame.empty:
        return one.currency, ""
    stated, count = currency_of_deals(one.frame, one.currency, deals.frame, deals.currency, home)
    sentence = f"{count} rows state no currency; their money is taken in that of their deal"
    return stated, sentence if count else ""


def _complete_history(
    frames: dict[str, pd.DataFrame],
    built: dict[str, _Table],
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


def _summary(built: Mapping[str, _Table], tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    rows = []
    for name, one in built.items():
        parts = [rows for _, rows in one.parts]
        set_aside = one.findings[one.findings["severity"] == "row"]
        money = stake_column(tables[name])
        rows.append(
            {
                "table": name,
                "sources": "; ".join(dict.fromkeys(a.feed.sheet.where for a, _ in one.parts)),
                "rows_read": sum(part.read for part in parts),
                "rows_filtered": sum(part.filtered for part in parts),
                "rows_kept": len(tables[name]) - one.added,
                "rows_quarantined": sum(part.quarantined for part in parts) + one.duplicates,
                "cells_left_out": int((one.findings["severity"] == "cell").sum()),
                "amount_kept": np.nan if money is None else money.sum(min_count=1),
                "amount_quarantined": _distinct_money(set_aside),
                "columns_used": sum(len(part.sources) for part in parts),
                "columns_unused": ", ".join(_unused(one.parts)),
            }
        )
    return pd.DataFrame(rows, columns=list(SUMMARY))


def _unused(parts: tuple[tuple[Assignment, Rows], ...]) -> list[str]:
    """Columns of the sources that no part of the table uses."""
    found: dict[str, set[str]] = {}
    for assignment, rows in parts:
        where = assignment.feed.sheet.where
        unmapped = set(rows.unmapped)
        found[where] = found[where] & unmapped if where in found else unmapped
    return [
        name
        for where, names in found.items()
        for assignment, _ in parts
        if assignment.feed.sheet.where == where
        for name in assignment.feed.sheet.frame.columns
        if name in names
    ][:200]


def _distinct_money(set_aside: pd.DataFrame) -> float:
    """Money of the rows set aside, each row once however many faults it has."""
    rows = set_aside.drop_duplicates(["file", "sheet", "row"])
    return float(rows["amount_at_stake"].astype("float64").sum(min_count=1))


def _ordered(findings: pd.DataFrame) -> pd.DataFrame:
    """Rows set aside first, then cells, then notes; by table, file and row."""
    rank = findings["severity"].map({"row": 0, "cell": 1, "note": 2})
    number = findings["row"].astype("Int64")
    order = findings.assign(_rank=rank, row=number)
    return order.sort_values(
        ["_rank", "table", "file", "sheet", "row", "column"], kind="stable", ignore_index=True
    )[list(FINDINGS)]
