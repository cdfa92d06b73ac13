"""One history of deals: what the inputs bring, and what earlier intakes have kept."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd

from planlib.tables import TABLES

_KEY = ["opportunity_id", "snapshot_date", "sequence"]


def unify_history(
    given: pd.DataFrame | None,
    kept: pd.DataFrame,
    opportunities: pd.DataFrame | None,
    as_of: datetime.date,
) -> pd.DataFrame | None:
    """
    Put the history of the inputs and the snapshots of earlier intakes together.

    Parameters
    ----------
    given
        Table ``opportunity_history`` of the inputs, or None.
    kept
        Snapshots that the workbook has kept, same columns.
    opportunities
        Today's deals, the latest snapshot; None without.
    as_of
        Day on which they stand so; later rows are left out.

    Returns
    -------
    DataFrame or None
        Table ``opportunity_history``. A day for which the inputs have a snapshot is not taken from
        what was kept. Where a change and a snapshot fall on one day, the snapshot comes last.
        None where there is less than two days of history.
    """
    contract = TABLES["opportunity_history"]
    parts = [] if given is None else [given[given["snapshot_date"] <= pd.Timestamp(as_of)]]
    known = (
        set()
        if given is None
        else set(given.loc[given["record"] == "snapshot", "snapshot_date"].unique())
    )
    own = [kept]
    if opportunities is not None and len(opportunities):
        earlier = kept["snapshot_date"] < pd.Timestamp(as_of)
        own = [kept[earlier], _today(opportunities, as_of)]
    for frame in own:
        fresh = frame[~frame["snapshot_date"].isin(known)]
        known |= set(fresh["snapshot_date"].unique())
        parts.append(fresh)
    filled = [part for part in parts if len(part)]
    if not filled:
        return given
    together = contract.coerce(
        pd.concat([contract.coerce(part) for part in filled], ignore_index=True)
    )
    if together["snapshot_date"].nunique() < 2:
        return given
    return _numbered(together)


def _today(opportunities: pd.DataFrame, as_of: datetime.date) -> pd.DataFrame:
    contract = TABLES["opportunity_history"]
    names = [name for name in contract.by_name if name in opportunities.columns]
    return contract.coerce(
        opportunities[names].assign(
            snapshot_date=pd.Timestamp(as_of), sequence=0, record="snapshot"
        )
    )


def _numbered(history: pd.DataFrame) -> pd.DataFrame:
    """Give rows of one deal and day different places, changes before snapshots."""
    if not history.duplicated(_KEY).any():
        return history
    rank = history.assign(_last=history["record"].eq("snapshot"), _at=np.arange(len(history)))
    rank = rank.sort_values(["_last", "sequence", "_at"], kind="stable")
    place = rank.groupby(["opportunity_id", "snapshot_date"]).cumcount()
    return history.assign(sequence=place.reindex(history.index).astype("Int64"))
