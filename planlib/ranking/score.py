"""Scores of one peer group: each metric as a ratio to peers, shrunk, weighted, ranked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import numpy as np
import pandas as pd

from planlib.ranking.metrics import METRICS, Sums, chosen_sums, family_of
from planlib.ranking.shrink import Floats, Posterior, gamma_ratio, normal_ratio
from planlib.settings.ranking import MetricName, RankingSettings

INTERVAL = 0.90
_LOW, _HIGH = (1 - INTERVAL) / 2, (1 + INTERVAL) / 2


@dataclass(frozen=True, kw_only=True)
class MetricFit:
    """
    One metric of one peer group.

    Parameters
    ----------
    metric, method
        What was measured and how.
    weight
        Weight in the score after rescaling.
    sums
        Sums by rep, in the order of the group.
    level
        Observed / expected of all peers together: what 1.0 stands for.
    raw
        Ratio to peers; 1 where a rep has no sample.
    raw_variance
        Its sampling variance; infinity where a rep has no sample.
    posterior
        After shrinkage.
    """

    metric: str
    method: str
    weight: float
    sums: pd.DataFrame = field(repr=False)
    level: float
    raw: Floats = field(repr=False)
    raw_variance: Floats = field(repr=False)
    posterior: Posterior = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class GroupFit:
    """
    One peer group.

    Parameters
    ----------
    name, reps
        Name, and the reps in order.
    metrics
        The common metrics.
    missing
        Metrics that the group lacks, with the reason.
    raw, raw_variance
        Weighted score before shrinkage and its sampling variance; a metric of which a rep has no
        sample counts 1 with the spread of its peers.
    mean, variance
        Score after shrinkage, and the variance of the true score.
    spread
        Standard deviation of true scores among the peers that shrinkage uses.
    """

    name: str
    reps: list[str]
    metrics: list[MetricFit] = field(repr=False)
    missing: dict[str, str]
    raw: Floats = field(repr=False)
    raw_variance: Floats = field(repr=False)
    mean: Floats = field(repr=False)
    variance: Floats = field(repr=False)
    spread: float


def sum_of(parts: list[Floats]) -> Floats:
    """Add up arrays."""
    return np.asarray(np.sum(np.stack(parts), axis=0), dtype=float)


def fit_group(name: str, reps: list[str], sums: Sums, settings: RankingSettings) -> GroupFit | str:
    """
    Score one peer group.

    Parameters
    ----------
    name, reps
        The group.
    sums
        From ``metrics.by_method``, of all reps.
    settings
        Section ``ranking``.

    Returns
    -------
    GroupFit or str
        The fit; a sentence where the group lacks a required metric or has too few.
    """
    chosen: dict[str, tuple[str, pd.DataFrame]] = {}
    missing: dict[str, str] = {}
    for metric, facts in METRICS.items():
        if settings.weights.get(cast(MetricName, metric), 0.0) <= 0:
            if not facts.is_extra:
                missing[metric] = "its weight is 0"
            continue
        best = ""
        for method in facts.methods:
            mine = chosen_sums(sums, reps, metric, method)
            have = int((mine["count"] >= settings.minimum_units).sum())
            if have / len(reps) >= settings.known_share and mine["observed"].sum() > 0:
                chosen[metric] = (method, mine)
                break
            best = best if have == 0 else f"{have} of {len(reps)} reps have it by {method}"
        else:
            missing[metric] = best or "no rep has a sample of it"
    lacking = [one for one in settings.required if one not in chosen]
    if lacking:
        return f"the group lacks {', '.join(lacking)}: {missing[lacking[0]]}"
    if len(chosen) < min(settings.minimum_metrics, _wanted(settings)):
        return (f"{len(chosen)} metrics are common to the group, "
                f"{settings.minimum_metrics} are needed")  # fmt: skip
    total = sum(settings.weights[cast(MetricName, one)] for one in chosen)
    fits = [
        fit_metric(metric, method, mine, settings.weights[cast(MetricName, metric)] / total,
                   settings.spread_floor)
        for metric, (method, mine) in chosen.items()
    ]  # fmt: skip
    raw = sum_of([fit.weight * fit.raw for fit in fits])
    raw_variance = sum_of([fit.weight**2 * finite_variance(fit) for fit in fits])
    score = normal_ratio(raw, raw_variance, settings.spread_floor)
    return GroupFit(
        name=name, reps=reps, metrics=fits, missing=missing, raw=raw, raw_variance=raw_variance,
        mean=score.mean, variance=score.variance, spread=float(score.spread[0]),
    )  # fmt: skip


def finite_variance(fit: MetricFit) -> Floats:
    """Give the sampling variance of a ratio, and the spread of the peers where there is none."""
    return np.where(np.isfinite(fit.raw_variance), fit.raw_variance, fit.posterior.spread**2)


def _wanted(settings: RankingSettings) -> int:
    return sum(weight > 0 for weight in settings.weights.values())


def fit_metric(
    metric: str, method: str, sums: pd.DataFrame, weight: float, floor: float
) -> MetricFit:
    """
    Fit one metric of a group from its sums.

    Counts: variance of a count is the sum of ``e (1 - e)`` at the level of the peers. Means: the
    variance of a unit is ``cv2 e**2``, ``cv2`` pooled within reps.

    Parameters
    ----------
    metric, method
        What is measured, and how.
    sums
        Sums of the units by rep, in the order of the group.
    weight
        Weight of the metric in the score.
    floor
        Smallest standard deviation of true ratios.

    Returns
    -------
    MetricFit
        Ratios to peers, plain and shrunk, with their variances.
    """
    names = ("count", "observed", "expected", "ee", "ye", "yy")
    count, observed, expected, ee, ye, yy = (sums[name].to_numpy(dtype=float) for name in names)
    level = float(observed.sum() / expected.sum()) if expected.sum() > 0 else 1.0
    e, ee = expected * level, ee * level**2
    known = e > 0
    ratio = np.divide(observed, e, out=np.ones_like(e), where=known)
    family = family_of(metric)
    if family == "count":
        spread = np.maximum(e - ee, 0.02 * e)
        posterior = gamma_ratio(observed, e, spread, floor)
    else:
        rest = yy - 2 * ratio * ye * level + ratio**2 * ee
        freedom = max(float(count.sum() - known.sum()), 1.0)
        cv2 = float(rest[known].sum() / max(ee.sum(), 1e-12)) * float(count.sum()) / freedom
        spread = max(cv2, 1e-8) * ee
    variance = np.divide(spread, e**2, out=np.full_like(e, np.inf), where=known)
    raw, raw_variance = ratio, variance
    if family != "count":
        is_inverse = family == "inverse"
        posterior = normal_ratio(ratio, variance, floor, is_inverse=is_inverse)
        if is_inverse:
            raw = 1.0 / np.maximum(ratio, 0.2)
            raw_variance = variance / np.maximum(ratio, 0.2) ** 4
    return MetricFit(metric=metric, method=method, weight=weight, sums=sums, level=level, raw=raw,
                     raw_variance=raw_variance, posterior=posterior)  # fmt: skip


def rank_group(fit: GroupFit, settings: RankingSettings, seed: int) -> pd.DataFrame:
    """
    Rank the reps of a group with intervals, by draws of their true scores.

    Parameters
    ----------
    fit
        Scores of the group.
    settings
        Section ``ranking``: number of draws.
    seed
        Seed of the draws.

    Returns
    -------
    DataFrame
        ``rep_id``, ``peer_group``, ``score_raw``, ``score_raw_sd``, ``score``, ``score_sd``,
        ``low`` and ``high``
        (90 %), ``rank`` (by ``score``, ties by id), ``rank_low``, ``rank_high`` (90 %),
        ``top_probability``, ``above_count`` and ``below_count`` (peers beyond noise, 95 %).
    """
    from scipy.special import ndtr

    rng = np.random.default_rng(seed)
    draws = rng.normal(fit.mean, np.sqrt(fit.variance), size=(settings.draws, len(fit.reps)))
    places = (-draws).argsort(axis=1).argsort(axis=1) + 1
    top = max(1, round(settings.top_share * len(fit.reps)))
    gap = fit.mean[:, None] - fit.mean[None, :]
    better = ndtr(gap / np.sqrt(fit.variance[:, None] + fit.variance[None, :]))
    order = np.lexsort((np.array(fit.reps), -fit.mean.round(12)))
    rank = np.empty(len(fit.reps), dtype=int)
    rank[order] = np.arange(1, len(fit.reps) + 1)
    return pd.DataFrame(
        {
            "rep_id": fit.reps,
            "peer_group": fit.name,
            "score_raw": fit.raw,
            "score_raw_sd": np.sqrt(fit.raw_variance),
            "score": fit.mean,
            "score_sd": np.sqrt(fit.variance),
            "low": np.maximum(np.quantile(draws, _LOW, axis=0), 0.0),
            "high": np.quantile(draws, _HIGH, axis=0),
            "rank": rank,
            "rank_low": np.quantile(places, _LOW, axis=0, method="lower"),
            "rank_high": np.quantile(places, _HIGH, axis=0, method="higher"),
            "top_probability": (places <= top).mean(axis=0),
            "above_count": (better >= 0.95).sum(axis=1),
            "below_count": (better <= 0.05).sum(axis=1),
        }
    )
