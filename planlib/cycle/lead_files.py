"""Leads that a person hands in, as a file or on the command line: read by the rules of intake."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from planlib.errors import InputError, nearest
from planlib.intake.keys import drop_duplicates
from planlib.intake.maps import Part
from planlib.intake.read import read_file
from planlib.intake.rows import Rows, joined, take_rows
from planlib.intake.sheet import Sheet
from planlib.intake.sources import Assignment, Feed
from planlib.intake.strings import plain_name
from planlib.settings.inputs import Source
from planlib.tables import table

_SOURCE = Source(path="leads", table="leads")
_SHOWN = 20  # findings that are told one by one
_PLACES = 10  # rows and columns that are named
_EFFECT = {"row": "the row is not routed", "cell": "the value counts as missing"}


@dataclass(frozen=True, kw_only=True)
class GivenLeads:
    """
    Leads that were handed in.

    Parameters
    ----------
    rows
        Table ``leads``; rows without an id, and repeated ones, are left out.
    where
        File, or option, in messages.
    said
        What could not be read and what was assumed, in sentences.
    """

    rows: pd.DataFrame = field(repr=False)
    where: str
    said: tuple[str, ...] = ()


def read_leads(path: Path, moment: pd.Timestamp, plan_zone: str = "UTC") -> GivenLeads:
    """
    Read a file of leads with the columns of table ``leads``: CSV, Excel or Parquet.

    Parameters
    ----------
    path
        The file. Of several sheets the one named ``leads`` counts.
    moment
        When the leads came in where the file has no column ``created_at``, in the plan's time
        zone.
    plan_zone
        Time zone of the plan.

    Raises
    ------
    InputError
        If the file cannot be read, has no ``lead_id``, or has dates whose order is not certain;
        with everything else that is wrong in it.
    """
    sheets = read_file(path, _SOURCE, str(path))
    named = [sheet for sheet in sheets if plain_name(sheet.sheet) == "leads"]
    if len(sheets) > 1 and len(named) != 1:
        listed = ", ".join(sheet.sheet for sheet in sheets)
        raise InputError(str(path), [f"of sheets {listed} one has to be named leads"])
    return _leads_of((named or sheets)[0], moment, plan_zone)


def lead_of(fields: dict[str, str], moment: pd.Timestamp, plan_zone: str = "UTC") -> GivenLeads:
    """
    Give the one lead whose columns stand on the command line.

    Parameters
    ----------
    fields
        Text by column of table ``leads``.
    moment, plan_zone
        See ``read_leads``.
    """
    frame = pd.DataFrame({name: [text] for name, text in fields.items()}, dtype="str")
    return _leads_of(Sheet(file="--lead", frame=frame, rows=np.array([1])), moment, plan_zone)


def last_moment(as_of: datetime.date, plan_zone: str) -> pd.Timestamp:
    """Give the current minute in the plan's zone, or the last one of an as-of date in the past."""
    now = pd.Timestamp.now(tz=plan_zone).tz_localize(None).floor("min")
    return min(now, pd.Timestamp(as_of) + pd.Timedelta(days=1, minutes=-1))


def _leads_of(sheet: Sheet, moment: pd.Timestamp, plan_zone: str) -> GivenLeads:
    missing = _without_id(sheet)
    if missing:  # the rest is looked at too, so that all is told at once
        ids = [f"row {row}" for row in sheet.rows]
        sheet = replace(sheet, frame=sheet.frame.assign(lead_id=pd.Series(ids, dtype="str")))
    part = Part.model_validate({"columns": {}})
    feed = Feed(sheet=sheet, source=_SOURCE)
    rows = take_rows(Assignment(table="leads", part=part, feed=feed), (feed,), plan_zone)
    contract = table("leads")
    said = _unread(rows, sheet.dropped)
    problems = [problem for error in rows.problems for problem in error.problems]
    if missing or problems:
        raise InputError(sheet.where, [*missing, *problems, *_findings(rows.findings), *said])
    unique = drop_duplicates(contract, rows.frame, rows.origin)
    said += _findings(joined([rows.findings, unique.findings]))
    frame = unique.frame
    if "created_at" not in frame:
        said.append(
            f"no column created_at: every lead is taken as come in at {moment:%Y-%m-%d %H:%M}; "
            "give the column where leads have waited"
        )
        frame = frame.assign(created_at=moment)
    else:
        said += _timeless(frame["created_at"], unique.origin, rows.findings)
    return GivenLeads(rows=contract.coerce(frame), where=sheet.where, said=tuple(said))


def _without_id(sheet: Sheet) -> list[str]:
    """Say that there is no column of ids, what looks like one and what was found."""
    plain = {plain_name(str(name)): str(name) for name in sheet.frame.columns}
    if "lead_id" in sheet.frame or plain_name("lead_id") in plain:
        return []
    near = nearest(plain_name("lead_id"), plain)
    hint = f"; nearest: {plain[near[0]]}" if near else ""
    return [f"column 'lead_id' is missing{hint}; found {', '.join(plain.values())}"]


def _unread(rows: Rows, dropped: tuple[str, ...]) -> list[str]:
    """Name the columns of the source that the table has not, and lines that are no data."""
    said = []
    if rows.unmapped:
        said.append(f"columns that are not read: {_listed(rows.unmapped)}")
    if dropped:
        noun = "line that is" if len(dropped) == 1 else "lines that are"
        said.append(f"{len(dropped):,} {noun} no data left out, such as {dropped[-1][:60]}")
    return said


def _listed(names: Sequence[object]) -> str:
    """List the first names or rows, and how many more there are."""
    more = len(names) - _PLACES
    return ", ".join(map(str, names[:_PLACES])) + (f" and {more:,} more" if more > 0 else "")


def _findings(findings: pd.DataFrame) -> list[str]:
    """Give one sentence per cell that could not be read, by row."""
    ordered = findings.sort_values("row", kind="stable")
    told = [
        f"row {one['row']}, column {one['column']}, value '{one['value']}': {one['rule']}; "
        f"allowed: {one['allowed']}; {_EFFECT[one['severity']]}"
        for one in ordered.head(_SHOWN).to_dict("records")
    ]
    more = len(findings) - len(told)
    return [*told, f"and {more:,} more values that cannot be read"] if more else told


def _timeless(created: pd.Series, origin: pd.DataFrame, findings: pd.DataFrame) -> list[str]:
    """Name the rows in which the time of a lead is blank; unreadable ones are told already."""
    told = set(findings.loc[findings["severity"] == "cell", ["row", "column"]]
               .itertuples(index=False, name=None))  # fmt: skip
    known = {row for row, column in told if plain_name(str(column)) == plain_name("created_at")}
    blank = [row for row in origin.loc[created.isna(), "row"] if row not in known]
    if not blank:
        return []
    noun = "row" if len(blank) == 1 else "rows"
    return [f"created_at is blank in {noun} {_listed(blank)}: a lead without a time goes to "
            "nobody; say when it came in, such as 2026-03-17T09:30"]  # fmt: skip
