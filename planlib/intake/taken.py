"""What intake took in: the tables, the rows set aside, and a summary of each table."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planlib.errors import InputError
from planlib.intake.rows import Rows, summed_column
from planlib.intake.sources import Assignment
from planlib.notes import count_of

#: Columns of the summary, see tables/intake.py.
SUMMARY = (
    "table",
    "sources",
    "rows_read",
    "rows_filtered",
    "rows_kept",
    "rows_quarantined",
    "rows_repeated",
    "cells_left_out",
    "amount_column",
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
    unread
        Files beside the sources that are not read, a sentence each.
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
    unread: tuple[str, ...] = ()

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
            f"{where}: {count_of(len(lines), 'line')} left out as no data, such as "
            f"'{lines[-1][:60]}'"
            for where, lines in self.dropped.items()
        ]
        lines += [f"{name}: feeds no table" for name in self.unused]
        lines += self.unread
        unused = self.summary[self.summary["columns_unused"] != ""]
        lines += [
            f"{table}: columns not used: {columns}"
            for table, columns in zip(unused["table"], unused["columns_unused"], strict=True)
        ]
        return lines


@dataclass(frozen=True, kw_only=True)
class Built:
    """
    One table while it is being put together.

    Parameters
    ----------
    frame, origin, currency
        Its rows, where each came from, and the currency that each states.
    findings
        What was found in them.
    parts
        The sources that feed it, with what was read of each.
    duplicates, repeated, added
        Rows set aside because their key stands twice; those of them that equal the kept row in
        every column; rows that no source has.
    """

    frame: pd.DataFrame
    origin: pd.DataFrame
    currency: pd.Series
    findings: pd.DataFrame
    parts: tuple[tuple[Assignment, Rows], ...]
    duplicates: int = 0
    repeated: int = 0
    added: int = 0


def summarise(built: Mapping[str, Built], tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Give one row per table: rows read, filtered, kept, set aside; money; columns (SUMMARY)."""
    rows = []
    for name, one in built.items():
        parts = [rows for _, rows in one.parts]
        set_aside = one.findings[one.findings["severity"] == "row"]
        money = summed_column(name, tables[name])
        known = money is not None and money.notna().any()
        rows.append(
            {
                "table": name,
                "sources": "; ".join(dict.fromkeys(a.feed.sheet.where for a, _ in one.parts)),
                "rows_read": sum(part.read for part in parts),
                "rows_filtered": sum(part.filtered for part in parts),
                "rows_kept": len(tables[name]) - one.added,
                "rows_quarantined": sum(part.quarantined for part in parts) + one.duplicates,
                "rows_repeated": one.repeated,
                "cells_left_out": int((one.findings["severity"] == "cell").sum()),
                "amount_column": None if money is None or not known else str(money.name),
                "amount_kept": np.nan if money is None else money.sum(min_count=1),
                "amount_quarantined": np.nan if money is None else _distinct_money(set_aside),
                "columns_used": sum(len(part.sources) for part in parts),
                "columns_unused": ", ".join(_unused(one.parts)),
            }
        )
    return pd.DataFrame(rows, columns=list(SUMMARY))


def named_as_source(
    findings: pd.DataFrame, parts: tuple[tuple[Assignment, Rows], ...]
) -> pd.DataFrame:
    """
    Name the columns of findings as their source does.

    Parameters
    ----------
    findings
        Findings with ``file``, ``sheet`` and ``column`` by the table's name.
    parts
        The sources of the table. A column that a source does not have keeps the table's name.
    """
    headers = {
        (assignment.feed.sheet.file, assignment.feed.sheet.sheet, column): header
        for assignment, rows in parts
        for column, header in rows.sources.items()
    }
    places = findings[["file", "sheet", "column"]].itertuples(index=False, name=None)
    return findings.assign(column=[headers.get(place, place[-1]) for place in places])


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


__all__ = ["SUMMARY", "Built", "Taken", "named_as_source", "summarise"]
