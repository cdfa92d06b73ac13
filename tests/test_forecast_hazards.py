"""Tests of competing risks week by week."""

from __future__ import annotations

import numpy as np
import pytest

from planlib.forecast import closed_form, fit_hazards
from planlib.forecast.hazards import Exposure, HazardModel, age_band


def constant_model(won: float, lost: float, stages: int = 3) -> HazardModel:
    """Make a model in which nothing matters; deals move between stages all the same."""
    shape = (stages, 7, 3)
    moves = np.full((stages, stages), 1.0 / stages)
    return HazardModel(won=np.full(shape, won), lost=np.full(shape, lost), moves=moves)


def exposure(
    ends: list[tuple[float, bool]], age: float = 10.0, gap: float = 7.0, stage: int = 0
) -> Exposure:
    """Make open deals of one kind; each has days until its end (or infinity) and whether won."""
    many = len(ends)
    days = np.array([end for end, _ in ends])
    return Exposure(
        stage=np.full(many, stage, dtype="int64"),
        age_days=np.full(many, age),
        pushes=np.zeros(many, dtype="int64"),
        gap_days=np.full(many, gap),
        end_in_days=days,
        ends_won=np.array([won for _, won in ends]),
        next_stage=np.where(days <= gap, -1, stage).astype("int64"),
    )


@pytest.mark.parametrize("weeks", [1, 2, 5, 13, 40])
def test_constant_hazards_give_the_closed_form(weeks):
    """Whatever stages, ages and pushes, equal chances per week add up as a geometric series."""
    model = constant_model(0.06, 0.03)
    stage, age = np.array([0, 1, 2, 2]), np.array([0.0, 100.0, 300.0, np.nan])
    found = model.chance(stage, age, np.array([0, 1, 4, 0]), np.full(4, weeks * 7.0))
    assert found == pytest.approx(np.full(4, closed_form(0.06, 0.03, weeks)))


def test_estimated_constant_hazards_give_the_closed_form_too():
    """Ten wins and five losses in a hundred deal-weeks: 10 % and 5 % a week."""
    ends = [(3.0, True)] * 10 + [(5.0, False)] * 5 + [(np.inf, False)] * 85
    model = fit_hazards(exposure(ends), 1, prior_deals=0)
    assert model is not None
    found = model.chance(np.array([0]), np.array([10.0]), np.array([0]), np.array([28.0]))
    assert found[0] == pytest.approx(closed_form(0.10, 0.05, 4))


def test_all_censored_gives_no_estimate():
    """When no deal was ever closed, nothing can be said; the chance is not zero."""
    assert fit_hazards(exposure([(np.inf, False)] * 20), 1, prior_deals=10) is None


def test_an_open_deal_is_conditioned_on_its_age():
    """A deal that is old already has the chances of old deals, not those of its youth."""
    shape = (1, 7, 3)
    won = np.zeros(shape)
    won[:, 0, :] = 0.5  # wins come in the first month only
    model = HazardModel(won=won, lost=np.zeros(shape), moves=np.eye(1))
    young, old = model.chance(
        np.zeros(2, dtype="int64"), np.array([0.0, 90.0]), np.zeros(2, dtype="int64"),
        np.full(2, 14.0),
    )  # fmt: skip
    assert young == pytest.approx(0.75)
    assert old == 0.0


def test_the_chance_sums_over_stages_the_deal_may_reach():
    """Two weeks by hand: no win in stage one, half in stage two, every second deal moves on."""
    won = np.zeros((2, 7, 3))
    won[1] = 0.5
    moves = np.array([[0.5, 0.5], [0.0, 1.0]])
    model = HazardModel(won=won, lost=np.zeros((2, 7, 3)), moves=moves)
    found = model.chance(np.array([0]), np.array([5.0]), np.array([0]), np.array([14.0]))
    assert found[0] == pytest.approx(0.5 * 0.5)


def test_part_of_a_week_counts_in_proportion_and_no_time_gives_nothing():
    """Three days have 3/7 of the chance of a week, and at the end of the period none is left."""
    model = constant_model(0.2, 0.0)
    zero = np.zeros(3, dtype="int64")
    found = model.chance(zero, np.zeros(3), zero, np.array([0.0, 3.0, 7.0]))
    assert found.tolist() == pytest.approx([0.0, 0.2 * 3 / 7, 0.2])


def test_chances_never_exceed_one_in_sum():
    """A stratum in which every deal ends within a week stays within probabilities."""
    ends = [(2.0, True)] * 3 + [(2.0, False)] * 3
    model = fit_hazards(exposure(ends), 1, prior_deals=5)
    assert model is not None
    assert (model.won + model.lost).max() <= 1.0


def test_days_further_apart_count_the_weeks_in_between():
    """Over four weeks watched, five wins in the first week of ten deals: 5 / (5 + 5 x 4)."""
    ends = [(6.0, True)] * 5 + [(np.inf, False)] * 5
    model = fit_hazards(exposure(ends, gap=28.0), 1, prior_deals=0)
    assert model is not None
    assert model.won[0, 0, 0] == pytest.approx(5 / 25)


def test_a_rare_stratum_leans_on_its_stage():
    """A stratum never seen has the chance of its stage."""
    ends = [(3.0, True)] * 20 + [(np.inf, False)] * 80
    model = fit_hazards(exposure(ends), 1, prior_deals=10)
    assert model is not None
    assert model.won[0, 4, 2] == pytest.approx(0.2)


def test_an_unknown_age_has_a_band_of_its_own():
    """A deal without a created date is not taken for a new one."""
    assert age_band(np.array([np.nan, 5.0, 30.0, 31.0, 4000.0])).tolist() == [6, 0, 0, 1, 5]
