"""Which revision supplies a table that the revision at hand does not have."""

from __future__ import annotations

import datetime
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from planlib.errors import WorkbookError
from planlib.periods import KINDS, Period
from planlib.store.atomic import read_json
from planlib.store.frames import read_frame
from planlib.store.layout import FACTS, MANIFEST, all_cycles
from planlib.tables import TABLES

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Source:
    """
    Where a table comes from.

    Parameters
    ----------
    cycle
        Name of the cycle.
    revision
        ``r1``, ``r2`` ..., or ``draft``, ``building``, ``stage`` for what is not published.
    path
        The parquet file.
    """

    cycle: str
    revision: str
    path: Path

    def __str__(self) -> str:
        """Give cycle and revision."""
        return f"{self.cycle}/{self.revision}"

    @property
    def as_of(self) -> datetime.date | None:
        """As-of date of the revision or draft that holds the file; None where it has none."""
        return revision_as_of(self.path.parent.parent)


@dataclass(frozen=True)
class Published:
    """The published revision of a cycle."""

    period: Period
    folder: Path
    as_of: datetime.date | None

    def source(self, table: str) -> Source | None:
        """Give the source of a table that this revision holds."""
        path = table_path(self.folder, table)
        return Source(self.period.name, self.folder.name, path) if path.is_file() else None


def table_path(folder: Path, table: str) -> Path:
    """Give where a table lies in a revision: inputs apart from what steps write."""
    part = "inputs" if table in TABLES and TABLES[table].role == "input" else "tables"
    return folder / part / f"{table}.parquet"


def read_revision(folder: Path, table: str) -> pd.DataFrame | None:
    """Read a table of a revision, or give None where it does not hold it."""
    path = table_path(folder, table)
    return read_frame(path, TABLES[table]) if path.is_file() else None


def published(root: Path, period: Period, as_of: datetime.date | None) -> list[Published]:
    """
    Give the published revisions of other cycles that a cycle may read, best first.

    Parameters
    ----------
    root
        The workbook's folder.
    period
        The period of the cycle that reads.
    as_of
        Its as-of date; None leaves revisions of any date.

    Returns
    -------
    list of Published
        Those that start at or before the period and have an as-of date at or before ``as_of``:
        latest start first, coarser first on ties.
    """
    found = []
    for folder in all_cycles(root, period.fiscal_year):
        other = period.parse(folder.cycle, period.fiscal_year)
        if other.name == period.name or other.start > period.start:
            continue
        current = folder.current()
        if current is None:
            continue
        day = revision_as_of(current)
        if as_of is None or day is None or day <= as_of:
            found.append(Published(other, current, day))
    return sorted(
        found, key=lambda one: (-one.period.start.toordinal(), KINDS.index(one.period.kind))
    )


def from_others(candidates: list[Published], table: str) -> Source | None:
    """Give the best source of a step's table among other cycles."""
    return next((found for one in candidates if (found := one.source(table))), None)


def from_before(candidates: list[Published], table: str, start: datetime.date) -> Source | None:
    """Give the best source among cycles that start earlier."""
    return from_others([one for one in candidates if one.period.start < start], table)


def revision_as_of(folder: Path) -> datetime.date | None:
    """Give the as-of date that a revision or draft was made for, or None when it has none."""
    for name in (MANIFEST, f"inputs/{FACTS}"):
        path = folder / name
        if path.is_file():
            return _date(path, path.stat().st_mtime_ns)
    return None


@functools.lru_cache(maxsize=4096)
def _date(path: Path, _changed: int) -> datetime.date | None:
    facts = read_json(path)
    text = facts.get("as_of") if isinstance(facts, dict) else None
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        raise WorkbookError(f"{path}: as_of '{text}' is not a date") from None
