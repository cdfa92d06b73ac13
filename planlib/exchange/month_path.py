"""The drawing of a rep's score and tier by month, on a scorecard."""

from __future__ import annotations

from typing import Any

import pandas as pd

from planlib.settings.ranking import RankingSettings

_MONTHS = 12  # reviews drawn on a page
_WIDTH, _HEIGHT, _TOP, _LEFT = 640, 104, 8, 44  # points of the drawing


def month_path(rep_tiers: pd.DataFrame, settings: RankingSettings) -> dict[str, Any] | None:
    """
    Give the drawing of a rep's score and tier by month: places in a box of 640 x 120 points.

    Parameters
    ----------
    rep_tiers
        The rep's rows of ``rep_tiers``; the latest twelve are drawn.
    settings
        Section ``ranking``: limits of the tier rule.

    Returns
    -------
    dict or None
        ``lines`` (points of the score, a line for each run of months), ``months`` (x, y, label,
        tier, move, score), ``limits`` (y and text); None with fewer than two scores.
    """
    rows = rep_tiers.sort_values("month_date").tail(_MONTHS)
    known = rows["score"].dropna()
    if len(known) < 2:
        return None
    limits = {1 + settings.up_share: "up", 1.0: "peers", 1 - settings.down_share: "down"}
    low, high = min(known.min(), *limits) - 0.05, max(known.max(), *limits) + 0.05
    wide = (_WIDTH - _LEFT - 30) / max(1, len(rows) - 1)

    def up(value: float) -> float:
        return round(float(_TOP + (_HEIGHT - _TOP) * (high - value) / (high - low)), 1)

    months = []
    for at, one in enumerate(rows.to_dict("records")):
        score = one["score"]
        months.append({
            "x": round(_LEFT + at * wide, 1), "y": None if pd.isna(score) else up(score),
            "label": f"{one['month_date']:%Y-%m}", "tier": str(one["tier"]),
            "move": {"up": "▲", "down": "▼"}.get(str(one["move"]), ""),
            "score": "" if pd.isna(score) else f"{score:.2f}",
        })  # fmt: skip
    return {
        "months": months,
        "lines": _runs(months),
        "limits": [{"y": up(value), "text": f"{value:.2f}", "name": name}
                   for value, name in limits.items()],
    }  # fmt: skip


def _runs(months: list[dict[str, Any]]) -> list[str]:
    """Give the points of each run of months with a score."""
    runs: list[list[str]] = [[]]
    for one in months:
        if one["y"] is None:
            runs.append([])
        else:
            runs[-1].append(f"{one['x']},{one['y']}")
    return [" ".join(points) for points in runs if len(points) > 1]


__all__ = ["month_path"]
