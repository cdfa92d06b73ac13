"""From the text of a source to typed rows: good rows go on, bad ones to quarantine."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from planlib.errors import InputError
from planlib.intake.changes import widen_changes
from planlib.intake.columns import Texts, map_columns
from planlib.intake.maps import ColumnMap
from planlib.intake.sources import Assignment, Feed
from planlib.intake.values import FAULT_COLUMNS, Notation, read_column
from planlib.tables import TABLES, Column, Table

#: Columns of the quarantine while it is being gathered, see tables/intake.py.
FINDINGS = (
    "table",
    "file",
    "sheet",
    "row",
    "column",
    "value",
    "rule",
    "allowed",
    "amount_at_stake",
    "severity",
)
#: Where a row of a table came from.
ORIGIN = ("file", "sheet", "row")
_STAKE = (
    "amount",
    "booked_amount",
    "contract_amount",
    "due_amount",
    "target_amount",
    "call_amount",
    "value",
    "acv",
)
#: Tables whose rows state the same money many times: states of one deal, a total and its parts.
_OVERLAPPING = ("opportunity_history", "targets", "forecast_calls", "controls")
_VALUE_LENGTH = 200


class Breach(NamedTuple):
    """A column, the rows that break a rule, values as told, the rule and what is allowed."""

    column: str
    wrong: pd.Series
    told: pd.Series
    rule: str
    allowed: str


@dataclass(frozen=True, kw_only=True)
class Rows:
    """
    What one source gave to one table.

    Parameters
    ----------
    frame
        Good rows with the table's columns that the source has.
    origin
        File, sheet and row of each, same index.
    currency
        Currency code that stood in a money cell, by row; blank without.
    findings
        Bad rows and cells, see ``FINDINGS``.
    read, filtered, quarantined
        Numbers of rows.
    order
        Rank of each row in time, for history.
    sources, unmapped
        Source column by column, and columns not used.
    problems
        Why the source cannot be used for the table; then ``frame`` has no rows.
    """

    table: str
    frame: pd.DataFrame
    origin: pd.DataFrame
    currency: pd.Series
    findings: pd.DataFrame
    read: int
    filtered: int
    quarantined: int
    order: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"))
    sources: dict[str, str] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()
    problems: tuple[InputError, ...] = ()


def take_rows(assignment: Assignment, feeds: tuple[Feed, ...], plan_zone: str) -> Rows:
    """
    Read the rows of one source for one table.

    Parameters
    ----------
    assignment
        Source, table and the part of the map.
    feeds
        All sources, for joins.
    plan_zone
        Time zone of the plan.

    Returns
    -------
    Rows
        A row with a bad or blank key or required cell is quarantined; any other bad cell becomes
        NA and is listed with severity "cell".
    """
    assignment = _widened(assignment, plan_zone)
    table, sheet = TABLES[assignment.table], assignment.feed.sheet
    texts = map_columns(assignment, feeds)
    if texts.problems:
        return _nothing(assignment, texts)
    frame, faults, currency, problems = _typed(assignment, texts, plan_zone)
    if problems:
        return _nothing(assignment, texts, problems)
    keep = ~texts.filtered
    if assignment.part.distinct:
        keep &= _first_of_each(frame, table, keep)
    origin = pd.DataFrame({"file": sheet.file, "sheet": sheet.sheet, "row": sheet.rows})
    faults = faults[keep[faults["at"].to_numpy(dtype=int)]]
    fatal = faults["column"].isin({*table.key, *table.required}).to_numpy(dtype=bool)
    bad = np.zeros(len(frame), dtype=bool)
    bad[faults["at"].to_numpy(dtype=int)[fatal]] = True
    findings = _findings(faults, fatal, texts, table, frame=frame, origin=origin)
    broken = _broken_rows(assignment) if not assignment.part.distinct else findings.iloc[:0]
    good = keep & ~bad
    return Rows(
        table=table.name,
        frame=frame[good].reset_index(drop=True),
        origin=origin[good].reset_index(drop=True),
        currency=currency[good].reset_index(drop=True),
        findings=joined([findings, broken]),
        read=int(keep.sum() + texts.filtered.sum() + len(broken)),
        filtered=int(texts.filtered.sum()),
        quarantined=int((keep & bad).sum() + len(broken)),
        sources=texts.sources,
        unmapped=texts.unmapped,
        order=_order(assignment, texts, plan_zone)[good].reset_index(drop=True),
    )


def _widened(assignment: Assignment, plan_zone: str) -> Assignment:
    """Bring a field history into one row per deal and moment."""
    if assignment.part.changes is None:
        return assignment
    notation = _notation(assignment, "snapshot_date", plan_zone)
    sheet = widen_changes(assignment.part, assignment.feed.sheet, notation)
    return replace(assignment, feed=replace(assignment.feed, sheet=sheet))


def _order(assignment: Assignment, texts: Texts, plan_zone: str) -> pd.Series:
    """Rank rows by the columns that the map names, else by their moment within the day."""
    frame = assignment.feed.sheet.frame
    rank = pd.Series(0.0, index=frame.index)
    if assignment.table != "opportunity_history":
        return rank
    moment = Column("moment", "timestamp", "Moment of the change")
    name = "snapshot_date"
    times = read_column(texts.columns[name], moment, _notation(assignment, name, plan_zone))
    keys = [times.values]
    for header in assignment.part.order:
        if header in frame:
            keys.append(pd.to_numeric(frame[header], errors="coerce"))
    order = pd.concat(keys, axis=1, keys=range(len(keys)))
    places = order.sort_values(list(order.columns), kind="stable").index
    rank.loc[places] = np.arange(len(rank), dtype=float)
    return rank


def breach_findings(
    table: str, rows: tuple[pd.DataFrame, pd.DataFrame], breach: Breach
) -> pd.DataFrame:
    """
    Give the findings of one rule, with severity "note", a row for each row that breaks it.

    ``rows`` are those of the table, and where each came from, same order.
    """
    frame, origin = rows
    wrong = breach.wrong.to_numpy(dtype=bool)
    if not wrong.any():
        return joined([])
    stake = stake_column(frame)
    found = pd.DataFrame({
        "table": table, "column": breach.column, "value": breach.told[wrong].to_numpy(),
        "rule": breach.rule, "allowed": breach.allowed, "severity": "note",
        "amount_at_stake": float("nan") if stake is None else stake[wrong].to_numpy(dtype=float),
    })  # fmt: skip
    for name in ORIGIN:
        found[name] = origin.loc[wrong, name].to_numpy()
    return found[list(FINDINGS)]


def joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put findings together; empty parts do not decide the types."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in FINDINGS})
    return pd.concat(filled, ignore_index=True)[list(FINDINGS)]


def stake_column(frame: pd.DataFrame) -> pd.Series | None:
    """Give the money of a table's rows, the first known column of it; None without."""
    return next((frame[name] for name in _STAKE if name in frame.columns), None)


def summed_column(table: str, frame: pd.DataFrame) -> pd.Series | None:
    """Give the money that a table's rows add up to; None where a sum would count money twice."""
    return None if table in _OVERLAPPING else stake_column(frame)


def _typed(
    assignment: Assignment, texts: Texts, plan_zone: str
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series, list[str]]:
    """Typed columns, every bad cell, the currency by row, and columns that need a declaration."""
    table, sheet = TABLES[assignment.table], assignment.feed.sheet
    data: dict[str, pd.Series] = {}
    faults: list[pd.DataFrame] = []
    problems: list[str] = []
    currency = pd.Series("", index=sheet.frame.index, dtype="str")
    for name, text in texts.columns.items():
        column = table.by_name[name]
        reading = read_column(text, column, _notation(assignment, name, plan_zone))
        if reading.problem:
            problems.append(
                f"row {sheet.rows[reading.case]}, column '{texts.sources[name]}' (for {name}): "
                f"{reading.problem}"
            )
        early = texts.faults[name]
        values = reading.values
        if len(early):
            values = values.mask(np.isin(np.arange(len(values)), early["at"]))
        data[name] = values
        found = [early, reading.faults]
        if column.required:
            blank = np.flatnonzero(values.isna().to_numpy())
            known = {*early["at"], *reading.faults["at"]}
            found.append(
                _blank([at for at in blank if at not in known] if known else blank, column.meaning)
            )
        faults += [part.assign(column=name) for part in found if len(part)]
        if column.kind == "amount" and len(reading.currency):
            stated = pd.Series(reading.currency, index=text.index, dtype="str")
            currency = currency.mask(currency == "", stated)
    empty = pd.DataFrame(columns=[*FAULT_COLUMNS, "column"])
    together = pd.concat(faults, ignore_index=True) if faults else empty
    frame = pd.DataFrame(data, index=sheet.frame.index)
    return frame, together.sort_values("at", kind="stable"), currency, problems


def _blank(at: object, meaning: str) -> pd.DataFrame:
    places = np.asarray(at, dtype=int)
    return pd.DataFrame(
        {"at": places, "rule": "blank, and a value is required", "allowed": meaning}
    )


def _notation(assignment: Assignment, name: str, plan_zone: str) -> Notation:
    """Put together what column map, file map and plan.yaml declare; the nearest wins."""
    sheet, source = assignment.feed.sheet, assignment.feed.source
    spec = assignment.part.columns.get(name, ColumnMap())
    whole = assignment.feed.map
    order = spec.date_order or source.date_order or (whole.date_order if whole else "")
    decimal = spec.decimal or source.decimal or (whole.decimal if whole else "")
    zone = spec.time_zone or source.time_zone or (whole.time_zone if whole else "")
    return Notation(
        decimal="." if sheet.typed else decimal,
        order=order,
        zone=zone,
        plan_zone=plan_zone,
        separator=sheet.separator,
        date_1904=sheet.date_1904,
        scale=spec.scale,
        blanks=source.blanks,
    )


def _first_of_each(frame: pd.DataFrame, table: Table, keep: np.ndarray) -> np.ndarray:
    key = [name for name in table.key if name in frame.columns]
    filled = frame[key].notna().all(axis=1).to_numpy(dtype=bool)
    rows = frame[keep & filled]
    first = np.zeros(len(frame), dtype=bool)
    first[rows.index[~rows.duplicated(key)].to_numpy(dtype=int)] = True
    return first


def _findings(
    faults: pd.DataFrame,
    fatal: np.ndarray,
    texts: Texts,
    table: Table,
    *,
    frame: pd.DataFrame,
    origin: pd.DataFrame,
) -> pd.DataFrame:
    if faults.empty:
        return joined([])
    at = faults["at"].to_numpy(dtype=int)
    stake = stake_column(frame)
    parts = []
    for name, rows in faults.groupby("column", sort=False):
        places = rows["at"].to_numpy(dtype=int)
        parts.append(
            pd.Series(
                texts.raw[str(name)].iloc[places].str.slice(0, _VALUE_LENGTH).to_numpy(),
                index=rows.index,
            )
        )
    found = pd.DataFrame(
        {
            "table": table.name,
            "column": [texts.sources.get(name, name) for name in faults["column"]],
            "value": pd.concat(parts).reindex(faults.index),
            "rule": faults["rule"],
            "allowed": faults["allowed"],
            "severity": np.where(fatal, "row", "cell"),
        }
    ).reset_index(drop=True)
    for name in ORIGIN:
        found[name] = origin[name].iloc[at].to_numpy()
    found["amount_at_stake"] = np.nan if stake is None else stake.iloc[at].to_numpy(dtype=float)
    return found[list(FINDINGS)]


def _broken_rows(assignment: Assignment) -> pd.DataFrame:
    sheet = assignment.feed.sheet
    if sheet.broken.empty:
        return joined([])
    return sheet.broken.assign(
        table=assignment.table,
        file=sheet.file,
        sheet=sheet.sheet,
        amount_at_stake=np.nan,
        severity="row",
    )[list(FINDINGS)]


def _nothing(assignment: Assignment, texts: Texts, problems: list[str] | None = None) -> Rows:
    """No rows, because the source cannot feed the table."""
    table, sheet = TABLES[assignment.table], assignment.feed.sheet
    listed = [f"{problem} (table {table.name})" for problem in problems or texts.problems]
    return Rows(
        table=table.name,
        frame=table.empty().iloc[:0],
        origin=pd.DataFrame(columns=list(ORIGIN)),
        currency=pd.Series(dtype="str"),
        findings=joined([]),
        read=sheet.row_count,
        filtered=0,
        quarantined=0,
        sources=texts.sources,
        unmapped=texts.unmapped,
        problems=(InputError(sheet.where, listed),),
    )
