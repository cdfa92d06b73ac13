"""Load files as text, and values in the form in which they are compared."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from planlib.errors import InputError
from planlib.exchange.crm.exports import object_name
from planlib.exchange.crm.ids import full_ids
from planlib.exchange.crm.objects import NOTHING, Action, CrmObject, Field, System

_ACTIONS: tuple[Action, ...] = ("insert", "update", "delete")


@dataclass(frozen=True)
class FileName:
    """What the name of a load file says: its number, object, action."""

    number: int
    object: str
    action: Action


def read_name(file: str, system: System) -> FileName | None:
    """
    Read the name of a load file; None where it is none.

    Examples
    --------
    >>> read_name("07_ObjectTerritory2Association_insert_002.csv", "salesforce")
    FileName(number=7, object='ObjectTerritory2Association', action='insert')
    """
    name = object_name(file, system)
    words = re.split(r"[^a-z0-9]+", Path(file).stem.lower())
    actions = [action for action in _ACTIONS if action in words]
    if not name or len(actions) != 1:
        return None
    number = int(words[0]) if words[0].isdigit() else 0
    return FileName(number, name, actions[0])


@dataclass(frozen=True)
class Table:
    """
    A load file as text.

    Parameters
    ----------
    frame
        Its cells; blank as "".
    rows
        Row of each in a spreadsheet, the header being row 1.
    broken
        Row, what was found, what is allowed: rows that do not fit the header.
    has_mark
        Whether it starts with the mark of UTF-8.
    """

    frame: pd.DataFrame
    rows: pd.Series
    broken: list[tuple[int, str, str]]
    has_mark: bool = False


def read_table(path: Path) -> Table:
    """
    Read a load file as text; rows that do not fit are in ``broken``.

    Raises
    ------
    InputError
        If it is not UTF-8, or is empty.
    """
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(path.name, [
            f"line {line}: is not UTF-8; save it as CSV UTF-8"
        ]) from None  # fmt: skip
    try:
        records = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise InputError(path.name, [f"is no table: {error}"]) from None
    if not records or not any(records[0]):
        raise InputError(path.name, ["row 1: has no header"])
    header = records[0]
    width = len(header)
    broken = [
        (at, f"{len(record)} cells", f"{width} cells, as in the header")
        for at, record in enumerate(records[1:], start=2)
        if len(record) != width and record
    ]
    rows = [at for at, record in enumerate(records[1:], start=2) if len(record) == width]
    frame = pd.DataFrame([records[at - 1] for at in rows], columns=header, dtype="str")
    has_mark = data.startswith(b"\xef\xbb\xbf")
    return Table(frame, pd.Series(rows, dtype="int64"), broken, has_mark)


def read_rows(path: Path) -> pd.DataFrame:
    """
    Read a load file as text, blank as "".

    Raises
    ------
    InputError
        If it is not UTF-8 or rows do not fit its header; the message names them.
    """
    table = read_table(path)
    if table.broken:
        raise InputError(path.name, [
            f"row {row}: has {found}; allowed are {allowed}" for row, found, allowed in table.broken
        ])  # fmt: skip
    return table.frame


def plain_values(values: pd.Series, field: Field, system: System) -> pd.Series:
    """Give values in the form in which they are compared: ids, days, cents, yes and no."""
    text = values.astype("str").fillna("").str.strip()
    text = text.mask(text == NOTHING, "")
    if field.kind == "id" and system == "salesforce":
        return full_ids(text)["id"].fillna("").astype("str")
    if field.kind == "amount":
        cents = (pd.to_numeric(text.mask(text == ""), errors="coerce") * 100).round()
        shown = cents.map(lambda value: "" if pd.isna(value) else f"{value:.0f}")
        return shown.astype("str")
    if field.kind == "date":
        days = pd.to_datetime(text.str[:10], format="%Y-%m-%d", errors="coerce")
        return days.dt.strftime("%Y-%m-01").astype("str").fillna("")
    if field.kind in ("flag", "email", "name"):
        return text.str.lower()
    return text


def key_index(rows: pd.DataFrame, one: CrmObject, system: System) -> pd.Index:
    """Give one text for the key of each row, from plain values."""
    text = pd.Series("", index=rows.index, dtype="str")
    for name in one.key:
        if name in rows.columns:
            text = text + plain_values(rows[name], one.by_name[name], system)
        text = text + "|"
    return pd.Index(text)
