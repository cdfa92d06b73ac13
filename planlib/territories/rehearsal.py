"""
What a day may bring, tried on the plan before it happens: a leaver, new seats, a part anew.

Each event is one call of ``redistribute``, ``carve`` or ``rework``; nothing is stored. Where nobody
asks for one, the rep with most ACV leaves, and one seat is carved out of the two fullest
territories of the largest part of the market.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import pandas as pd

from planlib.settings.territories import TerritoriesSettings
from planlib.territories.alignment import Alignment
from planlib.territories.event import Event
from planlib.territories.events import carve, redistribute, rework

_GIVERS = 2
_SUMMARY = (
    "event", "status", "account_count", "acv", "taker_count", "price", "deviation_before",
    "deviation_after", "note",
)  # fmt: skip
_MOVED = (
    "event", "account_id", "account_name", "old_rep_name", "new_rep_name", "acv", "open_amount",
    "cost", "reason",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """
    Events that were tried.

    Parameters
    ----------
    events
        Each with its plan, moves and price.
    """

    events: tuple[Event, ...]

    @property
    def summary(self) -> pd.DataFrame:
        """
        Give one row per event: what moves, to how many, at which price, and how balance changes.

        ``event``, ``status``, ``account_count``, ``acv``, ``taker_count``, ``price`` (cost units),
        ``deviation_before``, ``deviation_after`` (largest of the territories concerned), ``note``.
        """
        rows = []
        for event in self.events:
            moved, away = event.moved, event.balance
            rows.append((
                event.name, event.alignment.status, len(moved), moved["acv"].sum(min_count=1),
                moved["new_rep_id"].nunique(), event.price,
                *(away[f"deviation_{when}"].abs().max() for when in ("before", "after")),
                "; ".join(event.notes),
            ))  # fmt: skip
        return pd.DataFrame(rows, columns=list(_SUMMARY))

    @property
    def moved(self) -> pd.DataFrame:
        """
        Give the accounts that change owner in each event, the largest ACV first.

        ``event``, ``account_id``, ``account_name``, ``old_rep_name``, ``new_rep_name``, ``acv``,
        ``open_amount``, ``cost`` (cost units) and ``reason``.
        """
        parts = [event.moved.assign(event=event.name) for event in self.events]
        parts = [part for part in parts if len(part)]
        if not parts:
            return pd.DataFrame(columns=list(_MOVED))
        return pd.concat(parts, ignore_index=True)[list(_MOVED)]


def rehearse(
    alignment: Alignment,
    accounts: pd.DataFrame,
    reps: pd.DataFrame,
    settings: TerritoriesSettings,
    *,
    as_of: datetime.date,
    leavers: Collection[str] = (),
    new_seats: int = 0,
    seats_from: Collection[str] = (),
    scope: Collection[str] = (),
    **options: Any,
) -> Rehearsal:
    """
    Try events on a plan.

    Parameters
    ----------
    alignment
        The plan in force.
    accounts, reps, settings, as_of
        As for ``align``.
    leavers
        Reps who leave together, by id.
    new_seats, seats_from
        Seats to carve, and the reps who give; blank: the fullest territories.
    scope
        Accounts that are planned anew while everything else is frozen.
    options
        Tables of ``state``, and of the search ``seed``, ``effort``.

    Returns
    -------
    Rehearsal
        Empty where the plan has no rep with an account.

    Raises
    ------
    ParameterError
        If a rep or an account is not known.
    """
    given = {"as_of": as_of, **options}
    inputs = (alignment.plan, accounts, reps, settings)
    is_asked = bool(leavers or new_seats or seats_from or scope)
    going = list(leavers) if is_asked else _largest(alignment, reps)
    givers = list(seats_from) or _fullest(alignment, reps)
    seats = new_seats or int(bool(seats_from) or not is_asked)
    events = []
    if going:
        events.append(redistribute(going, *inputs, **given))
    if seats and givers:
        events.append(carve(seats, *inputs, from_=givers, **given))
    if scope:
        events.append(rework(scope, *inputs, **given))
    return Rehearsal(events=tuple(events))


def _people(alignment: Alignment, reps: pd.DataFrame) -> pd.DataFrame:
    """Give the reps who own something and can leave or give: people of the reps table."""
    rows = alignment.reps
    owns = rows["after_count"].fillna(0).gt(0) & ~rows["is_open_seat"].fillna(value=False)
    return rows[owns.astype(bool) & rows["rep_id"].isin(reps["rep_id"])]


def _largest(alignment: Alignment, reps: pd.DataFrame) -> list[str]:
    """Give the rep with most ACV, else with most accounts, who is not alone in a block."""
    people = _people(alignment, reps)
    people = people[people.groupby("block")["rep_id"].transform("size").gt(1)]
    if people.empty:
        return []
    plan = alignment.plan[alignment.plan["is_in_scope"].astype(bool)]
    acv = people["rep_id"].map(plan.groupby("rep_id")["acv"].sum(min_count=1))
    order = people.assign(acv=acv.fillna(-1.0)).sort_values(
        ["acv", "after_count", "rep_id"], ascending=[False, False, True], kind="stable"
    )
    return [str(order["rep_id"].iloc[0])]


def _fullest(alignment: Alignment, reps: pd.DataFrame) -> list[str]:
    """Give the two reps furthest above their target in the block with most accounts."""
    people = _people(alignment, reps)
    if people.empty:
        return []
    counts = people.groupby("block")["after_count"].sum().sort_index(kind="stable")
    block = counts.index[counts.eq(counts.max())][0]
    rows = alignment.balance[alignment.balance["rep_id"].isin(people["rep_id"])]
    rows = rows[rows["block"].eq(block)]
    full = rows.groupby("rep_id")["deviation_after"].max().sort_index(kind="stable")
    return sorted(map(str, full.sort_values(ascending=False, kind="stable").index[:_GIVERS]))
