"""Small helpers on tables that the steps of the alignment share."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from planlib.errors import TableError
from planlib.notes import count_of
from planlib.tables import require_columns


def unique(table: str, frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """
    Give a copy of a table whose key is filled and unique.

    Raises
    ------
    TableError
        If the key is missing, blank or repeated.
    """
    require_columns(table, frame, [key])
    blank, double = frame[key].isna(), frame[key].duplicated(keep=False) & frame[key].notna()
    found = []
    if blank.any():
        found.append(f"column '{key}' is blank in {count_of(int(blank.sum()), 'row')}")
    if double.any():
        first = ", ".join(sorted(set(frame.loc[double, key].astype(str)))[:3])
        found.append(f"column '{key}' repeats in {int(double.sum())} rows, first {first}")
    if found:
        raise TableError(table, found)
    return frame.copy()


def by_account(table: pd.DataFrame | None, ids: pd.Series) -> pd.DataFrame:
    """Bring a table into the order of the book; a missing table has no columns."""
    if table is None:
        return pd.DataFrame(index=ids.index)
    return (
        table.drop_duplicates("account_id")
        .set_index("account_id")
        .reindex(ids)
        .reset_index(drop=True)
    )


def numbers(frame: pd.DataFrame, column: str) -> pd.Series:
    """Give a column as numbers, missing where it is not there or not a number."""
    if column not in frame:
        return pd.Series(np.nan, index=frame.index)
    return pd.to_numeric(frame[column], errors="coerce").astype("float64")


def dates(frame: pd.DataFrame, column: str) -> pd.Series:
    """Give a column as dates, missing where it is not there."""
    if column not in frame:
        return pd.Series(pd.NaT, index=frame.index)
    return pd.to_datetime(frame[column])


def flags(frame: pd.DataFrame, column: str) -> pd.Series:
    """Give a column as truth, false where it is not there or blank."""
    if column not in frame:
        return pd.Series(False, index=frame.index)
    return frame[column].fillna(value=False).astype(bool)


def with_texts(frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Give text columns as text, blank where they are missing."""
    blank = pd.Series(pd.NA, index=frame.index, dtype="str")
    texts = {name: frame[name].astype("str") if name in frame else blank for name in columns}
    return frame.assign(**texts)


def first_text(segments: pd.DataFrame, book: pd.DataFrame, *columns: str) -> pd.Series:
    """Give the first value that is there: from segments, then from accounts, by column."""
    value = pd.Series(pd.NA, index=book.index, dtype="str")
    for column in columns:
        for table in (segments, book):
            if column in table:
                value = value.fillna(table[column].astype("str"))
    return value


def some(names: Iterable[object], count: int = 4) -> str:
    """Name the first few, and say how many more there are."""
    listed = [str(name) for name in names]
    rest = len(listed) - count
    return ", ".join(listed[:count]) + (f" and {rest} more" if rest > 0 else "")
