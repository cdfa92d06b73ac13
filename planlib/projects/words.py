"""Headlines, cautions and definitions of step 09, and all its tables in one place."""

from __future__ import annotations

import pandas as pd

from planlib.notes import count_of, notes_of, percent
from planlib.pipeline.words import short_money
from planlib.projects.cash import tracked_total
from planlib.projects.late import LATE
from planlib.projects.review import ProjectReview
from planlib.support import SupportReview, presales_queue
from planlib.tables import TABLES, table

#: Tables of the step, in order.
RESULTS = tuple(name for name, one in TABLES.items() if one.step == "09_projects")

DEFINITIONS: dict[str, str] = {
    "project": "A row of table projects that is open, or an open deal of the large lane that no "
    "project names. Renewals are no projects.",
    "reached a phase": "Closed deals that the history shows in the phase, or in a later one, while "
    "they were open. What passes a phase between two snapshots is not seen there.",
    "win probability by evidence": "Won of closed deals of the same lane that reached the same "
    "phase, and the same place against the best competitor where that was assessed, drawn to the "
    "wider group by the deals of plan.yaml; 95 % interval of the Beta distribution. A deal more "
    "than projects.late_days past its close date has the rate of deals that an extract of half a "
    "year ago or older showed open and as late: won by now of all of them, because deals that "
    "nobody keeps up are rarely closed. The seller's own probability stands beside it and is not "
    "used.",
    "assessment": "Mean of the answers from 0 to 10. Ahead, level or behind: mean difference to "
    "the strongest competitor over the questions answered for both. Blank is not assessed.",
    "closeness and acceptance": "Ratings from 0 to 10, weighted by the decision power of the "
    "seats; a seat without rating is left out, and the power that was rated stands beside it.",
    "closeness that holds": "As step 05 counts it for the account, 0 to 100; where it counts none, "
    "as rated for the project x 10; else as rated for the account. Parts are never mixed, and each "
    "row says which one holds.",
    "closeness by band": "Decided projects by closeness below, between and above the limits of "
    "plan.yaml (projects.closeness_limits): at the month end before the opening, at the month end "
    "before the decision, and as rated before it. Shares have Wilson's 95 % interval.",
    "cash": "Signed contracts alone. Due by now: due on the as-of date or before. Overdue: due "
    "before the as-of date and not received. What the milestones leave of the contract amount is "
    "'not scheduled', so milestones add up to contracts to the cent.",
    "gain": "Margin x (probability with support - without) x strategic factor.",
    "served below": "The probability without support below which the request is served, and above "
    "which it is not, all else equal.",
    "one more expert": "What the best plan gains with one more expert who has this skill alone, "
    "the usual hours and no leave; zero where nobody is refused for lack of hours.",
    "one more hour": "Dual price of the scarcest week of an expert with the skill, in a plan in "
    "which requests may be served in part: an upper estimate for the first hour.",
    "small accounts": "Requests of accounts that are not key, with a margin below the limit of "
    "plan.yaml; they get a minimum share of the hours asked for, where a plan can.",
}

#: How to supply what is missing, by topic.
SUPPLY: dict[str, str] = {
    "projects": "table projects (project_id, opportunity_id, account_id, stage, status)",
    "cash by milestone": "table payments (project_id, milestone, due_date, due_amount, "
    "received_date, received_amount)",
    "decision chain": "table stakeholders (account_id, seat, contact_id, decision_power)",
    "win rate by phase": "extracts of the deals; every run of intake keeps one",
    "assessment": "overrides/project_assessments.csv, or the form in the notebook",
    "gates": "overrides/project_gates.csv, or the form in the notebook",
    "lessons": "overrides/project_lessons.csv",
    "support requests": "table support_requests (request_id, project_id or opportunity_id, skill, "
    "hours, needed_from, needed_to)",
    "experts": "table experts (expert_id, skills, hours_per_week)",
    "key accounts": "run step 05_key_accounts",
    "probability with support": "requests of closed projects with status served or refused",
}
#: Inputs that a topic lacks when it is missing.
LACKING: dict[str, frozenset[str]] = {
    "projects": frozenset({"projects"}),
    "cash by milestone": frozenset({"payments"}),
    "decision chain": frozenset({"stakeholders"}),
    "support requests": frozenset({"support_requests"}),
    "experts": frozenset({"experts"}),
}
_PHASE = "phase of stage "
_HISTORY = "p with: history"  # stands in the basis of a chance that closed projects tell
_NAMED = 3  # rows of one kind of finding that are named


def step_tables(
    review: ProjectReview, support: SupportReview, currency: str = ""
) -> dict[str, pd.DataFrame]:
    """
    Give every table of step 09 in order, notes and findings included.

    Parameters
    ----------
    review, support
        The two parts of the step.
    currency
        Currency of the plan, for sentences.
    """
    findings = [*review.findings, *support.findings]
    found = {
        **review.tables,
        **support.tables,
        "project_findings": table("project_findings").conform(_kinds(findings)),
        "project_notes": notes_table(review, support, currency),
    }
    return {name: found[name] for name in RESULTS}


def finding_groups(findings: pd.DataFrame) -> pd.DataFrame:
    """
    Put findings of one kind together, what matters first.

    Parameters
    ----------
    findings
        Table ``project_findings``.

    Returns
    -------
    DataFrame
        ``check``, ``table``, ``column``, ``rows_count``, ``minor_count`` (of these, rows that
        change little), ``amount`` (money they touch), ``rows`` (the first three). Kinds with rows
        that are not minor first, then by money, then by rows; every row is in one of them.
    """
    columns = ["check", "table", "column", "rows_count", "minor_count", "amount", "rows"]
    if findings.empty:
        return pd.DataFrame(columns=columns)
    minor = findings["is_minor"].fillna(False).astype(bool)
    rows = findings.assign(minor=minor).sort_values(["minor", "row_id"], kind="stable")
    grouped = rows.groupby(["check", "table", "column"], sort=True, as_index=False).agg(
        rows_count=("row_id", "size"), minor_count=("minor", "sum"),
        amount=("amount", lambda some: some.sum(min_count=1)),
        rows=("row_id", lambda some: ", ".join(some.head(_NAMED))),
    )  # fmt: skip
    grouped = grouped.assign(
        _small=grouped["rows_count"] == grouped["minor_count"],
        _amount=grouped["amount"].fillna(0.0),
    ).sort_values(
        ["_small", "_amount", "rows_count", "check"], ascending=[True, False, False, True],
        ignore_index=True,
    )  # fmt: skip
    return grouped[columns]


def _kinds(findings: list[dict[str, object]]) -> pd.DataFrame:
    """Give the findings as rows; one that says nothing that differs is its own kind."""
    rows = pd.DataFrame(findings)
    if rows.empty:
        return rows
    rows = rows.reindex(columns=[*rows.columns, *({"check", "is_minor"} - set(rows.columns))])
    check = rows["check"].astype("object")
    return rows.assign(
        check=check.where(check.notna(), rows["finding"]),
        is_minor=rows["is_minor"].astype("boolean").fillna(False),
    )


def notes_table(review: ProjectReview, support: SupportReview, currency: str = "") -> pd.DataFrame:
    """Give table ``project_notes``: headlines, cautions, what is missing, rule, definitions."""
    lines: list[tuple[str, str, str]] = [
        ("headline", "", text)
        for text in [*_projects(review, currency), *_support(support, currency)]
    ]
    careful = _careful(review, support) | _late(review, currency)
    careful |= _assumed_gain(support, currency)
    lines += [("caution", topic, text) for topic, text in careful.items()]
    lines += [
        ("missing", topic, text) for topic, text in {**review.missing, **support.missing}.items()
    ]
    lines.append(("rule", "lanes", review.rule))
    lines += [("definition", topic, text) for topic, text in DEFINITIONS.items()]
    rows = pd.DataFrame(lines, columns=["kind", "topic", "note"])
    stages = rows["topic"].str.startswith(_PHASE)
    supply = rows["topic"].map(SUPPLY).mask(stages, "plan.yaml: projects.stages")
    rows["supply"] = supply.where(rows["kind"] == "missing")
    return table("project_notes").coerce(rows.assign(note_order=rows.groupby("kind").cumcount()))


def missing_table(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """
    Give what is missing in one table.

    Returns
    -------
    DataFrame
        ``missing``, ``lost`` (what is left out, or the weaker method), ``supply``.
    """
    rows = tables["project_notes"]
    rows = rows[rows["kind"] == "missing"].reset_index(drop=True)
    return pd.DataFrame({"missing": rows["topic"], "lost": rows["note"], "supply": rows["supply"]})


def notes(tables: dict[str, pd.DataFrame], kind: str) -> list[str]:
    """Give the sentences of a kind: headline, caution, missing, rule or definition."""
    return notes_of(tables["project_notes"], kind)


def _projects(review: ProjectReview, currency: str) -> list[str]:
    rows = review.reviews
    if rows.empty:
        return ["No project is open."]
    large = rows[rows["lane"] == "large"]
    text = (
        f"{len(rows)} open projects of {short_money(rows['amount'].sum(), currency)}, "
        f"{len(large)} in the large-project process."
    )
    missing = large[large["gate"] == "missing"]
    if len(missing) and len(review.tables["project_gate_log"]):
        text += (
            f" {len(missing)} of these ({short_money(missing['amount'].sum(), currency)}) passed "
            "a gate without a go on record."
        )
    lines = [text]
    both = rows[rows["win_probability"].notna() & rows["stated_probability"].notna()]
    if len(both):
        stated = (both["amount"] * both["stated_probability"]).sum()
        proven = (both["amount"] * both["win_probability"]).sum()
        lines.append(
            f"Sellers' own probabilities give {short_money(stated, currency)} of these, evidence "
            f"gives {short_money(proven, currency)}."
        )
    totals = review.tables["project_cash_totals"]
    if len(totals):
        one = totals[totals["topic"] == "total"].iloc[0]
        late = review.tables["project_cash"]["overdue_amount"].gt(0)
        count = review.tables["project_cash"].loc[late, "project_id"].nunique()
        tracked, bare = tracked_total(totals)
        if pd.notna(one["received_amount"]):
            lines.append(
                f"{short_money(one['received_amount'], currency)} of "
                f"{short_money(tracked, currency)} in contracts is received; "
                f"{short_money(one['overdue_amount'], currency)} of {count} projects is overdue."
            )
        if bare is not None:
            lines.append(
                f"Of {count_of(int(bare['project_count']), 'signed contract')} worth "
                f"{short_money(bare['due_amount'], currency)} there are no payments on record, so "
                "what is due and received is not known."
            )
    return lines


def _support(support: SupportReview, currency: str) -> list[str]:
    found, plan = support.allocation, support.plan
    if plan.empty:
        return ["No request for support is open."]
    if found.queue_reason:
        ranked = int((plan["outcome"] == "ranked").sum())
        told = f"{ranked} requests are ranked by gain, not planned: {found.queue_reason}."
        return [told, *_presales(plan)]
    served, refused = (plan[plan["outcome"] == name] for name in ("served", "refused"))
    beyond = found.gain_amount - found.greedy_amount
    text = (
        f"{len(served)} of {len(served) + len(refused)} open requests get an expert, worth "
        f"{short_money(found.gain_amount, currency)}"
    )
    if beyond > 0:
        text += f", {short_money(beyond, currency)} more than by gain per hour alone"
    proof = (
        "no plan within these rules is worth more"
        if found.is_best
        else f"no plan is worth more than {percent(found.gap_share, 1)} beyond"
    )
    lines = [f"{text}; {proof}.", *_presales(plan)]
    values = support.tables["support_values"]
    best = values.sort_values(["expert_value_amount", "skill"], ascending=[False, True]).head(1)
    if len(best) and best["expert_value_amount"].iloc[0] > 0:
        lines.append(
            f"One more expert for {best['skill'].iloc[0]} would bring "
            f"{short_money(best['expert_value_amount'].iloc[0], currency)} more from the requests "
            "open now; no skill is scarcer."
        )
    return lines


def _presales(plan: pd.DataFrame) -> list[str]:
    """Say how many requests were made before there was a deal, and what becomes of them."""
    early = presales_queue(plan)
    if early.empty:
        return []
    given = int(early["outcome"].isin(["served", "running"]).sum())
    waiting = int((early["outcome"] == "not rated").sum())
    return [
        f"Made before there was a deal: {len(early):,} requests, of which {given:,} have an expert "
        f"and {waiting:,} cannot be rated (no margin, hours or days)."
    ]


def _late(review: ProjectReview, currency: str) -> dict[str, str]:
    """Say how much of the open projects is long past its close date, and what its chance is."""
    rows, rates = review.reviews, review.tables["project_win_rates"]
    late = rows[rows["is_late"].astype(bool)]
    if late.empty:
        return {}
    said = (
        f"{len(late)} of {len(rows)} open projects ({short_money(late['amount'].sum(), currency)}) "
        "are past their close date by more than projects.late_days"
    )
    known = rates[rates["position"] == LATE]
    if known.empty:
        return {LATE: f"{said}. No extract tells what becomes of such deals, so their chance is "
                "that of all deals, in grey"}  # fmt: skip
    one = known.iloc[0]
    return {LATE: (
        f"{said}. Their chance is {percent(one['rate'])}, because {one['won_count']} of "
        f"{one['closed_count']} deals that were once as late are won. Set a new date, or close them"
    )}  # fmt: skip


def _assumed_gain(support: SupportReview, currency: str) -> dict[str, str]:
    """Say how much of the gain rests on odds of closed projects, and whether these are sure."""
    rows = support.tables["support_experience"]
    rows = rows[(rows["topic"] == "support") & (rows["item"] == "all")]
    served = support.plan[support.plan["outcome"] == "served"]
    mine = served[served["probability_basis"].fillna("").str.contains(_HISTORY, regex=False)]
    if rows.empty or mine.empty:
        return {}
    one, money = rows.iloc[0], short_money(mine["gain_amount"].sum(), currency)
    lines = {"gain from closed projects": (
        f"{len(mine)} of {len(served)} served requests, {money} of the gain, name no chance with "
        f"support: it comes from closed projects, with odds {one['odds_ratio']:.2f} times those "
        f"without (95 % interval {one['low']:.2f} to {one['high']:.2f})"
    )}  # fmt: skip
    if one["low"] <= 1:
        lines["odds with support"] = (
            "their interval holds 1, so support may gain nothing where no chance is named"
        )
    return lines


def _careful(review: ProjectReview, support: SupportReview) -> dict[str, str]:
    lines = dict(support.cautions)
    rates = review.tables["project_win_rates"]
    if rates["phase_order"].notna().any():
        lines["win rates"] = (
            "deals that are still open are in no rate; fast wins that no snapshot saw in a phase "
            "are missing from its rate"
        )
    if len(review.findings) + len(support.findings):
        lines["findings"] = (
            f"{len(review.findings) + len(support.findings)} rows of the input could not be used "
            "as they are: table project_findings names them"
        )
    return lines
