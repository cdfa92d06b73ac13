"""Simulated attainment and exact splits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planlib.errors import TableError
from planlib.quotas import AttainmentSpread, fit_spread, simulate_attainment, split_exact
from planlib.settings.quotas import QuotasSettings

SPREAD = AttainmentSpread(level={"AE": 0.9}, default_level=0.7, rep_cv=0.5, common_cv=0.1)


def make_quotas() -> pd.DataFrame:
    """Three reps of two roles."""
    return pd.DataFrame({"rep_id": ["c", "a", "b"], "role": ["KAM", "AE", "AE"],
                         "quota_amount": [300.0, 100.0, 200.0]})  # fmt: skip


@given(
    st.integers(0, 10**14),
    st.lists(st.floats(0, 1e9, allow_nan=False), min_size=1, max_size=40),
)
def test_parts_add_up_and_stay_within_a_cent(total, weights):
    """Largest remainder closes to the cent; no part is a cent or more from its exact share."""
    parts = split_exact(total, np.array(weights))
    assert parts.sum() == total
    assert parts.min() >= 0
    if total < 10**11 and sum(weights) > 0:
        exact = np.array(weights) / sum(weights) * total
        assert np.abs(parts - exact).max() < 1 + 1e-3


def test_unknown_weights_give_equal_parts():
    """Nothing to weigh by: equal parts, the odd cent to the first."""
    assert split_exact(7, np.array([np.nan, 0.0])).tolist() == [4, 3]


def test_draws_have_the_stated_mean_and_spread():
    """Level by role, own and common spread multiply: (1 + 0.25)(1 + 0.01) - 1 is the variance."""
    draws = simulate_attainment(make_quotas(), SPREAD, simulations=40_000, seed=1)
    assert draws.rep_ids == ("a", "b", "c")
    assert draws.share.mean(axis=0) == pytest.approx([0.9, 0.9, 0.7], rel=0.02)
    spread = draws.share.std(axis=0) / draws.share.mean(axis=0)
    assert spread == pytest.approx(np.sqrt(1.25 * 1.01 - 1), rel=0.03)
    together = np.corrcoef(draws.share[:, 0], draws.share[:, 1])[0, 1]
    assert together == pytest.approx(0.01 / (1.25 * 1.01 - 1), abs=0.02)


def test_without_spread_everybody_attains_the_level():
    """No spread: the sum is the level times quota in every year."""
    flat = AttainmentSpread(level={}, default_level=0.8, rep_cv=0.0, common_cv=0.0)
    draws = simulate_attainment(make_quotas(), flat, simulations=3)
    assert draws.attained_amount == pytest.approx([480.0] * 3)


def test_order_of_reps_does_not_matter():
    """Shuffled quotas give the same draws."""
    plain = simulate_attainment(make_quotas(), SPREAD, simulations=50, seed=3)
    mixed = simulate_attainment(make_quotas().iloc[::-1], SPREAD, simulations=50, seed=3)
    assert np.array_equal(plain.share, mixed.share)
    other = simulate_attainment(make_quotas(), SPREAD, simulations=50, seed=4)
    assert not np.array_equal(plain.share, other.share)


def test_a_missing_column_is_named():
    """Without roles there is no level."""
    with pytest.raises(TableError, match="column 'role' is missing"):
        simulate_attainment(make_quotas().drop(columns="role"), SPREAD)


def make_rep_years(cv: float, years: int, seed: int = 0) -> pd.DataFrame:
    """Fifty reps over some years, AE at 0.8 of a quota of 100."""
    rng = np.random.default_rng(seed)
    own = rng.gamma(1 / cv**2, cv**2, size=years * 50)
    return pd.DataFrame(
        {
            "rep_id": [f"{at % 50:02d}" for at in range(years * 50)],
            "role": "AE",
            "year": [str(2020 + at // 50) for at in range(years * 50)],
            "attained_amount": 80.0 * own,
            "ramped_quota": 100.0,
            "present_share": 1.0,
        }
    )


def test_level_and_spread_are_found_again():
    """Simulated rep-years give their level and spread back; few years keep the stated common."""
    settings = QuotasSettings(attainment_prior=0.001, common_cv=0.2)
    found = fit_spread(make_rep_years(0.4, 3), settings)
    assert found.level["AE"] == pytest.approx(0.8, abs=0.06)
    assert found.rep_cv == pytest.approx(0.4, abs=0.05)
    assert found.common_cv == 0.2
    assert "3 past years tell nothing" in found.notes[2]


def test_independent_reps_leave_nothing_for_the_common_spread():
    """Years that differ by luck of single reps alone have no common spread to speak of."""
    found = fit_spread(make_rep_years(0.4, 8), QuotasSettings())
    assert found.common_cv < 0.05
    years = make_rep_years(0.05, 6)
    shift = years["year"].map({"2020": 0.8, "2021": 1.2, "2022": 0.8, "2023": 1.2,
                               "2024": 0.8, "2025": 1.2})  # fmt: skip
    moved = years.assign(attained_amount=years["attained_amount"] * shift)
    assert fit_spread(moved, QuotasSettings()).common_cv == pytest.approx(0.219, abs=0.02)


def test_small_samples_lean_on_what_is_stated():
    """Without history all parts are stated; with eight rep-years each counts half."""
    assert fit_spread(None, QuotasSettings()).rep_cv == 0.5
    few = make_rep_years(0.4, 1).iloc[:8]
    found = fit_spread(few, QuotasSettings(attainment_prior=8.0, rep_cv=0.5))
    assert "weight 50 %" in found.notes[1]
    assert found.level["AE"] == pytest.approx(few["attained_amount"].sum() / 800)


def test_expected_amounts_follow_only_quotas_beyond_what_is_usual():
    """In force 100 at 150 %: 150 up to a quota of 150, beyond it the quota by the response."""
    high = AttainmentSpread(level={"AE": 1.5}, default_level=1.0, rep_cv=0.0, common_cv=0.0)
    rows = pd.DataFrame({"rep_id": list("abc"), "role": "AE", "quota_amount": [90.0, 140.0, 600.0],
                         "base_amount": 100.0})  # fmt: skip
    full = simulate_attainment(rows, high, simulations=1)
    assert full.expected_at() == pytest.approx([150.0, 150.0, 600.0])
    assert full.share[0] == pytest.approx([150 / 90, 150 / 140, 1.0])
    half = simulate_attainment(rows, high, simulations=1, response=0.5)
    assert half.expected_at() == pytest.approx([150.0, 150.0, 300.0])
    none = simulate_attainment(rows, high, simulations=1, response=0.0)
    assert none.attained_at(2.0) == pytest.approx([450.0])


def test_below_a_full_quota_the_usual_share_stays():
    """The convention of the field: at 80 % attainment twice the quota brings twice the amount."""
    low = AttainmentSpread(level={"AE": 0.8}, default_level=0.8, rep_cv=0.0, common_cv=0.0)
    draws = simulate_attainment(make_quotas().assign(role="AE"), low, simulations=1)
    assert draws.attained_at(2.0) == pytest.approx([960.0])
