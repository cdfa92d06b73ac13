"""Sheet of a pack with open questions: each can be answered with yes, no or later."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from planlib.exchange.forms import FormSheet
from planlib.exchange.packs.columns import QUESTIONS, question_columns, rep_label
from planlib.exchange.packs.facts import PackFacts, records
from planlib.territories.teams import Team, common

_Question = tuple[str, str, str]


def question_sheet(facts: PackFacts, team: Team) -> FormSheet | None:
    """Give what a manager is asked: those without an answer first."""
    rows = list(dict.fromkeys(_ask(facts, team)))
    if not rows:
        return None
    frame = pd.DataFrame(rows, columns=["question_id", "about", "question"])
    said = facts.answer_words("question", frame["question_id"])
    frame["state"] = [said.get(one) for one in frame["question_id"]]
    frame = frame.sort_values("state", key=lambda one: one.notna(), kind="stable",
                              ignore_index=True)  # fmt: skip
    return FormSheet(
        name=QUESTIONS, columns=question_columns(), key=("question_id",),
        frame=frame.assign(answer=None, note=None),
    )  # fmt: skip


def _ask(facts: PackFacts, team: Team) -> Iterator[_Question]:
    yield from _in_force(facts, team)
    yield from _refused(facts, team)
    yield from _wishes(facts, team)
    yield from _contradictions(facts, team)
    yield from _flags(facts, team)
    yield from _ratings(facts, team)
    yield from _needs(facts, team)


def _in_force(facts: PackFacts, team: Team) -> Iterator[_Question]:
    """Ask the manager who leads both reps whether a challenge that fits is put in force."""
    alive = set(facts.open_challenges["decision_id"])
    for row in records(facts.challenges):
        if row["decision"] != "accepted" or row["decision_id"] not in alive:
            continue
        if (row["account_id"], row["rep_id"]) in facts.fixed_owners:
            continue
        one, other = (facts.homes.get(row[name]) for name in ("rep_id", "planned_rep_id"))
        if (common(one, other, facts.teams) or one) != team.manager_id:
            continue
        rep = rep_label(row["rep_id"], facts.rep_names)
        yield (
            f"in-force:{row['decision_id']}", _account(row["account_id"], facts),
            f"{row['who']} asks for {rep} as owner: {row['why'] or row['reason_code']}. It fits, "
            "balance and budget hold. Put it in force?",
        )  # fmt: skip


def _refused(facts: PackFacts, team: Team) -> Iterator[_Question]:
    """Ask whether a challenge that does not fit is withdrawn."""
    alive = set(facts.open_challenges["decision_id"])
    for row in records(facts.challenges):
        if row["decision"] == "accepted" or row["decision_id"] not in alive:
            continue
        owner = row["planned_rep_id"] or row["rep_id"]
        if facts.homes.get(owner) != team.manager_id and row["who"] != team.name:
            continue
        rep = rep_label(row["rep_id"], facts.rep_names)
        yield (
            f"withdraw:{row['decision_id']}", _account(row["account_id"], facts),
            f"{row['who']} asks for {rep} as owner. {row['decision'].capitalize()}: "
            f"{row['detail']}. Withdraw the challenge?",
        )  # fmt: skip


def _wishes(facts: PackFacts, team: Team) -> Iterator[_Question]:
    """Ask about the quotas that were asked for, each of the manager above the team."""
    for row in records(facts.open_quota_challenges):
        node = row["rep_id"]
        if facts.decides_quota(node) != team.manager_id:
            continue
        if node not in facts.teams and not facts.sees_pay:
            continue  # the planner sees it in step 04
        amount = f"{row['wanted_amount']:,.0f} {facts.plan.currency}"
        yield (
            f"quota:{row['decision_id']}", rep_label(node, facts.rep_names),
            f"{row['who']} asks for a yearly quota of {amount} ({row['reason_code']}): "
            f"{row['why']}. Set it? The others of that level take up the difference.",
        )  # fmt: skip


def _contradictions(facts: PackFacts, team: Team) -> Iterator[_Question]:
    """Ask about what territories, quotas and pay plan say against each other."""
    rows = facts.rows("plan_contradictions")
    rules = facts.rows("plan_rules")
    meaning = dict(zip(rules["rule"], rules["meaning"], strict=True))
    mine = rows["subject"].isin(team.direct)
    if team.name:  # posts that are planned, roles, segments, the company: asked of their owner
        mine |= ~rows["subject"].isin(list(facts.rep_names)) & rows["owner"].eq(team.name)
    for row in records(rows[mine].sort_values(["severity", "rule", "subject"])):
        statement = row.get("statement") or meaning.get(row["rule"])
        words = statement or row["rule"].replace("_", " ")
        yield (
            f"contradiction:{row['rule']}:{row['subject']}",
            rep_label(row["subject"], facts.rep_names)
            if row["subject"] in facts.rep_names
            else str(row["subject_name"] or row["subject"]),
            f"{row['parts']}: {words}. To decide: {row['decide']}. Is it dealt with?",
        )


def _flags(facts: PackFacts, team: Team) -> Iterator[_Question]:
    """Ask whether a territory with a flag is all right."""
    rows = facts.rows("territory_fairness")
    rows = rows[rows["rep_id"].isin(team.direct) & rows["flag_count"].gt(0)]
    for row in records(rows.sort_values(["flag_count", "rep_id"], ascending=[False, True])):
        yield (
            f"fairness:{row['rep_id']}", rep_label(row["rep_id"], facts.rep_names),
            f"What stands out in this territory: {row['flags']}. Is it all right as it is?",
        )  # fmt: skip


def _ratings(facts: PackFacts, team: Team) -> Iterator[_Question]:
    """Ask about ratings of key accounts that people owe."""
    rows = facts.rows("rating_sheet")
    rows = rows[rows["rep_id"].isin(team.direct) & rows["is_asked"].fillna(False).astype(bool)]
    for rep, mine in rows.groupby("rep_id"):
        late = int(mine["status"].eq("overdue").sum())
        yield (
            f"ratings:{rep}", rep_label(rep, facts.rep_names),
            f"Ratings of key accounts that are missing: {len(mine)}, of these overdue: {late}. "
            f"Minutes they take: {mine['minutes'].sum():.0f}. Will they be given this month?",
        )  # fmt: skip


def _needs(facts: PackFacts, team: Team) -> Iterator[_Question]:
    """Ask whether needs that data propose are there; the most valuable ones."""
    rows = facts.rows("need_proposals")
    keys = facts.key_accounts
    mine = set(keys.loc[keys["home"].eq(team.manager_id), "account_id"])
    rows = rows[rows["account_id"].isin(mine) & rows["status"].eq("proposed")]
    rows = rows.sort_values(["value", "proposal_id"], ascending=[False, True], na_position="last")
    for row in records(rows.head(facts.plan.packs.most_questions)):
        worth = (
            "value not known" if row["value"] is None
            else f"{row['value']:,.0f} {facts.plan.currency}"
        )  # fmt: skip
        yield (
            f"need:{row['proposal_id']}", _account(row["account_id"], facts),
            f"Proposed need: {row['need']}, {row['horizon']}, {worth} ({row['reason']}). "
            "Is it there?",
        )  # fmt: skip


def _account(key: str, facts: PackFacts) -> str:
    name = facts.account_names.get(key)
    return f"{name} ({key})" if name else str(key)


__all__ = ["question_sheet"]
