"""What closed projects say about support: win rates with and without it, as a hypothesis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from planlib.intervals import wilson
from planlib.settings.support import SupportSettings
from planlib.support.allocation import is_late
from planlib.tables import table
from planlib.workdays import WorkCalendar

_Z = 1.959963984540054  # 95 %
_CAREFUL = (
    "experts were not sent by lot: projects that looked better, larger ones and better known "
    "customers get them first, so a part of the difference is the choice of projects"
)
_LATE = "an answer also comes faster where a project looks better or the request is smaller"


@dataclass(frozen=True, kw_only=True)
class Experience:
    """
    What history says.

    Parameters
    ----------
    table
        Table ``support_experience``.
    odds_ratio
        Odds of winning with support over those without, for requests that name none.
    basis
        Where it comes from: history with its interval, or the assumption of plan.yaml.
    """

    table: pd.DataFrame
    odds_ratio: float
    basis: str


def learn_support(
    support_requests: pd.DataFrame | None,
    closed: pd.DataFrame,
    settings: SupportSettings,
    as_of: date,
    calendar: WorkCalendar | None = None,
) -> Experience:
    """
    Compare closed projects whose request was served with those whose request was not.

    Both sides asked for support, which takes out the projects that never needed it. The odds
    ratio of all is that of the lanes, each weighted by its precision (log odds ratios with 0.5
    added to each cell; Haldane 1956, Woolf 1955).

    Parameters
    ----------
    support_requests
        Table ``support_requests``, or None.
    closed
        Closed projects: ``project_id``, ``is_won``, ``lane``, ``loss_cause``.
    settings
        Section ``support``.
    as_of, calendar
        For the days until an answer.
    """
    contract = table("support_experience")
    if support_requests is None or support_requests.empty or closed.empty:
        return Experience(
            table=contract.empty(),
            odds_ratio=settings.odds_ratio,
            basis=f"assumption of plan.yaml (odds x {settings.odds_ratio:g}): no request of a "
            "closed project is known",
        )
    asked = support_requests[support_requests["status"].isin(["served", "running", "refused"])]
    asked = asked.assign(
        project_id=asked["project_id"].fillna(asked["opportunity_id"]),
        is_served=asked["status"] != "refused",
        is_late=is_late(asked, settings, as_of, calendar).astype("boolean"),
    )
    facts = asked.groupby("project_id", as_index=False).agg(
        is_served=("is_served", "max"), is_late=("is_late", "max")
    )
    rows = closed.merge(facts, on="project_id")
    minimum = settings.minimum_cases
    lines = [
        _line(("support", item, order), mine, mine["is_served"].astype(bool), minimum)
        for order, (item, mine) in enumerate(
            [("all", rows), *((lane, rows[rows["lane"] == lane]) for lane in ("large", "fast"))]
        )
        if len(mine)
    ]
    if lines:
        lines[0] |= _pooled(lines[1:])
    known = rows[rows["is_late"].notna()]
    if len(known):
        in_time = ~known["is_late"].astype(bool)
        lines.append(_line(("answer", "answered in time", 0), known, in_time, minimum) |
                     {"note": _LATE})  # fmt: skip
    lines += _losses(rows)
    ratio, basis = _ratio(lines, settings)
    if not lines:
        return Experience(table=contract.empty(), odds_ratio=ratio, basis=basis)
    return Experience(
        table=contract.coerce(pd.DataFrame(lines)), odds_ratio=ratio, basis=basis
    )  # fmt: skip


def _line(
    name: tuple[str, str, int], rows: pd.DataFrame, has: pd.Series, minimum: int
) -> dict[str, object]:
    won = rows["is_won"].astype(bool)
    cells = [int((has & won).sum()), int(has.sum()), int((~has & won).sum()), int((~has).sum())]
    low, high = wilson(pd.Series([cells[0], cells[2]], dtype="float64"),
                       pd.Series([cells[1], cells[3]], dtype="float64"))  # fmt: skip
    counts = (cells[0], cells[1] - cells[0], cells[2], cells[3] - cells[2])
    log = np.log((counts[0] + 0.5) * (counts[3] + 0.5) / (counts[1] + 0.5) / (counts[2] + 0.5))
    spread = float(np.sqrt(sum(1 / (one + 0.5) for one in counts)))
    known = bool(cells[1] and cells[3])
    return {
        "topic": name[0], "item": name[1], "item_order": name[2],
        "with_count": cells[1], "with_won_count": cells[0],
        "with_share": cells[0] / cells[1] if cells[1] else None,
        "with_low": low[0], "with_high": high[0],
        "without_count": cells[3], "without_won_count": cells[2],
        "without_share": cells[2] / cells[3] if cells[3] else None,
        "without_low": low[1], "without_high": high[1],
        "odds_ratio": float(np.exp(log)) if known else None,
        "low": float(np.exp(log - _Z * spread)) if known else None,
        "high": float(np.exp(log + _Z * spread)) if known else None,
        "is_grey": min(counts) < minimum,
        "note": _CAREFUL,
    }  # fmt: skip


def _pooled(lanes: list[dict[str, object]]) -> dict[str, object]:
    """Give the odds ratio of the lanes together, each lane weighted by its precision."""
    logs, weights = [], []
    for line in lanes:
        if line["odds_ratio"] is not None:
            width = np.log(float(str(line["high"]))) - np.log(float(str(line["low"])))
            logs.append(np.log(float(str(line["odds_ratio"]))))
            weights.append((2 * _Z / width) ** 2)
    if not logs:
        return {}
    middle = float(np.average(logs, weights=weights))
    half = _Z / float(np.sqrt(sum(weights)))
    return {
        "odds_ratio": float(np.exp(middle)),
        "low": float(np.exp(middle - half)),
        "high": float(np.exp(middle + half)),
        "note": "odds ratio within lanes; " + _CAREFUL,
    }


def _losses(rows: pd.DataFrame) -> list[dict[str, object]]:
    """Count lost projects by cause, with and without support: relation or support missing."""
    lost = rows[~rows["is_won"].astype(bool)]
    lines: list[dict[str, object]] = []
    for order, cause in enumerate(("relation", "support", "both", "other")):
        mine = lost[lost["loss_cause"] == cause]
        if len(mine):
            served = int(mine["is_served"].astype(bool).sum())
            lines.append({
                "topic": "loss", "item": f"lost: {cause}", "item_order": order,
                "with_count": served, "without_count": len(mine) - served, "is_grey": False,
                "note": "lost projects that asked, by cause; causes are judged by people",
            })  # fmt: skip
    return lines


def _ratio(lines: list[dict[str, object]], settings: SupportSettings) -> tuple[float, str]:
    first = lines[0] if lines and lines[0]["topic"] == "support" else None
    if first is None or first["is_grey"] or first["odds_ratio"] is None:
        return settings.odds_ratio, (
            f"assumption of plan.yaml (odds x {settings.odds_ratio:g}): fewer than "
            f"{settings.minimum_cases} closed projects of each kind"
        )
    ratio = max(float(str(first["odds_ratio"])), 1.0)
    span = f"{float(str(first['low'])):.2g} to {float(str(first['high'])):.2g}"
    return ratio, f"history (odds x {ratio:.2f}, 95 % {span}); a hypothesis"
