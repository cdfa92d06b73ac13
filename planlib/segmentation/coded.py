"""Columns of words as whole-number codes with a list of values: quick for a million rows."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import prod
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from planlib.tables import table

Codes = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]

_LARGEST_KEY = 2**62
_GAP = "\x1f"


@dataclass(frozen=True)
class Coded:
    """
    A column of words: ``values[codes[row]]``, with code -1 for a missing value.

    Values need not all occur.
    """

    codes: Codes
    values: tuple[str, ...]

    @classmethod
    def of(cls, words: pd.Series) -> Coded:
        """Code a column; values are in sorted order, so that codes do not depend on row order."""
        codes, found = pd.factorize(words, sort=True)
        return cls(codes.astype(np.intp), tuple(map(str, found)))

    @classmethod
    def constant(cls, value: str, rows: int) -> Coded:
        """Give every row the same value."""
        return cls(np.zeros(rows, dtype=np.intp), (value,))

    def __len__(self) -> int:
        return len(self.codes)

    def series(self) -> pd.Series:
        """Give the column as words."""
        values = pd.array([*self.values, pd.NA], dtype="str")
        return pd.Series(values.take(self.codes))

    def flags(self, holds: Callable[[str], bool]) -> Flags:
        """Tell for each row whether its value has a property; a missing value has none."""
        return np.array([*map(holds, self.values), False], dtype=bool)[self.codes]

    def among(self, values: Sequence[str]) -> Flags:
        """Tell for each row whether its value is one of some, upper and lower case alike."""
        wanted = {value.strip().casefold() for value in values}
        return self.flags(lambda value: value.strip().casefold() in wanted)

    def take(self, place: Codes) -> Coded:
        """Give the rows at some places."""
        return Coded(self.codes[place], self.values)

    def map(self, give: Callable[[str], str]) -> Coded:
        """Replace each value; values that become the same share a code."""
        new = [give(value) for value in self.values]
        known = tuple(sorted(set(new)))
        place = {value: code for code, value in enumerate(known)}
        lookup = np.array([*(place[value] for value in new), -1], dtype=np.intp)
        return Coded(lookup[self.codes], known)

    def fill(self, value: str) -> Coded:
        """Give a missing value a name."""
        if not (self.codes < 0).any():
            return self
        known = self.values if value in self.values else (*self.values, value)
        return Coded(np.where(self.codes < 0, known.index(value), self.codes), known)

    def override(self, other: Coded) -> Coded:
        """Take the other column's value where it has one."""
        known = (*self.values, *(value for value in other.values if value not in self.values))
        place = {value: code for code, value in enumerate(known)}
        lookup = np.array([*(place[value] for value in other.values), -1], dtype=np.intp)
        return Coded(np.where(other.codes < 0, self.codes, lookup[other.codes]), known)

    def count(self) -> npt.NDArray[np.intp]:
        """Count the rows of each value."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))


def combine(columns: Sequence[Coded], join: Callable[[tuple[str, ...]], str]) -> Coded:
    """
    Join several columns into one; ``join`` is called once per combination that occurs.

    A missing value is handed over as an empty text.
    """
    sizes = [len(column.values) + 1 for column in columns]
    if len(columns) > 2 and prod(sizes) >= _LARGEST_KEY:
        inner = combine(columns[:-1], _GAP.join)
        return combine([inner, columns[-1]], lambda parts: join((*parts[0].split(_GAP), parts[1])))
    pairs = zip(columns, sizes, strict=True)
    key = reduce(
        lambda total, pair: total * pair[1] + pair[0].codes + 1,
        pairs,
        np.zeros(len(columns[0]), dtype=np.intp),
    )
    codes, found = pd.factorize(key)
    names = []
    for number in found:
        rest, parts = int(number), []
        for column, size in zip(columns[::-1], sizes[::-1], strict=True):
            rest, code = divmod(rest, size)
            parts.append(column.values[code - 1] if code else "")
        names.append(join(tuple(parts[::-1])))
    return Coded(codes.astype(np.intp), tuple(names)).map(str)


def column(frame: pd.DataFrame, table_name: str, name: str) -> pd.Series:
    """Give a column in the dtype of its contract; all missing where the frame does not have it."""
    dtype = table(table_name).by_name[name].dtype
    values = frame[name] if name in frame.columns else pd.Series(index=frame.index, dtype=dtype)
    converted: pd.Series = values.astype(cast(Any, dtype))
    return converted


def numbers(frame: pd.DataFrame, table_name: str, name: str) -> Numbers:
    """Give a column of numbers with NaN for what is missing."""
    values = column(frame, table_name, name)
    return values.to_numpy(dtype="float64", na_value=np.nan)


def days_before(dates: pd.Series, as_of: datetime.date) -> Numbers:
    """Give the days from each date to the as-of date; NaN where the date is missing."""
    gap = (pd.Timestamp(as_of) - dates).dt.total_seconds()
    days: Numbers = gap.to_numpy(dtype="float64", na_value=np.nan) / 86_400
    return days


def sums(codes: Codes, values: Numbers, size: int) -> Numbers:
    """Add up what is known by code; NaN where nothing is known."""
    known = ~np.isnan(values)
    known &= codes >= 0
    if known.all():
        total, count = np.bincount(codes, values, size), np.bincount(codes, minlength=size)
    else:
        inside = codes[known]
        total, count = np.bincount(inside, values[known], size), np.bincount(inside, minlength=size)
    return np.where(count > 0, total, np.nan)
