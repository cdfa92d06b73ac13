"""
The events of an ordinary week: a leaver, new seats, a part of the market planned anew.

Each is one call on the plan in force. What is not concerned is frozen; what happens is a list of
moved accounts with its price in the objective, balance before and after, and the budget used.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import replace
from numbers import Integral
from typing import Any

import pandas as pd

from planlib.errors import ParameterError, nearest
from planlib.notes import count_of
from planlib.settings.territories import TerritoriesSettings
from planlib.tables import require_columns
from planlib.territories.alignment import tabulate
from planlib.territories.columns import day, named, names_of, stamp, text, with_id
from planlib.territories.compare import compare_plans
from planlib.territories.event import Event
from planlib.territories.solving import solve_statement
from planlib.territories.statement import state

_SEARCH = ("seed", "effort", "time_limit", "workers", "on_progress")
_SEAT_LIKE = ("role", "level", "unit", "region", "country", "province", "skills", "manager_id")


def redistribute(
    leaver: str | Collection[str],
    plan: pd.DataFrame,
    accounts: pd.DataFrame,
    reps: pd.DataFrame,
    settings: TerritoriesSettings,
    *,
    as_of: datetime.date,
    to: Collection[str] | None = None,
    seed: int = 0,
    **tables: Any,
) -> Event:
    """
    Hand the accounts of a leaver to others; every other account stays where it is.

    Parameters
    ----------
    leaver
        Rep or reps who leave, by id.
    plan
        The plan in force: ``account_id``, ``rep_id``.
    accounts, reps, settings
        As for ``align``.
    as_of
        The day from which the leaver owns nothing.
    to
        Reps who may take over; None: everyone who works in the leaver's part of the market.
    seed, tables
        As for ``align``; ``opportunities``, ``segments``, ``overrides`` ...

    Returns
    -------
    Event
        The plan afterwards, the part that was planned anew, and what moves.

    Raises
    ------
    ParameterError
        If a leaver or receiver is not in reps, or nobody is left to take over.
    """
    who = {leaver} if isinstance(leaver, str) else set(leaver)
    takers = None if to is None else set(to) - who
    _check_reps(who | (takers or set()), reps)
    if takers is not None and not takers:
        raise ParameterError("to", ["names nobody beside the leaver; leave it out for everyone"])
    last = day(reps, "leave_date").mask(reps["rep_id"].isin(who), stamp(as_of))
    staff = reps.assign(leave_date=last)
    owner = text(plan, "rep_id")
    scope = sorted(plan.loc[owner.isin(who), "account_id"].astype("str"))
    inside = None if takers is None else set(plan.loc[owner.isin(who | takers), "account_id"])
    kept = None if takers is None else takers | who
    names = names_of(reps, "rep_id")
    name = f"{', '.join(with_id(one, names) for one in sorted(who))} leaves"
    return _event(name, plan, (accounts, staff, settings), scope, as_of=as_of, seed=seed,
                  only_accounts=inside, only_reps=kept, **tables)  # fmt: skip


def carve(
    new_seats: int | pd.DataFrame,
    plan: pd.DataFrame,
    accounts: pd.DataFrame,
    reps: pd.DataFrame,
    settings: TerritoriesSettings,
    *,
    from_: str | Collection[str],
    as_of: datetime.date,
    disruption_share: float | None = None,
    seed: int = 0,
    **tables: Any,
) -> Event:
    """
    Carve territories for new seats out of those of some reps; all others keep theirs.

    Parameters
    ----------
    new_seats
        How many, made after the first rep of ``from_``; or a table with ``rep_id`` and what is
        known of each seat, the columns of reps.
    plan, accounts, reps, settings, as_of, seed, tables
        As for ``redistribute``.
    from_
        Reps, by id, who give accounts. Targets are shares of what they hold together.
    disruption_share
        Most of their ACV that may change owner; None: no limit, since a seat that is to be filled
        needs its share. The weight of a change keeps the moves few either way.

    Returns
    -------
    Event
        The plan afterwards, the part that was planned anew, and what moves.

    Raises
    ------
    ParameterError
        If ``from_`` names nobody in reps, there is no seat, or one owns accounts already.
    """
    givers = [from_] if isinstance(from_, str) else sorted(set(from_))
    _check_reps(set(givers), reps)
    owner = text(plan, "rep_id")
    seats = _seats(new_seats, givers, reps, set(owner.dropna()))
    scope = sorted(plan.loc[owner.isin(givers), "account_id"].astype("str"))
    free = TerritoriesSettings.model_validate({
        **settings.model_dump(), "disruption_share": disruption_share, "open_seats": True,
        "disruption_count_share": None, "disruption_open_share": None,
    })  # fmt: skip
    names = names_of(reps, "rep_id")
    name = (f"{count_of(len(seats), 'new seat')} out of "
            f"{', '.join(with_id(one, names) for one in givers)}")  # fmt: skip
    event = _event(name, plan, (accounts, reps, free), scope, as_of=as_of, seed=seed, seats=seats,
                   only_accounts=set(scope), only_reps=set(givers), **tables)  # fmt: skip
    limit = "no disruption budget" if disruption_share is None else "a budget of its own"
    said = (limit, "targets are shares of what these reps hold")
    return replace(event, notes=(*said, *event.notes))


def rework(
    scope: Collection[str],
    plan: pd.DataFrame,
    accounts: pd.DataFrame,
    reps: pd.DataFrame,
    settings: TerritoriesSettings,
    *,
    as_of: datetime.date,
    seed: int = 0,
    **tables: Any,
) -> Event:
    """
    Plan some accounts anew and freeze everything else at the plan in force.

    Parameters
    ----------
    scope
        Accounts that may change, by id.
    plan, accounts, reps, settings, as_of, seed, tables
        As for ``redistribute``.

    Returns
    -------
    Event
        The plan afterwards, the part that was planned anew, and what moves.

    Raises
    ------
    ParameterError
        If an account of the scope is not in the plan; the first ones are named.
    """
    wanted = sorted(set(scope))
    known = set(plan["account_id"].astype("str"))
    missing = [one for one in wanted if one not in known]
    if missing:
        first = ", ".join(missing[:3])
        raise ParameterError(
            "scope", [f"not in the plan: {count_of(len(missing), 'account')}, first {first}"]
        )
    name = f"{count_of(len(wanted), 'account')} planned anew"
    return _event(name, plan, (accounts, reps, settings), wanted, as_of=as_of, seed=seed, **tables)


def _event(
    name: str,
    plan: pd.DataFrame,
    inputs: tuple[pd.DataFrame, pd.DataFrame, TerritoriesSettings],
    scope: list[str],
    *,
    as_of: datetime.date,
    only_accounts: Collection[str] | None = None,
    only_reps: Collection[str] | None = None,
    **options: Any,
) -> Event:
    """Solve the part concerned with the plan in force as today's owners, and put it in place."""
    accounts, reps, settings = inputs
    require_columns("territory_plan", plan, ["account_id", "rep_id"])
    territories = _in_force(plan, options.pop("territories", None), settings)
    if only_accounts is not None:
        accounts = accounts[accounts["account_id"].isin(set(only_accounts))]
    if only_reps is not None:
        reps = reps[reps["rep_id"].isin(set(only_reps))]
    previous = plan[["account_id", "rep_id"]]
    search = {name: options.pop(name) for name in _SEARCH if name in options}
    statement = state(
        accounts, reps, settings, as_of=as_of, territories=territories, previous=previous,
        scope=scope, **options,
    )  # fmt: skip
    concerned = statement.book.loc[statement.book["account_id"].isin(scope), "block"]
    statement = statement.only(set(concerned) - {""})
    alignment = tabulate(statement, solve_statement(statement, **search))
    changed = alignment.plan[alignment.plan["account_id"].isin(scope)].set_index("account_id")
    owner = plan["account_id"].map(changed["rep_id"]).astype("str").fillna(text(plan, "rep_id"))
    after = plan.assign(rep_id=owner, previous_rep_id=text(plan, "rep_id"))
    values = alignment.plan if "acv" not in plan else plan
    people = alignment.statement.sellers[["rep_id", "name"]]
    people = pd.concat([people, reps[["rep_id", "name"]] if "name" in reps else people])
    difference = compare_plans(
        plan, after, comparison=name, accounts=accounts if "name" in accounts else None,
        reps=people.drop_duplicates("rep_id"), values=values,
    )  # fmt: skip
    notes = []
    if not scope:
        notes.append("there is no account to hand over")
    if alignment.status not in ("optimal", "feasible", "empty"):
        notes.append(f"not within the tolerance with everything else frozen: {alignment.status}")
    stuck = alignment.plan["account_id"].isin(scope) & ~alignment.plan["is_in_scope"].astype(bool)
    if stuck.any():
        notes.append(f"no rep may take over {count_of(int(stuck.sum()), 'account')}")
    return Event(name=name, alignment=alignment, plan=after, difference=difference,
                 notes=tuple(notes))  # fmt: skip


def _in_force(
    plan: pd.DataFrame, territories: pd.DataFrame | None, settings: TerritoriesSettings
) -> pd.DataFrame:
    """Give the plan in force as owners of today; a start of ownership that still holds is kept."""
    owned = plan[text(plan, "rep_id").notna()]
    layer = pd.DataFrame({
        "account_id": owned["account_id"].astype("str"), "role_layer": settings.role_layer,
        "rep_id": text(owned, "rep_id"), "since_date": pd.Series(pd.NaT, index=owned.index),
    })  # fmt: skip
    if territories is None or "since_date" not in territories:
        return layer
    known = territories[["account_id", "rep_id", "since_date"]].drop_duplicates(
        ["account_id", "rep_id"]
    )
    return layer.drop(columns="since_date").merge(known, on=["account_id", "rep_id"], how="left")


def _check_reps(wanted: set[str], reps: pd.DataFrame) -> None:
    known = set(reps["rep_id"].astype("str"))
    problems = []
    for one in sorted(wanted - known):
        near = nearest(one, known)
        problems.append(
            f"'{one}' is not in reps" + (f" (did you mean '{near[0]}'?)" if near else "")
        )
    if not wanted:
        problems.append("names nobody")
    if problems:
        raise ParameterError("reps", problems)


def _seats(new_seats: Any, givers: list[str], reps: pd.DataFrame, owners: set[str]) -> pd.DataFrame:
    """Give the new seats as rows of reps; what is not said is as with the first giver."""
    like = reps[reps["rep_id"].eq(givers[0])].iloc[0]
    if not isinstance(new_seats, Integral | pd.DataFrame):
        found = f"is {new_seats!r}; must be a whole number, or a table with rep_id"
        raise ParameterError("new_seats", [found])
    if not isinstance(new_seats, pd.DataFrame):
        if int(new_seats) < 1:
            raise ParameterError("new_seats", [f"is {new_seats}; at least 1 is needed"])
        taken, number = set(reps["rep_id"].astype("str")) | owners, 1
        ids: list[str] = []
        while len(ids) < int(new_seats):
            if f"SEAT-{number}" not in taken:
                ids.append(f"SEAT-{number}")
            number += 1
        seats = pd.DataFrame({"rep_id": ids, "name": [f"Open seat {one[5:]}" for one in ids]})
    else:
        require_columns("new_seats", new_seats, ["rep_id"])
        seats = new_seats.reset_index(drop=True)
        if seats.empty:
            raise ParameterError("new_seats", ["has no row; at least 1 seat is needed"])
        busy = sorted(owners & set(seats["rep_id"].astype("str")))
        if busy:
            problems = [f"rep_id {one} owns accounts already; use another one" for one in busy]
            raise ParameterError("new_seats", problems)
    for column in _SEAT_LIKE:
        if column in reps and column not in seats:
            seats = seats.assign(**{column: like[column]})
    return seats.assign(is_open_seat=True, name=named(seats["rep_id"], names_of(seats, "rep_id")))


__all__ = ["Event", "carve", "redistribute", "rework"]
