"""What a peer group's metrics say: level, spread, and whether reps differ at all."""

from __future__ import annotations

from typing import Any

import pandas as pd

from planlib.ranking.months import Month
from planlib.ranking.score import GroupFit, MetricFit
from planlib.ranking.shrink import Floats, difference_test

_ALPHA = 0.05
_LEAST = 3  # reps with a sample, below which nothing is said


def group_rows(month: Month) -> pd.DataFrame:
    """Give the rows of table ``ranking_groups``: each metric, those left out, and the score."""
    rows = []
    for fit in month.fits:
        rows += [_metric(fit, one) for one in fit.metrics]
        rows += [
            {"peer_group": fit.name, "metric": metric, "is_used": False, "note": why}
            for metric, why in fit.missing.items()
        ]
        rows.append({
            "peer_group": fit.name, "metric": "score", "is_used": True, "weight": 1.0,
            "reps_count": len(fit.reps), "spread": fit.spread,
            **_difference(fit.raw, fit.raw_variance),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _metric(fit: GroupFit, one: MetricFit) -> dict[str, Any]:
    return {
        "peer_group": fit.name, "metric": one.metric, "method": one.method, "is_used": True,
        "weight": one.weight, "reps_count": len(fit.reps), "count": int(one.sums["count"].sum()),
        "observed": float(one.sums["observed"].sum()),
        "expected": float(one.sums["expected"].sum()), "level": one.level,
        "spread": float(one.posterior.spread[0]), **_difference(one.raw, one.raw_variance),
    }  # fmt: skip


def _difference(ratio: Floats, variance: Floats) -> dict[str, Any]:
    q, freedom, chance = difference_test(ratio, variance)
    if freedom + 1 < _LEAST:
        return {"difference_q": None, "difference_p": None, "verdict": "too few to tell"}
    verdict = "reps differ" if chance < _ALPHA else "no evidence of difference"
    return {"difference_q": q, "difference_p": chance, "verdict": verdict}
