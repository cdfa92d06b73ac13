"""Tests of the cost of pay: convexity, intervals, groups, alternatives, people and managers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planlib.pay import (
    attainment_bands,
    paid_people,
    pay_cost,
    pay_curves,
    pool_small,
    with_planned,
)
from planlib.pay import with_managers as add_managers
from planlib.pay.alternatives import check_alternatives
from planlib.settings.pay import PayAlternative, PaySettings
from planlib.tables import table
from tests.pay_frames import (
    AS_OF,
    YEAR,
    even_attained,
    make_attained,
    make_plans,
    make_reps,
)

PLAIN = PaySettings(alternatives=())


def cost_of(settings: PaySettings = PLAIN, attained=None, reps=None, **terms: object):
    """Cost the six AEs under a plan; the row of all people of the current plan."""
    people = paid_people(make_reps() if reps is None else reps, YEAR, AS_OF)
    people = people[people["role"] == "AE"]
    rows = pay_cost(people, make_plans(terms), attained or even_attained(), settings)
    return rows[(rows["plan"] == "current") & (rows["role_group"] == "all")].iloc[0]


def test_linear_pay_costs_as_much_as_at_mean_attainment() -> None:
    """Six people at 60 or 140 %: 6 x (50 + 50) both ways, to the cent."""
    row = cost_of()
    assert row["cost_amount"] == row["cost_at_mean_amount"] == 600.0
    assert row["convexity_amount"] == 0.0


def test_linear_pay_is_equal_for_any_spread_and_part_of_the_year() -> None:
    """Unequal people and years cut short do not make a straight line bend."""
    rng = np.random.default_rng(5)
    attained = make_attained({f"A{n}": list(rng.gamma(2, 0.5, 40)) for n in range(1, 7)})
    reps = make_reps(*[{"rep_id": f"A{n}", "hire_date": f"2026-0{n}-10"} for n in range(1, 7)])
    row = cost_of(attained=attained, reps=reps)
    assert row["convexity_amount"] == pytest.approx(0.0, abs=0.011)


def test_convex_pay_costs_more_than_at_mean_attainment() -> None:
    """Accelerator 2: payouts 0.6 and 1.8 have mean 1.2; at the mean of 100 % it is 1.0."""
    row = cost_of(accelerator=2.0)
    assert row["cost_at_mean_amount"] == 600.0
    assert row["cost_amount"] == pytest.approx(6 * (50 + 50 * 1.2))
    assert row["convexity_amount"] == pytest.approx(60.0)


def test_a_cap_makes_pay_concave_and_cheaper_than_at_the_mean() -> None:
    """Capped at 100 %: payouts 0.6 and 1.0 have mean 0.8."""
    assert cost_of(cap_share=1.0)["convexity_amount"] == pytest.approx(-60.0)


def test_shares_of_years_and_the_ratio_to_pay_are_counted() -> None:
    """Half of the years are at or above quota, half below a threshold of 70 %, half above 130 %."""
    row = cost_of(threshold_share=0.7, cap_share=1.3)
    assert row[["at_quota_share", "below_threshold_share", "capped_share"]].tolist() == [0.5] * 3
    assert row["quota_pay_ratio"] == 1.0
    assert row["mean_attainment_share"] == 1.0
    assert row["sales_amount"] == 600.0
    assert row["cost_of_sales_share"] == pytest.approx(row["cost_amount"] / 600.0)


def test_the_probability_of_a_cost_above_the_budget_is_that_of_the_sum() -> None:
    """All people move together: cost is 480 or 720; a budget of 700 is exceeded half the time."""
    row = cost_of(PLAIN.model_copy(update={"budget_amount": 700.0}))
    assert row["over_budget_share"] == 0.5
    assert row["budget_basis"] == "stated in plan.yaml"
    assert cost_of(PLAIN.model_copy(update={"budget_amount": 720.0}))["over_budget_share"] == 0.0


def test_without_a_stated_budget_pay_at_quota_stands_in() -> None:
    """The budget is base and variable pay at 100 %, and says so."""
    row = cost_of()
    assert row["budget_amount"] == row["target_pay_amount"] == 600.0
    assert "none is stated" in row["budget_basis"]


def test_a_draw_that_is_not_paid_back_is_a_cost() -> None:
    """Draw 4 a month: at 60 % of 50 earned, 48 - 30 = 18 is owed; a third of it is lost."""
    paid_back = cost_of(draw_amount=4.0)
    lost = cost_of(PLAIN.model_copy(update={"draw_recovered_share": 2 / 3}), draw_amount=4.0)
    assert paid_back["advance_amount"] == pytest.approx(6 * 18 / 2)
    assert paid_back["cost_amount"] == 600.0
    assert lost["cost_amount"] == pytest.approx(600.0 + 6 * 18 / 2 / 3)


def test_people_without_simulation_are_paid_at_quota_and_named() -> None:
    """Two of six have no draws: their pay has no spread."""
    row = cost_of(attained=even_attained(4), accelerator=2.0)
    assert row["simulated_count"] == 4
    assert row["cost_amount"] == pytest.approx(4 * 110 + 2 * 100)
    assert "without simulated attainment" in row["reason"]


def test_no_simulation_gives_pay_at_quota_without_interval() -> None:
    """Cost is that at 100 %; interval and probability are blank, not zero."""
    people = paid_people(make_reps(), YEAR, AS_OF)
    rows = pay_cost(people[people["role"] == "AE"], make_plans(), None, PLAIN)
    row = rows[rows["role_group"] == "all"].iloc[0]
    assert row["cost_amount"] == 600.0
    assert pd.isna(row["cost_low_amount"])
    assert pd.isna(row["over_budget_share"])


def test_an_alternative_is_compared_with_the_current_plan() -> None:
    """Twice the accelerator costs 10 % more here; the budget stays that of today."""
    settings = PaySettings(alternatives=(PayAlternative(name="fast", accelerator=2.0),))
    people = paid_people(make_reps(), YEAR, AS_OF)
    rows = pay_cost(people[people["role"] == "AE"], make_plans(), even_attained(), settings)
    fast = rows[(rows["plan"] == "fast") & (rows["role_group"] == "all")].iloc[0]
    assert fast["cost_change_share"] == pytest.approx(0.1)
    assert fast["budget_amount"] == 600.0
    assert fast["earnings_high_amount"] > fast["earnings_low_amount"]


def test_order_of_people_does_not_matter() -> None:
    """Shuffled reps give the same cost."""
    reps = make_reps()
    people = [paid_people(one, YEAR, AS_OF) for one in (reps, reps.iloc[::-1])]
    first, second = (
        pay_cost(one[one["role"] == "AE"], make_plans(), even_attained(), PLAIN) for one in people
    )
    pd.testing.assert_frame_equal(first, second)


def test_rows_keep_the_contract() -> None:
    """Cost, curves and bands fit their tables."""
    people = paid_people(make_reps(), YEAR, AS_OF)
    settings = PaySettings()
    plans = make_plans({"threshold_share": 0.4, "accelerator": 1.5, "cap_share": 2.0})
    table("pay_cost").check(pay_cost(people, plans, even_attained(), settings))
    table("pay_curves").check(pay_curves(plans, settings.alternatives))
    bands = table("pay_attainment").check(attainment_bands(people, even_attained(), settings))
    assert bands["year_share"].sum() == pytest.approx(1.0)


def test_the_curve_holds_both_sides_of_the_threshold() -> None:
    """Just below the threshold nothing is paid, at it the plain rate."""
    curve = pay_curves(make_plans({"threshold_share": 0.43}))
    near = curve[(curve["attainment_share"] - 0.43).abs() < 1e-9].sort_values("attainment_share")
    assert near["payout_share"].tolist() == [0.0, pytest.approx(0.43)]


def test_small_roles_are_pooled_until_the_pool_is_large_enough() -> None:
    """One SVP and three SDRs take in the smallest other role, so no sum shows one person's pay."""
    found = pool_small({"AE": 20, "manager": 6, "SVP": 1, "SDR": 3}, 5)
    assert found == {"AE": "AE", "manager": "other roles", "SVP": "other roles",
                     "SDR": "other roles"}  # fmt: skip
    assert pool_small({"AE": 20, "SVP": 2, "SDR": 3}, 5)["AE"] == "AE"


def pooled() -> tuple[pd.DataFrame, pd.DataFrame, PaySettings]:
    """Ten AEs, six managers, five BDRs, four SDRs, a head: people, pay plans, settings."""
    sizes = {"AE": 10, "manager": 6, "BDR": 5, "SDR": 4, "SVP": 1}
    people = pd.DataFrame([
        {"rep_id": f"{role}{at}", "role": role, "year_share": 1.0}
        for role, size in sizes.items() for at in range(size)
    ])  # fmt: skip
    return people, make_plans(*({"role": role} for role in sizes)), PLAIN


def test_cost_and_attainment_pool_the_same_roles() -> None:
    """The head is simulated, the SDRs are not: the pool takes in the managers in both tables."""
    people, plans, settings = pooled()
    seen = people[people["role"].isin(["AE", "manager", "SVP"])]
    attained = make_attained({rep: [0.6, 1.4] for rep in seen["rep_id"]})
    cost = pay_cost(people, plans, attained, settings).set_index("role_group")
    assert cost["people_count"].to_dict() == {"AE": 10, "BDR": 5, "other roles": 11, "all": 26}
    assert cost["simulated_count"].to_dict() == {"AE": 10, "BDR": 0, "other roles": 7, "all": 17}
    bands = attainment_bands(people, attained, settings, plans)
    shown = bands.drop_duplicates("role_group").set_index("role_group")["people_count"]
    assert shown.to_dict() == {"AE": 10, "other roles": 7}
    assert shown.to_dict() == cost.loc[list(shown.index), "simulated_count"].to_dict()


def test_a_small_role_without_pay_plan_is_not_shown_beside_the_cost() -> None:
    """The head has no pay plan: a pool with others would differ from that of the cost by one."""
    people, plans, settings = pooled()
    seen = people[people["role"].isin(["AE", "manager", "SVP"])]
    attained = make_attained({rep: [0.6, 1.4] for rep in seen["rep_id"]})
    known = plans[plans["role"] != "SVP"]
    bands = attainment_bands(people, attained, settings, known)
    assert set(bands["role_group"]) == {"AE", "manager"}
    alone = attainment_bands(people, attained, settings)
    assert set(alone["role_group"]) == {"AE", "other roles"}


def test_fewer_people_than_a_group_show_nothing() -> None:
    """Four people in all: no sum at all."""
    assert pool_small({"AE": 3, "SVP": 1}, 5) == {"AE": "", "SVP": ""}
    people = paid_people(make_reps(count=3), YEAR, AS_OF)
    assert pay_cost(people, make_plans(), None, PLAIN).empty


def test_figures_on_attainment_need_as_many_simulated_people() -> None:
    """Six people of whom two are simulated: cost yes, attainment of the two no."""
    row = cost_of(attained=even_attained(2))
    assert row["cost_amount"] == 600.0
    assert pd.isna(row.get("at_quota_share"))
    assert pd.isna(row.get("earnings_low_amount"))


def test_people_are_paid_for_their_part_of_the_year() -> None:
    """Hired on 1 July, left on 31 March, open from the day after the as-of date, gone before."""
    reps = make_reps(
        {"rep_id": "A1", "hire_date": "2026-07-01"}, {"rep_id": "A2", "leave_date": "2026-03-31"},
        {"rep_id": "A3", "hire_date": None, "is_open_seat": True},
        {"rep_id": "A4", "leave_date": "2025-12-31"}, {"rep_id": "A5"},
    )  # fmt: skip
    found = paid_people(reps, YEAR, AS_OF).set_index("rep_id")["year_share"]
    assert found["A1"] == pytest.approx(184 / 365)
    assert found["A2"] == pytest.approx(90 / 365)
    assert found["A3"] == pytest.approx(275 / 365)
    assert "A4" not in found.index
    assert found["A5"] == 1.0


def test_planned_hires_are_paid_from_the_day_they_are_expected() -> None:
    """A planned hire of 1 October and an open seat that is filled on 1 July."""
    reps = make_reps({"rep_id": "A1", "hire_date": None, "is_open_seat": True})
    quotas = pd.DataFrame({
        "rep_id": ["A1", "HP-1"], "role": "AE", "unit": "East", "manager_id": "B",
        "first_date": pd.to_datetime(["2026-07-01", "2026-10-01"]),
    })  # fmt: skip
    found = paid_people(with_planned(reps, quotas), YEAR, AS_OF).set_index("rep_id")["year_share"]
    assert found["A1"] == pytest.approx(184 / 365)
    assert found["HP-1"] == pytest.approx(92 / 365)
    assert with_planned(reps, None) is reps


def test_a_manager_attains_what_the_people_below_attain_together() -> None:
    """Quotas 100 and 300 at 60 and 100 %: 360 / 400 = 90 %; sales are not counted twice."""
    reps = make_reps(count=2)
    attained = make_attained({"A1": [0.6], "A2": [1.0]}, {"A1": 100.0, "A2": 300.0})
    both = add_managers(attained, reps)
    quota, share = both.of(pd.Series(["B", "nobody"]))
    assert quota[0] == 400.0
    assert share[0, 0] == pytest.approx(0.9)
    assert np.isnan(quota[1])
    assert both.sales == pytest.approx(360.0)


def test_a_circle_of_managers_ends() -> None:
    """Two people above each other do not hang the sum."""
    reps = make_reps({"rep_id": "A1", "manager_id": "A2"}, {"rep_id": "A2", "manager_id": "A1"})
    assert add_managers(make_attained({"A1": [1.0]}), reps).of(pd.Series(["A2"]))[0][0] == 100.0


def test_an_alternative_that_does_not_fit_is_named() -> None:
    """A role without a plan, and a threshold above the cap."""
    settings = PaySettings(alternatives=(
        PayAlternative(name="a", roles=("XX",), accelerator=2.0),
        PayAlternative(name="b", threshold_share=0.9),
    ))  # fmt: skip
    found = check_alternatives(make_plans({"cap_share": 0.8}), settings)
    assert found["problem"].tolist() == ["alternative_without_role", "cap_below_threshold"]
    people = paid_people(make_reps(), YEAR, AS_OF)
    assert len(pay_cost(people, make_plans({"cap_share": 0.8}), even_attained(), settings))
