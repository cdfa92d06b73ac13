"""Section of the report on capacity and quotas: the target, who can reach it, how surely."""

from __future__ import annotations

import pandas as pd

from planlib.charts import quotas as charts
from planlib.charts.base import money
from planlib.charts.quota_year import plot_year
from planlib.displays import Fact
from planlib.exchange.audience import AudienceView, Baseline
from planlib.notes import count_of, notes_of, percent
from planlib.report import pay
from planlib.report.common import filled, gaps_in, named, rep_names
from planlib.report.folds import Fold
from planlib.report.parts import Block, Line, Listing, Notes, Section, picture
from planlib.steps import STEPS

STEP = "04_quotas"
_SHORT = 5  # rows in the page; the roll-up holds all
_TARGETS = {"target_amount": "Blended target", "stated_amount": "Set target"}


def section(view: AudienceView) -> Section | None:
    """Give the section, or None when the step wrote no notes."""
    notes = view.rows("quota_notes")
    if notes.empty:
        return None
    step = STEPS[STEP]
    year = view.rows("quota_year")
    return Section(
        step=STEP,
        title=step.title,
        question=step.decides,
        decided=[*[Line(text, step=STEP) for text in notes_of(notes, "headline")],
                 *pay.decided(view)],
        asks=[*_asks(view), *pay.asks(view)],
        problems=pay.problems(view),
        gaps=[*gaps_in(notes, "Quotas", STEP), *pay.gaps(view)],
        facts=[*_facts(view, year), *pay.facts(view)],
        blocks=_blocks(view, notes, year),
    )  # fmt: skip


def changes(view: AudienceView, baseline: Baseline) -> list[Line]:
    """Say how target, street quota and chance differ from an earlier state."""
    before = baseline.get("quota_street")
    if before is None or not view.has("quota_street"):
        return []
    now, old = _plan_row(view.rows("quota_street")), _plan_row(before)
    if now is None or old is None:
        return []
    currency = view.plan.currency
    return [
        Line(
            f"Target {money(float(old['target_amount']), currency)} before, "
            f"{money(float(now['target_amount']), currency)} now; chance to reach it with the "
            f"quotas of the plan {percent(float(old['probability']))} before, "
            f"{percent(float(now['probability']))} now.",
            step=STEP,
        )
    ]


def _plan_row(street: pd.DataFrame) -> pd.Series | None:
    rows = street[street["quota_set"] == "plan"]
    return None if rows.empty else rows.iloc[0]


def _asks(view: AudienceView) -> list[Line]:
    """Ask for the decision on the gap, and on rows that cannot be kept."""
    lines = []
    gap = view.rows("quota_gap")
    if len(gap):
        amount = money(abs(float(gap["gap_amount"].iloc[0])), view.plan.currency)
        options = ", ".join(gap["option"])
        lines.append(Line(f"Quotas: top-down and bottom-up differ by {amount}; decide: {options}.",
                          step=STEP))  # fmt: skip
    decisions = view.rows("quota_decisions")
    lost = int((decisions["status"] != "applied").sum()) if len(decisions) else 0
    if lost:
        what = count_of(lost, "decision")
        lines.append(Line(f"Quotas: {what} on quotas cannot be kept; see the table.", step=STEP))
    return lines


def _facts(view: AudienceView, year: pd.DataFrame) -> list[Fact]:
    street, currency = view.rows("quota_street"), view.plan.currency
    facts = []
    plan = _plan_row(street)
    if plan is not None:
        whole = year[year["cut"] == "company"]
        row = None if whole.empty else whole.iloc[0]
        so_far = _won_facts(row, currency)
        facts += [
            Fact("Target of the year", float(plan["target_amount"]), _target_note(row, currency),
                 "watch" if row is not None and bool(row["is_assumed"]) else "", "amount"),
            *so_far,
            Fact("Quotas of the plan", float(plan["street_amount"]),
                 f"{currency}, over-assignment {percent(float(plan['over_assignment']))}", "",
                 "amount"),
        ]  # fmt: skip
        if len(so_far) < 2:  # else the chance given what is won stands there
            facts.append(
                Fact(
                    "Chance to reach the target",
                    float(plan["probability"]),
                    _chance_note(street, view.plan.quotas.quota_response),
                    "",
                    "share",
                )
            )
    return facts


def _target_note(row: pd.Series | None, currency: str) -> str:
    """Say where the target comes from, and that it is an assumption where it is one."""
    if row is None:
        return currency
    if bool(row["is_assumed"]):
        return f"{currency}, assumed: {str(row['target_basis']).removeprefix('weaker: ')}"
    return f"{currency}, {row['target_basis']}"


def _won_facts(row: pd.Series | None, currency: str) -> list[Fact]:
    """Give what is won and the chance that leaves, once the year has begun."""
    if row is None or pd.isna(row["won_amount"]) or not row["due_share"] > 0:
        return []
    day = f"{row['won_until']:%Y-%m-%d}"
    won = Fact(
        "Won of it so far", float(row["won_amount"]),
        f"{currency} until {day}; due were {money(float(row['due_amount']), currency)}",
        "", "amount",
    )  # fmt: skip
    if pd.isna(row["probability"]):
        return [won]
    left = money(float(row["remaining_amount"]), currency)
    note = (f"{left} are left; at the quotas in force, "
            f"{percent(float(row['plan_probability']))} with those of the plan")  # fmt: skip
    return [won, Fact("Chance given what is won", float(row["probability"]), note, "", "share")]


def _chance_note(street: pd.DataFrame, response: float) -> str:
    """Say beside the chance what it assumes, and what it is without that."""
    followed = "in full" if response == 1 else f"with an exponent of {response:g}"
    note = f"with the quotas of the plan, if sales follow higher quotas {followed}"
    if not response:
        return "with the quotas of the plan, if sales do not follow higher quotas"
    now = street.loc[street["quota_set"] == "in force", "probability"].dropna()
    return f"{note}; {percent(float(now.iloc[0]))} at those in force" if len(now) else note


def _blocks(view: AudienceView, notes: pd.DataFrame, year: pd.DataFrame) -> list[Block]:
    """Give first how the year stands and what is to be decided, then the reasons in folds."""
    currency, language = view.plan.currency, view.plan.language
    settings = view.plan.quotas
    curve, quotas = view.rows("over_assignment_curve"), view.rows("quotas")
    months = view.rows("capacity_months")
    if quotas.empty:
        first: list[Block] = [picture(charts.plot_capacity(months, currency=currency,
                                                           language=language))]  # fmt: skip
    else:
        first = [picture(plot_year(year, currency=currency, language=language))]
    below: list[Block] = [_levels(view)]
    if "stretch" in quotas.columns:
        below.append(_flagged(quotas, rep_names(view)))
        below.append(_to_date(view))
    below.append(_findings(view))
    people: list[Block] = [] if quotas.empty else [
        picture(charts.plot_capacity(months, currency=currency, language=language)),
        picture(charts.plot_over_assignment(curve, certainty=settings.certainty)),
    ]  # fmt: skip
    words = [
        Notes(notes_of(notes, kind), title, folded=kind != "caution")
        for kind, title in (("caution", "Quotas: with care"), ("rule", "Quotas: how they were set"),
                            ("definition", "Quotas: definitions"))
    ]  # fmt: skip
    checks, paid = pay.blocks(view)
    return [
        *first, _gap(view), *checks,
        Fold("The year, target and quotas level by level", [_year(year), *below]),
        Fold("Capacity by month, and the chance by over-assignment", [*people, _alignment(view)]),
        Fold("Pay, size of the sales force and timeline", paid),
        Fold("Quotas: with care, how they were set, definitions", words),
    ]  # fmt: skip


def _year(year: pd.DataFrame) -> Listing:
    rows = year.dropna(subset="target_amount").reset_index(drop=True)
    columns = ["cut", "name", "target_amount", "stated_amount", "won_amount", "won_share",
               "due_share", "remaining_amount", "rest_amount", "rate_amount", "needed_rate_amount",
               "probability"]  # fmt: skip
    return Listing(
        name="Year to date",
        frame=rows[columns],
        title="The year to date by level: won, left, what can still be sold",
        subtitle="blended target: top-down and bottom-up, the company's as it is; set target: that "
        "of people for the level; rates in a month; chance given what is won, at the quotas in "
        "force",
        labels={"cut": "Level", **_TARGETS, "won_share": "Won", "due_share": "Due share",
                "remaining_amount": "Left", "rest_amount": "Can still be sold",
                "rate_amount": "A month so far", "needed_rate_amount": "Needed a month",
                "probability": "Chance"},
        formats=dict.fromkeys(["won_share", "due_share", "probability"], "share"),
        notes=_left_out(year, "target_amount"),
        limit=2 * _SHORT,
        empty="no quotas are planned: see what is missing",
    )  # fmt: skip


def _left_out(rows: pd.DataFrame, figure: str) -> list[str]:
    """Say how many rows of small groups have no figure for this audience."""
    is_small = ~rows["is_group"].fillna(False).astype(bool) & rows[figure].isna()
    count = int(is_small.sum())
    if not count:
        return []
    return [f"{count_of(count, 'row')} not shown to this audience: the sums, or what is left of "
            "other sums, would show the quotas of few people."]  # fmt: skip


def _to_date(view: AudienceView) -> Listing:
    rows = view.rows("quota_to_date")
    rows = rows.sort_values(["pace_share", "rep_id"], na_position="last", ignore_index=True)
    columns = ["rep_id", "unit", "ramped_quota_amount", "won_amount", "attainment_share",
               "pace_share", "rate_amount", "needed_rate_amount",
               "plan_needed_rate_amount"]  # fmt: skip
    return Listing(
        name="Quotas to date",
        frame=filled(rows[columns].assign(rep_id=named(rows["rep_id"], rep_names(view)))),
        title="Quotas to date: attained, pace, and the rate that is needed",
        subtitle="pace: won / part of the quota in force that is due; rates in a month; least pace "
        "first; a few weeks or one large deal move it much",
        labels={"rep_id": "Rep", "ramped_quota_amount": "Quota in force",
                "attainment_share": "Attained", "pace_share": "Pace",
                "rate_amount": "A month so far", "needed_rate_amount": "Needed a month",
                "plan_needed_rate_amount": "For the quota of the plan"},
        formats=dict.fromkeys(["attainment_share", "pace_share"], "share"),
        limit=_SHORT,
        empty="no rep has a quota",
    )  # fmt: skip


def _levels(view: AudienceView) -> Listing:
    rows = view.rows("quota_levels").sort_values(
        ["depth", "stretch", "node_id"], ascending=[True, False, True], ignore_index=True
    )
    notes = _left_out(rows, "quota_amount")
    if "quota_amount" not in view.rows("quotas").columns:  # small groups are blank then
        rows = rows[rows["is_group"].fillna(False).astype(bool)].reset_index(drop=True)
    columns = ["name", "carriers_count", "target_amount", "stated_amount",
               "bottom_up_amount", "quota_amount", "stretch"]  # fmt: skip
    return Listing(
        name="Quota levels",
        frame=rows[columns],
        title="Target, bottom-up and quotas by level",
        subtitle="the blended targets of the people below a level add up to it, to the cent; from "
        "the top down, of one level the most stretched first: quotas of the plan / bottom-up",
        labels={"carriers_count": "Reps and posts", "bottom_up_amount": "Bottom-up",
                "quota_amount": "Quotas of the plan", **_TARGETS},
        formats={"target_amount": "amount", "bottom_up_amount": "amount",
                 "quota_amount": "amount", "stretch": "number"},
        notes=notes,
        limit=2 * _SHORT,
        empty="no quotas are planned: see what is missing",
    )  # fmt: skip


def _gap(view: AudienceView) -> Listing:
    rows, currency = view.rows("quota_gap"), view.plan.currency
    asked = [_gap_words(float(value), str(unit), currency)
             for value, unit in zip(rows["value"], rows["unit_of_value"], strict=True)]  # fmt: skip
    gap = f"gap {money(float(rows['gap_amount'].iloc[0]), currency)}" if len(rows) else ""
    return Listing(
        name="Quota gap",
        frame=rows[["option"]].assign(asked=asked, definition=rows["definition"]),
        title="Ways to close the gap between target and bottom-up",
        subtitle=gap,
        labels={"asked": "What it takes"},
        limit=None,
        empty="target and bottom-up agree within the limit of plan.yaml, or one is unknown",
    )


def _gap_words(value: float, unit: str, currency: str) -> str:
    if unit == "share":
        return percent(value)
    return money(value, currency) if unit == "amount" else f"{value:,.2f} {unit}"


def _alignment(view: AudienceView) -> Listing:
    every = view.rows("capacity_alignment")
    rows = every.dropna(subset="difference")
    wide = rows.assign(size=rows["difference"].abs()).sort_values(
        ["size", "cut", "cut_value"], ascending=[False, True, True], ignore_index=True
    )
    points = (100 * wide["difference"].astype("float64")).round(1)
    return Listing(
        name="Capacity alignment",
        frame=wide.assign(difference=points)[["cut", "cut_value", "capacity_share", "goal_share",
                                              "difference", "goal_basis"]],
        title="Share of capacity against share of the goal",
        subtitle="largest differences first; goal: targets where they are set, else potential, of "
        "units and regions that of the accounts their people own",
        units={"difference": "percentage points"},
        formats={"capacity_share": "share", "goal_share": "share", "difference": "number"},
        notes=_left_out(every, "difference"),
        limit=_SHORT,
        empty="neither targets nor potential tell the goal of a region, unit or segment",
    )  # fmt: skip


def _flagged(quotas: pd.DataFrame, names: pd.Series) -> Listing:
    rows = quotas[quotas["flag"].isin(["stretched", "slack", "unknown"])]
    rows = rows.sort_values(["stretch_rank", "rep_id"], ignore_index=True)
    columns = ["rep_id", "unit", "quota_amount", "bottom_up_amount", "stretch", "stretch_rank",
               "flag_reason"]  # fmt: skip
    return Listing(
        name="Stretched quotas",
        frame=filled(rows[columns].assign(rep_id=named(rows["rep_id"], names))),
        title="Quotas beyond the limits of stretch",
        labels={"rep_id": "Rep", "stretch_rank": "Rank", "flag_reason": "Why"},
        formats={"quota_amount": "amount", "bottom_up_amount": "amount", "stretch": "number"},
        limit=_SHORT,
        empty="every quota is within the limits",
    )


def _findings(view: AudienceView) -> Listing:
    rows = view.rows("quota_findings")
    return Listing(
        name="Quota findings",
        frame=filled(rows.assign(row_id=named(rows["row_id"], rep_names(view)))),
        title="Rows that are wrong or cannot be kept",
        limit=_SHORT,
        empty="no row is wrong",
        in_page=len(rows) > 0,
    )
