"""
Override scorecard: what people kept against what was proposed, and how both did.

Accounts fall into groups: kept by people against a proposed move, moved by people, agreed with the
plan, and, without a decision, moved or left as proposed. People choose what they override, so a
difference is a hint and no proof.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import pandas as pd

from planlib.notes import count_of
from planlib.settings.territory_decisions import TerritoryDecisionsSettings
from planlib.tables import require_columns, table
from planlib.territories.columns import day, named, names_of, stamp, text
from planlib.territories.scored import add_outcomes, score_groups


@dataclass(frozen=True, kw_only=True)
class OverrideScorecard:
    """``results`` (territory_override_results), ``scores`` (territory_override_scorecard)."""

    results: pd.DataFrame
    scores: pd.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish, by name."""
        return {
            "territory_override_results": self.results,
            "territory_override_scorecard": self.scores,
        }


def score_overrides(
    decisions: pd.DataFrame | None,
    plan: pd.DataFrame,
    settings: TerritoryDecisionsSettings,
    *,
    as_of: datetime.date,
    effective: datetime.date,
    proposed: pd.DataFrame | None = None,
    opportunities: pd.DataFrame | None = None,
    reps: pd.DataFrame | None = None,
    accounts: pd.DataFrame | None = None,
    seed: int = 0,
) -> OverrideScorecard:
    """
    Judge decisions on accounts against what was proposed, two quarters later.

    Parameters
    ----------
    decisions
        Decisions of kind territories; only ``must`` names an owner, and the last one per account
        counts.
    plan
        The plan that was published (``territory_plan``): accounts without decision are the
        comparison. ``previous_rep_id`` tells whether an account moved.
    settings
        ``scorecard_days``, ``least_accounts``, ``history_draws``.
    as_of
        Decisions younger than ``scorecard_days`` on this day are listed, not judged.
    effective
        Day on which the plan began; accounts without decision are judged from there.
    proposed
        What the plan would have been without each decision: ``account_id`` and
        ``otherwise_rep_id`` (territory_overrides), or ``rep_id`` of a plan made without
        decisions. None: the next best rep of the plan where the decision moved nothing else, which
        ``notes`` say.
    opportunities
        ``account_id``, ``amount``, ``is_closed``, ``is_won``, ``close_date``, ``deal_type``,
        ``owner_id``. None: no outcome is known.
    reps, accounts
        Names; yearly ``quota`` for attainment.
    seed
        Seed of the draws behind intervals.

    Returns
    -------
    OverrideScorecard
        Scores for all and for each person who decided; few accounts are grey.
    """
    require_columns("territory_plan", plan, ["account_id", "rep_id"])
    notes: list[str] = []
    made = _decided(decisions, plan, stamp(as_of), notes)
    made = _beside_proposal(made, plan, proposed, notes)
    others = _undecided(plan, made, stamp(effective))
    rows = pd.concat([made, others], ignore_index=True)
    rows["to_date"] = rows["from_date"] + pd.Timedelta(days=settings.scorecard_days - 1)
    rows["is_due"] = rows["to_date"].le(stamp(as_of))
    rows = add_outcomes(rows, opportunities, reps, notes)
    waiting = int((~rows["is_due"] & rows["decision_id"].notna()).sum())
    if waiting:
        notes.append(
            f"listed, not judged, as younger than {settings.scorecard_days} days: "
            f"{count_of(waiting, 'decision')}"
        )
    return OverrideScorecard(
        results=table("territory_override_results").conform(_results(rows, reps, accounts)),
        scores=table("territory_override_scorecard").conform(score_groups(rows, settings, seed)),
        notes=tuple(notes),
    )


def _results(
    rows: pd.DataFrame, reps: pd.DataFrame | None, accounts: pd.DataFrame | None
) -> pd.DataFrame:
    """Give the rows of decisions with names, in order of days."""
    who, company = names_of(reps, "rep_id"), names_of(accounts, "account_id")
    results = rows[rows["decision_id"].notna()].copy()
    results["account_name"] = results["account_id"].map(company)
    for side in ("decided", "proposed"):
        results[f"{side}_rep_name"] = named(results[f"{side}_rep_id"], who)
    return results.sort_values(["from_date", "decision_id"], kind="stable")


def _decided(
    decisions: pd.DataFrame | None, plan: pd.DataFrame, as_of: pd.Timestamp, notes: list[str]
) -> pd.DataFrame:
    """Give the last decision on each account that names an owner."""
    names = ["decision_id", "account_id", "who", "when", "why", "decided_rep_id", "from_date"]
    if decisions is None or decisions.empty:
        notes.append("no decisions on territories: there is nothing to judge")
        return pd.DataFrame({
            name: pd.Series(dtype="datetime64[us]" if name in ("when", "from_date") else "str")
            for name in names
        })  # fmt: skip
    require_columns("override_territories", decisions, ["decision_id", "account_id", "rep_id"])
    made = pd.DataFrame({
        "decision_id": decisions["decision_id"].astype("str"),
        "account_id": decisions["account_id"].astype("str"), "who": text(decisions, "who"),
        "when": day(decisions, "when"), "why": text(decisions, "why"),
        "decided_rep_id": text(decisions, "rep_id"),
        "from_date": day(decisions, "effective_from").fillna(day(decisions, "when")),
        "rule": text(decisions, "rule").fillna("must"),
    })  # fmt: skip
    known = made["account_id"].isin(set(plan["account_id"].astype("str")))
    if (~known).any():
        strange = count_of(int((~known).sum()), "decision")
        notes.append(f"left out, as the plan does not have the account: {strange}")
    made = made[known & made["rule"].eq("must") & made["from_date"].le(as_of)]
    made = made.sort_values(["when", "decision_id"], kind="stable")
    return made.drop_duplicates("account_id", keep="last")[names].reset_index(drop=True)


def _beside_proposal(
    made: pd.DataFrame, plan: pd.DataFrame, proposed: pd.DataFrame | None, notes: list[str]
) -> pd.DataFrame:
    """Add what was proposed instead, and the group."""
    book = plan.drop_duplicates("account_id").set_index(plan["account_id"].astype("str"))
    previous = made["account_id"].map(text(book, "previous_rep_id")).astype("str")
    if proposed is not None:
        instead = made["account_id"].map(_proposals(proposed)).astype("str")
    else:
        planned = made["account_id"].map(text(book, "rep_id")).astype("str")
        next_best = made["account_id"].map(text(book, "next_best_rep_id")).astype("str")
        followed = planned.eq(made["decided_rep_id"]).fillna(value=False).astype(bool)
        instead = next_best.where(followed, planned)
        notes.append(
            "no table of what was proposed without decisions: the next best rep of the plan stands "
            "in, which makes every decision look like one against the plan"
        )
    agrees = instead.eq(made["decided_rep_id"]).fillna(value=False).astype(bool)
    stays = previous.eq(made["decided_rep_id"]).fillna(value=False).astype(bool)
    group = pd.Series("moved by people", index=made.index, dtype="str")
    group = group.mask(stays, "kept by people").mask(agrees, "agreed with the plan")
    return made.assign(proposed_rep_id=instead, group=group.where(instead.notna()))


def _proposals(proposed: pd.DataFrame) -> dict[str, str]:
    """Give the rep proposed by account; a priced decision that cost nothing agreed with it."""
    column = "otherwise_rep_id" if "otherwise_rep_id" in proposed else "rep_id"
    require_columns("proposed", proposed, ["account_id", column])
    rep = text(proposed, column)
    known = proposed["account_id"].notna()
    if {"state", "rep_id"} <= set(proposed) and column != "rep_id":
        in_force = text(proposed, "state").isin(["applied", "no_effect"])
        known &= in_force & text(proposed, "rule").fillna("must").eq("must")
        rep = rep.fillna(text(proposed, "rep_id"))
    own = proposed.assign(rep=rep)[known & rep.notna()].drop_duplicates("account_id", keep="last")
    return dict(zip(own["account_id"].astype("str"), own["rep"], strict=True))


def _undecided(plan: pd.DataFrame, made: pd.DataFrame, effective: pd.Timestamp) -> pd.DataFrame:
    """Give the accounts that followed the plan, moved or not."""
    inside = ~plan["account_id"].astype("str").isin(set(made["account_id"]))
    inside &= text(plan, "rep_id").notna()
    if "is_in_scope" in plan:
        inside &= plan["is_in_scope"].astype("boolean").fillna(value=False).astype(bool)
    own = plan[inside].drop_duplicates("account_id")
    rep, previous = text(own, "rep_id"), text(own, "previous_rep_id")
    stayed = rep.eq(previous).fillna(value=False).astype(bool) | ("previous_rep_id" not in plan)
    group = pd.Series("moved as proposed", index=own.index, dtype="str")
    return pd.DataFrame({
        "account_id": own["account_id"].astype("str"), "decided_rep_id": rep,
        "proposed_rep_id": rep, "from_date": effective,
        "group": group.mask(stayed, "stayed as proposed"),
    })  # fmt: skip
