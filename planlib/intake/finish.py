"""Finish the tables once all are read: names to keys, blank amounts, currency, closed and won."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from planlib.intake.maps import ColumnMap, Fill, Lookup
from planlib.intake.rows import FINDINGS, ORIGIN, joined
from planlib.tables import TABLES

Frames = dict[str, pd.DataFrame]


def apply_lookup(
    frame: pd.DataFrame, column: str, lookup: Lookup, tables: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """
    Replace names by keys of another table.

    A value that is a key already stays. A name that no row, or more than one, of the other table
    has stays as it is; it is then listed as an orphan.

    Parameters
    ----------
    frame, column
        Table and column with the names.
    lookup
        Other table, its column of names and its column of keys.
    tables
        All tables.
    """
    other = tables.get(lookup.table)
    if other is None or column not in frame or not {lookup.by, lookup.take} <= {*other.columns}:
        return frame
    pairs = other[[lookup.by, lookup.take]].dropna()
    pairs = pairs.assign(_plain=pairs[lookup.by].map(_name))
    single = pairs[~pairs["_plain"].duplicated(keep=False)]
    keys = dict(zip(single["_plain"], single[lookup.take], strict=True))
    known = set(other[lookup.take].dropna())
    words = {
        value: value if value in known else keys.get(_name(value), value)
        for value in frame[column].dropna().unique()
    }
    return frame.assign(**{column: frame[column].map(words).astype("str")})


def apply_fill(
    frame: pd.DataFrame, column: str, fill: Fill, tables: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """
    Fill blank cells from another table, and flag the rows.

    Parameters
    ----------
    frame, column
        Table and column with blanks.
    fill
        Other table, key, column taken, flag column, and whether only open deals are filled.
    tables
        All tables.
    """
    other = tables.get(fill.table)
    if other is None or fill.take not in other or fill.on not in frame:
        return frame
    key = TABLES[fill.table].key[0]
    values = other.dropna(subset=[key]).drop_duplicates(key).set_index(key)[fill.take]
    old = frame[column] if column in frame else pd.Series(np.nan, index=frame.index)
    blank = old.isna()
    if fill.only_open and "is_closed" in frame:
        blank &= ~frame["is_closed"].fillna(False).astype(bool)
    new = frame[fill.on].map(values)
    filled = blank & new.notna()
    result = frame.assign(**{column: old.mask(filled, new)})
    if fill.flag:
        before = (
            frame[fill.flag]
            if fill.flag in frame
            else pd.Series(pd.NA, index=frame.index, dtype="boolean")
        )
        result = result.assign(**{fill.flag: before.mask(filled, True).fillna(False)})
    return result


def convert_money(
    table: str,
    frame: pd.DataFrame,
    stated: pd.Series,
    origin: pd.DataFrame,
    *,
    currency: str,
    rates: Mapping[str, float],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Bring money into the plan's currency.

    Parameters
    ----------
    table, frame
        Table; a column ``currency`` says the currency of its rows.
    stated
        Currency that stood in the money cells, by row; blank without.
    origin
        Where each row came from.
    currency, rates
        The plan's currency, and the value of one unit of others in it.

    Returns
    -------
    tuple
        The table, and a finding for each cell of money in a currency without a rate: it becomes
        NA.
    """
    columns = [
        one.name
        for one in TABLES[table].columns
        if one.kind == "amount" and one.name in frame and one.name != "source_amount"
    ]
    if not columns or frame.empty:
        return frame, joined([])
    if "currency" in frame:
        stated = frame["currency"].fillna("").str.upper().where(frame["currency"].notna(), stated)
    foreign = (stated != "") & (stated != currency)
    converted = "source_amount" in frame and frame["source_amount"].notna()
    foreign &= ~pd.Series(converted, index=frame.index)
    if not foreign.any():
        return frame, joined([])
    rate = stated.map(dict(rates)).astype("float64").where(foreign, 1.0)
    result = frame.copy()
    if "source_amount" in TABLES[table].by_name and "amount" in frame:
        before = result.get("source_amount", np.nan)
        result["source_amount"] = pd.Series(before, index=frame.index, dtype="float64").mask(
            foreign, frame["amount"]
        )
        result["currency"] = stated.mask(stated == "", currency)
    for name in columns:
        result[name] = frame[name] * rate
    lost = foreign & rate.isna()
    return result, joined([
        _without_rate(table, frame.loc[lost, name], stated[lost], origin[lost])
        for name in columns
    ])  # fmt: skip


def _without_rate(
    table: str, money: pd.Series, stated: pd.Series, origin: pd.DataFrame
) -> pd.DataFrame:
    """List the cells of a column of money that cannot be brought into the plan's currency."""
    kept = money.notna()
    money, stated, origin = money[kept], stated[kept], origin[kept]
    findings = pd.DataFrame(
        {
            "table": table,
            "column": money.name,
            "value": [f"{value:.15g} {code}" for value, code in zip(money, stated, strict=True)],
            "rule": [f"no rate for {code} in plan.yaml" for code in stated],
            "allowed": "a rate under rates in plan.yaml; the money is left out",
            "severity": "cell",
            "amount_at_stake": np.nan,
        }
    )
    for name in ORIGIN:
        findings[name] = origin[name].to_numpy()
    return findings[list(FINDINGS)]


def currency_of_deals(
    frame: pd.DataFrame, stated: pd.Series, deals: pd.DataFrame, deal_stated: pd.Series, home: str
) -> tuple[pd.Series, int]:
    """
    Give rows that state no currency that of their deal: CRMs keep a deal's past in its currency.

    Parameters
    ----------
    frame, stated
        A table with ``opportunity_id``, and the currency of its money by row, blank without.
    deals, deal_stated
        Table ``opportunities`` before its money is converted, and the currency of its cells.
    home
        The plan's currency.

    Returns
    -------
    tuple
        The currency by row, and how many rows got a foreign one from their deal. A deal whose
        amount came converted, with ``source_amount`` beside it, counts as in the plan's currency.
    """
    own = deal_stated
    if "currency" in deals:
        own = deals["currency"].fillna("").str.upper().where(deals["currency"].notna(), own)
    if "source_amount" in deals:
        own = own.mask(deals["source_amount"].notna(), home)
    by_deal = own.set_axis(deals["opportunity_id"])
    by_deal = by_deal[~by_deal.index.duplicated()]
    found = by_deal.reindex(frame["opportunity_id"].array).fillna("").set_axis(frame.index)
    taken = (stated == "") & ~found.isin(["", home])
    return stated.mask(taken, found), int(taken.sum())


def derive_closed(frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """
    Work out whether deals are closed and won where the source does not say so.

    Stage metadata decide: what is won is closed; without both columns a forecast category
    "closed" or a probability of 1 means won, a probability of 0 lost. Labels are never read.

    Parameters
    ----------
    frame
        Table ``opportunities`` or ``opportunity_history``.

    Returns
    -------
    tuple
        The table, and a sentence on what was worked out; blank where nothing was.
    """
    if {"is_closed", "is_won"} <= {*frame.columns}:
        closed = frame["is_closed"].mask(frame["is_won"].fillna(False), True)
        won = frame["is_won"].mask(
            frame["is_closed"].eq(False).fillna(False) & frame["is_won"].isna(), False
        )
        return frame.assign(is_closed=closed, is_won=won), ""
    chance = frame.get("probability")
    category = frame.get("forecast_category")
    if chance is None and category is None:
        return frame, ""
    nothing = pd.Series(pd.NA, index=frame.index)
    sure = (chance if chance is not None else nothing).astype("Float64")
    by_category = (category if category is not None else nothing.astype("str")).eq("closed")
    won = sure.eq(1).fillna(False) | by_category.fillna(False)
    lost = sure.eq(0).fillna(False) & ~by_category.fillna(False)
    known = sure.notna() | (category.notna() if category is not None else False)
    result = frame
    if "is_won" not in frame:
        result = result.assign(is_won=won.astype("boolean").where(known))
    if "is_closed" not in frame:
        closed = (won | lost).astype("boolean").where(known)
        result = result.assign(is_closed=closed.mask(result["is_won"].fillna(False), True))
    return result, (
        "closed and won were worked out from probability and forecast category, "
        "because the source has no columns for them"
    )


def finish_history(frame: pd.DataFrame, order: pd.Series) -> pd.DataFrame:
    """
    Give history rows their order within a day and their kind.

    Parameters
    ----------
    frame
        Table ``opportunity_history`` without, or with blank, ``sequence`` and ``record``.
    order
        Rank of each row in its source, by time where the source has it.

    Returns
    -------
    DataFrame
        ``sequence`` counts from 0 per deal and day. ``record`` is "snapshot" when the days hold
        on average more than a third of all deals, else "change".
    """
    result = frame
    if "sequence" not in frame:
        ranked = frame.assign(_order=order.to_numpy(), _at=np.arange(len(frame)))
        ranked = ranked.sort_values(["_order", "_at"])
        count = ranked.groupby(["opportunity_id", "snapshot_date"]).cumcount()
        result = result.assign(sequence=count.reindex(frame.index).astype("Int64"))
    if "record" not in frame:
        days = frame.groupby("snapshot_date")["opportunity_id"].nunique()
        deals = frame["opportunity_id"].nunique()
        kind = "snapshot" if deals and days.mean() > deals / 3 and len(days) > 1 else "change"
        result = result.assign(record=pd.Series(kind, index=frame.index, dtype="str"))
    return result


def lookups_of(columns: Mapping[str, ColumnMap]) -> list[tuple[str, Lookup]]:
    """Give the columns of a map that are looked up."""
    return [(name, one.lookup) for name, one in columns.items() if one.lookup is not None]


def fills_of(columns: Mapping[str, ColumnMap]) -> list[tuple[str, Fill]]:
    """Give the columns of a map whose blanks are filled."""
    return [(name, one.fill) for name, one in columns.items() if one.fill is not None]


def _name(value: str) -> str:
    return " ".join(value.split()).casefold()
