"""Cells of cuts for movement: every row once per cut, so that one pass adds up all of them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from planlib.pipeline.cuts import ALL, TOTAL, CutTables

#: Columns that name a cell.
CELL = ["cut", "cut_value"]


def by_cut(rows: pd.DataFrame, tables: CutTables, cuts: Sequence[str]) -> pd.DataFrame:
    """
    Repeat rows for the total and for every cut.

    Parameters
    ----------
    rows
        Rows with ``opportunity_id``, ``owner_id`` and ``account_id``.
    tables, cuts
        Where the values of the cuts come from; cuts that cannot be computed are left out.

    Returns
    -------
    DataFrame
        ``rows`` with ``cut`` and ``cut_value``; the cells of each cut hold every row once.
    """
    names = [cut for cut in dict.fromkeys(cuts) if cut != TOTAL and tables.resolve(cut)[0]]
    cells = tables.attach(rows[["opportunity_id", "owner_id", "account_id"]], names)
    parts = [rows.assign(cut=TOTAL, cut_value=ALL)]
    parts += [rows.assign(cut=name, cut_value=cells[name]) for name in names]
    return pd.concat(parts, ignore_index=True)


def in_order(frame: pd.DataFrame, cuts: Sequence[str], then: Sequence[str] = ()) -> pd.DataFrame:
    """Sort a table of cells: the total first, cuts in the order asked for, then by value."""
    place = {cut: at for at, cut in enumerate(dict.fromkeys((TOTAL, *cuts)))}
    ranked = frame.assign(_place=frame["cut"].map(place))
    ranked = ranked.sort_values(["_place", "cut_value", *then], kind="stable", ignore_index=True)
    return ranked.drop(columns="_place")


def value_of(ids: pd.Series, values: pd.Series) -> pd.Series:
    """
    Give the value of each id; missing where there is none.

    Parameters
    ----------
    ids
        Ids, any number of times.
    values
        One value per id, which is the index. Keeps its dtype, also where it is empty.
    """
    return values.reindex(ids.array).set_axis(ids.index)
