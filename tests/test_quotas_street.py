"""Street quota, over-assignment, target of the year, bottom-up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planlib.quotas import AttainmentSpread, simulate_attainment
from planlib.quotas.bottom_up import Trend, company_trend, estimate_bottom_up
from planlib.quotas.street import attainment_factor, choose_over_assignment
from planlib.quotas.target import year_target
from planlib.settings.quotas import BottomUpWeights, QuotasSettings
from planlib.tables import table
from tests.quota_frames import AS_OF, YEAR, make_targets


def draw(level: float, cv: float, target: float = 800_000.0):
    """Forty equal reps whose quotas add up to the target."""
    spread = AttainmentSpread(level={}, default_level=level, rep_cv=cv, common_cv=0.0)
    rows = pd.DataFrame({"rep_id": [f"{at:02d}" for at in range(40)], "role": "AE",
                         "quota_amount": target / 40})  # fmt: skip
    return simulate_attainment(rows, spread, simulations=20_000, seed=2)


def test_the_known_answer_of_the_field():
    """Street quota 1,000,000, target 800,000: factor 80 %, over-assignment 125 %."""
    factor = attainment_factor(800_000, 1_000_000)
    assert factor == pytest.approx(0.8)
    assert 1 / factor == pytest.approx(1.25)
    assert np.isnan(attainment_factor(1.0, 0.0))


def test_without_spread_over_assignment_is_one_over_the_level():
    """Everybody attains 80 %: 125 % of the target is needed, and is surely enough."""
    found = choose_over_assignment(draw(0.8, 0.0), 800_000.0, certainty=0.8, most=1.6)
    assert found.factor == pytest.approx(1.25)
    assert found.probability == 1.0
    before = found.curve[found.curve["over_assignment"] < 1.25]
    assert before["probability"].max() == 0.0


def test_the_least_factor_that_is_sure_enough_is_chosen():
    """The curve never falls, and the step before the chosen one is not sure enough."""
    found = choose_over_assignment(draw(0.8, 0.6), 800_000.0, certainty=0.9, most=1.6)
    chance = found.curve["probability"]
    assert chance.is_monotonic_increasing
    at = int(found.curve.index[found.curve["is_chosen"]][0])
    assert chance[at] >= 0.9 > chance[at - 1]
    assert found.factor > 1.25
    sd = 0.6 / np.sqrt(40)
    assert found.factor == pytest.approx(1.25 / (1 - 1.2816 * sd), rel=0.02)


def test_more_certainty_and_leavers_need_more_over_assignment():
    """95 % instead of 80 %, and a tenth of capacity lost, both raise the factor."""
    draws = draw(0.9, 0.5)
    base = choose_over_assignment(draws, 800_000.0, certainty=0.8, most=1.6).factor
    surer = choose_over_assignment(draws, 800_000.0, certainty=0.95, most=1.6).factor
    left = choose_over_assignment(draws, 800_000.0, certainty=0.8, most=1.6,
                                  kept=np.full(20_000, 0.9)).factor  # fmt: skip
    assert surer > base
    assert left == pytest.approx(base / 0.9, abs=0.011)


def test_a_target_out_of_reach_is_said_to_be():
    """At half the level 160 % is not enough."""
    found = choose_over_assignment(draw(0.5, 0.2), 800_000.0, certainty=0.8, most=1.6)
    assert not found.is_enough
    assert found.factor == pytest.approx(1.6)


def test_the_target_of_the_year_adds_up_its_quarters():
    """A setting wins over the table."""
    found = year_target(make_targets(1000.0), YEAR, QuotasSettings())
    assert (found.amount, found.is_weak) == (1000.0, False)
    assert "quarters added up" in found.basis
    stated = year_target(make_targets(), YEAR, QuotasSettings(target_amount=7.0))
    assert stated.amount == 7.0


def test_without_targets_a_weaker_way_is_named():
    """Won plus growth, else ramped quotas in force, else nothing."""
    won = year_target(None, YEAR, QuotasSettings(growth_share=0.1), won_year=100.0)
    assert won.amount == pytest.approx(110.0)
    assert won.is_weak
    assert "weaker: there are no targets" in won.basis
    quota = year_target(None, YEAR, QuotasSettings(), ramped_quota=90.0)
    assert quota.amount == 90.0
    nothing = year_target(None, YEAR, QuotasSettings())
    assert nothing.amount is None
    assert "no target" in nothing.basis


def test_parts_that_exceed_the_whole_are_named():
    """Regions of 700 and 500 against a company of 1,000; a target below zero is not used."""
    rows = pd.concat([make_targets(1000.0), pd.DataFrame({
        "period": "2026", "measure": "acv", "target_amount": [700.0, 500.0, -5.0],
        "region": ["N", "S", None], "rep_id": [None, None, "a"],
    })])  # fmt: skip
    found = year_target(table("targets").coerce(rows), YEAR, QuotasSettings())
    assert found.amount == 1000.0
    texts = [str(one["finding"]) for one in found.findings]
    assert texts[0] == "a target below zero is not used"
    assert "add up to more than the company's target, 1,000" in texts[1]
    assert found.by_region.to_dict() == {"N": 700.0, "S": 500.0}
    assert found.by_rep.empty


def test_regions_alone_make_the_company():
    """Without a total the targets by region are added up."""
    rows = table("targets").coerce(pd.DataFrame({
        "period": "2026", "measure": "acv", "target_amount": [700.0, 500.0], "region": ["N", "S"],
    }))  # fmt: skip
    assert year_target(rows, YEAR, QuotasSettings()).amount == 1200.0


def test_reps_alone_make_the_company_without_their_managers():
    """What the pipeline adds up is the target of the year too, and no target is said to lack."""
    quarters = [f"2026Q{number}" for number in range(1, 5)]
    rows = table("targets").coerce(pd.DataFrame({
        "period": quarters * 3, "measure": "acv", "target_amount": [100.0] * 8 + [200.0] * 4,
        "rep_id": ["a"] * 4 + ["b"] * 4 + ["m"] * 4,
    }))  # fmt: skip
    reps = table("reps").coerce(pd.DataFrame({"rep_id": ["a", "b", "m"],
                                              "manager_id": ["m", "m", None]}))  # fmt: skip
    found = year_target(rows, YEAR, QuotasSettings(), won_year=50.0, reps=reps)
    assert (found.amount, found.is_weak) == (800.0, False)
    assert found.basis == "table targets, 2026: targets by rep added up"
    alone = year_target(rows[rows["rep_id"] == "m"], YEAR, QuotasSettings(), reps=reps)
    assert alone.amount == 800.0
    other = year_target(rows.assign(rep_id=None, segment="x"), YEAR, QuotasSettings(), won_year=50)
    assert other.basis.startswith("weaker: no target of the company; won in the last twelve")


def make_carriers() -> pd.DataFrame:
    """One rep with all parts, one new one, one of whom nothing is known."""
    return pd.DataFrame({
        "rep_id": ["a", "b", "c"], "ramped_share": [1.0, 0.5, 1.0],
        "ramped_quota": [100.0, 50.0, np.nan], "attainment_level": [0.8, 0.8, 0.8],
        "potential": [1000.0, 1000.0, np.nan], "won_year": [90.0, np.nan, np.nan],
    })  # fmt: skip


def test_bottom_up_is_the_weighted_mean_of_what_is_known():
    """Parts by hand: 100, 99, 80 for the first; 50 and 40 for the second; none for the third."""
    weights = BottomUpWeights(potential=1, trend=1, capacity=2)
    found = estimate_bottom_up(make_carriers(), weights, Trend(growth=1.1), 0.1)
    assert found[["potential_part", "trend_part", "capacity_part"]].iloc[0].tolist() == (
        pytest.approx([100.0, 99.0, 80.0])
    )
    assert found["bottom_up_amount"].iloc[0] == pytest.approx((100 + 99 + 2 * 80) / 4)
    assert found["bottom_up_amount"].iloc[1] == pytest.approx((50 + 2 * 40) / 3)
    assert np.isnan(found["bottom_up_amount"].iloc[2])
    assert found["bottom_up_basis"].iloc[2] == "unknown: no part is known"
    assert found["bottom_up_basis"].iloc[1] == "potential 33 %; capacity 67 %"


def test_growth_needs_two_years_and_is_bounded():
    """Twice as much won carries 1.25 on; one year of data carries nothing."""
    days = pd.date_range("2024-01-05", "2025-12-05", freq="MS")
    won = pd.DataFrame(
        {"rep_id": "a", "day": days, "amount": np.where(days.year == 2025, 2.0, 1.0)}
    )
    assert company_trend(won, AS_OF).growth == 1.0  # the first month begins too late
    early = pd.concat([won, pd.DataFrame({"rep_id": ["a"], "day": [pd.Timestamp("2024-01-02")],
                                          "amount": [1.0]})])  # fmt: skip
    assert company_trend(early, AS_OF).growth == 1.25
    assert company_trend(won[won["day"] > "2025-01-01"], AS_OF).growth == 1.0
    assert company_trend(None, AS_OF).growth == 1.0
