"""Days in a stage: of all deals with open ones counted in, and of open deals beside won ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from planlib.pipeline.cuts import TOTAL, CutTables
from planlib.pipeline.movement.cells import CELL, by_cut, in_order, value_of
from planlib.pipeline.movement.stages import Stages
from planlib.pipeline.movement.survival import kaplan_meier
from planlib.pipeline.movement.timeline import Timeline

LATEST, CUMULATIVE = "latest", "cumulative"
_LEFT = ("forward", "backward", "won", "lost")


def measure_durations(
    stages: Stages,
    timeline: Timeline,
    tables: CutTables,
    cuts: Sequence[str],
    *,
    minimum_deals: int,
) -> pd.DataFrame:
    """
    Estimate the median days in each stage, with deals that are still in it counted in.

    Parameters
    ----------
    stages, timeline
        Stays of deals, and the deals.
    tables, cuts
        Cells.
    minimum_deals
        Fewer deals that left are grey.

    Returns
    -------
    DataFrame
        Table ``stage_durations``. ``basis`` latest counts the last stay of a deal in the stage,
        cumulative all its stays together; they differ where deals come back. A deal that is
        still in the stage, or was deleted, is censored: it counts as long as it was watched.
        Deals whose entry into the stage was before the history are only counted.
    """
    if stages.visits.empty:
        return pd.DataFrame()
    stays = _stays(stages)
    owners = timeline.deals[["opportunity_id", "owner_id", "account_id"]]
    cells = by_cut(stays.merge(owners, "left", "opportunity_id"), tables, cuts)
    rows = []
    for (cut, value, place), group in cells.groupby([*CELL, "place"], sort=False):
        seen = group[group["is_entry_known"]]
        for basis in (LATEST, CUMULATIVE):
            middle, low, high = kaplan_meier(seen[basis], seen["has_left"]).median
            rows.append((cut, value, place, basis, len(seen), int(seen["has_left"].sum()),
                         int((~group["is_entry_known"]).sum()), middle, low, high))  # fmt: skip
    names = [*CELL, "stage_order", "basis", "deal_count", "left_count", "unknown_count",
             "median_days", "low_days", "high_days"]  # fmt: skip
    found = pd.DataFrame(rows, columns=names)
    note = pd.Series("", index=found.index, dtype="str")
    note = note.mask(found["median_days"].isna(), "fewer than half have left: no median yet")
    note = note.mask(found["deal_count"] == 0, "no deal entered it since the history begins")
    found = found.assign(
        stage=found["stage_order"].map(dict(enumerate(stages.order))),
        censored_count=found["deal_count"] - found["left_count"],
        note=note,
        is_grey=found["left_count"] < minimum_deals,
    )
    return in_order(found, cuts, ["stage_order", "basis"])


def _stays(stages: Stages) -> pd.DataFrame:
    """Give per deal and stage the days of its last stay and of all its stays."""
    visits = stages.visits
    grouped = visits.groupby(["opportunity_id", "place"], sort=False)
    last = grouped[["days", "end"]].last()
    return pd.DataFrame(
        {
            LATEST: visits.drop_duplicates(["opportunity_id", "place"], keep="last").set_index(
                ["opportunity_id", "place"]
            )["days"],
            CUMULATIVE: grouped["days"].sum(),
            "has_left": last["end"].isin(_LEFT),
            "is_entry_known": grouped["is_entry_known"].all(),
        }
    ).reset_index()


def measure_ageing(
    stages: Stages,
    timeline: Timeline,
    deals: pd.DataFrame,
    tables: CutTables,
    *,
    factor: float,
    minimum_deals: int,
) -> pd.DataFrame:
    """
    Put the days of each open deal in its stage beside those of won deals.

    Parameters
    ----------
    stages, timeline
        Stays of deals, and the deals.
    deals
        Prepared deals with ``stage_entered_date``, which stands in where the history does not
        reach back to the entry.
    tables
        For segments and the names of owners.
    factor
        A deal is old from this many times the usual days on.
    minimum_deals
        With fewer won deals in stage and segment, won deals of all segments are the measure.

    Returns
    -------
    DataFrame
        Table ``pipeline_ageing``: ``ratio`` = days in the stage / median days that won deals
        were in it (their last stay); blank with a reason where either is not known.
    """
    if stages.visits.empty:
        return pd.DataFrame()
    open_now = _open_now(stages, timeline, deals)
    segment = "segment" if tables.resolve("segment")[0] else TOTAL
    usual = _usual(stages, timeline, deals, tables, segment)
    cells = tables.attach(open_now, [] if segment == TOTAL else [segment])
    own = cells.assign(segment="all") if segment == TOTAL else cells
    rows = own.merge(usual, "left", ["stage", "segment"]).merge(
        usual.loc[usual["segment"] == "all", ["stage", "usual_days", "usual_count"]],
        "left", "stage", suffixes=("", "_all"),
    )  # fmt: skip
    few = ~(rows["usual_count"] >= minimum_deals) & (rows["segment"] != "all")
    days = rows["usual_days"].mask(few, rows["usual_days_all"])
    count = rows["usual_count"].mask(few, rows["usual_count_all"]).fillna(0).astype("int64")
    measure = days.where((days > 0) & (count >= minimum_deals))
    share = rows["days_in_stage"] / measure
    note = pd.Series("", index=rows.index, dtype="str")
    note = note.mask(measure.isna(), f"fewer than {minimum_deals} won deals were in this stage")
    note = note.mask(days == 0, "won deals passed this stage within a day")
    note = note.mask(rows["days_in_stage"].isna(), "entry into the stage is not known")
    rows = rows.assign(
        owner=tables.rep_label(rows["owner_id"]),
        usual_days=measure,
        usual_count=count,
        usual_basis=np.where(few | (rows["segment"] == "all"), "all segments", "same segment"),
        ratio=share,
        is_old=(share >= factor).astype("boolean").where(share.notna()),
        note=note,
    )
    return rows.sort_values(["ratio", "amount", "opportunity_id"],
                            ascending=[False, False, True], ignore_index=True)  # fmt: skip


def _open_now(stages: Stages, timeline: Timeline, deals: pd.DataFrame) -> pd.DataFrame:
    """Give the open deals with the day on which they entered their stage."""
    visits = stages.visits
    now = visits[visits["end"] == "stays"]
    last = timeline.changes.drop_duplicates("opportunity_id", keep="last")
    facts = ["opportunity_id", "amount", "close_date", "owner_id"]
    now = now.merge(last[facts], "left", "opportunity_id")
    of_table = deals.drop_duplicates("opportunity_id").set_index("opportunity_id")
    stated = value_of(now["opportunity_id"], of_table["stage_entered_date"])
    stated = stated.where(stated <= pd.Timestamp(timeline.as_of))
    entered = now["entered_date"].where(now["is_entry_known"], stated)
    basis = pd.Series("history", index=now.index, dtype="str")
    basis = basis.mask(~now["is_entry_known"], "deals table").mask(entered.isna(), "not known")
    return now.assign(
        name=value_of(now["opportunity_id"], of_table["name"]),
        account_id=value_of(now["opportunity_id"], of_table["account_id"]),
        entered_date=entered,
        entered_basis=basis,
        days_in_stage=(pd.Timestamp(timeline.as_of) - entered).dt.days.astype("float64"),
        stage_order=now["place"],
    )


def _usual(
    stages: Stages, timeline: Timeline, deals: pd.DataFrame, tables: CutTables, segment: str
) -> pd.DataFrame:
    """Give the median days of won deals by stage and segment, and over all segments."""
    closed = deals["close_date"] <= pd.Timestamp(timeline.as_of)
    won = deals.loc[(deals["status"] == "won") & closed, "opportunity_id"]
    stays = _stays(stages)
    stays = stays[stays["opportunity_id"].isin(won) & stays["is_entry_known"]]
    owners = timeline.deals[["opportunity_id", "owner_id", "account_id"]]
    cells = by_cut(stays.merge(owners, "left", "opportunity_id"), tables, [segment])
    grouped = cells.groupby(["place", "cut_value"])[LATEST]
    usual = grouped.agg(["median", "size"]).reset_index()
    names = {"cut_value": "segment", "median": "usual_days", "size": "usual_count"}
    usual = usual.rename(columns=names)
    return usual.assign(stage=usual["place"].map(dict(enumerate(stages.order)))).drop(
        columns="place"
    )
