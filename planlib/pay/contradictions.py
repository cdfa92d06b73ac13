"""The check of territories, quotas and pay together (S0-2): rules, severity, what to decide."""

from __future__ import annotations

import pandas as pd

from planlib.notes import percent
from planlib.pay import rules, rules_totals
from planlib.pay.facts import PlanFacts
from planlib.pay.verdicts import Rule
from planlib.settings.pay import PlanCheckSettings

_RULES = (
    Rule(
        name="quota_above_potential", parts="territories, quotas",
        decide="more accounts, or a lower quota", test=rules.quota_above_potential,
    ),
    Rule(
        name="quota_above_capacity", parts="quotas, capacity",
        decide="a lower quota until the person is ramped, or help", test=rules.quota_above_capacity,
    ),
    Rule(
        name="seat_without_capacity", parts="territories, capacity",
        meaning="accounts or a quota are with somebody whose ramped capacity in the year is zero; "
        "where capacity is not known, with an open seat (warns)",
        decide="hire in time, or who covers the accounts until then",
        test=rules.seat_without_capacity,
    ),
    Rule(
        name="owner_gone", parts="territories, capacity",
        meaning="accounts are planned for a person who has left or is not among the reps",
        decide="who takes the accounts over", test=rules.owner_gone,
    ),
    Rule(
        name="accounts_without_quota", parts="territories, quotas",
        meaning="a person owns accounts in the territory plan and has no quota",
        decide="a quota, or another owner", test=rules.accounts_without_quota,
    ),
    Rule(
        name="quota_without_accounts", parts="territories, quotas",
        meaning="a person has a quota and no account, in a role in which others own some",
        decide="accounts, or no quota", test=rules.quota_without_accounts,
    ),
    Rule(
        name="hours_above_capacity", parts="territories, capacity",
        decide="fewer accounts, or less care for some", test=rules.hours_above_capacity,
    ),
    Rule(
        name="quota_not_of_pay_plan", parts="quotas, pay",
        decide="which quota holds: the rate is variable pay / quota",
        test=rules.quota_not_of_pay_plan,
    ),
    Rule(
        name="no_pay_plan", parts="quotas, pay",
        meaning="a role has quotas and no pay plan in force",
        decide="a pay plan for the role", test=rules.no_pay_plan,
    ),
    Rule(
        name="pay_ignores_need", parts="pay, territories",
        decide="what the pay plan is to reward there", test=rules_totals.pay_ignores_need,
    ),
    Rule(
        name="pay_for_now_alone", parts="pay, KPIs",
        meaning="of a role that won renewals or expansions in twelve months the pay plan counts "
        "new business alone, and no long-term metric is written down for the role: winning now is "
        "all that counts",
        decide="a deal type of existing customers in the pay plan, or a long-term metric in the "
        "role's tree of KPIs", test=rules_totals.pay_for_now_alone,
    ),
    Rule(
        name="rarely_reaches_threshold", parts="quotas, pay",
        decide="a nearer quota, or a lower threshold", test=rules.rarely_reaches_threshold,
    ),
    Rule(
        name="often_capped", parts="quotas, pay",
        decide="a higher cap, or a higher quota", test=rules.often_capped,
    ),
    Rule(
        name="pay_above_budget", parts="pay, quotas",
        decide="budget, accelerator or quotas", test=rules_totals.pay_above_budget,
    ),
    Rule(
        name="quotas_below_target", parts="quotas, target",
        meaning="quotas add up to less than the target",
        decide="who carries the rest", test=rules_totals.quotas_below_target,
    ),
    Rule(
        name="capacity_below_target", parts="capacity, target",
        meaning="the median of simulated capacity is below the target",
        decide="hire, raise productivity, or lower the target",
        test=rules_totals.capacity_below_target,
    ),
    Rule(
        name="people_against_goal", parts="territories, target",
        decide="where people work next year", test=rules_totals.people_against_goal,
    ),
)  # fmt: skip


def _with_limits(limits: PlanCheckSettings) -> dict[str, str]:
    """Say what the rules with a limit mean, with the limit that holds."""
    return {
        "quota_above_potential": "the quota is above "
        f"{percent(limits.potential_limit)} of the potential of the territory's accounts; where "
        "some accounts have no known potential it only warns",
        "quota_above_capacity": f"the quota is more than {percent(limits.capacity_tolerance)} "
        "above what falls to the person by ramp and presence: own ramped quota in force x all "
        "quotas of the plan / all ramped quotas in force",
        "hours_above_capacity": "the work of the accounts exceeds the person's selling hours by "
        f"more than {percent(limits.hours_tolerance)}",
        "quota_not_of_pay_plan": "quotas of a role differ by more than "
        f"{percent(limits.quota_tolerance)} from the quota on which its pay plan rests",
        "pay_ignores_need": f"more than {percent(limits.unpaid_share)} of what a role won in a "
        "unit in twelve months is of deal types that its pay plan does not count",
        "rarely_reaches_threshold": f"more than {percent(limits.below_threshold_share)} of a "
        "role's simulated years end below the threshold of its pay plan",
        "often_capped": f"more than {percent(limits.capped_share)} of a role's simulated years "
        "end above the cap of its pay plan",
        "pay_above_budget": "expected pay exceeds the budget, or does so with a probability of "
        f"more than {percent(limits.over_budget_share)}; where no budget is stated, pay at 100 % "
        "stands in for it, and the rule only warns",
        "people_against_goal": "a segment's share of capacity and its share of the goal differ "
        f"by more than {100 * limits.share_gap:.0f} percentage points",
    }


def check_plans(facts: PlanFacts, settings: PlanCheckSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Find where territories, quotas and pay contradict each other.

    Parameters
    ----------
    facts
        The plans side by side.
    settings
        Section ``plan_check``: limits, and which rules block a release.

    Returns
    -------
    tuple
        Tables ``plan_contradictions`` (blocking ones first, then by rule and subject) and
        ``plan_rules``.
    """
    rows: list[dict[str, object]] = []
    tested: list[dict[str, object]] = []
    limited = _with_limits(settings)
    for order, rule in enumerate(_RULES, start=1):
        severity = "blocks" if rule.name in settings.blocking else "warns"
        verdict = rule.test(facts, settings)
        head = {"rule": rule.name, "parts": rule.parts, "decide": rule.decide}
        found = [{"severity": severity, **row, **head, "order": order} for row in verdict.rows]
        rows += found
        tested.append({
            "rule": rule.name, "rule_order": order, "severity": severity,
            "meaning": limited.get(rule.name, rule.meaning), "tested_count": verdict.tested,
            "found_count": len(found), "missing": verdict.missing,
        })  # fmt: skip
    found_rows = pd.DataFrame(rows)
    if len(found_rows):
        found_rows["owner"] = found_rows["owner"].replace("", None).fillna(facts.leader)
        found_rows = found_rows.sort_values(["severity", "order", "subject"])
    return found_rows.drop(columns="order", errors="ignore").reset_index(drop=True), pd.DataFrame(
        tested
    )
