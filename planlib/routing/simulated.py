"""The figures of simulated worlds: means over them with intervals, and what policies gain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from planlib.routing.measures import MEASURES

SCENARIOS = ("spare capacity", "tight capacity", "equal skill")
#: Limits that no figure of a unit can pass, nor the end of its interval.
_LIMITS = {"share": (0.0, 1.0), "gini": (0.0, 1.0), "correlation": (-1.0, 1.0),
           "wins": (0.0, np.inf), "minutes": (0.0, np.inf), "hours": (0.0, np.inf),
           "ratio": (0.0, np.inf), "months": (0.0, np.inf)}  # fmt: skip
#: The policy beside which every other one is measured.
BESIDE = "round_robin"
#: Policies that send leads to people whether at work or not; the first simulated one is the start.
BEFORE = ("geography", "strict_round_robin")
#: What is worked out over policies, world by world, in points of win rate.
GAINS = {
    "availability_gain_points": "Win rate of round robin among those at work, less that of a fixed "
    "rep of the region (else of turns whether at work or not)",
    "rank_gain_points": "Win rate of the best ranked at work, less that of round robin among them",
    "floor_cost_points": "Win rate of the best ranked without a floor, less that with it",
}
#: Measures of each world by scenario, policy and floor.
Worlds = dict[tuple[str, str, float], list[dict[str, float]]]


def gains_of(found: Worlds) -> list[dict[str, object]]:
    """Split the gain of rank from that of availability, and price floors, world by world."""
    rates = {key: np.array([100 * one["win_share"] for one in worlds])
             for key, worlds in found.items()}  # fmt: skip
    rows = []

    def add(scenario: str, floor: float, name: str, points: np.ndarray) -> None:
        value, low, high = interval(points)
        rows.append({
            "scenario": scenario, "policy": "best_ranked", "floor_share": floor, "measure": name,
            "measure_order": len(MEASURES) + 2 + list(GAINS).index(name), "unit": "points",
            "value": value, "low": low, "high": high, "world_count": len(points),
        })  # fmt: skip

    for scenario in SCENARIOS[:2]:
        ranked = rates.get((scenario, "best_ranked", 0.0))
        present = rates[scenario, BESIDE, 0.0]
        start = next((rates[scenario, one, 0.0] for one in BEFORE
                      if (scenario, one, 0.0) in rates), None)  # fmt: skip
        if ranked is not None and start is not None:
            add(scenario, 0.0, "availability_gain_points", present - start)
            add(scenario, 0.0, "rank_gain_points", ranked - present)
    free = rates.get((SCENARIOS[0], "best_ranked", 0.0))
    for scenario, policy, floor in sorted(rates):
        if free is not None and policy == "best_ranked" and floor > 0:
            add(scenario, floor, "floor_cost_points", free - rates[scenario, policy, floor])
    return rows


def shares_of(shares: dict[tuple[str, str], list[np.ndarray]]) -> pd.DataFrame:
    """Give the mean shares of leads and of quality by place in skill: table ``policy_shares``."""
    rows = []
    for (scenario, policy), worlds in shares.items():
        mean = np.mean(worlds, axis=0)
        rows.append(pd.DataFrame({
            "scenario": scenario, "policy": policy,
            "skill_place": np.arange(1, mean.shape[1] + 1),
            "lead_share": mean[0], "quality_share": mean[1],
        }))  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def results_of(found: Worlds, acv: float) -> pd.DataFrame:
    """Give each measure of each policy with its interval, and beside the policy of comparison."""
    rows = []
    for (scenario, policy, floor), worlds in found.items():
        beside = found[scenario, BESIDE, 0.0]
        best = found.get((scenario, "true_skill", 0.0))
        for order, name in enumerate(MEASURES):
            values = [one[name] for one in worlds]
            rows.append(_row((scenario, policy, floor, name, order), values,
                             [one[name] for one in beside]))  # fmt: skip
        if best is not None:
            lost = [
                acv * (top["wins"] - one["wins"]) for top, one in zip(best, worlds, strict=True)
            ]
            base = [
                acv * (top["wins"] - one["wins"]) for top, one in zip(best, beside, strict=True)
            ]
            rows.append(_row((scenario, policy, floor, "opportunity_cost_amount", len(MEASURES)),
                             lost, base))  # fmt: skip
        sums = [one["acv_amount"] for one in worlds]
        spread = float(np.std(sums, ddof=1) / np.mean(sums)) if np.mean(sums) else np.nan
        rows.append({
            **_keys((scenario, policy, floor, "revenue_spread", len(MEASURES) + 1)),
            "value": spread, "world_count": len(sums),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _keys(names: tuple[str, str, float, str, int]) -> dict[str, object]:
    scenario, policy, floor, measure, order = names
    unit = MEASURES[measure][0] if measure in MEASURES else (
        "amount" if measure == "opportunity_cost_amount" else "share")  # fmt: skip
    return {"scenario": scenario, "policy": policy, "floor_share": floor, "measure": measure,
            "measure_order": order, "unit": unit}  # fmt: skip


def _row(
    names: tuple[str, str, float, str, int], values: Sequence[float], beside: Sequence[float]
) -> dict[str, object]:
    value, low, high = interval(np.array(values))
    least, most = _LIMITS.get(str(_keys(names)["unit"]), (-np.inf, np.inf))
    low, high = max(low, least), min(high, most)
    gap, gap_low, gap_high = interval(np.array(values) - np.array(beside))
    return {
        **_keys(names), "value": value, "low": low, "high": high, "difference": gap,
        "difference_low": gap_low, "difference_high": gap_high, "world_count": len(values),
    }  # fmt: skip


def interval(values: np.ndarray) -> tuple[float, float, float]:
    """Give mean and 95 % interval (Student's t) over worlds; NA worlds do not count."""
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return float("nan"), float("nan"), float("nan")
    mean = float(known.mean())
    if len(known) < 2:
        return mean, float("nan"), float("nan")
    half = float(stdtrit(len(known) - 1, 0.975) * known.std(ddof=1) / np.sqrt(len(known)))
    return mean, mean - half, mean + half
