"""Sentences and definitions of pay, size, check and timeline; no sums of pay stand in them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planlib.notes import note_rows
from planlib.pay.cost import STATED
from planlib.pay.force import SCENARIO

DEFINITIONS = {
    "payout": "variable pay x attainment once the threshold is reached; above 100 % each further "
    "unit counts accelerator times; above the cap nothing more; rate = variable pay / quota",
    "expected cost": "mean over the simulated years of base and payout of everybody, pro rata for "
    "the part of the year; the interval is that of the sum over all people",
    "cost at mean attainment": "the same with everybody at the mean attainment of the role, "
    "weighted by variable pay: what a spreadsheet without spread would say",
    "what spread costs": "expected cost - cost at mean attainment; above zero where pay is convex "
    "(accelerators), below where a cap or threshold cuts more than accelerators add, zero where "
    "it is a straight line",
    "draw": "an advance a month, taken off what is earned; what is not earned by the end of the "
    "year is owed, and counts as cost for the share that is not paid back",
    "attainment": "attained / quota of the same part of the year, from the simulation of the "
    "quotas; a manager's is that of all people below together",
    "small groups": "roles with fewer people than pay.minimum_group, or with fewer of them whose "
    "attainment is simulated, are pooled, so that no sum or share, and no difference of two, shows "
    "what one person earns or attains; picture and table pool alike",
    "size by return": "sales grow as (people)^elasticity; profit = margin x sales x (1 + K2 + K3) "
    "- cost of people; return of one more person = (M I + M I K2 + M I K3 - C) / C; break-even "
    "sales B = C / M",
    "size by workload": "selling hours that the accounts need a year / selling hours of a person",
    "released": "all three plans were released by somebody and no contradiction blocks; otherwise "
    "a plan that was released stays agreed",
    "late": "past the due date on the as-of date and not done",
}


def headlines(tables: Mapping[str, pd.DataFrame], condition: str = "") -> dict[str, str]:
    """
    Say what a leader should know first, in the order of the sections.

    Parameters
    ----------
    tables
        Tables of the sections by name, in their declared shape.
    condition
        At which quotas attainment was simulated, and how sales follow them; blank: not said.
    """
    found = {
        "pay": _pay_line(tables["pay_cost"], condition),
        "size": _size_line(tables["force_size"]),
        "check": _check_line(tables["plan_contradictions"], tables["plan_rules"]),
        "release": _release_line(tables["plan_releases"]),
        "timeline": _timeline_line(tables["planning_timeline"]),
    }
    return {topic: text for topic, text in found.items() if text}


def notes_table(
    first: Mapping[str, str], cautions: Mapping[str, str], missing: Mapping[str, str]
) -> pd.DataFrame:
    """Give table ``pay_notes``."""
    return note_rows(
        {"headline": first, "caution": cautions, "missing": missing, "definition": DEFINITIONS}
    )


def _pay_line(cost: pd.DataFrame, condition: str) -> str:
    now = cost[(cost["plan"] == "current") & (cost["role_group"] == "all")]
    if now.empty or pd.isna(now["cost_low_amount"].iloc[0]):
        return ""
    one = now.iloc[0]
    spread = one["convexity_amount"] / one["cost_at_mean_amount"]
    more = "more" if spread >= 0 else "less"
    text = (
        f"expected pay is {100 * abs(spread):.1f} % {more} than at the mean attainment of "
        f"{100 * one['mean_attainment_share']:.0f} %, because attainment spreads: "
        + ("accelerators pay the good years" if spread >= 0 else "thresholds and caps cut more "
           "than accelerators add")
    )  # fmt: skip
    if not pd.isna(one["cost_of_sales_share"]):
        text += f"; it is {100 * one['cost_of_sales_share']:.1f} % of expected sales"
    if not pd.isna(one["over_budget_share"]):
        chance = f"{100 * one['over_budget_share']:.0f} %"
        text += (
            f"; it exceeds the budget with probability {chance}"
            if one["budget_basis"] == STATED
            else f"; no budget is stated; it exceeds pay at 100 % with probability {chance}"
        )
    return f"{text}; all this {condition}" if condition else text


def _size_line(force: pd.DataFrame) -> str:
    total = force[force["cut"] == "total"]
    if total.empty or pd.isna(total["best_count"].iloc[0]):
        return "" if total.empty else str(total["explanation"].iloc[0])
    one = total.iloc[0]
    if one["verdict"] == SCENARIO:
        return ""  # nothing is fitted: it stands among the cautions, not among the headlines
    return (
        f"{one['people_count']:.1f} person-years are planned, and one more returns "
        f"{100 * one['return_share']:.0f} % over three years ({one['verdict']}); "
        f"{one['explanation']}"
    )


def _check_line(found: pd.DataFrame, rules: pd.DataFrame) -> str:
    tested = int((rules["tested_count"] > 0).sum()) if len(rules) else 0
    blocks = int((found["severity"] == "blocks").sum())
    text = f"{len(found)} contradictions between territories, quotas and pay by {tested} rules"
    if not len(found):
        return f"no contradiction between territories, quotas and pay by the {tested} rules tested"
    held = {0: "none of them keeps", 1: "one of them keeps"}.get(blocks, f"{blocks} of them keep")
    return f"{text}; {held} the plans from being released"


def _release_line(releases: pd.DataFrame) -> str:
    if releases.empty:
        return ""
    states = ", ".join(f"{part} {state}" for part, state in
                       zip(releases["part"], releases["state"], strict=True))  # fmt: skip
    held = releases[releases["asked"].ne(releases["state"])]
    why = f" (released by somebody, but {held['reason'].iloc[0]})" if len(held) else ""
    return states + why


def _timeline_line(timeline: pd.DataFrame) -> str:
    if timeline.empty:
        return ""
    states = timeline["state"].value_counts()
    if "proposed" in states.index:
        return f"nobody has set milestones: {len(timeline)} are proposed for the next fiscal year"
    late = timeline[timeline["state"] == "late"]
    text = f"{states.get('done', 0)} of {len(timeline)} milestones are done"
    if late.empty:
        return f"{text}, none is late"
    return f"{text}; late: {', '.join(late['milestone'])}"
