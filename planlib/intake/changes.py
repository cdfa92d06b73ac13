"""Field history: one row per changed field becomes one row per deal and moment with all fields."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from planlib.intake.maps import Changes, Part
from planlib.intake.sheet import Sheet
from planlib.intake.strings import plain_name
from planlib.intake.values import Notation, read_column
from planlib.tables import Column

_MOMENT = Column("moment", "timestamp", "Moment of the change")


def fields_of(part: Part, sheet: Sheet) -> dict[str, str]:
    """
    Give the fields of a field history that the columns of a part can use.

    Parameters
    ----------
    part
        Part of a map with ``changes``.
    sheet
        The source.

    Returns
    -------
    dict
        Name in the source by plain name; empty when the source has no such columns or fields.
    """
    found = _headers(part.changes, sheet) if part.changes else None
    if found is None:
        return {}
    wanted = {plain_name(name) for one in part.columns.values() for name in one.names}
    wanted |= {plain_name(name) for join in part.joins for name in join.on}
    wanted -= {plain_name(header) for header in found.values()}
    names = sheet.frame[found["field"]].str.strip().unique()
    return {plain_name(name): name for name in names if plain_name(name) in wanted}


def widen_changes(part: Part, sheet: Sheet, notation: Notation) -> Sheet:
    """
    Turn rows of single changes into rows of whole states.

    A row holds the state after a moment: what changed then, and what had changed before. Where
    the source has old values, each deal gets one more row, dated like the first row of the whole
    source, with the values before the first changes.

    Parameters
    ----------
    part
        Part of a map with ``changes``.
    sheet
        The source: deal, moment, field and value by row.
    notation
        How moments are written.
    """
    headers, fields = _headers(part.changes, sheet), fields_of(part, sheet)
    if headers is None or not fields:
        return sheet
    frame = sheet.frame
    used = frame[headers["field"]].str.strip().isin(fields.values()).to_numpy(dtype=bool)
    rows = pd.DataFrame(
        {
            "deal": frame[headers["key"]].str.strip(),
            "moment": frame[headers["moment"]],
            "time": read_column(frame[headers["moment"]], _MOMENT, notation).values,
            "field": frame[headers["field"]].str.strip().map(plain_name),
            "value": frame[headers["value"]],
            "row": sheet.rows,
        }
    )
    for role in ("old", "by"):
        if role in headers:
            rows[role] = frame[headers[role]]
    rows = rows.sort_values(["deal", "time"], kind="stable")
    earliest = rows.sort_values("time", kind="stable").iloc[0] if len(rows) else None
    rows = rows[used[rows.index]].reset_index(drop=True)
    wide = _states(rows, list(fields))
    if "old" in headers and earliest is not None:
        wide = pd.concat([_before(rows, list(fields), earliest), wide], ignore_index=True)
    wide = wide.sort_values(["deal", "time"], kind="stable", ignore_index=True)
    names = list(fields)
    wide[names] = wide.groupby("deal", sort=False)[names].ffill()
    columns = {headers["key"]: wide["deal"], headers["moment"]: wide["moment"]}
    columns |= {headers[role]: wide[role] for role in ("by",) if role in headers}
    columns |= {fields[name]: wide[name] for name in names}
    text = pd.DataFrame(columns).fillna("").astype("str")
    return replace(sheet, frame=text, rows=wide["row"].to_numpy(), typed=False)


def complete_changes(history: pd.DataFrame, opportunities: pd.DataFrame) -> pd.DataFrame:
    """
    Fill what a field history leaves out because it never changed.

    Parameters
    ----------
    history
        Table ``opportunity_history`` from a field history.
    opportunities
        Table ``opportunities``, the state after the last change.

    Returns
    -------
    DataFrame
        A deal's field without any change has today's value in all its rows; a deal without any
        change has one row, from its created date or from the beginning of the source on. A first
        row does not stand before the deal's created date. Only fields of the source are filled.
    """
    if history.empty:
        return history
    others = ("opportunity_id", "updated_by")
    tracked = [name for name in history if name in opportunities and name not in others]
    today = opportunities.drop_duplicates("opportunity_id").set_index("opportunity_id")
    began = history["snapshot_date"].min()
    rows = history.sort_values(
        ["opportunity_id", "snapshot_date", "sequence"], kind="stable", ignore_index=True
    )
    deal = rows["opportunity_id"]
    for name in tracked:
        untouched = rows[name].isna().groupby(deal).transform("all")
        rows[name] = rows[name].mask(untouched, _of(today[name], deal))
    still = today[~today.index.isin(deal)]
    quiet = still[tracked].reset_index().assign(
        snapshot_date=began, sequence=0, record="change"
    )  # fmt: skip
    whole = pd.concat([rows, quiet[[*quiet.columns]]], ignore_index=True)[[*history.columns]]
    return _from_creation(whole, today, began).astype(history.dtypes.to_dict())


def _from_creation(rows: pd.DataFrame, today: pd.DataFrame, began: pd.Timestamp) -> pd.DataFrame:
    """Let first rows begin on the created date, and number the rows of a day anew."""
    if "created_date" not in today:
        return rows
    first = ~rows["opportunity_id"].duplicated() & (rows["snapshot_date"] == began)
    created = _of(today["created_date"], rows["opportunity_id"])
    later = first & (created > began)
    rows = rows.assign(
        snapshot_date=rows["snapshot_date"].mask(later, created.dt.normalize()),
        _rank=np.where(first, -1, rows["sequence"].astype("int64")),
    )
    rows = rows.sort_values(["opportunity_id", "snapshot_date", "_rank"], ignore_index=True)
    place = rows.groupby(["opportunity_id", "snapshot_date"]).cumcount()
    return rows.assign(sequence=place).drop(columns="_rank")


def _of(values: pd.Series, ids: pd.Series) -> pd.Series:
    return values.reindex(ids.array).set_axis(ids.index)


def _states(rows: pd.DataFrame, fields: list[str]) -> pd.DataFrame:
    """Give one row per deal and moment with what changed then."""
    moments = rows.drop_duplicates(["deal", "time", "moment"], keep="last")
    kept = [name for name in ("deal", "time", "moment", "row", "by") if name in moments]
    wide = moments[kept].reset_index(drop=True)
    for name in fields:
        mine = rows.loc[rows["field"] == name, ["deal", "time", "moment", "value"]]
        mine = mine.drop_duplicates(["deal", "time", "moment"], keep="last")
        wide = wide.merge(mine.rename(columns={"value": name}), "left", ["deal", "time", "moment"])
    return wide


def _before(rows: pd.DataFrame, fields: list[str], earliest: pd.Series) -> pd.DataFrame:
    """Give one row per deal with the values before the first changes."""
    first = rows.drop_duplicates("deal")
    wide = first[["deal", "row"]].assign(time=earliest["time"], moment=earliest["moment"])
    for name in fields:
        mine = rows[rows["field"] == name].drop_duplicates("deal")[["deal", "old"]]
        wide = wide.merge(mine.rename(columns={"old": name}), "left", "deal")
    return wide


def _headers(changes: Changes | None, sheet: Sheet) -> dict[str, str] | None:
    """Find the columns of a field history; None when one that is needed is missing."""
    if changes is None:
        return None
    plain: dict[str, str] = {}
    for name in sheet.frame.columns:
        plain.setdefault(plain_name(str(name)), str(name))
    found = {}
    for role in ("key", "moment", "field", "value", "old", "by"):
        names = [plain[plain_name(name)] for name in getattr(changes, role)
                 if plain_name(name) in plain]  # fmt: skip
        if names:
            found[role] = names[0]
        elif role not in ("old", "by"):
            return None
    return found
