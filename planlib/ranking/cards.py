"""The scorecard of a rep: each metric with its parts, what is good, what to do, and whom to ask."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from planlib.ranking.metrics import METRICS
from planlib.ranking.score import INTERVAL, GroupFit, MetricFit
from planlib.ranking.shrink import Floats
from planlib.settings.ranking import RankingSettings

_SURE = 0.8  # probability from which a metric is called good or behind
_FARTHEST = 2.0  # ratio beyond which one metric alone is no way to the next tier
_EXAMPLES = 3  # cases of a strong peer that are named


def metric_rows(fit: GroupFit, settings: RankingSettings, tiers: Mapping[str, str]) -> pd.DataFrame:
    """
    Give each metric of each rep of a group, with all parts of the calculation.

    ``ratio_raw = own_value / peer_value`` (turned round for days); both values are recomputed
    from the printed sums: ``own_value = observed / base`` and ``peer_value = own_value`` at
    observed = expected x level.

    Parameters
    ----------
    fit
        The group.
    settings
        Section ``ranking``: limits and tiers.
    tiers
        Tier of each rep after the review.

    Returns
    -------
    DataFrame
        Rows of table ``rep_metrics`` without examples.
    """
    parts = [_one_metric(fit, one, settings, tiers) for one in fit.metrics]
    return pd.concat(parts, ignore_index=True)


def _one_metric(
    fit: GroupFit, one: MetricFit, settings: RankingSettings, tiers: Mapping[str, str]
) -> pd.DataFrame:
    facts = METRICS[one.metric]
    ratio, variance = one.posterior.moments
    sure = _above_peers(one, ratio, variance)
    sample = one.sums["count"].to_numpy() >= settings.minimum_units
    verdict = np.where(sure >= _SURE, "good", np.where(sure <= 1 - _SURE, "behind", "as peers"))
    verdict = np.where(sample, verdict, "no sample")
    gap, aim = _gaps(fit, settings, tiers)
    target = one.raw + gap / one.weight
    counts = one.sums["count"].to_numpy()
    per = np.where(counts > 0, counts, np.nan)
    observed, expected = one.sums["observed"].to_numpy(), one.sums["expected"].to_numpy()
    base = expected if one.metric == "price_realisation" else per
    with np.errstate(invalid="ignore", divide="ignore"):
        own, peers = observed / base, expected * one.level / base
        wanted = peers / target if facts.family == "inverse" else peers * target
    far = target > _FARTHEST
    if facts.family == "count":
        far |= wanted > 1
    wanted = np.where(far, np.nan, wanted)
    best = _teacher(fit, one, sure, sample)
    return pd.DataFrame(
        {
            "rep_id": fit.reps, "metric": one.metric, "method": one.method,
            "peer_group": fit.name, "weight": one.weight, "count": counts.astype(int),
            "observed": observed, "expected": expected, "level": one.level,
            "own_value": own, "peer_value": peers, "ratio_raw": one.raw,
            "ratio": ratio, "low": np.maximum(one.posterior.quantile((1 - INTERVAL) / 2), 0.0),
            "high": one.posterior.quantile((1 + INTERVAL) / 2), "above_probability": sure,
            "points": one.weight * one.raw, "verdict": verdict, "aim": aim,
            "target_ratio": np.where(np.isnan(gap), np.nan, target),
            "target_value": wanted, "learn_from": best,
        }
    )  # fmt: skip


def _above_peers(one: MetricFit, mean: Floats, variance: Floats) -> Floats:
    """Give the probability that a true ratio is above that of peers."""
    from scipy.special import gammaincc, ndtr

    own = one.posterior
    if own.shape is not None and own.rate is not None:
        return np.asarray(gammaincc(own.shape, own.rate), dtype=float)
    return np.asarray(ndtr((mean - 1.0) / np.sqrt(np.maximum(variance, 1e-12))), dtype=float)


def _gaps(
    fit: GroupFit, settings: RankingSettings, tiers: Mapping[str, str]
) -> tuple[Floats, np.ndarray]:
    """Give what the score lacks to the next tier, and which tier that is; NaN in the highest."""
    gap, aim = np.full(len(fit.reps), np.nan), np.full(len(fit.reps), "", dtype=object)
    for place, rep in enumerate(fit.reps):
        at = settings.tiers.index(tiers.get(rep, settings.start_tier))
        if at > 0:
            gap[place] = max(1 + settings.up_share - fit.raw[place], 0.0)
            aim[place] = settings.tiers[at - 1]
    return gap, aim


def _teacher(fit: GroupFit, one: MetricFit, sure: Floats, sample: np.ndarray) -> list[str | None]:
    """Name the peer who is most surely above peers in a metric, never the rep itself."""
    able = [
        place for place in np.lexsort((np.array(fit.reps), -sure.round(9)))
        if sure[place] >= _SURE and sample[place]
    ]  # fmt: skip
    found: list[str | None] = []
    for place in range(len(fit.reps)):
        others = [one for one in able if one != place]
        found.append(fit.reps[others[0]] if others else None)
    return found


def with_examples(rep_metrics: pd.DataFrame, rep_units: pd.DataFrame) -> pd.DataFrame:
    """Name the best cases of the peer to learn from: which calls and mails to look at."""
    better = {"cycle_time": 1.0}
    sign = rep_units["metric"].map(better).fillna(-1.0)
    gain = sign * (rep_units["observed"] - rep_units["expected"])
    rows = rep_units.assign(gain=gain).sort_values(["gain", "unit_id"])
    rows = rows[rows["gain"] < 0]
    top = rows.groupby(["rep_id", "metric"]).head(_EXAMPLES)
    names = top.groupby(["rep_id", "metric"])["unit_id"].agg(", ".join).rename("examples")
    keyed = rep_metrics.merge(
        names.reset_index().rename(columns={"rep_id": "learn_from"}),
        on=["learn_from", "metric"], how="left",
    )  # fmt: skip
    return keyed.assign(learn_from=keyed["learn_from"].astype("str"),
                        examples=keyed["examples"].astype("str"))  # fmt: skip


def advice_of(rep_metrics: pd.DataFrame) -> pd.Series:
    """Say what to do for each metric that is behind, most urgent words first."""
    meaning = rep_metrics["metric"].map({name: one.advice for name, one in METRICS.items()})
    keep = "Keep it up; show it to a colleague"
    said = pd.Series("", index=rep_metrics.index, dtype="str")
    said = said.mask(rep_metrics["verdict"] == "behind", meaning)
    said = said.mask(rep_metrics["verdict"] == "good", keep)
    weakest = rep_metrics.groupby("rep_id")["ratio"].rank(method="first") == 1
    first = weakest & said.eq("") & rep_metrics["verdict"].eq("as peers")
    return said.mask(first, meaning)


def trend_of(rep_tiers: pd.DataFrame, months: Mapping[str, int]) -> pd.DataFrame:
    """
    Give the change of each rep's score since the last review whose window did not overlap.

    Parameters
    ----------
    rep_tiers
        Table ``rep_tiers``.
    months
        Length of the window by rep; who is not named has no trend.

    Returns
    -------
    DataFrame
        ``rep_id``, ``score_then``, ``then_date``, ``trend`` (change of the shrunk score) and
        ``trend_month`` (per month).
    """
    days = np.sort(rep_tiers["month_date"].unique())
    names = ["rep_id", "score_then", "then_date", "trend", "trend_month"]
    none = pd.DataFrame({name: pd.Series(dtype="float64") for name in names}).astype(
        {"rep_id": "str", "then_date": "datetime64[us]"}
    )
    own = rep_tiers["rep_id"].map(months)
    parts = [_trend(rep_tiers[own == length], days, length)[names]
             for length in sorted(set(months.values())) if len(days) > length]  # fmt: skip
    some = [one for one in parts if len(one)]
    return pd.concat(some, ignore_index=True) if some else none


def _trend(rep_tiers: pd.DataFrame, days: np.ndarray, months: int) -> pd.DataFrame:
    """Compare the last review with that of so many months before."""
    then, now = (rep_tiers[rep_tiers["month_date"] == day] for day in (days[-1 - months], days[-1]))
    both = now[["rep_id", "score"]].merge(
        then[["rep_id", "score", "month_date"]], on="rep_id", suffixes=("", "_then")
    )
    change = both["score"] - both["score_then"]
    found: pd.DataFrame = both.assign(
        then_date=both["month_date"], trend=change, trend_month=change / months
    )
    return found
