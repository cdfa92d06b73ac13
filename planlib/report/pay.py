"""Part of the section on quotas: pay, size of the sales force, check of the plans, timeline."""

from __future__ import annotations

import pandas as pd

from planlib.charts import pay as charts
from planlib.displays import Fact, Tone
from planlib.exchange.audience import AudienceView
from planlib.notes import count_of, notes_of
from planlib.pay.quoted import condition_words
from planlib.report.common import filled, gaps_in
from planlib.report.parts import Block, Gap, Line, Listing, Notes, picture

STEP = "04_quotas"
_SHORT = 5  # rows in the page; the roll-up holds all
_UNITS = 4  # the whole and three units: a row holds a sentence
_FIRST = ("pay", "check", "release")
_STRUCTURE = "structure_scenarios"


def decided(view: AudienceView) -> list[Line]:
    """Give the headlines on pay, check and release; those on size and timeline stand below."""
    notes = view.rows("pay_notes")
    first = notes[(notes["kind"] == "headline") & notes["topic"].isin(_FIRST)]
    return [Line(text, step=STEP) for text in notes_of(first, "headline")]


def asks(view: AudienceView) -> list[Line]:
    """Ask for a decision by each rule that blocks the plans, and once for those that warn."""
    found = view.rows("plan_contradictions")
    lines = [
        Line(f"{str(rule).replace('_', ' ').capitalize()} ({len(rows)}) keeps territories, quotas "
             f"and pay from being released: decide {rows['decide'].iloc[0]}.", step=STEP)
        for rule, rows in found[found["severity"] == "blocks"].groupby("rule", sort=True)
    ]  # fmt: skip
    warned = found.loc[found["severity"] == "warns", "rule"]
    if len(warned):
        rules = ", ".join(sorted(set(warned.str.replace("_", " "))))
        count = count_of(len(warned), "contradiction")
        lines.append(Line(f"Territories, quotas and pay: {count} to look at ({rules}).", step=STEP))
    return lines


def problems(view: AudienceView) -> list[Line]:
    """Name milestones that are late."""
    rows = view.rows("planning_timeline")
    late = rows[rows["state"] == "late"]
    return [
        Line(f"Late by {count_of(int(str(row['late_days'])), 'day')}: {row['milestone']} "
             f"({_owner(row['owner'])}).", step=STEP)
        for row in late.to_dict("records")
    ]  # fmt: skip


def gaps(view: AudienceView) -> list[Gap]:
    """Say what could not be computed."""
    return gaps_in(view.rows("pay_notes"), "Pay and check of the plans", STEP)


def facts(view: AudienceView) -> list[Fact]:
    """Give cost of sales, contradictions that block, and what is released."""
    cost, found = view.rows("pay_cost"), view.rows("plan_contradictions")
    made: list[Fact] = []
    total = cost[(cost["plan"] == "current") & (cost["role_group"] == "all")]
    if len(total) and pd.notna(total["cost_of_sales_share"].iloc[0]):
        share = float(total["cost_of_sales_share"].iloc[0])
        made.append(
            Fact(
                "Pay, share of expected sales",
                share,
                f"base and variable pay; {_condition(view)}",
                "",
                "share",
            )
        )
    releases = view.rows("plan_releases")
    if len(releases):
        blocks = int((found["severity"] == "blocks").sum())
        free = int((releases["state"] == "released").sum())
        tone: Tone = "bad" if blocks else "good" if free else "watch"
        made.append(
            Fact(
                "Plans released",
                free,
                f"of {len(releases)}; {count_of(blocks, 'contradiction')} in the way",
                tone,
                "count",
            )
        )
    return made


def blocks(view: AudienceView) -> tuple[list[Block], list[Block]]:
    """Give the check of the plans, and pay, size and timeline; pay where it may be seen."""
    notes = view.rows("pay_notes")
    if notes.empty:
        return [], []
    currency = view.plan.currency
    found: list[Block] = []
    if "cost_amount" in view.columns("pay_cost"):
        found += [
            picture(charts.plot_pay_cost(view.rows("pay_cost"), currency=currency)),
            _cost(view),
        ]
    else:
        found.append(_quotas_reached(view))
    found += [
        _size(view),
        picture(charts.plot_timeline(view.rows("planning_timeline"), view.as_of)),
    ]
    found += [
        Listing(
            name="Rows on pay and planning", frame=filled(view.rows("pay_problems")),
            title="Rows on pay, milestones and releases that are wrong", empty="no row is wrong",
            limit=_SHORT, in_page=len(view.rows("pay_problems")) > 0,
        ),
        Notes(notes_of(notes, "caution"), "Pay and check of the plans: with care"),
        Notes(notes_of(notes, "definition"), "Pay and check of the plans: definitions",
              folded=True),
    ]  # fmt: skip
    return [_rules(view), _contradictions(view), _releases(view)], found


def _rules(view: AudienceView) -> Listing:
    """Give one row for each rule that found something: what is to be decided, and by how many."""
    found, rules = view.rows("plan_contradictions"), view.rows("plan_rules")
    worst = {"blocks": 0, "warns": 1}
    found = found.assign(place=found["severity"].astype(str).map(worst)).sort_values(
        ["place", "rule"], kind="stable"
    )
    rows = found.groupby("rule", sort=False, observed=True).agg(
        severity=("severity", "first"), found=("severity", "size"), decide=("decide", "first")
    ).reset_index()  # fmt: skip
    by_rule = rules.set_index("rule")
    rows["tested_count"] = rows["rule"].map(by_rule["tested_count"])
    rows["meaning"] = rows["rule"].map(by_rule["meaning"])
    columns = ["rule", "meaning", "severity", "found", "tested_count", "decide"]
    return Listing(
        name="Rules that found something",
        frame=rows[columns].assign(rule=rows["rule"].astype(str).str.replace("_", " ")),
        title="Where territories, quotas and pay contradict each other",
        subtitle=f"{len(rows)} of {len(rules)} rules found something; of whom: people, roles or "
        "segments tested. Each case stands in the leadership roll-up",
        labels={
            "meaning": "What it finds",
            "found": "Cases",
            "tested_count": "Of",
            "decide": "To be decided",
        },
        formats={"found": "count", "tested_count": "count"},
        colors=pd.DataFrame({"severity": rows["severity"].astype(str).map(charts.SEVERITY_TONES)}),
        limit=None,
        empty="the three plans agree by every rule that could be tested",
    )


def _contradictions(view: AudienceView) -> Listing:
    rows, rules = view.rows("plan_contradictions"), view.rows("plan_rules")
    rows = rows.assign(meaning=rows["rule"].map(rules.set_index("rule")["meaning"]))
    what = "statement" if "statement" in rows else "meaning"
    shown = ("rule", "subject_name", "severity", what, "decide", "owner")
    columns = [name for name in shown if name in rows]  # what they say shows quotas: class pay
    tones = rows["severity"].map(charts.SEVERITY_TONES)
    return Listing(
        name="Contradictions of the plans",
        frame=rows[columns].assign(rule=rows["rule"].str.replace("_", " ")),
        title="Each case where territories, quotas and pay contradict each other",
        subtitle="both figures of each stand in the table plan_contradictions, class pay",
        labels={"subject_name": "Who or what", "statement": "What they say",
                "meaning": "What the rule finds",
                "decide": "To be decided"},
        colors=pd.DataFrame({"severity": tones}),
        limit=None,
        empty="the three plans agree by every rule that could be tested",
        in_page=False,
    )  # fmt: skip


def _releases(view: AudienceView) -> Listing:
    rows = view.rows("plan_releases")
    tones = rows["state"].map({"released": "good", "agreed": "watch", "draft": "grey"})
    return Listing(
        name="Releases",
        frame=rows[["part", "asked", "state", "who", "when", "reason"]],
        title="State of the three plans: none is released alone",
        labels={"part": "Plan", "asked": "Asked", "reason": "Why"},
        colors=pd.DataFrame({"state": tones}),
        limit=None,
        empty="no plan was checked",
        in_page=False,  # the headline says it
    )


def _cost(view: AudienceView) -> Listing:
    rows = view.rows("pay_cost")
    shares = ["mean_attainment_share", "at_quota_share", "cost_of_sales_share",
              "cost_change_share", "over_budget_share"]  # fmt: skip
    columns = ["plan", "role_group", "people_count", "cost_at_mean_amount", "cost_amount",
               "convexity_amount", *shares]  # fmt: skip
    return Listing(
        name="Pay cost",
        frame=filled(rows[columns]),
        title="Expected pay by group, today and under the alternatives",
        subtitle=f"{view.plan.currency}, {_condition(view)}; roles with fewer than "
        f"{view.plan.pay.minimum_group} people are pooled",
        labels={"convexity_amount": "Expected - at mean", "cost_change_share": "Against today"},
        formats=dict.fromkeys(shares, "share"),
        limit=view.plan.report.rows,
        empty="no pay plans: see what is missing",
    )


def _quotas_reached(view: AudienceView) -> Listing:
    """Show what everybody may see of pay: how often groups reach quota and threshold."""
    rows = view.rows("pay_cost")
    mine = rows[(rows["plan"] == "current") & rows["at_quota_share"].notna()]
    shares = ["mean_attainment_share", "at_quota_share", "below_threshold_share", "capped_share"]
    return Listing(
        name="Attainment by group",
        frame=mine[["role_group", "simulated_count", *shares]].reset_index(drop=True),
        title="How often quota, threshold and cap of pay are reached",
        subtitle=f"simulated years {_condition(view)}; people without simulated attainment are "
        f"left out; sums of pay are not for audience {view.audience}",
        labels={"simulated_count": "People simulated"},
        formats=dict.fromkeys(shares, "share"),
        limit=None,
        empty="no attainment is simulated, or groups are too small",
    )


def _size(view: AudienceView) -> Listing:
    rows = view.rows("force_size")
    columns = ["cut_value", "people_count", "verdict", "flat_low_count", "flat_high_count",
               "workload_count", "poor_hours_share", "explanation"]  # fmt: skip
    note = ""
    if len(rows) and pd.notna(rows["elasticity"].iloc[0]):
        note = f"elasticity of sales to people {float(rows['elasticity'].iloc[0]):.2f}"
        if rows["verdict"].eq("scenario").any():
            note += ", assumed and not fitted: a scenario, not a finding"
        one = rows.iloc[0]
        if pd.notna(one["best_low_count"]):
            note += (f"; at {float(one['elasticity_low']):.2f} to "
                     f"{float(one['elasticity_high']):.2f} the best size is "
                     f"{one['best_low_count']} to {one['best_high_count']}")  # fmt: skip
        note += "; from, to: sizes that are nearly as good; every unit stands in the roll-up"
    notes = []
    if len(rows) and rows["carry_second_share"].gt(0).any() and len(view.rows(_STRUCTURE)):
        notes.append(
            "This size counts what sales of later years bring as well; the structure of the team "
            "counts the margin of one year, so the two numbers of heads answer "
            "different questions. The elasticity decides both."
        )
    return Listing(
        name="Size of the sales force",
        notes=notes,
        frame=filled(rows[columns]),
        title="How many people: by return, and by the work of the accounts",
        subtitle=note,
        labels={"cut_value": "Unit", "people_count": "Planned", "flat_low_count": "From",
                "flat_high_count": "To", "workload_count": "By workload",
                "poor_hours_share": "Hours that do not pay", "explanation": "Why they differ"},
        formats={"people_count": "number", "workload_count": "number",
                 "poor_hours_share": "share"},
        limit=1 if rows["verdict"].eq("scenario").any() else _UNITS,
        empty="nobody is sized",
    )  # fmt: skip


def _condition(view: AudienceView) -> str:
    """Say at which quotas pay is simulated."""
    return condition_words(view.plan.quotas.quota_response)


def _owner(owner: object) -> str:
    return owner if isinstance(owner, str) and owner else "no owner"
