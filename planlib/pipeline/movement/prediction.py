"""How well pipeline told what was closed later, in the user's own past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from planlib.periods import Period
from planlib.pipeline.cuts import CutTables
from planlib.pipeline.history import PipelineHistory
from planlib.pipeline.money import from_cents, known, ratio, to_cents
from planlib.pipeline.movement.cells import CELL, by_cut, in_order
from planlib.pipeline.truncation import Records

_FEW = 4  # periods below which a relation over periods is grey
_LATE = 14  # days into a period by which a first deal should have closed, else records begin later


def measure_prediction(
    history: PipelineHistory,
    periods: Sequence[Period],
    as_of: date,
    tables: CutTables,
    cuts: Sequence[str],
) -> pd.DataFrame:
    """
    Put the pipeline at the start of past periods beside what was closed in them.

    Parameters
    ----------
    history
        Deals and their history.
    periods
        Periods in order. Used are those that are over, whose start the history holds, and whose
        period before has its closings in the deals table.
    as_of
        Last day.
    tables, cuts
        Cells.

    Returns
    -------
    DataFrame
        Table ``pipeline_prediction``, one row per cell: ``conversion`` = closed ACV of all
        periods / their open pipeline at the start; ``correlation`` of both over the periods;
        ``error_share``: sum of the errors / closed ACV when each period is predicted by its
        pipeline x the conversion of the other periods; ``baseline_error_share``: the same when
        it is predicted by the closed ACV of the period before. Pipeline that does not beat that
        baseline says little about later closings.
    """
    parts = []
    first_close = Records.of(history.deals).first_close
    for period in periods:
        before = period.shift(-1)
        begun = first_close is not None and first_close <= before.start + timedelta(_LATE)
        start = history.at(period.start - timedelta(1))
        if period.end > as_of or not start.knows_dates or not begun:
            continue
        rows = pd.concat([_open_at(start.open_deals, period), *_closed(history.deals, period)])
        cells = by_cut(rows.assign(period=period.name), tables, cuts)
        parts.append(cells.groupby([*CELL, "period"])[["open", "won", "before"]].sum())
    if not parts:
        return pd.DataFrame()
    sums = pd.concat(parts).reset_index()
    names = pd.DataFrame({"period": sorted(sums["period"].unique())})
    grid = sums[CELL].drop_duplicates().merge(names, "cross")
    full = grid.merge(sums, "left", [*CELL, "period"])
    full[["open", "won", "before"]] = full[["open", "won", "before"]].fillna(0).astype("int64")
    return in_order(_figures(full, len(names)), cuts)


def _open_at(deals: pd.DataFrame, period: Period) -> pd.DataFrame:
    inside = deals["close_date"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))
    return _money(deals[inside], "open")


def _closed(deals: pd.DataFrame, period: Period) -> list[pd.DataFrame]:
    """Give what was won in a period, and in the one before."""
    parts = []
    for name, one in (("won", period), ("before", period.shift(-1))):
        inside = deals["close_date"].between(pd.Timestamp(one.start), pd.Timestamp(one.end))
        parts.append(_money(deals[inside & (deals["status"] == "won")], name))
    return parts


def _money(deals: pd.DataFrame, name: str) -> pd.DataFrame:
    blank = {other: 0 for other in ("open", "won", "before")}
    rows = deals[["opportunity_id", "owner_id", "account_id"]].assign(**blank)
    return rows.assign(**{name: known(to_cents(deals["amount"]))})


def _figures(full: pd.DataFrame, count: int) -> pd.DataFrame:
    """Compute the figures of every cell from its periods."""
    grouped = full.groupby(CELL)
    whole = grouped[["open", "won"]].transform("sum")
    others = ratio(whole["won"] - full["won"], whole["open"] - full["open"])
    facts = full.assign(
        error=(full["won"] - others * full["open"]).abs(),
        naive=(full["won"] - full["before"]).abs().astype("float64"),
        joint=full["open"].astype("float64") * full["won"],
        open_squared=full["open"].astype("float64") ** 2,
        won_squared=full["won"].astype("float64") ** 2,
        blank=others.isna(),
    )
    names = ["open", "won", "error", "naive", "joint", "open_squared", "won_squared", "blank"]
    sums = facts.groupby(CELL)[names].sum().reset_index()
    spread = (sums["open_squared"] - sums["open"] ** 2.0 / count) * (
        sums["won_squared"] - sums["won"] ** 2.0 / count
    )
    joint = sums["joint"] - sums["open"].astype("float64") * sums["won"] / count
    error = ratio(sums["error"], sums["won"]).where((sums["blank"] == 0) & (count > 1))
    note = pd.Series("", index=sums.index, dtype="str")
    note = note.mask(error.isna(), "needs two periods with open pipeline")
    note = note.mask(sums["won"] == 0, "nothing was closed in these periods")
    return sums[CELL].assign(
        period_count=count,
        start_amount=from_cents(sums["open"]),
        closed_amount=from_cents(sums["won"]),
        conversion=ratio(sums["won"], sums["open"]),
        correlation=(joint / np.sqrt(spread.where(spread > 0))).clip(-1, 1),
        error_share=error,
        baseline_error_share=ratio(sums["naive"], sums["won"]),
        note=note,
        is_grey=count < _FEW,
    )
