"""What a table's contract says of its rows beyond single cells: the row stays, and it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd

from planlib.intake.rows import Breach, breach_findings, joined
from planlib.tables import Column, Table

_MEANT = "kept as it is; mend the row where it is not meant so"


def check_rows(table: Table, frame: pd.DataFrame, origin: pd.DataFrame) -> pd.DataFrame:
    """
    List spans that end before they begin, rare amounts, and events that stand there twice.

    Parameters
    ----------
    table
        Contract: ``spans``, ``below_zero`` and ``at_zero`` of its columns, and its key; a table
        without one is a list of events, of which intake drops none.
    frame, origin
        Rows as the source has them, and where each came from, same order.

    Returns
    -------
    DataFrame
        Findings with severity "note", one per row and rule; every row is kept.
    """
    breaches = [*_turned(table, frame), *_rare(table, frame), *_repeated(table, frame)]
    return joined([breach_findings(table.name, (frame, origin), one) for one in breaches])


def check_days(
    table: Table, frame: pd.DataFrame, origin: pd.DataFrame, as_of: date
) -> pd.DataFrame:
    """
    List days of what has happened that lie after the as-of date.

    Parameters
    ----------
    table
        Contract: ``is_past`` of its columns.
    frame, origin
        Rows, and where each came from, same order.
    as_of
        Day on which the data stand.

    Returns
    -------
    DataFrame
        Findings with severity "note", one per column: its first row and the number of rows, as an
        earlier as-of date makes many. Every row is kept.
    """
    found = []
    for column in table.columns:
        if not column.is_past or column.name not in frame:
            continue
        late = (frame[column.name] > pd.Timestamp(as_of)).fillna(False).astype(bool)
        first = late & ~late.cumsum().gt(1)
        rule = f"after the as-of date {as_of} ({int(late.sum()):,} rows, this is the first)"
        allowed = f"a day until {as_of} for what has happened; the rows are kept"
        breach = Breach(column.name, first, _day(frame[column.name]), rule, allowed)
        found.append(breach_findings(table.name, (frame, origin), breach))
    return joined(found)


def _turned(table: Table, frame: pd.DataFrame) -> Iterator[Breach]:
    """Find spans whose last day lies before the first one."""
    for first, last in table.spans:
        if first in frame and last in frame:
            wrong = (frame[last] < frame[first]).fillna(False).astype(bool)
            told = _day(frame[last]) + f", {first} " + _day(frame[first])
            yield Breach(last, wrong, told, f"lies before {first}",
                          f"a day from {first} on; the row is kept")  # fmt: skip


def _rare(table: Table, frame: pd.DataFrame) -> Iterator[Breach]:
    """Find amounts that are allowed, and often a slip of the pen."""
    for column in table.columns:
        if column.name in frame and (column.below_zero or column.at_zero):
            yield from _rare_of(column, frame[column.name].astype("float64"))


def _rare_of(column: Column, values: pd.Series) -> Iterator[Breach]:
    told = values.map("{:g}".format, na_action="ignore")
    if column.below_zero:
        yield Breach(column.name, values < 0, told, f"below 0: {column.below_zero}", _MEANT)
    if column.at_zero:
        yield Breach(column.name, values == 0, told, f"0: {column.at_zero}", _MEANT)


def _repeated(table: Table, frame: pd.DataFrame) -> Iterator[Breach]:
    """Find events that equal an earlier one in every column that the source has."""
    names = [name for name in table.required if name in frame]
    if table.key or not names or frame.empty:
        return
    told = frame[names].astype("str").agg(" | ".join, axis=1)
    yield Breach(", ".join(names), frame.duplicated(), told,
                  "the same as an earlier row in every column",
                  "each event once; both rows are kept")  # fmt: skip


def _day(days: pd.Series) -> pd.Series:
    """Write days, with their time where they have one."""
    timed = (days.dt.normalize() != days) & days.notna()
    told: pd.Series = days.dt.strftime("%Y-%m-%d")
    return told.mask(timed, days.dt.strftime("%Y-%m-%d %H:%M"))
