"""What differs between two states of a workbook: rows, figures, owners, key accounts, tiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.tables import TABLES, Table

Tables = Mapping[str, pd.DataFrame]
#: Columns that say for which day a row was made; they differ in every row and are no change.
_DAYS = ("as_of", "prior_as_of")
_MOST_ROWS = 5000  # changed cells of one table that are listed
_SAME = 1e-9  # relative difference up to which two numbers are the same
COUNTS = ("table", "rows_before", "rows_after", "added", "left", "changed", "note")
CELLS = ("table", "key", "state", "column", "before", "after")
FIGURES = ("figure", "definition", "unit", "before", "after", "change")
OWNERS = ("account_id", "name", "owner_before", "owner_after", "planned_before", "planned_after")
KEY_ACCOUNTS = ("account_id", "name", "change", "score_before", "score_after", "reason")
TIERS = ("rep_id", "name", "tier_before", "tier_after", "reason")
#: Measures of the performance matrix among the main figures.
_MEASURES = {
    "target": ("Target", "money"),
    "closed_acv": ("Closed", "money"),
    "open_in_period": ("Open, closing in the period", "money"),
    "generated": ("Generated", "money"),
    "coverage": ("Pipeline coverage", "ratio"),
    "win_rate_amount": ("Win rate by amount", "ratio"),
}


@dataclass(frozen=True, kw_only=True)
class Differences:
    """
    What differs between two states; every frame has its columns, also without rows.

    Parameters
    ----------
    figures
        Main figures with definition, before, after and change.
    counts
        Rows added, left and changed by table.
    owners, key_accounts, tiers
        Accounts whose owner changed, that entered or left the key accounts; reps whose tier did.
    cells
        Rows and cells behind ``counts``.
    """

    figures: pd.DataFrame
    counts: pd.DataFrame
    owners: pd.DataFrame
    key_accounts: pd.DataFrame
    tiers: pd.DataFrame
    cells: pd.DataFrame


def find_differences(
    before: Tables, after: Tables, periods: tuple[str, str], hidden: Mapping[str, list[str]]
) -> Differences:
    """
    Compare two states of a workbook.

    Parameters
    ----------
    before, after
        Tables by name.
    periods
        The period that each state plans, as tables name it.
    hidden
        Columns, by table, that the reader may not see; they are not compared.
    """
    names = [name for name in TABLES if name in before or name in after]
    pairs = [
        _table(TABLES[name], before.get(name), after.get(name), hidden.get(name, []))
        for name in names
    ]
    cells = [cells for _, cells in pairs if len(cells)]
    return Differences(
        figures=_figures(before, after, periods),
        counts=pd.DataFrame([counts for counts, _ in pairs], columns=list(COUNTS)),
        owners=_owners(before, after),
        key_accounts=_key_accounts(before, after),
        tiers=_tiers(before, after),
        cells=pd.concat(cells, ignore_index=True) if cells else pd.DataFrame(columns=list(CELLS)),
    )


# ---------------------------------------------------------------- rows


def _table(
    table: Table, before: pd.DataFrame | None, after: pd.DataFrame | None, hidden: list[str]
) -> tuple[tuple[object, ...], pd.DataFrame]:
    """Count rows added, left and changed by key, and list them."""
    none = pd.DataFrame(columns=list(CELLS))
    if before is None or after is None:
        note = "only in the later one" if before is None else "only in the earlier one"
        known = [pd.NA if frame is None else len(frame) for frame in (before, after)]
        return (table.name, *known, pd.NA, pd.NA, pd.NA, note), none
    sizes = (len(before), len(after))
    key = list(table.key)
    common = [name for name in table.by_name if name in before.columns and name in after.columns]
    if not key or set(key) & set(hidden) or not set(key) <= set(common):
        note = "has no key, so only the rows are counted"
        return (table.name, *sizes, pd.NA, pd.NA, pd.NA, note), none
    old, new = _by_key(before, key), _by_key(after, key)
    added, left = new.index.difference(old.index), old.index.difference(new.index)
    both = old.index.intersection(new.index)
    shown = [one for one in common if one not in (*key, *hidden, *_DAYS)]
    old, new = old.loc[both, shown], new.loc[both, shown]
    changes = [_changed(old[one], new[one], one) for one in shown if not old[one].equals(new[one])]
    changed = pd.concat(changes, ignore_index=True) if changes else none
    rows = [
        pd.DataFrame({"key": index, "state": state})
        for state, index in (("added", added), ("left", left))
    ]
    listed = pd.concat([*rows, changed.assign(state="changed")], ignore_index=True)
    counts = (len(added), len(left), int(changed["key"].nunique()) if len(changed) else 0)
    lone = [name for name in table.by_name if (name in before.columns) != (name in after.columns)]
    note = f"columns of one state alone are not compared: {', '.join(lone)}" if lone else ""
    if len(listed) > _MOST_ROWS:
        cut = f"the first {_MOST_ROWS:,} of {len(listed):,} rows and cells are listed"
        note = "; ".join(filter(None, (note, cut)))
    listed = listed.head(_MOST_ROWS).assign(table=table.name)
    return (table.name, *sizes, *counts, note), listed.reindex(columns=list(CELLS))


def _by_key(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    texts = [_texts(frame[name]).fillna("(blank)") for name in key]
    joined = texts[0]
    for text in texts[1:]:
        joined = joined + " | " + text
    return frame.set_axis(pd.Index(joined, name="key")).sort_index(kind="stable")


def _changed(old: pd.Series, new: pd.Series, column: str) -> pd.DataFrame:
    """Give the cells of a column that differ; both unknown is no difference."""
    if pd.api.types.is_float_dtype(old.dtype) and pd.api.types.is_float_dtype(new.dtype):
        left, right = old.to_numpy(dtype="float64"), new.to_numpy(dtype="float64")
        differs = ~np.isclose(left, right, rtol=_SAME, atol=0.0, equal_nan=True)
    else:
        differs = (_texts(old).fillna("") != _texts(new).fillna("")).to_numpy(dtype=bool)
    at = np.flatnonzero(differs)
    return pd.DataFrame(
        {
            "key": old.index[at].astype("str"),
            "column": column,
            "before": _texts(old.iloc[at]).to_numpy(),
            "after": _texts(new.iloc[at]).to_numpy(),
        }
    )


def _texts(values: pd.Series) -> pd.Series:
    """Write values as a reader does; unknown stays unknown."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        text = values.astype("str").str.removesuffix(" 00:00:00")
    elif pd.api.types.is_float_dtype(values.dtype):
        text = values.map(lambda value: f"{value:.10g}", na_action="ignore").astype("str")
    else:
        text = values.astype("str")
    return text.where(values.notna(), None)


# ---------------------------------------------------------------- figures


def _figures(before: Tables, after: Tables, periods: tuple[str, str]) -> pd.DataFrame:
    """Give the main figures of both states; what a state does not have is unknown."""
    pairs = [
        (*told, _figure(name, before, periods[0]), _figure(name, after, periods[1]))
        for name, told in _told(periods).items()
    ]
    frame = pd.DataFrame(pairs, columns=list(FIGURES[:-1]))
    for column in ("before", "after"):
        frame[column] = frame[column].astype("float64")
    return frame.assign(change=frame["after"] - frame["before"])


def _told(periods: tuple[str, str]) -> dict[str, tuple[str, str, str]]:
    """Name, definition and unit of each main figure."""
    own = f"total of the performance matrix for the cycle's own period ({periods[0]}, {periods[1]})"
    return {
        "accounts": ("Accounts", "rows of table accounts", "accounts"),
        "unowned": ("Accounts without owner", "accounts with a blank owner_id", "accounts"),
        "reps": ("People and seats in sales", "rows of table reps, open seats included", "people"),
        "key": ("Key accounts", "accounts with is_key in table key_accounts", "accounts"),
        "open_count": ("Open deals", "opportunities that are not closed", "deals"),
        "open_amount": ("Open amount", "amounts of opportunities that are not closed; deals "
                        "without amount do not count", "money"),
        **{name: (title, own, unit) for name, (title, unit) in _MEASURES.items()},
    }  # fmt: skip


def _figure(name: str, tables: Tables, period: str) -> float:
    if name in _MEASURES:
        return _matrix(tables.get("performance_matrix"), name, period)
    source = {"accounts": "accounts", "unowned": "accounts", "reps": "reps", "key": "key_accounts"}
    frame = tables.get(source.get(name, "opportunities"))
    needed = {"unowned": ["owner_id"], "key": ["is_key"], "open_count": ["is_closed"],
              "open_amount": ["is_closed", "amount"]}.get(name, [])  # fmt: skip
    if frame is None or not set(needed) <= set(frame.columns):
        return float("nan")
    if name == "unowned":
        return float(frame["owner_id"].isna().sum())
    if name == "key":
        return float(frame["is_key"].fillna(False).sum())
    if name in ("accounts", "reps"):
        return float(len(frame))
    is_open = frame["is_closed"].eq(False).fillna(False)
    return float(is_open.sum()) if name == "open_count" else float(frame["amount"][is_open].sum())


def _matrix(matrix: pd.DataFrame | None, measure: str, period: str) -> float:
    if matrix is None or not {"cut", "measure", "period", "value"} <= set(matrix.columns):
        return float("nan")
    row = matrix[
        (matrix["cut"] == "total") & (matrix["measure"] == measure) & (matrix["period"] == period)
    ]
    return float(row["value"].iloc[0]) if len(row) else float("nan")


# ---------------------------------------------------------------- people and accounts


def _owners(before: Tables, after: Tables) -> pd.DataFrame:
    """List accounts whose owner, or planned owner, is not the one of before."""
    sides = [
        _column(tables, name, "account_id", column)
        for name, column in (("accounts", "owner_id"), ("territory_plan", "rep_id"))
        for tables in (before, after)
    ]
    frame = pd.concat(sides, axis=1, keys=OWNERS[2:])
    both = frame.index.isin(sides[0].index) & frame.index.isin(sides[1].index)
    planned = frame.index.isin(sides[2].index) & frame.index.isin(sides[3].index)
    moved = (both & _differ(frame["owner_before"], frame["owner_after"])) | (
        planned & _differ(frame["planned_before"], frame["planned_after"])
    )
    return _named(frame[moved], after, before, "accounts", "account_id").reindex(
        columns=list(OWNERS)
    )


def _key_accounts(before: Tables, after: Tables) -> pd.DataFrame:
    if not _both_have("key_accounts", ("account_id", "is_key"), before, after):
        return pd.DataFrame(columns=list(KEY_ACCOUNTS))
    columns = {
        f"{column}_{side}": _column(tables, "key_accounts", "account_id", column)
        for column in ("is_key", "score", "reason")
        for side, tables in (("before", before), ("after", after))
    }
    frame = pd.DataFrame(columns)
    was, now = (
        frame[f"is_key_{side}"].astype("boolean").fillna(False).astype("bool")
        for side in ("before", "after")
    )
    frame = frame.assign(change=np.where(now, "in", "out"), reason=frame["reason_after"])
    return _named(frame[was != now], after, before, "accounts", "account_id").reindex(
        columns=list(KEY_ACCOUNTS)
    )


def _tiers(before: Tables, after: Tables) -> pd.DataFrame:
    """Compare the tier of the latest month of each rep."""
    if not _both_have("rep_tiers", ("rep_id", "month_date", "tier"), before, after):
        return pd.DataFrame(columns=list(TIERS))
    latest = [
        tables["rep_tiers"]
        .sort_values(["rep_id", "month_date"])
        .drop_duplicates("rep_id", keep="last")
        for tables in (before, after)
    ]
    old, new = (one.set_index("rep_id") for one in latest)
    frame = pd.DataFrame(
        {"tier_before": old["tier"], "tier_after": new["tier"], "reason": new.get("reason")}
    )
    frame.index.name = "rep_id"
    moved = _differ(frame["tier_before"], frame["tier_after"])
    return _named(frame[moved], after, before, "reps", "rep_id").reindex(columns=list(TIERS))


def _column(tables: Tables, name: str, key: str, column: str) -> pd.Series:
    """Give a column by its key; without rows where the state does not have it."""
    frame = tables.get(name)
    if frame is None or not {key, column} <= set(frame.columns):
        return pd.Series(dtype="object", index=pd.Index([], name=key, dtype="str"))
    return frame.drop_duplicates(key).set_index(key)[column]


def _both_have(name: str, columns: tuple[str, ...], *states: Tables) -> bool:
    """Tell whether both states have a table with some columns; else nothing can be compared."""
    return all(name in one and set(columns) <= set(one[name].columns) for one in states)


def _differ(old: pd.Series, new: pd.Series) -> pd.Series:
    return old.astype("str").fillna("") != new.astype("str").fillna("")


def _named(
    frame: pd.DataFrame, after: Tables, before: Tables, table: str, key: str
) -> pd.DataFrame:
    """Add names, the later one where both states have one; sort by key."""
    names = _column(after, table, key, "name").combine_first(_column(before, table, key, "name"))
    frame = frame.assign(name=names.reindex(frame.index)).sort_index()
    return frame.rename_axis(key).reset_index()
