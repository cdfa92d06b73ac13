"""Tests of the terms of a pay plan: what an attainment pays, draws, and wrong rows."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planlib.errors import ParameterError
from planlib.pay import PayTerms, advance_owed, payout_share, plan_in_force, sound_plans
from planlib.pay.terms import later_changes, paid_deal_types, terms_of
from tests.pay_frames import make_plans


def test_the_rate_is_variable_pay_over_quota() -> None:
    """A unit sold up to 100 % pays variable pay / quota."""
    assert PayTerms(variable_pay=60.0, quota=600.0).rate == 0.1


@pytest.mark.parametrize(
    ("attained", "paid"),
    [(0.0, 0.0), (0.49, 0.0), (0.5, 0.5), (1.0, 1.0), (1.5, 2.0), (2.0, 3.0), (9.0, 3.0)],
)
def test_each_part_of_the_curve_pays_what_it_says(attained: float, paid: float) -> None:
    """Nothing below the threshold of 50 %, twice the rate above 100 %, nothing above 200 %."""
    terms = PayTerms(variable_pay=1.0, threshold_share=0.5, accelerator=2.0, cap_share=2.0)
    assert payout_share(np.array([attained]), terms)[0] == pytest.approx(paid)


def test_negative_attainment_pays_nothing() -> None:
    """Returns that outweigh sales cost a person no pay of before."""
    assert payout_share(np.array([-0.5]), PayTerms(variable_pay=1.0))[0] == 0.0


@given(st.lists(st.floats(0, 5), min_size=2, max_size=8), st.floats(1, 3), st.floats(0, 1.2))
def test_more_attainment_never_pays_less(shares: list[float], fast: float, floor: float) -> None:
    """Whatever the terms, payout does not fall with attainment."""
    terms = PayTerms(variable_pay=1.0, threshold_share=floor, accelerator=fast, cap_share=2.5)
    paid = payout_share(np.sort(np.array(shares)), terms)
    assert (np.diff(paid) >= -1e-12).all()


def test_a_draw_is_owed_until_it_is_earned() -> None:
    """An advance of 10 a month for 6 months: who earned 45 owes 15, who earned 80 owes nothing."""
    owed = advance_owed(np.array([45.0, 80.0]), PayTerms(draw_amount=10.0), 6)
    assert owed.tolist() == [15.0, 0.0]


def test_terms_that_no_plan_can_have_are_refused_all_at_once() -> None:
    """Accelerator below zero, quota of zero and a cap below the threshold are named together."""
    with pytest.raises(ParameterError, match="accelerator must be at least 0") as found:
        PayTerms(accelerator=-1.0, quota=0.0, threshold_share=0.5, cap_share=0.4)
    assert "quota must be above 0" in str(found.value)
    assert "cap_share 0.4 is below threshold_share 0.5" in str(found.value)


def test_a_blank_term_does_nothing() -> None:
    """Without threshold, accelerator and cap a plan is a straight line."""
    terms = terms_of(make_plans().to_dict("records")[0])
    assert (terms.threshold_share, terms.accelerator, terms.cap_share) == (0, 1, math.inf)
    assert (terms.base_pay, terms.variable_pay, terms.rate) == (50.0, 50.0, 0.5)


WRONG = [
    ({"quota": 0.0}, "quota_not_above_zero"),
    ({"variable_pay": 0.0}, "rate_not_above_zero"),
    ({"threshold_share": 0.6, "cap_share": 0.5}, "cap_below_threshold"),
    ({"accelerator": -1.0}, "accelerator_below_zero"),
    ({"threshold_share": -0.1}, "threshold_below_zero"),
    ({"variable_pay": None}, "variable_unknown"),
    ({"base_pay": -5.0}, "variable_unknown"),
]


@pytest.mark.parametrize(("change", "problem"), WRONG)
def test_a_wrong_row_is_named_with_its_role_and_day(change: dict, problem: str) -> None:
    """Each fault gives one problem that names the row; what remains can be read."""
    plans, problems = sound_plans(make_plans(change))
    assert problems["problem"].tolist() == [problem]
    assert problems["row"].tolist() == ["AE from 2026-01-01"]
    for row in plans.to_dict("records"):
        terms_of(row)
    assert len(plans) == (0 if problem in ("accelerator_below_zero", "variable_unknown") else 1)


def test_of_two_plans_on_a_date_the_dearest_is_used_and_the_other_named() -> None:
    """The order of rows does not decide which plan counts."""
    rows = make_plans({"base_pay": 40.0}, {"base_pay": 70.0})
    for given_rows in (rows, rows.iloc[::-1]):
        plans, problems = sound_plans(given_rows)
        assert plans["base_pay"].tolist() == [70.0]
        assert problems["problem"].tolist() == ["two_plans_on_a_date"]


def test_the_plan_in_force_is_the_last_that_has_begun() -> None:
    """Before the first plan begins, the first one stands in."""
    rows = make_plans(
        {"effective_from": "2025-01-01", "base_pay": 1.0}, {"base_pay": 2.0},
        {"role": "SE", "effective_from": "2027-01-01", "base_pay": 3.0},
    )  # fmt: skip
    assert plan_in_force(rows, date(2025, 6, 1))["base_pay"].tolist() == [1.0, 3.0]
    assert plan_in_force(rows, date(2026, 1, 1))["base_pay"].tolist() == [2.0, 3.0]


def test_a_plan_that_changes_later_in_the_year_is_named() -> None:
    """The cost of the year rests on the plan of the as-of date."""
    rows = make_plans({}, {"effective_from": "2026-07-01"}, {"effective_from": "2027-01-01"})
    found = later_changes(rows, date(2026, 3, 31), date(2026, 12, 31))
    assert found["row"].tolist() == ["AE from 2026-07-01"]


def test_deal_types_are_read_and_unknown_words_named() -> None:
    """A word that is no deal type does not count."""
    kinds, problems = paid_deal_types(
        make_plans({"deal_types": "new; expansion ;upsell"}, {"role": "SE"})
    )
    assert kinds == {"AE": frozenset({"new", "expansion"})}
    assert problems["value"].tolist() == ["new; expansion ;upsell"]
