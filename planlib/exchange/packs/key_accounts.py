"""Sheet of a pack on key accounts: needs by horizon, goal, and what is due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from planlib.exchange.forms import FormSheet
from planlib.exchange.packs.columns import KEY_ACCOUNTS, key_account_columns, rep_label
from planlib.exchange.packs.facts import PackFacts, records
from planlib.tables.inputs_customers import HORIZONS
from planlib.territories.teams import Team

_SHOWN = 8  # needs or steps of one account


def key_account_sheet(facts: PackFacts, team: Team) -> FormSheet | None:
    """Give the key accounts of a team by score, with what they need and what is due."""
    rows = facts.key_accounts
    rows = rows[rows["home"].eq(team.manager_id)]
    if rows.empty:
        return None
    rows = rows.sort_values(["score", "account_id"], ascending=[False, True], ignore_index=True)
    ids = set(rows["account_id"])
    needs, actions = _needs(facts, ids), _actions(facts, ids)
    current = facts.rows("strategy_versions")
    current = current[current["is_current"].fillna(False).astype(bool)]
    goals = {row["account_id"]: _goal(row) for row in records(current)}
    gaps = facts.rows("key_account_coverage").set_index("account_id")["gaps"]
    found = {key: _need_figures(needs.get(key)) for key in ids}
    columns: dict[str, list[object]] = {
        "account": [facts.account_names.get(key) for key in rows["account_id"]],
        "owner": [None if pd.isna(rep) else rep_label(rep, facts.rep_names)
                  for rep in rows["owner_id"]],
        **{name: [found[key][name] for key in rows["account_id"]]
           for name in ("need_count", "need_value", "overdue_count", "needs")},
        "goal": [goals.get(key) for key in rows["account_id"]],
        "actions": ["\n".join(actions.get(key, [])[:_SHOWN]) or None
                    for key in rows["account_id"]],
        "gaps": rows["account_id"].map(gaps).tolist(),
    }  # fmt: skip
    frame = rows.copy()
    for name, values in columns.items():
        frame[name] = pd.Series(values, index=rows.index, dtype="object")
    return FormSheet(
        name=KEY_ACCOUNTS, columns=key_account_columns(facts.plan.currency), frame=frame,
        key=("account_id",), frozen=2,
    )  # fmt: skip


def _needs(facts: PackFacts, ids: set[str]) -> dict[str, pd.DataFrame]:
    rows = facts.rows("key_account_needs")
    rows = rows[rows["account_id"].isin(ids) & rows["status"].eq("open")]
    order = rows["horizon"].map({name: at for at, name in enumerate(HORIZONS)})
    rows = rows.assign(order=order).sort_values(
        ["order", "value", "need_id"], ascending=[True, False, True], na_position="last"
    )
    return {str(key): part for key, part in rows.groupby("account_id", sort=False)}


def _need_figures(rows: pd.DataFrame | None) -> dict[str, Any]:
    """Give number, value, overdue and words of the open needs of one account."""
    if rows is None:
        return {"need_count": 0, "need_value": None, "overdue_count": 0, "needs": None}
    lines = []
    for row in records(rows.head(_SHOWN)):
        worth = "value not known" if row["value"] is None else f"{row['value']:,.0f}"
        late = ", overdue" if row["is_overdue"] else ""
        lines.append(f"{row['horizon']}: {row['need']}, {worth}{late}")
    known = rows["value"].dropna()
    return {
        "need_count": len(rows),
        "need_value": None if known.empty else float(known.sum()),
        "overdue_count": int(rows["is_overdue"].sum()),
        "needs": "\n".join(lines),
    }


def _actions(facts: PackFacts, ids: set[str]) -> dict[str, list[str]]:
    """Give open steps with their day, then what asks for a review of the strategy."""
    found: dict[str, list[str]] = {}
    steps = facts.rows("landing_steps")
    steps = steps[steps["account_id"].isin(ids) & steps["status"].eq("open")]
    for row in records(steps.sort_values(["due_date", "account_id", "step_order"])):
        found.setdefault(row["account_id"], []).append(_step(row, facts.rep_names))
    calls = facts.rows("strategy_calls")
    for row in records(calls[calls["account_id"].isin(ids)]):
        line = f"Look at the strategy again: {row['reason']}, {row['detail']}"
        found.setdefault(row["account_id"], []).append(line)
    return found


def _step(row: Mapping[str, Any], names: dict[str, str]) -> str:
    day = "no day" if row["due_date"] is None else f"{row['due_date']:%Y-%m-%d}"
    who = "nobody" if row["owner_id"] is None else rep_label(row["owner_id"], names)
    late = ", overdue" if row["is_overdue"] else ""
    return f"{day}{late}: {row['title']}, {who}"


def _goal(row: Mapping[str, Any]) -> str:
    day = "" if row["goal_date"] is None else f", by {row['goal_date']:%Y-%m-%d}"
    return f"{row['stage_goal']}{day}"


__all__ = ["key_account_sheet"]
