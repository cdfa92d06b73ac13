"""Noise: how many equal reps the plain rule moves, and that the guarded one keeps its level."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planlib.ranking import GroupFit, find_rule, fit_group, guarded_moves, raw_moves, simulate_group
from planlib.settings.ranking import RankingSettings
from tests.ranking_frames import make_settings


def make_group(
    reps: int, cases: int, rate: float, settings: RankingSettings | None = None
) -> GroupFit:
    """Make a group on win rate alone: every rep has the same cases and exactly the rate."""
    names = [f"R{at:02d}" for at in range(reps)]
    won = rate * cases
    sums = pd.DataFrame({
        "count": float(cases), "observed": won, "expected": won, "ee": cases * rate**2,
        "ye": won * rate, "yy": won,
    }, index=pd.Index(names))  # fmt: skip
    found = fit_group("all", names, {("win_rate", "cases"): sums}, settings or make_settings())
    assert isinstance(found, GroupFit)
    return found


def test_the_plain_rule_moves_42_to_44_percent_of_equal_reps() -> None:
    """40 reps of equal skill, 60 leads at 20 %: luck alone moves more than two in five."""
    settings = make_settings(simulations=2000)
    rule, noise = find_rule(make_group(40, 60, 0.2), settings, 5)
    alike = noise[noise["true_ratio"] == 1].set_index("rule")["move_share"]
    assert 0.415 <= alike["raw"] <= 0.445
    assert alike["guarded"] <= settings.false_move_share
    assert rule.confidence >= settings.confidence


@pytest.mark.parametrize(("cases", "low", "high"), [(100, 0.29, 0.34), (200, 0.14, 0.18)])
def test_more_leads_move_fewer_equal_reps(cases: int, low: float, high: float) -> None:
    """About 32 % at 100 leads and 16 % at 200."""
    _, noise = find_rule(make_group(40, cases, 0.2), make_settings(simulations=1000), 5)
    raw = noise[(noise["true_ratio"] == 1) & (noise["rule"] == "raw")]["move_share"].iloc[0]
    assert low <= raw <= high


@pytest.mark.parametrize(("reps", "cases"), [(4, 10), (5, 25), (12, 60), (40, 400)])
@pytest.mark.parametrize("level", [0.01, 0.05])
def test_the_guarded_rule_keeps_its_level_in_fresh_draws(
    reps: int, cases: int, level: float
) -> None:
    """In other draws than those that set it, nearly at most its level of equal reps moves."""
    settings = make_settings(false_move_share=level, simulations=1000)
    group = make_group(reps, cases, 0.2)
    rule, _ = find_rule(group, settings, 1)
    fresh = simulate_group(group, np.ones((1, 1)), settings.spread_floor, 99, 2000)
    moved = (guarded_moves(fresh.raw, fresh.mean, fresh.variance, rule) != 0).mean()
    assert moved <= level + 0.01


def test_a_strict_level_raises_the_confidence() -> None:
    """Fewer false moves are bought with more certainty, never with less."""
    group = make_group(4, 10, 0.3)
    loose = find_rule(group, make_settings(false_move_share=0.3, confidence=0.5), 2)[0]
    strict = find_rule(group, make_settings(false_move_share=0.01, confidence=0.5), 2)[0]
    assert strict.confidence > loose.confidence


def test_the_guarded_rule_finds_true_differences_with_large_samples() -> None:
    """With 1,500 leads a rep truly 30 % above or below moves in most reviews."""
    _, noise = find_rule(make_group(20, 1500, 0.3), make_settings(simulations=400), 3)
    power = noise[(noise["rule"] == "guarded") & (noise["true_ratio"] != 1)]["move_share"]
    assert (power > 0.6).all()


def test_raising_true_skill_never_lowers_the_expected_score() -> None:
    """The same draws, one rep better: that rep's mean score rises."""
    group = make_group(8, 60, 0.2)
    means = []
    for skill in (0.8, 1.0, 1.2, 1.5):
        true = np.ones((1, 8))
        true[0, 3] = skill
        means.append(simulate_group(group, true, 0.05, 4, 500).mean[:, 3].mean())
    assert means == sorted(means)


def test_both_rules_agree_on_clear_cases() -> None:
    """Exactly at the limit the plain rule moves; within it neither does."""
    rule, _ = find_rule(make_group(10, 60, 0.2), make_settings(), 1)
    raw = np.array([1.2, 0.8, 1.19, 1.0, 3.0, 0.01])
    assert raw_moves(raw, rule).tolist() == [1, -1, 0, 0, 1, -1]
    sure = guarded_moves(raw, raw, np.full(6, 1e-6), rule)
    assert sure.tolist()[2:] == [0, 0, 1, -1]
