"""Columns of tables that may lack them: typed, with NA where a table does not have one."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import numpy as np
import pandas as pd

#: Amounts of an account that plans are compared in.
AMOUNTS = ("acv", "potential", "open_amount")


def number(frame: pd.DataFrame, column: str) -> pd.Series:
    """Give a column as numbers; NaN where it is missing, blank or infinite."""
    if column not in frame:
        return pd.Series(np.nan, index=frame.index, dtype="float64")
    values = pd.to_numeric(frame[column], errors="coerce").astype("float64")
    return values.where(np.isfinite(values))


def text(frame: pd.DataFrame, *columns: str) -> pd.Series:
    """Give the first of some columns that has a value, as text; blanks count as missing."""
    value = pd.Series(pd.NA, index=frame.index, dtype="str")
    for column in columns:
        if column in frame:
            words = frame[column].astype("str").str.strip()
            value = value.fillna(words.where(words.ne("")))
    return value


def day(frame: pd.DataFrame, column: str) -> pd.Series:
    """Give a column as dates without time; NaT where it is missing."""
    if column not in frame:
        return pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    values = pd.to_datetime(frame[column], errors="coerce")
    return values.astype("datetime64[us]").dt.normalize()


def flag(frame: pd.DataFrame, column: str) -> pd.Series:
    """Give a column as true or false; missing counts as false."""
    if column not in frame:
        return pd.Series(data=False, index=frame.index, dtype="bool")
    return frame[column].astype("boolean").fillna(value=False).astype("bool")


def names_of(frame: pd.DataFrame | None, key: str, name: str = "name") -> dict[str, str]:
    """Give names by id; an id without a name is missing."""
    if frame is None or key not in frame or name not in frame:
        return {}
    known = frame[[key, name]].dropna().drop_duplicates(key)
    return dict(zip(known[key].astype("str"), known[name].astype("str"), strict=True))


def named(ids: pd.Series, names: Mapping[str, str]) -> pd.Series:
    """Give the name of each id; an id without one stands for itself."""
    keys = ids.astype("str")
    return keys.map(dict(names)).astype("str").fillna(keys)


def with_id(ident: object, names: Mapping[str, str]) -> str:
    """Write an id with its name, or alone where there is none."""
    key = str(ident)
    return f"{names[key]} ({key})" if names.get(key, key) != key else key


def known_sum(values: pd.Series) -> float:
    """Give the sum of what is known; NaN where nothing is."""
    return float(values.sum(min_count=1))


def share(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Give part / whole within 0 and 1; NaN where the whole is not above 0."""
    ratio = part.astype("float64") / whole.astype("float64").where(whole.astype("float64") > 0)
    return ratio.clip(0.0, 1.0)


def stamp(value: datetime.date | str) -> pd.Timestamp:
    """Give a day as a timestamp at midnight."""
    return pd.Timestamp(value).normalize()


def families(accounts: pd.DataFrame | None) -> dict[str, str]:
    """
    Give the top account of each account's family; a loop ends at its smallest id.

    Parameters
    ----------
    accounts
        ``account_id`` and ``parent_id``; parents that are no accounts are left out.
    """
    if accounts is None or "parent_id" not in accounts:
        return {}
    ids = accounts["account_id"].astype("str")
    known = set(ids)
    above = {
        child: parent
        for child, parent in zip(ids, text(accounts, "parent_id"), strict=True)
        if parent in known and parent != child
    }
    tops: dict[str, str] = {}
    for account in ids:
        path = [account]
        while path[-1] in above and above[path[-1]] not in path and path[-1] not in tops:
            path.append(above[path[-1]])
        last = path[-1]
        loop = last in above and last not in tops
        top = min(path[path.index(above[last]) :]) if loop else tops.get(last, last)
        tops.update(dict.fromkeys(path, top))
    return tops
