"""What the history of deals says about each of them: pushes, stages, days in a stage."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from planlib.tables import require_columns


@dataclass(frozen=True, kw_only=True)
class Moves:
    """
    Moves of deals up to a day.

    Parameters
    ----------
    close_date_set
        By deal, the day on which its close date took its present value, as far as history goes.
    pushes
        By deal, how often the close date moved into a later month.
    has_stages
        Whether the history has stages.
    stages_skipped
        By deal, how many stages it jumped over on its way forward.
    stage_entered
        By deal, the day on which it entered its present stage.
    won_days_in_stage
        Days that won deals spent in each stage: columns ``stage`` and ``days``.
    gap_days
        Days between records (``record_gap``): what is shorter is not seen.
    """

    close_date_set: pd.Series
    pushes: pd.Series
    has_stages: bool
    stages_skipped: pd.Series
    stage_entered: pd.Series
    won_days_in_stage: pd.DataFrame
    gap_days: int = 0


def find_moves(history: pd.DataFrame, day: pd.Timestamp) -> Moves:
    """
    Read the moves of every deal from its history.

    Parameters
    ----------
    history
        Table ``opportunity_history`` with ``opportunity_id``, ``snapshot_date``, ``sequence`` and
        what there is of ``close_date``, ``stage``, ``probability``, ``is_closed``, ``is_won``.
    day
        Later rows are left out.

    Raises
    ------
    TableError
        If a key column is missing.
    """
    require_columns("opportunity_history", history, ["opportunity_id", "snapshot_date", "sequence"])
    rows = history[history["snapshot_date"] <= day].sort_values(
        ["opportunity_id", "snapshot_date", "sequence"], kind="stable", ignore_index=True
    )
    has_stages = "stage" in rows and bool(rows["stage"].notna().any())
    set_on, pushes = _close_dates(rows)
    skipped, entered, won_days = _stages(rows) if has_stages else _no_stages()
    return Moves(
        close_date_set=set_on,
        pushes=pushes,
        has_stages=has_stages,
        stages_skipped=skipped,
        stage_entered=entered,
        won_days_in_stage=won_days,
        gap_days=record_gap(rows) if "record" in rows else 0,
    )


def record_gap(opportunity_history: pd.DataFrame | None) -> int:
    """
    Give the usual days between snapshots of deals; 0 where changes are on record.

    Parameters
    ----------
    opportunity_history
        Table ``opportunity_history`` with ``record`` and ``snapshot_date``; None gives 0.
    """
    if opportunity_history is None or (opportunity_history["record"] == "change").any():
        return 0
    days = opportunity_history["snapshot_date"].drop_duplicates().sort_values().diff().dt.days
    return 0 if days.isna().all() else int(days.median())


def _close_dates(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    if "close_date" not in rows:
        nothing = pd.Series(dtype="datetime64[us]")
        return nothing, pd.Series(dtype="float64")
    known = rows.dropna(subset=["close_date"])
    deal = known["opportunity_id"]
    before = known.groupby("opportunity_id")["close_date"].shift()
    moved = before.isna() | (known["close_date"] != before)
    set_on = known[moved].groupby("opportunity_id")["snapshot_date"].max()
    months = known["close_date"].dt.year * 12 + known["close_date"].dt.month
    pushed = before.notna() & (months > before.dt.year * 12 + before.dt.month)
    return set_on, pushed.groupby(deal).sum()


def _no_stages() -> tuple[pd.Series, pd.Series, pd.DataFrame]:
    return (
        pd.Series(dtype="float64"),
        pd.Series(dtype="datetime64[us]"),
        pd.DataFrame({"stage": pd.Series(dtype="str"), "days": pd.Series(dtype="float64")}),
    )


def _stages(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.DataFrame]:
    known = rows.dropna(subset=["stage"]).copy()
    before = known.groupby("opportunity_id")["stage"].shift()
    visits = known[before.isna() | (known["stage"] != before)].copy()
    entered = visits.groupby("opportunity_id")["snapshot_date"].last()
    place = _stage_order(visits, known)
    visits["place"] = visits["stage"].map(place)
    previous = visits.groupby("opportunity_id")["place"].shift()
    jump = (visits["place"] - previous - 1).clip(lower=0).fillna(0)
    skipped = jump.groupby(visits["opportunity_id"]).sum()
    return skipped, entered, _won_days(visits, known)


def _stage_order(visits: pd.DataFrame, known: pd.DataFrame) -> pd.Series:
    """Place of each open stage: by probability where the history has it, else by usual position."""
    open_rows = visits
    if "is_closed" in visits:
        open_rows = visits[~visits["is_closed"].fillna(False).astype(bool)]
    if "probability" in known and known["probability"].notna().any():
        rank = (
            known.loc[known["stage"].isin(open_rows["stage"])]
            .groupby("stage")["probability"]
            .median()
        )
    else:
        position = open_rows.groupby("opportunity_id").cumcount()
        rank = position.groupby(open_rows["stage"]).mean()
    order = rank.dropna().rename("rank").reset_index().sort_values(["rank", "stage"])
    return pd.Series(range(len(order)), index=order["stage"], dtype="float64")


def _won_days(visits: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    if "is_won" not in known:
        return _no_stages()[2]
    won = known.loc[known["is_won"].fillna(False).astype(bool), "opportunity_id"].unique()
    rows = visits[visits["opportunity_id"].isin(won)]
    left = rows.groupby("opportunity_id")["snapshot_date"].shift(-1)
    days = (left - rows["snapshot_date"]).dt.days
    return pd.DataFrame({"stage": rows["stage"], "days": days}).dropna(ignore_index=True)
