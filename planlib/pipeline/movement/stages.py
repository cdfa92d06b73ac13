"""Stages: their order, each deal's visits to them, and the published kind of stage timeline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planlib.pipeline.history import PipelineHistory
from planlib.pipeline.movement.cells import value_of
from planlib.pipeline.movement.timeline import Timeline

WON = "won"


@dataclass(frozen=True, kw_only=True)
class Stages:
    """
    What the timeline says about stages.

    Parameters
    ----------
    order
        Open stages from first to last.
    rule
        What the order rests on, in words.
    visits
        One row per deal and stay in a stage: ``opportunity_id``, ``stage``, ``place``,
        ``entered_date``, ``left_date`` (NaT while it stays), ``days`` until it left or until the
        as-of date, ``end`` (forward, backward, won, lost, deleted, stays, unknown), ``number``
        (of the visits of this deal, from 0), ``is_entry_known``.
    """

    order: tuple[str, ...]
    rule: str
    visits: pd.DataFrame


def read_stages(timeline: Timeline) -> Stages:
    """
    Read the stays of every deal in its open stages.

    Parameters
    ----------
    timeline
        States of deals in order.

    Returns
    -------
    Stages
        The first stay of a deal that was observed since its creation begins on its created date;
        that of any other deal began before the history, its begin is not known.
    """
    changes = timeline.changes
    order, rule = stage_order(changes)
    place = {stage: at for at, stage in enumerate(order)}
    rows = changes.assign(
        place=changes["stage"].map(place).astype("float64").where(changes["status"] == "open")
    )
    rows = rows[(rows["status"] != "open") | rows["place"].notna()]
    deal = rows["opportunity_id"]
    same = deal == deal.shift()
    mark = rows["place"].fillna(-1.0)
    begins = rows[~same | (mark != mark.shift()) | (rows["status"] != rows["status"].shift())]
    deal = begins["opportunity_id"]
    follows = deal.shift(-1) == deal
    next_place = begins["place"].shift(-1)
    end = begins["status"].shift(-1).mask(next_place > begins["place"], "forward")
    end = end.mask(next_place < begins["place"], "backward").where(follows, "stays")
    left = begins["day"].shift(-1).where(follows)
    visits = begins.assign(
        end=end.astype("str"), left_date=left, number=deal.groupby(deal).cumcount()
    )
    visits = visits[visits["place"].notna()].rename(columns={"day": "entered_date"})
    return Stages(order=order, rule=rule, visits=_dated(visits, timeline))


def stage_order(changes: pd.DataFrame) -> tuple[tuple[str, ...], str]:
    """
    Order the open stages.

    Parameters
    ----------
    changes
        ``Timeline.changes``.

    Returns
    -------
    tuple
        Stages, and the rule: the CRM's own order where the history has it for every stage, else
        the median probability, else the usual position among the states of a deal. Labels are
        not read.
    """
    rows = changes[(changes["status"] == "open") & changes["stage"].notna()]
    if rows.empty:
        return (), "no open deal has a stage"
    position = rows.groupby("opportunity_id").cumcount()
    ranks = {
        "the CRM's order of stages": rows.groupby("stage")["stage_order"].median(),
        "the median probability": rows.groupby("stage")["probability"].median(),
        "the usual position in a deal": position.groupby(rows["stage"]).mean(),
    }
    rule, rank = next((rule, rank) for rule, rank in ranks.items() if rank.notna().all())
    ranked = rank.astype("float64").rename("rank").reset_index().sort_values(["rank", "stage"])
    return tuple(ranked["stage"]), f"stages in the order of {rule}"


def stage_timeline(history: PipelineHistory) -> pd.DataFrame:
    """
    Give the stage timeline of each deal as recorded: opened, stages, expected close.

    Parameters
    ----------
    history
        Deals with change records or snapshots.

    Returns
    -------
    DataFrame
        ``opportunity_id``, ``day``, ``stage``, ``step``: "opened" on the created date; "stage"
        for each change record, and for each snapshot that shows another stage; "expected" on the
        close date of deals that no record shows as closed. In order of deal and day.
    """
    deals, names = history.deals, ["opportunity_id", "snapshot_date", "stage", "record", "status"]
    records = history.records[names]
    records = records[records["stage"].notna()]
    codes, stage = (pd.factorize(records[name])[0] for name in ("opportunity_id", "stage"))
    order = np.argsort(codes, kind="stable")  # deal by deal, oldest first
    moved = np.ones(len(records), dtype=bool)
    moved[1:] = (np.diff(codes[order]) != 0) | (np.diff(stage[order]) != 0)
    moved |= (records["record"] == "change").to_numpy()[order]
    shown = records.iloc[order[moved]]
    closed = records.loc[records["status"].isin(["won", "lost"]), "opportunity_id"].unique()
    going = deals[~deals["opportunity_id"].isin(closed)]
    parts = [
        _steps(deals["opportunity_id"], deals["created_date"], "opened"),
        _steps(shown["opportunity_id"], shown["snapshot_date"], "stage", shown["stage"]),
        _steps(going["opportunity_id"], going["close_date"], "expected"),
    ]
    rows = pd.concat(parts, ignore_index=True).dropna(subset=["day"])
    return rows.sort_values(["opportunity_id", "day"], kind="stable", ignore_index=True)


def _steps(
    deal: pd.Series, day: pd.Series, step: str, stage: pd.Series | None = None
) -> pd.DataFrame:
    label = pd.Series(pd.NA, index=deal.index, dtype="str") if stage is None else stage
    return pd.DataFrame({"opportunity_id": deal, "day": day, "stage": label, "step": step})


def _dated(visits: pd.DataFrame, timeline: Timeline) -> pd.DataFrame:
    deals = timeline.deals.set_index("opportunity_id")
    whole = value_of(visits["opportunity_id"], deals["is_whole"]).fillna(False).astype(bool)
    first = visits["number"] == 0
    created = value_of(visits["opportunity_id"], deals["created_date"])
    entered = visits["entered_date"].mask(first & whole, created)
    until = visits["left_date"].fillna(pd.Timestamp(timeline.as_of))
    days = (until - entered).dt.days.clip(lower=0)
    known = ~first | whole
    return visits.assign(
        entered_date=entered,
        days=days.astype("float64").where(known, np.nan),
        is_entry_known=known,
        place=visits["place"].astype("int64"),
    )[
        [
            "opportunity_id",
            "stage",
            "place",
            "entered_date",
            "left_date",
            "days",
            "end",
            "number",
            "is_entry_known",
        ]
    ].reset_index(drop=True)
