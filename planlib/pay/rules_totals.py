"""Rules of the check that concern everybody: budget, target, capacity, segments, deal types."""

from __future__ import annotations

from planlib.pay.facts import PlanFacts
from planlib.pay.verdicts import Row, Verdict, finding
from planlib.settings.pay import PlanCheckSettings

_FEWEST = 5  # won deals below which what a role sells is not judged
_LASTING = ("expansion", "renewal")  # deal types of customers whom one has kept


def pay_ignores_need(facts: PlanFacts, settings: PlanCheckSettings) -> Verdict:
    """Find roles that mainly sell what their pay plan does not count."""
    if not facts.paid_types:
        return Verdict(missing="pay_plans.deal_types: which deal types a plan counts")
    sold = facts.sold
    if sold.empty:
        return Verdict(missing="won deals of twelve months with deal type and owner")
    rows: list[Row] = []
    tested = 0
    for (role, unit), mine in sold[sold["role"].isin(list(facts.paid_types))].groupby(
        ["role", "unit"]
    ):
        total = float(mine["amount"].sum())
        if int(mine["deals"].sum()) < _FEWEST or not total > 0:
            continue
        tested += 1
        paid = facts.paid_types[str(role)]
        other = mine[~mine["deal_type"].isin(list(paid))]
        share = float(other["amount"].sum()) / total
        if share > settings.unpaid_share:
            kinds = ", ".join(sorted(other["deal_type"]))
            name = f"{role}, {unit}" if unit else str(role)
            rows.append(finding(
                name, name, f"{100 * share:.0f} % of what they won in twelve months is {kinds}, "
                f"which the pay plan does not count (it pays {', '.join(sorted(paid))})",
                ("not paid", share), ("limit", settings.unpaid_share), owner=facts.leader,
                unit="share",
            ))  # fmt: skip
    return Verdict(rows=tuple(rows), tested=tested)


def pay_for_now_alone(facts: PlanFacts, _: PlanCheckSettings) -> Verdict:
    """
    Find roles that look after customers and are paid for new business alone.

    A role looks after customers where it won renewals or expansions in twelve months. A long-term
    metric in the role's tree of KPIs speaks for the role too, for what is watched beside the target
    keeps winning now from being all that counts.
    """
    if not facts.paid_types:
        return Verdict(missing="pay_plans.deal_types: which deal types a plan counts")
    sold = facts.sold
    lasting = sold[sold["deal_type"].isin(_LASTING)] if len(sold) else sold
    if lasting.empty:
        return Verdict(missing="won renewals or expansions of twelve months with an owner")
    rows: list[Row] = []
    tested = 0
    for role, mine in lasting.groupby("role"):
        if str(role) not in facts.paid_types or int(mine["deals"].sum()) < _FEWEST:
            continue
        tested += 1
        paid = facts.paid_types[str(role)]
        if paid & set(_LASTING) or facts.long_term.get(str(role)):
            continue
        whole = float(sold.loc[sold["role"] == role, "amount"].sum())
        share = float(mine["amount"].sum()) / whole if whole > 0 else 0.0
        rows.append(finding(
            str(role), str(role), f"{100 * share:.0f} % of what the role won in twelve months came "
            "from existing customers, but its pay plan counts new business alone, and no long-term "
            "metric is written down for it: winning now is all that counts",
            ("from existing customers", share), ("of it that is paid or watched", 0.0),
            owner=facts.leader, unit="share",
        ))  # fmt: skip
    return Verdict(rows=tuple(rows), tested=tested)


def pay_above_budget(facts: PlanFacts, settings: PlanCheckSettings) -> Verdict:
    """Find an expected pay cost above the budget, or one that exceeds it too often."""
    cost, budget = facts.pay.get("cost"), facts.pay.get("budget")
    if cost is None or budget is None:
        return Verdict(missing="pay plans and the people they pay")
    over = facts.pay.get("over")
    basis = "the stated budget" if facts.is_budget_stated else (
        "pay at 100 % attainment, as no budget is stated"
    )  # fmt: skip
    chance = "" if over is None else f"; it is exceeded with probability {100 * over:.0f} %"
    rows: tuple[Row, ...] = ()
    if cost > budget or (over is not None and over > settings.over_budget_share):
        side = "above" if cost > budget else "below"
        row = finding(
            "all", "all roles", f"expected pay is {100 * abs(cost / budget - 1):.1f} % {side} "
            f"{basis}{chance}", ("expected cost", cost), ("budget", budget), owner=facts.leader,
        )  # fmt: skip
        warns = cost <= budget or not facts.is_budget_stated
        rows = ({**row, "severity": "warns"} if warns else row,)
    return Verdict(rows=rows, tested=1)


def quotas_below_target(facts: PlanFacts, _: PlanCheckSettings) -> Verdict:
    """Find quotas that together do not reach the target."""
    quota = facts.people["quota"].dropna().sort_values().sum()
    if facts.target is None or not quota > 0:
        return Verdict(missing="target of the year (table targets) and quotas")
    rows: tuple[Row, ...] = ()
    if quota < facts.target - 0.005:
        rows = (finding(
            "all", "all people", f"quotas add up to {100 * quota / facts.target:.1f} % of the "
            "target: even if everybody reaches 100 %, the target is missed",
            ("sum of quotas", float(quota)), ("target", facts.target), owner=facts.leader,
        ),)  # fmt: skip
    return Verdict(rows=rows, tested=1)


def capacity_below_target(facts: PlanFacts, _: PlanCheckSettings) -> Verdict:
    """Find a target that people can reach in fewer than half of the simulated years."""
    if facts.target is None or facts.capacity is None:
        return Verdict(missing="target of the year and simulated capacity")
    low, middle, high = facts.capacity
    rows: tuple[Row, ...] = ()
    if middle < facts.target:
        beyond = "even the upper end of the interval" if high < facts.target else "the median"
        rows = (finding(
            "all", "all people", f"{beyond} of simulated capacity is below the target: median "
            f"{100 * middle / facts.target:.0f} %, interval {100 * low / facts.target:.0f} to "
            f"{100 * high / facts.target:.0f} % of it", ("capacity, median", middle),
            ("target", facts.target), owner=facts.leader,
        ),)  # fmt: skip
    return Verdict(rows=rows, tested=1)


def people_against_goal(facts: PlanFacts, settings: PlanCheckSettings) -> Verdict:
    """Find segments whose share of capacity is far from their share of the goal."""
    if facts.alignment.empty:
        return Verdict(missing="segments with a goal or potential (notebook 02)")
    known = facts.alignment[facts.alignment["gap_share"].notna()]
    rows = tuple(
        finding(
            str(one["segment"]), str(one["segment"]),
            f"it gets {100 * one['capacity_share']:.0f} % of the capacity ({one['basis']}) for "
            f"{100 * one['goal_share']:.0f} % of the goal ({one['goal_basis']})",
            ("share of capacity", one["capacity_share"]), ("share of the goal", one["goal_share"]),
            owner=facts.leader, unit="share",
        )
        for one in known.to_dict("records")
        if abs(one["gap_share"]) > settings.share_gap
    )  # fmt: skip
    return Verdict(rows=rows, tested=len(known))
