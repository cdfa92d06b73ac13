"""Shrinkage: hand-computed answers, limits, and whether reps differ at all."""

from __future__ import annotations

import numpy as np
import pytest

from planlib.ranking.shrink import beta_binomial, difference_test, gamma_ratio, normal_ratio


def test_beta_binomial_follows_the_formula_by_hand() -> None:
    """(k + A m) / (n + A) with A from the spread beyond chance."""
    wins, cases = np.array([10.0, 30.0]), np.array([50.0, 50.0])
    shrunk, prior = beta_binomial(wins, cases)
    pooled = 0.4
    tau2 = (50 * 0.2**2 * 2 - 1 * pooled * 0.6) / 100  # spread of k / n less what chance makes
    a = pooled * 0.6 / tau2 - 1
    assert prior[0] == pytest.approx(a)
    assert shrunk[0] == pytest.approx((10 + a * pooled) / (50 + a))


def test_equal_rates_are_drawn_to_the_pool() -> None:
    """Without spread beyond chance the shrunk rate is the pooled one."""
    shrunk, _ = beta_binomial(np.array([19.0, 21.0]), np.array([100.0, 100.0]), floor=1e-9)
    assert shrunk == pytest.approx([0.2, 0.2], abs=1e-4)


def test_a_rep_without_cases_has_the_pooled_rate() -> None:
    """No case, no deviation."""
    shrunk, _ = beta_binomial(np.array([0.0, 3.0, 9.0]), np.array([0.0, 10.0, 10.0]))
    assert shrunk[0] == pytest.approx(0.6)


def test_gamma_ratio_follows_the_formula_by_hand() -> None:
    """(O / phi + a) / (E / phi + a), phi the variance of a count over its expectation."""
    observed, expected = np.array([15.0, 5.0]), np.array([10.0, 10.0])
    variance = np.array([8.0, 8.0])
    found = gamma_ratio(observed, expected, variance, 0.05)
    tau2 = (10 * 0.25 * 2 - 0.8 * 2 * 1 / 2) / 20
    a, phi = 1 / tau2, 0.8
    assert found.mean == pytest.approx([(15 / phi + a) / (10 / phi + a),
                                        (5 / phi + a) / (10 / phi + a)])  # fmt: skip
    assert found.spread[0] == pytest.approx(np.sqrt(tau2))


def test_a_gamma_quantile_holds_its_share() -> None:
    """Half of the distribution is below its median, which is near the mean for large counts."""
    found = gamma_ratio(np.array([400.0, 300.0]), np.array([350.0, 350.0]),
                        np.array([250.0, 250.0]), 0.05)  # fmt: skip
    assert found.quantile(0.5) == pytest.approx(found.mean, rel=0.01)
    assert (found.quantile(0.05) < found.mean).all()
    assert (found.mean < found.quantile(0.95)).all()


def test_normal_ratio_is_a_weighted_mean_of_own_and_peers() -> None:
    """1 + B (r - 1) with B = tau2 / (tau2 + v), and variance B v."""
    ratio, variance = np.array([1.5, 0.5]), np.array([0.04, 0.04])
    found = normal_ratio(ratio, variance, 0.05)
    tau2 = (2 * 0.25 / 0.04 - 1) / (50 - 1250 / 50)  # (Q - 1) / (W - sum w2 / W)
    b = tau2 / (tau2 + 0.04)
    assert found.mean == pytest.approx([1 + b * 0.5, 1 - b * 0.5])
    assert found.variance == pytest.approx([b * 0.04] * 2)


def test_no_sample_gives_the_peers_value_with_their_spread() -> None:
    """Infinite variance: mean 1, variance that of true ratios."""
    found = normal_ratio(np.array([1.4, 0.6, 1.0]), np.array([0.01, 0.01, np.inf]), 0.05)
    assert found.mean[2] == pytest.approx(1.0)
    assert found.variance[2] == pytest.approx(found.spread[0] ** 2)


def test_the_spread_never_falls_below_the_floor() -> None:
    """Reps who look alike still have an interval."""
    found = normal_ratio(np.array([1.0, 1.0, 1.0]), np.full(3, 0.04), 0.05)
    assert found.spread[0] == pytest.approx(0.05)
    assert (found.variance > 0).all()


def test_fewer_days_are_better() -> None:
    """An inverse ratio turns order and interval round."""
    found = normal_ratio(np.array([0.5, 1.5]), np.array([0.01, 0.01]), 0.05, is_inverse=True)
    mean, _ = found.moments
    assert mean[0] > 1 > mean[1]
    assert (found.quantile(0.05) < found.quantile(0.95)).all()


def test_difference_by_hand_and_for_too_few() -> None:
    """Q is the weighted sum of squares around the weighted mean; one rep tells nothing."""
    q, freedom, chance = difference_test(np.array([1.2, 0.8]), np.array([0.04, 0.04]))
    assert (q, freedom) == (pytest.approx(2.0), 1)
    assert chance == pytest.approx(0.1573, abs=1e-4)
    assert np.isnan(difference_test(np.array([1.2]), np.array([0.04]))[2])


def test_many_groups_at_once_are_fitted_as_each_alone() -> None:
    """The last axis is one group; leading axes are others."""
    rng = np.random.default_rng(3)
    ratio, variance = rng.normal(1, 0.3, size=(4, 6)), rng.uniform(0.01, 0.1, size=(4, 6))
    together = normal_ratio(ratio, variance, 0.05).mean
    alone = [normal_ratio(ratio[at], variance[at], 0.05).mean for at in range(4)]
    assert together == pytest.approx(np.array(alone))
