"""
False moves: what the tier rule does to reps who are all alike, at the samples at hand.

Every metric is simulated from its own sample sizes; the score is weighted, shrunk and judged as the
real one. The same draws serve every confidence, so that they can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planlib.ranking.metrics import family_of
from planlib.ranking.score import GroupFit, MetricFit
from planlib.ranking.shrink import Floats, normal_ratio
from planlib.ranking.tiers import TierRule, guarded_moves, raw_moves
from planlib.settings.ranking import RankingSettings

#: A rep who is truly this much better or worse in every metric, for the power of the rule ...
STRONG, WEAK = 1.3, 0.7
#: ... among peers whose true ratios have this standard deviation around 1.
SPREAD = 0.2
_STEPS = (0.8, 0.85, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999)


@dataclass(frozen=True)
class Simulated:
    """Scores of simulated reviews: one row per review, one column per rep."""

    raw: Floats
    mean: Floats
    variance: Floats


def simulate_group(
    fit: GroupFit, skill: Floats, floor: float, seed: int, reviews: int
) -> Simulated:
    """
    Simulate reviews of a peer group.

    Parameters
    ----------
    fit
        The group: sample sizes, chances and spreads of each metric.
    skill
        True ratio of each rep to peers, by review and rep (or one for all).
    floor
        Smallest standard deviation of true ratios, as in the real fit.
    seed, reviews
        Seed and number of simulated reviews.
    """
    rng = np.random.default_rng(seed)
    size = (reviews, len(fit.reps))
    true = np.broadcast_to(skill, size)
    raw = np.zeros(size)
    for one in fit.metrics:
        raw += one.weight * (_counts if family_of(one.metric) == "count" else _means)(
            one, true, rng
        )
    score = normal_ratio(raw, np.broadcast_to(fit.raw_variance, size), floor)
    return Simulated(raw, score.mean, score.variance)


def _counts(one: MetricFit, true: Floats, rng: np.random.Generator) -> Floats:
    """Simulate ratios to peers of a count metric."""
    count = one.sums["count"].to_numpy(dtype=float)
    level = one.sums["expected"].to_numpy(dtype=float) * one.level
    chance = np.divide(level, count, out=np.zeros_like(level), where=count > 0)
    wins = rng.binomial(count.astype(int), np.clip(chance * true, 0.0, 0.98)).astype(float)
    scale = wins.sum(axis=1, keepdims=True) / np.maximum(level.sum(), 1e-9)
    expected = level * np.maximum(scale, 1e-9)
    ratio: Floats = np.divide(wins, expected, out=np.ones_like(wins), where=expected > 0)
    return ratio


def _means(one: MetricFit, true: Floats, rng: np.random.Generator) -> Floats:
    """Simulate ratios to peers of a mean, or of its inverse."""
    is_inverse = family_of(one.metric) == "inverse"
    variance = one.raw_variance * one.raw**-4 if is_inverse else one.raw_variance
    known = np.isfinite(variance)
    deviation = np.sqrt(np.where(known, variance, 0.0))
    centre = 1.0 / true if is_inverse else true
    seen = np.maximum(rng.normal(centre, deviation * np.ones_like(true)), 0.05)
    weight = one.sums["expected"].to_numpy(dtype=float) * known
    level = (seen * weight).sum(axis=1, keepdims=True) / max(float(weight.sum()), 1e-9)
    ratio = np.where(known, seen / level, 1.0)
    return 1.0 / np.maximum(ratio, 0.2) if is_inverse else ratio


def find_rule(fit: GroupFit, settings: RankingSettings, seed: int) -> tuple[TierRule, pd.DataFrame]:
    """
    Set the confidence of a group so that equal reps rarely move, and say what that costs.

    Parameters
    ----------
    fit
        The group.
    settings
        Section ``ranking``: limits, ``confidence`` (the least), ``false_move_share`` (the most).
    seed
        Seed of the simulation.

    Returns
    -------
    tuple
        The rule, and rows of table ``ranking_noise``: the share of reviews that move a rep, for
        the plain and the guarded rule, where all reps are alike, and for one strong or weak rep
        among peers who differ by ``SPREAD``.
    """
    plain = TierRule(up=1 + settings.up_share, down=1 - settings.down_share,
                     confidence=settings.confidence)  # fmt: skip
    reviews, floor = settings.simulations, settings.spread_floor
    alike = simulate_group(fit, np.ones((1, 1)), floor, seed, reviews)
    steps = [settings.confidence, *[one for one in _STEPS if one > settings.confidence]]
    rule, moved = plain, 1.0
    for confidence in steps:
        rule = replace(plain, confidence=confidence)
        moved = _share(guarded_moves(alike.raw, alike.mean, alike.variance, rule))
        if moved <= settings.false_move_share:
            break
    else:
        rule = replace(rule, confidence=2.0, why_not=(
            f"no move: even at 99.9 % confidence {100 * moved:.0f} % of equal reps would move"
        ))  # fmt: skip
        moved = 0.0
    rows = [("raw", 1.0, _share(raw_moves(alike.raw, plain))), ("guarded", 1.0, moved)]
    at = np.arange(reviews) % len(fit.reps)
    rng = np.random.default_rng(seed + 1)
    others = np.clip(rng.normal(1.0, SPREAD, size=(reviews, len(fit.reps))), 0.4, 1.6)
    for skill in (STRONG, WEAK):
        true = others.copy()
        true[np.arange(reviews), at] = skill
        seen = simulate_group(fit, true, floor, seed, reviews)
        sign = 1.0 if skill > 1 else -1.0
        for name, moves in (
            ("raw", raw_moves(seen.raw, plain)),
            ("guarded", guarded_moves(seen.raw, seen.mean, seen.variance, rule)),
        ):
            rows.append((name, skill, float((moves[np.arange(reviews), at] == sign).mean())))
    first = fit.metrics[0].sums["count"]
    table = pd.DataFrame(rows, columns=["rule", "true_ratio", "move_share"]).assign(
        peer_group=fit.name, reps_count=len(fit.reps), median_cases=float(first.median()),
        confidence=min(rule.confidence, 1.0), limit_share=settings.false_move_share,
        simulations=reviews,
    )  # fmt: skip
    return rule, table


def _share(moves: Floats) -> float:
    return float((moves != 0).mean())
