"""Tests of the size of the sales force: known answer, brute force, evidence, workload beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planlib.pay import (
    ForceBasis,
    ReturnTerms,
    SalesResponse,
    people_elasticity,
    repeat_share,
    size_by_return,
    size_force,
    sold_margin,
)
from planlib.pay.evidence import CarryOver, Figure, is_assumed
from planlib.settings.pay import ForceSizeSettings
from planlib.tables import table
from tests.pay_frames import AS_OF, make_deals

SETTINGS = ForceSizeSettings()


def test_the_known_answer_of_the_literature() -> None:
    """C 200,000, M 0.7, I 600,000, K2 0.7, K3 0.5: B 285,714, ratio 2.10, return 362 %."""
    terms = ReturnTerms(cost=200_000, margin_share=0.7, carry_over=(0.7, 0.5))
    assert round(terms.break_even) == 285_714
    assert round(terms.ratio(600_000), 2) == 2.10
    assert round(100 * float(terms.three_year_return(600_000))) == 362


@pytest.mark.parametrize(("cost", "margin"), [(0.0, 0.5), (100.0, 0.0), (-1.0, 0.5)])
def test_a_cost_or_margin_of_nothing_is_refused(cost: float, margin: float) -> None:
    """Nothing would pay for it, or everything."""
    with pytest.raises(ValueError, match="must be above 0"):
        ReturnTerms(cost=cost, margin_share=margin)


def sized(people: float = 20.0, *, widest: float = 3.0, cost: float = 40.0, flat: float = 0.05):
    """Size a force with sales 1,600, elasticity 0.5 and margin 1."""
    return size_by_return(
        SalesResponse(people=people, sales=1600.0, elasticity=0.5),
        ReturnTerms(cost=cost, margin_share=1.0), widest=widest, flat_share=flat,
        right_return=(-0.2, 0.2),
    )  # fmt: skip


def test_the_best_size_is_that_of_the_first_order_condition() -> None:
    """1600 x 0.5 / sqrt(20 n) = 40 gives n = 20; the sizes nearly as good are found by hand."""
    answer = sized()
    assert answer.best == 20
    profit = {n: 1600 * (n / 20) ** 0.5 - 40 * n for n in range(6, 61)}
    near = [n for n, value in profit.items() if value >= 0.95 * profit[20]]
    assert answer.flat == (min(near), max(near))
    assert answer.edge == ""


def test_the_last_person_brings_less_the_more_there_are() -> None:
    """Incremental sales fall with headcount, and so does the return."""
    curve = sized().curve
    assert (np.diff(curve["incremental_amount"]) < 0).all()
    assert (np.diff(curve["return_share"]) < 0).all()
    assert curve.loc[curve["is_current"], "head_count"].tolist() == [20]
    first = curve["head_count"].min()
    assert curve["sales_amount"].iloc[0] == pytest.approx(1600 * (first / 20) ** 0.5)


def test_a_best_size_at_the_edge_of_what_is_looked_at_is_said() -> None:
    """Cheap people pay beyond twice today's size, dear ones not even half of it."""
    assert (sized(widest=2.0, cost=5.0).edge, sized(widest=2.0, cost=5.0).best) == ("high", 40)
    assert sized(widest=2.0, cost=400.0).edge == "low"


def test_sizes_with_a_right_return_are_those_of_the_limits() -> None:
    """Return of the last person between -20 and 20 %, by brute force."""
    last = {n: 1600 * ((n / 20) ** 0.5 - ((n - 1) / 20) ** 0.5) for n in range(6, 61)}
    right = [n for n, value in last.items() if -0.2 <= (value - 40) / 40 <= 0.2]
    assert sized().right == (min(right), max(right))


def test_a_large_force_keeps_a_short_curve() -> None:
    """Ten thousand people: at most about 100 rows, exact numbers all the same."""
    answer = sized(people=10_000.0, cost=0.08)
    assert len(answer.curve) < 200
    assert answer.best == 10_000


def make_basis(**changes: object) -> ForceBasis:
    """Make ten people in two units who sell 100 each, with accounts of 1,000 hours each."""
    people = pd.DataFrame({
        "unit": ["East"] * 6 + ["West"] * 4, "year_share": 1.0, "sales": 100.0,
    })  # fmt: skip
    accounts = pd.DataFrame({
        "unit": ["East", "East", "North"], "workload_hours": [2000.0, 2000.0, 500.0],
        "potential": [400.0, 10.0, np.nan],
    })  # fmt: skip
    given = {
        "people": people, "sales_basis": "made up", "elasticity": 0.5,
        "elasticity_basis": "stated", "cost": Figure(30.0, "stated"),
        "margin": Figure(0.5, "stated"), "carry": CarryOver(0.2, 0.0, "stated"),
        "hours": Figure(1000.0, "stated"), "accounts": accounts,
    } | changes  # fmt: skip
    return ForceBasis(**given)  # type: ignore[arg-type]


def test_both_methods_stand_in_one_row_with_what_explains_them() -> None:
    """East: 4,000 hours / 1,000 = 4 people; 2,000 of them for a potential that does not pay."""
    force, curve = size_force(make_basis(), SETTINGS)
    east = force.set_index("cut_value").loc["East"]
    assert east["workload_count"] == 4.0
    assert east["poor_hours_share"] == 0.5  # 10 x 0.5 < 2000 x 30 / 1000
    assert east["break_even_amount"] == 60.0
    more = 600 * ((7 / 6) ** 0.5 - 1)
    assert east["incremental_amount"] == pytest.approx(more)
    assert east["return_share"] == pytest.approx((0.6 * more - 30) / 30)
    assert "4.0 people" in east["explanation"]
    table("force_size").check(force)
    table("force_size_curve").check(curve)


def test_a_unit_without_people_shows_its_work_alone() -> None:
    """North has accounts and nobody: the work is there, the return is not known."""
    force, _ = size_force(make_basis(), SETTINGS)
    north = force.set_index("cut_value").loc["North"]
    assert north["verdict"] == "not known"
    assert north["workload_count"] == 0.5
    assert "by workload alone" in north["explanation"]


@pytest.mark.parametrize(
    ("change", "words"),
    [({"margin": Figure(None, "none")}, "by workload alone"),
     ({"accounts": None}, "by return alone"),
     ({"accounts": None, "cost": Figure(None, "none")}, "neither method")],
)  # fmt: skip
def test_what_is_missing_leaves_the_other_method(change: dict, words: str) -> None:
    """Without margin or without workload one method stays, and the row says so."""
    force, _ = size_force(make_basis(**change), SETTINGS)
    assert words in force["explanation"].iloc[0]


def test_an_assumed_elasticity_gives_a_scenario_and_no_verdict() -> None:
    """Fitted or stated says too few or too many; the usual value alone says neither."""

    def verdict(basis: str) -> tuple[str, str]:
        force, _ = size_force(make_basis(elasticity_basis=basis), SETTINGS)
        table("force_size").check(force)
        return force["verdict"].iloc[0], force["explanation"].iloc[0]

    assumed = people_elasticity(SETTINGS, None)[1]
    assert is_assumed(assumed)
    assert verdict(assumed)[0] == "scenario"
    assert "at the assumed elasticity" in verdict(assumed)[1]
    assert verdict("stated in plan.yaml")[0] in ("too few", "about right", "too many")
    assert "assumed" not in verdict("stated in plan.yaml")[1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [("elasticity 0.30 (usual value; no history of time spent)", True),
     ("elasticity 0.42 (fitted on 300 accounts and drawn to 0.3)", False),
     ("elasticity 0.20 (as set)", False)],
)  # fmt: skip
def test_what_step_03_has_not_fitted_is_assumed(words: str, expected: bool) -> None:
    """The usual value of the territories is no evidence on people either."""
    response = pd.DataFrame({"elasticity": [0.3], "assumptions": [words]})
    assert is_assumed(people_elasticity(SETTINGS, response)[1]) is expected


def test_work_above_the_profitable_sizes_is_explained() -> None:
    """20,000 hours ask for 20 people; at this margin far fewer pay for themselves."""
    accounts = pd.DataFrame({"unit": ["East"], "workload_hours": [20_000.0], "potential": [10.0]})
    force, _ = size_force(make_basis(accounts=accounts), SETTINGS)
    words = force["explanation"].iloc[0]
    assert "the work asks for 20.0 people" in words
    assert "100 % of the hours go to accounts whose potential does not pay" in words


def test_rows_in_any_order_give_the_same_size() -> None:
    """People and accounts shuffled change nothing."""
    basis = make_basis()
    mixed = make_basis(people=basis.people.iloc[::-1], accounts=basis.accounts.iloc[::-1])
    for one, other in zip(size_force(basis, SETTINGS), size_force(mixed, SETTINGS), strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_the_margin_is_weighted_by_what_was_sold() -> None:
    """300 at 0.8 and 100 at 0.4 in twelve months: 0.7; an older deal does not count."""
    deals = make_deals(
        {"amount": 300.0}, {"product_id": "P2"}, {"amount": 900.0, "close_date": "2024-01-01"},
        {"product_id": "P9", "amount": 100.0},
    )  # fmt: skip
    products = pd.DataFrame({"product_id": ["P1", "P2"], "margin_share": [0.8, 0.4]})
    found = sold_margin(SETTINGS, AS_OF, opportunities=deals, products=products)
    assert found.value == pytest.approx(0.7)
    assert "80 % of the amount" in found.basis
    assert sold_margin(SETTINGS, AS_OF).value is None
    stated = ForceSizeSettings(margin_share=0.3)
    assert sold_margin(stated, AS_OF).value == 0.3


def test_what_comes_again_is_the_smaller_of_two_years() -> None:
    """C1 buys 100, 60, 90 and C2 100, 0, 0: K2 = (60 + 60) / (200 + 60), K3 = 90 / 200."""
    deals = make_deals(
        {"close_date": "2023-06-01"}, {"close_date": "2023-06-01", "account_id": "C2"},
        {"close_date": "2024-06-01", "amount": 60.0}, {"close_date": "2025-06-01", "amount": 90.0},
    )  # fmt: skip
    found = repeat_share(SETTINGS, AS_OF, deals)
    assert found.second == pytest.approx(120 / 260)
    assert found.third == pytest.approx(90 / 200)


def test_too_short_a_history_counts_nothing_that_comes_again() -> None:
    """One year, or no deals: zero, and the basis says why; stated shares win."""
    assert repeat_share(SETTINGS, AS_OF, make_deals()).second == 0.0
    assert "less than two years" in repeat_share(SETTINGS, AS_OF, make_deals()).basis
    assert repeat_share(SETTINGS, AS_OF, None).third == 0.0
    stated = ForceSizeSettings(carry_over=(0.7, 0.5))
    assert repeat_share(stated, AS_OF, None)[:2] == (0.7, 0.5)


def test_two_years_give_the_third_by_the_second_squared() -> None:
    """K2 = 0.5 of one pair of years; K3 = 0.25, said so."""
    deals = make_deals({"close_date": "2024-06-01"}, {"close_date": "2025-06-01", "amount": 50.0})
    found = repeat_share(SETTINGS, AS_OF, deals)
    assert (found.second, found.third) == (0.5, 0.25)
    assert "K3 = K2 x K2" in found.basis


def test_the_elasticity_is_stated_fitted_or_assumed() -> None:
    """plan.yaml wins over step 03, and that over the usual value."""
    fitted = pd.DataFrame({"elasticity": [0.42], "assumptions": ["fitted of 300 accounts"]})
    assert people_elasticity(ForceSizeSettings(elasticity=0.2), fitted)[0] == 0.2
    value, basis = people_elasticity(SETTINGS, fitted)
    assert value == 0.42
    assert "fitted of 300 accounts" in basis
    assert people_elasticity(SETTINGS, None) == (
        0.3, "assumed: nothing is fitted; force_size.elasticity"
    )  # fmt: skip
