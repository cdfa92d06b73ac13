"""Compare two published cycles of a workbook: as text, Excel or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from planlib.clients.differences import Differences, find_differences
from planlib.errors import WorkbookError
from planlib.exchange.sheets import Sheet, SheetColumn, write_book
from planlib.pages import page_writer
from planlib.plan import load_plan
from planlib.store.atomic import write_text
from planlib.store.frames import read_frame
from planlib.store.layout import CycleFolder, cycle_folder, find_workbook
from planlib.store.resolve import revision_as_of, table_path
from planlib.tables import TABLES

_NAMED = re.compile(r"(?P<cycle>[^/]+)(?:/(?P<revision>r[1-9]\d{0,5}))?")
_TITLES = {
    "figures": "Main figures",
    "counts": "Rows by table",
    "owners": "Owners moved",
    "key_accounts": "Key accounts in and out",
    "tiers": "Tiers",
    "cells": "Rows and cells",
}
_SHOWN = 15  # rows of a list in text and HTML
_NUMBERS = {"before", "after", "change", "score_before", "score_after"}
_COUNTS = {"rows_before", "rows_after", "added", "left", "changed"}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """
    Two cycles of a workbook and what differs between them.

    Parameters
    ----------
    name
        Name of the organisation, or of the workbook.
    before, after
        What was compared, such as "2026Q1/r2, as of 2026-03-31".
    currency
        Currency of the money figures.
    found
        The differences.
    """

    name: str
    before: str
    after: str
    currency: str
    found: Differences


def compare_cycles(workbook: str | Path, before: str, after: str) -> Comparison:
    """
    Compare the published revisions of two cycles, or two revisions of one.

    Parameters
    ----------
    workbook
        The workbook.
    before, after
        Cycles such as ``2026Q1``, or revisions such as ``2026Q1/r1``.

    Returns
    -------
    Comparison
        Names of both states and their differences, without columns that the report's audience may
        not see.

    Raises
    ------
    WorkbookError
        If a cycle has not been published; the message names those that have.
    PeriodError
        If a name is no period.
    """
    root = find_workbook(workbook)
    plan = load_plan(root)
    (old, old_period), (new, new_period) = (_revision(root, name) for name in (before, after))
    audience = plan.report.audiences[plan.report.audience]
    hidden = {name: table.sensitive(audience.sees) for name, table in TABLES.items()}
    return Comparison(
        name=plan.name or root.name,
        before=_label(old),
        after=_label(new),
        currency=plan.currency,
        found=find_differences(_read(old), _read(new), (old_period, new_period), hidden),
    )


def comparison_lines(comparison: Comparison) -> list[str]:
    """
    Give the comparison as lines of text: figures, tables, and the first rows of each list.

    Parameters
    ----------
    comparison
        From ``compare_cycles``.

    Returns
    -------
    list of str
        Lines for a terminal.
    """
    found = comparison.found
    lines = [f"{comparison.name}: {comparison.before} against {comparison.after}", ""]
    for row in found.figures.to_dict("records"):
        change = "" if pd.isna(row["change"]) else f" ({row['change']:+,.4g})"
        unit = comparison.currency if row["unit"] == "money" else row["unit"]
        lines.append(
            f"{row['figure']}: {_text(row['before']) or 'unknown'} -> "
            f"{_text(row['after']) or 'unknown'} {unit}{change}; {row['definition']}"
        )
    for name in ("owners", "key_accounts", "tiers"):
        frame = getattr(found, name)
        lines += ["", f"{_TITLES[name]}: {len(frame):,}"]
        for row in frame.head(_SHOWN).to_dict("records"):
            texts = ((str(key).replace("_", " "), _text(value)) for key, value in row.items())
            lines.append("  " + ", ".join(f"{key} {text}" for key, text in texts if text))
    return [*lines, "", *_count_lines(found.counts)]


def _count_lines(counts: pd.DataFrame) -> list[str]:
    lines = [_TITLES["counts"]]
    compared = counts[counts["added"].notna()]
    moved = compared[compared[["added", "left", "changed"]].sum(axis=1) > 0]
    lines += [
        f"  {row['table']}: {row['added']:,} added, {row['left']:,} left, "
        f"{row['changed']:,} changed"
        for row in moved.to_dict("records")
    ]
    lines.append(f"  no change in {len(compared) - len(moved):,} tables")
    for note, rows in counts[counts["added"].isna()].groupby("note", sort=False):
        lines.append(f"  {note}: {', '.join(rows['table'])}")
    return lines


def write_comparison(comparison: Comparison, path: Path) -> None:
    """
    Write the comparison to a file.

    Parameters
    ----------
    comparison
        What ``compare_cycles`` gave.
    path
        ``.xlsx`` gets every row and cell, ``.html`` one page to read.

    Raises
    ------
    WorkbookError
        If the ending is another one.
    """
    if path.suffix.lower() == ".html":
        write_text(path, _page(comparison))
    elif path.suffix.lower() == ".xlsx":
        sheets = [_sheet(name, frame) for name, frame in _parts(comparison)]
        about = [
            ("Workbook", comparison.name),
            ("Before", comparison.before),
            ("After", comparison.after),
            ("Money", comparison.currency),
        ]
        created = pd.Timestamp(_day(comparison.after) or "2026-01-01").date()
        write_book(path, sheets, about=about, created=created, title="What changed")
    else:
        raise WorkbookError(f"{path.name}: a comparison is written to .xlsx or .html")


def _revision(root: Path, name: str) -> tuple[Path, str]:
    """Give the folder of a revision, and the period that its tables are for."""
    match = _NAMED.fullmatch(name)
    if match is None:
        raise WorkbookError(f"'{name[:40]}' is no cycle such as 2026Q1, nor 2026Q1/r1")
    plan = load_plan(root)
    period = plan.period(match["cycle"])
    folder = cycle_folder(root, period.name, period.fiscal_year)
    found = folder.path / match["revision"] if match["revision"] else folder.current()
    if found is None or not (found / "manifest.json").is_file():
        raise WorkbookError(f"{name} has not been published; there are {_published(root)}")
    return found, period.name


def _published(root: Path) -> str:
    home = root / "cycles"
    names = sorted(path.name for path in home.iterdir()) if home.is_dir() else []
    found = [
        f"{name}/r{number}" for name in names for number in CycleFolder(root, name).revisions()
    ]
    return ", ".join(found) or "no cycles yet"


def _read(folder: Path) -> dict[str, pd.DataFrame]:
    paths = {name: table_path(folder, name) for name in TABLES}
    return {name: read_frame(path) for name, path in paths.items() if path.is_file()}


def _label(folder: Path) -> str:
    day = revision_as_of(folder)
    return f"{folder.parent.name}/{folder.name}, as of {day or 'unknown'}"


def _day(label: str) -> str:
    day = label.rsplit(" ", 1)[-1]
    return "" if day == "unknown" else day


def _parts(comparison: Comparison) -> Iterator[tuple[str, pd.DataFrame]]:
    for field in fields(comparison.found):
        yield field.name, getattr(comparison.found, field.name)


def _text(value: Any) -> str:
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 or value.is_integer() else f"{value:,.3g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _sheet(name: str, frame: pd.DataFrame) -> Sheet:
    columns = [
        SheetColumn(column.replace("_", " "), _kind(name, column)) for column in frame.columns
    ]
    return Sheet(name=_TITLES[name], columns=columns, frame=frame, keys=1, told="all")


def _kind(name: str, column: str) -> str:
    if name == "counts" and column in _COUNTS:
        return "int"
    return "number" if name in ("figures", "key_accounts") and column in _NUMBERS else "text"


def _page(comparison: Comparison) -> str:
    parts = [
        _part("figures", comparison.found.figures),
        _part("owners", comparison.found.owners),
        _part("key_accounts", comparison.found.key_accounts),
        _part("tiers", comparison.found.tiers),
        _part("counts", _moved(comparison.found.counts)),
    ]
    return page_writer("compare", "compare.html")({"comparison": comparison, "parts": parts})


def _part(name: str, frame: pd.DataFrame) -> dict[str, Any]:
    """Give one table of the page; a figure that a cycle does not have is unknown."""
    most = max(len(frame) if name == "figures" else 4 * _SHOWN, 1)
    blank = "unknown" if name == "figures" else ""
    return {
        "title": _TITLES[name],
        "heads": [column.replace("_", " ") for column in frame.columns],
        "rows": [
            [_text(value) or blank for value in row] for row in frame.head(most).to_numpy().tolist()
        ],
        "left_out": max(len(frame) - most, 0),
    }


def _moved(counts: pd.DataFrame) -> pd.DataFrame:
    """Give the tables whose rows changed, and those that could not be compared."""
    changes = counts[["added", "left", "changed"]].fillna(0).sum(axis=1)
    return counts[(changes > 0) | counts["added"].isna()]
