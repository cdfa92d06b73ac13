"""
The bridge: why the open pipeline changed between two days, one reason per deal.

Only the two days are compared. What a deal did in between leaves no trace: one that moved out
and back is unmoved, one that was created and closed in between is not in the bridge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from planlib.periods import Period
from planlib.pipeline.cuts import ALL, TOTAL, CutTables
from planlib.pipeline.history import AsOf
from planlib.pipeline.money import from_cents, known, to_cents
from planlib.tables.pipeline import REASONS

#: Rank of the reasons of a deal that left the pipeline: the first that holds is the reason.
LEAVING = ("deleted", "won", "lost", "pulled_out", "pushed_out")
#: Rank of the reasons of a deal that came in.
COMING = ("new", "reopened", "pushed_in", "pulled_in")

_SIDE = ["opportunity_id", "status", "amount", "close_date", "owner_id", "account_id"]


@dataclass(frozen=True, kw_only=True)
class Bridge:
    """
    A bridge between two states of the pipeline.

    Parameters
    ----------
    deals
        One row per deal in the pipeline on either day: cents and attributes on both, ``reason``.
    steps
        Per cut and cell one row per reason with signed ``cents``, ``count`` of deals, and how
        many of them have an amount (``valued``).
    scope
        ``period`` (open deals that close in the period) or ``all`` (all open deals).
    basis
        What the two states rest on.
    passed_through
        Deals created and closed between the two days; they are in neither state.
    """

    deals: pd.DataFrame
    steps: pd.DataFrame
    scope: str
    basis: str
    passed_through: int


def build_bridge(
    start: AsOf, end: AsOf, period: Period, tables: CutTables, cuts: Sequence[str]
) -> Bridge:
    """
    Compare two states of the pipeline of a period.

    A deal is in the pipeline when it is open with its close date in the period. Where one of the
    states is reconstructed, close dates and amounts of that day are not known; then all open
    deals count, and only new, won, lost and deleted can be told.

    The reason of a deal that left, by rank: deleted, won, lost, pulled out (closes before the
    period now), pushed out (closes later, or without a close date); it counts with its amount at
    the start. The reason of a deal that came in, by rank: new (not in the pipeline data at the
    start), reopened (was closed), pushed in (was to close before the period), pulled in (was to
    close later, or had no close date); it counts with its amount at the end. A deal that stays
    counts as increase or decrease with the difference; when it changed its cell (another owner,
    say) its amount at the start leaves the one cell as owner out and enters the other as owner
    in, and the difference counts in the new cell.

    Parameters
    ----------
    start, end
        The two states.
    period
        Whose pipeline it is.
    tables, cuts
        Cells; ``total`` is always added.

    Returns
    -------
    Bridge
        In every cell: start and all reasons add up to the end, to the cent; the cells of a cut
        add up to the total, reason by reason.

    Raises
    ------
    ValueError
        If only one of the states is reconstructed: amounts of two days cannot be compared then.
    """
    deals = pair_states(start, end, period)
    new = deals["status_start"].isna()
    passed = new & deals["status_end"].isin(["won", "lost"])
    deals = explain_pairs(deals, period, tables, cuts)
    return Bridge(
        deals=deals,
        steps=add_up(deals, cuts),
        scope="period" if start.knows_dates and end.knows_dates else "all",
        basis=f"{start.label} to {end.label}",
        passed_through=int(passed.sum()),
    )


def pair_states(start: AsOf, end: AsOf, period: Period) -> pd.DataFrame:
    """
    Put two states side by side.

    Parameters
    ----------
    start, end, period
        As for ``build_bridge``.

    Returns
    -------
    DataFrame
        One row per deal of either state, ordered by ``opportunity_id``: attributes and ``cents``
        with the endings ``_start`` and ``_end``; ``in_start``, ``in_end``: whether it was in the
        pipeline.

    Raises
    ------
    ValueError
        If only one of the states is reconstructed.
    """
    by_dates = start.knows_dates and end.knows_dates
    if start.knows_dates != end.knows_dates:
        raise ValueError("a bridge needs two states as known then, or two reconstructed ones")
    left, right = _side(start, period, by_dates), _side(end, period, by_dates)
    deals = left.merge(right, "outer", "opportunity_id", suffixes=("_start", "_end"))
    deals = deals.sort_values("opportunity_id", ignore_index=True)
    for side in ("start", "end"):
        deals[f"valued_{side}"] = deals[f"cents_{side}"].notna()
        deals[f"in_{side}"] = deals[f"inside_{side}"].fillna(False).astype(bool)
        deals[f"cents_{side}"] = known(deals[f"cents_{side}"])
    return deals


def explain_pairs(
    deals: pd.DataFrame, period: Period, tables: CutTables, cuts: Sequence[str]
) -> pd.DataFrame:
    """
    Keep the deals in the pipeline on either day, with cells of both days and the reason.

    Parameters
    ----------
    deals
        Rows of ``pair_states``, of one or of several pairs of days.
    period, tables, cuts
        As for ``build_bridge``.

    Returns
    -------
    DataFrame
        The rows with each cut on both days, and ``reason``, blank for a deal that stays.
    """
    deals = deals[deals["in_start"] | deals["in_end"]].reset_index(drop=True)
    names = [cut for cut in cuts if cut != TOTAL]
    for side in ("start", "end"):
        columns = {f"{name}_{side}": name for name in ("owner_id", "account_id")}
        then = deals[["opportunity_id", *columns]].rename(columns=columns)
        cells = tables.attach(then, names)[names]
        deals = pd.concat([deals, cells.add_suffix(f"_{side}")], axis=1)
    return deals.assign(reason=_reasons(deals, period))


def add_up(deals: pd.DataFrame, cuts: Sequence[str]) -> pd.DataFrame:
    """Add up compared deals to the steps of every cell (``Bridge.steps``)."""
    return pd.concat(
        [_steps(deals, cut) for cut in dict.fromkeys((TOTAL, *cuts))], ignore_index=True
    )


def check_identity(steps: pd.DataFrame) -> pd.DataFrame:
    """
    Give the cells in which start and reasons do not add up to the end, or counts do not.

    Parameters
    ----------
    steps
        ``Bridge.steps``.

    Returns
    -------
    DataFrame
        ``cut``, ``cut_value``, ``off_cents``, ``off_count``; empty when every cell adds up.
    """
    sign = pd.Series(1, index=steps.index).mask(steps["reason"] == "end", -1)
    leaves = steps["reason"].isin([*LEAVING, "owner_out", "end"])
    stays = steps["reason"].isin(["increase", "decrease"])
    keyed = steps.assign(
        off_cents=steps["cents"] * sign,
        off_count=steps["count"].mask(leaves, -steps["count"]).mask(stays, 0),
    )
    off = keyed.groupby(["cut", "cut_value"], as_index=False)[["off_cents", "off_count"]].sum()
    return off[(off["off_cents"] != 0) | (off["off_count"] != 0)].reset_index(drop=True)


def _side(state: AsOf, period: Period, by_dates: bool) -> pd.DataFrame:
    deals = state.states[state.states["status"] != "unknown"][_SIDE]
    inside = deals["status"] == "open"
    if by_dates:
        inside &= deals["close_date"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))
    return deals.assign(cents=to_cents(deals["amount"]), inside=inside)


def _reasons(deals: pd.DataFrame, period: Period) -> pd.Series:
    """Give the one reason of each deal that came or left; blank for one that stays."""
    leaves = deals["in_start"] & ~deals["in_end"]
    comes = deals["in_end"] & ~deals["in_start"]
    first = pd.Timestamp(period.start)
    holds = {
        "deleted": deals["status_end"].isna(),
        "won": deals["status_end"] == "won",
        "lost": deals["status_end"] == "lost",
        "pulled_out": deals["close_date_end"] < first,
        "pushed_out": leaves,
        "new": deals["status_start"].isna(),
        "reopened": deals["status_start"].isin(["won", "lost"]),
        "pushed_in": deals["close_date_start"] < first,
        "pulled_in": comes,
    }
    reason = pd.Series("", index=deals.index, dtype="str")
    for name in reversed(LEAVING):
        reason = reason.mask(leaves & holds[name], name)
    for name in reversed(COMING):
        reason = reason.mask(comes & holds[name], name)
    return reason


def _steps(deals: pd.DataFrame, cut: str) -> pd.DataFrame:
    """Add up the steps of every cell of one cut; every cell has every reason."""
    if cut == TOTAL:
        before = after = np.full(len(deals), ALL, dtype=object)
    else:
        before, after = (deals[f"{cut}_{side}"].to_numpy(dtype=object) for side in ("start", "end"))
    at_start, at_end = deals["cents_start"].to_numpy(), deals["cents_end"].to_numpy()
    had = deals["valued_start"].to_numpy(), deals["valued_end"].to_numpy()
    stays = (deals["in_start"] & deals["in_end"]).to_numpy()
    reason = deals["reason"].to_numpy(dtype=object)
    moved = stays & (before != after)
    change = at_end - at_start
    either = had[0] | had[1]
    parts = [
        ("start", before, at_start, had[0], deals["in_start"].to_numpy()),
        *[(name, after, at_end, had[1], reason == name) for name in COMING],
        ("owner_in", after, at_start, had[0], moved),
        ("increase", after, change, either, stays & (change > 0)),
        ("decrease", after, change, either, stays & (change < 0)),
        *[(name, before, -at_start, had[0], reason == name) for name in LEAVING],
        ("owner_out", before, -at_start, had[0], moved),
        ("end", after, at_end, had[1], deals["in_end"].to_numpy()),
    ]
    moves = pd.DataFrame(
        {
            "cut_value": np.concatenate([cells[chosen] for _, cells, _, _, chosen in parts]),
            "reason": np.repeat(
                [part[0] for part in parts], [int(part[4].sum()) for part in parts]
            ),
            "cents": np.concatenate([cents[chosen] for _, _, cents, _, chosen in parts]),
            "valued": np.concatenate([valued[chosen] for _, _, _, valued, chosen in parts]),
        }
    )
    sums = moves.groupby(["cut_value", "reason"]).agg(
        cents=("cents", "sum"), count=("cents", "size"), valued=("valued", "sum")
    )
    cells = [ALL] if cut == TOTAL else sorted(moves["cut_value"].unique())
    grid = pd.MultiIndex.from_product([cells, REASONS], names=["cut_value", "reason"])
    full = sums.reindex(grid, fill_value=0).reset_index()
    order = full["reason"].map({name: at for at, name in enumerate(REASONS)})
    return full.assign(cut=cut, step_order=order)


def bridge_table(
    bridge: Bridge, series: str, period: Period, days: tuple[date, date]
) -> pd.DataFrame:
    """
    Give a bridge as rows of table ``pipeline_bridge``.

    Parameters
    ----------
    bridge
        The bridge.
    series
        ``span`` or ``week``.
    period
        Whose pipeline it is.
    days
        First and last day.
    """
    steps = bridge.steps
    return pd.DataFrame(
        {
            "series": series,
            "period": period.name,
            "scope": bridge.scope,
            "from_date": pd.Timestamp(days[0]),
            "to_date": pd.Timestamp(days[1]),
            "cut": steps["cut"],
            "cut_value": steps["cut_value"],
            "reason": steps["reason"],
            "step_order": steps["step_order"],
            "amount": from_cents(steps["cents"]).mask(
                (steps["count"] > 0) & (steps["valued"] == 0)
            ),
            "count": steps["count"],
            "basis": bridge.basis,
        }
    )


def moves_table(
    bridge: Bridge, series: str, period: Period, days: tuple[date, date], tables: CutTables
) -> pd.DataFrame:
    """
    Give the deals that came, left or changed their amount as rows of table ``pipeline_moves``.

    Parameters
    ----------
    bridge, series, period, days
        As for ``bridge_table``.
    tables
        For the names of owners.

    Returns
    -------
    DataFrame
        Largest effect first; deals that stay unchanged are left out.
    """
    deals = bridge.deals
    change = deals["cents_end"] - deals["cents_start"]
    stays = deals["in_start"] & deals["in_end"]
    reason = deals["reason"].mask(stays & (change > 0), "increase")
    reason = reason.mask(stays & (change < 0), "decrease")
    effect = change.mask(~deals["in_end"], -deals["cents_start"])
    effect = effect.mask(~deals["in_start"], deals["cents_end"])
    owner = deals["owner_id_end"].fillna(deals["owner_id_start"])
    rows = pd.DataFrame(
        {
            "series": series,
            "period": period.name,
            "from_date": pd.Timestamp(days[0]),
            "to_date": pd.Timestamp(days[1]),
            "opportunity_id": deals["opportunity_id"],
            "account_id": deals["account_id_end"].fillna(deals["account_id_start"]),
            "owner_id": owner,
            "owner": tables.rep_label(owner),
            "reason": reason,
            "amount": from_cents(effect),
            "from_amount": deals["amount_start"],
            "to_amount": deals["amount_end"],
            "from_close_date": deals["close_date_start"],
            "to_close_date": deals["close_date_end"],
        }
    )
    rows = rows[rows["reason"] != ""].assign(size=lambda r: r["amount"].abs())
    rows = rows.sort_values(["size", "opportunity_id"], ascending=[False, True])
    return rows.drop(columns="size").reset_index(drop=True)
