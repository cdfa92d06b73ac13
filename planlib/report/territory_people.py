"""What a leader reads about people and money around territories: past, teams, doubt, decisions."""

from __future__ import annotations

import pandas as pd

from planlib.charts.base import money
from planlib.exchange.audience import AudienceView
from planlib.notes import count_of, percent
from planlib.report.common import account_names, amount_of, named, rep_names
from planlib.report.parts import Block, Line, Listing

STEP = "03_territories"
_OUTCOMES = {
    "attainment": "attainment", "exit": "exits", "untouched": "untouched accounts",
    "owner_changes": "owner changes",
}  # fmt: skip


def people_lines(view: AudienceView) -> list[Line]:
    """Say what fair costs, what decisions cost, and what uneven territories went with before."""
    return [Line(text, step=STEP) for text in (*_fair(view), *_decided(view), *_past(view))]


def people_asks(view: AudienceView) -> list[Line]:
    """List targets without a sponsor or an agreed outlook, and accounts whose rep is not sure."""
    return [*_teams(view), *_unsure(view)]


def people_blocks(view: AudienceView) -> list[Block]:
    """Show the cost of uneven territories in the past, decisions with price, and account teams."""
    blocks: list[Block] = []
    if len(view.rows("territory_overrides")):
        blocks.append(_decisions(view))
    if len(view.rows("territory_history_cost")):
        blocks.append(_history(view))
    if len(view.rows("territory_account_targets")):
        blocks.append(_targets(view))
    return blocks


def _fair(view: AudienceView) -> list[str]:
    """Compare the sums of expected sales of the fair and of the most profitable plan."""
    rows = view.rows("territory_response")
    sums = rows.groupby("plan")["expected_sales"].sum(min_count=1)
    if not {"fair", "profitable and fair"} <= set(sums.dropna().index) or sums["fair"] <= 0:
        return []
    gain = float(sums["profitable and fair"] / sums["fair"] - 1)
    return [
        f"Within the same tolerance, a plan made for sales would sell {percent(gain, 1)} more than "
        f"this one ({money(float(sums['profitable and fair']), view.plan.currency)} against "
        f"{money(float(sums['fair']), view.plan.currency)}), by a response curve: it compares "
        "plans and forecasts nothing."
    ]


def _decided(view: AudienceView) -> list[str]:
    rows = view.rows("territory_overrides")
    rows = rows[rows["state"].eq("applied")]
    if rows.empty:
        return []
    dear = int(rows["price"].fillna(0).gt(0).sum())
    verb = "is" if len(rows) == 1 else "are"
    cost = f"; {dear:,} of them cost{'s' if dear == 1 else ''} something" if dear else ""
    solution = view.rows("territory_solution")
    further = solution.loc[solution["block"].ne("all"), "changed_further_count"]
    others = amount_of(further.astype("Float64"))
    near = (
        f"; {count_of(int(others), 'other account')} changed with them" if others is not None
        else ""
    )  # fmt: skip
    return [f"{count_of(len(rows), 'decision')} of managers on owners {verb} kept{cost}{near}."]


def _past(view: AudienceView) -> list[str]:
    rows = view.rows("territory_history_cost")
    rows = rows[rows["correlation"].notna()]
    if rows.empty:
        return []
    found = rows[rows["is_told_apart"].fillna(False).astype(bool)]
    if len(found):
        words = "; ".join(
            f"{_OUTCOMES.get(str(name), str(name))} (rank correlation {value:+.2f})"
            for name, value in found[["outcome", "correlation"]].to_numpy(object)
        )
        return [f"In the past, uneven territories went with {words}; that is no proof of a cause."]
    names = ", ".join(_OUTCOMES.get(str(name), str(name)) for name in rows["outcome"])
    return [
        f"Whether uneven territories cost anything cannot be told apart from chance in the past "
        f"({names}; at most {int(rows['sample_count'].max()):,} years of reps)."
    ]


def _teams(view: AudienceView) -> list[Line]:
    rows = view.rows("territory_account_targets")
    if rows.empty:
        return []
    alone = int(rows["is_sponsor_missing"].fillna(False).astype(bool).sum())
    lines = []
    if alone:
        verb = "has" if alone == 1 else "have"
        text = f"{alone:,} of {count_of(len(rows), 'important target')} {verb} no executive sponsor"
        lines.append(Line(f"{text}: name one for each", step=STEP))
    apart = int(rows["is_agreed"].astype("boolean").eq(False).fillna(False).sum())
    if apart:
        noun = count_of(apart, "important target")
        lines.append(Line(f"The team does not agree on the outlook of {noun}: talk", step=STEP))
    return lines


def _unsure(view: AudienceView) -> list[Line]:
    rows = view.rows("territory_sensitivity")
    rows = rows[rows["is_unstable"].fillna(False).astype(bool)]
    if rows.empty:
        return []
    who, verb = ("rep", "depends") if len(rows) == 1 else ("reps", "depend")
    draws = view.rows("territory_sensitivity_reps")["scenario_count"].max()
    tried = "" if pd.isna(draws) else f" ({count_of(int(draws), 'draw')})"
    text = (
        f"The {who} of {count_of(len(rows), 'account')} {verb} on where potential lies in its "
        f"interval{tried}: a manager's word weighs as much as the figures there"
    )
    return [Line(text, step=STEP)]


def _decisions(view: AudienceView) -> Listing:
    rows = view.rows("territory_overrides")
    frame = rows.assign(
        account=named(rows["account_id"], account_names(view)),
        rep=named(rows["rep_id"], rep_names(view)),
    )
    columns = ["decision_id", "account", "rule", "rep", "who", "why", "state", "price"]
    return Listing(
        name="Decisions",
        frame=frame[columns].reset_index(drop=True),
        title="Decisions of managers on owners",
        formats={"rule": "words"},
        subtitle="price: the most that it costs, in cost units, against the rep whom the account "
        "would have otherwise; not to be summed",
        limit=view.plan.report.rows,
        empty="nobody has decided",
    )


def _history(view: AudienceView) -> Listing:
    rows = view.rows("territory_history_cost")
    frame = pd.DataFrame({
        "outcome": rows["outcome"].map(_OUTCOMES).fillna(rows["outcome"]),
        "sample_count": rows["sample_count"], "correlation": rows["correlation"],
        "low": rows["low"], "high": rows["high"], "verdict": rows["verdict"],
    }).reset_index(drop=True)  # fmt: skip
    return Listing(
        name="Cost of uneven territories",
        frame=frame,
        title="What uneven territories went with in the past",
        subtitle="rank correlation with imbalance and its 95 % interval, drawn over reps",
        labels={"sample_count": "Years of reps", "correlation": "Rank correlation"},
        limit=view.plan.report.rows,
        empty="no past to compare",
    )


def _targets(view: AudienceView) -> Listing:
    rows, rules = view.rows("territory_account_targets"), view.plan.territory_decisions
    rows = rows.sort_values(
        ["is_sponsor_missing", "potential", "account_id"], ascending=[False, False, True]
    )
    frame = pd.DataFrame({
        "account": rows["account_name"].fillna(rows["account_id"]),
        "rep": rows["rep_name"].fillna(rows["rep_id"]), "sponsor": rows["sponsor"],
        "gap_count": rows["gap_count"], "outlook": rows["outlook"],
        "contact_count": rows["contact_count"],
        "contact_count_before": rows["contact_count_before"], "flags": rows["flags"],
    }).reset_index(drop=True)  # fmt: skip
    return Listing(
        name="Account teams",
        frame=frame,
        title="Important targets: team, sponsor and contact",
        subtitle=f"up to {rules.team_targets} for each rep: key accounts, then the largest by "
        f"potential; those without a sponsor first; contacts: in the {rules.contact_days} days "
        f"until {view.as_of} and in those before, none sent by a system; outlook: median of what "
        "people said of the chance of success",
        labels={"gap_count": "Seats without a name", "contact_count": "Contacts",
                "contact_count_before": "Contacts before", "flags": "What is missing"},
        formats={"outlook": "share"},
        missing={"sponsor": "nobody", "outlook": "nobody said"},
        limit=view.plan.report.rows,
        empty="no target",
    )  # fmt: skip
