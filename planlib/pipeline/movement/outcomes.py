"""What becomes of deals: won and lost by age as competing risks, and how fast money flows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from planlib.intervals import wilson
from planlib.pipeline.cuts import CutTables
from planlib.pipeline.money import from_cents, known, ratio, to_cents
from planlib.pipeline.movement.cells import CELL, by_cut, in_order
from planlib.pipeline.movement.survival import cumulative_incidence
from planlib.pipeline.truncation import Records, cycle_days

CAUSES = ("won", "lost")


def measure_incidence(
    deals: pd.DataFrame,
    as_of: date,
    tables: CutTables,
    cuts: Sequence[str],
    *,
    step_days: int,
    minimum_deals: int,
) -> pd.DataFrame:
    """
    Estimate the share of deals won and lost by age, open deals counted in.

    Parameters
    ----------
    deals
        Prepared deals; those with a created date count, from the first closing in the data on.
    as_of
        Day on which they stand; what closes later counts as open.
    tables, cuts
        Cells.
    step_days
        Ages are given in these steps, up to the age within which 95 % of closed deals closed.
    minimum_deals
        Fewer closed deals are grey.

    Returns
    -------
    DataFrame
        Table ``pipeline_incidence``, by the estimator of Aalen and Johansen. Deals created
        before the first recorded closing count from that day on (left truncation): those that
        closed before are not in the data, so counting from creation would flatter.
    """
    rows = _watched(deals, as_of)
    closed = rows["cause"].isin(CAUSES)
    if not closed.any():
        return pd.DataFrame()
    longest = float(rows.loc[closed, "days"].quantile(0.95))
    ages = np.arange(0, longest + step_days, step_days, dtype="float64")
    cells = by_cut(rows, tables, cuts)
    parts = []
    for (cut, value), group in cells.groupby(CELL, sort=False):
        found = cumulative_incidence(group["days"], group["cause"], group["entry"], ages, CAUSES)
        ended = int(group["cause"].isin(CAUSES).sum())
        parts.append(
            found.assign(
                cut=str(cut),
                cut_value=str(value),
                deal_count=len(group),
                closed_count=ended,
                is_grey=ended < minimum_deals,
                note="" if ended else "no deal of this cell has closed yet: no estimate",
            )
        )
    table = pd.concat(parts, ignore_index=True).rename(
        columns={
            "won": "won_share", "lost": "lost_share", "at_risk": "at_risk_count",
        }
    )  # fmt: skip
    return in_order(
        table.assign(open_share=(1 - table["won_share"] - table["lost_share"]).clip(lower=0)),
        cuts,
        ["age_days"],
    )


def _watched(deals: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Give per deal its age at the end, its cause, and the age from which it was watched."""
    day = pd.Timestamp(as_of)
    first = Records.of(deals).first_close
    began = pd.Timestamp(first) if first else day
    known_deals = deals[(deals["status"] != "unknown") & (deals["created_date"] <= day)]
    closed = known_deals["status"].isin(CAUSES) & (known_deals["close_date"] <= day)
    dated = ~known_deals["status"].isin(CAUSES) | known_deals["close_date"].notna()
    rows = known_deals.assign(
        cause=known_deals["status"].where(closed, ""),
        days=(known_deals["close_date"].where(closed, day) - known_deals["created_date"]).dt.days,
        entry=(began - known_deals["created_date"]).dt.days.clip(lower=0),
    )
    return rows[dated & (rows["days"] >= rows["entry"])]


def measure_velocity(
    deals: pd.DataFrame,
    as_of: date,
    tables: CutTables,
    cuts: Sequence[str],
    *,
    closed_days: int,
    minimum_deals: int,
) -> pd.DataFrame:
    """
    Give pipeline velocity: open deals x win rate x won amount / cycle days.

    Parameters
    ----------
    deals
        Prepared deals.
    as_of
        Day on which open deals are counted.
    tables, cuts
        Cells.
    closed_days
        Days back over which closed deals count.
    minimum_deals
        Fewer decided deals are grey.

    Returns
    -------
    DataFrame
        Table ``pipeline_velocity``: money per day that the open pipeline yields if rate, amount
        and cycle stay; its parts beside it. Win rate = won / (won + lost) deals closed in the
        window; amount = mean of won deals that have one; cycle = mean days from created to
        closed of won deals, which is too short where many deals are still open.
    """
    day, first = pd.Timestamp(as_of), pd.Timestamp(as_of - timedelta(closed_days))
    recent = (deals["close_date"] > first) & (deals["close_date"] <= day)
    won, lost = (recent & (deals["status"] == name) for name in CAUSES)
    later = deals["status"].isin(CAUSES) & (deals["close_date"] > day)
    opened = ((deals["status"] == "open") | later) & ~(deals["created_date"] > day)
    cents = to_cents(deals["amount"])
    days = cycle_days(deals)
    facts = deals[["opportunity_id", "owner_id", "account_id"]].assign(
        open_count=opened, won_count=won, lost_count=lost,
        valued=won & cents.notna(), won_cents=known(cents).where(won, 0),
        timed=won & days.notna(), cycle=days.where(won, 0.0).fillna(0.0),
    )  # fmt: skip
    cells = by_cut(facts[opened | won | lost], tables, cuts)
    names = ["open_count", "won_count", "lost_count", "valued", "won_cents", "timed", "cycle"]
    sums = cells.groupby(CELL)[names].sum().reset_index()
    decided = sums["won_count"] + sums["lost_count"]
    rate = ratio(sums["won_count"], decided)
    amount = ratio(from_cents(sums["won_cents"]), sums["valued"])
    cycle = ratio(sums["cycle"], sums["timed"])
    low, high = wilson(sums["won_count"], decided)
    note = pd.Series("", index=sums.index, dtype="str")
    note = note.mask(cycle.isna() | (cycle == 0), "no won deal with both dates")
    note = note.mask(amount.isna(), "no won deal with an amount").mask(
        decided == 0, "no deal was decided in the window"
    )
    table = sums[[*CELL, "open_count", "won_count", "lost_count"]].assign(
        win_rate=rate,
        win_rate_low=low,
        win_rate_high=high,
        mean_won_amount=amount,
        cycle_days=cycle,
        velocity_amount=sums["open_count"] * rate * amount / cycle.where(cycle > 0),
        from_date=first,
        note=note,
        is_grey=decided < minimum_deals,
    )
    return in_order(table, cuts)
