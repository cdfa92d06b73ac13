"""The history ladder: what the user's history holds, which figures it carries, what more gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from planlib.periods import Period
from planlib.pipeline.deals import STATE_COLUMNS
from planlib.pipeline.history import PipelineHistory
from planlib.pipeline.matrix import prior_day

RUNGS = ("no history", "some weeks", "the period", "a year")
KNOWN, REBUILT, MISSING = "as known then", "reconstructed", "not available"
_COLUMNS = tuple(name for name in STATE_COLUMNS if name not in ("opportunity_id", "account_id"))


@dataclass(frozen=True)
class Figure:
    """
    A figure, the rung of the ladder it needs, and what stands in below that rung.

    Parameters
    ----------
    name
        The figure.
    rung
        Index of the first of ``RUNGS`` on which it is known.
    column
        Column of the history that it needs; blank: none.
    below
        What is given below that rung.
    """

    name: str
    rung: int
    column: str = ""
    below: str = MISSING


FIGURES = (
    Figure("won and lost amounts of any past period", 0),
    Figure("win rate, cycle, velocity, won and lost by age", 0),
    Figure("open deals of a past day, count", 1, "status", REBUILT),
    Figure("open amount of a past day", 1, "amount", REBUILT),
    Figure("moves of close dates, pushes, slipped since last week", 1, "close_date"),
    Figure("changes of amounts", 1, "amount"),
    Figure("deals that changed hands", 1, "owner_id"),
    Figure("days in the stage, ageing", 1, "stage"),
    Figure("open pipeline by week and stage", 1, "stage", REBUILT),
    Figure("bridge and event bridge of the period, slip rate", 2, "close_date"),
    Figure("stage conversion by cohort of creation", 2, "stage"),
    Figure("forecast categories of the period's start", 2, "forecast_category"),
    Figure("open pipeline of the year before", 3, "close_date", REBUILT),
    Figure("pacing of open pipeline, same-week conversion, required coverage", 3, "close_date"),
    Figure("backtest of forecasts", 3, "close_date"),
)
_ADDS = {
    0: "needs only the deals table",
    1: "two states of the deals, a week or more apart: the workbook keeps one of each intake, or "
    "import change records (OpportunityHistory, field history, property history)",
    2: "a history that reaches back before the period's first day",
    3: "a history that reaches back to the same day a year before",
}


def history_ladder(history: PipelineHistory, period: Period, as_of: date) -> pd.DataFrame:
    """
    Say which columns and figures the history carries, and what more history would give.

    Parameters
    ----------
    history
        Deals and their history.
    period, as_of
        What is measured, and the last day.

    Returns
    -------
    DataFrame
        Table ``history_ladder``. A reconstruction tells what was open, at today's amounts; it is
        never used for moves of close dates, pacing colours or backtests.
    """
    records = history.records
    records = records[records["snapshot_date"] <= pd.Timestamp(as_of)]
    reached = _rung(history, records, period, as_of)
    filled = {name: float(records[name].notna().mean()) for name in _COLUMNS if name != "status"}
    filled["status"] = float((records["status"] != "unknown").mean()) if len(records) else 0.0
    figures = [_figure(one, reached, filled) for one in FIGURES]
    columns = [_column(name, records, filled[name]) for name in _COLUMNS]
    rows = pd.DataFrame([*figures, *columns])
    return rows.assign(
        line_order=range(len(rows)),
        reached=RUNGS[reached],
        days=records["snapshot_date"].nunique(),
        from_date=records["snapshot_date"].min(),
    )


def _rung(history: PipelineHistory, records: pd.DataFrame, period: Period, as_of: date) -> int:
    if records["snapshot_date"].nunique() < 2:
        return 0
    before = prior_day(period, as_of)
    if history.at(before).knows_dates:
        return 3
    return 2 if history.at(period.start - timedelta(1)).knows_dates else 1


def _figure(one: Figure, reached: int, filled: dict[str, float]) -> dict[str, object]:
    lacks = bool(one.column) and reached >= one.rung and filled[one.column] == 0
    state = KNOWN if reached >= one.rung and not lacks else one.below
    note = f"the history has no {one.column}" if lacks else ""
    if reached < one.rung:
        note = f"would need {_ADDS[one.rung]}"
    if state == REBUILT:
        note += "; until then from created and closed dates, at today's amounts"
    return {
        "kind": "figure",
        "item": one.name,
        "rung": RUNGS[one.rung],
        "rung_order": one.rung,
        "state": state,
        "note": note,
    }


def _column(name: str, records: pd.DataFrame, share: float) -> dict[str, object]:
    return {
        "kind": "column",
        "item": name,
        "rung": RUNGS[1],
        "rung_order": 1,
        "state": KNOWN if share > 0 else MISSING,
        "filled_share": share if len(records) else pd.NA,
        "note": "" if share > 0 else "blank in every record" if len(records) else "no record",
    }
