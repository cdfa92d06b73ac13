"""Trying another blend, certainty or quota: the same figures as the step, and sums that close."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from planlib.quotas import QuotaReview
from planlib.quotas.assign import assign_quotas
from planlib.quotas.trial import DecisionEffect, try_blend, try_decision
from tests.quota_frames import make_quota_decisions, make_quota_review


@pytest.fixture(scope="module")
def review() -> QuotaReview:
    """The quota of b is set by a person."""
    return make_quota_review({"rep_id": "b", "quota_amount": 250.0})


@pytest.fixture(scope="module")
def free() -> QuotaReview:
    """Nobody has set a quota."""
    return make_quota_review()


def attempt(review: QuotaReview, amount: float, **about: object) -> DecisionEffect:
    """Try one more quota."""
    assert review.parts is not None
    return try_decision(review.parts, assign_quotas(review.parts), amount, **about)  # type: ignore[arg-type]


def test_at_the_settings_of_the_plan_the_figures_are_those_of_the_step(review):
    """Chance, street quota, stretch and flags come out as in the tables."""
    found, tables = try_blend(review.parts), review.tables
    street = tables["quota_street"].set_index("quota_set")
    assert found.probability == street.at["plan", "probability"]
    assert found.unmoved_probability == street.at["in force", "probability"]
    assert found.street_amount == pytest.approx(street.at["plan", "street_amount"], abs=0.001)
    assert found.over_assignment == pytest.approx(street.at["plan", "over_assignment"])
    rows = tables["quotas"]
    stretch = (found.stretch_low, found.stretch_middle, found.stretch_high)
    assert stretch == (rows["stretch"].min(), rows["stretch"].median(), rows["stretch"].max())
    assert found.stretched_count == (rows["flag"] == "stretched").sum()
    assert found.slack_count == (rows["flag"] == "slack").sum()


@pytest.mark.parametrize("tolerance", [0.0, 0.1, 0.5])
def test_reps_beyond_capacity_are_counted_as_in_the_check_of_the_plans(review, tolerance):
    """Quota above ramped quota x all quotas / all ramped quotas, by more than the tolerance."""
    rows = review.tables["quotas"]
    factor = rows["quota_amount"].sum() / rows["ramped_quota_amount"].sum()
    beyond = rows["quota_amount"] > (1 + tolerance) * factor * rows["ramped_quota_amount"]
    found = try_blend(review.parts, tolerance=tolerance)
    assert (found.beyond_count, found.carriers_count) == (beyond.sum(), len(rows))


def test_other_settings_give_what_the_step_gives_with_them(review):
    """Blend and certainty of the sliders are those that plan.yaml would have."""
    tried = try_blend(review.parts, top_down_share=0.9, certainty=0.6)
    step = make_quota_review({"rep_id": "b", "quota_amount": 250.0}, top_down_share=0.9,
                             certainty=0.6)  # fmt: skip
    assert tried == try_blend(step.parts)
    assert tried.over_assignment < try_blend(review.parts).over_assignment


def test_the_others_of_the_level_take_up_the_difference_of_a_rep(free):
    """Ann and Bob share a manager: what Ann gets more, Bob has less, and the sum stays."""
    before = free.tables["quotas"].set_index("rep_id")["quota_amount"]
    found = attempt(free, 300.0, rep_id="a")
    level = found.level.set_index("name")
    assert found.is_kept
    assert level.at["Ann", "quota_amount"] == 300.0
    assert level.at["Bob", "quota_amount"] == pytest.approx(before["a"] + before["b"] - 300.0)
    together = level.loc["together, Manager 1"]
    assert together["difference_amount"] == 0.0
    assert together["quota_amount"] == pytest.approx(before["a"] + before["b"])
    assert together["stretch"] == pytest.approx(
        together["quota_amount"] / together["bottom_up_amount"]
    )


def test_a_unit_is_shown_beside_the_other_units(free):
    """North and South together keep the street quota."""
    street = free.tables["quotas"]["quota_amount"].sum()
    found = attempt(free, 600.0, unit="North")
    level = found.level.set_index("name")["quota_amount"]
    assert found.is_kept
    assert level.tolist() == pytest.approx([600.0, street - 600.0, street])
    assert list(level.index) == ["North", "South", "all units"]


def test_a_quota_set_before_on_the_same_rep_is_superseded(review):
    """The new one takes the place of D-1, which no longer counts."""
    found = attempt(review, 280.0, rep_id="b")
    assert (found.is_kept, found.supersedes, found.lost) == (True, "D-1", ())
    assert found.level.set_index("name").at["Bob", "quota_amount"] == 280.0


def test_what_cannot_be_kept_is_said_with_the_reason(review):
    """Too much for the level, and a level on which nobody is left to take up the difference."""
    found = attempt(review, 1e9, rep_id="a")
    assert not found.is_kept
    assert "M1 has" in found.reason
    assert "nobody else is left" in attempt(review, 10.0, rep_id="a").reason
    assert "carries no quota" in attempt(review, 10.0, rep_id="nobody").reason


def test_a_decision_within_the_year_counts_by_days(review):
    """From July it counts for 184 days less the holdover of 30."""
    found = attempt(review, 300.0, rep_id="c", first=pd.Timestamp("2026-07-01"))
    assert "counts for 154 days" in found.reason
    row = found.level.set_index("name").loc["Cid"]
    assert row["quota_amount"] == pytest.approx(
        (row["before_amount"] * 211 + 300.0 * 154) / 365, abs=0.01
    )


def test_a_decision_that_the_new_one_pushes_out_is_named(free):
    """A unit that is set no longer holds once its manager's team gets another quota."""
    unit = make_quota_decisions({"unit": "North", "quota_amount": 600.0})
    parts = dataclasses.replace(free.parts, decisions=unit)
    found = attempt(dataclasses.replace(free, parts=parts), 500.0, rep_id="M1")
    assert found.is_kept
    assert len(found.lost) == 1
    assert found.lost[0].startswith("D-1: the unit would be at 500")


def test_draws_at_other_quotas_are_the_same_years(review):
    """Back at the quotas in force, every simulated year is as it was."""
    parts = review.parts
    in_force = parts.carriers["ramped_quota"] * 100
    again = parts.draws_at(in_force).attained_amount
    assert again == pytest.approx(parts.in_force.attained_amount)
