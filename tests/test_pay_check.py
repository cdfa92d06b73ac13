"""Tests of the check of territories, quotas and pay: each rule finds what it should alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from planlib.pay import PlanFacts, check_plans, people_facts, segment_alignment
from planlib.pay.facts import leader_of, sold_by_type
from planlib.pay.inputs import pay_rules
from planlib.plan import Plan
from planlib.settings.pay import RULES, PlanCheckSettings
from planlib.tables import table
from tests.pay_frames import (
    AS_OF,
    YEAR,
    even_attained,
    make_deals,
    make_plans,
    make_reps,
    make_territories,
)

SETTINGS = PlanCheckSettings()


def make_facts(
    reps: pd.DataFrame | None = None,
    quotas: pd.DataFrame | None = None,
    territories: pd.DataFrame | None = None,
    plans: pd.DataFrame | None = None,
    **changes: Any,
) -> PlanFacts:
    """Put six AEs with quota 100, capacity 120, potential 300 and a pay plan side by side."""
    reps = make_reps() if reps is None else reps
    if quotas is None:
        mine = reps[reps["role"] == "AE"]
        quotas = pd.DataFrame({
            "rep_id": mine["rep_id"], "quota_amount": 100.0, "capacity_amount": 120.0,
        })  # fmt: skip
    people = people_facts(
        reps, YEAR, AS_OF, quotas=quotas,
        territories=make_territories() if territories is None else territories,
        plans=make_plans() if plans is None else plans, attained=even_attained(),
    )  # fmt: skip
    return PlanFacts(people=people, leader="Lea", **changes)


def found_by(facts: PlanFacts, rule: str, settings: PlanCheckSettings = SETTINGS) -> pd.DataFrame:
    """Give what a rule found; no other rule may find anything."""
    found, _ = check_plans(facts, settings)
    if len(found):
        assert set(found["rule"]) <= {rule}
        table("plan_contradictions").check(found)
    return found


def test_plans_that_agree_give_no_contradiction() -> None:
    """Six people whose plans fit: nothing is found, rules are counted as tested."""
    found, rules = check_plans(
        make_facts(target=600.0, capacity=(600.0, 720.0, 800.0),
                   pay={"cost": 590.0, "budget": 600.0, "over": 0.1}), SETTINGS,
    )  # fmt: skip
    assert found.empty
    checked = table("plan_rules").check(rules)
    assert checked["rule"].tolist() == list(RULES)
    tested = checked.set_index("rule")["tested_count"]
    assert tested["quota_above_potential"] == 6
    assert checked.set_index("rule").loc["pay_ignores_need", "missing"].startswith("pay_plans")


def test_rules_say_their_limit_and_no_key_of_the_plan() -> None:
    """Managers read what a rule finds: with its figure, not with the name of a setting."""
    settings = PlanCheckSettings(capacity_tolerance=0.2, share_gap=0.15, over_budget_share=0.4)
    meaning = check_plans(make_facts(), settings)[1].set_index("rule")["meaning"]
    assert list(meaning.index) == list(RULES)
    assert meaning.str.len().min() > 20
    assert not meaning.str.contains("_").any()
    assert "more than 20 % above" in meaning["quota_above_capacity"]
    assert "15 percentage points" in meaning["people_against_goal"]
    assert "more than 40 %" in meaning["pay_above_budget"]


def quotas_of(**changes: float) -> pd.DataFrame:
    """Make quotas of 100 and capacity of 120 for six AEs, changed by person."""
    names = [f"A{n}" for n in range(1, 7)]
    return pd.DataFrame({
        "rep_id": names, "quota_amount": [changes.get(one, 100.0) for one in names],
        "capacity_amount": [changes.get(f"{one}_capacity", 120.0) for one in names],
    })  # fmt: skip


def test_a_quota_above_potential_blocks() -> None:
    """Quota 100 in a territory of potential 80: 1.25 times, with both figures."""
    rows = make_territories(*[
        {"account_id": f"C{n}", "rep_id": f"A{n}", "potential": 80.0 if n == 1 else 300.0}
        for n in range(1, 7)
    ])  # fmt: skip
    found = found_by(make_facts(territories=rows), "quota_above_potential")
    assert found["subject"].tolist() == ["A1"]
    assert found["ratio"].tolist() == [1.25]
    assert found["severity"].tolist() == ["blocks"]
    assert found["owner"].tolist() == ["Bea"]
    assert "1.25 times" in found["statement"].iloc[0]


def test_unknown_potential_only_warns() -> None:
    """Where an account has no known potential, the sum is a lower bound."""
    rows = make_territories(
        *[{"account_id": f"C{n}", "rep_id": f"A{n}"} for n in range(2, 7)],
        {"account_id": "C1", "rep_id": "A1", "potential": 80.0},
        {"account_id": "C7", "rep_id": "A1", "potential": np.nan},
    )  # fmt: skip
    found = found_by(make_facts(territories=rows), "quota_above_potential")
    assert found["severity"].tolist() == ["warns"]
    assert "1 of them without known potential" in found["statement"].iloc[0]


def test_a_quota_above_capacity_is_found_beyond_the_tolerance() -> None:
    """111 against 100 is more than 10 %, 110 is not."""
    quotas = quotas_of(A1=111.0, A1_capacity=100.0, A2=110.0, A2_capacity=100.0)
    found = found_by(make_facts(quotas=quotas), "quota_above_capacity")
    assert found["subject"].tolist() == ["A1"]


def test_accounts_of_somebody_without_ramped_capacity_block() -> None:
    """A hire who is not ramped in the year holds accounts and a quota."""
    found = found_by(make_facts(quotas=quotas_of(A3_capacity=0.0)), "seat_without_capacity")
    assert found["subject"].tolist() == ["A3"]
    assert found["severity"].tolist() == ["blocks"]


def test_without_capacity_an_open_seat_with_accounts_warns() -> None:
    """Nobody knows when it is filled."""
    reps = make_reps(*[{"rep_id": f"A{n}", "is_open_seat": n == 2} for n in range(1, 7)])
    quotas = quotas_of().drop(columns="capacity_amount")
    found = found_by(make_facts(reps=reps, quotas=quotas), "seat_without_capacity")
    assert found["subject"].tolist() == ["A2"]
    assert found["severity"].tolist() == ["warns"]


def test_accounts_of_people_who_are_gone_block() -> None:
    """One has left, one is not among the reps."""
    reps = make_reps(*[
        {"rep_id": f"A{n}", "leave_date": "2026-02-01" if n == 1 else None} for n in range(1, 7)
    ])  # fmt: skip
    rows = make_territories(*[
        {"account_id": f"C{n}", "rep_id": f"A{n}" if n < 7 else "ghost"} for n in range(1, 8)
    ])  # fmt: skip
    found = found_by(make_facts(reps=reps, territories=rows), "owner_gone")
    assert found["subject"].tolist() == ["A1", "ghost"]


def test_accounts_without_quota_and_quota_without_accounts() -> None:
    """A1 owns and has no quota; A2 has a quota and owns nothing."""
    quotas = quotas_of().iloc[1:]
    found = found_by(make_facts(quotas=quotas), "accounts_without_quota")
    assert found["subject"].tolist() == ["A1"]
    rows = make_territories(*[
        {"account_id": f"C{n}", "rep_id": f"A{n}"} for n in (1, 3, 4, 5, 6)
    ])  # fmt: skip
    other = found_by(make_facts(territories=rows), "quota_without_accounts")
    assert other["subject"].tolist() == ["A2"]


def test_more_work_than_hours_is_found() -> None:
    """1,251 hours for a person of 1,000 is more than 25 % too many, 1,250 is not."""
    rows = make_territories(*[
        {"account_id": f"C{n}", "rep_id": f"A{n}", "workload_hours": 1249.0 + n} for n in (1, 2)
    ], *[{"account_id": f"C{n}", "rep_id": f"A{n}"} for n in range(3, 7)])  # fmt: skip
    found = found_by(make_facts(territories=rows), "hours_above_capacity")
    assert found["subject"].tolist() == ["A2"]


def test_quotas_that_are_not_those_of_the_pay_plan_are_counted_by_role() -> None:
    """Pay rests on 100, quotas are 130, 130 and 4 x 100: 2 of 6, mean 110."""
    quotas = quotas_of(A1=130.0, A2=130.0, A1_capacity=150.0, A2_capacity=150.0)
    found = found_by(make_facts(quotas=quotas), "quota_not_of_pay_plan")
    assert found["subject"].tolist() == ["AE"]
    assert "2 of 6 quotas" in found["statement"].iloc[0]
    assert found["ratio"].iloc[0] == pytest.approx(1.1)
    assert found["owner"].tolist() == ["Lea"]


def test_a_role_with_quotas_and_no_pay_plan_blocks() -> None:
    """The only plan is that of another role."""
    found = found_by(make_facts(plans=make_plans({"role": "SE"})), "no_pay_plan")
    assert found["subject"].tolist() == ["AE"]
    assert "6 people" in found["statement"].iloc[0]


def test_thresholds_and_caps_that_many_years_meet_are_named() -> None:
    """Half of the years are at 60 %, below a threshold of 70 %; half above a cap of 130 %."""
    low = found_by(
        make_facts(plans=make_plans({"threshold_share": 0.7})), "rarely_reaches_threshold"
    )
    assert "50 % of their simulated years" in low["statement"].iloc[0]
    high = found_by(make_facts(plans=make_plans({"cap_share": 1.3})), "often_capped")
    assert high["first_value"].tolist() == [0.5]


def test_a_pay_plan_that_ignores_what_the_unit_sells_is_found() -> None:
    """80 % renewals in a unit whose plan pays new business only; few deals are not judged."""
    sold = pd.DataFrame({
        "role": "AE", "unit": ["East", "East", "West"], "deal_type": ["renewal", "new", "renewal"],
        "amount": [80.0, 20.0, 50.0], "deals": [6, 2, 4],
    })  # fmt: skip
    facts = make_facts(sold=sold, paid_types={"AE": frozenset({"new"})},
                       long_term={"AE": ("renewal_rate",)})  # fmt: skip
    found = found_by(facts, "pay_ignores_need")
    assert found["subject"].tolist() == ["AE, East"]
    assert "80 % of what they won" in found["statement"].iloc[0]
    paid = make_facts(sold=sold, paid_types={"AE": frozenset({"new", "renewal"})})
    assert found_by(paid, "pay_ignores_need").empty


def test_pay_for_new_business_alone_is_found_where_nothing_else_counts() -> None:
    """A fifth is renewals; a paid renewal, a long-term metric or too few deals say nothing."""
    sold = pd.DataFrame({
        "role": "AE", "unit": "East", "deal_type": ["renewal", "new"], "amount": [20.0, 80.0],
        "deals": [6, 9],
    })  # fmt: skip
    new_alone = {"AE": frozenset({"new"})}
    found = found_by(make_facts(sold=sold, paid_types=new_alone), "pay_for_now_alone")
    assert found["subject"].tolist() == ["AE"]
    assert found["severity"].tolist() == ["warns"]
    assert found["first_value"].tolist() == [0.2]
    assert "20 % of what the role won" in found["statement"].iloc[0]
    watched = {"AE": ("renewal_rate",)}
    kept = {"AE": frozenset({"new", "renewal"})}
    few = sold.assign(deals=[4, 9])
    for facts in (
        make_facts(sold=sold, paid_types=new_alone, long_term=watched),
        make_facts(sold=sold, paid_types=kept),
        make_facts(sold=few, paid_types=new_alone),
    ):
        assert found_by(facts, "pay_for_now_alone").empty


def test_long_term_metrics_come_from_the_trees_of_the_plan() -> None:
    """What plan.yaml watches for a role reaches the check."""
    tree = {"role": "AE", "drivers": [{"name": "People", "metric": "headcount"}],
            "long_term": ["renewal_rate"]}  # fmt: skip
    plan = Plan.model_validate({"team_people": {"kpi_trees": [tree]}})
    assert pay_rules(plan).long_term == {"AE": ("renewal_rate",)}


def test_pay_above_a_stated_budget_blocks_and_a_risk_of_it_warns() -> None:
    """Expected 610 of 600 blocks; expected 590 that is exceeded in 4 of 10 years warns."""
    over = make_facts(pay={"cost": 610.0, "budget": 600.0, "over": 0.6}, is_budget_stated=True)
    assert found_by(over, "pay_above_budget")["severity"].tolist() == ["blocks"]
    risk = make_facts(pay={"cost": 590.0, "budget": 600.0, "over": 0.4}, is_budget_stated=True)
    row = found_by(risk, "pay_above_budget")
    assert row["severity"].tolist() == ["warns"]
    assert "probability 40 %" in row["statement"].iloc[0]
    stand_in = make_facts(pay={"cost": 610.0, "budget": 600.0, "over": 0.6})
    assert found_by(stand_in, "pay_above_budget")["severity"].tolist() == ["warns"]


def test_quotas_and_capacity_below_the_target() -> None:
    """Quotas add up to 600; the median of capacity is 590."""
    assert found_by(make_facts(target=600.0), "quotas_below_target").empty
    row = found_by(make_facts(target=601.0), "quotas_below_target").iloc[0]
    assert (row["first_value"], row["second_value"]) == (600.0, 601.0)
    low = make_facts(target=600.0, capacity=(500.0, 590.0, 650.0))
    assert "the median" in found_by(low, "capacity_below_target")["statement"].iloc[0]
    lower = make_facts(target=600.0, capacity=(500.0, 550.0, 590.0))
    assert "even the upper end" in found_by(lower, "capacity_below_target")["statement"].iloc[0]


def profile_of(**goals: float) -> pd.DataFrame:
    """Make the segment rows of ``segment_profile``."""
    return pd.DataFrame({
        "cut": "segment", "cut_value": list(goals), "goal_amount": np.nan,
        "goal_share": list(goals.values()), "goal_basis": "potential", "people_share": 0.5,
    })  # fmt: skip


def test_a_segment_with_other_share_of_people_than_of_the_goal_is_named() -> None:
    """50 % of the people for 70 % of the goal; without capacity, owners by workload stand in."""
    alignment = segment_alignment(None, profile_of(Big=0.7, Small=0.45))
    found = found_by(make_facts(alignment=alignment), "people_against_goal")
    assert found["subject"].tolist() == ["Big"]
    assert "owners by workload" in found["statement"].iloc[0]
    assert "70 % of the goal" in found["statement"].iloc[0]


def test_ramped_capacity_by_segment_wins_over_owners() -> None:
    """The table of this step counts where it has the segments."""
    table_rows = pd.DataFrame({
        "cut": ["segment", "segment", "unit"], "cut_value": ["Small", "Big", "East"],
        "capacity_share": [0.4, 0.6, 1.0], "goal_share": [0.1, 0.9, 1.0], "goal_basis": "targets",
    })  # fmt: skip
    found = segment_alignment(table_rows, profile_of(Big=0.7, Small=0.3))
    assert found["segment"].tolist() == ["Big", "Small"]
    assert found["gap_share"].round(9).tolist() == [-0.3, 0.3]
    assert found["basis"].eq("ramped capacity").all()
    assert segment_alignment(None, None).empty


def test_settings_decide_what_blocks() -> None:
    """A rule that is not on the list only warns."""
    mild = PlanCheckSettings(blocking=())
    found = found_by(make_facts(target=601.0), "quotas_below_target", mild)
    assert found["severity"].tolist() == ["warns"]


def test_order_of_rows_does_not_matter() -> None:
    """Shuffled quotas, accounts and reps give the same contradictions."""
    quotas = quotas_of(A1=111.0, A1_capacity=100.0, A4=140.0, A4_capacity=100.0)
    one, _ = check_plans(make_facts(quotas=quotas), SETTINGS)
    other, _ = check_plans(
        make_facts(reps=make_reps().iloc[::-1], quotas=quotas.iloc[::-1],
                   territories=make_territories().iloc[::-1]), SETTINGS,
    )  # fmt: skip
    assert one["subject"].tolist() == ["A1", "A4", "AE"]
    pd.testing.assert_frame_equal(one, other)


def test_people_alone_leave_every_other_rule_untested() -> None:
    """Without quotas, territories and pay plans each rule says what it needs."""
    reps = make_reps(*[{"rep_id": f"A{n}", "quota": None} for n in range(1, 4)])
    facts = PlanFacts(people=people_facts(reps, YEAR, AS_OF))
    found, rules = check_plans(facts, SETTINGS)
    assert found.empty
    assert (rules["missing"] != "").sum() >= 14
    assert rules.loc[rules["missing"] != "", "tested_count"].eq(0).all()


def test_the_quota_of_the_crm_stands_in_for_a_planned_one() -> None:
    """Without quotas of the plan, reps.quota counts."""
    assert people_facts(make_reps(), YEAR, AS_OF)["quota"].sum() == 600.0


def test_what_roles_sold_is_summed_by_unit_and_deal_type() -> None:
    """Deals of twelve months by the owner's role; one of an unknown owner is left out."""
    deals = make_deals(
        {"amount": 0.1}, {"amount": 0.2}, {"deal_type": "renewal"}, {"owner_id": "nobody"},
        {"close_date": "2024-01-01"}, {"is_won": False},
    )  # fmt: skip
    found = sold_by_type(make_reps(), deals, AS_OF).set_index("deal_type")
    assert found.loc["new", ["amount", "deals"]].tolist() == [0.3, 2]
    assert found.loc["renewal", "amount"] == 100.0


def test_the_leader_is_the_top_with_most_people_below() -> None:
    """Nobody without a manager above others: blank."""
    assert leader_of(make_reps()) == "Bea"
    assert leader_of(make_reps().assign(manager_id=None)) == ""
