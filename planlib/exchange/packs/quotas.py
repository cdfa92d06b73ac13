"""Sheet of a pack on quotas: of the team where the audience may see pay, and of the levels."""

from __future__ import annotations

from typing import Any

import pandas as pd

from planlib.exchange.forms import FormSheet
from planlib.exchange.packs.columns import QUOTAS, quota_columns
from planlib.exchange.packs.facts import PackFacts, records
from planlib.territories.teams import COMPANY, Team

OWN_TEAM, TEAM_BELOW = "own team", "team below"
_SMALL = "not shown: its sums would show the quotas of few people"


def quota_sheet(facts: PackFacts, team: Team) -> FormSheet | None:
    """
    Give the quotas that a manager shares out, and the manager's own.

    Single people are there only where the audience may see pay.
    """
    rows = [*_own(facts, team), *_levels(facts, team), *_people(facts, team)]
    if not rows:
        return None
    frame = pd.DataFrame(rows)
    frame["state"] = _states(facts, list(frame["node_id"]))
    return FormSheet(
        name=QUOTAS, columns=quota_columns(facts.plan.currency), key=("node_id",), frozen=2,
        frame=frame.assign(answer=None, wanted=None, note=None),
    )  # fmt: skip


def _own(facts: PackFacts, team: Team) -> list[dict[str, Any]]:
    rows = facts.rows("quota_levels")
    mine = rows[rows["node_id"].eq(team.manager_id)]
    return [_level(row, OWN_TEAM) for row in records(mine)]


def hidden_teams(facts: PackFacts, team: Team) -> int:
    """Count the teams of a pack whose sums would show the quotas of few people."""
    rows = facts.rows("quota_levels")
    mine = rows[rows["node_id"].isin([team.manager_id, *team.leads])]
    return int(mine["quota_amount"].isna().sum())


def _levels(facts: PackFacts, team: Team) -> list[dict[str, Any]]:
    rows = facts.rows("quota_levels")
    below = rows[rows["node_id"].isin(team.leads)].sort_values("node_id")
    return [_level(row, TEAM_BELOW) for row in records(below)]


def _level(row: dict[str, Any], kind: str) -> dict[str, Any]:
    names = ("node_id", "name", "ramped_quota_amount", "bottom_up_amount", "top_down_amount",
             "target_amount", "quota_amount", "stretch")  # fmt: skip
    flag = _SMALL if row["quota_amount"] is None else None
    return {name: row[name] for name in names} | {"kind": kind, "flag": flag}


def _people(facts: PackFacts, team: Team) -> list[dict[str, Any]]:
    """Give the quotas of single people and posts right below; none without the right to see pay."""
    rows = facts.rows("quotas")
    if not facts.sees_pay:
        return []
    mine = rows["rep_id"].isin(team.direct) | rows["manager_id"].eq(team.manager_id)
    mine &= ~rows["rep_id"].isin(team.leads)
    if team.manager_id != COMPANY:
        mine &= rows["rep_id"].ne(team.manager_id)
    found = []
    for row in records(rows[mine].sort_values("rep_id")):
        name = facts.rep_names.get(row["rep_id"]) or f"{row['role']}, {row['kind']}"
        found.append({
            "node_id": row["rep_id"], "name": name, "kind": row["kind"],
            "full_amount": row["quota_full_amount"], "flag": row["flag_reason"],
            **{one: row[one] for one in ("ramped_quota_amount", "bottom_up_amount",
                                         "top_down_amount", "target_amount", "quota_amount",
                                         "stretch")},
        })  # fmt: skip
    return found


def _states(facts: PackFacts, nodes: list[str]) -> list[str | None]:
    """Give what was said to each quota: decisions with what became of them, then answers."""
    said = facts.answer_words("quota", nodes)
    for row in records(facts.rows("quota_decisions")):
        if row["rep_id"] in nodes:
            when = f" on {row['when']:%Y-%m-%d}" if row["when"] is not None else ""
            line = f"{row['decision_id']} of {row['who']}{when}: {row['status']}"
            said[row["rep_id"]] = f"{line}\n{said.get(row['rep_id'], '')}".strip()
    for row in records(facts.open_quota_challenges):
        if row["rep_id"] in nodes:
            line = (f"{row['decision_id']} of {row['who']} asks for {row['wanted_amount']:,.0f} "
                    f"{facts.plan.currency}: {row['why']}")  # fmt: skip
            said[row["rep_id"]] = f"{line}\n{said.get(row['rep_id'], '')}".strip()
    return [said.get(one) for one in nodes]


__all__ = ["OWN_TEAM", "TEAM_BELOW", "hidden_teams", "quota_sheet"]
