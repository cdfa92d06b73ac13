"""Snapshots of the opportunities that every intake leaves behind; never pruned."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from planlib.store.content import hash_frame
from planlib.store.frames import read_frame, stored_hash, write_frame
from planlib.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable

_FILE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.v([1-9]\d*))?\.parquet")


def snapshots(folder: Path, as_of: datetime.date | None = None) -> dict[datetime.date, Path]:
    """
    Give the file that counts for each snapshot date: the latest version.

    Parameters
    ----------
    folder
        history/opportunities of a workbook.
    as_of
        Leave out later snapshots.
    """
    best: dict[datetime.date, tuple[int, Path]] = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        match = _FILE.fullmatch(path.name)
        if match is None:
            continue
        day = datetime.date.fromisoformat(match[1])
        version = int(match[2] or 1)
        if (as_of is None or day <= as_of) and version > best.get(day, (0, path))[0]:
            best[day] = (version, path)
    return {day: best[day][1] for day in sorted(best)}


def append_snapshot(folder: Path, opportunities: pd.DataFrame, as_of: datetime.date) -> Path | None:
    """
    Keep the opportunities as they stood on a date.

    Parameters
    ----------
    folder
        history/opportunities of a workbook.
    opportunities
        Input table ``opportunities``.
    as_of
        The date on which they stood so.

    Returns
    -------
    Path or None
        The new file; None when the same content is there already. Other content for the same date
        becomes a further version, and the earlier one stays.
    """
    last = snapshots(folder).get(as_of)
    if last is not None and stored_hash(last) == hash_frame(opportunities):
        return None
    version = 0 if last is None else int(_FILE.fullmatch(last.name)[2] or 1)  # type: ignore[index]
    name = (
        f"{as_of.isoformat()}.parquet"
        if last is None
        else (f"{as_of.isoformat()}.v{version + 1}.parquet")
    )
    write_frame(folder / name, opportunities)
    return folder / name


def read_history(files: Iterable[tuple[datetime.date, Path]]) -> pd.DataFrame:
    """
    Give snapshots as one table.

    Returns
    -------
    DataFrame
        Columns of ``opportunity_history``; ``record`` is "snapshot" and ``sequence`` 0.
    """
    contract = TABLES["opportunity_history"]
    parts = []
    for day, path in files:
        frame = read_frame(path)
        known = [name for name in contract.by_name if name in frame.columns]
        parts.append(
            frame[known].assign(snapshot_date=pd.Timestamp(day), sequence=0, record="snapshot")
        )
    if not parts:
        return contract.empty()
    return contract.coerce(pd.concat([contract.adapt(part) for part in parts]))
