"""Pay, size, check of the plans and timeline in one call, from the tables that are there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from planlib.notes import notes_of
from planlib.pay.alternatives import CURRENT, check_alternatives
from planlib.pay.basis import force_basis
from planlib.pay.contradictions import check_plans
from planlib.pay.cost import ALL, pay_cost
from planlib.pay.curves import attainment_bands, pay_curves
from planlib.pay.facts import (
    PlanFacts,
    leader_of,
    people_facts,
    segment_alignment,
    sold_by_type,
)
from planlib.pay.force import SCENARIO, size_force
from planlib.pay.inputs import PayInputs, PayRules
from planlib.pay.people import Attained, paid_people, with_managers, with_planned
from planlib.pay.releases import check_releases, release_states
from planlib.pay.terms import later_changes, paid_deal_types, plan_in_force, sound_plans
from planlib.pay.timeline import check_milestones, planning_timeline
from planlib.pay.visibility import plan_visibility
from planlib.pay.words import DEFINITIONS, headlines, notes_table
from planlib.periods import Period
from planlib.tables import table
from planlib.tables.pay import TABLES as PAY_TABLES

_UNLIKELY = 5.0  # three-year return that asks for another look at what it rests on
_FOLLOWED = 1.05  # sales behind pay / sales at the quotas in force from which it is said
#: Tables that ``review_pay`` gives, in order.
RESULTS = tuple(one.name for one in PAY_TABLES if one.role == "output")


@dataclass(frozen=True, kw_only=True)
class PayReview:
    """What the sections found: every table by name, in its declared shape."""

    year: Period
    as_of: date
    tables: dict[str, pd.DataFrame] = field(repr=False)

    def notes(self, kind: str) -> list[str]:
        """Give the notes of a kind: headline, caution, missing or definition."""
        return notes_of(self.tables["pay_notes"], kind)

    def definitions(self, *topics: str) -> list[str]:
        """Give the definitions of some topics."""
        return [f"{topic}: {DEFINITIONS[topic]}" for topic in topics]


def review_pay(inputs: PayInputs, rules: PayRules, year: Period, as_of: date) -> PayReview:
    """
    Cost the pay plans, size the sales force, check the plans together, and follow the timeline.

    Parameters
    ----------
    inputs
        The tables that are there; what another would add is named in ``pay_notes``.
    rules
        Sections ``pay``, ``force_size`` and ``plan_check``, audiences, fiscal year.
    year
        The fiscal year that is planned.
    as_of
        Day until which the data count.

    Returns
    -------
    PayReview
        Every table of the sections by name, ``pay_notes`` among them.
    """
    inputs = replace(inputs, reps=with_planned(inputs.reps, inputs.quotas))
    plans, problems = _plans(inputs, rules, year, as_of)
    attained = None if inputs.attained is None else with_managers(inputs.attained, inputs.reps)
    people = paid_people(inputs.reps, year, as_of)
    none = pd.DataFrame()
    cost = none if plans is None else pay_cost(people, plans, attained, rules.pay)
    size, curve = size_force(force_basis(inputs, rules, plans, people, as_of), rules.force_size)
    facts = _facts(inputs, rules, (plans, attained, cost), year, as_of)
    found, tested = check_plans(facts, rules.plan_check)
    shaped = {name: table(name).conform(frame) for name, frame in {
        "pay_cost": cost,
        "pay_curves": none if plans is None else pay_curves(plans, rules.pay.alternatives),
        "pay_attainment": attainment_bands(people, attained, rules.pay, plans),
        "pay_problems": problems,
        "force_size": size, "force_size_curve": curve,
        "plan_contradictions": found, "plan_rules": tested,
        "planning_timeline": planning_timeline(
            inputs.milestones, rules.plan_check.milestones, as_of, rules.fiscal_year
        ),
        "plan_visibility": plan_visibility(rules.audiences),
    }.items()}  # fmt: skip
    states = release_states(inputs.releases, shaped["plan_contradictions"], as_of)
    shaped["plan_releases"] = table("plan_releases").conform(states)
    notes = notes_table(
        headlines(shaped, "" if attained is None else attained.condition),
        _cautions(shaped, facts, attained), _missing(inputs, shaped),
    )  # fmt: skip
    shaped["pay_notes"] = table("pay_notes").conform(notes)
    return PayReview(year=year, as_of=as_of, tables={name: shaped[name] for name in RESULTS})


def _plans(
    inputs: PayInputs, rules: PayRules, year: Period, as_of: date
) -> tuple[pd.DataFrame | None, pd.DataFrame]:
    """Give the pay plans in force, and all problems with pay, milestones and releases."""
    problems = [
        check_milestones(inputs.milestones, as_of), check_releases(inputs.releases, as_of)
    ]  # fmt: skip
    plans = None
    if inputs.pay_plans is not None and len(inputs.pay_plans):
        day = min(max(as_of, year.start), year.end)
        sound, wrong = sound_plans(inputs.pay_plans)
        plans = plan_in_force(sound, day)
        without = _without_plan(inputs.reps, plans)
        later = later_changes(sound, day, year.end)
        named = [wrong, without, later, check_alternatives(plans, rules.pay)]
        problems = [*named, paid_deal_types(plans)[1], *problems]
        plans = plans if len(plans) else None
    known = [frame for frame in problems if len(frame)]
    return plans, pd.concat(known, ignore_index=True) if known else pd.DataFrame()


def _without_plan(reps: pd.DataFrame, plans: pd.DataFrame) -> pd.DataFrame:
    here = reps[reps["leave_date"].isna() & reps["role"].notna()]
    counts = here.loc[~here["role"].isin(plans["role"]), "role"].value_counts().sort_index()
    return pd.DataFrame([
        {"problem": "role_without_plan", "source": "pay_plans", "row": str(role), "column": "role",
         "value": f"{count} people", "detail": "a plan for every role; not in the cost"}
        for role, count in counts.items()
    ])  # fmt: skip


def _facts(
    inputs: PayInputs,
    rules: PayRules,
    paid: tuple[pd.DataFrame | None, Attained | None, pd.DataFrame],
    year: Period,
    as_of: date,
) -> PlanFacts:
    plans, attained, cost = paid
    people = people_facts(
        inputs.reps, year, as_of, quotas=inputs.quotas, territories=inputs.territories,
        plans=plans, attained=attained,
    )  # fmt: skip
    sold = (
        pd.DataFrame() if inputs.opportunities is None
        else sold_by_type(inputs.reps, inputs.opportunities, as_of)
    )  # fmt: skip
    pay: dict[str, float] = {}
    if len(cost):
        total = cost[(cost["plan"] == CURRENT) & (cost["role_group"] == ALL)].iloc[0]
        names = {"cost": "cost_amount", "budget": "budget_amount", "over": "over_budget_share"}
        pay = {k: float(total[v]) for k, v in names.items() if not pd.isna(total[v])}
    return PlanFacts(
        people=people, sold=sold,
        paid_types={} if plans is None else paid_deal_types(plans)[0],
        long_term=rules.long_term,
        alignment=segment_alignment(inputs.capacity_alignment, inputs.segment_profile),
        pay=pay, target=inputs.target_amount, capacity=inputs.capacity,
        is_budget_stated=rules.pay.budget_amount is not None, leader=leader_of(inputs.reps),
    )  # fmt: skip


def _cautions(
    shaped: dict[str, pd.DataFrame], facts: PlanFacts, attained: Attained | None
) -> dict[str, str]:
    found: dict[str, str] = {}
    problems = shaped["pay_problems"]
    if len(problems):
        kinds = problems["problem"].value_counts().sort_index()
        listed = ", ".join(
            f"{str(kind).replace('_', ' ')} ({count})" for kind, count in kinds.items()
        )
        found["input"] = f"{len(problems)} rows to look at: {listed}"
    cost, force = shaped["pay_cost"], shaped["force_size"]
    now = cost[(cost["plan"] == CURRENT) & (cost["role_group"] == ALL)]
    if len(now) and str(now["reason"].iloc[0]) not in ("", "nan"):
        found["pay"] = str(now["reason"].iloc[0])
    found |= _followed(facts, attained) if len(cost) else {}
    if len(cost) and not facts.is_budget_stated:
        found["budget"] = "no budget is stated (pay.budget_amount): pay at 100 % stands in for it"
    if len(force) and pd.notna(force["best_low_count"].iloc[0]):
        one = force.iloc[0]
        if one["return_share"] > _UNLIKELY:
            found["return"] = (
                f"a return of {100 * one['return_share']:.0f} % rather says that the elasticity is "
                "too high, or the cost of a person too low, than that so many people are missing"
            )
        found["size"] = (
            f"{_scenario(one)}elasticity {one['elasticity']:.2f} ({one['elasticity_basis']}); at "
            f"{one['elasticity_low']:.2f} to {one['elasticity_high']:.2f} the best size is "
            f"{one['best_low_count']} to {one['best_high_count']}; "
            f"margin: {one['margin_share']:.2f}, "
            f"{force['margin_basis'].iloc[0]}; again in years 2 and 3: "
            f"{one['carry_second_share']:.2f} and {one['carry_third_share']:.2f}, "
            f"{one['carry_basis']}"
        )
    return found


def _followed(facts: PlanFacts, attained: Attained | None) -> dict[str, str]:
    """Say how far the sales behind pay are from what people sell at the quotas in force."""
    usual = facts.capacity[1] if facts.capacity else 0.0
    if attained is None or not attained.condition or not usual > 0:
        return {}
    ratio = attained.sales / usual
    if ratio < _FOLLOWED:
        return {}
    return {"sales": f"the sales expected {attained.condition}, are {ratio:.2f} times the median "
            "at the quotas in force; where reps do not follow, attainment and pay are lower than "
            "shown"}  # fmt: skip


def _scenario(one: pd.Series) -> str:
    """Say first that a size with an assumed elasticity is a scenario."""
    if one["verdict"] != SCENARIO:
        return ""
    text = "a scenario, not a finding: nothing tells how sales follow people here; "
    if one["best_low_count"] == one["best_high_count"] and one["best_edge"]:
        edge = "largest" if one["best_edge"] == "high" else "smallest"
        text += f"at every elasticity looked at the best is the {edge} size, so no size follows; "
    return text


def _missing(inputs: PayInputs, shaped: dict[str, pd.DataFrame]) -> dict[str, str]:
    """Say what was not computed, and what would supply it."""
    found: dict[str, str] = {}
    if inputs.pay_plans is None or shaped["pay_curves"].empty:
        found["pay"] = (
            "no usable row in table pay_plans (role, effective_from, base_pay, variable_pay, quota "
            "and terms): no cost of pay"
        )
    elif shaped["pay_cost"].empty:
        found["pay"] = "fewer people than pay.minimum_group have a pay plan: no sum is shown"
    if inputs.attained is None:
        found["attainment"] = (
            "no simulated attainment (quotas are missing): everybody is paid as at 100 %, without "
            "interval"
        )
    total = shaped["force_size"]
    if pd.isna(total["best_count"].iloc[0]):
        found["size by return"] = "; ".join(
            str(total[name].iloc[0])
            for name, value in (("cost_basis", "cost_per_person_amount"),
                                ("margin_basis", "margin_share"), ("sales_basis", "sales_amount"))
            if pd.isna(total[value].iloc[0])
        ) or "nobody is in the roles sized (force_size.roles)"  # fmt: skip
    if pd.isna(total["workload_count"].iloc[0]):
        found["size by workload"] = (
            "workload of accounts (notebook 02) and selling hours (reps.capacity_hours)"
        )
    rules = shaped["plan_rules"]
    for rule, missing in zip(rules["rule"], rules["missing"], strict=True):
        if isinstance(missing, str) and missing:
            found[f"rule {rule.replace('_', ' ')}"] = f"not tested: {missing}"
    return found
