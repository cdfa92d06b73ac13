"""The event bridge: every change between two days, beside the bridge that knows only the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from planlib.periods import Period
from planlib.pipeline.bridge import add_up, build_bridge, explain_pairs, pair_states
from planlib.pipeline.cuts import CutTables
from planlib.pipeline.history import PipelineHistory
from planlib.pipeline.money import from_cents
from planlib.pipeline.movement.cells import value_of
from planlib.tables.pipeline import REASONS

_ENDS = ("start", "end")
_KEYS = ["cut", "cut_value", "reason"]


@dataclass(frozen=True, kw_only=True)
class EventBridge:
    """
    An event bridge beside the two-point one.

    Parameters
    ----------
    steps
        Per cut, cell and reason: ``cents``, ``count``, ``valued`` of the events, and the same
        with the ending ``_two_point``.
    events
        One row per deal and day on which it came, left or changed its amount: ``day``,
        ``from_day``, ``reason``, ``cents`` and what stood before and after.
    days
        Days compared: both ends and each day on which something was recorded.
    basis
        What the states rest on.
    reason
        Why there is none; blank when there is one.
    """

    steps: pd.DataFrame = field(default_factory=pd.DataFrame)
    events: pd.DataFrame = field(default_factory=pd.DataFrame)
    days: tuple[date, ...] = ()
    basis: str = ""
    reason: str = ""


def build_event_bridge(
    history: PipelineHistory,
    span: tuple[date, date],
    period: Period,
    tables: CutTables,
    cuts: Sequence[str],
) -> EventBridge:
    """
    Add up every change of the pipeline of a period between two days.

    The two-point bridge compares both ends only. This one compares each recorded day with the
    one before, by the same rules, and adds up: a deal that moved out and back counts as pushed
    out and as pulled in. Start and end are those of the two-point bridge, so both add up to the
    same change; what the events have more is movement that the two-point bridge cannot see.

    Parameters
    ----------
    history
        Deals and their history.
    span
        First and last day.
    period, tables, cuts
        As for ``build_bridge``.

    Returns
    -------
    EventBridge
        Without one, and with the reason, where the history does not tell what was known then:
        a reconstructed pipeline has no moves.
    """
    days = (span[0], *history.observed_days(*span), span[1])
    states = [history.at(day) for day in days]
    rebuilt = next((state for state in states if not state.knows_dates), None)
    if rebuilt is not None:
        return EventBridge(
            reason=f"the pipeline of {rebuilt.day} is reconstructed, and a reconstruction has no "
            "moves; snapshots or change records from that day on would show them"
        )
    pairs = []
    for before, after in zip(states, states[1:], strict=False):
        deals = pair_states(before, after, period)
        inside = deals[deals["in_start"] | deals["in_end"]]
        pairs.append(inside.assign(from_day=before.day, day=after.day))
    events = explain_pairs(pd.concat(pairs, ignore_index=True), period, tables, cuts)
    flows = add_up(events, cuts)
    ends = [
        _only(add_up(events[events["from_day"] == span[0]], cuts), "start"),
        _only(add_up(events[events["day"] == span[1]], cuts), "end"),
    ]
    two_point = build_bridge(states[0], states[-1], period, tables, cuts).steps
    moves = flows[~flows["reason"].isin(_ENDS)]
    return EventBridge(
        steps=_beside(pd.concat([moves, *ends], ignore_index=True), two_point, cuts),
        events=_events(events),
        days=days,
        basis=f"{len(days)} recorded days from {days[0]} to {days[-1]}",
    )


def check_event_bridge(steps: pd.DataFrame) -> pd.DataFrame:
    """
    Give the cells in which one of the two bridges does not add up, or both differ.

    Parameters
    ----------
    steps
        ``EventBridge.steps``.

    Returns
    -------
    DataFrame
        ``cut``, ``cut_value`` and by how many cents each is off; empty when all add up.
    """
    names = ["off_cents", "off_two_point", "off_between", "off_ends"]
    if steps.empty:
        return pd.DataFrame(columns=["cut", "cut_value", *names])
    is_end = steps["reason"] == "end"
    is_start = steps["reason"] == "start"
    rows = steps.assign(
        off_cents=steps["cents"].mask(is_end, -steps["cents"]),
        off_two_point=steps["cents_two_point"].mask(is_end, -steps["cents_two_point"]),
        off_between=(steps["cents"] - steps["cents_two_point"]).where(~is_end & ~is_start, 0),
        off_ends=(steps["cents"] - steps["cents_two_point"]).abs().where(is_end | is_start, 0),
    )
    off = rows.groupby(["cut", "cut_value"], as_index=False)[names].sum()
    return off[(off[names] != 0).any(axis=1)].reset_index(drop=True)


def event_table(bridge: EventBridge, period: Period, span: tuple[date, date]) -> pd.DataFrame:
    """Give an event bridge as rows of table ``pipeline_event_bridge``."""
    if bridge.steps.empty:
        return pd.DataFrame()
    steps = bridge.steps
    amount, two_point = (
        from_cents(steps[f"cents{name}"]).mask(
            (steps[f"count{name}"] > 0) & (steps[f"valued{name}"] == 0)
        )
        for name in ("", "_two_point")
    )
    return pd.DataFrame(
        {
            "period": period.name,
            "from_date": pd.Timestamp(span[0]),
            "to_date": pd.Timestamp(span[1]),
            "cut": steps["cut"],
            "cut_value": steps["cut_value"],
            "reason": steps["reason"],
            "step_order": steps["step_order"],
            "amount": amount,
            "count": steps["count"],
            "two_point_amount": two_point,
            "two_point_count": steps["count_two_point"],
            "basis": bridge.basis,
        }
    )


def events_table(
    bridge: EventBridge, period: Period, tables: CutTables, names: pd.Series
) -> pd.DataFrame:
    """
    Give the single events as rows of table ``pipeline_events``, in order of day, largest first.

    Parameters
    ----------
    bridge
        The event bridge.
    period
        Whose pipeline it is.
    tables
        For the names of owners.
    names
        Name of each deal by ``opportunity_id``.
    """
    if bridge.events.empty:
        return pd.DataFrame()
    events = bridge.events
    owner = events["owner_id_end"].fillna(events["owner_id_start"])
    rows = pd.DataFrame(
        {
            "period": period.name,
            "event_date": pd.to_datetime(events["day"]),
            "opportunity_id": events["opportunity_id"],
            "name": value_of(events["opportunity_id"], names),
            "owner": tables.rep_label(owner),
            "reason": events["reason"],
            "amount": from_cents(events["cents"]),
            "from_amount": events["amount_start"],
            "to_amount": events["amount_end"],
            "from_close_date": events["close_date_start"],
            "to_close_date": events["close_date_end"],
            "before_date": pd.to_datetime(events["from_day"]),
            "size": events["cents"].abs(),
        }
    )
    rows = rows.sort_values(["event_date", "size", "opportunity_id"], ascending=[True, False, True])
    return rows.drop(columns="size").reset_index(drop=True)


def _only(steps: pd.DataFrame, reason: str) -> pd.DataFrame:
    return steps[steps["reason"] == reason]


def _beside(steps: pd.DataFrame, two_point: pd.DataFrame, cuts: Sequence[str]) -> pd.DataFrame:
    """Put both bridges side by side; every cell has every reason."""
    order = {name: at for at, name in enumerate(REASONS)}
    place = {cut: at for at, cut in enumerate(dict.fromkeys(("total", *cuts)))}
    sizes = ["cents", "count", "valued"]
    cells = pd.concat([steps[_KEYS[:2]], two_point[_KEYS[:2]]]).drop_duplicates()
    grid = cells.merge(pd.DataFrame({"reason": list(REASONS)}), "cross")
    both = grid.merge(steps[[*_KEYS, *sizes]], "left", _KEYS)
    both = both.merge(two_point[[*_KEYS, *sizes]], "left", _KEYS, suffixes=("", "_two_point"))
    numbers = [*sizes, *(f"{name}_two_point" for name in sizes)]
    both[numbers] = both[numbers].fillna(0).astype("int64")
    both = both.assign(step_order=both["reason"].map(order), _place=both["cut"].map(place))
    both = both.sort_values(["_place", "cut_value", "step_order"], ignore_index=True)
    return both.drop(columns="_place")


def _events(deals: pd.DataFrame) -> pd.DataFrame:
    """Give what came, left, or changed its amount or its owner."""
    change = deals["cents_end"] - deals["cents_start"]
    stays = deals["in_start"] & deals["in_end"]
    owner = (deals["owner_id_start"] != deals["owner_id_end"]) & deals["owner_id_end"].notna()
    owner &= deals["owner_id_start"].notna()
    reason = deals["reason"].mask(stays & owner.fillna(False).astype(bool), "owner_in")
    reason = reason.mask(stays & (change > 0), "increase").mask(stays & (change < 0), "decrease")
    effect = np.where(deals["in_start"], -deals["cents_start"], 0)
    effect = effect + np.where(deals["in_end"], deals["cents_end"], 0)
    return deals.assign(reason=reason, cents=effect)[reason != ""].reset_index(drop=True)
