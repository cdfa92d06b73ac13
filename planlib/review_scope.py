"""
What one manager may see of a published plan: the own people, their accounts, quotas, challenges.

Tables in, tables out. Columns that the audience may not see are taken away before; here rows are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from planlib.errors import ParameterError, nearest

#: Tables that the view is made of; any but the first two may be missing.
READ = (
    "territory_plan",
    "reps",
    "accounts",
    "territory_balance",
    "territory_fairness",
    "territory_challenges",
    "quotas",
    "key_accounts",
)

_ACCOUNTS = (
    "account_id", "name", "owner", "planned", "next_best", "acv", "potential", "workload_hours",
    "open_amount", "cause", "reason", "block", "planned_id", "owner_id",
)  # fmt: skip
_BALANCE = (
    "rep_name", "measure", "before", "after", "target", "deviation_after", "tolerance",
    "is_within", "cause",
)  # fmt: skip
_FLAGS = ("rep_name", "account_count", "worst_measure", "worst_deviation", "flags")
_QUOTAS = (
    "rep_id", "name", "unit", "role", "quota_amount", "bottom_up_amount", "top_down_amount",
    "stretch", "flag", "flag_reason", "ramped_share",
)  # fmt: skip
_KEYS = ("account_id", "name", "planned", "rank", "score", "status", "sales_amount", "reason")
_ANSWERS = (
    "decision_id", "account_id", "account_name", "rep_name", "planned_rep_name", "reason_code",
    "who", "why", "decision", "detail",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ReviewTables:
    """
    The tables of one manager's view, or of everybody's.

    Parameters
    ----------
    person_id, person_name
        The manager; blank where the whole plan is shown.
    team
        Name by rep of the people in scope.
    accounts
        Accounts that one of them owns today or in the plan, largest ACV first, with reason.
    balance, flags, quotas, key_accounts, answers
        Rows of the people and accounts in scope; without rows where there is none.
    choices
        By part of the market, id and name of the reps who can be asked for.
    missing
        Tables that the plan does not have.
    """

    person_id: str = ""
    person_name: str = ""
    team: Mapping[str, str]
    accounts: pd.DataFrame
    balance: pd.DataFrame
    flags: pd.DataFrame
    quotas: pd.DataFrame
    key_accounts: pd.DataFrame
    answers: pd.DataFrame
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def team_below(reps: pd.DataFrame, manager: str) -> list[str]:
    """
    Give a person and everybody below, by ``manager_id``.

    Raises
    ------
    ParameterError
        If the person is not in ``reps``; the message names ids that look alike.
    """
    known = reps["rep_id"].astype(str)
    if manager not in set(known):
        near = nearest(manager, known)
        hint = f"did you mean '{near[0]}'?" if near else "give an id of the table reps"
        raise ParameterError("manager", [f"there is no rep '{manager[:40]}'; {hint}"])
    below: dict[str, list[str]] = {}
    for rep, boss in zip(known, reps["manager_id"], strict=True):
        if isinstance(boss, str):
            below.setdefault(boss, []).append(rep)
    found, waiting = {manager: None}, [manager]
    while waiting:
        for rep in below.get(waiting.pop(), []):
            if rep not in found:
                found[rep] = None
                waiting.append(rep)
    return list(found)


def scope_review(tables: Mapping[str, pd.DataFrame | None], manager: str = "") -> ReviewTables:
    """
    Keep what a manager may see.

    Parameters
    ----------
    tables
        Tables by the names of ``READ``, as the audience sees them; None where one is missing.
    manager
        Rep whose people count, the person included; blank for everybody.

    Raises
    ------
    ParameterError
        If nothing is planned, or there is no such manager.
    """
    plan, reps = tables.get("territory_plan"), tables.get("reps")
    if plan is None or reps is None:
        raise ParameterError("review", ["no territories are planned yet; run the cycle first"])
    names = reps.set_index("rep_id")["name"].astype("object").where(lambda name: name.notna(), None)
    named = {str(rep): str(name or rep) for rep, name in names.items()}
    team = team_below(reps, manager) if manager else list(named)
    accounts = _accounts(plan, tables.get("accounts"), named, team)
    planned = accounts.set_index("account_id")["planned"]
    mine = set(accounts["account_id"])
    return ReviewTables(
        person_id=manager,
        person_name=named.get(manager, ""),
        team={rep: named[rep] for rep in team},
        accounts=accounts,
        balance=_rows(tables.get("territory_balance"), "rep_id", team, _BALANCE),
        flags=_flagged(_rows(tables.get("territory_fairness"), "rep_id", team, _FLAGS)),
        quotas=_quotas(tables.get("quotas"), team, named),
        key_accounts=_keys(tables.get("key_accounts"), accounts, planned),
        answers=_rows(tables.get("territory_challenges"), "account_id", mine, _ANSWERS),
        choices=_choices(plan, named),
        missing=tuple(name for name in READ if tables.get(name) is None),
    )


def _accounts(
    plan: pd.DataFrame, accounts: pd.DataFrame | None, named: Mapping[str, str], team: list[str]
) -> pd.DataFrame:
    own = plan["rep_id"].isin(team) | plan["previous_rep_id"].isin(team)
    mine = plan[own & plan["is_in_scope"].fillna(value=False).astype(bool)]
    known = (
        pd.Series(dtype="object") if accounts is None else accounts.set_index("account_id")["name"]
    )
    shown = mine.assign(
        name=mine["account_id"].map(known),
        owner=mine["previous_rep_id"].map(named),
        planned=mine["rep_id"].map(named),
        next_best=mine["next_best_rep_id"].map(named),
        cause=mine["move_cause"],
        planned_id=mine["rep_id"],
        owner_id=mine["previous_rep_id"],
    )
    shown = shown.sort_values(["acv", "account_id"], ascending=[False, True], na_position="last")
    return shown[list(_ACCOUNTS)].reset_index(drop=True)


def _rows(
    frame: pd.DataFrame | None, key: str, wanted: list[str] | set[str], columns: tuple[str, ...]
) -> pd.DataFrame:
    """Give the rows of a table whose key is wanted, in those columns that it has."""
    if frame is None:
        return pd.DataFrame(columns=list(columns))
    kept = [name for name in columns if name in frame.columns]
    return frame.loc[frame[key].isin(wanted), kept].reset_index(drop=True)


def _flagged(flags: pd.DataFrame) -> pd.DataFrame:
    said = flags["flags"].fillna("").astype(str).str.strip()
    return flags[said.ne("")].reset_index(drop=True)


def _quotas(quotas: pd.DataFrame | None, team: list[str], named: Mapping[str, str]) -> pd.DataFrame:
    if quotas is None:
        return pd.DataFrame(columns=list(_QUOTAS))
    return _rows(quotas.assign(name=quotas["rep_id"].map(named)), "rep_id", team, _QUOTAS)


def _keys(keys: pd.DataFrame | None, accounts: pd.DataFrame, planned: pd.Series) -> pd.DataFrame:
    if keys is None:
        return pd.DataFrame(columns=list(_KEYS))
    known = accounts.set_index("account_id")["name"]
    listed = keys[keys["is_key"].fillna(value=False).astype(bool)]
    listed = listed.assign(name=listed["account_id"].map(known),
                           planned=listed["account_id"].map(planned))  # fmt: skip
    found = _rows(listed, "account_id", set(known.index), _KEYS)
    return found.sort_values(["rank", "account_id"], na_position="last").reset_index(drop=True)


def _choices(plan: pd.DataFrame, named: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Give the reps of each part of the market, by name."""
    found: dict[str, dict[str, str]] = {}
    held = plan[["block", "rep_id"]].dropna().drop_duplicates().sort_values(["block", "rep_id"])
    for block, rep in zip(held["block"].astype(str), held["rep_id"].astype(str), strict=True):
        found.setdefault(block, {})[rep] = named.get(rep, rep)
    return {
        block: dict(sorted(reps.items(), key=lambda pair: (pair[1], pair[0])))
        for block, reps in found.items()
    }
