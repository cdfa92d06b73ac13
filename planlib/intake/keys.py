"""Keys: duplicates are decided by a stated rule, orphans are kept and listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from planlib.intake.rows import FINDINGS, ORIGIN, joined, stake_column
from planlib.tables import TABLES, Table

_LATEST = ("updated_date", "last_activity_date", "recorded_date", "created_date")


@dataclass(frozen=True, kw_only=True)
class Unique:
    """
    Rows with one row per key, where each came from, and the rows set aside.

    ``repeated`` counts those set aside that equal a kept row in every column.
    """

    frame: pd.DataFrame
    origin: pd.DataFrame
    kept: np.ndarray
    findings: pd.DataFrame
    repeated: int = 0


def drop_duplicates(table: Table, frame: pd.DataFrame, origin: pd.DataFrame) -> Unique:
    """
    Keep one row per key.

    Of identical rows the first stays. Of rows with one key and different values the one with the
    latest date of change stays (``updated_date``, else the next date that the table has), the
    first where dates are equal or missing. All others are findings with severity "row"; the money
    of an identical row is not at stake, for the row that stays has it.

    Parameters
    ----------
    table
        Contract with the key.
    frame, origin
        Rows and where each came from, same order.
    """
    key = [name for name in table.key if name in frame.columns]
    double = frame.duplicated(key, keep=False) if key else pd.Series(False, index=frame.index)
    if not key or not double.any():
        return Unique(
            frame=frame, origin=origin, kept=np.ones(len(frame), dtype=bool), findings=joined([])
        )
    rows = frame[double]
    date = next((name for name in _LATEST if name in frame.columns and name not in key), None)
    ranked = rows.assign(_at=np.arange(len(rows)))
    if date is not None:
        ranked = ranked.sort_values([date, "_at"], ascending=[False, True], na_position="last")
    winners = ranked[~ranked.duplicated(key)]
    losers = rows.index.difference(winners.index)
    winner_of = rows[key].merge(winners[key].assign(_winner=winners.index), on=key, how="left")[
        "_winner"
    ]
    winner_of.index = rows.index
    same = _same(frame, losers, winner_of.loc[losers])
    kept_row = origin["row"].loc[winner_of.loc[losers]].to_numpy()
    kept_file = origin["file"].loc[winner_of.loc[losers]].to_numpy()
    by = f"the later {date}, else the first" if date else "the first"
    rule = np.where(same, "identical duplicate of row ", "same key as row ")
    end = np.where(same, "", f" with other values; kept: {by}")
    stake = stake_column(frame)
    findings = pd.DataFrame(
        {
            "table": table.name,
            "column": ", ".join(key),
            "value": frame.loc[losers, key].astype("str").agg(" | ".join, axis=1).to_numpy(),
            "rule": [
                f"{a}{row} of {file}{b}"
                for a, row, file, b in zip(rule, kept_row, kept_file, end, strict=True)
            ],
            "allowed": "one row per key",
            "severity": "row",
            "amount_at_stake": np.nan
            if stake is None
            else np.where(same, np.nan, stake.loc[losers].to_numpy(dtype=float)),
        }
    )
    for name in ORIGIN:
        findings[name] = origin.loc[losers, name].to_numpy()
    keep = ~frame.index.isin(losers)
    return Unique(
        frame=frame[keep].reset_index(drop=True),
        kept=keep,
        origin=origin[keep].reset_index(drop=True),
        findings=findings[list(FINDINGS)],
        repeated=int(same.sum()),
    )


def _same(frame: pd.DataFrame, losers: pd.Index, winners: pd.Series) -> np.ndarray:
    """Whether each row set aside equals the row that stays, in every column."""
    left = frame.loc[losers].reset_index(drop=True)
    right = frame.loc[winners.to_numpy()].reset_index(drop=True)
    same = np.ones(len(left), dtype=bool)
    for name in frame.columns:
        equal = (left[name] == right[name]).fillna(False).to_numpy(dtype=bool)
        both = (left[name].isna() & right[name].isna()).to_numpy(dtype=bool)
        same &= equal | both
    return same


@dataclass(frozen=True, kw_only=True)
class Known:
    """
    What the values of a column are compared with.

    Parameters
    ----------
    table, column
        The column.
    values
        Values that are known.
    where
        Where they are known from, after "not".
    allowed
        Says what is allowed, by the value found.
    """

    table: str
    column: str
    values: pd.Series
    where: str
    allowed: Callable[[str], str]


def known_keys(tables: Mapping[str, pd.DataFrame]) -> Iterator[Known]:
    """Give for each column that points to a table of the workbook the keys of that table."""
    for name, frame in tables.items():
        for column, (target, key) in TABLES[name].refs.items():
            if column in frame.columns and target in tables and not tables[target].empty:
                yield Known(
                    table=name, column=column, values=tables[target][key],
                    where=target, allowed=_AKey(target, tables[target], key),
                )  # fmt: skip


@dataclass(frozen=True)
class _AKey:
    """Says what is allowed where a key of a table is unknown, and which key may be meant."""

    table: str
    frame: pd.DataFrame
    key: str

    def __call__(self, value: str) -> str:
        bare = _bare(value)
        if bare in self._by_key:
            return f"a key of table {self.table}, perhaps {self._by_key[bare]}; the rows are kept"
        if bare in self._by_name:
            return (
                f"a key of table {self.table}, perhaps {self._by_name[bare]}, whose name it is "
                "(lookup in a column map finds keys by names); the rows are kept"
            )
        return f"a key of table {self.table}; the rows are kept"

    @cached_property
    def _by_key(self) -> dict[str, str]:
        """The one key by its letters and digits."""
        return self._one_by(self.key)

    @cached_property
    def _by_name(self) -> dict[str, str]:
        """The one key by the letters and digits of its row's name."""
        return self._one_by("name") if "name" in self.frame else {}

    def _one_by(self, column: str) -> dict[str, str]:
        both = self.frame[self.key].notna() & self.frame[column].notna()
        keys = self.frame.loc[both, self.key].astype(str).to_numpy(dtype=object)
        bare = self.frame.loc[both, column].astype(str).map(_bare)
        one = (~bare.duplicated(keep=False) & bare.ne("")).to_numpy(dtype=bool)
        return dict(zip(bare[one], keys[one], strict=True))


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def find_unknown(
    known: Iterable[Known],
    tables: Mapping[str, pd.DataFrame],
    origins: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    """
    List values that nothing else in the workbook knows, such as keys without a row.

    The rows stay as they are: an opportunity of an unknown account is still an opportunity.

    Parameters
    ----------
    known
        What columns are compared with.
    tables
        Input tables by name.
    origins
        Where each row came from, same order.

    Returns
    -------
    DataFrame
        Findings with severity "note", one per value: its first row, the number of rows and the
        money in them.
    """
    return joined([_unknown(one, tables[one.table], origins[one.table]) for one in known])


def _unknown(known: Known, frame: pd.DataFrame, origin: pd.DataFrame) -> pd.DataFrame:
    column = known.column
    lost = frame[column].notna() & ~frame[column].isin(known.values)
    if not lost.any():
        return joined([])
    rows = frame.loc[lost, [column]]
    stake = stake_column(frame)
    amount = pd.Series(np.nan, index=rows.index) if stake is None else stake.loc[rows.index]
    grouped = rows.assign(_amount=amount, _at=rows.index).groupby(column, sort=True)
    facts = grouped.agg(
        count=("_at", "size"),
        first=("_at", "min"),
        money=("_amount", lambda values: values.sum(min_count=1)),
    )
    facts = facts.reset_index()
    first = facts["first"].to_numpy(dtype=int)
    found = pd.DataFrame(
        {
            "table": known.table,
            "column": column,
            "value": facts[column],
            "rule": [
                f"not found in {known.where} ({count:,} rows, this is the first)"
                if count > 1
                else f"not found in {known.where} (one row)"
                for count in facts["count"]
            ],
            "allowed": [known.allowed(str(value)) for value in facts[column]],
            "severity": "note",
            "amount_at_stake": facts["money"].to_numpy(dtype=float),
        }
    )
    for one in ORIGIN:
        found[one] = origin[one].iloc[first].to_numpy()
    return found[list(FINDINGS)]
