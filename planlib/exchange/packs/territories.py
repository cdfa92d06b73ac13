"""Sheets of a pack on territories: accounts with reason and price, balance, teams below."""

from __future__ import annotations

import pandas as pd

from planlib.exchange.forms import FormChart, FormSheet
from planlib.exchange.packs.columns import (
    BALANCE,
    TEAMS,
    TERRITORIES,
    balance_columns,
    rep_label,
    team_columns,
    territory_columns,
)
from planlib.exchange.packs.facts import PackFacts, records
from planlib.territories.teams import Team

_AMOUNTS = ("potential", "acv", "open_amount")


def territory_sheet(facts: PackFacts, team: Team) -> FormSheet | None:
    """Give the accounts of a team with what is decided on them, the largest first."""
    rows = facts.accounts_of(team)
    if rows.empty:
        return None
    names = facts.rep_names
    blocks = set(rows["block"].dropna()) - {""}
    wanted = sorted(rep_label(rep, names) for rep, block in facts.sellers.items()
                    if block in blocks)  # fmt: skip
    labels = {rep: rep_label(rep, names)
              for name in ("rep_id", "next_best_rep_id")
              for rep in rows[name].dropna()}  # fmt: skip
    frame = rows.assign(
        account=rows["account_id"].map(facts.account_names),
        owner=rows["rep_id"].map(labels),
        next_best=rows["next_best_rep_id"].map(labels),
        change=[_change(row, team, facts) for row in records(rows)],
        state=pd.Series(_states(facts, rows["account_id"]), index=rows.index, dtype="object"),
        answer=None, note=None, reason_code=None, wanted=None,
    )  # fmt: skip
    return FormSheet(
        name=TERRITORIES, columns=territory_columns(facts.plan.currency, wanted), frame=frame,
        key=("account_id",), frozen=2,
    )  # fmt: skip


def balance_sheet(facts: PackFacts, team: Team) -> FormSheet | None:
    """Give balance and changes of each territory of a team, with a chart of the deviations."""
    reps = facts.rows("territory_reps")
    reps = reps[reps["rep_id"].isin(team.direct)].sort_values("rep_id", ignore_index=True)
    balance = facts.rows("territory_balance")
    balance = balance[balance["rep_id"].isin(reps["rep_id"])]
    if reps.empty:
        return None
    measures = list(dict.fromkeys(balance["measure"]))
    frame = reps.assign(rep=[rep_label(rep, facts.rep_names) for rep in reps["rep_id"]])
    for one in measures:
        mine = balance[balance["measure"].eq(one)].set_index("rep_id").reindex(reps["rep_id"])
        frame[f"{one}_after"] = mine["after"].to_numpy()
        frame[f"{one}_target"] = mine["target"].to_numpy()
        frame[f"{one}_deviation"] = mine["deviation_after"].to_numpy()
        frame[f"{one}_within"] = [
            None if pd.isna(value) else "yes" if value else "no" for value in mine["is_within"]
        ]
    flags = facts.rows("territory_fairness").set_index("rep_id")["flags"]
    frame["flags"] = frame["rep_id"].map(flags)
    chart = None if not measures else FormChart(
        title=f"Deviation from the target in the plan of {facts.workbook.cycle.name}, "
              f"as of {facts.view.as_of}",
        categories="rep", series=tuple(f"{one}_deviation" for one in measures),
    )  # fmt: skip
    return FormSheet(
        name=BALANCE, columns=balance_columns(facts.plan.currency, measures), frame=frame,
        key=("rep_id",), frozen=2, chart=chart,
    )  # fmt: skip


def team_sheet(facts: PackFacts, team: Team) -> FormSheet | None:
    """Give a line for each team below, everyone below it included."""
    if not team.leads:
        return None
    frame = pd.DataFrame([team_figures(facts, facts.teams[who]) for who in team.leads])
    chart = FormChart(title=f"Potential and ACV by team, {facts.plan.currency}",
                      categories="manager", series=("potential", "acv"))  # fmt: skip
    return FormSheet(
        name=TEAMS, columns=team_columns(facts.plan.currency), frame=frame, key=("manager_id",),
        frozen=2, chart=chart,
    )  # fmt: skip


def team_figures(facts: PackFacts, team: Team) -> dict[str, object]:
    """Give the figures of a manager with everyone below; None where nothing is known."""
    rows, below = facts.accounts, list(team.below)
    now, before = rows["rep_id"].isin(below), rows["previous_rep_id"].isin(below)
    held = rows[now]
    balance = facts.rows("territory_balance")
    off = balance.loc[balance["rep_id"].isin(below), "deviation_after"].dropna()
    fair = facts.rows("territory_fairness")
    levels = facts.rows("quota_levels")
    level = levels[levels["node_id"].eq(team.manager_id)]
    said = facts.rows("territory_acceptance")
    said = said[said["manager_id"].isin([who for who in facts.teams if who in team.below])]
    return {
        "manager_id": team.manager_id,
        "manager": rep_label(team.manager_id, facts.rep_names),
        "rep_count": held["rep_id"].nunique(),
        "account_count": len(held),
        "gained_count": int((now & ~before).sum()),
        "lost_count": int((before & ~now).sum()),
        **{name: _sum(held[name]) for name in _AMOUNTS},
        "worst_deviation": None if off.empty else float(off.iloc[int(off.abs().argmax())]),
        "flag_count": int((fair["rep_id"].isin(below) & fair["flag_count"].gt(0)).sum()),
        "key_count": int(facts.key_accounts["owner_id"].isin(below).sum()),
        "target_amount": _sum(level["target_amount"]),
        "quota_amount": _sum(level["quota_amount"]),
        **{name: None if said.empty else int(said[name].sum())
           for name in ("accepted_count", "challenged_count", "open_count")},
    }  # fmt: skip


def _sum(values: pd.Series) -> float | None:
    """Add up what is known; None where nothing is, or it is hidden from this audience."""
    known = values.dropna()
    return None if known.empty else float(known.sum())


def _change(row: dict[str, object], team: Team, facts: PackFacts) -> str:
    """Say in one sentence what changes for an account, as the team sees it."""
    old = row["previous_rep_id"]
    before = "" if old is None else rep_label(old, facts.rep_names)
    if not row["is_in_scope"]:
        return "not planned: stays as it is"
    if old == row["rep_id"]:
        return "stays"
    if old is None:
        return "had no owner"
    if row["home"] == team.manager_id and row["old_home"] != team.manager_id:
        return f"comes from {before} of another team"
    if row["old_home"] == team.manager_id and row["home"] != team.manager_id:
        return f"leaves your team; today with {before}"
    return f"comes from {before}"


def _states(facts: PackFacts, accounts: pd.Series) -> list[str | None]:
    """Give what was said to each account: challenges with their outcome, then answers."""
    said = facts.answer_words("territory", set(accounts))
    tried = {row["decision_id"]: row for row in records(facts.challenges)}
    for row in records(facts.open_challenges):
        outcome = tried.get(row["decision_id"])
        word = "not tried yet" if outcome is None else f"{outcome['decision']}, {outcome['detail']}"
        rep = rep_label(row["rep_id"], facts.rep_names)
        line = f"{row['decision_id']} of {row['who']} asks for {rep}: {word}"
        before = said.get(row["account_id"], "")
        said[row["account_id"]] = f"{line}\n{before}".strip()
    return [said.get(one) for one in accounts]


__all__ = ["balance_sheet", "team_figures", "team_sheet", "territory_sheet"]
