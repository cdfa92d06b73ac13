"""Tests of the whole call: tables in shape, each missing table, order of rows, quotas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from planlib.errors import TableError
from planlib.pay import (
    PayInputs,
    PayReview,
    PayRules,
    pay_inputs,
    pay_rules,
    review_pay,
    simulated,
    with_quotas,
)
from planlib.pay.quoted import condition_words
from planlib.pay.review import RESULTS
from planlib.plan import Plan
from planlib.quotas import AttainmentSpread
from planlib.settings.quotas import QuotasSettings
from planlib.tables import table
from tests.pay_frames import (
    AS_OF,
    YEAR,
    even_attained,
    make_deals,
    make_milestones,
    make_plans,
    make_releases,
    make_reps,
    make_territories,
)

RULES = pay_rules(Plan(), budget_amount=900.0)


def make_inputs() -> PayInputs:
    """Give everything that the sections can use."""
    territories = make_territories()
    return PayInputs(
        reps=make_reps(), pay_plans=make_plans({"deal_types": "new"}),
        opportunities=make_deals({}, {"close_date": "2025-02-01"}, {"close_date": "2024-02-01"}),
        products=pd.DataFrame({"product_id": ["P1"], "margin_share": [0.5]}),
        territories=territories,
        segments=territories.assign(segment="Big", unit="East"),
        segment_profile=pd.DataFrame({
            "cut": ["segment"], "cut_value": ["Big"], "people_share": [1.0], "goal_share": [1.0],
            "goal_basis": ["potential"],
        }),
        territory_response=pd.DataFrame({"elasticity": [0.4], "assumptions": ["fitted"]}),
        attained=even_attained(), target_amount=600.0, capacity=(500.0, 610.0, 700.0),
        milestones=make_milestones({"milestone": "a", "due_date": "2026-05-01"}),
        releases=make_releases(territories="released", quotas="released", pay="released"),
    )  # fmt: skip


def review(inputs: PayInputs, rules: PayRules = RULES) -> PayReview:
    """Review pay of the made-up people."""
    return review_pay(inputs, rules, YEAR, AS_OF)


@pytest.fixture(scope="module")
def full() -> PayReview:
    """The review with everything at hand."""
    return review(make_inputs())


def test_every_table_keeps_its_contract(full: PayReview) -> None:
    """All tables of the sections are there, in shape, with unlike keys."""
    assert tuple(full.tables) == RESULTS
    for name, frame in full.tables.items():
        table(name).check(frame)


def test_plans_that_agree_are_released(full: PayReview) -> None:
    """No contradiction, three releases: released, and the headlines say so."""
    assert full.tables["plan_contradictions"].empty
    assert full.tables["plan_releases"]["state"].tolist() == ["released"] * 3
    words = " ".join(full.notes("headline"))
    assert "no contradiction between territories, quotas and pay" in words
    assert "territories released, quotas released, pay released" in words
    assert full.definitions("late") == ["late: past the due date on the as-of date and not done"]


def test_pay_says_at_which_quotas_and_that_no_budget_is_stated(full: PayReview) -> None:
    """Without a budget none is exceeded; sales of the plan's quotas are told from today's."""
    inputs = make_inputs()
    assert inputs.attained is not None
    condition = condition_words(0.5)
    given = replace(
        inputs, attained=replace(inputs.attained, condition=condition),
        capacity=(1.0, inputs.attained.sales / 2, inputs.attained.sales),
    )  # fmt: skip
    found = review(given, pay_rules(Plan()))
    line = next(text for text in found.notes("headline") if text.startswith("pay"))
    assert line.endswith("all this at the quotas of the plan, if sales follow higher quotas with "
                         "an exponent of 0.5")  # fmt: skip
    assert "the budget" not in line
    assert "no budget is stated; it exceeds pay at 100 % with probability" in line
    assert any("2.00 times the median at the quotas in force" in one
               for one in found.notes("caution"))  # fmt: skip
    assert "all this" not in " ".join(full.notes("headline"))
    stated = review(given, pay_rules(Plan(), budget_amount=1.0e6))
    assert any("exceeds the budget with probability" in one for one in stated.notes("headline"))


def test_no_sum_of_pay_stands_in_the_notes(full: PayReview) -> None:
    """Notes go to audiences that may not see pay."""
    cost = full.tables["pay_cost"]
    text = " ".join(full.tables["pay_notes"]["note"])
    for name in ("cost_amount", "budget_amount", "base_amount"):
        for value in cost[name].dropna():
            assert f"{value:,.0f}" not in text


MISSING = [
    ({"pay_plans": None}, "pay: no usable row in table pay_plans"),
    ({"attained": None}, "attainment: no simulated attainment"),
    ({"products": None}, "size by return"),
    ({"segments": None}, "size by workload"),
    ({"territories": None}, "rule quota above potential"),
    ({"target_amount": None}, "rule quotas below target"),
    ({"capacity": None}, "rule capacity below target"),
    ({"segment_profile": None}, "rule people against goal"),
    ({"opportunities": None}, "rule pay ignores need"),
]


@pytest.mark.parametrize(("change", "words"), MISSING)
def test_a_missing_table_is_named_and_the_rest_computed(change: dict[str, Any], words: str) -> None:
    """Without one input the sections that need it say so; nothing else falls away."""
    found = review(replace(make_inputs(), **change))
    assert any(line.startswith(words) for line in found.notes("missing"))
    assert len(found.tables["plan_rules"]) == 17
    assert len(found.tables["planning_timeline"]) == 1


@pytest.mark.parametrize("name", ["territory_response", "milestones", "releases"])
def test_tables_with_a_stand_in_leave_no_hole(name: str) -> None:
    """Assumed elasticity, proposed milestones, drafts."""
    found = review(replace(make_inputs(), **{name: None}))
    assert len(found.tables["force_size"]) == 2
    assert found.tables["force_size"]["verdict"].iloc[0] != "not known"
    assert len(found.tables["plan_releases"]) == 3


def test_reps_alone_give_a_timeline_and_the_rules() -> None:
    """Nothing but people: no cost, no size, but what is missing is named."""
    found = review(PayInputs(reps=make_reps()))
    assert found.tables["pay_cost"].empty
    assert len(found.notes("missing")) >= 10
    assert found.tables["planning_timeline"]["state"].eq("proposed").all()


def test_order_of_rows_does_not_matter(full: PayReview) -> None:
    """Shuffled tables give the same results."""
    inputs = make_inputs()
    mixed = replace(inputs, **{
        name: getattr(inputs, name).iloc[::-1]
        for name in ("reps", "pay_plans", "opportunities", "territories", "segments", "releases")
    })  # fmt: skip
    for name, frame in review(mixed).tables.items():
        pd.testing.assert_frame_equal(frame, full.tables[name], obj=name)


def test_bad_rows_of_every_kind_stand_in_one_table() -> None:
    """Pay plan, role without plan, milestone and release are named with their rows."""
    reps = make_reps(*[{"rep_id": f"A{n}"} for n in range(1, 7)], {"rep_id": "S1", "role": "SDR"})
    inputs = replace(
        make_inputs(), reps=reps, pay_plans=make_plans({"quota": 0.0, "deal_types": "gift"}),
        milestones=make_milestones({"milestone": "a", "due_date": "2026-05-01", "owner": None}),
        releases=make_releases(pay="released").assign(who=""),
    )  # fmt: skip
    found = review(inputs)
    problems = found.tables["pay_problems"]
    assert set(problems["problem"]) == {
        "quota_not_above_zero", "deal_type_unknown", "role_without_plan",
        "milestone_without_owner", "release_by_nobody",
    }  # fmt: skip
    assert problems.loc[problems["problem"] == "role_without_plan", "row"].tolist() == [
        "SDR", "manager",
    ]  # fmt: skip
    assert "6 rows to look at" in " ".join(found.notes("caution"))


def test_a_return_beyond_belief_is_questioned() -> None:
    """Cheap people who sell much: the caution points at the elasticity."""
    plans = make_plans({"base_pay": 0.01, "variable_pay": 0.01})
    found = review(replace(make_inputs(), pay_plans=plans))
    assert any(line.startswith("return: a return of") for line in found.notes("caution"))


def test_inputs_are_taken_from_the_tables_at_hand() -> None:
    """Owners of segments stand in for the territory plan; reps are needed."""
    segments = pd.DataFrame({
        "account_id": ["C1"], "owner_id": ["A1"], "potential": [5.0], "workload_hours": [1.0],
    })  # fmt: skip
    found = pay_inputs({"reps": make_reps(), "segments": segments})
    assert found.territories is not None
    assert found.territories["rep_id"].tolist() == ["A1"]
    planned = pay_inputs({"reps": make_reps(), "territory_plan": make_territories()})
    assert planned.territories is not None
    assert len(planned.territories) == 6
    with pytest.raises(TableError, match="pay and the check of the plans need it"):
        pay_inputs({})


def make_quotas(**changes: Any) -> pd.DataFrame:
    """Make table ``quotas`` of two people and a planned hire who sells nothing yet."""
    rows = {
        "rep_id": ["A1", "A2", "HP-1"], "role": "AE", "unit": "East", "manager_id": "B",
        "kind": ["rep", "rep", "planned hire"],
        "first_date": pd.to_datetime([None, None, "2026-12-01"]),
        "ramped_quota_amount": [100.0, 50.0, 0.0], "quota_amount": [120.0, 60.0, 0.0],
    }  # fmt: skip
    return table("quotas").coerce(pd.DataFrame({**rows, **changes}))


def quota_tables(quotas: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Make the tables of the quotas that pay takes over."""
    street = pd.DataFrame({
        "quota_set": ["in force", "plan"], "target_amount": 150.0, "attained_low": [90.0, 0.0],
        "attained_amount": [100.0, 0.0], "attained_high": [110.0, 0.0],
    })  # fmt: skip
    return {
        "quotas": quotas, "quota_street": table("quota_street").coerce(street),
        "capacity_alignment": table("capacity_alignment").empty(),
    }  # fmt: skip


def test_quotas_capacity_and_target_are_taken_over() -> None:
    """Capacity is ramped quota x 180 / 150; the interval is that of the quotas in force."""
    quotas = make_quotas()
    spread = AttainmentSpread(level={}, default_level=0.8, rep_cv=0.4, common_cv=0.1)
    settings = QuotasSettings(simulations=500)
    drawn = simulated(quotas, spread, settings, seed=3)
    assert drawn is not None
    assert drawn.share.shape == (2, 500)
    again = simulated(quotas.iloc[::-1], spread, settings, seed=3)
    assert again is not None
    assert (again.share == drawn.share).all()
    inputs = with_quotas(PayInputs(reps=make_reps(count=2)), quota_tables(quotas), drawn)
    assert inputs.quotas is not None
    assert inputs.quotas["capacity_amount"].tolist() == [120.0, 60.0, 0.0]
    assert inputs.capacity == (90.0, 100.0, 110.0)
    assert inputs.target_amount == 150.0
    found = review(replace(inputs, pay_plans=make_plans()))
    held = found.tables["plan_contradictions"]
    assert "capacity_below_target" in set(held["rule"])


def test_without_quotas_of_the_plan_those_of_the_crm_stay() -> None:
    """No target, no quotas: the yearly quotas of reps are checked."""
    empty = table("quotas").empty()
    spread = AttainmentSpread(level={}, default_level=0.8, rep_cv=0.4, common_cv=0.1)
    assert simulated(empty, spread, QuotasSettings(), seed=1) is None
    tables = {**quota_tables(empty), "quota_street": table("quota_street").empty()}
    inputs = with_quotas(PayInputs(reps=make_reps()), tables, None)
    assert inputs.quotas is None
    assert review(inputs).tables["plan_rules"].set_index("rule").loc[
        "quota_above_potential", "tested_count"
    ] == 0  # fmt: skip
