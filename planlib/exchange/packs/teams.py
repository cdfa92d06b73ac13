"""Who gets a pack: everyone who leads people, with the team right below and all below that."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

#: Stands at the top where nobody in table reps leads everyone.
COMPANY = "company"


@dataclass(frozen=True, kw_only=True)
class Team:
    """
    One manager with people.

    Parameters
    ----------
    manager_id, name
        The manager; ``company`` where nobody leads everyone.
    parent
        Manager above; blank at the top.
    direct
        Those right below who lead nobody, and the manager, who may own accounts too.
    leads
        Those right below who lead people.
    below
        Everyone below and the manager.
    """

    manager_id: str
    name: str
    parent: str
    direct: frozenset[str]
    leads: tuple[str, ...]
    below: frozenset[str]


def find_teams(reps: pd.DataFrame, as_of: datetime.date) -> dict[str, Team]:
    """
    Find the teams of an organisation.

    Parameters
    ----------
    reps
        Table reps. Where a manager has left, the next one above who is there takes the team.
    as_of
        Day that decides who is there.

    Returns
    -------
    dict
        Teams by manager, by id; one team ``company`` in addition where several people stand at
        the top.
    """
    ids = reps["rep_id"].astype(str).tolist()
    given = reps.get("manager_id", pd.Series(pd.NA, index=reps.index, dtype="str"))
    boss = _without_rings(
        {one: str(who) for one, who in zip(ids, given, strict=True) if pd.notna(who)}
    )
    gone: set[str] = set()
    if "leave_date" in reps.columns:
        gone = set(reps.loc[reps["leave_date"] <= pd.Timestamp(as_of), "rep_id"])
    here = {one: _next_above(one, boss, gone) for one in ids}
    leads = {who for who in here.values() if who}
    tops = sorted(one for one in {*ids, *leads} if not here.get(one) and one not in gone)
    if len(tops) > 1 or not leads:
        here |= dict.fromkeys(tops, COMPANY)
        leads = leads | {COMPANY}
    here |= {one: COMPANY if COMPANY in leads else next(iter(tops), "")
             for one in ids if not here.get(one) and one not in tops}  # fmt: skip
    children: dict[str, list[str]] = {who: [] for who in leads}
    for one, who in here.items():
        if who and one != who:
            children.setdefault(who, []).append(one)
    names = _names(reps)
    return {
        who: Team(
            manager_id=who, name=names.get(who, "Company" if who == COMPANY else who),
            parent=here.get(who, ""),
            direct=frozenset({who, *(one for one in children[who] if one not in leads)}),
            leads=tuple(sorted(one for one in children[who] if one in leads)),
            below=frozenset(_below(who, children)),
        )
        for who in sorted(leads)
    }  # fmt: skip


def homes(teams: Mapping[str, Team]) -> dict[str, str]:
    """Give the manager in whose pack the accounts of a person stand."""
    found = {one: team.manager_id for team in teams.values() for one in sorted(team.direct)}
    return found | {who: who for who in teams}


def chain(manager: str, teams: Mapping[str, Team]) -> list[str]:
    """Give a manager and those above, up to the top."""
    found: list[str] = []
    while manager in teams and manager not in found:
        found.append(manager)
        manager = teams[manager].parent
    return found


def common(one: str | None, other: str | None, teams: Mapping[str, Team]) -> str:
    """Give the lowest manager above two managers, or at one of them; blank where there is none."""
    if not one or not other:
        return ""
    above = set(chain(other, teams))
    return next((who for who in chain(one, teams) if who in above), "")


def _next_above(one: str, boss: Mapping[str, str], gone: set[str]) -> str:
    """Give the nearest manager who is there; blank at the top."""
    who = boss.get(one, "")
    while who in gone:
        who = boss.get(who, "")
    return who


def _without_rings(boss: Mapping[str, str]) -> dict[str, str]:
    """Cut every ring of managers, who lead each other, above the one with the first id."""
    found, done = dict(boss), set()
    for start in sorted(boss):
        path: list[str] = []
        one = start
        while one in found and one not in done:
            if one in path:
                del found[min(path[path.index(one) :])]
                break
            path.append(one)
            one = found[one]
        done.update(path)
    return found


def _below(who: str, children: Mapping[str, list[str]]) -> set[str]:
    found, todo = {who}, [who]
    while todo:
        for one in children.get(todo.pop(), []):
            if one not in found:
                found.add(one)
                todo.append(one)
    return found


def _names(reps: pd.DataFrame) -> dict[str, str]:
    if "name" not in reps.columns:
        return {}
    known = reps[reps["name"].notna()]
    return dict(zip(known["rep_id"].astype(str), known["name"].astype(str), strict=True))


__all__ = ["COMPANY", "Team", "chain", "common", "find_teams", "homes"]
