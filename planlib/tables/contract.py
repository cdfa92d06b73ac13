"""What a table promises: its columns with kind, unit and meaning, its key, and who writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from planlib.errors import TableError, nearest

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

ColumnKind = Literal[
    "id",
    "text",
    "category",
    "int",
    "number",
    "amount",
    "share",
    "score",
    "date",
    "timestamp",
    "bool",
]
Role = Literal["input", "override", "output"]
Sensitive = Literal["", "pay", "rank", "retention", "contact"]

#: pandas dtype of each kind of column.
DTYPES: dict[str, str] = {
    "id": "str",
    "text": "str",
    "category": "str",
    "int": "Int64",
    "number": "float64",
    "amount": "float64",
    "share": "float64",
    "score": "float64",
    "date": "datetime64[us]",
    "timestamp": "datetime64[us]",
    "bool": "boolean",
}

#: Column that says whether enough people stand behind the guarded values of a row.
GROUP = "is_group"
_SHOWN = 3  # rows quoted for a key that repeats


@dataclass(frozen=True)
class Column:
    """
    One column of a table.

    Parameters
    ----------
    name
        Name in snake_case, the field's term.
    kind
        What the values are; decides dtype, parsing and checks. ``share`` is 0 to 1 unless ``ge``
        or ``le`` say otherwise, ``score`` 0 to 100, ``amount`` money in the plan's currency.
    meaning
        One line for the data dictionary.
    unit
        Unit where it is not clear from the kind.
    required
        Whether the column must be there and filled in every row.
    allowed
        Allowed values; empty allows all.
    ge, le
        Bounds, both included.
    below_zero, at_zero
        What a value below 0, or of 0, means where it is allowed but rare, such as money paid back;
        intake names the rows. Blank: nothing is said of them.
    is_past
        Whether the day tells what has happened, so that intake names days after the as-of date.
    sensitive
        Class of personal data that only audiences named in plan.yaml may see.
    guard
        Class of personal data that the value is in rows with few people behind them; it is blank
        there for other audiences. The table says in its column ``is_group`` which rows are shown.
    example
        A value for the example row of blank input files.
    """

    name: str
    kind: ColumnKind
    meaning: str
    unit: str = ""
    required: bool = False
    allowed: tuple[str, ...] = ()
    ge: float | None = None
    le: float | None = None
    below_zero: str = ""
    at_zero: str = ""
    is_past: bool = False
    sensitive: Sensitive = ""
    guard: Sensitive = ""
    example: str = ""

    @property
    def dtype(self) -> str:
        """Pandas dtype of the column."""
        return DTYPES[self.kind]

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """Lower and upper bound, with the defaults of the kind filled in."""
        low, high = {"share": (0.0, 1.0), "score": (0.0, 100.0)}.get(self.kind, (None, None))
        return (low if self.ge is None else self.ge, high if self.le is None else self.le)


@dataclass(frozen=True)
class Table:
    """
    A table's contract.

    Parameters
    ----------
    name
        Name in the store and of the input file.
    role
        ``input`` (from outside), ``override`` (decisions by people) or ``output`` (of a step).
    meaning
        One line for the data dictionary: what one row is.
    key
        Columns that identify a row; empty for event lists.
    columns
        All columns, key columns first.
    step
        The step that writes the table; blank for inputs, which intake writes.
    refs
        For a column, the table and column it points to.
    spans
        Pairs of columns with a first and a last day; the first may not lie after the last.
    """

    name: str
    role: Role
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    step: str = ""
    refs: dict[str, tuple[str, str]] = field(default_factory=dict)
    spans: tuple[tuple[str, str], ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that must be there and filled."""
        return tuple(column.name for column in self.columns if column.required)

    def sensitive(self, allowed: Iterable[str] = ()) -> list[str]:
        """Give the sensitive columns whose class is not among the allowed ones."""
        shown = {"", *allowed}
        return [column.name for column in self.columns if column.sensitive not in shown]

    def guarded(self, allowed: Iterable[str] = ()) -> list[str]:
        """Give the columns that are blank in rows with few people behind them."""
        shown = {"", *allowed}
        return [column.name for column in self.columns if column.guard not in shown]

    def spared(self, frame: pd.DataFrame, allowed: Iterable[str] = ()) -> pd.DataFrame:
        """
        Leave out what may not be seen: sensitive columns, and guarded values of small groups.

        Parameters
        ----------
        frame
            Rows of the table.
        allowed
            Classes of personal data that may be seen.
        """
        shown = {"", *allowed}
        found = frame.drop(columns=self.sensitive(shown), errors="ignore")
        guarded = [name for name in self.guarded(shown) if name in found.columns]
        if not guarded or found.empty:
            return found
        small = ~found[GROUP].fillna(False).astype(bool)
        found = found.copy()
        found.loc[small, guarded] = pd.NA
        return found

    def empty(self) -> pd.DataFrame:
        """Give the table without rows."""
        return pd.DataFrame({column.name: pd.Series(dtype=column.dtype) for column in self.columns})

    def or_empty(self, frame: pd.DataFrame | None) -> pd.DataFrame:
        """Give a frame as it is, or the table without rows where there is none."""
        return self.empty() if frame is None else frame

    def coerce(self, frame: pd.DataFrame | None) -> pd.DataFrame:
        """
        Bring a frame into the table's shape: dtypes, column order, optional columns as NA.

        Parameters
        ----------
        frame
            Columns named as in the contract. Unknown columns are refused. None: no rows.

        Raises
        ------
        TableError
            If a required column is missing, a column is unknown, or values do not convert.
        """
        if frame is None:
            return self.empty()
        problems = self._unknown(frame) + self._missing(frame)
        data: dict[str, pd.Series] = {}
        for column in self.columns:
            if column.name not in frame.columns:
                data[column.name] = pd.Series(pd.NA, index=frame.index, dtype="object")
            else:
                data[column.name] = frame[column.name]
            try:
                data[column.name] = _convert(data[column.name], column)
            except (TypeError, ValueError) as error:
                problems.append(f"column '{column.name}' is not {column.kind}: {error}")
        if problems:
            raise TableError(self.name, problems)
        return pd.DataFrame(data).reset_index(drop=True)

    def conform(self, rows: pd.DataFrame | Sequence[Mapping[str, object]] | None) -> pd.DataFrame:
        """
        Bring rows into the table's shape, without the columns that the contract lacks.

        Parameters
        ----------
        rows
            Columns of the contract and others. None or no rows, whatever the columns: no rows.

        Raises
        ------
        TableError
            If a required column is missing, or values do not convert.
        """
        frame = pd.DataFrame(rows)
        if frame.empty:
            return self.empty()
        return self.coerce(frame[[name for name in frame.columns if name in self.by_name]])

    def adapt(self, frame: pd.DataFrame) -> pd.DataFrame:
        """
        Bring a stored frame that another version wrote into the table's shape.

        Parameters
        ----------
        frame
            Columns of that version. Those that the contract lacks are left out; those that it
            asks for and the frame lacks are blank: unknown, whether required or not.

        Raises
        ------
        TableError
            If values do not convert.
        """
        known = frame[[name for name in frame.columns if name in self.by_name]]
        lacking = [name for name in self.required if name not in known.columns]
        return self.coerce(known.assign(**dict.fromkeys(lacking)))

    def check(self, frame: pd.DataFrame) -> pd.DataFrame:
        """
        Coerce a frame and check every promise of the contract.

        Raises
        ------
        TableError
            With every breach at once: column, check, how many rows, and the first values.
        """
        coerced = self.coerce(frame)
        broken = [column for column in self.columns if not _keeps(coerced[column.name], column)]
        problems = self._breaches(coerced, broken) if broken else []
        if self.key:
            double = coerced.duplicated(list(self.key), keep=False)
            if double.any():
                first = coerced.loc[double, list(self.key)].head(_SHOWN).to_dict("records")
                problems.append(
                    f"key ({', '.join(self.key)}) repeats in {int(double.sum())} rows, "
                    f"first {first}"
                )
        if problems:
            raise TableError(self.name, problems)
        return coerced

    @cached_property
    def schema(self) -> DataFrameSchema:
        """The contract as a pandera schema."""
        from planlib.tables.schema import schema_of

        return schema_of(self)

    def _breaches(self, coerced: pd.DataFrame, broken: list[Column]) -> list[str]:
        """Let pandera say what is wrong with some columns; it is not loaded while all is well."""
        from planlib.tables.schema import breaches

        return breaches(self, coerced, [column.name for column in broken])

    def _missing(self, frame: pd.DataFrame) -> list[str]:
        missing = [name for name in self.required if name not in frame.columns]
        return [f"required column '{name}' is missing" for name in missing]

    def _unknown(self, frame: pd.DataFrame) -> list[str]:
        problems = []
        for name in frame.columns:
            if name not in self.by_name:
                near = nearest(str(name), self.by_name)
                hint = f" (did you mean '{near[0]}'?)" if near else ""
                problems.append(f"column '{name}' is unknown{hint}")
        return problems


def require_columns(table: str, frame: pd.DataFrame, columns: Iterable[str]) -> None:
    """
    Check that a frame has the columns that a function uses.

    Parameters
    ----------
    table
        Name of the table, for the message.
    frame
        The frame.
    columns
        Names that it needs.

    Raises
    ------
    TableError
        If one is missing; the message lists what the frame has.
    """
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        found = ", ".join(map(str, frame.columns)) or "no columns"
        raise TableError(table, [f"column '{name}' is missing; found {found}" for name in missing])


def is_filled(frame: pd.DataFrame | None, column: str) -> bool:
    """Tell whether a frame is there and has a value in a column."""
    return frame is not None and column in frame and bool(frame[column].notna().any())


def _convert(values: pd.Series, column: Column) -> pd.Series:
    if column.kind != "date" and str(values.dtype) == column.dtype:
        return values
    if column.kind in ("id", "text", "category"):
        return values.astype("str")
    if column.kind == "date":
        return pd.to_datetime(values).astype("datetime64[us]").dt.normalize()
    if column.kind == "timestamp":
        return pd.to_datetime(values).astype("datetime64[us]")
    if column.kind == "bool":
        return values.astype("boolean")
    numbers = pd.to_numeric(values.astype("object").where(values.notna(), None))
    if column.kind == "int":
        return numbers.astype("Float64").astype("Int64")
    return numbers.astype("float64")


def _keeps(values: pd.Series, column: Column) -> bool:
    """Tell whether coerced values surely keep what their column promises."""
    low, high = column.bounds
    is_float = column.dtype == "float64"
    if not (column.required or column.allowed or is_float or low is not None or high is not None):
        return True
    known = values.dropna()
    if column.required and len(known) < len(values):
        return False
    if column.allowed and not known.isin(column.allowed).all():
        return False
    if not len(known) or (low is None and high is None and not is_float):
        return True
    least, most = known.min(), known.max()
    if is_float and not (np.isfinite(least) and np.isfinite(most)):
        return False
    return bool((low is None or least >= low) and (high is None or most <= high))
